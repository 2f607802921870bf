//! What the provider says of somebody: subject, groups, a name.
//!
//! Owns which claims are read, and from where. The identity token comes first. Where it holds no claim of
//! groups at all, as with providers that keep tokens short, the userinfo endpoint's answer is read; a token
//! that says "no groups" is believed. Reads only what was verified; everything else of it is dropped.

use std::collections::HashMap;

use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{CoreGenderClaim, CoreIdToken};
use openidconnect::{AdditionalClaims, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

/// Claims by their names.
#[derive(Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Claims(HashMap<String, Value>);

/// The library asks for it; what is said of people is not to be written anywhere.
impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims")
    }
}

impl AdditionalClaims for Claims {}

/// The answer of the userinfo endpoint.
pub(super) type UserInfo = UserInfoClaims<Claims, CoreGenderClaim>;

/// What was said of somebody.
pub(super) struct Told {
    /// Whom the provider means.
    pub(super) subject: String,
    /// The groups; `None` where nothing was said of them.
    pub(super) groups: Option<Vec<String>>,
    /// What the provider calls the person, for the audit.
    pub(super) name: Option<String>,
}

impl Told {
    /// What an identity token says whose signature and times were checked; `None` where it is none.
    pub(super) fn by_token(token: &CoreIdToken, groups_claim: &str) -> Option<Self> {
        let text = Zeroizing::new(token.to_string());
        let bytes = BASE64URL_NOPAD.decode(text.split('.').nth(1)?.as_bytes()).ok()?;
        Self::read(&serde_json::from_slice(&bytes).ok()?, groups_claim)
    }

    fn read(claims: &Value, groups_claim: &str) -> Option<Self> {
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        Some(Self {
            subject: text("sub")?,
            groups: claims.get(groups_claim).and_then(groups),
            name: text("preferred_username").or_else(|| text("email")),
        })
    }

    /// Whether groups are known, even if there are none.
    pub(super) const fn speaks_of_groups(&self) -> bool {
        self.groups.is_some()
    }

    /// Takes the groups of the userinfo endpoint's answer.
    pub(super) fn add(&mut self, claims: &Claims, groups_claim: &str) {
        self.groups = claims.0.get(groups_claim).and_then(groups);
    }
}

/// The groups of a claim, one or several; `None` where it says nothing of any.
fn groups(claim: &Value) -> Option<Vec<String>> {
    match claim {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => {
            Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_says_of_groups_counts_and_only_silence_asks_elsewhere() {
        let of = |token: &str| {
            let told = Told::read(&serde_json::from_str(token).unwrap(), "groups");
            told.map(|told| (told.speaks_of_groups(), told.groups.unwrap_or_default().join(",")))
        };
        for (token, expected) in [
            (r#"{"groups":["a"]}"#, None),
            (r#"{"sub":"1"}"#, Some((false, ""))),
            (r#"{"sub":"1","groups":null}"#, Some((false, ""))),
            (r#"{"sub":"1","groups":7}"#, Some((false, ""))),
            (r#"{"sub":"1","groups":[]}"#, Some((true, ""))),
            (r#"{"sub":"1","groups":"a"}"#, Some((true, "a"))),
            (r#"{"sub":"1","groups":["a",7,"b"]}"#, Some((true, "a,b"))),
            (r#"{"sub":"1","roles":["a"]}"#, Some((false, ""))),
        ] {
            let expected = expected.map(|(speaks, all): (bool, &str)| (speaks, all.to_owned()));
            assert_eq!(of(token), expected, "{token}");
        }
    }
}
