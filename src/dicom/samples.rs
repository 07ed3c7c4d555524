//! One decoded frame: stored samples in their native integer or float type.
//!
//! Nothing here knows what the samples mean; rescale, windows and colour belong to `display`.

/// What the three samples of a colour pixel mean once decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorModel {
    /// One sample a pixel: a grey value (MONOCHROME1, MONOCHROME2, or undeclared).
    Gray,
    /// One sample a pixel: an index into the palette of the object.
    Palette,
    /// Red, green, blue.
    Rgb,
    /// Full-range YCbCr (ITU-R BT.601, as PS3.3 C.7.6.3.1.2 defines YBR_FULL).
    YbrFull,
    /// Studio-range YCbCr (YBR_PARTIAL_420 and YBR_PARTIAL_422, retired).
    YbrPartial,
}

/// Samples in the type the object declares, interleaved by pixel.
///
/// Integers carry only their significant bits: unused high bits are masked off, signed samples are
/// sign-extended from the declared Bits Stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    U8(Vec<u8>),
    I8(Vec<i8>),
    U16(Vec<u16>),
    I16(Vec<i16>),
    U32(Vec<u32>),
    I32(Vec<i32>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// Evaluates one expression for whichever vector is inside, bound to `$v`.
#[macro_export]
macro_rules! each_sample_type {
    ($samples:expr, $v:ident => $body:expr) => {
        match $samples {
            $crate::dicom::Samples::U8($v) => $body,
            $crate::dicom::Samples::I8($v) => $body,
            $crate::dicom::Samples::U16($v) => $body,
            $crate::dicom::Samples::I16($v) => $body,
            $crate::dicom::Samples::U32($v) => $body,
            $crate::dicom::Samples::I32($v) => $body,
            $crate::dicom::Samples::F32($v) => $body,
            $crate::dicom::Samples::F64($v) => $body,
        }
    };
}

impl Samples {
    /// Number of samples (pixels times samples per pixel).
    pub fn len(&self) -> usize {
        each_sample_type!(self, v => v.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes the samples occupy.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::I8(v) => v.len(),
            Self::U16(v) => v.len() * 2,
            Self::I16(v) => v.len() * 2,
            Self::U32(v) => v.len() * 4,
            Self::I32(v) => v.len() * 4,
            Self::F32(v) => v.len() * 4,
            Self::F64(v) => v.len() * 8,
        }
    }

    /// The sample at a position as a float; exact for everything but 64-bit extremes.
    pub fn value(&self, index: usize) -> Option<f64> {
        match self {
            Self::U8(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I8(v) => v.get(index).map(|&x| f64::from(x)),
            Self::U16(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I16(v) => v.get(index).map(|&x| f64::from(x)),
            Self::U32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::I32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::F32(v) => v.get(index).map(|&x| f64::from(x)),
            Self::F64(v) => v.get(index).copied(),
        }
    }
}

/// A frame decoded at less than its full size, from a codec that stores an image as a series of
/// resolutions.
///
/// Each sample stands for a block of `2^reduce` by `2^reduce` of the full frame, low-pass filtered by the
/// codec's own transform: constant areas keep their value, extremes are a little flatter than stored, and
/// beside padding there is a rim of mixed values. It is for a quick or a small picture, not for measuring.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    /// `ceil(columns / 2^reduce)` by `ceil(rows / 2^reduce)` samples of the same type and meaning.
    pub frame: Frame,
    /// Halvings of either side; never 0.
    pub reduce: u8,
    /// Size of the full frame.
    pub columns: u32,
    pub rows: u32,
}

/// One frame as decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub rows: u32,
    pub columns: u32,
    /// Samples per pixel: 1 or 3 (4 for the retired ARGB).
    pub channels: u8,
    pub color: ColorModel,
    pub samples: Samples,
}

impl Frame {
    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Stored value of a channel at a pixel; `None` outside the frame.
    pub fn stored(&self, column: u32, row: u32, channel: u8) -> Option<f64> {
        if column >= self.columns || row >= self.rows || channel >= self.channels {
            return None;
        }
        let pixel = row as usize * self.columns as usize + column as usize;
        self.samples.value(pixel * usize::from(self.channels) + usize::from(channel))
    }
}
