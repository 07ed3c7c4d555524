//! The one source of chance in the demo: seeded, small, and the same on every machine.
//!
//! [`Rng`] is `SplitMix64` for things drawn in order; [`mix`] hashes coordinates for noise that must
//! not depend on the order of evaluation; [`uid`] turns a name into a UID under 2.25.

/// `SplitMix64`: a counter and a finaliser.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ 0x4C49_4748_5442_4F58)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        finish(self.0)
    }

    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform between two values.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Approximately normal with mean 0 and variance 1.
    pub fn normal(&mut self) -> f32 {
        bell_sum(self.next_u64())
    }
}

/// Four 16-bit uniform numbers summed: near enough to a normal distribution for film noise, and far
/// cheaper than an exact one.
pub fn bell_sum(word: u64) -> f32 {
    let sum = (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48);
    // Four uniforms of width 65536 have a variance of 65536 squared / 3.
    (sum as f32 - 131_070.0) / 37_837.2
}

fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Hash of a lattice point.
pub fn mix(seed: u32, x: i32, y: i32) -> u32 {
    let mut h = seed.wrapping_mul(0x27D4_EB2F)
        ^ (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^ (h >> 15)
}

/// A UID for `name`: the same name always gives the same UID, as 2.25 and a UUID in decimal.
pub fn uid(name: &str) -> String {
    // FNV-1a over the bytes, then two independent finalisations make 128 well mixed bits.
    let mut h = 0xCBF2_9CE4_8422_2325_u64;
    for byte in name.bytes() {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    let high = finish(h ^ 0x5851_F42D_4C95_7F2D);
    let low = finish(h.rotate_left(29) ^ 0x1405_7B7E_F767_814F);
    let bits = u128::from(high) << 64 | u128::from(low);
    // Version 4 and the RFC 4122 variant, as the UUID-derived root asks for.
    let bits = bits & !(0xF << 76) | (4 << 76);
    let bits = bits & !(3 << 62) | (2 << 62);
    format!("2.25.{bits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_the_published_sequence() {
        // First outputs for the state 1234567, as in the reference implementation.
        let mut rng = Rng(1_234_567);
        assert_eq!(rng.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next_u64(), 3_203_168_211_198_807_973);
        assert_eq!(rng.next_u64(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn the_bell_has_mean_0_and_variance_1() {
        let mut rng = Rng::new(3);
        let drawn: Vec<f32> = (0..50_000).map(|_| rng.normal()).collect();
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        let variance = drawn.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / drawn.len() as f32;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }

    #[test]
    fn uids_are_legal_and_distinct() {
        let names: std::collections::HashSet<_> = (0..500).map(|i| uid(&format!("n{i}"))).collect();
        assert_eq!(names.len(), 500);
        for name in &names {
            assert!(name.len() <= 64 && name.starts_with("2.25.") && !name.starts_with("2.25.0"));
        }
    }
}
