//! The table of reasons, row by row.

use proptest::prelude::*;

use super::super::digest::Structure;
use super::*;

const READ: Asked = Asked {
    endpoint: Endpoint::Data,
    list: false,
    read: true,
    answer: Some(Answer::Json),
    accepts: Accepts::Anything,
    token: Token::Sent,
};
const LIST: Asked = Asked { list: true, ..READ };
const TOKEN: Asked = Asked { endpoint: Endpoint::Token, token: Token::Absent, read: false, ..READ };
const UNKNOWN: Asked = Asked { answer: None, ..READ };
const CREATE: Asked = Asked { read: false, ..READ };
const DOCUMENT: Asked = Asked { answer: Some(Answer::Any), ..READ };

const NOTHING: BodySeen = BodySeen::Nothing;
const OPAQUE: BodySeen = BodySeen::Opaque;
const BROKEN_JSON: BodySeen = BodySeen::Json(JsonSeen::Malformed);

fn json(top: Top, count: Option<u64>) -> BodySeen {
    BodySeen::Json(JsonSeen::Value { top, count, structure: Structure::from_bits(1) })
}

fn text(ending: Ending) -> &'static str {
    match ending {
        Ending::Ok => "ok",
        Ending::Aborted => "aborted",
        other => other.reason().map_or("", Reason::as_str),
    }
}

fn answered(status: u16, media: Media, body: BodySeen) -> Answered {
    Answered { status, media, leads_to_sign_in: false, body, error: ErrorSeen::default() }
}

#[test]
fn judges_every_status_of_the_table() {
    #[rustfmt::skip]
    let table = [
        (200, "ok"), (201, "ok"), (204, "ok"), (206, "ok"), (304, "ok"), (302, "ok"),
        (400, "bad_request"), (401, "token_rejected"), (402, "bad_request"), (403, "forbidden"),
        (404, "not_found"), (405, "method_not_allowed"), (406, "unsupported_type"),
        (407, "bad_request"), (408, "response_timeout"), (409, "conflict"), (410, "gone"),
        (411, "bad_request"), (412, "conflict"), (413, "too_large"), (414, "too_large"),
        (415, "unsupported_type"), (416, "bad_request"), (418, "bad_request"), (421, "bad_request"),
        (422, "unprocessable"), (423, "bad_request"), (428, "conflict"), (429, "rate_limited"),
        (431, "too_large"), (451, "bad_request"), (500, "upstream_error"), (501, "upstream_error"),
        (502, "upstream_unavailable"), (503, "upstream_unavailable"), (504, "upstream_unavailable"),
        (505, "upstream_error"), (599, "upstream_error"), (700, "upstream_error"),
    ];
    for (status, expected) in table {
        let reply = Reply::Answered(answered(status, Media::Absent, NOTHING));
        assert_eq!(text(judge(READ, reply)), expected, "{status}");
    }
}

#[test]
fn judges_successes_by_what_they_hold() {
    use Media::{Absent, Html, Json, Other};
    #[rustfmt::skip]
    let table = [
        // asked, status, media, body, ending, count
        (LIST, 200, Json, json(Top::Array, Some(0)), "empty_result", Some(0)),
        (LIST, 200, Json, json(Top::Array, Some(7)), "ok", Some(7)),
        (LIST, 200, Json, json(Top::Object, Some(0)), "empty_result", Some(0)),
        (LIST, 200, Json, json(Top::Object, None), "ok", None),
        (LIST, 204, Absent, NOTHING, "empty_result", Some(0)),
        (LIST, 200, Json, NOTHING, "empty_result", Some(0)),
        (LIST, 200, Html, OPAQUE, "unexpected_body", None),
        (READ, 200, Json, json(Top::Array, Some(0)), "empty_result", None),
        (READ, 200, Json, json(Top::Object, Some(0)), "ok", None),
        (READ, 204, Absent, NOTHING, "ok", None),
        (READ, 200, Json, BROKEN_JSON, "malformed_body", None),
        (READ, 200, Html, OPAQUE, "unexpected_body", None),
        (READ, 200, Other, OPAQUE, "ok", None),
        (Asked { accepts: Accepts::Json, ..READ }, 200, Other, OPAQUE, "unexpected_body", None),
        (Asked { accepts: Accepts::Json, ..UNKNOWN }, 200, Html, OPAQUE, "unexpected_body", None),
        (DOCUMENT, 200, Other, OPAQUE, "ok", None),
        (DOCUMENT, 200, Html, OPAQUE, "ok", None),
        (Asked { accepts: Accepts::Json, ..DOCUMENT }, 200, Other, OPAQUE, "ok", None),
        (UNKNOWN, 200, Html, OPAQUE, "ok", None),
        (UNKNOWN, 200, Json, json(Top::Array, Some(0)), "empty_result", Some(0)),
        (UNKNOWN, 200, Json, json(Top::Array, Some(3)), "ok", Some(3)),
        (CREATE, 201, Json, json(Top::Array, Some(1)), "ok", None),
        (CREATE, 200, Json, json(Top::Array, Some(0)), "ok", None),
        (CREATE, 201, Absent, NOTHING, "ok", None),
        (LIST, 404, Json, json(Top::Array, Some(0)), "not_found", None),
        (LIST, 503, Json, json(Top::Array, Some(0)), "upstream_unavailable", None),
    ];
    for (asked, status, media, body, expected, count) in table {
        let answer = answered(status, media, body);
        let row = format!("{asked:?} {answer:?}");
        assert_eq!(text(judge(asked, Reply::Answered(answer))), expected, "{row}");
        assert_eq!(result_count(asked, answer), count, "{row}");
    }
}

#[test]
fn judges_refusals_by_what_they_say() {
    use OauthError::{InvalidClient, InvalidGrant, InvalidScope, InvalidToken};
    let old = Asked { token: Token::PastLifetime, ..READ };
    let bare = Asked { token: Token::Absent, ..READ };
    #[rustfmt::skip]
    let table = [
        // asked, status, oauth, says expired, ending
        (READ,  401, None,                false, "token_rejected"),
        (READ,  401, Some(InvalidToken),  true,  "token_expired"),
        (READ,  401, Some(InvalidToken),  false, "token_rejected"),
        (old,   401, None,                false, "token_expired"),
        (bare,  401, None,                true,  "token_missing"),
        (READ,  403, None,                false, "forbidden"),
        (READ,  403, Some(InvalidScope),  false, "scope_rejected"),
        (READ,  401, Some(InvalidScope),  false, "scope_rejected"),
        (TOKEN, 400, Some(InvalidGrant),  false, "grant_rejected"),
        (TOKEN, 401, Some(InvalidGrant),  true,  "grant_rejected"),
        (TOKEN, 401, Some(InvalidClient), false, "client_rejected"),
        (TOKEN, 400, Some(InvalidClient), false, "client_rejected"),
        (TOKEN, 400, Some(InvalidScope),  false, "scope_rejected"),
        (TOKEN, 401, None,                false, "client_rejected"),
        (TOKEN, 400, None,                false, "bad_request"),
        (TOKEN, 500, Some(InvalidGrant),  false, "upstream_error"),
        (READ,  400, Some(InvalidGrant),  false, "bad_request"),
    ];
    for (asked, status, oauth, says_expired, expected) in table {
        let error = ErrorSeen { oauth, says_expired, signature: None };
        let answer = Answered { error, ..answered(status, Media::Json, OPAQUE) };
        assert_eq!(text(judge(asked, Reply::Answered(answer))), expected, "{asked:?} {error:?}");
    }
}

#[test]
fn a_redirect_to_a_sign_in_page_is_no_answer() {
    let answer = Answered { leads_to_sign_in: true, ..answered(302, Media::Absent, NOTHING) };
    assert_eq!(text(judge(READ, Reply::Answered(answer))), "login_redirect");
    let sign_in = Asked { endpoint: Endpoint::SignInPage, ..READ };
    assert_eq!(text(judge(sign_in, Reply::Answered(answer))), "ok");
}

#[test]
fn no_answer_is_judged_by_how_far_it_came() {
    for (reply, expected) in [
        (Reply::Unanswered(Transport::Dns), "dns_failed"),
        (Reply::Unanswered(Transport::Connect), "connect_failed"),
        (Reply::Unanswered(Transport::Tls), "tls_failed"),
        (Reply::Unanswered(Transport::ResponseTimeout), "response_timeout"),
        (Reply::Unanswered(Transport::Broken), "body_broken"),
        (Reply::Refused(Reason::ClinicNotAllowed), "clinic_not_allowed"),
        (Reply::Abandoned, "aborted"),
    ] {
        assert_eq!(text(judge(READ, reply)), expected, "{reply:?}");
    }
}

proptest! {
    /// Whatever comes back, an error status never counts as a success.
    #[test]
    fn an_error_status_is_a_failure(status in 400u16..1000, list in any::<bool>(), bearer in any::<bool>()) {
        let token = if bearer { Token::Sent } else { Token::Absent };
        let asked = Asked { list, token, ..READ };
        let reply = Reply::Answered(answered(status, Media::Json, json(Top::Array, Some(0))));
        prop_assert!(matches!(judge(asked, reply), Ending::Failed(_)));
    }
}
