//! The duties of a gateway in RFC 9110 and RFC 9112, one row each: what is sent, and what has to be
//! seen of it. Cached answers and the duties of caches (RFC 9111) are none of ours.

mod answers;
mod fields;
mod framing;
mod requests;

use crate::case::{Bench, Seen};
use crate::support::upstream::OK;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Must,
    Should,
}

/// One rule.
pub(crate) struct Row {
    level: Level,
    /// RFC, section, and the rule in a few words.
    rule: &'static str,
    request: Vec<u8>,
    answer: Vec<u8>,
    then_closes: bool,
    holds: Box<dyn Fn(&Seen) -> bool>,
}

impl Row {
    /// What the upstream says instead of a plain 200.
    fn answered(mut self, answer: impl AsRef<[u8]>) -> Self {
        self.answer = answer.as_ref().to_vec();
        self
    }

    /// The upstream closes the connection after its answer.
    fn then_closed(mut self) -> Self {
        self.then_closes = true;
        self
    }
}

fn row(
    level: Level,
    rule: &'static str,
    request: impl AsRef<[u8]>,
    holds: impl Fn(&Seen) -> bool + 'static,
) -> Row {
    Row {
        level,
        rule,
        request: request.as_ref().to_vec(),
        answer: OK.as_bytes().to_vec(),
        then_closes: false,
        holds: Box::new(holds),
    }
}

fn must(
    rule: &'static str,
    request: impl AsRef<[u8]>,
    holds: impl Fn(&Seen) -> bool + 'static,
) -> Row {
    row(Level::Must, rule, request, holds)
}

fn should(
    rule: &'static str,
    request: impl AsRef<[u8]>,
    holds: impl Fn(&Seen) -> bool + 'static,
) -> Row {
    row(Level::Should, rule, request, holds)
}

/// A GET with further field lines.
fn get(fields: &str) -> String {
    format!("GET /a HTTP/1.1\r\nHost: p\r\n{fields}\r\n")
}

/// A POST with its framing fields and its body's bytes.
fn post(framing: &str, body: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: p\r\n{framing}\r\n{body}")
}

fn refused(statuses: &'static [u16]) -> impl Fn(&Seen) -> bool {
    move |seen| seen.is_refused(statuses)
}

/// The request passed, and a field of it has a value at the upstream.
fn sent(name: &'static str, value: &'static str) -> impl Fn(&Seen) -> bool {
    move |seen| seen.has_passed() && seen.sent(name) == value
}

/// The answer has a field with a value for the app.
fn got(name: &'static str, value: &'static str) -> impl Fn(&Seen) -> bool {
    move |seen| seen.went_on && seen.reply().value(name) == value
}

/// Runs rows; every one that does not hold is named.
async fn hold(rows: Vec<Row>) {
    let bench = Bench::start().await;
    let mut broken = Vec::new();
    for row in &rows {
        let seen = bench.run(&row.request, &row.answer, row.then_closes).await;
        if !(row.holds)(&seen) {
            broken.push(format!(
                "{:?} {}\n   app got {:?}\n   upstream got {:?}",
                row.level,
                row.rule,
                String::from_utf8_lossy(&seen.raw),
                seen.requests
            ));
        }
    }
    let count = |level| rows.iter().filter(|row| row.level == level).count();
    println!("{} MUST, {} SHOULD", count(Level::Must), count(Level::Should));
    assert!(broken.is_empty(), "{} of {} rows:\n{}", broken.len(), rows.len(), broken.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_read_by_the_book() {
    hold(requests::rows()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_framed_by_the_book() {
    hold(framing::rows()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_forwarded_by_the_book() {
    hold(fields::rows()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_forwarded_by_the_book() {
    hold(answers::rows()).await;
}

#[test]
fn there_is_a_row_for_every_rule() {
    let all = [requests::rows(), framing::rows(), fields::rows(), answers::rows()].concat_rows();
    let count = |level| all.iter().filter(|row| row.level == level).count();
    let (musts, shoulds) = (count(Level::Must), count(Level::Should));
    println!("{musts} MUST, {shoulds} SHOULD");
    assert!(musts >= 102 && shoulds >= 19, "{musts} MUST, {shoulds} SHOULD");
    let mut names: Vec<_> = all.iter().map(|row| row.rule).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len(), "no rule twice");
}

trait ConcatRows {
    fn concat_rows(self) -> Vec<Row>;
}

impl<const N: usize> ConcatRows for [Vec<Row>; N] {
    fn concat_rows(self) -> Vec<Row> {
        self.into_iter().flatten().collect()
    }
}
