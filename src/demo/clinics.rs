//! The clinics and applications of the demo, as accuscope's settings and as the simulator's.
//!
//! Owns the table that joins the two: which clinic is which tenant, where it is, how far it is in
//! the rollout and how much its people use. Writes no files.

use jiff::ToSpan as _;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::work::Job;
use crate::domain::registry::Phase;
use crate::sim::SimConfig;
use crate::sim::config::{TenantSpec, default_tenants};
use crate::sim::world::chart::mix;

/// One clinic of the demo.
#[derive(Clone, Copy, Debug)]
pub struct DemoClinic {
    /// Its id in accuscope's settings.
    pub id: &'static str,
    /// The simulated tenant's acronym.
    pub acronym: &'static str,
    /// IANA name.
    pub timezone: &'static str,
    /// How far it is.
    pub phase: Phase,
    /// Days since its first day of real use; `None` before that.
    pub live_days: Option<i32>,
    /// The share of its people who use it now, in percent.
    pub users_now: u32,
    /// The same, a fortnight ago.
    pub users_then: u32,
    /// How often its people use documents, labs and medications, in percent of the usual.
    pub habits: [u32; 3],
    /// How busy it is on Saturdays and Sundays, in percent of a weekday.
    pub weekend: [u32; 2],
}

/// The nine clinics, in the order of the simulator's default tenants.
#[rustfmt::skip]
pub const CLINICS: [DemoClinic; 9] = [
    DemoClinic { id: "maple-ridge", acronym: "MRFP", timezone: "America/Vancouver", phase: Phase::Live, live_days: Some(71), users_now: 95, users_then: 92, habits: [100, 100, 90], weekend: [10, 0] },
    DemoClinic { id: "harbour-view", acronym: "HVM", timezone: "America/Vancouver", phase: Phase::Pilot, live_days: Some(21), users_now: 90, users_then: 55, habits: [60, 50, 10], weekend: [0, 0] },
    DemoClinic { id: "lakeshore", acronym: "LSFP", timezone: "America/Vancouver", phase: Phase::Live, live_days: Some(94), users_now: 96, users_then: 95, habits: [100, 90, 80], weekend: [8, 0] },
    DemoClinic { id: "foothills", acronym: "FWI", timezone: "America/Edmonton", phase: Phase::Expanding, live_days: Some(52), users_now: 82, users_then: 70, habits: [40, 50, 40], weekend: [80, 55] },
    DemoClinic { id: "prairie-rose", acronym: "PRC", timezone: "America/Regina", phase: Phase::Pilot, live_days: Some(18), users_now: 70, users_then: 40, habits: [30, 10, 5], weekend: [0, 0] },
    DemoClinic { id: "riverbend", acronym: "RBP", timezone: "America/Winnipeg", phase: Phase::Pilot, live_days: Some(30), users_now: 92, users_then: 80, habits: [70, 80, 60], weekend: [5, 0] },
    DemoClinic { id: "north-shore", acronym: "NSWH", timezone: "America/Toronto", phase: Phase::Expanding, live_days: Some(46), users_now: 88, users_then: 78, habits: [80, 90, 60], weekend: [5, 0] },
    DemoClinic { id: "cedar-street", acronym: "CSC", timezone: "America/Halifax", phase: Phase::Pilot, live_days: Some(35), users_now: 12, users_then: 75, habits: [20, 10, 5], weekend: [0, 0] },
    DemoClinic { id: "old-mill", acronym: "OMM", timezone: "America/St_Johns", phase: Phase::Onboarding, live_days: None, users_now: 0, users_then: 0, habits: [0, 0, 0], weekend: [0, 0] },
];

/// One calling application of the demo.
#[derive(Clone, Copy, Debug)]
pub struct DemoApp {
    /// Its id in accuscope's settings, and the name of its client at the simulator.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
}

/// The applications.
pub const APPS: [DemoApp; 4] = [
    DemoApp { id: "intake-web", name: "Intake tablet" },
    DemoApp { id: "chart-app", name: "Chart companion" },
    DemoApp { id: "sync-service", name: "Schedule sync" },
    DemoApp { id: "patient-app", name: "Patient app" },
];

/// The application that somebody works with.
#[must_use]
pub const fn app_of(job: Job) -> &'static str {
    match job {
        Job::FrontDesk => "intake-web",
        Job::Doctor | Job::Nurse | Job::Office => "chart-app",
        Job::Background => "sync-service",
        Job::Portal => "patient-app",
    }
}

/// The key that an application of the demo sends: made from the seed, so that it opens nothing but
/// the demo that made it.
#[must_use]
pub fn app_key(seed: u64, app: &str) -> String {
    let own = app.bytes().fold(seed, |key, byte| mix(key, u64::from(byte)));
    format!("demo-{app}-{own:016x}{:016x}", mix(own, 1))
}

/// The simulator's settings; its listeners pick free ports of the loopback.
#[must_use]
pub fn sim_config(seed: u64) -> SimConfig {
    let tenants = default_tenants();
    let clients = APPS.iter().map(|app| app.id.to_owned()).collect();
    SimConfig { seed, tenants: in_order(&tenants), clients, ..SimConfig::default() }
}

/// The tenants in the order of [`CLINICS`].
fn in_order(tenants: &[TenantSpec]) -> Vec<TenantSpec> {
    let of = |clinic: &DemoClinic| tenants.iter().find(|spec| spec.acronym == clinic.acronym);
    CLINICS.iter().filter_map(of).cloned().collect()
}

/// `[[clinics]]` and `[[apps]]` of accuscope's settings.
#[must_use]
pub fn config_toml(seed: u64, today: Date) -> String {
    let specs = in_order(&default_tenants());
    let clinics = CLINICS.iter().zip(&specs).map(|(clinic, spec)| entry(clinic, spec, today));
    let apps = APPS.iter().map(|DemoApp { id, name }| {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(app_key(seed, id)));
        format!(
            "[[apps]]\nid = \"{id}\"\nname = \"{name}\"\nkey_sha256 = \"{digest}\"\nclinics = []\n"
        )
    });
    clinics.chain(apps).collect::<Vec<_>>().join("\n")
}

fn entry(clinic: &DemoClinic, spec: &TenantSpec, today: Date) -> String {
    let DemoClinic { id, timezone, phase, live_days, weekend, .. } = clinic;
    let TenantSpec { name, uuid, .. } = spec;
    let people = spec.providers + spec.support_staff;
    let enabled = today.saturating_sub(live_days.map_or(41, |days| days + 6).days());
    let saturday = if weekend[0] > 50 { ", \"sat-sun 07:00-19:00\"" } else { "" };
    let went_live = live_days
        .map(|days| format!("went_live = {}\n", today.saturating_sub(days.days())))
        .unwrap_or_default();
    format!(
        "[[clinics]]\nid = \"{id}\"\nname = \"{name}\"\ntenant = \"{uuid}\"\n\
         timezone = \"{timezone}\"\nphase = \"{phase}\"\n{went_live}\
         enabled = {enabled}\ninvited_staff = {people}\nhours = [\"mon-fri 07:00-19:00\"{saturday}]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use jiff::civil::date;

    #[test]
    fn the_pieces_are_settings_that_accuscope_takes() {
        let base = include_str!("../config/example.toml");
        let base = base.split("[[clinics]]").next().unwrap();
        let text = format!("{base}\n{}", config_toml(7, date(2026, 11, 24)));
        let config = Config::parse(&text, std::path::Path::new("demo.toml"), std::iter::empty());
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.registry.clinics().len(), 9);
        assert_eq!(config.registry.apps().len(), 4);
        for (clinic, spec) in config.registry.clinics().iter().zip(sim_config(7).tenants) {
            assert_eq!((clinic.tenant, &clinic.name), (spec.uuid, &spec.name));
        }
    }
}
