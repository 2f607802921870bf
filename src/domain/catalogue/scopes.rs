//! Which scopes of a token response may be kept.
//!
//! A scope is text from outside, so it is kept only if each of its words is one that the catalogue
//! or OAuth itself uses. Anything else could be a person's name and is dropped.

use std::collections::BTreeSet;

use super::super::names::ScopeName;
use super::Endpoint;

/// Words of OAuth, OpenID Connect and SMART scopes that no endpoint's path has.
const COMMON_WORDS: &[&str] = &[
    "access", "all", "api", "client", "create", "delete", "email", "fhir", "launch", "manage",
    "offline", "online", "openid", "patient", "portal", "profile", "provider", "read", "search",
    "service", "system", "update", "user", "write",
];

/// The words that a scope may be made of.
#[derive(Debug)]
pub struct ScopeVocabulary {
    words: BTreeSet<String>,
}

impl ScopeVocabulary {
    /// The words of the endpoints' operations and literal path segments, and OAuth's own.
    pub(super) fn of(endpoints: &[Endpoint]) -> Self {
        let mut words: BTreeSet<String> = COMMON_WORDS.iter().map(|w| (*w).to_owned()).collect();
        for endpoint in endpoints {
            let literals = endpoint.route.as_str().split('/').filter(|s| !s.starts_with('{'));
            let texts = literals.chain([endpoint.operation.as_str()]);
            words.extend(texts.flat_map(split).map(str::to_ascii_lowercase));
        }
        Self { words }
    }

    /// The scope, if every word of it is known.
    pub(super) fn known(&self, scope: &str) -> Option<ScopeName> {
        let name = ScopeName::parse(scope).ok()?;
        let known = |word: &str| word == "*" || self.words.contains(&word.to_ascii_lowercase());
        split(scope).all(known).then_some(name)
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', ':', '/', '_', '-']).filter(|word| !word.is_empty())
}
