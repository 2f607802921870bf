//! `token create|list|revoke`: API tokens of the ops site.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::exit::{Exit, Failure, block_on, settings, store};
use super::keep::keep;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::clinic_scope::{ClinicScope, ClinicScopeError};
use crate::domain::role::Role;
use crate::store::{NewToken, SecretDigest};

/// What to do with tokens.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it; it is shown only this once.
    Create(CreateArguments),
    /// List the tokens, without their secrets.
    List,
    /// End a token at once.
    Revoke {
        /// The token's id, as `token list` shows it.
        id: String,
    },
}

/// What a new token may.
#[derive(Args)]
pub(super) struct CreateArguments {
    /// support, oncall, manager or admin.
    #[arg(long)]
    role: String,
    /// What it is for.
    #[arg(long, default_value = "token")]
    name: String,
    /// Show these clinics only: ids with commas between them.
    #[arg(long, value_name = "IDS")]
    clinics: Option<String>,
    /// After how many days it ends; 0 means never.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    expires_days: u32,
}

/// `token`.
pub(super) fn run(file: &Path, command: &TokenCommand) -> Result<Exit, Failure> {
    let config = settings(file)?;
    block_on(async {
        let store = store(&config).await?;
        let now = Clock::system().now();
        let mut out = std::io::stdout().lock();
        match command {
            TokenCommand::Create(arguments) => {
                let role = role(&arguments.role)?;
                let clinics = clinics(&config, role, arguments.clinics.as_deref())?;
                let name = name(&arguments.name)?;
                keep(&config, admin(Event::TokenCreated, Some(role))).await?;
                let secret = secret("acs")?;
                let days = Duration::from_hours(24 * u64::from(arguments.expires_days));
                store
                    .create_token(&NewToken {
                        id: token_id(now)?,
                        digest: SecretDigest::of(secret.as_bytes()),
                        role,
                        clinics,
                        name,
                        created: now,
                        expires: (!days.is_zero()).then(|| now.plus(days)),
                    })
                    .await?;
                writeln!(out, "{}", secret.as_str())?;
            }
            TokenCommand::List => {
                for token in store.tokens().await? {
                    let ends = token.expires.map_or("never".to_owned(), |at| at.to_string());
                    let clinics =
                        token.clinics.to_text().unwrap_or_else(|| "all clinics".to_owned());
                    let state = if token.works_at(now) { "works" } else { "ended" };
                    writeln!(
                        out,
                        "{}  {}  {}  {clinics}  until {ends}  {state}",
                        token.id, token.role, token.name
                    )?;
                }
            }
            TokenCommand::Revoke { id } => {
                let id = uuid::Uuid::try_parse(id)
                    .map_err(|_| Failure::usage("the id is no UUID; token list shows ids"))?;
                keep(&config, admin(Event::TokenRevoked, None)).await?;
                if !store.revoke_token(id, now).await? {
                    return Err(Failure::run_time("no token has this id; token list shows ids"));
                }
                writeln!(out, "revoked")?;
            }
        }
        store.close().await;
        Ok(Exit::Success)
    })
}

/// What the audit keeps; the role is the one that the token gives.
fn admin(event: Event, role: Option<Role>) -> Entry {
    Entry { role, detail: Some(event.plain()), ..Entry::new(Kind::Admin) }
}

pub(super) fn role(text: &str) -> Result<Role, Failure> {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| Failure::usage(format!("--role: one of {}", roles.join(", "))))
}

/// The clinics that an option lists; all where it is left out or says so.
pub(super) fn clinics(
    config: &Config,
    role: Role,
    text: Option<&str>,
) -> Result<ClinicScope, Failure> {
    let Some(text) = text.filter(|text| *text != "all") else { return Ok(ClinicScope::all()) };
    if role == Role::Admin {
        return Err(Failure::usage("--clinics: an admin sees every clinic; give another role"));
    }
    let wrong = |error: ClinicScopeError| Failure::usage(format!("--clinics: {error}"));
    let clinics = ClinicScope::parse(text).map_err(wrong)?;
    let known = |id| config.registry.clinic(id).is_some();
    if clinics.listed().is_some_and(|ids| !ids.iter().all(known)) {
        return Err(Failure::usage("--clinics: one of them is not in the settings"));
    }
    Ok(clinics)
}

/// A name is shown on pages and in lists.
fn name(text: &str) -> Result<&str, Failure> {
    let plain = !text.is_empty() && text.len() <= 80 && !text.chars().any(char::is_control);
    if plain {
        Ok(text)
    } else {
        Err(Failure::usage("--name: 1 to 80 characters, none of them control characters"))
    }
}

/// 160 random bits behind a prefix by which scanners know our secrets.
pub(crate) fn secret(prefix: &str) -> Result<Zeroizing<String>, Failure> {
    let mut random = Zeroizing::new([0; 20]);
    getrandom::fill(random.as_mut()).map_err(|error| Failure::run_time(error.to_string()))?;
    Ok(Zeroizing::new(format!("{prefix}_{}", data_encoding::BASE32_DNSSEC.encode(random.as_ref()))))
}

fn token_id(now: crate::domain::time::Timestamp) -> Result<uuid::Uuid, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Failure::run_time(error.to_string()))?;
    Ok(crate::domain::ids::EventId::new(now, u128::from_be_bytes(random)).0)
}
