//! Overlay planes (PS3.3 C.9.2): bitmaps over an image, in elements of their own or in spare bits of its pixels.

use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::reading::{Reading, term, words};
use crate::dicom::{DataSet, DicomFile, Element, Image, Tag};

/// A bitmap over an image.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayPlane {
    /// 0x6000 to 0x60FE, even.
    pub group: u16,
    pub columns: u32,
    pub rows: u32,
    /// Column and row, from zero, of the image its first bit lies on; may be outside.
    pub origin: [i64; 2],
    /// A region of interest instead of graphics.
    pub region: bool,
    pub label: String,
    pub description: String,
    /// Frames of the plane, and the frame of the image, from zero, the first of them lies on. A plane of one
    /// frame without such a beginning lies on all of them.
    pub frames: u32,
    pub first_frame: Option<u32>,
    pub bits: OverlayBits,
}

/// Where the bits of a plane are.
#[derive(Debug, Clone, PartialEq)]
pub enum OverlayBits {
    /// Here: row by row and frame by frame without gaps, the lowest bit of a byte first.
    Packed(Arc<[u8]>),
    /// In this bit of the pixels of the image, to be taken out with [`OverlayPlane::embedded`].
    InPixels { bit: u16 },
}

const FIRST: u16 = 0x6000;
const LAST: u16 = 0x60FE;
const MAX_SIDE: i64 = 1 << 16;

impl OverlayPlane {
    /// The planes of an image or of a state.
    pub fn read_file(file: &DicomFile) -> (Vec<Self>, Vec<String>) {
        let mut reading = Reading::default();
        let planes = Self::read_all(&file.data, &|element| file.read_value(element).ok(), &mut reading);
        (planes, reading.into_warnings())
    }

    /// The planes of an image with their bits on one of its frames.
    pub fn on_frame(file: &DicomFile, image: &Image, frame: u32) -> (Vec<Self>, Vec<String>) {
        let (planes, doubts) = Self::read_file(file);
        (planes.iter().filter_map(|plane| plane.embedded(image, frame)).collect(), doubts)
    }

    /// The planes of a data set; `value` reads what was left where it lies.
    pub(super) fn read_all(
        data: &DataSet,
        value: &dyn Fn(&Element) -> Option<Vec<u8>>,
        reading: &mut Reading,
    ) -> Vec<Self> {
        let groups = (FIRST..=LAST).step_by(2);
        groups.filter_map(|group| Self::read(data, group, value, reading)).collect()
    }

    fn read(
        data: &DataSet,
        group: u16,
        value: &dyn Fn(&Element) -> Option<Vec<u8>>,
        reading: &mut Reading,
    ) -> Option<Self> {
        let own = |tag: Tag| Tag(group, tag.element());
        let side = |tag: Tag| data.int(own(tag)).filter(|n| (1..=MAX_SIDE).contains(n)).map(|n| n as u32);
        let rows = side(tags::OVERLAY_ROWS.inner())?;
        let columns = side(tags::OVERLAY_COLUMNS.inner())?;
        let origin = match data.ints(own(tags::OVERLAY_ORIGIN.inner())).get(..2) {
            Some(&[row, column]) => [column - 1, row - 1],
            _ => [0, 0],
        };
        let count = data.int(own(tags::NUMBER_OF_FRAMES_IN_OVERLAY.inner()));
        let frames = count.and_then(|n| u32::try_from(n).ok()).unwrap_or(1).max(1);
        let first = data.int(own(tags::IMAGE_FRAME_ORIGIN.inner())).and_then(|n| u32::try_from(n - 1).ok());
        let stored = data.get(own(tags::OVERLAY_DATA.inner())).and_then(value).filter(|b| !b.is_empty());
        let bits = match stored {
            Some(bytes) => {
                let needed = (u64::from(rows) * u64::from(columns) * u64::from(frames)).div_ceil(8);
                if (bytes.len() as u64) < needed {
                    reading.warn("an overlay is cut short; what is missing of it is not drawn");
                }
                OverlayBits::Packed(bytes.into())
            }
            None => {
                let bit = data.int(own(tags::OVERLAY_BIT_POSITION.inner()))?;
                let allocated = data.int(own(tags::OVERLAY_BITS_ALLOCATED.inner())).unwrap_or(1);
                let bit = u16::try_from(bit).ok().filter(|b| *b < 16)?;
                if allocated <= 1 {
                    return None;
                }
                OverlayBits::InPixels { bit }
            }
        };
        Some(Self {
            group,
            columns,
            rows,
            origin,
            region: term(data, own(tags::OVERLAY_TYPE.inner())) == "R",
            label: words(data, own(tags::OVERLAY_LABEL.inner())),
            description: words(data, own(tags::OVERLAY_DESCRIPTION.inner())),
            frames,
            first_frame: if frames > 1 { Some(first.unwrap_or(0)) } else { first },
            bits,
        })
    }

    /// The plane with the bits of one frame of the image where they lie in its pixels; itself where they do not.
    /// `None` where the pixels are compressed, which leaves no spare bits.
    pub fn embedded(&self, image: &Image, frame: u32) -> Option<Self> {
        let OverlayBits::InPixels { bit } = self.bits else { return Some(self.clone()) };
        let info = image.info();
        if !image.is_native() || info.samples_per_pixel != 1 || bit >= info.bits_allocated {
            return None;
        }
        let step = match info.bits_allocated {
            8 => 1,
            16 => 2,
            _ => return None,
        };
        let bytes = image.encoded(frame).ok()?;
        let big = crate::dicom::uid::is_big_endian(image.transfer_syntax());
        let is_on = |cell: &[u8]| match *cell {
            [one] => one >> bit & 1 == 1,
            [a, b] => {
                let word = if big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
                word >> bit & 1 == 1
            }
            _ => false,
        };
        let mut packed = vec![0u8; bytes.len().div_ceil(step).div_ceil(8)];
        for (at, cell) in bytes.chunks(step).enumerate() {
            if is_on(cell)
                && let Some(byte) = packed.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
            }
        }
        // the bits lie where the pixels are, whatever the plane says of its size
        Some(Self {
            columns: info.columns,
            rows: info.rows,
            origin: [0, 0],
            frames: 1,
            first_frame: Some(frame),
            bits: OverlayBits::Packed(packed.into()),
            ..self.clone()
        })
    }

    /// The frame of the plane that lies on a frame of the image, both counted from zero.
    fn own_frame(&self, frame: u32) -> Option<u32> {
        match self.first_frame {
            Some(first) => frame.checked_sub(first).filter(|n| *n < self.frames),
            None => Some(0),
        }
    }

    /// The runs of pixels the plane covers on a frame of the image: row, first and last column, in their order.
    pub fn runs(&self, frame: u32, mut run: impl FnMut(i64, i64, i64)) {
        let (Some(own), OverlayBits::Packed(bits)) = (self.own_frame(frame), &self.bits) else { return };
        let width = u64::from(self.columns);
        for row in 0..u64::from(self.rows) {
            let begin = (u64::from(own) * u64::from(self.rows) + row) * width;
            let Some(first) = usize::try_from(begin / 8).ok().filter(|i| *i < bits.len()) else { return };
            let mut cells = bits.iter().skip(first);
            let y = self.origin[1] + row as i64;
            let mut open: Option<u64> = None;
            let mut at = begin;
            while at < begin + width {
                let byte = cells.next().copied().unwrap_or(0);
                let end = (at / 8 * 8 + 8).min(begin + width);
                // most bytes are all or nothing
                match (byte, open) {
                    (0, None) | (0xFF, Some(_)) => at = end,
                    _ => {
                        while at < end {
                            match (byte >> (at % 8) & 1 == 1, open) {
                                (true, None) => open = Some(at - begin),
                                (false, Some(from)) => {
                                    run(
                                        y,
                                        self.origin[0] + from as i64,
                                        self.origin[0] + (at - begin) as i64 - 1,
                                    );
                                    open = None;
                                }
                                _ => {}
                            }
                            at += 1;
                        }
                    }
                }
            }
            if let Some(from) = open {
                run(y, self.origin[0] + from as i64, self.origin[0] + width as i64 - 1);
            }
        }
    }

    /// Whether the plane covers a pixel of a frame of the image, both counted from zero.
    pub fn covers(&self, frame: u32, x: i64, y: i64) -> bool {
        let (Some(own), OverlayBits::Packed(bits)) = (self.own_frame(frame), &self.bits) else {
            return false;
        };
        let (x, y) = (x - self.origin[0], y - self.origin[1]);
        let (width, height) = (i64::from(self.columns), i64::from(self.rows));
        if x < 0 || y < 0 || x >= width || y >= height {
            return false;
        }
        let at = (i64::from(own) * height + y).saturating_mul(width).saturating_add(x);
        let byte = usize::try_from(at / 8).ok().and_then(|i| bits.get(i)).copied().unwrap_or(0);
        byte >> (at % 8) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, element, words_le};
    use dicom_core::VR;

    fn plane(columns: u16, rows: u16, origin: [i16; 2], bits: Vec<u8>) -> OverlayPlane {
        let signed = |v: [i16; 2]| v.iter().flat_map(|v| v.to_le_bytes()).collect();
        let data = data_set(vec![
            element(Tag(0x6002, 0x0010), VR::US, words_le(&[rows])),
            element(Tag(0x6002, 0x0011), VR::US, words_le(&[columns])),
            cs(Tag(0x6002, 0x0040), "G"),
            element(Tag(0x6002, 0x0050), VR::SS, signed(origin)),
            element(Tag(0x6002, 0x3000), VR::OW, bits),
        ]);
        let bytes = |element: &Element| match &element.value {
            crate::dicom::Value::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        };
        OverlayPlane::read_all(&data, &bytes, &mut Reading::default()).remove(0)
    }

    #[test]
    fn bits_run_on_from_row_to_row_the_lowest_first() {
        // three by three: 1 0 1, 0 1 0, 1 1 0
        let plane = plane(3, 3, [1, 1], vec![0b1101_0101, 0b0000_0000]);
        let row = |y| [0, 1, 2].map(|x| plane.covers(0, x, y));
        assert_eq!(plane.group, 0x6002);
        assert_eq!(row(0), [true, false, true]);
        assert_eq!(row(1), [false, true, false]);
        assert_eq!(row(2), [true, true, false]);
    }

    #[test]
    fn the_origin_is_row_and_column_and_may_lie_outside() {
        let shifted = plane(2, 1, [3, 0], vec![0b11]);
        // its row is the third, its first column is left of the image
        assert!(shifted.covers(7, 0, 2) && shifted.covers(7, -1, 2));
        assert!(!shifted.covers(7, 1, 2) && !shifted.covers(7, 0, 0));
    }

    #[test]
    fn runs_are_what_is_covered() {
        let mut state = 7u32;
        let mut some = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // long runs of either kind among single bits
            [0, 0xFF, (state >> 24) as u8, (state >> 16) as u8][(state >> 30) as usize]
        };
        for (columns, rows) in [(37, 11), (64, 5), (3, 9), (1, 20)] {
            let bytes = (columns as usize * rows as usize).div_ceil(8);
            // the last byte is missing
            let bits = (1..bytes).map(|_| some()).collect();
            let plane = plane(columns, rows, [2, -1], bits);
            let mut covered = std::collections::BTreeSet::new();
            plane.runs(0, |y, from, to| covered.extend((from..=to).map(|x| (y, x))));
            let all =
                (-3..i64::from(rows) + 4).flat_map(|y| (-4..i64::from(columns) + 4).map(move |x| (y, x)));
            assert!(all.into_iter().all(|(y, x)| covered.contains(&(y, x)) == plane.covers(0, x, y)));
        }
    }

    #[test]
    fn what_is_cut_short_covers_nothing_there() {
        let short = plane(16, 2, [1, 1], vec![0xFF, 0xFF]);
        assert!(short.covers(0, 15, 0) && !short.covers(0, 0, 1));
    }
}
