//! Steps of incidents, and that something works again that somebody waits for, posted to an address of
//! the operator's: for those who have no Prometheus.
//!
//! Owns the forms and the order. Each step is posted by one instance: whoever takes it in the store. What
//! cannot be posted is given back and tried again for a quarter of an hour, so a receiver may see a step
//! twice and tells it by `id`. The address may hold a secret and is never logged.

use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::config::Current;
use crate::diagnosis::works_again;
use crate::domain::health::{State, say};
use crate::domain::incident::{Incident, Update};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::store::{KeptDiagnosis, Store, StoreError, StoreHandle, Watch};
use crate::telemetry::events;

/// How often it is looked for steps.
const LOOK: Duration = Duration::from_secs(2);
/// The pause after a step that could not be posted.
const REST: Duration = Duration::from_secs(10);
/// Older steps are no news.
const NEWS: Duration = Duration::from_mins(15);
/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever waits longer than this is told on the site only.
const WAIT: Duration = Duration::from_hours(30 * 24);
/// How often it is looked whether something works.
const WATCH: Duration = Duration::from_secs(20);

/// What posts.
pub(super) struct Posting {
    pub(super) address: Zeroizing<String>,
    pub(super) store: StoreHandle,
    pub(super) registry: Current<Registry>,
    pub(super) clock: Clock,
}

/// What is posted: counts, times and names of the settings.
#[derive(Debug, PartialEq, Serialize)]
struct Post<'p> {
    id: String,
    incident: i64,
    step: &'static str,
    at: Timestamp,
    sentence: String,
    cause: &'static str,
    scope: &'static str,
    clinic: Option<&'p str>,
    state: &'static str,
    owner: &'static str,
    since: Timestamp,
    closed_at: Option<Timestamp>,
    clinics: u64,
    page: String,
}

/// What is posted once something works: the same for all who wait for it.
#[derive(Debug, PartialEq, Serialize)]
struct WorksAgain<'p> {
    id: String,
    diagnosis: &'p str,
    step: &'static str,
    at: Timestamp,
    sentence: String,
    cause: &'static str,
    clinic: Option<&'p str>,
    page: String,
}

fn works<'p>(kept: &'p KeptDiagnosis, at: Timestamp, registry: &Registry) -> WorksAgain<'p> {
    let name = kept.clinic.as_ref().and_then(|id| registry.clinic(id));
    let name = name.map_or("a clinic", |clinic| clinic.name.as_str());
    let id = kept.id.as_str();
    WorksAgain {
        id: format!("{id}-works"),
        diagnosis: id,
        step: "works_again",
        at,
        sentence: format!("What somebody at {name} was waiting for works again."),
        cause: kept.cause.as_str(),
        clinic: kept.clinic.as_ref().map(crate::domain::names::ClinicId::as_str),
        page: format!("/d/{id}"),
    }
}

fn post<'p>(incident: &'p Incident, step: &Update, registry: &Registry) -> Post<'p> {
    let number = incident.number;
    let name = match &incident.key.clinic {
        Some(id) => registry.clinic(id).map_or("a clinic", |clinic| clinic.name.as_str()),
        None => "several clinics",
    };
    let trouble = incident.key.trouble();
    Post {
        id: format!("{number}-{}-{}", step.kind, step.at.micros()),
        incident: number,
        step: step.kind.as_str(),
        at: step.at,
        sentence: say::of_incident(trouble, incident.state != State::Failing, name),
        cause: incident.key.cause.as_str(),
        scope: incident.key.scope.as_str(),
        clinic: incident.key.clinic.as_ref().map(crate::domain::names::ClinicId::as_str),
        state: if incident.is_open() { incident.state.as_str() } else { "closed" },
        owner: incident.owner().as_str(),
        since: incident.since,
        closed_at: incident.closed_at,
        clinics: incident.peak.clinics,
        page: format!("/incidents/{number}"),
    }
}

impl Posting {
    /// Until the process stops.
    pub(super) async fn run(self, stop: CancellationToken) {
        // TLS needs a provider; whoever comes first sets it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would carry the post to a place that nobody has chosen.
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let Ok(client) = client.timeout(PATIENCE).build() else { return };
        let mut watched = None;
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let went = match self.store.get() {
                // A store that fails is told by whoever writes.
                Some(store) => {
                    if watched.is_none_or(|at| now.since(at) >= WATCH) {
                        watched = Some(now);
                        drop(see(store, now).await);
                    }
                    self.look(store, &client).await.unwrap_or(false)
                        && self.tell(store, &client).await.unwrap_or(false)
                }
                None => true,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(if went { LOOK } else { REST }) => {}
            }
        }
    }

    /// Posts what is new. `false` if something could not be posted.
    async fn look(&self, store: &Store, client: &reqwest::Client) -> Result<bool, StoreError> {
        let now = self.clock.now();
        for (number, step) in store.steps_to_post(now.minus(NEWS)).await? {
            let Some(incident) = store.incident(number).await? else { continue };
            if !store.take_post(number, &step, now).await? {
                continue;
            }
            let registry = self.registry.keep();
            if !self.taken(client, &post(&incident, &step, &registry)).await {
                events::incident_not_posted(number, step.kind.as_str());
                store.give_back_post(number, &step).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Posts what works again. `false` if something could not be posted.
    async fn tell(&self, store: &Store, client: &reqwest::Client) -> Result<bool, StoreError> {
        let now = self.clock.now();
        for Watch { diagnosis, works_at, .. } in store.watches_to_tell(now.minus(NEWS)).await? {
            // Several may wait for the same: the first of them takes it for all.
            let (Some(at), true) = (works_at, store.take_watch(&diagnosis, now).await?) else {
                continue;
            };
            let Some(kept) = store.diagnosis(&diagnosis).await? else { continue };
            let registry = self.registry.keep();
            if !self.taken(client, &works(&kept, at, &registry)).await {
                events::works_again_not_posted();
                store.give_back_watch(&diagnosis).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the receiver took it.
    async fn taken(&self, client: &reqwest::Client, post: &impl Serialize) -> bool {
        let call = client.post(self.address.as_str()).json(post);
        call.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}

/// Looks whether what somebody waits for works. With an address to post to, nobody has to open a page
/// for that.
async fn see(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    for watch in store.open_watches(now.minus(WAIT)).await? {
        works_again(&store.whole(), &watch).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Json;
    use axum::http::StatusCode;
    use axum::routing::post as on_post;
    use serde_json::Value;

    use super::*;
    use crate::domain::cause::{Cause, Scope};
    use crate::domain::incident::{Counts, Finding, Key};
    use crate::store::StoreUrl;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T17:46:00Z").unwrap()
    }

    /// A receiver that refuses the first post; what it took.
    async fn receiver() -> (String, Arc<Mutex<Vec<Value>>>) {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let (kept, refused) = (Arc::clone(&taken), Arc::new(Mutex::new(false)));
        let take = move |Json(body): Json<Value>| async move {
            if !std::mem::replace(&mut *refused.lock().unwrap(), true) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            kept.lock().unwrap().push(body);
            StatusCode::NO_CONTENT
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/hook", on_post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (format!("http://{address}/hook"), taken)
    }

    #[tokio::test]
    async fn each_step_is_posted_once_and_again_where_nobody_took_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("s.db"))).await.unwrap();
        let finding = Finding {
            key: Key { cause: Cause::AccuroDown, scope: Scope::Platform, clinic: None },
            since: now().minus(Duration::from_secs(9)),
            maybe_older: false,
            state: State::Failing,
            category: Cause::AccuroDown.category(),
            operation: None,
            confidence: 0.9,
            clinics: Vec::new(),
            counts: Counts { clinics: 3, actors: Some(9), calls: 30 },
        };
        let number = store.open_incident(&finding, now()).await.unwrap().unwrap();
        let (address, taken) = receiver().await;
        let posting = Posting {
            address: Zeroizing::new(address),
            store: StoreHandle::from(store.clone()),
            registry: Arc::new(Registry::default()).into(),
            clock: Clock::fixed(now()),
        };
        let client = reqwest::Client::new();
        assert!(!posting.look(&store, &client).await.unwrap(), "refused");
        assert!(taken.lock().unwrap().is_empty());
        for _ in 0..2 {
            assert!(posting.look(&store, &client).await.unwrap());
        }
        let taken = taken.lock().unwrap();
        assert_eq!(taken.len(), 1, "{taken:?}");
        let post = &taken[0];
        assert_eq!(post["step"], "opened");
        assert_eq!(post["sentence"], "Accuro isn’t answering.");
        assert_eq!(post["page"], format!("/incidents/{number}"));
        assert_eq!((&post["cause"], &post["owner"]), (&"accuro_down".into(), &"accuro".into()));
    }

    #[tokio::test]
    async fn what_works_again_is_posted_once_for_all_who_wait_and_names_nobody() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("s.db"))).await.unwrap();
        let (address, taken) = receiver().await;
        let posting = Posting {
            address: Zeroizing::new(address),
            store: StoreHandle::from(store.clone()),
            registry: Arc::new(Registry::default()).into(),
            clock: Clock::fixed(now()),
        };
        let client = reqwest::Client::new();
        let kept = KeptDiagnosis {
            id: crate::domain::ids::DiagnosisId::new([7; 15]),
            asked_at: now().minus(Duration::from_mins(9)),
            asked_by: Some("sam".into()),
            clinic: None,
            cause: Cause::ChartRestricted,
            question: "{}".into(),
            answer: "{}".into(),
            picture: "{}".into(),
            recorded_until: None,
        };
        store.keep_diagnosis(&kept).await.unwrap();
        for account in ["sam", "kim"] {
            store.begin_watch(&kept.id, account, kept.asked_at).await.unwrap();
        }
        see(&store, now()).await.unwrap();
        assert_eq!(store.open_watches(kept.asked_at).await.unwrap().len(), 2);
        assert!(posting.tell(&store, &client).await.unwrap(), "nothing works yet");
        store.fulfil_watch(&kept.id, now().minus(Duration::from_secs(5))).await.unwrap();
        assert!(store.open_watches(kept.asked_at).await.unwrap().is_empty());
        assert!(!posting.tell(&store, &client).await.unwrap(), "refused");
        for _ in 0..2 {
            assert!(posting.tell(&store, &client).await.unwrap());
        }
        let taken = taken.lock().unwrap();
        let expected = serde_json::json!({
            "id": format!("{}-works", kept.id.as_str()),
            "diagnosis": kept.id.as_str(),
            "step": "works_again",
            "at": now().minus(Duration::from_secs(5)),
            "sentence": "What somebody at a clinic was waiting for works again.",
            "cause": "chart_restricted",
            "clinic": null,
            "page": format!("/d/{}", kept.id.as_str()),
        });
        assert_eq!(*taken, [expected]);
    }
}
