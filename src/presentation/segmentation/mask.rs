//! The set pixels of one frame, as runs along its rows, so that what is empty costs nothing.

use super::SegmentationKind;
use super::bits::Bits;
use crate::dicom::{Error, Image, Samples};

/// Frames with more runs are noise and no segmentation.
const MAX_RUNS: usize = 6_000_000;
/// Larger frames are not drawn.
const MAX_PIXELS: u64 = 1 << 25;

/// Set pixels of one row that follow each other and mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub y: u32,
    pub from: u32,
    pub to: u32,
    /// The number in a label map; where the values of a fractional frame begin; else 1.
    pub value: u32,
}

/// What is set in a frame.
#[derive(Debug, Default)]
pub(super) struct Mask {
    /// By row, and from left to right.
    pub runs: Vec<Run>,
    /// Of fractional frames: the values of all runs, one after the other.
    values: Vec<u16>,
    /// Left, top, right and bottom of what is set.
    pub bounds: [u32; 4],
}

impl Mask {
    pub(super) fn decode(
        image: &Image,
        frame: u32,
        kind: SegmentationKind,
        background: u16,
        packed: bool,
    ) -> Result<Self, Error> {
        let info = image.info();
        if info.pixels() > MAX_PIXELS {
            return Err(Error::Image("a segmentation of so many pixels a frame cannot be drawn".to_owned()));
        }
        let (columns, rows) = (info.columns as usize, info.rows as usize);
        if packed && kind == SegmentationKind::Binary {
            let start = (u64::from(frame) * info.pixels() % 8) as usize;
            let bytes = image.encoded(frame)?;
            if bytes.len() * 8 >= start + columns * rows {
                return Self::of_bits(&bytes, start, columns, rows);
            }
        }
        let decoded = image.decode(frame)?;
        if decoded.channels != 1 {
            return Err(Error::Image("a segmentation has one sample a pixel".to_owned()));
        }
        Self::of_samples(&decoded.samples, kind, background, columns)
    }

    fn of_bits(bytes: &[u8], start: usize, columns: usize, rows: usize) -> Result<Self, Error> {
        let bits = Bits::new(bytes, start);
        let mut mask = Self::default();
        for (row, y) in (0..rows).zip(0u32..) {
            bits.runs(row * columns..(row + 1) * columns, |from, to| {
                mask.runs.push(Run { y, from, to, value: 1 });
            });
            mask.check()?;
        }
        Ok(mask.bounded())
    }

    fn of_samples(
        samples: &Samples,
        kind: SegmentationKind,
        background: u16,
        columns: usize,
    ) -> Result<Self, Error> {
        let mut mask = Self::default();
        // Only 8 and 16 bits are allowed; whatever else there is fits or is cut.
        let words: std::borrow::Cow<'_, [u16]> = match samples {
            Samples::U16(words) => words.into(),
            Samples::U8(bytes) => bytes.iter().map(|&byte| u16::from(byte)).collect(),
            others => (0..others.len())
                .map(|at| others.value(at).unwrap_or(0.0).clamp(0.0, 65535.0) as u16)
                .collect(),
        };
        for (row, y) in words.chunks(columns.max(1)).zip(0u32..) {
            mask.row(y, row.iter().copied(), kind, background);
            mask.check()?;
        }
        Ok(mask.bounded())
    }

    fn row(&mut self, y: u32, values: impl Iterator<Item = u16>, kind: SegmentationKind, background: u16) {
        let mut open: Option<Run> = None;
        for (value, x) in values.zip(0u32..) {
            let (set, key) = match kind {
                SegmentationKind::Binary => (value != 0, 1),
                SegmentationKind::LabelMap => (value != background, u32::from(value)),
                SegmentationKind::Probability | SegmentationKind::Occupancy => (value != 0, 0),
            };
            let fractional = set && key == 0 && kind != SegmentationKind::LabelMap;
            open = match open {
                Some(run) if set && (fractional || run.value == key) => Some(Run { to: x + 1, ..run }),
                before => {
                    self.runs.extend(before);
                    let value = if fractional { self.values.len() as u32 } else { key };
                    set.then_some(Run { y, from: x, to: x + 1, value })
                }
            };
            if fractional {
                self.values.push(value);
            }
        }
        self.runs.extend(open);
    }

    fn check(&self) -> Result<(), Error> {
        if self.runs.len() > MAX_RUNS {
            return Err(Error::Image("a frame of the segmentation is noise".to_owned()));
        }
        Ok(())
    }

    fn bounded(mut self) -> Self {
        self.runs.shrink_to_fit();
        self.values.shrink_to_fit();
        let left = self.runs.iter().map(|run| run.from).min().unwrap_or(0);
        let right = self.runs.iter().map(|run| run.to).max().unwrap_or(0);
        let top = self.runs.first().map_or(0, |run| run.y);
        let bottom = self.runs.last().map_or(0, |run| run.y + 1);
        self.bounds = [left, top, right, bottom];
        self
    }

    pub(super) fn bytes(&self) -> usize {
        64 + self.runs.len() * size_of::<Run>() + self.values.len() * 2
    }

    /// The values of a run of a fractional frame; empty in others.
    pub(super) fn values(&self, run: &Run) -> &[u16] {
        let first = run.value as usize;
        self.values.get(first..first + (run.to - run.from) as usize).unwrap_or_default()
    }

    /// The run at a place, and the value there.
    pub(super) fn at(&self, [x, y]: [f64; 2]) -> Option<(&Run, u16)> {
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(u32::MAX) && y < f64::from(u32::MAX);
        let (x, y) = inside.then_some((x as u32, y as u32))?;
        let after = self.runs.partition_point(|run| (run.y, run.from) <= (y, x));
        let run = self.runs.get(after.checked_sub(1)?).filter(|run| run.y == y && x < run.to)?;
        let value = self.values(run).get((x - run.from) as usize).copied();
        Some((run, value.unwrap_or(1)))
    }
}
