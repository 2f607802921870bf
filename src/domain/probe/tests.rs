//! The probe against a whole-buffer reader, and over every cut.

use proptest::prelude::*;

use super::*;

fn probe(text: &[u8]) -> JsonSeen {
    let mut probe = JsonProbe::default();
    probe.feed(text);
    probe.finish()
}

fn count(text: &str) -> Option<u64> {
    match probe(text.as_bytes()) {
        JsonSeen::Value { count, .. } => count,
        other => panic!("{text}: {other:?}"),
    }
}

fn shape(text: &str) -> Structure {
    match probe(text.as_bytes()) {
        JsonSeen::Value { structure, .. } => structure,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn counts_the_items_of_a_list_answer() {
    for (text, expected) in [
        ("[]", Some(0)),
        (" [ ] ", Some(0)),
        ("[1,[2,3],{\"a\":[4]}]", Some(3)),
        ("{\"contents\":[],\"count\":0}", Some(0)),
        ("{\"content\":[],\"totalElements\":0}", Some(0)),
        ("{\"count\":2,\"items\":[{},{}]}", Some(2)),
        ("{\"data\":[1],\"contents\":[1,2]}", Some(2)),
        ("{\"contents\":{\"items\":[1]}}", None),
        ("{\"patients\":[1,2]}", None),
        ("{\"a\":{\"items\":[1,2]}}", None),
        ("{\"items\":null}", None),
        ("{}", None),
        ("12", None),
        ("\u{feff}[1]", Some(1)),
    ] {
        assert_eq!(count(text), expected, "{text}");
    }
}

#[test]
fn tells_nothing_from_malformed_from_deep() {
    for (text, expected) in [
        ("", JsonSeen::Nothing),
        (" \n", JsonSeen::Nothing),
        ("[", JsonSeen::Malformed),
        ("[1,]", JsonSeen::Malformed),
        ("{\"a\":1,}", JsonSeen::Malformed),
        ("{\"a\" 1}", JsonSeen::Malformed),
        ("[1 2]", JsonSeen::Malformed),
        ("[1}", JsonSeen::Malformed),
        ("01", JsonSeen::Malformed),
        ("1.", JsonSeen::Malformed),
        ("-", JsonSeen::Malformed),
        ("nul", JsonSeen::Malformed),
        ("\"a", JsonSeen::Malformed),
        ("\"\\x\"", JsonSeen::Malformed),
        ("\"\u{1}\"", JsonSeen::Malformed),
        ("[] x", JsonSeen::Malformed),
        ("<html>", JsonSeen::Malformed),
    ] {
        assert_eq!(probe(text.as_bytes()), expected, "{text:?}");
    }
    assert_eq!(probe(&[b'['; 200]), JsonSeen::TooDeep);
}

#[test]
fn the_shape_follows_fields_and_types_and_nothing_else() {
    let base = shape(r#"[{"id":1,"name":"Zoë","tags":["a"]}]"#);
    assert_eq!(base, shape(r#"[{"name":"x","id":22,"tags":["b","c"]},{"id":3,"mid":null}]"#));
    assert_ne!(base, shape(r#"[{"id":"1","name":"Zoë","tags":["a"]}]"#));
    assert_ne!(base, shape(r#"[{"id":1,"names":"Zoë","tags":["a"]}]"#));
    assert_ne!(base, shape(r#"{"id":1,"name":"Zoë","tags":["a"]}"#));
}

#[test]
fn the_keys_of_a_map_are_no_part_of_the_shape() {
    let of = |key: &str| shape(&format!("{{\"byId\":{{\"{key}\":{{\"name\":\"x\"}}}}}}"));
    assert_eq!(of("9123456780"), of("8812"));
    assert_eq!(of("8812"), of("Zoë Tremblay"));
    assert_eq!(of("8812"), of("TREM84101512"));
    assert_ne!(of("8812"), of("patient"));
}

#[test]
fn many_different_fields_stay_within_bounds() {
    let letters =
        |n: u16| n.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect::<String>();
    let fields: Vec<String> = (0..5_000).map(|n| format!("\"{}\":1", letters(n))).collect();
    assert_eq!(count(&format!("{{{}}}", fields.join(","))), None);
}

proptest! {
    /// Against a whole-buffer reader: the same texts are JSON, and lists count the same.
    #[test]
    fn agrees_with_a_whole_buffer_reader(text in r#"[\[\]{}:,"ab0-9.eE+\\u \-tfn]{0,40}"#) {
        let oracle = serde_json::from_str::<serde_json::Value>(&text);
        match probe(text.as_bytes()) {
            JsonSeen::Value { count, .. } => {
                // The library also checks surrogate pairs and the range of numbers; the probe,
                // which keeps no value, does not.
                if let Ok(value) = oracle {
                    prop_assert_eq!(count, value.as_array().map(|a| a.len() as u64));
                }
            }
            _ => prop_assert!(oracle.is_err(), "{}", text),
        }
    }

    /// However an answer is cut into chunks, the verdict is the same.
    #[test]
    fn chunks_make_no_difference(
        items in proptest::collection::vec(("[a-z\\\\\"é]{0,6}", any::<f64>()), 0..8),
        cut in 1usize..7,
    ) {
        let items: Vec<_> = items
            .into_iter()
            .map(|(name, n)| serde_json::json!({ name.clone(): n, "x": [name, n] }))
            .collect();
        let text = serde_json::json!({ "count": items.len(), "items": items }).to_string();
        let mut chunked = JsonProbe::default();
        for chunk in text.as_bytes().chunks(cut) {
            chunked.feed(chunk);
        }
        let seen = chunked.finish();
        prop_assert_eq!(seen, probe(text.as_bytes()));
        let counted = matches!(seen, JsonSeen::Value { count: Some(n), .. } if n == items.len() as u64);
        prop_assert!(counted);
    }
}
