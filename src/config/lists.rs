//! The registry's two sources: what the settings file lists, and what the site keeps in the store.
//!
//! Owns the rule: **what the file lists, the file decides; the site has the rest**. The file has to make
//! sense by itself, so that a process can start without the store. An entry of the site that
//! contradicts the file, or one before it, is set aside and named, and never stands in the way of the others.
//! An app has the keys of both; a key that is revoked in either is revoked. Entries of both go
//! through the same readers and the same checks. Does not know where the site's are kept.

use toml::Table;
use uuid::Uuid;

use super::aside::{Mistake, SetAside, Ways, aside, contradiction};
use super::environments::OtherTenants;
use super::error::ConfigError;
use super::known::{APP_KEYS, CLINIC_KEYS};
use super::source::Source;
use super::{apps, entries};
use crate::domain::adoption::Note;
use crate::domain::kept_registry::{EntryKind, KeptEntry, KeptRegistry};
use crate::domain::labels::Environment;
use crate::domain::names::{AppId, ClinicId};
use crate::domain::registry::{App, AppKey, Clinic, Registry, RegistryError};

/// What the file lists.
#[derive(Clone)]
pub struct Lists {
    /// Where mistakes are named.
    pub(super) source: Source,
    pub(super) environment: Environment,
    pub(super) clinics: Vec<Clinic>,
    pub(super) apps: Vec<App>,
    pub(super) notes: Vec<Note>,
    pub(super) other_tenants: OtherTenants,
}

/// Both sources as one.
pub struct Merged {
    /// What is in force.
    pub registry: Registry,
    /// Entries of the site that do not count.
    pub set_aside: Vec<SetAside>,
}

/// An entry of the site that could be read.
#[derive(Clone)]
enum Item {
    Clinic(Box<Clinic>, Option<Uuid>),
    App(App),
    Key(AppId, AppKey),
}

impl Lists {
    /// A file that lists nothing.
    #[must_use]
    pub fn none(environment: Environment) -> Self {
        Self {
            source: Source::nowhere(),
            environment,
            clinics: Vec::new(),
            apps: Vec::new(),
            notes: Vec::new(),
            other_tenants: OtherTenants::new(),
        }
    }

    /// The environment of the process.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Whether the file has an entry of that name.
    #[must_use]
    pub fn has(&self, kind: EntryKind, id: &str) -> bool {
        match kind {
            EntryKind::Clinic => self.clinics.iter().any(|clinic| clinic.id.as_str() == id),
            EntryKind::App => self.apps.iter().any(|app| app.id.as_str() == id),
            EntryKind::Key => id.split_once('/').is_some_and(|(app, key)| {
                let of = self.apps.iter().find(|known| known.id.as_str() == app);
                of.is_some_and(|app| app.keys.iter().any(|known| known.id.as_str() == key))
            }),
        }
    }

    /// The file's registry by itself.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Registry`] where its entries contradict each other.
    pub fn alone(&self) -> Result<Registry, ConfigError> {
        self.build(&[]).map_err(|source| {
            let file = self.source.file.clone();
            let place = |id: &ClinicId| self.clinics.iter().position(|clinic| clinic.id == *id);
            let at = source.merged().and_then(place);
            match at {
                Some(at) => {
                    let key = format!("clinics[{}].merged_into", at + 1);
                    ConfigError::Merger { file, key, source }
                }
                None => ConfigError::Registry { file, source },
            }
        })
    }

    /// The registry of both. It never fails: the file's entries were checked when it was read.
    #[must_use]
    pub fn with(&self, kept: &KeptRegistry) -> Merged {
        let (mut set_aside, mut items) = (Vec::new(), Vec::new());
        for kind in EntryKind::ALL {
            for entry in kept.of(*kind) {
                match self.read(entry) {
                    Ok(item) => items.push((entry, item)),
                    Err(error) => set_aside.push(aside(entry, &Mistake::from(error).words)),
                }
            }
        }
        let mut good = Vec::with_capacity(items.len());
        let of_site = items.iter().filter_map(|(_, item)| match item {
            Item::Clinic(clinic, _) => Some(&**clinic),
            Item::App(_) | Item::Key(..) => None,
        });
        let ways = Ways::of(self.clinics.iter().chain(of_site));
        items.retain(|(entry, item)| {
            let Item::Clinic(clinic, _) = item else { return true };
            let round = ways.steps(&clinic.id).is_none();
            if round {
                let error = RegistryError::MergedInACircle(clinic.id.clone());
                set_aside.push(aside(entry, &contradiction(&error).words));
            }
            !round
        });
        // Whoever became part of another comes after it, so that one is not set aside for want of the other.
        items.sort_by_key(|(_, item)| match item {
            Item::Clinic(clinic, _) => (0, ways.steps(&clinic.id)),
            Item::App(_) => (1, None),
            Item::Key(..) => (2, None),
        });
        self.take(&mut good, &items, &mut set_aside);
        ways.name_those_that_do_not_count(&mut set_aside);
        Merged { registry: self.build(&good).unwrap_or_default(), set_aside }
    }

    /// Takes entries in as long as they fit to those before: all at once, or else halves of them, so that
    /// one that does not fit among a thousand is found in a few steps.
    fn take(
        &self,
        good: &mut Vec<Item>,
        more: &[(&KeptEntry, Item)],
        set_aside: &mut Vec<SetAside>,
    ) {
        let before = good.len();
        good.extend(more.iter().map(|(_, item)| item.clone()));
        let Err(error) = self.build(good) else { return };
        good.truncate(before);
        match more {
            [] => {}
            [(entry, _)] => set_aside.push(aside(entry, &contradiction(&error).words)),
            _ => {
                let (one, other) = more.split_at(more.len() / 2);
                self.take(good, one, set_aside);
                self.take(good, other, set_aside);
            }
        }
    }

    /// Checks what somebody is about to keep, as strictly as the file is checked: the entries that are to
    /// change must count, and no other may stop counting through them.
    ///
    /// # Errors
    ///
    /// [`Mistake`], naming the field where it is one.
    pub fn check(
        &self,
        before: &KeptRegistry,
        after: &KeptRegistry,
        kind: EntryKind,
        id: &str,
    ) -> Result<(), Mistake> {
        if let Some(entry) = after.entry(kind, id) {
            self.read(entry)?;
        }
        let (old, new) = (self.with(before), self.with(after));
        let is_own = |one: &&SetAside| one.kind == kind && one.id == id;
        let is_new = |one: &&SetAside| !old.set_aside.contains(one);
        let own = new.set_aside.iter().find(is_own);
        if let Some(aside) = own.or_else(|| new.set_aside.iter().find(is_new)) {
            let own = own.is_some();
            return Err(aside.mistake(own));
        }
        if old.registry.requires_keys() && !new.registry.requires_keys() {
            return Err(Mistake {
                field: None,
                words: "no app would have a key any more, so that everybody could call; revoke the key and keep the app".to_owned(),
            });
        }
        Ok(())
    }

    /// The mistake that a key of the file does not take that.
    pub(super) fn wrong(&self, key: &str, expected: &str) -> ConfigError {
        self.source.wrong(key, expected)
    }

    fn read(&self, entry: &KeptEntry) -> Result<Item, ConfigError> {
        let source = &self.source;
        let table: Table =
            entry.body.parse().map_err(|_| source.wrong(entry.kind.as_str(), "TOML"))?;
        match entry.kind {
            EntryKind::Clinic => entries::kept(source, "clinics", CLINIC_KEYS, &table, |entry| {
                entries::clinic(entry, self.environment)
                    .map(|(clinic, other)| Item::Clinic(Box::new(clinic), other))
            }),
            EntryKind::App => {
                entries::kept(source, "apps", APP_KEYS, &table, apps::app).map(Item::App)
            }
            EntryKind::Key => self.read_key(entry, table),
        }
    }

    fn read_key(&self, entry: &KeptEntry, key: Table) -> Result<Item, ConfigError> {
        let app = entry.id.split_once('/').and_then(|(app, _)| AppId::parse(app).ok());
        let app = app.ok_or_else(|| self.source.wrong("apps", "names of apps"))?;
        // The same reader as for the keys in an app's own entry.
        let of_app = Table::from_iter([("keys".to_owned(), toml::Value::Array(vec![key.into()]))]);
        let keys = entries::kept(&self.source, "apps", APP_KEYS, &of_app, apps::keys)?;
        let key = keys.into_iter().next();
        key.map(|key| Item::Key(app, key)).ok_or_else(|| self.source.wrong("apps", "a key"))
    }

    fn build(&self, site: &[Item]) -> Result<Registry, RegistryError> {
        let (mut clinics, mut apps) = (self.clinics.clone(), self.apps.clone());
        let mut other_tenants = self.other_tenants.clone();
        for item in site {
            match item {
                Item::Clinic(clinic, other) => {
                    if let Some(tenant) = other {
                        other_tenants.entry(*tenant).or_insert_with(|| Some(clinic.id.clone()));
                    }
                    clinics.push(Clinic::clone(clinic));
                }
                Item::App(app) => apps.push(app.clone()),
                Item::Key(app, key) => add_key(&mut apps, app, key)?,
            }
        }
        Registry::new(clinics, apps)?
            .with_notes(self.notes.clone())
            .in_environment(self.environment, other_tenants)
    }

    /// Clinics of the file, for pages that say where an entry comes from.
    pub fn clinics(&self) -> impl Iterator<Item = &ClinicId> {
        self.clinics.iter().map(|clinic| &clinic.id)
    }
}

/// Gives an app a key of the site; a key that the file has as well is revoked where the site says so.
fn add_key(apps: &mut [App], app: &AppId, key: &AppKey) -> Result<(), RegistryError> {
    let known = apps.iter_mut().find(|known| known.id == *app);
    let known = known.ok_or_else(|| RegistryError::NoSuchApp(app.clone(), key.id.clone()))?;
    match known.keys.iter_mut().find(|own| own.digest == key.digest) {
        Some(own) => own.revoked |= key.revoked,
        None => known.keys.push(key.clone()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::domain::kept_registry::EntryChange;
    use crate::domain::time::Timestamp;

    const MAPLE: &str = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";

    fn lists(tables: &str) -> Lists {
        let text = format!(
            "environment = \"sandbox\"\nupstream.base_url = \"http://127.0.0.1:9000\"\n{tables}"
        );
        let config = Config::parse(&text, Path::new("a.toml"), std::iter::empty());
        config.unwrap_or_else(|error| panic!("{error}")).lists
    }

    fn tenant(number: u32) -> String {
        Uuid::from_u128(number.into()).to_string()
    }

    fn clinic(id: &str, tenant: &str) -> EntryChange {
        let body = format!("id = \"{id}\"\nname = \"{id}\"\ntenant = \"{tenant}\"");
        EntryChange::Put { kind: EntryKind::Clinic, id: id.to_owned(), body }
    }

    fn kept(changes: &[EntryChange]) -> KeptRegistry {
        KeptRegistry::default().after(changes, Timestamp::from_seconds(1))
    }

    fn names(merged: &Merged) -> Vec<&str> {
        merged.set_aside.iter().map(|one| one.id.as_str()).collect()
    }

    const FILE: &str = "[[clinics]]\nid = \"a\"\nname = \"A\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\n";

    #[test]
    fn the_file_wins_and_what_contradicts_it_is_set_aside_and_no_more() {
        let lists = lists(FILE);
        let entries = kept(&[
            clinic("a", &tenant(1)),
            clinic("b", MAPLE),
            clinic("c", &tenant(3)),
            clinic("d", &tenant(3)),
            clinic("e", "no tenant"),
        ]);
        let merged = lists.with(&entries);
        let mut aside = names(&merged);
        aside.sort_unstable();
        assert_eq!(aside, ["a", "b", "d", "e"]);
        let ids: Vec<_> = merged.registry.clinics().iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
        assert!(merged.set_aside.iter().all(|one| !one.why.contains("no tenant")));
    }

    #[test]
    fn one_that_does_not_fit_among_a_thousand_is_found() {
        let lists = lists(FILE);
        let changes: Vec<_> = (1..1_000u32)
            .map(|n| clinic(&format!("c-{n}"), &tenant(if n == 777 { 5 } else { n })))
            .collect();
        let merged = lists.with(&kept(&changes));
        assert_eq!(names(&merged), ["c-777"]);
        assert_eq!(merged.registry.clinics().len(), 999);
    }

    #[test]
    fn a_change_that_would_push_another_entry_out_is_refused() {
        let lists = lists("");
        let app = EntryChange::Put {
            kind: EntryKind::App,
            id: "web".to_owned(),
            body: "id = \"web\"\nname = \"Web\"\nclinics = [\"b\"]".to_owned(),
        };
        let before = kept(&[clinic("b", &tenant(1)), app]);
        assert_eq!(lists.with(&before).set_aside, []);
        let gone = EntryChange::Remove { kind: EntryKind::Clinic, id: "b".to_owned() };
        let after = before.after(&[gone], Timestamp::from_seconds(2));
        let refused = lists.check(&before, &after, EntryKind::Clinic, "b").err().unwrap();
        assert!(refused.words.contains("lists the clinic b"), "{}", refused.words);
        // What was set aside before is nobody's fault now.
        let broken = before.after(&[clinic("x", "no tenant")], Timestamp::from_seconds(2));
        let more = broken.after(&[clinic("c", &tenant(9))], Timestamp::from_seconds(3));
        assert_eq!(lists.check(&broken, &more, EntryKind::Clinic, "c"), Ok(()));
    }

    #[test]
    fn the_other_environments_tenants_hold_for_both_sources() {
        let lists =
            lists(&format!("environments.production.tenants = [\"{}\"]\n{FILE}", tenant(4)));
        let body = format!(
            "id = \"b\"\nname = \"B\"\ntenant = \"{}\"\ntenants = {{ production = \"{MAPLE}\" }}",
            tenant(2)
        );
        let crossing = EntryChange::Put { kind: EntryKind::Clinic, id: "b".to_owned(), body };
        let merged = lists.with(&kept(&[clinic("c", &tenant(4)), crossing]));
        let mut aside = names(&merged);
        aside.sort_unstable();
        assert_eq!(
            aside,
            ["b", "c"],
            "the file's clinic stays whatever the site says of its tenant"
        );
        assert_eq!(merged.registry.clinics().len(), 1);
    }
}
