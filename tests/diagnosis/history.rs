//! From a scenario to its history: the events that accuscope would have recorded.
//!
//! Owns the order of things for each call: sign in where needed, ask what the faults do to it, let
//! life's sporadic failures happen, try again as apps do. Every number grows from the scenario's
//! name, so a scenario is the same history every time.

use std::collections::HashMap;

use accuscope::domain::catalogue::TOKEN_OPERATION;
use accuscope::domain::event::Exchange;
use accuscope::domain::ids::EventId;
use accuscope::domain::labels::Category;
use accuscope::domain::time::Timestamp;

use crate::answer::Answer;
use crate::event::{Maker, Token};
use crate::plan::{MINUTE_US, Planned, plan};
use crate::scenario::{Rule, Scenario};
use crate::world::{SUBJECT, SUBJECT_PATIENT, Who};

/// How long a token lives.
const TOKEN_LIFE_US: i64 = 60 * MINUTE_US;

/// The events of a scenario, and what the generator knows about them.
pub(crate) struct History {
    /// In the order of their time stamps.
    pub(crate) events: Vec<Exchange>,
    /// The time that the ticket names.
    pub(crate) at: Timestamp,
    /// When the question is asked: the records end here.
    pub(crate) now: Timestamp,
    /// The ticket's calls, in order.
    pub(crate) ticket: Vec<EventId>,
    /// The calls that the scenario's own fault hit, in order.
    pub(crate) hit: Vec<EventId>,
}

impl History {
    /// An event by its id.
    pub(crate) fn event(&self, id: EventId) -> &Exchange {
        self.events.iter().find(|event| event.id == id).unwrap()
    }
}

/// Somebody's token.
#[derive(Clone, Copy)]
struct Session {
    number: u64,
    until_us: i64,
    /// It was refused, and whoever has it knows.
    dead: bool,
}

struct Player<'s> {
    scenario: &'s Scenario,
    maker: Maker,
    rng: fastrand::Rng,
    sessions: HashMap<(usize, Who), Session>,
    issued: u64,
    made: Vec<Exchange>,
    ticket: Vec<EventId>,
    hit: Vec<EventId>,
}

/// Grows the history of a scenario.
pub(crate) fn grow(scenario: &Scenario) -> History {
    let mut rng = fastrand::Rng::with_seed(scenario.seed());
    // Some afternoon of a week, Vancouver time.
    let at = Timestamp::parse("2026-11-17T18:00:00Z").unwrap();
    let at = Timestamp::from_seconds(at.seconds() + rng.i64(0..7) * 86_400 + rng.i64(0..18_000));
    let planned = plan(scenario, &mut rng);
    let mut player = Player {
        scenario,
        maker: Maker::new(scenario, at),
        rng,
        sessions: HashMap::new(),
        issued: 0,
        made: Vec::new(),
        ticket: Vec::new(),
        hit: Vec::new(),
    };
    for call in &planned {
        player.play(call);
    }
    let Player { mut made, ticket, hit, .. } = player;
    made.sort_by_key(|event| (event.ts, event.id));
    let now = Timestamp::from_micros(at.micros() + scenario.after * MINUTE_US);
    let now = made.last().map_or(now, |last| now.max(last.ts));
    History { events: made, at, now, ticket, hit }
}

impl Player<'_> {
    fn play(&mut self, call: &Planned) {
        let Some(token) = self.token_for(call) else { return };
        let answer = self.answer(call, token);
        self.add(call, token, answer);
        let again = answer.is_some_and(|(answer, _)| {
            answer.ending.category() == Some(Category::Transient) && answer.status != 429
        });
        if again && !call.named && self.rng.bool() {
            let later =
                Planned { at_us: call.at_us + self.rng.i64(900_000..4_000_000), ..call.clone() };
            let answer = self.answer(&later, token);
            self.add(&later, token, answer);
        }
    }

    /// The token that a call carries, after signing in where that is needed; `None` where the call
    /// is not made for want of one.
    fn token_for(&mut self, call: &Planned) -> Option<Token> {
        let key = (call.clinic, call.who);
        let held = self.sessions.get(&key).copied();
        let keeps = self.active(call).any(|(_, rule)| rule.keeps_token);
        if keeps {
            let held = held.unwrap_or_else(|| self.issue(call.at_us));
            self.sessions.insert(key, Session { dead: true, ..held });
            return Some(Token::of(held.number));
        }
        // Who was at work before the records begin has a token already.
        let begin_us = -self.scenario.before * MINUTE_US;
        if held.is_none() && call.at_us < begin_us + TOKEN_LIFE_US {
            let mut session = self.issue(call.at_us);
            session.until_us = begin_us + self.rng.i64(0..TOKEN_LIFE_US);
            if session.until_us > call.at_us {
                self.sessions.insert(key, session);
                return Some(Token::of(session.number));
            }
        }
        if let Some(held) = held.filter(|held| !held.dead && held.until_us > call.at_us) {
            return Some(Token::of(held.number));
        }
        if let Some(held) = held.filter(|held| !held.dead && !call.named && held.number % 25 == 0) {
            // The app notices only by the refusal.
            let token = Token { number: held.number, expired: true, lost_by: None };
            let late = Planned { at_us: call.at_us - 1_600_000, ticket: false, ..call.clone() };
            let answer = self.answer(&late, token);
            self.add(&late, token, answer);
        }
        let sign_in = Planned {
            at_us: call.at_us - self.rng.i64(300_000..1_200_000),
            operation: TOKEN_OPERATION.to_owned(),
            patient: None,
            office: None,
            answer: None,
            ..call.clone()
        };
        let no_token = Token::of(0);
        let answer = self.answer(&sign_in, no_token);
        let granted = answer.is_none_or(|(answer, _)| answer.is_good());
        // What the ticket is about is the call, unless it never came to that.
        let shown = Planned { ticket: sign_in.ticket && !granted, ..sign_in };
        self.add(&shown, no_token, answer);
        if granted {
            let session = self.issue(call.at_us);
            self.sessions.insert(key, session);
            return Some(Token::of(session.number));
        }
        // What the old token is refused is the work of whatever refused the new one.
        let lost_by = answer.and_then(|(_, rule)| rule);
        held.map(|held| Token { number: held.number, expired: true, lost_by })
    }

    fn issue(&mut self, at_us: i64) -> Session {
        self.issued += 1;
        Session { number: self.issued, until_us: at_us + TOKEN_LIFE_US, dead: false }
    }

    /// How a call ends, and which rule made it so; `None` where it was not recorded.
    fn answer(&mut self, call: &Planned, token: Token) -> Option<(Answer, Option<usize>)> {
        let denial = self.scenario.denial;
        if let Some(name) = &call.answer {
            let name = if name == "fault" { &self.scenario.answer } else { name };
            let answer = Answer::named(name, denial)?;
            return Some((answer, (!answer.is_good()).then_some(0)));
        }
        let hits: Vec<(usize, String, f64)> = self
            .active(call)
            .map(|(at, rule)| (at, rule.answer.clone(), rule.share.unwrap_or(self.scenario.share)))
            .collect();
        for (at, name, share) in hits {
            if self.rng.f64() >= share {
                continue;
            }
            let name = if name == "fault" { self.scenario.answer.clone() } else { name };
            let sign_in = call.operation == TOKEN_OPERATION;
            let name =
                if sign_in && name == "denied" { "client_rejected".to_owned() } else { name };
            return Answer::named(&name, denial).map(|answer| (answer, Some(at)));
        }
        if token.expired {
            return Answer::named("token_expired", 401).map(|answer| (answer, token.lost_by));
        }
        Some((self.ordinary(call), None))
    }

    /// The rules that are met by a call now.
    fn active(&self, call: &Planned) -> impl Iterator<Item = (usize, &Rule)> {
        let scenario = self.scenario;
        let call = call.clone();
        let minutes = |time: &Option<crate::scenario::Minute>, usual: i64| {
            time.as_ref().map_or(usual, |time| scenario.minute(time)) * MINUTE_US
        };
        let end = scenario.end.unwrap_or(scenario.after + 1);
        let domain = self.maker.domain(&call.operation);
        scenario.rules.iter().enumerate().filter(move |(_, rule)| {
            (minutes(&rule.from, -scenario.start)..minutes(&rule.to, end)).contains(&call.at_us)
                && meets(rule, &call, domain)
        })
    }

    /// Life as usual: nearly all is well.
    fn ordinary(&mut self, call: &Planned) -> Answer {
        let endpoint = self.maker.endpoint(&call.operation);
        let (list, write) = (endpoint.list, endpoint.mutation);
        let usually_empty = match call.operation.as_str() {
            "patient.search" => self.rng.u32(..100) < 8,
            "patient.public_search" => self.rng.u32(..100) < 5,
            _ if list && endpoint.route.as_str().contains("{patientId}") => {
                // A patient without letters has none the next time either.
                let salt = call.operation.len() as u64;
                let patient = u64::from(call.patient.unwrap_or(0)) * 31 + call.clinic as u64;
                (patient + salt * 7).is_multiple_of(5)
            }
            _ => false,
        };
        let name = if call.named || call.operation == TOKEN_OPERATION {
            "ok"
        } else if self.rng.u32(..1_000) < self.scenario.noise {
            match self.rng.u32(..10) {
                0 => "http_500",
                1 => "http_503",
                2 => "timeout",
                3 | 4 => "aborted",
                5 => "forbidden",
                _ if write && self.rng.bool() => "conflict",
                _ if write => "bad_request",
                _ if !list => "not_found",
                6 => "http_502",
                _ => "ok",
            }
        } else if usually_empty {
            "empty"
        } else {
            "ok"
        };
        Answer::named(name, 403).unwrap()
    }

    fn add(&mut self, call: &Planned, token: Token, answer: Option<(Answer, Option<usize>)>) {
        let Some((answer, rule)) = answer else { return };
        let event = self.maker.event(self.scenario, call, token, answer, &mut self.rng);
        if call.ticket {
            self.ticket.push(event.id);
        }
        if rule.is_some_and(|rule| rule < self.scenario.own_rules || call.answer.is_some()) {
            self.hit.push(event.id);
        }
        self.made.push(event);
    }
}

fn meets(rule: &Rule, call: &Planned, domain: &str) -> bool {
    let sign_in = call.operation == TOKEN_OPERATION;
    let named = rule.operations.contains(&call.operation);
    let clinic = match rule.clinic.as_str() {
        "subject" => call.clinic == 0,
        "second" => call.clinic == 1,
        "others" => call.clinic > 0,
        "all" => true,
        other => panic!("no such clinic: {other}"),
    };
    let app = match rule.app.as_deref() {
        None => true,
        Some("subject") => call.who.app() == SUBJECT.app(),
        Some(app) => call.who.app() == app,
    };
    let actor = match rule.actor.as_deref() {
        None => true,
        Some("subject") => call.who == SUBJECT,
        Some("colleagues") => matches!(call.who, Who::Person(number) if number > 0),
        Some("service") => call.who == Who::Service,
        Some(other) => panic!("no such actor: {other}"),
    };
    let patient = match rule.patient.as_deref() {
        None => true,
        Some("subject") => call.patient == Some(SUBJECT_PATIENT),
        Some("others") => call.patient.is_some_and(|patient| patient != SUBJECT_PATIENT),
        Some(other) => panic!("no such patient: {other}"),
    };
    let office = rule.office.is_none_or(|office| call.office == Some(office));
    let operation = if sign_in {
        rule.grants || named
    } else {
        (rule.operations.is_empty() || named)
            && (rule.domains.is_empty() || rule.domains.iter().any(|name| name == domain))
    };
    clinic && app && actor && operation && (sign_in || (patient && office))
}
