//! The answer as the outside sees it: the JSON of the contract's section 6.
//!
//! Owns the field names and their order; programs and the terminal print the same bytes. Fields
//! beyond the contract only add to it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::time::Timestamp;

/// Why somebody could not see what they asked for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Diagnosis {
    /// The most probable cause, or `unknown`.
    pub cause: &'static str,
    /// The failure category; null where nothing failed.
    #[schema(required)]
    pub category: Option<&'static str>,
    /// How far it reaches.
    pub scope: &'static str,
    /// Whether it lasts.
    pub persistence: &'static str,
    /// 0 to 1. Calibrated: of the answers given with 0.9, nine in ten are right.
    pub confidence: f64,
    /// The first failure; null where nothing failed.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// The last success before it: the trouble began in between. Null where none is known.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub worked_until: Option<Timestamp>,
    /// The first success after a trouble that is over.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub works_again: Option<Timestamp>,
    /// Whose move it is.
    pub owner: &'static str,
    /// How many the cause touched, as far as was looked.
    pub affected: Affected,
    /// The comparisons that were made.
    pub checks: Vec<Check>,
    /// Comparisons for which there were no calls.
    pub checks_without_calls: Vec<&'static str>,
    /// Causes that the calls speak against.
    pub ruled_out: Vec<&'static str>,
    /// Why, in the same order.
    pub ruled_out_reasons: Vec<RuledOut>,
    /// Other causes that remain possible, the most probable first.
    pub alternatives: Vec<Alternative>,
    /// What to do, and what to write.
    pub advice: Advice,
    /// The ids of the calls that the question is about, oldest first; at most 50.
    pub exchanges: Vec<String>,
    /// Until when events are recorded; null where there are none.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// Whether the records end so early before the end of what is asked about that the confidence is
    /// capped: at 0.9, or at 0.6 where they end before the moment itself.
    pub lagging: bool,
    /// The number of the incident that this is part of, where the watch has opened one; else null.
    #[schema(required)]
    pub incident: Option<i64>,
}

/// How many a trouble touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiagnosisAffected)]
pub struct Affected {
    /// Clinics.
    pub clinics: usize,
    /// Staff and services.
    pub actors: usize,
    /// Patients.
    pub patients: usize,
    /// Calls.
    pub calls: usize,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiagnosisCheck)]
pub struct Check {
    /// Its name.
    pub check: &'static str,
    /// Calls that worked.
    pub worked: u32,
    /// Calls that found nothing.
    pub empty: u32,
    /// Calls that failed.
    pub failed: u32,
    /// Whether it speaks for the cause.
    pub supports: bool,
    /// What it tells.
    pub tells: &'static str,
}

/// A cause that the calls speak against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiagnosisRuledOut)]
pub struct RuledOut {
    /// The cause.
    pub cause: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// A cause that remains possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = DiagnosisAlternative)]
pub struct Alternative {
    /// The cause.
    pub cause: &'static str,
    /// 0 to 1.
    pub confidence: f64,
}

/// What to do, and what to write. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiagnosisAdvice)]
pub struct Advice {
    /// Who does what, in order.
    pub steps: Vec<&'static str>,
    /// For the clinic's Accuro administrator, or whoever has to act.
    pub message_for_admin: &'static str,
    /// For the person who asked.
    pub message_for_user: &'static str,
    /// The same in French.
    pub fr: FrenchAdvice,
}

/// The advice in French.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiagnosisFrenchAdvice)]
pub struct FrenchAdvice {
    /// Who does what, in order.
    pub steps: Vec<&'static str>,
    /// For the clinic's Accuro administrator, or whoever has to act.
    pub message_for_admin: &'static str,
    /// For the person who asked.
    pub message_for_user: &'static str,
}

/// A probability with two digits, so that the answer's bytes do not hang on the last bit.
pub(super) fn two_digits(probability: f64) -> f64 {
    (probability.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

/// The same, never more than it is.
pub(super) fn two_digits_down(probability: f64) -> f64 {
    // What is a whole number of hundredths but for the last bit stays one.
    (probability.clamp(0.0, 1.0) * 100.0 + 1e-6).floor() / 100.0
}
