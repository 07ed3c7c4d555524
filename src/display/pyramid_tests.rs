//! Reduced levels against sums made one by one.

use super::*;
use crate::dicom::ColorModel;
use crate::dicom::testing::{Noise, data_set, gray, info};

const WIDTH: u32 = 37;
const HEIGHT: u32 = 23;
const PIXELS: usize = (WIDTH * HEIGHT) as usize;

fn appearance(bits: u16, padding: Option<(f64, f64)>) -> Appearance {
    let mut appearance = Appearance::read(&data_set(vec![]), &info(16, bits, false), 0);
    appearance.padding = padding.map(|(a, b)| Padding::between(a, b));
    appearance
}

/// What a texel must be: the mean of the valid samples of its block in steps of 2^-fraction, moved out
/// of the padding.
fn expected(
    frame: &Frame,
    level: u32,
    x: u32,
    y: u32,
    padding: Option<Padding>,
    fraction: u32,
) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for row in y << level..((y + 1) << level).min(frame.rows) {
        for column in x << level..((x + 1) << level).min(frame.columns) {
            let value = frame.stored(column, row, 0).unwrap();
            if !padding.is_some_and(|p| p.contains(value)) {
                sum += value;
                count += 1.0;
            }
        }
    }
    if count == 0.0 {
        return None;
    }
    let scale = f64::from(1u32 << fraction);
    let mean = (sum / count * scale + 0.5).floor() / scale;
    Some(match padding {
        Some(p) if p.contains(mean) => {
            if mean - p.lo < p.hi - mean {
                p.lo - 1.0 / scale
            } else {
                p.hi + 1.0 / scale
            }
        }
        _ => mean,
    })
}

fn check(samples: Samples, bits: u16, padding: Option<(f64, f64)>, fraction: u32) {
    let frame = gray(WIDTH, HEIGHT, samples);
    let appearance = appearance(bits, padding);
    let padding = appearance.padding;
    let base = TexelImage::build(&frame, &appearance, 0);
    for level in 1..=6 {
        let image = TexelImage::build(&frame, &appearance, level);
        assert_eq!(image, base.reduce(level), "level {level} from samples and from level 0");
        assert_eq!((image.width, image.height), (WIDTH.div_ceil(1 << level), HEIGHT.div_ceil(1 << level)));
        assert_eq!((image.fraction_bits, image.level), (fraction, level));
        for y in 0..image.height {
            for x in 0..image.width {
                let wanted = expected(&frame, level, x, y, padding, fraction);
                assert_eq!(image.texel(x, y, padding), wanted, "level {level} at {x} {y}");
            }
        }
    }
}

fn noise<T>(seed: u64, make: impl Fn(u32) -> T) -> Vec<T> {
    let mut noise = Noise::new(seed);
    (0..PIXELS).map(|_| make(noise.next())).collect()
}

#[test]
fn sixteen_bit_containers() {
    check(Samples::U16(noise(1, |n| n as u16)), 16, None, 0);
    check(Samples::U16(noise(2, |n| (n % 4096) as u16)), 12, None, 4);
    check(Samples::I16(noise(3, |n| n as i16)), 16, None, 0);
    check(Samples::I16(noise(4, |n| (n % 4096) as i16 - 2048)), 12, None, 4);
    check(Samples::U16(vec![65535; PIXELS]), 16, None, 0);
}

#[test]
fn eight_bit_containers_get_eight_fraction_bits() {
    check(Samples::U8(noise(5, |n| n as u8)), 8, None, 8);
    check(Samples::I8(noise(6, |n| n as i8)), 8, None, 8);
    check(Samples::U8(noise(7, |n| (n % 2) as u8)), 1, None, 15);
    check(Samples::U8(noise(8, |n| n as u8)), 8, Some((0.0, 99.0)), 8);
}

/// Runs of padding, so that blocks without, with some and with nothing but padding occur.
fn in_runs(seed: u64, padding: i32, other: impl Fn(u32) -> i32) -> Vec<i32> {
    let mut noise = Noise::new(seed);
    let mut values = Vec::new();
    while values.len() < PIXELS {
        let is_padding = noise.next().is_multiple_of(2);
        for _ in 0..noise.next() % 60 {
            values.push(if is_padding { padding } else { other(noise.next()) });
        }
    }
    values.truncate(PIXELS);
    values
}

#[test]
fn padding_is_left_out() {
    let as_u16 = |v: Vec<i32>| Samples::U16(v.into_iter().map(|x| x as u16).collect());
    let as_i16 = |v: Vec<i32>| Samples::I16(v.into_iter().map(|x| x as i16).collect());
    check(as_u16(in_runs(9, 0, |n| (n % 4095) as i32 + 1)), 12, Some((0.0, 0.0)), 4);
    check(as_u16(in_runs(10, 4095, |n| (n % 4095) as i32)), 12, Some((4095.0, 4095.0)), 4);
    check(as_i16(in_runs(11, -2000, |n| (n % 3000) as i32 - 1000)), 16, Some((-2000.0, -2000.0)), 0);
    check(as_i16(in_runs(12, -2048, |n| (n % 2000) as i32)), 12, Some((-2048.0, -2000.0)), 4);
    check(Samples::I32(in_runs(13, -7, |n| n as i32)), 32, Some((-7.0, -7.0)), 0);
}

#[test]
fn a_mean_in_the_middle_of_padding_is_moved_beside_it() {
    // values on both sides of a padding range in the middle: most means fall into it
    let around = noise(14, |n| if n % 2 == 0 { 1000 } else { 3000 });
    check(Samples::U16(around.clone()), 12, Some((1001.0, 2999.0)), 4);
    check(Samples::I16(around.iter().map(|&x| x as i16).collect()), 16, Some((1900.0, 2100.0)), 0);
    check(Samples::U32(around.iter().map(|&x| u32::from(x)).collect()), 32, Some((1900.0, 2100.0)), 0);
}

#[test]
fn thirty_two_bits() {
    check(Samples::U32(noise(15, |n| n)), 32, None, 0);
    check(Samples::I32(noise(16, |n| (n as i32).wrapping_mul(3))), 32, None, 0);
}

#[test]
fn floats_are_averaged_without_padding_and_nonsense() {
    let mut values = noise(17, |n| (n % 1000) as f32 / 7.0);
    for (i, value) in values.iter_mut().enumerate() {
        match i % 5 {
            0 => *value = -1.0,
            1 => *value = f32::NAN,
            _ => {}
        }
    }
    let frame = gray(WIDTH, HEIGHT, Samples::F32(values.clone()));
    let doubles = gray(WIDTH, HEIGHT, Samples::F64(values.iter().map(|&x| f64::from(x)).collect()));
    let appearance = appearance(32, Some((-1.0, -1.0)));
    let image = TexelImage::build(&frame, &appearance, 2);
    assert_eq!(image, TexelImage::build(&frame, &appearance, 0).reduce(2));
    assert_eq!(image, TexelImage::build(&doubles, &appearance, 2));
    let valid: Vec<f64> = (0..4)
        .flat_map(|y| (4..8).map(move |x| (x, y)))
        .filter_map(|(x, y)| frame.stored(x, y, 0).filter(|&v| v >= 0.0))
        .collect();
    let mean = valid.iter().sum::<f64>() / valid.len() as f64;
    assert_eq!(image.texel(1, 0, appearance.padding), Some(f64::from(mean as f32)));
    let nothing = gray(2, 2, Samples::F32(vec![-1.0, f32::NAN, f32::INFINITY, -1.0]));
    assert!(TexelImage::build(&nothing, &appearance, 1).all_padding());
}

#[test]
fn a_float_mean_is_moved_out_of_the_padding() {
    let frame = gray(2, 1, Samples::F32(vec![-1.0, 1.0]));
    let appearance = appearance(32, Some((-0.5, 0.25)));
    let image = TexelImage::build(&frame, &appearance, 1);
    assert_eq!(image.texel(0, 0, appearance.padding), Some(f64::from(0.25f32.next_up())));
}

#[test]
fn samples_larger_than_declared_leave_no_fraction() {
    check(Samples::U16(noise(18, |n| (n % 65536) as u16 | 0x8000)), 12, None, 0);
    check(Samples::I16(noise(19, |n| (n % 100) as i16 - 30000)), 12, None, 0);
}

#[test]
fn colours_are_averaged_by_channel() {
    let samples = vec![0, 10, 20, 2, 30, 21, 3, 250, 255, 4, 255, 255, 9, 9, 9, 0, 0, 0];
    let frame =
        Frame { rows: 2, columns: 3, channels: 3, color: ColorModel::Rgb, samples: Samples::U8(samples) };
    let image = TexelImage::build(&frame, &appearance(8, None), 1);
    assert_eq!((image.width, image.height), (2, 1));
    // columns 0 and 1 of both rows; then column 2 alone
    // sums 15, 304 and 305, to the nearest
    assert_eq!(image.rgb(0, 0), Some([4, 76, 76]));
    assert_eq!(image.rgb(1, 0), Some([2, 125, 128]));
}

#[test]
fn strip_by_strip_is_the_same_as_all_at_once() {
    let (columns, rows) = (701, 333);
    let words: Vec<u16> = {
        let mut noise = Noise::new(31);
        (0..columns * rows).map(|_| (noise.next() % 4096) as u16).collect()
    };
    let signed = words.iter().map(|word| word.cast_signed() - 2000).collect();
    for (samples, bits, padding, is_signed) in [
        (Samples::U16(words.clone()), 12, None, false),
        (Samples::U16(words.clone()), 12, Some((0.0, 900.0)), false),
        (Samples::U16(words.clone()), 8, None, false),
        (Samples::I16(signed), 13, Some((-2000.0, -1500.0)), true),
    ] {
        let bits_of: Vec<u16> = match &samples {
            Samples::I16(v) => v.iter().map(|x| x.cast_unsigned()).collect(),
            _ => words.clone(),
        };
        let frame = gray(columns, rows, samples);
        let appearance = Appearance { signed: is_signed, ..appearance(bits, padding) };
        for level in 1..=6 {
            let read = |row: u32, into: &mut [u16]| {
                let at = (row * columns) as usize;
                into.copy_from_slice(bits_of.get(at..at + into.len()).ok_or("beyond the end")?);
                Ok::<_, &str>(())
            };
            let built = TexelImage::build_in_strips([columns, rows], &appearance, level, vec![7; 9], read);
            assert_eq!(built, Ok(Some(TexelImage::build(&frame, &appearance, level))), "level {level}");
        }
    }
}
