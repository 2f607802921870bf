//! Kinds of ending, and states: a glyph and a word, with a hue that says why.
//!
//! Owns the mapping from the event's categories to the words that people read. Severity has no
//! colour of its own; it is how full a badge is and how tall a bar.

use maud::{Markup, html};

use crate::domain::health::State;
use crate::domain::labels::{Category, Outcome};
use crate::domain::reason::Ending;
use crate::ops::words;
use crate::ops::words::language::Language;

/// What a call came to, in the site's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It worked.
    Ok,
    /// Accuro said no to who asked.
    Access,
    /// Accuro said no to what was asked.
    Request,
    /// Accuro answered that there is nothing.
    Empty,
    /// Accuro or the network did not manage.
    NoAnswer,
    /// accuscope itself said no.
    Policy,
    /// The app hung up.
    GivenUp,
}

impl Kind {
    /// The kind of an ending.
    pub(crate) const fn of(ending: Ending) -> Self {
        match (ending.outcome(), ending.category()) {
            (Outcome::Aborted, _) => Self::GivenUp,
            (_, Some(category)) => Self::of_category(category),
            (_, None) => Self::Ok,
        }
    }

    /// The kind of a category.
    pub(crate) const fn of_category(category: Category) -> Self {
        match category {
            Category::Auth => Self::Access,
            Category::Validation => Self::Request,
            Category::NotFound => Self::Empty,
            Category::Transient => Self::NoAnswer,
            Category::Policy => Self::Policy,
        }
    }

    /// The word.
    pub(crate) const fn word(self, language: Language) -> &'static str {
        match self {
            Self::Ok => language.of("Worked", "Réussi"),
            Self::Access => language.of("Access refused", "Accès refusé"),
            Self::Request => language.of("Request rejected", "Demande rejetée"),
            Self::Empty => language.of("Nothing found", "Rien trouvé"),
            Self::NoAnswer => language.of("No answer", "Sans réponse"),
            Self::Policy => language.of("Stopped by us", "Arrêté par nous"),
            Self::GivenUp => language.of("Given up", "Abandonné"),
        }
    }

    /// The part of class names and glyph names.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Access => "access",
            Self::Request => "request",
            Self::Empty => "empty",
            Self::NoAnswer => "noanswer",
            Self::Policy => "policy",
            Self::GivenUp => "none",
        }
    }
}

/// The glyph alone; always beside a word.
pub(crate) fn glyph(slug: &str) -> Markup {
    html! { svg aria-hidden="true" viewBox="0 0 12 12" { use href={ "#g-" (slug) } {} } }
}

/// A kind as glyph and word, or as glyph and another text.
pub(crate) fn kind(kind: Kind, text: Option<&str>, language: Language) -> Markup {
    html! {
        span class={ "k k-" (kind.slug()) } { (glyph(kind.slug())) (text.unwrap_or(kind.word(language))) }
    }
}

/// A count of failures of a kind, as glyph and number, with the word for those who cannot see it.
pub(crate) fn kind_count(kind: Kind, count: u64, language: Language) -> Markup {
    html! {
        span class={ "k k-" (kind.slug()) } title=(kind.word(language)) {
            (glyph(kind.slug())) (language.number(count))
            span.vh { " " (kind.word(language).to_lowercase()) }
        }
    }
}

/// A state as a badge; `detail` follows the word, as in `Silent 48 min`.
pub(crate) fn badge(
    state: State,
    kind: Option<Kind>,
    detail: Option<&str>,
    language: Language,
) -> Markup {
    let slug = kind.map_or("none", Kind::slug);
    let (look, slug) = match state {
        State::Failing => ("solid", slug),
        State::SomeFailures => ("soft", slug),
        State::Working => ("soft", "ok"),
        State::Silent => ("ink", "none"),
        State::Quiet | State::NotStarted | State::NotKnown => ("hollow", "none"),
    };
    html! {
        span class={ "badge " (look) " k-" (slug) } {
            @if state == State::NotKnown { (super::sprite::icon("clock")) } @else { (glyph(slug)) }
            (words::health::state(state, language))
            @if let Some(detail) = detail { " " (detail) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::Reason;

    #[test]
    fn a_kind_is_never_colour_alone() {
        let kinds = [Kind::Ok, Kind::Access, Kind::Request, Kind::Empty];
        for each in kinds.into_iter().chain([Kind::NoAnswer, Kind::Policy, Kind::GivenUp]) {
            let text = kind(each, None, Language::English).into_string();
            assert!(text.contains(each.word(Language::English)), "{text}");
            assert!(text.contains("#g-"), "{text}");
        }
    }

    #[test]
    fn nothing_found_is_one_kind_whether_empty_or_404() {
        assert_eq!(Kind::of(Ending::Empty), Kind::of(Ending::failed(Reason::NotFound)));
        assert_eq!(Kind::of(Ending::Aborted), Kind::GivenUp);
    }

    #[test]
    fn a_silent_clinic_looks_unlike_a_quiet_one() {
        let silent = badge(State::Silent, None, Some("48 min"), Language::English).into_string();
        assert!(silent.contains("badge ink") && silent.contains("Silent 48 min"), "{silent}");
        let quiet = badge(State::Quiet, None, None, Language::English).into_string();
        assert!(quiet.contains("badge hollow"), "{quiet}");
    }
}
