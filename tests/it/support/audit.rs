//! The audit as a test sees it: whole, record by record.

use std::path::Path;

use accuscope::domain::audit::verify::Verifier;
use accuscope::domain::audit::{Kind, Record};
use accuscope::journal::audit::lines;

/// Every record of a journal folder's audit, after checking that the chain is whole.
pub(crate) fn audit(folder: &Path) -> Vec<Record> {
    let mut verifier = Verifier::new(None);
    let mut records = Vec::new();
    lines::<std::io::Error>(folder, |line| {
        // A line without its end is being written.
        if line.bytes.ends_with(b"\n") {
            records.extend(verifier.line(line.bytes));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(verifier.finish().broken, None);
    records
}

/// The records about calls, by kind, as `kind status result detail`.
pub(crate) fn said(records: &[Record]) -> Vec<String> {
    let about_calls = records.iter().map(|record| &record.entry).filter(|e| e.kind != Kind::System);
    about_calls
        .map(|entry| {
            let mut text = entry.kind.to_string();
            let parts = [
                entry.status.map(|status| status.to_string()),
                entry.result.map(|result| result.to_string()),
                entry.reason.map(|reason| reason.to_string()),
                entry.detail.map(|detail| detail.to_string()),
            ];
            for part in parts.into_iter().flatten() {
                text.push(' ');
                text.push_str(&part);
            }
            text
        })
        .collect()
}
