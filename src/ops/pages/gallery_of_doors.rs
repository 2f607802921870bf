//! More pictures for the gallery: the other ways in, and what takes a second press.
//!
//! Owns their invented input; drawing and promises are [`super::gallery`]'s.

use super::gallery::Picture;
use super::refusal::{self, Refusal};
use super::{second_factor, sign_in, sign_in_elsewhere, writes};
use crate::ops::access::factor::Enrolment;
use crate::ops::components::shell::Frame;

/// Signing in elsewhere, and with a second factor.
pub(super) fn second_ways(nobody: &Frame, f: &Frame) -> Vec<Picture> {
    let language = f.language();
    let secret = zeroize::Zeroizing::new(vec![7; 20]);
    let enrolment = Enrolment { secret, sealed: "k1.AAAA".into() };
    let wrong = Some("That is not the code of this moment");
    let code = |text: &str| zeroize::Zeroizing::new(text.to_owned());
    let codes = vec![code("abcd-efgh-jkmn-pqrs"); 10];
    let both = sign_in::view(sign_in::SignIn::Forms, sign_in::Ways::Both, language);
    let no_group = sign_in_elsewhere::view(sign_in_elsewhere::Said::NoGroup, language);
    vec![
        ("sign-in-provider", nobody.clone(), both),
        ("sign-in-no-group", nobody.clone(), no_group),
        ("second-factor", f.clone(), second_factor::scan(&enrolment, "r.okafor", wrong, language)),
        ("recovery-codes", f.clone(), second_factor::done(&codes, language)),
        ("writes-off", f.clone(), writes::view::confirm(language)),
        ("of-all-clinics", f.clone(), refusal::view(Refusal::OfAllClinics, f)),
    ]
}
