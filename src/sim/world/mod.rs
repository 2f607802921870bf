//! The people and things of the simulated clinics.
//!
//! Owns what a clinic has: offices, providers, accounts with their grants, patients, appointments,
//! and what was written since. Who may see what is decided in [`super::access`]; the content of
//! charts is derived in [`chart`]; how it all grows from the seed is in [`grow`].

pub mod chart;
mod grow;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::access::Mask;
use super::config::{Denial, TenantSpec};
use crate::domain::labels::WorkflowDomain;
use crate::domain::time::Timestamp;

/// Every clinic of one simulated Accuro.
#[derive(Clone, Debug)]
pub struct World {
    /// The clinics, in the order of the settings.
    pub tenants: Vec<Tenant>,
}

/// One clinic.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// How it was set up.
    pub spec: TenantSpec,
    /// Whether Accuro lets its clients in at all.
    pub enabled: bool,
    /// Its offices.
    pub offices: Vec<Office>,
    /// Its providers.
    pub providers: Vec<Provider>,
    /// Its people and API clients.
    pub accounts: Vec<Account>,
    /// Its patients.
    pub patients: Vec<Patient>,
    /// Its day sheets.
    pub appointments: Vec<Appointment>,
    /// What was added to charts since the start.
    pub written: Vec<Written>,
    /// Which charts are hidden from whom.
    pub masks: Vec<Mask>,
    /// The id that the next created thing gets.
    pub next_id: i64,
}

/// One office.
#[derive(Clone, Debug)]
pub struct Office {
    /// Accuro's number of it.
    pub id: u32,
    /// What people call it.
    pub name: String,
}

/// One provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Accuro's number of them.
    pub id: u32,
    /// First name.
    pub first: &'static str,
    /// Surname.
    pub last: &'static str,
    /// Where they mostly work.
    pub office: u32,
}

/// Somebody or something that can sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user name, or the client id.
    pub login: String,
    /// The password, or the client secret.
    pub password: String,
    /// What they are.
    pub role: Role,
    /// What they may see, at the moment.
    pub grants: Grants,
    /// What they were granted at the start.
    pub first_grants: Grants,
    /// The office that a new token works in.
    pub office: u32,
    /// Whether Accuro accepts the password.
    pub enabled: bool,
}

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A provider; every section.
    Physician,
    /// Every section but administration.
    Nurse,
    /// No labs, medications or clinical content.
    FrontDesk,
    /// Everything.
    Administrator,
    /// A client application under its own credentials.
    Client,
}

impl Role {
    /// The text of the control API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physician => "physician",
            Self::Nurse => "nurse",
            Self::FrontDesk => "front_desk",
            Self::Administrator => "administrator",
            Self::Client => "client",
        }
    }

    /// The sections that the role lacks.
    #[must_use]
    pub const fn lacks(self) -> &'static [WorkflowDomain] {
        use WorkflowDomain::{Admin, Clinical, Labs, Medications};
        match self {
            Self::Physician | Self::Nurse => &[Admin],
            Self::FrontDesk => &[Admin, Clinical, Labs, Medications],
            Self::Administrator | Self::Client => &[],
        }
    }
}

/// What an account may see and do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// Offices; what lies in others is left out silently.
    pub offices: BTreeSet<u32>,
    /// Providers; what belongs to others is left out silently.
    pub providers: BTreeSet<u32>,
    /// Sections that are refused, and how.
    pub denied: BTreeMap<WorkflowDomain, Denial>,
    /// Whether writes are refused.
    pub read_only: bool,
}

/// One patient.
#[derive(Clone, Debug)]
pub struct Patient {
    /// Accuro's number of them; negative for charts that were moved in from another system.
    pub id: i64,
    /// First name.
    pub first: String,
    /// Surname.
    pub last: String,
    /// Birthday.
    pub born: Date,
    /// Health number.
    pub number: String,
    /// Telephone, of the numbers kept for fiction.
    pub phone: String,
    /// Street and house number.
    pub street: String,
    /// Their usual provider.
    pub provider: u32,
    /// The one office that they are registered at; `None` where every office knows them.
    pub office: Option<u32>,
    /// The chart that this one went into.
    pub merged_into: Option<i64>,
}

/// One booking.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// Accuro's number of it.
    pub id: i64,
    /// For whom.
    pub patient: i64,
    /// With whom.
    pub provider: u32,
    /// Where.
    pub office: u32,
    /// On which day, on the clinic's calendar.
    pub date: Date,
    /// When, in minutes since midnight.
    pub start_minute: u16,
    /// How long, in minutes.
    pub minutes: u16,
    /// What for; the text that staff typed.
    pub reason: String,
    /// How far it is.
    pub status: &'static str,
    /// Somebody has it open until then.
    pub edited_until: Option<Timestamp>,
}

/// Something that was added to a chart since the start.
#[derive(Clone, Debug)]
pub struct Written {
    /// Accuro's number of it.
    pub id: i64,
    /// Whose chart.
    pub patient: i64,
    /// In which part.
    pub part: chart::Part,
    /// What it says of itself.
    pub title: String,
    /// When.
    pub at: Timestamp,
}

impl Tenant {
    /// The patient with that number.
    #[must_use]
    pub fn patient(&self, id: i64) -> Option<(usize, &Patient)> {
        self.patients.iter().enumerate().find(|(_, patient)| patient.id == id)
    }

    /// The account with that login.
    #[must_use]
    pub fn account(&self, login: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.login == login)
    }

    /// People, without the API clients.
    pub fn staff(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.role != Role::Client)
    }

    /// The credentials of one client application at this clinic.
    #[must_use]
    pub fn client(&self, app: &str) -> Option<&Account> {
        let login = client_login(app, &self.spec.acronym);
        self.accounts.iter().find(|account| account.login == login)
    }

    /// Takes the number of the next created thing.
    pub fn take_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }
}

/// The client id of an application at a clinic.
#[must_use]
pub fn client_login(app: &str, acronym: &str) -> String {
    format!("{app}.{}", acronym.to_lowercase())
}
