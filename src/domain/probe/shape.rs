//! The structure of a JSON answer: a set of (path, type) hashes, of bounded size.
//!
//! Owns the hashing. It is for telling "the same as before" from "different", not for security: a key
//! makes a digest of it before anything is recorded. It holds no value; null counts as absent, since
//! optional fields come and go.

pub(super) use crate::domain::digest::fnv1a as hash;
use crate::domain::digest::{FNV_SEED, Structure};

/// Where every path and every key begins.
pub(super) const SEED: u64 = FNV_SEED;
/// The path step into an array.
pub(super) const ITEM: u64 = 0x5bd1_e995_97f4_a7c5;

/// An object.
pub(super) const OBJECT: u8 = b'o';
/// An array.
pub(super) const ARRAY: u8 = b'a';
/// A string.
pub(super) const STRING: u8 = b's';
/// A number.
pub(super) const NUMBER: u8 = b'n';
/// `true` or `false`.
pub(super) const BOOLEAN: u8 = b'b';
/// `null`; not part of the shape.
pub(super) const NULL: u8 = 0;

/// Most different (path, type) pairs; later ones are left out.
const MOST: usize = 1_024;

/// The path one step further down.
pub(super) const fn below(path: u64, step: u64) -> u64 {
    mix(path.rotate_left(23) ^ step)
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014).
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Pairs that are known at a glance: the items of a list repeat each other.
const GLANCED: usize = 32;

/// The pairs seen so far: an open-addressing table, zero meaning free.
#[derive(Default)]
pub(super) struct Shape {
    slots: Vec<u64>,
    used: usize,
    sum: u64,
    /// Some of the pairs, each where the low bits of its path say.
    glanced: [(u64, u8); GLANCED],
}

impl Shape {
    /// Adds a pair; adding it again changes nothing.
    pub(super) fn add(&mut self, path: u64, kind: u8) {
        if kind == NULL || self.used == MOST {
            return;
        }
        // Paths are mixed already, or the one at the top.
        let glance = usize::try_from(path % GLANCED as u64).unwrap_or_default();
        let glance = &mut self.glanced[glance];
        if *glance == (path, kind) {
            return;
        }
        *glance = (path, kind);
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let pair = below(path, u64::from(kind)) | 1;
        if place(&mut self.slots, pair) {
            self.used += 1;
            self.sum = self.sum.wrapping_add(mix(pair));
        }
    }

    /// The set as one number, whatever the order in which it was filled.
    pub(super) fn structure(&self) -> Structure {
        Structure::from_bits(mix(self.sum ^ self.used as u64))
    }

    fn grow(&mut self) {
        let mut larger = vec![0; (self.slots.len() * 2).max(64)];
        for pair in self.slots.iter().filter(|pair| **pair != 0) {
            place(&mut larger, *pair);
        }
        self.slots = larger;
    }
}

/// Puts a pair into its slot; false if it was there.
fn place(slots: &mut [u64], pair: u64) -> bool {
    let mask = slots.len() - 1;
    let mut at = (pair >> 1) as usize & mask;
    loop {
        match slots[at] {
            0 => {
                slots[at] = pair;
                return true;
            }
            known if known == pair => return false,
            _ => at = (at + 1) & mask,
        }
    }
}
