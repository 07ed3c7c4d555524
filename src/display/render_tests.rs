//! Pictures worked out by hand.

use super::*;
use crate::dicom::testing::{Noise, data_set, gray, info};
use crate::dicom::{ColorModel, Frame, Samples};
use crate::display::{Appearance, Modality, Padding, Voi};
use crate::geometry::{ImageShape, ViewTransform, Zoom};

const ALL: [Interpolation; 3] = [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic];

fn look(voi: Voi) -> Look {
    Look { padding: None, modality: Modality::IDENTITY, voi, inverse: false, ramp: None }
}

fn plain() -> Look {
    look(Voi::full_range(0.0, 255.0))
}

fn image(columns: u32, rows: u32, samples: Samples, padding: Option<Padding>, level: u32) -> TexelImage {
    let mut appearance = Appearance::read(&data_set(vec![]), &info(16, 16, false), 0);
    appearance.padding = padding;
    appearance.bits_stored = if matches!(samples, Samples::U8(_)) { 8 } else { 16 };
    TexelImage::build(&gray(columns, rows, samples), &appearance, level)
}

fn levels(picture: &RgbImage) -> Vec<u8> {
    for rgb in picture.pixels.chunks_exact(3) {
        assert!(rgb[0] == rgb[1] && rgb[1] == rgb[2]);
    }
    picture.pixels.chunks_exact(3).map(|rgb| rgb[0]).collect()
}

#[test]
fn a_ramp_is_exact_at_native_size() {
    let ramp: Vec<u16> = (0..4096).collect();
    let image = image(64, 64, Samples::U16(ramp), None, 0);
    let voi = Voi::Linear { center: 2048.0, width: 4096.0 };
    for way in ALL {
        let picture = render(&image, &look(voi.clone()), &Affine::IDENTITY, 64, 64, way);
        for (x, level) in levels(&picture).into_iter().enumerate() {
            assert_eq!(f64::from(level), (x as f64 / 4095.0 * 255.0).round());
        }
    }
}

#[test]
fn every_pixel_of_a_native_picture_is_the_level_of_its_sample() {
    let mut noise = Noise::new(5);
    let samples: Vec<i16> = (0..31 * 17).map(|_| noise.next() as i16).collect();
    let looks = [
        Look {
            padding: Some(Padding { lo: -5000.0, hi: 5000.0 }),
            modality: Modality::Rescale { slope: 0.37, intercept: -12.0 },
            voi: Voi::Sigmoid { center: 0.0, width: 5000.0 },
            inverse: true,
            ramp: None,
        },
        look(Voi::Linear { center: 0.0, width: 1.0 }),
        look(Voi::LinearExact { center: -0.5, width: 20000.5 }),
    ];
    for look in looks {
        let image = image(31, 17, Samples::I16(samples.clone()), look.padding, 0);
        for way in ALL {
            let picture = levels(&render(&image, &look, &Affine::IDENTITY, 31, 17, way));
            let expected: Vec<u8> = samples.iter().map(|&x| look.gray(f64::from(x))).collect();
            assert_eq!(picture, expected);
        }
    }
}

fn checkerboard(size: u32) -> Samples {
    Samples::U8(
        (0..size * size).map(|i| if (i % size + i / size).is_multiple_of(2) { 0 } else { 255 }).collect(),
    )
}

#[test]
fn a_reduced_checkerboard_is_mid_grey_at_every_level() {
    for level in 0..4 {
        let image = image(64, 64, checkerboard(64), None, level);
        for scale in [2.0, 4.0, 8.0, 6.4] {
            if scale < f64::from(1 << level) {
                continue;
            }
            let size = (64.0 / scale) as u32;
            for way in ALL {
                let picture = render(&image, &plain(), &Affine::scale(scale, scale), size, size, way);
                for grey in levels(&picture) {
                    assert!((126..=129).contains(&grey), "level {level}, scale {scale}: {grey}");
                }
            }
        }
    }
}

#[test]
fn outside_of_the_image_is_black() {
    let image = image(2, 2, Samples::U8(vec![200; 4]), None, 0);
    for inverse in [false, true] {
        let look = Look { inverse, ..plain() };
        let inside = look.gray(200.0);
        let picture = render(&image, &look, &Affine::translation(-1.0, -1.0), 4, 4, Interpolation::Bicubic);
        let o = 0;
        let i = inside;
        assert_eq!(levels(&picture), [o, o, o, o, o, i, i, o, o, i, i, o, o, o, o, o]);
    }
}

#[test]
fn padding_leaves_no_halo() {
    // breast on the right, padding on the left; dark padding value, light padding value
    for padding in [0u16, 4000] {
        let samples: Vec<u16> = (0..64 * 16).map(|i| if i % 64 < 20 { padding } else { 900 }).collect();
        let value = f64::from(padding);
        let look =
            Look { padding: Some(Padding { lo: value, hi: value }), ..look(Voi::full_range(0.0, 2000.0)) };
        let grey = look.gray(900.0);
        for (level, scale) in [(0, 0.13), (0, 0.5), (0, 1.0), (0, 1.7), (0, 3.0), (1, 2.7), (2, 4.9)] {
            let image = image(64, 16, Samples::U16(samples.clone()), look.padding, level);
            let (width, height) = ((64.0 / scale) as u32, (16.0 / scale) as u32);
            for way in ALL {
                let map = Affine::scale(scale, scale);
                let picture = levels(&render(&image, &look, &map, width, height, way));
                assert!(picture.iter().all(|&p| p == 0 || p == grey), "{padding} {scale} {way:?}");
                assert!(picture.contains(&0) && picture.contains(&grey));
            }
        }
    }
}

#[test]
fn colours_are_interpolated_and_inverted_by_channel() {
    let frame = Frame {
        rows: 1,
        columns: 2,
        channels: 3,
        color: ColorModel::Rgb,
        samples: Samples::U8(vec![0, 100, 255, 200, 100, 0]),
    };
    let appearance = Appearance::read(&data_set(vec![]), &info(8, 8, false), 0);
    let image = TexelImage::build(&frame, &appearance, 0);
    let half = Affine::scale(0.5, 1.0);
    let picture = render(&image, &plain(), &half, 4, 1, Interpolation::Bilinear);
    assert_eq!(picture.pixels, [0, 100, 255, 50, 100, 191, 150, 100, 64, 200, 100, 0]);
    let inverted =
        render(&image, &Look { inverse: true, ..plain() }, &Affine::IDENTITY, 2, 1, Interpolation::Nearest);
    assert_eq!(inverted.pixels, [255, 155, 0, 55, 155, 255]);
}

#[test]
fn a_level_shows_what_the_full_image_shows() {
    // a smooth image looks the same from every level, turned and flipped too
    let samples: Vec<u16> = (0..200u32 * 160).map(|i| ((i % 200) * 100 + (i / 200) * 130) as u16).collect();
    let base = image(200, 160, Samples::U16(samples), None, 0);
    let shape = ImageShape::square(200, 160);
    let look = look(Voi::full_range(0.0, 42000.0));
    for turns in 0..4 {
        let view = ViewTransform {
            zoom: Zoom::Factor(0.22),
            center: [3.0, -2.0],
            quarter_turns: turns,
            flip: turns > 1,
            ..ViewTransform::default()
        };
        let map = view.map(shape, [40.0, 44.0]);
        let reference = levels(&render(&base, &look, &map, 40, 44, Interpolation::Bilinear));
        for level in 1..=2 {
            let picture = render(&base.reduce(level), &look, &map, 40, 44, Interpolation::Bilinear);
            for (a, b) in levels(&picture).into_iter().zip(&reference) {
                assert!(a.abs_diff(*b) <= 2, "level {level}: {a} {b}");
            }
        }
    }
}

#[test]
fn one_screen_pixel_an_image_pixel_in_every_turn_and_flip() {
    let samples: Vec<u8> = (0..=255).cycle().take(21 * 13).collect();
    let image = image(21, 13, Samples::U8(samples.clone()), None, 0);
    for (turns, flip) in
        [(0, false), (1, false), (2, false), (3, false), (0, true), (1, true), (2, true), (3, true)]
    {
        let view = ViewTransform {
            zoom: Zoom::Actual,
            center: [0.3, -0.2],
            quarter_turns: turns,
            flip,
            ..ViewTransform::default()
        };
        let map = view.map(ImageShape::square(21, 13), [40.0, 41.0]);
        let picture = levels(&render(&image, &plain(), &map, 40, 41, Interpolation::Bilinear));
        // each sample is there, and nothing else but black around it
        let mut shown: Vec<u8> = picture.into_iter().filter(|&p| p > 0).collect();
        let mut expected: Vec<u8> = samples.iter().copied().filter(|&p| p > 0).collect();
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_ramp_gives_the_levels_colours() {
    let mut ramp = [[0; 3]; 256];
    for (level, color) in (0u8..=255).zip(&mut ramp) {
        *color = [level, 255 - level, level / 2];
    }
    let look = Look { ramp: Some(std::sync::Arc::new(ramp)), ..look(Voi::full_range(0.0, 255.0)) };
    assert_eq!(look.color(200), [200, 55, 100]);
}
