//! Bytes that have to be decoded pass in turns, so that one answer does not hold up the calls of others.
//!
//! Owns how much passes at once, and that others come first after that. Does not decode anything.

use std::task::{Context, Poll};

use bytes::Bytes;

/// Most coded bytes of one turn. Decoding may make some hundred times as many of them, and meanwhile the
/// other calls of this worker wait.
const TURN_BYTES: usize = 8 * 1_024;

/// What has come and is not passed on yet.
#[derive(Debug, Default)]
pub(super) struct Turns {
    rest: Bytes,
    /// Others of this worker come first.
    owes_a_turn: bool,
}

impl Turns {
    /// What of these bytes passes now; the rest waits. Bytes that are not coded pass whole.
    pub(super) fn take(&mut self, mut data: Bytes, is_coded: bool) -> Bytes {
        if is_coded && data.len() > TURN_BYTES {
            self.rest = data.split_off(TURN_BYTES);
        }
        self.owes_a_turn = is_coded && data.len() == TURN_BYTES;
        data
    }

    /// Bytes that have waited for their turn, if any; pending once after each whole turn.
    pub(super) fn poll_waited(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if std::mem::take(&mut self.owes_a_turn) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let rest = std::mem::take(&mut self.rest);
        Poll::Ready((!rest.is_empty()).then_some(rest))
    }

    /// Whether nothing waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes wait.
    pub(super) const fn waiting_bytes(&self) -> u64 {
        self.rest.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// The sizes of the pieces in which bytes pass, and how often others come first.
    fn pieces(bytes: usize, is_coded: bool) -> (Vec<usize>, usize) {
        let (mut turns, mut sizes, mut waits) = (Turns::default(), Vec::new(), 0);
        let mut cx = Context::from_waker(Waker::noop());
        sizes.push(turns.take(Bytes::from(vec![0; bytes]), is_coded).len());
        loop {
            match turns.poll_waited(&mut cx) {
                Poll::Pending => waits += 1,
                Poll::Ready(Some(waited)) => sizes.push(turns.take(waited, is_coded).len()),
                Poll::Ready(None) => break,
            }
        }
        assert!(turns.is_empty());
        (sizes, waits)
    }

    #[test]
    fn coded_bytes_pass_in_turns_and_others_come_between() {
        assert_eq!(pieces(100, true), (vec![100], 0));
        assert_eq!(pieces(TURN_BYTES, true), (vec![TURN_BYTES], 1));
        assert_eq!(pieces(3 * TURN_BYTES, true), (vec![TURN_BYTES; 3], 3));
        assert_eq!(pieces(TURN_BYTES + 1, true), (vec![TURN_BYTES, 1], 1));
        assert_eq!(pieces(3 * TURN_BYTES, false), (vec![3 * TURN_BYTES], 0));
    }
}
