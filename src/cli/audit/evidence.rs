//! What `audit verify` checks a chain against: the folder's own checkpoints and anchors, and copies that
//! were kept elsewhere.

use std::path::{Path, PathBuf};

use super::unreadable;
use crate::cli::exit::{Failure, settings};
use crate::domain::audit::checkpoint::Checkpoint;
use crate::domain::audit::evidence::Evidence;
use crate::domain::audit::signature::PublicKey;
use crate::domain::names::InstanceId;
use crate::journal::audit::checkpoints::{files_of, read_file};
use crate::journal::audit::key;

/// A checkpoint that is not as it was written.
pub(super) struct BadCheckpoint {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    pub(super) wrong: String,
}

/// The key that checkpoints are checked with: the one that was named, else the one of the settings,
/// where the settings are those of this audit.
pub(super) fn public_key(
    named: Option<&PathBuf>,
    of_settings: Option<&Path>,
) -> Result<Option<PublicKey>, Failure> {
    let failed = |error: key::SealKeyError| Failure::run_time(error.to_string());
    if let Some(file) = named {
        return key::public(file).map(Some).map_err(failed);
    }
    let Some(settings_file) = of_settings else { return Ok(None) };
    match settings(settings_file)?.audit.signing_key {
        Some(file) => key::signing(&file).map(|key| Some(key.public())).map_err(failed),
        None => Ok(None),
    }
}

/// Reads the checkpoints about an instance's chain. The inner error is a finding, the outer one a failure
/// to look.
pub(super) fn gather(
    folder: &Path,
    copies: &[PathBuf],
    instance: Option<InstanceId>,
    key: Option<PublicKey>,
) -> Result<Result<Evidence, BadCheckpoint>, Failure> {
    let mut evidence = Evidence::new(instance, key);
    for file in files_of(folder).iter().chain(copies) {
        let is_copy = copies.contains(file);
        if is_copy && !file.is_file() {
            return Err(Failure::usage(format!("--checkpoints: {}: no such file", file.display())));
        }
        let lines = read_file(file).map_err(|error| unreadable(file, &error))?;
        let mut used = 0u64;
        evidence.begin_file();
        for line in lines {
            let bad =
                |wrong: String| BadCheckpoint { file: file.clone(), line: line.number, wrong };
            let checkpoint: Checkpoint = match line.read {
                Ok(checkpoint) => checkpoint,
                // A log has other lines, too.
                Err(_) if is_copy => continue,
                Err(error) => return Ok(Err(bad(error.to_string()))),
            };
            used += 1;
            if let Err(error) = evidence.add(&checkpoint) {
                return Ok(Err(bad(error.to_string())));
            }
        }
        if is_copy && used == 0 {
            let file = file.display();
            return Err(Failure::usage(format!("--checkpoints: {file}: holds no checkpoint")));
        }
    }
    Ok(Ok(evidence))
}
