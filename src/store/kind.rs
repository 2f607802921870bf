//! What many events have in common: which operation, by which app, how it ended.
//!
//! Owns [`Kind`], the part of an event that repeats. A deployment has some thousands of kinds; a row
//! of `exchanges` names one in two bytes instead of 18 columns.

use std::sync::Arc;

use super::cells::{Reader, columns, from_row};
use super::error::StoreError;
use super::sql::Arg;
use crate::domain::event::Exchange;
use crate::domain::labels::{
    Category, Context, Environment, Method, Outcome, Source, WorkflowDomain,
};
use crate::domain::names::{
    ApiVersion, AppId, InstanceId, KeyId, OperationName, RouteTemplate, ScopeName,
};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::Reference;

columns! {
    env Text, app Text, context Text, operation Text, domain Text, method Text, route Text,
    api_version Int, mutation Int, status Int, upstream_status Int,
    outcome Text, category Text, reason Text, attempts Int, source Text, actor_key Text, patient_key Text, token_key Text, scopes Text, instance Text,
}

/// The part of an event that repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) env: Environment,
    pub(super) app: Option<AppId>,
    pub(super) context: Context,
    pub(super) operation: OperationName,
    pub(super) domain: WorkflowDomain,
    pub(super) method: Method,
    pub(super) route: RouteTemplate,
    pub(super) api_version: Option<ApiVersion>,
    pub(super) mutation: bool,
    pub(super) status: u16,
    pub(super) upstream_status: Option<u16>,
    pub(super) ending: Ending,
    pub(super) attempts: u16,
    pub(super) source: Source,
    pub(super) actor_key: Option<KeyId>,
    pub(super) patient_key: Option<KeyId>,
    pub(super) token_key: Option<KeyId>,
    pub(super) scopes: Arc<[ScopeName]>,
    pub(super) instance: InstanceId,
}

/// Names a kind in the table, whatever its number there.
pub(super) type KindDigest = [u8; 16];

impl Kind {
    pub(super) fn of(event: &Exchange) -> Self {
        let key = |reference: &Option<Reference>| reference.as_ref().map(|r| r.key().clone());
        Self {
            env: event.env,
            app: event.app.clone(),
            context: event.context,
            operation: event.operation.clone(),
            domain: event.domain,
            method: event.method,
            route: event.route.clone(),
            api_version: event.api_version,
            mutation: event.mutation,
            status: event.status,
            upstream_status: event.upstream_status,
            ending: event.ending,
            attempts: event.attempts,
            source: event.source,
            actor_key: key(&event.actor_ref),
            patient_key: key(&event.patient_ref),
            token_key: key(&event.token_ref),
            scopes: Arc::clone(&event.scopes),
            instance: event.instance.clone(),
        }
    }

    /// The values of its row, in the order of [`COLUMNS`].
    pub(super) fn values(&self) -> Vec<Arg> {
        let maybe = |text: Option<&str>| Arg::Text(text.map(str::to_owned));
        let scopes: Vec<&str> = self.scopes.iter().map(ScopeName::as_str).collect();
        vec![
            self.env.as_str().into(),
            maybe(self.app.as_ref().map(AppId::as_str)),
            self.context.as_str().into(),
            self.operation.as_str().into(),
            self.domain.as_str().into(),
            self.method.as_str().into(),
            self.route.as_str().into(),
            self.api_version.map(|version| i64::from(version.number())).into(),
            i64::from(self.mutation).into(),
            i64::from(self.status).into(),
            self.upstream_status.map(i64::from).into(),
            self.ending.outcome().as_str().into(),
            maybe(self.ending.category().map(Category::as_str)),
            maybe(self.ending.reason().map(Reason::as_str)),
            i64::from(self.attempts).into(),
            self.source.as_str().into(),
            maybe(self.actor_key.as_ref().map(KeyId::as_str)),
            maybe(self.patient_key.as_ref().map(KeyId::as_str)),
            maybe(self.token_key.as_ref().map(KeyId::as_str)),
            Arg::Text((!scopes.is_empty()).then(|| scopes.join(" "))),
            self.instance.as_str().into(),
        ]
    }

    /// What the table finds it by: SHA-256 over its values, cut to 128 bits.
    pub(super) fn digest(&self) -> KindDigest {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        for value in self.values() {
            match value {
                Arg::Int(Some(number)) => hash.update(number.to_string()),
                Arg::Text(Some(text)) => hash.update(text),
                _ => hash.update("\u{1}"),
            }
            // No value holds a line feed.
            hash.update("\n");
        }
        let whole: [u8; 32] = hash.finalize().into();
        let mut head = [0; 16];
        head.copy_from_slice(&whole[..16]);
        head
    }
}

/// A row of `kinds`.
pub(super) struct RawKind(Vec<Arg>);

from_row!(RawKind, COLUMNS);

impl RawKind {
    /// The kind. Fields are read in the order of [`COLUMNS`].
    pub(super) fn kind(self) -> Result<Kind, StoreError> {
        let mut row = Reader::new(self.0, COLUMNS, "kinds");
        let key = |text: &str| KeyId::parse(text).ok();
        Ok(Kind {
            env: row.text(Environment::parse)?,
            app: row.maybe_text(|text| AppId::parse(text).ok())?,
            context: row.text(Context::parse)?,
            operation: row.text(|text| OperationName::parse(text).ok())?,
            domain: row.text(WorkflowDomain::parse)?,
            method: row.text(Method::parse)?,
            route: row.text(|text| RouteTemplate::parse(text).ok())?,
            api_version: row.maybe(|n| u8::try_from(n).ok().and_then(ApiVersion::new))?,
            mutation: row.need()? != 0,
            status: row.narrow()?,
            upstream_status: row.maybe(|n| u16::try_from(n).ok())?,
            ending: ending(&mut row)?,
            attempts: row.narrow()?,
            source: row.text(Source::parse)?,
            actor_key: row.maybe_text(key)?,
            patient_key: row.maybe_text(key)?,
            token_key: row.maybe_text(key)?,
            scopes: row.maybe_text(parse_scopes)?.unwrap_or_default(),
            instance: row.text(|text| InstanceId::parse(text).ok())?,
        })
    }
}

fn ending(row: &mut Reader) -> Result<Ending, StoreError> {
    let outcome = row.text(Outcome::parse)?;
    let category = row.maybe_text(Category::parse)?;
    let reason = row.maybe_text(Reason::parse)?;
    Ending::of(outcome, category, reason).ok_or_else(|| row.unknown())
}

fn parse_scopes(text: &str) -> Option<Arc<[ScopeName]>> {
    text.split(' ').map(|name| ScopeName::parse(name).ok()).collect()
}
