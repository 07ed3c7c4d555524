//! Entropy-coded data of the lossless process: bits without stuffing, and differences by one look.
//!
//! The stuffed zeros are taken out beforehand, so that the reader needs no decisions: it is what most of
//! the time of a lossless image goes into.

use super::damaged;
use super::huffman::Table;
use crate::dicom::Error;

/// Bits resolved by one look: a code and the difference after it.
const LOOK: u32 = 12;
/// Zeros after the data, so that whole words can be read from its last byte.
const SLACK: usize = 16;

/// One interval of entropy-coded data up to a marker, its stuffing removed.
#[derive(Default)]
pub(super) struct Interval {
    bytes: Vec<u8>,
    /// Where the marker stands, or where the data ends.
    pub(super) end: usize,
}

impl Interval {
    /// Reads from `at` to the next marker.
    pub(super) fn fill(&mut self, data: &[u8], at: usize) {
        self.bytes.clear();
        let mut at = at;
        loop {
            let rest = data.get(at..).unwrap_or_default();
            let Some(ones) = position_of_ones(rest) else {
                self.bytes.extend_from_slice(rest);
                self.end = data.len();
                break;
            };
            self.bytes.extend_from_slice(rest.get(..ones).unwrap_or_default());
            at += ones;
            match data.get(at + 1) {
                Some(0) => {
                    self.bytes.push(0xFF);
                    at += 2;
                }
                // Fill bytes before a marker.
                Some(0xFF) => at += 1,
                _ => {
                    self.end = at;
                    break;
                }
            }
        }
        self.bytes.extend_from_slice(&[0; SLACK]);
    }

    /// The next interval, after a restart marker; `false` where there is none.
    pub(super) fn restart(&mut self, data: &[u8]) -> bool {
        let marker = data.get(self.end..).and_then(|d| d.first_chunk::<2>());
        if !matches!(marker, Some([0xFF, 0xD0..=0xD7])) {
            return false;
        }
        self.fill(data, self.end + 2);
        true
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { bytes: &self.bytes, at: 0, held: 0, count: 0 }
    }
}

/// The first byte of all ones, eight bytes at a time.
fn position_of_ones(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.as_chunks::<8>();
    let holds_ones = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0
    };
    let skipped = words.iter().position(holds_ones).unwrap_or(words.len()) * 8;
    let found = bytes.get(skipped..)?.iter().position(|&byte| byte == 0xFF)?;
    Some(skipped + found)
}

/// Reads bits, most significant first. A copy goes on where the original stood.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Left-aligned; what is below `count` bits belongs to bytes that are read again.
    held: u64,
    count: u32,
}

impl Reader<'_> {
    /// Makes at least 56 bits available: more than a code and a difference have.
    #[inline]
    fn refill(&mut self) {
        let word =
            self.bytes.get(self.at..).and_then(|b| b.first_chunk()).map_or(0, |b| u64::from_be_bytes(*b));
        self.held |= word >> self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count -= count;
    }

    /// More was read than there is.
    pub(super) fn exhausted(&self) -> bool {
        (self.at * 8).saturating_sub(self.count as usize) > (self.bytes.len() - SLACK) * 8
    }
}

/// A Huffman table together with the differences that follow its codes.
pub(super) struct Differences<'t> {
    table: &'t Table,
    /// A difference in the high half, the length of code and difference in the low; zero where it takes
    /// more than one look.
    entries: Box<[i32; 1 << LOOK]>,
}

impl<'t> Differences<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
        let mut entries = Box::new([0; 1 << LOOK]);
        for (bits, entry) in (0u32..).zip(entries.iter_mut()) {
            let Some((length, size)) = table.code(bits << (16 - LOOK)) else { continue };
            let size = u32::from(size);
            if size <= 15 && length + size <= LOOK {
                let value = (bits >> (LOOK - length - size)) & ((1 << size) - 1);
                *entry = (extend(value, size) << 16) | (length + size).cast_signed();
            }
        }
        Self { table, entries }
    }

    /// The next difference.
    #[inline]
    pub(super) fn next(&self, reader: &mut Reader<'_>) -> Result<i32, Error> {
        reader.refill();
        let entry = self.entries[(reader.held >> (64 - LOOK)) as usize & ((1 << LOOK) - 1)];
        if entry != 0 {
            reader.skip(entry as u32 & 0xFF);
            return Ok(entry >> 16);
        }
        // By value: a reader whose address is handed out would live in memory.
        let (difference, length) = self.long(reader.held)?;
        reader.skip(length);
        Ok(difference)
    }

    /// A difference and its length, which is at most 31 bits.
    #[cold]
    fn long(&self, held: u64) -> Result<(i32, u32), Error> {
        let Some((length, size)) = self.table.code((held >> 48) as u32) else {
            return Err(damaged("a code is in no table"));
        };
        match u32::from(size) {
            0 => Ok((0, length)),
            size @ 1..=15 => {
                let value = (held << length >> (64 - size)) as u32;
                Ok((extend(value, size), length + size))
            }
            16 => Ok((32768, length)),
            _ => Err(damaged("a difference is impossible")),
        }
    }
}

/// A signed difference from its bits (T.81 F.2.2.1).
fn extend(value: u32, size: u32) -> i32 {
    let value = value.cast_signed();
    if size > 0 && value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_goes_and_markers_stay() {
        let data = [9, 1, 0xFF, 0, 2, 0xFF, 0xFF, 0xD0, 3, 0xFF, 0xD9];
        let mut interval = Interval::default();
        interval.fill(&data, 1);
        assert_eq!((&interval.bytes[..3], interval.bytes.len(), interval.end), (&[1, 0xFF, 2][..], 19, 6));
        assert!(interval.restart(&data));
        assert_eq!((interval.bytes[0], interval.bytes.len(), interval.end), (3, 17, 9));
        assert!(!interval.restart(&data));
    }

    #[test]
    fn ones_are_found_anywhere() {
        for at in 0..20 {
            let mut bytes = [0xFE; 20];
            bytes[at] = 0xFF;
            assert_eq!(position_of_ones(&bytes), Some(at));
        }
        assert_eq!(position_of_ones(&[0xFE, 0x7F, 0x00]), None);
    }

    #[test]
    fn differences_short_long_and_escaped() {
        // Lengths 1, 2, 2 would be complete; here 0 -> 0, 10 -> 3 bits, 110 -> 15 bits, 1110 -> 16.
        let mut counts = [0u8; 16];
        counts[..4].copy_from_slice(&[1, 1, 1, 1]);
        let table = Table::new(&counts, &[0, 3, 15, 16]).unwrap();
        let differences = Differences::new(&table);
        // 0 | 10 101 | 10 010 | 110 000000000000001 | 1110 | 0
        let data = [0b0101_0110, 0b0101_1000, 0b0000_0000, 0b0000_1111, 0b0000_0000];
        let mut interval = Interval::default();
        interval.fill(&data, 0);
        let mut reader = interval.reader();
        let mut found = Vec::new();
        for _ in 0..6 {
            found.push(differences.next(&mut reader).unwrap());
        }
        assert_eq!(found, [0, 5, -5, -32766, 32768, 0]);
        assert!(!reader.exhausted());
        for _ in 0..20 {
            differences.next(&mut reader).unwrap();
        }
        assert!(reader.exhausted());
    }
}
