//! Reads that need no call of their own: the same read of the same token is under way, or reference
//! data was read a moment ago.
//!
//! Owns who may share an answer: only calls with the same token, clinic, office, target and header
//! fields. Accuro filters what it lists by who asks, without saying so, so a scope would not be enough.
//! Only what the catalogue calls `cacheable` is ever kept, and never what names a patient. Both are off
//! unless the operator turns them on.
//!
//! A read that begins after a write of its clinic has been answered never joins one that began before,
//! and a write that could change reference data ends what is kept of its clinic.

mod asking;
mod generations;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::{CACHE_CONTROL, CONNECTION, HOST, PRAGMA, RANGE, VIA};
use http::request::Parts;
use http::{HeaderMap, Method};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

pub(super) use asking::Asking;
use generations::Generations;

use super::call::OpenCall;
use super::headers::{REQUEST_ID, TRACEPARENT, TRACESTATE};
use super::kept::{Given, Kept};
use crate::config::CacheConfig;
use crate::domain::classify::{Token, Transport};
use crate::domain::event::Exchange;
use crate::domain::labels::WorkflowDomain;

/// What calls share.
pub(super) struct Reads {
    coalesce: bool,
    ttl: Duration,
    stale: Duration,
    flights: Mutex<HashMap<ReadKey, watch::Receiver<Landed>>>,
    cache: Option<moka::sync::Cache<ReadKey, Arc<Stored>>>,
    generations: Generations,
}

/// One read: digests of who, where and what. It cannot be turned back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ReadKey([u8; 16]);

struct Stored {
    kept: Kept,
    since: Instant,
}

/// How the read that others wait for ended.
#[derive(Clone)]
enum Landed {
    /// It has not.
    Flying,
    /// With an answer.
    Answered(Arc<Kept>),
    /// Without one, of Accuro's doing.
    Failed(Transport),
    /// With nothing that others could have: too large, or its app hung up.
    Lost,
}

/// What is found for a read.
pub(super) enum Look {
    /// Its answer.
    Answer(Arc<Kept>, Given),
    /// The read that it waited for got no answer.
    Failed(Transport),
    /// It has to ask Accuro; with what is to be done with the answer.
    Ask(Option<Box<Asking>>),
}

impl Reads {
    pub(super) fn new(config: &CacheConfig) -> Self {
        let cache = (!config.ttl.is_zero()).then(|| {
            moka::sync::Cache::builder()
                .max_capacity(config.max_bytes)
                .weigher(|_, stored: &Arc<Stored>| weight(&stored.kept))
                .time_to_live(config.ttl + config.stale)
                .build()
        });
        Self {
            coalesce: config.coalesce,
            ttl: config.ttl,
            stale: config.stale,
            flights: Mutex::default(),
            cache,
            generations: Generations::default(),
        }
    }

    /// Whether anything is ever shared.
    const fn is_on(&self) -> bool {
        self.coalesce || self.cache.is_some()
    }

    /// Looks for an answer, and waits for one that is on its way.
    pub(super) async fn look(
        &self,
        call: &mut OpenCall,
        head: &Parts,
        has_body: bool,
        now: Instant,
    ) -> Look {
        if !self.is_on() || has_body || head.method != Method::GET {
            return Look::Ask(None);
        }
        let past_lifetime = call.asked.token == Token::PastLifetime;
        let (is_reference, shared) = (call.cacheable, Arc::clone(&call.shared));
        let Some(exchange) = call.exchange() else { return Look::Ask(None) };
        if exchange.mutation || exchange.token_ref.is_none() || past_lifetime {
            return Look::Ask(None);
        }
        let caches = self.cache.is_some()
            && is_reference
            && exchange.patient_ref.is_none()
            && exchange.domain == WorkflowDomain::Reference
            && may_be_cached(&head.headers);
        let may_coalesce = self.coalesce && exchange.domain != WorkflowDomain::Auth;
        if !caches && !may_coalesce {
            return Look::Ask(None);
        }
        let cache_key = self.key(exchange, head, true);
        let mut stale = None;
        if let Some(stored) = self.cache.as_ref().filter(|_| caches).and_then(|c| c.get(&cache_key))
        {
            let age = now.saturating_duration_since(stored.since);
            if age < self.ttl {
                let kept = Arc::new(stored.kept.clone());
                return Look::Answer(kept, Given::Hit(age.as_secs()));
            }
            stale = (!self.stale.is_zero()).then_some(stored);
        }
        let mut asking = Asking::new(shared, caches.then_some(cache_key), stale);
        if !may_coalesce {
            return Look::Ask(Some(Box::new(asking)));
        }
        let key = self.key(exchange, head, false);
        let mut waiting = match self.join(key) {
            Ok(leader) => {
                asking.leads(leader);
                return Look::Ask(Some(Box::new(asking)));
            }
            Err(waiting) => waiting,
        };
        let landed = waiting.wait_for(|landed| !matches!(landed, Landed::Flying)).await;
        match landed.map(|landed| landed.clone()) {
            Ok(Landed::Answered(kept)) => Look::Answer(kept, Given::Coalesced),
            Ok(Landed::Failed(transport)) => match asking.stale(now) {
                Some((kept, given)) => Look::Answer(Arc::new(kept), given),
                None => Look::Failed(transport),
            },
            Ok(Landed::Flying | Landed::Lost) | Err(_) => Look::Ask(Some(Box::new(asking))),
        }
    }

    /// Leads a read that others may join, or joins one.
    fn join(&self, key: ReadKey) -> Result<Leader, watch::Receiver<Landed>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flying) = flights.get(&key) {
            return Err(flying.clone());
        }
        let (tell, told) = watch::channel(Landed::Flying);
        flights.insert(key, told);
        Ok(Leader { key, tell: Some(tell) })
    }

    /// A call has changed something, or may have: reads that began before are not shared with those
    /// that begin from now on.
    pub(super) fn wrote(&self, exchange: &Exchange) {
        if self.is_on() {
            self.generations.wrote(exchange);
        }
    }

    fn key(&self, exchange: &Exchange, head: &Parts, of_reference: bool) -> ReadKey {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        let clinic = exchange.clinic.as_ref();
        for number in self.generations.of(clinic, of_reference) {
            part(&number.to_be_bytes());
        }
        part(clinic.map_or(b"", |clinic| clinic.as_str().as_bytes()));
        part(exchange.app.as_ref().map_or(b"", |app| app.as_str().as_bytes()));
        part(exchange.token_ref.as_ref().map_or(b"", |token| token.digest()));
        part(&exchange.office.map_or(0, |office| u64::from(office.number()) + 1).to_be_bytes());
        part(head.uri.path_and_query().map_or(b"", |target| target.as_str().as_bytes()));
        for (name, value) in &head.headers {
            if !is_of_the_call(name) {
                part(name.as_str().as_bytes());
                part(value.as_bytes());
            }
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        ReadKey(key)
    }
}

/// A read that others may wait for. Dropped without an end, it tells them to ask themselves.
struct Leader {
    key: ReadKey,
    tell: Option<watch::Sender<Landed>>,
}

impl Leader {
    fn lands(&mut self, reads: &Reads, landed: Landed) {
        let Some(tell) = self.tell.take() else { return };
        // First the place, so that who comes now asks anew; then those who wait.
        reads.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        tell.send_replace(landed);
    }
}

/// Fields that differ between calls for the same thing.
fn is_of_the_call(name: &http::HeaderName) -> bool {
    let ours = [&REQUEST_ID, &TRACEPARENT, &TRACESTATE];
    ours.contains(&name)
        || [HOST, VIA, CONNECTION].contains(name)
        || name.as_str().starts_with("accuscope-")
}

/// Whether the request takes an answer out of a cache (RFC 9111, 5.2.1).
fn may_be_cached(headers: &HeaderMap) -> bool {
    let conditional = |name: &http::HeaderName| name.as_str().starts_with("if-") || name == RANGE;
    !headers.contains_key(CACHE_CONTROL)
        && !headers.contains_key(PRAGMA)
        && !headers.keys().any(conditional)
}

/// What a kept answer weighs, in bytes, its place included.
fn weight(kept: &Kept) -> u32 {
    const PLACE: usize = 512;
    let fields: usize = kept.headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    u32::try_from(kept.body.len() + fields + PLACE).unwrap_or(u32::MAX)
}
