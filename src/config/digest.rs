//! `[digest]`: the weekly letter about adoption, off unless a server is named.
//!
//! Owns the section's form. Does not read the password's file, and speaks to nobody.

use std::path::PathBuf;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use lettre::message::Mailbox;

use super::base_url::{BaseUrl, Scheme};
use super::error::ConfigError;
use super::source::Source;
use crate::domain::letter::Schedule;
use crate::domain::refusal_words::Language;

/// How the server's line is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte.
    Wrapped,
    /// Begun in the clear, and nothing said before `STARTTLS`.
    StartTls,
    /// None. Only to this machine.
    Plain,
}

/// `[digest]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestConfig {
    /// The server's name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How its line is protected.
    pub tls: SmtpTls,
    /// Who sends, and the file with the password; `None`: the server asks nobody.
    pub login: Option<(String, PathBuf)>,
    /// From whom letters are.
    pub from: Mailbox,
    /// To whom they go.
    pub to: Vec<Mailbox>,
    /// When.
    pub schedule: Schedule,
    /// This site as its readers reach it, for the link; `None`: no link.
    pub site: Option<String>,
    /// What its readers read.
    pub language: Language,
}

/// The section; `None` where no server is named.
pub(super) fn read(source: &Source) -> Result<Option<DigestConfig>, ConfigError> {
    let server = source.optional_text("digest.server")?;
    let schedule = Schedule {
        day: day(source)?,
        hour: i8::try_from(source.between("digest.hour", 0, 23)?).unwrap_or_default(),
        time_zone: TimeZone::get(&source.text("digest.timezone")?)
            .map_err(|_| source.wrong("digest.timezone", "a time zone of the IANA list"))?,
    };
    let site = source.server("digest.site")?;
    let language = source.text("digest.language")?;
    let language = Language::ALL.iter().copied().find(|known| known.tag() == language);
    let language = language.ok_or_else(|| source.wrong("digest.language", "en or fr"))?;
    let Some(server) = server else { return Ok(None) };
    let (host, port, tls) = place(&server).ok_or_else(|| {
        let expected = "smtps://host:port, smtp://host:port (with STARTTLS), or plain://host:port on this machine";
        source.wrong("digest.server", expected)
    })?;
    let login =
        match (source.optional_text("digest.user")?, source.optional_text("digest.password_file")?)
        {
            (None, None) => None,
            (Some(user), Some(file)) => Some((user, PathBuf::from(file))),
            (None, Some(_)) => {
                return Err(source.wrong("digest.user", "given together with password_file"));
            }
            (Some(_), None) => {
                return Err(source.wrong("digest.password_file", "given together with user"));
            }
        };
    let address = "an address such as Accuscope <ops@clinic.example>";
    let from = source.text("digest.from")?.parse();
    let from = from.map_err(|_| source.wrong("digest.from", address))?;
    let to: Result<Vec<Mailbox>, _> =
        source.texts("digest.to")?.iter().map(|text| text.parse()).collect();
    let to = to.ok().filter(|to| (1..=50).contains(&to.len()));
    let to = to.ok_or_else(|| source.wrong("digest.to", "a list of 1 to 50 addresses"))?;
    Ok(Some(DigestConfig { host, port, tls, login, from, to, schedule, site, language }))
}

fn day(source: &Source) -> Result<Weekday, ConfigError> {
    Ok(match source.text("digest.day")?.to_ascii_lowercase().as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return Err(source.wrong("digest.day", "a day of the week")),
    })
}

/// Host, port and protection. A letter is figures of clinics, so without TLS it goes to this machine only.
fn place(server: &str) -> Option<(String, u16, SmtpTls)> {
    let (scheme, rest) = server.split_once("://")?;
    let (tls, usual) = match scheme {
        "smtps" => (SmtpTls::Wrapped, 465),
        "smtp" => (SmtpTls::StartTls, 587),
        "plain" => (SmtpTls::Plain, 25),
        _ => return None,
    };
    let url = BaseUrl::parse(&format!("https://{rest}"))?;
    debug_assert_eq!(url.scheme(), Scheme::Https);
    let (host, authority) = (url.host(), url.authority());
    let port = match authority.strip_prefix(host)?.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None => usual,
    };
    let is_loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    let plain = url.prefix().is_empty() && (tls != SmtpTls::Plain || is_loopback);
    plain.then(|| (host.trim_matches(['[', ']']).to_owned(), port, tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_with_tls_or_on_this_machine() {
        let place = |text| place(text).map(|(host, port, tls)| format!("{host} {port} {tls:?}"));
        for (text, expected) in [
            ("smtps://mail.example", Some("mail.example 465 Wrapped")),
            ("smtps://mail.example:4650", Some("mail.example 4650 Wrapped")),
            ("smtp://mail.example:587", Some("mail.example 587 StartTls")),
            ("plain://127.0.0.1:2525", Some("127.0.0.1 2525 Plain")),
            ("plain://[::1]:2525", Some("::1 2525 Plain")),
            ("plain://mail.example", None),
            ("smtp://user:secret@mail.example", None),
            ("smtp://mail.example/path", None),
            ("smtp://mail.example:0", None),
            ("http://mail.example", None),
            ("mail.example:25", None),
        ] {
            assert_eq!(place(text).as_deref(), expected, "{text}");
        }
    }
}
