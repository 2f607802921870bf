//! The ops site: pages for people, and the JSON API for programs.
//!
//! Owns pages, the API, sessions and markup. Reads the store only: it never calls Accuro and knows nothing of
//! the call path. Everything works without script.
//!
//! | file | what |
//! | --- | --- |
//! | [`state`] | what the site is given at start |
//! | [`access`] | who is reading, sessions, forms of other sites |
//! | [`reading`] | a moment's figures, and how they are read |
//! | [`report`] | a week's: the adoption report |
//! | [`mod@letter`] | the same as a letter, once a week |
//! | [`pages`] | the rooms |
//! | [`api`] | the same for programs |
//! | [`alertmanager`] | silences |
//! | [`watches`] | who wants to know when something works |
//! | [`components`], [`words`], [`assets`] | how things look and are said |
//! | [`preferences`], [`freshness`], [`live`] | clock and theme, how old a page is, changes |

mod access;
mod alertmanager;
mod api;
mod assets;
mod components;
mod freshness;
mod letter;
mod live;
mod pages;
mod preferences;
mod reading;
mod report;
pub mod state;
mod watches;
pub(crate) mod words;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::limit::RequestBodyLimitLayer;

pub use access::oidc::{Oidc, OidcSecretError};
pub use access::policy::{Permission, may, may_within};
use access::{guard, link, oidc, session, sign_in};
pub use alertmanager::{Alertmanager, AlertmanagerSecretError};
pub(crate) use api::sheet_of as adoption_sheet;
pub use letter::{Letter, Origin, letter};
use pages::{
    access_log, adoption, call, calls, clinic, clinics, diagnosis, find, incidents, kept, now, own,
    people, refusal, roles, runbooks, second_factor, settings, writes,
};
pub use reading::slow::earlier_weeks;
pub(crate) use report::seen::Seen as AdoptionSeen;
pub use state::{Applied, Auth, Desk, LookedUp, NoWitness, OpsState, Unkept, Witness, Witnessed};

/// The longest form: nothing on the site sends more than a few words.
const MAX_FORM: usize = 8 * 1024;

/// The site's routes.
pub fn router(state: OpsState) -> Router {
    // A stream would be held back by compression until enough has come together.
    let worth = SizeAbove::new(512).and(NotForContentType::const_new("text/event-stream"));
    let api = api::router(state.clone());
    Router::new()
        .route("/", get(now::page))
        .route("/clinics", get(clinics::page))
        .route("/clinics/{id}", get(clinic::page))
        .route("/adoption", get(adoption::page).post(adoption::sharing::change))
        .route("/shared/{token}", get(adoption::shared::page))
        .route("/adoption.csv", get(adoption::file))
        .route("/adoption/{id}", get(adoption::page_of))
        .route("/calls", get(calls::page).post(calls::filtered))
        .route("/calls/{id}", get(call::page))
        .route("/settings", get(settings::overview::page_of))
        .route("/settings/clinics", get(settings::clinics::page).post(settings::clinics::change))
        .route("/settings/clinics/new", get(settings::clinics::new))
        .route("/settings/clinics/{id}", get(settings::clinics::page_of))
        .route("/settings/apps", get(settings::apps::page).post(settings::apps::change))
        .route("/settings/apps/new", get(settings::apps::new))
        .route("/settings/apps/{id}", get(settings::apps::page_of))
        .route("/settings/keys", post(settings::keys::change))
        .route("/settings/retention", get(settings::retention::page_of))
        .route("/settings/catalogue", get(settings::catalogue::page_of))
        .route("/settings/environment", get(settings::environment::page_of))
        .route("/settings/health", get(settings::health::page_of))
        .route("/incidents", get(incidents::page))
        .route("/incidents/by-alert", get(incidents::by_alert))
        .route("/incidents/{number}", get(incidents::page_of))
        .route("/incidents/{number}/take", post(incidents::take))
        .route("/incidents/{number}/note", post(incidents::note))
        .route("/incidents/{number}/silence", post(incidents::silence))
        .route("/incidents/{number}/silence/end", post(incidents::end_silence))
        .route("/incidents/{number}/summary", post(incidents::summary))
        .route("/runbooks", get(runbooks::page))
        .route("/runbooks/metrics", get(runbooks::metrics::page).post(runbooks::metrics::search))
        .route("/runbooks/{alert}", get(runbooks::page_of))
        .route("/kept", get(kept::page))
        .route("/writes", get(writes::page).post(writes::switch))
        .route("/access-log", get(access_log::page).post(access_log::filtered))
        .route("/access-log/export", post(access_log::export::take_out))
        .route("/roles", get(roles::page))
        .route("/find", post(find::find).get(find::form))
        .route("/d/{id}", get(diagnosis::page))
        .route("/d/{id}/again", post(diagnosis::again))
        .route("/d/{id}/feedback", post(diagnosis::feedback))
        .route("/d/{id}/watch", post(diagnosis::watch))
        .route("/code/{support_code}", get(find::by_code))
        .route("/people", get(people::page).post(people::change))
        .route("/me", get(own::page))
        .route("/me/passphrase", post(own::change))
        .route("/me/sign-out", post(own::sign_out))
        .route("/me/second-factor", post(second_factor::enrol))
        .route("/me/second-factor/confirm", post(second_factor::confirm))
        .route("/me/second-factor/remove", post(second_factor::remove))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-in/with-provider", get(oidc::leave))
        .route("/sign-in/back", get(oidc::back))
        .route("/sign-in/{code}", get(link::page).post(link::submit))
        .route("/sign-out", post(session::sign_out))
        .route("/preferences", post(preferences::set))
        .route("/live", get(live::stream))
        .route("/static/{name}", get(assets::serve))
        .fallback(refusal::not_found)
        .layer(RequestBodyLimitLayer::new(MAX_FORM))
        .layer(from_fn_with_state(state.clone(), guard::own_forms))
        .layer(from_fn(guard::plain_address))
        .layer(CompressionLayer::new().compress_when(worth))
        .layer(from_fn(guard::headers))
        .with_state(state.clone())
        .route("/api/v1/", any(api::root))
        .nest("/api/v1", api)
        .layer(from_fn_with_state(state, guard::own_name))
}
