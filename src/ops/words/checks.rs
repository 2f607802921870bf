//! What a comparison is called on the pages, and what would make one possible.
//!
//! Owns the names of the diagnosis's checks. What a check tells is said by the diagnosis.

use super::language::Language;

/// The title of a check, and what it compares.
pub(crate) fn check(name: &str, language: Language) -> (String, &'static str) {
    let (title, sub) = match name {
        "ticket" => (
            language.of("The calls in question", "Les appels en question"),
            language.of("What was asked about", "Ce dont il s’agit"),
        ),
        "same_patient_other_actors" => (
            language.of("Same patient, other people", "Même patient, autres personnes"),
            language.of("Can anybody open it?", "Quelqu’un peut-il l’ouvrir?"),
        ),
        "same_actor_other_patients" => (
            language.of("Same person, other patients", "Même personne, autres patients"),
            language.of("The same task", "La même tâche"),
        ),
        "same_patient_other_operations" => (
            language.of("Same person and patient", "Mêmes personne et patient"),
            language.of("Other parts of the chart", "Autres parties du dossier"),
        ),
        "same_actor_other_operations" => (
            language.of("Same person, other tasks", "Même personne, autres tâches"),
            language.of("Is the sign-in alive?", "La connexion est-elle encore valide?"),
        ),
        "same_actor_other_token" => (
            language.of("Same person, another sign-in", "Même personne, autre connexion"),
            language
                .of("Before and after signing in again", "Avant et après une nouvelle connexion"),
        ),
        "same_operation_other_actors" => (
            language.of("Same task, other people", "Même tâche, autres personnes"),
            language.of("At the same clinic", "À la même clinique"),
        ),
        "same_clinic_other_operations" => (
            language.of("Same clinic, other tasks", "Même clinique, autres tâches"),
            language.of("Does its connection work?", "Sa liaison fonctionne-t-elle?"),
        ),
        "other_apps" => (
            language.of("Same clinic, other apps", "Même clinique, autres applications"),
            language.of("Is it the app?", "Est-ce l’application?"),
        ),
        "other_offices" => (
            language.of("Other offices", "Autres bureaux"),
            language.of("Is it there instead?", "Est-ce plutôt là?"),
        ),
        "sign_in" => (
            language.of("Sign-ins", "Connexions"),
            language.of("At the same clinic", "À la même clinique"),
        ),
        "sign_in_other_apps" => (
            language.of("Sign-ins of other apps", "Connexions d’autres applications"),
            language.of("At the same clinic", "À la même clinique"),
        ),
        "refused_by_accuscope" => (
            language.of("Our own rules", "Nos propres règles"),
            language.of("Did we refuse any of it?", "En avons-nous refusé une partie?"),
        ),
        "sign_in_other_clinics" => (
            language.of("Sign-ins elsewhere", "Connexions ailleurs"),
            language
                .of("The same app at other clinics", "La même application dans d’autres cliniques"),
        ),
        "other_clinics_same_operation" => (
            language.of("Other clinics, same task", "Autres cliniques, même tâche"),
            language.of("At the same time", "Au même moment"),
        ),
        "other_clinics" => (
            language.of("Other clinics, other tasks", "Autres cliniques, autres tâches"),
            language.of("Is Accuro up?", "Accuro répond-il?"),
        ),
        "other_clinics_other_apps" => (
            language.of("Other clinics, other apps", "Autres cliniques, autres applications"),
            language.of("Is Accuro up?", "Accuro répond-il?"),
        ),
        "same_kind_of_token" => (
            language.of("Same kind of sign-in", "Même type de connexion"),
            language.of("On the same paths", "Sur les mêmes chemins"),
        ),
        "other_kind_of_token" => (
            language.of("Other kinds of sign-in", "Autres types de connexion"),
            language.of("On the same paths", "Sur les mêmes chemins"),
        ),
        "before_the_trouble" => (
            language.of("Before", "Avant"),
            language.of("Was it ever there?", "Y a-t-il déjà été?"),
        ),
        "latency" => (
            language.of("How fast answers came", "Vitesse des réponses"),
            language.of("Against what is usual", "Par rapport à l’habitude"),
        ),
        "answer_shape" => (
            language.of("Structure of the answers", "Structure des réponses"),
            language.of("Against what is usual", "Par rapport à l’habitude"),
        ),
        other => return (other.replace('_', " "), ""),
    };
    (title.to_owned(), sub)
}

/// What somebody could do so that the check has calls to look at; `None` where nobody can.
pub(crate) fn would_decide(name: &str, language: Language) -> Option<&'static str> {
    Some(match name {
        "same_patient_other_actors" => {
            language.of("A colleague opens the same chart.", "Un collègue ouvre le même dossier.")
        }
        "same_actor_other_patients" => language
            .of("The same person opens another chart.", "La même personne ouvre un autre dossier."),
        "same_patient_other_operations" => language.of(
            "The same person opens another part of this chart.",
            "La même personne ouvre une autre partie de ce dossier.",
        ),
        "same_actor_other_operations" => language.of(
            "The same person does something else in the app.",
            "La même personne fait autre chose dans l’application.",
        ),
        "same_actor_other_token" => language.of(
            "The person signs out, signs in and tries again.",
            "La personne se déconnecte, se reconnecte et réessaie.",
        ),
        "same_operation_other_actors" => {
            language.of("A colleague tries the same task.", "Un collègue essaie la même tâche.")
        }
        "other_offices" => language
            .of("The person tries in another office.", "La personne essaie dans un autre bureau."),
        _ => return None,
    })
}
