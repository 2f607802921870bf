//! Reading the keys that sign and check checkpoints.
//!
//! Owns the message that names the file. The form is `domain::audit::signature`'s business; nothing here
//! repeats a key.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::domain::audit::signature::{KeyFormError, PublicKey, SigningKey};

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SealKeyError {
    /// The file cannot be read.
    #[error("{}: cannot be read ({source}); make a key with: accuscope audit key create FILE", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{}: {source}", file.display())]
    Form {
        /// The file.
        file: PathBuf,
        /// What it should hold.
        source: KeyFormError,
    },
}

fn text(file: &Path) -> Result<Zeroizing<String>, SealKeyError> {
    std::fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|source| SealKeyError::Unreadable { file: file.to_owned(), source })
}

/// Reads the half that signs.
///
/// # Errors
///
/// [`SealKeyError`], naming the file.
pub fn signing(file: &Path) -> Result<SigningKey, SealKeyError> {
    let form = |source| SealKeyError::Form { file: file.to_owned(), source };
    SigningKey::parse(&text(file)?).map_err(form)
}

/// Reads the half that checks.
///
/// # Errors
///
/// [`SealKeyError`], naming the file.
pub fn public(file: &Path) -> Result<PublicKey, SealKeyError> {
    let form = |source| SealKeyError::Form { file: file.to_owned(), source };
    PublicKey::parse(&text(file)?).map_err(form)
}
