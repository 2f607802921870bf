//! How the adoption report says things: tasks, steps, gates, what is in the way, what a word means.
//!
//! Owns the words. Rules are `crate::domain::adoption`'s.

use jiff::civil::Date;

use super::language::{Language, said};
use super::times::named_in;
use crate::domain::adoption::funnel::Step;
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::standing::{Gate, Measured, Stuck};
use crate::domain::adoption::{Counts, Task};

/// What a task is called; the soft hyphen says where a narrow column may break it.
pub(crate) const fn task(task: Task, language: Language) -> &'static str {
    match task {
        Task::FindPatient => language.of("Find a patient", "Trouver un patient"),
        Task::OpenChart => language.of("Open a chart", "Ouvrir un dossier"),
        Task::SeeSchedule => language.of("See the schedule", "Voir l’horaire"),
        Task::Book => language.of("Book", "Prendre rendez-vous"),
        Task::ChangeAppointment => {
            language.of("Change an appoint\u{ad}ment", "Modifier un rendez-vous")
        }
        Task::Documents => language.of("Docu\u{ad}ments", "Docu\u{ad}ments"),
        Task::Results => language.of("Lab results", "Labora\u{ad}toire"),
        Task::Medications => language.of("Medi\u{ad}cations", "Médica\u{ad}ments"),
    }
}

/// What a step on the way is called.
pub(crate) const fn step(step: Step, language: Language) -> &'static str {
    match step {
        Step::Enabled => language.of("Enabled", "Activée"),
        Step::SignedIn => language.of("First sign-in", "Première connexion"),
        Step::Found => language.of("First patient found", "Premier patient trouvé"),
        Step::Changed => language.of("First change saved", "Première modification enregistrée"),
        Step::Steady => language.of("Steady use", "Usage régulier"),
    }
}

/// What a gate asks for.
pub(crate) fn gate(measured: &Measured, weeks: u64, language: Language) -> String {
    let goal = measured.goal;
    match measured.gate {
        Gate::Staff => said!(
            language,
            "{goal}% of those invited use it",
            "{goal}\u{a0}% des personnes invitées l’utilisent"
        ),
        Gate::FirstTime => said!(
            language,
            "{} of tasks worked first time, {}",
            "{} des tâches réussies du premier coup, {}",
            tenths(goal, language),
            in_a_row(weeks, language)
        ),
        Gate::Tasks => said!(
            language,
            "{} in use",
            "{} en usage",
            language.counted(goal, ["task", "tasks"], ["tâche", "tâches"])
        ),
        Gate::Steady => said!(
            language,
            "Used on {goal} of the last 14 days",
            "Utilisé {goal} des 14 derniers jours"
        ),
        Gate::NoIncident => language.of("No open incident", "Aucun incident ouvert").to_owned(),
    }
}

/// For how many weeks a gate has to be met.
fn in_a_row(weeks: u64, language: Language) -> String {
    match weeks {
        0 | 1 => language.of("this week", "cette semaine").to_owned(),
        weeks => said!(language, "{weeks} weeks in a row", "{weeks} semaines de suite"),
    }
}

/// What was measured at a gate.
pub(crate) fn measured(measured: &Measured, language: Language) -> String {
    match (measured.gate, measured.value) {
        (Gate::Staff, None) => language
            .of("Nobody said how many were invited", "Personne n’a dit combien étaient invités")
            .to_owned(),
        (_, None) => language.of("Nothing to measure", "Rien à mesurer").to_owned(),
        (Gate::Staff, Some(percent)) => language.in_its_digits(format!("{percent}%")),
        (Gate::FirstTime, Some(share)) => tenths(share, language),
        (Gate::Tasks | Gate::Steady, Some(number)) => language.number(number),
        (Gate::NoIncident, Some(0)) => language.of("None", "Aucun").to_owned(),
        (Gate::NoIncident, Some(_)) => language.of("One is open", "Un est ouvert").to_owned(),
    }
}

/// A share in tenths of a percent, `98.5%`.
pub(crate) fn tenths(permille: u64, language: Language) -> String {
    language.in_its_digits(if permille >= 1_000 {
        "100%".to_owned()
    } else {
        format!("{}.{}%", permille / 10, permille % 10)
    })
}

/// What a kind of note is called.
pub(crate) const fn note_kind(kind: NoteKind, language: Language) -> &'static str {
    match kind {
        NoteKind::Release => language.of("release", "version"),
        NoteKind::Training => language.of("training", "formation"),
        NoteKind::Merged => language.of("merger", "fusion"),
        NoteKind::Phase => language.of("phase moved", "phase changée"),
        NoteKind::Other => language.of("note", "note"),
    }
}

/// A gate that is not met, in a few words.
pub(crate) fn missing(of: &Measured, language: Language) -> String {
    let words = match of.gate {
        Gate::FirstTime if of.value.is_none() => {
            return language.of("Nothing to measure yet", "Rien à mesurer encore").to_owned();
        }
        Gate::Staff => language.of("more of its staff", "plus de son personnel"),
        Gate::FirstTime => language.of("fewer failures", "moins d’échecs"),
        Gate::Tasks => language.of("more kinds of tasks", "plus de types de tâches"),
        Gate::Steady => language.of("use on more days", "un usage plus de jours"),
        Gate::NoIncident => language.of("its incident closed", "son incident fermé"),
    };
    said!(language, "Missing: {words}", "Manque : {words}")
}

/// Why a clinic is stuck, as a sentence after its name.
pub(crate) fn stuck(stuck: Stuck, year: i16, language: Language) -> String {
    match stuck {
        Stuck::NeverStarted { days } => {
            said!(
                language,
                "hasn’t started. It was enabled {days} days ago.",
                "n’a pas commencé. Elle a été activée il y a {days} jours."
            )
        }
        Stuck::NoUse { last, .. } => one_point(said!(
            language,
            "stopped using it on {}.",
            "ne l’utilise plus depuis le {}.",
            day(last, year, language)
        )),
        Stuck::Fewer { .. } => language
            .of(
                "is used by less than half of its usual staff.",
                "est utilisée par moins de la moitié de son personnel habituel.",
            )
            .to_owned(),
        Stuck::Failing { since } => one_point(said!(
            language,
            "is failing since {}.",
            "est en panne depuis le {}.",
            day(since, year, language)
        )),
    }
}

/// A sentence that ends with a day: French months are abbreviated with a point, which ends it as well.
fn one_point(sentence: String) -> String {
    if sentence.ends_with("..") { sentence[..sentence.len() - 1].to_owned() } else { sentence }
}

/// What else is to be known about a clinic that is stuck.
pub(crate) fn stuck_more(stuck: Stuck, language: Language) -> String {
    match stuck {
        Stuck::NeverStarted { .. } => language
            .of("No task was ever done there.", "Aucune tâche n’y a jamais été faite.")
            .to_owned(),
        Stuck::NoUse { open_days, .. } => {
            said!(
                language,
                "{} without use.",
                "{} sans usage.",
                language.counted(
                    open_days,
                    ["open day", "open days"],
                    ["jour ouvert", "jours ouverts"]
                )
            )
        }
        Stuck::Fewer { staff, before } => {
            said!(
                language,
                "{staff} staff used it, from {before} in a usual week.",
                "{staff} personnes l’ont utilisé, contre {before} une semaine habituelle."
            )
        }
        Stuck::Failing { .. } => {
            language.of("Its incident is open.", "Son incident est ouvert.").to_owned()
        }
    }
}

/// `Wed 18 Nov`, with the year where it is another one.
pub(crate) fn day(day: Date, year: i16, language: Language) -> String {
    let form = if day.year() == year { "%a %-d %b" } else { "%a %-d %b %Y" };
    named_in(&day.strftime(form).to_string(), language)
}

/// The share of tasks that worked first time.
pub(crate) fn first_time(counts: &Counts, language: Language) -> String {
    match counts.deeds.ended() {
        0 => language.of("No tasks", "Aucune tâche").to_owned(),
        ended => language.share(counts.deeds.first_time, ended),
    }
}

/// A number in words up to nine, as a sentence has it.
pub(crate) fn small(number: u64, language: Language) -> String {
    const ENGLISH: [&str; 10] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    // Of clinics, which are feminine.
    const FRENCH: [&str; 10] =
        ["aucune", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"];
    let place = usize::try_from(number).unwrap_or(usize::MAX);
    let words = language.of(ENGLISH, FRENCH);
    words.get(place).map_or_else(|| language.number(number), |word| (*word).to_owned())
}

/// How a number changed: `Up 9`, `Down 3`, `As before`.
pub(crate) fn change(
    now: u64,
    before: u64,
    nouns: Option<[[&str; 2]; 2]>,
    language: Language,
) -> String {
    let noun = |n: u64| match nouns {
        None => language.number(n),
        Some([english, french]) => language.counted(n, english, french),
    };
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => {
            language.of("As the week before", "Comme la semaine d’avant").to_owned()
        }
        std::cmp::Ordering::Greater => said!(
            language,
            "Up {} on the week before",
            "{} de plus que la semaine d’avant",
            noun(now - before)
        ),
        std::cmp::Ordering::Less => said!(
            language,
            "Down {} on the week before",
            "{} de moins que la semaine d’avant",
            noun(before - now)
        ),
    }
}

/// What the words on the report mean.
pub(crate) const MEANINGS: [[(&str, &str); 2]; 11] = [
    [
        ("Using it", "got at least one task done that week, on the clinic’s own calendar."),
        (
            "L’utiliser",
            "avoir accompli au moins une tâche cette semaine-là, au calendrier même de la clinique.",
        ),
    ],
    [
        (
            "Task",
            "one thing a person set out to do, however many calls it took: calls of one person for one purpose and one \
             patient, each within two minutes of the one before, on one day.",
        ),
        (
            "Tâche",
            "une chose qu’une personne voulait faire, quel que soit le nombre d’appels : des appels d’une personne pour \
             un but et un patient, chacun à moins de deux minutes du précédent, le même jour.",
        ),
    ],
    [
        ("Done", "Accuro answered, also where the answer was that there is nothing."),
        ("Faite", "Accuro a répondu, même si la réponse était qu’il n’y a rien."),
    ],
    [
        ("Worked first time", "done without a failed call. Of all tasks that were done or failed."),
        (
            "Réussie du premier coup",
            "faite sans appel en échec. De toutes les tâches faites ou échouées.",
        ),
    ],
    [
        (
            "Failed",
            "a call failed and none was answered. What the app gave up by itself counts as neither.",
        ),
        (
            "Échouée",
            "un appel a échoué et aucun n’a eu de réponse. Ce que l’application a abandonné d’elle-même ne compte ni \
             comme l’un ni comme l’autre.",
        ),
    ],
    [
        (
            "Staff",
            "distinct people by keyed references, never named or ranked; somebody who works at two clinics counts at each. \
             Calls of patients and of background services are left out.",
        ),
        (
            "Personnel",
            "des personnes distinctes par références à clé, jamais nommées ni classées; qui travaille à deux cliniques \
             compte à chacune. Les appels de patients et de services automatiques sont laissés de côté.",
        ),
    ],
    [
        (
            "Unknown",
            "calls for which the app did not say who made them. They are counted apart, as calls, and in no other figure.",
        ),
        (
            "Inconnus",
            "des appels dont l’application n’a pas dit qui les a faits. Ils sont comptés à part, comme appels, et dans \
             aucun autre chiffre.",
        ),
    ],
    [
        (
            "Steady use",
            "tasks done on so many days of a fortnight as the clinic’s gate asks for; it is reached on the first day on \
             which that holds.",
        ),
        (
            "Usage régulier",
            "des tâches faites autant de jours d’une quinzaine que le seuil de la clinique le demande; atteint le premier \
             jour où cela vaut.",
        ),
    ],
    [
        (
            "Needs you",
            "a clinic that is stuck: no task for five of its open days (its hours and holidays are left out); or an incident of its own open \
             for more than three days; or less than half of the staff of its middle week of the four before; or nothing \
             ever done 30 days after it was enabled. What is in the way is the incident’s diagnosis, or else the reason \
             of most failed calls of the fortnight.",
        ),
        (
            "A besoin de vous",
            "une clinique bloquée : aucune tâche pendant cinq de ses jours ouverts (ses heures et jours fériés sont laissés de côté); ou un incident \
             à elle ouvert depuis plus de trois jours; ou moins de la moitié du personnel de sa semaine médiane des quatre \
             d’avant; ou rien de fait 30 jours après son activation. Ce qui gêne est le diagnostic de l’incident, sinon le \
             motif de la plupart des appels échoués de la quinzaine.",
        ),
    ],
    [
        (
            "One of two clinics that became one",
            "from the day of the merger on, the people and days of both count at the one that goes on. Whoever was at both in \
             that week counts at each, and once in the sums where each has enough people.",
        ),
        (
            "Une clinique réunie à une autre",
            "dès le jour de la fusion, les personnes et les jours des deux comptent à celle qui continue. Qui était aux deux \
             cette semaine-là compte à chacune, et une fois dans les sommes où chacune a assez de personnes.",
        ),
    ],
    [
        (
            "Fewer than 5",
            "a figure about so few people would be about each of them, so it is not shown. The people of a clinic are those \
             invited, or those seen in the month; sums leave out a clinic that could be told from them.",
        ),
        (
            "Moins de 5",
            "un chiffre sur si peu de personnes serait sur chacune d’elles; il n’est donc pas montré. Les personnes d’une \
             clinique sont celles invitées, ou celles vues dans le mois; les sommes laissent de côté une clinique que l’on \
             pourrait en déduire.",
        ),
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_from_what() {
        let people = Some([["person", "people"], ["personne", "personnes"]]);
        let french = change(8, 1_208, people, Language::French);
        assert_eq!(french, "1\u{202f}200\u{a0}personnes de moins que la semaine d’avant");
        assert_eq!(change(9, 8, people, Language::English), "Up 1 person on the week before");
        assert_eq!(
            change(8, 1_208, people, Language::English),
            "Down 1,200 people on the week before"
        );
        assert_eq!(change(8, 8, None, Language::English), "As the week before");
        let none = Measured { gate: Gate::FirstTime, met: false, value: None, goal: 985 };
        assert_eq!(missing(&none, Language::English), "Nothing to measure yet");
        assert_eq!([0, 9, 10].map(|n| small(n, Language::English)).join(" "), "no nine 10");
        assert_eq!(
            [985, 1_000, 7].map(|n| tenths(n, Language::English)).join(" "),
            "98.5% 100% 0.7%"
        );
    }
}
