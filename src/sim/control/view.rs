//! What `GET /state` shows.
//!
//! Owns the JSON form of the state. It shows passwords and secrets: they are invented, and a person
//! who builds an integration needs them.

use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::sim::access::{Mask, MaskStyle};
use crate::sim::state::Everything;
use crate::sim::world::{Account, Patient, Role, Tenant};

/// The state; the patients of a clinic only if it is named.
pub(super) fn state(everything: &Everything, now: Timestamp, named: Option<&str>) -> Value {
    let tenants = everything.world.tenants.iter();
    let tenants: Vec<Value> = tenants
        .filter(|tenant| named.is_none_or(|name| tenant.spec.acronym == name))
        .map(|one| tenant(one, named.is_some()))
        .collect();
    json!({
        "now": now, "tenants": tenants, "faults": everything.faults.rules(),
        "live_tokens": everything.vault.count(now),
        "token_life_s": everything.vault.life.as_secs(),
    })
}

fn tenant(tenant: &Tenant, with_patients: bool) -> Value {
    let (clients, users): (Vec<&Account>, Vec<&Account>) =
        tenant.accounts.iter().partition(|account| account.role == Role::Client);
    let list = |accounts: &[&Account]| accounts.iter().map(|a| account(a)).collect::<Vec<_>>();
    let mut value = json!({
        "name": tenant.spec.name, "acronym": tenant.spec.acronym, "uuid": tenant.spec.uuid,
        "enabled": tenant.enabled,
        "offices": tenant.offices.iter().map(|office| office.id).collect::<Vec<_>>(),
        "providers": tenant.providers.iter().map(|provider| provider.id).collect::<Vec<_>>(),
        "clients": list(&clients), "users": list(&users),
        "patient_count": tenant.patients.len(), "appointment_count": tenant.appointments.len(),
        "written_count": tenant.written.len(),
        "masks": tenant.masks.iter().map(mask).collect::<Vec<_>>(),
    });
    if with_patients {
        value["patients"] = tenant.patients.iter().map(patient).collect();
    }
    value
}

fn account(account: &Account) -> Value {
    let denied: serde_json::Map<String, Value> = account
        .grants
        .denied
        .iter()
        .map(|(section, denial)| (section.as_str().to_owned(), json!(denial.status())))
        .collect();
    json!({
        "login": account.login, "password": account.password, "role": account.role.as_str(),
        "enabled": account.enabled, "office": account.office,
        "offices": account.grants.offices, "providers": account.grants.providers,
        "denied": denied, "read_only": account.grants.read_only,
    })
}

fn mask(mask: &Mask) -> Value {
    let how = match mask.how {
        MaskStyle::Refused(denial) => json!(denial.status()),
        MaskStyle::Hidden => json!("hidden"),
    };
    json!({"patient": mask.patient, "users": mask.whom, "how": how})
}

fn patient(patient: &Patient) -> Value {
    json!({
        "patient_id": patient.id, "first": patient.first, "last": patient.last,
        "born": patient.born.to_string(), "phn": patient.number, "phone": patient.phone,
        "provider": patient.provider, "office": patient.office,
        "merged_into": patient.merged_into,
    })
}
