//! What clinic staff read when accuscope answers instead of Accuro, in English and in French.
//!
//! Owns the list of things that are ever said, one text each in each language (the compiler asks for
//! it), and the choice of the language. The texts are for people who see a patient right now: what
//! happened, whether something was changed, what to do; a test keeps them easy to read. Does not
//! own statuses (see [`super::refusal`]), and repeats nothing of a request.

mod en;
mod fr;
#[cfg(test)]
mod readability;

/// One thing that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// The app showed no key that opens this door.
    AppKeyUnknown,
    /// The app may not work for the clinic.
    ClinicNotAllowed,
    /// Test and real clinics are mixed up.
    EnvironmentMismatch,
    /// The app sends too much.
    RateLimit,
    /// Accuro is left alone for a while.
    CircuitOpen,
    /// Writes are switched off.
    ReadOnly,
    /// A write could not be recorded.
    AuditUnavailable,
    /// The same write is under way.
    DuplicateInFlight,
    /// accuscope has no capacity.
    Overloaded,
    /// Accuro took too long; a write may have been done.
    ResponseTimeout,
    /// No connection; nothing was sent.
    Unreachable,
    /// The answer broke off; a write may have been done.
    AnswerBroken,
    /// The request is too large.
    TooLarge,
    /// A method that goes no further.
    MethodNotAllowed,
    /// The request is not valid.
    BadRequest,
    /// The request broke off after part of it had gone on.
    PartlySent,
    /// The write of that `Idempotency-Key` is in Accuro.
    AlreadySaved,
    /// A change under the same key is in Accuro; whether it is this one is not known.
    PerhapsSaved,
    /// Nobody knows what became of the write of that `Idempotency-Key`.
    CheckInAccuro,
    /// Two writes came under one `Idempotency-Key`.
    TwoChanges,
    /// Nobody can tell whether an `Idempotency-Key` was used before.
    KeysUnreachable,
    /// The `Idempotency-Key` cannot be one.
    NoIdempotencyKey,
}

impl Saying {
    /// Everything that is said.
    pub const ALL: &'static [Self] = &[
        Self::AppKeyUnknown,
        Self::ClinicNotAllowed,
        Self::EnvironmentMismatch,
        Self::RateLimit,
        Self::CircuitOpen,
        Self::ReadOnly,
        Self::AuditUnavailable,
        Self::DuplicateInFlight,
        Self::Overloaded,
        Self::ResponseTimeout,
        Self::Unreachable,
        Self::AnswerBroken,
        Self::TooLarge,
        Self::MethodNotAllowed,
        Self::BadRequest,
        Self::PartlySent,
        Self::AlreadySaved,
        Self::PerhapsSaved,
        Self::CheckInAccuro,
        Self::TwoChanges,
        Self::KeysUnreachable,
        Self::NoIdempotencyKey,
    ];
}

/// The texts of one thing that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// A few words (RFC 9457, `title`).
    pub title: &'static str,
    /// What happened and what to do (RFC 9457, `detail`).
    pub detail: &'static str,
}

/// A language that we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, also where nothing else was asked for.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::English, Self::French];

    /// The tag, for `Content-Language` (RFC 5646).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The one that an `Accept-Language` (RFC 9110, 12.5.4) likes better; English where it likes both
    /// equally or names neither. What is not valid in it is passed over.
    #[must_use]
    pub fn preferred(accept_language: &str) -> Self {
        let (mut english, mut french, mut other) = (None, None, 0);
        for range in accept_language.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let Some(weight) = weight(parameters) else { continue };
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let known = if primary.eq_ignore_ascii_case("en") {
                &mut english
            } else if primary.eq_ignore_ascii_case("fr") {
                &mut french
            } else {
                if primary == "*" {
                    other = weight;
                }
                continue;
            };
            *known = (*known).max(Some(weight));
        }
        if french.unwrap_or(other) > english.unwrap_or(other) {
            Self::French
        } else {
            Self::English
        }
    }

    /// The words.
    #[must_use]
    pub const fn words(self, saying: Saying) -> Words {
        match self {
            Self::English => en::words(saying),
            Self::French => fr::words(saying),
        }
    }

    /// What stands before the time at which a change was made.
    #[must_use]
    pub const fn before_time(self) -> &'static str {
        match self {
            Self::English => en::BEFORE_TIME,
            Self::French => fr::BEFORE_TIME,
        }
    }

    /// What stands before the support code.
    #[must_use]
    pub const fn before_code(self) -> &'static str {
        match self {
            Self::English => en::BEFORE_CODE,
            Self::French => fr::BEFORE_CODE,
        }
    }
}

/// A weight in thousandths, 1000 where there is none (RFC 9110, 12.4.2); `None` for anything else.
fn weight(parameters: &str) -> Option<u16> {
    let text = parameters.trim();
    if text.is_empty() {
        return Some(1_000);
    }
    let number = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let plain = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = if plain { format!("{rest:0<3}").parse().ok()? } else { return None };
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_liked_better() {
        use Language::{English, French};
        for (header, expected) in [
            ("", English),
            ("fr", French),
            ("fr-CA", French),
            ("FR-ca,en;q=0.8", French),
            ("en-CA,fr;q=0.9", English),
            ("en;q=0.5, fr;q=0.501", French),
            ("en;q=0.5, fr;q=0.5", English),
            ("fr;q=0", English),
            ("*", English),
            ("en;q=0.2, *;q=0.5", French),
            ("fr;q=0.2, *;q=0.5", English),
            ("de, fr;q=0.3", French),
            ("fr;q=2", English),
            ("fr;q=0.1234", English),
            ("fr;level=1", English),
            ("français", English),
            (";;;,,,q=", English),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header:?}");
        }
    }

    #[test]
    fn each_language_says_each_thing_in_its_own_words() {
        for (at, saying) in Saying::ALL.iter().enumerate() {
            let (english, french) =
                (Language::English.words(*saying), Language::French.words(*saying));
            assert_ne!(english.title, french.title, "{saying:?}");
            assert_ne!(english.detail, french.detail, "{saying:?}");
            for other in &Saying::ALL[..at] {
                assert_ne!(english.title, Language::English.words(*other).title, "{saying:?}");
                assert_ne!(french.title, Language::French.words(*other).title, "{saying:?}");
            }
        }
    }
}
