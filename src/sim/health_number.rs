//! Health numbers that look right and belong to nobody known.
//!
//! Owns the forms of the provinces and the two published check rules. The numbers are drawn, so a
//! detector that is right about real ones bites on them too; that is what they are for.

use super::config::Province;

/// Draws a number of a province's form.
pub(super) fn draw(province: Province, rng: &mut fastrand::Rng) -> String {
    match province {
        Province::Bc => loop {
            let mut digits = [9, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            digits[1..9].fill_with(|| rng.u8(0..10));
            if let Some(check) = bc_check(&digits) {
                digits[9] = check;
                break text(&digits);
            }
        },
        Province::On => {
            let mut digits = [0; 10];
            digits[0] = rng.u8(1..10);
            digits[1..9].fill_with(|| rng.u8(0..10));
            digits[9] = luhn_check(&digits[..9]);
            text(&digits)
        }
        Province::Ab | Province::Sk | Province::Mb => drawn(9, rng),
        Province::Ns => drawn(10, rng),
        Province::Nl => drawn(12, rng),
    }
}

/// Whether a number could be one of the province: digits, spaces and hyphens, length, check digit.
pub(super) fn fits(province: Province, number: &str) -> bool {
    let digits: Option<Vec<u8>> = number
        .bytes()
        .filter(|b| !matches!(b, b' ' | b'-'))
        .map(|b| b.is_ascii_digit().then(|| b - b'0'))
        .collect();
    let Some(digits) = digits else { return false };
    match province {
        Province::Bc => {
            digits.first() == Some(&9)
                && <&[u8; 10]>::try_from(digits.as_slice())
                    .is_ok_and(|ten| bc_check(ten) == Some(ten[9]))
        }
        Province::On => digits.len() == 10 && luhn_check(&digits[..9]) == digits[9],
        Province::Ab | Province::Sk | Province::Mb => digits.len() == 9,
        Province::Ns => digits.len() == 10,
        Province::Nl => digits.len() == 12,
    }
}

/// British Columbia: weights 2, 4, 8, 5, 10, 9, 7, 3 on digits 2 to 9, eleven minus the sum modulo
/// eleven. `None` where that gives ten, which is no digit.
fn bc_check(digits: &[u8; 10]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [2, 4, 8, 5, 10, 9, 7, 3];
    let products = digits[1..9].iter().zip(WEIGHTS).map(|(d, weight)| u32::from(*d) * weight);
    let check = (11 - products.sum::<u32>() % 11) % 11;
    u8::try_from(check).ok().filter(|check| *check < 10)
}

/// The digit that makes the whole pass Luhn's rule (ISO/IEC 7812-1, annex B).
fn luhn_check(digits: &[u8]) -> u8 {
    let doubled = |(at, digit): (usize, &u8)| match at % 2 {
        0 => digit * 2 / 10 + digit * 2 % 10,
        _ => *digit,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).map(u32::from).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn drawn(length: usize, rng: &mut fastrand::Rng) -> String {
    let first = std::iter::once(rng.u8(1..10));
    let digits: Vec<u8> = first.chain((1..length).map(|_| rng.u8(0..10))).collect();
    text(&digits)
}

fn text(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_pass_and_their_neighbours_do_not() {
        for (province, number, expected) in [
            (Province::Bc, "9123456780", true),
            (Province::Bc, "9876543218", true),
            (Province::Bc, "9876 543 218", true),
            (Province::Bc, "9123456781", false),
            (Province::Bc, "8123456780", false),
            (Province::On, "1234567897", true),
            (Province::On, "9876-543-217", true),
            (Province::On, "1234567890", false),
            (Province::Ab, "123456789", true),
            (Province::Ab, "12345678", false),
            (Province::Nl, "not a number", false),
        ] {
            assert_eq!(fits(province, number), expected, "{province:?} {number}");
        }
    }

    #[test]
    fn whatever_is_drawn_fits() {
        let mut rng = fastrand::Rng::with_seed(7);
        for province in [Province::Bc, Province::On, Province::Ab, Province::Ns, Province::Nl] {
            for _ in 0..200 {
                let number = draw(province, &mut rng);
                assert!(fits(province, &number), "{province:?} {number}");
            }
        }
    }
}
