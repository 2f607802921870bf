//! "The power went": what was acknowledged is on the disk itself, not only in the machine's memory.
//!
//! The disk is a file system in a file. While the process stands still, the file is copied as it is: what
//! a machine would find after a power cut. Needs root; says so where it cannot be done.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use accuscope::domain::audit::Kind;
use tokio::task::JoinSet;

use crate::bad_disk::SmallDisk;
use crate::killed::{intents, seen, writes};
use crate::support::audit::audit;
use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, until};

/// How often the power goes; `ACCUSCOPE_POWER_CUTS` asks for more.
fn cuts() -> usize {
    std::env::var("ACCUSCOPE_POWER_CUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// Cuts that one disk has room for.
const CUTS_OF_A_DISK: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_no_intent_of_a_write_that_accuro_saw() {
    let mut left = cuts();
    while left > 0 {
        let some = left.min(CUTS_OF_A_DISK);
        cut_again_and_again(some).await;
        left -= some;
    }
}

async fn cut_again_and_again(cuts: usize) {
    let Some(disk) = SmallDisk::in_a_file() else { return };
    let upstream = RawUpstream::always(OK).await;
    let journal = format!("\"{}\"", disk.journal().display());
    let program = Program::start(&upstream.url(), &[("journal.dir", &journal)]).await;
    let number = Arc::new(AtomicU64::new(1));
    let mut load = JoinSet::new();
    for _ in 0..4 {
        load.spawn(writes(program.proxy, Arc::clone(&number)));
    }
    for cut in 0..cuts {
        let enough = seen(&upstream).len() + 20 + 13 * (cut * 7 % 5);
        until("writes at the upstream", || async {
            (seen(&upstream).len() >= enough).then_some(())
        })
        .await;
        program.signal("-STOP");
        let seen = seen(&upstream);
        let after = disk.as_after_a_power_cut();
        program.signal("-CONT");
        let kept = intents(&after.journal());
        let missing: Vec<_> = seen.difference(&kept).collect();
        assert!(missing.is_empty(), "cut {cut}: seen without an intent: {missing:?}");
        // What is left is a whole chain, with nothing half written in between.
        let records = audit(&after.journal());
        assert!(records.iter().filter(|record| record.entry.kind == Kind::Intent).count() >= 20);
    }
}
