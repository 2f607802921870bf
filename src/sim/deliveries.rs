//! The log of deliveries: what reached the simulated Accuro, and whether it changed anything.
//!
//! Owns the last so many entries; a test proves with them that a write was delivered once. Holds no
//! bodies and no credentials.

use std::collections::VecDeque;

use serde::Serialize;

use super::call::Call;
use crate::domain::time::Timestamp;

/// How many entries are kept.
const KEPT: usize = 20_000;

/// One call that arrived.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Delivery {
    /// 1, 2, 3 … in the order of arrival.
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) operation: String,
    pub(super) tenant: Option<String>,
    pub(super) user: Option<String>,
    /// The `X-Request-Id` that came with it.
    pub(super) request_id: Option<String>,
    /// What was answered; `None` while nothing was, or never.
    pub(super) status: Option<u16>,
    /// Whether it changed anything.
    pub(super) applied: bool,
}

/// The last deliveries.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    entries: VecDeque<Delivery>,
    next: u64,
}

impl Deliveries {
    /// Notes an arrival; gives its number.
    pub(super) fn arrived(
        &mut self,
        call: &Call,
        tenant: Option<String>,
        user: Option<String>,
    ) -> u64 {
        self.next += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Delivery {
            seq: self.next,
            at: call.at,
            method: call.method.clone(),
            path: call.path.clone(),
            operation: call.operation().to_owned(),
            tenant,
            user,
            request_id: call.request_id.clone(),
            status: None,
            applied: false,
        });
        self.next
    }

    /// Notes what became of an arrival.
    pub(super) fn ended(&mut self, seq: u64, status: Option<u16>, applied: bool) {
        let newest_first = self.entries.iter_mut().rev();
        if let Some(entry) = newest_first.take_while(|e| e.seq >= seq).find(|e| e.seq == seq) {
            entry.status = status;
            entry.applied = applied;
        }
    }

    /// Entries after a number, of an operation or with a request id if one is named.
    pub(super) fn list(
        &self,
        after: u64,
        operation: Option<&str>,
        request_id: Option<&str>,
    ) -> Vec<&Delivery> {
        let wanted = |entry: &&Delivery| {
            entry.seq > after
                && operation.is_none_or(|operation| entry.operation == operation)
                && request_id.is_none_or(|id| entry.request_id.as_deref() == Some(id))
        };
        self.entries.iter().filter(wanted).collect()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
