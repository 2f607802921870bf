//! One letter, handed to the SMTP server of the settings.
//!
//! Owns the message's fields, the line to the server and what its answers mean. Neither address, password
//! nor answer of the server goes any further than this: a failure is one of a closed list.

use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Message, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use zeroize::Zeroizing;

use crate::config::{DigestConfig, SmtpTls};
use crate::domain::letter::Failure;
use crate::ops::Letter;

/// How long the server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a letter under an id, by which a mail program tells one that came twice.
pub(crate) async fn send(config: &DigestConfig, letter: &Letter, id: &str) -> Result<(), Failure> {
    let message = message(config, letter, id).ok_or(Failure::Refused)?;
    let host = config.host.as_str();
    let line = match config.tls {
        SmtpTls::Wrapped => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
        SmtpTls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
        SmtpTls::Plain => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)),
    };
    let mut line = line.map_err(|_| Failure::Tls)?.port(config.port).timeout(Some(PATIENCE));
    if let Some((user, file)) = &config.login {
        let password = tokio::fs::read_to_string(file).await.map(Zeroizing::new);
        let password = password.map_err(|_| Failure::SignIn)?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        line = line.credentials(Credentials::new(user.clone(), password));
    }
    let sent = line.build::<Tokio1Executor>().send(message).await;
    sent.map(drop).map_err(|error| failure(&error))
}

fn message(config: &DigestConfig, letter: &Letter, id: &str) -> Option<Message> {
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let mut message = Message::builder()
        .from(config.from.clone())
        .subject(letter.subject.as_str())
        .message_id(Some(format!("<{id}@{}>", config.from.email.domain())))
        // So that nobody's absence is answered to it.
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
    for to in &config.to {
        message = message.to(to.clone());
    }
    let both = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    message.multipart(both).ok()
}

fn failure(error: &Error) -> Failure {
    let code = error.status().map(|code| code.to_string());
    match code.as_deref() {
        _ if error.is_tls() || is_of_tls(error) => Failure::Tls,
        Some("530" | "534" | "535" | "538") => Failure::SignIn,
        _ if error.is_permanent() => Failure::Refused,
        _ if error.is_transient() => Failure::Later,
        // What cannot be agreed on: no STARTTLS, no way to sign in.
        _ if error.is_client() => Failure::Tls,
        _ => Failure::Unreachable,
    }
}

/// Whether TLS itself failed, which the client tells as a line that broke.
fn is_of_tls(error: &Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    let mut causes = std::iter::successors(Some(first), |cause| cause.source());
    causes.any(|cause| {
        let inside = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.is::<rustls::Error>()
            || inside
                .is_some_and(<dyn std::error::Error + Send + Sync + 'static>::is::<rustls::Error>)
    })
}
