//! What went wrong in the fortnight: a table of incidents, in time and in words.
//!
//! Owns when, whom and how. The persistent ones go on in the simulator when the demo begins. Does
//! not make events.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::samples::Wrong;
use crate::demo::cast::{Cast, Chart, Person, at};
use crate::demo::work::Op;
use crate::domain::labels::WorkflowDomain;
use crate::domain::time::Timestamp;

/// How calls of an incident end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    /// Accuro answers that.
    Answers(Wrong),
    /// Accuro takes so many times as long.
    Slow(f64),
    /// No answer in time.
    TimedOut,
    /// Nothing is known of a token: sign-ins are refused, and so is everything else.
    Rejected,
    /// Lists are empty.
    Filtered,
    /// Nobody calls.
    Silence,
}

/// One incident of the past.
#[derive(Clone, Debug)]
pub struct Incident {
    /// When it began.
    pub since: Timestamp,
    /// When it ended; after the history if it goes on.
    pub until: Timestamp,
    /// What happened, in plain words.
    pub words: &'static str,
    pub(super) clinic: Option<usize>,
    pub(super) person: Option<Person>,
    pub(super) chart: Option<Chart>,
    pub(super) only: Only,
    pub(super) trouble: Trouble,
    /// The share of those calls that it hits, in percent.
    pub(super) percent: u32,
}

/// Which operations an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    Anything,
    Operation(Op),
    Section(WorkflowDomain),
}

/// A call, as an incident looks at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) ts: Timestamp,
    pub(super) clinic: usize,
    pub(super) person: Option<Person>,
    pub(super) patient: Option<usize>,
    pub(super) op: Op,
    pub(super) domain: WorkflowDomain,
}

impl Incident {
    /// Something that hit every call of everybody for so many minutes.
    fn new(since: Timestamp, minutes: u64, words: &'static str, trouble: Trouble) -> Self {
        let until = since.plus(Duration::from_secs(minutes * 60));
        let (clinic, person, chart) = (None, None, None);
        let only = Only::Anything;
        Self { since, until, words, clinic, person, chart, only, trouble, percent: 100 }
    }

    fn at(self, clinic: usize) -> Self {
        Self { clinic: Some(clinic), ..self }
    }

    fn of(self, person: Person) -> Self {
        Self { person: Some(person), ..self }
    }

    fn about(self, chart: Chart) -> Self {
        Self { chart: Some(chart), ..self }
    }

    fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }

    fn percent(self, percent: u32) -> Self {
        Self { percent, ..self }
    }

    pub(super) fn hits(&self, moment: &Moment) -> bool {
        let chart =
            |chart: Chart| chart.clinic == moment.clinic && moment.patient == Some(chart.patient);
        self.since <= moment.ts
            && moment.ts < self.until
            && self.clinic.is_none_or(|clinic| clinic == moment.clinic)
            && self.person.is_none_or(|person| moment.person == Some(person))
            && self.chart.is_none_or(chart)
            && match self.only {
                Only::Anything => true,
                Only::Operation(op) => op == moment.op,
                Only::Section(domain) => domain == moment.domain,
            }
    }
}

/// The incidents before `now`, oldest first.
pub(super) fn incidents(cast: &Cast, now: Timestamp) -> Vec<Incident> {
    let mut all = for_every_clinic(now);
    all.extend(for_some(cast, now));
    all.sort_by_key(|incident| incident.since);
    all
}

fn for_every_clinic(now: Timestamp) -> Vec<Incident> {
    use Trouble::{Answers, Silence, Slow, TimedOut};
    let at = |days, hour, minute| working_time(now, days, hour, minute);
    vec![
        Incident::new(at(12, 17, 30), 35, "Accuro was slow for every clinic.", Slow(7.0))
            .percent(90),
        Incident::new(at(12, 17, 35), 25, "Some calls to slow Accuro were not answered.", TimedOut)
            .percent(40),
        Incident::new(
            at(10, 8, 10),
            45,
            "accuscope recorded nothing, its host was moved.",
            Silence,
        ),
        Incident::new(at(9, 19, 5), 22, "Accuro was down for every clinic.", Answers(Wrong::Down))
            .percent(96),
        Incident::new(
            at(8, 16, 0),
            150,
            "A release of the intake tablet sent new charts that Accuro refused.",
            Answers(Wrong::BadRequest),
        )
        .only(Only::Operation(Op::Register)),
        Incident::new(
            at(7, 21, 10),
            40,
            "Accuro answered with its maintenance page.",
            Answers(Wrong::Maintenance),
        )
        .percent(85),
    ]
}

fn for_some(cast: &Cast, now: Timestamp) -> Vec<Incident> {
    use Trouble::{Answers, Filtered, Rejected};
    let at = |days, hour, minute| working_time(now, days, hour, minute);
    // Those that go on are written with the minutes until long after now.
    let on = 60 * 24 * 365;
    vec![
        Incident::new(
            at(6, 16, 40),
            140,
            "Foothills: Accuro rejected the connection until the credentials were renewed.",
            Rejected,
        )
        .at(at::FOOTHILLS),
        Incident::new(
            at(6, 13, 0),
            on,
            "Cedar Street: charts are refused since permissions changed; people stopped using the app.",
            Answers(Wrong::Forbidden),
        )
        .at(at::CEDAR_STREET)
        .only(Only::Section(WorkflowDomain::Patients))
        .percent(45),
        Incident::new(
            at(5, 18, 20),
            on,
            "Lakeshore: one chart is masked for one physician.",
            Answers(Wrong::Forbidden),
        )
        .of(cast.refused)
        .about(cast.masked),
        Incident::new(
            at(4, 15, 30),
            on,
            "Riverbend: one nurse lacks the labs.",
            Answers(Wrong::Forbidden),
        )
        .of(cast.lacking)
        .only(Only::Section(WorkflowDomain::Labs)),
        Incident::new(
            at(3, 14, 45),
            on,
            "North Shore: one nurse sees empty lists, no provider is granted.",
            Filtered,
        )
        .of(cast.filtered),
        Incident::new(
            at(3, 17, 0),
            on,
            "Prairie Rose: a chart was merged, the app kept the old number.",
            Answers(Wrong::NotFound),
        )
        .about(cast.merged),
        Incident::new(
            at(2, 17, 40),
            70,
            "Maple Ridge: one nurse worked in the wrong office.",
            Filtered,
        )
        .of(cast.misplaced),
        Incident::new(
            at(2, 18, 30),
            55,
            "Foothills: one session had expired and was not renewed.",
            Answers(Wrong::Expired),
        )
        .of(cast.expired)
        .percent(92),
        Incident::new(
            at(1, 16, 15),
            50,
            "Riverbend: Accuro failed for this clinic only.",
            Answers(Wrong::ServerError),
        )
        .at(at::RIVERBEND)
        .percent(60),
        Incident::new(
            at(1, 19, 0),
            45,
            "Harbour View: bookings were being edited elsewhere.",
            Answers(Wrong::Conflict),
        )
        .at(at::HARBOUR_VIEW)
        .only(Only::Operation(Op::Arrive))
        .percent(55),
    ]
}

/// A time of day, in UTC, so many days ago or on the weekday before that. Between 16 and 21 o'clock
/// every clinic is open.
fn working_time(now: Timestamp, days: i64, hour: i8, minute: i8) -> Timestamp {
    let today = TimeZone::UTC.to_datetime(now.to_jiff()).date();
    let mut date = today.saturating_sub(days.days());
    while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        date = date.saturating_sub(1.days());
    }
    let instant = TimeZone::UTC.to_timestamp(date.at(hour, minute, 0, 0));
    instant.map_or(now, |instant| Timestamp::from_micros(instant.as_microsecond()))
}
