//! A step of a window drag over eight full-size mammograms: what the viewer does for it on the CPU, and what it
//! would be to window those pixels there. Plain: the median of some runs.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use std::hint::black_box;
use std::time::Duration;

use lightbox::app::gpu::{TexelMeta, ViewUniforms};
use lightbox::app::viewport::windowing::dragged;
use lightbox::dicom::{ColorModel, Frame, Samples};
use lightbox::display::{Appearance, Interpolation, Modality, TexelImage, Voi, choose_level, render};
use lightbox::geometry::{ImageShape, ViewTransform};

const RUNS: usize = 9;
const ROWS: u32 = 3328;
const COLUMNS: u32 = 2560;
const IMAGES: usize = 8;
/// An eighth of a window of 1280 by 800.
const VIEWPORT: [f64; 2] = [320.0, 385.0];

fn main() {
    let samples: Vec<u16> =
        (0..ROWS * COLUMNS).map(|i| (i.wrapping_mul(2_654_435_761) >> 20) as u16).collect();
    let appearance = Appearance {
        padding: None,
        modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
        unit: String::new(),
        choices: Vec::new(),
        inverse: false,
        palette: None,
        bits_stored: 12,
        signed: false,
    };
    let frame = Frame {
        rows: ROWS,
        columns: COLUMNS,
        channels: 1,
        color: ColorModel::Gray,
        samples: Samples::U16(samples.clone()),
    };
    let shape = ImageShape::square(COLUMNS, ROWS);
    let view = ViewTransform::default();
    let level = choose_level(view.scale(shape, VIEWPORT).recip());
    let image = TexelImage::build(&frame, &appearance, level);
    let meta = TexelMeta::of(&image);

    let mut voi = Voi::Linear { center: 2000.0, width: 3600.0 };
    // A step is too short to time by itself.
    const STEPS: u32 = 1000;
    let viewer = timing::median(RUNS, || {
        for _ in 0..STEPS {
            for _ in 0..IMAGES {
                voi = dragged(black_box(&voi), [0.01, -0.01]);
                let look = appearance.look(voi.clone(), false);
                let map = view.map(shape, VIEWPORT);
                let uniforms = ViewUniforms {
                    meta,
                    look: &look,
                    map: &map,
                    origin: [0.0; 2],
                    interpolation: Interpolation::Bilinear,
                    srgb_target: true,
                    voi_start: 0,
                    lens: None,
                    cover: None,
                    ramp_start: 0,
                };
                black_box((uniforms.pack(), uniforms.variant()));
            }
        }
    }) / STEPS;

    // The cheapest way there is on a CPU: one multiplication a pixel, no reduction, no placing.
    let mut grey = vec![0u8; samples.len()];
    let (slope, offset) = (255.0 / 3599.0_f32, -199.5 * 255.0 / 3599.0 + 0.5);
    let plain = timing::median(RUNS, || {
        for _ in 0..IMAGES {
            for (grey, sample) in grey.iter_mut().zip(black_box(&samples)) {
                *grey = (f32::from(*sample) * slope + offset) as u8;
            }
            black_box(&grey);
        }
    });
    let look = appearance.look(Voi::Linear { center: 2000.0, width: 3600.0 }, false);
    let map = view.map(shape, VIEWPORT);
    let reference = timing::median(RUNS, || {
        for _ in 0..IMAGES {
            let [width, height] = VIEWPORT.map(|side| side as u32);
            black_box(render(&image, &look, &map, width, height, Interpolation::Bilinear));
        }
    });

    let print = |name: &str, time: Duration| println!("{name:<58} {:>12.4} ms", time.as_secs_f64() * 1e3);
    println!("one step of a window drag over {IMAGES} images of {COLUMNS} x {ROWS}, one thread");
    print("the viewer: windows and uniforms of eight viewports", viewer);
    print("a plain loop over all pixels on the CPU", plain);
    print("the CPU reference, reduced to the viewports", reference);
    println!("share of the plain loop: {:.6}", viewer.as_secs_f64() / plain.as_secs_f64());
}
