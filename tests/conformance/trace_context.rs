//! W3C Trace Context, level 2, of an app whose calls go through: what is taken over, what begins anew,
//! and what Accuro gets. The cases follow the standard's sections 3.2, 3.3 and 4.3.

use crate::case::Bench;

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// What becomes of the app's trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trace {
    /// Its id goes on, with a span id of ours.
    GoesOn,
    /// Another one begins.
    BeginsAnew,
}
use Trace::{BeginsAnew, GoesOn};

/// A name, the fields that are sent, and what has to become of the trace.
type TraceCase = (&'static str, Vec<(&'static str, String)>, Trace);

/// What the upstream got.
struct Got {
    trace: String,
    span: String,
    flags: String,
    /// All `tracestate` lines, joined.
    state: String,
}

async fn call(bench: &Bench, fields: &[(&str, &str)]) -> Got {
    use std::fmt::Write as _;
    let mut request = "GET /a HTTP/1.1\r\nHost: p\r\n".to_owned();
    for (name, value) in fields {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    let seen = bench.ask(request + "\r\n").await;
    assert!(seen.has_passed(), "{fields:?}: {seen:?}");
    let parents = seen.requests[0].values("traceparent");
    assert_eq!(parents.len(), 1, "{fields:?}");
    let parts: Vec<&str> = parents[0].split('-').collect();
    let [version, trace, span, flags] = parts[..] else { panic!("{parents:?}") };
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    assert_eq!(version, "00");
    assert!(is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2), "{parents:?}");
    assert!(trace.bytes().any(|b| b != b'0') && span.bytes().any(|b| b != b'0'), "{parents:?}");
    assert_ne!(span, SPAN, "whoever takes part has a span of its own");
    let state = seen.requests[0].values("tracestate").join(",");
    Got { trace: trace.into(), span: span.into(), flags: flags.into(), state }
}

fn trace_of(got: &Got) -> Trace {
    if got.trace == TRACE { GoesOn } else { BeginsAnew }
}

#[tokio::test(flavor = "multi_thread")]
async fn traceparent_is_taken_over_or_begun_anew() {
    let bench = Bench::start().await;
    let of = |version: &str, trace: &str, span: &str, flags: &str| {
        format!("{version}-{trace}-{span}-{flags}")
    };
    let as_it_is = |value: &str| vec![("traceparent", value.to_owned())];
    #[rustfmt::skip]
    let table: Vec<TraceCase> = vec![
        ("both headers missing", vec![], BeginsAnew),
        ("included", as_it_is(PARENT), GoesOn),
        ("duplicated", vec![("traceparent", PARENT.into()), ("traceparent", of("00", &TRACE.replace('1', "3"), SPAN, "01"))], BeginsAnew),
        ("name with a hyphen", vec![("trace-parent", PARENT.into())], BeginsAnew),
        ("name with a dot", vec![("trace.parent", PARENT.into())], BeginsAnew),
        ("name in mixed case", vec![("TraceParent", PARENT.into())], GoesOn),
        ("name in upper case", vec![("TRACEPARENT", PARENT.into())], GoesOn),
        ("version 00 with a dot behind", as_it_is(&format!("{PARENT}.")), BeginsAnew),
        ("version 00 with a hyphen behind", as_it_is(&format!("{PARENT}-")), BeginsAnew),
        ("version 00 with more behind", as_it_is(&format!("{PARENT}-what-the-future")), BeginsAnew),
        ("version cc", as_it_is(&of("cc", TRACE, SPAN, "01")), GoesOn),
        ("version cc with a field behind", as_it_is(&of("cc", TRACE, SPAN, "01-what-the-future")), GoesOn),
        ("version cc with something else behind", as_it_is(&of("cc", TRACE, SPAN, "01.what-the-future")), BeginsAnew),
        ("version ff", as_it_is(&of("ff", TRACE, SPAN, "01")), BeginsAnew),
        ("version of no hexadecimal digits", as_it_is(&of(".0", TRACE, SPAN, "01")), BeginsAnew),
        ("version of no hexadecimal digits, second", as_it_is(&of("0.", TRACE, SPAN, "01")), BeginsAnew),
        ("version in upper case", as_it_is(&of("CC", TRACE, SPAN, "01")), BeginsAnew),
        ("version too long", as_it_is(&of("000", TRACE, SPAN, "01")), BeginsAnew),
        ("version too short", as_it_is(&of("0", TRACE, SPAN, "01")), BeginsAnew),
        ("trace id all zero", as_it_is(&of("00", &"0".repeat(32), SPAN, "01")), BeginsAnew),
        ("trace id with a dot", as_it_is(&of("00", &TRACE.replacen('1', ".", 1), SPAN, "01")), BeginsAnew),
        ("trace id in upper case", as_it_is(&of("00", &TRACE.replace('1', "A"), SPAN, "01")), BeginsAnew),
        ("trace id too long", as_it_is(&of("00", &format!("{TRACE}3"), SPAN, "01")), BeginsAnew),
        ("trace id too short", as_it_is(&of("00", &TRACE[1..], SPAN, "01")), BeginsAnew),
        ("span id all zero", as_it_is(&of("00", TRACE, &"0".repeat(16), "01")), BeginsAnew),
        ("span id with a dot", as_it_is(&of("00", TRACE, &SPAN.replacen('1', ".", 1), "01")), BeginsAnew),
        ("span id too long", as_it_is(&of("00", TRACE, &format!("{SPAN}7"), "01")), BeginsAnew),
        ("span id too short", as_it_is(&of("00", TRACE, &SPAN[1..], "01")), BeginsAnew),
        ("flags with a dot", as_it_is(&of("00", TRACE, SPAN, ".0")), BeginsAnew),
        ("flags too long", as_it_is(&of("00", TRACE, SPAN, "001")), BeginsAnew),
        ("flags too short", as_it_is(&of("00", TRACE, SPAN, "1")), BeginsAnew),
        ("white space around", as_it_is(&format!(" \t {PARENT} \t ")), GoesOn),
        ("commas instead of lines", as_it_is(&format!("{PARENT},{PARENT}")), BeginsAnew),
        ("empty", as_it_is(""), BeginsAnew),
    ];
    for (case, fields, expected) in table {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let got = call(&bench, &fields).await;
        assert_eq!(trace_of(&got), expected, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_has_a_span_of_its_own_and_the_flags_of_its_trace() {
    let bench = Bench::start().await;
    let (first, second) = (
        call(&bench, &[("traceparent", PARENT)]).await,
        call(&bench, &[("traceparent", PARENT)]).await,
    );
    assert_eq!((trace_of(&first), trace_of(&second)), (GoesOn, GoesOn));
    assert_ne!(first.span, second.span);
    let (one, two) = (call(&bench, &[]).await, call(&bench, &[]).await);
    assert_ne!(one.trace, two.trace);
    // Level 2: the flags `sampled` and `random` go on; those that mean nothing yet do not.
    for (sent, expected) in [("00", "00"), ("01", "01"), ("02", "02"), ("03", "03"), ("ff", "03")] {
        let got = call(&bench, &[("traceparent", &format!("00-{TRACE}-{SPAN}-{sent}"))]).await;
        assert_eq!((trace_of(&got), got.flags.as_str()), (GoesOn, expected), "{sent}");
    }
    // An id of ours is random as a whole.
    assert_eq!(call(&bench, &[]).await.flags, "02");
}

#[tokio::test(flavor = "multi_thread")]
async fn tracestate_goes_on_whole_or_not_at_all() {
    let bench = Bench::start().await;
    let numbered =
        |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
    let (most, too_many) = (numbered(32), numbered(33));
    let long_key = format!("{}=1", "k".repeat(256));
    let too_long_key = format!("{}=1", "k".repeat(257));
    let tenant = format!("{}@{}=1", "t".repeat(241), "v".repeat(14));
    let long_value = format!("foo={}", "v".repeat(256));
    let too_long_value = format!("foo={}", "v".repeat(257));
    let long_list =
        (0..12).map(|n| format!("k{n}={}", "v".repeat(40))).collect::<Vec<_>>().join(",");
    #[rustfmt::skip]
    let table: [(&str, &[&str], &str); 24] = [
        ("included", &["foo=1,bar=2"], "foo=1,bar=2"),
        ("several lines", &["foo=1", "bar=2"], "foo=1,bar=2"),
        ("three lines, one of them empty", &["foo=1", "", "bar=2"], "foo=1,bar=2"),
        ("empty members", &["foo=1,,,bar=2"], "foo=1,bar=2"),
        ("white space around members", &["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
        ("empty", &[""], ""),
        ("a key twice in a line", &["foo=1,foo=1"], ""),
        ("a key twice over lines", &["foo=1", "foo=2"], ""),
        ("a key with a space", &["foo =1"], ""),
        ("a key in upper case", &["FOO=1"], ""),
        ("a key with a dot", &["foo.bar=1"], ""),
        ("a key of two systems", &["foo@=1,bar=2"], ""),
        ("a key that begins with @", &["@foo=1,bar=2"], ""),
        ("a key with two @", &["foo@@bar=1,bar=2"], ""),
        ("every character that a key may have", &["foo-_*/bar=1", "0a@b=2"], "foo-_*/bar=1,0a@b=2"),
        ("the longest key", &[&long_key], &long_key),
        ("a longer key", &[&too_long_key], ""),
        ("the longest tenant and system", &[&tenant], &tenant),
        ("the longest value", &[&long_value], &long_value),
        ("a longer value", &[&too_long_value], ""),
        ("a value with an equals sign", &["foo=bar=baz"], ""),
        ("as many members as may be", &[&most], &most),
        ("more members", &[&too_many], ""),
        ("more than 512 bytes", &[&long_list], &long_list),
    ];
    for (case, lines, expected) in table {
        let mut fields = vec![("traceparent", PARENT)];
        fields.extend(lines.iter().map(|line| ("tracestate", *line)));
        let got = call(&bench, &fields).await;
        assert_eq!(got.state, expected, "{case}");
        assert_eq!(trace_of(&got), GoesOn, "{case}: the trace goes on without its state too");
    }
    // Without a valid parent there is no state.
    for parent in ["", "00-0-0-0"] {
        let fields = [("traceparent", parent), ("tracestate", "foo=1")];
        assert_eq!(call(&bench, &fields).await.state, "", "{parent:?}");
    }
    assert_eq!(call(&bench, &[("tracestate", "foo=1")]).await.state, "");
    let upper = call(&bench, &[("traceparent", PARENT), ("TraceState", "foo=1")]).await;
    assert_eq!(upper.state, "foo=1");
}
