//! What sort of object an image is, as far as it decides where it hangs.

use dicom_dictionary_std::{tags, uids};

use crate::dicom::DataSet;

/// What kind of mammography object an image is, if it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ImageKind {
    /// Any other image.
    #[default]
    Plain,
    /// A full-field digital mammogram to be looked at.
    Presentation,
    /// The same exposure before it was processed; hung only where there is nothing else.
    Processing,
    /// A two-dimensional image computed from a tomosynthesis.
    Synthetic,
    /// A tomosynthesis volume, or a slice of one.
    Tomosynthesis,
    /// A projection a tomosynthesis is computed from.
    Projection,
    /// A picture of a screen or a digitised film.
    Capture,
}

impl ImageKind {
    /// In a word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "image",
            Self::Presentation => "2D",
            Self::Processing => "for processing",
            Self::Synthetic => "synthetic 2D",
            Self::Tomosynthesis => "tomosynthesis",
            Self::Projection => "projection",
            Self::Capture => "secondary capture",
        }
    }
}

/// Words of vendors for a two-dimensional image computed from a volume, without blanks and dashes.
const SYNTHETIC: [&str; 7] =
    ["CVIEW", "VPREVIEW", "SVIEW", "INTELLIGENT2D", "INSIGHT2D", "GENERATED2D", "SYNTHETIC2D"];

const CAPTURES: [&str; 5] = [
    uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_SINGLE_BIT_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_TRUE_COLOR_SECONDARY_CAPTURE_IMAGE_STORAGE,
];

/// Whether an object belongs to mammography, by its class or its modality.
pub(super) fn is_mammogram(class: Option<&str>, modality: Option<&str>) -> bool {
    const CLASSES: [&str; 5] = [
        uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
        uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE,
        uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
    ];
    modality == Some("MG") || class.is_some_and(|class| CLASSES.contains(&class))
}

/// The kind of a mammography object, by its class, its image type and its description.
pub(super) fn image_kind(data: &DataSet, class: &str) -> ImageKind {
    let types = data.strings(tags::IMAGE_TYPE);
    let says = |wanted: &str| types.iter().any(|value| value.eq_ignore_ascii_case(wanted));
    let starts = |wanted: &str| types.iter().any(|value| value.to_ascii_uppercase().starts_with(wanted));
    let is_projection = starts("TOMO_PROJ")
        || [
            uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
            uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
        ]
        .contains(&class);
    if is_projection {
        return ImageKind::Projection;
    }
    if is_synthetic(data, &types) {
        return ImageKind::Synthetic;
    }
    if class == uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE || says("TOMOSYNTHESIS") || says("TOMO") {
        return ImageKind::Tomosynthesis;
    }
    if CAPTURES.contains(&class) {
        return ImageKind::Capture;
    }
    // Slices of a volume that was written as if it came from a CT.
    if [uids::CT_IMAGE_STORAGE, uids::ENHANCED_CT_IMAGE_STORAGE].contains(&class) {
        return ImageKind::Tomosynthesis;
    }
    let intent = data.string(tags::PRESENTATION_INTENT_TYPE).unwrap_or_default();
    let processing = class == uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PROCESSING
        || intent.trim().eq_ignore_ascii_case("FOR PROCESSING");
    if processing { ImageKind::Processing } else { ImageKind::Presentation }
}

fn is_synthetic(data: &DataSet, types: &[String]) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    let described = data.string(tags::SERIES_DESCRIPTION).map(|text| bare(&text)).unwrap_or_default();
    let frames = data.int(tags::NUMBER_OF_FRAMES).unwrap_or(1);
    types.iter().any(|value| SYNTHETIC.contains(&bare(value).as_str()))
        || (frames <= 1 && SYNTHETIC.iter().any(|word| described.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, lo};

    #[test]
    fn kinds_follow_class_type_and_description() {
        const MG: &str = uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;
        const RAW: &str = uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PROCESSING;
        const DBT: &str = uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE;
        for (class, image_type, description, kind) in [
            (MG, "DERIVED\\PRIMARY", "R CC", ImageKind::Presentation),
            (RAW, "ORIGINAL\\PRIMARY", "R CC Raw", ImageKind::Processing),
            (DBT, "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\NONE", "R CC Tomo", ImageKind::Tomosynthesis),
            (DBT, "DERIVED\\PRIMARY\\TOMOSYNTHESIS\\GENERATED_2D", "", ImageKind::Synthetic),
            (MG, "DERIVED\\PRIMARY", "L MLO C-View", ImageKind::Synthetic),
            (MG, "DERIVED\\PRIMARY\\\\V-PREVIEW", "", ImageKind::Synthetic),
            (MG, "DERIVED\\PRIMARY", "Intelligent 2D LCC", ImageKind::Synthetic),
            (RAW, "ORIGINAL\\PRIMARY\\TOMO_PROJ\\LEFT", "", ImageKind::Projection),
            (uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, "", "", ImageKind::Projection),
            (uids::CT_IMAGE_STORAGE, "DERIVED\\PRIMARY", "", ImageKind::Tomosynthesis),
            (uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "DERIVED\\SECONDARY", "", ImageKind::Capture),
        ] {
            let data =
                data_set(vec![cs(tags::IMAGE_TYPE, image_type), lo(tags::SERIES_DESCRIPTION, description)]);
            assert_eq!(image_kind(&data, class), kind, "{class} {image_type} {description}");
        }
        assert!(is_mammogram(Some(DBT), None) && is_mammogram(None, Some("MG")));
        assert!(!is_mammogram(Some(uids::CT_IMAGE_STORAGE), Some("CT")));
    }
}
