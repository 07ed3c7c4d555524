//! The elements of a data set, as read: a tree of tags, value representations and raw values.
//!
//! Values stay raw bytes until somebody asks; the getters decode numbers and text on demand and never
//! fail on a malformed value, they answer `None`.

use std::sync::Arc;

use dicom_core::{Tag, VR};

use super::text::CharacterSets;

/// The value of one element.
#[derive(Debug, Clone)]
pub enum Value {
    /// Raw bytes, little-endian for numeric representations whatever the file's byte order was.
    Bytes(Box<[u8]>),
    /// The items of a sequence.
    Items(Vec<DataSet>),
    /// A value left where it lies: too large to be worth reading, or the pixel data itself.
    Elsewhere { offset: u64, length: u64 },
    /// A value that was not sent with the header: its number for [`FrameSource::value`](super::FrameSource::value).
    Remote { number: u32 },
}

/// One element.
#[derive(Debug, Clone)]
pub struct Element {
    pub tag: Tag,
    pub vr: VR,
    pub value: Value,
}

/// Elements in tag order, with the character sets in force.
#[derive(Debug, Clone, Default)]
pub struct DataSet {
    pub(super) elements: Vec<Element>,
    pub(super) charset: Arc<CharacterSets>,
}

impl DataSet {
    /// A data set of these elements, in whatever order they come, with text in the default repertoire.
    pub fn from_elements(elements: Vec<Element>) -> Self {
        let mut data = Self { elements, ..Self::default() };
        data.finish();
        data
    }

    /// A data set of these elements whose text is in UTF-8, whatever _Specific Character Set_ says.
    pub fn from_utf8_elements(elements: Vec<Element>, charset: &Arc<CharacterSets>) -> Self {
        let mut data = Self { elements, charset: Arc::clone(charset) };
        data.finish();
        data
    }

    /// Puts the elements in tag order, the first of equals staying; says whether that was needed.
    pub(super) fn finish(&mut self) -> bool {
        if self.elements.is_sorted_by(|a, b| a.tag < b.tag) {
            return false;
        }
        self.elements.sort_by_key(|e| e.tag);
        self.elements.dedup_by_key(|e| e.tag);
        true
    }

    /// Puts an element in its place, over the one that was there.
    pub fn set(&mut self, element: Element) {
        match self.elements.binary_search_by_key(&element.tag, |e| e.tag) {
            Ok(at) => {
                if let Some(old) = self.elements.get_mut(at) {
                    *old = element;
                }
            }
            Err(at) => self.elements.insert(at, element),
        }
    }

    /// Fetches values that were not sent with the header, in sequences too; those `fetch` has none for stay away.
    pub fn bring_remote(
        &mut self,
        wanted: &dyn Fn(Tag) -> bool,
        fetch: &mut dyn FnMut(u32) -> Option<Vec<u8>>,
    ) {
        for element in &mut self.elements {
            match &mut element.value {
                Value::Items(items) => items.iter_mut().for_each(|item| item.bring_remote(wanted, fetch)),
                Value::Remote { number } if wanted(element.tag) => {
                    if let Some(bytes) = fetch(*number) {
                        element.value = Value::Bytes(bytes.into_boxed_slice());
                    }
                }
                _ => {}
            }
        }
    }

    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The element with a tag.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        let index = self.elements.binary_search_by_key(&tag, |e| e.tag).ok()?;
        self.elements.get(index)
    }

    pub fn contains(&self, tag: Tag) -> bool {
        self.get(tag).is_some()
    }

    /// How text of this data set is encoded.
    pub fn character_sets(&self) -> &CharacterSets {
        &self.charset
    }

    /// Raw bytes of a value that is not a sequence.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match &self.get(tag)?.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) | Value::Elsewhere { .. } | Value::Remote { .. } => None,
        }
    }

    /// Items of a sequence; empty when absent.
    pub fn items(&self, tag: Tag) -> &[DataSet] {
        match self.get(tag).map(|e| &e.value) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// First item of a sequence.
    pub fn item(&self, tag: Tag) -> Option<&DataSet> {
        self.items(tag).first()
    }
}
