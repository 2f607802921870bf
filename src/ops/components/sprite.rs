//! The glyphs and icons, once on every page; everything else refers to them.
//!
//! Owns the drawings. They are our own, in two sizes: 12 for kinds of ending, 16 for icons.

use maud::{Markup, html};

/// An icon by name; always beside a word.
pub(crate) fn icon(name: &str) -> Markup {
    html! { svg aria-hidden="true" viewBox="0 0 16 16" { use href={ "#i-" (name) } {} } }
}

/// The product's mark.
pub(crate) fn logo() -> Markup {
    html! {
        svg aria-hidden="true" viewBox="0 0 22 22" {
            g fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" {
                circle cx="11" cy="11" r="8.2" {}
                path d="M3.4 11.6h4l2-4 3 7 1.8-3h4.2" {}
            }
        }
    }
}

const FILLED: [(&str, &str); 5] = [
    ("dot", "M6 1.4a4.6 4.6 0 1 0 .01 0z"),
    ("access", "M6 .4 11.6 6 6 11.6.4 6z"),
    ("request", "M1 1h10v10H1z"),
    ("noanswer", "M6 .8 11.7 11H.3z"),
    ("policy", "M3.7.6h4.6l3.1 3.1v4.6l-3.1 3.1H3.7L.6 8.3V3.7z"),
];

const DRAWN: [(&str, &str); 3] = [
    ("ok", "M1.8 6.6 4.6 9.4 10.2 3"),
    ("none", "M1.5 6h9"),
    ("empty", "M6 1.6a4.4 4.4 0 1 0 .01 0z"),
];

const ICONS: [(&str, &str); 13] = [
    ("now", "M1.5 8.5h3l2-5 3 9 2-4h3"),
    ("find", "M7 2.3a4.7 4.7 0 1 0 .01 0zM10.6 10.6l3.6 3.6"),
    ("clinic", "M2.5 14V3.5h7V14m0-7h4v7M1 14h14M5 6.5h2M5 9.5h2"),
    ("calls", "M2 4h12M2 8h12M2 12h8"),
    (
        "book",
        "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zm0 9.5a1.5 1.5 0 0 1 1.5-1.5H13M6 5.5h4",
    ),
    ("key", "M5.2 7.2a3.1 3.1 0 1 0 .01 0zM7.4 8.2 14 1.6M11.4 4.2l2 2"),
    ("pen", "M3 13l.8-3.2L11 2.6 13.4 5 6.2 12.2zM9.4 4.2l2.4 2.4"),
    ("log", "M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2"),
    ("copy", "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"),
    ("info", "M8 1.6a6.4 6.4 0 1 0 .01 0zM8 7.4v3.6M8 4.9v.1"),
    ("clock", "M8 1.6a6.4 6.4 0 1 0 .01 0zM8 4.4V8l2.4 1.6"),
    ("adopt", "M2 14V9m4 5V6m4 8V8m4 6V3"),
    ("warn", "M8 1.8 15 14H1zM8 6.2v3.6m0 2v.2"),
];

/// Every drawing, hidden.
pub(crate) fn sprite() -> Markup {
    html! {
        svg.vh aria-hidden="true" focusable="false" {
            defs {
                @for (name, d) in FILLED {
                    symbol id={ "g-" (name) } viewBox="0 0 12 12" { path d=(d) fill="currentColor" {} }
                }
                @for (name, d) in DRAWN {
                    symbol id={ "g-" (name) } viewBox="0 0 12 12" { (line(d, "2.1")) }
                }
                @for (name, d) in ICONS {
                    symbol id={ "i-" (name) } viewBox="0 0 16 16" { (line(d, "1.5")) }
                }
            }
        }
    }
}

fn line(d: &str, width: &str) -> Markup {
    html! {
        path d=(d) fill="none" stroke="currentColor" stroke-width=(width)
            stroke-linecap="round" stroke-linejoin="round" {}
    }
}
