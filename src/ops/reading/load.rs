//! Gets a [`super::Reading`] from the store.
