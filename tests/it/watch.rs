//! "Is it us, the clinic or Accuro, and is it over?" The page must know within seconds, and let go
//! again soon after the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::time::Timestamp;
use serde_json::Value;

use crate::support::app::{CLINICS, page};
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange};

const FINE: u8 = 0;
const DOWN: u8 = 1;
const ONE_REFUSED: u8 = 2;

/// Time in which a verdict has to be there, after the first call that failed.
const TOLD_WITHIN: Duration = Duration::from_secs(10);
/// Time in which an incident has to be closed, after the end.
const CLOSED_WITHIN: Duration = Duration::from_mins(2);
/// After the end the clock of the program runs faster, so that the test does not take minutes.
const FASTER: u32 = 10;
const START: &str = "2026-11-24T18:00:00Z";

struct Scene {
    _upstream: RawUpstream,
    app: TestApp,
    fault: Arc<AtomicU8>,
    clock: Clock,
    calls: usize,
}

impl Scene {
    async fn start() -> Self {
        let fault = Arc::new(AtomicU8::new(FINE));
        let seen = Arc::clone(&fault);
        let upstream = RawUpstream::answering(move |request| {
            match seen.load(Ordering::SeqCst) {
                DOWN => json(503, "{}"),
                // The first clinic's tenant.
                ONE_REFUSED if request.target().contains("e1a47a6d") => json(401, "{}"),
                _ => json(200, r#"[{"id":1}]"#),
            }
        })
        .await;
        let clock = Clock::fixed(Timestamp::parse(START).unwrap());
        let app = TestApp::with_clock(&upstream.url(), &[], CLINICS, clock.clone());
        Self { _upstream: upstream, app, fault, clock, calls: 0 }
    }

    /// One call from each clinic, by one of three people.
    async fn calls(&mut self) {
        for tenant in
            ["e1a47a6d-f563-4f0f-a7f3-b6539ba21330", "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11"]
        {
            let person = self.calls % 3;
            let call = format!(
                "GET /rest/v1/provider-portal/patients?uuid={tenant} HTTP/1.1\r\nHost: p\r\n\
                 Accuscope-Actor: person-{person}\r\nAuthorization: Bearer {tenant}-{person}\r\n\r\n"
            );
            exchange(&self.app, call).await;
        }
        self.calls += 1;
    }

    async fn status(&self) -> Value {
        let (status, text) = page(self.app.at.ops, "/api/v1/status").await;
        if status == 200 { serde_json::from_str(&text).unwrap() } else { Value::Null }
    }

    /// Calls go on, and the clock, until the status is as wanted; how long that took by the clock.
    async fn until(
        &mut self,
        within: Duration,
        faster: u32,
        wanted: impl Fn(&Value) -> bool,
    ) -> (Value, Duration) {
        let real = Clock::system();
        let (began, from) = (real.instant(), self.clock.now());
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            pace.tick().await;
            self.clock.set(from.plus(real.elapsed(began) * faster));
            self.calls().await;
            let status = self.status().await;
            let took = self.clock.now().since(from);
            if wanted(&status) {
                return (status, took);
            }
            assert!(took < within, "not within {within:?}: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_within_ten_seconds_and_closed_within_two_minutes_of_its_end() {
    let mut scene = Scene::start().await;
    let calm = |status: &Value| {
        status["state"] == "working" && status["clinics"][1]["calls"].as_u64() > Some(10)
    };
    scene.until(Duration::from_mins(1), 1, calm).await;
    for (fault, cause, owner, clinics) in [
        (DOWN, "accuro_down", "accuro", 2),
        (ONE_REFUSED, "clinic_connection_rejected", "clinic_admin", 1),
    ] {
        let began = scene.clock.now();
        scene.fault.store(fault, Ordering::SeqCst);
        let told = |status: &Value| status["incident"].is_i64() && status["cause"] == cause;
        let (status, _) = scene.until(TOLD_WITHIN, 1, told).await;
        assert_eq!((&status["owner"], &status["state"]), (&owner.into(), &"failing".into()));
        assert_eq!(status["affected"]["clinics"], clinics, "{status}");
        let since = Timestamp::parse(status["since"].as_str().unwrap()).unwrap();
        assert!(since >= began && since.since(began) < Duration::from_secs(3), "{since} {began}");
        assert!(status["confidence"].as_f64().unwrap() > 0.5, "{status}");
        let series = format!("accuscope_incidents_open{{cause=\"{cause}\"}}");
        scene.app.metric_is(&series, 1.0).await;

        scene.fault.store(FINE, Ordering::SeqCst);
        let over = |status: &Value| status["incident"].is_null() && status["cause"].is_null();
        scene.until(CLOSED_WITHIN, FASTER, over).await;
        scene.app.metric_is(&series, 0.0).await;
    }
    let (_, list) = page(scene.app.at.ops, "/incidents").await;
    assert!(list.contains("No incident is open"), "{list}");
    assert_eq!(list.matches("/incidents/").count(), 2, "one incident for each: {list}");
    let (status, first) = page(scene.app.at.ops, "/incidents/1").await;
    assert_eq!(status, 200);
    for expected in ["Accuro isn’t answering.", "Closed: calls work again", "Accuro (QHR)"] {
        assert!(first.contains(expected), "{expected} in {first}");
    }
    assert_eq!(page(scene.app.at.ops, "/incidents/99").await.0, 404);
    scene.app.stop().await;
}
