//! Signing in: a link that works once, or an API token.
//!
//! Owns the two forms. A link is only used up by the button, so that a mail scanner that follows
//! links does not spend it.

use maud::html;

use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::shell::Page;

/// What the sign-in page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// The form for a token.
    Token {
        /// Whether the last one was not known.
        refused: bool,
    },
    /// The button of a link.
    Link,
}

/// The page.
pub(crate) fn view(what: SignIn) -> Page {
    let body = html! {
        div.pagehead { div { h1 { "Sign in to accuscope" } } }
        section.card.pad.stack.narrow aria-label="Sign in" {
            @match what {
                SignIn::Link => {
                    p.soft { "This link signs you in once. It stops working when you press the button." }
                    // Without an action the form goes to its own address, so the page need not hold the code.
                    form.stack method="post" {
                        div.actions { button.btn.primary type="submit" { "Sign in" } }
                    }
                }
                SignIn::Token { refused } => {
                    form.stack action="/sign-in" method="post" {
                        div {
                            label for="token" { "API token" }
                            @if refused {
                                p.hint #token-mistake role="alert" {
                                    (kind(Kind::Access, Some("That token is not known, or no longer works")))
                                }
                            }
                            input #token name="token" type="password" autocomplete="off"
                                spellcheck="false" required maxlength="200"
                                aria-invalid=[refused.then_some("true")]
                                aria-describedby=[refused.then_some("token-mistake")];
                        }
                        div.actions { button.btn.primary type="submit" { "Sign in" } }
                    }
                    p.hint {
                        "An admin makes a token with " code { "accuscope token create" } "."
                    }
                }
            }
        }
    };
    Page { room: None, title: "Sign in".to_owned(), live: false, body }
}
