//! Letters at the edges, followed through turns and flips.

use super::*;
use crate::dicom::testing::{cs, data_set, ds, sequence};
use crate::geometry::{ImageShape, Justify, Zoom};

fn edges(left: &str, right: &str, top: &str, bottom: &str) -> Edges {
    Edges { left: left.into(), right: right.into(), top: top.into(), bottom: bottom.into() }
}

fn mammogram(row_column: &str) -> Orientation {
    Orientation::read(&data_set(vec![cs(tags::PATIENT_ORIENTATION, row_column)]), 0).unwrap()
}

const UPRIGHT: ViewTransform = ViewTransform {
    zoom: Zoom::Fit,
    center: [0.0; 2],
    quarter_turns: 0,
    flip: false,
    justify: Justify::Center,
};

#[test]
fn mammography_views() {
    assert_eq!(mammogram("P\\L").edges(&UPRIGHT), edges("A", "P", "R", "L"));
    assert_eq!(mammogram("A\\R").edges(&UPRIGHT), edges("P", "A", "L", "R"));
    assert_eq!(mammogram("P\\F").edges(&UPRIGHT), edges("A", "P", "H", "F"));
    assert_eq!(mammogram("A \\FR").edges(&UPRIGHT), edges("P", "A", "HL", "FR"));
}

#[test]
fn direction_cosines_with_obliqueness() {
    let axial = Orientation::from_cosines([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).unwrap();
    assert_eq!(axial.edges(&UPRIGHT), edges("R", "L", "A", "P"));
    let sagittal = Orientation::from_cosines([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
    assert_eq!(sagittal.edges(&UPRIGHT), edges("A", "P", "H", "F"));
    let oblique = Orientation::from_cosines([-0.3, -0.8, -0.52, 0.0, -0.02, -1.0]).unwrap();
    assert_eq!((oblique.row.as_str(), oblique.column.as_str()), ("AFR", "F"));
    assert_eq!(oblique.edges(&UPRIGHT).left, "PHL");
    assert_eq!(Orientation::from_cosines([0.0; 6]), None);
    assert_eq!(Orientation::from_cosines([f64::NAN; 6]), None);
}

#[test]
fn a_frames_own_plane_comes_before_the_shared_one_and_the_top_level() {
    let plane = |cosines: &str| {
        data_set(vec![sequence(
            tags::PLANE_ORIENTATION_SEQUENCE,
            vec![data_set(vec![ds(tags::IMAGE_ORIENTATION_PATIENT, cosines)])],
        )])
    };
    let data = data_set(vec![
        ds(tags::IMAGE_ORIENTATION_PATIENT, "0\\0\\1\\0\\1\\0"),
        sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![plane("0\\1\\0\\0\\0\\-1")]),
        sequence(
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            vec![plane("1\\0\\0\\0\\1\\0"), data_set(vec![])],
        ),
    ]);
    let row = |frame| Orientation::read(&data, frame).unwrap().row;
    assert_eq!((row(0).as_str(), row(1).as_str()), ("L", "P"));
    let top = data_set(vec![ds(tags::IMAGE_ORIENTATION_PATIENT, "0\\0\\1\\0\\1\\0")]);
    assert_eq!(Orientation::read(&top, 5).unwrap().row, "H");
}

#[test]
fn nothing_is_known_of_other_letters_or_half_an_orientation() {
    let data = |value| data_set(vec![cs(tags::PATIENT_ORIENTATION, value)]);
    assert_eq!(Orientation::read(&data(""), 0), None);
    assert_eq!(Orientation::read(&data("A"), 0), None);
    assert_eq!(Orientation::read(&data_set(vec![]), 0), None);
    assert_eq!(mammogram("CR\\D").edges(&UPRIGHT), edges("", "CR", "", "D"));
}

/// The letter at an edge names where the image leads there: found by asking the map of the view.
#[test]
fn letters_agree_with_the_map_in_all_eight_states() {
    let orientation = mammogram("A\\F");
    let shape = ImageShape::square(100, 100);
    for turns in 0..4 {
        for flip in [false, true] {
            let view = ViewTransform { quarter_turns: turns, flip, ..UPRIGHT };
            let map = view.map(shape, [100.0, 100.0]);
            let letter_at = |screen: [f64; 2]| match map.apply(screen).map(|v| v.round() as i32) {
                [0, 50] => "P",
                [100, 50] => "A",
                [50, 0] => "H",
                [50, 100] => "F",
                other => panic!("{other:?}"),
            };
            let expected = edges(
                letter_at([0.0, 50.0]),
                letter_at([100.0, 50.0]),
                letter_at([50.0, 0.0]),
                letter_at([50.0, 100.0]),
            );
            assert_eq!(orientation.edges(&view), expected, "{turns} {flip}");
        }
    }
}

/// Rotated clockwise by 90 degrees and then flipped, in that order.
#[test]
fn rotation_comes_before_the_flip() {
    let view = ViewTransform { quarter_turns: 1, flip: true, ..UPRIGHT };
    assert_eq!(mammogram("A\\F").edges(&view), edges("H", "F", "P", "A"));
}
