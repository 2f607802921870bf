//! Events are found by everything that support has in hand, newest first, without scans.

use accuscope::domain::event::Exchange;
use accuscope::domain::ids::RequestId;
use accuscope::domain::labels::{Category, Context, Environment, Outcome, WorkflowDomain};
use accuscope::domain::names::AppId;
use accuscope::domain::reason::Reason;
use accuscope::domain::reference::{Reference, ReferenceKind};
use accuscope::store::{Cursor, ExchangeFilter, Neighbours, Store, StoreUrl};

use crate::support::{
    at, bare_event, by, clinic, event, failed, insert, on_each, on_each_url, reference,
    without_table_scans,
};

async fn found(store: &Store, filter: &ExchangeFilter) -> Vec<Exchange> {
    store.exchanges(filter, None, 500).await.unwrap().items
}

/// Changes one filter of a blank form.
fn only(change: impl FnOnce(&mut ExchangeFilter)) -> ExchangeFilter {
    let mut filter = ExchangeFilter::default();
    change(&mut filter);
    filter
}

/// Events of which each differs from the first in one respect.
fn assorted() -> Vec<Exchange> {
    let plain = event(1, 1);
    let with = |number, change: fn(&mut Exchange)| {
        let mut event = event(number, i64::try_from(number).unwrap());
        change(&mut event);
        event
    };
    vec![
        plain,
        with(2, |e| e.clinic = Some(clinic("signal-hill"))),
        by("other-app", "patient.read", event(3, 3)),
        by("intake-web", "patient.search", event(4, 4)),
        with(5, |e| e.domain = WorkflowDomain::Labs),
        with(6, |e| e.context = Context::Patient),
        failed(Reason::Forbidden, event(7, 7)),
        failed(Reason::TokenRejected, event(8, 8)),
        failed(Reason::EmptyResult, event(9, 9)),
        with(10, |e| e.ending = accuscope::domain::reason::Ending::Aborted),
        with(11, |e| e.mutation = true),
        with(12, |e| e.actor_ref = Some(reference(ReferenceKind::Actor, 2))),
        with(13, |e| e.patient_ref = Some(reference(ReferenceKind::Patient, 2))),
        with(14, |e| e.token_ref = Some(reference(ReferenceKind::Token, 2))),
        with(15, |e| e.env = Environment::Production),
        with(16, |e| {
            e.request_id = RequestId::parse("rq_k1_abcdefghijklmnopqrstuvwxya").unwrap();
        }),
        bare_event(17, 17),
    ]
}

type Fits = Box<dyn Fn(&Exchange) -> bool>;

fn fits(fits: impl Fn(&Exchange) -> bool + 'static) -> Fits {
    Box::new(fits)
}

/// Every filter, with the predicate that it stands for.
fn filters() -> Vec<(ExchangeFilter, Fits)> {
    let code = event(4, 4).support_code;
    let trace = event(5, 5).trace_id;
    let own = event(6, 6).request_id;
    let bare_trace = bare_event(17, 17).trace_id;
    let strange = RequestId::parse("rq_k1_abcdefghijklmnopqrstuvwxya").unwrap();
    let both = vec![own.clone(), strange.clone()];
    let actors = vec![reference(ReferenceKind::Actor, 2), reference(ReferenceKind::Actor, 9)];
    let patient = Some(reference(ReferenceKind::Patient, 2));
    let token = Some(reference(ReferenceKind::Token, 2));
    let app = AppId::parse("other-app").ok();
    let operation = by("x", "patient.search", event(1, 1)).operation;
    macro_rules! row {
        ($field:ident : $value:expr, $fits:expr) => {{
            let value = $value;
            (only(|filter| filter.$field = value), fits($fits))
        }};
    }
    vec![
        row!(support_code: Some(code), move |e| e.support_code == code),
        row!(trace_ids: vec![trace], move |e| e.trace_id == trace),
        row!(trace_ids: vec![bare_trace], move |e| e.trace_id == bare_trace),
        row!(request_ids: vec![own.clone()], move |e| e.request_id == own),
        row!(request_ids: both.clone(), move |e| both.contains(&e.request_id)),
        row!(env: Some(Environment::Production), |e| e.env == Environment::Production),
        row!(clinic: Some(clinic("signal-hill")), |e| e.clinic == Some(clinic("signal-hill"))),
        row!(app: app.clone(), move |e| e.app == app),
        row!(operation: Some(operation.clone()), move |e| e.operation == operation),
        row!(domain: Some(WorkflowDomain::Labs), |e| e.domain == WorkflowDomain::Labs),
        row!(context: Some(Context::Patient), |e| e.context == Context::Patient),
        row!(outcome: Some(Outcome::Ok), |e| e.ending.outcome() == Outcome::Ok),
        row!(outcome: Some(Outcome::Empty), |e| e.ending.outcome() == Outcome::Empty),
        row!(outcome: Some(Outcome::Failed), |e| e.ending.outcome() == Outcome::Failed),
        row!(outcome: Some(Outcome::Aborted), |e| e.ending.outcome() == Outcome::Aborted),
        row!(category: Some(Category::Auth), |e| e.ending.category() == Some(Category::Auth)),
        row!(category: Some(Category::Policy), |_| false),
        row!(reason: Some(Reason::Forbidden), |e| e.ending.reason() == Some(Reason::Forbidden)),
        row!(reason: Some(Reason::Gone), |_| false),
        row!(mutation: Some(true), |e| e.mutation),
        row!(mutation: Some(false), |e| !e.mutation),
        row!(actor_refs: actors.clone(), move |e| {
            e.actor_ref.as_ref().is_some_and(|r| actors.contains(r))
        }),
        row!(patient_refs: patient.iter().cloned().collect(), move |e| e.patient_ref == patient),
        row!(token_refs: token.iter().cloned().collect(), move |e| e.token_ref == token),
        row!(from: Some(at(5)), |e| e.ts >= at(5)),
        row!(to: Some(at(5)), |e| e.ts < at(5)),
        row!(clinic: Some(clinic("nowhere")), |_| false),
    ]
}

#[test]
fn every_filter_finds_what_it_names_and_nothing_else() {
    on_each(&async |store: &Store| {
        let events = assorted();
        insert(store, &events).await;
        for (filter, fits) in filters() {
            let mut expected: Vec<_> = events.iter().filter(|e| fits(e)).cloned().collect();
            expected.reverse();
            assert_eq!(found(store, &filter).await, expected, "{filter:?}");
            let count = store.count(&filter, 100).await.unwrap();
            assert_eq!(count, expected.len() as u64, "{filter:?}");
        }
    });
}

#[test]
fn filters_work_together() {
    on_each(&async |store: &Store| {
        insert(store, &assorted()).await;
        let mut all = ExchangeFilter::default();
        // What every filter asks of the failed call, all at once.
        let wanted = failed(Reason::Forbidden, event(7, 7));
        all.support_code = Some(wanted.support_code);
        all.request_ids = vec![wanted.request_id.clone()];
        all.trace_ids = vec![wanted.trace_id];
        all.env = Some(wanted.env);
        all.clinic.clone_from(&wanted.clinic);
        all.app.clone_from(&wanted.app);
        all.operation = Some(wanted.operation.clone());
        all.domain = Some(wanted.domain);
        all.context = Some(wanted.context);
        all.outcome = Some(Outcome::Failed);
        all.category = Some(Category::Auth);
        all.reason = Some(Reason::Forbidden);
        all.mutation = Some(false);
        all.actor_refs = wanted.actor_ref.iter().cloned().collect();
        all.patient_refs = wanted.patient_ref.iter().cloned().collect();
        all.token_refs = wanted.token_ref.iter().cloned().collect();
        all.from = Some(at(7));
        all.to = Some(at(8));
        assert_eq!(found(store, &all).await, [wanted]);
        all.category = Some(Category::Transient);
        assert_eq!(found(store, &all).await, [], "the category contradicts the reason");
    });
}

#[test]
fn pages_hold_every_event_once_while_new_ones_come_in() {
    on_each(&async |store: &Store| {
        // Five events share each second, so that pages end between events of one time.
        let old: Vec<_> = (0..60).map(|n| event(n, i64::try_from(n / 5).unwrap())).collect();
        insert(store, &old).await;
        let (mut seen, mut cursor) = (Vec::new(), None);
        for round in 0u64.. {
            let page = store.exchanges(&ExchangeFilter::default(), cursor, 7).await.unwrap();
            seen.extend(page.items);
            insert(store, &[event(1_000 + round, 500)]).await;
            let Some(next) = page.next else { break };
            cursor = Some(Cursor::parse(&next.to_string()).unwrap());
        }
        let mut expected = old.clone();
        expected.sort_by_key(|e| std::cmp::Reverse((e.ts, e.id)));
        assert_eq!(seen, expected);
    });
}

#[test]
fn an_export_holds_every_event_in_the_order_of_time() {
    on_each(&async |store: &Store| {
        let mut events: Vec<_> =
            (0..1_203).map(|n| event(n, i64::try_from(n * 7 % 400).unwrap())).collect();
        insert(store, &events).await;
        let mut export = store.export(only(|filter| filter.to = Some(at(390))));
        let mut exported = Vec::new();
        loop {
            let piece = export.next_piece().await.unwrap();
            if piece.is_empty() {
                break;
            }
            exported.extend(piece);
        }
        events.retain(|event| event.ts < at(390));
        events.sort_by_key(|event| (event.ts, event.id));
        assert_eq!(exported, events);
    });
}

#[test]
fn what_came_before_and_after_is_shown_for_the_same_person() {
    on_each(&async |store: &Store| {
        let mine: Vec<_> = (0..9).map(|n| event(n, i64::try_from(n).unwrap())).collect();
        let mut other = event(100, 4);
        other.actor_ref = Some(reference(ReferenceKind::Actor, 2));
        insert(store, &mine).await;
        insert(store, &[other]).await;
        let around = store.neighbours(&mine[4], 3).await.unwrap();
        let expected = Neighbours { before: mine[1..4].to_vec(), after: mine[5..8].to_vec() };
        assert_eq!(around, expected);
    });
}

#[test]
fn the_last_success_skips_failures() {
    on_each(&async |store: &Store| {
        let good = event(1, 1);
        insert(store, &[good.clone(), failed(Reason::Forbidden, event(2, 2))]).await;
        let filter = ExchangeFilter {
            clinic: good.clinic.clone(),
            operation: Some(good.operation.clone()),
            ..ExchangeFilter::default()
        };
        assert_eq!(store.last_success(&filter).await.unwrap(), Some(good));
        let never = only(|filter| filter.clinic = Some(clinic("signal-hill")));
        assert_eq!(store.last_success(&never).await.unwrap(), None);
    });
}

#[test]
fn every_page_follows_an_index_in_the_order_of_time() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(&without_table_scans(url)).await.unwrap();
        insert(&store, &assorted()).await;
        let cursor = store.exchanges(&ExchangeFilter::default(), None, 3).await.unwrap().next;
        let everything = (ExchangeFilter::default(), fits(|_| true));
        for (filter, _) in filters().into_iter().chain([everything]) {
            for cursor in [None, cursor] {
                for line in store.plan_of_page(&filter, cursor).await.unwrap() {
                    // A walk along SQLite's table in the order of its key is a "SCAN e", too, and
                    // bounded by the limit. Sorting would mean that all rows had been read, which
                    // is well where an id or a patient leaves few.
                    let few = filter.support_code.is_some()
                        || !filter.trace_ids.is_empty()
                        || !filter.request_ids.is_empty()
                        || !filter.patient_refs.is_empty();
                    let reads_all = line.contains("Seq Scan on exchanges")
                        || line.contains("TEMP B-TREE") && !few;
                    assert!(!reads_all, "{filter:?}: {line}");
                }
            }
        }
        // Which of its indices PostgreSQL takes depends on what it knows of the table.
        let decides = url.file().is_some();
        for filter in indexed(&event(1, 1)).into_iter().filter(|_| decides) {
            let plan = store.plan_of_page(&filter, cursor).await.unwrap();
            let indexed = |line: &String| {
                line.contains("INDEX exchanges_by") || line.contains("exchanges_by")
            };
            assert!(plan.iter().any(indexed), "{filter:?}: {plan:?}");
        }
        store.close().await;
    });
}

/// Filters that must not walk along the whole table.
fn indexed(event: &Exchange) -> Vec<ExchangeFilter> {
    let refs = |reference: &Option<Reference>| reference.iter().cloned().collect();
    vec![
        only(|filter| filter.support_code = Some(event.support_code)),
        only(|filter| filter.request_ids = vec![RequestId::parse(&"ab".repeat(16)).unwrap()]),
        only(|filter| filter.trace_ids = vec![event.trace_id]),
        only(|filter| filter.clinic.clone_from(&event.clinic)),
        only(|filter| filter.actor_refs = refs(&event.actor_ref)),
        only(|filter| filter.patient_refs = refs(&event.patient_ref)),
        only(|filter| filter.category = Some(Category::Auth)),
        only(|filter| {
            filter.clinic.clone_from(&event.clinic);
            filter.operation = Some(event.operation.clone());
        }),
    ]
}

#[test]
fn a_page_that_finds_little_says_how_far_it_looked() {
    on_each(&async |store: &Store| {
        // One call of another app, far behind 2,500 others.
        let rare = by("other-app", "patient.read", event(1, 0));
        let others: Vec<_> = (2..2_502).map(|n| event(n, i64::try_from(n).unwrap())).collect();
        insert(store, &others).await;
        insert(store, std::slice::from_ref(&rare)).await;
        let filter = only(|filter| filter.app = rare.app.clone());
        assert_eq!(found(store, &filter).await, std::slice::from_ref(&rare));
        assert_eq!(store.count(&filter, 10).await.unwrap(), 1);
        let clinic = ExchangeFilter { clinic: rare.clinic.clone(), ..filter };
        assert_eq!(found(store, &clinic).await, [rare]);
    });
}

#[test]
fn a_call_is_found_however_long_ago_it_was() {
    on_each(&async |store: &Store| {
        // Three days apart, and one from another age.
        let mut events: Vec<_> =
            (0..12).map(|n| event(n, i64::try_from(n).unwrap() * 3 * 86_400)).collect();
        events.push(event(12, -20 * 366 * 86_400));
        for call in &mut events {
            call.request_id = RequestId::parse(&format!("{:032x}", call.span_id.bits())).unwrap();
        }
        insert(store, &events).await;
        for call in &events {
            let id = call.request_id.clone();
            for filter in [
                only(|filter| filter.support_code = Some(call.support_code)),
                only(|filter| filter.trace_ids = vec![call.trace_id]),
                only(|filter| filter.request_ids = vec![id]),
            ] {
                assert_eq!(found(store, &filter).await, std::slice::from_ref(call), "{filter:?}");
            }
            assert_eq!(store.exchange(call.id).await.unwrap().as_ref(), Some(call));
        }
        let patient = only(|filter| filter.patient_refs.extend(events[0].patient_ref.clone()));
        events.sort_by_key(|call| std::cmp::Reverse(call.ts));
        assert_eq!(found(store, &patient).await, events);
        let page = store.exchanges(&patient, None, 5).await.unwrap();
        let rest = store.exchanges(&patient, page.next, 500).await.unwrap();
        assert_eq!([page.items, rest.items].concat(), events);
    });
}

#[test]
fn failures_of_many_kinds_come_in_one_order() {
    on_each(&async |store: &Store| {
        let reasons = Reason::ALL.iter().cycle().zip(0..).take(200);
        let events: Vec<_> = reasons
            .map(|(reason, n)| failed(*reason, event(n, i64::try_from(n * 17 % 150).unwrap())))
            .collect();
        insert(store, &events).await;
        let filter = only(|filter| filter.outcome = Some(Outcome::Failed));
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.exchanges(&filter, cursor, 7).await.unwrap();
            seen.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let failures = events.iter().filter(|event| event.ending.outcome() == Outcome::Failed);
        let mut expected: Vec<_> = failures.cloned().collect();
        assert!(seen.is_sorted_by_key(|event| std::cmp::Reverse(event.ts)));
        seen.sort_by_key(|event| event.id);
        expected.sort_by_key(|event| event.id);
        assert_eq!(seen, expected);
    });
}

#[test]
fn events_of_one_instant_do_not_push_each_other_out() {
    on_each(&async |store: &Store| {
        // An import whose times are whole seconds, twice; its ids are of another time.
        let events: Vec<_> = (0..900)
            .map(|n| {
                let mut event = event(n, i64::try_from(n).unwrap());
                event.ts = at(5_000 + i64::try_from(n % 2).unwrap());
                event
            })
            .collect();
        assert_eq!(insert(store, &events[..600]).await.inserted, 600);
        assert_eq!(insert(store, &events).await.inserted, 300);
        assert_eq!(insert(store, &events).await.inserted, 0);
        // The same id at another time is the same event.
        let moved = Exchange { ts: at(1), ..events[7].clone() };
        assert_eq!(insert(store, &[moved]).await.inserted, 0);
        for event in [&events[0], &events[899]] {
            assert_eq!(store.exchange(event.id).await.unwrap().as_ref(), Some(event));
        }
        let before = only(|filter| filter.to = Some(at(5_001)));
        assert_eq!(store.count(&before, 9_999).await.unwrap(), 450);
        let from = only(|filter| filter.from = Some(at(5_001)));
        assert_eq!(store.count(&from, 9_999).await.unwrap(), 450);
    });
}
