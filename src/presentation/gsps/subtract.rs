//! Subtraction of mask frames, carried out (PS3.3 C.7.6.10).
//!
//! It stands behind the modality LUT and before the window: frames are averaged and subtracted as modality values,
//! and what comes out are differences, below zero as often as above it. The look for those is that of
//! [`super::Presented::look`] for a frame that has a mask; padding has become no number, which is drawn black.

use std::fmt;

use super::mask::Mask;
use crate::dicom::{ColorModel, Frame, Samples};
use crate::display::{Appearance, Modality, Padding};

/// Why frames are not subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSubtracted {
    /// Colours have no difference.
    Color,
    /// Frames of different sizes.
    Unequal,
    /// No frame to show, or none to subtract.
    Nothing,
}

impl fmt::Display for NotSubtracted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Color => "the mask is not subtracted: the frames have colours",
            Self::Unequal => "the mask is not subtracted: the frames differ in size",
            Self::Nothing => "the mask is not subtracted: a frame of it is missing",
        })
    }
}

impl std::error::Error for NotSubtracted {}

/// The average of some frames in modality values. They are added one by one, so that there is never more than one
/// of them in memory.
#[derive(Debug, Clone, Default)]
pub struct Average {
    columns: u32,
    rows: u32,
    sums: Vec<f64>,
    count: u32,
}

impl Average {
    pub fn add(
        &mut self,
        frame: &Frame,
        modality: &Modality,
        padding: Option<Padding>,
    ) -> Result<(), NotSubtracted> {
        if frame.channels != 1 {
            return Err(NotSubtracted::Color);
        }
        let pixels = frame.pixels();
        if frame.samples.len() < pixels {
            return Err(NotSubtracted::Unequal);
        }
        if self.count == 0 {
            (self.columns, self.rows) = (frame.columns, frame.rows);
            self.sums = vec![0.0; pixels];
        } else if (self.columns, self.rows) != (frame.columns, frame.rows) {
            return Err(NotSubtracted::Unequal);
        }
        let value = |stored: f64| match padding {
            Some(padding) if padding.contains(stored) => f64::NAN,
            _ => modality.apply(stored),
        };
        for (at, sum) in self.sums.iter_mut().enumerate() {
            *sum += frame.samples.value(at).map_or(f64::NAN, value);
        }
        self.count += 1;
        Ok(())
    }

    /// The average at a pixel; beyond an edge what is on it.
    fn at(&self, x: i64, y: i64) -> f64 {
        let (x, y) = (x.clamp(0, i64::from(self.columns) - 1), y.clamp(0, i64::from(self.rows) - 1));
        let at = usize::try_from(y * i64::from(self.columns) + x).ok();
        at.and_then(|at| self.sums.get(at)).map_or(f64::NAN, |sum| sum / f64::from(self.count))
    }

    /// The average between pixels.
    fn between(&self, x: f64, y: f64) -> f64 {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let mix = |a: f64, b: f64, share: f64| if share == 0.0 { a } else { a + (b - a) * share };
        let row = |y: i64| mix(self.at(left, y), if fx == 0.0 { 0.0 } else { self.at(left + 1, y) }, fx);
        mix(row(top), if fy == 0.0 { 0.0 } else { row(top + 1) }, fy)
    }
}

/// What is shown less what is subtracted, moved to the right and down by pixels and shares of them.
pub fn subtract(shown: &Average, mask: &Average, shift: [f64; 2]) -> Result<Frame, NotSubtracted> {
    if shown.count == 0 || mask.count == 0 {
        return Err(NotSubtracted::Nothing);
    }
    if (shown.columns, shown.rows) != (mask.columns, mask.rows) {
        return Err(NotSubtracted::Unequal);
    }
    let share = f64::from(shown.count);
    let [dx, dy] = shift.map(|v| if v.is_finite() { v.clamp(-65536.0, 65536.0) } else { 0.0 });
    let width = (shown.columns as usize).max(1);
    let mut samples = Vec::with_capacity(shown.sums.len());
    for (row, y) in shown.sums.chunks(width).zip(0u32..) {
        for (sum, x) in row.iter().zip(0u32..) {
            let below = mask.between(f64::from(x) - dx, f64::from(y) - dy);
            samples.push((sum / share - below) as f32);
        }
    }
    Ok(Frame {
        rows: shown.rows,
        columns: shown.columns,
        channels: 1,
        color: ColorModel::Gray,
        samples: Samples::F32(samples),
    })
}

/// How differences are to be seen of what an appearance is for: they are values, and none of them is padding.
pub fn of_differences(appearance: &Appearance) -> Appearance {
    Appearance { modality: Modality::IDENTITY, padding: None, ..appearance.clone() }
}

impl Mask {
    /// The difference for a frame, counted from zero, of an image with so many. `decode` gives its frames, whose
    /// modality and padding are those of `appearance`.
    ///
    /// Where frames are averaged, it is that one and those that follow it.
    pub fn subtracted<E: From<NotSubtracted>>(
        &self,
        frame: u32,
        count: u32,
        appearance: &Appearance,
        mut decode: impl FnMut(u32) -> Result<Frame, E>,
    ) -> Result<Frame, E> {
        let mut average = |frames: &mut dyn Iterator<Item = u32>| -> Result<Average, E> {
            let mut average = Average::default();
            for number in frames.filter(|number| *number < count) {
                average.add(&decode(number)?, &appearance.modality, appearance.padding)?;
            }
            Ok(average)
        };
        let shown = average(&mut (frame..frame.saturating_add(self.averaging)))?;
        let mask = average(&mut self.frames(frame).into_iter())?;
        Ok(subtract(&shown, &mask, self.shift)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::gray;
    use crate::presentation::gsps::MaskOperation;

    fn frame(values: [u16; 6]) -> Frame {
        gray(3, 2, Samples::U16(values.to_vec()))
    }

    fn values(frame: &Frame) -> Vec<f64> {
        (0..6).filter_map(|at| frame.samples.value(at)).collect()
    }

    const FRAMES: [[u16; 6]; 4] = [
        [10, 20, 30, 40, 50, 60],
        [30, 40, 50, 60, 70, 80],
        [100, 100, 100, 0, 0, 0],
        [104, 102, 100, 8, 6, 4],
    ];

    fn mask(operation: MaskOperation, averaging: u32, shift: [f64; 2]) -> Mask {
        Mask { operation, ranges: Vec::new(), averaging, shift }
    }

    fn subtracted(
        mask: &Mask,
        at: u32,
        slope: f64,
        padding: Option<Padding>,
    ) -> Result<Frame, NotSubtracted> {
        let data = crate::dicom::testing::data_set(vec![]);
        let own = Appearance::read(&data, &crate::dicom::testing::info(16, 12, false), 0);
        let modality = Modality::Rescale { slope, intercept: -5.0 };
        let appearance = Appearance { modality, padding, ..own };
        mask.subtracted(at, 4, &appearance, |at| Ok(frame(FRAMES[at as usize])))
    }

    #[test]
    fn the_average_of_the_mask_in_modality_values() {
        let average = mask(MaskOperation::AverageSubtraction { frames: vec![0, 1] }, 1, [0.0; 2]);
        // twice (100 - (10 + 30) / 2) and so on; the intercept cancels
        let expected = [160.0, 140.0, 120.0, -100.0, -120.0, -140.0];
        assert_eq!(values(&subtracted(&average, 2, 2.0, None).expect("a difference")), expected);
    }

    #[test]
    fn several_frames_shown_are_averaged() {
        let average = mask(MaskOperation::AverageSubtraction { frames: vec![0] }, 2, [0.0; 2]);
        // (100 + 104) / 2 - 10, ...
        let expected = [92.0, 81.0, 70.0, -36.0, -47.0, -58.0];
        assert_eq!(values(&subtracted(&average, 2, 1.0, None).expect("a difference")), expected);
        // the last frame has none behind it
        assert_eq!(values(&subtracted(&average, 3, 1.0, None).expect("a difference"))[0], 94.0);
    }

    #[test]
    fn a_frame_some_time_before() {
        let interval = mask(MaskOperation::TimeInterval { offset: 2 }, 1, [0.0; 2]);
        assert_eq!(values(&subtracted(&interval, 3, 1.0, None).expect("a difference"))[..2], [74.0, 62.0]);
        assert_eq!(subtracted(&interval, 1, 1.0, None).err(), Some(NotSubtracted::Nothing));
    }

    #[test]
    fn the_mask_is_moved_by_shares_of_pixels() {
        let shown = mask(MaskOperation::AverageSubtraction { frames: vec![0] }, 1, [1.0, 0.0]);
        // moved by one to the right: 10 10 20 / 40 40 50
        let expected = [90.0, 90.0, 80.0, -40.0, -40.0, -50.0];
        assert_eq!(values(&subtracted(&shown, 2, 1.0, None).expect("a difference")), expected);
        let half = mask(MaskOperation::AverageSubtraction { frames: vec![0] }, 1, [0.0, -0.5]);
        // half a row up: 25 35 45 / 40 50 60
        let expected = [75.0, 65.0, 55.0, -40.0, -50.0, -60.0];
        assert_eq!(values(&subtracted(&half, 2, 1.0, None).expect("a difference")), expected);
    }

    #[test]
    fn padding_is_no_number_and_colours_have_no_difference() {
        let average = mask(MaskOperation::AverageSubtraction { frames: vec![0] }, 1, [0.0; 2]);
        let padding = Some(Padding::between(0.0, 10.0));
        let found = values(&subtracted(&average, 2, 1.0, padding).expect("a difference"));
        assert!(found[0].is_nan() && found[3].is_nan() && found[1] == 80.0);
        let mut color = frame(FRAMES[0]);
        color.channels = 3;
        let refused = Average::default().add(&color, &Modality::IDENTITY, None);
        assert_eq!(refused, Err(NotSubtracted::Color));
    }
}
