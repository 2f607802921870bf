//! What each reason means, in both languages.
//!
//! Owns the sentences and whose move it is. The part about what happened follows a task and a colon, so it
//! begins with a small letter.

use crate::domain::health::Owner;
use crate::domain::reason::Reason;
use crate::domain::refusal::Repeat;

/// Whose move it is; what happened, what it means and what to tell, in English and French.
pub(super) type Words = (Owner, [&'static str; 2], [&'static str; 2], [&'static str; 2]);

/// What a change without an answer means.
pub(super) const MAY_HAVE_BEEN_APPLIED: [&str; 2] = [
    "The change was sent and no answer came back, so it may have been applied. Look in Accuro before trying again.",
    "La modification a été envoyée et aucune réponse n’est revenue. Elle a donc pu être appliquée. Regardez dans Accuro avant toute nouvelle tentative.",
];

/// What is said where it worked.
pub(super) const WORKED: Words = (
    Owner::Nobody,
    ["Accuro sent what was asked for.", "Accuro a envoyé ce qui était demandé."],
    [
        "The call worked. If the screen showed nothing, the app did not show what it got.",
        "L’appel a réussi. Si l’écran ne montrait rien, l’application n’a pas montré ce qu’elle a reçu.",
    ],
    [
        "Accuro sent the answer. Which screen were you on, and which button did you press?",
        "Accuro a envoyé la réponse. Sur quel écran étiez-vous, et quel bouton avez-vous pressé?",
    ],
);

/// What is said where the app hung up.
pub(super) const ABORTED: Words = (
    Owner::AppVendor,
    [
        "the app hung up before the answer was complete.",
        "l’application a raccroché avant la fin de la réponse.",
    ],
    [
        "Somebody closed the screen, or the app waits for less long than Accuro needs.",
        "Quelqu’un a fermé l’écran, ou l’application attend moins longtemps qu’il n’en faut à Accuro.",
    ],
    [
        "The app stopped waiting. Please try again and let it finish.",
        "L’application a cessé d’attendre. Veuillez réessayer et la laisser finir.",
    ],
);

const LOOK_FIRST: [&str; 2] = [
    "This change is saved or may be. Please look in Accuro before you do anything else.",
    "Cette modification est enregistrée ou peut l’être. Veuillez regarder dans Accuro avant toute autre chose.",
];

/// What is said where a change was not sent, since one with its key came before.
pub(super) const fn of_repeat(repeat: Repeat) -> Words {
    match repeat {
        Repeat::Before => (
            Owner::AppVendor,
            [
                "this change was sent before, so we did not send it a second time.",
                "cette modification a déjà été envoyée; nous ne l’avons donc pas envoyée une seconde fois.",
            ],
            [
                "The first one is saved or may be. Look in Accuro before anybody makes it once more.",
                "La première est enregistrée ou peut l’être. Regardez dans Accuro avant que quelqu’un la refasse.",
            ],
            LOOK_FIRST,
        ),
        Repeat::Mixed => (
            Owner::AppVendor,
            [
                "the app sent two changes with one key, so we did not send this one.",
                "l’application a envoyé deux modifications avec une même clé; nous n’avons donc pas envoyé celle-ci.",
            ],
            [
                "The other one may be saved. Look in Accuro before anybody makes either once more.",
                "L’autre est peut-être enregistrée. Regardez dans Accuro avant que quelqu’un refasse l’une ou l’autre.",
            ],
            LOOK_FIRST,
        ),
        Repeat::UnderWay => of_reason(Reason::DuplicateInFlight),
    }
}

const TRY_LATER: [&str; 2] = [
    "Accuro did not answer. Please try again in a few minutes.",
    "Accuro n’a pas répondu. Veuillez réessayer dans quelques minutes.",
];
const OUR_FAULT: [&str; 2] = [
    "That is on our side and we are looking at it. You don’t need to do anything.",
    "C’est de notre côté et nous y regardons. Vous n’avez rien à faire.",
];

/// A table, so that each reason's words stand together; the compiler sees that none is missing.
macro_rules! reasons {
    ($($($reason:ident)|+ => $owner:ident, $happened:expr, $means:expr, $tell:expr;)+) => {
        /// What is said about a reason.
        pub(super) const fn of_reason(reason: Reason) -> Words {
            match reason {
                $($(Reason::$reason)|+ => (Owner::$owner, $happened, $means, $tell),)+
            }
        }
    };
}

reasons! {
    TokenMissing => AppVendor,
        ["the call carried no sign-in.",
         "l’appel n’avait aucune connexion."],
        ["The app asked without a token. Accuro answers nobody without one.",
         "L’application a demandé sans jeton. Accuro ne répond à personne sans jeton."],
        ["Please sign out of the app, sign in again and try once more.",
         "Veuillez vous déconnecter de l’application, vous reconnecter et réessayer."];
    TokenExpired => User,
        ["the sign-in had expired.",
         "la connexion avait expiré."],
        ["Tokens live for about an hour. The app should have renewed this one.",
         "Un jeton vit environ une heure. L’application aurait dû renouveler celui-ci."],
        ["Please sign out, sign in again and try once more.",
         "Veuillez vous déconnecter, vous reconnecter et réessayer."];
    TokenRejected => User,
        ["Accuro did not accept the sign-in for this.",
         "Accuro n’a pas accepté la connexion pour cela."],
        ["Accuro says the same for a dead sign-in and for a missing permission. If this person’s other calls work, it is a permission.",
         "Accuro dit la même chose d’une connexion morte et d’une permission manquante. Si les autres appels de cette personne fonctionnent, c’est une permission."],
        ["We are checking whether your sign-in ended or a permission is missing.",
         "Nous vérifions si votre connexion a pris fin ou s’il manque une permission."];
    Forbidden => ClinicAdmin,
        ["Accuro refused this person.",
         "Accuro a refusé cette personne."],
        ["Accuro knows who asked and says no: a role, a mask or an office keeps this closed.",
         "Accuro sait qui a demandé et dit non : un rôle, un masque ou un bureau garde cela fermé."],
        ["Your sign-in works. Accuro limits this request, and your clinic’s Accuro administrator can look.",
         "Votre connexion fonctionne. Accuro limite cette demande, et l’administrateur Accuro de votre clinique peut regarder."];
    GrantRejected => ClinicAdmin,
        ["Accuro did not accept the sign-in data.",
         "Accuro n’a pas accepté les données de connexion."],
        ["A password changed, a refresh token was used twice, or access ended.",
         "Un mot de passe a changé, un jeton de renouvellement a servi deux fois, ou l’accès a pris fin."],
        ["Please sign in again. If that fails, your clinic’s Accuro administrator can check your access.",
         "Veuillez vous reconnecter. Si cela échoue, l’administrateur Accuro de votre clinique peut vérifier votre accès."];
    ClientRejected => AppVendor,
        ["Accuro did not accept the app itself.",
         "Accuro n’a pas accepté l’application elle-même."],
        ["The app’s own credentials are wrong, ended or were replaced.",
         "Les identifiants de l’application sont faux, expirés ou remplacés."],
        OUR_FAULT;
    ScopeRejected => AppVendor,
        ["the app was not granted permission for this.",
         "l’application n’a pas reçu la permission pour cela."],
        ["The grant lacks a scope that this task needs, for everybody who uses the app.",
         "Il manque une portée dont cette tâche a besoin, pour tous ceux qui utilisent l’application."],
        OUR_FAULT;
    LoginRedirect => User,
        ["Accuro sent a sign-in page instead of data.",
         "Accuro a envoyé une page de connexion au lieu de données."],
        ["The session ended on Accuro’s side.",
         "La session a pris fin du côté d’Accuro."],
        ["Please sign out, sign in again and try once more.",
         "Veuillez vous déconnecter, vous reconnecter et réessayer."];
    BadRequest | Unprocessable => AppVendor,
        ["Accuro did not accept what the app sent.",
         "Accuro n’a pas accepté ce que l’application a envoyé."],
        ["A field is missing, has the wrong form, or breaks a rule of Accuro’s.",
         "Un champ manque, a la mauvaise forme ou enfreint une règle d’Accuro."],
        ["The app sent something that Accuro does not accept. We are passing it on.",
         "L’application a envoyé quelque chose qu’Accuro n’accepte pas. Nous le transmettons."];
    Conflict => User,
        ["somebody else was changing the same thing.",
         "quelqu’un d’autre modifiait la même chose."],
        ["Accuro keeps the first change and asks the second to look again.",
         "Accuro garde la première modification et demande à la seconde personne de regarder de nouveau."],
        ["Somebody changed it first. Please reload and try again.",
         "Quelqu’un l’a modifié avant vous. Veuillez recharger et réessayer."];
    MethodNotAllowed => AppVendor,
        ["Accuro does not offer this here.",
         "Accuro n’offre pas cela ici."],
        ["The app asked in a way that this version of Accuro does not know.",
         "L’application a demandé d’une façon que cette version d’Accuro ne connaît pas."],
        OUR_FAULT;
    TooLarge => User,
        ["what was sent is too large for Accuro.",
         "ce qui a été envoyé est trop gros pour Accuro."],
        ["Usually an attachment above Accuro’s limit.",
         "D’ordinaire une pièce jointe au-dessus de la limite d’Accuro."],
        ["The file is too large for Accuro. Please send a smaller one.",
         "Le fichier est trop gros pour Accuro. Veuillez en envoyer un plus petit."];
    UnsupportedType => AppVendor,
        ["Accuro does not take this kind of content.",
         "Accuro n’accepte pas ce type de contenu."],
        ["The type of the upload, or of the answer asked for, is not one that Accuro knows.",
         "Le type de l’envoi, ou de la réponse demandée, n’est pas un type qu’Accuro connaît."],
        OUR_FAULT;
    NotFound => User,
        ["Accuro has no such record for this person.",
         "Accuro n’a aucun dossier de ce genre pour cette personne."],
        ["It was never there, is hidden from this person, or was merged or deleted.",
         "Il n’y a jamais été, est caché à cette personne, ou a été fusionné ou supprimé."],
        ["Accuro has nothing under that. Please check that it belongs to this clinic and office.",
         "Accuro n’a rien sous cela. Veuillez vérifier que c’est bien de cette clinique et de ce bureau."];
    Gone => ClinicAdmin,
        ["the record is no longer there.",
         "le dossier n’est plus là."],
        ["Accuro says that it was there: merged, archived or deleted.",
         "Accuro dit qu’il y était : fusionné, archivé ou supprimé."],
        ["The record was merged, archived or deleted in Accuro.",
         "Le dossier a été fusionné, archivé ou supprimé dans Accuro."];
    EmptyResult => Nobody,
        ["Accuro answered that there is nothing.",
         "Accuro a répondu qu’il n’y a rien."],
        ["Often the true answer. It can also mean that the search was too narrow, or that this person may not see what is there.",
         "Souvent la vraie réponse. Il se peut aussi que la recherche ait été trop étroite, ou que cette personne ne puisse voir ce qu’il y a."],
        ["Accuro found nothing. Please try other search terms, and check the office you work in.",
         "Accuro n’a rien trouvé. Veuillez essayer d’autres termes et vérifier le bureau où vous travaillez."];
    RateLimited => AppVendor,
        ["Accuro asked the app to slow down.",
         "Accuro a demandé à l’application de ralentir."],
        ["Too many calls in a short time.",
         "Trop d’appels en peu de temps."],
        ["Please wait a minute and try again.",
         "Veuillez attendre une minute et réessayer."];
    UpstreamError => Accuro,
        ["Accuro failed while answering.",
         "Accuro a échoué en répondant."],
        ["An error inside Accuro. If others have it too, Accuro is in trouble.",
         "Une erreur dans Accuro. Si d’autres l’ont aussi, Accuro a un problème."],
        TRY_LATER;
    UpstreamUnavailable => Accuro,
        ["Accuro is not available.",
         "Accuro n’est pas disponible."],
        ["Accuro’s entrance answers, what is behind it does not: an outage or maintenance.",
         "L’entrée d’Accuro répond, ce qui est derrière ne répond pas : une panne ou un entretien."],
        TRY_LATER;
    DnsFailed => Operator,
        ["we could not find Accuro’s address.",
         "nous n’avons pas trouvé l’adresse d’Accuro."],
        ["The name did not resolve. Look at our network first.",
         "Le nom ne s’est pas résolu. Regardez d’abord notre réseau."],
        OUR_FAULT;
    ConnectFailed => Operator,
        ["we could not connect to Accuro.",
         "nous n’avons pu nous relier à Accuro."],
        ["No connection came about. Our network, a firewall, or Accuro being down.",
         "Aucune liaison ne s’est établie. Notre réseau, un pare-feu, ou Accuro en panne."],
        TRY_LATER;
    TlsFailed => Operator,
        ["we could not connect to Accuro safely.",
         "nous n’avons pu nous relier à Accuro de façon sûre."],
        ["The certificate did not pass. Nothing was sent.",
         "Le certificat n’a pas passé. Rien n’a été envoyé."],
        OUR_FAULT;
    ResponseTimeout => Accuro,
        ["Accuro took too long.",
         "Accuro a pris trop de temps."],
        ["No answer came in the time that we wait.",
         "Aucune réponse n’est venue dans le temps que nous attendons."],
        TRY_LATER;
    BodyBroken => Accuro,
        ["Accuro’s answer broke off.",
         "La réponse d’Accuro s’est interrompue."],
        ["The connection ended in the middle of the answer.",
         "La liaison a pris fin au milieu de la réponse."],
        TRY_LATER;
    MalformedBody => AppVendor,
        ["Accuro’s answer could not be read.",
         "La réponse d’Accuro était illisible."],
        ["It claims to be JSON and is not. A new version of Accuro may answer differently.",
         "Elle se dit en JSON et ne l’est pas. Une nouvelle version d’Accuro répond peut-être autrement."],
        OUR_FAULT;
    UnexpectedBody => Accuro,
        ["Accuro sent a web page instead of data.",
         "Accuro a envoyé une page Web au lieu de données."],
        ["Usually a maintenance page or a sign-in page.",
         "D’ordinaire une page d’entretien ou de connexion."],
        TRY_LATER;
    AppKeyUnknown => Operator,
        ["we don’t know the app that called.",
         "nous ne connaissons pas l’application qui a appelé."],
        ["Its key is missing or not registered, so nothing was sent to Accuro.",
         "Sa clé manque ou n’est pas enregistrée. Rien n’a donc été envoyé à Accuro."],
        OUR_FAULT;
    ClinicNotAllowed => Operator,
        ["the app may not work for this clinic.",
         "l’application n’a pas droit à cette clinique."],
        ["The registration does not list it, so nothing was sent to Accuro.",
         "L’inscription ne la nomme pas. Rien n’a donc été envoyé à Accuro."],
        OUR_FAULT;
    EnvironmentMismatch => Operator,
        ["test and real were mixed up.",
         "essai et réel ont été confondus."],
        ["A sandbox identity met production, or the reverse. Nothing was sent to Accuro.",
         "Une identité du bac à sable a rencontré la production, ou l’inverse. Rien n’a été envoyé à Accuro."],
        ["Please stop using the app until we write to you.",
         "Veuillez ne plus utiliser l’application jusqu’à ce que nous vous écrivions."];
    RateLimit => AppVendor,
        ["our own limit stopped the call.",
         "notre propre limite a arrêté l’appel."],
        ["The app sends more calls than it may. Nothing was sent to Accuro.",
         "L’application envoie plus d’appels qu’elle ne peut. Rien n’a été envoyé à Accuro."],
        ["Please wait a minute and try again.",
         "Veuillez attendre une minute et réessayer."];
    CircuitOpen => Accuro,
        ["Accuro fails so often that we left it alone for a moment.",
         "Accuro échoue si souvent que nous l’avons laissé tranquille un moment."],
        ["We pause calls to a failing Accuro, so that people get an answer at once.",
         "Nous suspendons les appels vers un Accuro en panne, afin que l’on ait une réponse tout de suite."],
        TRY_LATER;
    ReadOnly => Operator,
        ["changes are switched off right now.",
         "les modifications sont désactivées en ce moment."],
        ["Reading works. Nothing was sent to Accuro.",
         "La lecture fonctionne. Rien n’a été envoyé à Accuro."],
        ["Changes are paused for the moment. Reading works.",
         "Les modifications sont suspendues pour le moment. La lecture fonctionne."];
    AuditUnavailable => Operator,
        ["we could not write the audit record, so we did not send the change.",
         "nous n’avons pu écrire la trace d’audit. La modification n’a donc pas été envoyée."],
        ["No change goes to a chart without its record.",
         "Aucune modification ne va à un dossier sans sa trace."],
        OUR_FAULT;
    DuplicateInFlight => Nobody,
        ["the same change was already on its way.",
         "la même modification était déjà en route."],
        ["The app sent it twice with one key. The first one counts.",
         "L’application l’a envoyée deux fois avec une même clé. La première compte."],
        ["The change is on its way. Please look again in a moment.",
         "La modification est en route. Veuillez regarder de nouveau dans un instant."];
    Overloaded => Operator,
        ["we had no capacity.",
         "nous n’avions plus de capacité."],
        ["Our service was overloaded.",
         "Notre service était surchargé."],
        OUR_FAULT;
}
