//! Why can't I see this patient? A question, the calls around it, and the most probable cause.
//!
//! Owns the engine. It compares the ticket's calls with their neighbours (other people, patients,
//! tasks, clinics, times), asks of each cause how probable the counts would be, and names the widest
//! cause that explains the ticket, or says that the evidence is too thin. The same events and
//! question give the same answer, byte for byte. It reads the store and nothing else; it knows
//! neither pages nor HTTP.
//!
//! | file | what |
//! | --- | --- |
//! | [`question`] | what may be asked |
//! | [`gather`], [`recorded`] | what is read, bounded; when nothing was recorded |
//! | [`scene`], [`tokens`], [`symptom`] | the calls, cleaned, and what each one shows |
//! | [`ticket`], [`alike`], [`narrow`] | which calls the question is about, the core of them, and those since things changed |
//! | [`places`], [`cells`], [`weight`], [`changes`], [`segment`] | the comparisons, what each call weighs, their stretch of time |
//! | [`facts`], [`barren`], [`shapes`] | what else the calls tell |
//! | [`model`] | what the evidence is worth for each cause |
//! | [`judge`], [`absence`] | which cause is named; silence |
//! | [`reach`] | reading on where the beginning of a trouble is not among what was read |
//! | [`course`], [`extent`] | since when, whether it lasts, whom it touched |
//! | [`timeline`], [`lane`] | the subject and its peers over time, for a picture |
//! | [`kept`] | a question as a text, to ask it again |
//! | [`waiting`] | whether what somebody waits for works |
//! | [`watch`], [`incident`] | the same without a ticket, all the time; the one that a ticket is part of |
//! | [`verdict`], [`checks`], [`refused`], [`mod@advice`], [`answer`] | the answer and its words |

mod absence;
mod advice;
mod alike;
mod answer;
mod barren;
mod cells;
mod changes;
mod checks;
mod course;
mod extent;
mod facts;
#[cfg(test)]
mod fixtures;
mod gather;
mod incident;
mod judge;
mod kept;
mod lane;
mod model;
mod narrow;
mod path_kind;
mod places;
mod question;
mod reach;
mod recorded;
mod refused;
mod scene;
mod segment;
mod shapes;
mod symptom;
#[cfg(test)]
mod tests;
mod ticket;
mod timeline;
mod tokens;
mod verdict;
mod waiting;
pub mod watch;
mod weight;

pub use self::advice::advice;
pub use self::answer::{Advice, Affected, Alternative, Check, Diagnosis, FrenchAdvice, RuledOut};
#[cfg(test)]
pub(crate) use self::checks::{claims, sentences as check_sentences};
pub use self::lane::{Lane, Mark};
pub use self::question::{Asked, Question, QuestionError};
pub use self::timeline::{About, Picture, picture};
pub use self::waiting::works_again;

use crate::domain::labels::Environment;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::store::{Scoped, StoreError};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum DiagnosisError {
    /// The store does not do as asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No recorded call has the code or id.
    #[error("no recorded call has this code or id; a call shows up within seconds of its end")]
    NoSuchCall,
    /// Neither registered, nor in any event.
    #[error("clinic: not a registered clinic, and no recorded call is of it")]
    NoSuchClinic,
    /// Nothing can have been recorded yet.
    #[error("at: in the future, so nothing can have been recorded yet")]
    Future,
}

/// Answers a question from the recorded events. It is about what the asker may see; compared with are all
/// clinics, in counts, since the cause could not be told otherwise.
///
/// # Errors
///
/// [`DiagnosisError`]; it repeats nothing of the question.
pub async fn diagnose(
    store: &Scoped,
    registry: &Registry,
    env: Environment,
    question: &Question,
    now: Timestamp,
) -> Result<Diagnosis, DiagnosisError> {
    let scene = gather::gather(store, registry, env, question, now).await?;
    let (scene, judgement) = reach::judged(store.to_compare(), scene).await?;
    let answer = verdict::diagnosis(&scene, &judgement);
    // Only what happened in the environment that is set is watched.
    if scene.seen.iter().any(|seen| seen.call.env != env) {
        return Ok(answer);
    }
    let incident = incident::number(store.to_compare(), &scene, judgement.cause, &answer).await?;
    Ok(Diagnosis { incident, ..answer })
}
