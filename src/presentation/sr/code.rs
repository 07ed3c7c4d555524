//! Coded concepts: a value, whose it is, and what it means (PS3.3 8.8).

use dicom_dictionary_std::tags;
use serde::Serialize;

use crate::dicom::{DataSet, Tag};

/// A coded concept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The code itself: the short value, else the long one, else the URN or URL.
    pub value: String,
    pub scheme: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub meaning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_group: Option<Box<ContextGroup>>,
    /// The same concept in other words or schemes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equivalents: Vec<Code>,
}

/// The list a code was chosen from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ContextGroup {
    /// Its number, without the letters `CID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Who defines it: `DCMR` is the standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Equivalent codes that are kept of one code.
const MAX_EQUIVALENTS: usize = 16;

impl Code {
    /// A code by its value, scheme and meaning.
    pub fn new(value: &str, scheme: &str, meaning: &str) -> Self {
        Self {
            value: value.to_owned(),
            scheme: scheme.to_owned(),
            meaning: meaning.to_owned(),
            ..Self::default()
        }
    }

    /// The first code of a sequence.
    pub fn first(data: &DataSet, sequence: Tag) -> Option<Self> {
        data.items(sequence).iter().find_map(Self::read)
    }

    /// All codes of a sequence.
    pub fn all(data: &DataSet, sequence: Tag) -> Vec<Self> {
        data.items(sequence).iter().filter_map(Self::read).collect()
    }

    /// The code an item of a code sequence holds; `None` when there is neither a value nor a meaning.
    pub fn read(item: &DataSet) -> Option<Self> {
        let code = Self::read_alone(item)?;
        let others = item.items(tags::EQUIVALENT_CODE_SEQUENCE).iter().take(MAX_EQUIVALENTS);
        Some(Self { equivalents: others.filter_map(Self::read_alone).collect(), ..code })
    }

    fn read_alone(item: &DataSet) -> Option<Self> {
        let text = |tag| item.string(tag).filter(|text| !text.is_empty());
        let value = text(tags::CODE_VALUE)
            .or_else(|| text(tags::LONG_CODE_VALUE))
            .or_else(|| text(tags::URN_CODE_VALUE))
            .unwrap_or_default();
        let meaning = text(tags::CODE_MEANING).unwrap_or_default();
        if value.is_empty() && meaning.is_empty() {
            return None;
        }
        Some(Self {
            value,
            meaning,
            scheme: text(tags::CODING_SCHEME_DESIGNATOR).unwrap_or_default(),
            version: text(tags::CODING_SCHEME_VERSION),
            context_group: ContextGroup::read(item).map(Box::new),
            equivalents: Vec::new(),
        })
    }

    /// What people read: the meaning, or the value where there is none.
    ///
    /// ```
    /// use lightbox::presentation::sr::Code;
    /// assert_eq!(Code::new("mm", "UCUM", "millimeter").text(), "millimeter");
    /// assert_eq!(Code::new("mm", "UCUM", "").text(), "mm");
    /// ```
    pub fn text(&self) -> &str {
        if self.meaning.is_empty() { &self.value } else { &self.meaning }
    }

    /// The code itself, as the standard writes it: value, scheme, meaning in brackets.
    pub fn notation(&self) -> String {
        let Self { value, scheme, meaning, .. } = self;
        match &self.version {
            Some(version) => format!("({value}, {scheme} [{version}], \"{meaning}\")"),
            None => format!("({value}, {scheme}, \"{meaning}\")"),
        }
    }

    /// Whether it is this concept: value and scheme, never words. Equivalents count.
    pub fn is(&self, value: &str, scheme: &str) -> bool {
        self.value == value && self.scheme == scheme
            || self.equivalents.iter().any(|other| other.value == value && other.scheme == scheme)
    }

    /// Whether it is one of these concepts, each a value and a scheme.
    pub fn is_any(&self, concepts: &[(&str, &str)]) -> bool {
        concepts.iter().any(|(value, scheme)| self.is(value, scheme))
    }
}

impl ContextGroup {
    fn read(item: &DataSet) -> Option<Self> {
        let text = |tag| item.string(tag).filter(|text| !text.is_empty());
        let id = text(tags::CONTEXT_IDENTIFIER);
        let uid = item.uid(tags::CONTEXT_UID);
        if id.is_none() && uid.is_none() {
            return None;
        }
        let resource = text(tags::MAPPING_RESOURCE);
        Some(Self { id, uid, resource, version: text(tags::CONTEXT_GROUP_VERSION) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::VR;
    use crate::dicom::testing::{data_set, lo, sequence, text};

    #[test]
    fn long_and_urn_values_count_as_values() {
        let long = data_set(vec![
            lo(tags::CODE_MEANING, "Long"),
            text(tags::LONG_CODE_VALUE, VR::UC, "12345678901234567"),
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "SCT"),
        ]);
        assert_eq!(Code::read(&long), Some(Code::new("12345678901234567", "SCT", "Long")));
        let urn = data_set(vec![text(tags::URN_CODE_VALUE, VR::UR, "urn:lex:us:federal")]);
        assert_eq!(Code::read(&urn), Some(Code::new("urn:lex:us:federal", "", "")));
        assert_eq!(Code::read(&data_set(vec![])), None);
    }

    #[test]
    fn equivalents_count_and_words_do_not() {
        let other = data_set(vec![
            text(tags::CODE_VALUE, VR::SH, "G-C171"),
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "SRT"),
        ]);
        let item = data_set(vec![
            text(tags::CODE_VALUE, VR::SH, "272741003"),
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "SCT"),
            lo(tags::CODE_MEANING, "Laterality"),
            text(tags::CONTEXT_IDENTIFIER, VR::CS, "6022"),
            sequence(tags::EQUIVALENT_CODE_SEQUENCE, vec![other]),
        ]);
        let code = Code::read(&item).expect("a code");
        assert!(code.is("272741003", "SCT") && code.is("G-C171", "SRT"));
        assert!(!code.is("Laterality", "SCT"));
        assert_eq!(code.context_group.expect("a group").id.as_deref(), Some("6022"));
    }
}
