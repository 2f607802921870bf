//! What came of a fault, and the table of all.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::fault::Fault;

/// What came of a fault; times in seconds since it began.
pub(crate) struct Found {
    fault: &'static Fault,
    /// The site named a cause.
    pub(crate) seen: Option<f64>,
    /// Which.
    pub(crate) cause: Option<String>,
    /// An alert fired in Prometheus.
    pub(crate) firing: Option<f64>,
    /// Every alert that fired there.
    pub(crate) fired: BTreeSet<String>,
    /// The site shows an alert that Alertmanager told it of.
    pub(crate) site_told: Option<f64>,
    /// The pager, or else the tickets, were told.
    pub(crate) person_told: Option<f64>,
    /// What they were told of: alert and fingerprint.
    pub(crate) pages: BTreeSet<(String, String)>,
    pub(crate) tickets: BTreeSet<(String, String)>,
}

impl Found {
    pub(crate) fn new(fault: &'static Fault) -> Self {
        Self {
            fault,
            seen: None,
            cause: None,
            firing: None,
            fired: BTreeSet::new(),
            site_told: None,
            person_told: None,
            pages: BTreeSet::new(),
            tickets: BTreeSet::new(),
        }
    }

    /// Whether those were told who should be, in time, and nobody else.
    pub(crate) fn is_right(&self) -> bool {
        let pages: Vec<&str> = self.pages.iter().map(|(alert, _)| alert.as_str()).collect();
        let tickets: BTreeSet<&str> =
            self.tickets.iter().map(|(alert, _)| alert.as_str()).collect();
        let wanted: BTreeSet<&str> = self.fault.tickets.iter().copied().collect();
        let nobody = self.fault.page.is_none() && wanted.is_empty();
        let limit = f64::from(u32::try_from(self.fault.within).unwrap());
        let in_time = nobody || self.person_told.is_some_and(|told| told <= limit);
        pages == Vec::from_iter(self.fault.page) && tickets == wanted && in_time
    }
}

/// The table, in Markdown.
pub(crate) fn table(all: &[Found], scrape: u64) -> String {
    let mut text = format!(
        "\nSeconds from the fault, scrape every {scrape} s.\n\n\
         | fault | cause on the site | visible on Now | firing | told to the site | told to a person | pages | tickets |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    let seconds =
        |time: Option<f64>| time.map_or_else(|| "–".to_owned(), |time| format!("{time:.0}"));
    let names = |told: &BTreeSet<(String, String)>| {
        let names: Vec<&str> =
            told.iter().map(|(alert, _)| alert.trim_start_matches("Accuscope")).collect();
        if names.is_empty() {
            "0".to_owned()
        } else {
            format!("{}: {}", names.len(), names.join(", "))
        }
    };
    for found in all {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |{}",
            found.fault.name,
            found.cause.as_deref().map_or_else(|| "–".to_owned(), |cause| format!("`{cause}`")),
            seconds(found.seen),
            seconds(found.firing),
            seconds(found.site_told),
            seconds(found.person_told),
            names(&found.pages),
            names(&found.tickets),
            if found.is_right() { "" } else { " wrong" },
        )
        .unwrap();
        if !found.is_right() {
            writeln!(text, "  fired: {:?}", found.fired).unwrap();
        }
    }
    text
}
