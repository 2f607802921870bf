//! A vendor's own document of its API, as rows of the catalogue.
//!
//! Owns what a document says ([`Described`]) and what of it is new to a catalogue ([`Imported`]). A
//! document knows methods and paths; what accuscope needs beyond that is derived by [`naming`], on the
//! careful side: whatever is no GET may change a chart, and nothing may be cached. The operator reads
//! the rows and corrects them. Does not read files.

mod naming;
mod openapi;
mod wadl;

use std::collections::BTreeSet;

use super::read;
use super::{Catalogue, CatalogueError, Endpoint};
use crate::domain::labels::Method;

/// What a document says about one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Described {
    method: Method,
    /// The path as written, with its base.
    path: String,
    /// Whether the answer is a list, where the document says.
    list: Option<bool>,
    /// Whether the answer is JSON, where the document says.
    json: Option<bool>,
}

/// The kinds of document that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// WADL (W3C member submission, 31 August 2009).
    Wadl,
    /// OpenAPI 3, or its second version, Swagger; JSON or YAML.
    OpenApi,
    /// The catalogue's own CSV.
    Csv,
}

impl Document {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wadl => "WADL",
            Self::OpenApi => "OpenAPI",
            Self::Csv => "CSV",
        }
    }
}

/// Why a document cannot be read. It never repeats the document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Neither of the kinds.
    #[error("this is neither WADL, OpenAPI (JSON or YAML) nor the catalogue's CSV")]
    UnknownKind,
    /// Not well-formed.
    #[error("line {line}: this is not well-formed {what}")]
    Malformed {
        /// Which language.
        what: &'static str,
        /// Line, counted from 1.
        line: u64,
    },
    /// An XML document with entities of its own, which could grow without end.
    #[error("this XML has a document type with entities of its own, which are not read")]
    Entities,
    /// A document without endpoints.
    #[error("this {0} document describes no endpoint")]
    Empty(&'static str),
    /// A row of the CSV.
    #[error(transparent)]
    Csv(#[from] CatalogueError),
}

/// What a document brings to a catalogue.
#[derive(Debug)]
pub struct Imported {
    /// Which kind of document it was.
    pub document: Document,
    /// Endpoints that the catalogue does not know, in the document's order.
    pub new: Vec<Endpoint>,
    /// Endpoints that it knows.
    pub known: usize,
    /// Places in the document, counted from 1, of endpoints whose path cannot be a template.
    pub unusable: Vec<usize>,
}

impl Catalogue {
    /// Reads a document and says what of it is new.
    ///
    /// # Errors
    ///
    /// [`DocumentError`].
    pub fn import(&self, text: &str) -> Result<Imported, DocumentError> {
        let text = text.trim_start_matches('\u{feff}');
        let (document, described) = match text.trim_start().chars().next() {
            Some('<') => (Document::Wadl, wadl::endpoints(text)?),
            Some('{') => (Document::OpenApi, openapi::endpoints(text)?),
            _ if text.trim_start().starts_with("operation,") => return self.import_csv(text),
            _ => (Document::OpenApi, openapi::endpoints(text)?),
        };
        if described.is_empty() {
            return Err(DocumentError::Empty(document.as_str()));
        }
        let mut unusable = Vec::new();
        let mut rows = Vec::new();
        for (at, one) in described.iter().enumerate() {
            match naming::endpoint(one) {
                Some(row) => rows.push(row),
                None => unusable.push(at + 1),
            }
        }
        Ok(Imported { unusable, ..self.compare(document, rows) })
    }

    fn import_csv(&self, text: &str) -> Result<Imported, DocumentError> {
        Ok(self.compare(Document::Csv, read::endpoints(text)?))
    }

    fn compare(&self, document: Document, rows: Vec<Endpoint>) -> Imported {
        let mut seen: BTreeSet<(Method, String)> =
            self.endpoints.iter().map(|own| (own.method, shape(own.route.as_str()))).collect();
        let (mut new, mut known) = (Vec::new(), 0);
        for row in rows {
            if seen.insert((row.method, shape(row.route.as_str()))) {
                new.push(row);
            } else {
                known += 1;
            }
        }
        Imported { document, new, known, unusable: Vec::new() }
    }
}

/// The path of an address; of one without a server it is the whole.
fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => address,
    }
}

/// A template without the names of its parameters: two that differ in those are one.
fn shape(route: &str) -> String {
    let plain =
        |segment: &str| if segment.starts_with('{') { "{}".into() } else { segment.to_owned() };
    route.split('/').map(plain).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
