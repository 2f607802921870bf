//! How sure a diagnosis is, in words.
//!
//! Owns the steps from the calibrated number to a word and bars, and what lowers it. language.of("Certain", "Certain") is for
//! what Accuro or our own record states; what is inferred stops at language.of("Very likely", "Très probable").

use super::language::Language;
use crate::domain::cause::Cause;

/// How sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// Too little to go by.
    CantTell,
    /// One of a few.
    Possible,
    /// More likely than not.
    Likely,
    /// Hardly anything else fits.
    VeryLikely,
    /// It was stated.
    Certain,
}

impl Confidence {
    /// The word for a probability. A store that lagged behind lowers it by one.
    pub(crate) fn of(cause: Cause, probability: f64, lagged: bool) -> Self {
        let step = match probability {
            _ if cause == Cause::Unknown => Self::CantTell,
            p if p >= 0.97 && is_stated(cause) => Self::Certain,
            p if p >= 0.9 => Self::VeryLikely,
            p if p >= 0.7 => Self::Likely,
            p if p >= 0.4 => Self::Possible,
            _ => Self::CantTell,
        };
        if lagged { step.lower() } else { step }
    }

    const fn lower(self) -> Self {
        match self {
            Self::Certain => Self::VeryLikely,
            Self::VeryLikely => Self::Likely,
            Self::Likely => Self::Possible,
            Self::Possible | Self::CantTell => Self::CantTell,
        }
    }

    /// The word.
    pub(crate) const fn word(self, language: Language) -> &'static str {
        match self {
            Self::CantTell => language.of("Can’t tell", "On ne peut le dire"),
            Self::Possible => language.of("Possible", "Possible"),
            Self::Likely => language.of("Likely", "Probable"),
            Self::VeryLikely => language.of("Very likely", "Très probable"),
            Self::Certain => language.of("Certain", "Certain"),
        }
    }

    /// Bars out of five.
    pub(crate) const fn bars(self) -> u8 {
        match self {
            Self::CantTell => 1,
            Self::Possible => 2,
            Self::Likely => 3,
            Self::VeryLikely => 4,
            Self::Certain => 5,
        }
    }
}

/// Whether the calls themselves say so, by an error code of Accuro's or a record of our own.
const fn is_stated(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Delivered
            | Cause::NotRecorded
            | Cause::AccuscopeFailing
            | Cause::RefusedByAccuscope
            | Cause::ScopeMissing
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_follows_the_number_and_a_lagging_store_lowers_it() {
        for (cause, probability, fresh, lagged) in [
            (Cause::NotRecorded, 0.99, Confidence::Certain, Confidence::VeryLikely),
            (Cause::ChartRestricted, 0.99, Confidence::VeryLikely, Confidence::Likely),
            (Cause::ChartRestricted, 0.9, Confidence::VeryLikely, Confidence::Likely),
            (Cause::AccuroDown, 0.75, Confidence::Likely, Confidence::Possible),
            (Cause::AccuroDown, 0.5, Confidence::Possible, Confidence::CantTell),
            (Cause::AccuroDown, 0.2, Confidence::CantTell, Confidence::CantTell),
            (Cause::Unknown, 0.95, Confidence::CantTell, Confidence::CantTell),
        ] {
            assert_eq!(Confidence::of(cause, probability, false), fresh, "{cause} {probability}");
            assert_eq!(Confidence::of(cause, probability, true), lagged, "{cause} {probability}");
        }
    }
}
