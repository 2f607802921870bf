//! The schema, brought up to date when the store is opened.
//!
//! Owns the list of migrations. They are part of the program, so an installation has no folder to
//! lose. An applied migration is never edited; the driver compares checksums and refuses.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};

/// One migration in both dialects.
macro_rules! migrations {
    ($($version:literal $name:literal,)+) => {
        const SQLITE: &[(i64, &str, &str)] = &[$((
            $version, $name,
            include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
        ),)+];
        const POSTGRES: &[(i64, &str, &str)] = &[$((
            $version, $name,
            include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        ),)+];
    };
}

migrations! {
    1 "0001_dictionaries",
    2 "0002_exchanges",
    3 "0003_rollups",
    4 "0004_checkpoints",
    5 "0005_access",
    6 "0006_audit",
    7 "0007_retention",
    8 "0008_days",
    12 "0012_diagnoses",
    13 "0013_incidents",
    15 "0015_claims",
    16 "0016_accounts",
    17 "0017_access_log",
    20 "0020_adoption",
    21 "0021_oncall",
    22 "0022_claim_owner",
    26 "0026_clinic_scope",
    27 "0027_second_factor",
    28 "0028_registry",
    29 "0029_watches_told",
    30 "0030_lean",
    31 "0031_audit_samples",
    32 "0032_to_rewrite",
    33 "0033_shares_and_digests",
    34 "0034_first_link",
    35 "0035_mergers",
    36 "0036_mergers_by_day",
    37 "0037_merger_overlaps",
}

/// The newest version that this program has.
pub(super) fn newest() -> i64 {
    SQLITE.last().map_or(0, |(version, ..)| *version)
}

pub(super) fn sqlite() -> Migrator {
    migrator(SQLITE)
}

/// Under the driver's advisory lock, so that two instances may start at once.
pub(super) fn postgres() -> Migrator {
    migrator(POSTGRES)
}

fn migrator(list: &'static [(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        let sql = sqlx::SqlStr::from_static(sql);
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(list.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_folders_hold_the_same_migrations_and_all_of_them_are_listed() {
        let listed: Vec<_> = SQLITE.iter().map(|(_, name, _)| format!("{name}.sql")).collect();
        for folder in ["migrations/sqlite", "migrations/postgres"] {
            let mut found: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            assert_eq!(found, listed, "{folder}");
        }
    }
}
