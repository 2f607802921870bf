//! What to do about a cause, and what to write to whom: data, in English and French.
//!
//! Owns the choice of language. Messages name nobody: they go to people who know who asked, and an
//! identifier would mean nothing to them. The message for the person never says what others may see.

mod en;
mod fr;

use super::answer::{Advice, FrenchAdvice};
use crate::domain::cause::Cause;

/// Steps and messages of one cause in one language.
pub(super) struct Text {
    pub(super) steps: &'static [&'static str],
    pub(super) admin: &'static str,
    pub(super) user: &'static str,
}

/// The advice for a cause.
#[must_use]
pub fn advice(cause: Cause) -> Advice {
    let (en, fr) = (en::text(cause), fr::text(cause));
    Advice {
        steps: en.steps.to_vec(),
        message_for_admin: en.admin,
        message_for_user: en.user,
        fr: FrenchAdvice {
            steps: fr.steps.to_vec(),
            message_for_admin: fr.admin,
            message_for_user: fr.user,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_steps_and_short_messages_that_name_nobody() {
        for cause in Cause::ALL {
            for text in [en::text(*cause), fr::text(*cause)] {
                assert!(matches!(text.steps.len(), 1..=5), "{cause}");
                for message in [text.admin, text.user] {
                    let words = message.split_whitespace().count();
                    assert!(matches!(words, 5..=90), "{cause}: {words} words");
                    assert!(!message.bytes().any(|b| b.is_ascii_digit()), "{cause}: {message}");
                }
            }
            assert_eq!(en::text(*cause).steps.len(), fr::text(*cause).steps.len(), "{cause}");
        }
    }

    #[test]
    fn the_person_is_not_told_what_others_may_see() {
        for cause in [Cause::ChartRestricted, Cause::SectionRestricted, Cause::SilentlyFiltered] {
            for word in ["mask", "colleague", "others", "restrict"] {
                assert!(!en::text(cause).user.to_lowercase().contains(word), "{cause}: {word}");
            }
        }
    }
}
