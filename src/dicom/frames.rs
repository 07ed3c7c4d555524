//! The frame index: which bytes of the source hold which frame.
//!
//! Native frames follow by arithmetic. Of encapsulated ones the Extended or the Basic Offset Table says
//! where each begins, and a frame is then one read: the items found there must fill the bytes up to the
//! next frame exactly. A table that is absent or does not hold what it says is no use; then the item
//! headers are walked, once, and the fragments themselves say which frame they belong to.

use std::sync::OnceLock;

use dicom_dictionary_std::tags;

use super::cursor::Cursor;
use super::fragments::{self, End, Fragment};
use super::header::{self, ITEM, Syntax, UNDEFINED};
use super::{ByteSource, DataSet, Error, sniff};

/// More fragments than any object has.
const MAX_FRAGMENTS: usize = 4_000_000;
/// Frames larger than this are not read on the word of a table alone.
const LARGE: u64 = 16 << 20;

const WRONG_TABLE: &str = "the offset table is wrong; the frames were found by their fragments";

/// Where the frames of an object are.
#[derive(Debug)]
pub(super) struct FrameIndex {
    /// The item of the first fragment.
    first: u64,
    frames: usize,
    /// What tables say, relative to `first`, in order of preference.
    tables: Vec<Vec<u64>>,
    /// A table was there and made no sense.
    refused: bool,
    walked: OnceLock<Walked>,
}

/// What a walk over all item headers found.
#[derive(Debug, Default)]
struct Walked {
    fragments: Vec<Fragment>,
    /// First fragment of each frame; a frame ends where the next begins.
    starts: Vec<usize>,
    warnings: Vec<String>,
}

impl FrameIndex {
    /// Looks at the tables of pixel data whose first item stands at `offset`, and at nothing else.
    pub(super) fn new(
        source: &dyn ByteSource,
        offset: u64,
        frames: u32,
        data: &DataSet,
    ) -> Result<Self, Error> {
        let mut cursor = fragments::cursor(source);
        let (basic, first) = basic_table(&mut cursor, offset)?;
        let frames = frames as usize;
        let mut tables = vec![extended_table(data), basic];
        tables.retain(|table| !table.is_empty());
        let there = tables.len();
        tables.retain(|table| makes_sense(table, frames));
        let refused = tables.is_empty() && there > 0;
        Ok(Self { first, frames, tables, refused, walked: OnceLock::new() })
    }

    /// The bytes of one frame, its fragments put together; empty when the object has none for it.
    pub(super) fn read(
        &self,
        source: &dyn ByteSource,
        frame: u32,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<u8>, Error> {
        let frame = frame as usize;
        if self.walked.get().is_none()
            && let Some(table) = self.tables.first()
            && let Some(bytes) = self.read_by_table(source, table, frame)?
        {
            return Ok(bytes);
        }
        // A walk that failed is not remembered: the source may be back the next time.
        let walked = match self.walked.get() {
            Some(walked) => walked,
            None => {
                let walked = self.walk(source)?;
                self.walked.get_or_init(|| walked)
            }
        };
        warnings.extend(walked.warnings.iter().cloned());
        concatenate(source, walked.fragments(frame))
    }

    /// The bytes of a frame as a table has it; `None` when something else is there.
    fn read_by_table(
        &self,
        source: &dyn ByteSource,
        table: &[u64],
        frame: usize,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(start) = table.get(frame).and_then(|offset| self.first.checked_add(*offset)) else {
            return Ok(None);
        };
        let Some(next) = table.get(frame + 1) else {
            return self.read_last(source, start);
        };
        let Some(end) = self.first.checked_add(*next).filter(|end| *end <= source.len()) else {
            return Ok(None);
        };
        if end - start > LARGE {
            let mut cursor = fragments::cursor(source);
            cursor.set_window(8);
            let head = header::read(&mut cursor, start, end, Syntax::EXPLICIT)?;
            let fits = head.is_some_and(|h| h.tag == ITEM && start + 8 + u64::from(h.length) <= end);
            if !fits {
                return Ok(None);
            }
        }
        let mut bytes = allocate(end - start)?;
        read(source, &mut bytes, start)?;
        Ok(without_headers(bytes))
    }

    /// The last frame goes on to the end of the fragments.
    fn read_last(&self, source: &dyn ByteSource, start: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut cursor = fragments::cursor(source);
        cursor.set_window(8);
        let mut found = Vec::new();
        let end = fragments::walk(&mut cursor, start, source.len(), Syntax::EXPLICIT, |fragment| {
            found.push(fragment);
            found.len() < MAX_FRAGMENTS
        })?;
        if found.is_empty() || !matches!(end, End::Delimiter(_)) {
            return Ok(None);
        }
        concatenate(source, &found).map(Some)
    }

    fn walk(&self, source: &dyn ByteSource) -> Result<Walked, Error> {
        let mut cursor = fragments::cursor(source);
        let mut walked = Walked::default();
        let end = fragments::walk(&mut cursor, self.first, source.len(), Syntax::EXPLICIT, |fragment| {
            walked.fragments.push(fragment);
            walked.fragments.len() < MAX_FRAGMENTS
        })?;
        match end {
            End::Delimiter(_) => {}
            End::Unknown(_) => walked.warn("the fragments end in something unknown"),
            End::Stopped => walked.warn("there are more fragments than can be held"),
            End::Cut => {
                walked.warn("the pixel data ends without a delimiter; its last frame may be cut short");
            }
        }
        for table in &self.tables {
            if let Some(starts) = walked.starts_from(table, self.first, end == End::Cut) {
                walked.starts = starts;
                return Ok(walked);
            }
        }
        if self.refused || !self.tables.is_empty() {
            walked.warn(WRONG_TABLE);
        }
        walked.starts_from_fragments(&mut cursor, self.frames)?;
        Ok(walked)
    }
}

impl Walked {
    fn warn(&mut self, what: impl Into<String>) {
        self.warnings.push(what.into());
    }

    fn fragments(&self, frame: usize) -> &[Fragment] {
        let Some(&start) = self.starts.get(frame) else { return &[] };
        let end = self.starts.get(frame + 1).copied().unwrap_or(self.fragments.len());
        self.fragments.get(start..end).unwrap_or(&[])
    }

    /// Frame starts out of a table that points at fragments, as far as there are any in a cut source.
    fn starts_from(&self, table: &[u64], first: u64, cut: bool) -> Option<Vec<usize>> {
        let last = self.fragments.last()?.item();
        let mut starts = Vec::with_capacity(table.len());
        for &offset in table {
            let wanted = first.checked_add(offset)?;
            if cut && wanted > last {
                break;
            }
            starts.push(self.fragments.binary_search_by_key(&wanted, |f| f.item()).ok()?);
        }
        // The start after the last frame that is there closes it.
        Some(starts)
    }

    /// Frame starts without any table.
    fn starts_from_fragments(&mut self, cursor: &mut Cursor<'_>, frames: usize) -> Result<(), Error> {
        let full = self.fragments.iter().filter(|f| f.length > 0).count();
        if full == frames.max(1) {
            self.fragments.retain(|f| f.length > 0);
        }
        let count = self.fragments.len();
        if count <= frames.max(1) {
            self.starts = (0..count).collect();
            return Ok(());
        }
        let starts = self.marked(cursor)?;
        let begins = starts.first() == Some(&0);
        if begins && starts.len() >= frames {
            if starts.len() > frames {
                self.warn(format!(
                    "there are {} images in the pixel data and {frames} declared; the first are shown",
                    starts.len()
                ));
            }
            self.starts = starts;
            // The start after the last frame closes it.
            self.starts.truncate(frames + 1);
        } else if frames <= 1 {
            self.starts = vec![0];
        } else if count.is_multiple_of(frames) {
            self.starts = (0..frames).map(|f| f * (count / frames)).collect();
        } else {
            self.warn("which fragments belong to which frame cannot be told");
            self.starts = if begins && starts.len() > 1 { starts } else { (0..count).collect() };
        }
        Ok(())
    }

    /// The fragments that begin an image: by the marks of codestreams, or else those of run-length coding.
    fn marked(&self, cursor: &mut Cursor<'_>) -> Result<Vec<usize>, Error> {
        let (mut streams, mut runs) = (Vec::new(), Vec::new());
        for (i, fragment) in self.fragments.iter().enumerate() {
            cursor.set_window(if fragment.length < 4096 { 64 * 1024 } else { 12 });
            let mark = cursor.peek_up_to(fragment.offset, fragment.length.min(12) as usize)?;
            if sniff::begins_frame(mark) {
                streams.push(i);
            } else if sniff::begins_rle(mark) {
                runs.push(i);
            }
        }
        Ok(if streams.is_empty() { runs } else { streams })
    }
}

/// One entry a frame, each further on than the last.
fn makes_sense(table: &[u64], frames: usize) -> bool {
    table.len() == frames && table.first() == Some(&0) && table.is_sorted_by(|a, b| a < b)
}

/// Takes the item headers out of a run of items; `None` when they do not fill it exactly.
fn without_headers(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    const ITEM_BYTES: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
    let (mut from, mut to) = (0usize, 0usize);
    while from < bytes.len() {
        let &[a, b, c, d, length @ ..] = bytes.get(from..)?.first_chunk::<8>()?;
        let start = from + 8;
        let end = start.checked_add(usize::try_from(u32::from_le_bytes(length)).ok()?)?;
        if [a, b, c, d] != ITEM_BYTES || end > bytes.len() {
            return None;
        }
        bytes.copy_within(start..end, to);
        to += end - start;
        from = end;
    }
    bytes.truncate(to);
    Some(bytes)
}

fn concatenate(source: &dyn ByteSource, fragments: &[Fragment]) -> Result<Vec<u8>, Error> {
    let mut bytes = allocate(fragments.iter().map(|f| u64::from(f.length)).sum())?;
    let mut rest = bytes.as_mut_slice();
    for fragment in fragments {
        let Some((now, later)) = rest.split_at_mut_checked(fragment.length as usize) else { break };
        read(source, now, fragment.offset)?;
        rest = later;
    }
    Ok(bytes)
}

fn read(source: &dyn ByteSource, into: &mut [u8], at: u64) -> Result<(), Error> {
    source.read_exact_at(into, at).map_err(|e| Error::io(&e, source.label()))
}

/// Room for bytes that are known to be there.
pub(super) fn allocate(length: u64) -> Result<Vec<u8>, Error> {
    let length = usize::try_from(length)
        .map_err(|_| Error::FrameData("the frame is too large to be held".to_owned()))?;
    Ok(vec![0; length])
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
    if sniff::begins_frame(start) || sniff::begins_rle(start) {
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
