//! What Accuro would have answered: statuses, counts, structures, error signatures.
//!
//! Owns a collection of answers of the simulator, asked once each and judged by the same rules as
//! live calls, so that a history looks like what the proxy will record from now on. Does not decide
//! when what is answered.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::demo::clinics::CLINICS;
use crate::demo::request::{Outgoing, Place, request};
use crate::demo::work::{Op, Step, is_sign_in, shows_patient};
use crate::domain::catalogue::{Answer, Endpoint as Row};
use crate::domain::classify::{
    Accepts, Answered, Asked, BodySeen, Endpoint, Media, Reply, Token, judge, result_count,
};
use crate::domain::digest::{Digest, Structure};
use crate::domain::error_body::ErrorSeen;
use crate::domain::labels::Context;
use crate::domain::probe::{JsonProbe, JsonSeen};
use crate::domain::reason::Ending;
use crate::sim::world::{Role, Tenant};
use crate::sim::{Holder, Rehearsal, Rehearsed};

/// Good answers that are kept of each operation.
const KEPT: u32 = 12;

/// One answer, as an event knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) status: u16,
    pub(super) ending: Ending,
    pub(super) count: Option<u32>,
    pub(super) structure: Option<Structure>,
    pub(super) signature: Option<Digest>,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
}

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wrong {
    /// 403 for this person.
    Forbidden,
    /// 401 for this person, whose token is alive.
    Unauthorized,
    /// 404.
    NotFound,
    /// 400.
    BadRequest,
    /// 409.
    Conflict,
    /// 401, too old.
    Expired,
    /// 401, nobody knows the token.
    TokenUnknown,
    /// The token endpoint does not know the client.
    ClientRejected,
    /// A balancer's 503.
    Down,
    /// 500.
    ServerError,
    /// A page instead of data.
    Maintenance,
    /// An empty list.
    Empty,
}

/// The answers, collected as they are asked for.
pub(super) struct Samples {
    rehearsal: Rehearsal,
    seed: u64,
    today: Date,
    rows: Vec<Row>,
    good: Vec<Vec<Sample>>,
    wrong: HashMap<(usize, usize, Wrong), Sample>,
}

impl Samples {
    /// `rows` are the catalogue's endpoints of [`Op::ALL`], in its order.
    pub(super) fn new(rehearsal: Rehearsal, seed: u64, today: Date, rows: Vec<Row>) -> Self {
        let good = vec![Vec::new(); Op::ALL.len()];
        Self { rehearsal, seed, today, rows, good, wrong: HashMap::new() }
    }

    /// A good answer, the drawn one of those that were collected.
    pub(super) fn good(&mut self, op: Op, number: u32) -> Sample {
        let at = op as usize;
        if self.good[at].is_empty() {
            let mut samples: Vec<Sample> =
                (0..KEPT).map(|n| self.ask(0, op, n * 7 + 3, &[])).collect();
            let works = |sample: &Sample| matches!(sample.ending, Ending::Ok | Ending::Empty);
            if samples.iter().any(works) {
                samples.retain(works);
            }
            self.good[at] = samples;
        }
        self.good[at][number as usize % self.good[at].len()]
    }

    /// A bad answer at a clinic.
    pub(super) fn wrong(&mut self, clinic: usize, op: Op, wrong: Wrong) -> Sample {
        let key = (clinic, op as usize, wrong);
        if let Some(sample) = self.wrong.get(&key) {
            return *sample;
        }
        let row = &self.rows[op as usize];
        let acronym = CLINICS[clinic].acronym;
        let tenant = &self.rehearsal.world().tenants[clinic];
        let account = &tenant.accounts[account_for(tenant, row.context)];
        let user = account.login.clone();
        let patient = tenant.patients[patient_for(3, tenant, account.office)].id;
        let fault = |status: u16, body: &str| json!({"do": "fault", "effect": {"kind": "status", "status": status, "body": body}});
        let deny = |how: &str| {
            json!({"do": "deny_section", "tenant": acronym, "section": row.domain.as_str(),
                "user": user, "how": how})
        };
        let orders: Vec<Value> = match wrong {
            Wrong::Forbidden => vec![deny("forbidden")],
            Wrong::Unauthorized => vec![deny("unauthorized")],
            Wrong::NotFound if shows_patient(op) => {
                vec![json!({"do": "mask", "tenant": acronym, "patient": patient, "how": "hidden"})]
            }
            Wrong::NotFound => vec![fault(404, "json")],
            Wrong::BadRequest => vec![fault(400, "json")],
            Wrong::Conflict => vec![fault(409, "json")],
            Wrong::Expired => vec![fault(401, "expired")],
            Wrong::TokenUnknown => vec![json!({"do": "revoke_tokens"})],
            Wrong::ClientRejected => vec![json!({"do": "revoke_client", "tenant": acronym})],
            Wrong::Down => vec![fault(503, "html")],
            Wrong::ServerError => vec![fault(500, "spring")],
            Wrong::Maintenance => {
                vec![json!({"do": "fault", "effect": {"kind": "html_page"}})]
            }
            Wrong::Empty => {
                vec![json!({"do": "grant", "tenant": acronym, "user": user, "providers": []})]
            }
        };
        let sample = self.ask(clinic, op, 3, &orders);
        self.wrong.insert(key, sample);
        sample
    }

    /// Asks the simulator, under orders that are taken back afterwards.
    fn ask(&mut self, clinic: usize, op: Op, number: u32, orders: &[Value]) -> Sample {
        let row = self.rows[op as usize].clone();
        let tenant = &self.rehearsal.world().tenants[clinic];
        let account = account_for(tenant, row.context);
        let patient = patient_for(number as usize, tenant, tenant.accounts[account].office);
        let (holder, context) = match row.context {
            Some(Context::Patient) => (Holder::Patient(patient), Context::Patient),
            Some(Context::Client) => (Holder::Account(account), Context::Client),
            _ => (Holder::Account(account), Context::Provider),
        };
        let office = tenant.accounts[account].office;
        let step = Step { op, patient: Some(patient), number };
        let place = Place { seed: self.seed, tenant, office, today: self.today };
        let mut outgoing = request(step, place);
        if is_sign_in(op) {
            let client = &tenant.accounts[tenant.accounts.len() - 1];
            let person = &tenant.accounts[account];
            let grant = match op {
                Op::ServiceToken => "grant_type=client_credentials".to_owned(),
                _ => format!(
                    "grant_type=password&username={}&password={}",
                    person.login, person.password
                ),
            };
            let form =
                format!("{grant}&client_id={}&client_secret={}", client.login, client.password);
            let kind = "application/x-www-form-urlencoded";
            outgoing.body = Some((kind, Bytes::from(form)));
        }
        let token = self.rehearsal.token(clinic, holder, context);
        for order in orders {
            // An order that the simulator does not take leaves a good answer; a test would see it.
            drop(self.rehearsal.order(order));
        }
        let Outgoing { method, target, body } = outgoing;
        let bytes_in = body.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64);
        let token = (!is_sign_in(op)).then_some(token.as_str());
        let answer = self.rehearsal.call(method.as_str(), &target, token, body);
        if !orders.is_empty() {
            self.rehearsal.reset();
        }
        let nothing = Rehearsed { status: 404, content_type: None, challenge: None, body: vec![] };
        judged(&row, &answer.unwrap_or(nothing), bytes_in)
    }
}

/// A patient whom the office knows, the drawn one.
fn patient_for(number: usize, tenant: &Tenant, office: u32) -> usize {
    let from = number % tenant.patients.len().max(1);
    let known =
        |at: &usize| tenant.patients.get(*at).is_some_and(|p| p.office.is_none_or(|o| o == office));
    (from..tenant.patients.len()).find(known).unwrap_or(0)
}

/// An account whose token fits the endpoint.
fn account_for(tenant: &Tenant, context: Option<Context>) -> usize {
    let role = match context {
        Some(Context::Client | Context::Patient) => Role::Client,
        _ => Role::Physician,
    };
    tenant.accounts.iter().position(|account| account.role == role).unwrap_or(0)
}

/// Reads an answer as the proxy does.
fn judged(row: &Row, answer: &Rehearsed, bytes_in: u64) -> Sample {
    let is_json = answer.content_type.is_some_and(|kind| kind.starts_with("application/json"));
    let media = match answer.content_type {
        None => Media::Absent,
        Some(_) if is_json => Media::Json,
        Some(kind) if kind.starts_with("text/html") => Media::Html,
        Some(_) => Media::Other,
    };
    let body = match (answer.body.is_empty(), is_json) {
        (true, _) => BodySeen::Nothing,
        (false, false) => BodySeen::Opaque,
        (false, true) => {
            let mut probe = JsonProbe::default();
            probe.feed(&answer.body);
            BodySeen::Json(probe.finish())
        }
    };
    let is_error = answer.status >= 400;
    let challenges = answer.challenge.iter().map(String::as_bytes);
    let error =
        if is_error { ErrorSeen::read(&answer.body, challenges) } else { ErrorSeen::default() };
    let asked = Asked {
        endpoint: if row.operation.as_str() == Op::Token.operation() {
            Endpoint::Token
        } else {
            Endpoint::Data
        },
        list: row.list,
        read: !row.mutation,
        answer: Some(row.answer),
        accepts: if row.answer == Answer::Json { Accepts::Json } else { Accepts::Anything },
        token: Token::Sent,
    };
    let answered = Answered { status: answer.status, media, leads_to_sign_in: false, body, error };
    let structure = match body {
        BodySeen::Json(JsonSeen::Value { structure, .. }) if !is_error => Some(structure),
        _ => None,
    };
    Sample {
        status: answer.status,
        ending: judge(asked, Reply::Answered(answered)),
        count: result_count(asked, answered).and_then(|count| u32::try_from(count).ok()),
        structure,
        signature: error.signature,
        bytes_in,
        bytes_out: answer.body.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::clinics::sim_config;
    use crate::demo::history::rows;
    use crate::domain::labels::Outcome;
    use crate::domain::reason::Reason;
    use crate::domain::time::Timestamp;
    use jiff::civil::date;

    fn samples() -> Samples {
        let now = Timestamp::from_seconds(1_795_540_320);
        let rehearsal = Rehearsal::new(sim_config(7), now).unwrap();
        Samples::new(rehearsal, 7, date(2026, 11, 24), rows().unwrap())
    }

    #[test]
    fn every_operation_has_good_answers() {
        let mut samples = samples();
        for op in Op::ALL {
            for number in 0..KEPT {
                let sample = samples.good(*op, number);
                let outcome = sample.ending.outcome();
                assert!(matches!(outcome, Outcome::Ok | Outcome::Empty), "{op:?} {sample:?}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_judged_as_the_proxy_would() {
        let mut samples = samples();
        for (op, wrong, reason) in [
            (Op::OpenChart, Wrong::Forbidden, Reason::Forbidden),
            (Op::Labs, Wrong::Unauthorized, Reason::TokenRejected),
            (Op::OpenChart, Wrong::NotFound, Reason::NotFound),
            (Op::Register, Wrong::BadRequest, Reason::BadRequest),
            (Op::Arrive, Wrong::Conflict, Reason::Conflict),
            (Op::Labs, Wrong::Expired, Reason::TokenExpired),
            (Op::Labs, Wrong::TokenUnknown, Reason::TokenRejected),
            (Op::Token, Wrong::ClientRejected, Reason::ClientRejected),
            (Op::Labs, Wrong::Down, Reason::UpstreamUnavailable),
            (Op::Labs, Wrong::ServerError, Reason::UpstreamError),
            (Op::Labs, Wrong::Maintenance, Reason::UnexpectedBody),
            (Op::DaySheet, Wrong::Empty, Reason::EmptyResult),
        ] {
            let sample = samples.wrong(2, op, wrong);
            assert_eq!(sample.ending.reason(), Some(reason), "{op:?} {wrong:?} {sample:?}");
        }
    }
}
