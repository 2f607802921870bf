//! Small parts: cards, notices, lists of facts, chips, times.
//!
//! Owns their markup, nothing else.

use maud::{Markup, html};

use super::shell::Frame;
use super::sprite::icon;
use crate::domain::time::Timestamp;
use crate::ops::words::times::Zone;

/// A card with a heading; `end` stands at the right of it.
pub(crate) fn card(id: &str, title: &str, end: Option<&Markup>, body: &Markup) -> Markup {
    html! {
        section.card aria-labelledby=(id) {
            header {
                h2 id=(id) { (title) }
                @if let Some(end) = end { div.small.muted.end { (end) } }
            }
            (body)
        }
    }
}

/// Names and values below each other.
pub(crate) fn kv(rows: &[(&str, Markup)]) -> Markup {
    html! {
        dl.kv {
            @for (name, value) in rows { dt { (name) } dd { (value) } }
        }
    }
}

/// A point in time with its exact UTC moment for machines and on hover.
pub(crate) fn time(at: Timestamp, text: &str) -> Markup {
    let utc = at.to_string();
    html! { time datetime=(utc) title={ (utc.get(..19).unwrap_or(&utc).replace('T', " ")) " UTC" } { (text) } }
}

/// A moment in a zone, with the day where it is not today.
pub(crate) fn when(at: Timestamp, zone: &Zone, now: Timestamp) -> Markup {
    time(at, &zone.when(at, now))
}

/// Something to know before reading on. `role` is `status` or `alert` where it may appear later.
pub(crate) fn notice(class: &str, icon_name: &str, role: Option<&str>, body: &Markup) -> Markup {
    html! {
        div class={ "notice " (class) } role=[role] {
            (icon(icon_name))
            div { (body) }
        }
    }
}

/// A text that can be copied with one press; without script it can be selected as a whole.
pub(crate) fn copyable(text: &str, what: &str, frame: &Frame) -> Markup {
    html! {
        span.copyable {
            code.pick { (text) }
            button.linkbtn.small type="button" data-copy=(text) hidden {
                (frame.t("Copy", "Copier")) span.vh { " " (what) }
            }
        }
    }
}

/// Copies the address of the page, with script only: without it, the browser's own bar does.
pub(crate) fn copy_link(frame: &Frame) -> Markup {
    html! { button.btn type="button" data-copy="" hidden { (icon("copy")) (frame.t("Copy link", "Copier le lien")) } }
}

/// A filter that is on; following the link takes it off.
pub(crate) struct Chip {
    /// What is filtered.
    pub(crate) name: &'static str,
    /// To which value.
    pub(crate) value: String,
    /// The page without it.
    pub(crate) without: String,
}

/// The filters that are on.
pub(crate) fn chips(chips: &[Chip], frame: &Frame) -> Markup {
    html! {
        @if !chips.is_empty() {
            ul.chips aria-label=(frame.t("Filters", "Filtres")) {
                @for chip in chips {
                    li {
                        (chip.name) (frame.t(": ", "\u{a0}: ")) b { (chip.value) }
                        a href=(chip.without) {
                            span aria-hidden="true" { "×" }
                            span.vh { (frame.t("Remove ", "Retirer ")) (chip.name) " " (chip.value) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

    #[test]
    fn a_chip_removes_itself() {
        let frame = frame("/", Language::English);
        let chip = Chip {
            name: "Clinic",
            value: "Harbour View".into(),
            without: "/calls?outcome=failed".into(),
        };
        let drawn = chips(&[chip], &frame).into_string();
        assert!(drawn.contains("href=\"/calls?outcome=failed\""), "{drawn}");
        assert!(drawn.contains("Remove Clinic Harbour View"), "{drawn}");
        assert!(chips(&[], &frame).into_string().is_empty());
    }

    #[test]
    fn whatever_is_shown_is_escaped() {
        let drawn =
            copyable("<script>\"", "the code", &frame("/", Language::English)).into_string();
        assert!(!drawn.contains("<script>"), "{drawn}");
    }
}
