//! Why a weekly letter was not sent, in words.

use super::language::Language;
use crate::domain::letter::Failure;

/// A sentence.
pub(crate) const fn why(failure: Failure, language: Language) -> &'static str {
    match failure {
        Failure::Unreachable => {
            language.of("The mail server does not answer.", "Le serveur de courriel ne répond pas.")
        }
        Failure::Tls => language.of(
            "There is no TLS to the mail server that can be trusted.",
            "Il n’y a pas de TLS fiable avec le serveur de courriel.",
        ),
        Failure::SignIn => language.of(
            "The mail server does not take user and password.",
            "Le serveur de courriel refuse le nom et le mot de passe.",
        ),
        Failure::Refused => language.of(
            "The mail server does not take the letter.",
            "Le serveur de courriel refuse la lettre.",
        ),
        Failure::Later => language.of(
            "The mail server asks to try again later.",
            "Le serveur de courriel demande de réessayer plus tard.",
        ),
        Failure::Figures => {
            language.of("The figures could not be read.", "Les chiffres n’ont pu être lus.")
        }
    }
}
