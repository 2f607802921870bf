//! Shares, calibration and confusion of many answers.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

use std::collections::BTreeMap;

use super::judge::Judged;

/// One bin of the reliability table: answers of a range of confidence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bin {
    pub(crate) answers: usize,
    pub(crate) right: usize,
    pub(crate) confidence: f64,
}

/// Right ones among those that something was expected of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Share {
    pub(crate) right: usize,
    pub(crate) of: usize,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    fn count_if(&mut self, right: Option<bool>) {
        if let Some(right) = right {
            self.count(right);
        }
    }

    /// From 0 to 1.
    pub(crate) fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// The figures of a set of answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) first: Share,
    pub(crate) second: Share,
    pub(crate) scope: Share,
    pub(crate) persistence: Share,
    pub(crate) owner: Share,
    pub(crate) since: Share,
    pub(crate) affected: Share,
    /// Wrong with more than 0.8 confidence.
    pub(crate) sure_and_wrong: usize,
    /// Surer than thin evidence allows.
    pub(crate) too_sure: usize,
    /// Mean squared difference between confidence and rightness, over the answers that name a cause.
    pub(crate) brier: f64,
    pub(crate) bins: [Bin; 10],
    /// True cause and answered cause, where the answer was not accepted.
    pub(crate) confused: BTreeMap<(String, String), usize>,
    /// Right ones by true cause.
    pub(crate) by_cause: BTreeMap<String, Share>,
}

impl Figures {
    pub(crate) fn of<'j>(all: impl Iterator<Item = &'j Judged>) -> Self {
        let mut figures = Self::default();
        let (mut squares, mut named) = (0.0, 0_usize);
        for one in all {
            figures.first.count(one.top1);
            figures.second.count(one.top2);
            figures.scope.count_if(one.scope);
            figures.persistence.count_if(one.persistence);
            figures.owner.count(one.owner);
            figures.since.count_if(one.since);
            figures.affected.count_if(one.affected);
            figures.by_cause.entry(one.truth.clone()).or_default().count(one.top1);
            figures.too_sure += usize::from(one.too_sure);
            let confidence = one.said.confidence;
            if !one.top1 {
                let pair = (one.truth.clone(), one.said.cause.clone());
                *figures.confused.entry(pair).or_default() += 1;
            }
            if one.said.cause == "unknown" {
                continue;
            }
            figures.sure_and_wrong += usize::from(!one.top1 && confidence > 0.8);
            let bin = &mut figures.bins[((confidence * 10.0) as usize).min(9)];
            bin.answers += 1;
            bin.right += usize::from(one.top1);
            bin.confidence += confidence;
            squares += (confidence - f64::from(u8::from(one.top1))).powi(2);
            named += 1;
        }
        figures.brier = squares / named.max(1) as f64;
        figures
    }

    /// The share whose first answer is right.
    pub(crate) fn top1(&self) -> f64 {
        self.first.value()
    }

    /// The share whose first or second answer is right.
    pub(crate) fn top2(&self) -> f64 {
        self.second.value()
    }
}
