//! The language of the site's words: every message is a pair, English and French.
//!
//! Owns the choice between the two. A message is written where it is said, both languages side by side, so
//! one without the other does not compile; `tests/ops/french.rs` finds words that are no message.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::domain::refusal_words;

/// The language that a reader reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl From<refusal_words::Language> for Language {
    fn from(language: refusal_words::Language) -> Self {
        match language {
            refusal_words::Language::English => Self::English,
            refusal_words::Language::French => Self::French,
        }
    }
}

impl Language {
    /// Both, in the order of their buttons.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::French];

    /// The one of the two texts to show.
    pub(crate) const fn of<T: Copy>(self, english: T, french: T) -> T {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// French or not.
    pub(crate) const fn french(is_french: bool) -> Self {
        if is_french { Self::French } else { Self::English }
    }

    /// The pair for the address of a page whose messages are in this language, for a reader of another; the
    /// reader's own needs none.
    pub(crate) const fn messages(self, reader: Self) -> &'static str {
        match (self, reader) {
            (Self::French, _) => "?lang=fr",
            (Self::English, Self::French) => "?lang=en",
            (Self::English, Self::English) => "",
        }
    }

    /// The text in the cookie.
    pub(crate) const fn as_str(self) -> &'static str {
        self.of("en", "fr")
    }

    /// The page's `lang`: Canada's English and French.
    pub(crate) const fn tag(self) -> &'static str {
        self.of("en-CA", "fr-CA")
    }

    /// Its own name.
    pub(crate) const fn word(self) -> &'static str {
        self.of("English", "Français")
    }

    /// Reads [`Self::as_str`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }

    /// What a browser asks for (RFC 9110, 12.5.4): the one of the two with the higher weight; English
    /// where it says nothing, or asks for others only.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let text = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let weight = |of: Self| {
            let ranges = text.unwrap_or_default().split(',').filter_map(range);
            let fits = ranges.filter(|(tag, _)| {
                let primary = tag.split('-').next().unwrap_or_default();
                primary.eq_ignore_ascii_case(of.as_str())
            });
            fits.map(|(_, weight)| weight).max().unwrap_or(0)
        };
        if weight(Self::French) > weight(Self::English) { Self::French } else { Self::English }
    }
}

/// A text with values in it, in a language: both are written where the text is said, like a message's. The
/// values stand in the texts by name, so that each language has its own order.
macro_rules! said {
    ($language:expr, $english:literal, $french:literal $(, $($value:tt)*)?) => {
        match $language {
            $crate::ops::words::language::Language::English => {
                format!($english $(, $($value)*)?)
            }
            $crate::ops::words::language::Language::French => {
                format!($french $(, $($value)*)?)
            }
        }
    };
}
pub(crate) use said;

/// A language range and its weight in thousandths.
fn range(text: &str) -> Option<(&str, u32)> {
    let mut parts = text.split(';');
    let tag = parts.next()?.trim();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
    let thousandths = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits: String = part.chars().chain("000".chars()).take(3).collect();
        Some(whole.parse::<u32>().ok()?.min(1) * 1_000 + digits.parse::<u32>().ok()?)
    };
    Some((tag, weight.map_or(Some(1_000), thousandths)?.min(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_heard() {
        use Language::{English, French};
        for (asked, expected) in [
            ("", English),
            ("fr-CA,fr;q=0.9,en;q=0.8", French),
            ("en-CA,en;q=0.9,fr;q=0.8", English),
            ("fr;q=0.5, en;q=0.7", English),
            ("de, fr;q=0.2", French),
            ("FR", French),
            ("fr;q=0", English),
            ("fr;q=rubbish", English),
            ("de", English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, asked.parse().unwrap());
            assert_eq!(Language::asked(&headers), expected, "{asked}");
        }
        assert_eq!(Language::asked(&HeaderMap::new()), English);
    }
}
