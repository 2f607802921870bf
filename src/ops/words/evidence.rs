//! What a comparison tells, in French.
//!
//! Owns the French sentences. The English ones are the diagnosis's own: a kept answer and the API hold them as
//! text, so each is found here by it. One of an older version that is no longer said stays English.

use super::language::Language;

/// A sentence of a kept answer in a language, and whether it is still English.
pub(crate) fn in_language(sentence: &str, language: Language) -> (&str, bool) {
    if language == Language::English {
        return (sentence, false);
    }
    match FRENCH.iter().find(|(english, _)| *english == sentence) {
        Some((_, french)) => (french, false),
        None => (sentence, true),
    }
}

const FRENCH: &[(&str, &str)] = &[
    ("Nobody gets through to this patient.", "Personne n’atteint ce patient."),
    ("The chart exists and can be opened.", "Le dossier existe et peut être ouvert."),
    (
        "Some colleagues get through to this patient and some do not.",
        "Certains collègues atteignent ce patient, d’autres non.",
    ),
    (
        "The same person meets it with other patients, too.",
        "La même personne l’a aussi avec d’autres patients.",
    ),
    (
        "The same person gets through for other patients.",
        "La même personne réussit pour d’autres patients.",
    ),
    (
        "The same person gets through for some patients only.",
        "La même personne ne réussit que pour certains patients.",
    ),
    (
        "Other parts of this chart are closed to the person, too.",
        "D’autres parties de ce dossier sont aussi fermées à cette personne.",
    ),
    (
        "The same person gets through to other parts of this chart.",
        "La même personne atteint d’autres parties de ce dossier.",
    ),
    (
        "The same person gets through to some parts of this chart only.",
        "La même personne n’atteint que certaines parties de ce dossier.",
    ),
    ("Nothing works for this person.", "Rien ne fonctionne pour cette personne."),
    (
        "Other tasks work for this person, so the sign-in is alive.",
        "D’autres tâches fonctionnent pour cette personne; la connexion est donc valide.",
    ),
    (
        "Some of the person's other tasks work.",
        "Certaines autres tâches de cette personne fonctionnent.",
    ),
    (
        "It is the same with the person's other sign-ins.",
        "C’est pareil avec les autres connexions de cette personne.",
    ),
    (
        "With another sign-in of the same person, other tasks work.",
        "Avec une autre connexion de la même personne, d’autres tâches fonctionnent.",
    ),
    (
        "With other sign-ins of the same person, some other tasks work.",
        "Avec d’autres connexions de la même personne, certaines autres tâches fonctionnent.",
    ),
    ("Colleagues meet it in the same task.", "Des collègues l’ont dans la même tâche."),
    ("The same task works for colleagues.", "La même tâche fonctionne pour des collègues."),
    (
        "The same task works for some colleagues only.",
        "La même tâche ne fonctionne que pour certains collègues.",
    ),
    ("The clinic's other tasks meet it, too.", "Les autres tâches de la clinique l’ont aussi."),
    ("The clinic's other tasks work.", "Les autres tâches de la clinique fonctionnent."),
    (
        "Some of the clinic's other tasks work.",
        "Certaines autres tâches de la clinique fonctionnent.",
    ),
    (
        "Other apps meet it at this clinic, too.",
        "D’autres applications l’ont aussi à cette clinique.",
    ),
    ("Other apps work at this clinic.", "D’autres applications fonctionnent à cette clinique."),
    (
        "Other apps work at this clinic at times.",
        "D’autres applications fonctionnent parfois à cette clinique.",
    ),
    (
        "It is not found in other offices either.",
        "On ne le trouve pas non plus dans d’autres bureaux.",
    ),
    ("It is found in another office.", "On le trouve dans un autre bureau."),
    ("It is found in some other offices.", "On le trouve dans certains autres bureaux."),
    ("Accuro refuses the clinic's sign-ins.", "Accuro refuse les connexions de la clinique."),
    ("Sign-ins work at this clinic.", "Les connexions fonctionnent à cette clinique."),
    ("Some sign-ins work at this clinic.", "Certaines connexions fonctionnent à cette clinique."),
    (
        "Accuro refuses the sign-ins of other apps at this clinic, too.",
        "Accuro refuse aussi les connexions d’autres applications à cette clinique.",
    ),
    (
        "Other apps' sign-ins work at this clinic.",
        "Les connexions d’autres applications fonctionnent à cette clinique.",
    ),
    (
        "Some sign-ins of other apps work at this clinic.",
        "Certaines connexions d’autres applications fonctionnent à cette clinique.",
    ),
    (
        "Accuro refuses the app's sign-ins at other clinics, too.",
        "Accuro refuse aussi les connexions de l’application dans d’autres cliniques.",
    ),
    (
        "The app's sign-ins work at other clinics.",
        "Les connexions de l’application fonctionnent dans d’autres cliniques.",
    ),
    (
        "The app's sign-ins work at some other clinics.",
        "Les connexions de l’application fonctionnent dans certaines autres cliniques.",
    ),
    ("Other clinics meet it in the same task.", "D’autres cliniques l’ont dans la même tâche."),
    ("The same task works at other clinics.", "La même tâche fonctionne dans d’autres cliniques."),
    (
        "The same task works at some other clinics.",
        "La même tâche fonctionne dans certaines autres cliniques.",
    ),
    (
        "Other clinics meet it in other tasks, too.",
        "D’autres cliniques l’ont aussi dans d’autres tâches.",
    ),
    ("Other clinics work.", "Les autres cliniques fonctionnent."),
    (
        "Some of what other clinics ask for works.",
        "Une partie de ce que demandent d’autres cliniques fonctionne.",
    ),
    (
        "Other apps meet it at other clinics, too.",
        "D’autres applications l’ont aussi dans d’autres cliniques.",
    ),
    (
        "Other apps work at other clinics.",
        "D’autres applications fonctionnent dans d’autres cliniques.",
    ),
    (
        "Other apps work at some other clinics.",
        "D’autres applications fonctionnent dans certaines autres cliniques.",
    ),
    (
        "Others who hold such a token meet it on the same paths.",
        "D’autres qui ont un tel jeton l’ont sur les mêmes chemins.",
    ),
    (
        "Such tokens work on the same paths for others.",
        "De tels jetons fonctionnent pour d’autres sur les mêmes chemins.",
    ),
    (
        "Such tokens work on the same paths at times.",
        "De tels jetons fonctionnent parfois sur les mêmes chemins.",
    ),
    (
        "Tokens of other kinds meet it on the same paths, too.",
        "Des jetons d’autres types l’ont aussi sur les mêmes chemins.",
    ),
    (
        "Tokens of other kinds work on the same paths.",
        "Des jetons d’autres types fonctionnent sur les mêmes chemins.",
    ),
    (
        "Tokens of other kinds work on the same paths at times.",
        "Des jetons d’autres types fonctionnent parfois sur les mêmes chemins.",
    ),
    (
        "No call was recorded that fits the question.",
        "Aucun appel enregistré ne correspond à la question.",
    ),
    ("The calls in question worked.", "Les appels en question ont réussi."),
    ("The calls in question came back empty.", "Les appels en question sont revenus vides."),
    ("The calls in question failed.", "Les appels en question ont échoué."),
    (
        "The calls in question failed or came back empty.",
        "Les appels en question ont échoué ou sont revenus vides.",
    ),
    ("Some of the calls in question worked.", "Certains des appels en question ont réussi."),
    ("accuscope refused none of these calls.", "accuscope n’a refusé aucun de ces appels."),
    (
        "accuscope refused these calls itself; they did not reach Accuro.",
        "accuscope a lui-même refusé ces appels; ils n’ont pas atteint Accuro.",
    ),
    (
        "accuscope refused some of these calls itself; those did not reach Accuro.",
        "accuscope a lui-même refusé certains de ces appels; ceux-là n’ont pas atteint Accuro.",
    ),
    (
        "At least one of these calls was refused by accuscope itself, as no valid request.",
        "accuscope a lui-même refusé au moins un de ces appels, qui n’était pas une demande valable.",
    ),
    (
        "accuscope refused these calls itself: a change with the same key had come before, so they were not sent to Accuro.",
        "accuscope a lui-même refusé ces appels : une modification avec la même clé était venue avant; ils n’ont donc pas été envoyés à Accuro.",
    ),
    (
        "accuscope refused some of these calls itself: a change with the same key had come before, so those were not sent to Accuro.",
        "accuscope a lui-même refusé certains de ces appels : une modification avec la même clé était venue avant; ceux-là n’ont donc pas été envoyés à Accuro.",
    ),
    (
        "No call names this patient. These failed around that time and name no patient; nobody knows whether they are meant.",
        "Aucun appel ne nomme ce patient. Ceux-ci ont échoué vers ce moment et ne nomment aucun patient; nul ne sait s’il s’agit d’eux.",
    ),
    (
        "The calls compared here failed as well, but in another way.",
        "Les appels comparés ici ont échoué aussi, mais autrement.",
    ),
    (
        "The calls compared here failed as well, some of them in another way.",
        "Les appels comparés ici ont échoué aussi, certains autrement.",
    ),
    ("The calls compared here came back empty.", "Les appels comparés ici sont revenus vides."),
    (
        "The calls compared here came back empty or failed in another way.",
        "Les appels comparés ici sont revenus vides ou ont échoué autrement.",
    ),
    ("It was found before.", "On le trouvait avant."),
    ("It was never found.", "On ne l’a jamais trouvé."),
    (
        "Answers take a multiple of the usual time.",
        "Les réponses prennent plusieurs fois le temps habituel.",
    ),
    (
        "Answers that come take the usual time.",
        "Les réponses qui viennent prennent le temps habituel.",
    ),
    (
        "Answers have another structure than before.",
        "Les réponses ont une autre structure qu’avant.",
    ),
    ("The calls in question do not fit it.", "Les appels en question n’y correspondent pas."),
    ("Accuro answered these calls.", "Accuro a répondu à ces appels."),
    // Said so by older versions, whose answers are kept.
    ("It is rarer, and nothing speaks for it.", "C’est plus rare, et rien ne l’appuie."),
    (
        "It happens far less often, and no call here points to it.",
        "Cela arrive bien plus rarement, et aucun appel ici ne l’indique.",
    ),
    (
        "accuscope refused these calls itself: it did not know the app's key.",
        "accuscope a lui-même refusé ces appels : il ne connaissait pas la clé de l’application.",
    ),
    (
        "accuscope refused these calls itself: the app was not registered for the clinic.",
        "accuscope a lui-même refusé ces appels : l’application n’était pas inscrite pour la clinique.",
    ),
    (
        "accuscope refused these calls itself: sandbox and production were mixed up.",
        "accuscope a lui-même refusé ces appels : le bac à sable et la production ont été confondus.",
    ),
    (
        "accuscope refused these changes itself: changes were switched off.",
        "accuscope a lui-même refusé ces modifications : les modifications étaient désactivées.",
    ),
    ("The calls were recorded.", "Les appels ont été enregistrés."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_of_the_diagnosis_has_its_french() {
        for sentence in crate::diagnosis::check_sentences() {
            let (french, is_english) = in_language(sentence, Language::French);
            assert!(!is_english && french != sentence, "{sentence}");
        }
        for (english, french) in FRENCH {
            let denied = [
                "Personne n’",
                "Rien ne fonctionne",
                "D’autres parties de ce dossier sont aussi fermées",
                "C’est pareil avec",
                "On ne le trouve pas",
                "On ne l’a jamais",
                "Accuro refuse",
                "Les appels en question ont échoué",
                "Les appels en question sont revenus",
            ];
            let claimed =
                ["fonctionn", "réussi", "ouvert", "attei", "On le trouv", "peut être ouvert"];
            let french = match french {
                _ if denied.iter().any(|start| french.starts_with(start)) => Some(false),
                _ if claimed.iter().any(|word| french.contains(word)) => Some(true),
                _ => None,
            };
            // What never went to Accuro did not reach it.
            if !english.contains("Accuro.") {
                assert_eq!(crate::diagnosis::claims(english), french, "{english}");
            }
        }
        assert!(in_language("Of a version before.", Language::French).1);
    }
}
