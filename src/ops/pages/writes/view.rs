//! The page about writes.

use std::time::Duration;

use maud::{Markup, html};

use crate::domain::admission::read_only::{ReadOnlyCause, Switch};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::words::language::Language;
use crate::ops::words::read_only::cause_of;

/// What the page shows.
pub(super) struct Writes {
    /// Why writes are off, if they are.
    pub(super) cause: Option<ReadOnlyCause>,
    /// What people have set.
    pub(super) switch: Switch,
    /// How long they stay off because Accuro flaps.
    pub(super) flapping_left: Duration,
    /// The reader may turn the switch.
    pub(super) may_switch: bool,
}

/// Draws the page.
pub(super) fn view(writes: &Writes, frame: &Frame) -> Page {
    let title = if writes.cause.is_some() {
        frame.t("Writes are off", "Les écritures sont désactivées")
    } else {
        frame.t("Writes are on", "Les écritures sont activées")
    };
    let body = html! {
        div.pagehead {
            div {
                h1 { (title) }
                p.soft.small { (state(writes, frame)) }
            }
        }
        section.card.pad.stack.narrow aria-label=(frame.t("Switch", "Interrupteur")) {
            (switch(writes, frame))
        }
    };
    Page { room: Some(Room::Writes), title: title.to_owned(), live: false, body }
}

/// Draws the question before writes are switched off.
pub(crate) fn confirm(language: Language) -> Page {
    let title = language.of(
        "Switch writes off for every clinic?",
        "Désactiver les écritures pour toutes les cliniques?",
    );
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label=(language.of("What it does", "Ce que cela fait")) {
            p {
                (language.of("From then on nobody at any clinic can save through the apps. Looking things up goes on. It lasts ", "Dès lors, personne d’aucune clinique ne peut enregistrer par les applications. Consulter reste possible. Cela dure "))
                (language.of("until somebody switches writes on again.", "jusqu’à ce que quelqu’un réactive les écritures."))
            }
            form action="/writes" method="post" {
                input type="hidden" name="sure" value="yes";
                div.actions {
                    button.btn.primary type="submit" name="writes" value="off" { (language.of("Yes, switch writes off", "Oui, désactiver les écritures")) }
                    a.btn href="/writes" { (language.of("No, leave them on", "Non, les laisser activées")) }
                }
            }
        }
    };
    Page { room: Some(Room::Writes), title: title.to_owned(), live: false, body }
}

fn state(writes: &Writes, frame: &Frame) -> Markup {
    html! {
        @match writes.cause {
            None => (frame.t("Clinics can look things up and save.", "Les cliniques peuvent consulter et enregistrer.")),
            Some(cause) => {
                (frame.t("Clinics can look things up. Whoever saves reads that changes are switched off. ", "Les cliniques peuvent consulter. Qui enregistre lit que les modifications sont désactivées. "))
                (cause_of(cause, frame.language()))
                @if cause == ReadOnlyCause::Flapping {
                    (frame.t(" That ends in about ", " Cela finit dans environ ")) (writes.flapping_left.as_secs().div_ceil(60)) " min."
                }
            }
        }
        @if let Some(since) = writes.switch.since {
            (frame.t(" The switch was last turned ", " Dernier changement de l’interrupteur : ")) (frame.home.when(since, frame.now)) "."
        }
    }
}

fn switch(writes: &Writes, frame: &Frame) -> Markup {
    let (value, label) = if writes.switch.is_on {
        (
            "on",
            frame.t(
                "Switch writes on for every clinic",
                "Activer les écritures pour toutes les cliniques",
            ),
        )
    } else {
        (
            "off",
            frame.t(
                "Switch writes off for every clinic",
                "Désactiver les écritures pour toutes les cliniques",
            ),
        )
    };
    html! {
        @if writes.switch.is_on {
            p { (frame.t("Writes stay off until somebody switches them on, also after a restart.", "Les écritures restent désactivées jusqu’à ce que quelqu’un les active, même après un redémarrage.")) }
        } @else {
            p {
                (frame.t("Switch writes off if Accuro takes changes and loses them, or before work on it. ", "Désactivez les écritures si Accuro prend des modifications et les perd, ou avant des travaux. "))
                (frame.t("Looking things up goes on. Staff are told to make urgent changes in Accuro itself.", "Consulter reste possible. Le personnel lit qu’il doit faire les modifications urgentes dans Accuro même."))
            }
        }
        @if writes.cause == Some(ReadOnlyCause::Configured) {
            p.soft { (frame.t("Writes are off in the settings (", "Les écritures sont désactivées dans la configuration (")) code { "proxy.read_only" } (frame.t("), whatever this switch says.", "), quoi que dise cet interrupteur.")) }
        }
        @if writes.may_switch {
            form action="/writes" method="post" {
                div.actions {
                    button.btn.primary type="submit" name="writes" value=(value) { (label) }
                }
            }
            p.soft.small { (frame.t("Every instance follows within a few seconds. It is recorded in the audit.", "Chaque instance suit en quelques secondes. C’est consigné dans l’audit.")) }
        } @else {
            p.soft { (frame.t("On call and admins can turn the switch.", "La garde et l’administration peuvent tourner l’interrupteur.")) }
        }
    }
}
