//! Figures over decoded samples: a hash of their bytes, the smallest, the largest, the mean.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::dicom::Samples;
use crate::each_sample_type;

/// A hash over the samples of one frame or several, little-endian in their own type.
#[derive(Clone)]
pub struct Digest(Sha256);

/// Samples turned into bytes at a time: small enough to stay in the processor's cache.
const CHUNK: usize = 4096;

impl Digest {
    pub fn new() -> Self {
        Self(Sha256::new())
    }

    pub fn add(&mut self, samples: &Samples) {
        if cfg!(target_endian = "little") {
            return each_sample_type!(samples, values => self.0.update(bytemuck::cast_slice(values)));
        }
        let mut bytes = Vec::with_capacity(CHUNK * 8);
        each_sample_type!(samples, values => {
            for chunk in values.chunks(CHUNK) {
                bytes.clear();
                bytes.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
                self.0.update(&bytes);
            }
        });
    }

    /// The hash in lower-case hexadecimal.
    pub fn finish(self) -> String {
        use std::fmt::Write as _;
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").ok();
            text
        })
    }
}

/// Extremes and mean of a frame. Integers stay integers; what is not a number is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub min: Value,
    pub max: Value,
    pub mean: Value,
}

impl Summary {
    pub fn of(samples: &Samples) -> Self {
        match samples {
            Samples::U8(v) => Self::of_integers(v),
            Samples::I8(v) => Self::of_integers(v),
            Samples::U16(v) => Self::of_integers(v),
            Samples::I16(v) => Self::of_integers(v),
            Samples::U32(v) => Self::of_integers(v),
            Samples::I32(v) => Self::of_integers(v),
            Samples::F32(v) => Self::of_floats(v),
            Samples::F64(v) => Self::of_floats(v),
        }
    }

    fn of_integers<T: Copy + Ord + Into<i64>>(values: &[T]) -> Self {
        let Some(&first) = values.first() else { return Self::nothing() };
        let (mut min, mut max, mut sum) = (first, first, 0_i128);
        for chunk in values.chunks(CHUNK) {
            min = chunk.iter().fold(min, |least, &value| least.min(value));
            max = chunk.iter().fold(max, |most, &value| most.max(value));
            // A chunk of 32-bit values cannot overflow 64 bits; a whole frame could.
            sum += i128::from(chunk.iter().map(|&value| value.into()).sum::<i64>());
        }
        let (min, max): (i64, i64) = (min.into(), max.into());
        Self { min: min.into(), max: max.into(), mean: number(sum as f64 / values.len() as f64) }
    }

    /// Over the values that are numbers: one NaN would hide all the others.
    fn of_floats<T: Copy + Into<f64>>(values: &[T]) -> Self {
        let numbers = || values.iter().map(|&value| value.into()).filter(|value: &f64| !value.is_nan());
        let (count, sum) = numbers().fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
        if count == 0 {
            return Self::nothing();
        }
        Self {
            min: number(numbers().fold(f64::INFINITY, f64::min)),
            max: number(numbers().fold(f64::NEG_INFINITY, f64::max)),
            mean: number(sum / count as f64),
        }
    }

    fn nothing() -> Self {
        Self { min: Value::Null, max: Value::Null, mean: Value::Null }
    }
}

/// JSON has no infinities: they become `null`, as does what is not a number.
fn number(value: f64) -> Value {
    Value::from(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(samples: &Samples) -> String {
        let mut digest = Digest::new();
        digest.add(samples);
        digest.finish()
    }

    #[test]
    fn the_hash_of_abc_is_the_one_in_the_standard() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(&Samples::U8(b"abc".to_vec())), abc);
        assert_eq!(hash(&Samples::I8(vec![0x61, 0x62, 0x63])), abc);
    }

    #[test]
    fn words_are_hashed_little_endian_and_signed_ones_sign_extended() {
        let bytes = Samples::U8(vec![0x34, 0x12, 0xff, 0xff]);
        assert_eq!(hash(&Samples::U16(vec![0x1234, 0xffff])), hash(&bytes));
        assert_eq!(hash(&Samples::I16(vec![0x1234, -1])), hash(&bytes));
    }

    #[test]
    fn frames_hashed_in_turn_equal_one_hash() {
        let mut digest = Digest::new();
        digest.add(&Samples::U16(vec![1, 2]));
        digest.add(&Samples::U16(vec![3]));
        assert_eq!(digest.finish(), hash(&Samples::U16(vec![1, 2, 3])));
    }

    #[test]
    fn integers_are_printed_as_integers() {
        let text = serde_json::to_string(&Summary::of(&Samples::I16(vec![-2, 1, 4]))).expect("json");
        assert_eq!(text, r#"{"min":-2,"max":4,"mean":1.0}"#);
        let extremes = Summary::of(&Samples::U32(vec![u32::MAX; 3]));
        assert_eq!(extremes.max, Value::from(u32::MAX));
        assert_eq!(extremes.mean, Value::from(f64::from(u32::MAX)));
    }

    #[test]
    fn floats_skip_what_is_not_a_number() {
        let summary = Summary::of(&Samples::F32(vec![0.5, f32::NAN, -1.5]));
        assert_eq!(summary, Summary { min: (-1.5).into(), max: 0.5.into(), mean: (-0.5).into() });
        assert_eq!(Summary::of(&Samples::F64(vec![f64::NAN])).min, Value::Null);
        assert_eq!(Summary::of(&Samples::U8(Vec::new())).mean, Value::Null);
    }
}
