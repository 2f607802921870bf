//! The first administrator of a new installation: a link that is printed once.
//!
//! Owns when it is made: sign-in is by local accounts, and there is none. There is no default passphrase.
//! The link goes to standard error, since standard output is the log, which is shipped elsewhere.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::exit::Failure;
use super::keep::{leave, person};
use super::token::secret;
use super::user::address;
use crate::clock::Clock;
use crate::config::{Config, OpsAuth};
use crate::domain::audit::{Entry, Event};
use crate::domain::names::{AccountId, InstanceId};
use crate::domain::time::Timestamp;
use crate::journal::instance_of;
use crate::store::{FirstLink, SecretDigest, Store, StoreHandle};

/// What the account is called unless its holder chooses another name.
const NAME: &str = "admin";

/// Makes the link.
pub(super) struct First {
    journal: PathBuf,
}

impl First {
    /// For settings with local accounts.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let beside = config.ops.oidc.as_ref().is_some_and(|oidc| oidc.accounts);
        let has_accounts = config.ops.auth == OpsAuth::Local || beside;
        has_accounts.then(|| Self { journal: config.journal.dir.clone() })
    }

    /// Waits for the store, and prints the link if there is no account. A later start of this instance
    /// makes another link, and the one before stops working; where another instance's link works, it says
    /// which one printed it.
    pub(super) async fn tell(self, store: StoreHandle, ops: SocketAddr) {
        let store = store.reached().await;
        let said = match self.make(store, ops).await {
            Ok(Made::NotNeeded) => return,
            Ok(Made::Here(address)) => format!(
                "accuscope: nobody can sign in yet. This link makes the first admin. It works once, for 24 \
                 hours, and is shown only now:\n  {address}"
            ),
            Ok(Made::Elsewhere(instance, printed)) => format!(
                "accuscope: nobody can sign in yet. The link that makes the first admin was printed by the \
                 instance {} at {:.16}Z, and works for 24 hours. If it is lost, `accuscope user add NAME \
                 --role admin` makes another.",
                instance.as_str(),
                printed.to_string()
            ),
            Err(failure) => format!(
                "accuscope: nobody can sign in yet, and no link could be made: {}. `accuscope user add \
                 NAME --role admin` makes one.",
                failure.message
            ),
        };
        // Nobody reads it: then `user add` does the same.
        let _ = writeln!(std::io::stderr(), "{said}");
    }

    async fn make(&self, store: &Store, ops: SocketAddr) -> Result<Made, Failure> {
        let instance = instance_of(&self.journal)
            .ok_or_else(|| Failure::run_time("the journal names no instance"))?;
        let now = Clock::system().now();
        match store.first_link(&instance, now).await? {
            FirstLink::Wanted => {}
            found => return Ok(Made::not_here(found)),
        }
        let entry = Entry { user: Some(person()), ..Entry::of(Event::FirstLinkMade.plain()) };
        leave(&self.journal, &entry)?;
        let name = AccountId::parse(NAME).map_err(|error| Failure::run_time(error.to_string()))?;
        let code = secret("in")?;
        let digest = SecretDigest::of(code.as_bytes());
        match store.create_first_link(digest, &name, &instance, now).await? {
            FirstLink::Wanted => Ok(Made::Here(address(ops, &code))),
            // Another instance was faster.
            found => {
                let entry = Entry { user: Some(person()), ..Entry::of(Event::NotDone.plain()) };
                leave(&self.journal, &entry)?;
                Ok(Made::not_here(found))
            }
        }
    }
}

/// What came of it.
enum Made {
    /// The address to open.
    Here(String),
    /// Another instance printed one then.
    Elsewhere(InstanceId, Timestamp),
    /// There is an account.
    NotNeeded,
}

impl Made {
    fn not_here(found: FirstLink) -> Self {
        match found {
            FirstLink::Elsewhere { instance, printed } => Self::Elsewhere(instance, printed),
            FirstLink::Wanted | FirstLink::NotNeeded => Self::NotNeeded,
        }
    }
}
