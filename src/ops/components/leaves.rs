//! Long lists in pieces: which piece an address means, and the way to the others.
//!
//! Owns the number in the address and the links. How long a piece is, is the page's business.

use maud::{Markup, html};

use super::shell::Frame;

/// The number of a piece, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf(u16);

impl Default for Leaf {
    fn default() -> Self {
        Self(1)
    }
}

impl Leaf {
    /// Reads the number of an address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| plain && *number > 0).map(Self)
    }

    /// The one that the query part of an address names, else the first.
    pub(crate) fn of_query(query: &str) -> Self {
        let value = query.split('&').find_map(|pair| pair.strip_prefix("page="));
        value.and_then(Self::parse).unwrap_or_default()
    }

    /// The items of this piece.
    pub(crate) fn of<T>(self, items: &[T], each: usize) -> &[T] {
        items.chunks(each).nth(usize::from(self.0) - 1).unwrap_or_default()
    }

    /// The pair for an address; none for the first piece.
    pub(crate) fn pair(self) -> Option<String> {
        (self.0 > 1).then(|| format!("page={}", self.0))
    }

    /// The way to the other pieces, where there are any. `address` gives a piece's.
    pub(crate) fn links(
        self,
        items: usize,
        each: usize,
        address: impl Fn(Self) -> String,
        frame: &Frame,
    ) -> Markup {
        let last = u16::try_from(items.div_ceil(each)).unwrap_or(u16::MAX);
        html! {
            @if last > 1 {
                nav.actions aria-label=(frame.t("Pages", "Pages")) {
                    @if self.0 > 1 {
                        a.btn href=(address(Self(self.0 - 1))) { (frame.t("Before", "Avant")) }
                    }
                    p.small.muted.also { (frame.t("Page ", "Page ")) (self.0) (frame.t(" of ", " sur ")) (last) }
                    @if self.0 < last {
                        a.btn href=(address(Self(self.0 + 1))) { (frame.t("Next", "Suite")) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_named_by_a_small_number_and_holds_its_items() {
        for (text, expected) in [
            ("1", Some(1)),
            ("12", Some(12)),
            ("0", None),
            ("-1", None),
            ("9123456780", None),
            ("x", None),
        ] {
            assert_eq!(Leaf::parse(text).map(|leaf| leaf.0), expected, "{text}");
        }
        let items: Vec<u32> = (0..25).collect();
        assert_eq!(Leaf(3).of(&items, 10), [20, 21, 22, 23, 24]);
        assert!(Leaf(4).of(&items, 10).is_empty());
        assert_eq!(Leaf::of_query("phase=live&page=3"), Leaf(3));
        assert_eq!((Leaf(1).pair(), Leaf(2).pair().as_deref()), (None, Some("page=2")));
    }
}
