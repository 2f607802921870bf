//! What is in a chart: derived from the patient's place in the clinic, so that it takes no memory.
//!
//! Owns how many entries a part has, their numbers and their words. Every number leads back to its
//! patient. What was written since the start is kept elsewhere; see [`super::Written`].

/// A part of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Scans and reports.
    Document,
    /// Letters.
    Letter,
    /// Laboratory results.
    Lab,
    /// What the patient takes.
    Medication,
    /// What was prescribed.
    Prescription,
    /// Allergies.
    Allergy,
    /// Problems and procedures.
    History,
}

/// Most entries that one part of a chart has at the start.
const MOST: u64 = 16;
/// The first number of derived entries.
const FIRST: i64 = 100_000;

impl Part {
    const fn tag(self) -> u64 {
        self as u64 + 1
    }

    /// Every chart has between the first and the second number of entries.
    const fn between(self) -> (u64, u64) {
        match self {
            Self::Document => (1, 7),
            Self::Lab => (1, 6),
            Self::Letter | Self::Allergy => (0, 3),
            Self::Medication | Self::History => (1, 5),
            Self::Prescription => (0, 4),
        }
    }

    const fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Document => &["Consult report", "Imaging report", "Referral", "Intake form"],
            Self::Letter => &["Referral letter", "Sick note", "Insurance letter"],
            Self::Lab => &["Complete blood count", "Lipid panel", "Hemoglobin A1c", "TSH"],
            Self::Medication => &["ramipril 5 mg", "metformin 500 mg", "salbutamol inhaler"],
            Self::Prescription => &["amoxicillin 500 mg", "ramipril 5 mg", "naproxen 250 mg"],
            Self::Allergy => &["penicillin", "peanut", "latex"],
            Self::History => &["hypertension", "type 2 diabetes", "appendectomy", "asthma"],
        }
    }
}

/// One derived entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Accuro's number of it.
    pub id: i64,
    /// What it says of itself.
    pub title: &'static str,
    /// How many days before the first day it was made.
    pub age_days: u32,
    /// A measured value, in thousandths.
    pub value_milli: u32,
}

/// The entries of one part of the chart of the patient at `place` in the clinic's list.
pub fn entries(seed: u64, place: usize, part: Part) -> impl Iterator<Item = Entry> {
    let base = mix(mix(seed, part.tag()), place as u64);
    let (least, most) = part.between();
    let count = least + base % (most - least + 1);
    (0..count).map(move |n| {
        let bits = mix(base, n);
        let titles = part.titles();
        Entry {
            id: FIRST + i64::try_from(place as u64 * MOST + n).unwrap_or(0),
            title: titles[usize::try_from(bits % titles.len() as u64).unwrap_or(0)],
            age_days: u32::try_from(bits >> 8 & 0x7ff).unwrap_or(0),
            value_milli: u32::try_from(bits >> 24 & 0x3fff).unwrap_or(0),
        }
    })
}

/// The place of the patient whose chart holds a derived entry of that number.
#[must_use]
pub fn place_of(id: i64) -> Option<usize> {
    let offset = u64::try_from(id.checked_sub(FIRST)?).ok()?;
    usize::try_from(offset / MOST).ok()
}

/// Mixes two numbers into one that looks drawn (the finalizer of Vigna's "splitmix64").
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_entry_leads_back_to_its_patient() {
        for place in [0, 1, 17, 519] {
            for entry in entries(7, place, Part::Document) {
                assert_eq!(place_of(entry.id), Some(place));
            }
        }
        assert_eq!(place_of(99_999), None);
        assert_eq!(place_of(i64::MIN), None);
    }

    #[test]
    fn a_chart_reads_the_same_twice() {
        let read = || entries(7, 3, Part::Lab).collect::<Vec<_>>();
        assert_eq!(read(), read());
        assert!(!read().is_empty());
    }
}
