//! Writing the catalogue's CSV, as [`super::read`] reads it.
//!
//! Owns the columns' order. No value can hold a comma or a quote: their alphabets have none.

use super::{Answer, Endpoint, Provenance};
use crate::domain::labels::Context;

/// The first line.
pub const HEADER: &str =
    "operation,method,path,context,domain,mutation,list,cacheable,answer,source";

impl std::fmt::Display for Endpoint {
    /// The row, without the end of the line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let yes = |value| if value { "yes" } else { "no" };
        let answer = match self.answer {
            Answer::Json => "json",
            Answer::Html => "html",
            Answer::Any => "any",
        };
        let source = match self.provenance {
            Provenance::Published => "published",
            Provenance::Conventional => "conventional",
            Provenance::Operator => "operator",
        };
        write!(
            f,
            "{},{},{},{},{},{},{},{},{answer},{source}",
            self.operation,
            self.method,
            self.route,
            self.context.map_or("any", Context::as_str),
            self.domain,
            yes(self.mutation),
            yes(self.list),
            yes(self.cacheable),
        )
    }
}
