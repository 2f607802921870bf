//! `digest`: the weekly letter about adoption, sent now or printed.
//!
//! Owns the command. It reads what a serving process counted and says what is not counted yet. What it sends is not the
//! week's own letter, which a serving process still sends when its hour comes.

use std::io::Write as _;
use std::path::Path;

use clap::Args;

use super::exit::{Exit, Failure, block_on, settings, store};
use super::figures::Counting;
use super::keep::keep;
use crate::app::digest::smtp;
use crate::clock::Clock;
use crate::domain::adoption::Week;
use crate::domain::audit::{Entry, Event};
use crate::domain::letter::Failure as Unsent;
use crate::ops::{Origin, letter};

/// Which letter, and what to do with it.
#[derive(Args)]
pub(super) struct DigestArguments {
    /// Print the letter instead of sending it; needs no `[digest]` in the settings.
    #[arg(long)]
    print: bool,
    /// With --print: the HTML part.
    #[arg(long, requires = "print")]
    html: bool,
    /// About this week (2026-W47); the last one that is over unless given.
    #[arg(long, value_name = "WEEK")]
    week: Option<String>,
    #[command(flatten)]
    counting: Counting,
}

/// The week that is asked for, while another one is running.
fn week(text: Option<&str>, running: Week) -> Result<Week, Failure> {
    let Some(text) = text else { return Ok(running.plus(-1)) };
    let week = Week::parse(text)
        .map_err(|_| Failure::usage("--week: not an ISO week such as 2026-W47"))?;
    if week > running {
        return Err(Failure::usage(format!("--week: after {running}, the week that is running")));
    }
    Ok(week)
}

/// `digest`.
pub(super) fn run(file: &Path, asked: &DigestArguments) -> Result<Exit, Failure> {
    let config = settings(file)?;
    if config.digest.is_none() && !asked.print {
        let how = "no server: set digest.server, from and to in the settings, or use --print";
        return Err(Failure::usage(how));
    }
    let registry = &config.registry;
    let now = Clock::system().now();
    let running = Week::of(registry.local_day(None, now));
    let week = week(asked.week.as_deref(), running)?;
    block_on(async {
        let store = store(&config).await?;
        asked.counting.prepare(&store, registry).await?;
        let site = config.digest.as_ref().and_then(|digest| digest.site.as_deref());
        let language = config.digest.as_ref().map(|digest| digest.language).unwrap_or_default();
        let origin = Origin { environment: config.environment, site, language };
        let written = letter(&store.whole(), registry, &config.adoption, week, origin, now).await?;
        store.close().await;
        let mut out = std::io::stdout();
        let (Some(digest), false) = (&config.digest, asked.print) else {
            if asked.html {
                writeln!(out, "{}", written.html)?;
            } else {
                write!(out, "Subject: {}\n\n{}", written.subject, written.text)?;
            }
            return Ok(Exit::Success);
        };
        // One that somebody asked for is another letter than the week's own.
        let id = format!("adoption-{week}-{}-{}", config.environment, now.micros());
        let sent = smtp::send(digest, &written, &id).await;
        let deed = match sent {
            Ok(()) => Event::LetterSent.of(digest.to.len() as u64),
            Err(_) => Event::LetterNotSent.of(1),
        };
        keep(&config, Entry::of(deed)).await?;
        match sent {
            Ok(()) => {
                writeln!(out, "sent to {} addresses", digest.to.len())?;
                Ok(Exit::Success)
            }
            Err(failure) => Err(Failure::run_time(format!("not sent: {}", why(failure)))),
        }
    })
}

/// Why a letter was not sent, and what to look at.
const fn why(failure: Unsent) -> &'static str {
    match failure {
        Unsent::Unreachable => "the server does not answer; look at digest.server",
        Unsent::Tls => "no TLS that can be trusted; look at digest.server and its certificate",
        Unsent::SignIn => "the server does not take user and password, or the file cannot be read",
        Unsent::Refused => "the server does not take the letter; look at digest.from and digest.to",
        Unsent::Later => "the server asks to try again later",
        Unsent::Figures => "the figures cannot be read",
    }
}
