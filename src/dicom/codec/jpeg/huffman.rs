//! Huffman tables and the bits they are read from (ITU-T T.81 annexes C, F.2.2 and B.1.1.5).

use super::damaged;
use crate::dicom::Error;

/// Bits resolved by one look into a table.
const LOOK: u32 = 10;

/// A Huffman table ready for decoding.
pub(super) struct Table {
    /// Code length in the high byte, value in the low one; zero for longer codes.
    lookup: Vec<u16>,
    /// One past the last code of each length, left-aligned in sixteen bits.
    limit: [u32; 17],
    /// What to add to a code of each length to find its value.
    offset: [i32; 17],
    values: Vec<u8>,
}

impl Table {
    /// From the number of codes of each length and their values.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Result<Self, Error> {
        let mut table =
            Self { lookup: vec![0; 1 << LOOK], limit: [0; 17], offset: [0; 17], values: values.to_vec() };
        let (mut code, mut index) = (0u32, 0usize);
        for (length, &count) in (1u32..=16).zip(counts) {
            let at = length as usize;
            if let Some(offset) = table.offset.get_mut(at) {
                *offset = index as i32 - code as i32;
            }
            for _ in 0..count {
                if code >= 1 << length {
                    return Err(damaged("a Huffman table has too many codes"));
                }
                let Some(&value) = values.get(index) else {
                    return Err(damaged("a Huffman table is cut short"));
                };
                if length <= LOOK {
                    let first = (code << (LOOK - length)) as usize;
                    let entry = (length as u16) << 8 | u16::from(value);
                    if let Some(run) = table.lookup.get_mut(first..first + (1 << (LOOK - length))) {
                        run.fill(entry);
                    }
                }
                code += 1;
                index += 1;
            }
            if let Some(limit) = table.limit.get_mut(at) {
                *limit = code << (16 - length);
            }
            code <<= 1;
        }
        Ok(table)
    }
}

impl Table {
    /// Length and value of the code that sixteen bits begin with.
    pub(super) fn code(&self, bits: u32) -> Option<(u32, u8)> {
        for (length, (&limit, &offset)) in (0u32..).zip(self.limit.iter().zip(&self.offset)).skip(1) {
            if bits < limit {
                let index = (bits >> (16 - length)).cast_signed() + offset;
                let value = usize::try_from(index).ok().and_then(|i| self.values.get(i));
                return value.map(|&value| (length, value));
            }
        }
        None
    }
}

/// Reads bits, most significant first, out of entropy-coded data with its stuffed zeros.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Left-aligned.
    held: u64,
    count: u32,
    /// Bits that were made up after the data ended.
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, held: 0, count: 0, made_up: 0 }
    }

    /// Where the next marker is to be looked for.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// All the data, whatever was read of it.
    pub(super) fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Goes on at a position, for a process that reads the data by itself.
    pub(super) fn go_to(&mut self, at: usize) {
        *self = Self::new(self.data, at);
    }

    /// The data ended before what was read.
    pub(super) fn exhausted(&self) -> bool {
        self.made_up > self.count
    }

    /// Makes at least 48 bits available, which is enough for a code and its extra bits.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 48 {
            return;
        }
        if let Some(chunk) = self.data.get(self.at..).and_then(|d| d.first_chunk::<8>()) {
            let word = u64::from_be_bytes(*chunk);
            // No byte of all ones among them: no stuffing and no marker.
            let inverse = !word;
            if inverse.wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
                let bytes = (64 - self.count) / 8;
                self.held |= (word >> (64 - bytes * 8)) << (64 - bytes * 8) >> self.count;
                self.count += bytes * 8;
                self.at += bytes as usize;
                return;
            }
        }
        self.refill_slowly();
    }

    #[cold]
    fn refill_slowly(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at) {
                Some(0xFF) => match self.data.get(self.at + 1) {
                    Some(0) => {
                        self.at += 2;
                        Some(0xFF)
                    }
                    // Fill bytes before a marker.
                    Some(0xFF) => {
                        self.at += 1;
                        continue;
                    }
                    _ => None,
                },
                Some(&byte) => {
                    self.at += 1;
                    Some(byte)
                }
                None => None,
            };
            match byte {
                Some(byte) => self.held |= u64::from(byte) << (56 - self.count),
                None => self.made_up = self.made_up.saturating_add(8),
            }
            self.count += 8;
        }
    }

    /// The next bits without taking them; at most 16, after a refill.
    #[inline]
    fn peek(&self, count: u32) -> u32 {
        (self.held >> 32 >> (32 - count)) as u32
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count = self.count.saturating_sub(count);
    }

    /// The next value of a table; refills.
    #[inline]
    pub(super) fn decode(&mut self, table: &Table) -> Result<u8, Error> {
        self.refill();
        let entry = table.lookup.get(self.peek(LOOK) as usize).copied().unwrap_or(0);
        if entry != 0 {
            self.skip(u32::from(entry >> 8));
            return Ok(entry as u8);
        }
        self.decode_long(table)
    }

    #[cold]
    fn decode_long(&mut self, table: &Table) -> Result<u8, Error> {
        let code = self.peek(16);
        for length in LOOK + 1..=16 {
            let at = length as usize;
            if table.limit.get(at).is_some_and(|&limit| code < limit) {
                let offset = table.offset.get(at).copied().unwrap_or(0);
                let index = (code >> (16 - length)) as i32 + offset;
                let value = usize::try_from(index).ok().and_then(|i| table.values.get(i));
                self.skip(length);
                return value.copied().ok_or_else(|| damaged("a code is in no table"));
            }
        }
        Err(damaged("a code is in no table"))
    }

    /// Unsigned bits; at most 16. `decode` before has made enough available.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        if self.count < count {
            self.refill();
        }
        let value = self.peek(count);
        self.skip(count);
        value
    }

    /// A signed difference of `size` bits (T.81 F.2.2.1); at most 16 of them.
    #[inline]
    pub(super) fn take_signed(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        let value = self.take(size) as i32;
        let negative = value < 1 << (size - 1);
        if negative { value - (1 << size) + 1 } else { value }
    }

    /// Goes past the next restart marker; `false` when another marker or the end comes first.
    pub(super) fn restart(&mut self) -> bool {
        (self.held, self.count, self.made_up) = (0, 0, 0);
        while let Some(&[first, second]) = self.data.get(self.at..).and_then(|d| d.first_chunk::<2>()) {
            match (first, second) {
                (0xFF, 0xD0..=0xD7) => {
                    self.at += 2;
                    return true;
                }
                (0xFF, 0x01..=0xFE) => return false,
                _ => self.at += 1,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_short_and_long() {
        // Lengths 1, 2 and 16: 0, 10, 1100000000000000.
        let mut counts = [0u8; 16];
        (counts[0], counts[1], counts[15]) = (1, 1, 1);
        let table = Table::new(&counts, &[7, 8, 9]).unwrap();
        let data = [0b0101_1000, 0, 0b0000_0000];
        let mut bits = Bits::new(&data, 0);
        assert_eq!(bits.decode(&table).unwrap(), 7);
        assert_eq!(bits.decode(&table).unwrap(), 8);
        assert_eq!(bits.decode(&table).unwrap(), 9);
        assert!(!bits.exhausted());
    }

    #[test]
    fn stuffed_zeros_vanish_and_markers_stop() {
        let data = [0xFF, 0x00, 0x80, 0xFF, 0xD3, 0x40];
        let mut bits = Bits::new(&data, 0);
        assert_eq!(bits.take(9), 0x1FF);
        assert_eq!(bits.take(7), 0);
        assert!(!bits.exhausted());
        assert_eq!(bits.take(8), 0);
        assert!(bits.exhausted());
        assert!(bits.restart());
        assert_eq!(bits.take(2), 1);
    }

    #[test]
    fn differences_have_signs() {
        let data = [0b0110_0000, 0, 0, 0, 0, 0, 0, 0];
        let mut bits = Bits::new(&data, 0);
        assert_eq!(bits.take_signed(2), -2);
        assert_eq!(bits.take_signed(2), 2);
        assert_eq!(bits.take_signed(0), 0);
    }

    #[test]
    fn overfull_tables_are_refused() {
        let mut counts = [0u8; 16];
        counts[0] = 3;
        assert!(Table::new(&counts, &[1, 2, 3]).is_err());
    }
}
