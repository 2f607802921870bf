//! The ops site: pages for people.
//!
//! Owns pages, sessions and markup. Reads the store only; never calls Accuro and knows nothing of
//! the call path.

mod access;
mod assets;
mod components;
mod freshness;
mod pages;
mod preferences;
mod reading;
mod words;
