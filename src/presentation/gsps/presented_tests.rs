use super::super::{NotRead, Placed, paint};
use super::*;
use crate::dicom::testing::{cs, data_set, ds, element, gray, info, lut_item, sequence, text, words_le};
use crate::dicom::{DataSet, Element, Photometric, Samples, Tag, VR};
use crate::display::{Interpolation, TexelImage, render};
use crate::geometry::Affine;
use dicom_dictionary_std::tags;

const GRAYSCALE: &str = "1.2.840.10008.5.1.4.1.1.11.1";
const PSEUDO: &str = "1.2.840.10008.5.1.4.1.1.11.3";

fn uid(tag: Tag, value: &str) -> Element {
    text(tag, VR::UI, value)
}

fn reference(frames: &str) -> DataSet {
    let mut elements = vec![uid(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3")];
    if !frames.is_empty() {
        elements.push(text(tags::REFERENCED_FRAME_NUMBER, VR::IS, frames));
    }
    data_set(elements)
}

fn about(frames: &str) -> Element {
    sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![reference(frames)])
}

fn state_of(class: &str, mut elements: Vec<Element>) -> PresentationState {
    elements.push(uid(tags::SOP_CLASS_UID, class));
    let series = data_set(vec![uid(tags::SERIES_INSTANCE_UID, "1.2"), about("")]);
    elements.push(sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]));
    PresentationState::read(&data_set(elements)).expect("a state")
}

fn state(elements: Vec<Element>) -> PresentationState {
    state_of(GRAYSCALE, elements)
}

fn window(center: &str, width: &str, scope: Option<&str>) -> DataSet {
    let mut elements = vec![ds(tags::WINDOW_CENTER, center), ds(tags::WINDOW_WIDTH, width)];
    elements.extend(scope.map(about));
    data_set(elements)
}

/// Levels of stored values of 12 bits under a state.
fn levels(state: &PresentationState, photometric: Photometric, stored: &[u16]) -> Vec<u8> {
    let info = ImageInfo { photometric, ..info(16, 12, false) };
    // an image with a rescale and a window of its own, which the state replaces
    let own = data_set(vec![
        ds(tags::RESCALE_SLOPE, "3"),
        ds(tags::RESCALE_INTERCEPT, "-7"),
        ds(tags::WINDOW_CENTER, "5"),
        ds(tags::WINDOW_WIDTH, "3"),
    ]);
    let presented = state.for_image("1.2.3", 0).expect("about the image");
    let appearance = presented.appearance(&Appearance::read(&own, &info, 0), &info);
    let voi = appearance.choices[0].voi.clone();
    let look = presented.look(&appearance, &info, voi, false);
    stored.iter().map(|&v| look.gray(f64::from(v))).collect()
}

#[test]
fn what_the_state_leaves_out_is_the_identity() {
    // 4095 is white and 0 black; 2048 / 4095 * 255 is 127.53
    let plain = state(vec![cs(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")]);
    for photometric in [Photometric::Monochrome1, Photometric::Monochrome2] {
        assert_eq!(levels(&plain, photometric, &[0, 2048, 4095]), [0, 128, 255]);
    }
    let inverse = state(vec![cs(tags::PRESENTATION_LUT_SHAPE, "INVERSE")]);
    for photometric in [Photometric::Monochrome1, Photometric::Monochrome2] {
        assert_eq!(levels(&inverse, photometric, &[0, 2048, 4095]), [255, 127, 0]);
    }
}

#[test]
fn rescale_then_window() {
    let with = state(vec![
        ds(tags::RESCALE_SLOPE, "2"),
        ds(tags::RESCALE_INTERCEPT, "-1000"),
        sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window("40.5", "401", None)]),
    ]);
    // 500 is 0: (0 - 40) / 400 + 1/2 is 0.4, level 102; 620 is 240, the top; 420 is -160, the bottom
    assert_eq!(levels(&with, Photometric::Monochrome2, &[420, 500, 620, 700]), [0, 102, 255, 255]);
}

#[test]
fn a_presentation_table_takes_the_range_of_the_window() {
    // five entries from black to white and back, asked for at 0, 1/4, 1/2, 3/4 and 1
    let entries = [0u16, 100, 255, 50, 10];
    let with = state(vec![
        sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window("2000.5", "4001", None)]),
        sequence(tags::PRESENTATION_LUT_SEQUENCE, vec![lut_item([5, 0, 8], &entries, "")]),
        cs(tags::PRESENTATION_LUT_SHAPE, "INVERSE"),
    ]);
    assert_eq!(levels(&with, Photometric::Monochrome1, &[0, 1000, 2000, 3000, 4000]), [0, 100, 255, 50, 10]);
}

#[test]
fn a_window_for_some_frames() {
    let with = state(vec![sequence(
        tags::SOFTCOPY_VOILUT_SEQUENCE,
        vec![window("1", "11", None), window("2", "22", Some("")), window("3", "33", Some("2\\4"))],
    )]);
    let own = Appearance::read(&data_set(vec![]), &info(16, 12, false), 0);
    let center = |frame| {
        let presented = with.for_image("1.2.3", frame)?;
        presented.appearance(&own, &info(16, 12, false)).choices[0].voi.center_width()
    };
    assert_eq!(center(0), Some((2.0, 22.0)), "the image is named, the frame is not");
    assert_eq!(center(1), Some((3.0, 33.0)));
    assert_eq!(center(2), Some((2.0, 22.0)));
    assert_eq!(center(3), Some((3.0, 33.0)));
    assert!(with.for_image("9.9", 0).is_none());
}

#[test]
fn other_states_are_named_and_refused() {
    let class =
        |uid_value: &str| PresentationState::read(&data_set(vec![uid(tags::SOP_CLASS_UID, uid_value)])).err();
    assert_eq!(class("1.2.840.10008.5.1.4.1.1.11.4"), Some(NotRead::Unsupported("blending")));
    assert_eq!(class("1.2.840.10008.5.1.4.1.1.2"), Some(NotRead::NotAState));
}

#[test]
fn damaged_counts_are_mended_and_said() {
    let graphic = |count: u16, kind: &str, points: &[f32]| {
        data_set(vec![
            cs(tags::GRAPHIC_ANNOTATION_UNITS, "PIXEL"),
            element(tags::NUMBER_OF_GRAPHIC_POINTS, VR::US, words_le(&[count])),
            element(tags::GRAPHIC_DATA, VR::FL, points.iter().flat_map(|v| v.to_le_bytes()).collect()),
            cs(tags::GRAPHIC_TYPE, kind),
        ])
    };
    let objects = vec![
        graphic(5, "POLYLINE", &[0.0, 0.0, 1.0, 1.0, 2.0]),
        graphic(1, "ELLIPSE", &[0.0; 8]),
        graphic(2, "SCRIBBLE", &[0.0; 4]),
        graphic(2, "POLYLINE", &[f32::NAN, 0.0, 1.0, 1.0]),
    ];
    let annotation =
        data_set(vec![cs(tags::GRAPHIC_LAYER, "NOWHERE"), sequence(tags::GRAPHIC_OBJECT_SEQUENCE, objects)]);
    let read = state(vec![sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation])]);
    let graphics = &read.annotations[0].graphics;
    assert_eq!(graphics.len(), 1);
    assert_eq!(graphics[0].points, [[0.0, 0.0], [1.0, 1.0]]);
    assert_eq!(read.layers.len(), 1, "a layer is made for what names none that is there");
    assert!(read.warnings.len() >= 5, "{:?}", read.warnings);
}

#[test]
fn layers_come_in_their_order() {
    let layer = |name: &str, order: &str| {
        data_set(vec![cs(tags::GRAPHIC_LAYER, name), text(tags::GRAPHIC_LAYER_ORDER, VR::IS, order)])
    };
    let note = |layer: &str| {
        let words = data_set(vec![
            text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "here"),
            element(tags::ANCHOR_POINT, VR::FL, vec![0; 8]),
        ]);
        data_set(vec![cs(tags::GRAPHIC_LAYER, layer), sequence(tags::TEXT_OBJECT_SEQUENCE, vec![words])])
    };
    let read = state(vec![
        sequence(tags::GRAPHIC_LAYER_SEQUENCE, vec![layer("TOP", "9"), layer("LOW", "2"), layer("MID", "5")]),
        sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![note("TOP"), note("LOW")]),
    ]);
    let presented = read.for_image("1.2.3", 0).expect("about the image");
    let order: Vec<&str> = presented.annotations().iter().map(|(layer, _)| layer.name.as_str()).collect();
    assert_eq!(order, ["LOW", "TOP"]);
}

fn overlay(group: u16, bits: u8, layer: &str) -> Vec<Element> {
    let mut elements = vec![
        element(Tag(group, 0x0010), VR::US, words_le(&[2])),
        element(Tag(group, 0x0011), VR::US, words_le(&[4])),
        element(Tag(group, 0x3000), VR::OW, vec![bits, 0]),
    ];
    if !layer.is_empty() {
        elements.push(cs(Tag(group, 0x1001), layer));
    }
    elements
}

/// A picture of four by two pixels, all of level 100, under a state.
fn painted(state: &PresentationState) -> Vec<u8> {
    let info = ImageInfo { rows: 2, columns: 4, ..info(8, 8, false) };
    let presented = state.for_image("1.2.3", 0).expect("about the image");
    let own = Appearance::read(&data_set(vec![]), &info, 0);
    let appearance = presented.appearance(&own, &info);
    let look = presented.look(&appearance, &info, appearance.choices[0].voi.clone(), false);
    let texels = TexelImage::from_frame(gray(4, 2, Samples::U8(vec![100; 8])), &appearance);
    let mut picture = render(&texels, &look, &Affine::IDENTITY, 4, 2, Interpolation::Nearest);
    let image = ImageShape::square(4, 2);
    let placed = Placed { map: &Affine::IDENTITY, image, frame: 0, graphics: true };
    paint(&mut picture, &presented, &[], &placed, true);
    picture.pixels.chunks(3).map(|pixel| pixel[0]).collect()
}

#[test]
fn bitmaps_are_drawn_where_they_are_activated() {
    let layer = data_set(vec![
        cs(tags::GRAPHIC_LAYER, "L"),
        element(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, VR::US, words_le(&[0x8080])),
    ]);
    let mut elements = vec![sequence(tags::GRAPHIC_LAYER_SEQUENCE, vec![layer])];
    elements.extend(overlay(0x6000, 0b0001_1001, "L"));
    elements.extend(overlay(0x6002, 0b1111_1111, ""));
    assert_eq!(painted(&state(elements)), [128, 100, 100, 128, 128, 100, 100, 100]);
}

#[test]
fn shutters_cover_with_their_value() {
    let bitmap = |shape: &str| {
        let mut elements = vec![
            cs(tags::SHUTTER_SHAPE, shape),
            element(tags::SHUTTER_OVERLAY_GROUP, VR::US, words_le(&[0x6004])),
            element(tags::SHUTTER_PRESENTATION_VALUE, VR::US, words_le(&[0xFFFF])),
        ];
        for (tag, value) in [
            (tags::SHUTTER_LEFT_VERTICAL_EDGE, "2"),
            (tags::SHUTTER_RIGHT_VERTICAL_EDGE, "3"),
            (tags::SHUTTER_UPPER_HORIZONTAL_EDGE, "1"),
            (tags::SHUTTER_LOWER_HORIZONTAL_EDGE, "2"),
        ] {
            elements.push(text(tag, VR::IS, value));
        }
        elements.extend(overlay(0x6004, 0b0000_0010, ""));
        state(elements)
    };
    assert_eq!(painted(&bitmap("BITMAP")), [100, 255, 100, 100, 100, 100, 100, 100]);
    assert_eq!(painted(&bitmap("RECTANGULAR")), [255, 100, 100, 255, 255, 100, 100, 255]);
    assert_eq!(painted(&bitmap("RECTANGULAR\\BITMAP")), [255, 255, 100, 255, 255, 100, 100, 255]);
}

#[test]
fn a_palette_colours_what_the_window_makes() {
    let mut elements = Vec::new();
    for (about, data, values) in [
        (
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            [0u8, 200],
        ),
        (
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            [9, 9],
        ),
        (
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            [50, 0],
        ),
    ] {
        elements.push(element(about, VR::US, words_le(&[2, 0, 8])));
        elements.push(element(data, VR::OW, values.to_vec()));
    }
    let read = state_of(PSEUDO, elements);
    let ramp = read.for_image("1.2.3", 0).and_then(|p| p.ramp()).expect("colours");
    assert_eq!(
        (ramp[0], ramp[127], ramp[128], ramp[255]),
        ([0, 9, 50], [0, 9, 50], [200, 9, 0], [200, 9, 0])
    );
}

#[test]
fn greys_become_the_colours_of_the_palette() {
    // 256 entries of 16 bits, for every level one
    let table = |f: &dyn Fn(u16) -> u16| words_le(&(0..256).map(|i| f(i) << 8).collect::<Vec<_>>());
    let [red, green, blue] = [table(&|i| i), table(&|i| 255 - i), table(&|i| i / 2)];
    let descriptor = || words_le(&[256, 0, 16]);
    let read = state_of(
        PSEUDO,
        vec![
            element(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor()),
            element(tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor()),
            element(tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor()),
            element(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, VR::OW, red),
            element(tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA, VR::OW, green),
            element(tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA, VR::OW, blue),
            sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window("128", "256", None)]),
        ],
    );
    assert_eq!(read.warnings, Vec::<String>::new());
    let presented = read.for_image("1.2.3", 0).expect("about the image");
    let info = ImageInfo { rows: 1, columns: 4, ..info(8, 8, false) };
    let own = Appearance::read(&data_set(vec![]), &info, 0);
    let appearance = presented.appearance(&own, &info);
    let look = presented.look(&appearance, &info, appearance.choices[0].voi.clone(), false);
    let texels = TexelImage::from_frame(gray(4, 1, Samples::U8(vec![0, 100, 200, 255])), &appearance);
    let mut picture = render(&texels, &look, &Affine::IDENTITY, 4, 1, Interpolation::Nearest);
    let map = Affine::IDENTITY;
    let placed = Placed { map: &map, image: ImageShape::square(4, 1), frame: 0, graphics: true };
    assert!(paint(&mut picture, &presented, &[], &placed, true));
    assert_eq!(picture.pixels, [0, 255, 0, 100, 155, 50, 200, 55, 100, 255, 0, 127]);
    // colours are not coloured once more
    let mut colors = picture.clone();
    assert!(paint(&mut colors, &presented, &[], &placed, false));
    assert_eq!(colors.pixels, picture.pixels);
}

#[test]
fn colours_stay_as_they_are() {
    const COLOR: &str = "1.2.840.10008.5.1.4.1.1.11.2";
    let info = ImageInfo { photometric: Photometric::Rgb, samples_per_pixel: 3, ..info(8, 8, false) };
    let own = Appearance::read(&data_set(vec![]), &info, 0);
    for class in [COLOR, GRAYSCALE] {
        let read = state_of(class, vec![cs(tags::PRESENTATION_LUT_SHAPE, "INVERSE")]);
        let presented = read.for_image("1.2.3", 0).expect("about the image");
        let appearance = presented.appearance(&own, &info);
        assert!(!appearance.inverse && presented.ramp().is_none(), "{class}");
    }
}

#[test]
fn differences_have_a_range_of_their_own() {
    let mask =
        data_set(vec![cs(tags::MASK_OPERATION, "TID"), element(tags::TID_OFFSET, VR::SS, words_le(&[1]))]);
    let read = state(vec![
        cs(tags::RECOMMENDED_VIEWING_MODE, "SUB"),
        sequence(tags::MASK_SUBTRACTION_SEQUENCE, vec![mask]),
    ]);
    let info = info(16, 12, false);
    let own = Appearance::read(&data_set(vec![]), &info, 0);
    let levels = |presented: Presented<'_>, values: [f64; 3]| {
        let appearance = presented.appearance(&own, &info);
        let look = presented.look(&appearance, &info, appearance.choices[0].voi.clone(), false);
        values.map(|v| look.gray(v))
    };
    let second = read.for_image("1.2.3", 1).expect("about the image");
    assert_eq!(levels(second, [-4095.0, 0.0, 4095.0]), [0, 128, 255]);
    // the first frame has none before it, and a window may be without subtraction
    let first = read.for_image("1.2.3", 0).expect("about the image");
    assert!(first.mask.is_none());
    assert_eq!(levels(first, [0.0, 2048.0, 4095.0]), [0, 128, 255]);
    assert_eq!(levels(second.unmasked(), [0.0, 2048.0, 4095.0]), [0, 128, 255]);
}
