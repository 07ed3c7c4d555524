//! What segmentations and parametric maps cost a shown frame: finding what lies over it, colouring, outlining.
//!
//! `cargo bench --no-default-features --bench overlays` runs it; figures are only comparable within one run.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use dicom_dictionary_std::{tags, uids};
use lightbox::demo::ImageBuilder;
use lightbox::demo::groups::{pixel_measures, plane_orientation, plane_position};
use lightbox::dicom::DicomFile;
use lightbox::dicom::write::{DataSet, item};
use lightbox::geometry::Plane;
use lightbox::presentation::lying::ImageFrame;
use lightbox::presentation::parametric::{MapOptions, ParametricMap};
use lightbox::presentation::segmentation::{SegmentOptions, Segmentation};

const RUNS: usize = 25;
const SIDE: usize = 512;
const SEGMENTS: usize = 100;
const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// Runs something a few times and prints the median.
fn time<T>(name: &str, run: impl FnMut() -> T) {
    let median = timing::median(RUNS, run).as_secs_f64() * 1e3;
    println!("{name:<48} {median:>9.3} ms");
}

fn groups(segment: usize, slice: usize) -> DataSet {
    item(|g| {
        plane_position(g, [0.0, 0.0, slice as f64]);
        let number = item(|d| {
            d.int(tags::REFERENCED_SEGMENT_NUMBER, [segment as i64]);
        });
        g.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![number]);
    })
}

fn shared() -> DataSet {
    item(|g| {
        pixel_measures(g, [1.0, 1.0], 1.0);
        plane_orientation(g, AXIAL);
    })
}

/// A disc for every segment in every slice: side by side, or all around the middle.
fn discs(side: usize, slices: usize, radius: f64, spread: f64) -> Segmentation {
    let (mut bits, mut frames) = (Vec::new(), Vec::new());
    for segment in 1..=SEGMENTS {
        let at = |n: usize| side as f64 * (0.5 + spread * ((n as f64 + 0.5) / 10.0 - 0.5));
        let (x, y) = (at((segment - 1) % 10), at((segment - 1) / 10));
        for slice in 0..slices {
            bits.extend((0..side * side).map(|n| {
                let (dx, dy) = ((n % side) as f64 - x, (n / side) as f64 - y);
                i64::from(dx * dx + dy * dy < radius * radius)
            }));
            frames.push(groups(segment, slice));
        }
    }
    let segments = (1..=SEGMENTS as i64).map(|number| {
        item(|d| {
            d.int(tags::SEGMENT_NUMBER, [number]).text(tags::SEGMENT_LABEL, format!("disc {number}"));
        })
    });
    let segments = segments.collect();
    let image = ImageBuilder::gray(side, side).bits(1, 1).frames(frames.len()).samples(bits);
    let bytes = image.groups(shared(), frames).set(|d| {
        d.text(tags::SOP_CLASS_UID, uids::SEGMENTATION_STORAGE)
            .text(tags::SEGMENTATION_TYPE, "BINARY")
            .text(tags::FRAME_OF_REFERENCE_UID, "1.2")
            .sequence(tags::SEGMENT_SEQUENCE, segments);
    });
    let file = DicomFile::from_bytes(bytes.build()).expect("a file");
    if slices > 1 {
        time(&format!("  reading {} frames, no pixels", SEGMENTS * slices), || Segmentation::read(&file));
    }
    Segmentation::read(&file).expect("a segmentation")
}

fn plane(side: usize) -> Plane {
    let side = side as u32;
    Plane {
        position: [0.0; 3],
        orientation: Some(AXIAL),
        columns: side,
        rows: side,
        pixel_mm: Some([1.0, 1.0]),
    }
}

fn over(plane: &Plane) -> ImageFrame<'_> {
    let size = [plane.columns, plane.rows];
    ImageFrame { instance_uid: "1.9", frame: 0, size, plane: Some(plane), frame_of_reference: Some("1.2") }
}

fn segments(name: &str, radius: f64, spread: f64) {
    println!("{SEGMENTS} segments on one frame of {SIDE} x {SIDE}, {name}");
    let segmentation = discs(SIDE, 1, radius, spread);
    let plane = plane(SIDE);
    let hits = segmentation.frames_over(&over(&plane));
    let options = SegmentOptions::default();
    let started = std::time::Instant::now();
    segmentation.covers(&hits, &options).expect("frames");
    println!(
        "{:<48} {:>9.3} ms",
        "  the first time: decoding and colouring",
        started.elapsed().as_secs_f64() * 1e3
    );
    time("  what lies over the frame", || segmentation.frames_over(&over(&plane)));
    time("  colouring", || segmentation.covers(&hits, &options).expect("frames"));
    time("  outlines", || segmentation.outlines(&hits, &options).expect("frames"));
    time("  what is at a point", || segmentation.at(&hits, [200.0, 300.0]).expect("frames"));
}

fn main() {
    segments("side by side", 25.0, 1.0);
    segments("overlapping", 80.0, 0.6);
    println!("{SEGMENTS} segments on 100 frames");
    let many = discs(32, 100, 5.0, 1.0);
    let small = plane(32);
    time("  what lies over one of them", || many.frames_over(&over(&small)));

    println!("a map of {SIDE} x {SIDE}");
    let mapping = item(|d| {
        d.real(tags::REAL_WORLD_VALUE_SLOPE, [2.0]).real(tags::REAL_WORLD_VALUE_INTERCEPT, [1.0]);
    });
    let mut all = shared();
    all.sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
    let frame = item(|g| plane_position(g, [0.0; 3]));
    let values = (0..SIDE * SIDE).map(|n| (n % 977) as f32).collect();
    let bytes = ImageBuilder::gray(SIDE, SIDE).frames(1).floats(values).groups(all, vec![frame]).set(|d| {
        d.text(tags::FRAME_OF_REFERENCE_UID, "1.2");
    });
    let map = ParametricMap::read(&DicomFile::from_bytes(bytes.build()).expect("a file")).expect("a map");
    let plane = plane(SIDE);
    let hits = map.frames_over(&over(&plane));
    time("  the range of its values", || map.default_range(0, 0).expect("a frame"));
    let options = MapOptions { range: Some((0.0, 2000.0)), ..MapOptions::default() };
    time("  colouring", || map.covers(&hits, &options).expect("a frame"));
    time("  the value at a point", || map.value_at(&hits, [200.0, 300.0], 0).expect("a frame"));
}
