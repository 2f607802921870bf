//! Doing what was ordered.
//!
//! Owns the change that each action makes. What an action names was checked before; what is gone
//! since is left alone.

use serde_json::{Value, json};

use super::action::{Action, MaskHow, duration, role_named, section};
use crate::domain::time::Timestamp;
use crate::sim::access::{Mask, MaskStyle};
use crate::sim::config::{Denial, SimConfig};
use crate::sim::faults::Target;
use crate::sim::state::Everything;
use crate::sim::tokens::{Grant, Who};
use crate::sim::world::{Account, Role, Tenant, World};

/// Does one action; the value says what came of it.
pub(super) fn apply(everything: &mut Everything, action: &Action, now: Timestamp) -> Value {
    match action {
        Action::Fault { id, tenant, operation, domain, user, token, rate, times, effect } => {
            let target = Target {
                tenant: tenant.clone(),
                operation: operation.clone(),
                domain: domain.clone(),
                user: user.clone(),
                token: token.clone(),
            };
            let rate = rate.unwrap_or(1.0);
            let id = everything.faults.add(id.clone(), target, rate, *times, effect.clone());
            return json!({"id": id});
        }
        Action::ClearFault { id } => return json!({"cleared": everything.faults.clear(id)}),
        Action::ClearFaults => everything.faults.clear_all(),
        Action::RevokeTokens { tenant, user, token } => {
            return end_tokens(everything, now, true, [tenant, user, token]);
        }
        Action::ExpireTokens { tenant, user, token } => {
            return end_tokens(everything, now, false, [tenant, user, token]);
        }
        Action::TokenLife { seconds } => {
            everything.vault.life = std::time::Duration::from_secs(*seconds);
        }
        Action::SetOffice { tenant, user, office } => {
            let Some((at, account)) = place(&everything.world, tenant, user) else {
                return json!({});
            };
            everything.world.tenants[at].accounts[account].office = *office;
            let whose = |grant: &Grant| grant.tenant == at && grant.who == Who::Account(account);
            everything.vault.move_to_office(*office, whose);
        }
        in_one_clinic => change_clinic(&mut everything.world, in_one_clinic, now),
    }
    json!({})
}

fn change_clinic(world: &mut World, action: &Action, now: Timestamp) {
    let (Action::RevokeClient { tenant: acronym, .. }
    | Action::RestoreClient { tenant: acronym, .. }
    | Action::Mask { tenant: acronym, .. }
    | Action::Unmask { tenant: acronym, .. }
    | Action::DenySection { tenant: acronym, .. }
    | Action::AllowSection { tenant: acronym, .. }
    | Action::Grant { tenant: acronym, .. }
    | Action::RestoreGrants { tenant: acronym, .. }
    | Action::DisableUser { tenant: acronym, .. }
    | Action::EnableUser { tenant: acronym, .. }
    | Action::DisableTenant { tenant: acronym }
    | Action::EnableTenant { tenant: acronym }
    | Action::MergePatient { tenant: acronym, .. }
    | Action::EditSlot { tenant: acronym, .. }) = action
    else {
        return;
    };
    let mut tenants = world.tenants.iter_mut();
    let Some(tenant) = tenants.find(|tenant| tenant.spec.acronym == *acronym) else { return };
    change(tenant, action, now);
}

fn change(tenant: &mut Tenant, action: &Action, now: Timestamp) {
    match action {
        Action::RevokeClient { client, .. } => enable(clients(tenant, client.as_deref()), false),
        Action::RestoreClient { client, .. } => enable(clients(tenant, client.as_deref()), true),
        Action::DisableUser { user, .. } => enable(named(tenant, user), false),
        Action::EnableUser { user, .. } => enable(named(tenant, user), true),
        Action::DisableTenant { .. } => tenant.enabled = false,
        Action::EnableTenant { .. } => tenant.enabled = true,
        Action::Mask { patient, users, how, .. } => {
            let how = match how.unwrap_or(MaskHow::Forbidden) {
                MaskHow::Forbidden => MaskStyle::Refused(Denial::Forbidden),
                MaskHow::Unauthorized => MaskStyle::Refused(Denial::Unauthorized),
                MaskHow::Hidden => MaskStyle::Hidden,
            };
            let whom = users.as_ref().map(|users| users.iter().cloned().collect());
            tenant.masks.push(Mask { patient: *patient, whom, how });
        }
        Action::Unmask { patient, .. } => tenant.masks.retain(|mask| mask.patient != *patient),
        Action::DenySection { section: name, user, role, how, .. } => {
            let usual = tenant.spec.denial;
            let Ok(section) = section(name) else { return };
            for account in those(tenant, user.as_deref(), role.as_deref()) {
                let denial = how.map_or(usual, Denial::from);
                account.grants.denied.insert(section, denial);
            }
        }
        Action::AllowSection { section: name, user, role, .. } => {
            let Ok(section) = section(name) else { return };
            for account in those(tenant, user.as_deref(), role.as_deref()) {
                account.grants.denied.remove(&section);
            }
        }
        Action::Grant { user, offices, providers, read_only, .. } => {
            for account in named(tenant, user) {
                if let Some(offices) = offices {
                    account.grants.offices = offices.iter().copied().collect();
                }
                if let Some(providers) = providers {
                    account.grants.providers = providers.iter().copied().collect();
                }
                account.grants.read_only = read_only.unwrap_or(account.grants.read_only);
            }
        }
        Action::RestoreGrants { user, .. } => {
            let wanted =
                |account: &&mut Account| user.as_ref().is_none_or(|user| account.login == *user);
            for account in tenant.accounts.iter_mut().filter(wanted) {
                account.grants = account.first_grants.clone();
            }
        }
        Action::MergePatient { patient, into, .. } => {
            for one in tenant.patients.iter_mut().filter(|one| one.id == *patient) {
                one.merged_into = Some(*into);
            }
        }
        Action::EditSlot { appointment, lasts, .. } => {
            let until = duration(lasts).ok().map(|lasts| now.plus(lasts));
            for one in tenant.appointments.iter_mut().filter(|one| one.id == *appointment) {
                one.edited_until = until;
            }
        }
        // The others are about no single clinic.
        _ => {}
    }
}

/// Sets rules, masks, grants and switches back to the start. Tokens and what was written stay.
pub(super) fn reset(everything: &mut Everything, config: &SimConfig) {
    everything.faults.clear_all();
    everything.vault.life = config.token_life;
    for tenant in &mut everything.world.tenants {
        tenant.enabled = true;
        tenant.masks.clear();
        for account in &mut tenant.accounts {
            account.grants = account.first_grants.clone();
            account.enabled = true;
        }
        tenant.patients.iter_mut().for_each(|patient| patient.merged_into = None);
        tenant.appointments.iter_mut().for_each(|booking| booking.edited_until = None);
    }
}

fn end_tokens(
    everything: &mut Everything,
    now: Timestamp,
    revoke: bool,
    [acronym, user, token]: [&Option<String>; 3],
) -> Value {
    let world = &everything.world;
    let ended = everything.vault.end(now, revoke, |text, grant| {
        let tenant = &world.tenants[grant.tenant];
        let login = match grant.who {
            Who::Account(at) => tenant.accounts[at].login.clone(),
            Who::Patient(at) => tenant.patients[at].id.to_string(),
        };
        acronym.as_ref().is_none_or(|acronym| tenant.spec.acronym == *acronym)
            && user.as_ref().is_none_or(|user| login == *user)
            && token.as_ref().is_none_or(|token| text == token)
    });
    json!({"ended": ended})
}

fn enable<'t>(accounts: impl Iterator<Item = &'t mut Account>, enabled: bool) {
    accounts.for_each(|account| account.enabled = enabled);
}

fn clients<'t>(
    tenant: &'t mut Tenant,
    login: Option<&str>,
) -> impl Iterator<Item = &'t mut Account> {
    tenant.accounts.iter_mut().filter(move |account| {
        account.role == Role::Client && login.is_none_or(|login| account.login == login)
    })
}

fn named<'t>(tenant: &'t mut Tenant, login: &str) -> impl Iterator<Item = &'t mut Account> {
    those(tenant, Some(login), None)
}

fn those<'t>(
    tenant: &'t mut Tenant,
    login: Option<&str>,
    role: Option<&str>,
) -> impl Iterator<Item = &'t mut Account> {
    let role = role.and_then(|name| role_named(name).ok());
    tenant.accounts.iter_mut().filter(move |account| match login {
        Some(login) => account.login == login,
        None => Some(account.role) == role,
    })
}

fn place(world: &World, acronym: &str, login: &str) -> Option<(usize, usize)> {
    let at = world.tenants.iter().position(|tenant| tenant.spec.acronym == acronym)?;
    Some((at, world.tenants[at].account(login)?))
}
