//! Whose trouble a moment is, by table.

use std::time::Duration;

use super::clinic::{began, is_expected};
use super::say::{sentence, status};
use super::*;
use crate::domain::cause::{Cause, Scope};
use crate::domain::incident::{Counts, Incident, Key, Ongoing};
use crate::domain::labels::{Category, Context};
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::domain::time::Timestamp;

const NOW: i64 = 1_764_000_000;

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

fn minutes_ago(minutes: u64) -> Timestamp {
    now().minus(Duration::from_secs(minutes * 60))
}

fn tally(ok: u64, failed: &[(Reason, u64)]) -> Tally {
    let mut tally = Tally::default();
    tally.count(Ending::Ok, ok);
    for (reason, calls) in failed {
        tally.count(Ending::failed(*reason), *calls);
    }
    tally
}

/// A clinic with `ok` good calls a minute for an hour, and `bad` more of a reason in each of the
/// last `minutes`, in which only every tenth call is good if `only` is set.
fn clinic(id: &str, ok: u64, bad: &[(Reason, u64)], minutes: u64, whole: bool) -> ClinicFacts {
    let series: Vec<Bucket> = (1..=60)
        .rev()
        .map(|ago| {
            let bad_now = if ago <= minutes { bad } else { &[] };
            let ok_now = if ago <= minutes && whole { 0 } else { ok };
            Bucket { start: minutes_ago(ago), tally: tally(ok_now, bad_now) }
        })
        .collect();
    let ten = tally::sum_from(&series, minutes_ago(10));
    let operation = OperationName::parse("patient.read").unwrap();
    ClinicFacts {
        clinic: ClinicId::parse(id).unwrap(),
        last_call: series.iter().rev().find(|b| b.tally.calls() > 0).map(|b| b.start),
        series,
        by_context: vec![(Context::Provider, ten.clone())],
        by_operation: vec![(operation, ten)],
        p95_us: Some(400_000),
        usual_p95_us: Some(400_000),
        earlier_weeks: vec![50, 50, 50, 50],
    }
}

fn fine(id: &str) -> ClinicFacts {
    clinic(id, 10, &[], 0, false)
}

fn verdict(facts: &[ClinicFacts]) -> Verdict {
    judge(facts, Some(now()), now())
}

#[test]
fn a_clinic_is_judged_by_share_and_least_sample() {
    use Reason::{Forbidden, NotFound, RateLimited, ResponseTimeout, TokenRejected, Unprocessable};
    #[rustfmt::skip]
    let table = [
        // good a minute, bad a minute, for minutes, whole; state, trouble
        (10, (Forbidden, 0), 0, false, State::Working, None),
        (10, (NotFound, 50), 10, false, State::Working, None),
        (100, (Forbidden, 1), 4, false, State::Working, None),
        (100, (Forbidden, 2), 10, false, State::SomeFailures, Some(Trouble::SomeRefused)),
        (10, (ResponseTimeout, 1), 10, false, State::SomeFailures, Some(Trouble::ClinicDown)),
        (10, (ResponseTimeout, 5), 10, false, State::Failing, Some(Trouble::ClinicDown)),
        (10, (RateLimited, 5), 10, false, State::Failing, Some(Trouble::RateLimited)),
        (10, (Unprocessable, 5), 10, false, State::Failing, Some(Trouble::RequestRejected)),
        (10, (TokenRejected, 8), 30, true, State::Failing, Some(Trouble::ClinicConnectionRejected)),
        (1, (TokenRejected, 1), 8, true, State::SomeFailures, Some(Trouble::SomeRefused)),
        (1, (TokenRejected, 1), 10, true, State::Failing, Some(Trouble::ClinicConnectionRejected)),
        (10, (Reason::EnvironmentMismatch, 9), 10, true, State::Failing, Some(Trouble::RefusedByAccuscope)),
        (10, (Reason::Overloaded, 9), 10, true, State::Failing, Some(Trouble::AccuscopeFailing)),
    ];
    for (ok, bad, minutes, whole, state, trouble) in table {
        let health = judge_clinic(&clinic("a", ok, &[bad], minutes, whole), now());
        assert_eq!((health.state, health.trouble), (state, trouble), "{ok} {bad:?} {minutes}");
    }
}

#[test]
fn nothing_is_quiet_silent_or_not_started_but_never_working() {
    for (last_call, weeks, state) in [
        (None, vec![50; 4], State::NotStarted),
        (Some(minutes_ago(48)), vec![50; 4], State::Silent),
        (Some(minutes_ago(48)), vec![50, 50, 3, 50], State::Quiet),
        (Some(minutes_ago(48)), vec![50, 50], State::Quiet),
        (Some(minutes_ago(20)), vec![50; 4], State::Working),
    ] {
        let facts =
            ClinicFacts { last_call, earlier_weeks: weeks, ..clinic("a", 0, &[], 0, false) };
        assert_eq!(judge_clinic(&facts, now()).state, state, "{last_call:?}");
    }
    assert!(!is_expected(&[]), "without history nothing is expected");
}

#[test]
fn one_failing_task_is_named() {
    let mut facts = fine("a");
    let document = OperationName::parse("document.list").unwrap();
    facts.by_operation.push((document.clone(), tally(2, &[(Reason::Forbidden, 6)])));
    let health = judge_clinic(&facts, now());
    assert_eq!((health.state, health.operation), (State::SomeFailures, Some(document)));
}

#[test]
fn live_tokens_that_work_mean_that_only_sign_in_fails() {
    let mut facts = clinic("a", 10, &[(Reason::GrantRejected, 8)], 20, false);
    let token = OperationName::parse("auth.token").unwrap();
    let read = OperationName::parse("patient.read").unwrap();
    facts.by_operation =
        vec![(token, tally(0, &[(Reason::GrantRejected, 80)])), (read, tally(100, &[]))];
    let health = judge_clinic(&facts, now());
    assert_eq!(health.trouble, Some(Trouble::ClinicSignInFailing));
}

#[test]
fn the_beginning_is_found_behind_chance() {
    let auth = Category::Auth;
    for (ok, bad, minutes, whole) in
        [(10, 8, 34, true), (3, 2, 34, false), (9, 1, 34, false), (1, 1, 34, true)]
    {
        let facts = clinic("a", ok, &[(Reason::Forbidden, bad)], minutes, whole);
        let recent = tally::sum_from(&facts.series, minutes_ago(10));
        assert_eq!(began(&facts.series, auth, &recent), Some(minutes_ago(34)), "{ok} {bad}");
    }
}

#[test]
fn a_lone_refusal_before_an_outage_does_not_move_its_beginning() {
    let mut facts = clinic("a", 10, &[(Reason::Forbidden, 8)], 20, true);
    facts.series[30].tally.count(Ending::failed(Reason::Forbidden), 1);
    let health = judge_clinic(&facts, now());
    assert_eq!(health.since, Some(minutes_ago(20)));
    assert_eq!((health.failed, health.calls), (160, 160));
}

#[test]
fn the_widest_trouble_is_named() {
    use Reason::{ConnectFailed, ResponseTimeout, TokenRejected, UpstreamUnavailable};
    let bad = |id, reason| clinic(id, 5, &[(reason, 8)], 12, true);
    #[rustfmt::skip]
    let table: Vec<(Vec<ClinicFacts>, Option<Trouble>, Owner, usize)> = vec![
        (vec![fine("a"), fine("b")], None, Owner::Nobody, 0),
        (vec![fine("a"), fine("b"), bad("c", TokenRejected)],
            Some(Trouble::ClinicConnectionRejected), Owner::ClinicAdmin, 1),
        (vec![fine("a"), fine("b"), bad("c", ResponseTimeout)],
            Some(Trouble::ClinicDown), Owner::Accuro, 1),
        (vec![bad("a", UpstreamUnavailable), bad("b", ResponseTimeout), bad("c", ResponseTimeout), fine("d")],
            Some(Trouble::AccuroDown), Owner::Accuro, 3),
        (vec![bad("a", UpstreamUnavailable), bad("b", ResponseTimeout)],
            Some(Trouble::AccuroDown), Owner::Accuro, 2),
        (vec![bad("a", ConnectFailed), bad("b", ConnectFailed), bad("c", ConnectFailed)],
            Some(Trouble::AccuroUnreachable), Owner::Operator, 3),
        (vec![bad("a", Reason::AuditUnavailable), bad("b", TokenRejected), fine("c")],
            Some(Trouble::AccuscopeFailing), Owner::Operator, 1),
        (vec![bad("a", TokenRejected), bad("b", TokenRejected), bad("c", TokenRejected), fine("d")],
            Some(Trouble::AppCredentialsRejected), Owner::AppVendor, 3),
    ];
    for (facts, trouble, owner, clinics) in table {
        let verdict = verdict(&facts);
        let found = (verdict.trouble, verdict.owner, verdict.affected.clinics);
        assert_eq!(found, (trouble, owner, clinics));
        let expected = trouble.map(|_| minutes_ago(12));
        assert_eq!(verdict.since, expected, "{trouble:?}");
    }
}

#[test]
fn slow_everywhere_is_accuros_and_slow_at_one_is_that_clinics() {
    let slow = |id| ClinicFacts { p95_us: Some(900_000), ..fine(id) };
    let everywhere = verdict(&[slow("a"), slow("b"), slow("c"), fine("d")]);
    assert_eq!(everywhere.trouble, Some(Trouble::AccuroSlow));
    assert_eq!(everywhere.lanes[1].1, State::SomeFailures);
    let one = verdict(&[slow("a"), fine("b"), fine("c"), fine("d")]);
    assert_eq!((one.trouble, one.state), (Some(Trouble::ClinicSlow), State::SomeFailures));
    assert_eq!(one.lanes[1].1, State::Working);
}

#[test]
fn each_side_has_its_own_state() {
    let rejected = clinic("c", 5, &[(Reason::TokenRejected, 8)], 12, true);
    let states = verdict(&[fine("a"), fine("b"), rejected]).lanes.map(|(_, state, _)| state);
    assert_eq!(states, [State::Working, State::Working, State::Failing]);
    let down = |id| clinic(id, 5, &[(Reason::UpstreamError, 8)], 12, true);
    let states = verdict(&[down("a"), down("b"), down("c")]).lanes.map(|(_, state, _)| state);
    assert_eq!(states, [State::Working, State::Failing, State::Working]);
}

#[test]
fn a_dead_recorder_never_looks_healthy() {
    for until in [None, Some(minutes_ago(2))] {
        let verdict = judge(&[fine("a"), fine("b")], until, now());
        assert_eq!((verdict.state, verdict.since), (State::NotKnown, until));
        assert_eq!(verdict.owner, Owner::Operator);
        assert!(verdict.clinics.iter().all(|c| c.state == State::NotKnown));
        assert!(verdict.lanes.iter().all(|(_, state, _)| *state == State::NotKnown));
    }
}

#[test]
fn clinics_are_listed_worst_first() {
    let quiet = ClinicFacts {
        last_call: Some(minutes_ago(600)),
        earlier_weeks: vec![],
        ..clinic("quiet", 0, &[], 0, false)
    };
    let some = clinic("some", 100, &[(Reason::Forbidden, 2)], 10, false);
    let failing = clinic("failing", 5, &[(Reason::Forbidden, 9)], 10, true);
    let verdict = verdict(&[fine("fine"), quiet, some, failing]);
    let order: Vec<&str> = verdict.clinics.iter().map(|c| c.clinic.as_str()).collect();
    assert_eq!(order, ["failing", "some", "quiet", "fine"]);
}

#[test]
fn the_sentence_and_the_json_say_the_same() {
    let facts = [fine("a"), fine("b"), clinic("c", 5, &[(Reason::TokenRejected, 8)], 12, true)];
    let mut verdict = verdict(&facts);
    verdict.affected.actors = Some(14);
    let name = |id: &ClinicId| if id.as_str() == "c" { "Harbour View" } else { "other" };
    let said = sentence(&verdict, name);
    assert_eq!(said, "Harbour View can’t reach Accuro. Other clinics can.");
    let json = serde_json::to_value(status(&verdict, name)).unwrap();
    assert_eq!(json["sentence"], said);
    assert_eq!(json["state"], "failing");
    assert_eq!(json["cause"], "clinic_connection_rejected");
    assert_eq!(json["affected"], serde_json::json!({"clinics": 1, "actors": 14, "calls": 96}));
    assert_eq!(json["clinics"][0]["category"], "auth");
    assert_eq!(json["clinics"][0]["since"], minutes_ago(12).to_string());
}

/// An open incident, as the watch tells of it.
fn ongoing(cause: Cause, clinic: Option<&str>, state: State, touched: &[&str]) -> Ongoing {
    let id = |id: &str| ClinicId::parse(id).unwrap();
    let scope = if clinic.is_some() { Scope::Clinic } else { cause.scope() };
    let since = now().minus(Duration::from_secs(95));
    Ongoing {
        incident: Incident {
            number: 7,
            key: Key { cause, scope, clinic: clinic.map(id) },
            state,
            category: cause.category(),
            operation: None,
            confidence: 0.9,
            since,
            opened_at: since,
            last_seen: now(),
            closed_at: None,
            end: None,
            peak: Counts::default(),
        },
        clinics: touched.iter().map(|touched| id(touched)).collect(),
    }
}

fn watched(facts: &[ClinicFacts], open: &[Ongoing]) -> Verdict {
    judge_watched(facts, open, Some(now()), now())
}

#[test]
fn what_has_ended_is_told_no_more_though_its_failures_are_minutes_old() {
    let facts = [fine("a"), clinic("b", 5, &[(Reason::TokenRejected, 8)], 4, true)];
    assert_eq!(verdict(&facts).state, State::Failing, "figures look back ten minutes");
    let calm = watched(&facts, &[]);
    assert_eq!((calm.state, calm.trouble, calm.since), (State::Working, None, None));
    assert!(calm.clinics.iter().all(|clinic| clinic.state == State::Working));
    assert!(calm.lanes.iter().all(|(_, state, _)| *state == State::Working));
    assert_eq!(sentence(&calm, |_| "x"), "Everything is working.");
}

#[test]
fn an_open_incident_names_the_trouble_its_beginning_and_every_clinic_that_it_touches() {
    let bad = |id| clinic(id, 5, &[(Reason::UpstreamUnavailable, 8)], 2, true);
    let facts = [bad("a"), bad("b"), fine("c")];
    let open = [ongoing(Cause::AccuroDown, None, State::Failing, &["a", "b"])];
    let told = watched(&facts, &open);
    assert_eq!((told.trouble, told.owner), (Some(Trouble::AccuroDown), Owner::Accuro));
    assert_eq!(told.since, Some(now().minus(Duration::from_secs(95))), "to the second");
    assert_eq!((told.affected.clinics, told.incident, told.confidence), (2, Some(7), Some(0.9)));
    let of: Vec<_> = told.clinics.iter().map(|c| (c.clinic.as_str(), c.trouble)).collect();
    let down = Some(Trouble::AccuroDown);
    assert_eq!(of, [("a", down), ("b", down), ("c", None)], "not each clinic by itself");
    assert_eq!(told.lanes[1].1, State::Failing);
    assert_eq!(told.lanes[2].1, State::Working, "it is not the clinics’ connections");
}

#[test]
fn the_widest_incident_is_told_first_and_the_clinics_own_stays_with_the_clinic() {
    let facts = [fine("a"), fine("b"), fine("c")];
    let open = [
        ongoing(Cause::ClinicConnectionRejected, Some("c"), State::Failing, &["c"]),
        ongoing(Cause::AccuroSlow, None, State::SomeFailures, &["a", "b", "c"]),
    ];
    let told = watched(&facts, &open);
    assert_eq!((told.trouble, told.state), (Some(Trouble::AccuroSlow), State::SomeFailures));
    let own = told.clinics.iter().find(|clinic| clinic.clinic.as_str() == "c").unwrap();
    assert_eq!(own.trouble, Some(Trouble::ClinicConnectionRejected));
}

#[test]
fn silence_and_a_dead_recorder_are_told_with_or_without_the_watch() {
    let mut silent = fine("a");
    silent.last_call = Some(minutes_ago(50));
    silent.series.iter_mut().for_each(|bucket| bucket.tally = Tally::default());
    assert_eq!(watched(&[silent, fine("b")], &[]).trouble, Some(Trouble::GoneSilent));
    let dead = judge_watched(&[fine("a")], &[], Some(minutes_ago(2)), now());
    assert_eq!((dead.state, dead.trouble), (State::NotKnown, Some(Trouble::NotRecorded)));
}

#[test]
fn calls_of_the_minute_before_the_first_failure_are_not_counted() {
    let mut facts = [fine("a"), fine("b")];
    let open = ongoing(Cause::ClinicDown, Some("a"), State::Failing, &["a"]);
    let since = open.incident.since;
    let of = |ending, calls| {
        let mut tally = Tally::default();
        tally.count(ending, calls);
        tally
    };
    let failed = of(Ending::failed(Reason::UpstreamError), 14);
    facts[0].series = vec![
        Bucket { start: since.floor_to(60), tally: of(Ending::Ok, 29) },
        Bucket { start: since, tally: failed },
    ];
    let told = watched(&facts, &[open]);
    assert_eq!((told.affected.calls, told.affected.of_calls), (14, 14));
}

#[test]
fn few_calls_of_which_most_failed_are_told_and_no_trouble_is_guessed() {
    let some = |id: &str, ok: u64, failed: u64| {
        let mut facts = fine(id);
        facts.series.iter_mut().for_each(|bucket| bucket.tally = Tally::default());
        facts.series[57].tally = tally(ok, &[(Reason::TokenRejected, failed)]);
        facts.by_operation.clear();
        facts.by_context.clear();
        facts
    };
    for (what, facts, expected) in [
        ("all of three", vec![some("a", 0, 3)], Some((3, 3))),
        ("all of three, and others work", vec![some("a", 0, 3), fine("b")], Some((3, 3))),
        ("half of four", vec![some("a", 2, 2), fine("b")], Some((2, 4))),
        ("one of four", vec![some("a", 3, 1), fine("b")], None),
        ("one of one among others", vec![some("a", 0, 1), fine("b")], None),
        ("one of one alone", vec![some("a", 0, 1)], Some((1, 1))),
        ("two clinics", vec![some("a", 0, 2), some("b", 0, 2), fine("c")], Some((4, 4))),
    ] {
        for told in [verdict(&facts), watched(&facts, &[])] {
            let few = told.few.as_ref().map(|few| (few.failed, few.of));
            assert_eq!(few, expected, "{what}");
            assert_eq!(told.trouble, None, "{what}");
            let says = sentence(&told, |_| "Lakeshore");
            assert_eq!(says == "Everything is working.", expected.is_none(), "{what}: {says}");
            let state = if expected.is_some() { State::SomeFailures } else { State::Working };
            assert_eq!(told.state, state, "{what}");
        }
    }
    let told = watched(&[some("a", 0, 3), fine("b")], &[]);
    assert_eq!(
        sentence(&told, |_| "Lakeshore"),
        "3 of 3 calls failed at Lakeshore. That is too few to tell what is wrong."
    );
    assert_eq!(told.clinics[0].state, State::SomeFailures, "no badge says that it works");
}

#[test]
fn calls_are_missed_only_where_some_were_expected() {
    let (hour, minute) = (now(), |minutes: i64| Timestamp::from_seconds(NOW + minutes * 60));
    assert_eq!(expected_per_second(&[60, 90, 120]), Some(60.0 / 3_600.0));
    assert_eq!(expected_per_second(&[60, 90, 11]), None, "an hour too quiet to tell");
    let per_second = Some(1.0 / 60.0);
    for (what, before, per_second, last, expected) in [
        ("it goes on", 10.0, per_second, Some(minute(-60)), 15.0),
        ("a call came", 10.0, per_second, Some(minute(4)), 1.0),
        ("never a call", 0.0, per_second, None, 5.0),
        ("closed", 10.0, None, Some(minute(-60)), 0.0),
    ] {
        let missed = missed(before, per_second, last, hour, minute(5));
        assert!((missed - expected).abs() < 1e-9, "{what}: {missed}");
    }
}
