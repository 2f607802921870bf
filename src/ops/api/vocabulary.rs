//! The closed vocabularies as OpenAPI schemas.
//!
//! Owns nothing of them: each schema lists what its type has.

use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use crate::domain::health::{Owner, State, Trouble};
use crate::domain::labels::{
    Category, Context, Environment, Method, Outcome, Source, WorkflowDomain,
};
use crate::domain::reason::Reason;
use crate::domain::reference::ReferenceKind;
use crate::domain::registry::Phase;

/// One of these texts, or null.
fn one_of(texts: impl Iterator<Item = &'static str>, nullable: bool) -> Object {
    let values: Vec<Option<&str>> = texts.map(Some).chain(nullable.then_some(None)).collect();
    let kind = if nullable {
        SchemaType::from_iter([Type::String, Type::Null])
    } else {
        SchemaType::new(Type::String)
    };
    ObjectBuilder::new().schema_type(kind).enum_values(Some(values)).build()
}

macro_rules! vocabularies {
    ($($function:ident $type:ident $nullable:literal,)+) => {
        $(pub(super) fn $function() -> Object {
            one_of($type::ALL.iter().map(|value| value.as_str()), $nullable)
        })+
    };
}

vocabularies! {
    environment Environment false,
    context Context false,
    domain WorkflowDomain false,
    method Method false,
    outcome Outcome false,
    category Category true,
    reason Reason true,
    category_filter Category false,
    reason_filter Reason false,
    source Source false,
    phase Phase false,
    state State false,
    trouble Trouble true,
    owner Owner false,
}

/// What a reference is asked for of. Request ids are looked up as they are.
pub(super) fn reference_kind() -> Object {
    let kinds = ReferenceKind::ALL.iter().filter(|kind| **kind != ReferenceKind::Request);
    one_of(kinds.map(|kind| kind.as_str()), false)
}
