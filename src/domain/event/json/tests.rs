//! The line, byte for byte, and its mistakes, named and never echoed.

use proptest::prelude::*;

use super::*;
use crate::domain::digest::Digest;

const LINE: &str = r#"{"v":1,"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05.123456Z","env":"sandbox","clinic":"maple-ridge","app":null,"context":"provider","operation":"patient.read","domain":"patients","method":"GET","route":"/rest/v1/provider-portal/patients/{patientId}","api_version":"v1","mutation":false,"status":403,"upstream_status":403,"outcome":"failed","category":"auth","reason":"forbidden","result_count":null,"duration_us":12345,"upstream_us":12000,"attempts":1,"source":"upstream","actor_ref":"ac_k1_abcdefghijklmnopqrstuvwxya","patient_ref":null,"token_ref":"tk_k1_abcdefghijklmnopqrstuvwxya","office":"12","scopes":["user/patients.read"],"shape":null,"error_signature":"0123456789abcdef","request_id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","support_code":"7KQ4-M2PX","bytes_in":0,"bytes_out":27,"instance":"i-1"}"#;

#[test]
fn a_line_is_read_and_written_byte_for_byte() {
    let event = read_line(LINE.as_bytes()).unwrap();
    let mut out = Vec::new();
    write_line(&event, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), format!("{LINE}\n"));
}

#[test]
fn a_short_line_gets_the_same_ids_every_time() {
    let line = br#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}"#;
    let event = read_line(line).unwrap();
    assert_eq!(event, read_line(line).unwrap());
    assert_eq!(event.request_id.as_str(), "01939f6e-5a2b-7c3d-8e4f-0123456789ab");
    assert_eq!(event.instance.as_str(), "imported");
}

#[test]
fn a_bad_line_is_named_by_field_and_never_echoed() {
    for (from, to, message) in [
        (r#""v":1"#, r#""v":2"#, "field v: this program reads version 1"),
        (r#""env":"sandbox""#, r#""env":"Tremblay""#, "field env: not an environment"),
        (
            r#""outcome":"failed""#,
            r#""outcome":"ok""#,
            "fields outcome, category and reason contradict",
        ),
        (
            r#""clinic":"maple-ridge""#,
            r#""clinic":"Zoë Tremblay""#,
            "field clinic: a clinic id has only",
        ),
        ("{patientId}", "9123456780", "field route: a route has no segment of digits only"),
        (r#""ac_k1_"#, r#""pt_k1_"#, "field actor_ref: not a keyed reference"),
        (
            r#""status":403"#,
            r#""status":"Tremblay""#,
            "not an event: a field is missing, repeated or",
        ),
        (r#""status":403"#, r#""status":9999"#, "field status: not an HTTP status"),
        (r#""7KQ4-M2PX""#, r#""Tremblay""#, "field support_code: not a support code"),
        (
            r#""01939f6e-5a2b-7c3d-8e4f-0123456789ab","trace"#,
            r#""Zoë Tremblay","trace"#,
            "field request_id: not a UUID",
        ),
        ("}", "", "not an event: the line ends early"),
    ] {
        let at = LINE.rfind(from).unwrap();
        let line = format!("{}{to}{}", &LINE[..at], &LINE[at + from.len()..]);
        let error =
            read_line(line.as_bytes()).err().unwrap_or_else(|| panic!("{from}")).to_string();
        assert!(error.starts_with(message), "{from}: {error}");
        assert!(!error.contains("Tremblay") && !error.contains("9123456780"), "{error}");
    }
}

#[test]
fn an_unknown_field_is_dropped() {
    let line = LINE.replacen('{', r#"{"patient_name":"Zoë Tremblay","#, 1);
    let mut out = Vec::new();
    write_line(&read_line(line.as_bytes()).unwrap(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), format!("{LINE}\n"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_line(&bytes);
    }

    #[test]
    fn numbers_survive(duration in any::<u64>(), bits in any::<u64>(), status in 100u16..1_000) {
        let mut event = read_line(LINE.as_bytes()).unwrap();
        event.duration_us = duration;
        event.status = status;
        event.shape = Some(Digest::from_bits(bits));
        let mut out = Vec::new();
        write_line(&event, &mut out);
        prop_assert_eq!(read_line(&out).unwrap(), event);
    }
}
