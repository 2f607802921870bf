//! The weekly letter is in the hand of one process at a time, and is sent once.

use accuscope::domain::adoption::Week;
use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::letter::Failure;
use accuscope::store::{Letters, Store};

use crate::support::{at, on_each};

#[test]
fn one_of_many_has_a_letter_in_hand_until_its_claim_runs_out() {
    on_each(&async |store: &Store| {
        let week = Week::parse("2026-W47").unwrap();
        let claim = |now: i64| store.claim_letter(week, at(now + 600), at(now));
        let (one, two, three) = tokio::join!(claim(0), claim(0), claim(0));
        let all = [one.unwrap(), two.unwrap(), three.unwrap()];
        assert_eq!(all.iter().flatten().collect::<Vec<_>>(), [&1], "{all:?}");
        assert_eq!(claim(599).await.unwrap(), None);
        assert_eq!(claim(600).await.unwrap(), Some(2), "whoever had it is gone");
        store.letter_failed(week, Failure::Later, at(700), at(640)).await.unwrap();
        let state = store.whole().letters().await.unwrap();
        assert_eq!(state, Letters { sent: None, failed: Some((at(640), Failure::Later)) });
        assert_eq!(claim(699).await.unwrap(), None);
        assert_eq!(claim(700).await.unwrap(), Some(3));
        store.letter_sent(week, at(701)).await.unwrap();
        assert_eq!(claim(9_999).await.unwrap(), None, "sent is sent");
        // A late failure of a process that was given up does not undo it.
        store.letter_failed(week, Failure::Later, at(0), at(800)).await.unwrap();
        assert_eq!(claim(99_999).await.unwrap(), None);
        let state = store.whole().letters().await.unwrap();
        assert_eq!(state, Letters { sent: Some(at(701)), failed: None });
        assert!(store.claim_letter(week.plus(1), at(900), at(800)).await.unwrap().is_some());
        let some = store.within(&ClinicScope::parse("lakeshore").unwrap());
        assert_eq!(some.letters().await.unwrap(), Letters::default(), "it is about all clinics");
    });
}
