//! The directory at the end of a zip archive (PKWARE's APPNOTE 4.3): which members there are, and where.
//!
//! It is found and read by position. Sizes and positions are believed as far as they fit the file.

use std::io;

use super::names::RawName;
use crate::dicom::{ByteSource, Error};

/// A directory larger than this is not read.
const LARGEST: u64 = 128 << 20;
/// Members beyond this are left out.
const MOST_MEMBERS: usize = 1_000_000;

const END: [u8; 4] = *b"PK\x05\x06";
const END_SIZE: usize = 22;
const LONGEST_COMMENT: usize = 0xFFFF;
const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_SIZE: usize = 56;
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_64_SIZE: u64 = 20;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_SIZE: usize = 46;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// A local header has at least so many bytes.
pub const LOCAL_SIZE: usize = 30;

/// How a member is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Stored,
    Deflated,
    Other,
}

/// One member as the directory describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub packing: Packing,
    pub encrypted: bool,
    /// Bytes in the archive.
    pub packed: u64,
    /// Bytes of the file.
    pub length: u64,
    /// Where its local header is.
    pub offset: u64,
}

/// Reads the directory; also says whether it ends before it should.
pub fn read(source: &dyn ByteSource) -> Result<(Vec<(RawName, Record)>, bool), Error> {
    let damaged = |what: &str| {
        let error = io::Error::new(io::ErrorKind::InvalidData, format!("the archive is damaged: {what}"));
        Error::io(&error, source.label())
    };
    let end = find_end(source).map_err(|e| Error::io(&e, source.label()))?;
    let Some(end) = end else {
        return Err(damaged("its directory is missing, which happens when a download was cut short"));
    };
    if end.size > LARGEST {
        return Err(damaged("its directory is too large to be true"));
    }
    let size = end.size.min(source.len().saturating_sub(end.start));
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    source.read_exact_at(&mut bytes, end.start).map_err(|e| Error::io(&e, source.label()))?;
    let mut found = Vec::new();
    let mut rest = bytes.as_slice();
    while found.len() < MOST_MEMBERS {
        let Some((name, mut record, after)) = entry(rest) else { break };
        record.offset = record.offset.saturating_add(end.shift);
        found.push((name, record));
        rest = after;
    }
    let cut_short = size < end.size || (found.len() as u64) < end.members || !rest.is_empty();
    if found.is_empty() && end.members > 0 {
        return Err(damaged("its directory cannot be read"));
    }
    Ok((found, cut_short))
}

/// Where the data of a member begins: after its local header, whose own lengths count.
pub fn data_start(source: &dyn ByteSource, record: &Record) -> Option<u64> {
    let mut header = [0; LOCAL_SIZE];
    source.read_exact_at(&mut header, record.offset).ok()?;
    if !header.starts_with(&LOCAL) {
        return None;
    }
    let start = record.offset + LOCAL_SIZE as u64 + u16_at(&header, 26)? + u16_at(&header, 28)?;
    (start.checked_add(record.packed)? <= source.len()).then_some(start)
}

/// What the end of an archive says of its directory.
struct End {
    start: u64,
    size: u64,
    members: u64,
    /// Bytes in front of the archive, which positions in it do not count.
    shift: u64,
}

fn find_end(source: &dyn ByteSource) -> io::Result<Option<End>> {
    let len = source.len();
    let count = len.min((END_SIZE + LONGEST_COMMENT) as u64);
    let mut tail = vec![0; usize::try_from(count).unwrap_or(0)];
    source.read_exact_at(&mut tail, len - count)?;
    let last = tail.len().checked_sub(END_SIZE);
    let candidates = last.into_iter().flat_map(|last| (0..=last).rev());
    for at in candidates {
        let Some(record) = tail.get(at..).filter(|rest| rest.starts_with(&END)) else { continue };
        let comment = u16_at(record, 20).unwrap_or(0);
        if at as u64 + END_SIZE as u64 + comment > count {
            // The comment would go on past the file: these four bytes are part of one.
            continue;
        }
        let position = len - count + at as u64;
        if let Some(end) = end_64(source, position)?.or_else(|| end_32(record, position)) {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

fn end_32(record: &[u8], position: u64) -> Option<End> {
    let (members, size, offset) = (u16_at(record, 10)?, u32_at(record, 12)?, u32_at(record, 16)?);
    End::new(position, members, size, offset)
}

/// The larger record that stands in for the small one where numbers do not fit.
fn end_64(source: &dyn ByteSource, small: u64) -> io::Result<Option<End>> {
    let Some(locator_at) = small.checked_sub(LOCATOR_64_SIZE) else { return Ok(None) };
    let mut locator = [0; LOCATOR_64_SIZE as usize];
    source.read_exact_at(&mut locator, locator_at)?;
    if !locator.starts_with(&LOCATOR_64) {
        return Ok(None);
    }
    let declared = u64_at(&locator, 8);
    // With something put in front of the archive the record still ends right before its locator.
    let nearby = locator_at.checked_sub(END_64_SIZE as u64);
    for position in [declared, nearby].into_iter().flatten() {
        let fits = position.checked_add(END_64_SIZE as u64).is_some_and(|end| end <= source.len());
        if !fits {
            continue;
        }
        let mut record = [0; END_64_SIZE];
        source.read_exact_at(&mut record, position)?;
        if record.starts_with(&END_64) {
            let numbers = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
            let (Some(members), Some(size), Some(offset)) = numbers else { continue };
            return Ok(End::new(position, members, size, offset));
        }
    }
    Ok(None)
}

impl End {
    /// The directory ends where the end record begins, which tells how much stands in front of the archive.
    fn new(position: u64, members: u64, size: u64, offset: u64) -> Option<Self> {
        let start = position.checked_sub(size)?;
        let shift = start.checked_sub(offset)?;
        Some(Self { start, size, members, shift })
    }
}

/// The entry at the start, and what follows it.
fn entry(bytes: &[u8]) -> Option<(RawName, Record, &[u8])> {
    if !bytes.starts_with(&ENTRY) {
        return None;
    }
    let flags = u16_at(bytes, 8)?;
    let packing = match u16_at(bytes, 10)? {
        0 => Packing::Stored,
        8 => Packing::Deflated,
        _ => Packing::Other,
    };
    let (packed, length, offset) = (u32_at(bytes, 20)?, u32_at(bytes, 24)?, u32_at(bytes, 42)?);
    let length_at = |at| u16_at(bytes, at).and_then(|length| usize::try_from(length).ok());
    let (name_length, extra_length, comment_length) = (length_at(28)?, length_at(30)?, length_at(32)?);
    let (name, rest) = bytes.get(ENTRY_SIZE..)?.split_at_checked(name_length)?;
    let (extra, rest) = rest.split_at_checked(extra_length)?;
    let (_, rest) = rest.split_at_checked(comment_length)?;
    let mut record = Record { packing, encrypted: flags & 1 != 0, packed, length, offset };
    let mut name = name.to_vec();
    for (id, field) in Extra(extra) {
        match id {
            1 => record.widen(field),
            // A second name in UTF-8, after a version and a checksum.
            0x7075 => match field.get(5..) {
                Some(text) if !text.is_empty() && std::str::from_utf8(text).is_ok() => name = text.to_vec(),
                _ => {}
            },
            _ => {}
        }
    }
    Some((RawName { bytes: name }, record, rest))
}

impl Record {
    /// Takes the numbers that did not fit into 32 bits: in a fixed order, only those that did not.
    fn widen(&mut self, field: &[u8]) {
        let mut rest = field;
        for number in [&mut self.length, &mut self.packed, &mut self.offset] {
            if *number != u64::from(u32::MAX) {
                continue;
            }
            let Some((first, after)) = rest.split_first_chunk::<8>() else { return };
            *number = u64::from_le_bytes(*first);
            rest = after;
        }
    }
}

/// Extra fields: identifier, length, content.
struct Extra<'a>(&'a [u8]);

impl<'a> Iterator for Extra<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let id = u16_at(self.0, 0)?;
        let length = usize::try_from(u16_at(self.0, 2)?).ok()?;
        let (field, rest) = self.0.get(4..)?.split_at_checked(length)?;
        self.0 = rest;
        Some((id, field))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
