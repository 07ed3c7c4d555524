//! `viewer render --over` and what `viewer info` says of segmentations and maps, by the slices of the demo.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lightbox::demo::{blood_volume, ct, segmented_ct};
use support::Scratch;
use support::program::viewer;

/// Pixels a side of the slices, and their millimetres.
const SIZE: usize = 64;
const PIXEL: f32 = 360.0 / 64.0;

/// Red, green and blue of every pixel; of a grey picture three times its level.
fn picture(path: &Path) -> Vec<[u8; 3]> {
    let decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a picture")));
    let mut reader = decoder.read_info().expect("a header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!([info.width, info.height], [SIZE as u32; 2]);
    match info.color_type {
        png::ColorType::Rgb => pixels.as_chunks::<3>().0.to_vec(),
        _ => pixels.iter().map(|level| [*level; 3]).collect(),
    }
}

/// Where a place of the patient is in the picture.
fn at(x: f32, y: f32) -> usize {
    let place = |mm: f32| ((mm + 180.0) / PIXEL) as usize;
    place(y) * SIZE + place(x)
}

/// The slice with the nodule, by itself and with objects over it.
fn rendered(scratch: &Scratch, slice: usize, over: &[&Path]) -> (Vec<[u8; 3]>, String) {
    let image = scratch.file("slice.dcm", ct::file(&ct::Chest::new(), slice, SIZE));
    let out = scratch.join("out.png");
    let mut words: Vec<&Path> = ["render", "--engine", "cpu", "-o"].iter().map(Path::new).collect();
    words.extend([out.as_path(), &image]);
    for object in over {
        words.extend([Path::new("--over"), object]);
    }
    let ran = viewer(words).expect(0);
    (picture(&out), ran.stderr)
}

#[test]
fn segments_colour_what_they_are_of() {
    let scratch = Scratch::new("overlays");
    let object = scratch.file("seg.dcm", segmented_ct::file(SIZE));
    // 1.25 mm above the middle of the nodule
    let slice = 43;
    let ([x, y, z], _) = segmented_ct::NODULE;
    assert!((2.5 * (slice as f32 - 29.5) - z).abs() < 1.3);
    let (bare, _) = rendered(&scratch, slice, &[]);
    let (colored, said) = rendered(&scratch, slice, &[&object]);
    assert_eq!(said, "");
    let moved = |place: usize| bare[place].iter().zip(colored[place]).any(|(a, b)| a.abs_diff(b) > 8);
    // air around the patient, and fat below the skin
    assert!(!moved(at(-175.0, -175.0)) && !moved(at(0.0, -106.0)));
    // lungs of two colours, and the aorta
    assert!(moved(at(-70.0, 30.0)) && moved(at(70.0, 30.0)) && moved(at(21.0, 36.0)));
    assert_ne!(colored[at(-70.0, 30.0)], colored[at(70.0, 30.0)]);
    // the nodule's margin over the lung: both colours
    assert!(colored[at(x + 8.0, y)][0] > colored[at(-70.0, 30.0)][0]);
    // far below everything nothing is said but that
    let below = scratch.file("other.dcm", ct::file(&ct::Chest::new(), 0, 32));
    let out = scratch.join("none.png");
    let words = [Path::new("render"), &object, Path::new("-o"), &out, Path::new("--over"), &below];
    viewer(words).expect(1);
}

#[test]
fn a_coarser_map_lies_where_it_belongs() {
    let scratch = Scratch::new("overlays");
    let object = scratch.file("map.dcm", blood_volume::file(SIZE));
    let (bare, _) = rendered(&scratch, 30, &[]);
    let (colored, _) = rendered(&scratch, 30, &[&object]);
    // only lungs have values, and more of them at the back
    assert_eq!(bare[at(-175.0, 0.0)], colored[at(-175.0, 0.0)]);
    assert_eq!(bare[at(0.0, 60.0)], colored[at(0.0, 60.0)]);
    let [front, back] = [at(70.0, -40.0), at(70.0, 60.0)].map(|place| colored[place]);
    assert!(front[1] > bare[at(70.0, -40.0)][1] + 20 && back[1] > front[1], "{front:?} {back:?}");
}

#[test]
fn objects_are_listed_with_what_is_in_them() {
    let scratch = Scratch::new("overlays");
    let segments = scratch.file("seg.dcm", segmented_ct::file(SIZE));
    let map = scratch.file("map.dcm", blood_volume::file(SIZE));
    let words = [Path::new("info"), &segments, &map];
    let text = viewer(words).expect(0).stdout;
    assert!(text.contains("binary segmentation  CHEST  names 60 images"), "{text}");
    assert!(text.contains("segment 5  Nodule  Morphologically Altered Structure: Nodule  manual"), "{text}");
    assert!(text.contains("value  Absolute Regional Blood Volume  in ml/(100.ml)"), "{text}");
    let words = [Path::new("info"), Path::new("--json"), &segments, &map];
    let json = viewer(words).expect(0).json();
    assert_eq!(json["overlays"][0]["segments"][2]["label"], "Heart");
    assert_eq!(json["overlays"][1]["mappings"][0]["unit"], "ml/(100.ml)");
    assert_eq!(json["studies"][0]["series"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_cannot_lie_over_an_image_is_refused() {
    let scratch = Scratch::new("overlays");
    let image = scratch.file("slice.dcm", ct::file(&ct::Chest::new(), 30, SIZE));
    let out = scratch.join("out.png");
    let words = [Path::new("render"), &image, Path::new("-o"), &out, Path::new("--over"), &image];
    let ran = viewer(words).expect(1);
    assert!(ran.stderr.contains("it is no segmentation and no parametric map: "), "{}", ran.stderr);
    assert!(!out.exists());
    let words = ["render", "x", "-o", "y.png", "--over", "z", "--engine", "gpu"];
    viewer(words).expect(2);
}
