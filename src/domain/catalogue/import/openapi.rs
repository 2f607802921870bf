//! OpenAPI documents: version 3 and version 2 ("Swagger"), JSON or YAML.
//!
//! Owns the few parts that are read: the base path, paths, methods, and the kind of the answer. Does not
//! resolve references between files.

use yaml_rust2::{Yaml, YamlLoader};

use super::{Described, DocumentError, path_of};
use crate::domain::labels::Method;
use crate::domain::probe::wraps_a_list;

/// Methods that a path item may have (OpenAPI 3.1, 4.8.9).
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The endpoints of a document, in its order.
pub(super) fn endpoints(text: &str) -> Result<Vec<Described>, DocumentError> {
    // JSON is YAML, but for tabs between tokens, which a JSON text may be indented with.
    let text =
        if text.trim_start().starts_with('{') { text.replace('\t', " ") } else { text.to_owned() };
    let malformed = |error: yaml_rust2::ScanError| DocumentError::Malformed {
        what: "JSON or YAML",
        line: error.marker().line() as u64,
    };
    let documents = YamlLoader::load_from_str(&text).map_err(malformed)?;
    let root = documents.first().ok_or(DocumentError::UnknownKind)?;
    if root["openapi"].is_badvalue() && root["swagger"].is_badvalue() {
        return Err(DocumentError::UnknownKind);
    }
    let base = base(root);
    let mut described = Vec::new();
    let Yaml::Hash(paths) = &root["paths"] else { return Ok(described) };
    for (path, item) in paths {
        let Some(path) = path.as_str() else { continue };
        for name in METHODS {
            let operation = &item[name];
            let Some(method) = Method::parse(&name.to_ascii_uppercase()) else { continue };
            if operation.is_badvalue() {
                continue;
            }
            let answer = answer(root, operation);
            described.push(Described {
                method,
                path: format!("{}{path}", base.trim_end_matches('/')),
                list: answer.and_then(|answer| list(root, schema(root, answer)?)),
                json: json(root, operation, answer),
            });
        }
    }
    Ok(described)
}

/// The path that comes before every path: of the first server, or `basePath`.
fn base(root: &Yaml) -> &str {
    if let Some(base) = root["basePath"].as_str() {
        return base;
    }
    path_of(root["servers"][0]["url"].as_str().unwrap_or_default())
}

/// The answer where all is well.
fn answer<'y>(root: &'y Yaml, operation: &'y Yaml) -> Option<&'y Yaml> {
    let Yaml::Hash(answers) = &operation["responses"] else { return None };
    let fine = |code: &Yaml| match code {
        Yaml::Integer(code) => (200..300).contains(code),
        Yaml::String(code) => code.starts_with('2'),
        _ => false,
    };
    answers.iter().find(|(code, _)| fine(code)).map(|(_, answer)| resolved(root, answer))
}

fn schema<'y>(root: &'y Yaml, answer: &'y Yaml) -> Option<&'y Yaml> {
    if !answer["schema"].is_badvalue() {
        return Some(resolved(root, &answer["schema"]));
    }
    let Yaml::Hash(content) = &answer["content"] else { return None };
    let (_, media) = content.iter().next()?;
    Some(resolved(root, &media["schema"]))
}

/// Whether a schema is a list, or a page of one: an object with a list among its first properties.
fn list(root: &Yaml, schema: &Yaml) -> Option<bool> {
    match schema["type"].as_str() {
        Some("array") => Some(true),
        Some("object") | None => {
            let Yaml::Hash(properties) = &schema["properties"] else { return None };
            Some(properties.iter().any(|(name, property)| {
                name.as_str().is_some_and(wraps_a_list)
                    && resolved(root, property)["type"].as_str() == Some("array")
            }))
        }
        Some(_) => Some(false),
    }
}

/// Whether the answer is JSON, where the document says what it is.
fn json(root: &Yaml, operation: &Yaml, answer: Option<&Yaml>) -> Option<bool> {
    let is_json = |name: &Yaml| name.as_str().is_some_and(|name| name.contains("json"));
    if let Some(Yaml::Hash(content)) = answer.map(|answer| &answer["content"]) {
        return Some(content.keys().any(is_json));
    }
    match (&operation["produces"], &root["produces"]) {
        (Yaml::Array(kinds), _) | (_, Yaml::Array(kinds)) => Some(kinds.iter().any(is_json)),
        _ => None,
    }
}

/// What a reference within the document means, once.
fn resolved<'y>(root: &'y Yaml, node: &'y Yaml) -> &'y Yaml {
    let Some(place) = node["$ref"].as_str().and_then(|text| text.strip_prefix("#/")) else {
        return node;
    };
    place.split('/').fold(root, |node, name| &node[name])
}
