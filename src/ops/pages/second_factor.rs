//! One's own second factor: a picture for the app, a code that proves it, recovery codes shown once.
//!
//! Owns its forms. Each takes the passphrase or a code, so that a session left open somewhere changes
//! nothing. The secret goes with the form, sealed, until a code has proved it: nothing is kept before.

use std::fmt::Write as _;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::own::{judged, own};
use crate::domain::audit::Event;
use crate::domain::second_factor::{address, spelled};
use crate::ops::access::factor::{Enrolment, begin, finish, proves, resume};
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::Page;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in::mistake;

/// What the forms send.
#[derive(Default, Deserialize)]
pub(crate) struct FactorForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    sealed: String,
    #[serde(default)]
    code: String,
}

impl Drop for FactorForm {
    fn drop(&mut self) {
        self.current.zeroize();
        self.sealed.zeroize();
        self.code.zeroize();
    }
}

type Sent = Result<Form<FactorForm>, FormRejection>;

fn read(sent: Sent) -> FactorForm {
    sent.map(|Form(form)| form).unwrap_or_default()
}

fn show(visit: &Visit, status: StatusCode, page: &Page) -> Response {
    let mut frame = visit.frame(Freshness::Unasked);
    "/me".clone_into(&mut frame.address);
    let mut response = visit.show(&frame, page);
    *response.status_mut() = status;
    response
}

/// Shows a new secret, to whoever knows the passphrase.
pub(crate) async fn enrol(visit: Visit, sent: Sent) -> Response {
    let (store, name) = match own(&visit).await {
        Ok(own) => own,
        Err(answer) => return answer,
    };
    if let Err(answer) = judged(&visit, store, &name, &read(sent).current).await {
        return answer;
    }
    match begin(&visit, &name) {
        Some(enrolment) => show(&visit, StatusCode::OK, &scan(&enrolment, name.as_str(), None)),
        None => visit.refuse(Refusal::NotKept),
    }
}

/// Makes it the account's, once a code proves it.
pub(crate) async fn confirm(visit: Visit, sent: Sent) -> Response {
    let (store, name) = match own(&visit).await {
        Ok(own) => own,
        Err(answer) => return answer,
    };
    let form = read(sent);
    let Some(enrolment) = resume(&visit, &name, &form.sealed) else {
        return visit.refuse(Refusal::NotFound);
    };
    let Some(step) = proves(&visit, &enrolment, &form.code) else {
        let wrong = "That is not the code of this moment. Look at the app again, and at its clock";
        let page = scan(&enrolment, name.as_str(), Some(wrong));
        return show(&visit, StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    if !visit.witness(Event::SecondFactorSet, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    match finish(&visit, store, &name, &enrolment, step).await {
        Ok(Some(codes)) => show(&visit, StatusCode::OK, &done(&codes)),
        Ok(None) => visit.refuse(Refusal::NotKept),
        Err(error) => visit.store_failed(&error),
    }
}

/// Takes it away.
pub(crate) async fn remove(visit: Visit, sent: Sent) -> Response {
    let (store, name) = match own(&visit).await {
        Ok(own) => own,
        Err(answer) => return answer,
    };
    if let Err(answer) = judged(&visit, store, &name, &read(sent).current).await {
        return answer;
    }
    if !visit.witness(Event::SecondFactorRemoved, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    match store.remove_second_factor(&name).await {
        Ok(_) => super::own::back(),
        Err(error) => visit.store_failed(&error),
    }
}

/// The page with the picture.
pub(crate) fn scan(enrolment: &Enrolment, account: &str, wrong: Option<&str>) -> Page {
    let title = "Set up the second factor";
    let spelled = Zeroizing::new(spelled(&enrolment.secret));
    let fours: Vec<&str> = (0..8).filter_map(|at| spelled.get(at * 4..at * 4 + 4)).collect();
    let described = wrong.map(|_| "factor-mistake");
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label="Set up" {
            ol.steps {
                li { "Scan this with an authenticator app, or type the secret into it." }
                li { "Type the six digits that the app shows." }
            }
            (picture(&address(account, &enrolment.secret)))
            p { "Secret: " code.pick { (fours.join(" ")) } }
            form.stack action="/me/second-factor/confirm" method="post" {
                input type="hidden" name="sealed" value=(enrolment.sealed);
                @if let Some(wrong) = wrong { (mistake("factor-mistake", wrong)) }
                div {
                    label for="code" { "Code from the app" }
                    input #code name="code" inputmode="numeric" autocomplete="one-time-code" required
                        maxlength="7" aria-invalid=[wrong.map(|_| "true")] aria-describedby=[described];
                }
                div.actions {
                    button.btn.primary type="submit" { "Turn it on" }
                    a.btn href="/me" { "Not now" }
                }
            }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// The page with the recovery codes.
pub(crate) fn done(codes: &[Zeroizing<String>]) -> Page {
    let title = "The second factor is on";
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-labelledby="h-recovery" {
            h2 #h-recovery { "Recovery codes" }
            p {
                "Each of these signs you in once in place of the app’s code. They are shown this once: print them, "
                "or keep them where the phone is not."
            }
            ul.codes { @for code in codes { li { code { (code.as_str()) } } } }
            div.actions { a.btn.primary href="/me" { "I have kept them" } }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// Light modules around the code, as the standard asks.
const QUIET: usize = 4;

/// A QR code, drawn dark on light whatever the page's look: cameras expect that.
fn picture(text: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return html! {} };
    let size = code.width() + 2 * QUIET;
    let mut path = Zeroizing::new(String::new());
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % code.width() + QUIET, at / code.width() + QUIET);
            // A text takes whatever is written into it.
            let _ = write!(*path, "M{x} {y}h1v1h-1z");
        }
    }
    html! {
        svg.qr role="img" aria-label="QR code of the secret that is spelled out below"
            viewBox={ "0 0 " (size) " " (size) } {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path.as_str()) fill="#000" {}
        }
    }
}

/// The card on *Your account*.
pub(crate) fn card(recovery_left: Option<u64>) -> Markup {
    let is_on = recovery_left.is_some();
    let (action, label) = if is_on {
        ("/me/second-factor/remove", "Take it away")
    } else {
        ("/me/second-factor", "Set it up")
    };
    html! {
        section.card.pad.stack.narrow aria-labelledby="h-factor" {
            h2 #h-factor { "Second factor" }
            @match recovery_left {
                Some(left) => p.soft {
                    "Signing in takes a code from your app. Recovery codes left: " (left) ". To get new ones, take "
                    "it away and set it up again."
                },
                None => p.soft {
                    "With it, signing in takes a code from an app on your phone, so that a passphrase alone opens "
                    "nothing."
                },
            }
            form.stack action=(action) method="post" {
                div {
                    label for="factor-current" { "Current passphrase" }
                    input #factor-current name="current" type="password" required
                        autocomplete="current-password" maxlength=(crate::domain::passphrase::LONGEST);
                }
                div.actions { button.btn type="submit" { (label) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_a_quiet_zone_and_needs_no_style_of_its_own() {
        let drawn =
            picture("otpauth://totp/accuscope:zoe?secret=AAAA&issuer=accuscope").into_string();
        assert!(drawn.contains("role=\"img\"") && !drawn.contains("style="));
        assert!(drawn.contains("M4 4h1v1h-1z") && !drawn.contains("M3 "), "the corner is dark");
    }
}
