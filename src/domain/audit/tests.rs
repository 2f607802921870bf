//! The record byte for byte, the chain, and every way to break it.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::chain::{Hash, Head};
use super::ledger::Ledger;
use super::verify::{Broken, Report, Verifier, Wrong};
use super::*;
use crate::domain::event::json::read_line as read_event;

fn instance() -> InstanceId {
    InstanceId::parse("i-1").unwrap()
}

fn call(n: u64) -> Exchange {
    let line = format!(
        r#"{{"id":"01939f6e-5a2b-7c3d-8e4f-{n:012x}","ts":"2026-11-24T17:12:05Z","env":"sandbox","clinic":"maple-ridge","app":"intake-web","context":"provider","operation":"appointment.update","domain":"scheduling","method":"PUT","route":"/rest/v1/appointments/{{appointmentId}}","mutation":true,"status":200,"upstream_status":200,"outcome":"ok","actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","trace_id":"0af7651916cd43dd8448eb211c80319c"}}"#
    );
    read_event(line.as_bytes()).unwrap()
}

/// Lines of a chain: a start, then pairs of intent and outcome.
fn chain(pairs: u64) -> Vec<Vec<u8>> {
    let mut head = Head::START;
    let mut lines = Vec::new();
    let mut add = |entry| {
        let mut line = Vec::new();
        head.append(entry, Timestamp::from_seconds(1_795_540_325), &instance(), &mut line);
        lines.push(line);
    };
    add(Entry::system(Event::Started.plain()));
    for n in 0..pairs {
        add(Entry::of_call(Kind::Intent, &call(n), None));
        add(Entry::outcome(&call(n), None));
    }
    lines
}

fn verify(lines: &[Vec<u8>], known: Option<Head>) -> Report {
    let mut verifier = Verifier::new(known);
    for line in lines {
        verifier.line(line);
    }
    verifier.finish()
}

fn broken(lines: &[Vec<u8>], known: Option<Head>) -> Option<Broken> {
    verify(lines, known).broken
}

/// The hash was computed with Python, over the line without the member `hash`:
/// `hashlib.sha256(line).hexdigest()`.
const OUTCOME: &str = r#"{"actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","app":"intake-web","clinic":"maple-ridge","context":"provider","detail":null,"event_id":"01939f6e-5a2b-7c3d-8e4f-000000000000","hash":"HASH","idempotency_ref":null,"instance":"i-1","kind":"outcome","method":"PUT","operation":"appointment.update","patient_ref":"pt_k1_abcdefghijklmnopqrstuvwxya","prev":"0000000000000000000000000000000000000000000000000000000000000000","reason":null,"request_id":"01939f6e-5a2b-7c3d-8e4f-000000000000","result":"applied","role":null,"route":"/rest/v1/appointments/{appointmentId}","seq":1,"status":200,"token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","trace_id":"0af7651916cd43dd8448eb211c80319c","ts":"2026-11-24T17:12:05.000000Z","user":null,"v":1}"#;
const OUTCOME_HASH: &str = "95430ec91b1234878212fe3284c5df1f7f9bccf5f8e5203e0d02921825142e59";

#[test]
fn the_first_record_is_these_bytes() {
    let mut line = Vec::new();
    let ts = Timestamp::from_seconds(1_795_540_325);
    let mut head = Head::START;
    let record = head.append(Entry::outcome(&call(0), None), ts, &instance(), &mut line);
    let text = String::from_utf8(line).unwrap();
    assert_eq!(text, OUTCOME.replace("HASH", OUTCOME_HASH) + "\n");
    assert_eq!(json::read_line(text.as_bytes()), Ok(record));
}

#[test]
fn the_line_is_canonical_json() {
    // RFC 8785, 3.2.3: members sorted by their names; no white space.
    for line in chain(1) {
        let text = std::str::from_utf8(&line).unwrap().trim_end();
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let sorted: std::collections::BTreeMap<_, _> = value.as_object().unwrap().iter().collect();
        assert_eq!(sorted.len(), 26, "every member of the contract, each once");
        assert_eq!(serde_json::to_string(&sorted).unwrap(), text);
    }
}

#[test]
fn a_chain_as_it_was_written_is_whole() {
    let lines = chain(3);
    let report = verify(&lines, None);
    assert_eq!((report.lines, report.head.seq, report.broken), (7, 7, None));
    assert_eq!(broken(&lines, Some(report.head)), None);
    assert_eq!(Head::parse(&report.head.to_string()), Some(report.head));
}

#[test]
fn what_is_wrong_is_named() {
    let whole = chain(3);
    let head = verify(&whole, None).head;
    let case = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut lines = whole.clone();
        change(&mut lines);
        let broken = broken(&lines, Some(head)).unwrap();
        (broken.line, broken.seq, broken.wrong)
    };
    let edit = |lines: &mut Vec<Vec<u8>>| {
        let text = String::from_utf8(lines[2].clone()).unwrap();
        lines[2] = text.replace("applied", "unknown").into_bytes();
    };
    assert_eq!(case(&edit), (3, 3, Wrong::Edited));
    let remove = |lines: &mut Vec<Vec<u8>>| drop(lines.remove(3));
    assert_eq!(case(&remove), (4, 5, Wrong::Removed { from: 4, to: 4 }));
    let first = |lines: &mut Vec<Vec<u8>>| drop(lines.remove(0));
    assert_eq!(case(&first), (1, 2, Wrong::Removed { from: 1, to: 1 }));
    let swap = |lines: &mut Vec<Vec<u8>>| lines.swap(1, 4);
    assert_eq!(case(&swap), (2, 5, Wrong::Reordered { expected: 2 }));
    let repeat = |lines: &mut Vec<Vec<u8>>| lines.insert(4, lines[2].clone());
    assert_eq!(case(&repeat), (5, 3, Wrong::Repeated));
    let cut = |lines: &mut Vec<Vec<u8>>| lines.truncate(5);
    assert_eq!(case(&cut), (6, 6, Wrong::Truncated { from: 6, head: 7 }));
    let tear = |lines: &mut Vec<Vec<u8>>| lines[6].truncate(100);
    assert_eq!(case(&tear), (7, 7, Wrong::Torn));
    let spoil = |lines: &mut Vec<Vec<u8>>| lines[1] = b"not json\n".to_vec();
    assert_eq!(case(&spoil), (2, 2, Wrong::NotARecord(json::RecordError::NotJson)));
}

#[test]
fn a_record_that_was_sealed_anew_does_not_fit_the_next() {
    let mut lines = chain(3);
    let report = verify(&lines[..3], None);
    let mut forged = Vec::new();
    let mut head = report.head;
    let ts = Timestamp::from_seconds(1_795_540_325);
    head.append(Entry::new(Kind::Lookup), ts, &instance(), &mut forged);
    lines[3] = forged;
    let found = broken(&lines, None).unwrap();
    assert_eq!((found.line, found.seq, found.wrong), (5, 5, Wrong::Relinked));
    let known = verify(&chain(3), None).head;
    lines.truncate(4);
    assert!(broken(&lines, Some(known)).is_some(), "a cut tail shows against a known head");
    let forged_head = Head { seq: 4, hash: Hash::ZERO };
    let found = broken(&lines, Some(forged_head)).unwrap();
    assert_eq!((found.line, found.wrong), (4, Wrong::NotTheHead));
}

#[test]
fn a_record_of_another_instance_is_foreign() {
    let mut lines = chain(1);
    let mut head = verify(&lines, None).head;
    let (mut line, other) = (Vec::new(), InstanceId::parse("i-2").unwrap());
    head.append(Entry::new(Kind::Lookup), Timestamp::from_seconds(0), &other, &mut line);
    lines.push(line);
    assert_eq!(broken(&lines, None).unwrap().wrong, Wrong::OtherInstance);
}

#[test]
fn an_entry_survives_the_spool() {
    let ts = Timestamp::from_seconds(1_795_540_325);
    let mut entry = Entry::outcome(&call(7), None);
    entry.user = AccountId::parse("zoe.admin").ok();
    entry.detail = Some(Event::Settled.plain());
    let mut line = Vec::new();
    json::write_entry(&entry, ts, &mut line);
    assert_eq!(json::read_entry(&line), Ok((entry, ts)));
    assert!(json::read_line(&line).is_err(), "it has no place in a chain");
}

#[test]
fn a_write_is_open_until_somebody_knows() {
    let ts = Timestamp::from_seconds(1_795_540_325);
    let mut ledger = Ledger::default();
    let unknown = |n| Entry {
        result: Some(CallResult::Unknown),
        ..Entry::of_call(Kind::Outcome, &call(n), None)
    };
    for n in 0..4 {
        ledger.note(&Entry::of_call(Kind::Intent, &call(n), None), ts);
    }
    assert_eq!((ledger.len(), ledger.oldest()), (4, Some(ts)));
    ledger.note(&Entry::outcome(&call(0), None), ts);
    ledger.note(&unknown(1), ts);
    ledger.note(&Entry::of_call(Kind::Intent, &call(2), None).never_sent(), ts);
    assert_eq!(ledger.len(), 2);
    assert!(ledger.is_open(call(1).id) && ledger.is_open(call(3).id));
    ledger.note(&Entry::outcome(&call(1), None), ts);
    ledger.note(&Entry::outcome(&call(3), None), ts);
    assert!(ledger.is_empty());
}

#[test]
fn a_detail_has_one_spelling() {
    for (text, detail) in [
        ("gap", Some(Event::Gap.plain())),
        ("gap=12", Some(Event::Gap.of(12))),
        ("gap=0", Some(Event::Gap.of(0))),
        ("gap=", None),
        ("gap=012", None),
        ("gap=+1", None),
        ("gap=99999999999999999999", None),
        ("Tremblay", None),
        ("gap=Tremblay", None),
    ] {
        assert_eq!(Detail::parse(text), detail, "{text}");
        if let Some(detail) = detail {
            assert_eq!(detail.to_string(), text);
        }
    }
}

/// One way to tamper with a chain.
#[derive(Clone, Debug)]
enum Tampering {
    Flip { line: usize, byte: usize, bit: u8 },
    Delete { line: usize, lines: usize },
    Swap { one: usize, other: usize },
    Repeat { line: usize, at: usize },
    Cut { lines: usize },
}

fn tampering(lines: usize) -> impl Strategy<Value = Tampering> {
    prop_oneof![
        (0..lines, 0..600usize, 0..8u8).prop_map(|(line, byte, bit)| Tampering::Flip {
            line,
            byte,
            bit
        }),
        (0..lines, 1..4usize).prop_map(|(line, lines)| Tampering::Delete { line, lines }),
        (0..lines, 1..lines)
            .prop_map(move |(one, by)| Tampering::Swap { one, other: (one + by) % lines }),
        (0..lines, 0..=lines).prop_map(|(line, at)| Tampering::Repeat { line, at }),
        (1..lines).prop_map(|lines| Tampering::Cut { lines }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_tampering_is_found_where_it_begins(tampering in tampering(9)) {
        static WHOLE: LazyLock<(Vec<Vec<u8>>, Head)> = LazyLock::new(|| {
            let lines = chain(4);
            let head = verify(&lines, None).head;
            (lines, head)
        });
        let (mut lines, head) = WHOLE.clone();
        // The first line (counted from 1) that is not as it was written.
        let first = match tampering {
            Tampering::Flip { line, byte, bit } => {
                let length = lines[line].len();
                lines[line][byte % length] ^= 1 << bit;
                line + 1
            }
            Tampering::Delete { line, lines: many } => {
                let end = (line + many).min(lines.len());
                drop(lines.drain(line..end));
                line + 1
            }
            Tampering::Swap { one, other } => {
                lines.swap(one, other);
                one.min(other) + 1
            }
            Tampering::Repeat { line, at } => {
                let copy = lines[line].clone();
                lines.insert(at, copy);
                // A copy beside its original is the second of two.
                if at == line { at + 2 } else { at + 1 }
            }
            Tampering::Cut { lines: many } => {
                lines.truncate(many);
                many + 1
            }
        };
        let found = broken(&lines, Some(head));
        prop_assert_eq!(found.map(|broken| broken.line), Some(first as u64));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = json::read_line(&bytes);
        let _ = json::sealed_hash(&bytes);
    }
}
