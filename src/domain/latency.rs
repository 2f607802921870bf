//! Latency buckets: durations as mergeable histograms.
//!
//! Owns the bucket bounds and quantile estimates. Bounds grow by the square root of two from 1 ms,
//! so an estimate is at most 19 % off; two histograms merge by adding counts.

/// How many buckets there are.
pub const BUCKETS: u8 = 34;

/// The bucket of a duration: 0 holds up to 1 ms, each next one √2 times as much, the last the rest.
#[must_use]
pub fn bucket_of(duration_us: u64) -> u8 {
    (0..BUCKETS - 1).find(|bucket| duration_us <= upper_bound_us(*bucket)).unwrap_or(BUCKETS - 1)
}

/// The longest duration in a bucket, in microseconds; of the last bucket, the next bound.
#[must_use]
pub fn upper_bound_us(bucket: u8) -> u64 {
    // √2 ≈ 1.41421356; whole powers of two stay exact.
    let power = 1_000u64 << (bucket / 2);
    if bucket.is_multiple_of(2) { power } else { power * 141_421 / 100_000 }
}

/// The duration that a share `q` (0 to 1) of the counted durations does not exceed, as the upper
/// bound of its bucket, in microseconds. `None` without any.
#[must_use]
pub fn quantile_us(counts: &[u64], q: f64) -> Option<u64> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts stay far below 2^52 and q lies in 0..=1"
    )]
    let rank = ((total as f64 * q).ceil() as u64).clamp(1, total);
    let mut seen = 0;
    let bucket = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    })?;
    u8::try_from(bucket).ok().map(upper_bound_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_bucket_and_the_quantile() {
        for (us, bucket) in
            [(0, 0), (1_000, 0), (1_001, 1), (1_414, 1), (1_415, 2), (2_000, 2), (u64::MAX, 33)]
        {
            assert_eq!(bucket_of(us), bucket, "{us}");
        }
        let mut counts = [0; BUCKETS as usize];
        assert_eq!(quantile_us(&counts, 0.5), None);
        counts[2] = 95;
        counts[10] = 5;
        assert_eq!(quantile_us(&counts, 0.5), Some(2_000));
        assert_eq!(quantile_us(&counts, 0.95), Some(2_000));
        assert_eq!(quantile_us(&counts, 0.96), Some(32_000));
    }

    proptest! {
        #[test]
        fn a_duration_lies_within_its_bucket(us in 0u64..60_000_000) {
            let bucket = bucket_of(us);
            prop_assert!(us <= upper_bound_us(bucket));
            prop_assert!(bucket == 0 || us > upper_bound_us(bucket - 1));
        }
    }
}
