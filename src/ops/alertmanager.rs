//! Alertmanager's API v2: which silences mute an incident's alerts, and setting and ending one.
//!
//! Owns every request to it, and what of its answers is read: numbers, times and names of closed words;
//! comments, authors and annotations of others are texts and stay there. Redirects are not followed, answers
//! are bounded, waiting is short, and nothing of an answer is logged. Which silences mute which alerts is
//! Alertmanager's own word (`silencedBy`), since its expressions are not ours to evaluate. What is asked
//! for is decided in `domain::alert::silence`.

use std::fmt::Write as _;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::config::AlertmanagerConfig;
use crate::domain::alert::Fingerprint;
use crate::domain::alert::silence::{By, Matcher, Silence, condition, why_of};
use crate::domain::labels::Environment;
use crate::domain::time::Timestamp;

/// How long it may take. A page waits for it, twice at most.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a connection may take.
const TO_CONNECT: Duration = Duration::from_secs(1);
/// The longest answer: some thousand alerts.
const MAX_ANSWER: usize = 4 * 1_024 * 1_024;
/// Visits that ask it at one time.
const AT_ONCE: usize = 8;
/// Silences of one incident that are shown.
const SHOWN: usize = 20;

/// Why the secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("alerts.alertmanager_secret_file: the file cannot be read, or is empty")]
pub struct AlertmanagerSecretError;

/// Why nothing came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It could not be reached: nothing was done.
    Unreachable,
    /// It did not answer in time: whatever was asked may have been done.
    Late,
    /// Too many ask at this moment.
    Busy,
    /// It does not let accuscope in.
    KeptOut,
    /// It did not take what was asked.
    Refused,
    /// Its answer is not what it should be.
    Answer,
}

/// The alerts of which silences are looked for.
pub(super) struct About<'a> {
    /// Names of rules.
    pub(super) names: Vec<&'a str>,
    /// The clinic; empty for alerts that are about no single one.
    pub(super) clinic: &'a str,
    /// Alerts that are the incident's whatever clinic they name.
    pub(super) told: Vec<Fingerprint>,
    /// Of this installation.
    pub(super) environment: Environment,
    /// What a silence of the incident asks for.
    pub(super) own: Option<&'a [Matcher]>,
}

/// What is to be silenced, by whom, until when.
pub(super) struct NewSilence<'a> {
    pub(super) matchers: &'a [Matcher],
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) author: String,
    pub(super) comment: String,
    /// The silence that it takes the place of.
    pub(super) replaces: Option<Uuid>,
}

/// One Alertmanager. Nothing is asked before a page is opened.
pub struct Alertmanager {
    url: String,
    user: Option<String>,
    secret: Option<Zeroizing<String>>,
    http: reqwest::Client,
    places: Semaphore,
}

#[derive(Deserialize)]
struct AlertBody {
    #[serde(default)]
    labels: LabelsBody,
    fingerprint: String,
    status: AlertStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LabelsBody {
    clinic: String,
    environment: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertStatus {
    #[serde(default)]
    silenced_by: Vec<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SilenceBody {
    id: Uuid,
    status: SilenceStatus,
    matchers: Vec<MatcherBody>,
    starts_at: String,
    ends_at: String,
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    comment: String,
}

#[derive(Deserialize)]
struct SilenceStatus {
    state: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct MatcherBody {
    name: String,
    value: String,
    is_regex: bool,
    // Alertmanager before 0.22 knows no other kind.
    #[serde(default = "yes")]
    is_equal: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    matchers: Vec<MatcherBody>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    created_by: &'a str,
    comment: &'a str,
}

impl Alertmanager {
    /// Reads the secret's file.
    ///
    /// # Errors
    ///
    /// [`AlertmanagerSecretError`].
    pub fn new(config: AlertmanagerConfig) -> Result<Self, AlertmanagerSecretError> {
        let read = |file| std::fs::read_to_string(file).map(Zeroizing::new);
        let secret = config.secret_file.map(read).transpose();
        let secret = secret.map_err(|_| AlertmanagerSecretError)?;
        if secret.as_ref().is_some_and(|secret| secret.trim().is_empty()) {
            return Err(AlertmanagerSecretError);
        }
        // A second call finds it installed, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(TO_CONNECT)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| AlertmanagerSecretError)?;
        Ok(Self {
            url: config.url,
            user: config.user,
            secret: secret.map(|secret| Zeroizing::new(secret.trim().to_owned())),
            http,
            places: Semaphore::new(AT_ONCE),
        })
    }

    /// The silences that mute alerts of an incident, and those that were set for it, the last to end first.
    pub(super) async fn silences(&self, about: &About<'_>) -> Result<Vec<Silence>, Trouble> {
        let _place = self.places.try_acquire().map_err(|_| Trouble::Busy)?;
        let alerts = format!("alerts?{}", filters(about));
        let (alerts, silences) = tokio::try_join!(
            self.read::<AlertBody>(&alerts),
            self.read::<SilenceBody>("silences")
        )?;
        let muting: Vec<Uuid> = alerts
            .iter()
            .filter(|alert| is_about(alert, about))
            .flat_map(|alert| alert.status.silenced_by.iter().copied())
            .collect();
        let read = silences.iter().filter(|body| body.status.state != "expired");
        let mut found: Vec<Silence> = read
            .filter_map(|body| silence(body, about))
            .filter(|silence| silence.is_own || muting.contains(&silence.id))
            .collect();
        found.sort_by_key(|silence| (std::cmp::Reverse(silence.until), silence.id));
        found.truncate(SHOWN);
        Ok(found)
    }

    /// Sets one.
    pub(super) async fn set(&self, new: &NewSilence<'_>) -> Result<(), Trouble> {
        let matcher = |matcher: &Matcher| MatcherBody {
            name: matcher.label.to_owned(),
            value: matcher.value.clone(),
            is_regex: matcher.is_regex,
            is_equal: true,
        };
        let body = NewBody {
            id: new.replaces,
            matchers: new.matchers.iter().map(matcher).collect(),
            starts_at: new.from,
            ends_at: new.until,
            created_by: &new.author,
            comment: &new.comment,
        };
        self.ask(self.request(Method::POST, "silences").json(&body)).await.map(drop)
    }

    /// Ends one.
    pub(super) async fn end(&self, id: Uuid) -> Result<(), Trouble> {
        self.ask(self.request(Method::DELETE, &format!("silence/{id}"))).await.map(drop)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v2/{path}", self.url));
        match (&self.user, &self.secret) {
            (Some(user), Some(secret)) => request.basic_auth(user, Some(secret.as_str())),
            (None, Some(secret)) => request.bearer_auth(secret.as_str()),
            (_, None) => request,
        }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<reqwest::Response, Trouble> {
        let answer = request.send().await.map_err(|error| trouble(&error))?;
        match answer.status() {
            StatusCode::OK => Ok(answer),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::KeptOut),
            status if status.is_client_error() => Err(Trouble::Refused),
            _ => Err(Trouble::Answer),
        }
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<Vec<T>, Trouble> {
        let mut answer = self.ask(self.request(Method::GET, path)).await?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| trouble(&error))? {
            if body.len() + part.len() > MAX_ANSWER {
                return Err(Trouble::Answer);
            }
            body.extend_from_slice(&part);
        }
        serde_json::from_slice(&body).map_err(|_| Trouble::Answer)
    }
}

/// Nothing was done only where there was nobody to do it.
fn trouble(error: &reqwest::Error) -> Trouble {
    if error.is_connect() { Trouble::Unreachable } else { Trouble::Late }
}

/// What Alertmanager looks for. Names are of letters and digits, so that none is an expression.
fn filters(about: &About<'_>) -> String {
    let mut query = String::from("active=true&silenced=true&inhibited=true&unprocessed=true");
    let names = format!("alertname=~\"{}\"", about.names.join("|"));
    let _ = write!(query, "&filter={}", utf8_percent_encode(&names, NON_ALPHANUMERIC));
    query
}

fn is_about(alert: &AlertBody, about: &About<'_>) -> bool {
    let environment = &alert.labels.environment;
    if !environment.is_empty() && environment != about.environment.as_str() {
        return false;
    }
    let told = Fingerprint::parse(&alert.fingerprint).is_some_and(|it| about.told.contains(&it));
    told || alert.labels.clinic == about.clinic
}

/// `None` for a silence whose times cannot be read.
fn silence(body: &SilenceBody, about: &About<'_>) -> Option<Silence> {
    let read =
        |one: &MatcherBody| condition(&one.name, &one.value, one.is_equal, about.environment);
    let by = By::read(&body.created_by);
    let asks = |own: &[Matcher]| {
        let same = |ours: &Matcher| {
            body.matchers.iter().any(|one| {
                let plain = (&*one.name, one.is_regex, one.is_equal);
                plain == (ours.label, ours.is_regex, true) && one.value == ours.value
            })
        };
        body.matchers.len() == own.len() && own.iter().all(same)
    };
    Some(Silence {
        id: body.id,
        from: Timestamp::parse(&body.starts_at).ok()?,
        until: Timestamp::parse(&body.ends_at).ok()?,
        by,
        why: why_of(&body.comment).filter(|_| by != By::Elsewhere),
        conditions: body.matchers.iter().map(read).collect(),
        is_own: by != By::Elsewhere && about.own.is_some_and(asks),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::silence::{Why, matchers};
    use crate::domain::cause::Cause;
    use crate::domain::names::ClinicId;

    fn body(author: &str, comment: &str, clinic: &str) -> SilenceBody {
        let lake = ClinicId::parse(clinic).unwrap();
        let own = matchers(Cause::ClinicDown, Some(&lake), Environment::Sandbox).unwrap();
        let matchers = own.iter().map(|one| {
            serde_json::json!({
                "name": one.label, "value": one.value, "isRegex": one.is_regex, "isEqual": true,
            })
        });
        serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(7), "status": {"state": "active"},
            "matchers": matchers.collect::<Vec<_>>(),
            "startsAt": "2026-11-24T17:00:00.000Z", "endsAt": "2026-11-24T19:00:00Z",
            "updatedAt": "2026-11-24T17:00:00Z", "createdBy": author, "comment": comment,
        }))
        .unwrap()
    }

    #[test]
    fn a_silence_is_the_incidents_own_if_it_was_set_here_and_asks_just_the_same() {
        let lake = ClinicId::parse("lakeshore").unwrap();
        let own = matchers(Cause::ClinicDown, Some(&lake), Environment::Sandbox).unwrap();
        let about = About {
            names: Vec::new(),
            clinic: "lakeshore",
            told: Vec::new(),
            environment: Environment::Sandbox,
            own: Some(&own),
        };
        let ours = "worked_on (accuscope, INC-1)";
        for (author, comment, clinic, is_own, why) in [
            ("accuscope account 7", ours, "lakeshore", true, Some(Why::WorkedOn)),
            ("accuscope account 7", "Tremblay", "lakeshore", true, None),
            ("r.okafor", ours, "lakeshore", false, None),
            ("accuscope account 7", ours, "old-mill", false, Some(Why::WorkedOn)),
        ] {
            let read = silence(&body(author, comment, clinic), &about).unwrap();
            assert_eq!((read.is_own, read.why), (is_own, why), "{author} {comment} {clinic}");
        }
        let mut more = body("accuscope", ours, "lakeshore");
        more.matchers.pop();
        assert!(!silence(&more, &about).unwrap().is_own, "it asks less, so it mutes more");
        more.ends_at = "tomorrow".to_owned();
        assert!(silence(&more, &about).is_none());
    }
}
