//! The access log: what people did, newest first, and who looks up unusually many patients.

use accuscope::domain::audit::access::AccessKind;
use accuscope::domain::audit::chain::Head;
use accuscope::domain::audit::json::read_line;
use accuscope::domain::audit::{Entry, Event, Kind};
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::reference::ReferenceKind;
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::store::{AccessFilter, AuditCopied, AuditRow, Store};

use crate::support::{at, clinic, on_each, reference};

fn account(name: &str) -> AccountId {
    AccountId::parse(name).unwrap()
}

/// Copies a chain of these records, and gives them as rows.
async fn copy(store: &Store, name: &str, entries: Vec<(i64, Entry)>) -> Vec<AuditRow> {
    let instance = InstanceId::parse(name).unwrap();
    let (mut head, mut lines) = (Head::START, Vec::new());
    for (seconds, entry) in entries {
        head.append(entry, at(seconds), &instance, &mut lines);
    }
    let text = String::from_utf8(lines).unwrap();
    let row = |line: &str| AuditRow {
        record: read_line(line.as_bytes()).unwrap(),
        line: line.to_owned(),
    };
    let rows: Vec<_> = text.lines().map(row).collect();
    let seq = u64::try_from(rows.len()).unwrap();
    let copied = AuditCopied { instance, segment: 1, offset: 1, seq };
    store.copy_audit(&rows, &copied, at(9_000)).await.unwrap();
    rows
}

/// A record of every kind and detail, by several accounts, some about somebody.
fn everything() -> Vec<(i64, Entry)> {
    let mut entries = Vec::new();
    for kind in Kind::ALL {
        for event in Event::ALL {
            let n = entries.len();
            let mut entry = Entry { detail: Some(event.plain()), ..Entry::new(*kind) };
            entry.user = (n % 4 != 0).then(|| account(["a.b", "c_d", "e"][n % 3]));
            entry.role = (n % 4 != 0).then(|| Role::ALL[n % Role::ALL.len()]);
            entry.clinic = (n % 3 == 0).then(|| clinic("maple-ridge"));
            entry.patient_ref = (n % 5 == 0).then(|| reference(ReferenceKind::Patient, 1));
            entry.actor_ref = (n % 7 == 0).then(|| reference(ReferenceKind::Actor, 2));
            // Several at one moment, so that pages end between them.
            entries.push((i64::try_from(n / 3).unwrap(), entry));
        }
    }
    entries
}

#[test]
fn every_filter_finds_what_the_rule_says_and_pages_miss_nothing() {
    on_each(&async |store: &Store| {
        let mut rows = copy(store, "i-1", everything()).await;
        rows.extend(copy(store, "i-2", everything()).await);
        rows.retain(|row| AccessKind::KINDS.contains(&row.record.entry.kind));
        rows.sort_by_key(|row| {
            let record = &row.record;
            std::cmp::Reverse((record.ts, record.instance.clone(), record.seq))
        });
        let mut filters = vec![AccessFilter::default()];
        filters.extend(
            AccessKind::ALL.iter().map(|w| AccessFilter { what: Some(*w), ..<_>::default() }),
        );
        filters.extend(Role::ALL.iter().map(|r| AccessFilter { role: Some(*r), ..<_>::default() }));
        filters.push(AccessFilter { account: Some(account("c_d")), ..<_>::default() });
        filters.push(AccessFilter { account: Some(account("cxd")), ..<_>::default() });
        filters.push(AccessFilter { clinic: Some(clinic("maple-ridge")), ..<_>::default() });
        filters.push(AccessFilter { from: Some(at(40)), to: Some(at(70)), ..<_>::default() });
        for filter in filters {
            let fits = |row: &&AuditRow| {
                let (entry, ts) = (&row.record.entry, row.record.ts);
                filter.what.is_none_or(|what| what.fits(entry))
                    && (filter.role.is_none() || filter.role == entry.role)
                    && (filter.account.is_none() || filter.account == entry.user)
                    && (filter.clinic.is_none() || filter.clinic == entry.clinic)
                    && filter.from.is_none_or(|from| ts >= from)
                    && filter.to.is_none_or(|to| ts < to)
            };
            let expected: Vec<_> = rows.iter().filter(fits).map(|row| row.record.clone()).collect();
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = store.access_page(&filter, after.as_ref(), 7).await.unwrap();
                assert!(page.items.len() <= 7);
                found.extend(page.items);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert!(found == expected, "{filter:?}: {} of {}", found.len(), expected.len());
        }
        let names = store.access_accounts().await.unwrap();
        assert_eq!(names, [account("a.b"), account("c_d"), account("e")]);
        assert_eq!(store.audit_copied_at().await.unwrap(), Some(at(9_000)));
    });
}

#[test]
fn an_empty_store_has_an_empty_log() {
    on_each(&async |store: &Store| {
        let page = store.access_page(&AccessFilter::default(), None, 10).await.unwrap();
        assert!(page.items.is_empty() && page.next.is_none());
        assert_eq!(store.audit_copied_at().await.unwrap(), None);
        assert_eq!(store.unusual_access(at(0)).await.unwrap(), []);
    });
}

fn lookup(name: &str, patient: u8) -> Entry {
    Entry {
        user: Some(account(name)),
        role: Some(Role::Support),
        patient_ref: Some(reference(ReferenceKind::Patient, patient)),
        detail: Some(Event::DiagnosedForTicket.plain()),
        ..Entry::new(Kind::Lookup)
    }
}

#[test]
fn many_different_patients_within_an_hour_are_unusual_and_one_again_and_again_is_not() {
    on_each(&async |store: &Store| {
        let mut entries = Vec::new();
        // Ten ordinary hours of five patients each, a day ago.
        for hour in 0..10 {
            for patient in 0..5 {
                entries.push((hour * 3_600, lookup("zoe", patient)));
            }
        }
        let now: Timestamp = at(30 * 3_600);
        for n in 0..40u8 {
            entries.push((30 * 3_600 - 600, lookup("zoe", n)));
            entries.push((30 * 3_600 - 600, lookup("amir", 7)));
            // An hour and a minute ago is over.
            entries.push((30 * 3_600 - 3_660, lookup("lin", n)));
        }
        entries.sort_by_key(|(seconds, _)| *seconds);
        copy(store, "i-1", entries).await;
        let found = store.unusual_access(now).await.unwrap();
        let seen: Vec<_> =
            found.iter().map(|u| (u.account.as_str(), u.patients, u.own_usual)).collect();
        assert_eq!(seen, [("zoe", 40, Some(5))]);
        assert_eq!(found[0].role, Some(Role::Support));
    });
}
