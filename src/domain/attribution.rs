//! Which application, which clinic: what a call shows of itself, and what we refuse.
//!
//! Owns the order in which the signs are believed (design 7) and the refusals that follow. Pure:
//! the signs come in as values. Does not look at headers or at the query.

use super::labels::Context;
use super::names::{AppId, ClinicId};
use super::reason::Reason;
use super::registry::{App, AppKeyDigest, KeyState, Registry};
use super::time::Timestamp;

/// The `Accuscope-App-Key` of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeySign {
    /// None was sent.
    Absent,
    /// The digest of the one that was sent.
    Sent(AppKeyDigest),
}

/// A sign that names a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClinicSign {
    /// Not there.
    Absent,
    /// There, and the registry knows it.
    Known(ClinicId),
    /// There, and nobody we know.
    Unknown,
    /// There, and of the other environment; the clinic where it is told.
    OtherEnvironment(Option<ClinicId>),
}

/// What a call shows of who is calling.
pub struct Signs {
    /// `Accuscope-App-Key`.
    pub key: KeySign,
    /// The `uuid` value of the query.
    pub tenant: ClinicSign,
    /// `Accuscope-Clinic`.
    pub header: ClinicSign,
    /// What the token was granted for, where the grant passed through here.
    pub grant: Option<ClinicId>,
    /// When the call came.
    pub at: Timestamp,
}

/// Who is calling, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The application.
    pub app: Option<AppId>,
    /// The clinic.
    pub clinic: Option<ClinicId>,
    /// A sign was there that names no clinic we know.
    pub unknown_tenant: bool,
}

/// Decides who is calling.
///
/// The clinic comes from the first of: an app key bound to one clinic; the query's `uuid`;
/// `Accuscope-Clinic`; the token's grant. Where the first known sign names a clinic that the
/// application may not work for, the call is refused. A key or a tenant of the other environment is
/// refused before that, and an unknown key before everything else, so that nobody without a key
/// learns which tenants exist.
///
/// # Errors
///
/// The attribution so far with [`Reason::AppKeyUnknown`], [`Reason::EnvironmentMismatch`] or
/// [`Reason::ClinicNotAllowed`].
pub fn attribute(registry: &Registry, signs: &Signs) -> Result<Attribution, (Attribution, Reason)> {
    let unknown_tenant = signs.tenant == ClinicSign::Unknown || signs.header == ClinicSign::Unknown;
    let refused = |app: Option<&App>, clinic: Option<&ClinicId>, reason| {
        let (app, clinic) = (app.map(|app| app.id.clone()), clinic.cloned());
        Err((Attribution { app, clinic, unknown_tenant }, reason))
    };
    let aimed_at = aimed_at(&signs.tenant).or(aimed_at(&signs.header));
    let found = match signs.key {
        KeySign::Sent(digest) => registry.app_of_key(digest),
        KeySign::Absent => None,
    };
    let app = match found.map(|(app, key)| (app, registry.state_of(key, signs.at))) {
        Some((app, KeyState::Valid)) => Some(app),
        Some((app, KeyState::OtherEnvironment)) => {
            return refused(Some(app), aimed_at, Reason::EnvironmentMismatch);
        }
        Some((app, KeyState::Revoked | KeyState::Expired)) => {
            return refused(Some(app), aimed_at, Reason::AppKeyUnknown);
        }
        None if registry.requires_keys() => return refused(None, aimed_at, Reason::AppKeyUnknown),
        None => only_app_without_key(registry),
    };
    if [&signs.tenant, &signs.header].iter().any(|s| matches!(s, ClinicSign::OtherEnvironment(_))) {
        return refused(app, aimed_at, Reason::EnvironmentMismatch);
    }
    let bound = app.and_then(App::only_clinic);
    let shown = known(&signs.tenant).or(known(&signs.header));
    let clinic = bound.or(shown).or(signs.grant.as_ref()).cloned();
    let attribution = Attribution { app: app.map(|app| app.id.clone()), clinic, unknown_tenant };
    let Some(app) = app.filter(|app| !app.clinics.is_empty()) else { return Ok(attribution) };
    // Every sign counts here, so that a key bound to one clinic does not open another's data, and a
    // clinic that nobody knows is none of those that the application may work for.
    let signs = [known(&signs.tenant), known(&signs.header), attribution.clinic.as_ref()];
    let aimed_at = signs.into_iter().flatten().find(|clinic| !app.may_work_for(clinic)).cloned();
    if aimed_at.is_some() || unknown_tenant {
        // The failure belongs to what was aimed at, not to the clinic that the key is bound to.
        return Err((Attribution { clinic: aimed_at, ..attribution }, Reason::ClinicNotAllowed));
    }
    Ok(attribution)
}

fn known(sign: &ClinicSign) -> Option<&ClinicId> {
    if let ClinicSign::Known(clinic) = sign { Some(clinic) } else { None }
}

/// The clinic that a sign is about, of whichever environment.
fn aimed_at(sign: &ClinicSign) -> Option<&ClinicId> {
    match sign {
        ClinicSign::Known(clinic) => Some(clinic),
        ClinicSign::OtherEnvironment(clinic) => clinic.as_ref(),
        ClinicSign::Absent | ClinicSign::Unknown => None,
    }
}

fn only_app_without_key(registry: &Registry) -> Option<&App> {
    if let [only] = registry.apps() { only.keys.is_empty().then_some(only) } else { None }
}

/// What is known of the bearer token of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSign {
    /// The call carried none.
    Absent,
    /// A token whose grant went through here, or whose use showed its kind.
    Of(Context),
    /// A token we know nothing of.
    Strange,
}

/// Decides the identity context: what the token is, else what the endpoint is for.
#[must_use]
pub fn context(token: TokenSign, endpoint: Option<Context>) -> Context {
    match token {
        TokenSign::Absent => Context::NoToken,
        TokenSign::Of(context) => context,
        TokenSign::Strange => {
            endpoint.filter(|wanted| *wanted != Context::NoToken).unwrap_or(Context::Unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::labels::Environment;
    use super::super::registry::tests::{app, clinic};
    use super::*;

    fn id(text: &str) -> ClinicId {
        ClinicId::parse(text).unwrap()
    }

    fn sign(text: &str) -> ClinicSign {
        match text {
            "" => ClinicSign::Absent,
            "?" => ClinicSign::Unknown,
            "!" => ClinicSign::OtherEnvironment(None),
            "!a" => ClinicSign::OtherEnvironment(Some(id("a"))),
            text => ClinicSign::Known(id(text)),
        }
    }

    #[test]
    fn believes_the_signs_in_order() {
        let mut prod = app("prod", Some(4), &[]);
        prod.keys[0].environment = Some(Environment::Production);
        let mut gone = app("gone", Some(5), &[]);
        gone.keys[0].revoked = true;
        let keyed = Registry::new(
            vec![clinic("a", 1), clinic("b", 2)],
            vec![
                app("one", Some(1), &["a"]),
                app("both", Some(2), &["a", "b"]),
                app("all", Some(3), &[]),
                prod,
                gone,
            ],
        )
        .and_then(|registry| registry.in_environment(Environment::Sandbox, HashMap::new()))
        .unwrap();
        #[rustfmt::skip]
        let table = [
            // key, uuid, header, grant,  app,    clinic, refusal
            (1, "",  "",  "",  "one",  "a", None),
            (1, "a", "",  "b", "one",  "a", None),
            (1, "b", "",  "",  "one",  "b", Some(Reason::ClinicNotAllowed)),
            (1, "",  "b", "",  "one",  "b", Some(Reason::ClinicNotAllowed)),
            (1, "?", "",  "",  "one",  "",  Some(Reason::ClinicNotAllowed)),
            (1, "",  "?", "",  "one",  "",  Some(Reason::ClinicNotAllowed)),
            (2, "b", "a", "",  "both", "b", None),
            (2, "?", "a", "",  "both", "",  Some(Reason::ClinicNotAllowed)),
            (2, "",  "",  "b", "both", "b", None),
            (3, "",  "",  "",  "all",  "",  None),
            (3, "?", "",  "",  "all",  "",  None),
            (3, "!", "a", "",  "all",  "a", Some(Reason::EnvironmentMismatch)),
            (3, "!a","",  "",  "all",  "a", Some(Reason::EnvironmentMismatch)),
            (1, "!", "",  "",  "one",  "",  Some(Reason::EnvironmentMismatch)),
            (4, "",  "",  "",  "prod", "",  Some(Reason::EnvironmentMismatch)),
            (4, "!a","",  "",  "prod", "a", Some(Reason::EnvironmentMismatch)),
            (5, "a", "",  "",  "gone", "a", Some(Reason::AppKeyUnknown)),
            (9, "!a","",  "",  "",     "a", Some(Reason::AppKeyUnknown)),
            (9, "a", "",  "",  "",     "a", Some(Reason::AppKeyUnknown)),
            (0, "",  "",  "a", "",     "",  Some(Reason::AppKeyUnknown)),
        ];
        for (key, tenant, header, grant, app, clinic, refusal) in table {
            let key =
                if key == 0 { KeySign::Absent } else { KeySign::Sent(AppKeyDigest([key; 32])) };
            let grant = (!grant.is_empty()).then(|| id(grant));
            let row = format!("{tenant:?} {header:?} {app:?}");
            let at = Timestamp::from_seconds(9);
            let signs = Signs { key, tenant: sign(tenant), header: sign(header), grant, at };
            let (attribution, reason) = match attribute(&keyed, &signs) {
                Ok(attribution) => (attribution, None),
                Err((attribution, reason)) => (attribution, Some(reason)),
            };
            let text = |c: Option<&ClinicId>| c.map_or(String::new(), ToString::to_string);
            assert_eq!(attribution.app.map_or(String::new(), |a| a.to_string()), app, "{row}");
            assert_eq!(text(attribution.clinic.as_ref()), clinic, "{row}");
            assert_eq!(reason, refusal, "{row}");
            assert_eq!(attribution.unknown_tenant, tenant == "?" || header == "?", "{row}");
        }
    }

    #[test]
    fn without_any_key_the_only_app_is_meant() {
        let registry = Registry::new(vec![clinic("a", 1)], vec![app("intake", None, &[])]).unwrap();
        let (key, at) = (KeySign::Absent, Timestamp::from_seconds(9));
        let signs = Signs { key, tenant: sign(""), header: sign("a"), grant: None, at };
        let attribution = attribute(&registry, &signs).ok().unwrap();
        assert_eq!(attribution.app.unwrap().as_str(), "intake");
        assert_eq!(attribution.clinic, Some(id("a")));
    }

    #[test]
    fn the_token_decides_the_context() {
        use Context::{Client, NoToken, Patient, Provider, Unknown};
        for (token, endpoint, expected) in [
            (TokenSign::Absent, Some(Provider), NoToken),
            (TokenSign::Of(Patient), Some(Provider), Patient),
            (TokenSign::Strange, Some(Provider), Provider),
            (TokenSign::Strange, Some(Client), Client),
            (TokenSign::Strange, None, Unknown),
            (TokenSign::Strange, Some(NoToken), Unknown),
        ] {
            assert_eq!(context(token, endpoint), expected, "{token:?} {endpoint:?}");
        }
    }
}
