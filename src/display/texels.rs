//! The samples of a frame as they are sampled, by the CPU and by the shader alike.
//!
//! Level 0 holds the stored samples as they are. Level n holds averages of blocks of 2^n by 2^n of
//! them, so that a large image on a small screen costs neither memory nor shimmer.

use super::pyramid;
use super::{Appearance, Padding, to_rgba};
use crate::dicom::{Frame, Reduced, Samples};

/// How texels are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TexelKind {
    /// Unsigned integers.
    Uint,
    /// Two's complement in the container.
    Sint,
    /// The bits of an `f32`; anything that is not a finite number is padding.
    Float,
    /// Red, green, blue, 255.
    Rgb,
}

/// Texels in their container, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Texels {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    Rgba8(Vec<u8>),
}

impl Texels {
    /// Bytes the texels occupy.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::U8(v) | Self::Rgba8(v) => v.len(),
            Self::U16(v) => v.len() * 2,
            Self::U32(v) => v.len() * 4,
        }
    }
}

/// One level of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct TexelImage {
    /// Size of this level: that of the source over 2^level, rounded up.
    pub width: u32,
    pub height: u32,
    pub level: u32,
    pub source_width: u32,
    pub source_height: u32,
    pub kind: TexelKind,
    /// Fraction bits of an integer texel: its value is the texel over 2^`fraction_bits`.
    pub fraction_bits: u32,
    pub texels: Texels,
    /// Bits a stored sample has.
    pub bits_stored: u16,
    /// Stored values that are no image, as the averages of reduced levels leave them out.
    pub padding: Option<Padding>,
}

/// Blocks of 64 by 64: what is smaller on screen is averaged further while drawing.
pub const MAX_LEVEL: u32 = 6;

/// The level to draw from: the smallest image that still has a texel for every screen pixel, given how
/// many source pixels one screen pixel covers.
pub fn choose_level(source_pixels_per_screen_pixel: f64) -> u32 {
    let mut level = 0;
    while level < MAX_LEVEL && source_pixels_per_screen_pixel >= f64::from(2u32 << level) {
        level += 1;
    }
    level
}

impl TexelImage {
    /// One level of a frame, straight from its samples.
    pub fn build(frame: &Frame, appearance: &Appearance, level: u32) -> Self {
        if level > 0
            && let Some(reduced) = pyramid::reduce_frame(frame, appearance, level.min(MAX_LEVEL))
        {
            return reduced;
        }
        Self::from_frame(frame.clone(), appearance).at_level(level)
    }

    /// A reduced level of a grey frame of 16-bit samples without holding the frame: `read` fills whole rows from
    /// the row it is given, and the texels are laid into memory that may have been used before. `None` where that
    /// cannot be: level 0, or samples that are indices of a palette.
    pub fn build_in_strips<E>(
        size: [u32; 2],
        appearance: &Appearance,
        level: u32,
        texels: Vec<u16>,
        read: impl FnMut(u32, &mut [u16]) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        if level == 0 || appearance.palette.is_some() {
            return Ok(None);
        }
        let level = level.min(MAX_LEVEL);
        pyramid::reduce_strips(size, appearance.signed, appearance, level, texels, read).map(Some)
    }

    /// One level of a frame that was decoded at less than its full size. The level cannot be finer than
    /// what was decoded: where it should be, the answer is what there is.
    ///
    /// Sizes are those of [`Self::build`]; halving and rounding up several times is the same as once.
    pub fn from_reduced(reduced: Reduced, appearance: &Appearance, level: u32) -> Self {
        let Reduced { frame, reduce, columns, rows } = reduced;
        let rest = level.min(MAX_LEVEL).saturating_sub(u32::from(reduce));
        let image = if rest == 0 {
            Self::from_frame(frame, appearance)
        } else {
            Self::build(&frame, appearance, rest)
        };
        Self { level: u32::from(reduce) + image.level, source_width: columns, source_height: rows, ..image }
    }

    /// Level 0, keeping the memory of the frame.
    pub fn from_frame(frame: Frame, appearance: &Appearance) -> Self {
        let (width, height, channels) = (frame.columns, frame.rows, frame.channels);
        let pixels = frame.pixels();
        let (kind, texels) = match to_rgba(&frame, appearance.bits_stored, appearance.palette.as_ref()) {
            Some(rgba) => (TexelKind::Rgb, Texels::Rgba8(filled(rgba, pixels * 4))),
            None => gray_texels(first_channel(frame.samples, channels), appearance.padding, pixels),
        };
        Self {
            width,
            height,
            level: 0,
            source_width: width,
            source_height: height,
            kind,
            fraction_bits: 0,
            texels,
            bits_stored: appearance.bits_stored,
            padding: appearance.padding.filter(|_| kind != TexelKind::Rgb),
        }
    }

    /// A reduced level of a level 0; any other level is answered with itself.
    #[must_use]
    pub fn reduce(&self, level: u32) -> Self {
        if self.level != 0 || level == 0 {
            return self.clone();
        }
        pyramid::reduce_texels(self, level.min(MAX_LEVEL))
    }

    fn at_level(self, level: u32) -> Self {
        if level == 0 { self } else { self.reduce(level) }
    }

    /// The stored value at a texel of this level, its fraction included; `None` for padding, for
    /// colours and outside.
    pub fn texel(&self, x: u32, y: u32, padding: Option<Padding>) -> Option<f64> {
        let index = self.index(x, y)?;
        let raw = match &self.texels {
            Texels::U8(v) => self.signed(i64::from(*v.get(index)?), 8),
            Texels::U16(v) => self.signed(i64::from(*v.get(index)?), 16),
            Texels::U32(v) if self.kind == TexelKind::Float => {
                let value = f64::from(f32::from_bits(*v.get(index)?));
                let is_padding = !value.is_finite() || padding.is_some_and(|p| p.contains(value));
                return (!is_padding).then_some(value);
            }
            Texels::U32(v) => self.signed(i64::from(*v.get(index)?), 32),
            Texels::Rgba8(_) => return None,
        };
        let value = raw as f64 / f64::from(1u32 << self.fraction_bits.min(31));
        (!padding.is_some_and(|p| p.contains(value))).then_some(value)
    }

    /// The colour at a texel of this level; `None` for grey images and outside.
    pub fn rgb(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        let Texels::Rgba8(bytes) = &self.texels else {
            return None;
        };
        let at = self.index(x, y)? * 4;
        bytes.get(at..at + 3)?.try_into().ok()
    }

    /// Whether there is nothing but padding.
    pub fn all_padding(&self) -> bool {
        self.kind != TexelKind::Rgb
            && (0..self.height).all(|y| (0..self.width).all(|x| self.texel(x, y, self.padding).is_none()))
    }

    fn index(&self, x: u32, y: u32) -> Option<usize> {
        (x < self.width && y < self.height).then(|| y as usize * self.width as usize + x as usize)
    }

    fn signed(&self, raw: i64, bits: u32) -> i64 {
        if self.kind == TexelKind::Sint && raw >> (bits - 1) != 0 { raw - (1i64 << bits) } else { raw }
    }
}

/// What is not a finite number is stored as the same quiet NaN everywhere.
pub(super) const NOT_A_NUMBER: u32 = 0x7FC0_0000;

/// The bits stored for a float sample. Doubles are tested for padding before they are rounded.
pub(super) fn float_bits(value: f64, padding: Option<Padding>) -> u32 {
    let single = value as f32;
    if single.is_finite() && !padding.is_some_and(|p| p.contains(value)) {
        single.to_bits()
    } else {
        NOT_A_NUMBER
    }
}

/// Samples into texels. The conversions between types of one size collect in place.
fn gray_texels(samples: Samples, padding: Option<Padding>, pixels: usize) -> (TexelKind, Texels) {
    match samples {
        Samples::U8(v) => (TexelKind::Uint, Texels::U8(filled(v, pixels))),
        Samples::I8(v) => {
            let v = v.into_iter().map(i8::cast_unsigned).collect();
            (TexelKind::Sint, Texels::U8(filled(v, pixels)))
        }
        Samples::U16(v) => (TexelKind::Uint, Texels::U16(filled(v, pixels))),
        Samples::I16(v) => {
            let v = v.into_iter().map(i16::cast_unsigned).collect();
            (TexelKind::Sint, Texels::U16(filled(v, pixels)))
        }
        Samples::U32(v) => (TexelKind::Uint, Texels::U32(filled(v, pixels))),
        Samples::I32(v) => {
            let v = v.into_iter().map(i32::cast_unsigned).collect();
            (TexelKind::Sint, Texels::U32(filled(v, pixels)))
        }
        Samples::F32(v) => {
            let v = v.into_iter().map(|x| float_bits(f64::from(x), padding)).collect();
            (TexelKind::Float, Texels::U32(filled(v, pixels)))
        }
        Samples::F64(v) => {
            let v = v.into_iter().map(|x| float_bits(x, padding)).collect();
            (TexelKind::Float, Texels::U32(filled(v, pixels)))
        }
    }
}

/// Exactly as many texels as there are pixels, whatever the decoder delivered.
fn filled<T: Clone + Default>(mut texels: Vec<T>, count: usize) -> Vec<T> {
    if texels.len() != count {
        texels.resize(count, T::default());
    }
    texels
}

/// Grey frames have one channel; of anything odd the first one is shown.
fn first_channel(samples: Samples, channels: u8) -> Samples {
    fn every<T: Copy>(v: &[T], step: usize) -> Vec<T> {
        v.iter().step_by(step).copied().collect()
    }
    let step = usize::from(channels.max(1));
    if step == 1 {
        return samples;
    }
    match samples {
        Samples::U8(v) => Samples::U8(every(&v, step)),
        Samples::I8(v) => Samples::I8(every(&v, step)),
        Samples::U16(v) => Samples::U16(every(&v, step)),
        Samples::I16(v) => Samples::I16(every(&v, step)),
        Samples::U32(v) => Samples::U32(every(&v, step)),
        Samples::I32(v) => Samples::I32(every(&v, step)),
        Samples::F32(v) => Samples::F32(every(&v, step)),
        Samples::F64(v) => Samples::F64(every(&v, step)),
    }
}

#[cfg(test)]
#[path = "texels_tests.rs"]
mod tests;
