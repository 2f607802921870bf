//! What somebody reads whom the sign-in provider did not bring in.
//!
//! Owns the words. Each says whose move it is; none repeats anything of the provider's answer.

use axum::http::StatusCode;
use maud::html;

use crate::ops::components::shell::Page;
use crate::ops::words::language::Language;

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

    const fn words(self, language: Language) -> (&'static str, &'static str) {
        match self {
            Self::NotBegunHere => (
                language.of("This sign-in was not begun here", "Cette connexion n’a pas commencé ici"),
                language.of("It was begun in another browser, or too long ago, or it has been used. Begin again.", "Elle a commencé dans un autre navigateur, ou il y a trop longtemps, ou elle a servi. Recommencez."),
            ),
            Self::ProviderDown => (
                language.of("The sign-in provider does not answer", "Le fournisseur de connexion ne répond pas"),
                language.of(
                    "accuscope itself works: calls are forwarded and recorded. Try again in a minute; if it lasts, \
                     tell whoever runs the provider.",
                    "accuscope lui-même fonctionne : les appels sont transmis et enregistrés. Réessayez dans une \
                     minute; si cela dure, prévenez qui gère le fournisseur.",
                ),
            ),
            Self::ProviderRefused => (
                language.of("The sign-in provider did not let you in", "Le fournisseur de connexion ne vous a pas laissé entrer"),
                language.of("It was given up there, or refused there. Begin again, or ask whoever runs the provider.", "On y a abandonné, ou refusé. Recommencez, ou demandez à qui gère le fournisseur."),
            ),
            Self::BadAnswer => (
                language.of("The sign-in provider’s answer cannot be believed", "La réponse du fournisseur de connexion ne peut être crue"),
                language.of(
                    "Its signature, issuer or audience is not the one that the settings name. Nobody is let in by \
                     it. Whoever runs accuscope has to look at ops.oidc.",
                    "Sa signature, son émetteur ou son audience n’est pas celui que la configuration nomme. Personne \
                     n’entre par elle. Qui gère accuscope doit regarder ops.oidc.",
                ),
            ),
            Self::ClocksApart => (
                language.of("The sign-in provider’s clock and ours are apart", "L’horloge du fournisseur de connexion et la nôtre diffèrent"),
                language.of(
                    "What it signed is not of now, by more than a minute. Whoever runs accuscope has to look at \
                     both machines’ clocks.",
                    "Ce qu’il a signé n’est pas de maintenant, à plus d’une minute près. Qui gère accuscope doit \
                     regarder les horloges des deux machines.",
                ),
            ),
            Self::NoGroup => (
                language.of("You have no role here", "Vous n’avez aucun rôle ici"),
                language.of(
                    "The sign-in provider knows you, but none of your groups has a role in accuscope. Ask an admin \
                     to put you into one. This try was recorded.",
                    "Le fournisseur de connexion vous connaît, mais aucun de vos groupes n’a de rôle dans accuscope. \
                     Demandez à l’administration de vous mettre dans un. Cet essai a été consigné.",
                ),
            ),
            Self::Busy => (language.of("Too many people sign in at this moment", "Trop de personnes se connectent en ce moment"), language.of("Try again in a few seconds.", "Réessayez dans quelques secondes.")),
        }
    }
}

/// The page.
pub(crate) fn view(said: Said, language: Language) -> Page {
    let (title, why) = said.words(language);
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label=(language.of("What happened", "Ce qui s’est passé")) {
            p.soft { (why) }
            div.actions { a.btn.primary href="/sign-in" { (language.of("Back to sign-in", "Retour à la connexion")) } }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_who_is_kept_out_reads_why() {
        let titles: std::collections::BTreeSet<_> = Said::ALL
            .iter()
            .flat_map(|said| Language::ALL.map(|language| said.words(language).0))
            .collect();
        assert_eq!(titles.len(), Said::ALL.len() * 2);
        for said in Said::ALL {
            assert!(said.status().is_client_error() || said.status().is_server_error());
        }
    }
}
