//! The site's parts, each one pure function from a model to markup.
//!
//! Owns the look. There is no inline style or script, since the content security policy forbids
//! both; sizes are SVG attributes and classes. Meaning is never carried by colour alone: a kind of
//! failure is a glyph, a word and a hue.
//!
//! | file | part |
//! | --- | --- |
//! | [`kind`] | kinds of ending and states as glyph and word |
//! | [`shell`], [`menu`], [`sprite`] | what is on every page |
//! | [`bare`] | what is on a page for somebody without an account |
//! | [`verdict`], [`confidence`], [`lanes`], [`finder`] | the top of a page |
//! | [`clinic_field`] | the field for one clinic, however many there are |
//! | [`strip`], [`stacked`], [`heat`], [`axis`], [`spark`], [`swim`] | charts, drawn on the server |
//! | [`table`], [`parts`] | tables, facts, chips, notices |

pub(crate) mod axis;
pub(crate) mod bare;
pub(crate) mod clinic_field;
pub(crate) mod confidence;
pub(crate) mod finder;
pub(crate) mod heat;
pub(crate) mod kind;
pub(crate) mod lanes;
pub(crate) mod leaves;
mod menu;
pub(crate) mod parts;
pub(crate) mod rooms;
pub(crate) mod shell;
pub(crate) mod spark;
pub(crate) mod sprite;
pub(crate) mod stacked;
mod staff;
pub(crate) mod strip;
pub(crate) mod swim;
pub(crate) mod table;
pub(crate) mod verdict;
