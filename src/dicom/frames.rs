//! The frame index: which bytes of the source hold which frame.
//!
//! Native frames follow by arithmetic. Encapsulated ones follow from a walk over the item headers,
//! which the Extended or the Basic Offset Table groups into frames; a table that does not point at
//! fragments is not believed, and the fragments themselves are looked at instead.

use dicom_dictionary_std::tags;

use super::cursor::Cursor;
use super::header::{self, ITEM, Syntax, UNDEFINED};
use super::{ByteSource, DataSet, Error, sniff};

/// More fragments than any object has.
const MAX_FRAGMENTS: usize = 4_000_000;
/// Fragments shorter than this are walked with a read-ahead.
const SMALL: u32 = 4096;

/// One fragment's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// The fragments of every frame.
#[derive(Debug, Default)]
pub(super) struct FrameIndex {
    fragments: Vec<Fragment>,
    /// First fragment of each frame; a frame ends where the next begins.
    starts: Vec<usize>,
    pub(super) warnings: Vec<String>,
}

impl FrameIndex {
    /// Walks the fragments after the offset table at `offset` and groups them into `frames` frames.
    pub(super) fn build(
        source: &dyn ByteSource,
        offset: u64,
        frames: u32,
        data: &DataSet,
    ) -> Result<Self, Error> {
        let mut cursor = Cursor::with_window(source, SMALL as usize);
        let mut index = Self::default();
        let (table, first) = basic_table(&mut cursor, offset)?;
        index.walk(&mut cursor, first)?;
        let frames = frames as usize;
        let extended = extended_table(data);
        let tables = [(extended, "extended"), (table, "basic")];
        for (table, name) in tables {
            if table.is_empty() {
                continue;
            }
            match index.starts_from(&table, first, frames) {
                Some(starts) => {
                    index.starts = starts;
                    return Ok(index);
                }
                None => index.warnings.push(format!(
                    "the {name} offset table is wrong; the frames were found by their fragments"
                )),
            }
        }
        index.starts_from_fragments(source, frames);
        Ok(index)
    }

    /// The fragments of one frame; empty when the object has none for it.
    pub(super) fn fragments(&self, frame: u32) -> &[Fragment] {
        let frame = frame as usize;
        let Some(&start) = self.starts.get(frame) else { return &[] };
        let end = self.starts.get(frame + 1).copied().unwrap_or(self.fragments.len());
        self.fragments.get(start..end).unwrap_or(&[])
    }

    fn walk(&mut self, cursor: &mut Cursor<'_>, first: u64) -> Result<(), Error> {
        let end = cursor.len();
        let mut at = first;
        while self.fragments.len() < MAX_FRAGMENTS {
            let Some(head) = header::read(cursor, at, end, Syntax::EXPLICIT)? else {
                if at < end || self.fragments.is_empty() {
                    self.warnings.push("the pixel data ends without a delimiter".to_owned());
                }
                break;
            };
            if head.tag != ITEM || head.length == UNDEFINED {
                if head.tag != header::SEQUENCE_END {
                    self.warnings.push("the fragments end in something unknown".to_owned());
                }
                break;
            }
            let offset = at + head.size;
            let there = u32::try_from(end.saturating_sub(offset)).unwrap_or(UNDEFINED);
            if head.length > there {
                self.warnings.push("the last fragment is cut short".to_owned());
            }
            self.fragments.push(Fragment { offset, length: head.length.min(there) });
            cursor.set_window(if head.length < SMALL { 64 * 1024 } else { 8 });
            at = offset + u64::from(head.length);
        }
        Ok(())
    }

    /// Frame starts out of offsets relative to the first fragment's item.
    fn starts_from(&self, table: &[u64], first: u64, frames: usize) -> Option<Vec<usize>> {
        if table.len() < frames || table.first() != Some(&0) {
            return None;
        }
        let mut starts = Vec::with_capacity(frames);
        for &offset in table.iter().take(frames) {
            let wanted = first.checked_add(offset)?.checked_add(8)?;
            let found = self.fragments.binary_search_by_key(&wanted, |f| f.offset).ok()?;
            if starts.last().is_some_and(|&last| found <= last) {
                return None;
            }
            starts.push(found);
        }
        Some(starts)
    }

    /// Frame starts without any table.
    fn starts_from_fragments(&mut self, source: &dyn ByteSource, frames: usize) {
        let count = self.fragments.len();
        if frames <= 1 {
            self.starts = if count == 0 { Vec::new() } else { vec![0] };
            return;
        }
        if count > frames && self.fragments.iter().filter(|f| f.length > 0).count() == frames {
            self.fragments.retain(|f| f.length > 0);
        }
        let count = self.fragments.len();
        if count <= frames {
            self.starts = (0..count).collect();
            return;
        }
        let mut starts = Vec::new();
        for (i, fragment) in self.fragments.iter().enumerate() {
            let mut mark = [0u8; 12];
            let short = fragment.length < 12;
            if !short
                && source.read_exact_at(&mut mark, fragment.offset).is_ok()
                && sniff::begins_frame(&mark)
            {
                starts.push(i);
            }
        }
        if starts.len() >= frames && starts.first() == Some(&0) {
            if starts.len() > frames {
                self.warnings.push(format!(
                    "there are {} images in {frames} frames; the first ones are shown",
                    starts.len()
                ));
            }
            // The start after the last frame closes it.
            starts.truncate(frames + 1);
            self.starts = starts;
        } else if count.is_multiple_of(frames) {
            self.starts = (0..frames).map(|f| f * (count / frames)).collect();
        } else {
            self.warnings.push("which fragments belong to which frame cannot be told".to_owned());
            self.starts = (0..count).collect();
        }
    }
}

/// Offsets of the Basic Offset Table, and where the first fragment's item stands.
fn basic_table(cursor: &mut Cursor<'_>, offset: u64) -> Result<(Vec<u64>, u64), Error> {
    let end = cursor.len();
    let Some(head) = header::read(cursor, offset, end, Syntax::EXPLICIT)? else {
        return Ok((Vec::new(), offset));
    };
    if head.tag != ITEM || head.length == UNDEFINED {
        return Ok((Vec::new(), offset));
    }
    let value = offset + head.size;
    let next = value + u64::from(head.length);
    if next > end {
        return Ok((Vec::new(), end));
    }
    // A first item that holds an image is no table: the table was forgotten.
    let start = cursor.peek_up_to(value, (head.length as usize).min(12))?;
    if sniff::begins_frame(start) {
        return Ok((Vec::new(), offset));
    }
    if head.length as usize / 4 > MAX_FRAGMENTS {
        return Ok((Vec::new(), next));
    }
    let bytes = cursor.read(value, head.length as usize)?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok((words.iter().map(|b| u64::from(u32::from_le_bytes(*b))).collect(), next))
}

fn extended_table(data: &DataSet) -> Vec<u64> {
    let Some(bytes) = data.bytes(tags::EXTENDED_OFFSET_TABLE) else { return Vec::new() };
    bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect()
}
