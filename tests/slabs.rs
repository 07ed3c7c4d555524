//! Slabs on the GPU against the reference on the CPU: every mode, with every kind of sample and rescaling, with
//! padding, at reduced levels, within one grey level; and black where nothing is, under every look.

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

use lightbox::demo::{ImageBuilder, Lut, groups};
use lightbox::dicom::{DicomFile, MemorySource};
use lightbox::display::{Appearance, Interpolation, RgbImage, SlabMode, Slice, TexelImage, combine, render};
use lightbox::geometry::{Affine, ImageShape, ViewTransform, Zoom};
use support::offscreen;

const ROWS: usize = 45;
const COLUMNS: usize = 67;

/// Slices that differ everywhere, between 0 and `max`, some with bright and dark specks of their own.
fn volume(frames: usize, max: i64) -> Vec<i64> {
    let at = |z: usize, x: usize, y: usize| {
        let slope = (x * 37 + y * 53 + z * 211) as i64 % 997 * max / 997;
        match (x / 9 + y / 7 + z) % 5 {
            0 => slope / 3,
            1 if (x + y + z).is_multiple_of(11) => max,
            2 => max - slope,
            _ => slope,
        }
    };
    (0..frames).flat_map(|z| (0..ROWS).flat_map(move |y| (0..COLUMNS).map(move |x| at(z, x, y)))).collect()
}

/// Padding that moves from slice to slice, and a corner that is padding in all of them.
fn padded(mut values: Vec<i64>, padding: i64) -> Vec<i64> {
    for (i, value) in values.iter_mut().enumerate() {
        let (z, y, x) = (i / (ROWS * COLUMNS), i / COLUMNS % ROWS, i % COLUMNS);
        if x < 12 && y < 9 || (x / 5 + y / 3 + z) % 4 == 0 {
            *value = padding;
        }
    }
    values
}

const FRAMES: usize = 11;

fn unsigned(bits: u16, max: i64) -> ImageBuilder {
    let allocated = if bits > 8 { 16 } else { 8 };
    ImageBuilder::gray(ROWS, COLUMNS).bits(allocated, bits).frames(FRAMES).samples(volume(FRAMES, max))
}

fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let shifted =
        |max: i64, by: i64| volume(FRAMES, max).into_iter().map(move |v| v - by).collect::<Vec<_>>();
    let table = Lut {
        first: 100,
        bits: 16,
        entries: (0..3000u16)
            .map(|i| (f64::from(i) / 3000.0).powf(1.7).mul_add(60000.0, 0.0) as u16)
            .collect(),
        explanation: "CURVE".into(),
        packed: false,
    };
    let rescaled = |n: usize| {
        let mut group = lightbox::dicom::write::DataSet::new();
        groups::frame_voi(&mut group, &[(900.0, 2600.0, "")], None);
        groups::pixel_value_transformation(&mut group, 0.4 + 0.05 * n as f64, -30.0 * n as f64, "US");
        group
    };
    let floats: Vec<f32> = volume(FRAMES, 1000)
        .iter()
        .enumerate()
        .map(|(i, &v)| if i % 7 == 0 { f32::NAN } else { v as f32 / 1000.0 - 0.25 })
        .collect();
    vec![
        ("8 bit", unsigned(8, 255).window(120.0, 200.0).build()),
        ("12 bit", unsigned(12, 4095).window(1800.0, 3000.0).build()),
        ("16 bit", unsigned(16, 65535).window(30000.0, 50000.0).build()),
        ("narrow window", unsigned(12, 4095).window(3000.0, 40.0).build()),
        ("signed 16, as a CT", {
            let image = ImageBuilder::gray(ROWS, COLUMNS).bits(16, 16).signed(true).frames(FRAMES);
            image.samples(shifted(4095, 1024)).rescale(1.0, -3.0).window(40.0, 400.0).build()
        }),
        ("signed 12 in 16", {
            let image = ImageBuilder::gray(ROWS, COLUMNS).bits(16, 12).signed(true).frames(FRAMES);
            image.samples(shifted(4095, 2048)).window(-40.0, 2400.0).build()
        }),
        ("signed 8", {
            let image = ImageBuilder::gray(ROWS, COLUMNS).bits(8, 8).signed(true).frames(FRAMES);
            image.samples(shifted(255, 128)).window(0.0, 200.0).build()
        }),
        ("rescale", unsigned(12, 4095).rescale(0.37, -412.5).window(300.0, 900.0).build()),
        ("negative slope", unsigned(12, 4095).rescale(-1.5, 3000.0).window(0.0, 4000.0).build()),
        ("rescale of its own for each slice", {
            let groups = (0..FRAMES).map(rescaled).collect();
            unsigned(12, 4095).groups(lightbox::dicom::write::DataSet::new(), groups).build()
        }),
        ("modality table", unsigned(12, 4095).modality_lut(&table).window(20000.0, 50000.0).build()),
        ("sigmoid, monochrome1", {
            unsigned(12, 4095)
                .photometric("MONOCHROME1")
                .window(2100.0, 1300.0)
                .voi_function("SIGMOID")
                .build()
        }),
        ("VOI table", {
            let curve = Lut { entries: table.entries.clone(), first: 500, ..table.clone() };
            unsigned(12, 4095).voi_lut(&curve).build()
        }),
        ("padding", {
            let values = volume(FRAMES, 4000).iter().map(|v| v + 90).collect();
            unsigned(12, 4095).samples(padded(values, 0)).padding(0).window(1800.0, 3000.0).build()
        }),
        ("padding range, white, monochrome1", {
            unsigned(12, 4095)
                .samples(padded(volume(FRAMES, 3900), 4000))
                .photometric("MONOCHROME1")
                .padding_range(4095, 3950)
                .window(1800.0, 3000.0)
                .build()
        }),
        ("signed padding", {
            let image = ImageBuilder::gray(ROWS, COLUMNS).bits(16, 16).signed(true).frames(FRAMES);
            let values = padded(shifted(4000, 1000), -2000);
            image.samples(values).padding(-2000).rescale(2.0, 10.0).window(1600.0, 6000.0).build()
        }),
        ("float with NaN", {
            let image = ImageBuilder::gray(ROWS, COLUMNS).frames(FRAMES).floats(floats);
            image.window(0.2, 0.9).voi_function("LINEAR_EXACT").build()
        }),
    ]
}

struct Volume {
    appearances: Vec<Appearance>,
    /// By level, then by slice.
    levels: Vec<Vec<TexelImage>>,
}

fn load(bytes: &[u8]) -> Volume {
    let file = DicomFile::from_source(Arc::new(MemorySource::new(bytes.to_vec()))).expect("a readable file");
    let image = file.image().expect("an image");
    let frames: Vec<_> = (0..FRAMES as u32).map(|n| image.decode(n).expect("a frame")).collect();
    let appearances: Vec<_> =
        (0..FRAMES as u32).map(|n| Appearance::read(&file.data, image.info(), n)).collect();
    let level = |level| {
        frames.iter().zip(&appearances).map(|(frame, a)| TexelImage::build(frame, a, level)).collect()
    };
    Volume { levels: (0..3).map(level).collect(), appearances }
}

impl Volume {
    fn slices(&self, level: usize, count: usize) -> Vec<Slice<'_>> {
        let slices = self.levels[level].iter().zip(&self.appearances).take(count);
        slices.map(|(image, a)| Slice { image, modality: &a.modality, padding: a.padding }).collect()
    }
}

fn difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.pixels.len(), b.pixels.len());
    a.pixels.iter().zip(&b.pixels).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn slabs_agree_with_the_reference() {
    let Some(gpu) = offscreen() else { return };
    let shape = ImageShape::square(COLUMNS as u32, ROWS as u32);
    for (name, bytes) in cases() {
        let volume = load(&bytes);
        let voi = volume.appearances[0].choices[0].voi.clone();
        for mode in SlabMode::ALL {
            // One slice, one pass, and two passes.
            for (level, count, zoom) in
                [(0, 1, 1.0), (0, 5, 1.0), (0, FRAMES, 2.7), (1, 8, 0.5), (2, FRAMES, 0.21), (2, 9, 1.3)]
            {
                let slices = volume.slices(level, count);
                let reference = combine(mode, &slices).expect("a slab");
                for inverted in [false, true] {
                    let look = volume.appearances[0].look(voi.clone(), inverted);
                    let view = ViewTransform { zoom: Zoom::Factor(zoom), ..ViewTransform::default() };
                    let size = [93, 80];
                    let map = view.map(shape, size.map(f64::from));
                    let way = Interpolation::Bilinear;
                    let cpu = render(&reference, &look.after_modality(), &map, size[0], size[1], way);
                    let drawn = gpu.render_slab(mode, &slices, &look, &map, size, way).expect("a picture");
                    let worst = difference(&cpu, &drawn);
                    assert!(
                        worst <= 1,
                        "{name}, {mode:?} of {count}, level {level}, zoom {zoom}, inverted {inverted}: {worst} levels"
                    );
                }
            }
        }
    }
}

#[test]
fn a_slab_of_one_slice_is_the_slice() {
    let Some(gpu) = offscreen() else { return };
    for (name, bytes) in cases() {
        let volume = load(&bytes);
        let appearance = &volume.appearances[0];
        let look = appearance.look(appearance.choices[0].voi.clone(), false);
        let (slices, size) = (volume.slices(0, 1), [COLUMNS as u32, ROWS as u32]);
        let (map, way) = (Affine::IDENTITY, Interpolation::Nearest);
        let alone = gpu.render(slices[0].image, &look, &map, size, way).expect("a picture");
        for mode in SlabMode::ALL {
            let slab = gpu.render_slab(mode, &slices, &look, &map, size, way).expect("a picture");
            assert!(difference(&alone, &slab) <= 1, "{name}, {mode:?}");
        }
    }
}

#[test]
fn what_cannot_be_combined_says_so() {
    let Some(gpu) = offscreen() else { return };
    let image = ImageBuilder::gray(4, 4).bits(32, 32).samples(vec![3_000_000_000; 16]).window(1.0, 2.0);
    let file = DicomFile::from_source(Arc::new(MemorySource::new(image.build()))).expect("a file");
    let pixels = file.image().expect("an image");
    let appearance = Appearance::read(&file.data, pixels.info(), 0);
    let texels = TexelImage::from_frame(pixels.decode(0).expect("a frame"), &appearance);
    let slices = [Slice { image: &texels, modality: &appearance.modality, padding: None }];
    let look = appearance.look(appearance.choices[0].voi.clone(), false);
    let drawn =
        gpu.render_slab(SlabMode::Max, &slices, &look, &Affine::IDENTITY, [4, 4], Interpolation::Nearest);
    assert_eq!(
        drawn.expect_err("too many bits").to_string(),
        "no slab: samples of 32 bits do not fit its precision"
    );
    assert!(combine(SlabMode::Max, &slices).is_err());
}
