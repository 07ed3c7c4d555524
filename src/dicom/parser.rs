//! Elements out of bytes: a tolerant recursive reader of data sets and sequences.
//!
//! It believes what fits and says what did not. Depth, items and elements are bounded, every length is
//! checked against what encloses it before anything is allocated, and pixel data stays where it is.

use std::sync::Arc;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::Error;
use super::cursor::Cursor;
use super::dataset::{DataSet, Element, Value};
use super::file::{PixelData, PixelLayout};
use super::header::{
    self, Header, ITEM, ITEM_END, SEQUENCE_END, Syntax, UNDEFINED, dictionary_vr, is_pixel_data,
};
use super::sequences::Extent;
use super::text::CharacterSets;

/// Elements in one object, sequences included.
pub(super) const MAX_ELEMENTS: usize = 4_000_000;
/// Values up to this size are read with the header.
const EAGER: u64 = 64 * 1024;
/// Text and lookup tables are read with the header up to this size.
const EAGER_WANTED: u64 = 64 * 1024 * 1024;
/// All values together; beyond this only small ones are read.
const EAGER_TOTAL: u64 = 128 * 1024 * 1024;
/// What is small.
const SMALL: u64 = 1024;
/// Bytes of one object that are searched for items in all.
const SEARCHABLE: u64 = 16 * 1024 * 1024;
/// Distinct warnings kept.
const MAX_WARNINGS: usize = 32;

/// Reads one object.
pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) warnings: Vec<String>,
    pub(super) pixels: Option<PixelData>,
    pub(super) elements: usize,
    /// Bytes of values that may still be read with the header.
    eager: u64,
    /// Bytes that may still be searched for the next item after a wrong length.
    pub(super) searchable: u64,
}

/// What items inherit from the data set around them.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) syntax: Syntax,
    pub(super) charset: Arc<CharacterSets>,
    pub(super) signed: bool,
    pub(super) depth: u16,
    /// Inside an item without a length, or without one that can be true: the next mark ends it.
    pub(super) delimited: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(cursor: Cursor<'a>) -> Self {
        Self {
            cursor,
            warnings: Vec::new(),
            pixels: None,
            elements: 0,
            eager: EAGER_TOTAL,
            searchable: SEARCHABLE,
        }
    }

    pub(super) fn warn(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.warnings.len() < MAX_WARNINGS && !self.warnings.contains(&what) {
            self.warnings.push(what);
        }
    }

    /// The elements of group 0002 at `at`, and where they end.
    pub(super) fn meta(&mut self, at: u64) -> Result<(DataSet, u64), Error> {
        let end = self.cursor.len();
        let context = Context::new(Syntax::EXPLICIT);
        let mut set = DataSet::default();
        let mut at = at;
        let mut declared_end = None;
        while declared_end.is_none_or(|end| at < end) || self.next_group(at)? == Some(2) {
            let Some(head) = header::read(&mut self.cursor, at, end, Syntax::EXPLICIT)? else { break };
            if head.tag.group() != 2 || head.length == UNDEFINED {
                break;
            }
            let (element, next) = self.value(&head, at, end, &context)?;
            if let Some(element) = element {
                if element.tag == Tag(2, 0)
                    && let Value::Bytes(bytes) = &element.value
                {
                    let length = bytes.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
                    declared_end = Some(next + u64::from(length)).filter(|e| *e > next && *e <= end);
                }
                set.elements.push(element);
            }
            if next <= at {
                break;
            }
            at = next;
        }
        set.finish();
        Ok((set, at))
    }

    fn next_group(&mut self, at: u64) -> Result<Option<u16>, Error> {
        Ok(self.cursor.peek(at, 2)?.and_then(|b| b.first_chunk()).map(|b| u16::from_le_bytes(*b)))
    }

    /// The data set from `at` to the end of the source.
    pub(super) fn data_set(&mut self, at: u64, syntax: Syntax) -> Result<DataSet, Error> {
        self.data_set_after(at, syntax, Arc::default())
    }

    /// The same for a part of a data set, where the character sets are known already.
    pub(super) fn data_set_after(
        &mut self,
        at: u64,
        syntax: Syntax,
        charset: Arc<CharacterSets>,
    ) -> Result<DataSet, Error> {
        let end = self.cursor.len();
        let (set, _) = self.elements(at, end, Context { charset, ..Context::new(syntax) })?;
        Ok(set)
    }

    /// Elements until `end`, or until the delimiter; answers where to go on.
    pub(super) fn elements(
        &mut self,
        at: u64,
        end: u64,
        mut context: Context,
    ) -> Result<(DataSet, u64), Error> {
        let top = context.depth == 0;
        let mut set = DataSet { elements: Vec::new(), charset: Arc::clone(&context.charset) };
        let mut at = at;
        while at < end {
            let Some(head) = header::read(&mut self.cursor, at, end, context.syntax)? else {
                let rest = usize::try_from(end - at).unwrap_or(0).min(8);
                if self.cursor.peek_up_to(at, rest)?.iter().any(|&b| b != 0) {
                    self.warn("some bytes of a data set belong to no element");
                }
                let mark = if context.delimited { self.next_mark(at + 1, end, &context)? } else { None };
                if let Some(mark) = mark {
                    at = mark;
                    continue;
                }
                at = end;
                break;
            };
            if head.tag == ITEM_END && context.delimited {
                at += 8;
                break;
            }
            if matches!(head.tag, SEQUENCE_END | ITEM) && context.delimited {
                // Said by whoever reads the items.
                break;
            }
            if head.tag.group() == 0xFFFE {
                self.warn("a delimiter stands where no sequence is open");
                at += 8;
                continue;
            }
            if head.tag == Tag(0, 0) && head.length == 0 {
                // Zero padding after the last element.
                at = end;
                break;
            }
            self.elements += 1;
            if self.elements > MAX_ELEMENTS {
                self.warn("there are more elements than can be held; the rest was left out");
                at = end;
                break;
            }
            if head.mended {
                self.warn("some elements are not encoded as declared");
            }
            if top && is_pixel_data(head.tag) {
                let (element, next) = self.pixel_data(&head, at, end);
                set.elements.push(element);
                match next {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            let (element, next) = self.value(&head, at, end, &context)?;
            if let Some(element) = element {
                context.note(&element);
                if element.tag == tags::SPECIFIC_CHARACTER_SET {
                    set.charset = Arc::clone(&context.charset);
                    if let Some(name) = context.charset.unknown() {
                        self.warn(format!("the character set is not known: {}", name.escape_debug()));
                    }
                }
                set.elements.push(element);
            }
            match next {
                next if next > at => at = next,
                _ => break,
            }
        }
        if set.finish() {
            self.warn("some elements are out of order or occur twice");
        }
        Ok((set, at))
    }

    /// Notes where the pixel data lies; `None` when nothing after it can be found cheaply.
    fn pixel_data(&mut self, head: &Header, at: u64, end: u64) -> (Element, Option<u64>) {
        let offset = at + head.size;
        let vr = head.vr.filter(|&vr| vr != VR::UN).unwrap_or(match head.tag {
            tags::FLOAT_PIXEL_DATA => VR::OF,
            tags::DOUBLE_FLOAT_PIXEL_DATA => VR::OD,
            _ => VR::OW,
        });
        let (layout, length, next) = if head.length == UNDEFINED {
            (PixelLayout::Encapsulated { offset }, end.saturating_sub(offset), None)
        } else {
            let length = u64::from(head.length);
            let next = offset + length;
            if next > end {
                let missing = next - end;
                self.warn(format!("the pixel data is cut short by {missing} bytes"));
            }
            (PixelLayout::Native { offset, length }, length, (next < end).then_some(next))
        };
        if self.pixels.is_none() {
            self.pixels = Some(PixelData { tag: head.tag, vr, layout });
        }
        (Element { tag: head.tag, vr, value: Value::Elsewhere { offset, length } }, next)
    }

    /// The element whose header is `head`, and where the next one begins.
    fn value(
        &mut self,
        head: &Header,
        at: u64,
        end: u64,
        context: &Context,
    ) -> Result<(Option<Element>, u64), Error> {
        let start = at + head.size;
        let known = dictionary_vr_unless(head.vr, head.tag, context.signed);
        let vr = known.unwrap_or(VR::UN);
        if head.length == UNDEFINED {
            return self.undefined_length(head, vr, start, end, context);
        }
        let length = u64::from(head.length);
        let next = start + length;
        if vr == VR::SQ && (next <= end || self.begins_item(start, end, context)?) {
            let syntax = context.syntax;
            let extent = Extent { tag: head.tag, start, end: next, outer: end, delimited: false, syntax };
            return self.sequence(head, &extent, context);
        }
        if next > end {
            self.warn(format!(
                "an element is longer than what encloses it and was left out: {}",
                tag_text(head.tag)
            ));
            // Where no length says how far it goes, the next mark does.
            let mark = if context.delimited { self.next_mark(start, end, context)? } else { None };
            return Ok((None, mark.unwrap_or(end)));
        }
        let wanted = length <= EAGER || (length <= EAGER_WANTED && is_wanted(head.tag, vr));
        if wanted && (length <= SMALL || length <= self.eager) {
            self.eager = self.eager.saturating_sub(length);
            let count = usize::try_from(length).unwrap_or(usize::MAX);
            let mut bytes = self.cursor.read(start, count)?;
            if context.syntax.big && head.vr != Some(VR::UN) {
                swap_in_place(&mut bytes, vr);
            }
            return Ok((Some(Element { tag: head.tag, vr, value: Value::Bytes(bytes) }), next));
        }
        let value = Value::Elsewhere { offset: start, length };
        Ok((Some(Element { tag: head.tag, vr, value }), next))
    }
}

impl Context {
    fn new(syntax: Syntax) -> Self {
        Self { syntax, charset: Arc::default(), signed: false, depth: 0, delimited: false }
    }

    /// For the items of a sequence whose declared representation is `vr`.
    pub(super) fn inner(&self, vr: Option<VR>) -> Self {
        let syntax = if vr == Some(VR::UN) { Syntax::IMPLICIT } else { self.syntax };
        Self { syntax, depth: self.depth.saturating_add(1), ..self.clone() }
    }

    /// Remembers what later elements depend on.
    fn note(&mut self, element: &Element) {
        let Value::Bytes(bytes) = &element.value else { return };
        match element.tag {
            tags::SPECIFIC_CHARACTER_SET => {
                let name = String::from_utf8_lossy(bytes);
                let sets = CharacterSets::parse(name.trim_end_matches(['\0', ' ']));
                self.charset = Arc::new(sets);
            }
            tags::PIXEL_REPRESENTATION => self.signed = bytes.first() == Some(&1),
            _ => {}
        }
    }
}

/// The declared representation, unless it says nothing and the dictionary says more.
fn dictionary_vr_unless(declared: Option<VR>, tag: Tag, signed: bool) -> Option<VR> {
    match declared {
        Some(VR::UN) | None => dictionary_vr(tag, signed).or(declared),
        Some(vr) => Some(vr),
    }
}

/// Long values that are needed all the same: text, lookup tables, outlines of many points, offset tables.
fn is_wanted(tag: Tag, vr: VR) -> bool {
    if matches!(vr, VR::LT | VR::ST | VR::UC | VR::UR | VR::UT | VR::DS | VR::IS | VR::LO | VR::OV) {
        return true;
    }
    match tag.group() {
        0x0028 => matches!(tag.element(), 0x1201..=0x1224 | 0x1408..=0x140A | 0x3006),
        0x0070 => tag == tags::GRAPHIC_DATA,
        0x7FE0 => matches!(tag.element(), 0x0001 | 0x0002),
        _ => false,
    }
}

/// From big to little endian, by the size of one value of the representation.
pub(super) fn swap_in_place(bytes: &mut [u8], vr: VR) {
    let size = match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => 8,
        _ => return,
    };
    for value in bytes.chunks_exact_mut(size) {
        value.reverse();
    }
}

/// A tag as people write it.
pub(super) fn tag_text(tag: Tag) -> String {
    format!("({:04X},{:04X})", tag.group(), tag.element())
}
