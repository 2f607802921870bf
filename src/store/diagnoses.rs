//! Diagnoses as they were given, what people said about them, and who waits for which to be over.
//!
//! Owns the three tables. Does not diagnose, and does not read what a question or an answer says:
//! both are texts to it. What people say is kept and counted; nothing learns from it.

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::cause::{Cause, Correction};
use crate::domain::ids::DiagnosisId;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// A diagnosis as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDiagnosis {
    /// Its address.
    pub id: DiagnosisId,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// By which account; `None` where sign-in is off.
    pub asked_by: Option<String>,
    /// About which clinic, where one was named or found.
    pub clinic: Option<ClinicId>,
    /// The cause.
    pub cause: Cause,
    /// The question, in references.
    pub question: String,
    /// The answer's JSON.
    pub answer: String,
    /// The picture's JSON.
    pub picture: String,
    /// How far the store was when it was given.
    pub recorded_until: Option<Timestamp>,
}

/// A diagnosis in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosisLine {
    /// Its address.
    pub id: DiagnosisId,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// About which clinic.
    pub clinic: Option<ClinicId>,
    /// The cause.
    pub cause: Cause,
}

/// What one person said about a diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// When.
    pub at: Timestamp,
    /// Whether it was right.
    pub is_right: bool,
    /// What it was instead.
    pub was: Option<Correction>,
}

/// What people said about a cause, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedbackCount {
    /// It was right.
    pub right: u64,
    /// It was something else.
    pub wrong: u64,
}

type Row =
    (String, Int, Option<String>, Option<String>, String, String, String, String, Option<Int>);

const fn unknown(table: &'static str, column: &'static str) -> StoreError {
    StoreError::UnknownValue { table, column }
}

fn id(text: &str, table: &'static str, column: &'static str) -> Result<DiagnosisId, StoreError> {
    DiagnosisId::parse(text).ok_or(unknown(table, column))
}

fn cause(text: &str) -> Result<Cause, StoreError> {
    Cause::parse(text).ok_or(unknown("diagnoses", "cause"))
}

fn clinic(text: Option<String>) -> Option<ClinicId> {
    ClinicId::parse(&text?).ok()
}

fn time(int: Int) -> Timestamp {
    Timestamp::from_micros(int.0)
}

fn kept(row: Row) -> Result<KeptDiagnosis, StoreError> {
    let (text, asked_at, asked_by, at, named, question, answer, picture, until) = row;
    Ok(KeptDiagnosis {
        id: id(&text, "diagnoses", "id")?,
        asked_at: time(asked_at),
        asked_by,
        clinic: clinic(at),
        cause: cause(&named)?,
        question,
        answer,
        picture,
        recorded_until: until.map(time),
    })
}

impl Store {
    /// Keeps a diagnosis.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn keep_diagnosis(&self, new: &KeptDiagnosis) -> Result<(), StoreError> {
        let mut sql = Sql::new(
            "insert into diagnoses (id, asked_at, asked_by, clinic, cause, question, answer, \
             picture, recorded_until) values (",
        );
        sql.bind(new.id.as_str()).push(", ").bind(new.asked_at.micros()).push(", ");
        sql.bind(new.asked_by.as_deref()).push(", ");
        sql.bind(new.clinic.as_ref().map(ClinicId::as_str)).push(", ");
        sql.bind(new.cause.as_str()).push(", ").bind(new.question.as_str()).push(", ");
        sql.bind(new.answer.as_str()).push(", ").bind(new.picture.as_str()).push(", ");
        sql.bind(new.recorded_until.map(Timestamp::micros)).push(")");
        self.pools.execute(sql).await.map(drop)
    }

    /// The diagnosis at an address.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn diagnosis(&self, id: &DiagnosisId) -> Result<Option<KeptDiagnosis>, StoreError> {
        let mut sql = Sql::new(
            "select id, asked_at, asked_by, clinic, cause, question, answer, picture, \
             recorded_until from diagnoses where id = ",
        );
        sql.bind(id.as_str());
        self.pools.first(sql).await?.map(kept).transpose()
    }

    /// What an account asked last, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn diagnoses_of(
        &self,
        account: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DiagnosisLine>, StoreError> {
        let mut sql = Sql::new("select id, asked_at, clinic, cause from diagnoses where asked_by");
        match account {
            Some(account) => sql.push(" = ").bind(account),
            None => sql.push(" is null"),
        };
        sql.push(" order by asked_at desc limit ").bind(i64::from(limit));
        let rows: Vec<(String, Int, Option<String>, String)> = self.pools.all(sql).await?;
        let line = |(text, asked_at, at, named): (String, Int, Option<String>, String)| {
            Ok(DiagnosisLine {
                id: id(&text, "diagnoses", "id")?,
                asked_at: time(asked_at),
                clinic: clinic(at),
                cause: cause(&named)?,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// Keeps what somebody says about a diagnosis, in place of what the same person said before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn keep_feedback(
        &self,
        diagnosis: &DiagnosisId,
        cause: Cause,
        account: &str,
        said: &Feedback,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new(
            "insert into diagnosis_feedback (diagnosis, account, said_at, cause, is_right, was) \
             values (",
        );
        sql.bind(diagnosis.as_str()).push(", ").bind(account).push(", ");
        sql.bind(said.at.micros()).push(", ").bind(cause.as_str()).push(", ");
        sql.bind(i64::from(said.is_right)).push(", ").bind(said.was.map(Correction::as_str));
        sql.push(
            ") on conflict (diagnosis, account) do update set said_at = excluded.said_at, \
             is_right = excluded.is_right, was = excluded.was",
        );
        self.pools.execute(sql).await.map(drop)
    }

    /// What somebody said about a diagnosis.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn feedback(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
    ) -> Result<Option<Feedback>, StoreError> {
        let mut sql =
            Sql::new("select said_at, is_right, was from diagnosis_feedback where diagnosis = ");
        sql.bind(diagnosis.as_str()).push(" and account = ").bind(account);
        let row: Option<(Int, Int, Option<String>)> = self.pools.first(sql).await?;
        let said = |(at, is_right, was): (Int, Int, Option<String>)| Feedback {
            at: time(at),
            is_right: is_right.0 != 0,
            was: was.as_deref().and_then(Correction::parse),
        };
        Ok(row.map(said))
    }

    /// What people said about a cause.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn feedback_about(&self, cause: Cause) -> Result<FeedbackCount, StoreError> {
        let mut sql = Sql::new(
            "select count(*), count(case when is_right = 1 then 1 end) from diagnosis_feedback \
             where cause = ",
        );
        sql.bind(cause.as_str());
        let row: Option<(Int, Int)> = self.pools.first(sql).await?;
        let count = |(all, right): (Int, Int)| {
            let right = right.0.cast_unsigned();
            FeedbackCount { right, wrong: all.0.cast_unsigned().saturating_sub(right) }
        };
        Ok(row.map(count).unwrap_or_default())
    }
}
