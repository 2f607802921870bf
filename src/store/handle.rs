//! The store as those see it who must live without it for a while.

use std::sync::Arc;

use tokio::sync::SetOnce;

use super::Store;

/// The store, once it is reached. Cloning gives another view of the same.
#[derive(Clone, Default)]
pub struct StoreHandle(Arc<SetOnce<Store>>);

/// Where the store is put once it is reached.
pub struct StoreSlot(StoreHandle);

impl StoreHandle {
    /// An empty slot and a view of it.
    #[must_use]
    pub fn new() -> (StoreSlot, Self) {
        let handle = Self::default();
        (StoreSlot(handle.clone()), handle)
    }

    /// The store; `None` while it has not been reached since the start.
    #[must_use]
    pub fn get(&self) -> Option<&Store> {
        self.0.get()
    }

    /// The store, as soon as it is reached.
    pub async fn reached(&self) -> &Store {
        self.0.wait().await
    }
}

impl From<Store> for StoreHandle {
    fn from(store: Store) -> Self {
        let (slot, handle) = Self::new();
        slot.put(store);
        handle
    }
}

impl StoreSlot {
    /// The store is reached. A second store is ignored: readers hold on to the first.
    pub fn put(&self, store: Store) {
        let _ = self.0.0.set(store);
    }
}
