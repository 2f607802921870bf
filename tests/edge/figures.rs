//! "I only looked at the figures, with a file of my own, and the others saw something else from then on."

use crate::launch::{CEDAR, MAPLE, Place};

/// Two clinics, of which the second is part of the first from a day on.
fn clinics(merged: Option<&str>) -> String {
    let merged = merged
        .map(|day| format!("merged_into = \"maple-ridge\"\nmerged_on = {day}\n"))
        .unwrap_or_default();
    format!(
        "[[clinics]]\nid = \"maple-ridge\"\nname = \"Maple Ridge\"\ntenant = \"{MAPLE}\"\n\
         [[clinics]]\nid = \"cedar-hill\"\nname = \"Cedar Hill\"\ntenant = \"{CEDAR}\"\n{merged}"
    )
}

fn place(merged: Option<&str>) -> Place {
    let place = Place::new("http://127.0.0.1:9");
    place.write("", &clinics(merged));
    place
}

#[test]
fn a_command_that_reads_figures_leaves_the_mergers_in_the_store_as_they_are() {
    let place = place(None);
    for reads in [&["adoption"][..], &["digest", "--print"]] {
        place.write("", &clinics(None));
        assert_eq!(place.run_with(reads).0, 0);
        place.write("", &clinics(Some("2026-11-18")));
        let (status, printed, said) = place.run_with(reads);
        assert_eq!((status, printed.as_str()), (1, ""), "{said}");
        assert!(said.contains("other mergers") && said.contains("--count"), "{said}");
        place.write("", &clinics(None));
        assert_eq!(place.run_with(reads).0, 0, "nothing was written");
    }
    // Asked to, it takes them, and the settings of before are the ones that differ.
    place.write("", &clinics(Some("2026-11-18")));
    assert_eq!(place.run_with(&["adoption", "--count"]).0, 0);
    assert_eq!(place.run_with(&["adoption"]).0, 0);
    place.write("", &clinics(Some("2026-11-19")));
    assert_eq!(place.run_with(&["adoption"]).0, 1);
}

#[tokio::test]
async fn a_command_counts_what_is_due_where_no_serving_process_does_and_says_so_where_one_does() {
    let place = place(None);
    assert_eq!(place.run_with(&["adoption"]).2, "");
    let due = "insert into task_days_due (clinic_label, day, events) values (900, 20780, 1)";
    let serves = "insert into recording (instance, began, until, stopped)
        select 'i-1', unixepoch() * 1000000 - 60000000, unixepoch() * 1000000, 0";
    let stops = "update recording set stopped = 1";
    let label = "insert into labels (id, text) values (900, 'maple-ridge')";
    let told = "1 day of a clinic is not counted yet";
    for (sql, words, tells) in [
        (&[label, due][..], &["adoption"][..], ""),
        (&[due, serves], &["adoption"], told),
        (&[], &["digest", "--print"], told),
        (&[], &["adoption"], told),
        (&[], &["adoption", "--count"], ""),
        (&[], &["adoption"], ""),
        (&[due], &["adoption"], told),
        (&[stops], &["adoption"], ""),
        (&[], &["adoption"], ""),
    ] {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.path("store.db"));
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        for one in sql {
            sqlx::query(sqlx::AssertSqlSafe(*one)).execute(&pool).await.unwrap();
        }
        pool.close().await;
        let (status, _, said) = place.run_with(words);
        assert_eq!(status, 0, "{said}");
        assert!(
            said.starts_with(tells) && said.is_empty() == tells.is_empty(),
            "{words:?}: {said}"
        );
    }
}

#[test]
fn what_cannot_be_asked_for_ends_with_status_two_and_names_what_is_wrong() {
    let place = place(None);
    for (words, tells) in [
        (&["adoption", "--from", "2026-11-20", "--to", "2026-11-01"][..], "--from: after --to"),
        (&["adoption", "--from", "Tremblay"], "--from: not a day such as"),
        (&["adoption", "--to", "2026-02-30"], "--to: not a day such as"),
        (&["adoption", "--by", "Tremblay"], "--by: not day, week or month"),
        (&["adoption", "--clinic", "Tremblay"], "--clinic: not one of the settings’ clinics"),
        (&["adoption", "--clinic", "tremblay"], "--clinic: not one of the settings’ clinics"),
        (&["digest", "--print", "--week", "2099-W01"], "--week: after 20"),
        (&["digest", "--print", "--week", "Tremblay"], "--week: not an ISO week"),
        (
            &["export", "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-01T00:00:00Z"],
            "--from: after --to",
        ),
        (&["export", "--from", "Tremblay"], "--from: "),
        (
            &["export", "--clinic", "tremblay", "--output", "out.ndjson"],
            "--clinic: not one of the settings’ clinics, and no event",
        ),
        (&["export", "--clinic", "Tremblay", "--output", "out.ndjson"], "--clinic: "),
    ] {
        let (status, printed, said) = place.run_with(words);
        assert_eq!((status, printed.as_str()), (2, ""), "{words:?}: {said}");
        assert!(said.contains(tells), "{words:?}: {said}");
        assert!(!said.to_lowercase().contains("tremblay"), "{words:?}: {said}");
    }
    assert!(!place.path("out.ndjson").exists(), "no file is made for nothing");
    let (status, _, said) = place.run_with(&["export", "--clinic", "cedar-hill"]);
    assert_eq!(status, 0, "it is registered, and nothing happened there yet: {said}");
}

#[test]
fn a_merger_far_ahead_is_refused_by_every_command_that_reads_the_settings() {
    let place = place(Some("2099-01-01"));
    for words in [
        &["check"][..],
        &["adoption"],
        &["digest", "--print"],
        &["export"],
        &["import", "-"],
        &["prune"],
        &["token", "list"],
        &["audit", "verify"],
    ] {
        let (status, _, said) = place.run_with(words);
        assert_eq!(status, 2, "{words:?}: {said}");
        let tells = "clinics[2].merged_on: must be a date from 2000 to a year from now";
        assert!(said.contains(tells), "{words:?}: {said}");
    }
}
