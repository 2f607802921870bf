//! Placements: where in a call a canary can stand, as data.
//!
//! Owns the table (`requests`, `malformed`, `answers`) and its small language. A template is bytes of
//! HTTP with holes, `«json»` for the canary as JSON writes it; the fields that every request needs are
//! added where a template does not have its own. Sends nothing.

mod answers;
mod coding;
mod holes;
mod malformed;
mod requests;

pub(super) use coding::Coding;
pub(super) use holes::{Setting, as_trace, as_ulid};

use super::canaries::CanaryKind;

/// Which canaries fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// All kinds.
    Any,
    /// Those that are whole numbers.
    Numbers,
    /// Three kinds: a name, a number and a secret, since the call takes long or ends the connection.
    Few,
}

impl Takes {
    /// The kinds that fit.
    pub(super) fn kinds(self) -> Vec<CanaryKind> {
        let few = [CanaryKind::Name, CanaryKind::BcHealthNumber, CanaryKind::Bearer];
        let fits = |kind: &CanaryKind| match self {
            Self::Any => true,
            Self::Numbers => kind.is_number(),
            Self::Few => few.contains(kind),
        };
        CanaryKind::ALL.iter().copied().filter(fits).collect()
    }
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// Whole, and the answer is read to its end.
    Whole,
    /// In segments of 23 bytes.
    Pieces,
    /// Without its last bytes, then reset.
    Broken,
    /// Without its last bytes, then nothing until the other side gives up.
    Stalled,
    /// Whole, and hung up at once.
    HangUp,
}

/// What the upstream does once it has answered, or instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// The connection stays.
    Open,
    /// It is closed after the bytes.
    Closed,
    /// It is reset after the bytes.
    Reset,
    /// Nothing more comes until the other side gives up.
    Silent,
}

/// One place where a canary can stand.
#[derive(Clone, Copy)]
pub(super) struct Placement {
    /// What the report calls it.
    pub(super) name: &'static str,
    /// The canaries that fit.
    pub(super) takes: Takes,
    /// The request line, and the fields that matter here.
    pub(super) head: &'static str,
    /// More fields.
    pub(super) fields: &'static str,
    /// The request's body.
    pub(super) body: &'static str,
    /// How the request's body is coded.
    pub(super) coding: Coding,
    /// How the request is sent.
    pub(super) sending: Sending,
    /// Whether it is HTTP and has to reach the upstream.
    pub(super) forwarded: bool,
    /// The status line of the upstream's answer, and its fields.
    pub(super) answer: &'static str,
    /// The body of the answer.
    pub(super) answer_body: &'static str,
    /// How the answer's body is coded.
    pub(super) answer_coding: Coding,
    /// What the upstream does after it.
    pub(super) ends: Ends,
    /// A second request, sent once the first is answered.
    pub(super) then: &'static str,
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const ECHO: &str = r#"[{"id":1,"note":"«json»","more":{"a":true,"b":null}}]"#;

impl Placement {
    const fn new(name: &'static str, head: &'static str) -> Self {
        Self {
            name,
            takes: Takes::Any,
            head,
            fields: "",
            body: "",
            coding: Coding::Length,
            sending: Sending::Whole,
            forwarded: true,
            answer: OK,
            answer_body: ECHO,
            answer_coding: Coding::Length,
            ends: Ends::Open,
            then: "",
        }
    }

    const fn taking(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    const fn body(self, coding: Coding, body: &'static str) -> Self {
        Self { body, coding, ..self }
    }

    const fn fields(self, fields: &'static str) -> Self {
        Self { fields, ..self }
    }

    const fn sent(self, sending: Sending) -> Self {
        Self { sending, ..self }
    }

    const fn refused(self) -> Self {
        Self { forwarded: false, ..self }
    }

    const fn answered(self, answer: &'static str, body: &'static str) -> Self {
        Self { answer, answer_body: body, ..self }
    }

    const fn answer_coded(self, coding: Coding) -> Self {
        Self { answer_coding: coding, ..self }
    }

    const fn ending(self, ends: Ends) -> Self {
        Self { ends, ..self }
    }

    const fn then(self, head: &'static str) -> Self {
        Self { then: head, ..self }
    }

    /// The request's bytes.
    pub(super) fn request(&self, setting: &Setting<'_>) -> Vec<u8> {
        if self.coding == Coding::AsIs {
            return setting.fill(self.head);
        }
        whole(setting.head(self.head, self.fields), setting.fill(self.body), self.coding, false)
    }

    /// The bytes of the second request, if there is one.
    pub(super) fn second(&self, setting: &Setting<'_>) -> Option<Vec<u8>> {
        let has = !self.then.is_empty();
        has.then(|| whole(setting.head(self.then, ""), Vec::new(), Coding::Length, false))
    }

    /// The bytes of the upstream's answer.
    pub(super) fn answer(&self, setting: &Setting<'_>) -> Vec<u8> {
        if self.answer_coding == Coding::AsIs {
            return setting.fill(self.answer);
        }
        whole(setting.fill(self.answer), setting.fill(self.answer_body), self.answer_coding, true)
    }
}

/// A head, its framing, and the body.
fn whole(mut head: Vec<u8>, body: Vec<u8>, coding: Coding, is_answer: bool) -> Vec<u8> {
    let (fields, body) = coding.code(body, is_answer);
    head.extend_from_slice(fields.as_bytes());
    head.extend_from_slice(b"\r\n");
    head.extend_from_slice(&body);
    head
}

/// Every placement: first those that work, then those that are answered with failures, then rubbish.
pub(super) fn all() -> impl Iterator<Item = &'static Placement> {
    requests::ALL.iter().chain(answers::ALL).chain(malformed::ALL)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::canaries::Aviary;
    use super::*;

    #[test]
    fn names_are_unique_and_every_hole_is_known() {
        let mut names = BTreeSet::new();
        let mut aviary = Aviary::new(1);
        let (main, side) = (aviary.draw(CanaryKind::Name), aviary.draw(CanaryKind::Bearer));
        for placement in all() {
            assert!(names.insert(placement.name), "{} is there twice", placement.name);
            let setting = Setting {
                number: 7,
                main: &main,
                actor: &main,
                bearer: &side,
                granted: &side,
                app_key: "key",
                other_key: "other",
                clinic: "maple-ridge",
                tenant: "e1a47a6d-f563-4f0f-a7f3-b6539ba21330",
            };
            let bytes = [placement.request(&setting), placement.answer(&setting)].concat();
            assert!(!bytes.windows(2).any(|two| two == "«".as_bytes()), "{}", placement.name);
        }
        assert!(names.len() >= 123, "{} placements", names.len());
    }
}
