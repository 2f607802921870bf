//! Whether a sandbox answers as the endpoint catalogue says, judged with tolerance: what is more than
//! the catalogue says is fine, and what this token may not see is no breach.
//!
//! Owns the judgement of one answer and what an answer teaches for the next call. Numbers of records stay in
//! memory: [`Learned`] prints none. Sends nothing.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::catalogue::{Answer, Catalogue, Endpoint};
use super::labels::{Method, WorkflowDomain, label_enum};
use super::probe::wraps_a_list;

label_enum! {
    /// What came of asking for one endpoint.
    Verdict, "a verdict on an endpoint" {
        /// As the catalogue says.
        Fine = "fine",
        /// As the catalogue says, with nothing in it.
        Empty = "empty",
        /// This token may not (401, 403).
        Refused = "refused",
        /// It wants parameters that the catalogue does not know (400, 422).
        AsksMore = "asks_more",
        /// The record is not there (404).
        NotFound = "not_found",
        /// No record to ask for is known, or the call could change a chart.
        NotTried = "not_tried",
        /// Throttled (429).
        Throttled = "throttled",
        /// The sandbox does not know the path, or not this method on it.
        Absent = "absent",
        /// A server error, or no answer.
        Broken = "broken",
        /// Another kind of content than the catalogue says.
        OtherKind = "other_kind",
        /// No list where the catalogue says list.
        OtherShape = "other_shape",
    }
}

impl Verdict {
    /// Whether the sandbox and the catalogue disagree.
    #[must_use]
    pub const fn is_breach(self) -> bool {
        matches!(self, Self::Absent | Self::Broken | Self::OtherKind | Self::OtherShape)
    }
}

/// What a sandbox answered.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// Status code.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The content.
    pub body: &'a [u8],
}

/// Judges one answer.
#[must_use]
pub fn judge(endpoint: &Endpoint, answered: Answered<'_>) -> Verdict {
    let has_parameter = endpoint.route.as_str().contains('{');
    match answered.status {
        204 | 304 => Verdict::Empty,
        200..=299 => content(endpoint, answered),
        // A sign-in page is reached by being sent on.
        300..=399 if endpoint.answer != Answer::Json => Verdict::Fine,
        401 | 403 => Verdict::Refused,
        404 if has_parameter => Verdict::NotFound,
        404 | 405 | 410 | 501 => Verdict::Absent,
        429 => Verdict::Throttled,
        400..=499 => Verdict::AsksMore,
        _ => Verdict::Broken,
    }
}

fn content(endpoint: &Endpoint, answered: Answered<'_>) -> Verdict {
    if answered.body.is_empty() {
        return Verdict::Empty;
    }
    let kind = answered.content_type.unwrap_or_default().to_ascii_lowercase();
    match endpoint.answer {
        Answer::Any => return Verdict::Fine,
        Answer::Html if kind.contains("html") => return Verdict::Fine,
        Answer::Html => return Verdict::OtherKind,
        Answer::Json if !kind.contains("json") => return Verdict::OtherKind,
        Answer::Json => {}
    }
    let Ok(value) = serde_json::from_slice::<Value>(answered.body) else {
        return Verdict::OtherKind;
    };
    if !endpoint.list {
        return if value.is_null() { Verdict::Empty } else { Verdict::Fine };
    }
    match items(&value) {
        Some([]) => Verdict::Empty,
        Some(_) => Verdict::Fine,
        None => Verdict::OtherShape,
    }
}

/// The list in an answer: the answer itself, or the one that a page wraps; under whatever name, if under none
/// that is known.
fn items(value: &Value) -> Option<&[Value]> {
    let page = match value {
        Value::Array(items) => return Some(items),
        Value::Object(page) => page,
        _ => return None,
    };
    let lists = || page.iter().filter_map(|(name, part)| Some((name, part.as_array()?)));
    let known = lists().find(|(name, _)| wraps_a_list(name));
    known.or_else(|| lists().next()).map(|(_, items)| items.as_slice())
}

/// Records that lists have named, by the parameter that takes their number. Prints none of them.
#[derive(Default)]
pub struct Learned(BTreeMap<String, String>);

impl std::fmt::Debug for Learned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Learned({} parameters)", self.0.len())
    }
}

impl Learned {
    /// Takes the number of a record for a parameter, such as `patientId`.
    pub fn take(&mut self, parameter: &str, number: &str) {
        self.0.insert(parameter.to_owned(), number.to_owned());
    }

    /// Learns from an answer: of a list, the number of its first record, for the endpoints that read one.
    pub fn learn(&mut self, catalogue: &Catalogue, list: &Endpoint, body: &[u8]) {
        let value = serde_json::from_slice::<Value>(body).ok();
        let Some(first) = value.as_ref().and_then(items).and_then(<[Value]>::first) else { return };
        for other in catalogue.endpoints() {
            let below = other.route.as_str().strip_prefix(list.route.as_str());
            let parameter = below.and_then(|rest| rest.strip_prefix("/{")?.strip_suffix('}'));
            let Some(parameter) = parameter.filter(|name| !name.contains('/')) else { continue };
            let number = match first.get(parameter).or_else(|| first.get("id")) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => continue,
            };
            self.0.entry(parameter.to_owned()).or_insert(number);
        }
    }

    /// The path to ask for; `None` where no record is known for one of its parameters.
    #[must_use]
    pub fn path(&self, endpoint: &Endpoint) -> Option<String> {
        let mut path = String::new();
        for segment in endpoint.route.as_str().split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => {
                    path.extend(utf8_percent_encode(self.0.get(name)?, NON_ALPHANUMERIC));
                }
                None => path.push_str(segment),
            }
        }
        Some(path)
    }
}

/// The endpoints to ask for, lists first, since they name records; never one that could change a chart, nor
/// one that hands out credentials.
#[must_use]
pub fn plan(catalogue: &Catalogue) -> Vec<&Endpoint> {
    let asks = |endpoint: &&Endpoint| {
        endpoint.method == Method::Get
            && !endpoint.mutation
            && endpoint.domain != WorkflowDomain::Auth
    };
    let mut plan: Vec<&Endpoint> = catalogue.endpoints().iter().filter(asks).collect();
    plan.sort_by_key(|endpoint| (endpoint.route.as_str().matches('{').count(), !endpoint.list));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(catalogue: &Catalogue, operation: &str) -> Endpoint {
        catalogue.endpoints().iter().find(|e| e.operation.as_str() == operation).unwrap().clone()
    }

    #[test]
    fn an_answer_is_judged_by_what_the_catalogue_says_and_no_more() {
        let catalogue = Catalogue::embedded().unwrap();
        let json = Some("application/json;charset=UTF-8");
        for (operation, status, content_type, body, verdict) in [
            ("office.list", 200, json, "[{\"id\":1,\"more\":true}]", Verdict::Fine),
            ("office.list", 200, json, "{\"total\":1,\"content\":[{}]}", Verdict::Fine),
            ("office.list", 200, json, "{\"links\":[],\"results\":[{}]}", Verdict::Fine),
            ("office.list", 200, json, "{\"offices\":[{}]}", Verdict::Fine),
            ("office.list", 200, json, "[]", Verdict::Empty),
            ("office.list", 200, json, "", Verdict::Empty),
            ("office.list", 204, None, "", Verdict::Empty),
            ("office.list", 200, json, "{\"office\":1}", Verdict::OtherShape),
            ("office.list", 200, json, "[", Verdict::OtherKind),
            ("office.list", 200, Some("text/html"), "<html>", Verdict::OtherKind),
            ("office.list", 401, None, "", Verdict::Refused),
            ("office.list", 403, json, "{}", Verdict::Refused),
            ("office.list", 404, json, "{}", Verdict::Absent),
            ("office.list", 405, json, "{}", Verdict::Absent),
            ("office.list", 400, json, "{}", Verdict::AsksMore),
            ("office.list", 429, json, "{}", Verdict::Throttled),
            ("office.list", 503, None, "", Verdict::Broken),
            ("office.list", 302, None, "", Verdict::Broken),
            ("office.read", 200, json, "{\"id\":1}", Verdict::Fine),
            ("office.read", 200, json, "null", Verdict::Empty),
            ("office.read", 404, json, "{}", Verdict::NotFound),
        ] {
            let body = body.as_bytes();
            let answered = Answered { status, content_type, body };
            let got = judge(&endpoint(&catalogue, operation), answered);
            assert_eq!(got, verdict, "{operation} {status} {content_type:?}");
        }
    }

    #[test]
    fn lists_come_first_and_name_the_records_that_are_read_then() {
        let catalogue = Catalogue::embedded().unwrap();
        let plan = plan(&catalogue);
        let place = |name: &str| plan.iter().position(|e| e.operation.as_str() == name);
        assert!(place("office.list") < place("office.read"));
        assert!(plan.iter().all(|endpoint| !endpoint.mutation && endpoint.method == Method::Get));
        assert_eq!(place("auth.authorize"), None);
        let mut learned = Learned::default();
        let (list, read) =
            (endpoint(&catalogue, "office.list"), endpoint(&catalogue, "office.read"));
        assert_eq!(learned.path(&read), None);
        learned.learn(&catalogue, &list, b"{\"content\":[{\"id\":\"3/4\"}]}");
        assert_eq!(learned.path(&read).as_deref(), Some("/rest/v1/offices/3%2F4"));
        learned.take("patientId", "8812");
        assert_eq!(format!("{learned:?}"), "Learned(2 parameters)");
    }
}
