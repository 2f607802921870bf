//! Was this right? One press, a fixed list, and what people said before.
//!
//! Owns the form and its words. There is no free text: it could name somebody.

use maud::{Markup, html};

use super::DiagnosisModel;
use crate::domain::cause::Correction;
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::Frame;
use crate::ops::words::language::said;

/// What a correction is called.
const fn words(was: Correction, frame: &Frame) -> &'static str {
    match was {
        Correction::Mask => frame.t("A mask on the chart", "Un masque sur le dossier"),
        Correction::Permission => frame.t("A role or permission", "Un rôle ou une permission"),
        Correction::SignIn => frame.t("A sign-in", "Une connexion"),
        Correction::WrongRecord => {
            frame.t("The wrong number, office or clinic", "Le mauvais numéro, bureau ou clinique")
        }
        Correction::Accuro => frame.t("Accuro, or the way to it", "Accuro, ou le chemin vers lui"),
        Correction::App => frame.t("The app", "L’application"),
        Correction::Ours => frame.t("Our own service", "Notre propre service"),
        Correction::Nothing => frame.t("Nothing was wrong", "Rien n’allait mal"),
        Correction::Other => frame.t("Something else", "Autre chose"),
    }
}

/// Draws the card.
pub(super) fn said(model: &DiagnosisModel, frame: &Frame) -> Markup {
    let action = format!("/d/{}/feedback", model.kept.id);
    let body = html! {
        div.pad.stack {
            @if let Some(said) = &model.said {
                p {
                    strong {
                        @if said.is_right { (frame.t("You said that it was right, ", "Vous avez dit que c’était juste, ")) }
                        @else { (frame.t("You said that it was wrong, ", "Vous avez dit que c’était faux, ")) }
                    }
                    (when(said.at, &frame.home, frame.now)) "."
                    @if let Some(was) = &said.was { (frame.t(" It was: ", " C’était : ")) (words(*was, frame)) "." }
                    (frame.t(" You can change that.", " Vous pouvez changer cela."))
                }
            }
            p.small.soft {
                (frame.t("Your answer is kept in the audit with your name, and counted. It changes no verdict by itself. ", "Votre réponse est gardée dans l’audit avec votre nom, et comptée. Elle ne change aucun verdict d’elle-même. "))
                (counts(model, frame))
            }
            div.saidforms {
                form action=(action) method="post" {
                    button.btn type="submit" name="right" value="yes" { (frame.t("Yes, that was it", "Oui, c’était cela")) }
                }
                form.row action=(action) method="post" {
                    div {
                        label.vh for="d-was" { (frame.t("What it was instead", "Ce que c’était plutôt")) }
                        select #d-was name="was" required {
                            option value="" { (frame.t("No, it was…", "Non, c’était…")) }
                            @for was in Correction::ALL { option value=(was) { (words(*was, frame)) } }
                        }
                    }
                    button.btn type="submit" name="right" value="no" { (frame.t("Send", "Envoyer")) span.vh { (frame.t(" what it was instead", " ce que c’était plutôt")) } }
                }
            }
        }
    };
    card("h-said", frame.t("Was this right?", "Était-ce juste?"), None, &body)
}

fn counts(model: &DiagnosisModel, frame: &Frame) -> String {
    let all = model.count.right + model.count.wrong;
    if all == 0 {
        return frame
            .t(
                "Nobody has said yet whether this verdict was right.",
                "Personne n’a encore dit si ce verdict était juste.",
            )
            .to_owned();
    }
    said!(
        frame.language(),
        "Of {} about this verdict so far, {} said that it was right.",
        "De {} sur ce verdict jusqu’ici, {} disaient qu’il était juste.",
        frame.count(all, ["answer", "answers"], ["réponse", "réponses"]),
        model.count.right
    )
}
