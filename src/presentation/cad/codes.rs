//! The concepts CAD reports are made of (PS3.16 TID 4000 ff., annex D), each a value and a scheme.

/// Schemes under which the codes of SNOMED RT are found in the field.
const OLD_SCHEMES: [&str; 2] = ["SRT", "SNM3"];

pub type Concept = (&'static str, &'static str);

macro_rules! dcm {
    ($($name:ident $value:literal;)*) => { $(pub const $name: Concept = ($value, "DCM");)* };
}

dcm! {
    // Titles.
    MAMMOGRAPHY_REPORT "111036";
    CHEST_REPORT "112000";
    COLON_REPORT "112220";
    // The upper levels.
    IMAGE_LIBRARY "111028";
    SUMMARY "111017";
    SUMMARY_OF_DETECTIONS "111064";
    SUMMARY_OF_ANALYSES "111065";
    IMPRESSION "111034";
    COMPOSITE_FEATURE "111015";
    SINGLE_IMAGE_FINDING "111059";
    // What the summary says (CID 6047), and those of detections and analyses (CID 6042).
    ALL_WITHOUT_FINDINGS "111241";
    ALL_WITH_FINDINGS "111242";
    SOME_WITHOUT_FINDINGS "111243";
    SOME_WITH_FINDINGS "111244";
    NONE_SUCCEEDED "111245";
    SUCCEEDED "111222";
    PARTLY_SUCCEEDED "111223";
    FAILED "111224";
    NOT_ATTEMPTED "111225";
    // What was run.
    SUCCESSFUL_DETECTIONS "111063";
    FAILED_DETECTIONS "111025";
    SUCCESSFUL_ANALYSES "111062";
    FAILED_ANALYSES "111024";
    DETECTION_PERFORMED "111022";
    ANALYSIS_PERFORMED "111004";
    ALGORITHM_NAME "111001";
    ALGORITHM_VERSION "111003";
    ALGORITHM_MANUFACTURER "122405";
    OPERATING_POINT "111071";
    MAXIMUM_OPERATING_POINT "111072";
    RECOMMENDED_OPERATING_POINT "111092";
    OPERATING_POINT_DESCRIPTION "111081";
    // Of a finding.
    RENDERING_INTENT "111056";
    REQUIRED "111150";
    OPTIONAL "111151";
    NOT_FOR_PRESENTATION "111152";
    CERTAINTY_OF_FINDING "111012";
    CERTAINTY_OF_FEATURE "111011";
    PROBABILITY_OF_CANCER "111047";
    NUMBER_OF_CALCIFICATIONS "111038";
    FINDING_MODIFIER "112024";
    FEATURE_MODIFIER "112023";
    CENTER "111010";
    OUTLINE "111041";
    BREAST_OUTLINE "111007";
    PECTORAL_OUTLINE "111045";
    // Of an image.
    IMAGE_LATERALITY "111027";
    IMAGE_VIEW "111031";
    IMAGE_VIEW_MODIFIER "111032";
}

/// Whether a code is a concept of SNOMED: by its value of today, or by that of the edition it replaced.
pub fn is_snomed(code: &crate::presentation::sr::Code, (today, once): (&str, &str)) -> bool {
    code.is(today, "SCT") || OLD_SCHEMES.iter().any(|scheme| code.is(once, scheme))
}
