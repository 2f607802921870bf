//! Times of day in a named city, or in UTC.
//!
//! Owns the forms `10:12`, `Tue 24 Nov`, `34 min ago`. Zones are named by their city, never by an
//! abbreviation: British Columbia keeps UTC−07:00 since March 2026, which the zone data calls
//! "MST", and half of Canada would read that as somebody else's time.

use jiff::tz::TimeZone;

use super::language::{Language, said};
use super::numbers::{span, span_in};
use crate::domain::time::Timestamp;

/// A clock to read times by.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    clock: TimeZone,
    city: String,
    language: Language,
    /// `Vancouver time`, `UTC`.
    pub(crate) label: String,
}

impl Zone {
    /// The clock of a time zone, named by its city.
    pub(crate) fn of(time_zone: &TimeZone) -> Self {
        let (city, label) = match time_zone.iana_name().and_then(|name| name.rsplit_once('/')) {
            Some((_, city)) => (city.replace('_', " "), format!("{} time", city.replace('_', " "))),
            None => ("UTC".to_owned(), "UTC".to_owned()),
        };
        Self { clock: time_zone.clone(), city, language: Language::English, label }
    }

    /// The same clock, which says days and its own name in a language.
    pub(crate) fn in_language(self, language: Language) -> Self {
        let label = if self.is_utc() {
            self.label
        } else {
            said!(language, "{city} time", "heure de {city}", city = self.city)
        };
        Self { language, label, ..self }
    }

    /// UTC.
    pub(crate) fn utc() -> Self {
        Self::of(&TimeZone::UTC)
    }

    /// The zone.
    pub(crate) const fn time_zone(&self) -> &TimeZone {
        &self.clock
    }

    /// The city alone, `Vancouver`.
    pub(crate) fn city(&self) -> &str {
        &self.city
    }

    /// Whether this clock is UTC.
    pub(crate) fn is_utc(&self) -> bool {
        self.city == "UTC"
    }

    fn local(&self, at: Timestamp) -> jiff::civil::DateTime {
        self.clock.to_datetime(at.to_jiff())
    }

    fn moment(&self, local: jiff::civil::DateTime) -> Option<Timestamp> {
        let at = self.clock.to_timestamp(local).ok()?;
        Some(Timestamp::from_micros(at.as_microsecond()))
    }

    /// `10:12`.
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        self.local(at).strftime("%H:%M").to_string()
    }

    /// `10:12:05`.
    pub(crate) fn clock_seconds(&self, at: Timestamp) -> String {
        self.local(at).strftime("%H:%M:%S").to_string()
    }

    /// `Tue 24 Nov`, with the year if it is not the one of `now`.
    pub(crate) fn day(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (self.local(at), self.local(now));
        let form = if at.year() == now.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
        named_in(&at.strftime(form).to_string(), self.language)
    }

    /// `10:12` today, `Thu 19 Nov 16:20` on any other day.
    pub(crate) fn when(&self, at: Timestamp, now: Timestamp) -> String {
        if self.local(at).date() == self.local(now).date() {
            self.clock(at)
        } else {
            format!("{} {}", self.day(at, now), self.clock(at))
        }
    }

    /// `2026-11-24T10:25`, as forms write a local time.
    pub(crate) fn local_minute(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Whether it is a full hour that a chart's axis names: every sixth, from midnight.
    pub(crate) fn is_axis_hour(&self, at: Timestamp) -> bool {
        let local = self.local(at);
        local.hour() % 6 == 0 && local.minute() == 0
    }

    /// The offset from UTC, `UTC−07:00`.
    pub(crate) fn offset(&self, at: Timestamp) -> String {
        let seconds = self.clock.to_offset(at.to_jiff()).seconds();
        let (sign, minutes) =
            if seconds < 0 { ('−', -seconds / 60) } else { ('+', seconds / 60) };
        format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The moment of a day, `2026-11-24`, when this clock shows the given time of day.
    pub(crate) fn time_on_day(&self, day: &str, text: &str) -> Option<Timestamp> {
        let day: jiff::civil::Date = jiff::civil::Date::strptime("%Y-%m-%d", day).ok()?;
        let time: jiff::civil::Time = jiff::civil::Time::strptime("%H:%M", text).ok()?;
        self.moment(day.to_datetime(time))
    }

    /// The moment closest to `near`, before it, when this clock shows the given time of day.
    pub(crate) fn last_time_of_day(&self, text: &str, near: Timestamp) -> Option<Timestamp> {
        let time: jiff::civil::Time = jiff::civil::Time::strptime("%H:%M", text).ok()?;
        let local = self.local(near);
        let at = |date: jiff::civil::Date| self.moment(date.to_datetime(time));
        let today = at(local.date())?;
        if today <= near { Some(today) } else { at(local.date().yesterday().ok()?) }
    }
}

/// `34 min ago`, `just now`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let since = now.since(at);
    if since.as_secs() < 2 { "just now".to_owned() } else { format!("{} ago", span(since)) }
}

/// The same in a language: `il y a 34 min`.
pub(crate) fn ago_in(at: Timestamp, now: Timestamp, language: Language) -> String {
    match language {
        Language::English => ago(at, now),
        Language::French if now.since(at).as_secs() < 2 => "à l’instant".to_owned(),
        Language::French => format!("il y a {}", span_in(now.since(at), language)),
    }
}

/// A moment as [`Zone::when`] writes it, with the names of days and months in a language.
pub(crate) fn named_in(when: &str, language: Language) -> String {
    if language == Language::English {
        return when.to_owned();
    }
    let french =
        |word: &str| NAMES.iter().find(|(english, _)| *english == word).map(|(_, own)| *own);
    when.split(' ').map(|word| french(word).unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

const NAMES: [(&str, &str); 19] = [
    ("Mon", "lun."),
    ("Tue", "mar."),
    ("Wed", "mer."),
    ("Thu", "jeu."),
    ("Fri", "ven."),
    ("Sat", "sam."),
    ("Sun", "dim."),
    ("Jan", "janv."),
    ("Feb", "févr."),
    ("Mar", "mars"),
    ("Apr", "avril"),
    ("May", "mai"),
    ("Jun", "juin"),
    ("Jul", "juill."),
    ("Aug", "août"),
    ("Sep", "sept."),
    ("Oct", "oct."),
    ("Nov", "nov."),
    ("Dec", "déc."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::of(&TimeZone::get(name).unwrap())
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn british_columbia_keeps_its_summer_offset_after_march_2026() {
        let vancouver = zone("America/Vancouver");
        assert_eq!(vancouver.offset(at("2026-12-01T12:00:00Z")), "UTC−07:00");
        assert_eq!(vancouver.clock(at("2026-11-24T17:12:00Z")), "10:12");
        assert_eq!(vancouver.label, "Vancouver time");
        assert_eq!(zone("America/Regina").clock(at("2026-07-01T17:12:00Z")), "11:12");
    }

    #[test]
    fn a_day_is_named_only_where_it_is_needed() {
        let (toronto, now) = (zone("America/Toronto"), at("2026-11-24T17:46:00Z"));
        assert_eq!(toronto.when(at("2026-11-24T15:10:00Z"), now), "10:10");
        assert_eq!(toronto.when(at("2026-11-20T01:20:00Z"), now), "Thu 19 Nov 20:20");
        assert_eq!(toronto.day(at("2025-11-20T01:20:00Z"), now), "Wed 19 Nov 2025");
        assert_eq!(Zone::utc().label, "UTC");
    }

    #[test]
    fn a_french_clock_names_days_and_itself_in_french() {
        let (toronto, now) = (zone("America/Toronto"), at("2026-11-24T17:46:00Z"));
        let french = toronto.in_language(Language::French);
        assert_eq!(french.when(at("2026-11-20T01:20:00Z"), now), "jeu. 19 nov. 20:20");
        assert_eq!([french.label.as_str(), french.city()], ["heure de Toronto", "Toronto"]);
        assert_eq!(Zone::utc().in_language(Language::French).label, "UTC");
    }

    #[test]
    fn a_time_of_day_is_the_last_one_before_now() {
        let (toronto, now) = (zone("America/Toronto"), at("2026-11-24T15:46:00Z"));
        let find = |text| toronto.last_time_of_day(text, now).map(|t| t.to_string());
        assert_eq!(find("10:40"), Some("2026-11-24T15:40:00.000000Z".into()));
        assert_eq!(find("23:10"), Some("2026-11-24T04:10:00.000000Z".into()));
        assert_eq!(find("soon"), None);
    }

    #[test]
    fn ages_are_rounded_down() {
        let now = Timestamp::from_seconds(10_000);
        assert_eq!(ago(Timestamp::from_seconds(9_999), now), "just now");
        assert_eq!(ago(Timestamp::from_seconds(7_960), now), "34 min ago");
    }
}
