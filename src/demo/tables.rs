//! Lookup tables and palettes, and how they lie in a data set.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use crate::dicom::write::{DataSet, Value, item};

/// A lookup table: what the first entry stands for, how many bits an entry has, the entries.
#[derive(Clone, Debug, Default)]
pub struct Lut {
    pub first: i64,
    pub bits: u16,
    pub entries: Vec<u16>,
    pub explanation: String,
    /// Two 8-bit entries in each 16-bit word, as older objects have it.
    pub packed: bool,
}

/// A colour table of three equally long columns.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub first: i64,
    pub bits: u16,
    pub colours: [Vec<u16>; 3],
    /// How many entries the tables stand for, where `colours` holds segments instead of entries.
    pub segmented: Option<u16>,
    /// Two 8-bit entries in each 16-bit word.
    pub packed: bool,
}

/// LUT Descriptor, Explanation and Data.
pub fn lut_item(lut: &Lut, signed: bool) -> DataSet {
    let vr = if signed || lut.first < 0 { VR::SS } else { VR::US };
    item(|d| {
        // 65536 entries are declared as 0, which is what the low 16 bits say.
        let words = vec![lut.entries.len() as u16, lut.first as u16, lut.bits];
        d.put(tags::LUT_DESCRIPTOR, vr, Value::U16(words));
        if !lut.explanation.is_empty() {
            d.text(tags::LUT_EXPLANATION, lut.explanation.clone());
        }
        d.put(tags::LUT_DATA, VR::OW, table_value(&lut.entries, lut.packed));
    })
}

pub(super) fn table_value(entries: &[u16], packed: bool) -> Value {
    if packed {
        let word = |pair: &[u16]| pair[0] & 0xFF | pair.get(1).map_or(0, |high| high << 8);
        return Value::U16(entries.chunks(2).map(word).collect());
    }
    Value::U16(entries.to_vec())
}
