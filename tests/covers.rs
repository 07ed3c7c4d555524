//! What lies over images on the GPU, against the reference: covers, sharp and interpolated, and colours for levels.

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

use lightbox::demo::ImageBuilder;
use lightbox::dicom::DicomFile;
use lightbox::display::{Appearance, Interpolation, Look, RgbImage, TexelImage, render};
use lightbox::geometry::{Affine, ImageShape, ViewTransform, Zoom};
use lightbox::presentation::cover::Cover;
use support::offscreen;

const SIDE: u32 = 48;

fn image() -> (TexelImage, Look) {
    let values = (0..SIDE * SIDE).map(|i| i64::from(i % 256));
    let builder = ImageBuilder::gray(SIDE as usize, SIDE as usize).bits(8, 8).samples(values);
    let file = DicomFile::from_bytes(builder.window(128.0, 256.0).build()).expect("a file");
    let image = file.image().expect("an image");
    let appearance = Appearance::read(&file.data, image.info(), 0);
    let voi = appearance.choices[0].voi.clone();
    let frame = image.decode(0).expect("a frame");
    (TexelImage::build(&frame, &appearance, 0), appearance.look(voi, false))
}

fn cover(smooth: bool) -> Cover {
    let pixel = |i: u32| {
        let (x, y) = (i % 12, i / 12);
        let opacity = [0, 255, 90, 160][((x + y) % 4) as usize];
        [(x * 20) as u8, (y * 20) as u8, 200, opacity]
    };
    let turned = Affine { m: [[0.0, 3.0, 4.0], [2.0, 0.0, 7.5]] };
    Cover { smooth, to_image: turned, ..Cover::whole(12, 12, (0..144).map(pixel).collect()) }
}

fn compare(what: &str, reference: &RgbImage, drawn: &RgbImage, allowed: usize) {
    let off = reference.pixels.iter().zip(&drawn.pixels).filter(|(a, b)| a.abs_diff(**b) > 1).count();
    assert!(off <= allowed, "{what}: {off} values are more than a level off");
}

#[test]
fn covers_are_drawn_as_the_reference_says() {
    let Some(gpu) = offscreen() else { return };
    let (image, look) = image();
    let size = [130, 110];
    for smooth in [false, true] {
        for (quarter_turns, flip, zoom) in [(0, false, 2.3179), (1, true, 3.1493), (3, false, 1.7331)] {
            let zoom = Zoom::Factor(zoom);
            let view = ViewTransform { quarter_turns, flip, zoom, ..ViewTransform::default() };
            let map = view.map(ImageShape::square(SIDE, SIDE), size.map(f64::from));
            let cover = cover(smooth);
            let mut reference = render(&image, &look, &map, size[0], size[1], Interpolation::Nearest);
            cover.put_on(&mut reference, &map);
            let drawn = gpu.render_covered(&image, &look, &cover, &map, size, Interpolation::Nearest);
            // where a pixel's centre lies on an edge, precision decides: few do at such zooms
            compare(&format!("smooth {smooth}, {view:?}"), &reference, &drawn.expect("a picture"), 60);
        }
    }
}

#[test]
fn a_cover_that_is_seen_from_far_is_averaged() {
    let Some(gpu) = offscreen() else { return };
    let (image, look) = image();
    // every other column of an opaque white grid
    let pixels = (0..SIDE * SIDE).map(|i| if i % 2 == 0 { [255; 4] } else { [0; 4] }).collect();
    let cover = Cover::whole(SIDE, SIDE, pixels);
    let black = Look { padding: Some(lightbox::display::Padding { lo: 0.0, hi: 255.0 }), ..look };
    let map = Affine::scale(4.0, 4.0);
    let drawn = gpu.render_covered(&image, &black, &cover, &map, [12, 12], Interpolation::Bilinear);
    let drawn = drawn.expect("a picture");
    assert!(drawn.pixels.iter().all(|v| v.abs_diff(128) <= 1), "{:?}", &drawn.pixels[..12]);
}

#[test]
fn every_level_has_its_colour() {
    let Some(gpu) = offscreen() else { return };
    let (image, look) = image();
    let mut ramp = [[0; 3]; 256];
    for (level, color) in (0u8..=255).zip(&mut ramp) {
        *color = [level, 255 - level, level.wrapping_mul(7)];
    }
    let size = [SIDE, SIDE];
    let look = Look { ramp: Some(Arc::new(ramp)), ..look };
    let reference = render(&image, &look, &Affine::IDENTITY, SIDE, SIDE, Interpolation::Nearest);
    let drawn = gpu.render(&image, &look, &Affine::IDENTITY, size, Interpolation::Nearest);
    assert_eq!(drawn.expect("a picture").pixels, reference.pixels);
}
