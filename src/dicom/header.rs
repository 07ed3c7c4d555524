//! Element headers: tag, value representation and length in whichever encoding is really there.
//!
//! The declared encoding is tried first. When it makes no sense at an element, the other one and the
//! known mistakes of writers are tried, and a form is only accepted when its length fits.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

use super::Error;
use super::cursor::Cursor;

/// "Undefined" as a length.
pub(super) const UNDEFINED: u32 = u32::MAX;

pub(super) const ITEM: Tag = Tag(0xFFFE, 0xE000);
pub(super) const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
pub(super) const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// How elements are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    pub(super) explicit: bool,
    pub(super) big: bool,
}

impl Syntax {
    pub(super) const EXPLICIT: Self = Self { explicit: true, big: false };
    pub(super) const IMPLICIT: Self = Self { explicit: false, big: false };
    pub(super) const BIG: Self = Self { explicit: true, big: true };
    pub(super) const IMPLICIT_BIG: Self = Self { explicit: false, big: true };

    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn tag(self, b: [u8; 4]) -> Tag {
        Tag(self.u16([b[0], b[1]]), self.u16([b[2], b[3]]))
    }
}

/// What precedes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tag: Tag,
    /// `None` where only the dictionary can tell.
    pub(super) vr: Option<VR>,
    pub(super) length: u32,
    /// Bytes before the value.
    pub(super) size: u64,
    /// The encoding was not the declared one, or the value representation was nonsense.
    pub(super) mended: bool,
}

/// Value representations with a 32-bit length in explicit encoding.
fn is_long(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

/// The representation the dictionary gives a tag; `None` for private and unknown ones.
pub(crate) fn dictionary_vr(tag: Tag, signed: bool) -> Option<VR> {
    if tag.element() == 0 {
        return Some(VR::UL);
    }
    let entry = StandardDataDictionary.by_tag(tag)?;
    Some(match entry.vr() {
        VirtualVr::Exact(vr) => vr,
        VirtualVr::Xs if signed => VR::SS,
        VirtualVr::Xs => VR::US,
        // LUT data, overlays and pixels: words in implicit encoding (PS3.5 A.1).
        _ => VR::OW,
    })
}

/// Reads the header at `at`, inside something that ends at `end`. `None` when nothing sensible is there.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    at: u64,
    end: u64,
    syntax: Syntax,
) -> Result<Option<Header>, Error> {
    let mut raw = [0u8; 12];
    let available = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(12);
    let found = cursor.peek_up_to(at, available)?;
    let count = found.len();
    if count < 8 {
        return Ok(None);
    }
    for (to, from) in raw.iter_mut().zip(found) {
        *to = *from;
    }
    let tag = syntax.tag([raw[0], raw[1], raw[2], raw[3]]);
    let word = syntax.u32([raw[4], raw[5], raw[6], raw[7]]);
    if tag.group() == 0xFFFE {
        return Ok(Some(Header { tag, vr: None, length: word, size: 8, mended: false }));
    }
    let forms = Forms { tag, at, end, syntax, raw, count };
    let mut first_fit = None;
    for (rank, header) in forms.candidates().into_iter().flatten().enumerate() {
        let Some(next) = forms.fits(&header) else {
            // A sequence that is too long is one all the same, when an item follows.
            if rank == 0 && !header.mended && forms.is_sequence(&header) {
                let begin = cursor.peek_up_to(at + header.size, 4)?;
                if begin.first_chunk().is_some_and(|first| syntax.tag(*first) == ITEM) {
                    return Ok(Some(header));
                }
            }
            continue;
        };
        // The declared form needs no second opinion when its length fits.
        if rank == 0 && !header.mended {
            return Ok(Some(header));
        }
        if plausible_after(cursor, next, end, tag, syntax)? {
            return Ok(Some(header));
        }
        first_fit.get_or_insert(header);
    }
    if first_fit.is_some() {
        return Ok(first_fit);
    }
    // Nothing fits: the declared form with its impossible length, for the caller to cut or refuse.
    Ok(forms.candidates().into_iter().flatten().find(|h| !h.mended))
}

/// The readings of one header.
struct Forms {
    tag: Tag,
    at: u64,
    end: u64,
    syntax: Syntax,
    raw: [u8; 12],
    count: usize,
}

impl Forms {
    /// In order of preference.
    fn candidates(&self) -> [Option<Header>; 4] {
        let vr = VR::from_binary([self.raw[4], self.raw[5]]);
        let (long, short, implicit) = (self.long(vr), self.short(vr), self.implicit());
        let mended = |h: Option<Header>| h.map(|h| Header { mended: true, ..h });
        if self.syntax.explicit {
            match vr {
                Some(vr) if is_long(vr) => [long, mended(short), mended(implicit), None],
                Some(_) => [short, mended(implicit), mended(long), None],
                None if self.raw[4].is_ascii_graphic() && self.raw[5].is_ascii_graphic() => {
                    let reserved = self.raw[6] == 0 && self.raw[7] == 0;
                    let long = long.filter(|_| reserved);
                    [mended(long), mended(short), mended(implicit), None]
                }
                None => [mended(implicit), mended(short), mended(long.filter(|h| h.length > 0)), None],
            }
        } else {
            let Some(vr) = vr else { return [implicit, None, None, None] };
            let explicit = if is_long(vr) { long } else { short };
            // A length that spells exactly the representation this tag has is no length.
            let same = dictionary_vr(self.tag, false)
                .is_some_and(|known| known == vr || (known == VR::US && vr == VR::SS));
            if same {
                [mended(explicit), implicit, None, None]
            } else {
                [implicit, mended(explicit), None, None]
            }
        }
    }

    fn long(&self, vr: Option<VR>) -> Option<Header> {
        let [.., a, b, c, d] = self.raw;
        (self.count >= 12).then(|| self.header(vr.or(Some(VR::UN)), self.syntax.u32([a, b, c, d]), 12))
    }

    fn short(&self, vr: Option<VR>) -> Option<Header> {
        let length = self.syntax.u16([self.raw[6], self.raw[7]]);
        Some(self.header(vr.or(Some(VR::UN)), u32::from(length), 8))
    }

    fn implicit(&self) -> Option<Header> {
        let [_, _, _, _, a, b, c, d, ..] = self.raw;
        Some(self.header(None, self.syntax.u32([a, b, c, d]), 8))
    }

    fn header(&self, vr: Option<VR>, length: u32, size: u64) -> Header {
        Header { tag: self.tag, vr, length, size, mended: false }
    }

    fn is_sequence(&self, header: &Header) -> bool {
        header.vr.or_else(|| dictionary_vr(self.tag, false)) == Some(VR::SQ)
    }

    /// Where the next header would be, when the length is possible.
    fn fits(&self, header: &Header) -> Option<u64> {
        let value = self.at + header.size;
        if header.length == UNDEFINED {
            let may = matches!(header.vr, None | Some(VR::SQ | VR::UN | VR::OB | VR::OW | VR::UT));
            return may.then_some(value);
        }
        // Pixel data may be cut short or declared too long; it is still pixel data.
        let pixels = is_pixel_data(self.tag) && header.vr.is_none_or(is_long);
        let next = value + u64::from(header.length);
        (next <= self.end || pixels).then_some(next)
    }
}

/// Native or encapsulated image samples.
pub(super) fn is_pixel_data(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}

/// Whether the bytes at `next` could begin what follows an element with tag `tag`.
fn plausible_after(
    cursor: &mut Cursor<'_>,
    next: u64,
    end: u64,
    tag: Tag,
    syntax: Syntax,
) -> Result<bool, Error> {
    if next >= end {
        return Ok(true);
    }
    let Some(&[a, b, c, d]) = cursor.peek(next, 4)? else { return Ok(false) };
    let following = syntax.tag([a, b, c, d]);
    Ok(match following.group() {
        0xFFFE => matches!(following, ITEM | ITEM_END | SEQUENCE_END),
        _ => following > tag && following.group().saturating_sub(tag.group()) < 0x8000,
    })
}

/// Whether an element that may follow one with tag `after` stands at `at`, in a form that leaves little doubt.
pub(super) fn sibling(
    cursor: &mut Cursor<'_>,
    at: u64,
    end: u64,
    after: Tag,
    syntax: Syntax,
) -> Result<bool, Error> {
    let available = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(12);
    let found = cursor.peek_up_to(at, available)?;
    let count = found.len();
    let mut raw = [0u8; 12];
    for (to, from) in raw.iter_mut().zip(found) {
        *to = *from;
    }
    let tag = syntax.tag([raw[0], raw[1], raw[2], raw[3]]);
    if count < 8 || tag <= after || tag.group() == 0xFFFE || tag.group() - after.group() > 0x7FDF {
        return Ok(false);
    }
    let forms = Forms { tag, at, end, syntax, raw, count };
    let header = match VR::from_binary([raw[4], raw[5]]) {
        Some(vr) if syntax.explicit && is_long(vr) => forms.long(Some(vr)),
        Some(vr) if syntax.explicit => forms.short(Some(vr)),
        None if !syntax.explicit => forms.implicit().filter(|_| dictionary_vr(tag, false).is_some()),
        _ => None,
    };
    Ok(header.is_some_and(|header| forms.fits(&header).is_some()))
}

/// Whether a data set in `syntax` could begin at `at`: its first elements have known shapes and fit.
pub(super) fn looks_like(cursor: &mut Cursor<'_>, at: u64, syntax: Syntax) -> Result<bool, Error> {
    let end = cursor.len();
    let (mut at, mut last) = (at, Tag(0, 0));
    for seen in 0..3 {
        if seen > 0 && at >= end {
            return Ok(true);
        }
        let bytes = cursor.peek_up_to(at, 12)?;
        let mut raw = [0u8; 12];
        for (to, from) in raw.iter_mut().zip(bytes) {
            *to = *from;
        }
        if bytes.len() < 8 {
            return Ok(seen > 0 && bytes.iter().all(|&b| b == 0));
        }
        let tag = syntax.tag([raw[0], raw[1], raw[2], raw[3]]);
        if tag <= last || tag.group() == 0 || (seen == 0 && tag.group() > 0x7FE0) {
            return Ok(false);
        }
        let count = bytes.len();
        let forms = Forms { tag, at, end, syntax, raw, count };
        let header = if syntax.explicit {
            match VR::from_binary([raw[4], raw[5]]) {
                Some(vr) if is_long(vr) => forms.long(Some(vr)),
                Some(vr) => forms.short(Some(vr)),
                None => None,
            }
        } else {
            forms.implicit().filter(|_| seen > 0 || dictionary_vr(tag, false).is_some())
        };
        let Some(header) = header else { return Ok(false) };
        if header.length == UNDEFINED || is_pixel_data(tag) {
            return Ok(forms.fits(&header).is_some());
        }
        match forms.fits(&header) {
            Some(next) => at = next,
            // A cut file may end inside its second element, hardly inside the first.
            None => return Ok(seen > 0),
        }
        last = tag;
    }
    Ok(true)
}
