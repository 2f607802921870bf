//! What each cause makes of each comparison: the likelihoods, as data.
//!
//! Owns the numbers. They say how Accuro and apps behave, not how any one history looks: a column
//! reads "if this were the cause, how often would such calls be like the ticket's?". Priors are how
//! often support meets a cause among those that show the same symptom. A cause that shows in two ways has
//! two rows.

use super::beta::Level::{self, Always as A, Mostly as M, Never as N, Rare as R, Some as S};
use crate::diagnosis::cells::Cell;
use crate::diagnosis::symptom::Symptom;
use crate::domain::cause::Cause;

/// One cause under one symptom.
pub(in crate::diagnosis) struct Row {
    pub(in crate::diagnosis) cause: Cause,
    pub(in crate::diagnosis) prior: f64,
    pub(in crate::diagnosis) levels: &'static [(Cell, Level)],
}

impl Row {
    /// What the cause expects of a comparison.
    pub(super) fn level(&self, cell: Cell) -> Level {
        let found = self.levels.iter().find(|(of, _)| *of == cell);
        found.map_or(Level::Any, |(_, level)| *level)
    }
}

macro_rules! rows {
    ($($cause:ident $prior:literal { $($cell:ident $level:ident),* $(,)? })+) => {
        &[$(Row { cause: Cause::$cause, prior: $prior, levels: &[$((Cell::$cell, $level)),*] }),+]
    };
}

/// The causes that can show a symptom.
pub(in crate::diagnosis) const fn rows(symptom: Symptom) -> &'static [Row] {
    match symptom {
        Symptom::Refused => REFUSED,
        Symptom::Grant => GRANT,
        Symptom::Scope => SCOPE,
        Symptom::NotFound => NOT_FOUND,
        Symptom::Empty => EMPTY,
        Symptom::Invalid => INVALID,
        Symptom::Conflict => CONFLICT,
        Symptom::TooMany => TOO_MANY,
        Symptom::Unavailable => UNAVAILABLE,
        Symptom::Garbled => GARBLED,
        Symptom::Ours => OURS,
        Symptom::Rule | Symptom::Repeated => RULE,
        Symptom::Worked => WORKED,
    }
}

// Accuro says 401 for a dead token and for a missing permission alike, and may say 403. Who else is
// refused, and where, tells them apart.
const REFUSED: &[Row] = rows! {
    ClinicConnectionRejected 0.14 {
        OwnPatientElsewhere A, OwnTask A, OwnElsewhere A, OwnOtherToken A, PeerPatient A, PeerPatientElsewhere A,
        PeerTask A, PeerElsewhere A, OtherApps A, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, ClinicGrants N,
    }
    ClinicSignInFailing 0.06 {
        OwnPatientElsewhere A, OwnTask A, OwnElsewhere A, OwnOtherToken S, PeerPatient S, PeerPatientElsewhere S,
        PeerTask S, PeerElsewhere S, OwnGrants A, PeerGrants A, OtherAppGrants S, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, ClinicGrants N,
    }
    AppCredentialsRejected 0.06 {
        OwnPatientElsewhere A, OwnTask A, OwnElsewhere A, OwnOtherToken A, PeerPatient A, PeerPatientElsewhere A,
        PeerTask A, PeerElsewhere A, OtherApps N, ClinicsTask A, ClinicsElsewhere A, ClinicsOtherApps N, ClinicGrants S, OwnGrants S, PeerGrants S, OtherAppGrants N,
    }
    SessionExpired 0.17 {
        OwnPatientElsewhere A, OwnTask A, OwnElsewhere A, OwnOtherToken N, PeerPatient N, PeerPatientElsewhere N,
        PeerTask N, PeerElsewhere N, OtherApps N, ContextHere N, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, PeerGrants N, OtherAppGrants N, ClinicGrants N,
    }
    WrongContext 0.09 {
        ContextHere A, ContextElsewhere N, OtherContexts N, OwnTask M, OwnElsewhere R,
        OwnOtherToken R, PeerTask S, PeerElsewhere R, ClinicsElsewhere R,
    }
    SectionRestricted 0.17 {
        OwnPatientElsewhere N, OwnTask A, OwnElsewhere N, OwnOtherToken N, PeerPatient N, PeerPatientElsewhere N,
        PeerTask N, PeerElsewhere N, OtherApps N, ContextHere N, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, PeerGrants N, ClinicGrants N,
    }
    ChartRestricted 0.21 {
        OwnPatientElsewhere M, OwnTask N, OwnElsewhere N, OwnOtherToken N, PeerPatient N, PeerPatientElsewhere N,
        PeerTask N, PeerElsewhere N, OtherApps N, ContextHere N, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, PeerGrants N, ClinicGrants N,
    }
    ChartMaskedForAll 0.08 {
        OwnPatientElsewhere M, OwnTask N, OwnElsewhere N, OwnOtherToken N, PeerPatient A, PeerPatientElsewhere M,
        PeerTask N, PeerElsewhere N, OtherApps N, ContextHere N, ClinicsTask N, ClinicsElsewhere N, ClinicsOtherApps N, PeerGrants N, ClinicGrants N,
    }
    Unknown 0.04 {}
};

// The token endpoint names its reasons, but not whose fault they are.
const GRANT: &[Row] = rows! {
    ClinicSignInFailing 0.4 {
        OwnGrants A, PeerGrants A, OtherAppGrants M, ClinicGrants N, OwnElsewhere S, PeerTask S, PeerElsewhere S, OtherApps S,
    }
    ClinicConnectionRejected 0.12 {
        OwnGrants A, PeerGrants A, OtherAppGrants M, ClinicGrants N, OwnElsewhere A, PeerTask A, PeerElsewhere A, OtherApps M,
        ClinicsElsewhere N,
    }
    AppCredentialsRejected 0.25 {
        OwnGrants A, PeerGrants A, OtherAppGrants N, ClinicGrants A, ClinicsOtherApps N, OtherApps N,
    }
    SessionExpired 0.18 {
        OwnGrants M, PeerGrants N, OtherAppGrants N, ClinicGrants N, OwnElsewhere S, PeerTask N, PeerElsewhere N,
    }
    Unknown 0.05 {}
};

const SCOPE: &[Row] = rows! {
    ScopeMissing 0.97 {}
    Unknown 0.03 {}
};

const NOT_FOUND: &[Row] = rows! {
    RecordGone 0.32 {
        OwnPatientElsewhere M, OwnTask R, PeerPatient A, PeerPatientElsewhere M, PeerTask R,
        ClinicsTask R, OtherOffices A,
    }
    NeverFound 0.4 {
        OwnPatientElsewhere M, OwnTask R, PeerPatient A, PeerPatientElsewhere M, PeerTask R,
        ClinicsTask R, OtherOffices A,
    }
    WrongOffice 0.2 {
        OwnPatientElsewhere M, OwnTask R, PeerPatient A, PeerPatientElsewhere M, PeerTask R,
        ClinicsTask R, OtherOffices N,
    }
    // Some systems say "not found" for "not for you".
    ChartRestricted 0.02 {
        OwnPatientElsewhere M, OwnTask R, PeerPatient N, PeerPatientElsewhere N, PeerTask R,
        ClinicsTask R, OtherOffices S,
    }
    Unknown 0.06 {}
};

const EMPTY: &[Row] = rows! {
    NoMatch 0.4 {
        OwnHere S, OwnTask R, PeerTask R, PeerPatient M, ClinicsTask R, OtherOffices M,
    }
    SilentlyFiltered 0.3 {
        OwnHere A, OwnTask A, PeerTask R, PeerPatient N, ClinicsTask R, OtherOffices S,
    }
    WrongOffice 0.2 {
        OwnHere A, OwnTask M, PeerTask M, PeerPatient M, ClinicsTask R, OtherOffices R,
    }
    Delivered 0.03 {
        OwnHere S, OwnTask S, PeerTask S, PeerPatient A, ClinicsTask S, OtherOffices M,
    }
    Unknown 0.07 {}
};

const INVALID: &[Row] = rows! {
    RequestRejected 0.47 {
        OwnTask M, PeerPatient M, PeerTask M, ClinicsTask M, OwnElsewhere R,
        PeerElsewhere R, ClinicsElsewhere R, OtherApps S, ClinicsOtherApps S,
    }
    RecordRejected 0.47 {
        OwnTask N, PeerPatient A, PeerTask N, ClinicsTask N, OwnElsewhere R,
        PeerElsewhere R, ClinicsElsewhere R, OtherApps R, ClinicsOtherApps N,
    }
    Unknown 0.06 {}
};

const CONFLICT: &[Row] = rows! {
    BeingEdited 0.9 { OwnTask R, PeerTask R, ClinicsTask N }
    RequestRejected 0.07 { OwnTask A, PeerTask A, ClinicsTask A }
    Unknown 0.03 {}
};

const TOO_MANY: &[Row] = rows! {
    RateLimited 0.97 {}
    Unknown 0.03 {}
};

// Which clinics share it says whose it is; what kind of failure says what it is (`hints`).
const UNAVAILABLE: &[Row] = rows! {
    AccuroDown 0.31 {
        OwnTask M, OwnElsewhere M, PeerPatient M, PeerTask M, PeerElsewhere M,
        ClinicsTask M, ClinicsElsewhere M,
    }
    // One part of it, from which nobody gets an answer.
    AccuroDown 0.03 {
        OwnTask M, OwnElsewhere R, PeerPatient M, PeerTask M, PeerElsewhere R,
        ClinicsTask M, ClinicsElsewhere R,
    }
    AccuroSlow 0.13 {
        OwnTask S, OwnElsewhere S, PeerPatient S, PeerTask S, PeerElsewhere S,
        ClinicsTask S, ClinicsElsewhere S,
    }
    AccuroUnreachable 0.14 {
        OwnTask M, OwnElsewhere M, PeerPatient M, PeerTask M, PeerElsewhere M,
        ClinicsTask M, ClinicsElsewhere M,
    }
    ClinicDown 0.31 {
        OwnTask M, OwnElsewhere M, PeerPatient M, PeerTask M, PeerElsewhere M,
        ClinicsTask N, ClinicsElsewhere N,
    }
    Unknown 0.08 {}
};

const GARBLED: &[Row] = rows! {
    AnswerChanged 0.72 {
        OwnTask A, OwnElsewhere N, PeerPatient A, PeerTask A, PeerElsewhere N,
        ClinicsTask A, ClinicsElsewhere N,
    }
    // A maintenance page stands in for every answer.
    AccuroDown 0.12 {
        OwnTask A, OwnElsewhere A, PeerPatient A, PeerTask A, PeerElsewhere A,
        ClinicsTask A, ClinicsElsewhere A,
    }
    ClinicDown 0.08 {
        OwnTask A, OwnElsewhere A, PeerPatient A, PeerTask A, PeerElsewhere A,
        ClinicsTask N, ClinicsElsewhere N,
    }
    Unknown 0.08 {}
};

const OURS: &[Row] = rows! {
    AccuscopeFailing 0.97 {}
    Unknown 0.03 {}
};

const RULE: &[Row] = rows! {
    RefusedByAccuscope 0.97 {}
    Unknown 0.03 {}
};

// "Like" is "slow" here.
const WORKED: &[Row] = rows! {
    Delivered 0.9 { OwnHere R, ClinicsTask N, ClinicsElsewhere N }
    AccuroSlow 0.05 {
        OwnHere M, OwnElsewhere S, PeerTask S, PeerElsewhere S, ClinicsTask S, ClinicsElsewhere S,
    }
    AnswerChanged 0.05 { OwnHere R }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priors_are_probabilities_and_no_cause_is_listed_twice() {
        let symptoms = [
            Symptom::Worked,
            Symptom::Empty,
            Symptom::Refused,
            Symptom::Scope,
            Symptom::Grant,
            Symptom::NotFound,
            Symptom::Invalid,
            Symptom::Conflict,
            Symptom::TooMany,
            Symptom::Unavailable,
            Symptom::Garbled,
            Symptom::Ours,
            Symptom::Rule,
            Symptom::Repeated,
        ];
        for symptom in symptoms {
            let rows = rows(symptom);
            let sum: f64 = rows.iter().map(|row| row.prior).sum();
            assert!((sum - 1.0).abs() < 0.05, "{symptom:?}: {sum}");
            for (index, row) in rows.iter().enumerate() {
                // Accuro is down as a whole or in part.
                let again = rows[..index].iter().filter(|other| other.cause == row.cause);
                let ways =
                    usize::from(row.cause == Cause::AccuroDown && symptom == Symptom::Unavailable);
                assert!(again.count() <= ways, "{symptom:?} {}", row.cause);
                for (at, (cell, _)) in row.levels.iter().enumerate() {
                    let again = row.levels[..at].iter().any(|(other, _)| other == cell);
                    assert!(!again, "{symptom:?} {}: {cell:?} twice", row.cause);
                }
            }
        }
    }
}
