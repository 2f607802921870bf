//! Pages that say no: not found, not allowed, a mistake, the store not answering.
//!
//! Owns their words. Each says what is unaffected and what to do next; none repeats what was asked.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use crate::ops::access::policy::{Permission, word_in};
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::{Frame, Page};

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The address names nothing.
    NotFound,
    /// The role may not.
    NotAllowed(Permission),
    /// The role may, but the reader sees some clinics only, and this concerns all.
    OfAllClinics,
    /// A form came from another site.
    OtherSite,
    /// A form came from this site, in another session.
    OtherSession,
    /// A sign-in link was used, or has expired.
    LinkSpent,
    /// A link to the adoption page that was never made, has expired or was ended: it is not told which.
    NoSuchShare,
    /// The store did not answer.
    StoreFailed,
    /// The audit could not keep it.
    NotKept,
    /// The form was not one of ours.
    NotUnderstood,
    /// A call that was kept has been forgotten, or never was.
    NoSuchCall,
    /// A diagnosis that was kept has been forgotten, or never was.
    NoSuchDiagnosis,
}

impl Refusal {
    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSuchCall | Self::NoSuchDiagnosis | Self::NoSuchShare => {
                StatusCode::NOT_FOUND
            }
            Self::NotAllowed(_) | Self::OfAllClinics | Self::OtherSite | Self::OtherSession => {
                StatusCode::FORBIDDEN
            }
            Self::LinkSpent => StatusCode::GONE,
            Self::NotUnderstood => StatusCode::UNPROCESSABLE_ENTITY,
            Self::StoreFailed | Self::NotKept => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The page that says no.
pub(crate) fn view(refusal: Refusal, frame: &Frame) -> Page {
    let (title, body) = match refusal {
        Refusal::NotFound => (
            frame.t("There is nothing here", "Il n’y a rien ici"),
            html! {
                p.soft { (frame.t("The address may be mistyped, or what it named is gone.", "L’adresse est peut-être mal tapée, ou ce qu’elle nommait n’est plus là.")) }
                div.actions { a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) } }
            },
        ),
        Refusal::NoSuchCall => (
            frame.t("We have no such call", "Nous n’avons pas cet appel"),
            html! {
                p.soft {
                    (frame.t("It may be older than we keep calls, or it never reached us. ", "Il est peut-être plus ancien que ce que nous gardons, ou il ne nous a jamais atteints. "))
                    (frame.t("A support code stands on the error message of the app.", "Un code de soutien figure sur le message d’erreur de l’application."))
                }
            },
        ),
        Refusal::NoSuchDiagnosis => (
            frame.t("We have no such diagnosis", "Nous n’avons pas ce diagnostic"),
            html! {
                p.soft {
                    (frame.t("It may be older than we keep diagnoses: they hold references to people, so they go ", "Il est peut-être plus ancien que ce que nous gardons : les diagnostics tiennent des références à des personnes et partent donc "))
                    (frame.t("with them. Ask again with the code or the time.", "avec elles. Demandez de nouveau avec le code ou l’heure."))
                }
                div.actions { a.btn.primary href="/find" { (frame.t("Ask again", "Demander de nouveau")) } }
            },
        ),
        Refusal::NotAllowed(permission) => not_allowed(permission, frame),
        Refusal::OfAllClinics => (
            frame.t(
                "This is for people who see every clinic",
                "Ceci est pour qui voit toutes les cliniques",
            ),
            html! {
                p.soft {
                    (frame.t("You see some clinics, and this concerns all of them at once. Ask an admin if you need ", "Vous voyez certaines cliniques, et ceci les concerne toutes à la fois. Demandez à l’administration s’il vous "))
                    (frame.t("it. This try was recorded.", "le faut. Cet essai a été consigné."))
                }
                div.actions { a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) } }
            },
        ),
        Refusal::OtherSite | Refusal::OtherSession | Refusal::NotUnderstood => {
            of_form(refusal, frame)
        }
        Refusal::LinkSpent => (
            frame.t("This sign-in link no longer works", "Ce lien de connexion ne fonctionne plus"),
            html! {
                p.soft {
                    (frame.t("A link works once, for a short time. Ask whoever sent it for a new one.", "Un lien sert une fois, pendant peu de temps. Demandez-en un nouveau à qui l’a envoyé."))
                }
                p { a.btn href="/sign-in" { (frame.t("Sign in another way", "Se connecter autrement")) } }
            },
        ),
        Refusal::NoSuchShare => (
            frame.t("This link shows nothing", "Ce lien ne montre rien"),
            html! {
                p.soft {
                    (frame.t("It may be mistyped, or its time is over. Ask whoever sent it for a new one.", "Il est peut-être mal tapé, ou son temps est passé. Demandez-en un nouveau à qui l’a envoyé."))
                }
            },
        ),
        Refusal::NotKept => (
            frame.t("Nothing was changed", "Rien n’a été changé"),
            html! {
                p.soft {
                    (frame.t("The audit cannot be kept right now, and nothing is changed here without a record. ", "L’audit ne peut être tenu en ce moment, et rien ne change ici sans trace. "))
                    (frame.t("While that lasts, every write to Accuro is refused anyway; looking things up works.", "Tant que cela dure, toute écriture vers Accuro est refusée de toute façon; consulter fonctionne."))
                }
                div.actions { a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) } }
            },
        ),
        Refusal::StoreFailed => (
            frame.t("Sorry, this page didn’t load", "Désolé, cette page n’a pu s’afficher"),
            html! {
                p.soft {
                    (frame.t("The store did not answer. Calls to Accuro are not affected and are still ", "La base n’a pas répondu. Les appels vers Accuro ne sont pas touchés et sont toujours "))
                    (frame.t("recorded. Try again in a minute.", "enregistrés. Réessayez dans une minute."))
                }
                div.actions {
                    a.btn.primary href=(frame.address) { (frame.t("Try again", "Réessayer")) }
                    a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) }
                }
            },
        ),
    };
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label=(frame.t("What happened", "Ce qui s’est passé")) { (body) }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// What is wrong with a form; nothing was changed by it.
fn of_form(refusal: Refusal, frame: &Frame) -> (&'static str, Markup) {
    match refusal {
        Refusal::OtherSite => (
            frame.t(
                "That form was not sent from this site",
                "Ce formulaire n’a pas été envoyé de ce site",
            ),
            html! { p.soft { (frame.t("Nothing was changed. Open the page here and try again.", "Rien n’a été changé. Ouvrez la page ici et réessayez.")) } },
        ),
        Refusal::OtherSession => (
            frame.t(
                "That form is from before you signed in",
                "Ce formulaire date d’avant votre connexion",
            ),
            html! {
                p.soft {
                    (frame.t("Nothing was changed. You have signed in anew since the page was opened. Go back, copy what you ", "Rien n’a été changé. Vous vous êtes connecté de nouveau depuis l’ouverture de la page. Revenez en arrière, copiez ce que "))
                    (frame.t("typed, load the page again and send it from there.", "vous avez tapé, rechargez la page et envoyez-le de là."))
                }
                div.actions { a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) } }
            },
        ),
        _ => (
            frame.t("That form was not complete", "Ce formulaire n’était pas complet"),
            html! { p.soft { (frame.t("Nothing was changed. Open the page again and fill the form in anew.", "Rien n’a été changé. Rouvrez la page et remplissez le formulaire de nouveau.")) } },
        ),
    }
}

fn not_allowed(permission: Permission, frame: &Frame) -> (&'static str, Markup) {
    let (title, why) = permission.refusal(frame.language());
    let body = html! {
        p.soft {
            @if let Some(reader) = &frame.reader { (frame.t("You are signed in as ", "Votre rôle ici : ")) (word_in(reader.role, frame.language())) ". " }
            (why) (frame.t(" Ask an admin if you need it. This try was recorded.", " Demandez à l’administration s’il vous le faut. Cet essai a été consigné."))
        }
        div.actions { a.btn href="/" { (frame.t("Go to Now", "Aller à En ce moment")) } }
    };
    (title, body)
}

/// The answer for an address that names nothing.
pub(crate) async fn not_found(visit: Visit) -> Response {
    visit.refuse(Refusal::NotFound)
}
