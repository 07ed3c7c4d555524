//! A lookup table as the modality LUT and VOI LUT modules define them (PS3.3 C.11.1.1, C.11.2.1.1).

use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::descriptor::Descriptor;
use crate::dicom::DataSet;

/// A table from input values to unsigned entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Lut {
    /// The input value the first entry stands for.
    pub first: i32,
    /// Bits an entry has: `2^bits - 1` is the largest output.
    pub bits: u8,
    /// The entries; never empty in a table that was read.
    pub data: Arc<[u16]>,
    /// What the table is called, or empty.
    pub explanation: String,
}

impl Lut {
    /// Reads an item of a modality or VOI LUT sequence; `inputs` is the range of values it may be
    /// asked for, which decides whether its first value is signed.
    pub fn read(item: &DataSet, inputs: (f64, f64)) -> Option<Self> {
        let descriptor = Descriptor::read(item, tags::LUT_DESCRIPTOR, inputs)?;
        let data = descriptor.unpack(item.bytes(tags::LUT_DATA)?);
        if data.is_empty() {
            return None;
        }
        Some(Self {
            first: descriptor.first,
            bits: descriptor.depth(&data),
            data: data.into(),
            explanation: item.string(tags::LUT_EXPLANATION).unwrap_or_default().trim().to_owned(),
        })
    }

    /// The output for an input: exact at whole numbers, linear between two entries (inputs are
    /// fractional once samples were interpolated), the first or last entry beyond the ends.
    pub fn value(&self, x: f64) -> f64 {
        let Some(last) = self.data.len().checked_sub(1) else {
            return 0.0;
        };
        let position = (x - f64::from(self.first)).clamp(0.0, last as f64);
        let below = position.floor();
        let index = below as usize;
        let entry = |i: usize| f64::from(self.data.get(i.min(last)).copied().unwrap_or(0));
        entry(index) + (entry(index + 1) - entry(index)) * (position - below)
    }

    /// The largest output the depth of the entries allows.
    pub fn max(&self) -> f64 {
        f64::from((1u32 << self.bits.clamp(1, 16)) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, element, lo, lut_item, words_le};
    use dicom_core::VR;

    #[test]
    fn clamps_outside_and_is_linear_between() {
        let lut = Lut { first: -2, bits: 12, data: vec![100, 200, 400].into(), explanation: String::new() };
        assert_eq!(lut.value(-1e9), 100.0);
        assert_eq!(lut.value(-2.0), 100.0);
        assert_eq!(lut.value(-1.0), 200.0);
        assert_eq!(lut.value(-0.5), 300.0);
        assert_eq!(lut.value(0.0), 400.0);
        assert_eq!(lut.value(1e9), 400.0);
        assert_eq!(lut.max(), 4095.0);
    }

    #[test]
    fn a_full_table_of_65536_entries() {
        let entries: Vec<u16> = (0..=65535).collect();
        let item = lut_item([0, 0, 16], &entries, "all");
        let lut = Lut::read(&item, (0.0, 65535.0)).expect("a table");
        assert_eq!(lut.data.len(), 65536);
        assert_eq!(lut.value(65535.0), 65535.0);
        assert_eq!(lut.explanation, "all");
    }

    #[test]
    fn an_8_bit_table_in_words() {
        let item = data_set(vec![
            element(tags::LUT_DESCRIPTOR, VR::US, words_le(&[4, 0, 8])),
            lo(tags::LUT_EXPLANATION, " packed "),
            element(tags::LUT_DATA, VR::OW, vec![0, 85, 170, 255]),
        ]);
        let lut = Lut::read(&item, (0.0, 255.0)).expect("a table");
        assert_eq!((lut.bits, lut.value(1.0), lut.value(3.0)), (8, 85.0, 255.0));
        assert_eq!(lut.explanation, "packed");
    }

    #[test]
    fn nothing_comes_of_an_empty_or_missing_table() {
        assert!(Lut::read(&data_set(vec![]), (0.0, 1.0)).is_none());
        assert!(Lut::read(&lut_item([4, 0, 8], &[], ""), (0.0, 1.0)).is_none());
    }
}
