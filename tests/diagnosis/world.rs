//! The clinics, people and patients of a scenario, and what stands for them in events.
//!
//! Owns names and identifiers, all invented. The key is a test's own, as in the other tests, so a
//! history that is written out can be imported by hand with a key file of 32 bytes of value 7.

use std::cell::RefCell;
use std::collections::HashMap;

use accuscope::domain::names::AppId;
use accuscope::domain::names::{ClinicId, KeyId};
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::domain::registry::{App, Clinic, Phase, Registry};
use accuscope::keys::Keyring;

/// What the key file holds.
pub(crate) const KEY: [u8; 32] = [7; 32];

/// Patients of each clinic.
pub(crate) const PATIENTS: u32 = 60;
/// The ticket's patient; nobody asks for this one unless the scenario says so.
pub(crate) const SUBJECT_PATIENT: u32 = 0;

/// The apps: people's two, the background service, the patients' portal.
pub(crate) const APPS: [&str; 4] = ["chart-app", "intake-web", "sync-service", "patient-app"];

const CLINICS: [&str; 30] = [
    "maple-ridge",
    "harbour-view",
    "lakeshore",
    "foothills",
    "prairie-rose",
    "riverbend",
    "north-shore",
    "cedar-street",
    "old-mill",
    "signal-hill",
    "birch-lane",
    "stone-bridge",
    "willow-creek",
    "fundy-coast",
    "aurora",
    "granite-bay",
    "orchard-park",
    "salmon-arm",
    "eastgate",
    "westmount",
    "pine-valley",
    "blue-heron",
    "northern-lights",
    "red-deer-creek",
    "mill-pond",
    "cape-breton",
    "saint-croix",
    "glenora",
    "fairview",
    "kings-landing",
];

/// Who makes a call. People are numbered within their clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Who {
    Person(usize),
    Service,
    Portal,
}

/// The ticket's person.
pub(crate) const SUBJECT: Who = Who::Person(0);

impl Who {
    /// The app that they work with: doctors one, the front desk the other.
    pub(crate) const fn app(self) -> &'static str {
        match self {
            Self::Person(number) => APPS[(number / 2) % 2],
            Self::Service => APPS[2],
            Self::Portal => APPS[3],
        }
    }

    /// What the app calls them; a patient of the portal is not named.
    pub(crate) fn login(self) -> Option<String> {
        match self {
            Self::Person(number) => Some(format!("staff-{number}")),
            Self::Service => Some("sync-service".to_owned()),
            Self::Portal => None,
        }
    }
}

/// The id of a clinic by its number.
pub(crate) fn clinic(number: usize) -> ClinicId {
    ClinicId::parse(CLINICS[number]).unwrap()
}

/// The identifier of a patient, as the app names it.
pub(crate) fn patient_id(clinic: usize, patient: u32) -> String {
    (10_000 * (clinic + 1) + 17 * patient as usize + 3).to_string()
}

/// The keys.
pub(crate) fn keys() -> Keyring {
    Keyring::of_one(KeyId::parse("k1").unwrap(), &KEY)
}

/// References, as the proxy makes them; each is computed once.
pub(crate) struct References {
    keys: Keyring,
    known: RefCell<HashMap<(ReferenceKind, String, String), Reference>>,
}

impl References {
    pub(crate) fn new() -> Self {
        Self { keys: keys(), known: RefCell::default() }
    }

    fn of(&self, kind: ReferenceKind, clinic: Option<&ClinicId>, identifier: &str) -> Reference {
        let place = clinic.map_or(String::new(), ClinicId::to_string);
        let make = || self.keys.reference(kind, clinic, identifier.as_bytes());
        let mut known = self.known.borrow_mut();
        known.entry((kind, place, identifier.to_owned())).or_insert_with(make).clone()
    }

    pub(crate) fn actor(&self, clinic: &ClinicId, login: &str) -> Reference {
        self.of(ReferenceKind::Actor, Some(clinic), login)
    }

    pub(crate) fn patient(&self, clinic: &ClinicId, identifier: &str) -> Reference {
        self.of(ReferenceKind::Patient, Some(clinic), identifier)
    }

    pub(crate) fn token(&self, token: &str) -> Reference {
        self.of(ReferenceKind::Token, None, token)
    }
}

fn tenant(number: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(0xacc0_5c09_e000_4000_8000_0000_0000_0000 + number as u128)
}

/// The registry of so many clinics.
pub(crate) fn registry(clinics: usize) -> Registry {
    let clinics = (0..clinics).map(|number| Clinic {
        id: clinic(number),
        name: CLINICS[number].to_owned(),
        tenant: tenant(number),
        time_zone: jiff::tz::TimeZone::get("America/Vancouver").unwrap(),
        phase: Phase::Live,
        went_live: Some(jiff::civil::date(2026, 9, 14)),
        rollout: accuscope::domain::registry::Rollout::default(),
    });
    let app = |id: &str| App {
        id: AppId::parse(id).unwrap(),
        name: id.to_owned(),
        keys: Vec::new(),
        clinics: Vec::new(),
    };
    Registry::new(clinics.collect(), APPS.into_iter().map(app).collect()).unwrap()
}

/// `[[clinics]]` and `[[apps]]` of a settings file, for use by hand.
pub(crate) fn settings(clinics: usize) -> String {
    let clinics = (0..clinics).map(|number| {
        let (id, tenant) = (CLINICS[number], tenant(number));
        format!("[[clinics]]\nid = \"{id}\"\nname = \"{id}\"\ntenant = \"{tenant}\"\n\n")
    });
    let apps = APPS.iter().map(|id| format!("[[apps]]\nid = \"{id}\"\nname = \"{id}\"\n\n"));
    clinics.chain(apps).collect()
}
