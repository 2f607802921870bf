//! Hashing and checking passphrases, slowly on purpose.
//!
//! Owns argon2id with the parameters that RFC 9106, section 4, recommends where memory is short (64 MiB,
//! three passes, four lanes, 128 bits of salt, 256 bits of hash). It runs on blocking threads, two at a
//! time, so that a flood of sign-ins takes neither the memory nor the threads of the calls to Accuro.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Memory of one run, in KiB.
const MEMORY_KIB: u32 = 64 * 1_024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const SALT_BYTES: usize = 16;
/// Runs at a time.
const AT_ONCE: usize = 2;
/// Those who run and those who wait; more are sent away.
const MOST_WAITING: usize = 16;

/// What is checked where there is nothing to check, so that an unknown name takes as long as a wrong
/// passphrase. It has the same parameters, and no passphrase is known to fit.
const NOTHING: &str = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a passphrase was neither hashed nor checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HashError {
    /// Too many wait already.
    #[error("too many people sign in at this moment")]
    Busy,
    /// The system gave no random numbers or no thread, or the hash is none.
    #[error("the passphrase could not be hashed")]
    Failed,
}

/// Hashes and checks, a few at a time.
pub(crate) struct Hasher {
    queue: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(MOST_WAITING)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Hasher {
    /// The hash to keep, as a PHC string.
    pub(crate) async fn hash(&self, passphrase: Zeroizing<String>) -> Result<String, HashError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| HashError::Failed)?;
        self.run(move || {
            let hash = argon2()?.hash_password_with_salt(passphrase.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| HashError::Failed)
        })
        .await
    }

    /// Whether a passphrase fits a hash; with none it takes as long, and does not.
    pub(crate) async fn fits(
        &self,
        passphrase: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<bool, HashError> {
        self.run(move || {
            let text = hash.as_deref().unwrap_or(NOTHING);
            let parsed = PasswordHash::new(text).map_err(|_| HashError::Failed)?;
            let fits = argon2()?.verify_password(passphrase.as_bytes(), &parsed).is_ok();
            Ok(fits && hash.is_some())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let waits = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| HashError::Busy)?;
        let runs = Arc::clone(&self.running).acquire_owned().await;
        let runs = runs.map_err(|_| HashError::Failed)?;
        // The places go with the work: whoever hangs up frees no memory that is still in use.
        let places: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (waits, runs);
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(places);
            done
        });
        done.await.map_err(|_| HashError::Failed)?
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_hash_fits_its_passphrase_and_no_other() {
        let hasher = Hasher::default();
        let hash = hasher.hash(text("heron moss lamp")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{hash}");
        assert_ne!(hash, hasher.hash(text("heron moss lamp")).await.unwrap(), "salted");
        assert!(hasher.fits(text("heron moss lamp"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.fits(text("heron moss lamp "), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_name_costs_as_much_work_as_a_wrong_passphrase_and_never_fits() {
        let hasher = Hasher::default();
        assert!(!hasher.fits(text("heron moss lamp"), None).await.unwrap());
        let nothing = PasswordHash::new(NOTHING).unwrap();
        let real = PasswordHash::new(&hasher.hash(text("x")).await.unwrap()).unwrap();
        assert_eq!(nothing.params, real.params);
        assert_eq!((nothing.algorithm, nothing.version), (real.algorithm, real.version));
        assert_eq!(nothing.hash.unwrap().len(), real.hash.unwrap().len());
        assert_eq!(nothing.salt.unwrap().len(), real.salt.unwrap().len());
    }

    #[tokio::test]
    async fn a_flood_is_sent_away_and_not_queued_for_ever() {
        let hasher = Hasher::default();
        let taken = Arc::clone(&hasher.queue).acquire_many_owned(16).await.unwrap();
        assert_eq!(hasher.fits(text("x"), None).await, Err(HashError::Busy));
        drop(taken);
        assert_eq!(hasher.fits(text("x"), None).await, Ok(false));
    }
}
