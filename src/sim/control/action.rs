//! What can be ordered, and whether it can be done.
//!
//! Owns the actions' JSON form and the checks of everything they name, so that a list is refused
//! before any of it is done. Does not change anything; see [`super::apply`].

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Problem;
use crate::domain::catalogue::Catalogue;
use crate::domain::labels::WorkflowDomain;
use crate::sim::config::Denial;
use crate::sim::faults::Effect;
use crate::sim::world::{Role, Tenant, World};

/// One order. Clinics are named by acronym, people and clients by login.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::sim) enum Action {
    /// Adds a rule of trouble, in the place of one with the same id.
    Fault {
        id: Option<String>,
        tenant: Option<String>,
        operation: Option<String>,
        domain: Option<String>,
        user: Option<String>,
        token: Option<String>,
        rate: Option<f64>,
        times: Option<u32>,
        effect: Effect,
    },
    /// Takes a rule away.
    ClearFault { id: String },
    /// Takes every rule away.
    ClearFaults,
    /// Makes Accuro forget a client's secret, or those of all clients of a clinic; live tokens go on.
    RevokeClient { tenant: String, client: Option<String> },
    /// Makes Accuro remember it.
    RestoreClient { tenant: String, client: Option<String> },
    /// Ends tokens and refresh tokens; nobody knows them any more.
    RevokeTokens { tenant: Option<String>, user: Option<String>, token: Option<String> },
    /// Ends access tokens, as if their time had come.
    ExpireTokens { tenant: Option<String>, user: Option<String>, token: Option<String> },
    /// Closes a chart to some people, or to all.
    Mask { tenant: String, patient: i64, users: Option<Vec<String>>, how: Option<MaskHow> },
    /// Opens it.
    Unmask { tenant: String, patient: i64 },
    /// Takes a section from a user or from everybody with a role.
    DenySection {
        tenant: String,
        section: String,
        user: Option<String>,
        role: Option<String>,
        how: Option<DenialHow>,
    },
    /// Gives it back.
    AllowSection { tenant: String, section: String, user: Option<String>, role: Option<String> },
    /// Sets what an account may see: what is named, and only that, changes.
    Grant {
        tenant: String,
        user: String,
        offices: Option<Vec<u32>>,
        providers: Option<Vec<u32>>,
        read_only: Option<bool>,
    },
    /// Sets it back to the start, for one account or all.
    RestoreGrants { tenant: String, user: Option<String> },
    /// Makes the tokens of an account, and its next ones, work in an office.
    SetOffice { tenant: String, user: String, office: u32 },
    /// Makes Accuro refuse a password.
    DisableUser { tenant: String, user: String },
    /// Makes it accept it.
    EnableUser { tenant: String, user: String },
    /// Shuts a clinic out.
    DisableTenant { tenant: String },
    /// Lets it in.
    EnableTenant { tenant: String },
    /// Merges a chart into another.
    MergePatient { tenant: String, patient: i64, into: i64 },
    /// Makes somebody have a booking open for so long.
    EditSlot { tenant: String, appointment: i64, lasts: String },
    /// Changes how long new access tokens live.
    TokenLife { seconds: u64 },
}

/// How a chart is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sim) enum MaskHow {
    /// 403.
    Forbidden,
    /// 401.
    Unauthorized,
    /// As if there were nobody.
    Hidden,
}

/// How a section is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sim) enum DenialHow {
    /// 403.
    Forbidden,
    /// 401.
    Unauthorized,
}

impl From<DenialHow> for Denial {
    fn from(how: DenialHow) -> Self {
        match how {
            DenialHow::Forbidden => Self::Forbidden,
            DenialHow::Unauthorized => Self::Unauthorized,
        }
    }
}

/// An order and when it is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) action: Action,
    /// `None` for at once.
    pub(super) after: Option<Duration>,
}

/// Reads one action or a list of them.
pub(super) fn steps(body: &[u8]) -> Result<Vec<Step>, Problem> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| Problem(format!("not JSON: {error}")))?;
    let values = match value {
        Value::Array(values) => values,
        one => vec![one],
    };
    values.into_iter().enumerate().map(|(index, value)| step(index, value)).collect()
}

fn step(index: usize, mut value: Value) -> Result<Step, Problem> {
    let named = |text: String| Problem(format!("action {}: {text}", index + 1));
    let after = value.as_object_mut().and_then(|object| object.remove("after"));
    let after = match after {
        None => None,
        Some(Value::String(text)) => Some(duration(&text).map_err(|Problem(text)| named(text))?),
        Some(_) => return Err(named("after: a text such as \"30s\" is expected".to_owned())),
    };
    let action = serde_json::from_value(value).map_err(|error| named(error.to_string()))?;
    Ok(Step { action, after })
}

/// Reads `500ms`, `30s` or `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, Problem> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number = digits.parse::<u64>().ok();
    let duration = match &text[digits.len()..] {
        "ms" => number.map(Duration::from_millis),
        "s" => number.map(Duration::from_secs),
        "m" => number.and_then(|n| n.checked_mul(60)).map(Duration::from_secs),
        _ => None,
    };
    duration.ok_or_else(|| Problem("a time such as 500ms, 30s or 2m is expected".to_owned()))
}

impl Action {
    /// Checks everything that the action names.
    pub(super) fn check(&self, world: &World, catalogue: &Catalogue) -> Result<(), Problem> {
        let tenant = |acronym: &str| tenant_at(world, acronym).map(|at| &world.tenants[at]);
        match self {
            Self::Fault { tenant: acronym, operation, domain, rate, effect, .. } => {
                acronym.as_deref().map(tenant).transpose()?;
                if let Some(operation) = operation {
                    known_operation(catalogue, operation)?;
                }
                domain.as_deref().map(section).transpose()?;
                if rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
                    return Err(Problem("rate: a number from 0 to 1 is expected".to_owned()));
                }
                match effect {
                    Effect::Status { status, .. } if !(200..=599).contains(status) => Err(Problem(
                        "effect.status: a number from 200 to 599 is expected".to_owned(),
                    )),
                    _ => Ok(()),
                }
            }
            Self::ClearFault { .. } | Self::ClearFaults | Self::TokenLife { .. } => Ok(()),
            Self::RevokeClient { tenant: acronym, client: user }
            | Self::RestoreClient { tenant: acronym, client: user }
            | Self::RestoreGrants { tenant: acronym, user } => {
                let tenant = tenant(acronym)?;
                user.as_deref().map(|user| account_at(tenant, "user", user)).transpose().map(drop)
            }
            Self::RevokeTokens { tenant: acronym, .. }
            | Self::ExpireTokens { tenant: acronym, .. } => {
                acronym.as_deref().map(tenant).transpose().map(drop)
            }
            Self::Mask { tenant: acronym, patient, users, .. } => {
                let tenant = tenant(acronym)?;
                patient_at(tenant, *patient)?;
                let mut users = users.iter().flatten();
                users.try_for_each(|user| account_at(tenant, "users", user).map(drop))
            }
            Self::Unmask { tenant: acronym, patient } => {
                patient_at(tenant(acronym)?, *patient).map(drop)
            }
            Self::DenySection { tenant: acronym, section: name, user, role, .. }
            | Self::AllowSection { tenant: acronym, section: name, user, role } => {
                let tenant = tenant(acronym)?;
                section(name)?;
                match (user, role) {
                    (Some(user), None) => account_at(tenant, "user", user).map(drop),
                    (None, Some(name)) => role_named(name).map(drop),
                    _ => Err(Problem("name either user or role".to_owned())),
                }
            }
            Self::Grant { tenant: acronym, user, offices, providers, .. } => {
                let tenant = tenant(acronym)?;
                account_at(tenant, "user", user)?;
                offices.iter().flatten().try_for_each(|id| office(tenant, *id))?;
                let known = |id: &u32| tenant.providers.iter().any(|p| p.id == *id);
                if providers.iter().flatten().all(known) {
                    return Ok(());
                }
                Err(not_one_of("providers", tenant.providers.iter().map(|p| p.id.to_string())))
            }
            Self::SetOffice { tenant: acronym, user, office: id } => {
                let tenant = tenant(acronym)?;
                account_at(tenant, "user", user)?;
                office(tenant, *id)
            }
            Self::DisableUser { tenant: acronym, user }
            | Self::EnableUser { tenant: acronym, user } => {
                account_at(tenant(acronym)?, "user", user).map(drop)
            }
            Self::DisableTenant { tenant: acronym } | Self::EnableTenant { tenant: acronym } => {
                tenant(acronym).map(drop)
            }
            Self::MergePatient { tenant: acronym, patient, into } => {
                let tenant = tenant(acronym)?;
                patient_at(tenant, *patient)?;
                patient_at(tenant, *into).map(drop)
            }
            Self::EditSlot { tenant: acronym, appointment, lasts } => {
                duration(lasts)?;
                let tenant = tenant(acronym)?;
                let known = tenant.appointments.iter().any(|a| a.id == *appointment);
                let problem = || Problem("appointment: the clinic has no such booking".to_owned());
                known.then_some(()).ok_or_else(problem)
            }
        }
    }
}

pub(super) fn tenant_at(world: &World, acronym: &str) -> Result<usize, Problem> {
    let at = world.tenants.iter().position(|tenant| tenant.spec.acronym == acronym);
    let known = world.tenants.iter().map(|tenant| tenant.spec.acronym.clone());
    at.ok_or_else(|| not_one_of("tenant", known))
}

pub(super) fn account_at(tenant: &Tenant, field: &str, login: &str) -> Result<usize, Problem> {
    let known = tenant.accounts.iter().map(|account| account.login.clone());
    tenant.account(login).ok_or_else(|| not_one_of(field, known))
}

pub(super) fn patient_at(tenant: &Tenant, id: i64) -> Result<usize, Problem> {
    let problem = || Problem("patient: the clinic has no patient of that number".to_owned());
    tenant.patient(id).map(|(at, _)| at).ok_or_else(problem)
}

pub(super) fn section(name: &str) -> Result<WorkflowDomain, Problem> {
    let known = WorkflowDomain::ALL.iter().map(|domain| domain.as_str().to_owned());
    WorkflowDomain::parse(name).ok_or_else(|| not_one_of("section", known))
}

pub(super) fn role_named(name: &str) -> Result<Role, Problem> {
    const ALL: [Role; 5] =
        [Role::Physician, Role::Nurse, Role::FrontDesk, Role::Administrator, Role::Client];
    let found = ALL.into_iter().find(|role| role.as_str() == name);
    found.ok_or_else(|| not_one_of("role", ALL.iter().map(|role| role.as_str().to_owned())))
}

fn known_operation(catalogue: &Catalogue, name: &str) -> Result<(), Problem> {
    let known = catalogue.endpoints().iter().any(|e| e.operation.as_str() == name);
    let problem = || Problem("operation: the endpoint catalogue has no such operation".to_owned());
    known.then_some(()).ok_or_else(problem)
}

fn office(tenant: &Tenant, id: u32) -> Result<(), Problem> {
    let known = tenant.offices.iter().map(|office| office.id);
    let all = known.clone().map(|id| id.to_string());
    known.clone().any(|own| own == id).then_some(()).ok_or_else(|| not_one_of("office", all))
}

fn not_one_of(field: &str, known: impl Iterator<Item = String>) -> Problem {
    Problem(format!("{field}: not one of {}", known.collect::<Vec<_>>().join(", ")))
}
