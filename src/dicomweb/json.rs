//! The DICOM JSON Model (PS3.18 annex F), read: answers of servers become data sets.
//!
//! An array of instances is read one instance at a time, straight from the body: a study of thousands is never in
//! memory as text. What servers do differently from the standard is taken as it is meant: numbers as text and text
//! as numbers, absent representations, plain names. What makes no sense costs its element. Depth, elements and
//! bytes of an instance have bounds.

mod base64;
mod element;

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::WebError;
use crate::dicom::{CharacterSets, DataSet, Element, Tag};

/// Sequences inside sequences deeper than this are left out.
const MOST_DEPTH: u16 = 24;
/// Elements of one instance, sequences included.
const MOST_ELEMENTS: usize = 1_000_000;
/// Text of one instance.
const MOST_BYTES: u64 = 128 << 20;
/// Values of one instance.
const MOST_VALUES: usize = 8_000_000;

/// An object as metadata tells of it.
#[derive(Debug, Default)]
pub struct Instance {
    pub data: DataSet,
    /// Group 0002, where a server sends it.
    pub meta: DataSet,
    /// Where values are that were not sent with it, as written; `Value::Remote` counts through them.
    pub bulk: Vec<String>,
}

/// Reads an array of objects, or a single one, and hands each to `each` until that answers `false`.
///
/// What was read before an error stands.
pub fn read_instances(body: impl Read, each: &mut dyn FnMut(Instance) -> bool) -> Result<(), WebError> {
    let left = Rc::new(Cell::new(MOST_BYTES));
    let stopped = Cell::new(false);
    let reader = io::BufReader::with_capacity(64 * 1024, Limited { inner: body, left: Rc::clone(&left) });
    let mut json = serde_json::Deserializer::from_reader(reader);
    let mut top = Top { each, left: &left, stopped: &stopped };
    let read = json.deserialize_any(&mut top);
    match read {
        _ if stopped.get() => Ok(()),
        Ok(()) => Ok(()),
        Err(error) => Err(web_error(error, left.get() == 0)),
    }
}

/// Reads one object out of text.
#[cfg(test)]
pub(super) fn read_text(text: &str) -> Result<Instance, WebError> {
    let mut found = None;
    read_instances(text.as_bytes(), &mut |instance| {
        found = Some(instance);
        false
    })?;
    found.ok_or_else(|| WebError::Nonsense("there is no object".to_owned()))
}

fn web_error(error: serde_json::Error, too_large: bool) -> WebError {
    if too_large {
        return WebError::TooLarge("the metadata of one instance".to_owned());
    }
    if !error.is_io() {
        let what = if error.is_eof() { "it ends too early" } else { "it is not DICOM JSON" };
        return WebError::Nonsense(format!("{what} (line {}, column {})", error.line(), error.column()));
    }
    super::WebError::from(io::Error::from(error))
}

/// Ends a body that goes on for ever.
struct Limited<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(buf.len());
        if most == 0 && !buf.is_empty() {
            return Err(io::Error::other("too large"));
        }
        let count = self.inner.read(buf.get_mut(..most).unwrap_or_default())?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}

struct Top<'a> {
    each: &'a mut dyn FnMut(Instance) -> bool,
    left: &'a Cell<u64>,
    stopped: &'a Cell<bool>,
}

impl Top<'_> {
    fn take<E: serde::de::Error>(&mut self, reading: Reading, elements: Vec<Element>) -> Result<(), E> {
        self.left.set(MOST_BYTES);
        if elements.is_empty() {
            return Ok(());
        }
        let (meta, data) = elements.into_iter().partition(|element: &Element| element.tag.group() == 2);
        let set = |elements| DataSet::from_utf8_elements(elements, &reading.charset);
        let instance = Instance { data: set(data), meta: set(meta), bulk: reading.bulk };
        if (self.each)(instance) {
            return Ok(());
        }
        self.stopped.set(true);
        Err(E::custom("enough"))
    }
}

impl<'de> Visitor<'de> for &mut Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("objects in the DICOM JSON model")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<(), A::Error> {
        loop {
            let mut reading = Reading::default();
            let Some(object) = objects.next_element_seed(Object { reading: &mut reading, depth: 0 })? else {
                return Ok(());
            };
            self.take(reading, object.elements)?;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let mut reading = Reading::default();
        let object = Object { reading: &mut reading, depth: 0 }.visit_map(map)?;
        self.take(reading, object.elements)
    }
}

/// What is kept while one instance is read.
struct Reading {
    bulk: Vec<String>,
    elements: usize,
    values: usize,
    charset: Arc<CharacterSets>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            bulk: Vec::new(),
            elements: 0,
            values: 0,
            charset: Arc::new(CharacterSets::parse("ISO_IR 192")),
        }
    }
}

/// A JSON object: the elements of an item, and where it is a person's name, its component groups.
#[derive(Debug, Default)]
struct Found {
    elements: Vec<Element>,
    name: [Option<String>; 3],
}

/// Reads an object, or whatever stands in its place.
struct Object<'a> {
    reading: &'a mut Reading,
    depth: u16,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Found;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Found, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let Self { reading, depth } = self;
        let mut found = Found::default();
        // What is nested deeper than this is not looked at.
        while let Some(key) = map.next_key::<String>()? {
            let place = match key.as_str() {
                "Alphabetic" => Some(0),
                "Ideographic" => Some(1),
                "Phonetic" => Some(2),
                _ => None,
            };
            if let Some(place) = place {
                let text = map
                    .next_value_seed(element::One { reading: &mut *reading, depth: depth + 1 })?
                    .into_text();
                if let Some(slot) = found.name.get_mut(place) {
                    *slot = text;
                }
                continue;
            }
            let tag = tag_of(&key).filter(|tag| tag.element() != 0 && tag.group() != 0xFFFE);
            let Some(tag) = tag.filter(|_| depth <= MOST_DEPTH && reading.elements < MOST_ELEMENTS) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            reading.elements += 1;
            found.elements.extend(map.next_value_seed(element::Attribute {
                reading: &mut *reading,
                depth,
                tag,
            })?);
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Found, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::default())
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Found, E> {
        Ok(Found::default())
    }
}

/// `00080060`; with a comma or in brackets, as some write it.
fn tag_of(key: &str) -> Option<Tag> {
    let mut value: u32 = 0;
    let mut digits = 0;
    for c in key.chars().filter(|c| !matches!(c, ',' | '(' | ')' | ' ')) {
        value = value.checked_mul(16)?.checked_add(c.to_digit(16)?)?;
        digits += 1;
    }
    let group = u16::try_from(value >> 16).ok()?;
    (digits == 8).then_some(Tag(group, (value & 0xFFFF) as u16))
}

#[cfg(test)]
mod tests;
