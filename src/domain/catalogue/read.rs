//! Reading the catalogue's CSV.
//!
//! Owns the columns and their checks. Errors name line and column, never the content.

use super::super::labels::{Context, Method, WorkflowDomain};
use super::super::names::{ApiVersion, NameError, OperationName, RouteTemplate};
use super::{Answer, Endpoint, Provenance};

/// Why a catalogue cannot be used. It never repeats a row.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not CSV, or lacks a column.
    #[error(
        "the catalogue is not CSV with the columns operation,method,path,context,domain,mutation,list,cacheable: {0}"
    )]
    Csv(#[source] csv::Error),
    /// A value that the column does not take.
    #[error("line {line} of the catalogue: column {column} must be {expected}")]
    Value {
        /// Line of the file, the header being 1.
        line: u64,
        /// Column name.
        column: &'static str,
        /// What the column takes, in words.
        expected: &'static str,
    },
    /// A name that breaks its rule.
    #[error("line {line} of the catalogue: {source}")]
    Name {
        /// Line of the file, the header being 1.
        line: u64,
        /// Which rule.
        source: NameError,
    },
    /// Two rows with one method and path.
    #[error(
        "row {row} of the catalogue repeats the method {method} of an earlier row with the same path"
    )]
    Twice {
        /// The method.
        method: Method,
        /// Row, the first after the header being 1.
        row: usize,
    },
    /// The built-in name of unknown operations is not a name.
    #[error("{0}")]
    Unknown(#[source] NameError),
}

#[derive(serde::Deserialize)]
struct Row<'r> {
    operation: &'r str,
    method: &'r str,
    path: &'r str,
    context: &'r str,
    domain: &'r str,
    mutation: &'r str,
    list: &'r str,
    cacheable: &'r str,
    #[serde(default)]
    answer: Option<&'r str>,
    #[serde(default)]
    source: Option<&'r str>,
}

/// The endpoints of a CSV text, in its order.
pub(super) fn endpoints(text: &str) -> Result<Vec<Endpoint>, CatalogueError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(CatalogueError::Csv)?.clone();
    let mut endpoints = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(CatalogueError::Csv)? {
        let line = record.position().map_or(0, csv::Position::line);
        let row: Row<'_> = record.deserialize(Some(&headers)).map_err(CatalogueError::Csv)?;
        endpoints.push(endpoint(&row, line)?);
    }
    Ok(endpoints)
}

fn endpoint(row: &Row<'_>, line: u64) -> Result<Endpoint, CatalogueError> {
    let value = |column, expected| CatalogueError::Value { line, column, expected };
    let name = |source| CatalogueError::Name { line, source };
    let route = RouteTemplate::parse(row.path).map_err(name)?;
    if !row.path.starts_with('/') {
        return Err(value("path", "a path that begins with '/'"));
    }
    Ok(Endpoint {
        operation: OperationName::parse(row.operation).map_err(name)?,
        method: Method::parse(row.method)
            .ok_or_else(|| value("method", "a registered HTTP method"))?,
        api_version: row.path.split('/').find_map(ApiVersion::parse),
        route,
        context: match row.context {
            "any" => None,
            text => Some(
                Context::parse(text)
                    .ok_or_else(|| value("context", "any, patient, provider, client or none"))?,
            ),
        },
        domain: WorkflowDomain::parse(row.domain)
            .ok_or_else(|| value("domain", "one of the workflow domains"))?,
        mutation: yes(row.mutation).ok_or_else(|| value("mutation", "yes or no"))?,
        list: yes(row.list).ok_or_else(|| value("list", "yes or no"))?,
        cacheable: yes(row.cacheable).ok_or_else(|| value("cacheable", "yes or no"))?,
        answer: match row.answer {
            None | Some("" | "json") => Answer::Json,
            Some("html") => Answer::Html,
            Some("any") => Answer::Any,
            Some(_) => return Err(value("answer", "json, html or any")),
        },
        provenance: match row.source {
            Some("published") => Provenance::Published,
            Some("conventional") => Provenance::Conventional,
            _ => Provenance::Operator,
        },
    })
}

fn yes(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
