//! An object in the DICOM JSON Model (PS3.18 annex F), written as it goes.
//!
//! Text becomes UTF-8 and _Specific Character Set_ says so. Group lengths and the file meta information are
//! left out, as the standard demands. Binary values above a limit, and pixel data, are not written but
//! pointed at: `BulkDataURI` is the file's own URI with the offset and the length of the bytes in it, or for
//! a value that was read with the header, and whose offset is not kept, with its path.

use std::io::{self, Write};

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::fragments;
use super::path::{Path, Step, root_of};
use super::text::{self, decoded, is_one_text, is_text};
use super::value;
use crate::dicom::{DataSet, DicomFile, Element, Error, Value};

/// What becomes of bulk data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonOptions {
    /// Binary values up to this many bytes are written inline; `None` writes all of them, native pixel data
    /// too. Encapsulated pixel data is never inline.
    pub inline: Option<u64>,
    /// The URI of the object, which those of its bulk data begin with.
    pub uri: String,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self { inline: Some(64 * 1024), uri: String::new() }
    }
}

/// Text and numbers longer than this are never read.
const MOST_READ: u64 = 64 << 20;
/// Bytes read and encoded at a time: whole numbers of every size, and whole groups of base64.
const CHUNK: u64 = 24 * 4096;

/// Writes one object. The answer says which values could not be read; they are cut short in the output, which
/// is well-formed all the same.
pub fn write(file: &DicomFile, options: &JsonOptions, out: &mut dyn Write) -> io::Result<Vec<Error>> {
    let mut json = Json { file, options, out, problems: Vec::new(), path: Path::default() };
    json.data_set(&file.data, true)?;
    Ok(json.problems)
}

/// Writes only the elements and items at `paths`, in the sequences they lie in. Here, and only here, elements
/// of the file meta information are written when they are asked for.
pub fn write_selected(
    file: &DicomFile,
    paths: &[Path],
    options: &JsonOptions,
    out: &mut dyn Write,
) -> io::Result<Vec<Error>> {
    let mut json = Json { file, options, out, problems: Vec::new(), path: Path::default() };
    let mut steps: Vec<&[Step]> = paths.iter().map(|path| path.0.as_slice()).collect();
    steps.sort_unstable();
    steps.dedup();
    json.selected(None, &steps)?;
    Ok(json.problems)
}

struct Json<'a> {
    file: &'a DicomFile,
    options: &'a JsonOptions,
    out: &'a mut dyn Write,
    problems: Vec<Error>,
    /// The items around what is being written.
    path: Path,
}

impl Json<'_> {
    /// At the top every element has a line of its own.
    fn data_set(&mut self, data: &DataSet, top: bool) -> io::Result<()> {
        self.out.write_all(b"{")?;
        let mut first = true;
        for element in data.elements().iter().filter(|element| element.tag.element() != 0) {
            self.separate(&mut first, top)?;
            self.element(data, element)?;
        }
        self.out.write_all(if top && !first { b"\n}" } else { b"}" })
    }

    /// The elements that `paths`, which are in order, lead to; `data` is `None` for the object itself.
    fn selected(&mut self, data: Option<&DataSet>, paths: &[&[Step]]) -> io::Result<()> {
        let top = data.is_none();
        self.out.write_all(b"{")?;
        let mut first = true;
        let mut rest = paths;
        while let Some(&Step { tag, .. }) = rest.first().and_then(|path| path.first()) {
            let count = rest.iter().take_while(|path| path.first().is_some_and(|s| s.tag == tag)).count();
            let (same, later) = rest.split_at(count);
            rest = later;
            let data = data.unwrap_or_else(|| root_of(self.file, tag));
            let Some(element) = data.get(tag) else { continue };
            self.separate(&mut first, top)?;
            let whole = same.iter().any(|path| matches!(path, [Step { item: None, .. }]));
            match &element.value {
                Value::Items(items) if !whole => {
                    self.key(element)?;
                    self.out.write_all(b",\"Value\":[")?;
                    self.selected_items(items, same)?;
                    self.out.write_all(b"]}")?;
                }
                _ => self.element(data, element)?,
            }
        }
        self.out.write_all(if top && !first { b"\n}" } else { b"}" })
    }

    fn selected_items(&mut self, items: &[DataSet], paths: &[&[Step]]) -> io::Result<()> {
        let mut first = true;
        let mut rest = paths;
        while let Some(&Step { tag, item: Some(number) }) = rest.first().and_then(|path| path.first()) {
            let of_item = |path: &&&[Step]| path.first().is_some_and(|step| step.item == Some(number));
            let (same, later) = rest.split_at(rest.iter().take_while(of_item).count());
            rest = later;
            let Some(item) = usize::try_from(number).ok().and_then(|n| items.get(n)) else { continue };
            self.separate(&mut first, false)?;
            self.path.0.push(Step { tag, item: Some(number) });
            if same.iter().any(|path| path.len() == 1) {
                self.data_set(item, false)?;
            } else {
                let below: Vec<&[Step]> = same.iter().filter_map(|path| path.get(1..)).collect();
                self.selected(Some(item), &below)?;
            }
            self.path.0.pop();
        }
        Ok(())
    }

    fn separate(&mut self, first: &mut bool, lines: bool) -> io::Result<()> {
        let comma: &[u8] = if std::mem::take(first) { b"" } else { b"," };
        self.out.write_all(comma)?;
        self.out.write_all(if lines { b"\n" } else { b"" })
    }

    /// The name of an element and its representation; the object stays open.
    fn key(&mut self, element: &Element) -> io::Result<()> {
        write!(self.out, "\"{}\":{{\"vr\":\"{}\"", tag_name(element.tag), element.vr)
    }

    fn element(&mut self, data: &DataSet, element: &Element) -> io::Result<()> {
        self.key(element)?;
        match &element.value {
            Value::Items(items) => self.sequence(element.tag, items)?,
            Value::Bytes(bytes) if bytes.is_empty() => {}
            _ if is_binary(element.vr) => self.binary(element)?,
            Value::Elsewhere { offset, length } if self.is_bulk(element.vr, *length) => {
                self.bulk(*offset, *length)?;
            }
            _ => match value::start_of(self.file, element, MOST_READ) {
                Ok(bytes) if is_text(element.vr) => self.text(data, element, &bytes)?,
                Ok(bytes) => self.numbers(element.vr, &bytes)?,
                Err(error) => self.problems.push(error),
            },
        }
        self.out.write_all(b"}")
    }

    /// Whether a long value that was left in the file stays there: only where the standard knows bulk data.
    fn is_bulk(&self, vr: VR, length: u64) -> bool {
        let may = text::number_size(vr).is_some_and(|_| vr != VR::AT)
            || matches!(vr, VR::DS | VR::IS | VR::LT | VR::ST | VR::UC | VR::UT);
        length > MOST_READ || (may && self.options.inline.is_some_and(|most| length > most))
    }

    fn sequence(&mut self, tag: Tag, items: &[DataSet]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.out.write_all(b",\"Value\":[")?;
        let mut first = true;
        for (number, item) in (0_u32..).zip(items) {
            self.separate(&mut first, false)?;
            self.path.0.push(Step { tag, item: Some(number) });
            self.data_set(item, false)?;
            self.path.0.pop();
        }
        self.out.write_all(b"]")
    }

    fn text(&mut self, data: &DataSet, element: &Element, bytes: &[u8]) -> io::Result<()> {
        let vr = element.vr;
        let text = decoded(data, vr, bytes);
        if text.is_empty() {
            return Ok(());
        }
        self.out.write_all(b",\"Value\":[")?;
        if element.tag == tags::SPECIFIC_CHARACTER_SET {
            self.string("ISO_IR 192")?;
        } else if is_one_text(vr) {
            self.string(&text)?;
        } else {
            let mut first = true;
            for value in text.split('\\') {
                self.separate(&mut first, false)?;
                self.one_text(vr, value.trim_matches([' ', '\0']))?;
            }
        }
        self.out.write_all(b"]")
    }

    fn one_text(&mut self, vr: VR, value: &str) -> io::Result<()> {
        if value.is_empty() {
            return self.out.write_all(b"null");
        }
        let number = match vr {
            VR::DS => decimal(value),
            VR::IS => value.trim_start_matches('+').parse::<i64>().ok().map(|number| number.to_string()),
            VR::PN => return self.person(value),
            _ => None,
        };
        match number {
            Some(number) => self.out.write_all(number.as_bytes()),
            // What is no number is still the value: the standard lets it be a string.
            None => self.string(value),
        }
    }

    fn person(&mut self, value: &str) -> io::Result<()> {
        let names = ["Alphabetic", "Ideographic", "Phonetic"];
        let groups: Vec<_> = names
            .into_iter()
            .zip(value.splitn(3, '=').map(|group| group.trim_end_matches([' ', '\0'])))
            .filter(|(_, group)| !group.is_empty())
            .collect();
        if groups.is_empty() {
            return self.out.write_all(b"null");
        }
        self.out.write_all(b"{")?;
        let mut first = true;
        for (name, group) in groups {
            self.separate(&mut first, false)?;
            write!(self.out, "\"{name}\":")?;
            self.string(group)?;
        }
        self.out.write_all(b"}")
    }

    fn numbers(&mut self, vr: VR, bytes: &[u8]) -> io::Result<()> {
        let size = text::number_size(vr).unwrap_or(1);
        if bytes.len() < size {
            return Ok(());
        }
        self.out.write_all(b",\"Value\":[")?;
        let mut first = true;
        for chunk in bytes.chunks_exact(size) {
            self.separate(&mut first, false)?;
            self.number(vr, chunk)?;
        }
        self.out.write_all(b"]")
    }

    fn number(&mut self, vr: VR, bytes: &[u8]) -> io::Result<()> {
        /// Integers beyond this lose digits in readers whose numbers are all floats.
        const EXACT: u64 = 1 << 53;
        let two = bytes.first_chunk::<2>().copied().unwrap_or_default();
        let four = bytes.first_chunk::<4>().copied().unwrap_or_default();
        let eight = bytes.first_chunk::<8>().copied().unwrap_or_default();
        match vr {
            VR::US => write!(self.out, "{}", u16::from_le_bytes(two)),
            VR::SS => write!(self.out, "{}", i16::from_le_bytes(two)),
            VR::UL => write!(self.out, "{}", u32::from_le_bytes(four)),
            VR::SL => write!(self.out, "{}", i32::from_le_bytes(four)),
            VR::UV if u64::from_le_bytes(eight) > EXACT => {
                write!(self.out, "\"{}\"", u64::from_le_bytes(eight))
            }
            VR::UV => write!(self.out, "{}", u64::from_le_bytes(eight)),
            VR::SV if i64::from_le_bytes(eight).unsigned_abs() > EXACT => {
                write!(self.out, "\"{}\"", i64::from_le_bytes(eight))
            }
            VR::SV => write!(self.out, "{}", i64::from_le_bytes(eight)),
            VR::AT => write!(self.out, "\"{}\"", tag_name(text::at(four))),
            VR::FL => self.float(f64::from(f32::from_le_bytes(four))),
            _ => self.float(f64::from_le_bytes(eight)),
        }
    }

    /// JSON has no number for what is none, nor for infinity; readers know these words.
    fn float(&mut self, value: f64) -> io::Result<()> {
        if value.is_nan() {
            return self.out.write_all(b"\"NaN\"");
        }
        if value.is_infinite() {
            return self.out.write_all(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
        }
        serde_json::to_writer(&mut self.out, &value).map_err(io::Error::from)
    }

    fn binary(&mut self, element: &Element) -> io::Result<()> {
        let length = value::length(element).unwrap_or(0);
        if let Some(first) = fragments::begin(self.file, element) {
            let end = match fragments::walk(self.file.source.as_ref(), first) {
                Ok(found) => found.end,
                Err(error) => {
                    self.problems.push(error);
                    None
                }
            };
            return self.bulk(first, end.map_or(length, |end| end - first));
        }
        if let Value::Elsewhere { offset, length } = element.value {
            let there = self.file.source.len().saturating_sub(offset).min(length);
            let pixels = self.file.pixels.is_some_and(|pixels| pixels.tag == element.tag);
            let pointed_at = self.options.inline.is_some_and(|most| pixels || length > most);
            return if pointed_at { self.bulk(offset, there) } else { self.inline(element, offset, there) };
        }
        let Value::Bytes(bytes) = &element.value else { return Ok(()) };
        if self.options.inline.is_some_and(|most| length > most) {
            let mut path = self.path.clone();
            path.0.push(Step { tag: element.tag, item: None });
            // Brackets are not for fragments of a URI.
            let path = path.to_string().replace('[', "%5B").replace(']', "%5D");
            return self.pointer(&format!("#{path}"));
        }
        self.out.write_all(b",\"InlineBinary\":\"")?;
        base64(bytes, self.out)?;
        self.out.write_all(b"\"")
    }

    fn inline(&mut self, element: &Element, offset: u64, length: u64) -> io::Result<()> {
        self.out.write_all(b",\"InlineBinary\":\"")?;
        let mut done = 0;
        while done < length {
            let part = Value::Elsewhere { offset: offset + done, length: (length - done).min(CHUNK) };
            match self.file.read_value(&Element { tag: element.tag, vr: element.vr, value: part }) {
                Ok(bytes) => base64(&bytes, self.out)?,
                Err(error) => {
                    self.problems.push(error);
                    break;
                }
            }
            done += CHUNK;
        }
        self.out.write_all(b"\"")
    }

    fn bulk(&mut self, offset: u64, length: u64) -> io::Result<()> {
        self.pointer(&format!("?offset={offset}&length={length}"))
    }

    fn pointer(&mut self, place: &str) -> io::Result<()> {
        self.out.write_all(b",\"BulkDataURI\":")?;
        self.string(&format!("{}{place}", self.options.uri))
    }

    fn string(&mut self, text: &str) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, text).map_err(io::Error::from)
    }
}

/// `00080060`.
fn tag_name(tag: Tag) -> String {
    format!("{:04X}{:04X}", tag.group(), tag.element())
}

/// Representations whose values are bytes to JSON.
fn is_binary(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}

/// A decimal string as a JSON number with the same digits; `None` when it is no number, or one too large.
fn decimal(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut number = format!("{sign}{}", if whole.is_empty() { "0" } else { whole });
    if mantissa.contains('.') {
        number.push('.');
        number.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let bare = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if bare.is_empty() || !digits(bare) {
            return None;
        }
        number.push('e');
        number.push_str(exponent);
    }
    number.parse::<f64>().ok().filter(|value| value.is_finite()).map(|_| number)
}

/// Bytes in base64 with padding (RFC 4648).
fn base64(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| LETTERS.get((bits & 63) as usize).copied().unwrap_or(b'=');
    let mut line = Vec::with_capacity(bytes.len().min(3 * 1024) / 3 * 4 + 4);
    for block in bytes.chunks(3 * 1024) {
        line.clear();
        for group in block.chunks(3) {
            let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            line.push(letter(bits >> 18));
            line.push(letter(bits >> 12));
            line.push(if group.len() > 1 { letter(bits >> 6) } else { b'=' });
            line.push(if group.len() > 2 { letter(bits) } else { b'=' });
        }
        out.write_all(&line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_rfc() {
        let encode = |text: &str| {
            let mut out = Vec::new();
            base64(text.as_bytes(), &mut out).expect("memory");
            String::from_utf8(out).expect("text")
        };
        // RFC 4648, section 10.
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(text), expected);
        }
    }

    #[test]
    fn decimal_strings_become_numbers_json_knows() {
        for (text, expected) in [
            ("1", "1"),
            ("+1.50", "1.50"),
            ("-.5", "-0.5"),
            ("5.", "5.0"),
            ("007", "7"),
            ("0", "0"),
            ("1E-3", "1e-3"),
            ("-0.0", "-0.0"),
            ("1e+5", "1e+5"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(expected), "{text}");
            assert!(serde_json::from_str::<f64>(expected).is_ok(), "{expected}");
        }
        for wrong in ["", ".", "-", "1,5", "1 2", "nan", "inf", "0x10", "1e", "1e999", "--1", "1e+-5"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }
}
