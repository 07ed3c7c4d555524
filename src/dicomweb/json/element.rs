//! One attribute of the DICOM JSON Model: its representation and its value, in whatever order they come.

use std::fmt;

use dicom_core::VR;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Found, MOST_VALUES, Object, Reading, base64};
use crate::dicom::{DataSet, Element, Tag, Value, dictionary_vr};

/// One of the values of an attribute.
#[derive(Debug)]
pub(super) enum Json {
    Nothing,
    Integer(i64),
    Large(u64),
    Float(f64),
    Text(String),
    Object(Box<Found>),
}

impl Json {
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(number) => Some(number.to_string()),
            Self::Large(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Object(found) => person(found.name),
            Self::Nothing => None,
        }
    }

    fn integer(&self) -> Option<i128> {
        match self {
            Self::Integer(number) => Some(i128::from(*number)),
            Self::Large(number) => Some(i128::from(*number)),
            Self::Float(number) => Some(*number as i128),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|number| number as i128))
            }
            Self::Nothing | Self::Object(_) => None,
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Large(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            // Also the words for what is no number.
            Self::Text(text) => text.trim().parse().ok(),
            Self::Nothing | Self::Object(_) => None,
        }
    }
}

/// Component groups become what a file has: `Alphabetic=Ideographic=Phonetic`.
fn person(name: [Option<String>; 3]) -> Option<String> {
    let groups = name.map(Option::unwrap_or_default);
    let text = groups.join("=");
    let text = text.trim_end_matches('=');
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads one value, whatever it is; of an array the first.
pub(super) struct One<'a> {
    pub(super) reading: &'a mut Reading,
    pub(super) depth: u16,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Json, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Integer(i64::from(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Large(value), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Json, A::Error> {
        Object { reading: self.reading, depth: self.depth }
            .visit_map(map)
            .map(|found| Json::Object(found.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        // Arrays in arrays are not looked into.
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Nothing)
    }
}

/// Reads an array of values, or a single one without its array.
struct Many<'a> {
    reading: &'a mut Reading,
    depth: u16,
}

impl<'de> DeserializeSeed<'de> for Many<'_> {
    type Value = Vec<Json>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Many<'_> {
    type Value = Vec<Json>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        loop {
            if self.reading.values >= MOST_VALUES {
                while array.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(values);
            }
            self.reading.values += 1;
            let one = One { reading: &mut *self.reading, depth: self.depth };
            match array.next_element_seed(one)? {
                Some(value) => values.push(value),
                None => return Ok(values),
            }
        }
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(vec![Json::Integer(value)])
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(vec![i64::try_from(value).map_or(Json::Large(value), Json::Integer)])
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(vec![Json::Float(value)])
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(vec![Json::Text(value.to_owned())])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        One { reading: self.reading, depth: self.depth }.visit_map(map).map(|value| vec![value])
    }
}

/// Reads `{"vr": ..., "Value": [...]}`; `None` where that makes no sense.
pub(super) struct Attribute<'a> {
    pub(super) reading: &'a mut Reading,
    pub(super) depth: u16,
    pub(super) tag: Tag,
}

impl<'de> DeserializeSeed<'de> for Attribute<'_> {
    type Value = Option<Element>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Attribute<'_> {
    type Value = Option<Element>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { reading, depth, tag } = self;
        let (mut vr, mut values, mut inline, mut bulk) = (None, Vec::new(), None, None);
        while let Some(key) = map.next_key::<String>()? {
            let first = |values: Vec<Json>| values.into_iter().next().and_then(Json::into_text);
            match key.as_str() {
                "vr" | "VR" => {
                    let text = first(map.next_value_seed(Many { reading: &mut *reading, depth })?);
                    vr = text.and_then(|text| VR::from_binary(*text.as_bytes().first_chunk()?));
                }
                "Value" => values = map.next_value_seed(Many { reading: &mut *reading, depth: depth + 1 })?,
                "InlineBinary" => {
                    inline = first(map.next_value_seed(Many { reading: &mut *reading, depth: depth + 1 })?);
                }
                "BulkDataURI" => {
                    bulk = first(map.next_value_seed(Many { reading: &mut *reading, depth: depth + 1 })?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(element(tag, vr, values, inline, bulk, reading))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

fn element(
    tag: Tag,
    declared: Option<VR>,
    values: Vec<Json>,
    inline: Option<String>,
    bulk: Option<String>,
    reading: &mut Reading,
) -> Option<Element> {
    let guessed = || declared.or_else(|| guess(&values)).unwrap_or(VR::UN);
    let vr = match declared {
        Some(vr) if vr != VR::UN => vr,
        _ => dictionary_vr(tag, false).unwrap_or_else(guessed),
    };
    // An array of objects that are no names is a sequence, whatever it is called.
    let items = values.iter().any(|value| matches!(value, Json::Object(found) if !found.elements.is_empty()));
    if vr == VR::SQ || items {
        if vr == VR::SQ && values.is_empty() && inline.is_some() {
            return None;
        }
        let charset = &reading.charset;
        let item = |value| match value {
            Json::Object(found) => DataSet::from_utf8_elements(found.elements, charset),
            _ => DataSet::from_utf8_elements(Vec::new(), charset),
        };
        let items = values.into_iter().map(item).collect();
        return Some(Element { tag, vr: VR::SQ, value: Value::Items(items) });
    }
    let bytes = match (inline, bulk) {
        (Some(text), _) => base64::decode(&text)?,
        (None, Some(uri)) if values.is_empty() => {
            let number = u32::try_from(reading.bulk.len()).ok()?;
            reading.bulk.push(uri);
            return Some(Element { tag, vr, value: Value::Remote { number } });
        }
        _ => encoded(tag, vr, values),
    };
    Some(Element { tag, vr, value: Value::Bytes(padded(bytes, vr)) })
}

/// The representation of an unknown element by its first value.
fn guess(values: &[Json]) -> Option<VR> {
    match values.iter().find(|value| !matches!(value, Json::Nothing))? {
        Json::Integer(_) | Json::Large(_) => Some(VR::IS),
        Json::Float(_) => Some(VR::DS),
        Json::Text(_) => Some(VR::UC),
        Json::Object(found) if found.elements.is_empty() => Some(VR::PN),
        Json::Object(_) => Some(VR::SQ),
        Json::Nothing => None,
    }
}

fn encoded(tag: Tag, vr: VR, values: Vec<Json>) -> Vec<u8> {
    macro_rules! numbers {
        ($type:ty, $read:ident) => {
            values
                .iter()
                .filter_map(|value| value.$read())
                .flat_map(|number| (number as $type).to_le_bytes())
                .collect()
        };
    }
    match vr {
        VR::US | VR::OW => numbers!(u16, integer),
        VR::SS => numbers!(i16, integer),
        VR::UL | VR::OL => numbers!(u32, integer),
        VR::SL => numbers!(i32, integer),
        VR::UV | VR::OV => numbers!(u64, integer),
        VR::SV => numbers!(i64, integer),
        VR::OB => numbers!(u8, integer),
        VR::FL | VR::OF => numbers!(f32, float),
        VR::FD | VR::OD => numbers!(f64, float),
        VR::AT => values
            .into_iter()
            .filter_map(|value| super::tag_of(&value.into_text()?))
            .flat_map(|Tag(group, element)| [group.to_le_bytes(), element.to_le_bytes()].concat())
            .collect(),
        _ if tag == dicom_dictionary_std::tags::SPECIFIC_CHARACTER_SET => b"ISO_IR 192".to_vec(),
        _ => {
            let texts: Vec<String> =
                values.into_iter().map(|value| value.into_text().unwrap_or_default()).collect();
            texts.join("\\").into_bytes()
        }
    }
}

fn padded(mut bytes: Vec<u8>, vr: VR) -> Box<[u8]> {
    if bytes.len() % 2 == 1 {
        bytes.push(if matches!(vr, VR::UI | VR::OB | VR::UN) { 0 } else { b' ' });
    }
    bytes.into_boxed_slice()
}
