//! `viewer render --state`: an image as a presentation state wants it seen, held against values worked by hand.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use support::Scratch;
use support::dicom::Object;
use support::program::viewer;

const STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";

/// Three columns, two rows.
fn image() -> Vec<u8> {
    Object::gray16("1.2.3", 3, 2, &[0, 100, 200, 300, 400, 500]).to_file()
}

/// A state about the image with a window that makes 0 black and 500 white.
fn state() -> Object {
    let image =
        Object::item().text(0x0008_1150, "UI", "1.2.840.10008.5.1.4.1.1.7").text(0x0008_1155, "UI", "1.2.3");
    let series = Object::item().text(0x0020_000e, "UI", "1.2").items(0x0008_1140, &[image]);
    let window = Object::item().text(0x0028_1050, "DS", "250.5").text(0x0028_1051, "DS", "501");
    Object::new("1.2.9").class(STATE).items(0x0008_1115, &[series]).items(0x0028_3110, &[window]).text(
        0x2050_0020,
        "CS",
        "IDENTITY",
    )
}

fn signed(values: [i32; 2]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn area(top_left: [i32; 2], bottom_right: [i32; 2]) -> Object {
    Object::item()
        .bytes(0x0070_0052, "SL", signed(top_left))
        .bytes(0x0070_0053, "SL", signed(bottom_right))
        .text(0x0070_0100, "CS", "SCALE TO FIT")
        .text(0x0070_0102, "IS", "1\\1")
}

fn render(state: &Object, more: &[&str]) -> ([u32; 2], Vec<u8>) {
    let scratch = Scratch::new("presentation");
    let image = scratch.file("image.dcm", image());
    let state = scratch.file("state.dcm", state.to_file());
    let out = scratch.join("out.png");
    let paths = [image.as_path(), Path::new("--state"), &state, Path::new("-o"), &out];
    let ran = viewer([Path::new("render")].into_iter().chain(paths).chain(more.iter().map(Path::new)));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let decoder = png::Decoder::new(BufReader::new(File::open(&out).expect("a picture")));
    let mut reader = decoder.read_info().expect("a header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    ([info.width, info.height], pixels)
}

#[test]
fn the_window_of_the_state() {
    assert_eq!(render(&state(), &[]), ([3, 2], vec![0, 51, 102, 153, 204, 255]));
    let inverse = state().text(0x2050_0020, "CS", "INVERSE");
    assert_eq!(render(&inverse, &[]).1, [255, 204, 153, 102, 51, 0]);
    assert_eq!(render(&state(), &["--window", "250.5,501", "--invert"]).1, [255, 204, 153, 102, 51, 0]);
}

#[test]
fn turned_and_then_flipped() {
    let turned = state().short(0x0070_0042, 90).text(0x0070_0041, "CS", "N");
    assert_eq!(render(&turned, &[]), ([2, 3], vec![153, 0, 204, 51, 255, 102]));
    let flipped = state().short(0x0070_0042, 90).text(0x0070_0041, "CS", "Y");
    assert_eq!(render(&flipped, &[]), ([2, 3], vec![0, 153, 51, 204, 102, 255]));
}

#[test]
fn a_part_of_the_image_and_what_lies_beside_it() {
    let part = state().items(0x0070_005a, &[area([2, 1], [3, 1])]);
    assert_eq!(render(&part, &[]), ([2, 1], vec![51, 102]));
    let beyond = state().items(0x0070_005a, &[area([3, 2], [4, 3])]);
    assert_eq!(render(&beyond, &[]), ([2, 2], vec![255, 0, 0, 0]));
    let fitted = state().items(0x0070_005a, &[area([2, 1], [2, 1])]);
    // a quarter of a pixel from its centre each way: 75, 125, and 75 more in the lower row, of 500
    assert_eq!(render(&fitted, &["--size", "2x2"]), ([2, 2], vec![38, 64, 77, 102]));
}

#[test]
fn bitmaps_can_be_left_out_and_shutters_cannot() {
    let with = state()
        .items(0x0070_0060, &[Object::item().text(0x0070_0002, "CS", "L").text(0x0070_0062, "IS", "1")])
        .short(0x6000_0010, 2)
        .short(0x6000_0011, 3)
        .text(0x6000_1001, "CS", "L")
        .bytes(0x6000_3000, "OW", [0b00_0001u8, 0])
        .text(0x0018_1600, "CS", "RECTANGULAR")
        .text(0x0018_1602, "IS", "1")
        .text(0x0018_1604, "IS", "2")
        .text(0x0018_1606, "IS", "1")
        .text(0x0018_1608, "IS", "2")
        .short(0x0018_1622, 0x8080);
    assert_eq!(render(&with, &[]).1, [255, 51, 128, 153, 204, 128]);
    assert_eq!(render(&with, &["--no-graphics"]).1, [0, 51, 128, 153, 204, 128]);
}

#[test]
fn graphics_are_drawn_in_their_colours() {
    let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    // the second and third pixel of the first row, filled
    let graphic = Object::item()
        .text(0x0070_0005, "CS", "PIXEL")
        .short(0x0070_0020, 2)
        .short(0x0070_0021, 5)
        .bytes(0x0070_0022, "FL", floats(&[1.0, 0.0, 3.0, 0.0, 3.0, 1.0, 1.0, 1.0, 1.0, 0.0]))
        .text(0x0070_0023, "CS", "POLYLINE")
        .text(0x0070_0024, "CS", "Y")
        .items(0x0070_0232, &[Object::item().bytes(0x0070_0284, "FL", floats(&[0.0]))]);
    let layer = Object::item().text(0x0070_0002, "CS", "L").text(0x0070_0062, "IS", "1");
    let note = Object::item().text(0x0070_0002, "CS", "L").items(0x0070_0009, &[graphic]);
    let with =
        |layer: Object| state().items(0x0070_0060, &[layer]).items(0x0070_0001, std::slice::from_ref(&note));
    let gray = render(&with(layer.clone().short(0x0070_0066, 0xFFFF)), &[]).1;
    assert_eq!(gray, [0, 255, 255, 153, 204, 255]);
    // L* 53.24, a* 80.09, b* 67.20 and nearly so: red
    let red: Vec<u8> = [0x8B01u16, 0xD0E6, 0xC68C].iter().flat_map(|v| v.to_le_bytes()).collect();
    let colored = render(&with(layer.bytes(0x0070_0401, "US", red)), &[]).1;
    assert_eq!(colored.len(), 18);
    let pixel = |at: usize| &colored[at * 3..at * 3 + 3];
    assert!(pixel(1)[0] > 240 && pixel(1)[1] < 30 && pixel(1)[2] < 30, "{:?}", pixel(1));
    assert_eq!((pixel(0), pixel(3)), (&[0; 3][..], &[153; 3][..]));
    assert_eq!(render(&with(Object::item().text(0x0070_0002, "CS", "L")), &["--no-graphics"]).1[1], 51);
}

#[test]
fn masks_are_subtracted_before_the_window() {
    // three frames of three pixels; the average of the first two is subtracted from the third
    let frames = [100, 200, 300, 300, 400, 500, 250, 250, 250];
    let image = Object::gray16("1.2.3", 3, 1, &frames).text(0x0028_0008, "IS", "3");
    let ends: Vec<u8> = [1u16, 2].iter().flat_map(|v| v.to_le_bytes()).collect();
    let mask = Object::item().text(0x0028_6101, "CS", "AVG_SUB").bytes(0x0028_6110, "US", ends);
    // differences from -100 to 100
    let window = Object::item().text(0x0028_1050, "DS", "0").text(0x0028_1051, "DS", "200").text(
        0x0028_1056,
        "CS",
        "LINEAR_EXACT",
    );
    let with = state()
        .items(0x0028_3110, &[window])
        .text(0x0028_1090, "CS", "SUB")
        .items(0x0028_6100, std::slice::from_ref(&mask));
    let scratch = Scratch::new("presentation");
    let image = scratch.file("image.dcm", image.to_file());
    let out = scratch.join("out.png");
    let levels = |state: &Object| {
        let state = scratch.file("state.dcm", state.to_file());
        let paths = [image.as_path(), Path::new("--state"), &state, Path::new("-o"), &out];
        let ran =
            viewer([Path::new("render")].into_iter().chain(paths).chain(["--frame", "2"].map(Path::new)));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let decoder = png::Decoder::new(BufReader::new(File::open(&out).expect("a picture")));
        let mut reader = decoder.read_info().expect("a header");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        pixels
    };
    // 250 - 200, 250 - 300, 250 - 400: 3/4, 1/4 and nothing of the window
    assert_eq!(levels(&with), [191, 64, 0]);
    // a table that squares, on the differences
    let entries: Vec<u8> = (0..=255u16).flat_map(|v| (v * v / 255).to_le_bytes()).collect();
    let descriptor: Vec<u8> = [256u16, 0, 8].iter().flat_map(|v| v.to_le_bytes()).collect();
    let table = Object::item().bytes(0x0028_3002, "US", descriptor).bytes(0x0028_3006, "OW", entries);
    let squared = levels(&with.items(0x2050_0010, &[table]));
    assert!(squared[0].abs_diff(143) <= 1 && squared[1].abs_diff(16) <= 1 && squared[2] == 0, "{squared:?}");
    // in its natural mode nothing is subtracted
    let natural = state().text(0x0028_1090, "CS", "NAT").items(0x0028_6100, &[mask]);
    assert_eq!(levels(&natural), [128, 128, 128]);
}

#[test]
fn the_states_of_the_demo_lie_on_its_lesions() {
    use lightbox::demo;
    use lightbox::dicom::DicomFile;
    use lightbox::geometry::ImageShape;
    use lightbox::presentation::gsps::PresentationState;

    let read = |bytes: Vec<u8>| {
        let file = DicomFile::from_bytes(bytes).expect("a file");
        PresentationState::read_file(&file).expect("a state")
    };
    assert_eq!(demo::states::findings(), demo::states::findings());
    let shape = ImageShape::square(1914, 2294);
    let (findings, magnified) = (read(demo::states::findings()), read(demo::states::magnified()));
    for state in [&findings, &magnified] {
        assert_eq!(state.warnings, Vec::<String>::new());
    }
    let instance = findings.images().next().expect("an image").instance_uid.clone();
    let presented = findings.for_image(&instance, 0).expect("about it");
    let drawing = presented.drawing(&presented.coordinates(shape, [0.0; 2]));
    assert_eq!(drawing.symbols.len(), 22, "a point on every calcification");
    assert_eq!(drawing.words.len(), 4 + 5, "texts, and the labels of the ruler");
    let exposure = demo::people::exposure(
        demo::people::Round::Current,
        demo::exposure::Side::Left,
        demo::breast::Projection::MediolateralOblique,
    );
    let (x, y) = exposure.shape().detector_at(exposure.mass.expect("a mass").at);
    let curve = &drawing.strokes[0];
    assert!(curve.closed && curve.fill.is_some());
    let middle = [0, 1]
        .map(|axis| curve.points.iter().map(|p| p[axis]).sum::<f64>() / curve.points.len() as f64 * 0.094);
    assert!((middle[0] - f64::from(x)).hypot(middle[1] - f64::from(y)) < 2.0);
    // the other is turned and covers what is not near
    let presented = magnified.for_image(&instance, 0).expect("about it");
    let cover = presented.cover(&[], shape, 0, true).expect("a shutter");
    assert_eq!((cover.width, cover.height), (1914, 2294));
    let ring = presented.overlays(&[]);
    assert_eq!(ring.len(), 1);
    assert!(magnified.turn.flip && magnified.turn.quarters == 1);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let scratch = Scratch::new("presentation");
    let image = scratch.file("image.dcm", image());
    let says = |object: Object| {
        let state = scratch.file("state.dcm", object.to_file());
        let out = scratch.join("out.png");
        let ran = viewer([Path::new("render"), &image, Path::new("--state"), &state, Path::new("-o"), &out]);
        assert_ne!(ran.code, Some(0));
        ran.stderr
    };
    assert!(says(state().class("1.2.840.10008.5.1.4.1.1.11.4")).contains("blending"));
    let other = Object::item().text(0x0008_1155, "UI", "9.9");
    let series = Object::item().items(0x0008_1140, &[other]);
    assert!(says(state().items(0x0008_1115, &[series])).contains("about other images"));
}
