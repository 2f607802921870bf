//! Every reference has to be one under a listed key: computed here a second time, apart from
//! `crate::keys`, so that a mistake there cannot hide itself.
//!
//! Owns that second computation (contract of the event, "References").

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::domain::names::KeyId;
use crate::domain::reference::{Reference, ReferenceKind};

/// What was found out.
#[derive(Default)]
pub(super) struct Checked {
    /// How many different references were right, by kind.
    pub(super) right: BTreeMap<&'static str, usize>,
    /// The kinds and fields of those that no listed key makes of anything that was sent.
    pub(super) wrong: BTreeSet<String>,
}

/// Checks the references in lines of JSON against every identifier that was sent.
pub(super) fn check(
    lines: &[Value],
    identifiers: &[Vec<u8>],
    clinic: &str,
    keys: &[(KeyId, PathBuf)],
) -> std::io::Result<Checked> {
    let mut found = BTreeMap::new();
    for line in lines {
        collect("", line, &mut found);
    }
    let mut possible = BTreeSet::new();
    for (id, file) in keys {
        let key = zeroize::Zeroizing::new(std::fs::read(file)?);
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&key) else { continue };
        for kind in ReferenceKind::ALL {
            for place in ["", clinic] {
                for identifier in identifiers {
                    possible.insert(reference(&mac, *kind, place, identifier, id));
                }
            }
        }
    }
    let mut checked = Checked::default();
    for (reference, (kind, field)) in found {
        if possible.contains(&reference) {
            *checked.right.entry(kind.as_str()).or_default() += 1;
        } else {
            checked.wrong.insert(format!("{field} ({kind})"));
        }
    }
    Ok(checked)
}

/// `prefix_key_` and the first 26 characters of the HMAC of kind, clinic and identifier in base 32.
fn reference(
    mac: &Hmac<Sha256>,
    kind: ReferenceKind,
    clinic: &str,
    identifier: &[u8],
    key: &KeyId,
) -> String {
    let mut mac = mac.clone();
    mac.update(format!("{kind}\0{clinic}\0").as_bytes());
    mac.update(identifier);
    let digest = data_encoding::BASE32_NOPAD.encode(&mac.finalize().into_bytes());
    format!("{}_{key}_{}", kind.prefix(), digest[..26].to_ascii_lowercase())
}

fn collect(field: &str, value: &Value, found: &mut BTreeMap<String, (ReferenceKind, String)>) {
    match value {
        Value::String(text) => {
            if let Some(reference) = Reference::parse(text) {
                found.insert(text.clone(), (reference.kind(), field.to_owned()));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(field, item, found)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(name, value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_under_the_key_is_right_and_any_other_is_named_by_its_field() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("k1");
        std::fs::write(&file, [7; 32]).unwrap();
        let keys = [(KeyId::parse("k1").unwrap(), file)];
        // The same vectors as in `crate::keys`, computed with Python.
        let lines = [
            json!({"patient_ref": "pt_k1_xtyetrmtuj24fzmdhj2cgkbm7o"}),
            json!({"token_ref": "tk_k1_rp5mpdfojakzfeqq55kpimjfvp", "actor_ref": "ac_k1_rp5mpdfojakzfeqq55kpimjfvp"}),
        ];
        let sent = [b"8812".to_vec(), b"abc".to_vec()];
        let checked = check(&lines, &sent, "maple-ridge", &keys).unwrap();
        assert_eq!(checked.right.get("patient"), Some(&1));
        assert_eq!(checked.right.get("token"), Some(&1));
        assert_eq!(checked.wrong.iter().collect::<Vec<_>>(), ["actor_ref (actor)"]);
    }
}
