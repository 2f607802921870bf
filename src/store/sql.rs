//! One statement for two databases: its text, and its values beside it.
//!
//! Owns the numbering of parameters and their binding. Texts come from this program only, values
//! only as parameters, so nothing that a user typed becomes SQL.

use sqlx::postgres::{PgArguments, PgTypeInfo, PgValueRef, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Arguments, Decode, Type};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arg {
    Int(Option<i64>),
    Blob(Option<Vec<u8>>),
    Text(Option<String>),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&[u8]> for Arg {
    fn from(value: &[u8]) -> Self {
        Self::Blob(Some(value.to_vec()))
    }
}

impl From<Option<&[u8]>> for Arg {
    fn from(value: Option<&[u8]>) -> Self {
        Self::Blob(value.map(<[u8]>::to_vec))
    }
}

impl From<Option<&str>> for Arg {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

/// Where a parameter stands. SQLite takes it as it is; a numbered one is a name to it, and it looks
/// names up one after the other, which a list of thousands feels.
const PLACE: &str = "?";

/// A statement under construction.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Sql {
    text: String,
    args: Vec<Arg>,
    of_every_day: bool,
}

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Appends text. Only what this program holds as a constant can get in.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Says that a statement looks for few rows in every day's table: planning it takes longer than running
    /// it, so that it is planned once and not for its values.
    pub(super) fn of_every_day(&mut self) -> &mut Self {
        self.of_every_day = true;
        self
    }

    /// Whether it is one of those.
    pub(super) const fn is_of_every_day(&self) -> bool {
        self.of_every_day
    }

    /// Appends the digits of a number, for the name of a table.
    pub(super) fn push_number(&mut self, number: u32) -> &mut Self {
        self.text.push_str(&number.to_string());
        self
    }

    /// Appends a piece with its parameters.
    pub(super) fn append(&mut self, piece: &Self) -> &mut Self {
        self.text.push_str(&piece.text);
        self.args.extend(piece.args.iter().cloned());
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends a parameter.
    pub(super) fn bind(&mut self, value: impl Into<Arg>) -> &mut Self {
        self.args.push(value.into());
        self.place()
    }

    /// Appends the place of a parameter that is bound elsewhere.
    pub(super) fn place(&mut self) -> &mut Self {
        self.text.push_str(PLACE);
        self
    }

    /// Appends parameters with commas between them.
    pub(super) fn bind_all<A: Into<Arg>>(
        &mut self,
        values: impl IntoIterator<Item = A>,
    ) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.bind(value);
        }
        self
    }

    /// The text as PostgreSQL takes it, with numbered parameters.
    pub(super) fn numbered(&self) -> String {
        use std::fmt::Write as _;
        let mut numbered = String::with_capacity(self.text.len() + 3 * self.args.len());
        for (index, piece) in self.text.split(PLACE).enumerate() {
            if index > 0 {
                // Writing to a `String` does not fail.
                let _ = write!(numbered, "${index}");
            }
            numbered.push_str(piece);
        }
        numbered
    }

    pub(super) fn for_sqlite(self) -> Result<(String, SqliteArguments), sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for arg in self.args {
            match arg {
                Arg::Int(value) => arguments.add(value),
                Arg::Blob(value) => arguments.add(value),
                Arg::Text(value) => arguments.add(value),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((self.text, arguments))
    }

    pub(super) fn for_postgres(self) -> Result<(String, PgArguments), sqlx::Error> {
        let text = self.numbered();
        let mut arguments = PgArguments::default();
        for arg in self.args {
            match arg {
                Arg::Int(value) => arguments.add(value),
                Arg::Blob(value) => arguments.add(value),
                Arg::Text(value) => arguments.add(value),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((text, arguments))
    }
}

/// A whole number of any width. PostgreSQL's columns are as narrow as their values allow, and its
/// driver would ask for a Rust type per width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Int(pub(super) i64);

impl Type<Sqlite> for Int {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl<'r> Decode<'r, Sqlite> for Int {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxError> {
        <i64 as Decode<Sqlite>>::decode(value).map(Self)
    }
}

impl Type<Postgres> for Int {
    fn type_info() -> PgTypeInfo {
        <i64 as Type<Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <i64 as Type<Postgres>>::compatible(ty)
            || <i32 as Type<Postgres>>::compatible(ty)
            || <i16 as Type<Postgres>>::compatible(ty)
    }
}

impl<'r> Decode<'r, Postgres> for Int {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxError> {
        // Integers travel in network order, in as many bytes as they are wide.
        let bytes = value.as_bytes()?;
        let (Some(first), 1..=8) = (bytes.first(), bytes.len()) else {
            return Err("not a whole number".into());
        };
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        Ok(Self(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))))
    }
}
