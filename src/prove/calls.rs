//! The calls of a run: which canaries go into which placement, and what the upstream answers.
//!
//! Owns the choice: every placement with every kind that it takes, twins for two kinds, and a token and
//! an actor of its own for each call. Sends nothing.

use super::canaries::{Aviary, Canary, CanaryKind};
use super::installation::ClinicSign;
use super::placements::{self, Placement, Setting, as_trace, as_ulid};
use super::upstream::Reply;

/// The kinds that each placement gets twice.
const TWINS: [CanaryKind; 2] = [CanaryKind::Name, CanaryKind::PatientNumber];

/// In a quick run, which of the kinds a placement gets besides the twins.
const EVERY: usize = 7;

/// How much is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every placement with every kind that it takes.
    Full,
    /// Every placement with a few kinds, every kind in many placements.
    Quick,
}

/// Whose a canary is: a number for hits, with what the report says of it.
pub(super) struct Owner {
    /// The canary.
    pub(super) canary: Canary,
    /// The placement, or the role that it has in every call.
    pub(super) placement: &'static str,
    /// Whether the store may hold its digest.
    pub(super) digest_is_kept: bool,
}

/// One call.
pub(super) struct Call {
    /// Where its canary stands.
    pub(super) placement: &'static Placement,
    /// The canary's kind.
    pub(super) kind: CanaryKind,
    /// What is sent.
    pub(super) request: Vec<u8>,
    /// What is sent after that.
    pub(super) second: Option<Vec<u8>>,
}

/// Everything that a run sends.
pub(super) struct Calls {
    /// In the order of the placements.
    pub(super) list: Vec<Call>,
    /// What the upstream answers to each.
    pub(super) replies: Vec<Reply>,
    /// Every canary.
    pub(super) owners: Vec<Owner>,
}

/// Draws the calls of a run.
pub(super) fn draw(
    aviary: &mut Aviary,
    coverage: Coverage,
    clinic: &ClinicSign,
    app_keys: [&str; 2],
) -> Calls {
    let mut calls = Calls { list: Vec::new(), replies: Vec::new(), owners: Vec::new() };
    for (row, placement) in placements::all().enumerate() {
        for (column, kind) in placement.takes.kinds().into_iter().enumerate() {
            let is_next = (row + column) % EVERY == 0;
            if coverage == Coverage::Quick && !is_next && !TWINS.contains(&kind) {
                continue;
            }
            let times = if TWINS.contains(&kind) { 2 } else { 1 };
            for _ in 0..times {
                calls.add(placement, kind, aviary, clinic, app_keys);
            }
        }
    }
    calls
}

impl Calls {
    fn add(
        &mut self,
        placement: &'static Placement,
        kind: CanaryKind,
        aviary: &mut Aviary,
        clinic: &ClinicSign,
        [app_key, other_key]: [&str; 2],
    ) {
        let [main, actor, bearer, granted] =
            [kind, CanaryKind::Name, CanaryKind::Bearer, CanaryKind::Bearer]
                .map(|kind| aviary.draw(kind));
        let setting = Setting {
            number: self.list.len(),
            main: &main,
            actor: &actor,
            bearer: &bearer,
            granted: &granted,
            app_key,
            other_key,
            clinic: &clinic.id,
            tenant: &clinic.tenant,
        };
        let (request, answer) = (placement.request(&setting), placement.answer(&setting));
        self.list.push(Call { placement, kind, request, second: placement.second(&setting) });
        self.replies.push(Reply { bytes: answer, ends: placement.ends });
        self.owners.extend([
            Owner { canary: main, placement: placement.name, digest_is_kept: false },
            Owner {
                canary: actor,
                placement: "Accuscope-Actor of any call",
                digest_is_kept: false,
            },
            Owner { canary: bearer, placement: "bearer token of any call", digest_is_kept: false },
        ]);
        if placement.answer_body.contains("«granted»") {
            let placement = "token granted by the upstream";
            self.owners.push(Owner { canary: granted, placement, digest_is_kept: false });
        }
    }

    /// Every byte string that the call path may have taken for an identifier.
    pub(super) fn identifiers(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = ["8812", "1"].map(|id| id.as_bytes().to_vec()).into();
        for Owner { canary, .. } in &self.owners {
            let text = canary.text.as_str();
            let percent =
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
            let mut latin = super::needles::latin_1(text);
            latin.push(0xff);
            all.extend([text.as_bytes().to_vec(), percent.to_string().into_bytes(), latin]);
            if canary.kind.is_number() {
                all.extend([as_trace(text), as_ulid(text)].map(String::into_bytes));
            }
        }
        all
    }
}
