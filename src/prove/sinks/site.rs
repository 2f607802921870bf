//! The ops site, its API and the telemetry listener, read as a person and as a program would: every page
//! that a link leads to, and every place where somebody could type an identifier.
//!
//! Owns the crawling. What is typed are canaries of their own; where a page gives a field back to the
//! one who typed it, that field is not a sink, everything around it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Sink;
use crate::prove::canaries::{Canary, CanaryKind};
use crate::prove::drive::{Answer, send};
use crate::prove::placements::Sending;

/// Most pages below one first segment.
const MOST_ALIKE: usize = 12;
/// Pages to begin with.
const ROOMS: [&str; 8] = [
    "/",
    "/clinics",
    "/calls",
    "/find",
    "/runbooks",
    "/sign-in",
    "/calls?outcome=failed",
    "/nowhere",
];
/// Addresses into which an identifier could be typed.
const ADDRESSES: [&str; 28] = [
    "/d/",
    "/calls?clinic=",
    "/calls?operation=",
    "/calls?reason=",
    "/calls?category=",
    "/calls?outcome=",
    "/calls?support_code=",
    "/calls?request_id=",
    "/calls?trace_id=",
    "/calls?from=",
    "/calls?before=",
    "/calls?patient_ref=",
    "/calls?actor_ref=",
    "/calls?q=",
    "/clinics?q=",
    "/clinics/",
    "/calls/",
    "/code/",
    "/runbooks/",
    "/sign-in/",
    "/shared/",
    "/static/",
    "/?clock=",
    "/",
    "/api/v1/",
    "/api/v1/clinics/",
    "/api/v1/exchanges/",
    "/api/v1/adoption?clinic=",
];
/// Parameters of the API's list.
const PARAMETERS: [&str; 14] = [
    "support_code",
    "request_id",
    "trace_id",
    "clinic",
    "app",
    "operation",
    "domain",
    "category",
    "reason",
    "outcome",
    "actor_ref",
    "patient_ref",
    "from",
    "cursor",
];

/// Reads the site with an API token.
pub(in crate::prove) struct Reader {
    ops: SocketAddr,
    token: String,
    cookie: String,
    sinks: Vec<Sink>,
}

impl Reader {
    /// Signs in.
    pub(in crate::prove) async fn sign_in(ops: SocketAddr, token: &str) -> Self {
        let mut reader =
            Self { ops, token: token.to_owned(), cookie: String::new(), sinks: Vec::new() };
        let form = format!("token={token}");
        let answer = reader.ask("POST", "/sign-in", &form, FORM).await;
        let cookie = answer.field("set-cookie").unwrap_or_default();
        cookie.split(';').next().unwrap_or_default().clone_into(&mut reader.cookie);
        reader
    }

    /// Whether the sign-in worked.
    pub(in crate::prove) fn is_signed_in(&self) -> bool {
        self.cookie.split_once('=').is_some_and(|(_, secret)| secret.len() >= 16)
    }

    /// The session's secret.
    pub(in crate::prove) fn secret(&self) -> &str {
        self.cookie.split_once('=').map_or("", |(_, secret)| secret)
    }

    /// Everything that was read.
    pub(in crate::prove) fn sinks(self) -> Vec<Sink> {
        self.sinks
    }

    async fn ask(&self, method: &str, path: &str, body: &str, kind: &str) -> Answer {
        let authorization = if path.starts_with("/api/") && !self.token.is_empty() {
            format!("Authorization: Bearer {}\r\n", self.token)
        } else {
            format!("Cookie: {}\r\n", self.cookie)
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{authorization}Content-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.ops,
            body.len()
        );
        send(self.ops, request.as_bytes(), Sending::Whole).await
    }

    async fn keep(
        &mut self,
        name: &str,
        method: &str,
        path: &str,
        body: &str,
        kind: &str,
    ) -> Answer {
        let answer = self.ask(method, path, body, kind).await;
        self.sinks.push(Sink::required(name.to_owned(), without_typed(&answer.bytes)));
        answer
    }

    /// Reads every page that links lead to.
    pub(in crate::prove) async fn crawl(&mut self) {
        let mut waiting: VecDeque<String> = ROOMS.iter().map(|room| (*room).to_owned()).collect();
        let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
        let mut alike: BTreeMap<String, usize> = BTreeMap::new();
        for api in ["exchanges?limit=500", "clinics", "status", "openapi.json"] {
            self.keep(&format!("API {api}"), "GET", &format!("/api/v1/{api}"), "", FORM).await;
        }
        while let Some(path) = waiting.pop_front() {
            let segment: String = path.split(['/', '?']).nth(1).unwrap_or_default().to_owned();
            let times = alike.entry(segment).or_default();
            *times += 1;
            if *times > MOST_ALIKE {
                continue;
            }
            let answer = self.keep(&format!("page {path}"), "GET", &path, "", FORM).await;
            let text = String::from_utf8_lossy(&answer.bytes).into_owned();
            for link in links(&text) {
                if known.insert(link.clone()) {
                    waiting.push_back(link);
                }
            }
        }
    }

    /// Types an identifier wherever one can be typed.
    pub(in crate::prove) async fn type_in(&mut self, canary: &Canary, clinic: &str) {
        let text = canary.text.as_str();
        // A day is what is asked for there, and any day may be one.
        let is_answer =
            |address: &str| canary.kind == CanaryKind::BirthDate && address.ends_with("from=");
        let typed = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        for address in ADDRESSES.into_iter().filter(|address| !is_answer(address)) {
            self.keep(&format!("page {address}…"), "GET", &format!("{address}{typed}"), "", FORM)
                .await;
        }
        for name in PARAMETERS {
            let path = format!("/api/v1/exchanges?{name}={typed}");
            self.keep(&format!("API exchanges?{name}=…"), "GET", &path, "", FORM).await;
        }
        let path = format!("/api/v1/exchanges?{typed}=1");
        self.keep("API exchanges?…=1", "GET", &path, "", FORM).await;
        for (name, path, body) in [
            ("form find", "/find", format!("q={typed}")),
            ("form find, clinic", "/find", format!("clinic={typed}&at={typed}")),
            (
                "form find, person and patient",
                "/find",
                format!("clinic={clinic}&at=10:40&why=test&actor={typed}&patient={typed}"),
            ),
            (
                "form find, window and day",
                "/find",
                format!("clinic={clinic}&at=10:40&day={typed}&window={typed}&why={typed}"),
            ),
            ("form sign-in", "/sign-in", format!("token={typed}")),
            ("form sign-in, by name", "/sign-in", format!("name={typed}&passphrase={typed}")),
            ("form people", "/people", format!("act=add&name={typed}&role={typed}")),
            ("form link", "/sign-in/0123456789abcdef", format!("name={typed}&passphrase={typed}")),
            ("form preferences", "/preferences", format!("theme={typed}&back={typed}")),
        ] {
            self.keep(name, "POST", path, &body, FORM).await;
        }
        let quoted = serde_json::Value::from(text);
        for (name, body) in [
            (
                "API references",
                format!(r#"{{"kind":"patient","clinic":"{clinic}","identifier":{quoted}}}"#),
            ),
            ("API references, bad kind", format!(r#"{{"kind":{quoted},"identifier":{quoted}}}"#)),
            (
                "API references, bad clinic",
                format!(r#"{{"kind":"actor","clinic":{quoted},"identifier":{quoted}}}"#),
            ),
            (
                "API references, bad member",
                format!(r#"{{"kind":"token","identifier":{quoted},{quoted}:1}}"#),
            ),
            ("API references, bad JSON", format!("{{{quoted}")),
        ] {
            self.keep(name, "POST", "/api/v1/references", &body, "application/json").await;
        }
        let stranger = Self { token: typed, cookie: String::new(), sinks: Vec::new(), ..*self };
        let refused = stranger.ask("GET", "/api/v1/status", "", FORM).await;
        self.sinks.push(Sink::required("API, a token that is none", refused.bytes));
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A page without the value that the finder gives back to the one who typed it.
fn without_typed(page: &[u8]) -> Vec<u8> {
    let (mut rest, mut out) = (page, Vec::with_capacity(page.len()));
    while let Some(at) = memchr::memmem::find(rest, b"name=\"q\"") {
        let end = memchr::memchr(b'>', &rest[at..]).map_or(rest.len(), |to| at + to);
        out.extend_from_slice(&rest[..at]);
        rest = &rest[end..];
    }
    out.extend_from_slice(rest);
    out
}

/// The addresses of this site that a page links to.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in ["href=\"", "src=\""] {
        for (at, _) in page.match_indices(attribute) {
            let value = page[at + attribute.len()..].split('"').next().unwrap_or_default();
            let path = value.split('#').next().unwrap_or_default().replace("&amp;", "&");
            if path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/live") {
                found.push(path);
            }
        }
    }
    found
}

/// A page of the telemetry listener.
pub(in crate::prove) async fn telemetry(at: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    send(at, request.as_bytes(), Sending::Whole).await
}

/// The metrics in the form that shows trace ids.
pub(in crate::prove) async fn open_metrics(at: SocketAddr) -> Answer {
    let accept = "Accept: application/openmetrics-text; version=1.0.0";
    let request =
        format!("GET /metrics HTTP/1.1\r\nHost: {at}\r\n{accept}\r\nConnection: close\r\n\r\n");
    send(at, request.as_bytes(), Sending::Whole).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_site_are_followed_and_others_are_not() {
        let page = concat!(
            r##"<a href="/calls?a=1&amp;b=2#x">c</a><a href="//evil/">e</a>"##,
            r#"<a href="https://x/">x</a><script src="/static/a.js"></script><a href="/live">"#
        );
        assert_eq!(links(page), ["/calls?a=1&b=2", "/static/a.js"]);
    }

    #[test]
    fn what_was_typed_into_the_finder_is_given_back_in_its_field_only() {
        let page = br#"<input name="q"><p>x</p><input name="q" value="Tremblay"><b>Tremblay</b>"#;
        assert_eq!(without_typed(page), br"<input ><p>x</p><input ><b>Tremblay</b>");
    }
}
