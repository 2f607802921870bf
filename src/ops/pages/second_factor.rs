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
use crate::ops::components::shell::{Frame, Page};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in::mistake;
use crate::ops::words::language::Language;

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
        Some(enrolment) => {
            show(&visit, StatusCode::OK, &scan(&enrolment, name.as_str(), None, visit.language()))
        }
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
        let wrong = visit.language().of(
            "That is not the code of this moment. Look at the app again, and at its clock",
            "Ce n’est pas le code de ce moment. Regardez de nouveau l’application, et son horloge",
        );
        let page = scan(&enrolment, name.as_str(), Some(wrong), visit.language());
        return show(&visit, StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    if !visit.witness(Event::SecondFactorSet, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    match finish(&visit, store, &name, &enrolment, step).await {
        Ok(Some(codes)) => show(&visit, StatusCode::OK, &done(&codes, visit.language())),
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
pub(crate) fn scan(
    enrolment: &Enrolment,
    account: &str,
    wrong: Option<&str>,
    language: Language,
) -> Page {
    let title = language.of("Set up the second factor", "Régler le second facteur");
    let spelled = Zeroizing::new(spelled(&enrolment.secret));
    let fours: Vec<&str> = (0..8).filter_map(|at| spelled.get(at * 4..at * 4 + 4)).collect();
    let described = wrong.map(|_| "factor-mistake");
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label=(language.of("Set up", "Réglage")) {
            ol.steps {
                li { (language.of("Scan this with an authenticator app, or type the secret into it.", "Numérisez ceci avec une application d’authentification, ou tapez-y le secret.")) }
                li { (language.of("Type the six digits that the app shows.", "Tapez les six chiffres que l’application montre.")) }
            }
            (picture(&address(account, &enrolment.secret), language))
            p { (language.of("Secret: ", "Secret : ")) code.pick { (fours.join(" ")) } }
            form.stack action="/me/second-factor/confirm" method="post" {
                input type="hidden" name="sealed" value=(enrolment.sealed);
                @if let Some(wrong) = wrong { (mistake("factor-mistake", wrong, language)) }
                div {
                    label for="code" { (language.of("Code from the app", "Code de l’application")) }
                    input #code name="code" inputmode="numeric" autocomplete="one-time-code" required
                        maxlength="7" aria-invalid=[wrong.map(|_| "true")] aria-describedby=[described];
                }
                div.actions {
                    button.btn.primary type="submit" { (language.of("Turn it on", "L’activer")) }
                    a.btn href="/me" { (language.of("Not now", "Pas maintenant")) }
                }
            }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// The page with the recovery codes.
pub(crate) fn done(codes: &[Zeroizing<String>], language: Language) -> Page {
    let title = language.of("The second factor is on", "Le second facteur est activé");
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-labelledby="h-recovery" {
            h2 #h-recovery { (language.of("Recovery codes", "Codes de secours")) }
            p {
                (language.of("Each of these signs you in once in place of the app’s code. They are shown this once: print them, ", "Chacun vous connecte une fois à la place du code de l’application. Ils ne paraissent que cette fois : imprimez-les, "))
                (language.of("or keep them where the phone is not.", "ou gardez-les là où le téléphone n’est pas."))
            }
            ul.codes { @for code in codes { li { code { (code.as_str()) } } } }
            div.actions { a.btn.primary href="/me" { (language.of("I have kept them", "Je les ai gardés")) } }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// Light modules around the code, as the standard asks.
const QUIET: usize = 4;

/// A QR code, drawn dark on light whatever the page's look: cameras expect that.
fn picture(text: &str, language: Language) -> Markup {
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
        svg.qr role="img" aria-label=(language.of("QR code of the secret that is spelled out below", "Code QR du secret qui est épelé ci-dessous"))
            viewBox={ "0 0 " (size) " " (size) } {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(path.as_str()) fill="#000" {}
        }
    }
}

/// The card on *Your account*.
pub(crate) fn card(recovery_left: Option<u64>, frame: &Frame) -> Markup {
    let (language, is_on) = (frame.language(), recovery_left.is_some());
    let (action, label) = if is_on {
        ("/me/second-factor/remove", language.of("Take it away", "L’enlever"))
    } else {
        ("/me/second-factor", language.of("Set it up", "Le régler"))
    };
    html! {
        section.card.pad.stack.narrow aria-labelledby="h-factor" {
            h2 #h-factor { (language.of("Second factor", "Second facteur")) }
            @match recovery_left {
                Some(left) => p.soft {
                    (language.of("Signing in takes a code from your app. Recovery codes left: ", "Se connecter demande un code de votre application. Codes de secours restants : ")) (left) (language.of(". To get new ones, take ", ". Pour en avoir de nouveaux, enlevez-"))
                    (language.of("it away and set it up again.", "le et réglez-le de nouveau."))
                },
                None => p.soft {
                    (language.of("With it, signing in takes a code from an app on your phone, so that a passphrase alone opens ", "Avec lui, se connecter demande un code d’une application de votre téléphone; une phrase de passe seule n’ouvre donc "))
                    (language.of("nothing.", "rien."))
                },
            }
            form.stack action=(action) method="post" {
                div {
                    label for="factor-current" { (language.of("Current passphrase", "Phrase de passe actuelle")) }
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
        let address = "otpauth://totp/accuscope:zoe?secret=AAAA&issuer=accuscope";
        let drawn = picture(address, Language::English).into_string();
        assert!(drawn.contains("role=\"img\"") && !drawn.contains("style="));
        assert!(drawn.contains("M4 4h1v1h-1z") && !drawn.contains("M3 "), "the corner is dark");
    }
}
