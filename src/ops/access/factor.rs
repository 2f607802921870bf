//! The second factor at sign-in and on *Your account*.
//!
//! Owns the checking of a typed code against a sealed secret. A code counts once; a recovery code is spent.
//! How often somebody may try is the passphrase's throttle (see [`super::sign_in`]).

use super::sealed::{open, seal};
use super::visit::Visit;
use crate::domain::names::AccountId;
use crate::domain::second_factor::{
    RECOVERY_BYTES, RECOVERY_CODES, SECRET_BYTES, Typed, recovery_code, step,
};
use crate::store::{SecretDigest, Store, StoreError, Uses};
use zeroize::Zeroizing;

const PURPOSE: &str = "second factor";
const ENROLMENT: &str = "second factor to be";

/// What letting somebody in uses up, if what was typed beside a passphrase lets them in. Nothing is used
/// up yet; that is the session's transaction.
///
/// # Errors
///
/// What the store says.
pub(super) async fn fits(
    visit: &Visit,
    store: &Store,
    name: &AccountId,
    typed: &str,
) -> Result<Option<Uses<'static>>, StoreError> {
    let Some(factor) = store.second_factor(name).await? else { return Ok(Some(Uses::Nothing)) };
    match Typed::read(typed) {
        Typed::Code(code) => {
            let keys = visit.state.keys.as_deref();
            let secret = keys.and_then(|keys| open(keys, PURPOSE, name.as_str(), &factor.sealed));
            let step = secret.and_then(|secret| step(&secret, &code, visit.now));
            Ok(step.filter(|step| *step > factor.step).map(Uses::Step))
        }
        Typed::Recovery(code) => {
            let digest = SecretDigest::of(code.as_bytes());
            let has = store.has_recovery_code(name, digest).await?;
            Ok(has.then_some(Uses::RecoveryCode(digest)))
        }
        Typed::Nothing => Ok(None),
    }
}

/// A secret that is to become somebody's second factor once a code has proved that the app has it.
pub(crate) struct Enrolment {
    /// The secret.
    pub(crate) secret: Zeroizing<Vec<u8>>,
    /// The same, sealed for its owner, to go with the form.
    pub(crate) sealed: String,
}

/// Draws one. `None` in a process without keys, or if the system gives no random numbers.
pub(crate) fn begin(visit: &Visit, name: &AccountId) -> Option<Enrolment> {
    let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
    getrandom::fill(&mut secret).ok()?;
    let keys = visit.state.keys.as_deref()?;
    let sealed = seal(keys, ENROLMENT, name.as_str(), &secret)?;
    Some(Enrolment { secret, sealed })
}

/// The enrolment that a form brings back.
pub(crate) fn resume(visit: &Visit, name: &AccountId, sealed: &str) -> Option<Enrolment> {
    let secret = open(visit.state.keys.as_deref()?, ENROLMENT, name.as_str(), sealed)?;
    Some(Enrolment { secret, sealed: sealed.to_owned() })
}

/// Makes it the account's second factor if the code is its, and gives the recovery codes. `Ok(None)`: the
/// code is not, or nothing can be sealed.
///
/// # Errors
///
/// What the store says.
pub(crate) async fn finish(
    visit: &Visit,
    store: &Store,
    name: &AccountId,
    enrolment: &Enrolment,
    step: i64,
) -> Result<Option<Vec<Zeroizing<String>>>, StoreError> {
    let keys = visit.state.keys.as_deref();
    let sealed = keys.and_then(|keys| seal(keys, PURPOSE, name.as_str(), &enrolment.secret));
    let (Some(sealed), Some(codes)) = (sealed, recovery_codes()) else { return Ok(None) };
    let digests: Vec<SecretDigest> =
        codes.iter().map(|code| SecretDigest::of(code.replace('-', "").as_bytes())).collect();
    let set = store.set_second_factor(name, &sealed, step, &digests).await?;
    Ok(set.then_some(codes))
}

/// The step of a code that proves an enrolment.
pub(crate) fn proves(visit: &Visit, enrolment: &Enrolment, typed: &str) -> Option<i64> {
    match Typed::read(typed) {
        Typed::Code(code) => step(&enrolment.secret, &code, visit.now),
        Typed::Recovery(_) | Typed::Nothing => None,
    }
}

fn recovery_codes() -> Option<Vec<Zeroizing<String>>> {
    let draw = |_| {
        let mut random = Zeroizing::new([0; RECOVERY_BYTES]);
        getrandom::fill(random.as_mut()).ok()?;
        Some(Zeroizing::new(recovery_code(&random)))
    };
    (0..RECOVERY_CODES).map(draw).collect()
}
