//! Which writes of an audit may still be under way, so that nobody judges them too early.
//!
//! Pure: a fold over records in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Config;
use crate::domain::audit::{Event, Kind, Record};
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;

/// The longest that Accuro is waited for: for an answer's head, then for more of its body.
pub(super) fn longest(config: &Config) -> Duration {
    config.upstream.response_timeout.saturating_add(config.proxy.body_idle_timeout)
}

/// The intents whose call has not ended in the same run of the process.
#[derive(Debug, Default)]
pub(super) struct UnderWay(BTreeMap<EventId, Timestamp>);

impl UnderWay {
    /// Takes the next record into account.
    pub(super) fn note(&mut self, record: &Record) {
        let entry = &record.entry;
        let starts = entry.detail.is_some_and(|detail| detail.event == Event::Started);
        match (entry.kind, entry.event_id) {
            (Kind::Intent, Some(id)) => drop(self.0.insert(id, record.ts)),
            (Kind::Outcome | Kind::Refused, Some(id)) => drop(self.0.remove(&id)),
            // The process that had them under way is gone.
            (Kind::System, _) if starts => self.0.clear(),
            _ => {}
        }
    }

    /// Whether a write may still be under way.
    pub(super) fn has(&self, id: EventId, now: Timestamp, longest: Duration) -> bool {
        self.0.get(&id).is_some_and(|since| now.since(*since) < longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::chain::Head;
    use crate::domain::audit::{CallResult, Entry};
    use crate::domain::names::InstanceId;

    fn record(entry: Entry, second: i64) -> Record {
        Record {
            seq: 1,
            ts: Timestamp::from_seconds(second),
            instance: InstanceId::parse("i-1").unwrap(),
            prev: Head::START.hash,
            hash: Head::START.hash,
            entry,
        }
    }

    #[test]
    fn a_write_is_under_way_until_it_ends_or_its_process_or_its_time() {
        let id = |n| EventId(uuid::Uuid::from_u128(n));
        let of = |kind, n| Entry { event_id: Some(id(n)), ..Entry::new(kind) };
        let longest = Duration::from_secs(90);
        let mut writes = UnderWay::default();
        for n in 1..=3 {
            writes.note(&record(of(Kind::Intent, n), 100));
        }
        let result = Some(CallResult::Unknown);
        writes.note(&record(Entry { result, ..of(Kind::Outcome, 1) }, 110));
        writes.note(&record(of(Kind::Refused, 2), 110));
        let at = |n, second| writes.has(id(n), Timestamp::from_seconds(second), longest);
        assert_eq!(
            [at(1, 111), at(2, 111), at(3, 111), at(3, 191), at(4, 111)],
            [false, false, true, false, false]
        );
        writes.note(&record(Entry::system(Event::Started.plain()), 120));
        assert!(!writes.has(id(3), Timestamp::from_seconds(121), longest));
    }
}
