//! The endpoint catalogue: which operation a method and a path are.
//!
//! Owns the table (data: an embedded default and the operator's overlay), its checks and the
//! matching. A path that fits no template is `unknown`, and only those of its segments that are in
//! the catalogue's own vocabulary are ever shown. Does not read files and knows no HTTP library.

mod foreign;
mod import;
mod read;
mod reading;
mod scopes;
mod tree;
mod write;

use std::collections::BTreeSet;

use super::labels::{Context, Method, WorkflowDomain};
use super::names::{ApiVersion, OperationName, RouteTemplate, ScopeName};

pub use foreign::ForeignEvent;
pub use import::{Document, DocumentError, Imported};
pub use read::CatalogueError;
pub use reading::other_reading;
pub use scopes::ScopeVocabulary;
use tree::Tree;
pub use write::HEADER as CATALOGUE_CSV_HEADER;

/// The default content: `accuro.md`'s public facts and stated assumptions, one row an endpoint.
pub const DEFAULT_CSV: &str = include_str!("default.csv");

/// The kind of answer an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// JSON, so anything else is unexpected.
    Json,
    /// A page for people: the sign-in.
    Html,
    /// A document or anything else.
    Any,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The vendor publishes the path, or a public client uses it.
    Published,
    /// Our assumption for a workflow.
    Conventional,
    /// The operator's own file.
    Operator,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The operation's name, shared by the versions of one endpoint.
    pub operation: OperationName,
    /// The method.
    pub method: Method,
    /// The path's template.
    pub route: RouteTemplate,
    /// The context that the endpoint is for; `None` where any may call.
    pub context: Option<Context>,
    /// The workflow domain.
    pub domain: WorkflowDomain,
    /// Whether a call could change the chart.
    pub mutation: bool,
    /// Whether a list is asked for, so that an empty answer is an answer.
    pub list: bool,
    /// Whether it is reference data without patients.
    pub cacheable: bool,
    /// The kind of answer.
    pub answer: Answer,
    /// The version segment of the path.
    pub api_version: Option<ApiVersion>,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// The operations whose exchanges carry credentials rather than charts.
pub const TOKEN_OPERATION: &str = "auth.token";
/// The operation that changes a token's current office.
pub const CHANGE_OFFICE_OPERATION: &str = "auth.change_office";
/// The name of an operation that no template fits.
pub const UNKNOWN_OPERATION: &str = "unknown";

/// The endpoints of one Accuro, ready for matching.
#[derive(Debug)]
pub struct Catalogue {
    endpoints: Vec<Endpoint>,
    tree: Tree,
    vocabulary: BTreeSet<String>,
    /// The templates' parameters with their braces.
    parameters: BTreeSet<String>,
    scopes: ScopeVocabulary,
    unknown: OperationName,
    nowhere: RouteTemplate,
}

/// What a request line turned out to be. The parameters borrow from the path and must not outlive
/// the call: they are identifiers.
#[derive(Debug)]
pub struct Match<'c, 'p> {
    /// The endpoint, where template and method fit.
    pub endpoint: Option<&'c Endpoint>,
    /// The operation's name, `unknown` without an endpoint.
    pub operation: OperationName,
    /// The template, or the vocabulary's part of the path.
    pub route: RouteTemplate,
    /// The domain; of the path where only the method does not fit.
    pub domain: WorkflowDomain,
    /// Whether the call could change the chart; unknown operations count unless the method is safe.
    pub mutation: bool,
    /// The version segment.
    pub api_version: Option<ApiVersion>,
    /// The value of the template's `{patientId}`, still percent-encoded.
    pub patient_segment: Option<&'p str>,
}

impl Catalogue {
    /// The embedded default.
    ///
    /// # Errors
    ///
    /// None in a released program: a test reads the default.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::from_endpoints(read::endpoints(DEFAULT_CSV)?)
    }

    /// The embedded default, overlaid by the rows of an operator's CSV: a row replaces the row with
    /// its method and path, else it is added.
    ///
    /// # Errors
    ///
    /// Names line, column and problem of the first bad row; see [`CatalogueError`].
    pub fn with_overlay(overlay_csv: &str) -> Result<Self, CatalogueError> {
        let mut endpoints = read::endpoints(DEFAULT_CSV)?;
        for row in read::endpoints(overlay_csv)? {
            let row = Endpoint { provenance: Provenance::Operator, ..row };
            match endpoints.iter_mut().find(|e| e.method == row.method && e.route == row.route) {
                Some(place) => *place = row,
                None => endpoints.push(row),
            }
        }
        Self::from_endpoints(endpoints)
    }

    fn from_endpoints(endpoints: Vec<Endpoint>) -> Result<Self, CatalogueError> {
        let mut tree = Tree::default();
        let (mut vocabulary, mut parameters) = (BTreeSet::new(), BTreeSet::new());
        for (index, endpoint) in endpoints.iter().enumerate() {
            let route = endpoint.route.as_str();
            tree.insert(route, endpoint.method, index)?;
            for segment in route.split('/').filter(|segment| !segment.is_empty()) {
                let words =
                    if segment.starts_with('{') { &mut parameters } else { &mut vocabulary };
                words.insert(segment.to_owned());
            }
        }
        let scopes = ScopeVocabulary::of(&endpoints);
        let unknown = OperationName::parse(UNKNOWN_OPERATION).map_err(CatalogueError::Unknown)?;
        let nowhere = RouteTemplate::parse("/{}").map_err(CatalogueError::Unknown)?;
        Ok(Self { endpoints, tree, vocabulary, parameters, scopes, unknown, nowhere })
    }

    /// Every endpoint, in the order of the files.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Whether calls can be recorded under an operation's name: an endpoint's, or that of what fits none.
    #[must_use]
    pub fn names(&self, operation: &OperationName) -> bool {
        *operation == self.unknown || self.endpoints.iter().any(|e| e.operation == *operation)
    }

    /// The scopes of a token response that may be kept: those whose every word the catalogue knows.
    pub fn known_scopes<'t>(
        &self,
        scope: &'t str,
    ) -> impl Iterator<Item = ScopeName> + use<'_, 't> {
        scope.split(' ').filter_map(|one| self.scopes.known(one))
    }

    /// Finds the operation of a request line. `path` is the raw path, without the query.
    ///
    /// A missing `/rest` is tolerated, and so are a trailing slash and path parameters after `;`
    /// (RFC 3986, section 3.3); anything else has to fit byte for byte.
    #[must_use]
    pub fn identify<'c, 'p>(&'c self, method: Method, path: &'p str) -> Match<'c, 'p> {
        let found = self.tree.find(path).or_else(|| self.tree.find_below("rest", path));
        let Some(found) = found else { return self.unmatched(method, path) };
        // HEAD asks for what GET would give, without the content (RFC 9110, 9.3.2).
        let wanted = if method == Method::Head { Method::Get } else { method };
        let of_path = &self.endpoints[found.any_endpoint()];
        let endpoint = found.endpoint(wanted).map(|index| &self.endpoints[index]);
        Match {
            endpoint,
            operation: endpoint.map_or_else(|| self.unknown.clone(), |e| e.operation.clone()),
            route: of_path.route.clone(),
            domain: of_path.domain,
            mutation: endpoint.map_or(!method.is_safe(), |e| e.mutation),
            api_version: of_path.api_version,
            patient_segment: found.parameter("{patientId}", of_path.route.as_str()),
        }
    }

    /// Finds the operation of a request line whose path can be read in two ways, the second one from
    /// [`other_reading`]. Where the two name different things the operation is unknown, unless the
    /// path as it stands names nothing; the call counts as a mutation if either reading does.
    #[must_use]
    pub fn identify_both<'c, 'p>(
        &'c self,
        method: Method,
        path: &'p str,
        other: &'p str,
    ) -> Match<'c, 'p> {
        let (first, second) = (self.identify(method, path), self.identify(method, other));
        let mutation = first.mutation || second.mutation;
        let same = match (first.endpoint, second.endpoint) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (None, _) => true,
            (Some(_), None) => false,
        };
        if same {
            // Whom it is about is what the standard's reading says, which decodes last.
            let patient_segment = first.patient_segment.or(second.patient_segment);
            return Match { mutation, patient_segment, ..second };
        }
        let patient_segment = second.patient_segment;
        Match { mutation, patient_segment, ..self.unmatched(method, "") }
    }

    fn unmatched<'p>(&self, method: Method, path: &'p str) -> Match<'_, 'p> {
        const SHOWN_SEGMENTS: usize = 6;
        let mut shown = String::new();
        for segment in path.split('/').skip(1).take(SHOWN_SEGMENTS) {
            shown.push('/');
            shown.push_str(if self.vocabulary.contains(segment) { segment } else { "{}" });
        }
        let version = path.split('/').skip(1).take(2).find_map(ApiVersion::parse);
        Match {
            endpoint: None,
            operation: self.unknown.clone(),
            route: RouteTemplate::parse(&shown).unwrap_or_else(|_| self.nowhere.clone()),
            domain: WorkflowDomain::Unknown,
            mutation: !method.is_safe(),
            api_version: version,
            patient_segment: None,
        }
    }
}

#[cfg(test)]
mod tests;
