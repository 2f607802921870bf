//! Why a passphrase or a name is not taken, in the reader's language.
//!
//! Owns the French sentences. The English ones are the domain's own, which the command line says as well.

use super::language::Language;
use crate::domain::clinic_scope::{ClinicScope, ClinicScopeError};
use crate::domain::names::NameError;
use crate::domain::passphrase::PassphraseError;

/// Why a passphrase is not taken.
pub(crate) const fn not_taken(error: PassphraseError, language: Language) -> &'static str {
    match error {
        PassphraseError::TooShort => language.of(
            "Use at least 15 characters: a few words are easier to remember than signs",
            "Utilisez au moins 15 caractères : quelques mots se retiennent mieux que des signes",
        ),
        PassphraseError::TooLong => {
            language.of("Use at most 128 characters", "Utilisez au plus 128 caractères")
        }
        PassphraseError::Control => language.of(
            "Use characters that can be typed: a line break or a tab is none",
            "Utilisez des caractères qui se tapent : un saut de ligne ou une tabulation n’en est pas un",
        ),
        PassphraseError::Pattern => language.of(
            "That is one pattern again and again, which is guessed first. Use a few words",
            "C’est un même motif répété, ce qui se devine en premier. Utilisez quelques mots",
        ),
        PassphraseError::Obvious => language.of(
            "That is made of words that are guessed first, such as the service’s name or yours. Use other words",
            "C’est fait de mots qui se devinent en premier, comme le nom du service ou le vôtre. Utilisez d’autres mots",
        ),
    }
}

/// Why a name is not one of an account.
pub(crate) fn no_name(error: &NameError, language: Language) -> String {
    if language == Language::English {
        return error.to_string();
    }
    match error {
        NameError::Empty { .. } => "Le nom ne peut être vide".to_owned(),
        NameError::TooLong { max, .. } => format!("Le nom a au plus {max} caractères"),
        NameError::Reserved { .. } => {
            "Ce nom est réservé, ou ne commence pas par une lettre".to_owned()
        }
        NameError::BadCharacter { .. } | NameError::IdentifierInRoute { .. } => {
            "Le nom n’a que des lettres a à z, des chiffres, et . @ _ -".to_owned()
        }
    }
}

/// Why a text is no list of clinics.
pub(crate) fn no_clinics(error: ClinicScopeError, language: Language) -> String {
    if language == Language::English {
        return error.to_string();
    }
    match error {
        ClinicScopeError::NotIds => {
            "des identifiants de cliniques séparés par des virgules, comme lakeshore,old-mill"
                .to_owned()
        }
        ClinicScopeError::TooMany => format!("au plus {} cliniques", ClinicScope::MOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_is_the_domains_own() {
        for error in [
            PassphraseError::TooShort,
            PassphraseError::TooLong,
            PassphraseError::Control,
            PassphraseError::Pattern,
            PassphraseError::Obvious,
        ] {
            assert_eq!(not_taken(error, Language::English), error.to_string());
            assert_ne!(not_taken(error, Language::French), error.to_string());
        }
    }
}
