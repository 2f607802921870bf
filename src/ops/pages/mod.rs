//! The rooms of the site. A room is `page` (the handler), `load` (what to read) and `view` (pure).
//!
//! Owns what stands in each room. Does not own the look of a part; see [`super::components`].

pub(crate) mod access_log;
pub(crate) mod adoption;
pub(crate) mod call;
pub(crate) mod calls;
pub(crate) mod clinic;
pub(crate) mod clinic_rows;
pub(crate) mod clinics;
pub(crate) mod diagnosis;
pub(crate) mod find;
pub(crate) mod incidents;
pub(crate) mod kept;
pub(crate) mod now;
pub(crate) mod own;
pub(crate) mod people;
pub(crate) mod refusal;
pub(crate) mod roles;
pub(crate) mod runbooks;
pub(crate) mod second_factor;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod sign_in_elsewhere;
pub(crate) mod writes;

#[cfg(test)]
pub(crate) mod gallery;
#[cfg(test)]
mod gallery_of_doors;
