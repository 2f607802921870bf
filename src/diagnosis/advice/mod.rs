//! What to do about a cause, and what to write to whom: data, in English and French.
//!
//! Owns the choice of language. Messages name nobody: they go to people who know who asked, and an
//! identifier would mean nothing to them. The message for the person never says what others may see.

mod en;
mod fr;

use super::answer::{Advice, FrenchAdvice};
use super::symptom::Rule;
use crate::domain::cause::{Cause, Persistence};
use crate::domain::refusal::Repeat;

/// Steps and messages of one cause in one language.
pub(super) struct Text {
    pub(super) steps: &'static [&'static str],
    pub(super) admin: &'static str,
    pub(super) user: &'static str,
}

/// The advice for a cause.
#[must_use]
pub fn advice(cause: Cause) -> Advice {
    of(&en::text(cause), &fr::text(cause))
}

/// The advice for a cause, as it is by now: of what is over nobody writes in the present.
#[must_use]
pub(super) fn advice_now(cause: Cause, persistence: Persistence) -> Advice {
    let over = en::over(cause).zip(fr::over(cause));
    match over.filter(|_| persistence == Persistence::Recovered) {
        Some((english, french)) => of(&english, &french),
        None => advice(cause),
    }
}

/// The advice for a cause where accuscope did not send one of the changes in question, since one with
/// its key came before: whatever else is the matter, that one may be saved, so Accuro is looked at
/// first, and nobody is told to send it once more.
#[must_use]
pub(super) fn held_back(repeat: Repeat, cause: Cause) -> Advice {
    let mut held = of(&en::held_back(repeat), &fr::held_back(repeat));
    if cause == Cause::RefusedByAccuscope {
        return held;
    }
    let other = advice(cause);
    held.steps.truncate(1);
    held.fr.steps.truncate(1);
    held.steps.extend(other.steps);
    held.fr.steps.extend(other.fr.steps);
    held.message_for_admin = other.message_for_admin;
    held.fr.message_for_admin = other.fr.message_for_admin;
    held
}

/// The advice where a rule of accuscope's own turned the calls away.
#[must_use]
pub(super) fn by_rule(rule: Rule) -> Advice {
    of(&en::by_rule(rule), &fr::by_rule(rule))
}

fn of(en: &Text, fr: &Text) -> Advice {
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
        let causes = Cause::ALL.iter().map(|cause| (en::text(*cause), fr::text(*cause)));
        let held = Repeat::ALL.iter().map(|held| (en::held_back(*held), fr::held_back(*held)));
        let over = Cause::ALL.iter().filter_map(|cause| en::over(*cause).zip(fr::over(*cause)));
        let ruled = Rule::ALL.iter().map(|rule| (en::by_rule(*rule), fr::by_rule(*rule)));
        for (english, french) in causes.chain(held).chain(over).chain(ruled) {
            for text in [&english, &french] {
                assert!(matches!(text.steps.len(), 1..=5), "{}", text.user);
                for message in [text.admin, text.user] {
                    let words = message.split_whitespace().count();
                    assert!(matches!(words, 5..=90), "{message}: {words} words");
                    assert!(!message.bytes().any(|b| b.is_ascii_digit()), "{message}");
                }
            }
            assert_eq!(english.steps.len(), french.steps.len(), "{}", english.user);
        }
    }

    #[test]
    fn a_change_that_was_not_sent_again_is_looked_for_in_accuro_first() {
        for repeat in Repeat::ALL {
            for cause in Cause::ALL {
                let advice = held_back(*repeat, *cause);
                assert!(
                    advice.steps[0].contains("look in Accuro")
                        || advice.steps[0].starts_with("Look in Accuro")
                );
                assert!(advice.fr.steps[0].to_lowercase().contains("regarder dans accuro"));
                assert_eq!(advice.steps.len(), advice.fr.steps.len(), "{cause}");
                assert!(!advice.message_for_user.contains("again"), "{cause}");
                assert!(advice.message_for_user.contains("look in Accuro before"), "{cause}");
                for word in ["réessay", "essayer", "recommenc"] {
                    assert!(!advice.fr.message_for_user.contains(word), "{cause}");
                }
            }
            let own = held_back(*repeat, Cause::RefusedByAccuscope);
            let texts = [own.steps, vec![own.message_for_admin, own.message_for_user]].concat();
            for word in ["again", "environment", "the app's key"] {
                assert!(texts.iter().all(|text| !text.contains(word)), "{repeat:?}: {word}");
            }
        }
    }

    #[test]
    fn what_is_over_is_not_told_in_the_present() {
        for cause in Cause::ALL {
            assert_eq!(en::over(*cause).is_some(), fr::over(*cause).is_some(), "{cause}");
            assert_eq!(advice_now(*cause, Persistence::Persistent), advice(*cause));
            let Some(over) = en::over(*cause) else { continue };
            assert!(over.steps[0].starts_with("It is over: "), "{cause}");
            for text in [over.admin, over.user] {
                assert!(!text.contains("at the moment"), "{cause}: {text}");
            }
            assert_eq!(advice_now(*cause, Persistence::Recovered).steps, over.steps, "{cause}");
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
