//! Which fault befalls which request: a function of the seed, the request's id and the number of the
//! sending, so that a run can be repeated; bursts come by the time since the start.

use std::time::Duration;

/// The longest that the program under test waits for the first byte of an answer.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);

/// What an upstream does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A reset once the head was read, before the body.
    ResetAtHead,
    /// A reset once everything was read: done, and nobody told.
    ResetBeforeAnswer,
    /// A reset within the answer's head.
    ResetInHead,
    /// A reset within the answer's body.
    ResetInBody,
    /// The connection stays open and nobody is there any more.
    HalfOpen,
    /// 502 or 503 with a page of its own.
    Unavailable,
    /// An answer just before the patience ends.
    Stall,
    /// An answer whose body takes its time.
    SlowBody,
    /// The connection ends after the answer, unannounced.
    SilentClose,
}

impl Fault {
    pub(crate) const ALL: [Self; 9] = [
        Self::ResetAtHead,
        Self::ResetBeforeAnswer,
        Self::ResetInHead,
        Self::ResetInBody,
        Self::HalfOpen,
        Self::Unavailable,
        Self::Stall,
        Self::SlowBody,
        Self::SilentClose,
    ];

    /// Whether a call may end without Accuro's whole answer because of it.
    pub(crate) const fn excuses(self) -> bool {
        !matches!(self, Self::Stall | Self::SlowBody | Self::SilentClose)
    }
}

/// The schedule.
#[derive(Clone, Copy)]
pub(crate) struct Mischief {
    pub(crate) seed: u64,
    /// Faults in a thousand requests, outside of bursts; 0: none and no bursts.
    pub(crate) per_mille: u64,
}

/// Of every minute, these seconds are a short burst of 5xx; of every third, also a long one.
const SHORT: std::ops::Range<u64> = 20..22;
const LONG: std::ops::Range<u64> = 40..48;

impl Mischief {
    /// What befalls the sending of a request.
    pub(crate) fn of(self, id: &str, sending: u32, since_start: Duration) -> Option<Fault> {
        if self.per_mille == 0 {
            return None;
        }
        let hash = id
            .bytes()
            .fold(self.seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = fastrand::Rng::with_seed(hash.wrapping_add(u64::from(sending)));
        let (minute, second) = (since_start.as_secs() / 60, since_start.as_secs() % 60);
        let burst = SHORT.contains(&second) || (minute % 3 == 1 && LONG.contains(&second));
        if burst && random.u8(..10) < 8 {
            return Some(Fault::Unavailable);
        }
        (random.u64(..1000) < self.per_mille).then(|| Fault::ALL[random.usize(..Fault::ALL.len())])
    }
}
