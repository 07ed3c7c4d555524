//! The shader against the CPU reference: every feature of the display pipeline, at several sizes and
//! interpolations, within one grey level of 255; and a ramp exactly.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

#[path = "support/offscreen.rs"]
mod support;

use std::sync::Arc;

use lightbox::demo::groups;
use lightbox::demo::{ImageBuilder, Lut, Palette};
use lightbox::dicom::{DicomFile, MemorySource};
use lightbox::display::{Appearance, Interpolation, RgbImage, TexelImage, Voi, choose_level, render, stats};
use lightbox::geometry::{Affine, ImageShape, ViewTransform, Zoom};
use support::offscreen;

const ROWS: usize = 61;
const COLUMNS: usize = 83;

/// A picture with edges, gradients and single bright pixels, between 0 and `max`.
fn pattern(max: i64) -> Vec<i64> {
    let at = |x: usize, y: usize| {
        let slope = (x * 37 + y * 53) as i64 % 997 * max / 997;
        match (x / 9 + y / 7) % 5 {
            0 => slope / 3,
            1 if (x + y).is_multiple_of(11) => max,
            2 => max - slope,
            _ => slope,
        }
    };
    (0..ROWS).flat_map(|y| (0..COLUMNS).map(move |x| at(x, y))).collect()
}

/// Sets a border and a block inside to a padding value.
fn padded(mut values: Vec<i64>, padding: i64) -> Vec<i64> {
    for (i, value) in values.iter_mut().enumerate() {
        let (x, y) = (i % COLUMNS, i / COLUMNS);
        if x < 11 || y > 50 || ((30..37).contains(&x) && (20..29).contains(&y)) {
            *value = padding;
        }
    }
    values
}

fn gray12() -> ImageBuilder {
    ImageBuilder::gray(ROWS, COLUMNS).bits(16, 12).samples(pattern(4095))
}

fn curve(first: i64, count: u16, bits: u16) -> Lut {
    let top = (1u32 << bits) - 1;
    let entry = |i: u16| {
        let x = f64::from(i) / f64::from(count - 1);
        (x.powf(1.7) * f64::from(top)).round() as u16
    };
    Lut { first, bits, entries: (0..count).map(entry).collect(), explanation: "CURVE".into(), packed: false }
}

/// Every feature by name, with the file and which of its windows to use.
fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let palette = Palette {
        first: 10,
        bits: 16,
        colours: [
            (0..200).map(|i| i * 300).collect(),
            (0..200).map(|i| 60000 - i * 290).collect(),
            (0..200).map(|i| (i * 7919) % 60000).collect(),
        ],
        segmented: None,
        packed: false,
    };
    let rgb: Vec<u8> =
        pattern(255).iter().flat_map(|&v| [v as u8, 255 - v as u8, (v * 3 % 256) as u8]).collect();
    let per_frame = |center: f64, width: f64| {
        let mut group = lightbox::dicom::write::DataSet::new();
        groups::frame_voi(&mut group, &[(center, width, "")], None);
        groups::pixel_value_transformation(&mut group, 2.0, -100.0, "US");
        group
    };
    let floats: Vec<f32> = pattern(1000)
        .iter()
        .enumerate()
        .map(|(i, &v)| if i % 97 == 0 { f32::NAN } else { v as f32 / 1000.0 - 0.25 })
        .collect();
    let doubles: Vec<f64> = pattern(1000).iter().map(|&v| v as f64 * 1e-7).collect();
    vec![
        ("linear", gray12().window(1800.0, 3000.0).build()),
        ("linear, narrow", gray12().window(2000.0, 2.0).build()),
        ("linear exact", gray12().window(1800.0, 777.5).voi_function("LINEAR_EXACT").build()),
        ("sigmoid", gray12().window(2100.0, 1300.0).voi_function("SIGMOID").build()),
        ("VOI table", gray12().voi_lut(&curve(500, 3000, 12)).build()),
        ("VOI table of 8 bits", gray12().voi_lut(&curve(0, 4096, 8)).build()),
        ("VOI table of 65536 entries", {
            let lut = Lut {
                first: 0,
                bits: 16,
                entries: (0..=65535u16).map(|i| !(i / 2 + i / 3)).collect(),
                ..Lut::default()
            };
            ImageBuilder::gray(ROWS, COLUMNS).bits(16, 16).samples(pattern(65535)).voi_lut(&lut).build()
        }),
        ("full range, no window", gray12().build()),
        ("rescale", gray12().rescale(0.37, -412.5).window(300.0, 900.0).build()),
        ("rescale, negative slope", gray12().rescale(-1.5, 3000.0).window(0.0, 4000.0).build()),
        ("modality table", gray12().modality_lut(&curve(0, 4096, 16)).window(20000.0, 50000.0).build()),
        ("modality and VOI table", {
            gray12().modality_lut(&curve(100, 3900, 12)).voi_lut(&curve(200, 3000, 10)).build()
        }),
        ("monochrome1", gray12().photometric("MONOCHROME1").window(1800.0, 3000.0).build()),
        ("monochrome1, inverse shape", {
            gray12().photometric("MONOCHROME1").presentation_shape("INVERSE").window(1800.0, 3000.0).build()
        }),
        (
            "8 bit",
            ImageBuilder::gray(ROWS, COLUMNS).bits(8, 8).samples(pattern(255)).window(120.0, 200.0).build(),
        ),
        ("signed 16", {
            let values = pattern(4095).into_iter().map(|v| v - 2000);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(16, 16)
                .signed(true)
                .samples(values)
                .window(40.0, 1400.0)
                .build()
        }),
        ("signed 12 in 16", {
            let values = pattern(4095).into_iter().map(|v| v - 2048);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(16, 12)
                .signed(true)
                .samples(values)
                .window(-40.0, 2400.0)
                .build()
        }),
        ("signed 8", {
            let values = pattern(255).into_iter().map(|v| v - 128);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(8, 8)
                .signed(true)
                .samples(values)
                .window(0.0, 200.0)
                .build()
        }),
        ("high bit 15, overlays below", {
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(16, 12)
                .high_bit(15)
                .fill_unused_bits()
                .samples(pattern(4095))
                .window(1800.0, 3000.0)
                .build()
        }),
        ("32 bit, far from zero", {
            let values = pattern(4095).into_iter().map(|v| v + 3_000_000_000);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(32, 32)
                .samples(values)
                .window(3_000_002_000.0, 3000.0)
                .build()
        }),
        ("32 bit signed", {
            let values = pattern(4095).into_iter().map(|v| v - 1_000_000_000);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(32, 32)
                .signed(true)
                .samples(values)
                .window(-999_998_000.0, 3000.0)
                .build()
        }),
        ("padding", {
            gray12()
                .samples(padded(pattern(4000).iter().map(|v| v + 90).collect(), 0))
                .padding(0)
                .window(1800.0, 3000.0)
                .build()
        }),
        ("padding range, white, monochrome1", {
            let values = padded(pattern(3900), 4000);
            gray12()
                .samples(values)
                .photometric("MONOCHROME1")
                .padding_range(4095, 3950)
                .window(1800.0, 3000.0)
                .build()
        }),
        ("signed padding", {
            let values = padded(pattern(4000).iter().map(|v| v - 1000).collect(), -2000);
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(16, 16)
                .signed(true)
                .samples(values)
                .padding(-2000)
                .window(800.0, 3000.0)
                .build()
        }),
        ("palette", {
            ImageBuilder::gray(ROWS, COLUMNS).bits(8, 8).samples(pattern(255)).palette(&palette).build()
        }),
        ("RGB", ImageBuilder::colour(ROWS, COLUMNS, "RGB").bytes(rgb.clone()).build()),
        ("YBR_FULL", ImageBuilder::colour(ROWS, COLUMNS, "YBR_FULL").bytes(rgb).build()),
        (
            "float with NaN",
            ImageBuilder::gray(ROWS, COLUMNS)
                .floats(floats)
                .window(0.2, 0.9)
                .voi_function("LINEAR_EXACT")
                .build(),
        ),
        ("double", ImageBuilder::gray(ROWS, COLUMNS).doubles(doubles).build()),
        ("per frame", {
            let both: Vec<i64> = pattern(4095).into_iter().chain(pattern(2000)).collect();
            ImageBuilder::gray(ROWS, COLUMNS)
                .bits(16, 12)
                .frames(2)
                .samples(both)
                .groups(
                    lightbox::dicom::write::DataSet::new(),
                    vec![per_frame(3000.0, 5000.0), per_frame(1200.0, 2500.0)],
                )
                .build()
        }),
    ]
}

struct Loaded {
    images: Vec<TexelImage>,
    appearance: Appearance,
    voi: Voi,
    shape: ImageShape,
}

/// Decodes a frame and builds its first levels.
fn load(bytes: &[u8], frame: u32) -> Loaded {
    let file = DicomFile::from_source(Arc::new(MemorySource::new(bytes.to_vec()))).expect("a readable file");
    let image = file.image().expect("an image");
    let decoded = image.decode(frame).expect("a frame");
    let appearance = Appearance::read(&file.data, image.info(), frame);
    let voi = match appearance.choices.first() {
        Some(choice) => choice.voi.clone(),
        None => {
            stats(&decoded, &appearance).map_or(Voi::full_range(0.0, 1.0), |s| Voi::full_range(s.min, s.max))
        }
    };
    let shape = ImageShape::square(decoded.columns, decoded.rows);
    let images = (0..4).map(|level| TexelImage::build(&decoded, &appearance, level)).collect();
    Loaded { images, appearance, voi, shape }
}

/// Largest difference of two pictures, and how many bytes differ at all.
fn difference(a: &RgbImage, b: &RgbImage) -> (u8, usize) {
    assert_eq!((a.width, a.height, a.pixels.len()), (b.width, b.height, b.pixels.len()));
    let differences = a.pixels.iter().zip(&b.pixels).map(|(a, b)| a.abs_diff(*b));
    differences.fold((0, 0), |(worst, count), d| (worst.max(d), count + usize::from(d > 0)))
}

/// Views of different kinds into a viewport.
fn views() -> Vec<(&'static str, ViewTransform, [u32; 2])> {
    let view = |zoom, center, turns, flip| ViewTransform {
        zoom,
        center,
        quarter_turns: turns,
        flip,
        ..ViewTransform::default()
    };
    vec![
        ("fit, larger", view(Zoom::Fit, [0.0; 2], 0, false), [301, 200]),
        ("fit, smaller", view(Zoom::Fit, [0.0; 2], 0, false), [50, 47]),
        ("fit, tiny", view(Zoom::Fit, [0.0; 2], 0, false), [17, 16]),
        ("magnified, turned, flipped", view(Zoom::Factor(5.37), [7.3, -4.1], 1, true), [160, 120]),
        ("1.5 to one, upside down", view(Zoom::Factor(0.66), [3.0, 2.0], 2, false), [70, 70]),
    ]
}

/// A step from black to white in one value is the one place where rounding may choose either side:
/// interpolated values land on it by chance.
fn is_step(voi: &Voi) -> bool {
    matches!(voi, Voi::Linear { width, .. } if *width < 4.0)
}

#[test]
fn the_shader_agrees_with_the_reference_in_every_feature() {
    let Some(gpu) = offscreen() else { return };
    for (name, bytes) in cases() {
        let frames = if name == "per frame" { 0..2 } else { 0..1 };
        for frame in frames {
            let loaded = load(&bytes, frame);
            for inverted in [false, true] {
                let look = loaded.appearance.look(loaded.voi.clone(), inverted);
                let full = &loaded.images[0];
                let size = [full.width, full.height];
                let map = Affine::IDENTITY;
                let cpu = render(full, &look, &map, size[0], size[1], Interpolation::Bilinear);
                let drawn = gpu.render(full, &look, &map, size, Interpolation::Bilinear).expect("a picture");
                let (worst, count) = difference(&cpu, &drawn);
                assert!(
                    worst <= 1,
                    "{name}, frame {frame}, native: {worst} levels apart ({count} bytes differ)"
                );
                for (how, view, size) in views() {
                    for interpolation in
                        [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic]
                    {
                        if is_step(&look.voi) && interpolation != Interpolation::Nearest {
                            continue;
                        }
                        let area = size.map(f64::from);
                        let level = choose_level(view.scale(loaded.shape, area).recip()).min(3);
                        let image = &loaded.images[level as usize];
                        let map = view.map(loaded.shape, area);
                        let cpu = render(image, &look, &map, size[0], size[1], interpolation);
                        let drawn = gpu.render(image, &look, &map, size, interpolation).expect("a picture");
                        let (worst, count) = difference(&cpu, &drawn);
                        assert!(
                            worst <= 1,
                            "{name}, frame {frame}, {how}, {interpolation:?}, level {level}, inverted {inverted}: \
                             {worst} levels apart ({count} bytes differ)"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_ramp_is_exact_on_the_gpu() {
    let Some(gpu) = offscreen() else { return };
    let file = ImageBuilder::gray(4, 256)
        .bits(8, 8)
        .samples((0..1024).map(|i| i % 256))
        .window(128.0, 256.0)
        .build();
    let loaded = load(&file, 0);
    for inverted in [false, true] {
        let look = loaded.appearance.look(loaded.voi.clone(), inverted);
        let drawn = gpu
            .render(&loaded.images[0], &look, &Affine::IDENTITY, [256, 4], Interpolation::Bilinear)
            .expect("a picture");
        for (i, pixel) in drawn.pixels.chunks_exact(3).enumerate() {
            let value = (i % 256) as u8;
            let expected = if inverted { 255 - value } else { value };
            assert_eq!(pixel, [expected; 3], "at {i}");
        }
    }
}

#[test]
fn padding_is_black_under_every_look_and_leaves_no_halo() {
    let Some(gpu) = offscreen() else { return };
    let values = (0..64 * 64).map(|i| if i % 64 < 32 { 0 } else { 3000 });
    let file =
        ImageBuilder::gray(64, 64).bits(16, 12).samples(values).padding(0).window(1500.0, 3000.0).build();
    let loaded = load(&file, 0);
    let view = ViewTransform { zoom: Zoom::Factor(3.3), ..ViewTransform::default() };
    let size = [211, 211];
    let map = view.map(loaded.shape, size.map(f64::from));
    for inverted in [false, true] {
        let look = loaded.appearance.look(loaded.voi.clone(), inverted);
        let full = look.gray(3000.0);
        for interpolation in [Interpolation::Bilinear, Interpolation::Bicubic] {
            let drawn = gpu.render(&loaded.images[0], &look, &map, size, interpolation).expect("a picture");
            assert!(
                drawn.pixels.iter().all(|&p| p == 0 || p == full),
                "{interpolation:?}, inverted {inverted}"
            );
        }
    }
}

/// Stored values of which a part is padding, and the file's attributes for them.
fn with_padding(kind: &str, photometric: &str) -> Vec<u8> {
    let image = |bits: u16, value: i64, padding: i64| {
        let values = (0..64 * 64).map(move |i| if i % 64 < 32 { padding } else { value + i / 64 * 8 });
        ImageBuilder::gray(64, 64).bits(if bits > 8 { 16 } else { 8 }, bits).samples(values)
    };
    let image = match kind {
        "8 bit" => image(8, 20, 0).padding(0).window(20.0, 100.0),
        "12 bit, white padding" => image(12, 900, 4095).padding_range(4000, 4095).window(2000.0, 3000.0),
        _ => image(16, 900, -2000).signed(true).padding(-2000).rescale(2.0, 50.0).window(0.0, 9000.0),
    };
    image.photometric(photometric).build()
}

#[test]
fn padding_and_what_is_outside_are_exactly_black() {
    let Some(gpu) = offscreen() else { return };
    let ways = [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic];
    for kind in ["8 bit", "12 bit, white padding", "signed, rescaled"] {
        for photometric in ["MONOCHROME1", "MONOCHROME2"] {
            let loaded = load(&with_padding(kind, photometric), 0);
            let windows = [
                loaded.voi.clone(),
                Voi::Linear { center: 1e5, width: 2.0 },
                Voi::Linear { center: -1e5, width: 2.0 },
                Voi::Sigmoid { center: 0.0, width: 1e6 },
            ];
            for (level, zoom) in [(0, 3.3), (0, 0.6), (1, 0.5), (1, 2.0), (2, 0.2), (2, 1.7)] {
                let view = ViewTransform {
                    zoom: Zoom::Factor(zoom),
                    center: [-9.0, 5.0],
                    ..ViewTransform::default()
                };
                let size = [150, 130];
                let map = view.map(loaded.shape, size.map(f64::from));
                // The widest filter reaches over two texels to either side of a pixel.
                let reach = 3.0 * f64::from(1 << level) + map.extent()[0];
                for (voi, inverted) in windows.iter().flat_map(|voi| [(voi, false), (voi, true)]) {
                    let look = loaded.appearance.look(voi.clone(), inverted);
                    for way in ways {
                        let image = &loaded.images[level];
                        let drawn = gpu.render(image, &look, &map, size, way).expect("a picture");
                        let mut black = 0;
                        for (i, pixel) in drawn.pixels.chunks_exact(3).enumerate() {
                            let at = [(i % 150) as f64 + 0.5, (i / 150) as f64 + 0.5];
                            let [x, y] = map.apply(at);
                            let outside = x < -0.01 || y < -0.01 || x > 64.01 || y > 64.01;
                            if outside || x < 32.0 - reach {
                                black += 1;
                                assert_eq!(
                                    pixel, [0; 3],
                                    "{kind}, {photometric}, {voi:?}, inverted {inverted}, {way:?}, level {level} at {x} {y}"
                                );
                            }
                        }
                        assert!(black > 0, "nothing was looked at");
                    }
                }
            }
        }
    }
}
