//! Which spacing wins, and what it is called.

use super::*;
use crate::dicom::Element;
use crate::dicom::testing::{cs, data_set, ds, element, sequence, text};
use dicom_core::VR;

fn read(elements: Vec<Element>) -> Option<(f64, f64, SpacingKind)> {
    Spacing::read(&data_set(elements), 0).map(|s| (s.row_mm, s.column_mm, s.kind))
}

fn pixel(value: &str) -> Element {
    ds(tags::PIXEL_SPACING, value)
}

fn imager(value: &str) -> Element {
    ds(tags::IMAGER_PIXEL_SPACING, value)
}

fn mammography() -> Element {
    cs(tags::MODALITY, "MG")
}

#[test]
fn rows_come_first() {
    assert_eq!(read(vec![pixel("0.5\\0.25")]), Some((0.5, 0.25, SpacingKind::Patient)));
    assert_eq!(read(vec![pixel("0.5")]), Some((0.5, 0.5, SpacingKind::Patient)));
    for nonsense in ["0\\0", "-1\\1", "x", "", "1\\0"] {
        assert_eq!(read(vec![pixel(nonsense)]), None, "{nonsense}");
    }
}

#[test]
fn at_the_detector_or_at_the_object() {
    assert_eq!(read(vec![mammography(), imager("0.07\\0.07")]), Some((0.07, 0.07, SpacingKind::Detector)));
    let factor = |value| ds(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, value);
    assert_eq!(
        read(vec![mammography(), imager("0.075\\0.075"), factor("1.5")]),
        Some((0.075 / 1.5, 0.075 / 1.5, SpacingKind::Ermf))
    );
    assert_eq!(read(vec![imager("0.1\\0.1"), factor("1")]).unwrap().2, SpacingKind::Detector);
    assert_eq!(read(vec![imager("0.1\\0.1"), factor("0")]).unwrap().2, SpacingKind::Detector);
    let distances = vec![
        imager("0.2\\0.2"),
        ds(tags::DISTANCE_SOURCE_TO_DETECTOR, "1000"),
        ds(tags::DISTANCE_SOURCE_TO_PATIENT, "800"),
    ];
    assert_eq!(read(distances), Some((0.2 / 1.25, 0.2 / 1.25, SpacingKind::Ermf)));
}

#[test]
fn a_pixel_spacing_equal_to_that_of_the_detector_is_not_calibrated() {
    let equal = || vec![mammography(), pixel("0.07\\0.07"), imager("0.0700\\0.0700")];
    assert_eq!(read(equal()).unwrap().2, SpacingKind::Detector);
    let mut magnified = equal();
    magnified.push(ds(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "1.8"));
    assert_eq!(read(magnified).unwrap(), (0.07 / 1.8, 0.07 / 1.8, SpacingKind::Ermf));
    let mut declared = equal();
    declared.push(cs(tags::PIXEL_SPACING_CALIBRATION_TYPE, "GEOMETRY"));
    assert_eq!(read(declared), Some((0.07, 0.07, SpacingKind::Geometry)));
}

#[test]
fn corrections_by_their_kind() {
    let corrected = |kind: Option<&str>| {
        let mut elements = vec![mammography(), pixel("0.05\\0.05"), imager("0.07\\0.07")];
        elements.extend(kind.map(|k| cs(tags::PIXEL_SPACING_CALIBRATION_TYPE, k)));
        read(elements).unwrap()
    };
    assert_eq!(corrected(None), (0.05, 0.05, SpacingKind::Calibrated));
    assert_eq!(corrected(Some("GEOMETRY")).2, SpacingKind::Geometry);
    assert_eq!(corrected(Some("FIDUCIAL")).2, SpacingKind::Fiducial);
    assert_eq!(read(vec![mammography(), pixel("0.05\\0.05")]).unwrap().2, SpacingKind::Calibrated);
}

#[test]
fn functional_groups_win_and_films_are_nominal() {
    let measures =
        data_set(vec![sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![data_set(vec![pixel("0.1\\0.1")])])]);
    let data = vec![sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![measures]), pixel("9\\9")];
    assert_eq!(read(data), Some((0.1, 0.1, SpacingKind::PixelMeasures)));
    let film = read(vec![ds(tags::NOMINAL_SCANNED_PIXEL_SPACING, "0.1\\0.1")]);
    assert_eq!(film.unwrap().2, SpacingKind::Nominal);
    assert_eq!(read(vec![]), None);
}

#[test]
fn ultrasound_regions_that_agree() {
    let short = |tag, value: u16| element(tag, VR::US, value.to_le_bytes().to_vec());
    let double = |tag, value: f64| element(tag, VR::FD, value.to_le_bytes().to_vec());
    let region = |delta: f64, unit: u16| {
        data_set(vec![
            short(tags::REGION_SPATIAL_FORMAT, 1),
            short(tags::PHYSICAL_UNITS_X_DIRECTION, unit),
            short(tags::PHYSICAL_UNITS_Y_DIRECTION, unit),
            double(tags::PHYSICAL_DELTA_X, delta),
            double(tags::PHYSICAL_DELTA_Y, -2.0 * delta),
        ])
    };
    let regions = |items| vec![sequence(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, items)];
    assert_eq!(read(regions(vec![region(0.25, 3)])), Some((5.0, 2.5, SpacingKind::Region)));
    assert!(read(regions(vec![region(0.25, 3), region(0.25, 3)])).is_some());
    assert_eq!(read(regions(vec![region(0.25, 3), region(0.5, 3)])), None);
    assert_eq!(read(regions(vec![region(0.25, 4)])), None);
}

#[test]
fn aspect_from_spacing_or_ratio() {
    let aspect = |elements| pixel_aspect(&data_set(elements), 0);
    assert_eq!(aspect(vec![pixel("0.5\\0.25")]), 2.0);
    assert_eq!(aspect(vec![pixel("0.0700001\\0.07")]), 1.0);
    let ratio = |value: &str| text(tags::PIXEL_ASPECT_RATIO, VR::IS, value);
    assert_eq!(aspect(vec![ratio("4\\3")]), 4.0 / 3.0);
    assert_eq!(aspect(vec![ratio("4\\3"), pixel("1\\1")]), 1.0);
    for nonsense in ["0\\0", "1\\0", "7", "1000000\\1"] {
        assert_eq!(aspect(vec![ratio(nonsense)]), 1.0);
    }
    assert_eq!(aspect(vec![]), 1.0);
}

#[test]
fn labels_only_where_something_must_be_said() {
    let label = |kind| Spacing { row_mm: 1.0, column_mm: 1.0, kind }.label();
    assert_eq!(label(SpacingKind::Patient), "");
    assert_eq!(label(SpacingKind::Detector), "detector");
    assert_eq!(label(SpacingKind::Ermf), "ERMF");
}
