//! The store as those see it who must live without it for a while.

use tokio::sync::watch;

use super::Store;

/// The store, once it is reached. Cloning gives another view of the same.
#[derive(Clone)]
pub struct StoreHandle(watch::Receiver<Option<Store>>);

/// Where the store is put once it is reached.
pub struct StoreSlot(watch::Sender<Option<Store>>);

impl StoreHandle {
    /// An empty slot and a view of it.
    #[must_use]
    pub fn new() -> (StoreSlot, Self) {
        let (sender, receiver) = watch::channel(None);
        (StoreSlot(sender), Self(receiver))
    }

    /// A view of a store that is there.
    #[must_use]
    pub fn of(store: Store) -> Self {
        let (slot, handle) = Self::new();
        slot.put(store);
        handle
    }

    /// The store; `None` while it has not been reached since the start.
    #[must_use]
    pub fn get(&self) -> Option<Store> {
        self.0.borrow().clone()
    }
}

impl StoreSlot {
    /// The store is reached.
    pub fn put(&self, store: Store) {
        self.0.send_replace(Some(store));
    }
}
