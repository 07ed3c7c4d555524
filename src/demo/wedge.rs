//! A test pattern for displays: steps, ramps, low-contrast patches, resolution bars, checked corners.

use dicom_dictionary_std::{tags, uids};

use super::builder::ImageBuilder;
use super::case::{QUALITY, Series, identify};

/// Rows and columns of the pattern in the demo.
pub const SIZE: usize = 1024;
const TOP: u16 = 4095;

/// Sixteen equal steps from black to white, left to right, 12 bits.
pub fn step_wedge(rows: usize, columns: usize) -> Vec<u16> {
    (0..rows * columns).map(|i| (i % columns * 16 / columns * 273) as u16).collect()
}

/// An area of the pattern: left, top, width, height, in thirty-seconds of its side.
struct Area(usize, usize, usize, usize);

impl Area {
    /// Place within the area, each in 0..its size in pixels, if (row, column) lies in it.
    fn find(&self, row: usize, column: usize, unit: usize) -> Option<(usize, usize)> {
        let Self(left, top, width, height) = *self;
        let (r, c) = (row.checked_sub(top * unit)?, column.checked_sub(left * unit)?);
        (r < height * unit && c < width * unit).then_some((r, c))
    }
}

/// The whole pattern, `size` pixels square (a multiple of 32), 12 bits.
pub fn pattern(size: usize) -> Vec<u16> {
    let unit = (size / 32).max(1);
    let mut out = Vec::with_capacity(size * size);
    for row in 0..size {
        for column in 0..size {
            out.push(sample(row, column, size, unit));
        }
    }
    out
}

fn sample(row: usize, column: usize, size: usize, unit: usize) -> u16 {
    let last = size - 1;
    let rim = row.min(column).min(last - row).min(last - column);
    // A white line of one pixel marks the very edge: if it is missing, the picture is cut off.
    if rim == 0 {
        return TOP;
    }
    let gray = TOP / 5;
    corner(row, column, unit)
        .or_else(|| steps(row, column, unit))
        .or_else(|| bars(row, column, unit))
        .or_else(|| ramps(row, column, unit))
        .or_else(|| extremes(row, column, unit))
        .unwrap_or_else(|| {
            if row % (2 * unit) == unit || column % (2 * unit) == unit { gray + 260 } else { gray }
        })
}

/// Single-pixel checks in the four corners and the middle: flat gray when every pixel has its own.
fn corner(row: usize, column: usize, unit: usize) -> Option<u16> {
    [(1, 1), (28, 1), (1, 28), (28, 28), (14, 23)]
        .into_iter()
        .find_map(|(x, y)| Area(x, y, 3, 3).find(row, column, unit))
        .map(|(r, c)| {
            let cell = if r / unit == 1 || c / unit == 1 { 1 } else { 2 };
            if (r / cell + c / cell) % 2 == 0 { 0 } else { TOP }
        })
}

/// Eighteen steps around the middle, each with four patches a little brighter or darker.
fn steps(row: usize, column: usize, unit: usize) -> Option<u16> {
    let (r, c) = Area(7, 7, 18, 15).find(row, column, unit)?;
    let (across, down) = (c / (3 * unit), r / (5 * unit));
    // Snake through three rows of six, so that neighbours differ by one step.
    let index = if down % 2 == 0 { down * 6 + across } else { down * 6 + 5 - across };
    let level = (index * usize::from(TOP) / 17) as i32;
    let (y, x) = (r % (5 * unit), c % (3 * unit));
    let inset = |from: usize, to: usize, v: usize| v * 10 >= from * unit && v * 10 < to * unit;
    let delta = if inset(4, 12, x) && inset(6, 16, y) {
        60
    } else if inset(18, 26, x) && inset(6, 16, y) {
        -60
    } else if inset(4, 12, x) && inset(34, 44, y) {
        24
    } else if inset(18, 26, x) && inset(34, 44, y) {
        -24
    } else {
        0
    };
    Some((level + delta).clamp(0, i32::from(TOP)) as u16)
}

/// Line pairs of one, two, three and four pixels, upright and lying, at full and at low contrast.
fn bars(row: usize, column: usize, unit: usize) -> Option<u16> {
    for (k, top) in [5, 9, 13, 17, 21].into_iter().enumerate() {
        for (left, upright) in [(2, true), (27, false)] {
            let Some((r, c)) = Area(left, top, 3, 3).find(row, column, unit) else { continue };
            let along = if upright { c } else { r };
            let (low, high) = if k == 4 { (1900, 2100) } else { (0, TOP) };
            return Some(if along / (k % 4 + 1) % 2 == 0 { low } else { high });
        }
    }
    None
}

/// A continuous ramp below, a stepped one above.
fn ramps(row: usize, column: usize, unit: usize) -> Option<u16> {
    if let Some((_, c)) = Area(5, 28, 22, 3).find(row, column, unit) {
        return Some((c * usize::from(TOP) / (22 * unit - 1)) as u16);
    }
    let (_, c) = Area(5, 1, 22, 3).find(row, column, unit)?;
    Some((c * 11 / (22 * unit) * usize::from(TOP) / 10) as u16)
}

/// The 5 % and 95 % patches: both inner squares must be seen.
fn extremes(row: usize, column: usize, unit: usize) -> Option<u16> {
    for (left, outer, inner) in [(9, 0, TOP / 20), (20, TOP, TOP - TOP / 20)] {
        if let Some((r, c)) = Area(left, 23, 3, 3).find(row, column, unit) {
            let core = r / unit == 1 && c / unit == 1;
            return Some(if core { inner } else { outer });
        }
    }
    None
}

/// The pattern as a Secondary Capture file.
pub fn file(size: usize) -> Vec<u8> {
    image(size).build()
}

/// The same before it is written.
pub fn image(size: usize) -> ImageBuilder {
    let series = Series { key: "pattern", number: 1, modality: "OT", description: "Display test pattern" };
    ImageBuilder::gray(size, size)
        .bits(16, 12)
        .words(pattern(size))
        .named_window(2048.0, 4096.0, "FULL")
        .named_window(410.0, 820.0, "DARK END")
        .named_window(3686.0, 820.0, "BRIGHT END")
        .set(|d| identify(d, uids::SECONDARY_CAPTURE_IMAGE_STORAGE, &QUALITY, &series, 1))
        .set(|d| {
            d.text(tags::CONVERSION_TYPE, "WSD")
                .text(tags::IMAGE_TYPE, "DERIVED\\SECONDARY")
                .empty(tags::PATIENT_ORIENTATION)
                .empty(tags::LATERALITY)
                .real(tags::RESCALE_SLOPE, [1.0])
                .real(tags::RESCALE_INTERCEPT, [0.0])
                .text(tags::RESCALE_TYPE, "US")
                .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY");
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wedge_has_sixteen_equal_steps() {
        let wedge = step_wedge(2, 64);
        assert_eq!(wedge.len(), 128);
        assert_eq!((wedge[0], wedge[3], wedge[4], wedge[63]), (0, 0, 273, TOP));
    }

    #[test]
    fn the_pattern_uses_the_whole_range_and_marks_its_edge() {
        let pattern = pattern(256);
        assert_eq!(pattern.len(), 256 * 256);
        assert!(pattern.contains(&0) && pattern.iter().all(|v| *v <= TOP));
        assert!(pattern[..256].iter().all(|v| *v == TOP));
    }
}
