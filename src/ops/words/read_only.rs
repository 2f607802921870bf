//! Why writes are off, in one sentence.

use crate::domain::admission::read_only::ReadOnlyCause;

/// Who or what switched writes off.
pub(crate) const fn cause_of(cause: ReadOnlyCause) -> &'static str {
    match cause {
        ReadOnlyCause::Configured => "Writes are off in this process’s settings.",
        ReadOnlyCause::Switched => "Somebody switched writes off.",
        ReadOnlyCause::Flapping => {
            "Accuro goes down again and again, so writes are off until it is steady."
        }
    }
}
