//! "It is not in Accuro": said too early, or by an audit that was lost.

use std::sync::atomic::Ordering;

use crate::keyed;
use crate::keys::{counting, gated};
use crate::support::audit::{audit, said};
use crate::support::child::Program;
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_settles_a_write_that_is_under_way() {
    let (upstream, seen, gate) = gated().await;
    let program = Program::start(&upstream.url(), &[]).await;
    let mut client = program.client().await;
    client.send(keyed("slow", "{}")).await;
    until("the write at Accuro", || async { (seen.load(Ordering::SeqCst) == 1).then_some(()) })
        .await;
    let (done, said) = program.command(&["audit", "unresolved"]);
    assert!(done && said.contains("1 writes may still be under way"), "{said}");
    assert!(said.contains("every other write has a known result"), "{said}");
    let records = audit(&program.folder().join("journal"));
    let event = records.iter().find_map(|record| record.entry.event_id).unwrap().to_string();
    let (done, said) = program.command(&["audit", "settle", &event, "rejected"]);
    assert!(!done && said.contains("may still be under way"), "{said}");
    gate.add_permits(1);
    assert_eq!(client.answer().await.status, 201);
    let (done, said) = program.command(&["audit", "unresolved"]);
    assert!(done && said.contains("every write has a known result"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_audit_has_lost_its_copy_in_the_store_remembers() {
    let (upstream, seen) = counting().await;
    let url = upstream.url();
    let mut program = Program::start(&url, &[]).await;
    let ask = async |program: &Program| {
        let mut client = program.client().await;
        client.send(keyed("kept", "{}")).await;
        client.answer().await
    };
    assert_eq!(ask(&program).await.status, 201);
    until("the copy", || async {
        let records = audit(&program.folder().join("journal"));
        let is_over = said(&records).contains(&"outcome 201 applied".to_owned());
        let (_, told) = program.command(&["audit", "verify"]);
        (is_over && told.contains(" 0 not copied yet")).then_some(())
    })
    .await;
    let lose = |folder: &std::path::Path| {
        for file in accuscope::journal::audit::files(&folder.join("journal")).unwrap() {
            std::fs::remove_file(file.path).unwrap();
        }
    };
    let keep: fn(&std::path::Path) = |_| {};
    for between in [lose, keep] {
        program = program.kill_and_restart(&url, &[], between).await;
        let answer = until("the store", || async {
            let answer = ask(&program).await;
            (answer.status != 503).then_some(answer)
        })
        .await;
        assert_eq!(answer.is_problem(409)["title"], "This change may be saved");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}
