//! When a clinic is open: hours of a week and holidays.
//!
//! Owns how they are written, `mon-fri 08:00-17:00`, and the count of open days without use. A clinic
//! that is closed over a weekend or a holiday did not stop using anything.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The hours of a clinic, on its own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningHours {
    /// From Monday on: when it opens and closes; `None` where it does not.
    week: [Option<(Time, Time)>; 7],
    holidays: BTreeSet<Date>,
}

/// A text is not opening hours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not days and hours such as \"mon-fri 08:00-17:00\"")]
pub struct HoursError;

impl Default for OpeningHours {
    /// Monday to Friday, from eight to five.
    fn default() -> Self {
        let day = Some((Time::constant(8, 0, 0, 0), Time::constant(17, 0, 0, 0)));
        Self { week: [day, day, day, day, day, None, None], holidays: BTreeSet::new() }
    }
}

impl OpeningHours {
    /// Reads lines such as `mon-fri 08:00-17:00` and `sat 09:00-12:00`. Two lines about one day make it
    /// open from the first hour to the last.
    ///
    /// # Errors
    ///
    /// [`HoursError`] for anything else.
    pub fn parse<'t>(
        lines: impl IntoIterator<Item = &'t str>,
        holidays: BTreeSet<Date>,
    ) -> Result<Self, HoursError> {
        let mut week = [None; 7];
        for line in lines {
            let (days, hours) = line.trim().split_once(' ').ok_or(HoursError)?;
            let (opens, closes) = hours.trim().split_once('-').ok_or(HoursError)?;
            let (opens, closes) = (time(opens)?, time(closes)?);
            if opens >= closes {
                return Err(HoursError);
            }
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            let place = |name| DAYS.iter().position(|day| *day == name).ok_or(HoursError);
            let (first, last) = (place(first)?, place(last)?);
            for day in week.get_mut(first..=last).ok_or(HoursError)? {
                let (from, to): (Time, Time) = day.unwrap_or((opens, closes));
                *day = Some((from.min(opens), to.max(closes)));
            }
        }
        Ok(Self { week, holidays })
    }

    /// When it opens and closes on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<(Time, Time)> {
        let place = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.week[place].filter(|_| !self.holidays.contains(&day))
    }

    /// How many open days have passed since a day, both ends left out but for today once it has closed.
    /// Looks back a year at most.
    #[must_use]
    pub fn open_days_since(&self, last_use: Date, now: DateTime) -> u64 {
        let mut day = last_use.max(now.date().saturating_sub(366.days()));
        let mut days = 0;
        while let Ok(next) = day.tomorrow()
            && next <= now.date()
        {
            day = next;
            let over = |(_, closes): (Time, Time)| day < now.date() || now.time() >= closes;
            days += u64::from(self.on(day).is_some_and(over));
        }
        days
    }

    /// How many days between two are open, both counted.
    #[must_use]
    pub fn open_days(&self, from: Date, to: Date) -> u64 {
        let days = from.series(1.days()).take_while(|day| *day <= to).take(400);
        days.filter(|day| self.on(*day).is_some()).count() as u64
    }
}

fn time(text: &str) -> Result<Time, HoursError> {
    Time::strptime("%H:%M", text.trim()).map_err(|_| HoursError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn hours(lines: &[&str]) -> Result<OpeningHours, HoursError> {
        OpeningHours::parse(lines.iter().copied(), BTreeSet::from([date(2026, 11, 11)]))
    }

    #[test]
    fn hours_are_read_by_day_and_range() {
        let open =
            hours(&["mon-fri 08:00-12:00", "mon-thu 13:00-17:30", "sat 09:00-12:00"]).unwrap();
        let at = |h, m| Time::constant(h, m, 0, 0);
        assert_eq!(open.on(date(2026, 11, 23)), Some((at(8, 0), at(17, 30))), "Monday");
        assert_eq!(open.on(date(2026, 11, 27)), Some((at(8, 0), at(12, 0))), "Friday");
        assert_eq!(open.on(date(2026, 11, 28)), Some((at(9, 0), at(12, 0))), "Saturday");
        assert_eq!(open.on(date(2026, 11, 29)), None, "Sunday");
        assert_eq!(open.on(date(2026, 11, 11)), None, "a holiday");
        for wrong in
            ["", "mon", "mon 08:00", "mon 17:00-08:00", "fri-mon 08:00-17:00", "mun 08:00-17:00"]
        {
            assert_eq!(hours(&[wrong]), Err(HoursError), "{wrong:?}");
        }
    }

    #[test]
    fn only_open_days_count_as_days_without_use() {
        let open = hours(&["mon-fri 08:00-17:00"]).unwrap();
        let now = |day, hour| date(2026, 11, day).at(hour, 0, 0, 0);
        for (last, at, days) in [
            (date(2026, 11, 20), now(20, 18), 0),
            (date(2026, 11, 20), now(22, 12), 0), // a weekend
            (date(2026, 11, 20), now(23, 12), 0), // Monday is not over
            (date(2026, 11, 20), now(23, 17), 1),
            (date(2026, 11, 18), now(24, 18), 4),
            (date(2026, 11, 10), now(12, 12), 0), // a holiday between
            (date(2026, 11, 24), now(20, 12), 0), // later than now
        ] {
            assert_eq!(open.open_days_since(last, at), days, "{last} {at}");
        }
        assert!(open.open_days_since(date(1990, 1, 1), now(24, 12)) < 263, "a year at most");
        assert_eq!(open.open_days(date(2026, 11, 9), date(2026, 11, 15)), 4);
    }
}
