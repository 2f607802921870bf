//! Who is reading, and what they may see.
//!
//! Owns permissions, signing in, sessions, the visit that every page begins with, and the guard against
//! forms of other sites.
//!
//! | file | what |
//! | --- | --- |
//! | [`policy`] | the one table of who may what |
//! | [`visit`], [`guard`] | how every page begins; headers and forms of other sites |
//! | [`form_token`] | what says that a form is of this session |
//! | [`session`] | the cookie, and signing out |
//! | [`sign_in`], [`link`] | by name and passphrase or by token; by a link that works once |
//! | [`oidc`] | with an `OpenID` Connect provider |
//! | [`factor`], [`sealed`] | the second factor; secrets that have to be read again |
//! | [`share`] | links to the adoption page |
//! | [`hasher`], [`tries`] | argon2id, a few at a time; failures that make somebody wait |

pub(crate) mod factor;
mod form_token;
pub(crate) mod guard;
pub(crate) mod hasher;
pub(crate) mod link;
pub(crate) mod oidc;
pub(crate) mod policy;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod sign_in;
pub(crate) mod tries;
pub(crate) mod visit;
