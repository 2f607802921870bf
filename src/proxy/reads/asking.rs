//! A read on its way to Accuro whose answer may serve others too.

use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, HeaderMap, VARY,
};

use super::{Landed, Leader, ReadKey, Stored};
use crate::domain::classify::Transport;
use crate::domain::reason::Ending;
use crate::proxy::Shared;
use crate::proxy::kept::{Given, Kept};

/// What is to be done with the answer, and what can be given in its place.
pub(in crate::proxy) struct Asking {
    cache: Option<ReadKey>,
    stale: Option<Arc<Stored>>,
    leader: Option<Leader>,
    shared: Arc<Shared>,
}

impl Asking {
    pub(super) const fn new(
        shared: Arc<Shared>,
        cache: Option<ReadKey>,
        stale: Option<Arc<Stored>>,
    ) -> Self {
        Self { cache, stale, leader: None, shared }
    }

    pub(super) fn leads(&mut self, leader: Leader) {
        self.leader = Some(leader);
    }

    /// Whether an answer is looked for in the cache.
    pub(in crate::proxy) const fn is_cached(&self) -> bool {
        self.cache.is_some()
    }

    /// An old answer, for when Accuro is down.
    pub(in crate::proxy) fn stale(&self, now: Instant) -> Option<(Kept, Given)> {
        let stored = self.stale.as_ref()?;
        let age = now.saturating_duration_since(stored.since).as_secs();
        Some((stored.kept.clone(), Given::Stale(age)))
    }

    /// There is no answer.
    pub(in crate::proxy) fn failed(mut self, transport: Transport) {
        if let Some(leader) = &mut self.leader {
            leader.lands(&self.shared.reads, Landed::Failed(transport));
        }
    }

    /// The whole answer is here, and how it is judged. What failed is not given twice, however well its
    /// status looks; and whoever is refused now gets no old answer later.
    pub(in crate::proxy) fn answered(mut self, kept: Kept, ending: Ending) {
        let shared = &self.shared;
        let fine = matches!(ending, Ending::Ok | Ending::Empty);
        if let (Some(key), Some(cache)) = (self.cache, &shared.reads.cache) {
            if fine && may_be_kept(kept.status, &kept.headers) {
                let since = shared.clock.instant();
                cache.insert(key, Arc::new(Stored { kept: kept.clone(), since }));
            } else if matches!(kept.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                cache.invalidate(&key);
            }
        }
        if let Some(leader) = &mut self.leader {
            leader.lands(&shared.reads, Landed::Answered(Arc::new(kept)));
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(leader) = &mut self.leader {
            leader.lands(&self.shared.reads, Landed::Lost);
        }
    }
}

/// Whether an answer may be kept for the same token (RFC 9111, 3). `private` and the token in
/// `Authorization` are no obstacle, since nobody else ever gets it.
fn may_be_kept(status: StatusCode, headers: &HeaderMap) -> bool {
    let directives = headers.get_all(CACHE_CONTROL);
    let forbids = directives.iter().any(|value| {
        let lower = value.as_bytes().to_ascii_lowercase();
        let names = |name: &[u8]| memchr::memmem::find(&lower, name).is_some();
        names(b"no-store") || names(b"no-cache")
    });
    // Every field of a request is part of its key; but what varies by more than these is of a kind
    // that nobody expected.
    let known = [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION];
    let varies = headers.get_all(VARY).iter().any(|value| {
        let mut names = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let is_known = |name: &[u8]| {
            known.iter().any(|known| known.as_str().as_bytes().eq_ignore_ascii_case(name))
                || name.eq_ignore_ascii_case(b"origin")
        };
        !names.all(is_known)
    });
    status == StatusCode::OK && !forbids && !varies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_success_that_accuro_lets_be_kept_is_kept() {
        for (status, fields, kept) in [
            (200, &[][..], true),
            (200, &[("cache-control", "private, max-age=0")], true),
            (200, &[("cache-control", "No-Store")], false),
            (200, &[("cache-control", "no-cache, no-store, must-revalidate")], false),
            (200, &[("vary", "Accept-Encoding, Origin")], true),
            (200, &[("vary", "*")], false),
            (200, &[("vary", "Cookie")], false),
            (206, &[], false),
            (304, &[], false),
            (404, &[], false),
            (500, &[], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, value.parse().unwrap());
            }
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(may_be_kept(status, &headers), kept, "{status} {fields:?}");
        }
    }
}
