//! Values as one line of text: decoded, shortened, and with nothing in it that a terminal would obey.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use dicom_core::{Tag, VR};

use super::names::{keyword, tag_text, uid_name};
use super::private;
use crate::dicom::DataSet;

/// A value as far as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// How much of the value is not in the text, and in what it is counted.
    pub(super) left_out: Option<(u64, &'static str)>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match self.left_out {
            Some((1, what)) => write!(f, "… 1 more {}", what.trim_end_matches('s')),
            Some((count, what)) => write!(f, "… {count} more {what}"),
            None => Ok(()),
        }
    }
}

/// The bytes of a value, perhaps not all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    /// The beginning of the value, or all of it.
    pub(super) there: &'a [u8],
    /// How long the whole value is.
    pub(super) total: u64,
}

/// Bytes of a text that are decoded even where fewer would do, so that what is left out can be counted in
/// characters.
const DECODED: usize = 16 * 1024;

/// How many bytes of a value are enough to show `limit` characters of it.
pub(super) fn enough(limit: usize) -> usize {
    limit.saturating_mul(8).saturating_add(64)
}

/// Text with what a terminal would obey, or an eye not see, made visible: control characters as their
/// pictures, marks that turn or hide text as their code points.
///
/// ```
/// use lightbox::inspect::harmless;
/// assert_eq!(harmless("\u{1b}[31mred\r\n"), "␛[31mred␍␊");
/// assert_eq!(harmless("a\u{202e}b\u{9b}"), "a<U+202E>b<U+009B>");
/// ```
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match u32::from(c) {
            _ if !is_harmful(c) => out.push(c),
            code @ 0..=0x1F => out.push(char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}')),
            0x7F => out.push('\u{2421}'),
            code => {
                // Writing to a string cannot fail.
                write!(out, "<U+{code:04X}>").ok();
            }
        }
    }
    Cow::Owned(out)
}

/// Controls, line separators, and characters that are invisible or change the direction of others.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        || matches!(c, '\u{061C}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Representations whose values are characters.
pub(super) fn is_text(vr: VR) -> bool {
    use VR::{AE, AS, CS, DA, DS, DT, IS, LO, LT, PN, SH, ST, TM, UC, UI, UR, UT};
    matches!(vr, AE | AS | CS | DA | DS | DT | IS | LO | LT | PN | SH | ST | TM | UC | UI | UR | UT)
}

/// Text in which a backslash is a backslash.
pub(super) fn is_one_text(vr: VR) -> bool {
    matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR)
}

/// Bytes of one number of a binary representation; `None` where values are not numbers.
pub(super) fn number_size(vr: VR) -> Option<usize> {
    match vr {
        VR::US | VR::SS => Some(2),
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL | VR::AT => Some(4),
        VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => Some(8),
        _ => None,
    }
}

/// The representation a value is best read in: the file's own, or where that says nothing, the vendor's.
pub(super) fn reading_vr(vr: VR, tag: Tag, creator: Option<&str>, bytes: Bytes<'_>) -> VR {
    if vr != VR::UN {
        return vr;
    }
    if tag.element() <= 0xFF && tag.element() >= 0x10 && private::is_private(tag) {
        return VR::LO;
    }
    let known = creator.and_then(|creator| private::known(creator, tag)).map(|known| known.vr);
    let fits = |vr: &VR| {
        *vr != VR::SQ && number_size(*vr).is_none_or(|size| bytes.total.is_multiple_of(size as u64))
    };
    if let Some(vr) = known.filter(fits) {
        return vr;
    }
    let printable = |b: &u8| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0C);
    let content = bytes.there.strip_suffix(b"\0").unwrap_or(bytes.there);
    // One or two bytes say nothing about what they are.
    if content.len() > 2 && content.iter().all(printable) { VR::LO } else { VR::UN }
}

/// The decoded characters of a text value, without padding.
pub(super) fn decoded(data: &DataSet, vr: VR, bytes: &[u8]) -> String {
    let text = data.character_sets().decode(bytes, vr);
    let padding = [' ', '\0'];
    let trimmed = match vr {
        // Leading blanks belong to the layout of a text.
        VR::LT | VR::ST | VR::UT => text.trim_end_matches(padding),
        _ => text.trim_matches(padding),
    };
    if trimmed.len() == text.len() { text } else { trimmed.to_owned() }
}

/// A value on one line of about `limit` characters; no limit when there is none.
pub(super) fn shown(data: &DataSet, vr: VR, bytes: Bytes<'_>, limit: Option<usize>) -> Shown {
    if bytes.there.is_empty() {
        let left_out = (bytes.total > 0).then_some((bytes.total, "bytes"));
        return Shown { text: String::new(), left_out };
    }
    if is_text(vr) {
        return shown_text(data, vr, bytes, limit);
    }
    match number_size(vr) {
        Some(size) => shown_numbers(vr, size, bytes, limit),
        None => shown_bytes(bytes, limit),
    }
}

fn shown_text(data: &DataSet, vr: VR, bytes: Bytes<'_>, limit: Option<usize>) -> Shown {
    let wanted = limit.map_or(usize::MAX, |limit| enough(limit).max(DECODED)).min(bytes.there.len());
    let text = decoded(data, vr, bytes.there.get(..wanted).unwrap_or(bytes.there));
    let text = harmless(&text);
    let undecoded = bytes.total.saturating_sub(wanted as u64);
    let cut = limit.and_then(|limit| text.char_indices().nth(limit)).map(|(at, _)| at);
    let Some(cut) = cut else {
        let left_out = (undecoded > 0).then_some((undecoded, "bytes"));
        return Shown { text: text.into_owned(), left_out };
    };
    let (now, later) = text.split_at(cut);
    let left_out = if undecoded > 0 {
        // Characters of what was not decoded are not known: count bytes.
        (undecoded + later.len() as u64, "bytes")
    } else {
        (later.chars().count() as u64, "characters")
    };
    Shown { text: now.to_owned(), left_out: Some(left_out) }
}

fn shown_numbers(vr: VR, size: usize, bytes: Bytes<'_>, limit: Option<usize>) -> Shown {
    let mut text = String::new();
    let (mut count, mut end) = (0_u64, 0);
    for chunk in bytes.there.chunks_exact(size) {
        if count > 0 {
            text.push('\\');
        }
        number(vr, chunk, &mut text);
        if count > 0 && limit.is_some_and(|limit| text.len() > limit) {
            text.truncate(end);
            break;
        }
        end = text.len();
        count += 1;
    }
    let left = (bytes.total / size as u64).saturating_sub(count);
    let odd = bytes.total % size as u64;
    let left_out = match (left, odd) {
        (0, 0) => None,
        (0, odd) => Some((odd, "bytes")),
        (left, _) => Some((left, "values")),
    };
    if left > 0 && count > 0 {
        text.push('\\');
    }
    Shown { text, left_out }
}

/// Appends one number, which has exactly the bytes its representation takes.
fn number(vr: VR, bytes: &[u8], out: &mut String) {
    let two = bytes.first_chunk::<2>().copied().unwrap_or_default();
    let four = bytes.first_chunk::<4>().copied().unwrap_or_default();
    let eight = bytes.first_chunk::<8>().copied().unwrap_or_default();
    let written = match vr {
        VR::US => write!(out, "{}", u16::from_le_bytes(two)),
        VR::SS => write!(out, "{}", i16::from_le_bytes(two)),
        VR::UL | VR::OL => write!(out, "{}", u32::from_le_bytes(four)),
        VR::SL => write!(out, "{}", i32::from_le_bytes(four)),
        VR::UV | VR::OV => write!(out, "{}", u64::from_le_bytes(eight)),
        VR::SV => write!(out, "{}", i64::from_le_bytes(eight)),
        VR::FL | VR::OF => float(f64::from(f32::from_le_bytes(four)), f32::from_le_bytes(four), out),
        VR::FD | VR::OD => float(f64::from_le_bytes(eight), f64::from_le_bytes(eight), out),
        _ => out.write_str(&tag_text(at(four))),
    };
    // Writing to a string cannot fail.
    written.ok();
}

/// A tag as a value holds it.
pub(super) fn at(bytes: [u8; 4]) -> Tag {
    let [a, b, c, d] = bytes;
    Tag(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]))
}

/// The shortest digits that say which number it is, with an exponent where zeros would fill the line.
fn float(value: f64, exact: impl fmt::Display + fmt::LowerExp, out: &mut String) -> fmt::Result {
    let plain = value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs());
    if plain { write!(out, "{exact}") } else { write!(out, "{exact:e}") }
}

fn shown_bytes(bytes: Bytes<'_>, limit: Option<usize>) -> Shown {
    let most = limit.map_or(usize::MAX, |limit| (limit / 3).max(1));
    let mut text = String::new();
    let mut count = 0_u64;
    for byte in bytes.there.iter().take(most) {
        let blank = if count > 0 { " " } else { "" };
        // Writing to a string cannot fail.
        write!(text, "{blank}{byte:02x}").ok();
        count += 1;
    }
    let left = bytes.total.saturating_sub(count);
    Shown { text, left_out: (left > 0).then_some((left, "bytes")) }
}

/// How many values an element has (PS3.5 6.4): those between backslashes, or of the size of a number.
pub(super) fn multiplicity(data: &DataSet, vr: VR, bytes: Bytes<'_>) -> u64 {
    if bytes.total == 0 {
        return 0;
    }
    if is_one_text(vr) || matches!(vr, VR::OF | VR::OD | VR::OL | VR::OV) {
        return 1;
    }
    if is_text(vr) {
        let backslashes = if bytes.there.is_ascii() && !bytes.there.contains(&0x1B) {
            bytes.there.iter().filter(|&&b| b == b'\\').count()
        } else {
            // The second byte of a character may look like a backslash.
            data.character_sets().decode(bytes.there, vr).chars().filter(|&c| c == '\\').count()
        };
        return backslashes as u64 + 1;
    }
    number_size(vr).map_or(1, |size| (bytes.total / size as u64).max(1))
}

/// What a value means beyond its text: names of UIDs, keywords of tags. Empty when there is nothing to add.
pub(super) fn meaning(vr: VR, bytes: Bytes<'_>) -> String {
    match vr {
        VR::UI if bytes.there.len() < 512 => {
            let text = String::from_utf8_lossy(bytes.there);
            let names: Vec<String> =
                text.split('\\').filter_map(|uid| uid_name(uid.trim_matches([' ', '\0']))).take(4).collect();
            names.join(", ")
        }
        VR::AT => {
            let (tags, _) = bytes.there.as_chunks::<4>();
            let names: Vec<&str> =
                tags.iter().take(4).map(|&tag| keyword(at(tag))).filter(|name| !name.is_empty()).collect();
            names.join(", ")
        }
        _ => String::new(),
    }
}
