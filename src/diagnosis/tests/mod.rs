//! The engine on hand-made calls, without a store.

mod beside;
mod causes;
mod cautious;
mod edges;
mod golden;
mod properties;
mod sparse;
mod world;
