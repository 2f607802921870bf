//! The engine on hand-made calls, without a store.

mod causes;
mod properties;
mod world;
