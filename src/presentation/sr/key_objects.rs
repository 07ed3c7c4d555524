//! Key object selections: what somebody picked out, and why (PS3.16 TID 2010).

use super::code::Code;
use super::model::{Content, ItemId, Reference, Relationship, Report};

/// The class of key object selections.
pub const KEY_OBJECT_SELECTION: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// Objects that were picked out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyObjects {
    /// Why: _Of Interest_, _Rejected for Quality Reasons_.
    pub reason: Option<Code>,
    /// What the reason means here.
    pub modifiers: Vec<Code>,
    pub descriptions: Vec<String>,
    /// In the order of the selection.
    pub objects: Vec<Reference>,
}

/// _Document Title Modifier_.
const TITLE_MODIFIER: (&str, &str) = ("113011", "DCM");

impl Report {
    /// What is selected, where the document is a key object selection.
    pub fn key_objects(&self) -> Option<KeyObjects> {
        if self.header.sop_class_uid != KEY_OBJECT_SELECTION {
            return None;
        }
        let mut found = KeyObjects { reason: self.title().cloned(), ..KeyObjects::default() };
        for (_, item) in self.children(ItemId::ROOT) {
            let is_modifier = item.relationship == Some(Relationship::HasConceptModifier)
                && item.name.as_ref().is_some_and(|name| name.is(TITLE_MODIFIER.0, TITLE_MODIFIER.1));
            match &item.content {
                Content::Code { value: Some(code) } if is_modifier => found.modifiers.push(code.clone()),
                Content::Text { value } if item.relationship == Some(Relationship::Contains) => {
                    found.descriptions.push(value.clone());
                }
                other => found.objects.extend(other.references().iter().cloned()),
            }
        }
        Some(found)
    }
}
