//! Canaries: invented people and secrets that must turn up nowhere.
//!
//! Owns the kinds, their forms and the seed that they grow from. Every value is drawn once in a run,
//! so that a hit names its request, its placement and its kind. Knows neither requests nor sinks.

mod numbers;
pub(super) mod words;

use numbers::{bc_health_number, digits, on_health_number, ramq, social_insurance_number};
use words::{folded, token, word};

use crate::domain::labels::label_enum;

label_enum! {
    /// What a canary is.
    CanaryKind, "a kind of canary" {
        /// A name with accents.
        Name = "name",
        /// British Columbia's personal health number.
        BcHealthNumber = "bc_health_number",
        /// Ontario's health card, with its version.
        OnHealthNumber = "on_health_number",
        /// Quebec's health insurance number.
        Ramq = "ramq",
        /// A social insurance number.
        SocialInsurance = "social_insurance_number",
        /// The number of a chart.
        PatientNumber = "patient_number",
        /// A date of birth, in one of nine forms.
        BirthDate = "birth_date",
        /// A telephone number, in one of six forms.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A street address with its postal code.
        Address = "address",
        /// A line of a doctor's note.
        Note = "note",
        /// A patient in HL7 version 2.
        Hl7 = "hl7",
        /// An access token.
        Bearer = "bearer_token",
        /// A refresh token.
        Refresh = "refresh_token",
        /// An application's secret at Accuro.
        ClientSecret = "client_secret",
        /// A password.
        Password = "password",
        /// User and password as `Authorization: Basic` has them.
        Basic = "basic_credentials",
        /// A session's cookie.
        Cookie = "session_cookie",
        /// An authorization code.
        Code = "authorization_code",
        /// A key of an API.
        ApiKey = "api_key",
        /// A JSON Web Token that names a patient.
        Jwt = "json_web_token",
    }
}

impl CanaryKind {
    /// Whether it is a secret, of which a piece is too much, rather than a person's data.
    pub(super) const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Bearer
                | Self::Refresh
                | Self::ClientSecret
                | Self::Password
                | Self::Basic
                | Self::Cookie
                | Self::Code
                | Self::ApiKey
                | Self::Jwt
        )
    }

    /// Whether its digits alone are a canary that a JSON number can hold.
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::BcHealthNumber | Self::SocialInsurance | Self::PatientNumber)
    }
}

/// One canary.
#[derive(Clone)]
pub(super) struct Canary {
    /// What it is.
    pub(super) kind: CanaryKind,
    /// The text that is sent.
    pub(super) text: String,
    /// Other texts that say the same, or enough of it.
    pub(super) others: Vec<String>,
}

/// Draws canaries.
pub(super) struct Aviary {
    rng: fastrand::Rng,
}

impl Aviary {
    /// One that gives the same canaries for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed) }
    }

    /// Draws one of a kind.
    pub(super) fn draw(&mut self, kind: CanaryKind) -> Canary {
        let rng = &mut self.rng;
        let mut all = match kind {
            CanaryKind::Name => {
                let (given, family) = (word(4, rng), word(5, rng));
                vec![format!("{given} {family}"), family, given]
            }
            CanaryKind::BcHealthNumber => {
                let n = bc_health_number(rng);
                vec![n.clone(), format!("{} {} {}", &n[..4], &n[4..7], &n[7..])]
            }
            CanaryKind::OnHealthNumber => {
                let (n, version) = on_health_number(rng);
                let parts = format!("{}-{}-{}-{version}", &n[..4], &n[4..7], &n[7..]);
                vec![parts, format!("{n}{version}"), n]
            }
            CanaryKind::Ramq => {
                let n = ramq(rng);
                vec![format!("{} {} {}", &n[..4], &n[4..8], &n[8..]), n]
            }
            CanaryKind::SocialInsurance => {
                let n = social_insurance_number(rng);
                vec![
                    n.clone(),
                    format!("{} {} {}", &n[..3], &n[3..6], &n[6..]),
                    format!("{}-{}-{}", &n[..3], &n[3..6], &n[6..]),
                ]
            }
            CanaryKind::PatientNumber => vec![digits(9, rng)],
            CanaryKind::BirthDate => birth_date(rng),
            CanaryKind::Phone => phone(rng),
            CanaryKind::Email => {
                let name = folded(&word(4, rng)).to_lowercase();
                vec![format!("{name}.{}@example.org", digits(3, rng)), name]
            }
            CanaryKind::Address => {
                let street = word(4, rng);
                vec![format!("{} {street} Crescent, V6B 4N7", digits(5, rng)), street]
            }
            CanaryKind::Note => {
                let (where_, what) = (word(4, rng), word(5, rng));
                vec![format!("fell near {where_}; takes {what} 40 mg"), what, where_]
            }
            CanaryKind::Hl7 => {
                let (family, n) = (word(4, rng), bc_health_number(rng));
                vec![format!("PID|1||{n}^^^BC||{family}^X||19610203|F"), family, n]
            }
            CanaryKind::Bearer => vec![token(43, rng)],
            CanaryKind::Refresh => vec![format!("rt.{}", token(40, rng))],
            CanaryKind::ClientSecret => vec![token(32, rng)],
            CanaryKind::Password => vec![format!("{}!{}é&", token(9, rng), token(5, rng))],
            CanaryKind::Basic => {
                let pair = format!("{}:{}", token(9, rng), token(12, rng));
                vec![data_encoding::BASE64.encode(pair.as_bytes()), pair]
            }
            CanaryKind::Cookie => vec![format!("s%3A{}", token(40, rng))],
            CanaryKind::Code => vec![format!("ac-{}", token(28, rng))],
            CanaryKind::ApiKey => vec![format!("sk_live_{}", token(32, rng))],
            CanaryKind::Jwt => jwt(rng),
        };
        let text = all.remove(0);
        Canary { kind, text, others: all }
    }
}

/// Nine ways to write one day; the one that is sent comes first.
fn birth_date(rng: &mut fastrand::Rng) -> Vec<String> {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const FRENCH: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let (year, month, day) = (rng.u32(1921..2016), rng.usize(1..13), rng.u32(1..29));
    let (english, french) = (ENGLISH[month - 1], FRENCH[month - 1]);
    let mut forms = vec![
        format!("{year}-{month:02}-{day:02}"),
        format!("{year}/{month:02}/{day:02}"),
        format!("{day:02}/{month:02}/{year}"),
        format!("{month:02}-{day:02}-{year}"),
        format!("{english} {day}, {year}"),
        format!("{day} {french} {year}"),
        format!("{day:02}-{}-{year}", &english[..3]),
        format!("{} {day}, {year}", &english[..3]),
        format!("{year}{month:02}{day:02}"),
    ];
    let sent = rng.usize(..forms.len());
    forms.swap(0, sent);
    forms
}

/// Six ways to write one number; the one that is sent comes first.
fn phone(rng: &mut fastrand::Rng) -> Vec<String> {
    let (area, exchange, line) = (rng.u32(200..990), rng.u32(200..990), rng.u32(1_000..10_000));
    let mut forms = vec![
        format!("{area}-{exchange}-{line}"),
        format!("({area}) {exchange}-{line}"),
        format!("+1{area}{exchange}{line}"),
        format!("{area}.{exchange}.{line}"),
        format!("{area}{exchange}{line}"),
        format!("+1 {area} {exchange} {line}"),
    ];
    let sent = rng.usize(..forms.len());
    forms.swap(0, sent);
    forms
}

fn jwt(rng: &mut fastrand::Rng) -> Vec<String> {
    let encode = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let (name, number, signature) = (word(4, rng), bc_health_number(rng), token(43, rng));
    let payload = format!(r#"{{"sub":"{number}","name":"{name}","exp":1795540325}}"#);
    let head = encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    vec![format!("{head}.{}.{signature}", encode(&payload)), signature, name, number]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_canaries_and_no_text_twice() {
        let draw = |seed| {
            let mut aviary = Aviary::new(seed);
            let rounds = (0..50).flat_map(|_| CanaryKind::ALL);
            rounds.map(|kind| aviary.draw(*kind).text).collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        let kinds = CanaryKind::ALL.len();
        let all = draw(4);
        // There are fewer days than people; every other kind is unique.
        let others = all
            .iter()
            .enumerate()
            .filter(|(at, _)| CanaryKind::ALL[at % kinds] != CanaryKind::BirthDate);
        let others: Vec<_> = others.map(|(_, text)| text).collect();
        assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
    }
}
