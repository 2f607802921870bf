//! Counting through every coding and cut.

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::domain::classify::{Accepts, Endpoint, Token};
use crate::domain::probe::Top;

const LIST: Asked = Asked {
    endpoint: Endpoint::Data,
    list: true,
    read: true,
    answer: Some(Answer::Json),
    accepts: Accepts::Anything,
    token: Token::Sent,
};
const BODY: &[u8] = br#"{"items":[{"name":"Zoe"},{"name":"Tremblay"}]}"#;

fn head(status: u16, headers: &[(&str, &str)]) -> Parts {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(()).unwrap().into_parts().0
}

fn inspect(head: &Parts, body: &[u8], cut: usize) -> Inspected {
    let mut inspector = Inspector::new(LIST, Reads::AnswerShape, head);
    for chunk in body.chunks(cut) {
        inspector.feed(chunk);
    }
    inspector.finish()
}

fn encoded(coding: &str) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(BODY).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(BODY).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::stream::encode_all(BODY, 1).unwrap(),
        // Made with Python's brotli 1.1: brotli.compress(BODY)
        "br" => data_encoding::BASE64.decode(BROTLI.as_bytes()).unwrap(),
        _ => BODY.to_vec(),
    }
}

const BROTLI: &str = "ixaAeyJpdGVtcyI6W3sibmFtZSI6IlpvZSJ9LHsibmFtZSI6IlRyZW1ibGF5In1dfQM=";

#[test]
fn lists_are_counted_through_every_coding_and_cut() {
    for coding in ["", "identity", "gzip", "deflate", "br", "zstd"] {
        for cut in [1, 7, 1_000] {
            let head =
                head(200, &[("content-type", "application/json"), ("content-encoding", coding)]);
            let seen = inspect(&head, &encoded(coding), cut);
            assert!(
                matches!(
                    seen.body,
                    BodySeen::Json(JsonSeen::Value { count: Some(2), top: Top::Object, .. })
                ),
                "{coding} {cut}: {:?}",
                seen.body
            );
            assert!(seen.text.is_empty(), "nothing of a success is kept");
        }
    }
}

#[test]
fn what_breaks_its_coding_is_malformed_and_what_is_strange_is_opaque() {
    let json =
        |coding| head(200, &[("content-type", "application/json"), ("content-encoding", coding)]);
    assert_eq!(
        inspect(&json("gzip"), b"not gzip at all", 4).body,
        BodySeen::Json(JsonSeen::Malformed)
    );
    assert_eq!(inspect(&json("x-secret"), BODY, 4).body, BodySeen::Opaque);
    assert_eq!(inspect(&json("gzip, br"), BODY, 4).body, BodySeen::Opaque);
    assert_eq!(
        inspect(&head(200, &[("content-type", "text/html")]), b"<html>", 4).body,
        BodySeen::Opaque
    );
    assert_eq!(
        inspect(&head(206, &[("content-type", "application/json")]), BODY, 4).body,
        BodySeen::Opaque
    );
    assert_eq!(inspect(&json(""), b"", 4).body, BodySeen::Nothing);
}

#[test]
fn of_an_error_the_head_is_kept_to_be_read() {
    let head = head(401, &[("content-type", "application/json"), ("content-encoding", "gzip")]);
    assert_eq!(inspect(&head, &encoded("gzip"), 3).text.as_slice(), BODY);
}

#[test]
fn a_small_answer_that_decodes_without_end_is_let_go_early() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![b' '; 1_024 * 1_024]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 80_000, "{}", bomb.len());
    let coded = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let mut list = Inspector::new(LIST, Reads::AnswerShape, &head(200, &coded));
    list.feed(&bomb);
    assert!(matches!(list.decoder, Decoder::Given { up: GivenUp::TooMuch }));
    assert_eq!(list.finish().body, BodySeen::Opaque);
    let mut error = Inspector::new(LIST, Reads::AnswerShape, &head(500, &coded));
    error.feed(&bomb);
    assert!(matches!(error.decoder, Decoder::Identity(_)), "the rest is not decoded");
    assert_eq!(error.finish().text.len(), error_body::MAX_BYTES);
}

#[test]
fn what_makes_thousands_of_bytes_of_one_is_let_go_within_its_turn() {
    let text = vec![b' '; 64 * 1_024 * 1_024];
    let bomb = zstd::encode_all(&text[..], 19).unwrap();
    assert!(bomb.len() < 8_192, "{}", bomb.len());
    let coded = [("content-type", "application/json"), ("content-encoding", "zstd")];
    let mut list = Inspector::new(LIST, Reads::AnswerShape, &head(200, &coded));
    // Honest bytes before it do not buy it time.
    list.sent = 1_024 * 1_024 * 1_024;
    list.feed(&bomb);
    assert!(matches!(list.decoder, Decoder::Given { up: GivenUp::TooMuch }));
    assert_eq!(list.finish().body, BodySeen::Opaque);
}

#[test]
fn a_list_that_repeats_itself_is_still_counted() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"[").unwrap();
    for number in 0..350_000 {
        write!(encoder, "{{\"name\":\"Tremblay\",\"number\":{number},\"active\":true}},").unwrap();
    }
    encoder.write_all(b"{}]").unwrap();
    let text = encoder.finish().unwrap();
    let coded = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let seen = inspect(&head(200, &coded), &text, 16_384);
    assert!(matches!(seen.body, BodySeen::Json(JsonSeen::Value { count: Some(350_001), .. })));
}

#[test]
fn a_sign_in_page_is_known_by_the_words_of_its_path() {
    for (location, expected) in [
        ("https://accuro.example/login?next=/rest/v1/patients", true),
        ("/oauth/authorize", true),
        ("https://login.example/", true),
        ("/rest/v1/patients/logins", false),
        ("/rest/v1/provider-portal/patients/8812", false),
    ] {
        let head = head(302, &[("location", location)]);
        assert_eq!(leads_to_sign_in(&head.headers), expected, "{location}");
    }
}
