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
use crate::ops::words::language::said;
use crate::ops::words::passphrase::{no_clinics, no_name};
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
    pub(super) words: Words,
    pub(super) link: Option<MadeLink>,
}

/// Why nothing was done.
pub(super) enum Problem {
    /// Something in the form.
    Typed(String),
    /// Something that somebody else did.
    Conflict(Words),
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

/// Said to the reader, in English and French.
pub(super) type Words = [&'static str; 2];

const STALE: Words = [
    "Somebody else has just changed this account. Look at it again and decide anew",
    "Quelqu’un d’autre vient de modifier ce compte. Regardez-le de nouveau et décidez à nouveau",
];
const GONE: Words = ["There is no such account any more", "Ce compte n’existe plus"];
const LAST: Words = [
    "This is the last admin who can sign in. Make somebody else an admin first",
    "C’est le dernier compte d’administration qui peut se connecter. Donnez d’abord ce rôle à quelqu’un d’autre",
];
const ADMIN_SEES_ALL: Words = [
    "An admin sees every clinic. Give the account another role, or all clinics, first",
    "L’administration voit toutes les cliniques. Donnez d’abord au compte un autre rôle, ou toutes les cliniques",
];
const FASTER: Words = [
    "Somebody else has added an account at the same moment. Try again",
    "Quelqu’un d’autre a ajouté un compte au même moment. Réessayez",
];
const TAKEN: Words = [
    "There is an account of that name already, or there was one. A name is given once, so \
     that the audit means one person by it",
    "Il y a déjà un compte de ce nom, ou il y en a eu un. Un nom n’est donné qu’une fois, pour que l’audit \
     désigne par lui une seule personne",
];
const NO_RANDOM: Words =
    ["The system gives no random numbers", "Le système ne donne aucun nombre aléatoire"];

/// Does it.
pub(super) async fn act(visit: &Visit, store: &Store, form: &PeopleForm) -> Result<Done, Problem> {
    let language = visit.language();
    let name = form.name.trim().to_ascii_lowercase();
    let name = person_account(&name).map_err(|error| Problem::Typed(no_name(&error, language)))?;
    let role = || {
        let unknown = || {
            Problem::Typed(
                language.of("Choose one of the roles", "Choisissez un des rôles").to_owned(),
            )
        };
        Role::parse(&form.role).ok_or_else(unknown)
    };
    let (change, words) = match form.act {
        Act::Add => return add(visit, store, name, role()?, clinics(visit, &form.clinics)?).await,
        Act::Role => (
            AccountChange::Role(role()?),
            [
                "The role is changed, from the next click on.",
                "Le rôle est changé, dès le prochain clic.",
            ],
        ),
        Act::Clinics => (
            AccountChange::Clinics(clinics(visit, &form.clinics)?),
            [
                "What the account sees is changed, from the next click on.",
                "Ce que le compte voit est changé, dès le prochain clic.",
            ],
        ),
        Act::Disable => (
            AccountChange::Disable,
            ["The account is disabled and signed out.", "Le compte est désactivé et déconnecté."],
        ),
        Act::Enable => (
            AccountChange::Enable,
            ["The account may sign in again.", "Le compte peut de nouveau se connecter."],
        ),
        Act::Reset => (
            AccountChange::Reset,
            [
                "The passphrase no longer works. The link sets a new one.",
                "La phrase de passe ne fonctionne plus. Le lien en choisit une nouvelle.",
            ],
        ),
        Act::SecondFactor => (
            AccountChange::SecondFactor,
            [
                "Signing in takes no code any more. Every session has ended.",
                "Se connecter ne demande plus de code. Toutes les sessions ont pris fin.",
            ],
        ),
        Act::SignOut => (
            AccountChange::SignOut,
            [
                "Every session of the account has ended, and every link to the adoption page that it made.",
                "Toutes les sessions du compte ont pris fin, et tous les liens vers la page d’adoption qu’il a faits.",
            ],
        ),
        Act::Remove => (
            AccountChange::Remove,
            ["The account is removed and signed out.", "Le compte est retiré et déconnecté."],
        ),
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
    let language = visit.language();
    let wrong =
        |words: String| Problem::Typed(said!(language, "Clinics: {words}", "Cliniques : {words}"));
    let clinics = ClinicScope::parse(text).map_err(|error| wrong(no_clinics(error, language)))?;
    let known = |id| visit.state.registry.clinic(id).is_some();
    if clinics.listed().is_some_and(|ids| !ids.iter().all(known)) {
        let words = language.of(
            "one of them is not in the settings",
            "l’une d’elles n’est pas dans la configuration",
        );
        return Err(wrong(words.to_owned()));
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
        let [english, french] = ADMIN_SEES_ALL;
        return Err(Problem::Typed(visit.language().of(english, french).to_owned()));
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
    let words = [
        "The account is added. Its link sets the passphrase.",
        "Le compte est ajouté. Son lien choisit la phrase de passe.",
    ];
    Ok(Done { words, link: Some(link) })
}

async fn link(
    visit: &Visit,
    store: &Store,
    name: AccountId,
    role: Role,
) -> Result<MadeLink, Problem> {
    let code = draw().map_err(|_| Problem::Conflict(NO_RANDOM))?;
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
