//! Small counts: how probable are so many of so many, if the rate itself is not known?
//!
//! Owns the Beta-binomial likelihood. Proportions of small counts lie (one of one is no certainty);
//! integrating over the rate does not.

/// ln of B(yes + a, no + b) / B(a, b): the probability of a certain series of `yes` and `no`, which
/// may be fractions, under a rate that is Beta(a, b).
pub(in crate::diagnosis) fn ln_ratio(yes: f64, no: f64, a: f64, b: f64) -> f64 {
    ln_beta(yes + a, no + b) - ln_beta(a, b)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ln Γ(x) for x > 0, by Stirling's series after shifting x above 7 (Abramowitz and Stegun, 6.1.41);
/// the error is below 1e-9.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 1.0;
    while x < 7.0 {
        shift *= x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1_260.0 - z / 1_680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_8 + series - f64::ln(shift)
}

/// How often a comparison is spoiled.
const SPOILED: f64 = 0.01;

/// How often something is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnosis) enum Level {
    /// Only by chance.
    Never,
    /// Now and then.
    Rare,
    /// Any share: none, all, or something in between.
    Some,
    /// Mostly.
    Mostly,
    /// But for chance.
    Always,
    /// The cause says nothing about it.
    Any,
}

impl Level {
    /// ln of the probability of so many yes and no.
    pub(super) fn ln(self, yes: f64, no: f64) -> f64 {
        let beta = |a, b| ln_ratio(yes, no, a, b);
        let (never, always) = (|| beta(0.3, 12.0), || beta(12.0, 0.3));
        // What calls in general do: mostly one thing, and mostly the good one.
        let any = ln_sum(&[(0.6, never()), (0.2, beta(0.8, 0.8)), (0.2, always())]);
        let said = match self {
            Self::Never => ln_sum(&[(0.8, never()), (0.2, beta(0.8, 7.0))]),
            Self::Rare => ln_sum(&[(0.5, never()), (0.5, beta(0.6, 4.0))]),
            Self::Some => ln_sum(&[(0.25, never()), (0.5, beta(0.8, 0.8)), (0.25, always())]),
            Self::Mostly => ln_sum(&[(0.5, always()), (0.5, beta(4.0, 0.8))]),
            Self::Always => ln_sum(&[(0.8, always()), (0.2, beta(7.0, 0.8))]),
            Self::Any => return any,
        };
        // One comparison may be spoiled by something that nobody knows of.
        ln_sum(&[(1.0 - SPOILED, said), (SPOILED, any)])
    }

    /// Whether a share of yes agrees; `None` where the cause says nothing.
    pub(in crate::diagnosis) fn agrees(self, yes: f64, no: f64) -> Option<bool> {
        let share = yes / (yes + no);
        match self {
            Self::Never | Self::Rare => Some(share <= 0.35),
            Self::Always | Self::Mostly => Some(share >= 0.65),
            Self::Some | Self::Any => None,
        }
    }
}

/// ln of a weighted sum of exponentials.
pub(super) fn ln_sum(parts: &[(f64, f64)]) -> f64 {
    let most = parts.iter().map(|(_, ln)| *ln).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = parts.iter().map(|(weight, ln)| weight * (ln - most).exp()).sum();
    most + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_logarithm_of_gamma_is_right() {
        // Γ(1) = Γ(2) = 1, Γ(1/2) = √π, Γ(11) = 10!.
        for (x, expected) in [
            (1.0, 0.0),
            (2.0, 0.0),
            (0.5, std::f64::consts::PI.sqrt().ln()),
            (11.0, 3_628_800f64.ln()),
        ] {
            assert!((ln_gamma(x) - expected).abs() < 1e-8, "{x}");
        }
    }

    #[test]
    fn one_success_of_a_colleague_weighs_more_than_a_guess() {
        let ratio = Level::Never.ln(0.0, 1.0) - Level::Always.ln(0.0, 1.0);
        assert!(ratio > 3.0, "{ratio}");
    }

    proptest! {
        /// More of what a level expects never makes it less likely against its contrary; where it is
        /// certain already, the last hundredths may move.
        #[test]
        fn agreement_adds_up(yes in 0.0f64..200.0, more in 0.0f64..50.0) {
            let gain = |n| Level::Always.ln(n, 0.0) - Level::Never.ln(n, 0.0);
            prop_assert!(gain(yes + more) >= gain(yes) - 0.05);
        }

        #[test]
        fn no_observation_says_nothing(level in 0usize..6) {
            let levels = [Level::Never, Level::Rare, Level::Some, Level::Mostly, Level::Always, Level::Any];
            prop_assert!(levels[level].ln(0.0, 0.0).abs() < 1e-9);
        }
    }
}
