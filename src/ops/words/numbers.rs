//! Counts, shares and durations as people read them.
//!
//! Owns the rounding: a share is rounded down, so that only all is 100 %. Does not own units of
//! time of day; see [`super::times`].

use std::time::Duration;

use super::language::Language;

/// A count with thousands separated, `1,204`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun, `1 call`, `1,204 calls`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The same in a language: French separates thousands by a narrow space, and none is one of its kind.
pub(crate) fn counted_in(
    n: u64,
    english: [&str; 2],
    french: [&str; 2],
    language: Language,
) -> String {
    let [one, many] = language.of(english, french);
    match language {
        Language::English => counted(n, one, many),
        Language::French => {
            format!("{}\u{a0}{}", language.number(n), if n < 2 { one } else { many })
        }
    }
}

/// A share: `99.9%`, `100%` only where it is all, `3 of 4` below twenty, `No calls` of none.
pub(crate) fn share(part: u64, whole: u64) -> String {
    match (part, whole) {
        (_, 0) => "No calls".to_owned(),
        (part, whole) if whole < 20 => format!("{part} of {whole}"),
        (part, whole) if part >= whole => "100%".to_owned(),
        (part, whole) => {
            let tenths = part * 1_000 / whole;
            format!("{}.{}%", tenths / 10, tenths % 10)
        }
    }
}

impl Language {
    /// A count with thousands separated: `1,204`, `1 204` with a narrow space.
    pub(crate) fn number(self, n: u64) -> String {
        self.in_its_digits(count(n))
    }

    /// A count with its noun, one and many.
    pub(crate) fn counted(self, n: u64, english: [&str; 2], french: [&str; 2]) -> String {
        counted_in(n, english, french, self)
    }

    /// A share, as [`share`] rounds it: `99.9%`, `99,9 %`.
    pub(crate) fn share(self, part: u64, whole: u64) -> String {
        self.in_its_digits(
            share(part, whole).replace("No calls", self.of("No calls", "Aucun appel")),
        )
    }

    /// How long a call took, as [`took`] rounds it: `0.4 s`, `0,4 s`.
    pub(crate) fn took(self, micros: u64) -> String {
        self.in_its_digits(took(micros).replace("under", self.of("under", "moins de")))
    }

    /// A span of time.
    pub(crate) fn span(self, time: Duration) -> String {
        span_in(time, self)
    }

    /// A size: `3.4 MB`, `3,4 Mo`.
    pub(crate) fn size(self, bytes: u64) -> String {
        match self {
            Self::English => size(bytes),
            Self::French => self.in_its_digits(
                size(bytes)
                    .replace("bytes", if bytes == 0 { "octet" } else { "octets" })
                    .replace("byte", "octet")
                    .replace("kB", "ko")
                    .replace("MB", "Mo"),
            ),
        }
    }

    /// A number that was written in English: French has a comma before tenths, a narrow space between
    /// thousands and a space before the percent sign, and says `sur` for `of`.
    pub(crate) fn in_its_digits(self, english: String) -> String {
        if self == Self::English {
            return english;
        }
        let separated = english.replace(',', "\u{202f}").replace('.', ",");
        separated.replace('%', "\u{a0}%").replace(" of ", " sur ")
    }
}

/// How long a call took: `6 ms`, `0.4 s`, `12 s`, `2 min`.
pub(crate) fn took(micros: u64) -> String {
    match micros {
        0..1_000 => "under 1 ms".to_owned(),
        1_000..100_000 => format!("{} ms", micros / 1_000),
        100_000..10_000_000 => {
            let tenths = (micros + 50_000) / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        10_000_000..120_000_000 => format!("{} s", micros / 1_000_000),
        _ => format!("{} min", micros / 60_000_000),
    }
}

/// A span of time: `2 s`, `34 min`, `2 h 5 min`, `6 days`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..172_800 if minutes.is_multiple_of(60) => format!("{hours} h"),
        3_600..172_800 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} days"),
    }
}

/// The same in a language: only the word for days differs.
pub(crate) fn span_in(time: Duration, language: Language) -> String {
    span(time).replace(" days", language.of(" days", " jours"))
}

/// A size: `840 bytes`, `12 kB`, `3.4 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte", "bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_is_a_hundred_percent() {
        for (part, whole, text) in [
            (0, 0, "No calls"),
            (3, 4, "3 of 4"),
            (4, 4, "4 of 4"),
            (168, 380, "44.2%"),
            (9_999, 10_000, "99.9%"),
            (657, 657, "100%"),
            (0, 657, "0.0%"),
        ] {
            assert_eq!(share(part, whole), text);
        }
    }

    #[test]
    fn french_numbers_are_written_as_french_has_them() {
        let french = Language::French;
        assert_eq!(french.number(1_204_000), "1\u{202f}204\u{202f}000");
        assert_eq!(french.share(168, 380), "44,2\u{a0}%");
        assert_eq!([french.share(3, 4), french.share(0, 0)].join(", "), "3 sur 4, Aucun appel");
        assert_eq!([french.took(400_000), french.took(900)].join(", "), "0,4 s, moins de 1 ms");
        assert_eq!([french.size(0), french.size(3_456_789)].join(", "), "0 octet, 3,4 Mo");
        assert_eq!(Language::English.share(168, 380), "44.2%");
    }

    #[test]
    fn counts_and_durations_are_short() {
        assert_eq!(
            [count(0), count(999), count(1_204), count(1_000_000)].join(" "),
            "0 999 1,204 1,000,000"
        );
        for (micros, text) in [
            (900, "under 1 ms"),
            (6_400, "6 ms"),
            (400_000, "0.4 s"),
            (1_949_000, "1.9 s"),
            (12_400_000, "12 s"),
            (180_000_000, "3 min"),
        ] {
            assert_eq!(took(micros), text);
        }
        for (seconds, text) in [
            (2, "2 s"),
            (2_040, "34 min"),
            (7_200, "2 h"),
            (7_500, "2 h 5 min"),
            (600_000, "6 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!([size(1), size(12_345), size(3_456_789)].join(", "), "1 byte, 12 kB, 3.4 MB");
    }
}
