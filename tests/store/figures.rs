//! Figures: sums by what was asked for, people counted once, days of the clinic's own calendar.

use accuscope::domain::labels::WorkflowDomain;
use accuscope::domain::reason::{Ending, Reason};
use accuscope::domain::reference::ReferenceKind;
use accuscope::store::{ActorQuery, By, RollupQuery, RollupRow, Span, Store};
use jiff::civil::date;

use crate::support::{NOON, at, bare_event, clinic, event, failed, insert, on_each, reference};

#[test]
fn figures_are_told_apart_by_what_was_asked_for_and_nothing_else() {
    on_each(&async |store: &Store| {
        let mut other = event(4, 3_600);
        other.clinic = Some(clinic("signal-hill"));
        let events = [
            event(1, 0),
            event(2, 59),
            failed(Reason::Forbidden, event(3, 60)),
            other,
            bare_event(5, 7_200),
        ];
        insert(store, &events).await;
        let query = RollupQuery::new(Span::Hour, at(0), at(7_201), &[By::Ending, By::Clinic]);
        let mut rows = store.rollup(&query).await.unwrap();
        rows.sort_by_key(|row| (row.clinic.clone(), row.calls));
        let row = |id: Option<&str>, ending, calls| RollupRow {
            clinic: id.map(clinic),
            ending: Some(ending),
            calls,
            duration_us: 12_345 * calls,
            ..RollupRow::default()
        };
        let expected = [
            row(None, Ending::Ok, 1),
            row(Some("maple-ridge"), Ending::failed(Reason::Forbidden), 1),
            row(Some("maple-ridge"), Ending::Ok, 2),
            row(Some("signal-hill"), Ending::Ok, 1),
        ];
        assert_eq!(rows, expected);

        let mut minutes =
            RollupQuery::new(Span::Minute, at(0), at(120), &[By::Bucket, By::Latency]);
        minutes.clinic = Some(clinic("maple-ridge"));
        minutes.domain = Some(WorkflowDomain::Patients);
        let rows = store.rollup(&minutes).await.unwrap();
        let shape: Vec<_> = rows.iter().map(|r| (r.bucket, r.latency, r.calls)).collect();
        assert_eq!(shape, [(Some(at(0)), Some(8), 2), (Some(at(60)), Some(8), 1)]);

        minutes.to = at(60);
        assert_eq!(store.rollup(&minutes).await.unwrap().len(), 1, "the end does not count");
        minutes.clinic = Some(clinic("nowhere"));
        assert_eq!(store.rollup(&minutes).await.unwrap(), []);
        let before = RollupQuery::new(Span::Day, at(-900_000), at(-800_000), &[]);
        assert_eq!(store.rollup(&before).await.unwrap(), []);
    });
}

#[test]
fn a_day_is_a_day_of_the_clinics_own_calendar() {
    on_each(&async |store: &Store| {
        // 02:00 UTC on the 25th is still the 24th in Vancouver and St. John's.
        let evening = event(1, 14 * 3_600);
        let mut nobody = bare_event(2, 14 * 3_600);
        nobody.actor_ref = Some(reference(ReferenceKind::Actor, 3));
        insert(store, &[evening, nobody]).await;
        let query =
            RollupQuery::new(Span::Day, at(-12 * 3_600), at(36 * 3_600), &[By::Bucket, By::Clinic]);
        let rows = store.rollup(&query).await.unwrap();
        let days: Vec<_> = rows.iter().map(|row| (row.clinic.clone(), row.bucket)).collect();
        let midnight = |day: i64| {
            Some(accuscope::domain::time::Timestamp::from_seconds(NOON + day * 86_400 - 43_200))
        };
        assert_eq!(days, [(Some(clinic("maple-ridge")), midnight(0)), (None, midnight(1))]);
    });
}

fn people(by_day: bool, by_domain: bool) -> ActorQuery {
    ActorQuery {
        clinic: Some(clinic("maple-ridge")),
        from: date(2026, 11, 23),
        to: date(2026, 11, 25),
        by_day,
        by_clinic: false,
        by_domain,
    }
}

#[test]
fn a_person_counts_once_however_often_they_called() {
    on_each(&async |store: &Store| {
        let mut events: Vec<_> = (0..40).map(|n| event(n, 0)).collect();
        events.extend((40..50).map(|n| event(n, 86_400)));
        for (number, domain) in [(60, WorkflowDomain::Labs), (61, WorkflowDomain::Patients)] {
            let mut event = event(number, 86_400);
            event.actor_ref = Some(reference(ReferenceKind::Actor, 2));
            event.domain = domain;
            events.push(event);
        }
        insert(store, &events).await;
        let counts = async |query| {
            let rows = store.active_actors(&query).await.unwrap();
            rows.into_iter().map(|row| (row.day, row.domain, row.actors)).collect::<Vec<_>>()
        };
        assert_eq!(counts(people(false, false)).await, [(None, None, 2)]);
        let (first, second) = (Some(date(2026, 11, 24)), Some(date(2026, 11, 25)));
        assert_eq!(counts(people(true, false)).await, [(first, None, 1), (second, None, 2)]);
        let by_domain = counts(people(false, true)).await;
        assert!(by_domain.contains(&(None, Some(WorkflowDomain::Labs), 1)), "{by_domain:?}");
        let everywhere = ActorQuery { clinic: None, by_clinic: true, ..people(false, false) };
        let rows = store.active_actors(&everywhere).await.unwrap();
        assert_eq!(rows[0].clinic, Some(clinic("maple-ridge")));
        let nowhere = ActorQuery { clinic: Some(clinic("nowhere")), ..people(false, false) };
        assert_eq!(counts(nowhere).await, []);
    });
}

#[test]
fn every_clinic_has_a_first_and_a_last_call() {
    on_each(&async |store: &Store| {
        insert(store, &[event(1, 50), bare_event(2, 60)]).await;
        insert(store, &[event(3, 10), event(4, 90)]).await;
        let mut seen = store.clinics_seen().await.unwrap();
        seen.sort_by_key(|clinic| clinic.clinic.clone());
        let times: Vec<_> = seen.iter().map(|c| (c.clinic.clone(), c.first, c.last)).collect();
        let maple = (Some(clinic("maple-ridge")), at(10), at(90));
        assert_eq!(times, [(None, at(60), at(60)), maple]);
    });
}
