//! The incident that a ticket is part of, where the watch has opened one.
//!
//! Owns the matching of an answer with what is kept of incidents. The verdict does not depend on it.

use super::DiagnosisError;
use super::answer::Diagnosis;
use super::scene::Scene;
use crate::domain::cause::{Cause, Scope};
use crate::domain::incident::{Incident, Key};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;
use crate::store::Store;

/// The number of the incident that an answer is part of. The watch looks at one environment, so calls of
/// another one have none.
pub(super) async fn number(
    store: &Store,
    scene: &Scene,
    cause: Cause,
    answer: &Diagnosis,
) -> Result<Option<i64>, DiagnosisError> {
    let Some(since) = answer.since.filter(|_| cause.is_trouble()) else { return Ok(None) };
    let until = answer.works_again.unwrap_or(scene.subject.to());
    let known = store.incidents_during(since, until).await?;
    let clinic = scene.subject.clinic.as_ref();
    Ok(part_of(&known, cause, clinic, since).map(|incident| incident.number))
}

/// The incident of the same trouble: of the same name before a wider one, the nearest beginning first.
fn part_of<'i>(
    known: &'i [Incident],
    cause: Cause,
    clinic: Option<&ClinicId>,
    since: Timestamp,
) -> Option<&'i Incident> {
    let here = Key { cause, scope: Scope::Clinic, clinic: clinic.cloned() };
    let wide = Key { cause, scope: cause.scope(), clinic: None };
    let same = |key: &Key| {
        let place = key.clinic.is_none() || key.clinic.as_ref() == clinic;
        let trouble = key.cause == cause
            || key.explains(&here)
            || key.explains(&wide)
            || here.explains(key)
            || wide.explains(key);
        place && trouble
    };
    let rank = |incident: &&Incident| {
        let apart = incident.since.since(since).max(since.since(incident.since));
        (incident.key.cause != cause, apart, incident.number)
    };
    known.iter().filter(|incident| same(&incident.key)).min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::at;
    use crate::domain::health::State;
    use crate::domain::incident::Counts;

    fn incident(number: i64, cause: Cause, clinic: Option<&str>, minute: i64) -> Incident {
        let scope = if clinic.is_some() { Scope::Clinic } else { cause.scope() };
        Incident {
            number,
            key: Key { cause, scope, clinic: clinic.map(|id| ClinicId::parse(id).unwrap()) },
            state: State::Failing,
            category: cause.category(),
            operation: None,
            confidence: 0.9,
            since: at(minute),
            opened_at: at(minute),
            last_seen: at(minute),
            closed_at: None,
            end: None,
            peak: Counts::default(),
        }
    }

    #[test]
    fn a_ticket_is_part_of_the_incident_of_its_trouble() {
        let known = [
            incident(1, Cause::ClinicConnectionRejected, Some("lakeshore"), 0),
            incident(2, Cause::AccuroDown, None, 0),
            incident(3, Cause::AccuroDown, None, -50),
            incident(4, Cause::ClinicDown, Some("foothills"), 0),
        ];
        for (cause, clinic, number) in [
            (Cause::AccuroDown, "lakeshore", Some(2)),
            (Cause::ClinicDown, "lakeshore", Some(2)),
            (Cause::ClinicDown, "foothills", Some(4)),
            (Cause::ClinicConnectionRejected, "lakeshore", Some(1)),
            (Cause::ClinicSignInFailing, "lakeshore", Some(1)),
            (Cause::ClinicConnectionRejected, "foothills", None),
            (Cause::ChartRestricted, "lakeshore", None),
        ] {
            let clinic = ClinicId::parse(clinic).unwrap();
            let found = part_of(&known, cause, Some(&clinic), at(1));
            assert_eq!(found.map(|incident| incident.number), number, "{cause} {clinic}");
        }
    }
}
