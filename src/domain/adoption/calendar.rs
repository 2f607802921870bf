//! Weeks and months of a clinic's own calendar.
//!
//! Owns ISO 8601 weeks, `2026-W47`, from Monday to Sunday, and months. They are dates only: which
//! moments lie in a date depends on the clinic's time zone and is decided where days are counted.

use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};

/// An ISO week, by its Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week(Date);

/// A text is not an ISO week. It never repeats the text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO week such as 2026-W47")]
pub struct WeekError;

impl Week {
    /// The week that a day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let back = i64::from(day.weekday().to_monday_zero_offset());
        Self(day.saturating_sub(back.days()))
    }

    /// Reads `2026-W47`.
    ///
    /// # Errors
    ///
    /// [`WeekError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, WeekError> {
        let (year, week) = text.split_once("-W").ok_or(WeekError)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || week.len() != 2 || !digits(year) || !digits(week) {
            return Err(WeekError);
        }
        let (year, week) = (year.parse(), week.parse());
        let (Ok(year), Ok(week)) = (year, week) else { return Err(WeekError) };
        let date = ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| WeekError)?;
        Ok(Self(date.date()))
    }

    /// Its Monday.
    #[must_use]
    pub const fn first(self) -> Date {
        self.0
    }

    /// Its Sunday.
    #[must_use]
    pub fn last(self) -> Date {
        self.0.saturating_add(6.days())
    }

    /// The number that people call it by, 1 to 53.
    #[must_use]
    pub fn number(self) -> i8 {
        self.0.iso_week_date().week()
    }

    /// The week that lies so many weeks later; earlier if negative.
    #[must_use]
    pub fn plus(self, weeks: i64) -> Self {
        Self(self.0.saturating_add((weeks * 7).days()))
    }

    /// How many weeks another one lies behind.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_hours().div_euclid(24 * 7)
    }
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let iso = self.0.iso_week_date();
        write!(f, "{:04}-W{:02}", iso.year(), iso.week())
    }
}

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The month that a day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> Date {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.0.last_of_month()
    }
}

/// How long one count is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// A day.
    Day,
    /// An ISO week.
    Week,
    /// A month.
    Month,
}

impl Bucket {
    /// Every length, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The first and the last day of the bucket that a day lies in.
    #[must_use]
    pub fn around(self, day: Date) -> (Date, Date) {
        match self {
            Self::Day => (day, day),
            Self::Week => (Week::of(day).first(), Week::of(day).last()),
            Self::Month => (Month::of(day).first(), Month::of(day).last()),
        }
    }

    /// Its number in the store.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 2,
            Self::Month => 3,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The reverse of [`Bucket::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn weeks_are_read_and_written_as_iso_8601_has_them() {
        for (day, text) in [
            (date(2026, 11, 22), "2026-W47"),
            (date(2026, 11, 23), "2026-W48"),
            (date(2026, 12, 31), "2026-W53"),
            (date(2027, 1, 3), "2026-W53"),
            (date(2024, 12, 30), "2025-W01"),
        ] {
            assert_eq!(Week::of(day).to_string(), text);
            assert_eq!(Week::parse(text), Ok(Week::of(day)));
        }
        for text in
            ["", "2026", "2026-47", "2026-W54", "2025-W53", "2026-W00", "2026-W4", "+026-W47"]
        {
            assert_eq!(Week::parse(text), Err(WeekError), "{text:?}");
        }
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let february = Month::of(date(2028, 2, 11));
        assert_eq!((february.first(), february.last()), (date(2028, 2, 1), date(2028, 2, 29)));
    }

    proptest! {
        #[test]
        fn a_day_lies_in_its_week_and_no_other(day in 0i32..40_000, weeks in -60i64..60) {
            let day = date(1990, 1, 1).saturating_add(day.days());
            let week = Week::of(day);
            prop_assert!(week.first() <= day && day <= week.last());
            prop_assert_eq!(Week::parse(&week.to_string()), Ok(week));
            prop_assert_eq!(week.plus(weeks).since(week), weeks);
        }
    }
}
