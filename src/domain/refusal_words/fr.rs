//! The texts in French, as it is spoken in Canadian clinics.

use super::{Saying, Words};

/// What stands before the support code.
pub(super) const BEFORE_CODE: &str = "Si vous demandez de l'aide, donnez ce code :";

/// What stands before the time at which a change was made.
pub(super) const BEFORE_TIME: &str = "Déjà fait le";

/// The words.
pub(super) const fn words(saying: Saying) -> Words {
    let (title, detail) = match saying {
        Saying::AppKeyUnknown => (
            "Cette appli n'est pas connue ici",
            "L'appli n'a pas de clé valable ici. Votre demande n'a pas été transmise à Accuro. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::ClinicNotAllowed => (
            "Cette appli n'est pas prête pour cette clinique",
            "L'appli n'est pas réglée pour cette clinique. Votre demande n'a pas été transmise à Accuro. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::EnvironmentMismatch => (
            "Clinique de test et vraie clinique mêlées",
            "L'appli a mêlé une clinique de test et une vraie clinique. Votre demande n'a pas été transmise à Accuro. Arrêtez, et avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::RateLimit => (
            "Trop de demandes",
            "L'appli a fait trop de demandes à la fois. La vôtre n'a pas été transmise à Accuro. Attendez une minute, puis essayez encore.",
        ),
        Saying::CircuitOpen => (
            "Accuro ne répond pas",
            "Accuro ne marche pas depuis un moment, alors votre demande n'est pas partie. Rien n'a changé. Attendez une minute, puis essayez encore.",
        ),
        Saying::ReadOnly => (
            "Les changements sont bloqués",
            "Vous pouvez lire, mais les changements sont bloqués pour le moment. Rien n'a changé. Faites le changement dans Accuro, ou essayez plus tard.",
        ),
        Saying::AuditUnavailable => (
            "Aucun changement possible en ce moment",
            "Nous n'avons pas pu garder une trace sûre de ce changement, alors il n'est pas parti. Rien n'a changé. Vous pouvez toujours lire. Attendez une minute, puis essayez encore.",
        ),
        Saying::DuplicateInFlight => (
            "Ce changement est en cours",
            "Le même changement se fait en ce moment. Attendez un peu, puis regardez dans Accuro avant de recommencer.",
        ),
        Saying::Overloaded => (
            "Trop occupé en ce moment",
            "Notre service est trop occupé en ce moment. Votre demande n'a pas été transmise à Accuro. Attendez une minute, puis essayez encore.",
        ),
        Saying::ResponseTimeout => (
            "Accuro n'a pas répondu à temps",
            "Accuro a mis trop de temps à répondre. Si vous avez fait un changement, regardez dans Accuro s'il est gardé avant de recommencer.",
        ),
        Saying::Unreachable => (
            "Accuro n'est pas joignable",
            "Nous ne pouvons pas joindre Accuro en ce moment. Rien n'a changé. Attendez quelques minutes, puis essayez encore.",
        ),
        Saying::AnswerBroken => (
            "La réponse d'Accuro a été coupée",
            "Le lien avec Accuro s'est coupé avant la fin de la réponse. Si vous avez fait un changement, regardez dans Accuro s'il est gardé avant de recommencer.",
        ),
        Saying::TooLarge => (
            "La demande est trop grande",
            "L'appli a fait une demande trop grande. Elle n'a pas été transmise à Accuro. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::MethodNotAllowed => (
            "Cela ne se fait pas ici",
            "L'appli a demandé une chose qui ne se fait pas ici. Rien n'a été transmis à Accuro. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::BadRequest => (
            "La demande n'est pas valable",
            "L'appli a fait une demande qui n'est pas valable. Elle n'a pas été transmise à Accuro. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::PartlySent => (
            "La demande a été coupée",
            "La demande a été coupée en route, et une partie est chez Accuro. Si vous avez fait un changement, regardez dans Accuro s'il est gardé avant de recommencer.",
        ),
        Saying::AlreadySaved => (
            "Ce changement est gardé",
            "Ce changement est dans Accuro, alors il n'est pas reparti. Ouvrez la fiche dans Accuro pour le voir. N'essayez pas encore.",
        ),
        Saying::PerhapsSaved => (
            "Ce changement est peut-être gardé",
            "Un changement avec la même clé a été gardé alors. On ne sait pas si c'est celui-ci, alors il n'est pas parti. Regardez dans Accuro avant de recommencer.",
        ),
        Saying::CheckInAccuro => (
            "Inconnu : regardez dans Accuro",
            "Ce changement est parti une fois, mais nul ne sait s'il est gardé. Il n'est pas reparti. Regardez dans Accuro avant de recommencer.",
        ),
        Saying::TwoChanges => (
            "Deux changements mêlés",
            "L'appli a mêlé deux changements, alors celui-ci n'est pas parti. Avisez les gens qui s'occupent de l'appli.",
        ),
        Saying::KeysUnreachable => (
            "Ce changement est peut-être parti",
            "Nous ne savons pas en ce moment si ce changement est parti avant, alors il n'est pas reparti. Rien n'a changé. Attendez une minute, puis essayez encore.",
        ),
        Saying::NoIdempotencyKey => (
            "Ce changement est mal marqué",
            "L'appli a mal marqué ce changement, alors il n'est pas parti. Avisez les gens qui s'occupent de l'appli.",
        ),
    };
    Words { title, detail }
}
