//! Telling open pages that something changed.
//!
//! Owns the stream `/live`. It says only "changed"; the page fetches itself again, so that roles,
//! clocks and environment stay in one code path. One task looks at the store while anybody listens. Whoever
//! sees some clinics only hears of their calls only, and nobody hears anything once their session has
//! ended.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::access::session::own_digest;
use super::access::visit::Visit;
use super::state::{Auth, OpsState};
use crate::domain::time::Timestamp;
use crate::store::{Freshness, Scoped, SecretDigest};

/// How often the store is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Where no call came, pages hear after so many looks that the store is still up to date.
const QUIET_LOOKS: u32 = 4;
/// More streams than this are sent away; their pages go on by hand.
const MAX_STREAMS: usize = 200;
/// More streams than this of one account are sent away too, so that nobody takes all places.
const MAX_STREAMS_OF_ONE: usize = 24;
/// The browser comes back after so long.
const RETRY: Duration = Duration::from_secs(5);

/// What open pages are told.
#[derive(Clone, Copy, Default)]
struct Change {
    number: u64,
    /// A call came; else only time has passed.
    call: bool,
}

/// The streams, and the number that rises with every change.
#[derive(Clone)]
pub(crate) struct Live {
    changes: Arc<watch::Sender<Change>>,
    streams: Arc<AtomicUsize>,
    /// How many of them each account has; the accounts of a site without sign-in are one.
    of_one: Arc<Mutex<HashMap<Option<String>, usize>>>,
    looking: Arc<AtomicBool>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            changes: Arc::new(watch::Sender::new(Change::default())),
            streams: Arc::default(),
            of_one: Arc::default(),
            looking: Arc::default(),
        }
    }
}

/// Counts a stream for as long as it is open.
struct Place {
    live: Live,
    account: Option<String>,
}

impl Live {
    /// A place for one more stream of an account; `None` if there is none left.
    fn place(&self, account: Option<String>) -> Option<Place> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        let own = of_one.get(&account).copied().unwrap_or(0);
        if own >= MAX_STREAMS_OF_ONE || self.streams.load(Ordering::SeqCst) >= MAX_STREAMS {
            return None;
        }
        of_one.insert(account.clone(), own + 1);
        self.streams.fetch_add(1, Ordering::SeqCst);
        Some(Place { live: self.clone(), account })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of_one = self.live.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        match of_one.get_mut(&self.account) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(of_one.remove(&self.account)),
        }
        self.live.streams.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One open page.
struct Listener {
    changes: watch::Receiver<Change>,
    /// The session that it listens with; `None` where sign-in is off.
    session: Option<SecretDigest>,
    /// What the reader sees, where that is not everything.
    store: Option<Scoped>,
    /// The newest call of that.
    newest: Option<Timestamp>,
    state: OpsState,
    _place: Place,
}

impl Listener {
    /// Waits for something that concerns the reader; `None` where there is nothing more to hear.
    async fn hear(&mut self) -> Option<()> {
        loop {
            tokio::select! {
                () = self.state.shutdown.cancelled() => return None,
                heard = self.changes.changed() => heard.ok()?,
            }
            let change = *self.changes.borrow_and_update();
            if !self.is_signed_in().await {
                return None;
            }
            if self.concerns(change).await {
                return Some(());
            }
        }
    }

    /// Looks without using the session, so that a page left open does not keep it alive.
    async fn is_signed_in(&self) -> bool {
        let (Some(digest), Some(store)) = (self.session, self.state.store.get()) else {
            return self.session.is_none();
        };
        let found = store.find_session(digest, self.state.clock.now()).await;
        found.is_ok_and(|session| {
            let scope = self.store.as_ref().map(|store| store.scope().clone());
            session.is_some_and(|session| session.clinics == scope.unwrap_or_default())
        })
    }

    async fn concerns(&mut self, change: Change) -> bool {
        let Some(store) = self.store.as_ref().filter(|_| change.call) else { return true };
        let Ok(newest) = store.newest_call().await else { return false };
        let before = std::mem::replace(&mut self.newest, newest);
        newest.is_some() && newest != before
    }
}

/// The stream.
pub(crate) async fn stream(
    State(state): State<OpsState>,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    let Some(reader) = visit.person.clone() else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let Some(place) = state.live.place(reader.name) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let changes = state.live.changes.subscribe();
    if !state.live.looking.swap(true, Ordering::SeqCst) {
        tokio::spawn(look(state.clone()));
    }
    let store = visit.sees().filter(|store| !store.scope().is_all()).cloned();
    let newest = match &store {
        Some(store) => store.newest_call().await.ok().flatten(),
        None => None,
    };
    let listener = Listener {
        changes,
        session: own_digest(&headers).filter(|_| state.auth != Auth::Off),
        store,
        newest,
        state,
        _place: place,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        listener.hear().await?;
        let event = Event::default().event("changed").data("1").retry(RETRY);
        Some((Ok::<_, Infallible>(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

/// Looks at the store while anybody listens. There is one looker, however many come and go.
async fn look(state: OpsState) {
    let live = &state.live;
    let mut seen: Option<Freshness> = None;
    let mut quiet = 0;
    loop {
        if live.streams.load(Ordering::SeqCst) == 0 {
            live.looking.store(false, Ordering::SeqCst);
            // Somebody may have come in between, and relied on this looker.
            let came = live.streams.load(Ordering::SeqCst) > 0;
            if !came || live.looking.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        if let Some(store) = state.store.get()
            && let Ok(fresh) = store.freshness().await
        {
            let before = seen.replace(fresh);
            quiet += 1;
            let came = before.is_some_and(|before| before.newest != fresh.newest);
            let still = quiet >= QUIET_LOOKS && before.is_some_and(|before| before != fresh);
            if came || still {
                quiet = 0;
                let number = live.changes.borrow().number + 1;
                live.changes.send_replace(Change { number, call: came });
            }
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places() {
        let live = Live::default();
        let zoe = || Some("zoe".to_owned());
        let mut places: Vec<Place> = std::iter::from_fn(|| live.place(zoe())).collect();
        assert_eq!(places.len(), MAX_STREAMS_OF_ONE);
        let _other = live.place(Some("ada".to_owned())).unwrap();
        drop(places.pop());
        assert!(live.place(zoe()).is_some());
        let more = (0..MAX_STREAMS).filter_map(|n| live.place(Some(n.to_string())));
        let more: Vec<Place> = more.collect();
        assert_eq!(places.len() + 1 + more.len(), MAX_STREAMS);
        drop((places, more));
        assert_eq!(live.streams.load(Ordering::SeqCst), 1);
    }
}
