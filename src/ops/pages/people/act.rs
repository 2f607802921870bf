//! What the forms about people do.
//!
//! Owns the order: look, keep in the audit, change. Where somebody else was faster in between, the audit
//! says that as well.

use serde::Deserialize;

use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
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
    Clinics,
    Disable,
    Enable,
    Reset,
    SecondFactor,
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
    /// Ids with commas between them; empty: all.
    #[serde(default)]
    clinics: String,
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
const ADMIN_SEES_ALL: &str =
    "An admin sees every clinic. Give the account another role, or all clinics, first";
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
        Act::Add => return add(visit, store, name, role()?, clinics(visit, &form.clinics)?).await,
        Act::Role => (AccountChange::Role(role()?), "The role is changed, from the next click on."),
        Act::Clinics => (
            AccountChange::Clinics(clinics(visit, &form.clinics)?),
            "What the account sees is changed, from the next click on.",
        ),
        Act::Disable => (AccountChange::Disable, "The account is disabled and signed out."),
        Act::Enable => (AccountChange::Enable, "The account may sign in again."),
        Act::Reset => {
            (AccountChange::Reset, "The passphrase no longer works. The link sets a new one.")
        }
        Act::SecondFactor => (
            AccountChange::SecondFactor,
            "Signing in takes no code any more. Every session has ended.",
        ),
        Act::SignOut => (AccountChange::SignOut, "Every session of the account has ended."),
        Act::Remove => (AccountChange::Remove, "The account is removed and signed out."),
    };
    let before = store.account(&name).await?.filter(|account| account.removed.is_none());
    let Some(before) = before else { return Err(Problem::Conflict(GONE)) };
    if before.version != form.version {
        return Err(Problem::Conflict(STALE));
    }
    keep_change(visit, &change, before.number).await?;
    let resets = change == AccountChange::Reset;
    let problem = match store.change_account(&name, Some(form.version), change, visit.now).await? {
        Changed::Done if resets => {
            let link = link(visit, store, name, before.role).await?;
            return Ok(Done { words, link: Some(link) });
        }
        Changed::Done => return Ok(Done { words, link: None }),
        Changed::Unknown => GONE,
        Changed::Stale => STALE,
        Changed::LastAdmin => LAST,
        Changed::AdminSeesAll => ADMIN_SEES_ALL,
    };
    keep(visit, Event::NotDone, before.number).await?;
    Err(Problem::Conflict(problem))
}

/// The clinics that a form lists. What is no clinic of ours is not told again.
fn clinics(visit: &Visit, text: &str) -> Result<ClinicScope, Problem> {
    if text.trim().is_empty() {
        return Ok(ClinicScope::all());
    }
    let wrong = |words: String| Problem::Typed(format!("Clinics: {words}"));
    let clinics = ClinicScope::parse(text).map_err(|error| wrong(error.to_string()))?;
    let known = |id| visit.state.registry.clinic(id).is_some();
    if clinics.listed().is_some_and(|ids| !ids.iter().all(known)) {
        return Err(wrong("one of them is not in the settings".to_owned()));
    }
    Ok(clinics)
}

async fn add(
    visit: &Visit,
    store: &Store,
    name: AccountId,
    role: Role,
    clinics: ClinicScope,
) -> Result<Done, Problem> {
    if role == Role::Admin && !clinics.is_all() {
        return Err(Problem::Typed(ADMIN_SEES_ALL.to_owned()));
    }
    if store.account(&name).await?.is_some() {
        return Err(Problem::Conflict(TAKEN));
    }
    let number = store.next_account_number().await?;
    keep(visit, Event::AccountAdded, number).await?;
    keep_change(visit, &AccountChange::Role(role), number).await?;
    if !clinics.is_all() {
        keep_change(visit, &AccountChange::Clinics(clinics.clone()), number).await?;
    }
    if !store.add_account(number, &name, role, &clinics, visit.now).await? {
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

/// Keeps a change, once for each clinic that it names.
async fn keep_change(visit: &Visit, change: &AccountChange, number: u32) -> Result<(), Problem> {
    for (deed, clinic) in change.records() {
        let about = LookedUp { account: Some(number), ..LookedUp::default() };
        if !visit.witness_of(deed, None, clinic, about).await {
            return Err(Problem::NotKept);
        }
    }
    Ok(())
}

async fn keep(visit: &Visit, deed: Event, number: u32) -> Result<(), Problem> {
    let about = LookedUp { account: Some(number), ..LookedUp::default() };
    let kept = visit.witness_of(deed, None, None, about).await;
    if kept { Ok(()) } else { Err(Problem::NotKept) }
}
