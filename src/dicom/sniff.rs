//! Tells compressed images apart by their first bytes.

use super::ByteSource;
use super::uid;

/// How much is looked at: enough to pass the application segments of most JPEG streams.
const LOOK: usize = 4096;

/// Transfer syntax of the codestream at `offset`; `None` when nothing known begins there.
pub(super) fn codestream(source: &dyn ByteSource, offset: u64) -> Option<&'static str> {
    let left = source.len().saturating_sub(offset);
    let count = usize::try_from(left).map_or(LOOK, |left| left.min(LOOK));
    let mut bytes = vec![0; count];
    source.read_exact_at(&mut bytes, offset).ok()?;
    of_bytes(&bytes)
}

/// Transfer syntax of the first fragment after the offset table at `offset`.
pub(super) fn first_fragment(source: &dyn ByteSource, offset: u64) -> Option<&'static str> {
    let mut at = offset;
    for item in 0..2 {
        let mut head = [0u8; 8];
        source.read_exact_at(&mut head, at).ok()?;
        let [_, _, _, _, length @ ..] = head;
        let length = u64::from(u32::from_le_bytes(length));
        if item == 1 {
            // Nothing else is sent in fragments without a mark of its own.
            return codestream(source, at + 8).or(Some(uid::RLE));
        }
        at = at.checked_add(8 + length)?;
    }
    None
}

/// Transfer syntax of a codestream.
pub(crate) fn of_bytes(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0x4F, 0xFF, 0x51, ..] | [0, 0, 0, 0x0C, b'j', b'P', ..] => Some(uid::JPEG_2000),
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', ..] => Some(uid::JPEG_XL),
        [0xFF, 0xD8, 0xFF, ..] => Some(jpeg_process(bytes)),
        _ => None,
    }
}

/// Whether a fragment begins a frame.
pub(super) fn begins_frame(bytes: &[u8]) -> bool {
    of_bytes(bytes).is_some()
}

/// Whether a fragment begins a run-length coded frame: up to fifteen segments, the first of them right
/// behind the list (PS3.5 G.5).
pub(super) fn begins_rle(bytes: &[u8]) -> bool {
    matches!(bytes, [1..=15, 0, 0, 0, 64, 0, 0, 0, ..])
}

/// Follows the segments to the frame header.
fn jpeg_process(bytes: &[u8]) -> &'static str {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        match marker {
            0xC1 => return uid::JPEG_EXTENDED,
            0xC3 => return uid::JPEG_LOSSLESS_FIRST,
            0xF7 => return uid::JPEG_LS,
            0xC0 | 0xC2 | 0xDA => return uid::JPEG_BASELINE,
            0xFF => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    uid::JPEG_BASELINE
}
