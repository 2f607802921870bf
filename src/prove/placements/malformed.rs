//! Canaries in what is no HTTP, and in what accuscope refuses itself.

use super::{Coding, Placement, Sending, Takes};

const fn raw(name: &'static str, bytes: &'static str) -> Placement {
    Placement::new(name, bytes).body(Coding::AsIs, "").refused()
}

const fn refused(name: &'static str, head: &'static str) -> Placement {
    Placement::new(name, head).refused()
}

pub(super) const ALL: &[Placement] = &[
    raw("rubbish.words", "«raw»\r\n\r\n"),
    raw("rubbish.request_line", "GET /«raw» x HTTP/1.1\r\nHost: p\r\n\r\n"),
    raw("rubbish.version", "GET /«pct» HTTP/9.9\r\nHost: p\r\n\r\n"),
    raw("rubbish.version_0_9", "GET /«pct»\r\n\r\n"),
    raw("rubbish.target_bytes", "GET /«raw»\x01 HTTP/1.1\r\nHost: p\r\n\r\n"),
    raw("rubbish.target_too_long", "GET /«20k»«pct» HTTP/1.1\r\nHost: p\r\n\r\n"),
    raw("rubbish.no_host", "GET /«pct» HTTP/1.1\r\nX-Name: «raw»\r\n\r\n"),
    raw("rubbish.two_hosts", "GET / HTTP/1.1\r\nHost: «name»\r\nHost: q\r\n\r\n"),
    raw("rubbish.bad_host", "GET / HTTP/1.1\r\nHost: «raw» x\r\n\r\n"),
    raw("rubbish.userinfo", "GET http://«pct»:«pct»@p/ HTTP/1.1\r\nHost: p\r\n\r\n"),
    raw("rubbish.fragment", "GET /a#«pct» HTTP/1.1\r\nHost: p\r\n\r\n"),
    raw("rubbish.field_without_colon", "GET / HTTP/1.1\r\nHost: p\r\n«raw»\r\n\r\n"),
    raw("rubbish.space_before_colon", "GET / HTTP/1.1\r\nHost: p\r\nX-Name : «raw»\r\n\r\n"),
    raw("rubbish.folded_field", "GET / HTTP/1.1\r\nHost: p\r\nX-Name: a\r\n «raw»\r\n\r\n"),
    raw("rubbish.control_in_field", "GET / HTTP/1.1\r\nHost: p\r\nX-Name: «raw»\x00\r\n\r\n"),
    raw("rubbish.bare_lf", "GET /«pct» HTTP/1.1\nHost: p\n\n"),
    raw("rubbish.bad_length", "POST / HTTP/1.1\r\nHost: p\r\nContent-Length: «raw»\r\n\r\n"),
    raw(
        "rubbish.two_lengths",
        "POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n«raw»",
    ),
    raw(
        "rubbish.unknown_coding",
        "POST / HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: «name»\r\n\r\n",
    ),
    raw(
        "rubbish.bad_chunk",
        "POST /rest/v1/provider-portal/letters HTTP/1.1\r\nHost: p\r\nAccuscope-App-Key: «key»\r\nTransfer-Encoding: chunked\r\n\r\n«name»\r\n«raw»\r\n0\r\n\r\n",
    ),
    raw(
        "rubbish.head_too_large",
        "GET / HTTP/1.1\r\nHost: p\r\nX-Name: «raw»\r\nX-Pad: «300k»\r\n\r\n",
    )
    .taking(Takes::Few),
    raw("rubbish.tls", "\x16\x03\x01\x02\x00\x01\x00«raw»\r\n\r\n"),
    raw(
        "rubbish.second_request",
        "GET /rest/v1/offices HTTP/1.1\r\nHost: p\r\nAccuscope-App-Key: «key»\r\n\r\n«raw»\r\n\r\n",
    ),
    raw(
        "rubbish.stalled_head",
        "GET /«pct» HTTP/1.1\r\nHost: p\r\nX-Name: «raw»\r\nX-Rest: aaaaaaaaaaaaaaaa\r\n\r\n",
    )
    .sent(Sending::Stalled)
    .taking(Takes::Few),
    raw("rubbish.http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n«raw»\r\n\r\n")
        .taking(Takes::Few),
    refused("refused.expectation", "GET /rest/v1/offices HTTP/1.1\r\nExpect: «raw»"),
    refused("refused.connect", "CONNECT «name».invalid:443 HTTP/1.1\r\nHost: «name».invalid:443"),
    refused(
        "refused.app_key",
        "GET /rest/v1/provider-portal/patients/«pct» HTTP/1.1\r\nAccuscope-App-Key: «raw»",
    ),
    refused(
        "refused.app_key.write",
        "POST /rest/v1/provider-portal/patients HTTP/1.1\r\nAccuscope-App-Key: «raw»",
    )
    .body(Coding::Length, r#"{"name":"«json»"}"#),
    refused(
        "refused.clinic",
        "GET /rest/v1/provider-portal/patients/«pct» HTTP/1.1\r\nAccuscope-App-Key: «other-key»\r\nAccuscope-Clinic: «raw»",
    ),
    refused(
        "refused.tenant",
        "DELETE /rest/v1/provider-portal/scheduler/appointments/1?uuid=«pct» HTTP/1.1\r\nAccuscope-App-Key: «other-key»",
    ),
    refused("refused.max_forwards", "OPTIONS /«pct» HTTP/1.1\r\nMax-Forwards: 0"),
    refused("refused.trace", "TRACE /«pct» HTTP/1.1\r\nMax-Forwards: 0"),
];
