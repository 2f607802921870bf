//! Numbers that identify people, with check digits that a detector accepts.
//!
//! Owns the published rules: British Columbia's personal health number (modulo 11) and Luhn's for
//! Ontario's health card and the social insurance number. Quebec's form has a check digit whose rule is
//! not published; there only the form is right.

/// British Columbia: ten digits that begin with 9.
pub(super) fn bc_health_number(rng: &mut fastrand::Rng) -> String {
    const WEIGHTS: [u32; 8] = [2, 4, 8, 5, 10, 9, 7, 3];
    loop {
        let digits: Vec<u32> = (0..8).map(|_| rng.u32(0..10)).collect();
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            let middle: String = digits.iter().map(u32::to_string).collect();
            return format!("9{middle}{check}");
        }
    }
}

/// Ontario: ten digits by Luhn's rule and a version of two letters.
pub(super) fn on_health_number(rng: &mut fastrand::Rng) -> (String, String) {
    let version = [rng.uppercase(), rng.uppercase()].iter().collect();
    (luhn(9, rng), version)
}

/// Nine digits by Luhn's rule.
pub(super) fn social_insurance_number(rng: &mut fastrand::Rng) -> String {
    luhn(8, rng)
}

/// Quebec: four letters of the name, year, month (a woman's plus 50), day, two more digits.
pub(super) fn ramq(rng: &mut fastrand::Rng) -> String {
    let letters: String = (0..4).map(|_| rng.uppercase()).collect();
    let month = rng.u32(1..13) + if rng.bool() { 50 } else { 0 };
    format!(
        "{letters}{:02}{month:02}{:02}{:02}",
        rng.u32(20..100),
        rng.u32(1..29),
        rng.u32(10..100)
    )
}

/// So many digits, the first no zero.
pub(super) fn digits(count: usize, rng: &mut fastrand::Rng) -> String {
    let first = rng.u32(1..10);
    (1..count).fold(first.to_string(), |text, _| text + &rng.u32(0..10).to_string())
}

fn luhn(count: usize, rng: &mut fastrand::Rng) -> String {
    let body = digits(count, rng);
    let check = (10 - luhn_sum(&body, 1) % 10) % 10;
    format!("{body}{check}")
}

/// Luhn's sum (ISO/IEC 7812-1, annex B); `parity` is 1 where the check digit is still missing.
fn luhn_sum(digits: &str, parity: usize) -> u32 {
    let of = |(at, byte): (usize, u8)| {
        let digit = u32::from(byte - b'0');
        if (at + parity) % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
    };
    digits.bytes().rev().enumerate().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_digit_is_right() {
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..200 {
            let (card, version) = on_health_number(&mut rng);
            assert_eq!((card.len(), version.len(), luhn_sum(&card, 0) % 10), (10, 2, 0), "{card}");
            let insurance = social_insurance_number(&mut rng);
            assert_eq!((insurance.len(), luhn_sum(&insurance, 0) % 10), (9, 0), "{insurance}");
            assert_eq!(ramq(&mut rng).len(), 12);
        }
        // A card and a number that the rules' publishers give as examples.
        assert_eq!(luhn_sum("046454286", 0) % 10, 0);
        let weighted = |number: &str| -> u32 {
            let digits = number.bytes().skip(1).take(8).map(|b| u32::from(b - b'0'));
            digits.zip([2, 4, 8, 5, 10, 9, 7, 3]).map(|(d, w)| d * w).sum()
        };
        for _ in 0..200 {
            let number = bc_health_number(&mut rng);
            let check = (11 - weighted(&number) % 11) % 11;
            assert!(number.starts_with('9') && number.ends_with(&check.to_string()), "{number}");
        }
    }
}
