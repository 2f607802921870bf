//! Matching of raw paths against templates, segment by segment.
//!
//! Owns the tree. A literal segment wins over a parameter; where the literal leads nowhere, the
//! parameter is tried.

use std::collections::HashMap;

use super::super::labels::Method;
use super::read::CatalogueError;

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, usize>,
    parameter: Option<usize>,
    endpoints: Vec<(Method, usize)>,
}

/// The templates as a tree; node 0 is the root.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// A template that fits a path.
pub(super) struct Found<'t, 'p> {
    node: &'t Node,
    path: &'p str,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Tree {
    /// Adds one endpoint.
    pub(super) fn insert(
        &mut self,
        route: &str,
        method: Method,
        index: usize,
    ) -> Result<(), CatalogueError> {
        let mut at = 0;
        for segment in segments(route) {
            let known = if segment.starts_with('{') {
                self.nodes[at].parameter
            } else {
                self.nodes[at].literals.get(segment).copied()
            };
            at = match known {
                Some(next) => next,
                None => self.grow(at, segment),
            };
        }
        if self.nodes[at].endpoints.iter().any(|(known, _)| *known == method) {
            return Err(CatalogueError::Twice { method, row: index + 1 });
        }
        self.nodes[at].endpoints.push((method, index));
        Ok(())
    }

    fn grow(&mut self, at: usize, segment: &str) -> usize {
        self.nodes.push(Node::default());
        let next = self.nodes.len() - 1;
        if segment.starts_with('{') {
            self.nodes[at].parameter = Some(next);
        } else {
            self.nodes[at].literals.insert(segment.into(), next);
        }
        next
    }

    /// The template that fits the whole path.
    pub(super) fn find<'t, 'p>(&'t self, path: &'p str) -> Option<Found<'t, 'p>> {
        path.starts_with('/').then(|| self.descend(0, path, path)).flatten()
    }

    /// The template that fits the path once `/first` is put before it.
    pub(super) fn find_below<'t, 'p>(
        &'t self,
        first: &str,
        path: &'p str,
    ) -> Option<Found<'t, 'p>> {
        let start = *self.nodes[0].literals.get(first)?;
        path.starts_with('/').then(|| self.descend(start, path, path)).flatten()
    }

    fn descend<'t, 'p>(&'t self, at: usize, rest: &'p str, path: &'p str) -> Option<Found<'t, 'p>> {
        let node = &self.nodes[at];
        // A trailing slash is tolerated.
        let Some(tail) = rest.strip_prefix('/').filter(|tail| !tail.is_empty()) else {
            return (!node.endpoints.is_empty()).then_some(Found { node, path });
        };
        let end = memchr::memchr(b'/', tail.as_bytes()).unwrap_or(tail.len());
        let (segment, rest) = tail.split_at(end);
        let segment = without_parameters(segment);
        if segment.is_empty() || segment == "." || segment == ".." {
            return None;
        }
        let literal = node.literals.get(segment);
        literal
            .and_then(|next| self.descend(*next, rest, path))
            .or_else(|| self.descend(node.parameter?, rest, path))
    }
}

impl<'p> Found<'_, 'p> {
    /// The endpoint with that method.
    pub(super) fn endpoint(&self, method: Method) -> Option<usize> {
        self.node.endpoints.iter().find(|(known, _)| *known == method).map(|(_, index)| *index)
    }

    /// Some endpoint with this path; all of them share route, domain and version.
    pub(super) fn any_endpoint(&self) -> usize {
        self.node.endpoints[0].1
    }

    /// The segment of the path where the template has `name`.
    pub(super) fn parameter(&self, name: &str, route: &str) -> Option<&'p str> {
        let template = segments(route).count();
        let actual = segments(self.path).count();
        let position = segments(route).position(|s| s == name)?;
        // The path may lack the template's first segment.
        let missing = template.checked_sub(actual)?;
        segments(self.path).nth(position - missing).map(without_parameters)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn without_parameters(segment: &str) -> &str {
    segment.split_once(';').map_or(segment, |(before, _)| before)
}
