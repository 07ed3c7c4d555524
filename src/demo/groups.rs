//! Functional groups of enhanced multi-frame objects, each as the sequence it is.

use dicom_dictionary_std::tags;

use crate::dicom::write::{DataSet, item};

/// Pixel Measures: spacing of rows and columns, slice thickness and distance.
pub fn pixel_measures(group: &mut DataSet, spacing: [f64; 2], thickness: f64) {
    let content = item(|d| {
        d.real(tags::PIXEL_SPACING, spacing)
            .real(tags::SLICE_THICKNESS, [thickness])
            .real(tags::SPACING_BETWEEN_SLICES, [thickness]);
    });
    group.sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![content]);
}

/// Plane Position: where the centre of the first pixel lies, in millimetres.
pub fn plane_position(group: &mut DataSet, position: [f64; 3]) {
    let content = item(|d| {
        d.real(tags::IMAGE_POSITION_PATIENT, position);
    });
    group.sequence(tags::PLANE_POSITION_SEQUENCE, vec![content]);
}

/// Plane Orientation: directions of the rows and of the columns.
pub fn plane_orientation(group: &mut DataSet, cosines: [f64; 6]) {
    let content = item(|d| {
        d.real(tags::IMAGE_ORIENTATION_PATIENT, cosines);
    });
    group.sequence(tags::PLANE_ORIENTATION_SEQUENCE, vec![content]);
}

/// Frame VOI LUT: windows with explanations, and the function they are used with.
pub fn frame_voi(group: &mut DataSet, windows: &[(f64, f64, &str)], function: Option<&str>) {
    let content = item(|d| {
        d.real(tags::WINDOW_CENTER, windows.iter().map(|w| w.0))
            .real(tags::WINDOW_WIDTH, windows.iter().map(|w| w.1));
        let names: Vec<&str> = windows.iter().map(|w| w.2).collect();
        d.text(tags::WINDOW_CENTER_WIDTH_EXPLANATION, names.join("\\"));
        if let Some(function) = function {
            d.text(tags::VOILUT_FUNCTION, function);
        }
    });
    group.sequence(tags::FRAME_VOILUT_SEQUENCE, vec![content]);
}

/// Pixel Value Transformation: slope, intercept, unit.
pub fn pixel_value_transformation(group: &mut DataSet, slope: f64, intercept: f64, unit: &str) {
    let content = item(|d| {
        d.real(tags::RESCALE_INTERCEPT, [intercept])
            .real(tags::RESCALE_SLOPE, [slope])
            .text(tags::RESCALE_TYPE, unit);
    });
    group.sequence(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![content]);
}

/// Frame Content: stack, position in the stack, and the dimension index that goes with it.
pub fn frame_content(group: &mut DataSet, stack: &str, position: u32) {
    let content = item(|d| {
        d.text(tags::STACK_ID, stack)
            .int(tags::IN_STACK_POSITION_NUMBER, [i64::from(position)])
            .int(tags::DIMENSION_INDEX_VALUES, [1, i64::from(position)]);
    });
    group.sequence(tags::FRAME_CONTENT_SEQUENCE, vec![content]);
}

/// Frame Anatomy of a breast: laterality and region.
pub fn frame_anatomy(group: &mut DataSet, laterality: &str) {
    let content = item(|d| {
        d.text(tags::FRAME_LATERALITY, laterality)
            .code(tags::ANATOMIC_REGION_SEQUENCE, ("76752008", "SCT", "Breast"));
    });
    group.sequence(tags::FRAME_ANATOMY_SEQUENCE, vec![content]);
}
