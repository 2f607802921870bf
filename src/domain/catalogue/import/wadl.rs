//! WADL documents.
//!
//! Owns the parts that are read: the base, nested resources, methods and the media types of their answers.
//! Resource types and links to other documents are not followed.

use roxmltree::{Document, Error, Node, ParsingOptions};

use super::{Described, DocumentError, path_of};
use crate::domain::labels::Method;

/// The endpoints of a document, in its order.
pub(super) fn endpoints(text: &str) -> Result<Vec<Described>, DocumentError> {
    let document =
        Document::parse_with_options(text, ParsingOptions::default()).map_err(|error| {
            if matches!(error, Error::DtdDetected) {
                return DocumentError::Entities;
            }
            DocumentError::Malformed { what: "XML", line: u64::from(error.pos().row) }
        })?;
    let root = document.root_element();
    if root.tag_name().name() != "application" {
        return Err(DocumentError::UnknownKind);
    }
    let mut described = Vec::new();
    for resources in children(root, "resources") {
        let base = path_of(resources.attribute("base").unwrap_or_default());
        below(root, resources, base.trim_end_matches('/'), &mut described);
    }
    Ok(described)
}

/// What is below a node, whose own path is `path`.
fn below(root: Node<'_, '_>, node: Node<'_, '_>, path: &str, described: &mut Vec<Described>) {
    for method in children(node, "method") {
        let method = meant(root, method);
        let name = method.attribute("name").unwrap_or_default().to_ascii_uppercase();
        let Some(known) = Method::parse(&name) else { continue };
        described.push(Described {
            method: known,
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            list: None,
            json: json(root, method),
        });
    }
    for resource in children(node, "resource") {
        let own = resource.attribute("path").unwrap_or_default().trim_matches('/');
        let path = if own.is_empty() { path.to_owned() } else { format!("{path}/{own}") };
        below(root, resource, &path, described);
    }
}

/// Whether an answer of a method is JSON, where the document says what it is.
fn json(root: Node<'_, '_>, method: Node<'_, '_>) -> Option<bool> {
    let mut said = children(method, "response")
        .flat_map(|response| children(response, "representation"))
        .filter_map(|representation| meant(root, representation).attribute("mediaType"))
        .peekable();
    said.peek()?;
    Some(said.any(|kind| kind.contains("json") || kind == "*/*"))
}

/// What a node with a reference (`href="#id"`) means.
fn meant<'a, 'i>(root: Node<'a, 'i>, node: Node<'a, 'i>) -> Node<'a, 'i> {
    let Some(id) = node.attribute("href").and_then(|text| text.strip_prefix('#')) else {
        return node;
    };
    root.children().find(|other| other.attribute("id") == Some(id)).unwrap_or(node)
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}
