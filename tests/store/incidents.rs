//! Two instances that see the same trouble keep one incident.

use std::time::Duration;

use accuscope::domain::alert::{Alert, Fingerprint, Severity};
use accuscope::domain::cause::{Cause, Scope};
use accuscope::domain::health::State;
use accuscope::domain::incident::note::{Note, Noted};
use accuscope::domain::incident::{Counts, End, Finding, Key, UpdateKind};
use accuscope::domain::labels::Category;
use accuscope::domain::names::{AlertName, ClinicId, InstanceId};
use accuscope::domain::retention::Class;
use accuscope::domain::time::Timestamp;
use accuscope::store::{Store, StoreUrl};

use crate::support::on_each_url;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_764_000_000 + seconds)
}

fn finding(clinic: Option<&str>, clinics: u64) -> Finding {
    let clinic = clinic.map(|id| ClinicId::parse(id).unwrap());
    let cause = if clinic.is_some() { Cause::ClinicDown } else { Cause::AccuroSlow };
    let scope = if clinic.is_some() { Scope::Clinic } else { Scope::Platform };
    Finding {
        key: Key { cause, scope, clinic },
        since: at(-9),
        maybe_older: false,
        state: State::Failing,
        category: cause.category(),
        operation: None,
        confidence: 0.876,
        clinics: Vec::new(),
        counts: Counts { clinics, actors: Some(clinics * 2), calls: 11 },
    }
}

#[test]
fn whoever_comes_second_opens_reopens_and_closes_nothing() {
    on_each_url(&async |url: &StoreUrl| {
        let (one, other) = (Store::open(url).await.unwrap(), Store::open(url).await.unwrap());
        let found = finding(Some("maple-ridge"), 1);
        let (a, b) =
            tokio::join!(one.open_incident(&found, at(0)), other.open_incident(&found, at(0)));
        let opened: Vec<i64> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
        assert_eq!(opened.len(), 1, "one of them opens it");
        let number = opened[0];
        let wide = finding(None, 3);
        assert!(other.open_incident(&wide, at(1)).await.unwrap().is_some(), "another trouble");
        assert!(
            other.open_incident(&wide, at(2)).await.unwrap().is_none(),
            "the same without a clinic"
        );

        let before = one.incident(number).await.unwrap().unwrap();
        assert_eq!(
            (before.key.clone(), before.since, before.opened_at),
            (found.key.clone(), at(-9), at(0))
        );
        assert!((before.confidence - 0.88).abs() < 1e-9);
        other.sight_incident(number, &finding(Some("maple-ridge"), 4), true, at(20)).await.unwrap();
        assert!(!one.close_incident(&before, End::Recovered, at(50)).await.unwrap(), "seen since");
        let seen = one.incident(number).await.unwrap().unwrap();
        assert_eq!((seen.last_seen, seen.peak.clinics, seen.peak.actors), (at(20), 4, Some(8)));
        assert!(one.close_incident(&seen, End::Recovered, at(70)).await.unwrap());
        assert!(!other.close_incident(&seen, End::Recovered, at(71)).await.unwrap());
        // A sight that comes too late does not open it again.
        other.sight_incident(number, &found, false, at(72)).await.unwrap();
        assert!(!one.incident(number).await.unwrap().unwrap().is_open());

        assert!(one.reopen_incident(number, &found, at(90)).await.unwrap());
        assert!(!other.reopen_incident(number, &found, at(91)).await.unwrap());
        let kinds: Vec<_> = one.incident_updates(number).await.unwrap();
        let kinds: Vec<UpdateKind> = kinds.into_iter().map(|update| update.kind).collect();
        let course =
            [UpdateKind::Opened, UpdateKind::Wider, UpdateKind::Recovered, UpdateKind::Reopened];
        assert_eq!(kinds, course);
        let all = other.incidents(at(0)).await.unwrap();
        assert_eq!(all.len(), 2);
        one.close().await;
        other.close().await;
    });
}

#[test]
fn closed_incidents_go_when_they_are_over_their_limit_and_open_ones_stay() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        let old = store.open_incident(&finding(Some("a"), 1), at(0)).await.unwrap().unwrap();
        let open = store.open_incident(&finding(None, 3), at(0)).await.unwrap().unwrap();
        let incident = store.incident(old).await.unwrap().unwrap();
        assert!(store.close_incident(&incident, End::NoCalls, at(60)).await.unwrap());
        assert_eq!(store.oldest(Class::Incidents, at(100)).await.unwrap(), Some(at(60)));
        assert_eq!(store.due(Class::Incidents, at(100), at(0)).await.unwrap(), 1);
        let noted = Noted { at: at(1), note: Note::Taken, account: None };
        store.note_incident(old, &noted).await.unwrap();
        store.note_incident(open, &noted).await.unwrap();
        let alerts = [alert(1, 0, None, 50), alert(2, 0, None, 150)];
        store.keep_alerts(&alerts).await.unwrap();
        assert_eq!(store.oldest(Class::Incidents, at(100)).await.unwrap(), Some(at(50)));
        assert_eq!(store.due(Class::Incidents, at(100), at(0)).await.unwrap(), 2);
        let who = InstanceId::parse("i-1").unwrap();
        let now = at(100).plus(Duration::from_hours(1));
        let mut purge = store.purge(Class::Incidents, at(100), &who, now).await.unwrap();
        while purge.step(now).await.unwrap() {}
        assert_eq!(purge.rows(), 2);
        assert_eq!(store.alerts(at(0)).await.unwrap(), [alerts[1].clone()]);
        assert!(store.incident_notes(old).await.unwrap().is_empty());
        assert_eq!(store.incident_notes(open).await.unwrap(), [noted]);
        assert!(store.incident(old).await.unwrap().is_none());
        assert!(store.incident_updates(old).await.unwrap().is_empty());
        assert!(store.incident(open).await.unwrap().unwrap().is_open());
        store.close().await;
    });
}

fn alert(fingerprint: u64, starts: i64, ends: Option<i64>, told: i64) -> Alert {
    Alert {
        fingerprint: Fingerprint(fingerprint),
        name: AlertName::parse("AccuscopeClinicAuthFailing").unwrap(),
        clinic: Some(ClinicId::parse("maple-ridge").unwrap()),
        severity: Severity::Critical,
        category: Some(Category::Auth),
        starts_at: at(starts),
        ends_at: ends.map(at),
        told_at: at(told),
    }
}

#[test]
fn alerts_told_twice_late_or_out_of_order_come_to_the_same() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        let most = u64::MAX;
        let fires = alert(most, 0, None, 1);
        assert_eq!(store.keep_alerts(&[fires.clone(), fires.clone()]).await.unwrap(), 1);
        assert_eq!(store.keep_alerts(std::slice::from_ref(&fires)).await.unwrap(), 0, "known");
        assert_eq!(store.alerts(at(0)).await.unwrap(), [fires]);
        // It ended, and then an older telling arrives.
        store.keep_alerts(&[alert(most, 0, Some(60), 61)]).await.unwrap();
        store.keep_alerts(&[alert(most, 0, None, 30)]).await.unwrap();
        assert_eq!(store.alerts(at(0)).await.unwrap(), [alert(most, 0, Some(60), 61)]);
        assert!(store.alerts(at(62)).await.unwrap().is_empty(), "not told of since");
        // It fires again, and its end is never heard of; then once more.
        store.keep_alerts(&[alert(most, 100, None, 101)]).await.unwrap();
        store.keep_alerts(&[alert(7, 100, None, 101)]).await.unwrap();
        store.keep_alerts(&[alert(most, 200, None, 201)]).await.unwrap();
        let ends: Vec<_> =
            store.alerts(at(0)).await.unwrap().into_iter().map(|a| a.ends_at).collect();
        assert_eq!(ends, [None, Some(at(200)), None, Some(at(60))]);
        store.close().await;
    });
}

#[test]
fn notes_are_kept_in_order_and_steps_are_posted_once_by_whoever_is_first() {
    on_each_url(&async |url: &StoreUrl| {
        let (one, other) = (Store::open(url).await.unwrap(), Store::open(url).await.unwrap());
        let number = one.open_incident(&finding(None, 3), at(0)).await.unwrap().unwrap();
        let noted = |second, note, account: Option<&str>| Noted {
            at: at(second),
            note,
            account: account.map(str::to_owned),
        };
        let (taken, told) =
            (noted(5, Note::Taken, Some("r.okafor")), noted(9, Note::ToldClinics, None));
        one.note_incident(number, &told).await.unwrap();
        one.note_incident(number, &taken).await.unwrap();
        other.note_incident(number, &taken).await.unwrap();
        assert_eq!(other.incident_notes(number).await.unwrap(), [taken, told]);
        assert!(one.incident_notes(number + 1).await.unwrap().is_empty());

        let steps = one.steps_to_post(at(0)).await.unwrap();
        assert_eq!(steps.len(), 1);
        let (of, step) = &steps[0];
        let (a, b) =
            tokio::join!(one.take_post(*of, step, at(1)), other.take_post(*of, step, at(1)));
        assert_eq!([a.unwrap(), b.unwrap()].iter().filter(|took| **took).count(), 1);
        assert!(other.steps_to_post(at(0)).await.unwrap().is_empty());
        one.give_back_post(*of, step).await.unwrap();
        assert_eq!(other.steps_to_post(at(0)).await.unwrap(), steps, "tried again");
        assert!(other.steps_to_post(at(1)).await.unwrap().is_empty(), "too old");
        one.close().await;
        other.close().await;
    });
}
