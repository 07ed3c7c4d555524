//! Small data sets and images for the tests of this floor and of those above it.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::dicom::{ColorModel, DataSet, Element, Frame, ImageInfo, Photometric, SampleKind, Samples, Value};

pub(crate) fn element(tag: Tag, vr: VR, bytes: Vec<u8>) -> Element {
    Element { tag, vr, value: Value::Bytes(bytes.into_boxed_slice()) }
}

pub(crate) fn text(tag: Tag, vr: VR, value: &str) -> Element {
    let padded = if value.len().is_multiple_of(2) { value.to_owned() } else { format!("{value} ") };
    element(tag, vr, padded.into_bytes())
}

pub(crate) fn ds(tag: Tag, value: &str) -> Element {
    text(tag, VR::DS, value)
}

pub(crate) fn cs(tag: Tag, value: &str) -> Element {
    text(tag, VR::CS, value)
}

pub(crate) fn lo(tag: Tag, value: &str) -> Element {
    text(tag, VR::LO, value)
}

pub(crate) fn sequence(tag: Tag, items: Vec<DataSet>) -> Element {
    Element { tag, vr: VR::SQ, value: Value::Items(items) }
}

pub(crate) fn data_set(elements: Vec<Element>) -> DataSet {
    DataSet::from_elements(elements)
}

pub(crate) fn words_le(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

pub(crate) fn lut_item(descriptor: [u16; 3], entries: &[u16], explanation: &str) -> DataSet {
    data_set(vec![
        element(tags::LUT_DESCRIPTOR, VR::US, words_le(&descriptor)),
        lo(tags::LUT_EXPLANATION, explanation),
        element(tags::LUT_DATA, VR::OW, words_le(entries)),
    ])
}

pub(crate) fn info(allocated: u16, stored: u16, signed: bool) -> ImageInfo {
    ImageInfo {
        rows: 1,
        columns: 1,
        frames: 1,
        samples_per_pixel: 1,
        photometric: Photometric::Monochrome2,
        bits_allocated: allocated,
        bits_stored: stored,
        high_bit: stored.saturating_sub(1),
        signed,
        planar: false,
        kind: SampleKind::Integer,
    }
}

/// A grey frame.
pub(crate) fn gray(columns: u32, rows: u32, samples: Samples) -> Frame {
    Frame { rows, columns, channels: 1, color: ColorModel::Gray, samples }
}

/// Deterministic noise for property tests (a 64-bit linear congruential generator).
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// A number in `[lo, hi)`.
    pub(crate) fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * f64::from(self.next()) / f64::from(1u32 << 31)
    }
}
