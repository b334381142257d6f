//! New numbers: 48 bits of time, 80 bits of chance, in 26 characters of Crockford's base 32.

use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::os;

/// Characters of a number.
pub const LENGTH: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A number that is like no other, on any machine, before or after any restart.
pub fn new() -> Result<[u8; LENGTH]> {
    let mut chance = [0; 10];
    os::fill_random(&mut chance)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(from_parts(now.as_millis() as u64, chance))
}

/// The number under which the whole of a payment is given back, in virtual payment 2.0. It follows from the payment's,
/// so that no retry, restart or loss of a journal makes a second refund of it.
pub fn of_whole_refund(bill_no: &str) -> String {
    let digest = Sha256::digest([b"whole refund of ", bill_no.as_bytes()].concat());
    let mut digits = [0; 32];
    hex::encode_to_slice(&digest[..16], &mut digits).expect("16 bytes are 32 hex digits");
    format!("R-{}", String::from_utf8_lossy(&digits))
}

fn from_parts(unix_ms: u64, chance: [u8; 10]) -> [u8; LENGTH] {
    let mut bits = u128::from(unix_ms & 0xFFFF_FFFF_FFFF) << 80;
    for (index, byte) in chance.into_iter().enumerate() {
        bits |= u128::from(byte) << (72 - 8 * index);
    }
    std::array::from_fn(|index| ALPHABET[(bits >> (5 * (LENGTH - 1 - index))) as usize & 31])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_number_passes_the_rule_of_bill_no() {
        let bill_no = new().expect("random bytes can be had");
        let bill_no = std::str::from_utf8(&bill_no).expect("the alphabet is ASCII");
        crate::api::check::bill_no(bill_no).expect("digits and letters only");
    }

    #[test]
    fn later_numbers_sort_after_earlier_ones() {
        let numbers =
            [1, 2, 1_700_000_000_000, 1_700_000_000_001].map(|ms| from_parts(ms, [0xFF; 10]));
        assert!(numbers.is_sorted());
        assert!(from_parts(5, [0; 10]) < from_parts(5, [1; 10]));
    }

    #[test]
    fn the_refund_of_the_whole_has_one_number_for_ever() {
        let refund = of_whole_refund("order-1");
        assert_eq!(refund, "R-3e087517c305078fab3fc40a76e1f8a0");
        crate::api::check::bill_no(&refund).expect("a number that WeChat takes");
        assert_ne!(refund, of_whole_refund("order-2"));
    }

    #[test]
    fn every_bit_of_chance_counts() {
        let zero = from_parts(0, [0; 10]);
        for bit in 0..80 {
            let mut chance = [0; 10];
            chance[bit / 8] = 1 << (bit % 8);
            assert_ne!(from_parts(0, chance), zero);
        }
    }
}
