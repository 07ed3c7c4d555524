//! How fast an object wants to be played (PS3.3 C.7.6.5, the cine module).

use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::Mode;
use crate::dicom::{DataSet, Tag};

/// Frames a second of what says nothing about it.
pub const DEFAULT_FPS: f64 = 15.0;
pub const SLOWEST: f64 = 1.0;
pub const FASTEST: f64 = 120.0;

/// The longest a single frame of a sequence of varied times may stand, in seconds.
const LONGEST: f64 = 10.0;

/// What an object says about playing it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// Frames a second, the mean where times vary.
    pub fps: f64,
    /// Seconds each frame stands, where they vary.
    pub times: Option<Arc<[f64]>>,
    /// _Preferred Playback Sequencing_.
    pub mode: Mode,
    /// _Start Trim_ and _Stop Trim_ counted from 0, where they are a part of the frames.
    pub trim: Option<(u32, u32)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { fps: DEFAULT_FPS, times: None, mode: Mode::default(), trim: None }
    }
}

impl Pace {
    /// Reads the pace of an object with this many frames. _Frame Increment Pointer_ chooses between one time
    /// and many where both are there; what makes no sense is passed over.
    pub fn read(data: &DataSet, frames: u32) -> Self {
        let mode = match data.int(tags::PREFERRED_PLAYBACK_SEQUENCING) {
            Some(1) => Mode::Sweep,
            _ => Mode::Loop,
        };
        let base = Self { mode, trim: trim(data, frames), ..Self::default() };
        let varied = || {
            let times = times(&data.floats(tags::FRAME_TIME_VECTOR), frames)?;
            let fps = f64::from(frames) / times.iter().sum::<f64>();
            Some(Self { fps: fps.clamp(SLOWEST, FASTEST), times: Some(times.into()), ..base.clone() })
        };
        let steady = || {
            let rate = |tag: Tag| data.float(tag).filter(|rate| *rate > 0.0);
            let fps = rate(tags::FRAME_TIME)
                .map(|milliseconds| 1000.0 / milliseconds)
                .or_else(|| rate(tags::RECOMMENDED_DISPLAY_FRAME_RATE))
                .or_else(|| rate(tags::CINE_RATE))?;
            Some(Self { fps: fps.clamp(SLOWEST, FASTEST), ..base.clone() })
        };
        let one_time = rate_is(data, tags::FRAME_TIME)
            && !data.tags(tags::FRAME_INCREMENT_POINTER).contains(&tags::FRAME_TIME_VECTOR);
        if one_time { steady() } else { varied().or_else(steady) }.unwrap_or(base)
    }
}

fn rate_is(data: &DataSet, tag: Tag) -> bool {
    data.float(tag).is_some_and(|value| value > 0.0)
}

/// The times frames stand, from the increments between them in milliseconds, of which the first is that
/// before the first frame. The last frame stands as long as frames do on average.
fn times(increments: &[f64], frames: u32) -> Option<Vec<f64>> {
    let frames = frames as usize;
    let between = increments.get(1..frames)?;
    if between.is_empty() || between.iter().any(|ms| *ms < 0.0) || between.iter().all(|ms| *ms == 0.0) {
        return None;
    }
    let mean = between.iter().sum::<f64>() / between.len() as f64;
    let seconds = |ms: f64| (ms / 1000.0).clamp(FASTEST.recip(), LONGEST);
    Some(between.iter().copied().chain([mean]).map(seconds).collect())
}

fn trim(data: &DataSet, frames: u32) -> Option<(u32, u32)> {
    let at = |tag: Tag| data.int(tag).and_then(|n| u32::try_from(n - 1).ok());
    let (first, last) = (at(tags::START_TRIM)?, at(tags::STOP_TRIM)?);
    (first < last && last < frames && (first, last) != (0, frames - 1)).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, ds, element};
    use dicom_core::VR;

    fn fps(elements: Vec<crate::dicom::Element>) -> f64 {
        Pace::read(&data_set(elements), 10).fps
    }

    #[test]
    fn the_first_source_that_makes_sense_decides() {
        assert_eq!(fps(vec![]), DEFAULT_FPS);
        let cine = || ds(tags::CINE_RATE, "12");
        let display = || ds(tags::RECOMMENDED_DISPLAY_FRAME_RATE, "20");
        assert_eq!(fps(vec![cine()]), 12.0);
        assert_eq!(fps(vec![display(), cine()]), 20.0);
        assert_eq!(fps(vec![display(), ds(tags::FRAME_TIME, "40"), cine()]), 25.0);
        assert_eq!(fps(vec![display(), ds(tags::FRAME_TIME, "0")]), 20.0);
        assert_eq!(fps(vec![ds(tags::FRAME_TIME, "0.1")]), FASTEST);
        assert_eq!(fps(vec![ds(tags::FRAME_TIME, "99999")]), SLOWEST);
    }

    #[test]
    fn increments_become_times_and_the_last_frame_stands_for_their_mean() {
        let vector = || ds(tags::FRAME_TIME_VECTOR, "0\\100\\300");
        let pace = Pace::read(&data_set(vec![vector()]), 3);
        let times = pace.times.expect("varied");
        assert_eq!(times.len(), 3);
        for (time, expected) in times.iter().zip([0.1, 0.3, 0.2]) {
            assert!((time - expected).abs() < 1e-12);
        }
        assert!((pace.fps - 5.0).abs() < 1e-9);
        // Too short for the frames, or standing still: no use.
        assert!(Pace::read(&data_set(vec![vector()]), 4).times.is_none());
        assert!(Pace::read(&data_set(vec![ds(tags::FRAME_TIME_VECTOR, "0\\0\\0")]), 3).times.is_none());
    }

    #[test]
    fn the_pointer_chooses_between_one_time_and_many() {
        let both = |pointer: &[u8]| {
            let mut elements = vec![ds(tags::FRAME_TIME, "50"), ds(tags::FRAME_TIME_VECTOR, "0\\100\\300")];
            elements.push(element(tags::FRAME_INCREMENT_POINTER, VR::AT, pointer.to_vec()));
            Pace::read(&data_set(elements), 3)
        };
        assert!(both(&[0x18, 0, 0x65, 0x10]).times.is_some());
        assert_eq!(both(&[0x18, 0, 0x63, 0x10]).fps, 20.0);
    }

    #[test]
    fn sequencing_and_trim_are_read() {
        let with = |first: &str, last: &str| {
            let elements = vec![
                ds(tags::START_TRIM, first),
                ds(tags::STOP_TRIM, last),
                ds(tags::PREFERRED_PLAYBACK_SEQUENCING, "1"),
            ];
            Pace::read(&data_set(elements), 10)
        };
        assert_eq!(with("2", "9").trim, Some((1, 8)));
        assert_eq!(with("2", "9").mode, Mode::Sweep);
        for (first, last) in [("1", "10"), ("5", "5"), ("0", "4"), ("3", "11"), ("-1", "9")] {
            assert_eq!(with(first, last).trim, None, "{first} to {last}");
        }
    }
}
