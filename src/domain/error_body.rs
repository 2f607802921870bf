//! What an error answer says of itself, in closed vocabulary.
//!
//! Owns the reading of OAuth error codes (RFC 6749, 5.2; RFC 6750, 3.1), of "expired" and of the
//! error signature. Bodies and headers come in as bytes, and nothing of them goes out but an enum,
//! a yes or no, and a digest over known words only.

use super::digest::{Digest, FNV_SEED, fnv1a};

/// Most bytes of an error body that are looked at.
pub const MAX_BYTES: usize = 8 * 1_024;

/// The OAuth error codes that change what a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthError {
    /// `invalid_grant`.
    InvalidGrant,
    /// `invalid_client` or `unauthorized_client`.
    InvalidClient,
    /// `invalid_scope` or `insufficient_scope`.
    InvalidScope,
    /// `invalid_token`.
    InvalidToken,
}

/// What an error answer said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorSeen {
    /// The OAuth error code, if it is one of those.
    pub oauth: Option<OauthError>,
    /// Whether the words say that something expired.
    pub says_expired: bool,
    /// Digest of the body's known words, in order; `None` for an empty body.
    pub signature: Option<Digest>,
}

impl ErrorSeen {
    /// Reads the head of an error body (already decompressed) and the `WWW-Authenticate` values.
    #[must_use]
    pub fn read<'h>(body: &[u8], challenges: impl Iterator<Item = &'h [u8]>) -> Self {
        let body = &body[..body.len().min(MAX_BYTES)];
        let mut seen = Self {
            oauth: oauth_in_body(body),
            says_expired: has_word(body, b"expired"),
            signature: signature(body),
        };
        for challenge in challenges {
            seen.oauth = seen.oauth.or_else(|| oauth_in_challenge(challenge));
            seen.says_expired |= has_word(challenge, b"expired");
        }
        seen
    }
}

fn oauth_code(code: &str) -> Option<OauthError> {
    match code {
        "invalid_grant" => Some(OauthError::InvalidGrant),
        "invalid_client" | "unauthorized_client" => Some(OauthError::InvalidClient),
        "invalid_scope" | "insufficient_scope" => Some(OauthError::InvalidScope),
        "invalid_token" => Some(OauthError::InvalidToken),
        _ => None,
    }
}

/// The `error` member of a JSON object, wherever it stands at the top.
fn oauth_in_body(body: &[u8]) -> Option<OauthError> {
    #[derive(serde::Deserialize)]
    struct Body<'b> {
        #[serde(borrow)]
        error: std::borrow::Cow<'b, str>,
    }
    let body: Body<'_> = serde_json::from_slice(body).ok()?;
    oauth_code(&body.error)
}

/// The `error` parameter of a challenge, quoted or not.
fn oauth_in_challenge(challenge: &[u8]) -> Option<OauthError> {
    let text = std::str::from_utf8(challenge).ok()?;
    text.split([' ', ',', '\t']).find_map(|part| {
        let value = part.strip_prefix("error=")?;
        oauth_code(value.trim_matches('"'))
    })
}

fn has_word(text: &[u8], word: &[u8]) -> bool {
    words(text).any(|candidate| candidate.eq_ignore_ascii_case(word))
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_alphanumeric() && *byte < 0x80).filter(|w| !w.is_empty())
}

/// Words that error bodies are made of. Anything else (names, tokens, numbers, echoed input) counts
/// as one and the same blank, so a signature can hold nothing about a person.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "access", "account", "already", "an", "and", "api", "application", "appointment", "are",
    "argument", "at", "authentication", "authorization", "authorized", "bad", "be", "bearer",
    "been", "body", "by", "cannot", "client", "code", "conflict", "connection", "constraint",
    "could", "credentials", "current", "data", "database", "date", "deleted", "denied",
    "description", "detail", "details", "disabled", "document", "does", "duplicate", "edited",
    "empty", "error", "errors", "exceeded", "exception", "exist", "exists", "expired", "failed",
    "failure", "field", "fields", "for", "forbidden", "format", "found", "from", "full",
    "gateway", "gone", "grant", "has", "have", "html", "http", "id", "in", "input",
    "insufficient", "internal", "invalid", "is", "json", "large", "limit", "locked", "login",
    "maintenance", "malformed", "many", "masked", "maximum", "merged", "message", "method",
    "missing", "must", "no", "not", "null", "object", "of", "office", "on", "or", "page",
    "parameter", "parse", "password", "path", "patient", "permission", "please", "property",
    "provider", "query", "rate", "read", "reason", "record", "refresh", "rejected", "request",
    "required", "resource", "retry", "role", "scope", "server", "service", "session", "size",
    "status", "success", "support", "supported", "temporarily", "tenant", "the", "this", "time",
    "timeout", "timestamp", "title", "to", "token", "too", "type", "unable", "unauthorized",
    "unavailable", "unexpected", "unique", "unknown", "unprocessable", "unsupported", "up",
    "update", "updated", "user", "username", "valid", "validation", "value", "version", "was",
    "with", "within", "write", "you", "your",
];

fn signature(body: &[u8]) -> Option<Digest> {
    let mut hash = FNV_SEED;
    let mut any = false;
    let mut blank = false;
    for word in words(body) {
        any = true;
        let lower = word.to_ascii_lowercase();
        let known = std::str::from_utf8(&lower).is_ok_and(|w| WORDS.binary_search(&w).is_ok());
        // A run of unknown words is one blank, so that a longer name changes nothing.
        if !known && blank {
            continue;
        }
        blank = !known;
        let text: &[u8] = if known { &lower } else { b"?" };
        hash = fnv1a(fnv1a(hash, text), b" ");
    }
    any.then(|| Digest::from_bits(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, challenge: &str) -> ErrorSeen {
        ErrorSeen::read(body.as_bytes(), std::iter::once(challenge.as_bytes()))
    }

    #[test]
    fn the_vocabulary_is_sorted() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn reads_oauth_codes_and_expiry() {
        use OauthError::{InvalidClient, InvalidGrant, InvalidScope, InvalidToken};
        for (body, challenge, oauth, expired) in [
            (r#"{"error":"invalid_grant","error_description":"x"}"#, "", Some(InvalidGrant), false),
            (r#"{"error":"unauthorized_client"}"#, "", Some(InvalidClient), false),
            (
                r#"{"error":"invalid_token","error_description":"Access token expired: abc"}"#,
                "",
                Some(InvalidToken),
                true,
            ),
            ("", r#"Bearer realm="x", error="insufficient_scope""#, Some(InvalidScope), false),
            (
                "",
                r#"Bearer error="invalid_token", error_description="The token Expired""#,
                Some(InvalidToken),
                true,
            ),
            (r#"{"code":"401","message":"Unauthorized"}"#, "Bearer", None, false),
            (r#"{"error":{"code":1}}"#, "", None, false),
            ("<html>expiredness</html>", "", None, false),
        ] {
            let seen = read(body, challenge);
            assert_eq!((seen.oauth, seen.says_expired), (oauth, expired), "{body} {challenge}");
        }
    }

    #[test]
    fn a_signature_forgets_everything_variable() {
        let signature = |body: &str| read(body, "").signature;
        let first =
            signature(r#"{"message":"Patient 8812 Tremblay not found","timestamp":"2026-11-24"}"#);
        assert!(first.is_some());
        assert_eq!(
            first,
            signature(
                r#"{"message":"Patient 9 Zoë Côté-Roy not found","timestamp":"2027-01-02T03"}"#
            )
        );
        assert_ne!(first, signature(r#"{"message":"Patient 8812 not valid","timestamp":"2026"}"#));
        assert_eq!(signature(""), None);
    }
}
