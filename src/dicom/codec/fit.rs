//! From what a codestream held to the native type of the object.

use super::clean::clean;
use crate::dicom::{ColorModel, Error, Frame, ImageInfo, Samples};

/// Samples as a decoder yields them, interleaved.
pub(super) enum Raw {
    U8(Vec<u8>),
    U16(Vec<u16>),
    I32(Vec<i32>),
}

/// One decoded codestream and what it said about itself.
pub(super) struct Decoded {
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) channels: u8,
    /// Bits of a sample.
    pub(super) precision: u16,
    /// The codestream knows signs and says its samples have them; `None` where it cannot know.
    pub(super) signed: Option<bool>,
    /// The codestream says what its colours are.
    pub(super) color: Option<ColorModel>,
    pub(super) samples: Raw,
}

/// What a codestream may claim, before anything is allocated for it.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Pixels the header declares.
    declared: u64,
    /// Bytes of the codestream.
    length: u64,
}

impl Budget {
    pub(super) fn new(info: &ImageInfo, data: &[u8]) -> Self {
        Self { declared: info.pixels(), length: data.len() as u64 }
    }

    /// No header to hold the image against.
    #[cfg(test)]
    pub(super) fn generous(data: &[u8]) -> Self {
        Self { declared: 1 << 20, length: data.len() as u64 }
    }

    /// Bytes that a decoder with an allocator of its own may hold at once: some planes of wide samples.
    pub(super) fn memory(self) -> usize {
        let bytes = self.declared.saturating_mul(48).clamp(32 << 20, 1 << 30);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// Refuses an image far larger than the header says, or with more samples than its bytes can mean
    /// at `most_per_byte`. Up to `always` samples no codestream is too short.
    pub(super) fn check(
        self,
        codec: &'static str,
        pixels: u64,
        channels: u64,
        most_per_byte: u64,
        always: u64,
    ) -> Result<(), Error> {
        if pixels > self.declared.saturating_mul(2).max(1 << 16) {
            return Err(Error::codec(codec, "it is far larger than the header says"));
        }
        let plausible = self.length.saturating_mul(most_per_byte).max(always);
        if pixels.saturating_mul(channels) > plausible {
            return Err(Error::codec(codec, "it is far too short for the size it declares"));
        }
        Ok(())
    }
}

/// Casts into the native type, keeps the significant bits, and says where the header lied.
pub(super) fn into_frame(info: &ImageInfo, image: Decoded, warnings: &mut Vec<String>) -> Frame {
    if (image.rows, image.columns) != (info.rows, info.columns) {
        warnings.push(format!(
            "the header says {} x {} pixels, the compressed image {} x {}",
            info.columns, info.rows, image.columns, image.rows
        ));
    }
    if image.channels != info.samples_per_pixel {
        warnings.push(format!(
            "the header says {} samples a pixel, the compressed image {}",
            info.samples_per_pixel, image.channels
        ));
    }
    let signed = match image.signed {
        Some(true) if !info.signed => {
            warnings.push("the header says unsigned samples, the compressed image signed".to_owned());
            true
        }
        _ => info.signed,
    };
    let mut allocated = info.bits_allocated.max(8).next_power_of_two().min(32);
    if image.precision > allocated {
        warnings.push(format!(
            "the header says {allocated} bits a sample, the compressed image {}",
            image.precision
        ));
        allocated = image.precision.next_power_of_two().clamp(8, 32);
    }
    let mut samples = match (allocated, signed) {
        (8, false) => Samples::U8(as_u8(image.samples)),
        (8, true) => Samples::I8(as_u8(image.samples).into_iter().map(u8::cast_signed).collect()),
        (16, false) => Samples::U16(as_u16(image.samples)),
        (16, true) => Samples::I16(as_u16(image.samples).into_iter().map(u16::cast_signed).collect()),
        (_, false) => Samples::U32(as_i32(image.samples).into_iter().map(i32::cast_unsigned).collect()),
        (_, true) => Samples::I32(as_i32(image.samples)),
    };
    let full = image.precision >= allocated;
    let stored = if full { info.bits_stored } else { info.bits_stored.max(image.precision) };
    let stored = stored.min(allocated);
    let high = if full { info.high_bit.min(allocated - 1) } else { stored - 1 };
    // Samples that carry their sign already are only cut to size, never moved.
    let high = if image.signed == Some(true) { stored - 1 } else { high.max(stored - 1) };
    clean(&mut samples, high, stored);
    let color = match image.color {
        Some(color) if image.channels >= 3 => color,
        _ => info.photometric.color_model(image.channels),
    };
    Frame { rows: image.rows, columns: image.columns, channels: image.channels, color, samples }
}

fn as_u8(raw: Raw) -> Vec<u8> {
    match raw {
        Raw::U8(values) => values,
        Raw::U16(values) => values.into_iter().map(|v| v as u8).collect(),
        Raw::I32(values) => values.into_iter().map(|v| v as u8).collect(),
    }
}

fn as_u16(raw: Raw) -> Vec<u16> {
    match raw {
        Raw::U8(values) => values.into_iter().map(u16::from).collect(),
        Raw::U16(values) => values,
        Raw::I32(values) => values.into_iter().map(|v| v as u16).collect(),
    }
}

fn as_i32(raw: Raw) -> Vec<i32> {
    match raw {
        Raw::U8(values) => values.into_iter().map(i32::from).collect(),
        Raw::U16(values) => values.into_iter().map(i32::from).collect(),
        Raw::I32(values) => values,
    }
}
