//! Objects that say something about images instead of being one: what kind each is, by its class.
//!
//! They belong to what was opened and never take a slot of it.

use dicom_dictionary_std::uids;

use super::entry::Entry;

/// What kind of object explains images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SupplementKind {
    /// How images are to be seen.
    PresentationState,
    /// A structured report, findings of CAD among them.
    StructuredReport,
    /// A selection of objects.
    KeyObjects,
    /// A document of another format in a DICOM object: PDF, CDA, models.
    Document,
    /// Which pixels belong to what.
    Segmentation,
    /// A value for every pixel.
    ParametricMap,
}

/// Labels instead of bits; its number is newer than the dictionary.
const LABEL_MAP_SEGMENTATION: &str = "1.2.840.10008.5.1.4.1.1.66.7";
const STATES: &str = "1.2.840.10008.5.1.4.1.1.11.";
const REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";
const DOCUMENTS: &str = "1.2.840.10008.5.1.4.1.1.104.";

impl SupplementKind {
    /// The kind of an object; `None` for images and for objects that say nothing about images.
    pub fn of(entry: &Entry) -> Option<Self> {
        Self::of_class(entry.sop_class.as_deref()?)
    }

    /// The kind of the objects of a class.
    pub fn of_class(class: &str) -> Option<Self> {
        match class {
            uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE => Some(Self::KeyObjects),
            uids::SEGMENTATION_STORAGE | LABEL_MAP_SEGMENTATION => Some(Self::Segmentation),
            uids::PARAMETRIC_MAP_STORAGE => Some(Self::ParametricMap),
            class if class.starts_with(STATES) => Some(Self::PresentationState),
            class if class.starts_with(REPORTS) => Some(Self::StructuredReport),
            class if class.starts_with(DOCUMENTS) => Some(Self::Document),
            _ => None,
        }
    }

    /// Whether it has pixels of its own and can be looked at as an image where there is none to explain.
    pub fn is_image(self) -> bool {
        matches!(self, Self::Segmentation | Self::ParametricMap)
    }

    /// In words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::PresentationState => "presentation state",
            Self::StructuredReport => "report",
            Self::KeyObjects => "key objects",
            Self::Document => "document",
            Self::Segmentation => "segmentation",
            Self::ParametricMap => "parametric map",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_told_apart() {
        let kind = SupplementKind::of_class;
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.11.1"), Some(SupplementKind::PresentationState));
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.88.50"), Some(SupplementKind::StructuredReport));
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.88.59"), Some(SupplementKind::KeyObjects));
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.104.1"), Some(SupplementKind::Document));
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.66.4"), Some(SupplementKind::Segmentation));
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.66.5"), None, "surfaces are not pixels");
        assert_eq!(kind("1.2.840.10008.5.1.4.1.1.2"), None);
    }
}
