//! How sure an answer is: bars, a word, and what it rests on.
//!
//! Owns the markup of that line.

use maud::{Markup, html};

use super::shell::Frame;
use crate::ops::words::confidence::Confidence;
use crate::ops::words::language::said;

/// Draws the line; `rest` follows the word.
pub(crate) fn confidence(sure: Confidence, rest: &Markup, frame: &Frame) -> Markup {
    let (word, bars) = (sure.word(frame.language()), sure.bars());
    let label =
        said!(frame.language(), "{word}: level {bars} of 5", "{word} : niveau {bars} sur 5");
    html! {
        div.conf {
            svg viewBox="0 0 92 12" role="img" aria-label=(label) {
                @for bar in 0..5u8 {
                    rect class=(if bar < sure.bars() { "s5" } else { "f-line" })
                        x=(u32::from(bar) * 19) width="16" height="12" rx="2" {}
                }
            }
            p { strong { (word) "." } " " (rest) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

    #[test]
    fn the_bars_are_said_to_those_who_cannot_see_them() {
        let drawn =
            confidence(Confidence::VeryLikely, &html! { "x" }, &frame("/", Language::English))
                .into_string();
        assert!(drawn.contains("Very likely: level 4 of 5"), "{drawn}");
        assert_eq!(drawn.matches("class=\"s5\"").count(), 4);
    }
}
