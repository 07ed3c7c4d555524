//! Encapsulated pixel data from outside: how many fragments there are and where they end. Nothing is decoded.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use crate::dicom::{ByteSource, DicomFile, Element, Error, PixelLayout, Value};

/// Item, of a fragment.
const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
/// The end of the fragments.
const END: [u8; 4] = [0xFE, 0xFF, 0xDD, 0xE0];
/// More fragments than this are not counted.
const MOST: u64 = 250_000;

/// What a walk over the fragments found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fragments {
    pub(super) count: u64,
    /// Bytes in all fragments.
    pub(super) bytes: u64,
    /// Entries of the Basic Offset Table.
    pub(super) table: u64,
    /// Where the delimiter stands; `None` when the walk did not get there.
    pub(super) end: Option<u64>,
}

/// Whether a value left in the file is a run of fragments, and where that begins.
pub(super) fn begin(file: &DicomFile, element: &Element) -> Option<u64> {
    let Value::Elsewhere { offset, .. } = element.value else { return None };
    if let Some(pixels) = file.pixels.filter(|pixels| pixels.tag == element.tag)
        && let PixelLayout::Encapsulated { offset: first } = pixels.layout
        && first == offset
    {
        return Some(offset);
    }
    // Inside an icon or another sequence only the first bytes tell.
    if element.tag != tags::PIXEL_DATA || !matches!(element.vr, VR::OB | VR::OW) || offset == 0 {
        return None;
    }
    if let Some(PixelLayout::Native { offset: native, .. }) = file.pixels.map(|pixels| pixels.layout)
        && native == offset
    {
        return None;
    }
    let mut tag = [0; 4];
    file.source.read_exact_at(&mut tag, offset).ok()?;
    (tag == ITEM).then_some(offset)
}

/// Walks from the offset table on.
pub(super) fn walk(source: &dyn ByteSource, first: u64) -> Result<Fragments, Error> {
    let mut found = Fragments::default();
    let (mut at, mut items) = (first, 0);
    while items <= MOST && at.checked_add(8).is_some_and(|next| next <= source.len()) {
        let mut head = [0; 8];
        source.read_exact_at(&mut head, at).map_err(|e| Error::io(&e, source.label()))?;
        let [a, b, c, d, length @ ..] = head;
        let (tag, length) = ([a, b, c, d], u64::from(u32::from_le_bytes(length)));
        if tag != ITEM {
            found.end = (tag == END).then_some(at);
            break;
        }
        at += 8;
        if items == 0 {
            found.table = length / 4;
        } else {
            found.count += 1;
            found.bytes += length.min(source.len().saturating_sub(at));
        }
        items += 1;
        at = at.saturating_add(length);
    }
    Ok(found)
}
