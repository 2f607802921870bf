//! The holes of a template, and what fills them.

use percent_encoding::{NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};

use crate::prove::canaries::Canary;
use crate::prove::canaries::words::folded;
use crate::prove::needles::{latin_1, squeezed};

/// What fills the holes of one request.
pub(in crate::prove) struct Setting<'c> {
    /// The request's number, by which the upstream knows it.
    pub(in crate::prove) number: usize,
    /// The canary of the placement.
    pub(in crate::prove) main: &'c Canary,
    /// Who acts.
    pub(in crate::prove) actor: &'c Canary,
    /// The token that is sent.
    pub(in crate::prove) bearer: &'c Canary,
    /// The token that the upstream grants.
    pub(in crate::prove) granted: &'c Canary,
    /// The key of an application that may do everything.
    pub(in crate::prove) app_key: &'c str,
    /// The key of an application of one clinic.
    pub(in crate::prove) other_key: &'c str,
    /// A registered clinic.
    pub(in crate::prove) clinic: &'c str,
    /// Its tenant.
    pub(in crate::prove) tenant: &'c str,
}

impl Setting<'_> {
    /// A request's head without the empty line; fields that it needs and does not have are added.
    pub(super) fn head(&self, line: &str, fields: &str) -> Vec<u8> {
        let template = format!("{}\r\n{fields}", line.trim_end());
        let mut head = self.fill(&template);
        for (name, value) in [
            ("Host", "proof.invalid"),
            ("Accuscope-App-Key", "«key»"),
            ("Authorization", "Bearer «bearer»"),
            ("Accuscope-Actor", "«actor»"),
            ("X-Proof", "«n»"),
            ("Connection", "close"),
        ] {
            let field = format!("\r\n{name}:");
            if !template.contains(&field) {
                head.extend(self.fill(&format!("{name}: {value}\r\n")));
            }
        }
        head
    }

    /// A template's bytes.
    pub(super) fn fill(&self, template: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('«') {
            out.extend_from_slice(before.as_bytes());
            let Some((name, tail)) = after.split_once('»') else {
                out.extend_from_slice("«".as_bytes());
                rest = after;
                continue;
            };
            out.extend(self.value(name));
            rest = tail;
        }
        out.extend_from_slice(rest.as_bytes());
        out
    }

    fn value(&self, hole: &str) -> Vec<u8> {
        let text = self.main.text.as_str();
        let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        match hole {
            "n" => self.number.to_string().into(),
            "key" => self.app_key.into(),
            "other-key" => self.other_key.into(),
            "clinic" => self.clinic.into(),
            "tenant" => self.tenant.into(),
            "actor" => self.actor.text.as_bytes().to_vec(),
            "bearer" => self.bearer.text.as_bytes().to_vec(),
            "granted" => self.granted.text.as_bytes().to_vec(),
            "raw" => text.as_bytes().to_vec(),
            "pct" => percent(text).into(),
            "pct2" => percent(&percent(text)).into(),
            "lower-pct" => percent(text).to_ascii_lowercase().into(),
            "form" => percent(text).replace("%20", "+").into(),
            "latin" => latin_1(text),
            "latin-pct" => percent_encode(&latin_1(text), NON_ALPHANUMERIC).to_string().into(),
            "json" => json(text).into(),
            "json-u" => json_escaped(text).into(),
            "num" => text.trim_start_matches('0').into(),
            "trace" => as_trace(text).into(),
            "span" => format!("{:0>16}", squeezed(text)).into(),
            "ulid" => as_ulid(text).into(),
            "name" => squeezed(&folded(text)).into(),
            "b64" => data_encoding::BASE64.encode(text.as_bytes()).into(),
            "xml" => text.replace('&', "&amp;").replace('<', "&lt;").into(),
            "20k" => vec![b'p'; 20 * 1_024],
            "300k" => vec![b'p'; 300 * 1_024],
            other => format!("«{other}»").into(),
        }
    }
}

/// A number filled up to a trace id.
pub(in crate::prove) fn as_trace(text: &str) -> String {
    format!("{:0>32}", squeezed(text))
}

/// A number between the letters of a ULID.
pub(in crate::prove) fn as_ulid(text: &str) -> String {
    format!("{:X<26}", format!("01K{:0>10}", squeezed(text)))
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn json_escaped(text: &str) -> String {
    let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    units.concat()
}
