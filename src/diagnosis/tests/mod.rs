//! The engine on hand-made calls, without a store.

mod causes;
mod golden;
mod properties;
mod world;
