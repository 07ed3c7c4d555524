//! A parametric map over the chest CT: how much of the lungs is blood, with a part that gets too little.
//!
//! It is twice as coarse as the CT, in the plane and across it, so that it lies between the slices, and names no
//! slice for any frame: where it lies says over what.

use dicom_dictionary_std::{tags, uids};

use super::builder::ImageBuilder;
use super::case::{CHEST, Series, identify};
use super::math::{Point, length, smooth};
use super::noise::fbm;
use super::segmented_ct::{NODULE, is_lung};
use super::{ct, groups, overlaid};
use crate::dicom::write::{DataSet, coded, item};

const SERIES: Series =
    Series { key: "blood-volume", number: 4, modality: "CT", description: "Pulmonary blood volume" };

/// Slices of the CT under one frame.
const SLICES_EACH: usize = 2;

/// The share of a place that is blood; nothing outside of the lungs.
fn share(p: Point, z: f32) -> f32 {
    if !is_lung(p, z, -1.0) && !is_lung(p, z, 1.0) {
        return f32::NAN;
    }
    // More where it is lower, lying on the back, and a region behind the nodule that gets little.
    let weight = smooth(-80.0, 90.0, p.1);
    let grain = fbm(71, (p.0 / 14.0 + z / 20.0, p.1 / 14.0), 3, 0.5);
    let ([x, y, height], _) = NODULE;
    let away = length(length((p.0 - x) / 34.0, (p.1 - y + 6.0) / 40.0), (z - height) / 30.0);
    let supply = 0.2 + 0.8 * smooth(0.7, 1.1, away);
    ((0.05 + 0.09 * weight + 0.012 * grain) * supply).max(0.0)
}

/// The map as a file, for slices of `size` pixels square.
pub fn file(size: usize) -> Vec<u8> {
    image(size).build()
}

/// The same before it is written.
pub fn image(size: usize) -> ImageBuilder {
    let coarse = size / 2;
    let mut values = Vec::new();
    let mut frames = Vec::new();
    for (number, first) in (0..ct::SLICES).step_by(SLICES_EACH).enumerate() {
        let z = f64::midpoint(ct::height(first), ct::height(first + SLICES_EACH - 1));
        values.extend(ct::middles(coarse).map(|p| share(p, z as f32)));
        frames.push(item(|g| {
            overlaid::frame_content(g, &[number as i64 + 1]);
            groups::plane_position(g, ct::corner(coarse, z));
        }));
    }
    ImageBuilder::gray(coarse, coarse)
        .frames(frames.len())
        .floats(values)
        .groups(shared(coarse), frames)
        .set(|d| identify(d, uids::PARAMETRIC_MAP_STORAGE, &CHEST, &SERIES, 1))
        .set(|d| {
            overlaid::content(d, "BLOOD_VOLUME", "Share of the lung that is blood, of the phantom");
            overlaid::about_the_ct(d);
            let by = [(tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE)];
            overlaid::dimensions(d, "dimensions of the map", &by);
            d.text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY\\VOLUME\\QUANTITY")
                .text(tags::PIXEL_PRESENTATION, "MONOCHROME")
                .text(tags::VOLUMETRIC_PROPERTIES, "VOLUME")
                .text(tags::VOLUME_BASED_CALCULATION_TECHNIQUE, "NONE")
                .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")
                .text(tags::RECOGNIZABLE_VISUAL_FEATURES, "NO")
                .sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
        })
}

fn shared(coarse: usize) -> DataSet {
    item(|g| {
        groups::pixel_measures(g, [ct::pixel(coarse); 2], ct::THICKNESS * SLICES_EACH as f64);
        groups::plane_orientation(g, ct::ORIENTATION);
        groups::frame_voi(g, &[(0.08, 0.16, "ALL")], Some("LINEAR_EXACT"));
        groups::pixel_value_transformation(g, 1.0, 0.0, "US");
        let kind = item(|d| {
            d.text(tags::FRAME_TYPE, "DERIVED\\PRIMARY\\VOLUME\\QUANTITY");
        });
        g.sequence(tags::PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE, vec![kind]);
        g.sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping()]);
    })
}

/// A share becomes millilitres in a hundred.
fn mapping() -> DataSet {
    let quantity = item(|d| {
        d.text(tags::VALUE_TYPE, "CODE")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("246205007", "SCT", "Quantity"))
            .code(tags::CONCEPT_CODE_SEQUENCE, ("126391", "DCM", "Absolute Regional Blood Volume"));
    });
    item(|d| {
        d.text(tags::LUT_EXPLANATION, "Blood in a hundred parts of lung")
            .text(tags::LUT_LABEL, "BLOOD")
            .sequence(
                tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
                vec![coded(("ml/(100.ml)", "UCUM", "milliliter per 100 milliliter"))],
            )
            .sequence(tags::QUANTITY_DEFINITION_SEQUENCE, vec![quantity])
            .real(tags::REAL_WORLD_VALUE_SLOPE, [100.0])
            .real(tags::REAL_WORLD_VALUE_INTERCEPT, [0.0])
            .real(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, [0.0])
            .real(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED, [1.0]);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blood_is_where_lung_is_and_less_behind_the_nodule() {
        assert!(share((0.0, 0.0), 0.0).is_nan());
        let ([x, y, z], _) = NODULE;
        assert!(share((x, y), z) < 0.4 * share((-x, y), z));
        assert!(share((70.0, 50.0), 0.0) > share((70.0, -40.0), 0.0));
    }
}
