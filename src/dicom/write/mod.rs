//! Writing objects. A data set being made: elements in tag order, written in any transfer syntax.
//!
//! Deliberately small and literal: what is put in is what is written, so that tests can also make
//! objects which a polite library would refuse. Value representations come from the standard's
//! dictionary unless one is given.

mod part10;

use std::collections::BTreeMap;

use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

pub use part10::{Implementation, Syntax, file};

/// The value of one element.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, UIDs, dates, numbers as text; padded to even length when written.
    Text(String),
    /// Bytes as they are.
    Bytes(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Tags(Vec<Tag>),
    Sequence(Vec<DataSet>),
    /// Encapsulated pixel data: the items after the Basic Offset Table, one or more a frame.
    Fragments {
        offsets: Vec<u32>,
        items: Vec<Vec<u8>>,
    },
}

/// Elements by tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataSet {
    elements: BTreeMap<Tag, (VR, Value)>,
}

/// The value representation the dictionary gives for a tag, the wider one where it leaves a choice.
fn vr_of(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

impl DataSet {
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an element with a value representation of the caller's choice.
    pub fn put(&mut self, tag: Tag, vr: VR, value: Value) -> &mut Self {
        self.elements.insert(tag, (vr, value));
        self
    }

    pub fn remove(&mut self, tag: Tag) -> &mut Self {
        self.elements.remove(&tag);
        self
    }

    pub fn get(&self, tag: Tag) -> Option<&Value> {
        self.elements.get(&tag).map(|(_, value)| value)
    }

    /// A text element; several values are separated by backslashes.
    pub fn text(&mut self, tag: Tag, text: impl Into<String>) -> &mut Self {
        self.put(tag, vr_of(tag), Value::Text(text.into()))
    }

    /// An element of length zero.
    pub fn empty(&mut self, tag: Tag) -> &mut Self {
        self.text(tag, "")
    }

    /// Whole numbers, in whatever representation the dictionary asks for.
    pub fn int(&mut self, tag: Tag, values: impl IntoIterator<Item = i64>) -> &mut Self {
        let values = values.into_iter();
        let vr = vr_of(tag);
        let value = match vr {
            VR::US | VR::SS | VR::OW => Value::U16(values.map(|v| v as u16).collect()),
            VR::UL | VR::SL => Value::U32(values.map(|v| v as u32).collect()),
            _ => Value::Text(join(values.map(|v| v.to_string()))),
        };
        self.put(tag, vr, value)
    }

    /// Numbers with fractions, in whatever representation the dictionary asks for.
    pub fn real(&mut self, tag: Tag, values: impl IntoIterator<Item = f64>) -> &mut Self {
        let values = values.into_iter();
        let vr = vr_of(tag);
        let value = match vr {
            VR::FL => Value::F32(values.map(|v| v as f32).collect()),
            VR::FD => Value::F64(values.collect()),
            _ => Value::Text(join(values.map(decimal))),
        };
        self.put(tag, vr, value)
    }

    pub fn sequence(&mut self, tag: Tag, items: Vec<Self>) -> &mut Self {
        self.put(tag, VR::SQ, Value::Sequence(items))
    }

    /// A code sequence of one item: value, scheme, meaning.
    pub fn code(&mut self, tag: Tag, code: (&str, &str, &str)) -> &mut Self {
        self.sequence(tag, vec![coded(code)])
    }

    pub fn pointer(&mut self, tag: Tag, to: Tag) -> &mut Self {
        self.put(tag, VR::AT, Value::Tags(vec![to]))
    }

    /// Adds all elements of another data set, replacing equal tags.
    pub fn extend(&mut self, other: Self) -> &mut Self {
        self.elements.extend(other.elements);
        self
    }

    fn iter(&self) -> impl Iterator<Item = (Tag, VR, &Value)> {
        self.elements.iter().map(|(tag, (vr, value))| (*tag, *vr, value))
    }
}

/// Builds a data set in one expression.
pub fn item(fill: impl FnOnce(&mut DataSet)) -> DataSet {
    let mut data = DataSet::new();
    fill(&mut data);
    data
}

/// The item of a code sequence.
pub fn coded((value, scheme, meaning): (&str, &str, &str)) -> DataSet {
    use dicom_dictionary_std::tags;
    item(|d| {
        d.text(tags::CODE_VALUE, value)
            .text(tags::CODING_SCHEME_DESIGNATOR, scheme)
            .text(tags::CODE_MEANING, meaning);
    })
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("\\")
}

/// A decimal string: at most 16 characters, no exponent for ordinary sizes.
pub fn decimal(value: f64) -> String {
    let exact = value.to_string();
    if exact.len() <= 16 {
        return exact;
    }
    let whole = format!("{:.0}", value.trunc()).len();
    let rounded = format!("{value:.*}", 14_usize.saturating_sub(whole));
    if rounded.len() <= 16 && rounded.contains('.') {
        return rounded.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format!("{value:.8e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_fit_sixteen_characters() {
        assert_eq!(decimal(0.094), "0.094");
        assert_eq!(decimal(-1024.0), "-1024");
        for value in [1.0 / 3.0, -1.0 / 3.0, 1e9 / 7.0, -1e14 / 7.0, 1e-7 / 3.0, 3.4e38, -1e-300] {
            let text = decimal(value);
            assert!(text.len() <= 16, "{text}");
            let back: f64 = text.parse().expect("a number");
            assert!((back / value - 1.0).abs() < 1e-5 || (back - value).abs() < 1e-11, "{value} {text}");
        }
    }
}
