//! Statistics of a frame: the range an automatic window shows, the mean a reader asks for.

use super::{Appearance, Modality, Padding};
use crate::dicom::{Frame, Samples};
use crate::each_sample_type;

/// Figures over the modality values of a frame, padding and what is not a number left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    /// Number of values that counted.
    pub count: u64,
}

/// The statistics of a frame; `None` where it holds nothing but padding. For colour frames they are
/// over the stored values of all channels.
pub fn stats(frame: &Frame, appearance: &Appearance) -> Option<Stats> {
    let gray = frame.channels == 1 && appearance.palette.is_none();
    let padding = appearance.padding.filter(|_| gray);
    let modality = if gray { &appearance.modality } else { &Modality::IDENTITY };
    match modality {
        Modality::Rescale { slope, intercept } => {
            let stored = stored_stats(&frame.samples, padding)?;
            let [a, b, mean] = [stored.min, stored.max, stored.mean].map(|v| v * slope + intercept);
            Some(Stats { min: a.min(b), max: a.max(b), mean, count: stored.count })
        }
        Modality::Lut(lut) => {
            each_sample_type!(&frame.samples, v => plain(v, padding, |x| lut.value(x)))
        }
    }
}

fn stored_stats(samples: &Samples, padding: Option<Padding>) -> Option<Stats> {
    match samples {
        Samples::U8(v) => small_integers(v, padding),
        Samples::I8(v) => small_integers(v, padding),
        Samples::U16(v) => small_integers(v, padding),
        Samples::I16(v) => small_integers(v, padding),
        Samples::U32(v) => plain(v, padding, |x| x),
        Samples::I32(v) => plain(v, padding, |x| x),
        Samples::F32(v) => plain(v, padding, |x| x),
        Samples::F64(v) => plain(v, padding, |x| x),
    }
}

fn plain<T: Copy + Into<f64>>(
    samples: &[T],
    padding: Option<Padding>,
    value: impl Fn(f64) -> f64,
) -> Option<Stats> {
    let mut tally = Tally::default();
    for &x in samples {
        let x: f64 = x.into();
        if x.is_finite() && !padding.is_some_and(|p| p.contains(x)) {
            tally.add(value(x));
        }
    }
    tally.finish()
}

/// Up to 16 bits, without branches and in sums that cannot overflow, so that the loop can be
/// vectorised: this runs over every image without a window of its own.
fn small_integers<T: Copy + Into<i32>>(samples: &[T], padding: Option<Padding>) -> Option<Stats> {
    let (lo, hi) = padding.map_or((i32::MAX, i32::MIN), |p| integer_bounds(&p));
    let (mut min, mut max, mut sum, mut count) = (i32::MAX, i32::MIN, 0i64, 0u64);
    for chunk in samples.chunks(8192) {
        let (mut part, mut valid_part) = (0i32, 0i32);
        for &x in chunk {
            let x: i32 = x.into();
            let valid = !(lo..=hi).contains(&x);
            min = min.min(if valid { x } else { i32::MAX });
            max = max.max(if valid { x } else { i32::MIN });
            part += if valid { x } else { 0 };
            valid_part += i32::from(valid);
        }
        sum += i64::from(part);
        count += u64::from(valid_part.unsigned_abs());
    }
    (count > 0).then(|| Stats {
        min: f64::from(min),
        max: f64::from(max),
        mean: sum as f64 / count as f64,
        count,
    })
}

/// The whole numbers a padding range covers; the casts saturate.
pub(super) fn integer_bounds(padding: &Padding) -> (i32, i32) {
    (padding.lo.ceil() as i32, padding.hi.floor() as i32)
}

#[derive(Default)]
struct Tally {
    range: Option<(f64, f64)>,
    sum: f64,
    count: u64,
}

impl Tally {
    fn add(&mut self, x: f64) {
        self.range = Some(self.range.map_or((x, x), |(lo, hi)| (lo.min(x), hi.max(x))));
        self.sum += x;
        self.count += 1;
    }

    fn finish(self) -> Option<Stats> {
        let (min, max) = self.range?;
        Some(Stats { min, max, mean: self.sum / self.count as f64, count: self.count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, gray, info};
    use crate::display::Lut;

    fn appearance(padding: Option<Padding>, modality: Modality) -> Appearance {
        let mut appearance = Appearance::read(&data_set(vec![]), &info(16, 16, true), 0);
        appearance.padding = padding;
        appearance.modality = modality;
        appearance
    }

    fn of(samples: Samples, padding: Option<(f64, f64)>, modality: Modality) -> Option<Stats> {
        let padding = padding.map(|(a, b)| Padding::between(a, b));
        let width = u32::try_from(samples.len()).unwrap();
        stats(&gray(width, 1, samples), &appearance(padding, modality))
    }

    #[test]
    fn padding_is_left_out_for_every_type() {
        let expected = Some(Stats { min: 1.0, max: 3.0, mean: 2.0, count: 2 });
        let padding = Some((100.0, 90.0));
        let all = [
            Samples::U8(vec![1, 3, 95]),
            Samples::I8(vec![1, 3, 95]),
            Samples::U16(vec![1, 3, 95]),
            Samples::I16(vec![1, 3, 95]),
            Samples::U32(vec![1, 3, 95]),
            Samples::I32(vec![1, 3, 95]),
            Samples::F32(vec![1.0, 3.0, 95.0]),
            Samples::F64(vec![1.0, 3.0, 95.0]),
        ];
        for samples in all {
            assert_eq!(of(samples, padding, Modality::IDENTITY), expected);
        }
    }

    #[test]
    fn a_negative_slope_turns_the_range_around() {
        let modality = Modality::Rescale { slope: -2.0, intercept: 1.0 };
        let found = of(Samples::I16(vec![-5, 10, 1]), None, modality);
        assert_eq!(found, Some(Stats { min: -19.0, max: 11.0, mean: -3.0, count: 3 }));
    }

    #[test]
    fn tables_are_applied_value_by_value() {
        let lut = Lut { first: 0, bits: 8, data: vec![10, 200, 5].into(), explanation: String::new() };
        let found = of(Samples::U8(vec![0, 1, 2, 9]), Some((9.0, 9.0)), Modality::Lut(lut)).unwrap();
        assert_eq!((found.min, found.max, found.count), (5.0, 200.0, 3));
    }

    #[test]
    fn nothing_but_padding_or_nonsense_has_no_statistics() {
        assert_eq!(of(Samples::U16(vec![7; 10]), Some((7.0, 7.0)), Modality::IDENTITY), None);
        assert_eq!(of(Samples::F32(vec![f32::NAN, f32::INFINITY]), None, Modality::IDENTITY), None);
        assert_eq!(of(Samples::U16(vec![]), None, Modality::IDENTITY), None);
        let some = of(Samples::F32(vec![f32::NAN, 2.0]), None, Modality::IDENTITY).unwrap();
        assert_eq!((some.min, some.max, some.count), (2.0, 2.0, 1));
    }

    #[test]
    fn long_runs_of_extremes_do_not_overflow() {
        let high = of(Samples::U16(vec![65535; 100_000]), None, Modality::IDENTITY).unwrap();
        assert_eq!((high.mean, high.count), (65535.0, 100_000));
        let low = of(Samples::I16(vec![-32768; 100_000]), None, Modality::IDENTITY).unwrap();
        assert_eq!(low.mean, -32768.0);
    }
}
