//! Signing in: by name and passphrase, by a link that works once, or with an API token.
//!
//! Owns the forms. A link is only used up by the button, so that a mail scanner that follows links does
//! not spend it. What was typed is never given back, but for the name of an account that is to be.

use std::time::Duration;

use maud::{Markup, html};

use crate::domain::names::AccountId;
use crate::domain::passphrase::{LONGEST, SHORTEST};
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::shell::Page;
use crate::ops::words::language::{Language, said};

/// What the sign-in page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// The forms.
    Forms,
    /// Name and passphrase do not belong together.
    Wrong,
    /// There were too many tries.
    Wait(Duration),
    /// Too many sign in at this moment.
    Busy,
    /// The token is not known.
    UnknownToken,
    /// The button of a link.
    Link,
}

/// How people sign in here, besides with links and tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ways {
    /// By name and passphrase.
    Accounts,
    /// With the provider.
    Provider,
    /// With the provider; by name and passphrase where that is down.
    Both,
}

impl Ways {
    /// Where there is a provider, whether accounts sign in as well.
    pub(crate) const fn of(provider: Option<bool>) -> Self {
        match provider {
            None => Self::Accounts,
            Some(false) => Self::Provider,
            Some(true) => Self::Both,
        }
    }
}

/// The page.
pub(crate) fn view(what: SignIn, ways: Ways, language: Language) -> Page {
    let body = html! {
        div.pagehead { div { h1 { (language.of("Sign in to accuscope", "Se connecter à accuscope")) } } }
        section.card.pad.stack.narrow aria-label=(language.of("Sign in", "Se connecter")) {
            @if what == SignIn::Link {
                p.soft { (language.of("This link signs you in once. It stops working when you press the button.", "Ce lien vous connecte une fois. Il cesse de fonctionner quand vous pressez le bouton.")) }
                // Without an action the form goes to its own address, so the page need not hold the code.
                form.stack method="post" {
                    div.actions { button.btn.primary type="submit" { (language.of("Sign in", "Se connecter")) } }
                }
            } @else {
                @if ways != Ways::Accounts {
                    // A link: a form that leads elsewhere is what the policy forbids.
                    div.actions { a.btn.primary href="/sign-in/with-provider" { (language.of("Sign in with your organization", "Se connecter avec votre organisation")) } }
                }
                @match ways {
                    Ways::Accounts => (by_name(what, language)),
                    Ways::Both => details.more open[is_by_name(what)] {
                        summary { (language.of("Sign in by name and passphrase", "Se connecter par nom et phrase de passe")) }
                        (by_name(what, language))
                    },
                    Ways::Provider => {
                        @if let SignIn::Wait(time) = what { (mistake("sign-in-mistake", &too_many(time, language), language)) }
                    }
                }
                details.more open[what == SignIn::UnknownToken] {
                    summary { (language.of("Sign in with an API token", "Se connecter avec un jeton d’API")) }
                    (by_token(what == SignIn::UnknownToken, language))
                }
            }
        }
    };
    Page { room: None, title: language.of("Sign in", "Se connecter").to_owned(), live: false, body }
}

const fn is_by_name(what: SignIn) -> bool {
    matches!(what, SignIn::Wrong | SignIn::Wait(_) | SignIn::Busy)
}

/// What somebody reads who cannot be served at this moment.
pub(crate) const fn busy(language: Language) -> &'static str {
    language.of(
        "Too many people sign in at this moment. Try again in a few seconds",
        "Trop de personnes se connectent en ce moment. Réessayez dans quelques secondes",
    )
}

/// What somebody reads who has to wait.
pub(crate) fn too_many(wait: Duration, language: Language) -> String {
    // Rounded up, so that whoever waits as told does not come too early.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let told = if seconds < 60 { seconds } else { seconds.div_ceil(60) * 60 };
    said!(
        language,
        "Too many tries. The next one can be made in {time}",
        "Trop d’essais. Le prochain pourra être fait dans {time}",
        time = language.span(Duration::from_secs(told))
    )
}

/// What is wrong, above the fields that it is about.
pub(crate) fn mistake(id: &str, text: &str, language: Language) -> Markup {
    html! { p.hint id=(id) role="alert" { (kind(Kind::Access, Some(text), language)) } }
}

fn by_name(what: SignIn, language: Language) -> Markup {
    let wrong = match what {
        SignIn::Wrong => Some(
            language.of("Name, passphrase and code do not belong together, or the account is not open", "Nom, phrase de passe et code ne vont pas ensemble, ou le compte n’est pas ouvert")
                .to_owned(),
        ),
        SignIn::Wait(time) => Some(too_many(time, language)),
        SignIn::Busy => Some(busy(language).to_owned()),
        SignIn::Forms | SignIn::UnknownToken | SignIn::Link => None,
    };
    let invalid = wrong.is_some().then_some("true");
    let described = wrong.is_some().then_some("sign-in-mistake");
    html! {
        form.stack action="/sign-in" method="post" {
            @if let Some(wrong) = &wrong { (mistake("sign-in-mistake", wrong, language)) }
            div {
                label for="name" { (language.of("Name", "Nom")) }
                input #name name="name" autocomplete="username" autocapitalize="none"
                    spellcheck="false" required maxlength=(AccountId::MAX_LEN)
                    aria-invalid=[invalid] aria-describedby=[described];
            }
            div {
                label for="passphrase" { (language.of("Passphrase", "Phrase de passe")) }
                input #passphrase name="passphrase" type="password" autocomplete="current-password"
                    required maxlength=(LONGEST) aria-invalid=[invalid] aria-describedby=[described];
            }
            div {
                label for="code" { (language.of("Code from your app, if you have set one up", "Code de votre application, si vous en avez réglé une")) }
                input #code name="code" autocomplete="one-time-code" autocapitalize="none"
                    spellcheck="false" maxlength="24" aria-invalid=[invalid] aria-describedby=[described];
            }
            div.actions { button.btn.primary type="submit" { (language.of("Sign in", "Se connecter")) } }
        }
        p.hint { (language.of("No account, or the passphrase is lost? An admin gives you a link for a new one. A recovery code does as well as the app’s.", "Pas de compte, ou phrase de passe perdue? L’administration vous donne un lien pour une nouvelle. Un code de secours vaut celui de l’application.")) }
    }
}

fn by_token(refused: bool, language: Language) -> Markup {
    html! {
        form.stack action="/sign-in" method="post" {
            div {
                label for="token" { (language.of("API token", "Jeton d’API")) }
                @if refused {
                    p.hint #token-mistake role="alert" {
                        (kind(Kind::Access, Some(language.of("That token is not known, or no longer works", "Ce jeton est inconnu, ou ne fonctionne plus")), language))
                    }
                }
                input #token name="token" type="password" autocomplete="off"
                    spellcheck="false" required maxlength="200"
                    aria-invalid=[refused.then_some("true")]
                    aria-describedby=[refused.then_some("token-mistake")];
            }
            div.actions { button.btn type="submit" { (language.of("Sign in with the token", "Se connecter avec le jeton")) } }
        }
        p.hint {
            (language.of("An admin makes a token with ", "L’administration fait un jeton avec ")) code { "accuscope token create" } "."
        }
    }
}

/// Whose passphrase is to be chosen.
pub(crate) struct Choose<'c> {
    /// The account.
    pub(crate) name: &'c str,
    /// It is the first administrator's, who chooses the name, too.
    pub(crate) is_first: bool,
    /// Why the last one was not taken.
    pub(crate) mistake: Option<&'c str>,
}

/// The page on which somebody chooses a passphrase.
pub(crate) fn choose(asked: &Choose<'_>, language: Language) -> Page {
    let title = if asked.is_first {
        language.of("Make the first account", "Faire le premier compte")
    } else {
        language.of("Choose a passphrase", "Choisir une phrase de passe")
    };
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label=(language.of("Passphrase", "Phrase de passe")) {
            @if asked.is_first {
                p.soft {
                    (language.of("Nobody can sign in yet. This account is an admin’s: it lets in everybody else.", "Personne ne peut encore se connecter. Ce compte est celui de l’administration : il laisse entrer tous les autres."))
                }
            }
            // Without an action the form goes to its own address, so the page need not hold the code.
            form.stack method="post" {
                @if let Some(text) = asked.mistake {
                    (mistake("choose-mistake", text, language))
                }
                div {
                    label for="name" { (language.of("Name", "Nom")) }
                    input #name name="name" autocomplete="username" autocapitalize="none"
                        spellcheck="false" required maxlength=(AccountId::MAX_LEN) value=(asked.name)
                        readonly[!asked.is_first];
                }
                (new_passphrase(asked.mistake.is_some().then_some("choose-mistake"), language))
                div.actions { button.btn.primary type="submit" { (language.of("Keep it and sign in", "La garder et se connecter")) } }
            }
        }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

/// The two fields of a new passphrase, and what it has to be.
pub(crate) fn new_passphrase(wrong: Option<&str>, language: Language) -> Markup {
    let described = wrong.map_or_else(|| "new-hint".to_owned(), |id| format!("new-hint {id}"));
    let field = |id: &str, name: &str, label: &str| {
        html! {
            div {
                label for=(id) { (label) }
                input id=(id) name=(name) type="password" autocomplete="new-password" required
                    minlength=(SHORTEST) maxlength=(LONGEST)
                    aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described);
            }
        }
    };
    html! {
        (field("new", "passphrase", language.of("New passphrase", "Nouvelle phrase de passe")))
        (field("again", "again", language.of("The same again", "La même encore")))
        p.hint #new-hint {
            (language.of("At least ", "Au moins ")) (SHORTEST) (language.of(" characters, blanks and any language included. A few words that do ", " caractères, espaces et toute langue compris. Quelques mots qui ne vont "))
            (language.of("not belong together are good; signs and digits are not needed. A password manager may fill it in.", "pas ensemble conviennent; signes et chiffres ne sont pas nécessaires. Un gestionnaire de mots de passe peut la remplir."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_said_and_tied_to_its_fields() {
        for what in [SignIn::Wrong, SignIn::Wait(Duration::from_secs(90)), SignIn::Busy] {
            let drawn = view(what, Ways::Accounts, Language::English).body.into_string();
            assert!(drawn.contains("role=\"alert\""), "{what:?}");
            assert_eq!(drawn.matches("aria-describedby=\"sign-in-mistake\"").count(), 3);
        }
        assert!(
            !view(SignIn::Forms, Ways::Accounts, Language::English)
                .body
                .into_string()
                .contains("alert")
        );
        assert!(
            view(SignIn::UnknownToken, Ways::Accounts, Language::English)
                .body
                .into_string()
                .contains("<details class=\"more\" open>")
        );
    }

    #[test]
    fn where_there_is_a_provider_it_comes_first_and_accounts_only_if_set() {
        let drawn = |ways| view(SignIn::Forms, ways, Language::English).body.into_string();
        let (provider, name) = ("href=\"/sign-in/with-provider\"", "name=\"passphrase\"");
        for (has_accounts, by_provider, by_name) in
            [(None, false, true), (Some(false), true, false), (Some(true), true, true)]
        {
            let drawn = drawn(Ways::of(has_accounts));
            assert_eq!((drawn.contains(provider), drawn.contains(name)), (by_provider, by_name));
            assert!(drawn.contains("name=\"token\""));
        }
    }

    #[test]
    fn only_the_first_administrator_chooses_a_name() {
        let of = |is_first| {
            choose(&Choose { name: "admin", is_first, mistake: None }, Language::English)
        };
        assert!(!of(true).body.into_string().contains("readonly"));
        assert!(of(false).body.into_string().contains("readonly"));
    }
}
