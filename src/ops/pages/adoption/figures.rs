//! The four numbers at the top, and what stands beside them.
//!
//! Owns the card, the four figures of all clinics, how a number compares, and when it is of too few to say.

use maud::{Markup, html};

use crate::domain::adoption::standing::first_time_permille;
use crate::domain::adoption::{Counts, small as small_group};
use crate::ops::components::shell::Frame;
use crate::ops::components::spark::spark_with;
use crate::ops::report::{Report, series};
use crate::ops::words::adoption::{change, first_time, tenths};
use crate::ops::words::language::{Language, said};

/// People as a number that changed counts them, in English and French.
pub(super) const PEOPLE: [[&str; 2]; 2] = [["person", "people"], ["personne", "personnes"]];

/// One of the numbers at the top: what, the value, what it is of, how it changed, and its line.
pub(crate) struct Kpi {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) of: String,
    pub(crate) note: String,
    pub(crate) line: Vec<u64>,
}

/// Numbers beside each other.
pub(super) fn kpi_card(label: &str, kpis: &[Kpi], known_from: usize, marks: &[usize]) -> Markup {
    html! {
        section.card aria-label=(label) {
            dl.kpis {
                @for kpi in kpis {
                    div.kpi {
                        dt { (kpi.name) }
                        dd.v { (kpi.value) @if !kpi.of.is_empty() { " " small { (kpi.of) } } }
                        dd.n { (kpi.note) }
                        @if kpi.line.iter().any(|value| *value > 0) {
                            dd.sp12 aria-hidden="true" { (spark_with(&kpi.line, known_from, marks)) }
                        }
                    }
                }
            }
        }
    }
}

/// The card of all clinics.
pub(super) fn kpis(report: &Report, frame: &Frame) -> Markup {
    let marks = report.marks(None);
    kpi_card(
        frame.t("The week in four numbers", "La semaine en quatre chiffres"),
        &four(report, frame.language()),
        report.known_from(),
        &marks,
    )
}

/// The four numbers.
pub(crate) fn four(report: &Report, language: Language) -> [Kpi; 4] {
    let (sum, earlier) = (report.sum(0), report.sum(1));
    let (now, before) = (sum.counts, earlier.counts);
    // Of other clinics than before it would be no change.
    let alike = sum.left_out == 0 && earlier.left_out == 0;
    let of_alike =
        |text: String| if alike { compared(report, text, language) } else { String::new() };
    let nobody = now.staff == 0 && sum.left_out > 0;
    let (using, used) = (report.clinics_using(0), report.clinics_using(1));
    let against = |text| compared(report, text, language);
    let invited = report.invited();
    let percent = (now.staff * 100).checked_div(invited);
    let share = percent
        .map(|percent| language.in_its_digits(format!("{percent}%")) + ". ")
        .unwrap_or_default();
    let shown = !nobody && shows_staff(now.staff, invited);
    let goal = said!(
        language,
        "Goal {}",
        "But : {}",
        tenths(report.goals.all.first_time_permille, language)
    );
    [
        Kpi {
            name: language.of("Clinics using it", "Cliniques qui l’utilisent"),
            value: language.number(using),
            of: match report.clinics.len() as u64 {
                // All are part of others by now; some had days of their own in the week.
                0 if using > 0 => String::new(),
                clinics => said!(language, "of {}", "sur {}", language.number(clinics)),
            },
            note: against(change(using, used, None, language)),
            line: series(|ago| report.clinics_using(ago)),
        },
        Kpi {
            name: language.of("Staff using it", "Personnel qui l’utilise"),
            value: if nobody { few(language) } else { staff(now.staff, invited, language) },
            of: if shown && invited > 0 {
                said!(language, "of {} invited", "sur {} invitées", language.number(invited))
            } else {
                String::new()
            },
            note: if shown {
                format!(
                    "{share}{}",
                    of_alike(change(now.staff, before.staff, Some(PEOPLE), language))
                )
            } else {
                String::new()
            },
            line: if shown { series(|ago| report.total(ago).staff) } else { Vec::new() },
        },
        Kpi {
            name: language.of("Tasks done", "Tâches faites"),
            value: if nobody { few(language) } else { language.number(now.deeds.done) },
            of: without(sum.left_out, language),
            note: [
                of_alike(change(now.deeds.done, before.deeds.done, None, language)),
                apart(&now, language),
            ]
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(". "),
            line: series(|ago| report.total(ago).deeds.done),
        },
        Kpi {
            name: language.of("Worked first time", "Réussies du premier coup"),
            value: first_time(&now, language),
            of: String::new(),
            note: goal,
            line: series(|ago| first_time_permille(&report.total(ago)).unwrap_or(0)),
        },
    ]
}

/// Which clinics are not in a sum, since they could be told from it.
pub(super) fn without(clinics: u64, language: Language) -> String {
    match clinics {
        0 => String::new(),
        1 => language
            .of("without one of fewer than 5 staff", "sans une de moins de 5 personnes")
            .to_owned(),
        clinics => said!(
            language,
            "without {} of fewer than 5 staff",
            "sans {} de moins de 5 personnes",
            language.number(clinics)
        ),
    }
}

/// Whether so few are at work in so few clinics that a count of them would be about each of them.
pub(super) fn shows_staff(staff: u64, invited: u64) -> bool {
    small_group::shown(staff, small_group::group(Some(invited), staff)).is_some()
}

/// How many use it, where they are enough to say.
pub(super) fn staff(staff: u64, invited: u64, language: Language) -> String {
    if shows_staff(staff, invited) { language.number(staff) } else { few(language) }
}

fn few(language: Language) -> String {
    language.of("Fewer than 5", "Moins de 5").to_owned()
}

/// How a number compares with the week before, where that can be said.
pub(super) fn compared(report: &Report, change: String, language: Language) -> String {
    match (report.over, report.has_week_before()) {
        (false, _) => language.of("The week is not over", "La semaine n’est pas finie").to_owned(),
        _ if report.days_due > 0 => {
            language.of("Still being counted", "Encore en cours de calcul").to_owned()
        }
        (true, false) => {
            language.of("Nothing to compare with yet", "Rien à quoi comparer encore").to_owned()
        }
        (true, true) => change,
    }
}

/// What is told apart from the tasks that were done.
pub(super) fn apart(counts: &Counts, language: Language) -> String {
    let found_nothing = said!(
        language,
        "Nothing found in {}",
        "Rien trouvé dans {}",
        language.number(counts.deeds.empty)
    );
    let failed = said!(language, "{} failed", "{} échouées", language.number(counts.deeds.failed));
    if counts.unknown_calls == 0 {
        return format!("{found_nothing}, {failed}");
    }
    said!(
        language,
        "{found_nothing}, {failed}, {} unknown",
        "{found_nothing}, {failed}, {} d’origine inconnue",
        language.counted(counts.unknown_calls, ["call", "calls"], ["appel", "appels"])
    )
}
