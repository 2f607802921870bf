//! Groups that are too small to be shown: a count about four people is about each of them.
//!
//! Owns the limit. The group is those who were counted out of, not those who were counted: two of twelve
//! may be shown, two of three may not.

/// The fewest people whose figures are shown.
pub const LEAST: u64 = 5;

/// How many people a clinic has, as far as is known: those invited, or those seen where they are more.
#[must_use]
pub fn group(invited: Option<u64>, seen: u64) -> u64 {
    invited.unwrap_or(0).max(seen)
}

/// A figure about a group, unless the group is too small. Zero is about nobody.
#[must_use]
pub fn shown(figure: u64, group: u64) -> Option<u64> {
    (figure == 0 || group >= LEAST).then_some(figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_shown_from_five_people_on() {
        for (figure, invited, seen, expected) in [
            (2, Some(12), 2, Some(2)),
            (2, Some(4), 2, None),
            (5, None, 5, Some(5)),
            (4, None, 4, None),
            (0, Some(3), 0, Some(0)),
            (6, Some(3), 6, Some(6)),
        ] {
            assert_eq!(shown(figure, group(invited, seen)), expected, "{figure} of {invited:?}");
        }
    }
}
