//! The words of the site: numbers, times, tasks, kinds of trouble, in plain English.
//!
//! Owns how a value is said. Does not own markup; see [`super::components`].

pub(crate) mod adoption;
pub(crate) mod alerts;
pub(crate) mod causes;
pub(crate) mod checks;
pub(crate) mod confidence;
pub(crate) mod deeds;
pub(crate) mod endings;
pub(crate) mod evidence;
pub(crate) mod health;
pub(crate) mod incidents;
pub(crate) mod kept;
pub(crate) mod language;
pub(crate) mod letters;
pub(crate) mod mistakes;
pub(crate) mod numbers;
pub(crate) mod passphrase;
pub(crate) mod read_only;
pub(crate) mod sentences;
pub(crate) mod tasks;
pub(crate) mod times;
