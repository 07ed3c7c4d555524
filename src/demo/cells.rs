//! Stored samples as they lie in the Pixel Data element: cells, packed bits, run-length frames.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::rle::rle;
use crate::dicom::write::{Syntax, Value};

/// Stored samples, by how they lie in the file.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    Bits(Vec<u8>),
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    Longs(Vec<u32>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Frames(Vec<Vec<u8>>),
}

/// How many cells make a frame, a row, a pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub frame: usize,
    pub columns: usize,
    pub samples: usize,
    pub planar: bool,
}

impl Cells {
    /// The element that holds the pixels in the given transfer syntax.
    pub fn into_element(self, syntax: Syntax, layout: Layout) -> (Tag, VR, Value) {
        match (self, syntax) {
            (Self::Frames(frames), _) => (tags::PIXEL_DATA, VR::OB, encapsulated(frames)),
            (cells, Syntax::Rle) => (tags::PIXEL_DATA, VR::OB, encapsulated(rle_frames(&cells, layout))),
            (Self::Bits(bits), _) => (tags::PIXEL_DATA, VR::OB, Value::Bytes(packed_bits(&bits))),
            (Self::Bytes(bytes), Syntax::ImplicitLittle) => (tags::PIXEL_DATA, VR::OW, Value::Bytes(bytes)),
            (Self::Bytes(bytes), _) => (tags::PIXEL_DATA, VR::OB, Value::Bytes(bytes)),
            (Self::Words(words), _) => (tags::PIXEL_DATA, VR::OW, Value::U16(words)),
            (Self::Longs(longs), _) => (tags::PIXEL_DATA, VR::OW, Value::U32(longs)),
            (Self::Floats(values), _) => (tags::FLOAT_PIXEL_DATA, VR::OF, Value::F32(values)),
            (Self::Doubles(values), _) => (tags::DOUBLE_FLOAT_PIXEL_DATA, VR::OD, Value::F64(values)),
        }
    }
}

fn encapsulated(items: Vec<Vec<u8>>) -> Value {
    let mut at = 0;
    let offsets = items
        .iter()
        .map(|frame| {
            let here = at;
            at += 8 + frame.len().next_multiple_of(2) as u32;
            here
        })
        .collect();
    Value::Fragments { offsets, items }
}

/// One-bit samples, first in the lowest bit, running on from frame to frame.
fn packed_bits(bits: &[u8]) -> Vec<u8> {
    bits.chunks(8).map(|eight| eight.iter().enumerate().fold(0, |byte, (i, bit)| byte | bit << i)).collect()
}

fn rle_frames(cells: &Cells, layout: Layout) -> Vec<Vec<u8>> {
    let Layout { frame, columns, samples, planar } = layout;
    // Most significant byte first, as the segments of a frame are ordered.
    let (bytes, size): (Vec<u8>, usize) = match cells {
        Cells::Bytes(bytes) | Cells::Bits(bytes) => (bytes.clone(), 1),
        Cells::Words(words) => (words.iter().flat_map(|w| w.to_be_bytes()).collect(), 2),
        Cells::Longs(longs) => (longs.iter().flat_map(|v| v.to_be_bytes()).collect(), 4),
        Cells::Floats(_) | Cells::Doubles(_) | Cells::Frames(_) => (Vec::new(), 1),
    };
    let split = |one: &[u8]| {
        let pixels = one.len() / size / samples;
        let cell = |sample: usize, p: usize| if planar { sample * pixels + p } else { p * samples + sample };
        let mut planes = Vec::with_capacity(samples * size);
        for sample in 0..samples {
            for byte in 0..size {
                planes.push((0..pixels).map(|p| one[cell(sample, p) * size + byte]).collect());
            }
        }
        rle(&planes, columns)
    };
    bytes.chunks(frame.max(1) * size).map(split).collect()
}
