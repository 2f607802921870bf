//! Names that people chose for things: short texts of a fixed alphabet, safe to show anywhere.
//!
//! Owns the shapes. A value of these types needs no escaping in JSON, a URL, HTML or `PromQL`, and
//! cannot hold a person's name with its spaces and capitals by accident. What a name stands for is
//! the registry's and the catalogue's business.

use std::sync::Arc;

/// Why a text is not a name. It never repeats the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("{what} cannot be empty")]
    Empty {
        /// What it should have been.
        what: &'static str,
    },
    /// Too long.
    #[error("{what} has at most {max} characters, this one has {len}")]
    TooLong {
        /// What it should have been.
        what: &'static str,
        /// Longest allowed, in bytes.
        max: usize,
        /// Bytes found.
        len: usize,
    },
    /// A character outside the alphabet.
    #[error("{what} has only {alphabet}; the character at position {at} is not one")]
    BadCharacter {
        /// What it should have been.
        what: &'static str,
        /// The alphabet in words.
        alphabet: &'static str,
        /// Byte offset of the first offender.
        at: usize,
    },
    /// A name that stands for something else.
    #[error(
        "{what} begins with a letter, and not with \"shell\", \"demo-\" or \"sso.\", which stand for others"
    )]
    Reserved {
        /// What it should have been.
        what: &'static str,
    },
    /// A route segment that looks like an identifier.
    #[error("a route has no segment of digits only; segment {segment} is one")]
    IdentifierInRoute {
        /// Which segment, counted from 1.
        segment: usize,
    },
}

impl NameError {
    /// What the text has to be, after "must be".
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Empty { what } => format!("{what}, not empty"),
            Self::TooLong { what, max, len } => {
                format!("{what} of at most {max} characters; this one has {len}")
            }
            Self::BadCharacter { what, alphabet, at } => {
                format!("{what} of only {alphabet}; the character at position {at} is not one")
            }
            Self::Reserved { what } => format!(
                "{what} that begins with a letter, and not with \"shell\", \"demo-\" or \"sso.\", which stand for others"
            ),
            Self::IdentifierInRoute { segment } => {
                format!("a route without a segment of digits only; segment {segment} is one")
            }
        }
    }
}

fn check(
    text: &str,
    what: &'static str,
    max: usize,
    alphabet: &'static str,
    allowed: fn(u8) -> bool,
) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    if text.len() > max {
        return Err(NameError::TooLong { what, max, len: text.len() });
    }
    match text.bytes().position(|byte| !allowed(byte)) {
        Some(at) => Err(NameError::BadCharacter { what, alphabet, at }),
        None => Ok(()),
    }
}

/// Declares a name type over `Arc<str>` (cloning is cheap).
macro_rules! name {
    ($(#[$meta:meta])* $name:ident, $what:literal, $max:literal, $alphabet:literal, $allowed:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Longest name, in bytes.
            pub const MAX_LEN: usize = $max;

            /// Reads a name.
            ///
            /// # Errors
            ///
            /// Says which rule is broken, without repeating the text; see [`NameError`].
            pub fn parse(text: &str) -> Result<Self, NameError> {
                check(text, $what, $max, $alphabet, $allowed)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

const fn is_slug(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')
}

name! {
    /// The operator-chosen id of one clinic, such as `maple-ridge`.
    ClinicId, "a clinic id", 40, "a-z, 0-9 and '-'", is_slug
}
name! {
    /// The operator-chosen id of one calling application, such as `intake-web`.
    AppId, "an app id", 40, "a-z, 0-9 and '-'", is_slug
}
name! {
    /// What the operator calls one key of an application, such as `2026-11`.
    AppKeyId, "an app key's id", 40, "a-z, 0-9 and '-'", is_slug
}
name! {
    /// Which accuscope process recorded an event; kept in the journal's folder across restarts.
    InstanceId, "an instance id", 40, "a-z, 0-9 and '-'", is_slug
}
name! {
    /// Whose account or API token it is, such as `zoe.admin` or `front-desk`.
    AccountId, "an account id", 80, "a-z, 0-9 and '.@_-'",
    |byte| is_slug(byte) || matches!(byte, b'.' | b'@' | b'_')
}
/// Reads the name of a person's account. It cannot be taken for somebody at a terminal or in the demo,
/// nor for a keyed reference.
///
/// # Errors
///
/// Says which rule is broken, without repeating the text; see [`NameError`].
pub fn person_account(text: &str) -> Result<AccountId, NameError> {
    let name = AccountId::parse(text)?;
    let begins = |prefix: &str| text.starts_with(prefix);
    let letter = text.starts_with(|c: char| c.is_ascii_lowercase());
    if !letter || text == "shell" || ["shell.", "demo-", "ac_", "sso."].into_iter().any(begins) {
        return Err(NameError::Reserved { what: "an account id" });
    }
    Ok(name)
}

name! {
    /// The name of a reference key, such as `k1`.
    KeyId, "a key name", 16, "a-z and 0-9", |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9')
}
name! {
    /// The name of an operation in the endpoint catalogue, such as `patient.read`.
    OperationName, "an operation", 64, "a-z, 0-9, '.' and '_'",
    |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_')
}
name! {
    /// The name of one segment of a journal, such as `000000000001.ndjson`.
    SegmentName, "a segment name", 64, "a-z, 0-9, '.', '_' and '-'",
    |byte| is_slug(byte) || matches!(byte, b'.' | b'_')
}
name! {
    /// The name of an alert's rule, such as `AccuscopeUpstreamOutage`.
    AlertName, "an alert's name", 80, "a-z, A-Z, 0-9 and '_'",
    |byte| byte.is_ascii_alphanumeric() || byte == b'_'
}
name! {
    /// One scope that a token was granted, all of its words known to the catalogue.
    ScopeName, "a scope", 80, "a-z, A-Z, 0-9 and '.:/_*-'",
    |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'/' | b'_' | b'*' | b'-')
}

/// A path template, such as `/rest/v1/provider-portal/patients/{patientId}`; never a path.
///
/// Invariant: at most [`RouteTemplate::MAX_LEN`] bytes of `A-Za-z0-9/{}._-`, and no segment of
/// digits only, which could be an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteTemplate(Arc<str>);

impl RouteTemplate {
    /// Longest template, in bytes.
    pub const MAX_LEN: usize = 160;

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// Says which rule is broken, without repeating the text; see [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'{' | b'}' | b'.' | b'_' | b'-')
        };
        check(text, "a route", Self::MAX_LEN, "a-z, A-Z, 0-9 and '/{}._-'", allowed)?;
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        match text.split('/').skip(1).position(digits) {
            Some(at) => Err(NameError::IdentifierInRoute { segment: at + 1 }),
            None => Ok(Self(text.into())),
        }
    }

    /// The template as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RouteTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The office that a call worked in, as Accuro numbers it.
///
/// Invariant: a whole number of at most six digits: too short for any health number, and no room
/// for a name. Office numbers are not about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Office(u32);

impl Office {
    /// Reads an office number; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { text.parse().ok().map(Self) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The API version in a path, `v1` as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiVersion(u8);

impl ApiVersion {
    /// Reads `v` and a number below 100; `None` for anything else.
    #[must_use]
    pub fn parse(segment: &str) -> Option<Self> {
        let digits = segment.strip_prefix('v')?;
        let plain = matches!(digits.len(), 1..=2) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok().map(Self) } else { None }
    }

    /// From its number; `None` from 100 on.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (number < 100).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl std::fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn says_which_rule_is_broken() {
        let what = "a clinic id";
        let alphabet = "a-z, 0-9 and '-'";
        for (text, expected) in [
            ("", NameError::Empty { what }),
            ("Maple", NameError::BadCharacter { what, alphabet, at: 0 }),
            ("maple ridge", NameError::BadCharacter { what, alphabet, at: 5 }),
            ("clinique-é", NameError::BadCharacter { what, alphabet, at: 9 }),
        ] {
            assert_eq!(ClinicId::parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_route_with_an_identifier_is_refused() {
        assert!(RouteTemplate::parse("/rest/v1/patients/{patientId}").is_ok());
        assert_eq!(
            RouteTemplate::parse("/rest/v1/patients/8812"),
            Err(NameError::IdentifierInRoute { segment: 4 })
        );
        assert!(RouteTemplate::parse("/patients/Zoë").is_err());
    }

    #[test]
    fn an_office_is_a_small_number() {
        assert_eq!(Office::parse("12").map(|o| o.to_string()), Some("12".into()));
        for text in ["", "-1", "9123456780", "12a", " 12"] {
            assert_eq!(Office::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        /// Whatever the input, an accepted id can be put into a label unescaped.
        #[test]
        fn an_accepted_id_needs_no_escaping(text in ".{0,60}") {
            if let Ok(id) = ClinicId::parse(&text) {
                prop_assert!(id.as_str().len() <= ClinicId::MAX_LEN);
                prop_assert!(id.as_str().bytes().all(is_slug));
            }
        }
    }

    #[test]
    fn a_person_is_not_taken_for_a_terminal_a_demo_or_a_reference() {
        for name in ["zoe", "r.okafor", "zoe@clinic.example", "shelly", "demo"] {
            assert!(person_account(name).is_ok(), "{name}");
        }
        for name in
            ["", "shell", "shell.root", "demo-admin", "ac_k1_x", ".zoe", "9123456780", "Zoe"]
        {
            assert!(person_account(name).is_err(), "{name}");
        }
    }
}
