//! `viewer render --over` and `--overlays`, and what `viewer info` says of segmentations and maps.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use dicom_dictionary_std::tags;
use lightbox::demo::{ImageBuilder, blood_volume, ct, segmented_ct};
use lightbox::dicom::write::{DataSet, Value};
use lightbox::dicom::{DicomFile, Tag, VR};
use support::Scratch;
use support::program::viewer;
use support::report::{self, COMPREHENSIVE_3D, Coded};

/// Pixels a side of the slices, and their millimetres.
const SIZE: usize = 64;
const PIXEL: f32 = 360.0 / 64.0;

/// Red, green and blue of every pixel; of a grey picture three times its level.
fn picture(path: &Path) -> Vec<[u8; 3]> {
    let (size, pixels) = any_picture(path);
    assert_eq!(size, [SIZE as u32; 2]);
    pixels
}

fn any_picture(path: &Path) -> ([u32; 2], Vec<[u8; 3]>) {
    let decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a picture")));
    let mut reader = decoder.read_info().expect("a header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    let pixels = match info.color_type {
        png::ColorType::Rgb => pixels.as_chunks::<3>().0.to_vec(),
        _ => pixels.iter().map(|level| [*level; 3]).collect(),
    };
    ([info.width, info.height], pixels)
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
    // lines around the lungs in their full colours: 1.5 pixels wide, so that pixels beside straight edges have
    // three quarters of it over what is theirs
    let inside = colored[at(-70.0, 30.0)];
    let stands_out = |p: &&[u8; 3]| p.iter().zip(inside).all(|(a, b)| *a >= b) && p[0] > inside[0] + 60;
    assert!(colored.iter().filter(stands_out).count() > 40, "outlines");
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
    assert!(
        ran.stderr.contains("it is no segmentation, no parametric map and no report: "),
        "{}",
        ran.stderr
    );
    assert!(!out.exists());
    let words = ["render", "x", "-o", "y.png", "--over", "z", "--engine", "gpu"];
    viewer(words).expect(2);
}

/// A black image, 64 by 64, of a pixel a millimetre.
fn black(scratch: &Scratch) -> std::path::PathBuf {
    let builder = ImageBuilder::gray(SIZE, SIZE).bits(8, 8).samples(vec![0; SIZE * SIZE]);
    let named = builder.window(128.0, 256.0).set(|d| {
        d.text(tags::SOP_INSTANCE_UID, "1.1");
    });
    scratch.file("black.dcm", named.build())
}

fn over(image: &Path, object: &Path, out: &Path) -> String {
    let words = ["render", "-o"].map(Path::new).into_iter().chain([out, image, Path::new("--over"), object]);
    viewer(words).expect(0).stderr
}

fn near(found: [u8; 3], wanted: [u8; 3]) -> bool {
    found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 2)
}

const REGION: Coded = ("111030", "DCM", "Image Region");
const GROUP: Coded = ("125007", "DCM", "Measurement Group");

#[test]
fn regions_of_reports_are_drawn() {
    let scratch = Scratch::new("overlays");
    let line = [8.0, 10.0, 24.0, 10.0];
    let on = |uid| vec![report::image("SELECTED FROM", uid, &[])];
    let of = |uid| {
        let items = vec![report::section(
            GROUP,
            vec![report::region("CONTAINS", REGION, "POLYLINE", &line, on(uid))],
        )];
        report::file(&report::report(COMPREHENSIVE_3D, ("126000", "DCM", "Measurements"), items))
    };
    let (image, out) = (black(&scratch), scratch.join("out.png"));
    assert_eq!(over(&image, &scratch.file("sr.dcm", of("1.1")), &out), "");
    let pixels = picture(&out);
    // the line is 1.5 wide about the border of two rows: three quarters of 102, 204, 255 on both
    for y in [9, 10] {
        assert!(near(pixels[y * SIZE + 12], [77, 153, 191]), "{:?}", pixels[y * SIZE + 12]);
    }
    assert_eq!([8, 11].map(|y| pixels[y * SIZE + 12]), [[0; 3]; 2]);
    let said = over(&image, &scratch.file("other.dcm", of("1.2")), &out);
    assert!(said.contains("nothing of the object lies over this frame: "), "{said}");
    assert!(picture(&out).iter().all(|pixel| *pixel == [0; 3]));
}

#[test]
fn marks_of_cad_are_drawn() {
    let scratch = Scratch::new("overlays");
    let required = || report::code("HAS CONCEPT MOD", ("111056", "DCM", ""), ("111150", "DCM", ""));
    let with = |mut item: DataSet, below| {
        item.sequence(tags::CONTENT_SEQUENCE, below);
        item
    };
    let on = vec![report::image("SELECTED FROM", "1.1", &[])];
    let square = [8.0, 8.0, 40.0, 8.0, 40.0, 56.0, 8.0, 56.0, 8.0, 8.0];
    let outline = report::region("HAS PROPERTIES", ("111041", "DCM", ""), "POLYLINE", &square, on);
    let mass = with(
        report::code("CONTAINS", ("111059", "DCM", ""), ("129788004", "SCT", "")),
        vec![required(), outline],
    );
    let summary = report::code("CONTAINS", ("111017", "DCM", ""), ("111242", "DCM", ""));
    let items = vec![with(summary, vec![report::section(("111034", "DCM", ""), vec![required(), mass])])];
    let cad = report::report("1.2.840.10008.5.1.4.1.1.88.50", ("111036", "DCM", ""), items);
    let (image, out) = (black(&scratch), scratch.join("out.png"));
    assert_eq!(over(&image, &scratch.file("cad.dcm", report::file(&cad)), &out), "");
    let pixels = picture(&out);
    // three quarters of 118, 209, 232 on both sides of the outline's left, with a dark shadow on black
    for x in [7, 8] {
        assert!(near(pixels[20 * SIZE + x], [89, 157, 174]), "{:?}", pixels[20 * SIZE + x]);
    }
    // the sign of a mass in its middle is an ellipse of 18 by 9: its left end
    assert!(pixels[32 * SIZE + 15][2] > 100, "{:?}", pixels[32 * SIZE + 15]);
    assert_eq!([pixels[32 * SIZE + 24], pixels[3 * SIZE + 3]], [[0; 3]; 2]);
}

#[test]
fn marks_in_space_are_drawn_on_the_slices_they_lie_on() {
    let scratch = Scratch::new("overlays");
    let slice = |n| DicomFile::from_bytes(ct::file(&ct::Chest::new(), n, SIZE)).expect("a file");
    let space = slice(43).data.uid(tags::FRAME_OF_REFERENCE_UID).expect("a frame of reference");
    // slices are 2.5 apart, and so far from the middle of the volume is the 44th
    let z = f64::from(2.5_f32 * (43.0 - 29.5));
    let point = report::content("CONTAINS", "SCOORD3D", REGION, |d| {
        d.text(tags::GRAPHIC_TYPE, "POINT")
            .real(tags::GRAPHIC_DATA, [20.0, 40.0, z + 1.0])
            .text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, space);
    });
    let items = vec![report::section(GROUP, vec![point])];
    let object = report::report(COMPREHENSIVE_3D, ("126000", "DCM", "Measurements"), items);
    let object = scratch.file("space.dcm", report::file(&object));
    let (with, said) = rendered(&scratch, 43, &[&object]);
    assert_eq!(said, "");
    let [r, _, b] = with[at(20.0, 40.0)];
    assert!(b > r + 60, "{r} {b}");
    let (_, said) = rendered(&scratch, 44, &[&object]);
    assert!(said.contains("nothing of the object lies over this frame: "), "{said}");
}

/// An overlay plane: its group, size, place counted from one, and bits.
fn plane(d: &mut DataSet, group: u16, [rows, columns]: [u16; 2], [top, left]: [u16; 2], bits: u16) {
    let own = |tag: Tag| Tag(group, tag.1);
    d.put(own(tags::OVERLAY_ROWS.inner()), VR::US, Value::U16(vec![rows]))
        .put(own(tags::OVERLAY_COLUMNS.inner()), VR::US, Value::U16(vec![columns]))
        .put(own(tags::OVERLAY_TYPE.inner()), VR::CS, Value::Text("G".to_owned()))
        .put(own(tags::OVERLAY_ORIGIN.inner()), VR::SS, Value::U16(vec![top, left]))
        .put(own(tags::OVERLAY_BITS_ALLOCATED.inner()), VR::US, Value::U16(vec![1]))
        .put(own(tags::OVERLAY_BIT_POSITION.inner()), VR::US, Value::U16(vec![0]))
        .put(own(tags::OVERLAY_DATA.inner()), VR::OW, Value::U16(vec![bits]));
}

#[test]
fn an_image_shows_its_own_planes_and_shutter() {
    let scratch = Scratch::new("overlays");
    // grey 100 all over; the second frame has bit 12 of some of its cells set, which is a plane too
    let mut cells = vec![100u16; 2 * 8 * 4];
    for at in [8 * 4 + 2 * 8 + 3, 8 * 4 + 2 * 8 + 4] {
        cells[at] |= 1 << 12;
    }
    let builder = ImageBuilder::gray(4, 8).bits(16, 12).frames(2).words(cells).window(128.0, 256.0);
    let builder = builder.set(|d| {
        // two rows of three, 1 0 1 and 0 1 0, from the second row and fifth column on
        plane(d, 0x6000, [2, 3], [2, 5], 0b01_0101);
        // one pixel at the top left, on the second frame alone
        plane(d, 0x6002, [1, 1], [1, 1], 1);
        d.put(Tag(0x6002, tags::NUMBER_OF_FRAMES_IN_OVERLAY.inner().1), VR::IS, Value::Text("1".to_owned()));
        d.put(Tag(0x6002, tags::IMAGE_FRAME_ORIGIN.inner().1), VR::US, Value::U16(vec![2]));
        let bits = |tag: Tag| Tag(0x6004, tag.1);
        d.put(bits(tags::OVERLAY_ROWS.inner()), VR::US, Value::U16(vec![4]))
            .put(bits(tags::OVERLAY_COLUMNS.inner()), VR::US, Value::U16(vec![8]))
            .put(bits(tags::OVERLAY_TYPE.inner()), VR::CS, Value::Text("G".to_owned()))
            .put(bits(tags::OVERLAY_ORIGIN.inner()), VR::SS, Value::U16(vec![1, 1]))
            .put(bits(tags::OVERLAY_BITS_ALLOCATED.inner()), VR::US, Value::U16(vec![16]))
            .put(bits(tags::OVERLAY_BIT_POSITION.inner()), VR::US, Value::U16(vec![12]));
        // the last column is outside
        d.text(tags::SHUTTER_SHAPE, "RECTANGULAR")
            .int(tags::SHUTTER_LEFT_VERTICAL_EDGE, [1])
            .int(tags::SHUTTER_RIGHT_VERTICAL_EDGE, [7])
            .int(tags::SHUTTER_UPPER_HORIZONTAL_EDGE, [1])
            .int(tags::SHUTTER_LOWER_HORIZONTAL_EDGE, [4])
            .int(tags::SHUTTER_PRESENTATION_VALUE, [0]);
    });
    let image = scratch.file("planes.dcm", builder.build());
    let out = scratch.join("out.png");
    let drawn = |frame: &str, more: &[&str]| -> Vec<String> {
        let mut words: Vec<&Path> =
            ["render", "--engine", "cpu", "--frame", frame, "-o"].map(Path::new).into();
        words.extend([out.as_path(), &image]);
        words.extend(more.iter().map(Path::new));
        assert_eq!(viewer(words).expect(0).stderr, "");
        let (size, pixels) = any_picture(&out);
        assert_eq!(size, [8, 4]);
        let letter = |pixel: &[u8; 3]| match pixel {
            [100, 100, 100] => '.',
            [255, 255, 255] => '#',
            [0, 0, 0] => 'o',
            _ => '?',
        };
        pixels.chunks(8).map(|row| row.iter().map(letter).collect()).collect()
    };
    assert_eq!(drawn("0", &[]), ["........"; 4]);
    assert_eq!(drawn("0", &["--overlays"]), [".......o", "....#.#o", ".....#.o", ".......o"]);
    assert_eq!(drawn("1", &["--overlays"]), ["#......o", "....#.#o", "...###.o", ".......o"]);
    let bare = scratch.file("bare.dcm", ImageBuilder::gray(4, 8).samples(vec![7; 32]).build());
    let words = ["render", "--overlays", "-o"].map(Path::new).into_iter().chain([out.as_path(), &bare]);
    let said = viewer(words).expect(0).stderr;
    assert!(said.contains("the image has no overlay and no shutter of its own on this frame: "), "{said}");
    // with a state the state says what is shown
    viewer(["render", "x", "-o", "y.png", "--overlays", "--state", "z"]).expect(2);
}
