//! The weekly letter about adoption: the report of a week in words that a mail program shows.
//!
//! Owns what stands in it, as text and as simple HTML. Figures, sentences and the rule for small groups are
//! the page's own. It names clinics, and no call and no person. Does not know how it is sent.

mod html;
mod text;

use crate::domain::adoption::{Gates, Standing, Week};
use crate::domain::labels::Environment;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::pages::adoption::lists::in_the_way;
use crate::ops::pages::adoption::view::{Kpi, complete, four, heading, stretch};
use crate::ops::report::load::load;
use crate::ops::report::{ClinicReport, Report, staff_of};
use crate::ops::words::adoption::{first_time, phase, stuck};
use crate::ops::words::numbers::count;
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
}

/// The letter about a week.
///
/// # Errors
///
/// [`StoreError`] where the figures cannot be read.
pub async fn letter(
    store: &Scoped,
    registry: &Registry,
    gates: &Gates,
    week: Week,
    origin: Origin<'_>,
    now: Timestamp,
) -> Result<Letter, StoreError> {
    let report = load(store, registry, gates, week, None, now).await?;
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

const PROMISE: &str = "Staff are counted, never named or ranked; groups under five are not shown. No single \
    call and no patient stands in this letter.";

fn write(report: &Report, origin: Origin<'_>) -> Letter {
    let said = said(report, origin);
    let sandbox = if said.sandbox { "[Sandbox] " } else { "" };
    Letter {
        subject: format!("{sandbox}accuscope: {}", said.heading),
        text: text::write(&said),
        html: html::write(&said).into_string(),
    }
}

fn said(report: &Report, origin: Origin<'_>) -> Said {
    let year = report.week.last().year();
    let stuck_one = |clinic: &ClinicReport| match clinic.standing {
        Standing::Stuck(why) => {
            let way = in_the_way(clinic);
            let way =
                if way.is_empty() { way } else { format!(" In the way: {}.", way.to_lowercase()) };
            Some(format!("{} {}{way}", clinic.clinic.name, stuck(why, year)))
        }
        _ => None,
    };
    let ready_one = |clinic: &ClinicReport| match clinic.standing {
        Standing::Ready { next } => {
            Some(format!("{} is ready to move up to {}.", clinic.clinic.name, phase(next)))
        }
        _ => None,
    };
    let more = report.clinics.len().saturating_sub(MOST);
    Said {
        heading: heading(report),
        stretch: stretch(report.week),
        complete: complete(report),
        figures: four(report),
        stuck: report.clinics.iter().filter_map(stuck_one).take(MOST).collect(),
        ready: report.clinics.iter().filter_map(ready_one).take(MOST).collect(),
        lines: report.clinics.iter().take(MOST).map(line).collect(),
        more: more as u64,
        page: origin
            .site
            .map(|site| format!("{}/adoption?week={}", site.trim_end_matches('/'), report.week)),
        sandbox: origin.environment == Environment::Sandbox,
    }
}

fn line(clinic: &ClinicReport) -> Line {
    let invited = clinic.clinic.rollout.invited_staff;
    let staff = staff_of(clinic).map(|staff| match invited {
        Some(invited) => format!("{} of {}", count(staff), count(invited)),
        None => count(staff),
    });
    let few = || "fewer than 5".to_owned();
    let worked = match (clinic.week().deeds.ended(), crate::ops::report::shows(clinic)) {
        (0, _) => "no tasks".to_owned(),
        (_, true) => first_time(&clinic.week()),
        (_, false) => few(),
    };
    Line {
        clinic: clinic.clinic.name.clone(),
        phase: phase(clinic.clinic.phase),
        staff: staff.unwrap_or_else(few),
        first_time: worked,
    }
}

#[cfg(test)]
mod tests;
