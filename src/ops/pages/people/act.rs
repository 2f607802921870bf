//! What the forms about people do.
//!
//! Owns the order: look, keep in the audit, change. Where somebody else was faster in between, the audit
//! says that as well.

use serde::Deserialize;

use crate::domain::audit::Event;
use crate::domain::names::{AccountId, person_account};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::access::session::draw;
use crate::ops::access::visit::Visit;
use crate::ops::state::LookedUp;
use crate::store::{AccountChange, Changed, SecretDigest, SignInLink, Store, StoreError};

/// What to do.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    Add,
    Role,
    Disable,
    Enable,
    Reset,
    SignOut,
    Remove,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct PeopleForm {
    act: Act,
    name: String,
    #[serde(default)]
    role: String,
    /// The version that the admin saw.
    #[serde(default)]
    version: i64,
}

/// A link whose secret is known here and nowhere else.
pub(super) struct MadeLink {
    pub(super) name: AccountId,
    pub(super) code: String,
    pub(super) expires: Timestamp,
}

/// What was done.
pub(super) struct Done {
    pub(super) words: &'static str,
    pub(super) link: Option<MadeLink>,
}

/// Why nothing was done.
pub(super) enum Problem {
    /// Something in the form.
    Typed(String),
    /// Something that somebody else did.
    Conflict(&'static str),
    /// The audit could not be kept.
    NotKept,
    /// The store did not do as asked.
    Store(StoreError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

const STALE: &str = "Somebody else has just changed this account. Look at it again and decide anew";
const GONE: &str = "There is no such account any more";
const LAST: &str = "This is the last admin who can sign in. Make somebody else an admin first";
const FASTER: &str = "Somebody else has added an account at the same moment. Try again";
const TAKEN: &str = "There is an account of that name already, or there was one. A name is given once, so \
    that the audit means one person by it";

/// Does it.
pub(super) async fn act(visit: &Visit, store: &Store, form: &PeopleForm) -> Result<Done, Problem> {
    let name = form.name.trim().to_ascii_lowercase();
    let name = person_account(&name).map_err(|error| Problem::Typed(error.to_string()))?;
    let role = || {
        let unknown = || Problem::Typed("Choose one of the roles".to_owned());
        Role::parse(&form.role).ok_or_else(unknown)
    };
    let (change, words) = match form.act {
        Act::Add => return add(visit, store, name, role()?).await,
        Act::Role => (AccountChange::Role(role()?), "The role is changed, from the next click on."),
        Act::Disable => (AccountChange::Disable, "The account is disabled and signed out."),
        Act::Enable => (AccountChange::Enable, "The account may sign in again."),
        Act::Reset => {
            (AccountChange::Reset, "The passphrase no longer works. The link sets a new one.")
        }
        Act::SignOut => (AccountChange::SignOut, "Every session of the account has ended."),
        Act::Remove => (AccountChange::Remove, "The account is removed and signed out."),
    };
    let before = store.account(&name).await?.filter(|account| account.removed.is_none());
    let Some(before) = before else { return Err(Problem::Conflict(GONE)) };
    if before.version != form.version {
        return Err(Problem::Conflict(STALE));
    }
    keep(visit, change.event(), before.number).await?;
    let problem = match store.change_account(&name, Some(form.version), change, visit.now).await? {
        Changed::Done if change == AccountChange::Reset => {
            let link = link(visit, store, name, before.role).await?;
            return Ok(Done { words, link: Some(link) });
        }
        Changed::Done => return Ok(Done { words, link: None }),
        Changed::Unknown => GONE,
        Changed::Stale => STALE,
        Changed::LastAdmin => LAST,
    };
    keep(visit, Event::NotDone, before.number).await?;
    Err(Problem::Conflict(problem))
}

async fn add(visit: &Visit, store: &Store, name: AccountId, role: Role) -> Result<Done, Problem> {
    if store.account(&name).await?.is_some() {
        return Err(Problem::Conflict(TAKEN));
    }
    let number = store.next_account_number().await?;
    keep(visit, Event::AccountAdded, number).await?;
    keep(visit, AccountChange::Role(role).event(), number).await?;
    if !store.add_account(number, &name, role, visit.now).await? {
        keep(visit, Event::NotDone, number).await?;
        return Err(Problem::Conflict(FASTER));
    }
    let link = link(visit, store, name, role).await?;
    Ok(Done { words: "The account is added. Its link sets the passphrase.", link: Some(link) })
}

async fn link(
    visit: &Visit,
    store: &Store,
    name: AccountId,
    role: Role,
) -> Result<MadeLink, Problem> {
    let code = draw().map_err(|_| Problem::Conflict("The system gives no random numbers"))?;
    let link = SignInLink::for_passphrase(&name, role, visit.now);
    store.create_sign_in_link(SecretDigest::of(code.as_bytes()), &link, visit.now).await?;
    Ok(MadeLink { name, code: code.to_string(), expires: link.expires })
}

async fn keep(visit: &Visit, deed: Event, number: u32) -> Result<(), Problem> {
    let about = LookedUp { account: Some(number), ..LookedUp::default() };
    let kept = visit.witness_of(deed, None, None, about).await;
    if kept { Ok(()) } else { Err(Problem::NotKept) }
}
