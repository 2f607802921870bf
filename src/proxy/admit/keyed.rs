//! Writes with an `Idempotency-Key`: sent once, whatever happens.
//!
//! Owns the claim before the intent, its settlement when the call has ended, and the ledger that
//! several instances share. The rules and the table are in `domain::admission`; what is durable is the
//! audit, from which the table is made again after a restart.
//!
//! The body's first MiB is read before anything is sent, so that another request under the same key is
//! found out; what follows streams, and only its length counts. Whether a longer body is the same is not
//! known, so it is neither answered as if it were nor sent: a person has to look.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::{SealedAnswers, Turned};
use crate::config::IdempotencyConfig;
use crate::domain::admission::claims::{Claim, Claims};
use crate::domain::admission::idempotency::{
    self, ClaimKey, Fate, Fingerprint, KEYS_UNREACHABLE, NO_KEY, Standing, key_of,
};
use crate::domain::audit::{CallResult, Entry, Event};
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::reason::Reason;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::proxy::Shared;
use crate::proxy::call::OpenCall;
use crate::proxy::kept::Kept;
use crate::proxy::upload::{RequestBody, UploadFailure};
use crate::telemetry::events;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How much of a body is read before it is sent.
const READ_AHEAD_BYTES: usize = 1_024 * 1_024;
/// The longest wait for the shared ledger; as long as for the audit.
const LEDGER_DEADLINE: Duration = Duration::from_millis(500);
/// How often a settlement is tried, with pauses that double from the first.
const SETTLE_TRIES: u32 = 6;
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// Where instances claim keys together.
pub trait SharedClaims: Send + Sync {
    /// Claims a key, or tells how it stands. `older` are the key's names under earlier keys of
    /// references.
    fn claim(
        &self,
        claim: Claim,
        older: Vec<ClaimKey>,
    ) -> BoxFuture<'static, Result<Standing, LedgerUnreachable>>;

    /// Whether it knows whole requests, and so tells apart what only looks alike in the audit.
    fn tells_apart(&self) -> bool {
        true
    }

    /// Writes down what became of a claimed write; `None`: nothing, so the key is free again.
    fn settle(
        &self,
        key: ClaimKey,
        event: EventId,
        fate: Option<Fate>,
    ) -> BoxFuture<'static, Result<(), LedgerUnreachable>>;
}

/// The shared ledger does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared ledger of keyed writes does not answer")]
pub struct LedgerUnreachable;

/// What calls share of keyed writes.
pub(in crate::proxy) struct Keyed {
    claims: Mutex<Claims>,
    shared: Option<Arc<dyn SharedClaims>>,
    pub(in crate::proxy) answers: Option<SealedAnswers>,
    settling: TaskTracker,
}

/// A claim that a call holds until it ends.
pub(in crate::proxy) struct HeldClaim {
    claim: Claim,
    is_shared: bool,
    whose: Option<Reference>,
}

impl HeldClaim {
    /// Who shows the same may have the answer again.
    pub(in crate::proxy) const fn whose(&self) -> Option<&Reference> {
        self.whose.as_ref()
    }

    /// The key.
    pub(in crate::proxy) const fn key(&self) -> ClaimKey {
        self.claim.key
    }
}

/// What became of a write's key.
pub(in crate::proxy) enum Found {
    /// It has none, or it is the first of its key: it may be sent.
    First,
    /// Its answer is known.
    Replay(Box<Kept>),
    /// It is not sent.
    Turned(Turned),
    /// It is in Accuro since then.
    Applied(Turned, Timestamp),
    /// Its body broke while it was read.
    BadUpload(UploadFailure),
}

impl Keyed {
    pub(super) fn new(
        config: &IdempotencyConfig,
        claims: Claims,
        shared: Option<Arc<dyn SharedClaims>>,
    ) -> Self {
        Self {
            claims: Mutex::new(claims),
            shared,
            answers: SealedAnswers::new(config.replay),
            settling: TaskTracker::new(),
        }
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims a key at the shared ledger. A claim that comes too late is given back by itself.
    async fn claim_shared(
        &self,
        claim: Claim,
        older: Vec<ClaimKey>,
    ) -> Result<Standing, LedgerUnreachable> {
        let Some(shared) = self.shared.clone() else { return Ok(Standing::First) };
        let (tell, told) = oneshot::channel();
        self.settling.spawn(async move {
            let claimed = shared.claim(claim, older).await;
            if let Err(Ok(Standing::First)) = tell.send(claimed) {
                settle_shared(&*shared, claim.key, claim.event, None).await;
            }
        });
        match tokio::time::timeout(LEDGER_DEADLINE, told).await {
            Ok(Ok(claimed)) => claimed,
            _ => Err(LedgerUnreachable),
        }
    }

    /// What the audit cannot tell apart after a restart, the shared ledger may: it knows the whole request.
    async fn told_apart(&self, standing: Standing, claim: Claim, older: Vec<ClaimKey>) -> Standing {
        let can_tell = self.shared.as_ref().is_some_and(|shared| shared.tells_apart());
        if !matches!(standing, Standing::Alike { .. }) || !can_tell {
            return standing;
        }
        match self.claim_shared(claim, older).await {
            Ok(Standing::First) => {
                // It has forgotten the key, which is not a reason to send.
                if let Some(shared) = self.shared.clone() {
                    self.settling.spawn(async move {
                        settle_shared(&*shared, claim.key, claim.event, None).await;
                    });
                }
                standing
            }
            Ok(told) => told,
            Err(LedgerUnreachable) => standing,
        }
    }

    /// A call has ended: its claim is settled by what became of it.
    pub(in crate::proxy) fn settle(&self, held: &HeldClaim, exchange: &Exchange, now: Timestamp) {
        let HeldClaim { claim, is_shared, .. } = *held;
        let fate = if exchange.attempts == 0 {
            None
        } else {
            let result = CallResult::of(exchange.upstream_status, exchange.ending);
            Fate::of(result, exchange.upstream_status, now)
        };
        self.claims().settle(claim.key, claim.event, fate);
        if let (true, Some(shared)) = (is_shared, self.shared.clone())
            && tokio::runtime::Handle::try_current().is_ok()
        {
            self.settling.spawn(async move {
                settle_shared(&*shared, claim.key, claim.event, fate).await;
            });
        }
    }

    /// A person has looked in Accuro what became of a write.
    pub(in crate::proxy) fn settle_by_hand(&self, entry: &Entry, at: Timestamp) {
        let is_settled = entry.detail.is_some_and(|detail| detail.event == Event::Settled);
        let found = (entry.event_id, &entry.idempotency_ref, entry.result);
        let (true, (Some(event), Some(reference), Some(result))) = (is_settled, found) else {
            return;
        };
        let key = ClaimKey::of(reference, entry.app.as_ref());
        // The record has no status, since nobody got an answer.
        let fate = Fate::of(result, entry.status, at);
        if !self.claims().settle_by_hand(key, event, fate) {
            events::settled_too_early();
            return;
        }
        if let Some(shared) = self.shared.clone() {
            self.settling.spawn(async move { settle_shared(&*shared, key, event, fate).await });
        }
    }

    /// Waits until the shared ledger knows everything.
    pub(in crate::proxy) async fn settled(&self) {
        self.settling.close();
        self.settling.wait().await;
    }
}

async fn settle_shared(
    shared: &dyn SharedClaims,
    key: ClaimKey,
    event: EventId,
    fate: Option<Fate>,
) {
    let mut pause = SETTLE_PAUSE;
    for _ in 0..SETTLE_TRIES {
        if shared.settle(key, event, fate).await.is_ok() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    // The claim stays open there, and is told as "unknown" later: the safe side.
    events::claim_unsettled();
}

/// Finds out whether a write may be sent, and claims its key if it has one.
pub(in crate::proxy) async fn claim(
    shared: &Shared,
    call: &mut OpenCall,
    head: &Parts,
    body: &mut RequestBody,
) -> Found {
    let mut values = head.headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = values.next() else { return Found::First };
    let only = values.next().is_none();
    let Some(key) = key_of(first.as_bytes()).filter(|_| only) else {
        count(shared, "invalid");
        let reason = Reason::BadRequest;
        return Found::Turned(Turned { reason, words: NO_KEY, retry_after: None });
    };
    if let Err(failure) = body.read_ahead(READ_AHEAD_BYTES, shared.body_idle_timeout()).await {
        return Found::BadUpload(failure);
    }
    let Some(exchange) = call.exchange() else { return Found::First };
    let clinic = exchange.clinic.clone();
    let mut names = shared.keys.references(ReferenceKind::Idempotency, clinic.as_ref(), key);
    let reference = names.swap_remove(0);
    let app = exchange.app.clone();
    let older = names.iter().map(|name| ClaimKey::of(name, app.as_ref())).collect::<Vec<_>>();
    let claim = Claim {
        key: ClaimKey::of(&reference, app.as_ref()),
        fingerprint: fingerprint(shared, exchange, head, body),
        event: exchange.id,
        at: exchange.ts,
    };
    let shown_by = whose(shared, exchange, head);
    call.trail.keyed(reference);
    let whole = body.is_read();
    let as_far_as_read = |standing| match standing {
        Standing::Again(Fate::Applied { at, .. }) if !whole => {
            Standing::Again(Fate::Unknown { at })
        }
        standing => standing,
    };
    let standing = shared.admission.keyed.claims().claim(&claim, &older);
    if standing != Standing::First {
        let standing = shared.admission.keyed.told_apart(standing, claim, older).await;
        return again(shared, claim.key, as_far_as_read(standing), shown_by.as_ref());
    }
    // From here on the call's end gives the key back.
    call.claim = Some(HeldClaim { claim, is_shared: false, whose: shown_by.clone() });
    match shared.admission.keyed.claim_shared(claim, older).await {
        Ok(Standing::First) => {
            call.claim = Some(HeldClaim { claim, is_shared: true, whose: shown_by });
            count(shared, "first");
            Found::First
        }
        Ok(standing) => again(shared, claim.key, as_far_as_read(standing), shown_by.as_ref()),
        Err(LedgerUnreachable) => {
            count(shared, "ledger_unreachable");
            events::ledger_unreachable();
            let retry_after = Some(Duration::from_secs(5));
            let reason = Reason::AuditUnavailable;
            Found::Turned(Turned { reason, words: KEYS_UNREACHABLE, retry_after })
        }
    }
}

/// Whose write it is: the token, or else whatever shows who somebody is.
fn whose(shared: &Shared, exchange: &Exchange, head: &Parts) -> Option<Reference> {
    if exchange.token_ref.is_some() {
        return exchange.token_ref.clone();
    }
    let mut shown = zeroize::Zeroizing::new(Vec::new());
    for name in [AUTHORIZATION, COOKIE] {
        for value in head.headers.get_all(&name) {
            shown.extend_from_slice(name.as_str().as_bytes());
            shown.push(0);
            shown.extend_from_slice(value.as_bytes());
            shown.push(0);
        }
    }
    (!shown.is_empty()).then(|| shared.keys.reference(ReferenceKind::Token, None, &shown))
}

/// What is said to a write that is not the first of its key.
fn again(shared: &Shared, key: ClaimKey, standing: Standing, whose: Option<&Reference>) -> Found {
    let applied = match standing {
        Standing::Again(Fate::Applied { at, .. }) | Standing::Alike { at } => Some(at),
        _ => None,
    };
    let same = matches!(standing, Standing::Again(Fate::Applied { .. }));
    if let (true, Some(answers)) = (same, &shared.admission.keyed.answers)
        && let Some(kept) = answers.get(key, whose, shared.clock.now())
    {
        count(shared, "replayed");
        return Found::Replay(Box::new(kept));
    }
    count(
        shared,
        match standing {
            Standing::First => "first",
            Standing::Again(Fate::InFlight) => "in_flight",
            Standing::Again(Fate::Applied { .. }) => "applied",
            Standing::Alike { .. } => "alike",
            Standing::Again(Fate::Unknown { .. }) => "unknown",
            Standing::OtherRequest => "other_request",
        },
    );
    let Some((reason, words)) = idempotency::refusal(standing) else { return Found::First };
    let in_flight = standing == Standing::Again(Fate::InFlight);
    let turned = Turned { reason, words, retry_after: in_flight.then_some(Duration::from_secs(1)) };
    applied.map_or(Found::Turned(turned), |at| Found::Applied(turned, at))
}

fn count(shared: &Shared, standing: &str) {
    shared.metrics.keyed_writes.with_label_values(&[standing]).inc();
}

/// What the request is, keyed, so that nobody can guess a body from it.
fn fingerprint(
    shared: &Shared,
    exchange: &Exchange,
    head: &Parts,
    body: &RequestBody,
) -> Fingerprint {
    let coarse = Fingerprint::coarse(
        exchange.method,
        &exchange.operation,
        &exchange.route,
        exchange.patient_ref.as_ref(),
    );
    // No key holds a NUL, so this is no key's reference.
    let mut text = b"\0request\0".to_vec();
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let field = |name| head.headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
    let parts = [
        head.method.as_str().as_bytes(),
        target.as_bytes(),
        field(CONTENT_TYPE),
        field(CONTENT_LENGTH),
    ];
    for part in parts {
        text.extend_from_slice(part);
        text.push(0);
    }
    // How much more than that was read depends on how the network cut the body.
    let start = body.start();
    text.extend_from_slice(&start[..start.len().min(READ_AHEAD_BYTES)]);
    let text = zeroize::Zeroizing::new(text);
    let digest = shared.keys.reference(ReferenceKind::Idempotency, exchange.clinic.as_ref(), &text);
    let mut fine = [0; 16];
    fine.copy_from_slice(&digest.digest()[..16]);
    Fingerprint { coarse, fine: Some(fine) }
}
