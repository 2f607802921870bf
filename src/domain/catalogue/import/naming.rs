//! What a row needs beyond method and path, derived from the path's words.
//!
//! Owns the rules. They are a careful beginning, not knowledge: the operator corrects the rows.

use super::super::{Answer, Endpoint, Provenance};
use super::Described;
use crate::domain::labels::{Context, Method, WorkflowDomain};
use crate::domain::names::{ApiVersion, OperationName, RouteTemplate};

/// Words of a path, and the domain of what has them; the first that fits counts.
const DOMAINS: [(&str, WorkflowDomain); 46] = [
    ("oauth", WorkflowDomain::Auth),
    ("token", WorkflowDomain::Auth),
    ("billing", WorkflowDomain::Billing),
    ("bill", WorkflowDomain::Billing),
    ("invoice", WorkflowDomain::Billing),
    ("claim", WorkflowDomain::Billing),
    ("payment", WorkflowDomain::Billing),
    ("insurer", WorkflowDomain::Billing),
    ("lab", WorkflowDomain::Labs),
    ("observation", WorkflowDomain::Labs),
    ("specimen", WorkflowDomain::Labs),
    ("medication", WorkflowDomain::Medications),
    ("prescription", WorkflowDomain::Medications),
    ("drug", WorkflowDomain::Medications),
    ("pharmacy", WorkflowDomain::Medications),
    ("pharmacies", WorkflowDomain::Medications),
    ("document", WorkflowDomain::Documents),
    ("letter", WorkflowDomain::Documents),
    ("attachment", WorkflowDomain::Documents),
    ("form", WorkflowDomain::Documents),
    ("appointment", WorkflowDomain::Scheduling),
    ("schedule", WorkflowDomain::Scheduling),
    ("scheduler", WorkflowDomain::Scheduling),
    ("scheduling", WorkflowDomain::Scheduling),
    ("booking", WorkflowDomain::Scheduling),
    ("waitlist", WorkflowDomain::Scheduling),
    ("allergy", WorkflowDomain::Clinical),
    ("allergies", WorkflowDomain::Clinical),
    ("history", WorkflowDomain::Clinical),
    ("problem", WorkflowDomain::Clinical),
    ("encounter", WorkflowDomain::Clinical),
    ("immunization", WorkflowDomain::Clinical),
    ("vital", WorkflowDomain::Clinical),
    ("note", WorkflowDomain::Clinical),
    ("referral", WorkflowDomain::Clinical),
    ("user", WorkflowDomain::Admin),
    ("role", WorkflowDomain::Admin),
    ("authorized", WorkflowDomain::Admin),
    ("patient", WorkflowDomain::Patients),
    ("demographic", WorkflowDomain::Patients),
    ("office", WorkflowDomain::Reference),
    ("provider", WorkflowDomain::Reference),
    ("setting", WorkflowDomain::Reference),
    ("version", WorkflowDomain::Reference),
    ("type", WorkflowDomain::Reference),
    ("code", WorkflowDomain::Reference),
];

/// The row of an endpoint; `None` if its path cannot be a template.
pub(super) fn endpoint(described: &Described) -> Option<Endpoint> {
    let path = path(&described.path)?;
    let words: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let last_is_parameter = words.last().is_some_and(|word| word.starts_with('{'));
    let method = described.method;
    let reads = matches!(method, Method::Get | Method::Head | Method::Options);
    // What is no JSON is one file.
    let plural = !last_is_parameter && described.json != Some(false);
    let list = method == Method::Get && described.list.unwrap_or(plural);
    Some(Endpoint {
        operation: operation(&words, method, list)?,
        method,
        route: RouteTemplate::parse(&path).ok()?,
        context: context(&words),
        domain: domain(&words),
        // Whatever may change a chart is handled as if it did.
        mutation: !reads,
        list,
        cacheable: false,
        answer: match described.json {
            Some(false) => Answer::Any,
            _ => Answer::Json,
        },
        api_version: path.split('/').find_map(ApiVersion::parse),
        provenance: Provenance::Operator,
    })
}

/// The path from `/rest` on, which is left out in some documents, with plain names of parameters.
fn path(written: &str) -> Option<String> {
    let segments: Vec<&str> = written.split('/').filter(|segment| !segment.is_empty()).collect();
    let begin = segments.iter().position(|segment| matches!(*segment, "rest" | "oauth"));
    let own = &segments[begin.unwrap_or(0)..];
    let mut path = if begin.is_none() { "/rest".to_owned() } else { String::new() };
    let mut before = "";
    for segment in own {
        path.push('/');
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            path.push('{');
            path.push_str(&parameter(name, before)?);
            path.push('}');
        } else if segment.contains(['{', '}']) {
            // Half a segment cannot be a parameter of ours.
            return None;
        } else {
            path.push_str(segment);
        }
        before = segment;
    }
    (own.len() > 1).then_some(path)
}

/// The name of a parameter, without a pattern (`{id: [0-9]+}`). That of a patient is the one by which
/// the catalogue knows whom a call is about.
fn parameter(name: &str, before: &str) -> Option<String> {
    let name = name.split(':').next().unwrap_or_default().trim();
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let lower = plain.to_ascii_lowercase();
    let of_patient =
        matches!(lower.as_str(), "patientid" | "patient" | "demographicid" | "demographicno")
            || matches!(lower.as_str(), "id" | "key") && matches!(before, "patients" | "patient");
    match (of_patient, plain.is_empty()) {
        (true, _) => Some("patientId".to_owned()),
        (false, false) => Some(plain),
        (false, true) => None,
    }
}

/// Words of a segment in lower case: `billProcedures`, `authorized-clients`.
fn words_of(segment: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in segment.chars() {
        let upper = letter.is_ascii_uppercase();
        if (upper || !letter.is_ascii_alphanumeric())
            && words.last().is_some_and(|word| !word.is_empty())
        {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a segment only says where, and nothing about what.
fn is_place(segment: &str) -> bool {
    segment.starts_with('{')
        || matches!(segment, "rest" | "provider-portal" | "patient-portal")
        || ApiVersion::parse(segment).is_some()
}

fn operation(words: &[&str], method: Method, list: bool) -> Option<OperationName> {
    let mut parts: Vec<String> =
        words.iter().filter(|word| !is_place(word)).map(|word| words_of(word).join("_")).collect();
    if words.contains(&"patient-portal") {
        parts.push("self".to_owned());
    }
    parts.push(
        match method {
            Method::Get if list => "list",
            Method::Get => "read",
            Method::Post => "create",
            Method::Put | Method::Patch => "update",
            Method::Delete => "delete",
            _ => "look",
        }
        .to_owned(),
    );
    // A name that is too long loses what is in front.
    let mut name = parts.join(".");
    while name.len() > OperationName::MAX_LEN && parts.len() > 2 {
        parts.remove(0);
        name = parts.join(".");
    }
    OperationName::parse(&name).ok()
}

fn context(words: &[&str]) -> Option<Context> {
    match words {
        ["oauth", ..] => Some(Context::NoToken),
        _ if words.contains(&"provider-portal") => Some(Context::Provider),
        _ if words.contains(&"patient-portal") => Some(Context::Patient),
        _ => None,
    }
}

fn domain(words: &[&str]) -> WorkflowDomain {
    // What comes last says most: the documents of a patient are documents.
    for segment in words.iter().rev().filter(|word| !is_place(word)) {
        let words = words_of(segment);
        let is =
            |word: &str| words.iter().any(|own| own == word || own.strip_suffix('s') == Some(word));
        if let Some((_, domain)) = DOMAINS.iter().find(|(word, _)| is(word)) {
            return *domain;
        }
    }
    WorkflowDomain::Unknown
}
