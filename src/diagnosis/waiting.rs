//! Whether what somebody waits for works.
//!
//! Owns the look and its note. Who is told, and when it is looked, is up to the site and to whoever posts.

use super::Picture;
use crate::domain::time::Timestamp;
use crate::store::{ExchangeFilter, Scoped, StoreError, Watch};

/// Looks for a call that worked since the watch began, of those that the diagnosis was about, and notes
/// it for all who wait for the same.
///
/// # Errors
///
/// [`StoreError`].
pub async fn works_again(store: &Scoped, watch: &Watch) -> Result<Option<Timestamp>, StoreError> {
    let Some(kept) = store.diagnosis(&watch.diagnosis).await? else { return Ok(None) };
    let picture = serde_json::from_str::<Picture>(&kept.picture).ok();
    let Some(filter) = picture.and_then(|picture| picture.waits_for()) else { return Ok(None) };
    let filter = ExchangeFilter { from: Some(watch.since), ..filter };
    let Some(call) = store.last_success(&filter).await? else { return Ok(None) };
    store.fulfil_watch(&watch.diagnosis, call.ts).await?;
    Ok(Some(call.ts))
}
