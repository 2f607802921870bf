//! The weekly letter about adoption: the report of a week in words that a mail program shows.
//!
//! Owns what stands in it, as text and as simple HTML. Figures, sentences and the rule for small groups are
//! the page's own. It names clinics, and no call and no person. Does not know how it is sent.

mod html;
mod text;

use crate::domain::adoption::{Goals, Standing, Week};
use crate::domain::labels::Environment;
use crate::domain::refusal_words;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::pages::adoption::figures::{Kpi, four};
use crate::ops::pages::adoption::lists::in_the_way;
use crate::ops::pages::adoption::view::{complete, heading, stretch};
use crate::ops::report::load::load;
use crate::ops::report::{ClinicReport, Report};
use crate::ops::words::adoption::{first_time, stuck};
use crate::ops::words::health::phase;
use crate::ops::words::language::{Language, said};
use crate::store::{Scoped, StoreError};

/// Most clinics of the list; the page has them all.
const MOST: usize = 100;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it is about, on one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Where the letter is from, and what it leads to.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'o> {
    /// Which Accuro.
    pub environment: Environment,
    /// This site as its readers reach it.
    pub site: Option<&'o str>,
    /// What its readers read.
    pub language: refusal_words::Language,
}

/// The letter about a week.
///
/// # Errors
///
/// [`StoreError`] where the figures cannot be read.
pub async fn letter(
    store: &Scoped,
    registry: &Registry,
    goals: &Goals,
    week: Week,
    origin: Origin<'_>,
    now: Timestamp,
) -> Result<Letter, StoreError> {
    let report = load(store, registry, goals, week, (None, MOST), now).await?;
    Ok(write(&report, origin))
}

/// One line of the list of clinics.
struct Line {
    clinic: String,
    phase: &'static str,
    staff: String,
    first_time: String,
}

/// What the letter says, before it has a form.
struct Said {
    language: Language,
    heading: String,
    stretch: String,
    complete: String,
    figures: [Kpi; 4],
    stuck: Vec<String>,
    ready: Vec<String>,
    lines: Vec<Line>,
    more: u64,
    page: Option<String>,
    sandbox: bool,
}

const fn promise(language: Language) -> &'static str {
    language.of(
        "Staff are counted, never named or ranked; groups under five are not shown. No single \
         call and no patient stands in this letter.",
        "Le personnel est compté, jamais nommé ni classé; les groupes de moins de cinq ne sont pas montrés. Aucun \
         appel et aucun patient ne figure dans cette lettre.",
    )
}

fn write(report: &Report, origin: Origin<'_>) -> Letter {
    let said = said(report, origin);
    let sandbox = if said.sandbox { said.language.of("[Sandbox] ", "[Bac à sable] ") } else { "" };
    Letter {
        subject: said!(
            said.language,
            "{sandbox}accuscope: {heading}",
            "{sandbox}accuscope : {heading}",
            heading = said.heading
        ),
        text: text::write(&said),
        html: html::write(&said).into_string(),
    }
}

fn said(report: &Report, origin: Origin<'_>) -> Said {
    let language = Language::from(origin.language);
    let year = report.week.last().year();
    let stuck_one = |clinic: &ClinicReport| match clinic.standing {
        Standing::Stuck(why) => {
            let way = in_the_way(clinic, language);
            let way = if way.is_empty() {
                way
            } else {
                said!(language, " In the way: {}.", " Ce qui gêne : {}.", way.to_lowercase())
            };
            Some(format!("{} {}{way}", clinic.clinic.name, stuck(why, year, language)))
        }
        _ => None,
    };
    let ready_one = |clinic: &ClinicReport| match clinic.standing {
        Standing::Ready { next } => {
            let (name, phase) = (&clinic.clinic.name, phase(next, language));
            Some(said!(
                language,
                "{name} is ready to move up to {phase}.",
                "{name} est prête à passer à la phase {phase}."
            ))
        }
        _ => None,
    };
    let more = report.clinics.len().saturating_sub(MOST);
    Said {
        language,
        heading: heading(report, language),
        stretch: stretch(report.week, language),
        complete: complete(report, language),
        figures: four(report, language),
        stuck: report.clinics.iter().filter_map(stuck_one).take(MOST).collect(),
        ready: report.clinics.iter().filter_map(ready_one).take(MOST).collect(),
        lines: report.clinics.iter().take(MOST).map(|clinic| line(clinic, language)).collect(),
        more: more as u64,
        page: origin
            .site
            .map(|site| format!("{}/adoption?week={}", site.trim_end_matches('/'), report.week)),
        sandbox: origin.environment == Environment::Sandbox,
    }
}

fn line(clinic: &ClinicReport, language: Language) -> Line {
    let invited = clinic.clinic.rollout.invited_staff;
    let staff = clinic.staff(0).map(|staff| match invited {
        Some(invited) => said!(
            language,
            "{} of {}",
            "{} sur {}",
            language.number(staff),
            language.number(invited)
        ),
        None => language.number(staff),
    });
    let few = || language.of("fewer than 5", "moins de 5").to_owned();
    let worked = match (clinic.week().deeds.ended(), clinic.shows(0)) {
        (0, _) => language.of("no tasks", "aucune tâche").to_owned(),
        (_, true) => first_time(&clinic.week(), language),
        (_, false) => few(),
    };
    Line {
        clinic: clinic.clinic.name.clone(),
        phase: phase(clinic.clinic.phase, language),
        staff: staff.unwrap_or_else(few),
        first_time: worked,
    }
}

#[cfg(test)]
mod tests;
