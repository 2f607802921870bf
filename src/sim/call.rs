//! One call as the simulated Accuro reads it.
//!
//! Owns taking a request apart: operation, path parameters, query, form, credentials. Does not read
//! the body from the socket, and does not answer.

use bytes::Bytes;
use data_encoding::BASE64;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::domain::catalogue::{Catalogue, Endpoint};
use crate::domain::labels::{Method, WorkflowDomain};
use crate::domain::time::Timestamp;

/// One call.
pub(super) struct Call {
    pub(super) at: Timestamp,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) endpoint: Option<Endpoint>,
    /// Whether the path is in the catalogue, perhaps under another method.
    pub(super) path_known: bool,
    query: Vec<(String, String)>,
    pub(super) bearer: Option<String>,
    basic: Option<(String, String)>,
    pub(super) content_type: String,
    pub(super) accepts_gzip: bool,
    pub(super) request_id: Option<String>,
    pub(super) body: Bytes,
}

impl Call {
    /// Takes a request apart.
    pub(super) fn read(catalogue: &Catalogue, at: Timestamp, parts: &Parts, body: Bytes) -> Self {
        let text = |name: &str| {
            parts
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let path = parts.uri.path().to_owned();
        let found = catalogue.identify(Method::of(parts.method.as_str()), &path);
        let path_known = found.endpoint.is_some() || found.domain != WorkflowDomain::Unknown;
        let authorization = text("authorization").unwrap_or_default();
        // The scheme is case-insensitive (RFC 9110, section 11.1), and clients make use of that.
        let (scheme, credentials) = authorization.split_once(' ').unwrap_or_default();
        let is = |wanted: &str| scheme.eq_ignore_ascii_case(wanted);
        Self {
            at,
            method: parts.method.as_str().to_owned(),
            endpoint: found.endpoint.cloned(),
            path_known,
            query: pairs(parts.uri.query().unwrap_or_default()),
            bearer: is("bearer").then(|| credentials.trim().to_owned()),
            basic: if is("basic") { basic(credentials) } else { None },
            content_type: text("content-type").unwrap_or_default(),
            accepts_gzip: text("accept-encoding").is_some_and(|value| value.contains("gzip")),
            request_id: text("x-request-id"),
            path,
            body,
        }
    }

    /// The operation's name; empty where the catalogue has none.
    pub(super) fn operation(&self) -> &str {
        self.endpoint.as_ref().map_or("", |endpoint| endpoint.operation.as_str())
    }

    /// The decoded value of a template's parameter, such as `{patientId}`.
    pub(super) fn path_text(&self, name: &str) -> Option<String> {
        let route = self.endpoint.as_ref()?.route.as_str();
        // From the end, since the path may lack the template's first segment.
        let from_end = route.rsplit('/').position(|segment| segment == name)?;
        let path = self.path.trim_end_matches('/');
        let segment = path.rsplit('/').nth(from_end)?;
        let segment = segment.split_once(';').map_or(segment, |(before, _)| before);
        Some(percent_decode_str(segment).decode_utf8_lossy().into_owned())
    }

    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    pub(super) fn query_number(&self, name: &str) -> Option<i64> {
        self.query(name)?.parse().ok()
    }

    /// The fields of a form.
    pub(super) fn form(&self) -> Form {
        Form(pairs(&String::from_utf8_lossy(&self.body)))
    }

    /// The client's credentials: the `Authorization` header, else the form (RFC 6749, 2.3.1).
    pub(super) fn client(&self, form: &Form) -> Option<(String, String)> {
        self.basic.clone().or_else(|| {
            let secret = form.get("client_secret").unwrap_or_default();
            Some((form.get("client_id")?.to_owned(), secret.to_owned()))
        })
    }
}

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}

fn basic(credentials: &str) -> Option<(String, String)> {
    let decoded = BASE64.decode(credentials.trim().as_bytes()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A call for tests of the files beside this one.
    pub(in crate::sim) fn call(method: &str, target: &str, body: &str) -> Call {
        let catalogue = Catalogue::embedded().unwrap();
        let request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", "bearer a-token")
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        Call::read(
            &catalogue,
            Timestamp::from_seconds(1_764_000_000),
            &parts,
            body.to_owned().into(),
        )
    }

    #[test]
    fn takes_a_request_apart() {
        let call = call("GET", "/rest/v1/provider-portal/patients/-412/labs?uuid=a%20b&x=1+2", "");
        assert_eq!(call.operation(), "lab.list");
        assert_eq!(call.path_text("{patientId}").as_deref(), Some("-412"));
        assert_eq!(call.query("uuid"), Some("a b"));
        assert_eq!(call.query("x"), Some("1 2"));
        assert_eq!(call.bearer.as_deref(), Some("a-token"));
    }

    #[test]
    fn a_path_without_rest_means_the_same() {
        let call = call("GET", "/v1/provider-portal/patients/7;v=2/", "");
        assert_eq!(call.operation(), "patient.read");
        assert_eq!(call.path_text("{patientId}").as_deref(), Some("7"));
    }

    #[test]
    fn a_client_signs_in_by_header_or_form() {
        assert_eq!(basic("YTpi"), Some(("a".to_owned(), "b".to_owned())));
        let call = call("POST", "/oauth/token", "client_id=x%40y&client_secret=s");
        let form = call.form();
        assert_eq!(call.client(&form), Some(("x@y".to_owned(), "s".to_owned())));
    }
}
