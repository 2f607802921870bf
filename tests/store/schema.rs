//! The schema, for people who query with SQL.

use accuscope::domain::event::Exchange;
use accuscope::domain::ids::RequestId;
use accuscope::domain::reason::{Ending, Reason};
use accuscope::store::{Store, StoreUrl, TableKept};

use crate::support::{bare_event, event, failed, insert, on_each_url};

/// Every event's fields that the view shows as text.
fn shown(event: &Exchange) -> [Option<String>; 9] {
    let text = |value: &dyn ToString| Some(value.to_string());
    [
        // SQLite has no type for it, and shows plain digits.
        Some(event.id.to_string().replace('-', "")),
        text(&event.operation),
        event.clinic.as_ref().map(ToString::to_string),
        text(&event.ending.outcome()),
        event.ending.category().map(|category| category.to_string()),
        event.ending.reason().map(|reason| reason.to_string()),
        event.shape.map(|shape| shape.to_string()),
        text(&event.span_id),
        text(&event.status),
    ]
}

const SQL: &str = "select replace(cast(id as text), '-', ''), operation, clinic, outcome, category, reason, shape, \
    span_id, cast(status as text) from exchange order by 1";

const STRANGE: &str =
    "select request_id, cast(ts as text) from exchange where request_id is not null";

/// Every table and column that the database has, but for the tables of single days.
const SQLITE_COLUMNS: &str = "select m.name, c.name from sqlite_schema m, pragma_table_info(m.name) c \
    where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2";
const POSTGRES_COLUMNS: &str = "select c.relname::text, a.attname::text from pg_class c \
    join pg_attribute a on a.attrelid = c.oid where c.relnamespace = current_schema()::regnamespace \
    and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped \
    order by 1, 2";

#[test]
fn every_column_of_the_schema_is_on_the_page_of_what_is_kept() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        let mut there: Vec<(String, String)> = if let Some(file) = url.file() {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            sqlx::query_as(SQLITE_COLUMNS).fetch_all(&pool).await.unwrap()
        } else {
            let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
            sqlx::query_as(POSTGRES_COLUMNS).fetch_all(&pool).await.unwrap()
        };
        let of = |table: &TableKept| {
            let name = table.name;
            table.columns.iter().map(move |column| (name.to_owned(), column.name.to_owned()))
        };
        let mut listed: Vec<_> = TableKept::all().flat_map(of).collect();
        there.sort();
        listed.sort();
        let only = |some: &[(String, String)], others: &[(String, String)]| {
            some.iter().filter(|one| !others.contains(one)).cloned().collect::<Vec<_>>()
        };
        // A new column needs a line in src/store/retention/kept.rs.
        assert_eq!((only(&there, &listed), only(&listed, &there)), (vec![], vec![]));
        store.close().await;
    });
}

type Row = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

#[test]
fn the_view_shows_events_as_the_contract_names_them() {
    on_each_url(&async |url: &StoreUrl| {
        let store = Store::open(url).await.unwrap();
        let mut events: Vec<Exchange> =
            Reason::ALL.iter().zip(0..).map(|(reason, n)| failed(*reason, event(n, 0))).collect();
        events.push(bare_event(100, 1));
        events.push(Exchange { ending: Ending::Aborted, ..event(101, 2) });
        let mut strange = event(102, 3);
        strange.request_id = RequestId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
        events.push(strange);
        insert(&store, &events).await;
        events.sort_by_key(|event| event.id);
        let expected: Vec<_> = events.iter().map(shown).collect();

        let rows: Vec<Row>;
        let strange: (Option<String>, Option<String>);
        if let Some(file) = url.file() {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            rows = sqlx::query_as(SQL).fetch_all(&pool).await.unwrap();
            strange = sqlx::query_as(STRANGE).fetch_one(&pool).await.unwrap();
            pool.close().await;
            assert_eq!(strange.1.as_deref(), Some("2026-11-24T12:00:03.000000Z"));
        } else {
            let pool = sqlx::PgPool::connect(url.reveal().unwrap()).await.unwrap();
            rows = sqlx::query_as(SQL).fetch_all(&pool).await.unwrap();
            strange = sqlx::query_as(STRANGE).fetch_one(&pool).await.unwrap();
            pool.close().await;
            assert!(strange.1.is_some_and(|ts| ts.starts_with("2026-11-24 12:00:03")));
        }
        assert_eq!(strange.0.as_deref(), Some("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        let rows: Vec<_> =
            rows.into_iter().map(|r| [r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8]).collect();
        assert_eq!(rows, expected);
        store.close().await;
    });
}
