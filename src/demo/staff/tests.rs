//! What the people at work promise.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::demo::Scene;
use crate::domain::time::Timestamp;
use crate::sim::Sim;

/// The crew talks to the simulator as if it were the proxy, which changes nothing for them.
#[tokio::test]
async fn people_of_every_clinic_work_and_stop_when_told() {
    let clock = Clock::fixed(Timestamp::from_seconds(1_795_540_320));
    let scene = Scene::new(7, clock.now()).unwrap();
    let view = clock.clone();
    let sim = Sim::start(scene.sim(), Arc::new(move || view.now())).await.unwrap();
    let config = CrewConfig { proxy: sim.address(), control: sim.control_address(), clock };
    let crew = scene.crew(config).unwrap();
    assert!(crew.len() > 90, "{}", crew.len());
    let stop = CancellationToken::new();
    let work = tokio::spawn(crew.run(stop.clone()));
    let http = client().unwrap();
    let url = format!("http://{}/log", sim.control_address());
    let mut log: Vec<Value> = Vec::new();
    let enough = async {
        while log.len() < 40 {
            let answer: Value = http.get(&url).send().await.unwrap().json().await.unwrap();
            log.clone_from(answer["deliveries"].as_array().unwrap());
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), enough).await.unwrap();
    stop.cancel();
    assert!(work.await.unwrap() > 0);
    let texts =
        |field: &str| log.iter().filter_map(|entry| entry[field].as_str()).collect::<BTreeSet<_>>();
    assert!(texts("tenant").len() >= 4, "{:?}", texts("tenant"));
    assert!(texts("operation").len() >= 6, "{:?}", texts("operation"));
    assert!(log.iter().all(|entry| entry["request_id"].is_string()));
    let good = log.iter().filter(|entry| entry["status"].as_u64().is_some_and(|s| s < 300)).count();
    assert!(good * 10 > log.len() * 8, "{good} of {}", log.len());
    sim.stop().await;
}
