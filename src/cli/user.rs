//! `user add|list|role|change|totp|disable|enable|reset|sign-out|remove`: people of the ops site.
//!
//! Owns the command. It works beside a serving process: the site looks at an account at every click.
//! No passphrase is typed here; a link lets its holder choose one.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use clap::{Args, Subcommand};

use super::exit::{Exit, Failure, block_on, settings, store};
use super::keep::keep;
use super::token::{clinics, role, secret};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::{Entry, Event};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::{AccountId, person_account};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{Account, AccountChange, Changed, SecretDigest, SignInLink, Store};

/// What to do with people.
#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody, and print a link that lets its holder choose a passphrase, once.
    Add(AddArguments),
    /// List the accounts.
    List {
        /// Those that were removed, too.
        #[arg(long)]
        all: bool,
    },
    /// Give somebody another role; it counts at once.
    Role(RoleArguments),
    /// Show somebody some clinics only, or all of them; it counts at once.
    Change(ClinicsArguments),
    /// Keep somebody from signing in, and end all sessions and links to the adoption page.
    Disable(NameArgument),
    /// Let somebody sign in again.
    Enable(NameArgument),
    /// Take the passphrase away, end all sessions and links to the adoption page, and print a link for a new
    /// passphrase.
    Reset(NameArgument),
    /// The second factor of somebody.
    #[command(subcommand)]
    Totp(TotpCommand),
    /// End all sessions of somebody, and the links to the adoption page that they made.
    SignOut(NameArgument),
    /// Remove somebody. The name is not given again, so that the audit means one person by it.
    Remove(NameArgument),
}

/// What to do with a second factor.
#[derive(Subcommand)]
pub(super) enum TotpCommand {
    /// Take it away, since it is lost, and end all sessions. Signing in takes the passphrase alone then.
    Reset(NameArgument),
}

/// Whose account.
#[derive(Args)]
pub(super) struct NameArgument {
    /// The name as it is typed to sign in.
    name: String,
}

/// Whose account, and what it may.
#[derive(Args)]
pub(super) struct RoleArguments {
    /// The name as it is typed to sign in: a to z, digits, and any of . @ _ -
    name: String,
    /// support, oncall, manager or admin.
    #[arg(long)]
    role: String,
}

/// Whose account, what it may, and of which clinics.
#[derive(Args)]
pub(super) struct AddArguments {
    #[command(flatten)]
    who: RoleArguments,
    /// Show these clinics only: ids with commas between them.
    #[arg(long, value_name = "IDS")]
    clinics: Option<String>,
}

/// Whose account, and of which clinics.
#[derive(Args)]
pub(super) struct ClinicsArguments {
    /// The name as it is typed to sign in.
    name: String,
    /// Show these clinics only: ids with commas between them, or all.
    #[arg(long, value_name = "IDS")]
    clinics: String,
}

/// `user`.
pub(super) fn run(file: &Path, command: &UserCommand) -> Result<Exit, Failure> {
    let config = settings(file)?;
    block_on(async {
        let store = store(&config).await?;
        let desk = Desk { store: &store, config: &config, now: Clock::system().now() };
        match command {
            UserCommand::Add(asked) => {
                let role = role(&asked.who.role)?;
                let clinics = clinics(&config, role, asked.clinics.as_deref())?;
                desk.add(&asked.who.name, role, clinics).await?;
            }
            UserCommand::List { all } => desk.list(*all).await?,
            UserCommand::Role(asked) => {
                let role = role(&asked.role)?;
                desk.change(&asked.name, AccountChange::Role(role)).await?;
            }
            UserCommand::Change(asked) => {
                // Whether it is an admin's account is looked at where it is changed.
                let clinics = clinics(&config, Role::Support, Some(&asked.clinics))?;
                desk.change(&asked.name, AccountChange::Clinics(clinics)).await?;
            }
            UserCommand::Disable(asked) => desk.change(&asked.name, AccountChange::Disable).await?,
            UserCommand::Enable(asked) => desk.change(&asked.name, AccountChange::Enable).await?,
            UserCommand::Reset(asked) => desk.change(&asked.name, AccountChange::Reset).await?,
            UserCommand::Totp(TotpCommand::Reset(asked)) => {
                desk.change(&asked.name, AccountChange::SecondFactor).await?;
            }
            UserCommand::SignOut(asked) => desk.change(&asked.name, AccountChange::SignOut).await?,
            UserCommand::Remove(asked) => desk.change(&asked.name, AccountChange::Remove).await?,
        }
        store.close().await;
        Ok(Exit::Success)
    })
}

/// What a command works with.
struct Desk<'d> {
    store: &'d Store,
    config: &'d Config,
    now: Timestamp,
}

impl Desk<'_> {
    async fn add(&self, name: &str, role: Role, clinics: ClinicScope) -> Result<(), Failure> {
        let name = account_name(name)?;
        if self.store.account(&name).await?.is_some() {
            return Err(Failure::run_time(
                "the name is taken, or was; a name is given once, so that the audit means one person by it",
            ));
        }
        let number = self.store.next_account_number().await?;
        self.keep(Event::AccountAdded, number).await?;
        self.keep_change(&AccountChange::Role(role), number).await?;
        if !clinics.is_all() {
            self.keep_change(&AccountChange::Clinics(clinics.clone()), number).await?;
        }
        if !self.store.add_account(number, &name, role, &clinics, self.now).await? {
            self.keep(Event::NotDone, number).await?;
            return Err(Failure::run_time("somebody else added an account at the same moment"));
        }
        self.link(&name, role).await
    }

    async fn list(&self, all: bool) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let accounts = self.store.accounts().await?;
        for account in accounts.iter().filter(|account| all || account.removed.is_none()) {
            writeln!(out, "{}", line(account))?;
        }
        Ok(())
    }

    async fn change(&self, name: &str, change: AccountChange) -> Result<(), Failure> {
        let name = account_name(name)?;
        let unknown = || Failure::run_time("there is no such account; user list shows them");
        let before = self.store.account(&name).await?.filter(|found| found.removed.is_none());
        let before = before.ok_or_else(unknown)?;
        self.keep_change(&change, before.number).await?;
        let resets = change == AccountChange::Reset;
        let problem = match self.store.change_account(&name, None, change, self.now).await? {
            Changed::Done if resets => {
                return self.link(&name, before.role).await;
            }
            Changed::Done => {
                writeln!(std::io::stdout(), "done")?;
                return Ok(());
            }
            Changed::Unknown | Changed::Stale => unknown(),
            Changed::AdminSeesAll => Failure::run_time(
                "an admin sees every clinic; give the account another role, or all clinics, first",
            ),
            Changed::LastAdmin => Failure::run_time(
                "this is the last admin who can sign in; make somebody else an admin first",
            ),
        };
        self.keep(Event::NotDone, before.number).await?;
        Err(problem)
    }

    async fn link(&self, name: &AccountId, role: Role) -> Result<(), Failure> {
        let code = secret("in")?;
        let link = SignInLink::for_passphrase(name, role, self.now);
        let digest = SecretDigest::of(code.as_bytes());
        self.store.create_sign_in_link(digest, &link, self.now).await?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", address(self.config.ops.listen, &code))?;
        let until = link.expires.to_string();
        writeln!(
            std::io::stderr(),
            "Whoever opens it first chooses the passphrase. It works once, until {until:.16}Z, and is shown \
             only now. If people reach the site under another address, put that in front of /sign-in."
        )?;
        Ok(())
    }

    async fn keep_change(&self, change: &AccountChange, number: u32) -> Result<(), Failure> {
        for (event, clinic) in change.records() {
            let entry = Entry { clinic, ..Entry::of(event.of(number.into())) };
            keep(self.config, entry).await?;
        }
        Ok(())
    }

    async fn keep(&self, event: Event, number: u32) -> Result<(), Failure> {
        keep(self.config, Entry::of(event.of(number.into()))).await
    }
}

/// The address of a link, as far as the settings tell.
pub(super) fn address(ops: SocketAddr, code: &str) -> String {
    let scheme = if ops.ip().is_loopback() { "http" } else { "https" };
    format!("{scheme}://{ops}/sign-in/{code}")
}

fn account_name(text: &str) -> Result<AccountId, Failure> {
    person_account(&text.to_ascii_lowercase()).map_err(|error| Failure::usage(error.to_string()))
}

fn line(account: &Account) -> String {
    let state = match account {
        Account { removed: Some(_), .. } => "removed",
        Account { disabled: Some(_), .. } => "disabled",
        Account { has_passphrase: false, .. } => "waits for its passphrase",
        _ => "open",
    };
    let clinics = account.clinics.to_text().unwrap_or_else(|| "all clinics".to_owned());
    let last = account.signed_in.map_or_else(|| "never".to_owned(), |at| at.to_string());
    format!(
        "{:>4}  {:<8} {:<24} last signed in {last:.16}  {state}  {clinics}",
        account.number,
        account.role.as_str(),
        account.name.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_http_on_this_machine_and_https_elsewhere() {
        let of = |text: &str| address(text.parse().unwrap(), "c");
        assert_eq!(of("127.0.0.1:8081"), "http://127.0.0.1:8081/sign-in/c");
        assert_eq!(of("10.0.0.7:8081"), "https://10.0.0.7:8081/sign-in/c");
    }
}
