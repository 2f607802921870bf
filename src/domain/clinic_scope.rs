//! Which clinics somebody may see: all of them, or some that are named.
//!
//! Owns the value and its text. What it hides is decided where it is read: `store::scoped` for what is
//! recorded, [`super::registry::Registry::within`] for names, `ops::access::policy` for what concerns all
//! clinics at once. A call whose clinic could not be told is of no clinic, so only those see it who see
//! all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::names::ClinicId;

/// The clinics that somebody may see. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClinicScope(Option<Arc<BTreeSet<ClinicId>>>);

/// Why a text lists no clinics. It repeats nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClinicScopeError {
    /// Nothing between two commas, or nothing at all.
    #[error("clinic ids with commas between them, such as lakeshore,old-mill")]
    NotIds,
    /// A list longer than [`ClinicScope::MOST`].
    #[error("at most {} clinics", ClinicScope::MOST)]
    TooMany,
}

impl ClinicScope {
    /// Most clinics of one list: somebody who needs more sees all.
    pub const MOST: usize = 200;

    /// Every clinic, and what is of none.
    #[must_use]
    pub const fn all() -> Self {
        Self(None)
    }

    /// These clinics and no others. Without any it is none: nothing is seen.
    #[must_use]
    pub fn only(clinics: impl IntoIterator<Item = ClinicId>) -> Self {
        Self(Some(Arc::new(clinics.into_iter().collect())))
    }

    /// Reads ids with commas between them.
    ///
    /// # Errors
    ///
    /// [`ClinicScopeError`]; an empty text is one, since it could mean all as well as none.
    pub fn parse(text: &str) -> Result<Self, ClinicScopeError> {
        let ids = text.split(',').map(|id| ClinicId::parse(id.trim()));
        let ids: BTreeSet<ClinicId> =
            ids.collect::<Result<_, _>>().map_err(|_| ClinicScopeError::NotIds)?;
        if ids.len() > Self::MOST {
            return Err(ClinicScopeError::TooMany);
        }
        Ok(Self(Some(Arc::new(ids))))
    }

    /// The form that [`Self::parse`] reads; `None` for all clinics.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        let ids: Vec<&str> = self.0.as_ref()?.iter().map(ClinicId::as_str).collect();
        Some(ids.join(","))
    }

    /// The clinics, unless it is all of them.
    #[must_use]
    pub fn listed(&self) -> Option<&BTreeSet<ClinicId>> {
        self.0.as_deref()
    }

    /// What both show.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(one), Some(two)) => {
                Self(Some(Arc::new(one.intersection(two).cloned().collect())))
            }
        }
    }

    /// Whether nothing at all is seen.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.as_ref().is_some_and(|clinics| clinics.is_empty())
    }

    /// Whether nothing is hidden.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Whether something of that clinic is seen; `None` is what is of no clinic.
    #[must_use]
    pub fn covers(&self, clinic: Option<&ClinicId>) -> bool {
        match (&self.0, clinic) {
            (None, _) => true,
            (Some(own), Some(clinic)) => own.contains(clinic),
            (Some(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClinicId {
        ClinicId::parse(text).unwrap()
    }

    #[test]
    fn a_list_covers_its_clinics_and_nothing_else() {
        let some = ClinicScope::parse("old-mill, lakeshore").unwrap();
        for (clinic, seen) in [
            (Some("lakeshore"), true),
            (Some("old-mill"), true),
            (Some("lake"), false),
            (Some("lakeshore-2"), false),
            (None, false),
        ] {
            let clinic = clinic.map(id);
            assert_eq!(some.covers(clinic.as_ref()), seen, "{clinic:?}");
            assert!(ClinicScope::all().covers(clinic.as_ref()));
            assert!(!ClinicScope::only([]).covers(clinic.as_ref()));
        }
    }

    #[test]
    fn of_two_scopes_only_what_both_show_is_seen() {
        let [a, ab, bc, c] = ["a", "a,b", "b,c", "c"].map(|text| ClinicScope::parse(text).unwrap());
        let all = ClinicScope::all();
        for (one, two, both) in
            [(&all, &ab, "a,b"), (&ab, &all, "a,b"), (&ab, &bc, "b"), (&a, &ab, "a"), (&a, &c, "")]
        {
            let seen = one.both(two);
            assert_eq!(seen.to_text().as_deref(), Some(both));
            assert_eq!(seen.is_none(), both.is_empty());
        }
        assert!(all.both(&all).is_all() && !all.is_none());
    }

    #[test]
    fn a_text_is_read_back_and_a_bad_one_is_refused() {
        let some = ClinicScope::parse("old-mill,lakeshore").unwrap();
        assert_eq!(some.to_text().as_deref(), Some("lakeshore,old-mill"));
        assert_eq!(ClinicScope::parse(&some.to_text().unwrap()), Ok(some));
        assert_eq!(ClinicScope::all().to_text(), None);
        for text in ["", ",", "lakeshore,", "Lake Shore", "lakeshore;old-mill"] {
            assert_eq!(ClinicScope::parse(text), Err(ClinicScopeError::NotIds), "{text}");
        }
        let many: Vec<String> = (0..=ClinicScope::MOST).map(|n| format!("c-{n}")).collect();
        assert_eq!(ClinicScope::parse(&many.join(",")), Err(ClinicScopeError::TooMany));
    }
}
