//! Marks in the events' journal: when an instance was recording, so that silence can be told from time
//! that was not recorded.
//!
//! Owns the line. It begins with a member that no event has, so that readers tell the two apart at a
//! glance.

use std::borrow::Cow;

use serde::Deserialize;

use super::labels::label_enum;
use super::names::InstanceId;
use super::time::Timestamp;

label_enum! {
    /// What a mark says.
    MarkKind, "a mark" {
        /// Recording began.
        Start = "start",
        /// It goes on; once a minute.
        Alive = "alive",
        /// It ended in order.
        Stop = "stop",
        /// Events were lost, because the disk did not take them; it takes them again.
        Gap = "gap",
    }
}

/// One mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it says.
    pub kind: MarkKind,
    /// When.
    pub ts: Timestamp,
    /// Whose journal.
    pub instance: InstanceId,
    /// Of a gap: when the first event was lost.
    pub since: Option<Timestamp>,
    /// Of a gap: how many were.
    pub lost: Option<u64>,
}

const BEGIN: &[u8] = b"{\"mark\":";

/// Whether a line is a mark and no event.
#[must_use]
pub fn is_mark(line: &[u8]) -> bool {
    line.starts_with(BEGIN)
}

impl Mark {
    /// A mark without more to say.
    #[must_use]
    pub const fn new(kind: MarkKind, ts: Timestamp, instance: InstanceId) -> Self {
        Self { kind, ts, instance, since: None, lost: None }
    }

    /// Appends the line, newline included.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        let Self { kind, ts, instance, since, lost } = self;
        let since = since.map(|since| format!(",\"since\":\"{since}\"")).unwrap_or_default();
        let lost = lost.map(|lost| format!(",\"lost\":{lost}")).unwrap_or_default();
        let line = format!(
            "{{\"mark\":\"{kind}\",\"ts\":\"{ts}\",\"instance\":\"{instance}\"{since}{lost},\"v\":1}}\n"
        );
        out.extend_from_slice(line.as_bytes());
    }

    /// Reads a line; `None` if it is no mark of a kind that this version knows.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Raw<'l> {
            #[serde(borrow)]
            mark: Cow<'l, str>,
            #[serde(borrow)]
            ts: Cow<'l, str>,
            #[serde(borrow)]
            instance: Cow<'l, str>,
            #[serde(borrow, default)]
            since: Option<Cow<'l, str>>,
            #[serde(default)]
            lost: Option<u64>,
            v: u64,
        }
        let raw: Raw<'_> = serde_json::from_slice(line).ok()?;
        let since = raw.since.map(|since| Timestamp::parse(&since).ok());
        Some(Self {
            kind: MarkKind::parse(&raw.mark).filter(|_| raw.v == 1)?,
            ts: Timestamp::parse(&raw.ts).ok()?,
            instance: InstanceId::parse(&raw.instance).ok()?,
            since: match since {
                Some(None) => return None,
                Some(since) => since,
                None => None,
            },
            lost: raw.lost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_is_no_event() {
        let instance = InstanceId::parse("i-1").unwrap();
        for kind in MarkKind::ALL {
            let plain = Mark::new(*kind, Timestamp::from_seconds(5), instance.clone());
            let since = Some(Timestamp::from_seconds(2));
            for mark in [plain.clone(), Mark { since, lost: Some(3), ..plain }] {
                let mut line = Vec::new();
                mark.write_line(&mut line);
                assert!(is_mark(&line) && line.ends_with(b"}\n"));
                assert_eq!(Mark::parse(&line), Some(mark));
                assert!(crate::domain::event::json::read_line(&line).is_err());
            }
        }
        assert_eq!(Mark::parse(b"{\"mark\":\"x\"}"), None);
    }
}
