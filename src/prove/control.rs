//! The control: before anything is believed, leaks are planted in copies of sinks, and each has to be found.
//!
//! Owns the planting. A scanner that misses one proves nothing by finding nothing.

use std::io::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::calls::Owner;
use super::canaries::CanaryKind;
use super::needles;
use super::scan::Scanner;

/// Bytes between planted leaks that no needle has.
const BETWEEN: &[u8] = b"\n~~~~~~~~\n";

/// How the control went.
pub(super) struct Control {
    /// Leaks that were planted.
    pub(super) planted: usize,
    /// Those that were not found, by kind and form.
    pub(super) missed: Vec<String>,
}

/// Plants every form of one canary of each kind in a copy of a sink, and looks for it.
pub(super) fn run(scanner: &Scanner, owners: &[Owner], copy: &[u8]) -> Control {
    let mut control = Control { planted: 0, missed: Vec::new() };
    for kind in CanaryKind::ALL {
        let found =
            owners.iter().position(|owner| owner.canary.kind == *kind && !owner.digest_is_kept);
        let Some(number) = found else {
            control.missed.push(format!("{kind}: no canary of it"));
            continue;
        };
        let canary = &owners[number].canary;
        let mut forms: Vec<(String, Vec<u8>)> = needles::of(canary)
            .into_iter()
            .map(|needle| (format!("{kind}: {}", needle.form), needle.bytes))
            .collect();
        forms.extend(
            wrapped(&canary.text).into_iter().map(|(wrap, b)| (format!("{kind}: {wrap}"), b)),
        );
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        for (at, (what, bytes)) in forms.into_iter().enumerate() {
            control.planted += 1;
            // Anywhere in the copy, not always at the same place.
            let from = (at * 97) % (copy.len() / 2 + 1);
            let piece = &copy[from..copy.len().min(from + 200)];
            let sink = [piece, BETWEEN, &bytes, BETWEEN, piece].concat();
            if !scanner.scan(&sink).iter().any(|hit| hit.canary == number) {
                control.missed.push(what);
            }
        }
    }
    control
}

/// The ways in which a sink may wrap a text.
fn wrapped(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let quoted = format!("{{\"detail\":{}}}", serde_json::Value::from(text));
    let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing into memory does not fail.
    drop(gzip.write_all(quoted.as_bytes()));
    let units = |text: &str| -> Vec<u16> { text.encode_utf16().collect() };
    let each = |parts: Vec<String>| parts.concat();
    let escaped = each(units(text).iter().map(|unit| format!("\\u{unit:04x}")).collect());
    let entities = each(text.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect());
    let bytes = each(text.bytes().map(|byte| format!("\\x{byte:02x}")).collect());
    vec![
        ("in JSON", quoted.clone().into_bytes()),
        (
            "in a JSON string in JSON",
            serde_json::Value::from(quoted.as_str()).to_string().into_bytes(),
        ),
        ("as Debug shows it", format!("{text:?}").into_bytes()),
        ("as Debug shows bytes", text.as_bytes().escape_ascii().to_string().into_bytes()),
        ("percent twice", percent(&percent(text)).into_bytes()),
        ("escapes", escaped.into_bytes()),
        ("escaped bytes", bytes.into_bytes()),
        ("entities", entities.into_bytes()),
        ("base64 of JSON", data_encoding::BASE64.encode(quoted.as_bytes()).into_bytes()),
        ("hex of JSON", data_encoding::HEXLOWER.encode(quoted.as_bytes()).into_bytes()),
        ("gzip", gzip.finish().unwrap_or_default()),
        ("UTF-16", units(text).into_iter().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16, big end first", units(text).into_iter().flat_map(u16::to_be_bytes).collect()),
    ]
}
