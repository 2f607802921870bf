//! Why writes are off, in one sentence.

use super::language::Language;
use crate::domain::admission::read_only::ReadOnlyCause;

/// Who or what switched writes off.
pub(crate) const fn cause_of(cause: ReadOnlyCause, language: Language) -> &'static str {
    match cause {
        ReadOnlyCause::Configured => language.of("Writes are off in this process’s settings.", "Les écritures sont désactivées dans la configuration de ce processus."),
        ReadOnlyCause::Switched => language.of("Somebody switched writes off.", "Quelqu’un a désactivé les écritures."),
        ReadOnlyCause::Flapping => {
            language.of("Accuro goes down again and again, so writes are off until it is steady.", "Accuro tombe sans cesse en panne; les écritures sont donc désactivées jusqu’à ce qu’il soit stable.")
        }
    }
}
