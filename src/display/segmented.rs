//! Segmented palette colour tables (PS3.3 C.7.9.2): runs, ramps and references to earlier segments.

use super::descriptor::words;

/// Expands a segmented table to at most `entries` entries; `None` where it is malformed before its
/// first entry. `bits` of 8 means that opcodes, lengths and values are bytes, else they are words.
pub(super) fn expand(bytes: &[u8], bits: u16, entries: usize) -> Option<Vec<u16>> {
    let narrow = bits <= 8;
    let data: Vec<u16> =
        if narrow { bytes.iter().map(|&b| u16::from(b)).collect() } else { words(bytes).collect() };
    let mut expansion = Expansion { data: &data, narrow, entries, starts: Vec::new(), table: Vec::new() };
    let mut at = 0;
    while expansion.table.len() < entries {
        expansion.starts.push(at);
        match expansion.segment(at, true) {
            Some(next) => at = next,
            None => break,
        }
    }
    let table = expansion.table;
    (!table.is_empty()).then_some(table)
}

struct Expansion<'a> {
    data: &'a [u16],
    narrow: bool,
    entries: usize,
    /// Where the segments read so far begin.
    starts: Vec<usize>,
    table: Vec<u16>,
}

impl Expansion<'_> {
    /// Expands the segment at a position and tells where the next one begins. An indirect segment may
    /// not lead to another, which also bounds the work.
    fn segment(&mut self, at: usize, may_refer: bool) -> Option<usize> {
        let data = self.data;
        let (&opcode, &length) = (data.get(at)?, data.get(at + 1)?);
        let (body, length) = (at + 2, usize::from(length));
        let room = self.entries.saturating_sub(self.table.len());
        match opcode {
            0 => {
                let end = (body + length).min(data.len());
                self.table.extend(data.get(body..end)?.iter().take(room));
                Some(body + length)
            }
            1 => {
                let (from, to) = (f64::from(*self.table.last()?), f64::from(*data.get(body)?));
                let step = (to - from) / length as f64;
                self.table.extend((1..=length.min(room)).map(|i| (from + step * i as f64).round() as u16));
                Some(body + 1)
            }
            2 if may_refer => {
                let width = if self.narrow { 4 } else { 2 };
                let mut target = self.target(data.get(body..body + width)?)?;
                for _ in 0..length {
                    target = self.segment(target, false)?;
                }
                Some(body + width)
            }
            _ => None,
        }
    }

    /// Where an offset leads. It counts bytes; tables exist that count words, which is believed when
    /// only that leads to the beginning of a segment.
    fn target(&self, offset: &[u16]) -> Option<usize> {
        let shift = if self.narrow { 8 } else { 16 };
        let offset = offset.iter().rev().fold(0usize, |sum, &part| (sum << shift) | usize::from(part));
        let in_bytes = if self.narrow { offset } else { offset / 2 };
        let even = self.narrow || offset % 2 == 0;
        if even && self.starts.contains(&in_bytes) {
            return Some(in_bytes);
        }
        self.starts.contains(&offset).then_some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::words_le;

    fn words16(data: &[u16], entries: usize) -> Option<Vec<u16>> {
        expand(&words_le(data), 16, entries)
    }

    #[test]
    fn discrete_and_linear_segments() {
        let table = words16(&[0, 2, 0, 100, 1, 4, 300, 1, 2, 100], 8);
        assert_eq!(table, Some(vec![0, 100, 150, 200, 250, 300, 200, 100]));
    }

    #[test]
    fn bytes_have_byte_opcodes() {
        assert_eq!(expand(&[0, 1, 10, 1, 5, 255, 0], 8, 6), Some(vec![10, 59, 108, 157, 206, 255]));
    }

    #[test]
    fn an_indirect_segment_repeats_earlier_ones_from_where_the_table_stands() {
        // two segments from the start again: 0 5, then a ramp to 25 in two steps; bytes 0, words 0
        let expected = Some(vec![0, 5, 15, 25, 0, 5, 15, 25]);
        assert_eq!(words16(&[0, 2, 0, 5, 1, 2, 25, 2, 2, 0, 0], 8), expected);
        // the ramp alone starts at byte 8: from 25 down... it ends at 25 again
        assert_eq!(
            words16(&[0, 2, 0, 5, 1, 2, 25, 0, 1, 5, 2, 1, 8, 0], 7),
            Some(vec![0, 5, 15, 25, 5, 15, 25])
        );
        // the same counted in words
        assert_eq!(
            words16(&[0, 2, 0, 5, 1, 2, 25, 0, 1, 5, 2, 1, 4, 0], 7),
            Some(vec![0, 5, 15, 25, 5, 15, 25])
        );
        // bytes: a four-byte offset, least significant first
        assert_eq!(expand(&[0, 2, 1, 9, 2, 1, 0, 0, 0, 0], 8, 4), Some(vec![1, 9, 1, 9]));
    }

    #[test]
    fn never_more_than_declared_and_never_for_ever() {
        assert_eq!(words16(&[0, 1, 7, 1, 65535, 7], 10).map(|t| t.len()), Some(10));
        // an indirect segment that leads to itself ends the table
        assert_eq!(words16(&[0, 1, 7, 2, 65535, 6, 0], 100), Some(vec![7]));
        // an indirect segment that goes past the end of the data
        assert_eq!(words16(&[0, 1, 7, 2, 65535, 0, 0], 100).map(|t| t[0]), Some(7));
    }

    #[test]
    fn malformed_tables() {
        assert_eq!(words16(&[], 10), None);
        assert_eq!(words16(&[1, 5, 10], 10), None, "a ramp from nowhere");
        assert_eq!(words16(&[9, 5, 10], 10), None, "an unknown opcode");
        assert_eq!(words16(&[0, 5, 1, 2], 10), Some(vec![1, 2]), "cut short");
    }
}
