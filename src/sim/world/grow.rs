//! How the clinics grow from the seed.
//!
//! Owns the drawing of people and bookings. The same settings and day give the same world; a clinic
//! does not depend on its neighbours in the list. Reads no clock.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::chart::mix;
use super::{
    Account, Appointment, Grants, Office, Patient, Provider, Role, Tenant, World, client_login,
};
use crate::sim::config::{SimConfig, TenantSpec};
use crate::sim::{health_number, names};

/// Days of bookings before the first day.
const DAYS_BEFORE: i32 = 7;
/// Days of bookings after it.
const DAYS_AFTER: i32 = 21;
/// The first id of things that are created later; above everything grown.
const FIRST_CREATED: i64 = 900_000;
/// The first patient number.
const FIRST_PATIENT: i64 = 20_411;
/// The first booking's number.
const FIRST_APPOINTMENT: i64 = 500_000;

impl World {
    /// Grows every clinic; `today` is the first day of use.
    #[must_use]
    pub fn grow(config: &SimConfig, today: Date) -> Self {
        let tenants = config.tenants.iter();
        Self { tenants: tenants.map(|spec| tenant(spec, config, today)).collect() }
    }
}

fn tenant(spec: &TenantSpec, config: &SimConfig, today: Date) -> Tenant {
    let own = spec.acronym.bytes().fold(config.seed, |seed, byte| mix(seed, u64::from(byte)));
    let mut rng = fastrand::Rng::with_seed(own);
    let offices = offices(spec);
    let providers = providers(spec, &offices, &mut rng);
    let accounts = accounts(spec, config, &offices, &providers, &mut rng);
    let patients = patients(spec, &offices, &providers, &mut rng);
    let appointments = appointments(&providers, &patients, today, &mut rng);
    Tenant {
        spec: spec.clone(),
        enabled: true,
        offices,
        providers,
        accounts,
        patients,
        appointments,
        written: Vec::new(),
        masks: Vec::new(),
        next_id: FIRST_CREATED,
    }
}

fn offices(spec: &TenantSpec) -> Vec<Office> {
    const SITES: [&str; 4] = ["Main", "East", "Hospital", "Annex"];
    let site = |n: u32| SITES[n as usize % SITES.len()];
    let offices = 0..spec.offices.max(1);
    offices.map(|n| Office { id: n + 1, name: format!("{} {}", spec.acronym, site(n)) }).collect()
}

fn providers(spec: &TenantSpec, offices: &[Office], rng: &mut fastrand::Rng) -> Vec<Provider> {
    let one = |n: u32| Provider {
        id: 101 + n,
        first: names::first(rng),
        last: names::last(rng),
        office: offices[n as usize % offices.len()].id,
    };
    (0..spec.providers.max(1)).map(one).collect()
}

fn accounts(
    spec: &TenantSpec,
    config: &SimConfig,
    offices: &[Office],
    providers: &[Provider],
    rng: &mut fastrand::Rng,
) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let everywhere: BTreeSet<u32> = offices.iter().map(|office| office.id).collect();
    let everybody: BTreeSet<u32> = providers.iter().map(|provider| provider.id).collect();
    let mut add = |login: String, role: Role, office: u32, rng: &mut fastrand::Rng| {
        let denied = role.lacks().iter().map(|section| (*section, spec.denial)).collect();
        let (offices, providers) = (everywhere.clone(), everybody.clone());
        let grants = Grants { offices, providers, denied, read_only: false };
        let taken = accounts.iter().filter(|account| account.login.starts_with(&login)).count();
        let login = if taken == 0 { login } else { format!("{login}{}", taken + 1) };
        let password = format!("pw-{:012x}", rng.u64(..1 << 48));
        let first_grants = grants.clone();
        accounts.push(Account {
            login,
            password,
            role,
            grants,
            first_grants,
            office,
            enabled: true,
        });
    };
    for provider in providers {
        add(login(provider.first, provider.last), Role::Physician, provider.office, rng);
    }
    for n in 0..spec.support_staff {
        let role = match n {
            0 => Role::Administrator,
            _ if n % 3 == 1 => Role::Nurse,
            _ => Role::FrontDesk,
        };
        let office = offices[n as usize % offices.len()].id;
        add(login(names::first(rng), names::last(rng)), role, office, rng);
    }
    for app in &config.clients {
        add(client_login(app, &spec.acronym), Role::Client, offices[0].id, rng);
    }
    accounts
}

fn login(first: &str, last: &str) -> String {
    let initial = first.chars().next().filter(char::is_ascii).unwrap_or('x');
    let rest = last.chars().filter(char::is_ascii_alphanumeric);
    [initial, '.'].into_iter().chain(rest).collect::<String>().to_ascii_lowercase()
}

fn patients(
    spec: &TenantSpec,
    offices: &[Office],
    providers: &[Provider],
    rng: &mut fastrand::Rng,
) -> Vec<Patient> {
    let mut next = FIRST_PATIENT;
    let mut one = |n: u32| {
        next += i64::from(rng.u32(1..9));
        // Some charts came from another system, and some people belong to one office only.
        let id = if n % 41 == 40 { -next } else { next };
        let one_office = offices.len() > 1 && rng.u32(..5) == 0;
        Patient {
            id,
            first: names::first(rng).to_owned(),
            last: names::last(rng).to_owned(),
            born: Date::constant(1930, 1, 1).saturating_add(Span::new().days(rng.i32(0..34_000))),
            number: health_number::draw(spec.province, rng),
            // 555-0100 to 555-0199 are kept for fiction (North American Numbering Plan).
            phone: format!("{}-555-01{:02}", rng.u32(204..990), rng.u32(..100)),
            street: names::street(rng),
            provider: providers[rng.usize(..providers.len())].id,
            office: one_office.then(|| offices[rng.usize(..offices.len())].id),
            merged_into: None,
        }
    };
    (0..spec.patients.max(1)).map(&mut one).collect()
}

fn appointments(
    providers: &[Provider],
    patients: &[Patient],
    today: Date,
    rng: &mut fastrand::Rng,
) -> Vec<Appointment> {
    const REASONS: [&str; 6] =
        ["follow-up", "new problem", "immunization", "physical", "results", "telephone visit"];
    let mut appointments = Vec::new();
    let mut id = FIRST_APPOINTMENT;
    for day in -DAYS_BEFORE..DAYS_AFTER {
        let date = today.saturating_add(day.days());
        if date.weekday() == Weekday::Sunday {
            continue;
        }
        for provider in providers {
            let own: Vec<&Patient> =
                patients.iter().filter(|patient| patient.provider == provider.id).collect();
            for slot in 0..14u16 {
                // Three in five slots are taken.
                if own.is_empty() || rng.u32(..5) < 2 {
                    continue;
                }
                let patient = own[rng.usize(..own.len())];
                id += 1;
                appointments.push(Appointment {
                    id,
                    patient: patient.id,
                    provider: provider.id,
                    office: patient.office.unwrap_or(provider.office),
                    date,
                    start_minute: 8 * 60 + 30 + slot * 30,
                    minutes: if slot % 4 == 0 { 30 } else { 15 },
                    reason: REASONS[rng.usize(..REASONS.len())].to_owned(),
                    status: if day < 0 { "complete" } else { "booked" },
                    edited_until: None,
                });
            }
        }
    }
    appointments
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn equal_seeds_grow_equal_worlds_and_other_seeds_others() {
        let config = SimConfig::default();
        let day = date(2026, 11, 24);
        let text = |config: &SimConfig| format!("{:?}", World::grow(config, day));
        assert_eq!(text(&config), text(&config));
        assert_ne!(text(&config), text(&SimConfig { seed: 2, ..SimConfig::default() }));
    }

    #[test]
    fn a_clinic_does_not_depend_on_its_neighbours() {
        let config = SimConfig::default();
        let alone = SimConfig { tenants: vec![config.tenants[3].clone()], ..config.clone() };
        let day = date(2026, 11, 24);
        let with_others = format!("{:?}", World::grow(&config, day).tenants[3]);
        assert_eq!(with_others, format!("{:?}", World::grow(&alone, day).tenants[0]));
    }

    #[test]
    fn ids_and_logins_are_unique_within_a_clinic() {
        for tenant in World::grow(&SimConfig::default(), date(2026, 11, 24)).tenants {
            let ids: BTreeSet<i64> = tenant.patients.iter().map(|p| p.id).collect();
            assert_eq!(ids.len(), tenant.patients.len());
            let logins: BTreeSet<&str> = tenant.accounts.iter().map(|a| a.login.as_str()).collect();
            assert_eq!(logins.len(), tenant.accounts.len(), "{}", tenant.spec.acronym);
            assert!(!tenant.appointments.is_empty());
        }
    }
}
