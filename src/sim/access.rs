//! Who may see and do what.
//!
//! Owns the decisions, each a pure function of grants, masks and the thing looked at. A refusal has
//! a status; what was never granted is left out without a word, as Accuro does. Does not write
//! answers.

use std::collections::BTreeSet;

use super::config::Denial;
use super::world::{Appointment, Grants, Patient};
use crate::domain::labels::{Context, WorkflowDomain};

/// One chart that is closed to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Whose chart.
    pub patient: i64,
    /// The logins it is closed to; `None` for everybody.
    pub whom: Option<BTreeSet<String>>,
    /// What they notice.
    pub how: MaskStyle,
}

/// What somebody notices of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskStyle {
    /// The patient is in lists, and the chart is refused.
    Refused(Denial),
    /// The patient does not seem to exist.
    Hidden,
}

/// What somebody sees of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The chart is open.
    Open,
    /// The chart is refused with that status.
    Refused(Denial),
    /// As if there were nothing.
    Nothing,
}

/// Who is looking, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'w> {
    /// Their user name.
    pub login: &'w str,
    /// What they were granted.
    pub grants: &'w Grants,
    /// The office that their token works in.
    pub office: u32,
}

impl Viewer<'_> {
    /// Whether a section, and writing, is refused as a whole.
    #[must_use]
    pub fn refusal(self, section: WorkflowDomain, write: bool, usual: Denial) -> Option<Denial> {
        let denied = self.grants.denied.get(&section).copied();
        denied.or((write && self.grants.read_only).then_some(usual))
    }

    /// What this person sees of a patient.
    #[must_use]
    pub fn sight(self, patient: &Patient, masks: &[Mask]) -> Sight {
        let here = patient.office.is_none_or(|office| office == self.office);
        let works_here = self.grants.offices.contains(&self.office);
        if !here || !works_here || !self.grants.providers.contains(&patient.provider) {
            return Sight::Nothing;
        }
        let closed = |mask: &&Mask| {
            mask.patient == patient.id
                && mask.whom.as_ref().is_none_or(|whom| whom.contains(self.login))
        };
        match masks.iter().find(closed).map(|mask| mask.how) {
            None => Sight::Open,
            Some(MaskStyle::Refused(denial)) => Sight::Refused(denial),
            Some(MaskStyle::Hidden) => Sight::Nothing,
        }
    }

    /// Whether a booking is on this person's day sheet.
    #[must_use]
    pub fn sees_appointment(self, appointment: &Appointment) -> bool {
        self.sees_day_sheet(appointment.provider) && appointment.office == self.office
    }

    /// Whether this person has a provider's day sheet at all.
    #[must_use]
    pub fn sees_day_sheet(self, provider: u32) -> bool {
        self.grants.offices.contains(&self.office) && self.grants.providers.contains(&provider)
    }
}

/// Whether a token of one kind may be used on paths for another kind.
#[must_use]
pub fn context_fits(token: Context, endpoint: Option<Context>) -> bool {
    endpoint.is_none_or(|wanted| wanted == token || wanted == Context::NoToken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn grants() -> Grants {
        Grants {
            offices: BTreeSet::from([1, 2]),
            providers: BTreeSet::from([101]),
            denied: BTreeMap::from([(WorkflowDomain::Labs, Denial::Unauthorized)]),
            read_only: true,
        }
    }

    fn patient(provider: u32, office: Option<u32>) -> Patient {
        Patient {
            id: 7,
            first: String::new(),
            last: String::new(),
            born: jiff::civil::Date::ZERO,
            number: String::new(),
            phone: String::new(),
            street: String::new(),
            provider,
            office,
            merged_into: None,
        }
    }

    #[test]
    fn what_was_never_granted_is_left_out_and_what_is_masked_is_refused() {
        let grants = grants();
        let mask = |whom: Option<&str>, how| Mask {
            patient: 7,
            whom: whom.map(|login| BTreeSet::from([login.to_owned()])),
            how,
        };
        let refused = MaskStyle::Refused(Denial::Forbidden);
        #[rustfmt::skip]
        let table = [
            (patient(101, None), 1, vec![], Sight::Open),
            (patient(102, None), 1, vec![], Sight::Nothing),
            (patient(101, Some(2)), 1, vec![], Sight::Nothing),
            (patient(101, Some(2)), 2, vec![], Sight::Open),
            (patient(101, None), 3, vec![], Sight::Nothing),
            (patient(101, None), 1, vec![mask(Some("a"), refused)], Sight::Refused(Denial::Forbidden)),
            (patient(101, None), 1, vec![mask(Some("b"), refused)], Sight::Open),
            (patient(101, None), 1, vec![mask(None, refused)], Sight::Refused(Denial::Forbidden)),
            (patient(101, None), 1, vec![mask(None, MaskStyle::Hidden)], Sight::Nothing),
        ];
        for (patient, office, masks, expected) in table {
            let viewer = Viewer { login: "a", grants: &grants, office };
            let row = (patient.provider, patient.office, office, &masks);
            assert_eq!(viewer.sight(&patient, &masks), expected, "{row:?}");
        }
    }

    #[test]
    fn a_section_and_a_write_are_refused_in_their_own_way() {
        let grants = grants();
        let viewer = Viewer { login: "a", grants: &grants, office: 1 };
        let refusal = |section, write| viewer.refusal(section, write, Denial::Forbidden);
        assert_eq!(refusal(WorkflowDomain::Labs, false), Some(Denial::Unauthorized));
        assert_eq!(refusal(WorkflowDomain::Patients, false), None);
        assert_eq!(refusal(WorkflowDomain::Patients, true), Some(Denial::Forbidden));
    }

    #[test]
    fn a_token_fits_the_paths_of_its_kind() {
        for (token, endpoint, expected) in [
            (Context::Provider, Some(Context::Provider), true),
            (Context::Client, Some(Context::Provider), false),
            (Context::Patient, Some(Context::Provider), false),
            (Context::Patient, None, true),
        ] {
            assert_eq!(context_fits(token, endpoint), expected, "{token} {endpoint:?}");
        }
    }
}
