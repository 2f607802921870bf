//! "The disk was full": calls go on, it is told, and what fits into memory is recorded later.

use crate::support::app::journal;
use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, until};

const CALLS: usize = 400;

async fn calls(program: &Program, number: usize) {
    let mut client = program.client().await;
    for _ in 0..number {
        client.send("GET /a HTTP/1.1\r\nHost: p\r\n\r\n").await;
        assert_eq!(client.answer().await.status, 200);
    }
}

async fn journal_is(program: &Program, writable: bool) {
    let wanted = format!("accuscope_journal_writable {}", u8::from(writable));
    until(&wanted, || async {
        let (_, text) = program.page("/metrics").await;
        text.lines().any(|line| line == wanted).then_some(())
    })
    .await;
}

/// Every call is recorded, queued or dropped, and nothing else.
async fn accounts_add_up(program: &Program, calls: usize) {
    until("the accounts", || async {
        let (_, text) = program.page("/metrics").await;
        let of = |name: &str| -> usize {
            let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
            line.rsplit(' ').next().unwrap().parse().unwrap()
        };
        let events = of("accuscope_recorder_events_total");
        let parts = of("accuscope_recorder_recorded_events_total")
            + of("accuscope_recorder_queued_events")
            + of("accuscope_recorder_dropped_events_total");
        assert_eq!(events, parts, "at every moment");
        (events == calls).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_no_call_and_loses_no_event() {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start_on_full_disk(&upstream.url(), 100).await;
    calls(&program, CALLS).await;
    journal_is(&program, false).await;
    let (status, text) = program.page("/readyz").await;
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("unwritable"), "{text}");
    assert_eq!(program.page("/healthz").await.0, 200);
    calls(&program, CALLS).await;
    let folder = program.folder().join("journal");
    assert!(journal(&folder).len() < 2 * CALLS, "the disk was full");
    accounts_add_up(&program, 2 * CALLS).await;

    program.make_room();
    journal_is(&program, true).await;
    assert_eq!(program.page("/readyz").await.0, 200);
    accounts_add_up(&program, 2 * CALLS).await;
    until("every event", || async { (journal(&folder).len() == 2 * CALLS).then_some(()) }).await;
    assert_eq!(program.terminate().await, 0);
    let ids: std::collections::BTreeSet<String> =
        journal(&folder).iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids.len(), 2 * CALLS, "each of them once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_on_a_full_disk_still_stops_in_time_and_leaves_whole_lines() {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start_on_full_disk(&upstream.url(), 100).await;
    calls(&program, CALLS).await;
    journal_is(&program, false).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(program.terminate().await, 0);
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    // Reading parses every line, so a torn one fails here.
    let recorded = journal(&program.folder().join("journal")).len();
    assert!((1..CALLS).contains(&recorded), "{recorded}");
    let log = std::fs::read_to_string(program.folder().join("log")).unwrap();
    let stopped = log.lines().rfind(|line| line.contains("accuscope has stopped")).unwrap();
    let stopped: serde_json::Value = serde_json::from_str(stopped).unwrap();
    let told = stopped["dropped"].as_u64().unwrap();
    assert_eq!(recorded as u64 + told, CALLS as u64, "what is lost is counted: {stopped}");
}
