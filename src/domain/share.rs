//! Links that show the adoption page to somebody without an account.
//!
//! Owns how long such a link may live and what ends it, as functions of values. Does not know how one is
//! kept, nor what is on the page.

use super::adoption::Week;
use super::clinic_scope::ClinicScope;
use super::role::Role;
use super::time::Timestamp;

/// The days that a link lives unless somebody says otherwise.
pub const USUAL_DAYS: u32 = 7;
/// The most days of a link whose maker can be looked up here at any time.
pub const MOST_DAYS: u32 = 30;
/// The most days of a link whose maker is a provider's account: what became of that is not known here once
/// the person has signed in.
pub const MOST_DAYS_ELSEWHERE: u32 = 7;
/// The most links of one maker that work at a time.
pub const MOST_LINKS: usize = 20;

/// The days that a form asks for, if there may be so many.
#[must_use]
pub fn days(text: &str, most: u32) -> Option<u32> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|days| digits && (1..=most).contains(days))
}

/// What the maker of a link is at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    /// An account or a token that works, with what it may now.
    Here(Role, ClinicScope),
    /// An account that was disabled or removed, or a token that was revoked or has expired.
    Gone,
    /// A provider's account, of which nothing is known here.
    Elsewhere,
}

/// What is kept of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What the audit and the list call it: never given twice.
    pub number: u32,
    /// Whose: the account's label.
    pub account: String,
    /// Whether that is an account of this installation.
    pub of_account: bool,
    /// What the maker saw when it was made.
    pub clinics: ClinicScope,
    /// The week that it shows; `None`: the last one that is over.
    pub week: Option<Week>,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops working.
    pub expires: Timestamp,
    /// When it was ended before that.
    pub revoked: Option<Timestamp>,
    /// When it was opened, as far as that was kept: once an hour.
    pub opened: Option<Timestamp>,
    /// What the maker is now.
    pub maker: Maker,
}

impl Share {
    /// The clinics that it shows; `None` if it no longer works. Never more than its maker saw then, nor
    /// more than the maker may see now.
    #[must_use]
    pub fn shows(&self, now: Timestamp) -> Option<ClinicScope> {
        if self.revoked.is_some() || now >= self.expires {
            return None;
        }
        let clinics = match &self.maker {
            Maker::Here(role, clinics) if role.may_share() => self.clinics.both(clinics),
            Maker::Here(..) | Maker::Gone => return None,
            Maker::Elsewhere => self.clinics.clone(),
        };
        (!clinics.is_none()).then_some(clinics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_bounded_and_nothing_else_is_read() {
        for (text, most, expected) in [
            ("", 30, None),
            (" ", 30, None),
            ("1", 30, Some(1)),
            (" 30 ", 30, Some(30)),
            ("31", 30, None),
            ("8", 7, None),
            ("0", 30, None),
            ("-1", 30, None),
            ("+3", 30, None),
            ("1.5", 30, None),
            ("4294967296", 30, None),
            ("seven", 30, None),
        ] {
            assert_eq!(days(text, most), expected, "{text}");
        }
    }

    #[test]
    fn a_link_ends_with_its_time_its_revocation_and_its_makers_right() {
        let at = Timestamp::from_seconds;
        let scope = |text| ClinicScope::parse(text).unwrap();
        let all = ClinicScope::all;
        let here = |role| Maker::Here(role, all());
        let own = "lakeshore,old-mill";
        let both = Some(scope(own));
        for (now, revoked, maker, expected) in [
            (99, None, here(Role::Manager), both.clone()),
            (99, None, here(Role::Admin), both.clone()),
            (99, None, Maker::Elsewhere, both),
            (100, None, here(Role::Manager), None),
            (99, Some(at(50)), here(Role::Manager), None),
            (99, None, here(Role::Support), None),
            (99, None, here(Role::Oncall), None),
            (99, None, Maker::Gone, None),
            (99, None, Maker::Here(Role::Manager, scope("old-mill")), Some(scope("old-mill"))),
            (99, None, Maker::Here(Role::Manager, scope("harbour-view")), None),
        ] {
            let what = format!("{now} {maker:?}");
            let share = Share {
                number: 1,
                account: "zoe".into(),
                of_account: true,
                clinics: scope(own),
                week: None,
                created: at(1),
                expires: at(100),
                revoked,
                opened: None,
                maker,
            };
            assert_eq!(share.shows(at(now)), expected, "{what}");
        }
    }
}
