//! Fragments: the items that encapsulated pixel data is made of.
//!
//! Only their headers are looked at here, one after the other; which fragments make a frame is decided
//! by the frame index.

use super::cursor::Cursor;
use super::header::{self, ITEM, SEQUENCE_END, Syntax, UNDEFINED};
use super::{ByteSource, Error};

/// Fragments shorter than this are walked with a read-ahead.
const SMALL: u32 = 4096;
/// Read-ahead among small fragments.
const AHEAD: usize = 64 * 1024;

/// One fragment's value, as far as the source has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) offset: u64,
    pub(super) length: u32,
}

impl Fragment {
    /// Where the item of the fragment begins.
    pub(super) fn item(self) -> u64 {
        self.offset.saturating_sub(8)
    }
}

/// What a walk over fragments ended at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The sequence delimiter; what follows it begins here.
    Delimiter(u64),
    /// Something that is no fragment.
    Unknown(u64),
    /// The end of what could be read; the last fragment may be shorter than it says.
    Cut,
    /// Whoever asked had enough.
    Stopped,
}

/// A cursor that reads item headers and little else.
pub(super) fn cursor(source: &dyn ByteSource) -> Cursor<'_> {
    Cursor::with_window(source, SMALL as usize)
}

/// Walks the items from `at` on and hands each to `each`, until that answers `false`.
pub(super) fn walk(
    cursor: &mut Cursor<'_>,
    at: u64,
    end: u64,
    syntax: Syntax,
    mut each: impl FnMut(Fragment) -> bool,
) -> Result<End, Error> {
    let mut at = at;
    let mut odd = false;
    loop {
        let Some(mut head) = header::read(cursor, at, end, syntax)? else { return Ok(End::Cut) };
        // Some writers pad a fragment to an even length and do not count the padding.
        if odd && head.tag != ITEM && head.tag != SEQUENCE_END {
            match header::read(cursor, at + 1, end, syntax)? {
                Some(next) if matches!(next.tag, ITEM | SEQUENCE_END) => (at, head) = (at + 1, next),
                _ => {}
            }
        }
        match head.tag {
            SEQUENCE_END => return Ok(End::Delimiter(at + head.size)),
            ITEM if head.length != UNDEFINED => {}
            _ => return Ok(End::Unknown(at)),
        }
        let offset = at + head.size;
        let there = u32::try_from(end.saturating_sub(offset)).unwrap_or(UNDEFINED);
        let length = head.length.min(there);
        if !each(Fragment { offset, length }) {
            return Ok(End::Stopped);
        }
        if length < head.length {
            return Ok(End::Cut);
        }
        cursor.set_window(if length < SMALL { AHEAD } else { 8 });
        odd = length % 2 == 1;
        at = offset + u64::from(length);
    }
}
