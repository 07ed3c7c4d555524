//! Where the time of a picture goes: decoding, reducing, drawing. Plain: the median of some runs, one line each.
//!
//! `cargo bench` runs it; figures are only comparable within one run on one machine.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use std::sync::Arc;

use lightbox::app::offscreen::Offscreen;
use lightbox::demo::{ImageBuilder, Syntax};
use lightbox::dicom::{DicomFile, Frame, Image, MemorySource};
use lightbox::display::{self, Appearance, Interpolation, TexelImage, choose_level, render};
use lightbox::geometry::{ImageShape, ViewTransform};

const RUNS: usize = 9;
const ROWS: usize = 3328;
const COLUMNS: usize = 2560;

/// Runs something a few times and prints the median with what it moved.
fn time<T>(name: &str, megabytes: f64, run: impl FnMut() -> T) {
    let median = timing::median(RUNS, run).as_secs_f64() * 1e3;
    println!("{name:<44} {median:>9.2} ms {:>9.0} MB/s", megabytes / median * 1e3);
}

/// A mammogram-sized image with a padded background.
fn mammogram(syntax: Syntax) -> Vec<u8> {
    let value = |i: usize| {
        let (x, y) = (i % COLUMNS, i / COLUMNS);
        if x < COLUMNS / 3 { 0 } else { ((x * 7 + y * 13) % 3000 + 900) as i64 }
    };
    ImageBuilder::gray(ROWS, COLUMNS)
        .bits(16, 12)
        .samples((0..ROWS * COLUMNS).map(value))
        .padding(0)
        .window(2000.0, 3600.0)
        .syntax(syntax)
        .build()
}

fn open(bytes: Vec<u8>) -> (DicomFile, Image) {
    let file = DicomFile::from_source(Arc::new(MemorySource::new(bytes))).expect("a file");
    let image = file.image().expect("an image");
    (file, image)
}

fn main() {
    let megabytes = (ROWS * COLUMNS * 2) as f64 / 1e6;
    let (file, native) = open(mammogram(Syntax::ExplicitLittle));
    let (_, rle) = open(mammogram(Syntax::Rle));
    println!("{COLUMNS} x {ROWS}, 12 bits in 16, one frame at a time, one thread");
    time("decode, native", megabytes, || native.decode(0));
    time("decode, RLE", megabytes, || rle.decode(0));

    let frame: Frame = native.decode(0).expect("a frame");
    let appearance = Appearance::read(&file.data, native.info(), 0);
    time("statistics", megabytes, || display::stats(&frame, &appearance));
    for level in 1..=4 {
        time(&format!("reduce to level {level}"), megabytes, || {
            TexelImage::build(&frame, &appearance, level)
        });
    }

    let voi = appearance.choices.first().expect("a window").voi.clone();
    let look = appearance.look(voi, false);
    let gpu = Offscreen::new();
    let shape = ImageShape::square(frame.columns, frame.rows);
    for (name, size) in [("a whole window", [1280u32, 770u32]), ("an eighth of a window", [318, 384])] {
        let view = ViewTransform::default();
        let area = size.map(f64::from);
        let level = choose_level(view.scale(shape, area).recip());
        let image = TexelImage::build(&frame, &appearance, level);
        let map = view.map(shape, area);
        let out = f64::from(size[0] * size[1]) / 1e6;
        time(&format!("draw into {name}, cpu"), out, || {
            render(&image, &look, &map, size[0], size[1], Interpolation::Bilinear)
        });
        match &gpu {
            Ok(gpu) => time(&format!("draw into {name}, gpu, with upload"), out, || {
                gpu.render(&image, &look, &map, size, Interpolation::Bilinear)
            }),
            Err(error) => println!("draw into {name}, gpu: {error}"),
        }
    }
}
