//! Links that show this page to somebody without an account: made, listed and ended here.
//!
//! Owns the form, the list, and their order: look, keep in the audit, change. A link's secret stands on the
//! page that made it and nowhere else.

use std::time::Duration;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Asked, asked, show};
use crate::domain::adoption::Week;
use crate::domain::audit::Event;
use crate::domain::share::{MOST_LINKS, Share, USUAL_DAYS, days};
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::session::draw;
use crate::ops::access::share::{Maker, maker};
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::{card, copyable, notice};
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::pages::people::address;
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::LookedUp;
use crate::store::{NewShare, Scoped, SecretDigest, StoreError};

const DAY: Duration = Duration::from_hours(24);

/// What the card shows.
#[derive(Default)]
pub(crate) struct Sharing {
    /// Links that work.
    pub(crate) shares: Vec<Share>,
    /// Whether they are everybody's.
    pub(crate) of_everybody: bool,
    /// The most days of a new one; `None` where none can be made.
    pub(crate) most_days: Option<u32>,
    /// What was just done, or why not.
    pub(crate) said: Option<Result<Done, [&'static str; 2]>>,
}

/// What was done.
pub(crate) enum Done {
    /// A link was made: its whole address, and until when it works.
    Made(String, Timestamp),
    /// A link was ended.
    Ended,
}

/// What the card shows to the reader; `None` if it is none of theirs.
pub(super) async fn load(
    visit: &Visit,
    headers: &HeaderMap,
    store: &Scoped,
) -> Result<Option<Sharing>, StoreError> {
    let may = visit.person.as_ref().is_some_and(|person| person.may(Permission::Share));
    if !may {
        return Ok(None);
    }
    let maker = maker(visit, headers).await?;
    let shares = visible(visit, store, maker.as_ref()).await?;
    let most_days = maker.as_ref().map(Maker::most_days);
    Ok(Some(Sharing { shares, of_everybody: of_everybody(visit), most_days, said: None }))
}

/// An admin sees, and ends, everybody's.
fn of_everybody(visit: &Visit) -> bool {
    visit.person.as_ref().is_some_and(|person| person.may(Permission::People))
}

async fn visible(
    visit: &Visit,
    store: &Scoped,
    maker: Option<&Maker>,
) -> Result<Vec<Share>, StoreError> {
    match maker {
        _ if of_everybody(visit) => store.shares(None, visit.now).await,
        Some(maker) => store.shares(Some((&maker.account, maker.of_account)), visit.now).await,
        None => Ok(Vec::new()),
    }
}

/// What to do.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Make,
    Revoke,
}

/// The forms.
#[derive(Deserialize)]
pub(crate) struct ShareForm {
    act: Act,
    /// The week of the page that sent it.
    #[serde(default)]
    page: String,
    /// The week to show; empty: the last one that is over.
    #[serde(default)]
    week: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    number: u32,
}

/// Why nothing was done, in English and French.
type Words = [&'static str; 2];

/// Why nothing was done.
enum Problem {
    Typed(Words),
    Conflict(Words),
    NotKept,
    Store(StoreError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

const DAYS: Words = [
    "A link lives a whole number of days, within the bounds beside the field",
    "Un lien vit un nombre entier de jours, dans les bornes à côté du champ",
];
const WEEK: Words = ["Choose one of the weeks", "Choisissez une des semaines"];
const GONE: Words = ["That link has ended already", "Ce lien a déjà pris fin"];
const FASTER: Words = [
    "Somebody else has made a link at the same moment. Try again",
    "Quelqu’un d’autre a fait un lien au même moment. Réessayez",
];
const FULL: Words = [
    "You have 20 links that work. End one of them first",
    "Vous avez 20 liens qui fonctionnent. Mettez d’abord fin à l’un d’eux",
];
const NOBODY: Words = [
    "Nobody signs in on this machine, so a link could not end with its maker",
    "Personne ne se connecte sur cette machine; un lien ne pourrait donc finir avec son auteur",
];
const NO_RANDOM: Words =
    ["The system gives no random numbers", "Le système ne donne aucun nombre aléatoire"];

/// Does what a form says, and shows the page with what came of it.
pub(crate) async fn change(
    visit: Visit,
    headers: HeaderMap,
    form: Result<Form<ShareForm>, FormRejection>,
) -> Response {
    let store = match visit.enter(Permission::Share).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let outcome = match form.act {
        Act::Make => make(&visit, &headers, store, &form).await,
        Act::Revoke => end(&visit, &headers, store, form.number).await,
    };
    let (status, said) = match outcome {
        Ok(done) => (StatusCode::OK, Ok(done)),
        Err(Problem::Typed(words)) => (StatusCode::UNPROCESSABLE_ENTITY, Err(words)),
        Err(Problem::Conflict(words)) => (StatusCode::CONFLICT, Err(words)),
        Err(Problem::NotKept) => return visit.refuse(Refusal::NotKept),
        Err(Problem::Store(error)) => return visit.store_failed(&error),
    };
    let page = asked(&visit, Some(format!("week={}", form.page)));
    show(&visit, &headers, store, page, status, Some(said)).await
}

async fn make(
    visit: &Visit,
    headers: &HeaderMap,
    store: &Scoped,
    form: &ShareForm,
) -> Result<Done, Problem> {
    let maker = maker(visit, headers).await?.ok_or(Problem::Conflict(NOBODY))?;
    let days = days(&form.days, maker.most_days()).ok_or(Problem::Typed(DAYS))?;
    let week = match form.week.as_str() {
        "" => None,
        text => Some(Week::parse(text).map_err(|_| Problem::Typed(WEEK))?),
    };
    let own = store.shares(Some((&maker.account, maker.of_account)), visit.now).await?;
    if own.len() >= MOST_LINKS {
        return Err(Problem::Conflict(FULL));
    }
    let secret = draw().map_err(|_| Problem::Conflict(NO_RANDOM))?;
    let number = store.next_share_number().await?;
    let expires = visit.now.plus(DAY * days);
    keep(visit, Event::ShareMade, number).await?;
    let new = NewShare {
        number,
        digest: SecretDigest::of(secret.as_bytes()),
        account: &maker.account,
        of_account: maker.of_account,
        token: maker.token,
        clinics: store.scope(),
        week,
        created: visit.now,
        expires,
    };
    if !store.make_share(&new).await? {
        keep(visit, Event::NotDone, number).await?;
        return Err(Problem::Conflict(FASTER));
    }
    Ok(Done::Made(address(headers, &format!("/shared/{}", *secret)), expires))
}

async fn end(
    visit: &Visit,
    headers: &HeaderMap,
    store: &Scoped,
    number: u32,
) -> Result<Done, Problem> {
    let maker = maker(visit, headers).await?;
    let visible = visible(visit, store, maker.as_ref()).await?;
    if !visible.iter().any(|share| share.number == number) {
        return Err(Problem::Conflict(GONE));
    }
    keep(visit, Event::ShareRevoked, number).await?;
    if !store.end_share(number, visit.now).await? {
        keep(visit, Event::NotDone, number).await?;
        return Err(Problem::Conflict(GONE));
    }
    Ok(Done::Ended)
}

async fn keep(visit: &Visit, deed: Event, number: u32) -> Result<(), Problem> {
    let about = LookedUp { entry: Some(number), ..LookedUp::default() };
    let kept = visit.witness_of(deed, None, None, about).await;
    if kept { Ok(()) } else { Err(Problem::NotKept) }
}

/// The card at the end of the page.
pub(super) fn sharing_card(sharing: &Sharing, asked: Asked, frame: &Frame) -> Markup {
    let body = html! {
        div.pad.stack {
            (said(sharing, frame))
            p.small.soft {
                (frame.t("Whoever has the link reads this page without an account: counts only, no call, no way into ", "Quiconque a le lien lit cette page sans compte : des chiffres seulement, aucun appel, aucun accès au "))
                (frame.t("the site. It ends with its time, when somebody ends it here, when its maker signs out everywhere, and when its maker may no longer ", "site. Il finit avec son temps, quand quelqu’un y met fin ici, quand son auteur se déconnecte partout, et quand son auteur n’a plus le droit de "))
                (frame.t("share. Each opening is in the audit, once an hour.", "partager. Chaque ouverture est dans l’audit, une fois par heure."))
            }
            @match sharing.most_days {
                Some(most) => (make_form(most, asked, frame)),
                None => p.small.muted { (frame.t(NOBODY[0], NOBODY[1])) "." },
            }
        }
        @if !sharing.shares.is_empty() { (list(sharing, asked, frame)) }
    };
    html! { div.noprint id="share" { (card("h-share", frame.t("Show it to somebody without an account", "La montrer à quelqu’un sans compte"), None, &body)) } }
}

/// What was just done. The forms lead to this card, so it is said here.
fn said(sharing: &Sharing, frame: &Frame) -> Markup {
    html! {
        @match &sharing.said {
            Some(Ok(Done::Made(address, expires))) => {
                (notice("works", "info", Some("status"), &html! {
                    strong { (frame.t("The link is made. It stands here once: ", "Le lien est fait. Il ne paraît ici qu’une fois : ")) }
                    (copyable(address, frame.t("the link", "le lien"), frame))
                    (frame.t(" It works until ", " Il fonctionne jusqu’à ")) (frame.when(*expires)) "."
                }))
            }
            Some(Ok(Done::Ended)) => {
                (notice("works", "info", Some("status"), &html! { strong { (frame.t("The link shows nothing any more.", "Le lien ne montre plus rien.")) } }))
            }
            Some(Err([english, french])) => {
                (notice("stale", "warn", Some("alert"), &html! { strong { (frame.t("Nothing was changed. ", "Rien n’a été changé. ")) } (frame.t(english, french)) "." }))
            }
            None => {}
        }
    }
}

fn make_form(most: u32, asked: Asked, frame: &Frame) -> Markup {
    html! {
        form.stack action="/adoption#share" method="post" {
            input type="hidden" name="page" value=(asked.week);
            div.fields {
                div {
                    label for="share-week" { (frame.t("Which week", "Quelle semaine")) }
                    select #share-week name="week" {
                        option value="" { (frame.t("The last one that is over, always", "Toujours la dernière qui est finie")) }
                        option value=(asked.week) { (frame.t("Week ", "Semaine ")) (asked.week.number()) (frame.t(", this page", ", cette page")) }
                    }
                }
                div {
                    label for="share-days" { (frame.t("For how many days, 1 to ", "Pour combien de jours, 1 à ")) (most) }
                    input #share-days name="days" type="number" min="1" max=(most) inputmode="numeric"
                        value=(USUAL_DAYS.min(most)) required;
                }
            }
            div.actions { button.btn type="submit" name="act" value="make" { (frame.t("Make a link", "Faire un lien")) } }
        }
    }
}

fn list(sharing: &Sharing, asked: Asked, frame: &Frame) -> Markup {
    let row = |share: &Share| {
        let cells = vec![
            html! {
                (frame.t("No. ", "No ")) (share.number)
                @if sharing.of_everybody { small { (share.account) } }
            },
            html! {
                @match share.week { Some(week) => { (frame.t("Week ", "Semaine ")) (week.number()) }, None => { (frame.t("The last one", "La dernière")) } }
            },
            html! { (frame.when(share.expires)) },
            share.opened.map_or_else(|| dash(frame), |at| frame.when(at)),
            html! {
                form action="/adoption#share" method="post" {
                    input type="hidden" name="page" value=(asked.week);
                    input type="hidden" name="number" value=(share.number);
                    button.btn type="submit" name="act" value="revoke" { (frame.t("End", "Finir")) span.vh { (frame.t(" link no. ", " le lien no ")) (share.number) } }
                }
            },
        ];
        Row { selected: false, cells }
    };
    table(&Table {
        caption: frame
            .t(
                "Links that work, the newest first",
                "Liens qui fonctionnent, le plus récent d’abord",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("Link", "Lien"), "", ""),
            col(frame.t("Shows", "Montre"), frame.t("Shows", "Montre"), ""),
            col(
                frame.t("Works until", "Valide jusqu’à"),
                frame.t("Works until", "Valide jusqu’à"),
                "",
            ),
            col(frame.t("Last opened", "Ouvert le"), frame.t("Last opened", "Ouvert le"), ""),
            col("", "", ""),
        ],
        rows: sharing.shares.iter().map(row).collect(),
    })
}
