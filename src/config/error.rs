//! What can be wrong with the settings, in words that help and repeat nothing.

use std::path::PathBuf;

use crate::domain::registry::RegistryError;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read ({source}); name another file with --config", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}: line {line}: not TOML: {problem}", file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What the reader says.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{place}: unknown key {key}{}", nearest.map_or(String::new(), |n| format!("; did you mean {n}?")))]
    UnknownKey {
        /// The file or the environment variable.
        place: String,
        /// The key.
        key: String,
        /// The nearest known one.
        nearest: Option<&'static str>,
    },
    /// A key without which accuscope does not start.
    #[error("{}: key {key} is missing; example: {example}", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
        /// The key.
        key: &'static str,
        /// A correct line.
        example: String,
    },
    /// A value that the key does not take.
    #[error("{place}: key {key}: must be {expected}; example: {example}")]
    Wrong {
        /// The file or the environment variable.
        place: String,
        /// The key, with the entry's number in lists.
        key: String,
        /// What it takes.
        expected: String,
        /// A correct line.
        example: String,
    },
    /// A clinic became part of another one that does not do.
    #[error("{}: key {key}: {source}", file.display())]
    Merger {
        /// The file.
        file: PathBuf,
        /// The key, with the entry's number.
        key: String,
        /// What does not do.
        source: RegistryError,
    },
    /// Clinics and applications contradict each other.
    #[error("{}: {source}", file.display())]
    Registry {
        /// The file.
        file: PathBuf,
        /// What contradicts.
        source: RegistryError,
    },
}
