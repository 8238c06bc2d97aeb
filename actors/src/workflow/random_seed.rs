//! The seed of a run's random stream.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// SipHash-1-3 with a zero key over the run id and one byte `0xFF`, as the official SDK has it.
pub(super) fn seed_of(run_id: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(run_id.as_bytes());
    hasher.write_u8(0xFF);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::seed_of;

    /// Compatibility, formats: random seed.
    #[test]
    fn seed_is_that_of_the_official_sdk() {
        assert_eq!(
            seed_of("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0099"),
            18_114_344_553_029_958_363
        );
    }
}
