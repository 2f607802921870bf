//! The claims of one process: which keys were used lately, for what, and what became of it.
//!
//! Owns the table in memory and how it is made again from the audit after a restart, where an intent
//! without an outcome is a write whose result nobody knows. Bounded: keys are forgotten after a time,
//! and the oldest ones if there are too many.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::idempotency::{ClaimKey, Fate, Fingerprint, Standing, standing};
use crate::domain::audit::{CallResult, Entry, Kind};
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;

/// Most keys that are remembered: about 60 MB.
const MOST: usize = 500_000;

/// A claim that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub key: ClaimKey,
    /// What for.
    pub fingerprint: Fingerprint,
    /// The call.
    pub event: EventId,
    /// When.
    pub at: Timestamp,
}

#[derive(Debug)]
struct Row {
    fingerprint: Fingerprint,
    event: EventId,
    fate: Fate,
}

/// The claims.
#[derive(Debug)]
pub struct Claims {
    remember: Duration,
    rows: HashMap<ClaimKey, Row>,
    /// In the order of their claims, some of them gone since.
    order: VecDeque<(Timestamp, ClaimKey, EventId)>,
}

impl Claims {
    /// None, each to be remembered for so long.
    #[must_use]
    pub fn new(remember: Duration) -> Self {
        Self { remember, rows: HashMap::new(), order: VecDeque::new() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Claims a key. `older` are the same key's names under keys of references that were active before.
    pub fn claim(&mut self, claim: &Claim, older: &[ClaimKey]) -> Standing {
        self.forget(claim.at);
        let mut names = std::iter::once(&claim.key).chain(older);
        let known = names.find_map(|name| self.rows.get(name));
        let standing = standing(known.map(|row| (row.fingerprint, row.fate)), &claim.fingerprint);
        if standing == Standing::First {
            self.put(claim, Fate::InFlight);
        }
        standing
    }

    /// A claimed write has ended. Without a fate it has changed nothing, and its key is free again.
    /// What was applied stays so.
    pub fn settle(&mut self, key: ClaimKey, event: EventId, fate: Option<Fate>) {
        let is_open =
            |row: &&mut Row| row.event == event && !matches!(row.fate, Fate::Applied { .. });
        let Some(row) = self.rows.get_mut(&key).filter(is_open) else { return };
        match fate {
            Some(fate) => row.fate = fate,
            None => {
                self.rows.remove(&key);
            }
        }
    }

    /// A person has found out what became of a write. Gives whether that may be taken over: not of a write
    /// that is still under way, of which its call will tell.
    #[must_use]
    pub fn settle_by_hand(&mut self, key: ClaimKey, event: EventId, fate: Option<Fate>) -> bool {
        let row = self.rows.get(&key).filter(|row| row.event == event);
        let is_over = row.is_none_or(|row| row.fate != Fate::InFlight);
        if is_over {
            self.settle(key, event, fate);
        }
        is_over
    }

    fn put(&mut self, claim: &Claim, fate: Fate) {
        let Claim { key, fingerprint, event, at } = *claim;
        self.rows.insert(key, Row { fingerprint, event, fate });
        self.order.push_back((at, key, event));
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((at, key, event)) = self.order.front().copied() {
            if now.since(at) < self.remember && self.order.len() < MOST {
                break;
            }
            self.order.pop_front();
            // A write under way keeps its key, however long it takes.
            match self.rows.get(&key).filter(|row| row.event == event).map(|row| row.fate) {
                Some(Fate::InFlight) => {
                    self.order.push_back((now, key, event));
                    break;
                }
                Some(_) => {
                    self.rows.remove(&key);
                }
                None => {}
            }
        }
    }
}

/// Makes the claims of earlier runs again, from audit records in their order.
#[derive(Debug)]
pub struct Restoring {
    claims: Claims,
    keys: HashMap<EventId, ClaimKey>,
    since: Timestamp,
}

impl Restoring {
    /// Takes in what is not older than `remember` before `now`.
    #[must_use]
    pub fn new(remember: Duration, now: Timestamp) -> Self {
        let since = now.minus(remember);
        Self { claims: Claims::new(remember), keys: HashMap::new(), since }
    }

    /// Takes in the next record.
    pub fn note(&mut self, entry: &Entry, ts: Timestamp) {
        let Some(event) = entry.event_id.filter(|_| ts >= self.since) else { return };
        match entry.kind {
            Kind::Intent => self.put(entry, event, ts),
            Kind::Outcome => {
                // Its intent may be damaged, or older than what is remembered, or somebody said too early that
                // nothing was changed.
                let row = self.keys.get(&event).and_then(|key| self.claims.rows.get(key));
                if row.is_none() {
                    self.put(entry, event, ts);
                }
                let result = entry.result.unwrap_or(CallResult::Unknown);
                self.settle(event, Fate::of(result, entry.status, ts));
            }
            // An intent that was never sent. A refused duplicate has an event of its own.
            Kind::Refused => self.settle(event, None),
            _ => {}
        }
    }

    fn put(&mut self, entry: &Entry, event: EventId, at: Timestamp) {
        let Some(reference) = &entry.idempotency_ref else { return };
        let Some(fingerprint) = Fingerprint::of_entry(entry) else { return };
        let key = ClaimKey::of(reference, entry.app.as_ref());
        self.keys.insert(event, key);
        self.claims.put(&Claim { key, fingerprint, event, at }, Fate::InFlight);
    }

    fn settle(&mut self, event: EventId, fate: Option<Fate>) {
        if let Some(key) = self.keys.get(&event) {
            self.claims.settle(*key, event, fate);
        }
    }

    /// The claims. What was under way has no known result.
    #[must_use]
    pub fn finish(mut self) -> Claims {
        let began: HashMap<EventId, Timestamp> =
            self.claims.order.iter().map(|(at, _, event)| (*event, *at)).collect();
        for row in self.claims.rows.values_mut() {
            if row.fate == Fate::InFlight {
                let at = began.get(&row.event).copied().unwrap_or(self.since);
                row.fate = Fate::Unknown { at };
            }
        }
        self.claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::labels::Method;
    use crate::domain::names::{KeyId, OperationName, RouteTemplate};
    use crate::domain::reference::{Reference, ReferenceKind};
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_hours(24);

    fn claim(key: u8, request: u8, call: u128, seconds: i64) -> Claim {
        Claim {
            key: ClaimKey([key; 16]),
            fingerprint: Fingerprint { coarse: [request; 16], fine: None },
            event: EventId(uuid::Uuid::from_u128(call)),
            at: Timestamp::from_seconds(seconds),
        }
    }

    #[test]
    fn a_key_is_free_again_only_if_nothing_was_changed_or_it_is_old() {
        let mut claims = Claims::new(DAY);
        let first = claim(1, 1, 1, 0);
        assert_eq!(claims.claim(&first, &[]), Standing::First);
        assert_eq!(claims.claim(&claim(1, 1, 2, 1), &[]), Standing::Again(Fate::InFlight));
        assert_eq!(claims.claim(&claim(1, 9, 3, 1), &[]), Standing::OtherRequest);
        assert_eq!(claims.claim(&claim(2, 1, 4, 1), &[first.key]), Standing::Again(Fate::InFlight));
        // The end of a call that does not hold the key changes nothing.
        claims.settle(first.key, claim(1, 1, 2, 1).event, None);
        assert_eq!(claims.claim(&claim(1, 1, 2, 1), &[]), Standing::Again(Fate::InFlight));
        claims.settle(first.key, first.event, None);
        assert_eq!(claims.claim(&claim(1, 9, 5, 2), &[]), Standing::First);
        let applied = Fate::Applied { status: 200, at: Timestamp::from_seconds(3) };
        claims.settle(first.key, claim(1, 9, 5, 2).event, Some(applied));
        let alike = Standing::Alike { at: Timestamp::from_seconds(3) };
        assert_eq!(claims.claim(&claim(1, 9, 6, 86_401), &[]), alike, "nothing tells them apart");
        assert_eq!(claims.claim(&claim(1, 9, 7, 86_402), &[]), Standing::First);
    }

    #[test]
    fn nobody_frees_the_key_of_a_write_that_is_under_way() {
        let mut claims = Claims::new(DAY);
        let first = claim(1, 1, 1, 0);
        assert_eq!(claims.claim(&first, &[]), Standing::First);
        assert!(!claims.settle_by_hand(first.key, first.event, None));
        assert_eq!(claims.claim(&claim(1, 1, 2, 1), &[]), Standing::Again(Fate::InFlight));
        claims.settle(first.key, first.event, Some(Fate::Unknown { at: first.at }));
        assert!(claims.settle_by_hand(first.key, first.event, None));
        assert_eq!(claims.claim(&claim(1, 1, 3, 2), &[]), Standing::First);
        assert!(claims.settle_by_hand(first.key, first.event, None), "of another call");
        assert_eq!(claims.claim(&claim(1, 1, 4, 3), &[]), Standing::Again(Fate::InFlight));
    }

    #[test]
    fn a_write_under_way_keeps_its_key_however_long_it_takes() {
        let mut claims = Claims::new(DAY);
        assert_eq!(claims.claim(&claim(1, 1, 1, 0), &[]), Standing::First);
        assert_eq!(claims.claim(&claim(1, 1, 2, 90_000), &[]), Standing::Again(Fate::InFlight));
    }

    fn entry(kind: Kind, key: u8, call: u128) -> Entry {
        let reference =
            Reference::new(ReferenceKind::Idempotency, KeyId::parse("k1").unwrap(), [key; 17]);
        Entry {
            event_id: Some(EventId(uuid::Uuid::from_u128(call))),
            method: Some(Method::Post),
            operation: OperationName::parse("appointment.create").ok(),
            route: RouteTemplate::parse("/rest/v1/appointments").ok(),
            idempotency_ref: Some(reference),
            ..Entry::new(kind)
        }
    }

    #[test]
    fn after_a_restart_the_audit_tells_what_became_of_each_key() {
        let at = Timestamp::from_seconds(100_000);
        let mut restoring = Restoring::new(DAY, at);
        let outcome = |key, call, status, result| Entry {
            status,
            result: Some(result),
            ..entry(Kind::Outcome, key, call)
        };
        for record in [
            entry(Kind::Intent, 1, 1),
            outcome(1, 1, Some(201), CallResult::Applied),
            entry(Kind::Intent, 2, 2),
            entry(Kind::Intent, 3, 3),
            outcome(3, 3, Some(422), CallResult::Rejected),
            entry(Kind::Intent, 4, 4),
            entry(Kind::Refused, 4, 4),
            entry(Kind::Intent, 5, 5),
            entry(Kind::Refused, 5, 55),
            outcome(5, 5, None, CallResult::Unknown),
            // A person looked.
            Entry { idempotency_ref: None, ..outcome(5, 5, None, CallResult::Applied) },
            // Its intent is damaged.
            outcome(7, 7, Some(200), CallResult::Applied),
            // Somebody looked too early.
            entry(Kind::Intent, 8, 8),
            outcome(8, 8, None, CallResult::Rejected),
            outcome(8, 8, Some(200), CallResult::Applied),
        ] {
            restoring.note(&record, at);
        }
        restoring.note(&entry(Kind::Intent, 6, 6), Timestamp::from_seconds(10_000));
        let mut claims = restoring.finish();
        let standings: Vec<Standing> = (1..=8)
            .map(|key| {
                let entry = entry(Kind::Intent, key, 1_000);
                let asked = Claim {
                    key: ClaimKey::of(entry.idempotency_ref.as_ref().unwrap(), None),
                    fingerprint: Fingerprint {
                        fine: Some([7; 16]),
                        ..Fingerprint::of_entry(&entry).unwrap()
                    },
                    event: entry.event_id.unwrap(),
                    at,
                };
                claims.claim(&asked, &[])
            })
            .collect();
        assert_eq!(
            standings,
            [
                Standing::Alike { at },
                Standing::Again(Fate::Unknown { at }),
                Standing::First,
                Standing::First,
                Standing::Alike { at },
                Standing::First,
                Standing::Alike { at },
                Standing::Alike { at },
            ]
        );
    }

    proptest! {
        /// Whatever comes, a key has one holder at a time, and what was applied is never sent again.
        #[test]
        fn a_key_is_sent_once(steps in proptest::collection::vec((0u8..3, 0u8..4), 1..200)) {
            let mut claims = Claims::new(DAY);
            let mut holders: [Option<EventId>; 3] = [None; 3];
            let mut kept = [false; 3];
            for (number, (key, what)) in steps.into_iter().enumerate() {
                let asked = claim(key, 1, number as u128 + 1, 1);
                let slot = usize::from(key);
                if what == 0 {
                    if claims.claim(&asked, &[]) == Standing::First {
                        prop_assert!(holders[slot].is_none() && !kept[slot]);
                        holders[slot] = Some(asked.event);
                    }
                } else if let Some(event) = holders[slot].take() {
                    let fate = match what {
                        1 => Some(Fate::Applied { status: 200, at: asked.at }),
                        2 => Some(Fate::Unknown { at: asked.at }),
                        _ => None,
                    };
                    kept[slot] |= fate.is_some();
                    claims.settle(asked.key, event, fate);
                }
            }
        }
    }
}
