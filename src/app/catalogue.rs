//! The catalogue that a process starts with.

use std::path::Path;

use super::StartError;
use crate::domain::catalogue::Catalogue;

/// The catalogue: the embedded default, overlaid by the operator's file.
///
/// # Errors
///
/// [`StartError`], naming the file.
pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, StartError> {
    let Some(file) = file else { return Ok(Catalogue::embedded()?) };
    let text = std::fs::read_to_string(file)
        .map_err(|source| StartError::CatalogueFile { file: file.to_owned(), source })?;
    Catalogue::with_overlay(&text)
        .map_err(|source| StartError::Overlay { file: file.to_owned(), source })
}
