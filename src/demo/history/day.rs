//! One day of one clinic.
//!
//! Owns working hours, sign-ins, errands, habits, services in the background, and the ordinary
//! noise of life. What incidents do to it is in the table of [`super::incidents`].

use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::event::{Call, End};
use super::incidents::{Moment, Trouble};
use super::samples::Wrong;
use super::{DAYS, History};
use crate::demo::cast::{Person, at};
use crate::demo::clinics::CLINICS;
use crate::demo::work::{Job, Op, Step, errand, is_sign_in, shows_office};
use crate::domain::time::Timestamp;
use crate::sim::config::Denial;
use crate::sim::world::chart::mix;

/// How busy each hour of a day is, from 7 to 18 o'clock; a sum of 100.
const HOURS: [u32; 12] = [2, 8, 12, 13, 12, 6, 10, 13, 11, 8, 4, 1];
/// How long a token is good, in seconds.
const TOKEN_LIFE_S: u64 = 3_600;

/// When a date begins in a zone.
pub(super) fn begins(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    let instant = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

/// Somebody's session: which token, until when.
struct Session {
    number: u64,
    until: Timestamp,
}

/// Who makes the calls of a session.
#[derive(Clone, Copy)]
struct Caller {
    clinic: usize,
    job: Job,
    person: Option<Person>,
    office: Option<u32>,
}

impl History {
    /// Adds the events of a clinic's day.
    pub(super) fn clinic_day(&mut self, clinic: usize, date: Date) {
        let Some(midnight) = begins(&self.zones[clinic], date) else { return };
        if CLINICS[clinic].live_days.is_none() {
            return;
        }
        let stamp = u64::from(date.day_of_year().unsigned_abs());
        let seed = mix(mix(self.seed, clinic as u64), stamp);
        let mut rng = fastrand::Rng::with_seed(seed);
        let busy = match date.weekday() {
            Weekday::Saturday => CLINICS[clinic].weekend[0],
            Weekday::Sunday => CLINICS[clinic].weekend[1],
            _ => 100,
        };
        if busy > 0 {
            for account in 0..self.world.tenants[clinic].accounts.len() {
                self.person_day(Person { clinic, account }, midnight, busy, &mut rng);
            }
        }
        self.background_day(clinic, midnight, &mut rng);
        if matches!(clinic, at::MAPLE_RIDGE | at::LAKESHORE | at::NORTH_SHORE) {
            self.portal_day(clinic, midnight, &mut rng);
        }
    }

    fn person_day(
        &mut self,
        person: Person,
        midnight: Timestamp,
        busy: u32,
        rng: &mut fastrand::Rng,
    ) {
        let world = self.world.clone();
        let tenant = &world.tenants[person.clinic];
        let account = &tenant.accounts[person.account];
        let job = Job::of(account.role);
        let habits: Vec<_> = self.habits.iter().filter(|h| h.person == person).copied().collect();
        let uses = self.uses(person, midnight) || !habits.is_empty();
        if job == Job::Background || !uses {
            return;
        }
        // One weekday in seven is off.
        if habits.is_empty() && rng.u32(..7) == 0 {
            return;
        }
        let own = match job {
            Job::Doctor => tenant.providers.get(person.account).map(|provider| provider.id),
            _ => None,
        };
        let known = tenant.patients.iter().enumerate().filter(|(_, patient)| {
            patient.office.is_none_or(|office| office == account.office)
                && own.is_none_or(|own| own == patient.provider)
        });
        let patients: Vec<usize> = known.map(|(place, _)| place).collect();
        let errands = job.errands_a_day() * busy * rng.u32(70..130) / 10_000;
        let mut plan: Vec<(u64, Vec<Step>)> = Vec::new();
        for _ in 0..errands {
            let mut steps = Vec::new();
            errand(job, &patients, CLINICS[person.clinic].habits, rng, &mut steps);
            plan.push((second_of_day(rng), steps));
        }
        for habit in habits.iter().filter(|_| busy == 100) {
            for _ in 0..habit.per_day {
                let step = Step { op: habit.op, patient: habit.patient, number: rng.u32(..) };
                plan.push((second_of_day(rng), vec![step]));
            }
        }
        plan.sort_by_key(|(second, _)| *second);
        let office = Some(account.office);
        let caller = Caller { clinic: person.clinic, job, person: Some(person), office };
        self.run(caller, midnight, plan, tenant.offices.len() > 1, rng);
    }

    /// Whether the person is among those who use the app by then.
    fn uses(&self, person: Person, midnight: Timestamp) -> bool {
        let clinic = &CLINICS[person.clinic];
        let day = midnight.since(self.from).as_secs() / 86_400;
        let days = u64::from(DAYS.unsigned_abs());
        let (then, now) = (u64::from(clinic.users_then), u64::from(clinic.users_now));
        let share = (then * days.saturating_sub(day) + now * day.min(days)) / days;
        mix(mix(self.seed, person.clinic as u64), person.account as u64) % 100 < share
    }

    fn background_day(&mut self, clinic: usize, midnight: Timestamp, rng: &mut fastrand::Rng) {
        let mut second = rng.u64(..360);
        let mut plan = Vec::new();
        while second < 86_400 {
            let mut steps = Vec::new();
            errand(Job::Background, &[0, 1, 2], CLINICS[clinic].habits, rng, &mut steps);
            plan.push((second, steps));
            second += rng.u64(300..480);
        }
        let caller = Caller { clinic, job: Job::Background, person: None, office: None };
        self.run(caller, midnight, plan, false, rng);
    }

    fn portal_day(&mut self, clinic: usize, midnight: Timestamp, rng: &mut fastrand::Rng) {
        for _ in 0..rng.u32(15..40) {
            let mut steps = Vec::new();
            errand(Job::Portal, &[], [100; 3], rng, &mut steps);
            let caller = Caller { clinic, job: Job::Portal, person: None, office: None };
            let second = rng.u64(6 * 3_600..23 * 3_600);
            self.run(caller, midnight, vec![(second, steps)], false, rng);
        }
    }

    /// Makes the calls of a plan, signing in where needed.
    fn run(
        &mut self,
        caller: Caller,
        midnight: Timestamp,
        plan: Vec<(u64, Vec<Step>)>,
        chooses_office: bool,
        rng: &mut fastrand::Rng,
    ) {
        let mut session: Option<Session> = None;
        for (second, steps) in plan {
            let mut ts =
                midnight.plus(Duration::from_micros(second * 1_000_000 + rng.u64(..1_000_000)));
            if session.as_ref().is_none_or(|session| session.until <= ts) {
                if session.is_some() && rng.u32(..30) == 0 {
                    // The app notices only by the refusal.
                    let late = session.as_ref().map(|session| session.number);
                    let op = steps.first().map_or(Op::Offices, |step| step.op);
                    self.add(caller, ts, op, None, late, Some(Wrong::Expired), rng);
                    ts = ts.plus(Duration::from_millis(rng.u64(200..900)));
                }
                self.add(caller, ts, caller.job.sign_in(), None, None, None, rng);
                self.sessions += 1;
                let until = ts.plus(Duration::from_secs(TOKEN_LIFE_S));
                session = Some(Session { number: self.sessions, until });
                ts = ts.plus(Duration::from_millis(rng.u64(250..900)));
                if chooses_office {
                    let number = Some(self.sessions);
                    self.add(caller, ts, Op::ChangeOffice, None, number, None, rng);
                    ts = ts.plus(Duration::from_millis(rng.u64(150..600)));
                }
            }
            let number = session.as_ref().map(|session| session.number);
            for step in steps {
                self.add(caller, ts, step.op, step.patient, number, None, rng);
                ts = ts.plus(Duration::from_millis(rng.u64(700..14_000)));
            }
        }
    }

    /// Adds one call, ended by an incident, by noise or well.
    #[expect(clippy::too_many_arguments, reason = "the call's parts, all of them different types")]
    fn add(
        &mut self,
        caller: Caller,
        ts: Timestamp,
        op: Op,
        patient: Option<usize>,
        session: Option<u64>,
        wrong: Option<Wrong>,
        rng: &mut fastrand::Rng,
    ) {
        if ts < self.from || ts >= self.now {
            return;
        }
        let Caller { clinic, job, person, office } = caller;
        // As the proxy knows it: from the query, or from the change of office before.
        let chosen = office.is_some() && self.world.tenants[clinic].offices.len() > 1;
        let known = shows_office(op) || chosen && !is_sign_in(op);
        let office = known.then(|| office.unwrap_or(1));
        let domain = self.maker.row(op).domain;
        let moment = Moment { ts, clinic, person, patient, op, domain };
        let hit = self.incidents.iter().find(|i| i.hits(&moment) && rng.u32(..100) < i.percent);
        let trouble = hit.map(|incident| incident.trouble);
        let end = match (trouble, wrong) {
            (Some(Trouble::Silence), _) => return,
            (Some(Trouble::TimedOut), _) => End::TimedOut,
            (Some(Trouble::Slow(factor)), _) => {
                End::Answered(self.samples.good(op, rng.u32(..)), factor)
            }
            (Some(Trouble::Answers(wrong)), _) | (None, Some(wrong)) => self.bad(clinic, op, wrong),
            (Some(Trouble::Rejected), _) if is_sign_in(op) => {
                self.bad(clinic, op, Wrong::ClientRejected)
            }
            (Some(Trouble::Rejected), _) => self.bad(clinic, op, Wrong::TokenUnknown),
            (Some(Trouble::Filtered), _) => self.filtered(clinic, op, rng),
            (None, None) => self.ordinary(clinic, op, rng),
        };
        let call = Call { ts, clinic, job, person, op, patient, office, session };
        let event = self.maker.event(&call, end, &self.world, rng);
        self.carried.push(event);
    }

    fn bad(&mut self, clinic: usize, op: Op, wrong: Wrong) -> End {
        // Signing in is not about charts.
        let about_charts = matches!(wrong, Wrong::Forbidden | Wrong::NotFound | Wrong::Expired);
        if is_sign_in(op) && about_charts {
            return End::Answered(self.samples.good(op, 0), 1.0);
        }
        let wrong = match (wrong, self.world.tenants[clinic].spec.denial) {
            (Wrong::Forbidden, Denial::Unauthorized) => Wrong::Unauthorized,
            (other, _) => other,
        };
        let factor = if wrong == Wrong::Down { 0.1 } else { 0.4 };
        End::Answered(self.samples.wrong(clinic, op, wrong), factor)
    }

    /// What somebody gets who was granted nothing here.
    fn filtered(&mut self, clinic: usize, op: Op, rng: &mut fastrand::Rng) -> End {
        match op {
            Op::DaySheet | Op::Search | Op::Providers | Op::Schedule => {
                End::Answered(self.samples.wrong(clinic, op, Wrong::Empty), 0.6)
            }
            Op::Token
            | Op::ServiceToken
            | Op::ChangeOffice
            | Op::Offices
            | Op::ApiVersion
            | Op::Register => self.ordinary(clinic, op, rng),
            _ => self.bad(clinic, op, Wrong::NotFound),
        }
    }

    /// Life as usual: nearly all is well.
    fn ordinary(&mut self, clinic: usize, op: Op, rng: &mut fastrand::Rng) -> End {
        let is_write = self.maker.row(op).mutation;
        let roll = rng.u32(..10_000);
        let wrong = match (op, roll) {
            (_, 0..8) => return End::Aborted,
            (_, 8..12) => return End::TimedOut,
            (_, 12..20) => Wrong::ServerError,
            (_, 20..24) => Wrong::Down,
            (Op::OpenChart | Op::Booking, 24..55) => Wrong::NotFound,
            (Op::OpenChart | Op::Labs, 55..63) => Wrong::Forbidden,
            (Op::Arrive | Op::Cancel | Op::Book, 63..200) => Wrong::Conflict,
            (_, 200..300) if is_write => Wrong::BadRequest,
            (Op::Search, 300..1_000) => Wrong::Empty,
            _ => return End::Answered(self.samples.good(op, rng.u32(..)), 1.0),
        };
        self.bad(clinic, op, wrong)
    }
}

/// A second of the day, drawn by how busy its hour is.
fn second_of_day(rng: &mut fastrand::Rng) -> u64 {
    let mut rest = rng.u32(..100);
    let mut hour = 7;
    for share in HOURS {
        if rest < share {
            break;
        }
        rest -= share;
        hour += 1;
    }
    hour * 3_600 + rng.u64(..3_600)
}
