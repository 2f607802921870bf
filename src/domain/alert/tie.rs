//! Which incident an alert is about.
//!
//! Owns the rule: the cause that the alert's name speaks of, the place, and the time. It is asked anew
//! at every look, so it does not matter whether the alert or the incident came first.

use std::time::Duration;

use super::Alert;
use crate::domain::cause::Cause;
use crate::domain::incident::Incident;
use crate::domain::time::Timestamp;

/// Alerts come after the trouble and go after it: by so much their times may miss each other.
const SLACK: Duration = Duration::from_mins(15);

/// The alerts that speak of causes.
pub const NAMES: &[&str] = &[
    "AccuscopeAuditUnavailable",
    "AccuscopeCircuitOpen",
    "AccuscopeClinicAuthFailing",
    "AccuscopeDown",
    "AccuscopeEmptyAnswersRising",
    "AccuscopeEnvironmentMismatch",
    "AccuscopeErrorBudgetBurnFast",
    "AccuscopeErrorBudgetBurnSlow",
    "AccuscopeFleetAuthFailing",
    "AccuscopeIndexerBehind",
    "AccuscopeRateLimited",
    "AccuscopeRecorderDropping",
    "AccuscopeSchemaDrift",
    "AccuscopeTokenRefreshFailing",
    "AccuscopeUpstreamBrownout",
    "AccuscopeUpstreamDegraded",
    "AccuscopeUpstreamOutage",
];

/// The causes that an alert of this name speaks of, the likeliest first. Empty for names that are not
/// ours: of those the kind of failures decides.
#[must_use]
pub fn speaks_of(name: &str) -> &'static [Cause] {
    use Cause::{
        AccuroDown, AccuroSlow, AccuroUnreachable, AccuscopeFailing, AnswerChanged,
        AppCredentialsRejected, ClinicConnectionRejected, ClinicDown, ClinicSignInFailing,
        NotRecorded, RateLimited, RefusedByAccuscope, RequestRejected, SectionRestricted,
    };
    match name {
        "AccuscopeClinicAuthFailing" => &[
            ClinicConnectionRejected,
            ClinicSignInFailing,
            SectionRestricted,
            AppCredentialsRejected,
        ],
        "AccuscopeFleetAuthFailing" => {
            &[AppCredentialsRejected, ClinicConnectionRejected, ClinicSignInFailing]
        }
        "AccuscopeTokenRefreshFailing" => {
            &[ClinicSignInFailing, ClinicConnectionRejected, AppCredentialsRejected]
        }
        "AccuscopeUpstreamOutage" | "AccuscopeUpstreamDegraded" | "AccuscopeCircuitOpen" => {
            &[AccuroDown, AccuroUnreachable, ClinicDown, AccuroSlow]
        }
        "AccuscopeUpstreamBrownout" => &[AccuroSlow, AccuroDown, ClinicDown],
        "AccuscopeRateLimited" => &[RateLimited],
        "AccuscopeErrorBudgetBurnFast" | "AccuscopeErrorBudgetBurnSlow" => &[
            AccuroDown,
            AccuroUnreachable,
            AccuroSlow,
            ClinicDown,
            RequestRejected,
            AnswerChanged,
            AccuscopeFailing,
        ],
        "AccuscopeSchemaDrift" | "AccuscopeEmptyAnswersRising" => &[AnswerChanged, RequestRejected],
        "AccuscopeEnvironmentMismatch" => &[RefusedByAccuscope],
        "AccuscopeDown" | "AccuscopeAuditUnavailable" => &[AccuscopeFailing],
        "AccuscopeRecorderDropping" | "AccuscopeIndexerBehind" => &[NotRecorded, AccuscopeFailing],
        _ => &[],
    }
}

/// The number of the incident that an alert is about, if one of these is.
#[must_use]
pub fn incident_of(alert: &Alert, incidents: &[Incident]) -> Option<i64> {
    let fit = |incident: &Incident| fit(alert, incident).map(|fit| (fit, incident.number));
    incidents.iter().filter_map(fit).min().map(|(_, number)| number)
}

/// How well an incident fits: the least is the best.
fn fit(alert: &Alert, incident: &Incident) -> Option<(bool, usize, Duration)> {
    let key = &incident.key;
    let causes = speaks_of(alert.name.as_str());
    let rank = match causes.iter().position(|cause| *cause == key.cause) {
        Some(rank) => rank,
        // Somebody's own rule, which says what kind of failures it is about.
        None if causes.is_empty() && alert.category.is_some() => {
            (alert.category == incident.category).then_some(0)?
        }
        None => return None,
    };
    let elsewhere = match (&alert.clinic, &key.clinic) {
        (Some(told), Some(clinic)) if told != clinic => return None,
        (told, clinic) => told != clinic,
    };
    let until = alert.ends_at.unwrap_or(alert.told_at).max(alert.starts_at);
    let over = incident.closed_at.map(|closed| closed.plus(SLACK));
    let meet = until.plus(SLACK) >= incident.since && over.is_none_or(|end| alert.starts_at <= end);
    meet.then(|| (elsewhere, rank, apart(alert.starts_at, incident.since)))
}

fn apart(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::{Fingerprint, Severity};
    use crate::domain::cause::Scope;
    use crate::domain::health::State;
    use crate::domain::incident::{Counts, Key};
    use crate::domain::labels::Category;
    use crate::domain::names::{AlertName, ClinicId};

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + minutes * 60)
    }

    fn clinic(id: &str) -> Option<ClinicId> {
        (!id.is_empty()).then(|| ClinicId::parse(id).unwrap())
    }

    fn incident(
        number: i64,
        cause: Cause,
        at_clinic: &str,
        from: i64,
        to: Option<i64>,
    ) -> Incident {
        let scope = if at_clinic.is_empty() { Scope::Platform } else { Scope::Clinic };
        Incident {
            number,
            key: Key { cause, scope, clinic: clinic(at_clinic) },
            state: State::Failing,
            category: cause.category(),
            operation: None,
            confidence: 0.9,
            since: at(from),
            opened_at: at(from),
            last_seen: at(to.unwrap_or(from)),
            closed_at: to.map(at),
            end: None,
            peak: Counts::default(),
        }
    }

    fn alert(name: &str, at_clinic: &str, from: i64) -> Alert {
        Alert {
            fingerprint: Fingerprint(7),
            name: AlertName::parse(name).unwrap(),
            clinic: clinic(at_clinic),
            severity: Severity::Critical,
            category: None,
            starts_at: at(from),
            ends_at: None,
            told_at: at(from),
        }
    }

    #[test]
    fn an_alert_is_about_the_incident_of_its_cause_place_and_time() {
        let incidents = [
            incident(1, Cause::ClinicConnectionRejected, "lakeshore", 0, None),
            incident(2, Cause::ClinicConnectionRejected, "old-mill", 0, None),
            incident(3, Cause::AccuroDown, "", -600, Some(-500)),
            incident(4, Cause::AccuroDown, "", 5, Some(30)),
            incident(5, Cause::ClinicDown, "old-mill", 6, None),
            incident(6, Cause::AccuscopeFailing, "", 0, None),
        ];
        for (name, place, from, expected) in [
            ("AccuscopeClinicAuthFailing", "lakeshore", 2, Some(1)),
            ("AccuscopeClinicAuthFailing", "old-mill", 2, Some(2)),
            ("AccuscopeClinicAuthFailing", "harbour-view", 2, None),
            // The wider one of the causes that it may be.
            ("AccuscopeUpstreamOutage", "", 6, Some(4)),
            ("AccuscopeUpstreamOutage", "", -590, Some(3)),
            // It came a little after the end of it.
            ("AccuscopeUpstreamOutage", "", -490, Some(3)),
            // After that only what one clinic has is left.
            ("AccuscopeUpstreamOutage", "", 120, Some(5)),
            ("AccuscopeAuditUnavailable", "", 1, Some(6)),
            ("AccuscopeRateLimited", "", 1, None),
            ("AccuscopeWatchdog", "", 1, None),
        ] {
            assert_eq!(
                incident_of(&alert(name, place, from), &incidents),
                expected,
                "{name} {place} {from}"
            );
        }
    }

    #[test]
    fn the_list_of_names_is_that_of_the_rule() {
        let text = include_str!("tie.rs");
        let (_, rule) = text.split_once("match name {").unwrap();
        let (rule, _) = rule.split_once("_ => &[]").unwrap();
        let mut named: Vec<&str> =
            rule.split('"').filter(|part| part.starts_with("Accuscope")).collect();
        named.sort_unstable();
        assert_eq!(NAMES, named);
    }

    #[test]
    fn a_rule_that_is_not_ours_is_told_by_its_kind_of_failures() {
        let incidents = [incident(1, Cause::AccuroDown, "", 0, None)];
        let mut own = alert("MoreThanUsual", "", 1);
        assert_eq!(incident_of(&own, &incidents), None);
        own.category = Some(Category::Transient);
        assert_eq!(incident_of(&own, &incidents), Some(1));
        own.category = Some(Category::Auth);
        assert_eq!(incident_of(&own, &incidents), None);
    }
}
