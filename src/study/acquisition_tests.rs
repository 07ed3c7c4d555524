use super::*;
use crate::dicom::testing::{cs, data_set, ds, lo, sequence, text as element};
use crate::study::{ImageKind, Modifier};
use dicom_core::VR;

fn entry() -> Entry {
    Entry {
        modality: Some("MG".into()),
        laterality: Some("R".into()),
        view_position: Some("MLO".into()),
        modifiers: vec![Modifier::Spot],
        kind: ImageKind::Presentation,
        ..Entry::default()
    }
}

fn whole() -> DataSet {
    data_set(vec![
        ds(tags::KVP, "29"),
        element(tags::EXPOSURE_INU_AS, VR::IS, "73800"),
        element(tags::EXPOSURE, VR::IS, "74"),
        cs(tags::ANODE_TARGET_MATERIAL, "TUNGSTEN"),
        cs(tags::FILTER_MATERIAL, "RHODIUM"),
        ds(tags::BODY_PART_THICKNESS, "52"),
        ds(tags::COMPRESSION_FORCE, "92.5"),
        // Decigray in the file, milligray on screen.
        ds(tags::ORGAN_DOSE, "0.0118"),
        ds(tags::ENTRANCE_DOSE_INM_GY, "4.2"),
        ds(tags::POSITIONER_PRIMARY_ANGLE, "-45"),
        lo(tags::DETECTOR_ID, "DET-7"),
        lo(tags::MANUFACTURER, "Maker"),
        lo(tags::MANUFACTURER_MODEL_NAME, "Model"),
        element(tags::OPERATORS_NAME, VR::PN, "Miller^Ann"),
        element(tags::ACQUISITION_DATE, VR::DA, "20260512"),
        element(tags::ACQUISITION_TIME, VR::TM, "091502.5"),
        cs(tags::BREAST_IMPLANT_PRESENT, "YES"),
        cs(tags::PARTIAL_VIEW, "YES"),
        sequence(tags::PARTIAL_VIEW_CODE_SEQUENCE, vec![data_set(vec![lo(tags::CODE_MEANING, "Anterior")])]),
        lo(tags::PADDLE_DESCRIPTION, "24x30"),
    ])
}

#[test]
fn the_whole_set_has_units_and_names() {
    let lines = acquisition(&whole(), &entry(), 0, Detail::Full);
    assert_eq!(lines.view, ["RMLO spot", "spot compression", "implant present", "partial view Anterior"]);
    assert_eq!(lines.time, ["2026-05-12 09:15"]);
    assert_eq!(
        lines.exposure,
        [
            "29 kVp  73.8 mAs  W/Rh",
            "52 mm  92.5 N",
            "organ dose 1.18 mGy",
            "entrance dose 4.2 mGy",
            "angle -45°"
        ]
    );
    assert_eq!(lines.equipment, ["operator Miller, Ann", "Maker Model", "detector DET-7", "paddle 24x30"]);
}

#[test]
fn levels_leave_out_more_and_more() {
    let lines = acquisition(&whole(), &entry(), 0, Detail::Essential);
    assert_eq!(lines.exposure.len(), 2);
    assert!(lines.equipment.is_empty() && !lines.view.is_empty() && !lines.time.is_empty());
    assert_eq!(acquisition(&whole(), &entry(), 0, Detail::None), Acquisition::default());
    let round = Detail::default().next().next().next();
    assert_eq!(round, Detail::default());
}

#[test]
fn what_is_missing_leaves_nothing_behind() {
    let bare = acquisition(&data_set(vec![]), &Entry::default(), 0, Detail::Full);
    assert_eq!(bare, Acquisition::default());
    let some = data_set(vec![
        element(tags::EXPOSURE, VR::IS, "74"),
        cs(tags::FILTER_MATERIAL, "UNOBTAINIUM"),
        ds(tags::COMPRESSION_FORCE, "x"),
        cs(tags::PARTIAL_VIEW, "NO"),
        element(tags::STUDY_DATE, VR::DA, "2026.05.12"),
    ]);
    let lines = acquisition(&some, &Entry::default(), 0, Detail::Full);
    assert_eq!(lines.exposure, ["74 mAs  UNOBTAINIUM"]);
    assert_eq!(lines.time, ["2026-05-12"]);
    assert!(lines.view.is_empty());
}

#[test]
fn exposures_are_read_in_whatever_unit_they_are_written() {
    let mas = |elements| {
        acquisition(&data_set(elements), &Entry::default(), 0, Detail::Essential).exposure.concat()
    };
    let current = element(tags::X_RAY_TUBE_CURRENT, VR::IS, "90");
    assert_eq!(mas(vec![current, element(tags::EXPOSURE_TIME, VR::IS, "820")]), "73.8 mAs");
    assert_eq!(mas(vec![element(tags::EXPOSURE, VR::IS, "120")]), "120 mAs");
}
