//! Level 0 keeps every stored value; colours become colours.

use super::*;
use crate::dicom::testing::{data_set, gray, info};
use crate::dicom::{ColorModel, Photometric, Reduced};
use crate::display::Palette;

fn appearance(bits: u16, signed: bool) -> Appearance {
    Appearance::read(&data_set(vec![]), &info(16, bits, signed), 0)
}

#[test]
fn level_0_keeps_stored_values_exactly() {
    let cases = [
        (Samples::U8(vec![0, 255]), [0.0, 255.0], TexelKind::Uint, 2),
        (Samples::I8(vec![-128, 127]), [-128.0, 127.0], TexelKind::Sint, 2),
        (Samples::U16(vec![0, 65535]), [0.0, 65535.0], TexelKind::Uint, 4),
        (Samples::I16(vec![-32768, 32767]), [-32768.0, 32767.0], TexelKind::Sint, 4),
        (Samples::U32(vec![0, u32::MAX]), [0.0, f64::from(u32::MAX)], TexelKind::Uint, 8),
        (
            Samples::I32(vec![i32::MIN, i32::MAX]),
            [f64::from(i32::MIN), f64::from(i32::MAX)],
            TexelKind::Sint,
            8,
        ),
        (Samples::F32(vec![-1.5, 1e30]), [-1.5, f64::from(1e30f32)], TexelKind::Float, 8),
        (Samples::F64(vec![-1.5, 0.25]), [-1.5, 0.25], TexelKind::Float, 8),
    ];
    for (samples, expected, kind, bytes) in cases {
        let image = TexelImage::build(&gray(2, 1, samples), &appearance(16, true), 0);
        assert_eq!((image.kind, image.fraction_bits, image.texels.byte_len()), (kind, 0, bytes));
        assert_eq!([0, 1].map(|x| image.texel(x, 0, None)), expected.map(Some));
        assert_eq!((image.texel(2, 0, None), image.texel(0, 1, None), image.rgb(0, 0)), (None, None, None));
    }
}

#[test]
fn what_is_no_number_is_padding() {
    let wild = vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 1.0];
    let single: Vec<f32> = wild.iter().map(|&x| x as f32).collect();
    for samples in [Samples::F64(wild), Samples::F32(single)] {
        let image = TexelImage::from_frame(gray(5, 1, samples), &appearance(32, true));
        let Texels::U32(bits) = &image.texels else { panic!("32 bits") };
        assert_eq!(bits[..4], [NOT_A_NUMBER; 4]);
        assert_eq!([0, 1, 2, 3, 4].map(|x| image.texel(x, 0, None)), [None, None, None, None, Some(1.0)]);
    }
}

#[test]
fn padding_of_doubles_is_tested_before_they_are_rounded() {
    let mut appearance = appearance(64, true);
    appearance.padding = Some(Padding { lo: 0.1, hi: 0.1 });
    let image = TexelImage::from_frame(gray(2, 1, Samples::F64(vec![0.1, 0.2])), &appearance);
    assert_eq!(image.texel(0, 0, appearance.padding), None);
    assert_eq!(image.texel(1, 0, appearance.padding), Some(f64::from(0.2f32)));
}

#[test]
fn padding_is_told_apart() {
    let mut appearance = appearance(12, false);
    appearance.padding = Some(Padding { lo: 0.0, hi: 3.0 });
    let image = TexelImage::from_frame(gray(3, 1, Samples::U16(vec![0, 3, 4])), &appearance);
    assert_eq!([0, 1, 2].map(|x| image.texel(x, 0, image.padding)), [None, None, Some(4.0)]);
    assert_eq!(image.texel(0, 0, None), Some(0.0));
    assert!(!image.all_padding());
    let nothing = TexelImage::from_frame(gray(2, 1, Samples::U16(vec![0, 3])), &appearance);
    assert!(nothing.all_padding());
}

#[test]
fn colours_and_palettes_become_rgb() {
    let color = Frame {
        rows: 1,
        columns: 2,
        channels: 3,
        color: ColorModel::YbrFull,
        samples: Samples::U8(vec![10, 128, 128, 200, 128, 128]),
    };
    let image = TexelImage::build(&color, &appearance(8, false), 0);
    assert_eq!((image.kind, image.texels.byte_len()), (TexelKind::Rgb, 8));
    assert_eq!([image.rgb(0, 0), image.rgb(1, 0)], [Some([10; 3]), Some([200; 3])]);
    assert_eq!(image.texel(0, 0, None), None);

    let mut palette_info = info(8, 8, false);
    palette_info.photometric = Photometric::PaletteColor;
    let mut appearance = Appearance::read(&data_set(vec![]), &palette_info, 0);
    appearance.palette = Some(Palette { first: 0, entries: vec![[1, 2, 3], [4, 5, 6]].into(), gray: None });
    let mut frame = gray(2, 1, Samples::U8(vec![1, 0]));
    frame.color = ColorModel::Palette;
    let image = TexelImage::build(&frame, &appearance, 0);
    assert_eq!([image.rgb(0, 0), image.rgb(1, 0)], [Some([4, 5, 6]), Some([1, 2, 3])]);
}

#[test]
fn a_frame_that_is_short_of_samples_is_filled_up() {
    let image = TexelImage::build(&gray(2, 2, Samples::U16(vec![7])), &appearance(16, false), 0);
    assert_eq!((image.texel(0, 0, None), image.texel(1, 1, None)), (Some(7.0), Some(0.0)));
    let reduced = TexelImage::build(&gray(2, 2, Samples::U16(vec![8])), &appearance(16, false), 1);
    assert_eq!(reduced.texel(0, 0, None), Some(2.0));
    let empty = TexelImage::build(&gray(0, 0, Samples::U16(vec![])), &appearance(16, false), 3);
    assert_eq!((empty.width, empty.height, empty.texel(0, 0, None)), (0, 0, None));
}

#[test]
fn the_level_has_a_texel_for_every_screen_pixel() {
    let scales = [f64::NAN, -1.0, 0.0, 0.5, 1.0, 1.999, 2.0, 3.999, 4.0, 8.0, 16.5, 1e9];
    assert_eq!(scales.map(choose_level), [0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, MAX_LEVEL]);
}

#[test]
fn a_reduced_frame_is_a_level_of_the_full_one() {
    let appearance = appearance(8, false);
    let reduced = || Reduced {
        frame: gray(3, 2, Samples::U8(vec![10, 20, 30, 40, 50, 60])),
        reduce: 2,
        columns: 11,
        rows: 5,
    };
    for (asked, level, size, first) in [(0, 2, (3, 2), 10.0), (2, 2, (3, 2), 10.0), (3, 3, (2, 1), 30.0)] {
        let image = TexelImage::from_reduced(reduced(), &appearance, asked);
        assert_eq!((image.level, (image.width, image.height)), (level, size));
        assert_eq!((image.source_width, image.source_height), (11, 5));
        assert_eq!(image.texel(0, 0, None), Some(first));
    }
}
