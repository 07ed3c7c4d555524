//! The palette of a JP2 file (T.800 I.5.3.4): one component of indices becomes three of colour.
//!
//! DICOM keeps its palettes in the header. A frame that is a whole JP2 file may have one all the same,
//! and is meant to be colours then when the header says three samples a pixel.

use super::super::fit::{Decoded, Raw};
use crate::dicom::ColorModel;

/// Three columns of entries of up to sixteen bits.
pub(super) struct Palette {
    entries: Vec<[u16; 3]>,
    precision: u16,
}

impl Palette {
    /// From the boxes before the codestream.
    pub(super) fn find(boxes: &[u8]) -> Option<Self> {
        let at = boxes.windows(4).position(|w| w == b"pclr")?;
        let (count, rest) = boxes.get(at + 4..)?.split_first_chunk::<2>()?;
        let ([columns], rest) = rest.split_first_chunk::<1>()?;
        let (depths, rest) = rest.split_first_chunk::<3>()?;
        let count = usize::from(u16::from_be_bytes(*count));
        // The sign of a column is its highest bit, and no colour has one.
        let deepest = *depths.iter().max()?;
        if *columns != 3 || count == 0 || count > 1024 || deepest > 15 {
            return None;
        }
        let widths = depths.map(|depth| if depth < 8 { 1 } else { 2 });
        let entries = rest.get(..count * widths.iter().sum::<usize>())?;
        let entries = entries.chunks_exact(widths.iter().sum()).map(|entry| {
            let mut bytes = entry.iter().map(|&byte| u16::from(byte));
            widths.map(|width| (0..width).fold(0, |value, _| value << 8 | bytes.next().unwrap_or(0)))
        });
        Some(Self { entries: entries.collect(), precision: u16::from(deepest) + 1 })
    }

    /// Indices become colours; those beyond the end are the last.
    pub(super) fn apply(&self, image: Decoded) -> Decoded {
        let color = |index: u32| {
            let last = self.entries.len().saturating_sub(1);
            self.entries.get((index as usize).min(last)).copied().unwrap_or_default()
        };
        let samples: Vec<u16> = match &image.samples {
            Raw::U8(v) => v.iter().flat_map(|&i| color(u32::from(i))).collect(),
            Raw::U16(v) => v.iter().flat_map(|&i| color(u32::from(i))).collect(),
            Raw::I32(v) => v.iter().flat_map(|&i| color(i.max(0).cast_unsigned())).collect(),
        };
        let samples = Raw::U16(samples);
        Decoded {
            channels: 3,
            precision: self.precision,
            signed: Some(false),
            color: Some(ColorModel::Rgb),
            samples,
            ..image
        }
    }
}
