//! Subtraction of mask frames (PS3.3 C.7.6.10, C.11.13), as it is said. [`super::subtract()`] carries it out.

use dicom_dictionary_std::tags;

use super::reading::{Reading, pair, term};
use crate::dicom::DataSet;

/// What is subtracted.
#[derive(Debug, Clone, PartialEq)]
pub enum MaskOperation {
    /// The average of these frames, counted from zero.
    AverageSubtraction { frames: Vec<u32> },
    /// The frame so many before each.
    TimeInterval { offset: i64 },
}

/// One mask.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    pub operation: MaskOperation,
    /// The frames it is for, counted from zero, both ends included; none means all.
    pub ranges: Vec<(u32, u32)>,
    /// How many frames are averaged into one that is shown.
    pub averaging: u32,
    /// By how much the mask is moved before it is subtracted, down and to the right, in pixels.
    pub shift: [f64; 2],
}

/// The masks of a state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Masks {
    /// Whether images are to be shown subtracted.
    pub subtracted: bool,
    pub items: Vec<Mask>,
}

impl Masks {
    pub(super) fn read(data: &DataSet, reading: &mut Reading) -> Self {
        let items = data.items(tags::MASK_SUBTRACTION_SEQUENCE);
        let items: Vec<Mask> = items.iter().filter_map(|item| Mask::read(item, reading)).collect();
        let mode = term(data, tags::RECOMMENDED_VIEWING_MODE);
        Self { subtracted: !items.is_empty() && mode != "NAT", items }
    }

    /// The mask of a frame, counted from zero.
    pub fn of(&self, frame: u32) -> Option<&Mask> {
        let includes = |mask: &&Mask| {
            mask.ranges.is_empty() || mask.ranges.iter().any(|(from, to)| (from..=to).contains(&&frame))
        };
        self.items.iter().filter(|_| self.subtracted).find(includes)
    }
}

impl Mask {
    fn read(item: &DataSet, reading: &mut Reading) -> Option<Self> {
        let operation = match term(item, tags::MASK_OPERATION).as_str() {
            "AVG_SUB" => {
                let frames = item.ints(tags::MASK_FRAME_NUMBERS);
                let frames: Vec<u32> =
                    frames.into_iter().filter_map(|n| u32::try_from(n - 1).ok()).take(1024).collect();
                if frames.is_empty() {
                    reading.warn("a mask names no frames and is left out");
                    return None;
                }
                MaskOperation::AverageSubtraction { frames }
            }
            "TID" => MaskOperation::TimeInterval { offset: item.int(tags::TID_OFFSET).unwrap_or(1) },
            "NONE" => return None,
            other => {
                reading.warn(format!("the mask operation “{other}” is not known and left out"));
                return None;
            }
        };
        let ranges = item.ints(tags::APPLICABLE_FRAME_RANGE);
        let (ranges, _) = ranges.as_chunks::<2>();
        let ends =
            |&[a, b]: &[i64; 2]| Some((u32::try_from(a.min(b) - 1).ok()?, u32::try_from(a.max(b) - 1).ok()?));
        let averaging = item.int(tags::CONTRAST_FRAME_AVERAGING).and_then(|n| u32::try_from(n).ok());
        let [row, column] = pair(item, tags::MASK_SUB_PIXEL_SHIFT).unwrap_or_default();
        Some(Self {
            operation,
            ranges: ranges.iter().filter_map(ends).collect(),
            averaging: averaging.unwrap_or(1).clamp(1, 1024),
            shift: [column, row],
        })
    }

    /// The frames, counted from zero, whose average is subtracted from a frame.
    pub fn frames(&self, frame: u32) -> Vec<u32> {
        match &self.operation {
            MaskOperation::AverageSubtraction { frames } => frames.clone(),
            MaskOperation::TimeInterval { offset } => {
                let before = i64::from(frame).checked_sub(*offset).and_then(|n| u32::try_from(n).ok());
                before.into_iter().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, element, sequence, words_le};
    use dicom_core::VR;

    fn masks(mode: &str, items: Vec<DataSet>) -> Masks {
        let data = data_set(vec![
            cs(tags::RECOMMENDED_VIEWING_MODE, mode),
            sequence(tags::MASK_SUBTRACTION_SEQUENCE, items),
        ]);
        Masks::read(&data, &mut Reading::default())
    }

    #[test]
    fn the_mask_of_a_frame() {
        let average = data_set(vec![
            cs(tags::MASK_OPERATION, "AVG_SUB"),
            element(tags::APPLICABLE_FRAME_RANGE, VR::US, words_le(&[3, 5, 9, 9])),
            element(tags::MASK_FRAME_NUMBERS, VR::US, words_le(&[1, 2])),
        ]);
        let interval = data_set(vec![
            cs(tags::MASK_OPERATION, "TID"),
            element(tags::TID_OFFSET, VR::SS, words_le(&[2])),
        ]);
        let read = masks("SUB", vec![average.clone(), interval]);
        let frames = |frame| read.of(frame).map(|mask| mask.frames(frame));
        assert_eq!(frames(2), Some(vec![0, 1]));
        assert_eq!(frames(8), Some(vec![0, 1]));
        assert_eq!(frames(5), Some(vec![3]));
        assert_eq!(frames(1), Some(vec![]), "nothing two frames before");
        assert_eq!(masks("NAT", vec![average]).of(2), None);
    }
}
