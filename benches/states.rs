//! What presentation states cost where they are shown: the drawing and the cover of a frame, and pictures of them.
//!
//! `cargo bench --no-default-features --bench states` runs it; figures are only comparable within one run.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use dicom_dictionary_std::tags;
use lightbox::dicom::DicomFile;
use lightbox::dicom::write::{self, DataSet, Implementation, Syntax, item};
use lightbox::display::RgbImage;
use lightbox::geometry::{Affine, ImageShape};
use lightbox::presentation::gsps::{
    Opening, OverlayBits, OverlayPlane, PresentationState, Shutter, image_cover,
};
use lightbox::presentation::raster;

const RUNS: usize = 9;
const IMAGE: ImageShape = ImageShape::square(2560, 3328);

/// Runs something a few times and prints the median.
fn time<T>(name: &str, run: impl FnMut() -> T) {
    let median = timing::median(RUNS, run).as_secs_f64() * 1e3;
    println!("{name:<44} {median:>9.3} ms");
}

fn graphic(kind: &str, points: &[[f64; 2]]) -> DataSet {
    item(|d| {
        d.text(tags::GRAPHIC_ANNOTATION_UNITS, "PIXEL")
            .int(tags::GRAPHIC_DIMENSIONS, [2])
            .int(tags::NUMBER_OF_GRAPHIC_POINTS, [points.len() as i64])
            .real(tags::GRAPHIC_DATA, points.iter().flatten().copied())
            .text(tags::GRAPHIC_TYPE, kind);
    })
}

/// Places all over the image.
fn place(n: usize) -> [f64; 2] {
    [(n * 389 % 2560) as f64 + 0.5, (n * 1237 % 3328) as f64 + 0.5]
}

fn state(graphics: Vec<DataSet>) -> PresentationState {
    let image = item(|d| {
        d.text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3");
    });
    let series = item(|d| {
        d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image]);
    });
    let annotation = item(|d| {
        d.text(tags::GRAPHIC_LAYER, "L").sequence(tags::GRAPHIC_OBJECT_SEQUENCE, graphics);
    });
    let data = item(|d| {
        d.text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.11.1")
            .text(tags::SOP_INSTANCE_UID, "1.2.4")
            .sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series])
            .sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]);
    });
    let writer = Implementation { class_uid: "1.2.5", version_name: "BENCH" };
    let bytes = write::file(&data, Syntax::ImplicitLittle, writer);
    PresentationState::read_file(&DicomFile::from_bytes(bytes).expect("a file")).expect("a state")
}

fn main() {
    const POINTS: usize = 10_000;
    let points: Vec<[f64; 2]> = (0..POINTS).map(place).collect();
    let each = |kind: &str, size: usize| points.chunks(size).map(|p| graphic(kind, p)).collect();
    for (name, graphics) in [
        ("10,000 points by themselves", each("POINT", 1)),
        ("a line of 10,000 points", each("POLYLINE", POINTS)),
        ("a curve of 10,000 points", each("INTERPOLATED", POINTS)),
        ("5,000 circles", each("CIRCLE", 2)),
        ("100 lines of 100 points", each("POLYLINE", 100)),
    ] {
        let state = state(graphics);
        let draw = || {
            let presented = state.for_image("1.2.3", 0).expect("about the image");
            presented.drawing(&presented.coordinates(IMAGE, [0.0; 2]))
        };
        time(&format!("{name}: drawing"), draw);
        let drawing = draw();
        let mut picture = RgbImage { width: 640, height: 832, pixels: vec![0; 640 * 832 * 3] };
        let map = Affine::scale(4.0, 4.0);
        time("  on a picture of 640 by 832", || raster::draw(&drawing, &mut picture, &map, 1.0));
    }
    let circle = Shutter {
        openings: vec![Opening::Circle { center: [1280, 1664], radius: 1200 }],
        ..Shutter::default()
    };
    time("a circular shutter over 2560 by 3328", || image_cover(&[], Some(&circle), IMAGE, 0));
    let plane = |columns: u32, rows: u32, origin| OverlayPlane {
        group: 0x6000,
        columns,
        rows,
        origin,
        region: false,
        label: String::new(),
        description: String::new(),
        frames: 1,
        first_frame: None,
        bits: OverlayBits::Packed(
            (0..columns * rows / 8).map(|n| if n % 97 == 0 { 0x3C } else { 0 }).collect(),
        ),
    };
    let (all, few) = ([plane(2560, 3328, [0, 0])], [plane(256, 256, [900, 900])]);
    time("a bitmap over 2560 by 3328", || image_cover(&all, None, IMAGE, 0));
    time("a bitmap over 256 by 256", || image_cover(&few, None, IMAGE, 0));
}
