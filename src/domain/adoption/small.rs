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

/// Today's staff of a clinic; `None` where they are too few for somebody who sees no single call. That nobody was
/// there is no secret.
#[must_use]
pub const fn today(staff: u64, sees_calls: bool) -> Option<u64> {
    if sees_calls || staff == 0 || staff >= LEAST { Some(staff) } else { None }
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

    #[test]
    fn who_sees_no_call_is_not_told_of_so_few() {
        for (staff, sees_calls, expected) in [
            (0, false, Some(0)),
            (1, false, None),
            (4, false, None),
            (5, false, Some(5)),
            (1, true, Some(1)),
        ] {
            assert_eq!(today(staff, sees_calls), expected, "{staff} {sees_calls}");
        }
    }
}
