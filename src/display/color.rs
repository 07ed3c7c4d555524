//! Colour frames to eight-bit RGB (PS3.3 C.7.6.3.1.2).

use super::Palette;
use crate::dicom::{ColorModel, Frame, Samples};

/// `YBR_FULL`: all three components use the whole range, chrominance is centred on 128.
pub fn ybr_full_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (scaled(y, 0, 65536), i32::from(cb) - 128, i32::from(cr) - 128);
    // 1.402, 0.344136, 0.714136 and 1.772 with sixteen fraction bits
    [byte(y + 91881 * cr), byte(y - 22554 * cb - 46802 * cr), byte(y + 116_130 * cb)]
}

/// `YBR_PARTIAL`: luminance from 16 to 235, chrominance from 16 to 240.
pub fn ybr_partial_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (scaled(y, 16, 76309), i32::from(cb) - 128, i32::from(cr) - 128);
    // 255/219 for luminance; 1.596027, 0.391762, 0.812968 and 2.017232 for chrominance
    [byte(y + 104_597 * cr), byte(y - 25675 * cb - 53279 * cr), byte(y + 132_201 * cb)]
}

fn scaled(y: u8, black: i32, factor: i32) -> i32 {
    (i32::from(y) - black) * factor
}

fn byte(fixed: i32) -> u8 {
    ((fixed + 32768) >> 16).clamp(0, 255) as u8
}

/// Red, green, blue and an alpha of 255 for every pixel of a colour or palette frame. `bits` is the
/// depth of the samples. `None` for frames that have no colours.
pub fn to_rgba(frame: &Frame, bits: u16, palette: Option<&Palette>) -> Option<Vec<u8>> {
    if frame.channels >= 3 {
        return Some(channels_to_rgba(frame, bits));
    }
    match (frame.color, palette) {
        (ColorModel::Palette, Some(palette)) => Some(palette_to_rgba(frame, palette)),
        (ColorModel::Gray, Some(palette)) if palette.gray.is_some() => Some(palette_to_rgba(frame, palette)),
        _ => None,
    }
}

fn channels_to_rgba(frame: &Frame, bits: u16) -> Vec<u8> {
    let step = usize::from(frame.channels);
    // the retired ARGB has its alpha in front
    let skip = step - 3;
    let bytes = to_bytes(&frame.samples, bits);
    match frame.color {
        ColorModel::YbrFull => pixels_to_rgba(&bytes, step, skip, ybr_full_to_rgb),
        ColorModel::YbrPartial => pixels_to_rgba(&bytes, step, skip, ybr_partial_to_rgb),
        ColorModel::Gray | ColorModel::Palette | ColorModel::Rgb => {
            pixels_to_rgba(&bytes, step, skip, |rgb| rgb)
        }
    }
}

fn pixels_to_rgba(bytes: &[u8], step: usize, skip: usize, convert: impl Fn([u8; 3]) -> [u8; 3]) -> Vec<u8> {
    let mut rgba = vec![255; bytes.len() / step * 4];
    for (to, from) in rgba.chunks_exact_mut(4).zip(bytes.chunks_exact(step)) {
        if let (&[a, b, c], [to @ .., _]) = (&from[skip..], to) {
            to.copy_from_slice(&convert([a, b, c]));
        }
    }
    rgba
}

/// Samples of any depth as bytes: the full range of the depth becomes 0 to 255.
fn to_bytes(samples: &Samples, bits: u16) -> std::borrow::Cow<'_, [u8]> {
    let bits = u32::from(bits.clamp(1, 32));
    let top = ((1u64 << bits) - 1) as f64;
    let half = (1u64 << (bits - 1)) as f64;
    let scale = |v: f64| (v * 255.0 / top + 0.5) as u8;
    match samples {
        Samples::U8(v) if bits == 8 => v.as_slice().into(),
        Samples::U8(v) => v.iter().map(|&x| scale(f64::from(x))).collect(),
        Samples::U16(v) => v.iter().map(|&x| scale(f64::from(x))).collect(),
        Samples::U32(v) => v.iter().map(|&x| scale(f64::from(x))).collect(),
        Samples::I8(v) => v.iter().map(|&x| scale(f64::from(x) + half)).collect(),
        Samples::I16(v) => v.iter().map(|&x| scale(f64::from(x) + half)).collect(),
        Samples::I32(v) => v.iter().map(|&x| scale(f64::from(x) + half)).collect(),
        Samples::F32(v) => v.iter().map(|&x| (255.0 * x + 0.5) as u8).collect(),
        Samples::F64(v) => v.iter().map(|&x| (255.0 * x + 0.5) as u8).collect(),
    }
}

fn palette_to_rgba(frame: &Frame, palette: &Palette) -> Vec<u8> {
    let rgba = |index: i64| {
        let [r, g, b] = palette.rgb(index);
        [r, g, b, 255]
    };
    match &frame.samples {
        Samples::U8(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::I8(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::U16(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::I16(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::U32(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::I32(v) => v.iter().flat_map(|&x| rgba(i64::from(x))).collect(),
        Samples::F32(v) => v.iter().flat_map(|&x| rgba(x as i64)).collect(),
        Samples::F64(v) => v.iter().flat_map(|&x| rgba(x as i64)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forward equations as the standard prints them; the inverse must bring every colour back.
    fn full([r, g, b]: [f64; 3]) -> [f64; 3] {
        [
            0.2990 * r + 0.5870 * g + 0.1140 * b,
            -0.1687 * r - 0.3313 * g + 0.5000 * b + 128.0,
            0.5000 * r - 0.4187 * g - 0.0813 * b + 128.0,
        ]
    }

    fn partial([r, g, b]: [f64; 3]) -> [f64; 3] {
        [
            0.2568 * r + 0.5041 * g + 0.0979 * b + 16.0,
            -0.1482 * r - 0.2910 * g + 0.4392 * b + 128.0,
            0.4392 * r - 0.3678 * g - 0.0714 * b + 128.0,
        ]
    }

    #[test]
    fn the_equations_of_the_standard_come_back() {
        type Forward = fn([f64; 3]) -> [f64; 3];
        type Backward = fn([u8; 3]) -> [u8; 3];
        for (forward, backward) in
            [(full as Forward, ybr_full_to_rgb as Backward), (partial, ybr_partial_to_rgb)]
        {
            for r in (0..=255u8).step_by(15) {
                for g in (0..=255u8).step_by(15) {
                    for b in (0..=255u8).step_by(15) {
                        let ybr = forward([r, g, b].map(f64::from)).map(|v| (v + 0.5) as u8);
                        let back = backward(ybr);
                        for (a, b) in back.iter().zip([r, g, b]) {
                            assert!(a.abs_diff(b) <= 2, "{r} {g} {b}: {back:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn greys_and_extremes_are_exact() {
        for y in 0..=255 {
            assert_eq!(ybr_full_to_rgb([y, 128, 128]), [y; 3]);
        }
        assert_eq!(ybr_partial_to_rgb([16, 128, 128]), [0; 3]);
        assert_eq!(ybr_partial_to_rgb([235, 128, 128]), [255; 3]);
        assert_eq!(ybr_partial_to_rgb([0, 128, 128]), [0; 3]);
        assert_eq!(ybr_full_to_rgb([255, 0, 255]), [255, 208, 28]);
    }

    fn color(channels: u8, color: ColorModel, samples: Samples) -> Frame {
        Frame { rows: 1, columns: 1, channels, color, samples }
    }

    #[test]
    fn depths_are_scaled_to_eight_bits() {
        let of = |samples, bits| to_rgba(&color(3, ColorModel::Rgb, samples), bits, None);
        assert_eq!(of(Samples::U8(vec![1, 2, 3]), 8), Some(vec![1, 2, 3, 255]));
        assert_eq!(of(Samples::U16(vec![0, 2048, 4095]), 12), Some(vec![0, 128, 255, 255]));
        assert_eq!(of(Samples::U16(vec![257, 65535, 0]), 16), Some(vec![1, 255, 0, 255]));
        assert_eq!(of(Samples::U8(vec![0, 7, 15]), 4), Some(vec![0, 119, 255, 255]));
    }

    #[test]
    fn alpha_in_front_is_left_out() {
        let frame = color(4, ColorModel::Rgb, Samples::U8(vec![9, 1, 2, 3]));
        assert_eq!(to_rgba(&frame, 8, None), Some(vec![1, 2, 3, 255]));
    }

    #[test]
    fn grey_frames_have_no_colours() {
        assert_eq!(to_rgba(&color(1, ColorModel::Gray, Samples::U8(vec![1])), 8, None), None);
        assert_eq!(to_rgba(&color(1, ColorModel::Palette, Samples::U8(vec![1])), 8, None), None);
        let palette = Palette { first: 0, entries: vec![[0; 3], [7, 8, 9]].into(), gray: None };
        let frame = color(1, ColorModel::Palette, Samples::U8(vec![1]));
        assert_eq!(to_rgba(&frame, 8, Some(&palette)), Some(vec![7, 8, 9, 255]));
    }
}
