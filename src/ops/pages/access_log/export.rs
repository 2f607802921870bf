//! The access log as a file for a spreadsheet.
//!
//! Owns the stream. The columns and their closing against formulas are the audit export's own, so a row
//! is the same as `accuscope audit export --format csv` writes. Holds one piece in memory. A store that
//! fails on the way breaks the answer off, so that half a file is not taken for a whole one.

use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::form::{AccessForm, AccessQuery};
use crate::domain::audit::Event;
use crate::domain::audit::Record;
use crate::domain::audit::export::csv;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::pages::refusal::Refusal;
use crate::store::Store;

/// Records of one piece.
const PIECE: u32 = 500;

/// Gives what the form asks for as a file. The export is in the audit before its first byte leaves.
pub(crate) async fn take_out(
    visit: Visit,
    form: Result<Form<AccessForm>, FormRejection>,
) -> Response {
    let store = match visit.enter_office(Permission::AccessLog).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let form = super::of(form);
    let Ok(mut query) =
        form.read(&visit.state.registry, visit.home().time_zone(), visit.language())
    else {
        // The page says which field is wrong.
        return super::show(&visit, form).await;
    };
    if !visit.witness(Event::AuditExported, None, query.filter.clinic.clone()).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"access-log.csv\""),
    ];
    query.after = None;
    (StatusCode::OK, headers, rows(store.clone(), query)).into_response()
}

/// How far the file is written.
enum At {
    Start,
    Rows,
    End,
}

fn rows(store: Store, query: AccessQuery) -> Body {
    let pieces =
        stream::try_unfold((store, query, At::Start), |(store, mut query, at)| async move {
            match at {
                At::End => Ok(None),
                At::Start => {
                    let head = csv::COLUMNS.map(str::to_owned);
                    Ok::<_, std::io::Error>(Some((written([head])?, (store, query, At::Rows))))
                }
                At::Rows => {
                    let page = store.access_page(&query.filter, query.after.as_ref(), PIECE).await;
                    let page = page.map_err(std::io::Error::other)?;
                    let piece = written(page.items.iter().map(cells))?;
                    let at = if page.next.is_some() { At::Rows } else { At::End };
                    query.after = page.next;
                    Ok(Some((piece, (store, query, at))))
                }
            }
        });
    Body::from_stream(pieces)
}

fn cells(record: &Record) -> [String; 26] {
    csv::cells(record)
}

fn written(rows: impl IntoIterator<Item = [String; 26]>) -> std::io::Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(std::io::Error::other)?;
    }
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}
