//! Bits of a JPEG-LS scan: after a byte of all ones, the next byte has seven (ISO 14495-1 annex A.1).

/// Reads bits, most significant first.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Left-aligned.
    held: u64,
    count: u32,
    after_ones: bool,
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, held: 0, count: 0, after_ones: false, made_up: 0 }
    }

    /// Where the next marker is to be looked for: the reader never passes one.
    pub(super) fn position(&self) -> usize {
        // A last byte of all ones may be the first half of the marker.
        if self.after_ones { self.at.saturating_sub(1) } else { self.at }
    }

    /// The data ended before what was read.
    pub(super) fn exhausted(&self) -> bool {
        self.made_up > self.count
    }

    /// Goes past the next restart marker; `false` when another marker or the end comes first.
    pub(super) fn restart(&mut self) -> bool {
        let mut at = self.position();
        while let Some(&[first, second]) = self.data.get(at..).and_then(|d| d.first_chunk()) {
            match (first, second) {
                (0xFF, 0xD0..=0xD7) => {
                    *self = Self::new(self.data, at + 2);
                    return true;
                }
                (0xFF, 0x80..=0xFE) => return false,
                _ => at += 1,
            }
        }
        false
    }

    #[inline]
    fn refill(&mut self) {
        if self.count >= 40 {
            return;
        }
        if let Some(chunk) = self.data.get(self.at..).and_then(|d| d.first_chunk::<8>())
            && !self.after_ones
        {
            let word = u64::from_be_bytes(*chunk);
            if (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
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
            let byte = self.data.get(self.at).copied();
            let marker = self.after_ones && byte.is_some_and(|b| b >= 0x80);
            match byte {
                Some(byte) if !marker => {
                    let size = if self.after_ones { 7 } else { 8 };
                    self.held |= u64::from(byte) << (64 - size - self.count);
                    self.count += size;
                    self.after_ones = byte == 0xFF;
                    self.at += 1;
                }
                _ => {
                    self.made_up = self.made_up.saturating_add(8);
                    self.count += 8;
                }
            }
        }
    }

    /// One bit.
    #[inline]
    pub(super) fn bit(&mut self) -> bool {
        self.refill();
        let bit = self.held >> 63 == 1;
        self.skip(1);
        bit
    }

    /// Up to 25 bits.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> i32 {
        if count == 0 {
            return 0;
        }
        self.refill();
        let value = (self.held >> 32 >> (32 - count)) as i32;
        self.skip(count);
        value
    }

    /// A limited-length Golomb code (A.5.3): `limit` is the longest code, `escape` the bits of an
    /// escaped value.
    #[inline]
    pub(super) fn golomb(&mut self, k: u32, limit: u32, escape: u32) -> i32 {
        self.refill();
        let most = limit.saturating_sub(escape + 1);
        let zeros = self.held.leading_zeros();
        if zeros < most && zeros + 1 + k <= self.count {
            // The whole code is at hand.
            self.skip(zeros + 1);
            let rest = (self.held >> 32 >> 1 >> (31 - k)) as i32;
            self.skip(k);
            return (zeros as i32) << k | rest;
        }
        self.long_golomb(k, most, escape)
    }

    #[cold]
    fn long_golomb(&mut self, k: u32, most: u32, escape: u32) -> i32 {
        let mut zeros = 0;
        while !self.bit() {
            zeros += 1;
            if zeros > 64 {
                return 0;
            }
        }
        if zeros < most {
            return (zeros as i32) << k | self.take(k);
        }
        self.take(escape) + 1
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count = self.count.saturating_sub(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_is_stuffed_after_ones() {
        // FF, then seven bits of 7F.
        let mut bits = Bits::new(&[0xFF, 0x7F, 0x80], 0);
        assert_eq!(bits.take(15), 0x7FFF);
        assert!(bits.bit());
        assert!(!bits.exhausted());
    }

    #[test]
    fn golomb_codes() {
        // k = 2: 001 10 is 2 * 4 + 2; then escape after limit - 1 - 4 = 3 zeros: 0001 0101 is 5 + 1.
        let data = [0b0011_0000, 0b1010_1000];
        let mut bits = Bits::new(&data, 0);
        assert_eq!(bits.golomb(2, 8, 4), 10);
        assert_eq!(bits.golomb(2, 8, 4), 6);
    }
}
