//! The diagnosis on real calls: the simulated Accuro put into a state, calls over sockets through the
//! proxy, then the question. The scenarios are `scenarios.toml` beside this file.
//!
//! Writes `target/diagnosis/live.txt`: every scenario with its answer, ten of them call by call.

mod cast;
mod play;
mod stage;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use futures_util::StreamExt as _;

use self::play::{LiveScenario, Played, play, read};

/// How many run at once.
const AT_ONCE: usize = 3;
/// How many are written down call by call: every so many-th.
const TRANSCRIPTS: usize = 10;
/// The most answers that may be wrong, and of those the most that may be surer than 0.8. Floors a
/// little below what was measured; the goal is none.
const MOST_WRONG: usize = 8;
const MOST_SURE_AND_WRONG: usize = 4;

#[test]
fn real_calls_through_the_proxy_are_explained() {
    let scenarios = read();
    assert!(scenarios.len() >= 60, "{} live scenarios", scenarios.len());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let played: Vec<(LiveScenario, Played)> = runtime.block_on(async {
        let each = scenarios.into_iter().map(|scenario| async {
            let played = play(&scenario).await;
            (scenario, played)
        });
        futures_util::stream::iter(each).buffered(AT_ONCE).collect().await
    });
    let text = report(&played);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/diagnosis");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("live.txt"), &text).unwrap();
    let right = played.iter().filter(|(_, played)| played.right).count();
    let sure_and_wrong = played.iter().filter(|(_, one)| !one.right && one.confidence > 0.8);
    assert!(sure_and_wrong.count() <= MOST_SURE_AND_WRONG, "{text}");
    assert!(right + MOST_WRONG >= played.len(), "{text}");
}

fn report(played: &[(LiveScenario, Played)]) -> String {
    let right = played.iter().filter(|(_, played)| played.right).count();
    let slowest = played.iter().map(|(_, one)| one.answered_in).max().unwrap_or_default();
    let mut text = format!(
        "{right} of {} answers right; slowest answer {} ms\n\n",
        played.len(),
        slowest.as_millis()
    );
    for (scenario, one) in played {
        let mark = if one.right { "right" } else { "WRONG" };
        writeln!(
            text,
            "{mark} {}: {} {:.2}, {} / {}, {} ms",
            scenario.name,
            one.cause,
            one.confidence,
            one.scope,
            one.persistence,
            one.answered_in.as_millis()
        )
        .unwrap();
        if !one.right {
            writeln!(text, "{}", one.transcript).unwrap();
        }
    }
    let step = played.len() / TRANSCRIPTS;
    for (scenario, one) in played.iter().step_by(step.max(1)).take(TRANSCRIPTS) {
        write!(text, "\n== {}\n{}", scenario.name, one.transcript).unwrap();
    }
    text
}
