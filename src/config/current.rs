//! A setting that a reload may replace while calls are served.
//!
//! Owns the swap: readers see the old value or the new one as a whole, never a mixture, and never
//! wait. What may be replaced, and when, is decided in `app::reload`.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

/// The value as of now. Cloning gives a second view of the same.
pub struct Current<T>(Arc<ArcSwap<T>>);

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> From<Arc<T>> for Current<T> {
    fn from(value: Arc<T>) -> Self {
        Self::new(value)
    }
}

impl<T> Current<T> {
    /// A value that may be replaced later.
    #[must_use]
    pub fn new(value: impl Into<Arc<T>>) -> Self {
        Self(Arc::new(ArcSwap::new(value.into())))
    }

    /// The value for a short look, such as one call.
    #[must_use]
    pub fn get(&self) -> Guard<Arc<T>> {
        self.0.load()
    }

    /// The value to keep for a while.
    #[must_use]
    pub fn keep(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// Replaces the value. Whoever holds the old one keeps it.
    pub fn replace(&self, value: impl Into<Arc<T>>) {
        self.0.store(value.into());
    }
}
