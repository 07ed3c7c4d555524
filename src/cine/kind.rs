//! What the frames of an object are to each other, where that matters for how they are looked at.

use dicom_dictionary_std::tags;
use dicom_dictionary_std::uids;

use crate::dicom::DataSet;

/// What a stack is made of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StackKind {
    /// Slices computed from projections of the breast.
    Tomosynthesis,
    /// The projections themselves: each looks from another side, so that nothing lies at one height.
    Projections,
    /// A two-dimensional picture computed from the slices.
    Synthetic,
    /// Anything else.
    #[default]
    Plain,
}

impl StackKind {
    /// From _SOP Class UID_ and _Image Type_. Tomosynthesis is also stored as CT, whose modality or type then
    /// says that it is one of the breast.
    pub fn read(data: &DataSet) -> Self {
        let class = data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
        let types: Vec<String> =
            data.strings(tags::IMAGE_TYPE).iter().map(|value| value.to_ascii_uppercase()).collect();
        let says = |word: &str| types.iter().any(|value| value.contains(word));
        let breast = data.string(tags::MODALITY).is_some_and(|modality| modality.trim() == "MG");
        let of_breast = |of: &[&str]| of.contains(&class.as_str());
        if of_breast(&[
            uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
            uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
        ]) || says("TOMO_PROJ")
            || (says("PROJECTION") && !says("PROJECTION IMAGE") && (breast || says("TOMO")))
        {
            return Self::Projections;
        }
        if says("GENERATED_2D") || says("TOMO_2D") || says("SYNTHETIC") && breast {
            return Self::Synthetic;
        }
        let slices = [uids::CT_IMAGE_STORAGE, uids::ENHANCED_CT_IMAGE_STORAGE];
        if class == uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE
            || (slices.contains(&class.as_str()) && (breast || says("TOMOSYNTHESIS")))
            || (breast && says("TOMOSYNTHESIS"))
        {
            return Self::Tomosynthesis;
        }
        Self::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, element};
    use dicom_core::VR;

    fn kind(class: &str, modality: &str, types: &str) -> StackKind {
        StackKind::read(&data_set(vec![
            element(tags::SOP_CLASS_UID, VR::UI, class.as_bytes().to_vec()),
            cs(tags::MODALITY, modality),
            cs(tags::IMAGE_TYPE, types),
        ]))
    }

    #[test]
    fn classes_and_types_tell_slices_from_projections_and_pictures() {
        use StackKind::{Plain, Projections, Synthetic, Tomosynthesis};
        let tomo = uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE;
        let (ct, mg) =
            (uids::CT_IMAGE_STORAGE, uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION);
        let projections = uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PROCESSING;
        for (class, modality, types, expected) in [
            (tomo, "MG", "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\NONE", Tomosynthesis),
            (tomo, "MG", "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\GENERATED_2D", Synthetic),
            (ct, "MG", "DERIVED\\PRIMARY\\TOMO\\LEFT", Tomosynthesis),
            (ct, "CT", "ORIGINAL\\PRIMARY\\AXIAL", Plain),
            (ct, "CT", "DERIVED\\SECONDARY\\PROJECTION IMAGE", Plain),
            (projections, "MG", "ORIGINAL\\PRIMARY\\\\NONE", Projections),
            (mg, "MG", "ORIGINAL\\PRIMARY\\TOMO_PROJ\\RIGHT", Projections),
            (mg, "MG", "DERIVED\\PRIMARY\\TOMO_2D\\RIGHT", Synthetic),
            (mg, "MG", "ORIGINAL\\PRIMARY", Plain),
            ("", "", "", Plain),
        ] {
            assert_eq!(kind(class, modality, types), expected, "{modality} {types}");
        }
    }
}
