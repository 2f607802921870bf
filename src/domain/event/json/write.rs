//! Writing the line. Every value is of a fixed alphabet, so nothing needs escaping.

use crate::domain::digest::Digest;
use crate::domain::event::Exchange;
use crate::domain::labels::Category;
use crate::domain::names::{AppId, ClinicId};
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;

/// Appends the event as one line of JSON, newline included.
pub fn write_line(event: &Exchange, out: &mut Vec<u8>) {
    let mut line = Line { out };
    line.raw(b"{\"v\":1,\"id\":\"");
    let mut uuid = uuid::Uuid::encode_buffer();
    line.raw(event.id.0.hyphenated().encode_lower(&mut uuid).as_bytes());
    line.raw(b"\",\"ts\":\"");
    event.ts.write_rfc3339(line.out);
    line.raw(b"\"");
    line.text("env", event.env.as_str());
    line.maybe("clinic", event.clinic.as_ref().map(ClinicId::as_str));
    line.maybe("app", event.app.as_ref().map(AppId::as_str));
    line.text("context", event.context.as_str());
    line.text("operation", event.operation.as_str());
    line.text("domain", event.domain.as_str());
    line.text("method", event.method.as_str());
    line.text("route", event.route.as_str());
    line.maybe_display("api_version", event.api_version);
    line.key("mutation");
    line.raw(if event.mutation { b"true" } else { b"false" });
    line.number("status", Some(u64::from(event.status)));
    line.number("upstream_status", event.upstream_status.map(u64::from));
    line.text("outcome", event.ending.outcome().as_str());
    line.maybe("category", event.ending.category().map(Category::as_str));
    line.maybe("reason", event.ending.reason().map(Reason::as_str));
    line.number("result_count", event.result_count.map(u64::from));
    line.number("duration_us", Some(event.duration_us));
    line.number("upstream_us", event.upstream_us);
    line.number("attempts", Some(u64::from(event.attempts)));
    line.text("source", event.source.as_str());
    line.reference("actor_ref", event.actor_ref.as_ref());
    line.reference("patient_ref", event.patient_ref.as_ref());
    line.reference("token_ref", event.token_ref.as_ref());
    line.maybe_display("office", event.office);
    line.key("scopes");
    line.raw(b"[");
    for (index, scope) in event.scopes.iter().enumerate() {
        line.raw(if index == 0 { b"\"" } else { b",\"" });
        line.raw(scope.as_str().as_bytes());
        line.raw(b"\"");
    }
    line.raw(b"]");
    line.hex("shape", event.shape.map(Digest::bits));
    line.hex("error_signature", event.error_signature.map(Digest::bits));
    line.text("request_id", event.request_id.as_str());
    line.key("trace_id");
    line.raw(b"\"");
    line.hex_digits(event.trace_id.bits(), 32);
    line.raw(b"\"");
    line.hex("span_id", Some(event.span_id.bits()));
    line.key("support_code");
    line.raw(b"\"");
    line.raw(&event.support_code.to_ascii());
    line.raw(b"\"");
    line.number("bytes_in", Some(event.bytes_in));
    line.number("bytes_out", Some(event.bytes_out));
    line.text("instance", event.instance.as_str());
    line.raw(b"}\n");
}

struct Line<'o> {
    out: &'o mut Vec<u8>,
}

impl Line<'_> {
    fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn key(&mut self, key: &str) {
        self.raw(b",\"");
        self.raw(key.as_bytes());
        self.raw(b"\":");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.maybe(key, Some(value));
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        self.key(key);
        let Some(value) = value else { return self.raw(b"null") };
        self.raw(b"\"");
        self.raw(value.as_bytes());
        self.raw(b"\"");
    }

    fn maybe_display(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        use std::io::Write as _;
        self.key(key);
        match value {
            // Writing to a `Vec` does not fail.
            Some(value) => drop(write!(self.out, "\"{value}\"")),
            None => self.raw(b"null"),
        }
    }

    fn number(&mut self, key: &str, value: Option<u64>) {
        self.key(key);
        let Some(mut rest) = value else { return self.raw(b"null") };
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.raw(&digits[at..]);
    }

    fn hex(&mut self, key: &str, bits: Option<u64>) {
        self.key(key);
        let Some(bits) = bits else { return self.raw(b"null") };
        self.raw(b"\"");
        self.hex_digits(u128::from(bits), 16);
        self.raw(b"\"");
    }

    fn hex_digits(&mut self, bits: u128, digits: u32) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for index in (0..digits).rev() {
            self.out.push(HEX[(bits >> (4 * index) & 15) as usize]);
        }
    }

    fn reference(&mut self, key: &str, reference: Option<&Reference>) {
        self.key(key);
        let Some(reference) = reference else { return self.raw(b"null") };
        self.raw(b"\"");
        reference.write(self.out);
        self.raw(b"\"");
    }
}
