//! The counter where calls are answered: who is it, may they, and what do they get.
//!
//! Read [`answer`] first: it is the whole way of a call that nothing was broken for. The files
//! beside this one answer the operations of one kind each. No waiting, no sockets, no clock: the
//! call says when it came.

mod admin;
mod appointments;
mod chart;
mod patients;
mod portal;
mod reference;

use serde_json::{Value, json};

use super::access::{Sight, Viewer, context_fits};
use super::answer::Answer;
use super::call::Call;
use super::refusal;
use super::tokens::{Presented, Vault, Who};
use super::world::{Grants, Patient, Tenant, World};
use super::{oauth, tokens};
use crate::domain::catalogue::{self, Answer as Kind};

/// Answers one call.
pub(super) fn answer(world: &mut World, vault: &mut Vault, call: &Call, seed: u64) -> Answer {
    let Some(endpoint) = &call.endpoint else { return outside_catalogue(world, vault, call) };
    match endpoint.operation.as_str() {
        "auth.authorize" => return oauth::page(call),
        catalogue::TOKEN_OPERATION => return oauth::token(world, vault, call),
        "platform.api_version" => return reference::api_version(),
        _ => {}
    }
    let grant = match signed_in(world, vault, call) {
        Ok(grant) => grant,
        Err(refusal) => return refusal,
    };
    let tenant = &mut world.tenants[grant.tenant];
    let mut desk = match Desk::open(tenant, &grant, call, seed) {
        Ok(desk) => desk,
        Err(refusal) => return refusal,
    };
    if endpoint.operation.as_str() == catalogue::CHANGE_OFFICE_OPERATION {
        let (answer, office) = reference::change_office(&desk);
        if let (Some(office), Some(token)) = (office, &call.bearer) {
            vault.change_office(token, office);
        }
        return answer;
    }
    desk.serve().unwrap_or_else(|refusal| refusal)
}

fn outside_catalogue(world: &World, vault: &mut Vault, call: &Call) -> Answer {
    if call.path == "/oauth/authorize" && call.method == "POST" {
        return oauth::approve(world, vault, call);
    }
    let status = if call.path_known { 405 } else { 404 };
    refusal::error(status, refusal::ErrorBody::Html, call)
}

/// The grant behind the call's token, once token, clinic and tenant check are passed.
fn signed_in(world: &World, vault: &Vault, call: &Call) -> Result<tokens::Grant, Answer> {
    let token = call.bearer.as_deref().ok_or_else(refusal::token_missing)?;
    let grant = match vault.present(token, call.at) {
        Presented::Good(grant) => grant.clone(),
        Presented::Expired => return Err(refusal::token_refused(true, token)),
        Presented::Unknown => return Err(refusal::token_refused(false, token)),
    };
    let spec = &world.tenants[grant.tenant].spec;
    if !world.tenants[grant.tenant].enabled {
        return Err(refusal::denied(spec.denial.status(), call));
    }
    let named = call.query("uuid").and_then(|text| uuid::Uuid::try_parse(text).ok());
    let known = |uuid| world.tenants.iter().any(|tenant| tenant.spec.uuid == uuid);
    match named {
        Some(uuid) if uuid == spec.uuid => Ok(grant),
        Some(uuid) if known(uuid) => Err(refusal::denied(403, call)),
        _ => Err(refusal::denied(401, call)),
    }
}

/// One call of somebody who is let in, and what they may see.
struct Desk<'a> {
    tenant: &'a mut Tenant,
    call: &'a Call,
    seed: u64,
    login: String,
    grants: Grants,
    office: u32,
    /// The patient whose own call it is, by their place in the list.
    own: Option<usize>,
}

impl<'a> Desk<'a> {
    fn open(
        tenant: &'a mut Tenant,
        grant: &tokens::Grant,
        call: &'a Call,
        seed: u64,
    ) -> Result<Self, Answer> {
        let usual = tenant.spec.denial;
        let Some(endpoint) = &call.endpoint else { return Err(refusal::not_there(call)) };
        if !context_fits(grant.context, endpoint.context) {
            return Err(refusal::denied(usual.status(), call));
        }
        let (account, own) = match grant.who {
            Who::Account(at) => (at, None),
            // A patient sees what the client that they use was granted.
            Who::Patient(at) => (grant.client, Some(at)),
        };
        let account = &tenant.accounts[account];
        let desk = Self {
            login: account.login.clone(),
            grants: account.grants.clone(),
            office: grant.office,
            own,
            tenant,
            call,
            seed,
        };
        let refused = desk.viewer().refusal(endpoint.domain, endpoint.mutation, usual);
        match refused.filter(|_| own.is_none()) {
            Some(denial) => Err(refusal::denied(denial.status(), call)),
            None => Ok(desk),
        }
    }

    const fn viewer(&self) -> Viewer<'_> {
        Viewer { login: self.login.as_str(), grants: &self.grants, office: self.office }
    }

    /// Answers by the operation's name. Both the answer and the refusal are what goes back.
    fn serve(&mut self) -> Result<Answer, Answer> {
        let operation = self.call.operation().to_owned();
        match operation.split('.').next().unwrap_or_default() {
            "platform" | "office" | "provider" | "schedule" => self.reference(&operation),
            "patient" if !operation.starts_with("patient.self") => self.patients(&operation),
            "appointment" if !operation.starts_with("appointment.self") => {
                self.appointments(&operation)
            }
            "billing" => self.appointments(&operation),
            "patient" | "appointment" => self.portal(&operation),
            "document" | "lab" if operation.contains(".self.") => self.portal(&operation),
            "document" | "letter" | "lab" | "medication" | "prescription" | "allergy"
            | "history" => self.chart(&operation),
            "admin" => self.admin(&operation),
            _ => Ok(self.anything()),
        }
    }

    /// An operation that the operator's own catalogue added: its kind is all that is known.
    fn anything(&self) -> Answer {
        let Some(endpoint) = &self.call.endpoint else { return Answer::empty(404) };
        match endpoint.answer {
            _ if endpoint.mutation => Answer::empty(204).applied(),
            _ if endpoint.list => super::answer::list(self.call, Vec::new()),
            Kind::Json => Answer::json(200, &json!({"id": 1})),
            Kind::Html => Answer::html(200, "<!DOCTYPE html><title>Page</title>\n"),
            Kind::Any => Answer::of(200, Some("text/plain"), b"content\n".to_vec()),
        }
    }

    /// The number in the path; text that is none is refused and repeated.
    fn id(&self, name: &str) -> Result<i64, Answer> {
        let text = self.call.path_text(name).unwrap_or_default();
        text.parse().map_err(|_| refusal::invalid(name.trim_matches(['{', '}']), &text))
    }

    /// The patient in the path, if this person may open the chart.
    fn patient(&self) -> Result<(usize, &Patient), Answer> {
        self.patient_numbered(self.id("{patientId}")?)
    }

    /// A patient by number, if this person may open the chart.
    fn patient_numbered(&self, id: i64) -> Result<(usize, &Patient), Answer> {
        let nothing = || refusal::not_there(self.call);
        let (place, patient) = self.tenant.patient(id).ok_or_else(nothing)?;
        if patient.merged_into.is_some() {
            let status = if self.tenant.spec.merged_is_gone { 410 } else { 404 };
            return Err(refusal::error(status, refusal::ErrorBody::Json, self.call));
        }
        match self.viewer().sight(patient, &self.tenant.masks) {
            Sight::Open => Ok((place, patient)),
            Sight::Refused(denial) => Err(refusal::denied(denial.status(), self.call)),
            Sight::Nothing => Err(nothing()),
        }
    }

    /// Whether a patient is in this person's lists.
    fn lists(&self, patient: &Patient) -> bool {
        patient.merged_into.is_none()
            && self.viewer().sight(patient, &self.tenant.masks) != Sight::Nothing
    }

    /// The JSON object that the call brought.
    fn object(&self) -> Result<serde_json::Map<String, Value>, Answer> {
        if !self.call.content_type.to_ascii_lowercase().starts_with("application/json") {
            return Err(refusal::error(415, refusal::ErrorBody::Spring, self.call));
        }
        if let Ok(Value::Object(object)) = serde_json::from_slice(&self.call.body) {
            return Ok(object);
        }
        let text = String::from_utf8_lossy(&self.call.body);
        Err(refusal::invalid("body", text.get(..60).unwrap_or(&text)))
    }
}
