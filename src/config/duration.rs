//! Durations as people write them: `500ms`, `2s`, `5m`, `1h`, `90d`, `10y`.

use std::time::Duration;

/// Reads a whole number and a unit; a year has 365 days. `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(number)),
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "y" => 365 * 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_and_a_unit() {
        for (text, seconds) in
            [("2s", 2), ("5m", 300), ("1h", 3_600), ("90d", 7_776_000), ("10y", 315_360_000)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        for text in ["", "2", "s", "-2s", "2 s", "2w", "99999999999999999y"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
