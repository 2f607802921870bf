//! The page about writes.

use std::time::Duration;

use maud::{Markup, html};

use crate::domain::admission::read_only::{ReadOnlyCause, Switch};
use crate::ops::components::shell::{Frame, Page, Room};
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
    let title = if writes.cause.is_some() { "Writes are off" } else { "Writes are on" };
    let body = html! {
        div.pagehead {
            div {
                h1 { (title) }
                p.soft.small { (state(writes, frame)) }
            }
        }
        section.card.pad.stack.narrow aria-label="Switch" {
            (switch(writes))
        }
    };
    Page { room: Some(Room::Writes), title: title.to_owned(), live: false, body }
}

/// Draws the question before writes are switched off.
pub(crate) fn confirm() -> Page {
    let title = "Switch writes off for every clinic?";
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label="What it does" {
            p {
                "From then on nobody at any clinic can save through the apps. Looking things up goes on. It lasts "
                "until somebody switches writes on again."
            }
            form action="/writes" method="post" {
                input type="hidden" name="sure" value="yes";
                div.actions {
                    button.btn.primary type="submit" name="writes" value="off" { "Yes, switch writes off" }
                    a.btn href="/writes" { "No, leave them on" }
                }
            }
        }
    };
    Page { room: Some(Room::Writes), title: title.to_owned(), live: false, body }
}

fn state(writes: &Writes, frame: &Frame) -> Markup {
    html! {
        @match writes.cause {
            None => "Clinics can look things up and save.",
            Some(cause) => {
                "Clinics can look things up. Whoever saves reads that changes are switched off. "
                (cause_of(cause))
                @if cause == ReadOnlyCause::Flapping {
                    " That ends in about " (writes.flapping_left.as_secs().div_ceil(60)) " min."
                }
            }
        }
        @if let Some(since) = writes.switch.since {
            " The switch was last turned " (frame.home.when(since, frame.now)) "."
        }
    }
}

fn switch(writes: &Writes) -> Markup {
    let (value, label) = if writes.switch.is_on {
        ("on", "Switch writes on for every clinic")
    } else {
        ("off", "Switch writes off for every clinic")
    };
    html! {
        @if writes.switch.is_on {
            p { "Writes stay off until somebody switches them on, also after a restart." }
        } @else {
            p {
                "Switch writes off if Accuro takes changes and loses them, or before work on it. "
                "Looking things up goes on. Staff are told to make urgent changes in Accuro itself."
            }
        }
        @if writes.cause == Some(ReadOnlyCause::Configured) {
            p.soft { "Writes are off in the settings (" code { "proxy.read_only" } "), whatever this switch says." }
        }
        @if writes.may_switch {
            form action="/writes" method="post" {
                div.actions {
                    button.btn.primary type="submit" name="writes" value=(value) { (label) }
                }
            }
            p.soft.small { "Every instance follows within a few seconds. It is recorded in the audit." }
        } @else {
            p.soft { "On call and admins can turn the switch." }
        }
    }
}
