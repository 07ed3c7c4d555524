//! What a finding is, by its code (PS3.16 CID 6014, 6016, 6101, 6201).

use super::codes::is_snomed;
use crate::presentation::sr::Code;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    CalcificationCluster,
    Calcification,
    /// Dense tissue, which is how a mass appears in a single view.
    Density,
    Mass,
    MassWithCalcifications,
    ArchitecturalDistortion,
    Asymmetry,
    TubularDensity,
    SkinMass,
    SkinChange,
    LymphNode,
    TissueChange,
    /// A nodule or an opacity in the chest.
    Nodule,
    Opacity,
    /// A polyp or a mass in the colon.
    Polyp,
    SelectedRegion,
    /// What looks like a finding and is a thing: a clip, a marker.
    NonLesion,
    Nipple,
    BreastGeometry,
    BreastComposition,
    ImageQuality,
    Other,
}

/// SNOMED CT, what it replaced, and what it is.
const SNOMED: &[(&str, &str, Kind)] = &[
    ("129769006", "F-01775", Kind::CalcificationCluster),
    ("129770007", "F-01776", Kind::Calcification),
    ("129793001", "F-01796", Kind::Density),
    ("129788004", "F-01791", Kind::Mass),
    ("4147007", "M-03000", Kind::Mass),
    ("129792006", "F-01795", Kind::ArchitecturalDistortion),
    ("129789007", "F-01792", Kind::Asymmetry),
    ("129790003", "F-01793", Kind::Asymmetry),
    ("129794007", "F-01797", Kind::TubularDensity),
    ("129796009", "F-01799", Kind::SkinChange),
    ("129797000", "F-0179A", Kind::SkinChange),
    ("95324001", "D0-00050", Kind::SkinChange),
    ("68171009", "T-C4710", Kind::LymphNode),
    ("443808008", "T-C430B", Kind::LymphNode),
    ("127189005", "DC-721C4", Kind::LymphNode),
    ("129795008", "F-01798", Kind::TissueChange),
    ("79654002", "M-36300", Kind::TissueChange),
    ("27925004", "M-03010", Kind::Nodule),
    ("68496003", "D5-41170", Kind::Polyp),
    ("126838000", "D5-F131F", Kind::Polyp),
    ("248523006", "F-54005", Kind::Polyp),
    ("24142002", "T-04100", Kind::Nipple),
    ("129715009", "F-01710", Kind::BreastComposition),
];

const DCM: &[(&str, Kind)] = &[
    // Three that were replaced by codes of SNOMED.
    ("111103", Kind::Density),
    ("111104", Kind::Calcification),
    ("111105", Kind::CalcificationCluster),
    ("111459", Kind::MassWithCalcifications),
    ("111112", Kind::SkinMass),
    ("111113", Kind::SkinMass),
    ("111111", Kind::TissueChange),
    ("112033", Kind::Opacity),
    ("112001", Kind::Opacity),
    ("111099", Kind::SelectedRegion),
    ("111102", Kind::NonLesion),
    ("111100", Kind::BreastGeometry),
    ("111101", Kind::ImageQuality),
];

impl Kind {
    /// What a code says.
    pub fn of(code: &Code) -> Self {
        let snomed = SNOMED.iter().find(|(today, once, _)| is_snomed(code, (today, once)));
        let dcm = || DCM.iter().find(|(value, _)| code.is(value, "DCM")).map(|(_, kind)| *kind);
        snomed.map(|(.., kind)| *kind).or_else(dcm).unwrap_or(Self::Other)
    }

    /// In a word or two; `None` where only the report knows one.
    pub fn words(self) -> Option<&'static str> {
        Some(match self {
            Self::CalcificationCluster => "Calcification cluster",
            Self::Calcification => "Calcification",
            Self::Density => "Density",
            Self::Mass => "Mass",
            Self::MassWithCalcifications => "Mass with calcifications",
            Self::ArchitecturalDistortion => "Architectural distortion",
            Self::Asymmetry => "Asymmetry",
            Self::TubularDensity => "Tubular density",
            Self::SkinMass => "Mass of the skin",
            Self::LymphNode => "Lymph node",
            Self::Nodule => "Nodule",
            Self::Opacity => "Opacity",
            Self::SelectedRegion => "Selected region",
            Self::NonLesion => "Not a lesion",
            Self::Nipple => "Nipple",
            Self::BreastGeometry => "Breast geometry",
            Self::BreastComposition => "Breast composition",
            Self::ImageQuality => "Image quality",
            Self::SkinChange | Self::TissueChange | Self::Polyp | Self::Other => return None,
        })
    }

    /// Whether it is what CAD is asked for, and not a note about the breast or the image.
    pub fn is_lesion(self) -> bool {
        !matches!(
            self,
            Self::NonLesion
                | Self::Nipple
                | Self::BreastGeometry
                | Self::BreastComposition
                | Self::ImageQuality
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_editions_mean_the_same_and_words_mean_nothing() {
        for (today, once, kind) in SNOMED {
            assert_eq!(Kind::of(&Code::new(today, "SCT", "")), *kind);
            assert_eq!(Kind::of(&Code::new(once, "SRT", "Zeichen")), *kind);
            assert_eq!(Kind::of(&Code::new(once, "SNM3", "")), *kind);
            assert_eq!(Kind::of(&Code::new(once, "99LOCAL", "Calcification Cluster")), Kind::Other);
        }
        assert_eq!(Kind::of(&Code::new("111105", "DCM", "")), Kind::CalcificationCluster);
    }
}
