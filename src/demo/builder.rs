//! One image at a time: [`ImageBuilder`] makes a DICOM image object of nearly any kind.
//!
//! It exists for the demo and, more, for tests: every attribute that the display of an image depends
//! on has a method, nothing is checked, and what is contradictory is written as told. Values that no
//! method covers go in through [`ImageBuilder::set`].
//!
//! ```
//! use lightbox::demo::builder::ImageBuilder;
//! let file = ImageBuilder::gray(4, 256)
//!     .bits(16, 12)
//!     .samples((0..4 * 256).map(|i| i % 256 * 16))
//!     .window(2048.0, 4096.0)
//!     .build();
//! assert_eq!(&file[128..132], b"DICM");
//! ```

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};

use super::cells::{Cells, Layout};
use super::rng::uid;
use super::tables::{Lut, Palette, lut_item, table_value};
use crate::dicom::write::{self, DataSet, Implementation, Syntax, Value};

/// UID of this writer, and the name that goes with it.
pub(super) const WRITER: Implementation = Implementation {
    class_uid: "2.25.230981547412207419362190437081723512047",
    version_name: "LIGHTBOX_DEMO",
};

/// An image being described. Starts as a blank 16-in-16-bit MONOCHROME2 Secondary Capture.
#[derive(Clone, Debug)]
#[must_use = "an image is only described until it is built"]
pub struct ImageBuilder {
    rows: usize,
    columns: usize,
    frames: Option<usize>,
    samples_per_pixel: usize,
    allocated: u16,
    stored: u16,
    high_bit: Option<u16>,
    signed: bool,
    fill_unused: bool,
    cells: Cells,
    syntax: Syntax,
    data: DataSet,
}

impl ImageBuilder {
    pub fn gray(rows: usize, columns: usize) -> Self {
        let mut data = DataSet::new();
        data.text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2");
        Self {
            rows,
            columns,
            frames: None,
            samples_per_pixel: 1,
            allocated: 16,
            stored: 16,
            high_bit: None,
            signed: false,
            fill_unused: false,
            cells: Cells::Words(Vec::new()),
            syntax: Syntax::ExplicitLittle,
            data,
        }
    }

    /// Three samples a pixel, 8 bits each, interleaved by pixel.
    pub fn colour(rows: usize, columns: usize, photometric: &str) -> Self {
        let mut image = Self::gray(rows, columns).bits(8, 8).photometric(photometric);
        image.samples_per_pixel = 3;
        image.set(|d| {
            d.int(tags::PLANAR_CONFIGURATION, [0]);
        })
    }

    /// Bits allocated and stored; the high bit follows unless it is given too.
    pub fn bits(mut self, allocated: u16, stored: u16) -> Self {
        (self.allocated, self.stored) = (allocated, stored);
        self
    }

    pub fn high_bit(mut self, bit: u16) -> Self {
        self.high_bit = Some(bit);
        self
    }

    pub fn signed(mut self, signed: bool) -> Self {
        self.signed = signed;
        self
    }

    /// Sets every bit of a cell that is not part of the stored value, as embedded overlays do.
    pub fn fill_unused_bits(mut self) -> Self {
        self.fill_unused = true;
        self
    }

    pub fn photometric(mut self, name: &str) -> Self {
        self.data.text(tags::PHOTOMETRIC_INTERPRETATION, name);
        self
    }

    /// Makes it a multi-frame image. The samples of all frames follow each other.
    pub fn frames(mut self, count: usize) -> Self {
        self.frames = Some(count);
        self
    }

    /// Colour by plane: all of the first sample, then the second, then the third, in each frame.
    pub fn planar(self) -> Self {
        self.set(|d| {
            d.int(tags::PLANAR_CONFIGURATION, [1]);
        })
    }

    /// Stored values in order; each is cut to the bits stored and moved below the high bit.
    /// Call it after `bits`, `high_bit` and `signed`.
    pub fn samples(mut self, values: impl IntoIterator<Item = i64>) -> Self {
        let mask = u64::MAX >> 64_u16.saturating_sub(self.stored).min(63);
        let high = self.high_bit.unwrap_or(self.stored.saturating_sub(1)).min(62);
        let shift = (high + 1).saturating_sub(self.stored);
        let unused = if self.fill_unused { !(mask << shift) } else { 0 };
        let cells = values.into_iter().map(|v| (v as u64 & mask) << shift | unused);
        self.cells = match self.allocated {
            1 => Cells::Bits(cells.map(|v| v as u8 & 1).collect()),
            8 => Cells::Bytes(cells.map(|v| v as u8).collect()),
            16 => Cells::Words(cells.map(|v| v as u16).collect()),
            _ => Cells::Longs(cells.map(|v| v as u32).collect()),
        };
        self
    }

    /// Sixteen-bit cells exactly as they shall lie in the file.
    pub fn words(mut self, words: Vec<u16>) -> Self {
        self.cells = Cells::Words(words);
        self
    }

    /// Eight-bit cells exactly as they shall lie in the file.
    pub fn bytes(mut self, bytes: Vec<u8>) -> Self {
        self.cells = Cells::Bytes(bytes);
        self
    }

    /// Float Pixel Data.
    pub fn floats(mut self, values: Vec<f32>) -> Self {
        (self.allocated, self.stored) = (32, 32);
        self.cells = Cells::Floats(values);
        self
    }

    /// Double Float Pixel Data.
    pub fn doubles(mut self, values: Vec<f64>) -> Self {
        (self.allocated, self.stored) = (64, 64);
        self.cells = Cells::Doubles(values);
        self
    }

    /// Frames already compressed, one fragment each, in the transfer syntax named.
    pub fn compressed(mut self, syntax: &'static str, frames: Vec<Vec<u8>>) -> Self {
        self.cells = Cells::Frames(frames);
        self.syntax = Syntax::Encapsulated(syntax);
        self
    }

    pub fn syntax(mut self, syntax: Syntax) -> Self {
        self.syntax = syntax;
        self
    }

    pub fn rescale(self, slope: f64, intercept: f64) -> Self {
        self.set(|d| {
            d.real(tags::RESCALE_SLOPE, [slope])
                .real(tags::RESCALE_INTERCEPT, [intercept])
                .text(tags::RESCALE_TYPE, "US");
        })
    }

    /// Adds a window to the alternatives.
    pub fn window(self, center: f64, width: f64) -> Self {
        self.set(|d| {
            append(d, tags::WINDOW_CENTER, &crate::dicom::write::decimal(center));
            append(d, tags::WINDOW_WIDTH, &crate::dicom::write::decimal(width));
        })
    }

    /// Adds a window with its explanation to the alternatives.
    pub fn named_window(self, center: f64, width: f64, explanation: &str) -> Self {
        self.window(center, width).set(|d| append(d, tags::WINDOW_CENTER_WIDTH_EXPLANATION, explanation))
    }

    /// LINEAR, `LINEAR_EXACT` or SIGMOID.
    pub fn voi_function(self, name: &str) -> Self {
        self.set(|d| {
            d.text(tags::VOILUT_FUNCTION, name);
        })
    }

    /// Adds an item to the VOI LUT Sequence.
    pub fn voi_lut(self, lut: &Lut) -> Self {
        let signed = self.signed;
        self.set(|d| {
            let mut items = match d.get(tags::VOILUT_SEQUENCE) {
                Some(Value::Sequence(items)) => items.clone(),
                _ => Vec::new(),
            };
            items.push(lut_item(lut, signed));
            d.sequence(tags::VOILUT_SEQUENCE, items);
        })
    }

    pub fn modality_lut(self, lut: &Lut) -> Self {
        let signed = self.signed;
        self.set(|d| {
            let mut item = lut_item(lut, signed);
            item.text(tags::MODALITY_LUT_TYPE, "US");
            d.sequence(tags::MODALITY_LUT_SEQUENCE, vec![item]);
        })
    }

    /// IDENTITY or INVERSE.
    pub fn presentation_shape(self, shape: &str) -> Self {
        self.set(|d| {
            d.text(tags::PRESENTATION_LUT_SHAPE, shape);
        })
    }

    pub fn padding(self, value: i64) -> Self {
        let vr = if self.signed { VR::SS } else { VR::US };
        self.set(|d| {
            d.put(tags::PIXEL_PADDING_VALUE, vr, Value::U16(vec![value as u16]));
        })
    }

    pub fn padding_range(self, value: i64, limit: i64) -> Self {
        let vr = if self.signed { VR::SS } else { VR::US };
        self.padding(value).set(|d| {
            d.put(tags::PIXEL_PADDING_RANGE_LIMIT, vr, Value::U16(vec![limit as u16]));
        })
    }

    /// PALETTE COLOR with its three tables.
    pub fn palette(self, palette: &Palette) -> Self {
        let descriptors = [
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        ];
        let data = if palette.segmented.is_some() {
            [
                tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            ]
        } else {
            [
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            ]
        };
        let vr = if self.signed { VR::SS } else { VR::US };
        self.photometric("PALETTE COLOR").set(|d| {
            for ((descriptor, table), entries) in descriptors.into_iter().zip(data).zip(&palette.colours) {
                let count = palette.segmented.unwrap_or(entries.len() as u16);
                let words = vec![count, palette.first as u16, palette.bits];
                d.put(descriptor, vr, Value::U16(words));
                d.put(table, VR::OW, table_value(entries, palette.packed));
            }
        })
    }

    /// Spacing of rows and of columns in the patient or in the picture.
    pub fn spacing(self, rows: f64, columns: f64) -> Self {
        self.set(|d| {
            d.real(tags::PIXEL_SPACING, [rows, columns]);
        })
    }

    /// Shared functional groups, and those of each frame.
    pub fn groups(self, shared: DataSet, frames: Vec<DataSet>) -> Self {
        self.set(|d| {
            d.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
                .sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames);
        })
    }

    /// Anything else.
    pub fn set(mut self, change: impl FnOnce(&mut DataSet)) -> Self {
        change(&mut self.data);
        self
    }

    /// The object as a data set, pixel data included.
    pub fn data_set(self) -> DataSet {
        let Self { rows, columns, samples_per_pixel, allocated, stored, .. } = self;
        let color = samples_per_pixel > 1;
        let mut out = DataSet::new();
        let class = match (&self.cells, self.frames) {
            (Cells::Floats(_) | Cells::Doubles(_), _) => uids::PARAMETRIC_MAP_STORAGE,
            (_, None) => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
            _ if color => uids::MULTI_FRAME_TRUE_COLOR_SECONDARY_CAPTURE_IMAGE_STORAGE,
            _ if allocated == 1 => uids::MULTI_FRAME_SINGLE_BIT_SECONDARY_CAPTURE_IMAGE_STORAGE,
            _ if allocated == 8 => uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE,
            _ => uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE,
        };
        out.text(tags::SOP_CLASS_UID, class)
            .text(tags::SOP_INSTANCE_UID, uid("unnamed image"))
            .text(tags::STUDY_INSTANCE_UID, uid("unnamed study"))
            .text(tags::SERIES_INSTANCE_UID, uid("unnamed series"))
            .text(tags::MODALITY, "OT")
            .text(tags::PATIENT_NAME, "Demo^Pattern")
            .text(tags::PATIENT_ID, "DEMO-0")
            .int(tags::SAMPLES_PER_PIXEL, [samples_per_pixel as i64])
            .int(tags::ROWS, [rows as i64])
            .int(tags::COLUMNS, [columns as i64])
            .int(tags::BITS_ALLOCATED, [i64::from(allocated)]);
        if let Some(frames) = self.frames {
            out.int(tags::NUMBER_OF_FRAMES, [frames as i64]);
        }
        if !matches!(self.cells, Cells::Floats(_) | Cells::Doubles(_)) {
            let high = self.high_bit.unwrap_or(stored.saturating_sub(1));
            out.int(tags::BITS_STORED, [i64::from(stored)])
                .int(tags::HIGH_BIT, [i64::from(high)])
                .int(tags::PIXEL_REPRESENTATION, [i64::from(self.signed)]);
        }
        let layout = Layout {
            frame: rows * columns * samples_per_pixel,
            columns,
            samples: samples_per_pixel,
            planar: self.data.get(tags::PLANAR_CONFIGURATION) == Some(&Value::U16(vec![1])),
        };
        let (tag, vr, value) = self.cells.into_element(self.syntax, layout);
        out.extend(self.data);
        out.put(tag, vr, value);
        out
    }

    /// The object as a file.
    pub fn build(self) -> Vec<u8> {
        let syntax = self.syntax;
        write::file(&self.data_set(), syntax, WRITER)
    }
}

/// Adds a value to a text element of several values.
fn append(data: &mut DataSet, tag: Tag, value: &str) {
    let text = match data.get(tag) {
        Some(Value::Text(before)) => format!("{before}\\{value}"),
        _ => value.to_owned(),
    };
    data.text(tag, text);
}

#[cfg(test)]
mod tests;
