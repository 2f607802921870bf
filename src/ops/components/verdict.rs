//! The verdict: one sentence that is the answer, and the facts that carry it.
//!
//! Owns the card. It holds the page's only first-level heading.

use maud::{Markup, html};

use super::kind::Kind;

/// One fact below the sentence.
pub(crate) struct Fact {
    /// What it is about.
    pub(crate) label: &'static str,
    /// The fact.
    pub(crate) value: Markup,
    /// What makes it precise.
    pub(crate) small: Option<Markup>,
}

/// A link that looks like a button.
pub(crate) struct Action {
    /// What it does.
    pub(crate) label: String,
    /// Where it leads.
    pub(crate) href: String,
    /// Whether it is the one to take.
    pub(crate) primary: bool,
}

/// The card.
pub(crate) struct VerdictCard {
    /// What the card is, for those who jump from region to region.
    pub(crate) label: &'static str,
    /// The hue of the edge.
    pub(crate) kind: Kind,
    /// The state, where the page is about one clinic.
    pub(crate) badge: Option<Markup>,
    /// The answer.
    pub(crate) sentence: String,
    /// Up to four facts.
    pub(crate) facts: Vec<Fact>,
    /// What to do.
    pub(crate) actions: Vec<Action>,
    /// What else is going on.
    pub(crate) also: Option<Markup>,
}

/// A fact from texts.
pub(crate) fn fact(label: &'static str, value: &str, small: Option<&str>) -> Fact {
    Fact { label, value: html! { (value) }, small: small.map(|small| html! { (small) }) }
}

/// Draws the card.
pub(crate) fn verdict(card: &VerdictCard) -> Markup {
    verdict_with(card, &html! {})
}

/// Draws the card with a line of its own below the facts.
pub(crate) fn verdict_with(card: &VerdictCard, line: &Markup) -> Markup {
    html! {
        section class={ "card verdict k-" (card.kind.slug()) } aria-label=(card.label) {
            @if let Some(badge) = &card.badge { p { (badge) } }
            h1.say { (card.sentence) }
            @if !card.facts.is_empty() {
                dl.facts {
                    @for fact in &card.facts {
                        div {
                            dt { (fact.label) }
                            dd {
                                (fact.value)
                                @if let Some(small) = &fact.small { small { (small) } }
                            }
                        }
                    }
                }
            }
            (line)
            @if !card.actions.is_empty() || card.also.is_some() {
                div.actions {
                    @for action in &card.actions {
                        a.btn.primary[action.primary] href=(action.href) { (action.label) }
                    }
                    @if let Some(also) = &card.also { p.small.soft.also { (also) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_the_only_first_level_heading() {
        let drawn = verdict(&VerdictCard {
            label: "What is happening now",
            kind: Kind::Access,
            badge: None,
            sentence: "Harbour View can’t reach Accuro.".into(),
            facts: vec![fact("Since", "10:12", Some("Vancouver time"))],
            actions: vec![],
            also: None,
        })
        .into_string();
        assert_eq!(drawn.matches("<h1").count(), 1);
        assert!(drawn.contains("<dt>Since</dt><dd>10:12<small>Vancouver time</small></dd>"));
        assert!(!drawn.contains("actions"), "no empty row: {drawn}");
    }
}
