//! Where the store is: `sqlite:path` or `postgres://…`.
//!
//! Owns the text's rule and its silence: the text can hold a password, so nothing prints it. Does
//! not connect; see [`super::Store::open`].

use std::path::{Path, PathBuf};

/// A database URL.
///
/// Invariant: `sqlite:` and a non-empty path, or a text that the PostgreSQL driver can read.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(Kind);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Why a text is not a [`StoreUrl`]. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    /// Another scheme, or none.
    #[error("a store url begins with sqlite: or postgres://")]
    Scheme,
    /// `sqlite:` and nothing after it, or a database in memory, which no second connection sees.
    #[error("sqlite: is followed by the path of a file")]
    Path,
    /// The PostgreSQL driver cannot read it.
    #[error("what follows postgres:// is not user:password@host:port/database")]
    Postgres,
}

impl StoreUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// Says which rule is broken; see [`StoreUrlError`].
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite:///var/lib/x.db` is the same file as `sqlite:/var/lib/x.db`.
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') || path.contains(['?', '\0']) {
                return Err(StoreUrlError::Path);
            }
            return Ok(Self(Kind::Sqlite(path.into())));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(StoreUrlError::Scheme);
        }
        match text.parse::<sqlx::postgres::PgConnectOptions>() {
            Ok(_) => Ok(Self(Kind::Postgres(text.to_owned()))),
            Err(_) => Err(StoreUrlError::Postgres),
        }
    }

    /// Whether several processes may use the database at a time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.0, Kind::Postgres(_))
    }

    /// The URL of a SQLite file.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        Self(Kind::Sqlite(path.to_path_buf()))
    }

    /// The same PostgreSQL database with a setting of the server's, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_setting(&self, name: &str, value: &str) -> Self {
        match &self.0 {
            Kind::Sqlite(_) => self.clone(),
            Kind::Postgres(text) => {
                let separator = if text.contains('?') { '&' } else { '?' };
                Self(Kind::Postgres(format!("{text}{separator}options=-c{name}%3D{value}")))
            }
        }
    }

    /// The text of a PostgreSQL URL, password included, for tests that bring a client of their own.
    #[doc(hidden)]
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        if let Kind::Postgres(text) = &self.0 { Some(text) } else { None }
    }

    pub(super) const fn kind(&self) -> &Kind {
        &self.0
    }

    /// The file, where the store is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        if let Kind::Sqlite(path) = &self.0 { Some(path) } else { None }
    }
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Sqlite(_) => "sqlite:…",
            Kind::Postgres(_) => "postgres:…",
        })
    }
}

impl<'de> serde::Deserialize<'de> for StoreUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_sqlite_or_postgres() {
        for (text, expected) in [
            ("sqlite:accuscope.db", None),
            ("sqlite:///var/lib/accuscope.db", None),
            ("postgres://user:pass@host:5432/accuscope", None),
            ("postgresql://host/accuscope", None),
            ("sqlite:", Some(StoreUrlError::Path)),
            ("sqlite::memory:", Some(StoreUrlError::Path)),
            ("mysql://root@host", Some(StoreUrlError::Scheme)),
            ("accuscope.db", Some(StoreUrlError::Scheme)),
            ("postgres://host:port/x", Some(StoreUrlError::Postgres)),
        ] {
            assert_eq!(StoreUrl::parse(text).err(), expected, "{text}");
        }
        let three = StoreUrl::parse("sqlite:///var/lib/x.db").unwrap();
        assert_eq!(three.file(), Some(Path::new("/var/lib/x.db")));
    }

    #[test]
    fn a_url_does_not_show_its_password() {
        let url = StoreUrl::parse("postgres://user:hunter2@host/accuscope").unwrap();
        assert_eq!(format!("{url:?}"), "postgres:…");
        let error = StoreUrl::parse("hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
