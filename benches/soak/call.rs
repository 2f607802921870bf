//! What callers do, well-behaved and not: one call from its first byte to its end.
//!
//! A call says what became of it; whether that was right is judged at the end, beside the upstream's
//! ledger (`verdict.rs`).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::{sleep, timeout};

use super::connection::{Connection, Message, Received};

/// Longer than anything that the program may wait for.
const PATIENCE: Duration = Duration::from_secs(30);
const TENTH: Duration = Duration::from_millis(100);

macro_rules! kinds {
    ($($kind:ident $weight:literal $name:literal,)+) => {
        /// What a caller does; the weights are parts of a thousand calls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind { $($kind,)+ }

        impl Kind {
            pub(crate) const ALL: &[Self] = &[$(Self::$kind,)+];

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            pub(crate) fn draw(random: &mut Rng) -> Self {
                let mut left = random.u32(..1000);
                for (kind, weight) in [$((Self::$kind, $weight),)+] {
                    if left < weight {
                        return kind;
                    }
                    left -= weight;
                }
                Self::Read
            }
        }
    };
}

kinds! {
    Read 0 "read",
    SharedRead 90 "read of reference data",
    Write 120 "write",
    KeyedWrite 80 "keyed write",
    Ranges 5 "read of 200 ranges",
    SlowReader 40 "slow reader",
    SlowHead 30 "slow head",
    SlowBody 30 "write with a slow body",
    LeaveInHead 10 "hangs up in its head",
    LeaveInBody 10 "hangs up in its body",
    LeaveWaiting 15 "hangs up while waiting",
    LeaveInAnswer 10 "hangs up in the answer",
    EndlessHead 3 "head without an end",
    EndlessBody 3 "body without an end",
    NeverReads 3 "never reads",
}

impl Kind {
    pub(crate) const fn writes(self) -> bool {
        matches!(
            self,
            Self::Write | Self::KeyedWrite | Self::SlowBody | Self::LeaveInBody | Self::EndlessBody
        )
    }

    /// Whether its caller sends a whole request and waits for the whole answer.
    pub(crate) const fn is_well_formed(self) -> bool {
        (self as u8) < Self::LeaveInHead as u8
    }
}

/// What became of a call, as its caller saw it.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Accuro's answer, whole and with the caller's own marks.
    Answered { status: u16, is_replay: bool },
    /// A problem document of the program's own.
    Problem { status: u16, reason: String },
    /// The answer's body broke off.
    Cut,
    /// No head came.
    Lost,
    /// Nothing came within [`PATIENCE`].
    Unheard,
    /// Something that was not for this caller, or that nobody can read.
    Wrong(String),
    /// The caller broke the call off.
    Left,
}

/// One call, as it was planned.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    /// Its `X-Request-Id`.
    pub(crate) id: String,
    /// The number in its body.
    pub(crate) write: String,
    token: String,
    target: String,
    clinic: &'static str,
    filler: usize,
}

/// A call and its end.
pub(crate) struct Done {
    pub(crate) call: Call,
    pub(crate) ending: Ending,
    /// From the time it was planned for.
    pub(crate) took: Duration,
    pub(crate) planned: Instant,
}

pub(crate) fn uuid(random: &mut Rng) -> String {
    uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid().to_string()
}

impl Call {
    pub(crate) fn draw(kind: Kind, random: &mut Rng) -> Self {
        let clinic = if random.bool() { "maple-ridge" } else { "cedar-hill" };
        let number = random.u32(1..100_000);
        let (target, token) = match kind {
            Kind::SharedRead => {
                ("/rest/v1/offices".to_owned(), format!("shared-{clinic}-{}", random.u8(..20)))
            }
            Kind::SlowReader | Kind::LeaveInAnswer | Kind::NeverReads => {
                let bytes = if kind == Kind::NeverReads { 4_000_000 } else { 300_000 };
                let path = format!("/rest/v1/provider-portal/patients/{number}?bytes={bytes}");
                (path, format!("{clinic}-{}", uuid(random)))
            }
            _ if kind.writes() => {
                let path = "/rest/v1/provider-portal/scheduler/appointments".to_owned();
                (path, format!("{clinic}-{}", uuid(random)))
            }
            _ => {
                let path = format!("/rest/v1/provider-portal/patients/{number}");
                (path, format!("{clinic}-{}", uuid(random)))
            }
        };
        let filler = if random.u8(..10) == 0 { 100_000 } else { 200 };
        let (id, write) = (uuid(random), uuid(random));
        Self { kind, id, write, token: format!("Bearer {token}"), target, clinic, filler }
    }

    /// The same write under the same key, asked for once more.
    pub(crate) fn again(&self, random: &mut Rng) -> Self {
        Self { id: uuid(random), ..self.clone() }
    }

    /// Head and body.
    pub(crate) fn request(&self) -> (String, String) {
        let Self { id, write, token, target, clinic, .. } = self;
        let mut head = format!(
            "Host: p\r\nX-Request-Id: {id}\r\nAuthorization: {token}\r\nAccuscope-Clinic: {clinic}\r\n"
        );
        if self.kind == Kind::Ranges {
            let ranges: Vec<String> = (0..200).map(|from| format!("{from}-")).collect();
            head = format!("{head}Range: bytes={}\r\n", ranges.join(","));
        }
        if !self.kind.writes() {
            return (format!("GET {target} HTTP/1.1\r\n{head}\r\n"), String::new());
        }
        let body = format!(r#"{{"write":"{write}","note":"{}"}}"#, "y".repeat(self.filler));
        if self.kind == Kind::KeyedWrite {
            head = format!("{head}Idempotency-Key: \"{write}\"\r\n");
        }
        let length = body.len();
        let fields = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        (format!("POST {target} HTTP/1.1\r\n{head}{fields}\r\n"), body)
    }

    /// Makes the call; the connection comes back if it can carry another one.
    pub(crate) async fn make(
        &self,
        kept: Option<Connection>,
        proxy: SocketAddr,
    ) -> (Ending, Option<Connection>) {
        let connection = match kept {
            _ if self.kind == Kind::NeverReads => Connection::open_narrow(proxy).await.ok(),
            Some(connection) => Some(connection),
            None => Connection::open(proxy).await.ok(),
        };
        let Some(mut connection) = connection else { return (Ending::Lost, None) };
        let made = timeout(PATIENCE, self.exchange(&mut connection)).await;
        let (ending, keeps) = made.unwrap_or((Ending::Unheard, false));
        (ending, keeps.then_some(connection))
    }

    async fn exchange(&self, connection: &mut Connection) -> (Ending, bool) {
        let (head, body) = self.request();
        let both = [head.as_bytes(), body.as_bytes()].concat();
        let mut pause = Duration::ZERO;
        match self.kind {
            Kind::SlowHead => drop(connection.dribble(head.as_bytes(), 10, TENTH).await),
            Kind::SlowBody => {
                if connection.send(head.as_bytes()).await {
                    connection.dribble(body.as_bytes(), 10, TENTH).await;
                }
            }
            Kind::SlowReader => {
                connection.send(&both).await;
                pause = Duration::from_millis(20);
            }
            Kind::LeaveInHead => {
                connection.send(&both[..head.len() / 2]).await;
                return (Ending::Left, false);
            }
            Kind::LeaveInBody => {
                connection.send(&both[..head.len() + body.len() / 2]).await;
                sleep(TENTH).await;
                return (Ending::Left, false);
            }
            Kind::LeaveWaiting => {
                connection.send(&both).await;
                return (Ending::Left, false);
            }
            Kind::LeaveInAnswer => {
                connection.send(&both).await;
                drop(connection.head().await);
                return (Ending::Left, false);
            }
            Kind::EndlessHead => {
                // The program has to end this; a caller that sees the end of the run leaves too.
                connection.send(&both[..head.len() - 2]).await;
                for number in 0..200 {
                    if !connection.send(format!("X-{number}: a\r\n").as_bytes()).await {
                        return (Ending::Left, false);
                    }
                    sleep(TENTH).await;
                }
                return (Ending::Unheard, false);
            }
            Kind::EndlessBody => {
                connection.send(&both[..=head.len()]).await;
                connection.until_closed().await;
                return (Ending::Left, false);
            }
            Kind::NeverReads => {
                connection.send(&both).await;
                sleep(Duration::from_secs(12)).await;
                return (Ending::Left, false);
            }
            _ => drop(connection.send(&both).await),
        }
        match connection.answer(pause).await {
            Received::Nothing => (Ending::Lost, false),
            Received::Cut(message) if message.field("accuscope-support-code").is_some() => {
                (Ending::Cut, false)
            }
            Received::Cut(_) => {
                (Ending::Wrong("a cut answer without a support code".into()), false)
            }
            Received::Whole(message) => {
                let keeps = message.field("connection") != Some("close");
                (self.read(&message), keeps)
            }
        }
    }

    /// Whether an answer is this caller's.
    fn read(&self, answer: &Message) -> Ending {
        let wrong = |what: &str| Ending::Wrong(format!("{what}, status {}", answer.status()));
        if answer.field("x-request-id") != Some(&self.id) {
            return wrong("another request's id");
        }
        let Ok(said) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
            return wrong("no JSON");
        };
        let text = |name: &str| said[name].as_str().unwrap_or_default();
        if answer.field("content-type") == Some("application/problem+json") {
            return Ending::Problem { status: answer.status(), reason: text("reason").to_owned() };
        }
        let is_replay = answer.field("idempotent-replayed").is_some();
        let own_id = text("id") == self.id || is_replay || self.kind == Kind::SharedRead;
        let own_write = !self.kind.writes() || text("write") == self.write;
        if text("token") != self.token || text("target") != self.target || !own_id || !own_write {
            return wrong("another caller's answer");
        }
        Ending::Answered { status: answer.status(), is_replay }
    }
}
