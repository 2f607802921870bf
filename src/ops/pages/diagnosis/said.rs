//! Was this right? One press, a fixed list, and what people said before.
//!
//! Owns the form and its words. There is no free text: it could name somebody.

use maud::{Markup, html};

use super::DiagnosisModel;
use crate::domain::cause::Correction;
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::Frame;
use crate::ops::words::numbers::counted;

/// What a correction is called.
const fn words(was: Correction) -> &'static str {
    match was {
        Correction::Mask => "A mask on the chart",
        Correction::Permission => "A role or permission",
        Correction::SignIn => "A sign-in",
        Correction::WrongRecord => "The wrong number, office or clinic",
        Correction::Accuro => "Accuro, or the way to it",
        Correction::App => "The app",
        Correction::Ours => "Our own service",
        Correction::Nothing => "Nothing was wrong",
        Correction::Other => "Something else",
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
                        @if said.is_right { "You said that it was right, " }
                        @else { "You said that it was wrong, " }
                    }
                    (when(said.at, &frame.home, frame.now)) "."
                    @if let Some(was) = &said.was { " It was: " (words(*was)) "." }
                    " You can change that."
                }
            }
            p.small.soft {
                "Your answer is kept in the audit with your name, and counted. It changes no verdict by itself. "
                (counts(model))
            }
            div.saidforms {
                form action=(action) method="post" {
                    button.btn type="submit" name="right" value="yes" { "Yes, that was it" }
                }
                form.row action=(action) method="post" {
                    div {
                        label.vh for="d-was" { "What it was instead" }
                        select #d-was name="was" required {
                            option value="" { "No, it was…" }
                            @for was in Correction::ALL { option value=(was) { (words(*was)) } }
                        }
                    }
                    button.btn type="submit" name="right" value="no" { "Send" span.vh { " what it was instead" } }
                }
            }
        }
    };
    card("h-said", "Was this right?", None, &body)
}

fn counts(model: &DiagnosisModel) -> String {
    let all = model.count.right + model.count.wrong;
    if all == 0 {
        return "Nobody has said yet whether this verdict was right.".to_owned();
    }
    format!(
        "Of {} about this verdict so far, {} said that it was right.",
        counted(all, "answer", "answers"),
        model.count.right
    )
}
