//! What a cause is called on the pages: in a list, as the answer, and as the likely reason behind it.
//!
//! Owns the three texts of each cause. What to do about it and what to write is the diagnosis's own
//! advice.

use super::language::Language;
use crate::domain::cause::Cause;

/// The texts of a cause.
pub(crate) struct CauseWords {
    /// In a list of causes.
    pub(crate) name: &'static str,
    /// The answer, one sentence.
    pub(crate) says: &'static str,
    /// What is most likely behind it.
    pub(crate) behind: &'static str,
}

macro_rules! causes {
    ($($cause:ident $name:expr, $says:expr, $behind:expr;)+) => {
        /// The texts of a cause.
        pub(crate) fn words(cause: Cause, language: Language) -> CauseWords {
            let one = |[english, french]: [&'static str; 2]| language.of(english, french);
            let [name, says, behind] = match cause {
                $(Cause::$cause => [$name, $says, $behind],)+
            };
            CauseWords { name: one(name), says: one(says), behind: one(behind) }
        }
    };
}

causes! {
    NoCalls ["No call was made", "Aucun appel n’a été fait"],
        ["No call reached us.", "Aucun appel ne nous a atteints."],
        ["The app was not open, not online or not signed in", "L’application n’était pas ouverte, pas en ligne ou pas connectée"];
    Delivered ["It worked", "Cela a fonctionné"],
        ["It worked: Accuro sent the answer.", "Cela a fonctionné : Accuro a envoyé la réponse."],
        ["What the app did with the answer", "Ce que l’application a fait de la réponse"];
    AccuroDown ["Accuro is down", "Accuro est en panne"],
        ["Accuro isn’t answering.", "Accuro ne répond pas."],
        ["Trouble at Accuro, for all clinics", "Un problème chez Accuro, pour toutes les cliniques"];
    AccuroSlow ["Accuro is slow", "Accuro est lent"],
        ["Accuro is slow.", "Accuro est lent."],
        ["Trouble at Accuro, for all clinics", "Un problème chez Accuro, pour toutes les cliniques"];
    AccuroUnreachable ["No way to Accuro", "Pas de chemin vers Accuro"],
        ["We can’t reach Accuro over the network.", "Nous ne pouvons joindre Accuro par le réseau."],
        ["Name, network or certificate between us and Accuro", "Nom, réseau ou certificat entre nous et Accuro"];
    ClinicDown ["Accuro is down for the clinic", "Accuro est en panne pour la clinique"],
        ["Accuro for this clinic isn’t answering.", "L’Accuro de cette clinique ne répond pas."],
        ["The clinic’s own Accuro, or the way to it", "Le propre Accuro de la clinique, ou le chemin vers lui"];
    RateLimited ["Too many calls", "Trop d’appels"],
        ["The app was sending too fast.", "L’application envoyait trop vite."],
        ["A limit on calls was reached", "Une limite d’appels a été atteinte"];
    ClinicConnectionRejected ["The clinic’s connection is rejected", "La liaison de la clinique est rejetée"],
        ["Accuro rejects this clinic’s connection.", "Accuro rejette la liaison de cette clinique."],
        ["Access ended, or its credentials changed", "L’accès a pris fin, ou ses identifiants ont changé"];
    ClinicSignInFailing ["New sign-ins fail", "Les nouvelles connexions échouent"],
        ["New sign-ins at this clinic are refused.", "Les nouvelles connexions de cette clinique sont refusées."],
        ["A password that changed or expired; sign-ins still alive work", "Un mot de passe changé ou expiré; les connexions encore valides fonctionnent"];
    AppCredentialsRejected ["The app’s credentials are rejected", "Les identifiants de l’application sont rejetés"],
        ["Accuro refuses the app’s own credentials.", "Accuro refuse les identifiants mêmes de l’application."],
        ["The app’s secret was changed, or has expired", "Le secret de l’application a changé ou a expiré"];
    SessionExpired ["The sign-in had ended", "La connexion avait pris fin"],
        ["Their sign-in had ended.", "Sa connexion avait pris fin."],
        ["One sign-in is dead; colleagues work", "Une connexion est morte; celles des collègues fonctionnent"];
    WrongContext ["The wrong kind of sign-in", "Le mauvais type de connexion"],
        ["The app used the wrong kind of sign-in for this task.", "L’application a utilisé le mauvais type de connexion pour cette tâche."],
        ["A token of one kind on paths of another", "Un jeton d’un type sur les chemins d’un autre"];
    SectionRestricted ["A section is closed to this person", "Une section est fermée à cette personne"],
        ["This person’s Accuro role doesn’t include this section.", "Le rôle Accuro de cette personne ne comprend pas cette section."],
        ["Role or feature access, for every patient", "Rôle ou accès aux fonctions, pour tous les patients"];
    ChartRestricted ["This chart is closed to this person", "Ce dossier est fermé à cette personne"],
        ["Accuro won’t let this person open this one chart.", "Accuro ne laisse pas cette personne ouvrir ce seul dossier."],
        ["The chart is masked, or this person lacks permission for it", "Le dossier est masqué, ou cette personne n’en a pas la permission"];
    ChartMaskedForAll ["This chart is closed to everybody", "Ce dossier est fermé à tous"],
        ["Accuro lets nobody open this chart.", "Accuro ne laisse personne ouvrir ce dossier."],
        ["The chart is masked or locked", "Le dossier est masqué ou verrouillé"];
    SilentlyFiltered ["Things are held back", "Des éléments sont retenus"],
        ["Accuro answered, but held things back from this person.", "Accuro a répondu, mais a retenu des éléments à cette personne."],
        ["A provider or office that is not granted", "Un professionnel ou un bureau qui n’est pas accordé"];
    WrongOffice ["The wrong office", "Le mauvais bureau"],
        ["It is in another office than the one that was selected.", "C’est dans un autre bureau que celui qui était choisi."],
        ["The office that was selected", "Le bureau qui était choisi"];
    NoMatch ["A search without a match", "Une recherche sans résultat"],
        ["The search found nobody.", "La recherche n’a trouvé personne."],
        ["How it was searched; other searches find", "La façon de chercher; d’autres recherches trouvent"];
    RecordGone ["The record is gone", "Le dossier n’est plus là"],
        ["This record was there before and isn’t any more.", "Ce dossier était là avant et n’y est plus."],
        ["It was merged, archived, deleted or moved", "Il a été fusionné, archivé, supprimé ou déplacé"];
    NeverFound ["No such record", "Aucun dossier de ce genre"],
        ["Accuro has no such record for this clinic.", "Accuro n’a aucun dossier de ce genre pour cette clinique."],
        ["The number, or the clinic", "Le numéro, ou la clinique"];
    RequestRejected ["The app sends something wrong", "L’application envoie quelque chose de faux"],
        ["The app sends Accuro something that it doesn’t accept.", "L’application envoie à Accuro quelque chose qu’il n’accepte pas."],
        ["A fault of the app, at several clinics", "Une faute de l’application, à plusieurs cliniques"];
    RecordRejected ["This record is rejected", "Ce dossier est rejeté"],
        ["Accuro doesn’t accept what was sent for this record.", "Accuro n’accepte pas ce qui a été envoyé pour ce dossier."],
        ["Something that is missing or unusual in this record", "Quelque chose qui manque ou sort de l’ordinaire dans ce dossier"];
    BeingEdited ["Somebody else was editing", "Quelqu’un d’autre modifiait"],
        ["Someone else was changing the same record.", "Quelqu’un d’autre modifiait le même dossier."],
        ["Two people at once", "Deux personnes en même temps"];
    AnswerChanged ["Accuro’s answers changed", "Les réponses d’Accuro ont changé"],
        ["Accuro’s answers changed, and the app no longer understands them.", "Les réponses d’Accuro ont changé, et l’application ne les comprend plus."],
        ["A new version of Accuro", "Une nouvelle version d’Accuro"];
    ScopeMissing ["The app lacks a permission", "Il manque une permission à l’application"],
        ["The app wasn’t granted permission for this task.", "L’application n’a pas reçu la permission pour cette tâche."],
        ["A permission that was not asked for or not approved", "Une permission qui n’a pas été demandée ou approuvée"];
    RefusedByAccuscope ["A rule of ours", "Une de nos règles"],
        ["A rule of ours stopped the call.", "Une de nos règles a arrêté l’appel."],
        ["The app’s key, its clinics or the environment", "La clé de l’application, ses cliniques ou l’environnement"];
    AccuscopeFailing ["Our service is failing", "Notre service est en panne"],
        ["Our service was failing.", "Notre service était en panne."],
        ["Capacity, disk or audit of our own", "Notre capacité, notre disque ou notre audit"];
    NotRecorded ["We were not recording", "Nous n’enregistrions pas"],
        ["We weren’t recording then.", "Nous n’enregistrions pas alors."],
        ["A gap in our record, so silence proves nothing", "Un trou dans notre registre; le silence ne prouve donc rien"];
    Unknown ["Not enough to go by", "Trop peu pour conclure"],
        ["We can’t tell yet.", "Nous ne pouvons encore le dire."],
        ["The calls fit several causes, or there are too few", "Les appels conviennent à plusieurs causes, ou il y en a trop peu"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_sentence_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for (cause, language) in
            Cause::ALL.iter().flat_map(|cause| Language::ALL.map(|language| (*cause, language)))
        {
            let texts = words(cause, language);
            assert!(seen.insert(texts.says), "{cause}");
            assert!(texts.says.ends_with('.') && !texts.behind.ends_with('.'), "{cause}");
        }
    }
}
