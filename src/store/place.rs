//! Where an event lies in the table: its time, made unique.
//!
//! Owns the key and the packed id. The key is the event's microsecond and one of 16 slots in it, so
//! that the table itself lies in the order of time, a page is a walk along the key, and every other
//! index gets its order of time for nothing. More than 16 events of one microsecond (imports whose
//! times are whole seconds) run over into the slots of the next ones; the row then says by how many
//! microseconds it lies late.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::sql::Sql;
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;

/// Four bits of slot leave 59 for the time, enough for any date of RFC 3339.
const SLOT_BITS: u32 = 4;

/// How far an event may lie from its time, in microseconds. Reads look that much further.
pub(super) const MOST_LATE_US: i64 = 1_000_000;

/// The first key of a time.
pub(super) const fn first_key(at: Timestamp) -> i64 {
    at.micros() << SLOT_BITS
}

/// The time of a key.
pub(super) const fn time_of(key: i64, late_us: i64) -> Timestamp {
    Timestamp::from_micros((key >> SLOT_BITS) - late_us)
}

/// A millisecond of keys: what is read at once to see which keys are taken.
pub(super) type Window = i64;

const WINDOW_KEYS: i64 = 1_000 << SLOT_BITS;

const fn window_of(key: i64) -> Window {
    key.div_euclid(WINDOW_KEYS)
}

/// The keys of a window, the end excluded.
pub(super) const fn keys_of(window: Window) -> (i64, i64) {
    (window * WINDOW_KEYS, (window + 1) * WINDOW_KEYS)
}

/// The window that the time in an id points to. Ids of accuscope begin with the milliseconds of the
/// event's time; others point nowhere in particular.
pub(super) fn window_of_id(id: EventId) -> Window {
    let millis = id.0.as_u128() >> 80;
    // 48 bits.
    i64::try_from(millis).unwrap_or_default()
}

/// The id as the table keeps it: without the milliseconds, where they are those of the time.
pub(super) fn pack_id(id: EventId, ts: Timestamp) -> Vec<u8> {
    let bytes = id.0.as_bytes();
    let own = window_of_id(id) == ts.micros().div_euclid(1_000);
    bytes[if own { 6 } else { 0 }..].to_vec()
}

/// The reverse of [`pack_id`]; `None` for bytes that it does not make.
pub(super) fn unpack_id(bytes: &[u8], ts: Timestamp) -> Option<EventId> {
    let uuid = match bytes.len() {
        16 => uuid::Uuid::from_slice(bytes).ok()?,
        10 => {
            let millis = ts.micros().div_euclid(1_000).to_be_bytes();
            let mut whole = [0; 16];
            whole[..6].copy_from_slice(&millis[2..]);
            whole[6..].copy_from_slice(bytes);
            uuid::Uuid::from_bytes(whole)
        }
        _ => return None,
    };
    Some(EventId(uuid))
}

/// The conditions of which one holds if a row `e` has this id: the rest of it in the milliseconds
/// that it begins with, or all of it anywhere.
pub(super) fn is(id: EventId) -> [Sql; 2] {
    let (low, high) = keys_of(window_of_id(id));
    let bytes = id.0.as_bytes();
    let mut packed = Sql::new("e.key >= ");
    packed.bind(low).push(" and e.key < ");
    packed.bind(high.saturating_add(MOST_LATE_US << SLOT_BITS));
    packed.push(" and e.id = ").bind(&bytes[6..]);
    let mut whole = Sql::new("length(e.id) = 16 and e.id = ");
    whole.bind(&bytes[..]);
    [packed, whole]
}

/// What the table holds in some windows.
#[derive(Default)]
pub(super) struct Taken {
    /// A stretch of windows that were all looked at, the end excluded.
    pub(super) stretch: Option<Range<Window>>,
    pub(super) windows: BTreeSet<Window>,
    pub(super) keys: BTreeMap<i64, EventId>,
}

impl Taken {
    fn knows(&self, window: Window) -> bool {
        self.windows.contains(&window)
            || self.stretch.as_ref().is_some_and(|stretch| stretch.contains(&window))
    }
}

/// Where a new event goes.
pub(super) struct Placed<'e> {
    pub(super) event: &'e Exchange,
    pub(super) key: i64,
    /// How far that is from the event's time, in microseconds.
    pub(super) late_us: i64,
}

/// Why a batch cannot be placed yet.
pub(super) enum Unplaced {
    /// These windows must be looked at first.
    Look(BTreeSet<Window>),
    /// Sixteen million events claim one microsecond.
    Crowded,
}

/// The windows that a batch needs at least.
pub(super) fn windows_of(events: &[&Exchange]) -> BTreeSet<Window> {
    let here = events.iter().map(|event| window_of(first_key(event.ts)));
    here.chain(events.iter().map(|event| window_of_id(event.id))).collect()
}

/// The stretch from the first of some windows to a second behind the last: a crowd that runs over from one
/// window into the next is mostly seen at once.
pub(super) fn stretch_of(windows: &BTreeSet<Window>) -> Option<Range<Window>> {
    let beyond = MOST_LATE_US / 1_000;
    Some(*windows.first()?..windows.last()?.saturating_add(beyond))
}

/// Finds a free key for each event; events that are there already are left out.
///
/// Rows are only ever deleted from the oldest on, so a run of taken keys has no holes, and an event
/// that is there lies between its time's first key and the first free one.
pub(super) fn place<'e>(
    events: &[&'e Exchange],
    taken: &Taken,
) -> Result<Vec<Placed<'e>>, Unplaced> {
    let stored: BTreeSet<EventId> = taken.keys.values().copied().collect();
    let mut new: BTreeSet<i64> = BTreeSet::new();
    let mut missing = BTreeSet::new();
    let mut placed = Vec::with_capacity(events.len());
    for event in events.iter().filter(|event| !stored.contains(&event.id)) {
        let first = first_key(event.ts);
        let mut key = first;
        while taken.keys.contains_key(&key) || new.contains(&key) {
            key += 1;
        }
        if !taken.knows(window_of(key)) {
            missing.insert(window_of(key));
        }
        new.insert(key);
        let late_us = (key - first) >> SLOT_BITS;
        if late_us >= MOST_LATE_US {
            return Err(Unplaced::Crowded);
        }
        placed.push(Placed { event, key, late_us });
    }
    if missing.is_empty() { Ok(placed) } else { Err(Unplaced::Look(missing)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json;
    use proptest::prelude::*;

    fn event(micros: i64, number: u128) -> Exchange {
        const LINE: &[u8] = br#"{"id":"01939f6e-5a2b-7c3d-8e4f-0123456789ab","ts":"2026-11-24T17:12:05Z","env":"sandbox","operation":"office.list","domain":"reference","method":"GET","route":"/rest/v1/offices","status":200,"outcome":"ok"}"#;
        let mut event = json::read_line(LINE).unwrap();
        event.ts = Timestamp::from_micros(micros);
        event.id = EventId::new(event.ts, number);
        event
    }

    #[test]
    fn a_key_holds_any_time() {
        for text in
            ["1969-12-31T23:59:59.999999Z", "2026-11-24T17:12:05.123456Z", "9999-12-30T00:00:00Z"]
        {
            let ts = Timestamp::parse(text).unwrap();
            assert_eq!(time_of(first_key(ts) + 15, 0), ts, "{text}");
        }
    }

    #[test]
    fn an_id_is_kept_whole_where_its_time_is_another() {
        let event = event(1_795_521_600_123_456, 77);
        assert_eq!(pack_id(event.id, event.ts).len(), 10);
        let later = Timestamp::from_seconds(1_795_521_700);
        let packed = pack_id(event.id, later);
        assert_eq!(packed.len(), 16);
        assert_eq!(unpack_id(&packed, later), Some(event.id));
        assert_eq!(unpack_id(&[1, 2], later), None);
    }

    proptest! {
        #[test]
        fn an_id_survives_being_packed(micros in any::<i32>(), id in any::<u128>(), own: bool) {
            let ts = Timestamp::from_micros(i64::from(micros));
            let id = if own { EventId::new(ts, id) } else { EventId(uuid::Uuid::from_u128(id)) };
            prop_assert_eq!(unpack_id(&pack_id(id, ts), ts), Some(id));
        }

        /// However crowded, every event gets a key of its own, none twice, none before its time.
        #[test]
        fn events_do_not_push_each_other_out(
            times in prop::collection::vec(0i64..3_000, 1..300),
            split in 0usize..300,
        ) {
            let crowd = times.iter().map(|t| t / 900);
            let events: Vec<Exchange> =
                crowd.zip(1..).map(|(t, n)| event(t * 999, n << 64 | n)).collect();
            let mut taken = Taken::default();
            let mut keys = BTreeMap::new();
            let split = split.min(events.len());
            // The second part comes with the first once more.
            for part in [&events[..split], &events[..]] {
                let part: Vec<&Exchange> = part.iter().collect();
                taken.windows = windows_of(&part);
                let placed = loop {
                    match place(&part, &taken) {
                        Ok(placed) => break placed,
                        Err(Unplaced::Look(windows)) => taken.windows.extend(windows),
                        Err(Unplaced::Crowded) => panic!("there is room"),
                    }
                };
                for Placed { event, key, late_us } in placed {
                    prop_assert_eq!(time_of(key, late_us), event.ts);
                    prop_assert!(taken.keys.insert(key, event.id).is_none());
                    prop_assert!(keys.insert(event.id, key).is_none());
                }
            }
            prop_assert_eq!(keys.len(), events.len());
        }
    }
}
