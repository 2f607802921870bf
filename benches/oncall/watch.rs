//! One fault, from its beginning to who was told.
//!
//! Owns the order: a quiet start, the fault, and then looking everywhere until the time is over.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::accuro::Accuro;
use super::fault::{Fault, Kind};
use super::report::Found;
use super::stack::{Stack, Told};
use super::{clinics, clock, say};

/// Before the fault, so that there is something to compare with.
const QUIET: Duration = Duration::from_secs(100);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Stages a fault.
pub(crate) async fn stage(fault: &'static Fault, scrape: u64) -> Found {
    let accuro = Accuro::start().await;
    let mut stack = Stack::start(accuro.address, scrape).await;
    let _people = clinics::work(stack.proxy);
    tokio::time::sleep(QUIET).await;
    let early = stack.told.lock().unwrap().iter().filter(|told| is_news(told)).count();
    assert_eq!(early, 0, "{}: somebody was told before anything happened", fault.name);
    let began = clock();
    match fault.kind {
        Kind::Killed => stack.kill(),
        Kind::Deploy => {
            stack.kill();
            stack.start_again();
        }
        kind => accuro.fall_ill(kind),
    }
    let mut found = Found::new(fault);
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
    while clock() - began < Duration::from_secs(fault.watched) {
        look(&client, &stack, began, &mut found).await;
        tokio::time::sleep(LOOK).await;
    }
    count(&stack.told.lock().unwrap(), began, &mut found);
    say(&format!("{}: {}", fault.name, if found.is_right() { "as it should be" } else { "WRONG" }));
    found
}

fn is_news(told: &Told) -> bool {
    told.alert != "AccuscopeWatchdog"
}

async fn look(client: &reqwest::Client, stack: &Stack, began: Instant, found: &mut Found) {
    let now = || Some((clock() - began).as_secs_f64());
    if found.seen.is_none()
        && let Some(status) = json(client, &format!("http://{}/api/v1/status", stack.ops)).await
        && !status["cause"].is_null()
    {
        found.seen = now();
        found.cause = status["cause"].as_str().map(str::to_owned);
    }
    let alerts = json(client, &format!("http://{}/api/v1/alerts", stack.prometheus)).await;
    let alerts = alerts.and_then(|body| body["data"]["alerts"].as_array().cloned());
    for alert in alerts.unwrap_or_default() {
        let name = alert["labels"]["alertname"].as_str().unwrap_or_default().to_owned();
        if alert["state"] == "firing" && name != "AccuscopeWatchdog" && found.fired.insert(name) {
            found.firing = found.firing.or_else(now);
        }
    }
    if found.site_told.is_none()
        && let Ok(answer) = client.get(format!("http://{}/", stack.ops)).send().await
        && answer.text().await.is_ok_and(|page| page.contains("id=\"h-alerts\""))
    {
        found.site_told = now();
    }
}

async fn json(client: &reqwest::Client, address: &str) -> Option<Value> {
    client.get(address).send().await.ok()?.json().await.ok()
}

fn count(told: &[Told], began: Instant, found: &mut Found) {
    let of = |receiver: &'static str| {
        told.iter().filter(move |told| told.receiver == receiver && is_news(told))
    };
    let names = |told: &Told| (told.alert.clone(), told.fingerprint.clone());
    found.pages = of("pager").map(names).collect::<BTreeSet<_>>();
    found.tickets = of("tickets").map(names).collect::<BTreeSet<_>>();
    let first = of("pager").next().or_else(|| of("tickets").next());
    found.person_told = first.map(|told| (told.at - began).as_secs_f64());
}
