//! What a browser carries between leaving for the provider and coming back.
//!
//! Owns the cookie: state, nonce and the PKCE verifier, each 256 random bits. Whoever holds it is the browser
//! that left, and can use it for nothing but coming back.

use axum::http::HeaderMap;
use zeroize::Zeroizing;

use crate::ops::access::session::draw;
use crate::ops::preferences::cookie;

const COOKIE: &str = "__Host-accuscope-leaving";
/// Signing in at the provider may take so many seconds.
const LIFE_SECONDS: u32 = 600;

/// A sign-in that was begun.
pub(super) struct Pending {
    pub(super) state: Zeroizing<String>,
    pub(super) nonce: Zeroizing<String>,
    pub(super) verifier: Zeroizing<String>,
}

impl Pending {
    /// Begins one.
    pub(super) fn draw() -> Result<Self, getrandom::Error> {
        Ok(Self { state: draw()?, nonce: draw()?, verifier: draw()? })
    }

    /// The one that a browser carries.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = cookie(headers, COOKIE)?;
        let part = |text: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            let fits = text.len() == 43 && text.bytes().all(plain);
            fits.then(|| Zeroizing::new(text.to_owned()))
        };
        let mut parts = text.split('.');
        let pending = Self {
            state: part(parts.next()?)?,
            nonce: part(parts.next()?)?,
            verifier: part(parts.next()?)?,
        };
        parts.next().is_none().then_some(pending)
    }

    /// Whether an answer is to this one.
    pub(super) fn is_of(&self, state: &str) -> bool {
        self.state.as_str() == state
    }

    /// The cookie. `Lax`, since the provider sends the browser back from its own site.
    pub(super) fn cookie(&self) -> Zeroizing<String> {
        let (state, nonce, verifier) = (&*self.state, &*self.nonce, &*self.verifier);
        let rest = format!("Path=/; Max-Age={LIFE_SECONDS}; Secure; HttpOnly; SameSite=Lax");
        Zeroizing::new(format!("{COOKIE}={state}.{nonce}.{verifier}; {rest}"))
    }

    /// The cookie that ends it.
    pub(super) fn forgotten() -> String {
        format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_brings_back_what_it_was_given_and_nothing_else() {
        let pending = Pending::draw().unwrap();
        let set = pending.cookie();
        let (pair, _) = set.split_once(';').unwrap();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", text.parse().unwrap());
            Pending::of(&headers)
        };
        let back = read(pair).unwrap();
        assert!(back.is_of(&pending.state) && !back.is_of(&pending.nonce) && !back.is_of(""));
        assert_eq!((&back.nonce, &back.verifier), (&pending.nonce, &pending.verifier));
        for bad in
            ["", "x=y", &format!("{COOKIE}=a.b.c"), &format!("{pair}.x"), &pair[..pair.len() - 1]]
        {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
