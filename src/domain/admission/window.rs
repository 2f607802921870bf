//! Counts of the last seconds, without a lock.
//!
//! Owns a ring of slots, each one atomic word that holds its own time, so that a slot of an earlier
//! round empties itself when it is used again. Counts are exact but for the slot that is just ending.

use std::sync::atomic::{AtomicU64, Ordering};

const SLOTS: usize = 10;
const COUNT_BITS: u32 = 18;
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;
const STAMP_MAX: u64 = (1 << (64 - 2 * COUNT_BITS)) - 1;

/// How many there were, and how many of them count twice: failures of samples, retries of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: u64,
    /// Those that are counted apart.
    pub hits: u64,
}

/// A sliding window of ten slots.
#[derive(Debug)]
pub struct Window {
    slot_ms: u64,
    slots: [AtomicU64; SLOTS],
}

impl Window {
    /// A window of so many milliseconds.
    #[must_use]
    pub fn new(length_ms: u64) -> Self {
        Self { slot_ms: (length_ms / SLOTS as u64).max(1), slots: Default::default() }
    }

    /// Counts one. `now_ms` is monotonic time.
    pub fn count(&self, now_ms: u64, is_hit: bool) {
        self.add(now_ms, Counts { all: 1, hits: u64::from(is_hit) }, |_| true);
    }

    /// Adds a hit to what was counted before, if the counts so far allow it. Of callers at the same
    /// moment, each sees the hits of those before it.
    pub fn try_hit(&self, now_ms: u64, allows: impl Fn(Counts) -> bool) -> bool {
        self.add(now_ms, Counts { all: 0, hits: 1 }, allows)
    }

    fn add(&self, now_ms: u64, more: Counts, allows: impl Fn(Counts) -> bool) -> bool {
        let (stamp, index) = self.place(now_ms);
        let slot = &self.slots[index];
        let next = |word: u64| {
            let own = counts_of(word, stamp, stamp);
            let others = self.sum(stamp, Some(index));
            let sum = Counts { all: others.all + own.all, hits: others.hits + own.hits };
            allows(sum).then(|| pack(stamp, own.all + more.all, own.hits + more.hits))
        };
        slot.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).is_ok()
    }

    /// The counts of the window that ends now.
    #[must_use]
    pub fn counts(&self, now_ms: u64) -> Counts {
        self.sum(self.place(now_ms).0, None)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for slot in &self.slots {
            slot.store(0, Ordering::Release);
        }
    }

    fn place(&self, now_ms: u64) -> (u64, usize) {
        // Slot 0 begins at stamp 1: a word of zeros is of no time.
        let stamp = now_ms / self.slot_ms + 1;
        #[expect(clippy::cast_possible_truncation, reason = "a remainder below ten")]
        (stamp & STAMP_MAX, (stamp % SLOTS as u64) as usize)
    }

    fn sum(&self, stamp: u64, without: Option<usize>) -> Counts {
        let oldest = stamp.saturating_sub(SLOTS as u64 - 1);
        let mut sum = Counts::default();
        for (index, slot) in self.slots.iter().enumerate() {
            if Some(index) != without {
                let counts = counts_of(slot.load(Ordering::Acquire), oldest, stamp);
                sum.all += counts.all;
                sum.hits += counts.hits;
            }
        }
        sum
    }
}

const fn pack(stamp: u64, all: u64, hits: u64) -> u64 {
    let all = if all > COUNT_MAX { COUNT_MAX } else { all };
    let hits = if hits > COUNT_MAX { COUNT_MAX } else { hits };
    stamp << (2 * COUNT_BITS) | all << COUNT_BITS | hits
}

const fn counts_of(word: u64, oldest: u64, newest: u64) -> Counts {
    let stamp = word >> (2 * COUNT_BITS);
    if stamp < oldest || stamp > newest {
        return Counts { all: 0, hits: 0 };
    }
    Counts { all: word >> COUNT_BITS & COUNT_MAX, hits: word & COUNT_MAX }
}

const MARK_BITS: u32 = 48;

/// How many different ones were seen in the last seconds: a set of marks per slot.
///
/// Two of 48 may share a mark, so the number can be too small, never too large.
#[derive(Debug)]
pub struct Marks {
    slot_ms: u64,
    slots: [AtomicU64; SLOTS],
}

impl Marks {
    /// Marks of a window of so many milliseconds.
    #[must_use]
    pub fn new(length_ms: u64) -> Self {
        Self { slot_ms: (length_ms / SLOTS as u64).max(1), slots: Default::default() }
    }

    /// Sets the mark of `whose`.
    pub fn set(&self, now_ms: u64, whose: u64) {
        let (stamp, index) = self.place(now_ms);
        let bit = 1 << (whose % u64::from(MARK_BITS));
        let slot = &self.slots[index];
        let word = slot.load(Ordering::Relaxed);
        // Almost always the mark is there already.
        if word >> MARK_BITS == stamp && word & bit != 0 {
            return;
        }
        // Such an update cannot fail.
        let _ = slot.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
            let kept = if word >> MARK_BITS == stamp { word } else { stamp << MARK_BITS };
            Some(kept | bit)
        });
    }

    /// How many different ones there were.
    #[must_use]
    pub fn number(&self, now_ms: u64) -> u32 {
        let (stamp, _) = self.place(now_ms);
        let fresh = |word: &u64| (stamp.wrapping_sub(word >> MARK_BITS) & 0xffff) < SLOTS as u64;
        let words = self.slots.iter().map(|slot| slot.load(Ordering::Acquire)).filter(fresh);
        (words.fold(0, |all, word| all | word) & ((1 << MARK_BITS) - 1)).count_ones()
    }

    fn place(&self, now_ms: u64) -> (u64, usize) {
        let stamp = now_ms / self.slot_ms + 1;
        #[expect(clippy::cast_possible_truncation, reason = "a remainder below ten")]
        (stamp & 0xffff, (stamp % SLOTS as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let window = Window::new(10_000);
        window.count(0, true);
        window.count(9_500, false);
        assert_eq!(window.counts(9_999), Counts { all: 2, hits: 1 });
        assert_eq!(window.counts(10_000), Counts { all: 1, hits: 0 });
        assert_eq!(window.counts(19_500), Counts::default());
        window.count(40_000, true);
        window.clear();
        assert_eq!(window.counts(40_000), Counts::default());
    }

    #[test]
    fn marks_count_the_different_ones() {
        let marks = Marks::new(10_000);
        for whose in [3, 3, 7] {
            marks.set(500, whose);
        }
        marks.set(5_000, 7);
        assert_eq!(marks.number(5_000), 2);
        assert_eq!(marks.number(11_000), 1);
        assert_eq!(marks.number(15_000), 0);
    }

    proptest! {
        /// The ring says what a plain list of times would.
        #[test]
        fn a_window_counts_like_a_list(steps in proptest::collection::vec((0u64..3_000, any::<bool>()), 1..60)) {
            let window = Window::new(10_000);
            let (mut now, mut list) = (0, Vec::new());
            for (step, is_hit) in steps {
                now += step;
                window.count(now, is_hit);
                list.push((now / 1_000, is_hit));
                let fresh = list.iter().filter(|(slot, _)| now / 1_000 - slot < 10);
                let all = fresh.clone().count() as u64;
                let hits = fresh.filter(|(_, is_hit)| *is_hit).count() as u64;
                prop_assert_eq!(window.counts(now), Counts { all, hits });
            }
        }
    }
}
