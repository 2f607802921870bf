//! What the form asks for: read strictly.
//!
//! Owns the fields and what is said about a wrong one. Nothing that was typed is repeated.

use serde::Deserialize;

use crate::domain::audit::access::AccessKind;
use crate::domain::names::AccountId;
use crate::domain::registry::Registry;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::components::clinic_field::{Choice, Named};
use crate::ops::words::language::Language;
use crate::store::{AccessCursor, AccessFilter};

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct AccessForm {
    #[serde(default)]
    account: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    clinic: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
    #[serde(skip)]
    unreadable: bool,
}

/// What is wrong: the field, and why.
pub(crate) type Wrong = (&'static str, &'static str);

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccessQuery {
    /// Which records.
    pub(crate) filter: AccessFilter,
    /// Where the page begins.
    pub(crate) after: Option<AccessCursor>,
}

impl AccessForm {
    /// A body that is no form of this page.
    pub(crate) fn unreadable() -> Self {
        Self { unreadable: true, ..Self::default() }
    }

    /// Reads the form. Times without an offset are on the reader's clock.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub(crate) fn read(
        &self,
        registry: &Registry,
        zone: &jiff::tz::TimeZone,
        language: Language,
    ) -> Result<AccessQuery, Wrong> {
        if self.unreadable {
            return Err((
                "form",
                language.of(
                    "That was no form of this page. Nothing was looked up",
                    "Ce n’était pas un formulaire de cette page. Rien n’a été cherché",
                ),
            ));
        }
        let named = Named::read(&self.clinic, registry);
        if let Some((_, why)) = named.problem(language) {
            return Err(("clinic", why));
        }
        let clinic = if let Named::One(clinic) = named { Some(clinic.id.clone()) } else { None };
        let account = field(
            &self.account,
            "account",
            language.of("Choose one of the accounts", "Choisissez un des comptes"),
            |text| AccountId::parse(text).ok(),
        )?;
        let what = field(
            &self.what,
            "what",
            language.of("Choose one of the kinds", "Choisissez un des types"),
            AccessKind::parse,
        )?;
        let role = field(
            &self.role,
            "role",
            language.of("Choose one of the roles", "Choisissez un des rôles"),
            Role::parse,
        )?;
        let at = |text: &str| time(text, zone);
        let from = field(
            &self.from,
            "from",
            language.of("Give a day and a time", "Donnez un jour et une heure"),
            at,
        )?;
        let to = field(
            &self.to,
            "to",
            language.of("Give a day and a time", "Donnez un jour et une heure"),
            at,
        )?;
        if matches!((from, to), (Some(from), Some(to)) if from >= to) {
            return Err((
                "to",
                language.of("The end has to be after the beginning", "La fin doit suivre le début"),
            ));
        }
        let after = field(
            &self.after,
            "form",
            language
                .of("That page is not there. Begin anew", "Cette page n’est pas là. Recommencez"),
            AccessCursor::parse,
        )?;
        let filter = AccessFilter { account, what, role, clinic, from, to };
        Ok(AccessQuery { filter, after })
    }
}

impl AccessForm {
    /// The clinics to choose from: those that a part of a name stands for, else all.
    pub(crate) fn clinics(&self, registry: &Registry) -> Choice {
        let named = Named::read(&self.clinic, registry);
        let several = named.problem(Language::English).and_then(|(several, _)| several);
        several.unwrap_or_else(|| Choice::of(registry))
    }
}

impl AccessQuery {
    /// The fields that ask for the same, without the place of a page.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        [
            ("account", filter.account.as_ref().map(ToString::to_string)),
            ("what", filter.what.map(|what| what.to_string())),
            ("role", filter.role.map(|role| role.to_string())),
            ("clinic", filter.clinic.as_ref().map(ToString::to_string)),
            ("from", filter.from.map(|at| at.to_string())),
            ("to", filter.to.map(|at| at.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect()
    }
}

fn field<T>(
    text: &str,
    name: &'static str,
    why: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or((name, why)),
    }
}

fn time(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    if let Ok(at) = Timestamp::parse(text) {
        return Some(at);
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    let at = zone.to_timestamp(local).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::reading::fixtures;

    fn read(set: impl Fn(&mut AccessForm)) -> Result<AccessQuery, Wrong> {
        let mut form = AccessForm::default();
        set(&mut form);
        let zone = jiff::tz::TimeZone::get("America/Vancouver").unwrap();
        form.read(&fixtures::registry(), &zone, Language::English)
    }

    #[test]
    fn a_wrong_field_is_named_and_not_repeated() {
        type Set = fn(&mut AccessForm);
        let table: [(Set, &str); 8] = [
            (|form| form.account = "Zoë Tremblay".into(), "account"),
            (|form| form.what = "everything".into(), "what"),
            (|form| form.role = "root".into(), "role"),
            (|form| form.clinic = "nowhere".into(), "clinic"),
            (|form| form.from = "yesterday".into(), "from"),
            (|form| form.to = "9123456780".into(), "to"),
            (|form| form.after = "1.2".into(), "form"),
            (|form| form.unreadable = true, "form"),
        ];
        for (set, field) in table {
            let (found, why) = read(set).unwrap_err();
            assert_eq!(found, field);
            assert!(!why.contains("Tremblay") && !why.contains("9123456780"), "{why}");
        }
        let backwards = read(|form| {
            form.from = "2026-11-24T10:00".into();
            form.to = "2026-11-24T10:00".into();
        });
        assert_eq!(backwards.unwrap_err().0, "to");
    }

    #[test]
    fn what_was_asked_for_can_be_asked_for_again() {
        let query = read(|form| {
            form.account = "zoe.admin".into();
            form.what = "patient".into();
            form.role = "support".into();
            form.clinic = "harbour-view".into();
            form.from = "2026-11-24T10:00".into();
        })
        .unwrap();
        let fields = query.fields();
        assert_eq!(fields[4], ("from", "2026-11-24T17:00:00.000000Z".to_owned()));
        let again = read(|form| {
            for (name, value) in &fields {
                let field = match *name {
                    "account" => &mut form.account,
                    "what" => &mut form.what,
                    "role" => &mut form.role,
                    "clinic" => &mut form.clinic,
                    _ => &mut form.from,
                };
                value.clone_into(field);
            }
        });
        assert_eq!(again.unwrap().filter, query.filter);
    }
}
