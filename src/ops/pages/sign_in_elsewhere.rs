//! What somebody reads whom the sign-in provider did not bring in.
//!
//! Owns the words. Each says whose move it is; none repeats anything of the provider's answer.

use axum::http::StatusCode;
use maud::html;

use crate::ops::components::shell::Page;

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// No sign-in of this browser is under way, or another one.
    NotBegunHere,
    /// The provider does not answer.
    ProviderDown,
    /// The provider said no.
    ProviderRefused,
    /// The provider's answer could not be believed.
    BadAnswer,
    /// Times in it are not of now.
    ClocksApart,
    /// No group gives a role here.
    NoGroup,
    /// Too many sign in at this moment.
    Busy,
}

impl Said {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] = [
        Self::NotBegunHere,
        Self::ProviderDown,
        Self::ProviderRefused,
        Self::BadAnswer,
        Self::ClocksApart,
        Self::NoGroup,
        Self::Busy,
    ];

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotBegunHere => StatusCode::BAD_REQUEST,
            Self::ProviderRefused | Self::NoGroup => StatusCode::FORBIDDEN,
            Self::BadAnswer | Self::ClocksApart => StatusCode::BAD_GATEWAY,
            Self::ProviderDown | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether an operator should look at it.
    pub(crate) const fn is_the_providers(self) -> bool {
        matches!(self, Self::ProviderDown | Self::BadAnswer | Self::ClocksApart)
    }

    /// For the log.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NotBegunHere => "not begun here",
            Self::ProviderDown => "no answer",
            Self::ProviderRefused => "refused",
            Self::BadAnswer => "an answer that cannot be believed",
            Self::ClocksApart => "clocks are apart",
            Self::NoGroup => "no group",
            Self::Busy => "busy",
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotBegunHere => (
                "This sign-in was not begun here",
                "It was begun in another browser, or too long ago, or it has been used. Begin again.",
            ),
            Self::ProviderDown => (
                "The sign-in provider does not answer",
                "accuscope itself works: calls are forwarded and recorded. Try again in a minute; if it lasts, \
                 tell whoever runs the provider.",
            ),
            Self::ProviderRefused => (
                "The sign-in provider did not let you in",
                "It was given up there, or refused there. Begin again, or ask whoever runs the provider.",
            ),
            Self::BadAnswer => (
                "The sign-in provider’s answer cannot be believed",
                "Its signature, issuer or audience is not the one that the settings name. Nobody is let in by \
                 it. Whoever runs accuscope has to look at ops.oidc.",
            ),
            Self::ClocksApart => (
                "The sign-in provider’s clock and ours are apart",
                "What it signed is not of now, by more than a minute. Whoever runs accuscope has to look at \
                 both machines’ clocks.",
            ),
            Self::NoGroup => (
                "You have no role here",
                "The sign-in provider knows you, but none of your groups has a role in accuscope. Ask an admin \
                 to put you into one. This try was recorded.",
            ),
            Self::Busy => ("Too many people sign in at this moment", "Try again in a few seconds."),
        }
    }
}

/// The page.
pub(crate) fn view(said: Said) -> Page {
    let (title, why) = said.words();
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label="What happened" {
            p.soft { (why) }
            div.actions { a.btn.primary href="/sign-in" { "Back to sign-in" } }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_who_is_kept_out_reads_why() {
        let titles: std::collections::BTreeSet<_> =
            Said::ALL.iter().map(|said| said.words().0).collect();
        assert_eq!(titles.len(), Said::ALL.len());
        for said in Said::ALL {
            assert!(said.status().is_client_error() || said.status().is_server_error());
        }
    }
}
