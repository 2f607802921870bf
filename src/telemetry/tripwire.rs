//! A tripwire under our own log lines: it should never be touched.
//!
//! Owns what it notices, and the count. Redaction is not done here: it is in the types of the lines, which have
//! no room for an identifier. This counts lines in which something stands that looks like one all the same,
//! so that a mistake in the code raises an alert (`AccuscopeRedactionEscape`) instead of staying unseen.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

static TOUCHED: AtomicU64 = AtomicU64::new(0);

/// Lines so far in which something looked like an identifier or a token.
pub(super) fn touched() -> u64 {
    TOUCHED.load(Ordering::Relaxed)
}

/// Standard output, with the wire before it.
pub(super) struct Out;

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if looks_like_an_identifier(bytes) {
            TOUCHED.fetch_add(1, Ordering::Relaxed);
        }
        io::stdout().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

/// Digits of a health number or a telephone number.
const NUMBER: std::ops::RangeInclusive<usize> = 9..=12;
/// Shortest part of a token that is one for certain.
const TOKEN: usize = 16;

/// Whether a line has a bearer token, or a number by itself that is as long as those of people. Our own numbers
/// stand after a colon (JSON), a dash or a dot (ids, files, fractions of seconds).
fn looks_like_an_identifier(line: &[u8]) -> bool {
    let token = |mark: &[u8]| {
        memchr::memmem::find_iter(line, mark).any(|at| {
            let of_token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'-' | b'_' | b'.');
            line[at + mark.len()..].iter().take_while(of_token).count() >= TOKEN
        })
    };
    token(b"eyJ") || token(b"Bearer ") || token(b"bearer ") || has_bare_number(line)
}

fn has_bare_number(line: &[u8]) -> bool {
    let mut at = 0;
    while at < line.len() {
        let run = line[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if run == 0 {
            at += 1;
            continue;
        }
        let before = at.checked_sub(1).map(|before| line[before]);
        let after = line.get(at + run);
        let alone = before.is_none_or(|b| matches!(b, b'"' | b' ' | b'/' | b'=' | b'(' | b'\\'))
            && after.is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'.' | b'_'));
        if alone && NUMBER.contains(&run) {
            return true;
        }
        at += run;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_touches_it_is_counted_where_prometheus_looks() {
        let before = touched();
        Out.write_all(b"{\"message\":\"test of the tripwire: phn 9123456780\"}\n").unwrap();
        assert!(touched() > before);
        let metrics = crate::telemetry::metrics::Metrics::new("1", "sandbox", &[]);
        let text = metrics.encode(crate::telemetry::metrics::Format::Text).unwrap();
        let line =
            text.lines().find(|l| l.starts_with("accuscope_redaction_escapes_total")).unwrap();
        assert!(line.contains("sink=\"log\"") && !line.ends_with(" 0"), "{line}");
    }

    #[test]
    fn what_looks_like_a_person_is_noticed_and_our_own_numbers_are_not() {
        for line in [
            r#"{"message":"a call","path":"/rest/v1/patients/9123456780"}"#,
            r#"{"message":"phn 9123456780 not found"}"#,
            r#"{"who":"6045551234"}"#,
            r#"{"query":"?phn=9123456780"}"#,
            r#"{"header":"Bearer 2f1c9d3e7a8b4c5d6e7f"}"#,
            r#"{"header":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi"}"#,
        ] {
            assert!(looks_like_an_identifier(line.as_bytes()), "{line}");
        }
        for line in [
            r#"{"timestamp":"2026-11-30T04:14:07.123456789Z","level":"INFO","bytes":1234567890}"#,
            r#"{"file":"journal/audit-000000001.ndjson","segment":"000000000001.ndjson"}"#,
            r#"{"id":"01939f6e-5a2b-7c3d-8e4f-123456789012","trace":"00000000123456789abcdef012345678"}"#,
            r#"{"seq":2431,"at":"1795540320000000","hash":"1234567890ab"}"#,
            r#"{"message":"bearer of news"}"#,
        ] {
            assert!(!looks_like_an_identifier(line.as_bytes()), "{line}");
        }
    }
}
