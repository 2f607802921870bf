//! The guard between sandbox and production: which hosts belong to which of them.
//!
//! Owns the decision whether a host may be talked to. Pure; the lists come from the settings. What
//! tenants and keys belong to is the registry's business.

use super::labels::Environment;

impl Environment {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Sandbox => Self::Production,
            Self::Production => Self::Sandbox,
        }
    }
}

/// The hosts that the operator listed, each as `host` or `host:port`.
#[derive(Clone, Copy, Debug)]
pub struct Hosts<'h> {
    /// Those that the own environment may talk to; empty for any.
    pub own: &'h [String],
    /// Those of the other environment.
    pub other: &'h [String],
}

/// Why a host may not be talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// It is listed for the other environment.
    ListedForOther,
    /// The own environment has a list, and it is not on it.
    NotListed,
    /// Nobody listed it, and a word of its name says the other environment.
    NamedLikeOther,
}

/// Words that say in a host's name what it is.
const SANDBOX_WORDS: &[&str] =
    &["sandbox", "staging", "stage", "test", "testing", "uat", "qa", "dev", "demo", "preprod"];
const PRODUCTION_WORDS: &[&str] = &["production", "prod", "live"];

/// Whether a process of an environment may talk to a host.
///
/// # Errors
///
/// [`Crossing`], the most certain sign first: a list before a name.
pub fn may_talk_to(
    environment: Environment,
    host: &str,
    authority: &str,
    hosts: Hosts<'_>,
) -> Result<(), Crossing> {
    let listed = |list: &[String]| {
        list.iter()
            .any(|entry| entry.eq_ignore_ascii_case(host) || entry.eq_ignore_ascii_case(authority))
    };
    if listed(hosts.other) {
        return Err(Crossing::ListedForOther);
    }
    if !hosts.own.is_empty() {
        return if listed(hosts.own) { Ok(()) } else { Err(Crossing::NotListed) };
    }
    let words = match environment.other() {
        Environment::Sandbox => SANDBOX_WORDS,
        Environment::Production => PRODUCTION_WORDS,
    };
    let says_other = |word: &str| words.iter().any(|other| other.eq_ignore_ascii_case(word));
    if host.split(['.', '-', '_']).any(says_other) {
        return Err(Crossing::NamedLikeOther);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_the_other_environment_is_never_talked_to() {
        use Crossing::{ListedForOther, NamedLikeOther, NotListed};
        use Environment::{Production, Sandbox};
        type Cell<'t> = (Environment, &'t str, &'t [&'t str], &'t [&'t str], Result<(), Crossing>);
        #[rustfmt::skip]
        let table: [Cell<'_>; 12] = [
            // here,     host,                      own list,             the other's list
            (Sandbox,    "accuro.example",          &[],                  &[],                  Ok(())),
            (Sandbox,    "sandbox.accuro.example",  &[],                  &[],                  Ok(())),
            (Sandbox,    "prod.accuro.example",     &[],                  &[],                  Err(NamedLikeOther)),
            (Sandbox,    "prod.accuro.example",     &["prod.accuro.example"], &[],              Ok(())),
            (Sandbox,    "accuro.example",          &[],                  &["ACCURO.example"],  Err(ListedForOther)),
            (Sandbox,    "accuro.example",          &["other.example"],   &[],                  Err(NotListed)),
            (Production, "accuro.example",          &[],                  &[],                  Ok(())),
            (Production, "accuro-sandbox.example",  &[],                  &[],                  Err(NamedLikeOther)),
            (Production, "accuro.example",          &["accuro.example"],  &["sandbox.example"], Ok(())),
            (Production, "accuro.example",          &["accuro.example:443"], &[],               Ok(())),
            (Production, "accuro.example",          &["accuro.example:1"],   &[],               Err(NotListed)),
            (Production, "contest.example",         &[],                  &[],                  Ok(())),
        ];
        for (here, host, own, other, expected) in table {
            let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
            let (own, other) = (texts(own), texts(other));
            let hosts = Hosts { own: &own, other: &other };
            let authority = format!("{host}:443");
            assert_eq!(may_talk_to(here, host, &authority, hosts), expected, "{here} {host}");
        }
    }
}
