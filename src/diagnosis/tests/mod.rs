//! The engine on hand-made calls, without a store.

mod causes;
mod cautious;
mod edges;
mod golden;
mod properties;
mod world;
