//! One's own account: a new passphrase, and the end of every session.
//!
//! Owns the page and its two forms. A new passphrase takes the old one, so that a session left open
//! somewhere is not enough.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroize;

use crate::domain::audit::Event;
use crate::domain::names::AccountId;
use crate::domain::passphrase::{LONGEST, check, prepare};
use crate::ops::access::policy::{Permission, may, word_in};
use crate::ops::access::session::{own_digest, signed_out};
use crate::ops::access::sign_in::{Factor, Judged, judge, wait_header};
use crate::ops::access::tries::Lane;
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::second_factor;
use crate::ops::pages::sign_in::{busy, mistake, new_passphrase, too_many};
use crate::ops::words::language::Language;
use crate::ops::words::passphrase::not_taken;
use crate::store::{SecretDigest, Store, StoreError};

/// What the form about the passphrase says back.
enum Said {
    Nothing,
    Mistake(String),
    Changed,
}

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    match visit.admit(Permission::Health).await {
        Ok(()) => show(&visit, StatusCode::OK, &Said::Nothing).await,
        Err(answer) => answer,
    }
}

async fn show(visit: &Visit, status: StatusCode, said: &Said) -> Response {
    let recovery_left = match factor(visit).await {
        Ok(left) => left,
        Err(error) => return visit.store_failed(&error),
    };
    let mut frame = visit.frame(Freshness::Unasked);
    "/me".clone_into(&mut frame.address);
    let mut response = visit.show(&frame, &view(said, recovery_left, &frame));
    *response.status_mut() = status;
    response
}

/// The recovery codes that are left; `None` without a second factor.
async fn factor(visit: &Visit) -> Result<Option<u64>, StoreError> {
    let person = visit.person.as_ref().filter(|person| person.has_account);
    let name = person.and_then(|person| AccountId::parse(person.name.as_deref()?).ok());
    let (Some(name), Some(store)) = (name, visit.office()) else { return Ok(None) };
    match store.second_factor(&name).await? {
        Some(_) => Ok(Some(store.recovery_codes_left(&name).await?)),
        None => Ok(None),
    }
}

/// The reader's account and the store, for somebody who has one.
pub(super) async fn own(visit: &Visit) -> Result<(&Store, AccountId), Response> {
    let store = visit.enter_office(Permission::Health).await?;
    let person = visit.person.as_ref().filter(|person| person.has_account);
    let name = person.and_then(|person| AccountId::parse(person.name.as_deref()?).ok());
    name.map(|name| (store, name)).ok_or_else(|| visit.refuse(Refusal::NotFound))
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct ChangeForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    passphrase: String,
    #[serde(default)]
    again: String,
}

impl Drop for ChangeForm {
    fn drop(&mut self) {
        self.current.zeroize();
        self.passphrase.zeroize();
        self.again.zeroize();
    }
}

/// Changes the passphrase.
pub(crate) async fn change(
    visit: Visit,
    headers: HeaderMap,
    form: Result<Form<ChangeForm>, FormRejection>,
) -> Response {
    let (store, name) = match own(&visit).await {
        Ok(own) => own,
        Err(answer) => return answer,
    };
    let no = async |mistake: &str| {
        show(&visit, StatusCode::UNPROCESSABLE_ENTITY, &Said::Mistake(mistake.to_owned())).await
    };
    let language = visit.language();
    let Ok(Form(form)) = form else {
        return no(language.of("Fill in all fields", "Remplissez tous les champs")).await;
    };
    let passphrase = prepare(&form.passphrase);
    if let Err(mistake) = check(&passphrase, name.as_str()) {
        return no(not_taken(mistake, language)).await;
    }
    if passphrase != prepare(&form.again) {
        return no(language.of(
            "The two new ones are not the same. Type them again",
            "Les deux nouvelles ne sont pas pareilles. Tapez-les de nouveau",
        ))
        .await;
    }
    if let Err(answer) = judged(&visit, store, &name, &form.current).await {
        return answer;
    }
    let Ok(hash) = visit.state.hasher.hash(passphrase).await else {
        return no(busy(language)).await;
    };
    if !visit.witness(Event::PassphraseSet, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    match store.set_passphrase(&name, &hash, own_digest(&headers)).await {
        Ok(_) => show(&visit, StatusCode::OK, &Said::Changed).await,
        Err(error) => visit.store_failed(&error),
    }
}

/// Lets on whoever knows the current passphrase.
///
/// # Errors
///
/// The answer to give instead.
pub(super) async fn judged(
    visit: &Visit,
    store: &Store,
    name: &AccountId,
    current: &str,
) -> Result<(), Response> {
    let no =
        async |status, words: &str| show(visit, status, &Said::Mistake(words.to_owned())).await;
    // Counted apart from signing in, so that nobody who found a session open shuts the person out.
    let lane = Lane::Known(SecretDigest::of(format!("own {name}").as_bytes()));
    match judge(visit, store, lane, Some(name), current, Factor::NotAsked).await {
        Judged::Fits(_) => {
            visit.state.tries.succeeded(lane);
            Ok(())
        }
        Judged::Wrong => {
            let words = visit.language().of(
                "The current passphrase is another one",
                "La phrase de passe actuelle est une autre",
            );
            Err(no(StatusCode::UNPROCESSABLE_ENTITY, words).await)
        }
        Judged::Wait(time) => {
            let mut response =
                no(StatusCode::TOO_MANY_REQUESTS, &too_many(time, visit.language())).await;
            wait_header(&mut response, time);
            Err(response)
        }
        Judged::Busy => Err(no(StatusCode::UNPROCESSABLE_ENTITY, busy(visit.language())).await),
        Judged::Store(error) => Err(visit.store_failed(&error)),
    }
}

/// Leads back to the page.
pub(super) fn back() -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, "/me")]).into_response()
}

/// Ends every session of the reader, and the links to the adoption page that the reader has made.
pub(crate) async fn sign_out(visit: Visit) -> Response {
    let (store, name) = match own(&visit).await {
        Ok(own) => own,
        Err(answer) => return answer,
    };
    if !visit.witness(Event::SignedOutEverywhere, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    match store.sign_out_everywhere(&name, visit.now).await {
        Ok(_) => signed_out(),
        Err(error) => visit.store_failed(&error),
    }
}

fn view(said: &Said, recovery_left: Option<u64>, frame: &Frame) -> Page {
    let reader = frame.reader.as_ref();
    let has_account = reader.is_some_and(|reader| reader.has_account);
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("Your account", "Votre compte")) }
                @if let Some(reader) = reader {
                    p.soft.small {
                        @if let Some(name) = &reader.name { (name) ", " }
                        (word_in(reader.role, frame.language())) (frame.t(". You may: ", ". Vous pouvez : ")) (rights(frame)) "."
                    }
                }
            }
        }
        @if has_account {
            section.card.pad.stack.narrow aria-labelledby="h-passphrase" {
                h2 #h-passphrase { (frame.t("Passphrase", "Phrase de passe")) }
                (passphrase(said, frame))
            }
            (second_factor::card(recovery_left, frame))
            section.card.pad.stack.narrow aria-labelledby="h-sessions" {
                h2 #h-sessions { (frame.t("Sessions", "Sessions")) }
                p.soft {
                    (frame.t("A session ends 12 hours after its last use, and 30 hours after it began. ", "Une session finit 12 heures après son dernier usage, et 30 heures après son début. "))
                    (frame.t("Ending all of them signs you out here, too.", "Les finir toutes vous déconnecte ici aussi."))
                    @if reader.is_some_and(|reader| reader.role.may_share()) {
                        " " (frame.t("The links to the adoption page that you have made end with them.", "Les liens vers la page d’adoption que vous avez faits prennent fin avec elles."))
                    }
                }
                form action="/me/sign-out" method="post" {
                    div.actions { button.btn type="submit" { (frame.t("Sign out everywhere", "Se déconnecter partout")) } }
                }
            }
        }
        (language(frame))
        @if !has_account {
            section.card.pad.stack.narrow aria-label=(frame.t("No account", "Sans compte")) {
                p.soft {
                    (frame.t("You came in without an account: by a link, by an API token, or because sign-in is off. ", "Vous êtes entré sans compte : par un lien, par un jeton d’API, ou parce que la connexion est désactivée. "))
                    (frame.t("There is no passphrase to change.", "Il n’y a pas de phrase de passe à changer."))
                }
            }
        }
    };
    Page {
        room: None,
        title: frame.t("Your account", "Votre compte").to_owned(),
        live: false,
        body,
    }
}

/// The language, for whoever looks for it here: said in both.
fn language(frame: &Frame) -> Markup {
    html! {
        section.card.pad.stack.narrow aria-labelledby="h-language" {
            h2 #h-language lang=(frame.preferences.language.tag()) { (frame.t("Language", "Langue")) }
            p.soft lang=(frame.preferences.language.tag()) {
                (frame.t(
                    "Kept in this browser. Until you choose, it is the one that your browser asks for.",
                    "Gardée dans ce navigateur. Tant que vous n’avez pas choisi, c’est celle que votre navigateur demande.",
                ))
            }
            form action="/preferences" method="post" {
                input type="hidden" name="back" value="/me";
                div.actions {
                    @for language in Language::ALL {
                        button.btn type="submit" name="lang" value=(language.as_str()) lang=(language.tag())
                            aria-pressed=(frame.preferences.language == language) { (language.word()) }
                    }
                }
            }
        }
    }
}

fn passphrase(said: &Said, frame: &Frame) -> Markup {
    let wrong = matches!(said, Said::Mistake(_)).then_some("own-mistake");
    html! {
        @match said {
            Said::Nothing => {}
            Said::Mistake(words) => {
                (mistake("own-mistake", words, frame.language()))
            }
            Said::Changed => p role="status" {
                (frame.t("Your passphrase is changed. Every other session of yours has ended.", "Votre phrase de passe est changée. Toute autre session à vous a pris fin."))
            },
        }
        form.stack action="/me/passphrase" method="post" {
            div {
                label for="current" { (frame.t("Current passphrase", "Phrase de passe actuelle")) }
                input #current name="current" type="password" autocomplete="current-password" required
                    maxlength=(LONGEST) aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong];
            }
            (new_passphrase(wrong, frame.language()))
            div.actions { button.btn.primary type="submit" { (frame.t("Change it", "La changer")) } }
        }
    }
}

fn rights(frame: &Frame) -> String {
    let role = frame.reader.as_ref().map(|reader| reader.role);
    let granted =
        Permission::ALL.into_iter().filter(|one| role.is_some_and(|role| may(role, *one)));
    granted.map(|one| one.what(frame.language()).to_lowercase()).collect::<Vec<_>>().join("; ")
}
