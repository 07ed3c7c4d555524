//! Typed values of elements, decoded when asked for.
//!
//! The getters forgive: padding, decimal commas, numbers as text and text as numbers. What makes no
//! sense is absent.

use dicom_core::{Tag, VR};

use super::{DataSet, Element, Value};

impl DataSet {
    /// The value as text in the character sets of the data set, trimmed, with its backslashes.
    /// Numbers are written out; bulk data and sequences have no text.
    pub fn string(&self, tag: Tag) -> Option<String> {
        let element = self.get(tag)?;
        let Value::Bytes(bytes) = &element.value else { return None };
        if is_text(element.vr) {
            return Some(self.text(bytes, element.vr));
        }
        match element.vr {
            VR::UN if bytes.iter().all(|b| matches!(b, 0 | b'\t' | b'\n' | b'\r' | 0x1B | b' '..)) => {
                Some(self.text(bytes, element.vr))
            }
            VR::AT => Some(join(tag_pairs(bytes).map(|t| format!("{:04X}{:04X}", t.0, t.1)))),
            VR::FL | VR::FD => Some(join(floats(element).into_iter())),
            VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV => Some(join(integers(element).into_iter())),
            _ => None,
        }
    }

    /// The values one by one, each trimmed; text that may hold backslashes stays in one piece.
    pub fn strings(&self, tag: Tag) -> Vec<String> {
        let Some(text) = self.string(tag) else { return Vec::new() };
        if text.is_empty() {
            return Vec::new();
        }
        match self.get(tag).map(|e| e.vr) {
            Some(VR::LT | VR::ST | VR::UT | VR::UR) => vec![text],
            _ => text.split('\\').map(|part| part.trim_matches(PADDING).to_owned()).collect(),
        }
    }

    /// A person's name as stored: component groups by `=`, components by `^`, the first value only.
    pub fn person_name(&self, tag: Tag) -> Option<String> {
        self.strings(tag).into_iter().next().filter(|name| !name.is_empty())
    }

    /// A unique identifier, without padding; `None` when empty.
    pub fn uid(&self, tag: Tag) -> Option<String> {
        let bytes = self.bytes(tag)?;
        let text = String::from_utf8_lossy(bytes);
        let first = text.split('\\').next().unwrap_or_default().trim_matches(PADDING);
        (!first.is_empty()).then(|| first.to_owned())
    }

    /// The first value as an integer.
    pub fn int(&self, tag: Tag) -> Option<i64> {
        self.ints(tag).first().copied()
    }

    /// All values as integers; empty when one of them is none.
    pub fn ints(&self, tag: Tag) -> Vec<i64> {
        self.get(tag).map(integers).unwrap_or_default()
    }

    /// The first value as a float.
    pub fn float(&self, tag: Tag) -> Option<f64> {
        self.floats(tag).first().copied()
    }

    /// All values as floats; empty when one of them is none.
    pub fn floats(&self, tag: Tag) -> Vec<f64> {
        self.get(tag).map(floats).unwrap_or_default()
    }

    /// Raw 16-bit words, whatever the representation says: lookup tables and their descriptors.
    pub fn u16s(&self, tag: Tag) -> Option<Vec<u16>> {
        let element = self.get(tag)?;
        let Value::Bytes(bytes) = &element.value else { return None };
        match element.vr {
            VR::OW | VR::US | VR::SS | VR::UN | VR::OB | VR::OV | VR::AT => {
                let (words, _) = bytes.as_chunks::<2>();
                Some(words.iter().map(|b| u16::from_le_bytes(*b)).collect())
            }
            // Descriptors written as text do exist.
            VR::IS | VR::DS => {
                let values = integers(element);
                Some(values.into_iter().map(|v| v as u16).collect())
            }
            _ => None,
        }
    }

    /// Tags held as values.
    pub fn tags(&self, tag: Tag) -> Vec<Tag> {
        self.bytes(tag).map(|bytes| tag_pairs(bytes).collect()).unwrap_or_default()
    }

    fn text(&self, bytes: &[u8], vr: VR) -> String {
        let text = self.charset.decode(bytes, vr);
        let trimmed = match vr {
            // Leading blanks belong to the layout of a text.
            VR::LT | VR::ST | VR::UT => text.trim_end_matches(PADDING),
            _ => text.trim_matches(PADDING),
        };
        if trimmed.len() == text.len() { text } else { trimmed.to_owned() }
    }
}

/// What pads values: blanks as the standard says, and zeros as many writers do.
const PADDING: [char; 2] = [' ', '\0'];

/// Representations whose values are characters.
fn is_text(vr: VR) -> bool {
    matches!(
        vr,
        VR::AE
            | VR::AS
            | VR::CS
            | VR::DA
            | VR::DS
            | VR::DT
            | VR::IS
            | VR::LO
            | VR::LT
            | VR::PN
            | VR::SH
            | VR::ST
            | VR::TM
            | VR::UC
            | VR::UI
            | VR::UR
            | VR::UT
    )
}

fn join(values: impl Iterator<Item = impl ToString>) -> String {
    values.map(|v| v.to_string()).collect::<Vec<_>>().join("\\")
}

fn tag_pairs(bytes: &[u8]) -> impl Iterator<Item = Tag> + '_ {
    let (pairs, _) = bytes.as_chunks::<4>();
    pairs.iter().map(|&[a, b, c, d]| Tag(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])))
}

/// Fixed-size numbers of a little-endian value.
fn numbers<const N: usize, T>(bytes: &[u8], from: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|b| from(*b)).collect()
}

/// The parts of a text value that holds numbers; `None` when one cannot be read.
fn parsed<T>(bytes: &[u8], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(PADDING);
    if text.is_empty() {
        return None;
    }
    text.split('\\').map(|part| parse(part.trim_matches(|c: char| c == '\0' || c.is_whitespace()))).collect()
}

fn parse_float(text: &str) -> Option<f64> {
    let value = text.parse::<f64>().or_else(|_| text.replace(',', ".").parse()).ok()?;
    value.is_finite().then_some(value)
}

fn parse_int(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().or_else(|| parse_float(text).and_then(whole))
}

fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9.0e15).then_some(value as i64)
}

fn integers(element: &Element) -> Vec<i64> {
    let Value::Bytes(bytes) = &element.value else { return Vec::new() };
    match element.vr {
        VR::US | VR::OW => numbers(bytes, |b| i64::from(u16::from_le_bytes(b))),
        VR::SS => numbers(bytes, |b| i64::from(i16::from_le_bytes(b))),
        VR::UL | VR::OL => numbers(bytes, |b| i64::from(u32::from_le_bytes(b))),
        VR::SL => numbers(bytes, |b| i64::from(i32::from_le_bytes(b))),
        VR::SV => numbers(bytes, i64::from_le_bytes),
        VR::UV | VR::OV => numbers(bytes, |b| i64::try_from(u64::from_le_bytes(b)).unwrap_or(i64::MAX)),
        VR::OB => bytes.iter().map(|&b| i64::from(b)).collect(),
        VR::FL | VR::FD => floats(element).into_iter().map(whole).collect::<Option<_>>().unwrap_or_default(),
        VR::UN => match bytes.len() {
            2 => numbers(bytes, |b| i64::from(u16::from_le_bytes(b))),
            4 => numbers(bytes, |b| i64::from(u32::from_le_bytes(b))),
            _ => parsed(bytes, parse_int).unwrap_or_default(),
        },
        vr if is_text(vr) => parsed(bytes, parse_int).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn floats(element: &Element) -> Vec<f64> {
    let Value::Bytes(bytes) = &element.value else { return Vec::new() };
    match element.vr {
        VR::FL | VR::OF => numbers(bytes, |b| f64::from(f32::from_le_bytes(b))),
        VR::FD | VR::OD => numbers(bytes, f64::from_le_bytes),
        VR::UV | VR::OV => numbers(bytes, |b| u64::from_le_bytes(b) as f64),
        VR::UN if bytes.len() > 4 => parsed(bytes, parse_float).unwrap_or_default(),
        vr if is_text(vr) => parsed(bytes, parse_float).unwrap_or_default(),
        _ => integers(element).into_iter().map(|v| v as f64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(vr: VR, bytes: &[u8]) -> DataSet {
        let value = Value::Bytes(bytes.into());
        DataSet { elements: vec![Element { tag: Tag(8, 8), vr, value }], ..DataSet::default() }
    }

    const TAG: Tag = Tag(8, 8);

    #[test]
    fn text_is_trimmed_and_split() {
        let image_type = set(VR::CS, b"ORIGINAL\\ PRIMARY \\AXIAL\0");
        assert_eq!(image_type.strings(TAG), ["ORIGINAL", "PRIMARY", "AXIAL"]);
        assert_eq!(set(VR::LT, b"  a\\b ").strings(TAG), ["  a\\b"]);
        assert_eq!(set(VR::UI, b"1.2.3\0").uid(TAG).as_deref(), Some("1.2.3"));
        assert_eq!(set(VR::UI, b"\0\0").uid(TAG), None);
    }

    #[test]
    fn numbers_from_text() {
        assert_eq!(set(VR::DS, b"0.5\\ -1e2\\3 ").floats(TAG), [0.5, -100.0, 3.0]);
        assert_eq!(set(VR::DS, b"0,25").float(TAG), Some(0.25));
        assert_eq!(set(VR::DS, b"1\\oops").floats(TAG), Vec::<f64>::new());
        assert_eq!(set(VR::IS, b"12.0").int(TAG), Some(12));
        assert_eq!(set(VR::IS, b"  ").int(TAG), None);
    }

    #[test]
    fn numbers_from_bytes() {
        assert_eq!(set(VR::SS, &[0xFF, 0xFF, 1, 0]).ints(TAG), [-1, 1]);
        assert_eq!(set(VR::US, &[0xFF, 0xFF, 1]).ints(TAG), [65535]);
        assert_eq!(set(VR::FD, &1.5f64.to_le_bytes()).float(TAG), Some(1.5));
        assert_eq!(set(VR::SS, &[0x00, 0x80]).u16s(TAG), Some(vec![0x8000]));
        assert_eq!(set(VR::AT, &[0x28, 0, 0x10, 0]).tags(TAG), [Tag(0x28, 0x10)]);
        assert_eq!(set(VR::AT, &[0x28, 0, 0x10, 0]).string(TAG).as_deref(), Some("00280010"));
    }
}
