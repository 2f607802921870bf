//! Whether a clinic can sign in to Accuro at all: a state decided from consecutive refusals.
//!
//! Owns the rule behind `accuscope_clinic_auth_state`. A ratio over few calls is wrong both ways; a
//! run of refusals with nothing accepted between, by several tokens or over some time, is not. One
//! bad caller changes nothing while others are accepted. Pure: time and calls come in as values.

use std::time::Duration;

use super::event::Exchange;
use super::labels::{Category, Outcome};
use super::reason::Reason;
use super::reference::Reference;
use super::time::Timestamp;

/// Fewest refusals of a run.
const MIN_REFUSALS: u32 = 3;
/// How long a run by a single token has to last.
const MIN_SPAN: Duration = Duration::from_secs(90);

/// The state of one clinic in one context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthState {
    /// Nothing was accepted or refused yet.
    #[default]
    Unknown,
    /// The last word of Accuro was yes, or the refusals are too few to tell.
    Accepted,
    /// Accuro refuses, and nothing has been accepted since.
    Failing,
}

impl AuthState {
    /// The metric's value.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Unknown => 0,
            Self::Accepted => 1,
            Self::Failing => 2,
        }
    }
}

/// What one call says about sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthSign {
    /// Accuro let the caller in.
    Accepted,
    /// Accuro did not.
    Refused,
    /// The call says nothing: no answer, an error of the server, or refused by us.
    Silent,
}

impl AuthSign {
    /// Reads the sign from a call.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Self {
        match (exchange.ending.outcome(), exchange.ending.category(), exchange.upstream_status) {
            (Outcome::Ok | Outcome::Empty, ..) => Self::Accepted,
            // A call without any token is the app's slip, not the clinic's sign-in.
            _ if exchange.ending.reason() == Some(Reason::TokenMissing) => Self::Silent,
            (Outcome::Failed, Some(Category::Auth), Some(_)) => Self::Refused,
            (Outcome::Failed, Some(Category::Validation | Category::NotFound), Some(_)) => {
                Self::Accepted
            }
            _ => Self::Silent,
        }
    }
}

/// The run of refusals of one clinic in one context.
#[derive(Clone, Debug, Default)]
pub struct AuthWatch {
    state: AuthState,
    refusals: u32,
    since: Option<Timestamp>,
    first_token: Option<[u8; Reference::BYTES]>,
    several_tokens: bool,
}

impl AuthWatch {
    /// Takes one call in and tells the state after it.
    pub fn observe(
        &mut self,
        sign: AuthSign,
        at: Timestamp,
        token: Option<&Reference>,
    ) -> AuthState {
        match sign {
            AuthSign::Silent => {}
            AuthSign::Accepted => *self = Self { state: AuthState::Accepted, ..Self::default() },
            AuthSign::Refused => {
                self.refusals = self.refusals.saturating_add(1);
                let since = *self.since.get_or_insert(at);
                // A refused sign-in has no token; each such try counts as a caller of its own.
                let digest = token.map_or([0; Reference::BYTES], |token| *token.digest());
                let first = *self.first_token.get_or_insert(digest);
                self.several_tokens |= first != digest || token.is_none();
                let long = at.since(since) >= MIN_SPAN;
                if self.refusals >= MIN_REFUSALS && (self.several_tokens || long) {
                    self.state = AuthState::Failing;
                }
            }
        }
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;
    use crate::domain::reference::ReferenceKind;

    /// Runs a script of `(seconds, token, sign)`; `+` accepted, `-` refused, `.` silent.
    fn run(script: &[(i64, u8, char)]) -> AuthState {
        let mut watch = AuthWatch::default();
        let mut state = AuthState::Unknown;
        for (second, token, sign) in script {
            let key = KeyId::parse("k1").unwrap();
            let token = Reference::new(ReferenceKind::Token, key, [*token; Reference::BYTES]);
            let sign = match sign {
                '+' => AuthSign::Accepted,
                '-' => AuthSign::Refused,
                _ => AuthSign::Silent,
            };
            state = watch.observe(sign, Timestamp::from_seconds(*second), Some(&token));
        }
        state
    }

    #[test]
    fn a_run_of_refusals_by_several_or_over_time_is_a_failure() {
        use AuthState::{Accepted, Failing, Unknown};
        for (script, expected, why) in [
            (&[(0, 64, '.')][..], Unknown, "nothing said"),
            (&[(0, 64, '-'), (1, 64, '-'), (2, 64, '-')], Unknown, "one caller, three tries"),
            (&[(0, 64, '-'), (1, 128, '-')], Unknown, "two are too few"),
            (&[(0, 64, '-'), (1, 128, '-'), (2, 64, '-')], Failing, "two callers"),
            (&[(0, 64, '-'), (45, 64, '-'), (90, 64, '-')], Failing, "one caller for 90 s"),
            (&[(0, 64, '-'), (45, 64, '-'), (89, 64, '-')], Unknown, "one caller for 89 s"),
            (
                &[(0, 64, '-'), (1, 128, '+'), (2, 128, '-'), (3, 64, '-')],
                Accepted,
                "accepted between",
            ),
            (&[(0, 64, '-'), (1, 128, '-'), (2, 64, '-'), (3, 64, '+')], Accepted, "over"),
            (
                &[(0, 64, '-'), (1, 128, '-'), (2, 64, '-'), (3, 64, '.')],
                Failing,
                "silence ends nothing",
            ),
        ] {
            assert_eq!(run(script), expected, "{why}");
        }
    }
}
