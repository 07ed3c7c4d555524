//! Slabs over stacks whose places are given by hand.

use super::*;
use crate::dicom::testing::{cs, data_set, ds, sequence};

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

fn at(z: f64) -> Plane {
    Plane {
        position: [-100.0, -50.0, z],
        orientation: Some(AXIAL),
        columns: 8,
        rows: 9,
        pixel_mm: Some([0.5, 0.5]),
    }
}

/// The slab of slices at the given heights.
fn of(heights: &[f64], current: u32, thickness: f64) -> Result<Slab, NoSlab> {
    let plane = |n: u32| heights.get(n as usize).copied().map(at);
    slab(plane, current, u32::try_from(heights.len()).unwrap(), thickness, 64)
}

fn range(heights: &[f64], current: u32, thickness: f64) -> Range<u32> {
    of(heights, current, thickness).unwrap().slices
}

#[test]
fn ten_millimetres_are_ten_slices_of_one() {
    let up: Vec<f64> = (0..60).map(f64::from).collect();
    let down: Vec<f64> = up.iter().rev().copied().collect();
    for heights in [up, down] {
        assert_eq!(range(&heights, 30, 10.0), 25..35);
        assert_eq!(range(&heights, 30, 3.0), 29..32);
        assert_eq!(range(&heights, 30, 0.4), 30..31);
        assert_eq!(range(&heights, 30, 0.0), 30..31);
        assert_eq!(range(&heights, 2, 10.0), 0..7, "cut at the end of the stack");
        assert_eq!(range(&heights, 59, 10.0), 54..60);
        assert_eq!(of(&heights, 30, 10.0).unwrap().spacing_mm, 1.0);
        assert_eq!(range(&heights, 30, f64::INFINITY), 0..60);
    }
}

#[test]
fn printed_decimals_do_not_change_the_count() {
    let heights: Vec<f64> = (0..40).map(|n| (f64::from(n) * 0.3333 * 1e4).round() / 1e4).collect();
    for current in 10..30 {
        assert_eq!(range(&heights, current, 3.0 * 0.3333).len(), 3, "at {current}");
        assert_eq!(range(&heights, current, 4.0 * 0.3333).len(), 4, "at {current}");
    }
}

#[test]
fn uneven_stacks_go_by_millimetres() {
    let heights = [0.0, 1.0, 2.0, 3.0, 8.0, 13.0, 18.0];
    assert_eq!(range(&heights, 4, 10.5), 3..6);
    assert_eq!(range(&heights, 4, 13.0), 2..6);
    assert_eq!(of(&heights, 4, 1.0).unwrap().spacing_mm, 5.0);
}

#[test]
fn another_phase_is_not_part_of_the_slab() {
    let heights = [0.0, 1.0, 2.0, 0.0, 1.0, 2.0];
    assert_eq!(range(&heights, 2, 9.0), 0..3);
    assert_eq!(range(&heights, 4, 9.0), 3..6);
    // Four times the same slice.
    assert_eq!(of(&[5.0; 4], 1, 9.0), Err(NoSlab::NotParallel));
}

#[test]
fn only_what_lies_pixel_behind_pixel() {
    let tilted = Plane { orientation: Some([1.0, 0.0, 0.0, 0.0, 0.9, 0.43589]), ..at(1.0) };
    let shifted = Plane { position: [-99.0, -50.0, 1.0], ..at(1.0) };
    let larger = Plane { columns: 10, ..at(1.0) };
    let coarser = Plane { pixel_mm: Some([0.6, 0.6]), ..at(1.0) };
    for other in [tilted, shifted, larger, coarser] {
        let plane = |n: u32| Some(if n == 2 { other } else { at(f64::from(n)) });
        assert_eq!(slab(plane, 1, 3, 9.0, 64).unwrap().slices, 0..2);
        assert_eq!(slab(plane, 1, 3, 9.0, 64).unwrap().spacing_mm, 1.0);
    }
    let unknown = |n: u32| (n == 1).then(|| at(1.0));
    assert_eq!(slab(unknown, 1, 3, 9.0, 64), Err(NoSlab::NoPosition));
    assert_eq!(slab(|_| None, 1, 3, 9.0, 64), Err(NoSlab::NoPosition));
    assert_eq!(slab(|_| Some(at(0.0)), 0, 1, 9.0, 64), Err(NoSlab::OneSlice));
}

#[test]
fn without_an_orientation_slices_lie_on_a_line() {
    let on_a_line = |n: u32| {
        Some(Plane { orientation: None, position: [f64::from(n), 2.0 * f64::from(n), 0.0], ..at(0.0) })
    };
    let found = slab(on_a_line, 5, 20, 3.0 * 5f64.sqrt(), 64).unwrap();
    assert_eq!(found.slices, 4..7);
    let bent = |n: u32| {
        Some(Plane { orientation: None, position: [f64::from(n), f64::from(n * n), 0.0], ..at(0.0) })
    };
    assert_eq!(slab(bent, 5, 20, 1e3, 64).unwrap().slices, 4..8, "what leaves the line ends it");
    assert_eq!(
        slab(|_| Some(Plane { orientation: None, ..at(0.0) }), 1, 4, 9.0, 64),
        Err(NoSlab::NoPosition)
    );
}

#[test]
fn a_spacing_alone_counts_frames() {
    let size =
        |tag, n: u16| crate::dicom::testing::element(tag, dicom_core::VR::US, n.to_le_bytes().to_vec());
    let frames = crate::dicom::testing::element(tags::NUMBER_OF_FRAMES, dicom_core::VR::IS, b"4 ".to_vec());
    let data = data_set(vec![
        ds(tags::SPACING_BETWEEN_SLICES, "1.5"),
        frames,
        size(tags::ROWS, 9),
        size(tags::COLUMNS, 8),
    ]);
    let found = slab(|n| Plane::read(&data, n), 2, 4, 4.5, 64).unwrap();
    assert_eq!((found.slices, found.spacing_mm), (1..4, 1.5));
}

#[test]
fn no_more_slices_than_allowed() {
    let heights: Vec<f64> = (0..200).map(f64::from).collect();
    let plane = |n: u32| heights.get(n as usize).copied().map(at);
    assert_eq!(slab(plane, 100, 200, 500.0, 32).unwrap().slices.len(), 32);
    assert_eq!(slab(plane, 0, 200, 500.0, 32).unwrap().slices, 0..32);
}

#[test]
fn planes_are_read_from_functional_groups_or_the_top_level() {
    let position = |z: &str| {
        data_set(vec![sequence(
            tags::PLANE_POSITION_SEQUENCE,
            vec![data_set(vec![ds(tags::IMAGE_POSITION_PATIENT, z)])],
        )])
    };
    let shared = data_set(vec![sequence(
        tags::PLANE_ORIENTATION_SEQUENCE,
        vec![data_set(vec![ds(tags::IMAGE_ORIENTATION_PATIENT, r"1\0\0\0\1\0")])],
    )]);
    let size =
        |tag, n: u16| crate::dicom::testing::element(tag, dicom_core::VR::US, n.to_le_bytes().to_vec());
    let data = data_set(vec![
        size(tags::ROWS, 9),
        size(tags::COLUMNS, 8),
        sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]),
        sequence(
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            vec![position(r"-100\-50\3"), position(r"-100\-50\4")],
        ),
    ]);
    assert_eq!(Plane::read(&data, 1), Some(Plane { pixel_mm: None, ..at(4.0) }));
    assert_eq!(Plane::read(&data, 2), None, "no such frame, and no position at the top level");
}

#[test]
fn projections_are_known_by_class_or_by_type() {
    let of = |class: &str, kind: &str| {
        data_set(vec![
            crate::dicom::testing::element(
                tags::SOP_CLASS_UID,
                dicom_core::VR::UI,
                class.as_bytes().to_vec(),
            ),
            cs(tags::IMAGE_TYPE, kind),
        ])
    };
    assert!(is_projection(&of("1.2.840.10008.5.1.4.1.1.13.1.4", r"ORIGINAL\PRIMARY")));
    assert!(is_projection(&of("1.2.840.10008.5.1.4.1.1.13.1.5\0", r"ORIGINAL\PRIMARY")));
    assert!(is_projection(&of("1.2.840.10008.5.1.4.1.1.1.2", r"ORIGINAL\PRIMARY\TOMO_PROJ\RIGHT")));
    assert!(!is_projection(&of("1.2.840.10008.5.1.4.1.1.13.1.3", r"DERIVED\PRIMARY\TOMOSYNTHESIS\NONE")));
    assert!(!is_projection(&of("1.2.840.10008.5.1.4.1.1.2", r"DERIVED\SECONDARY\AXIAL")));
}
