//! Runs of set bits, many at a time.

/// Bits as words, the first bit lowest.
pub(super) struct Bits {
    words: Vec<u64>,
    /// The first bit that counts.
    start: usize,
}

impl Bits {
    /// Bits that begin some way into the first byte.
    pub(super) fn new(bytes: &[u8], start: usize) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        words.push(u64::from_le_bytes(last));
        Self { words, start }
    }

    /// Calls `found` with the beginning and end of each run of ones among the bits of a row.
    pub(super) fn runs(&self, row: std::ops::Range<usize>, mut found: impl FnMut(u32, u32)) {
        let (first, end) = (row.start + self.start, row.end + self.start);
        let mut at = first;
        loop {
            let from = self.next(at, end, 0);
            if from >= end {
                return;
            }
            let to = self.next(from, end, u64::MAX);
            found((from - first) as u32, (to - first) as u32);
            at = to;
        }
    }

    /// The next bit that is set, or is not where all are flipped; at most `end`.
    fn next(&self, mut at: usize, end: usize, flip: u64) -> usize {
        while at < end {
            let word = self.words.get(at / 64).copied().unwrap_or(0) ^ flip;
            let rest = word >> (at % 64);
            if rest != 0 {
                return (at + rest.trailing_zeros() as usize).min(end);
            }
            at = (at / 64 + 1) * 64;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(bytes: &[u8], start: usize, row: std::ops::Range<usize>) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        Bits::new(bytes, start).runs(row, |from, to| all.push((from, to)));
        all
    }

    #[test]
    fn runs_end_with_their_row() {
        // bits 0 1 1 0 1 1 1 1 | 1 0 0 0 0 0 0 1
        let bytes = [0b1111_0110, 0b1000_0001];
        assert_eq!(runs(&bytes, 0, 0..16), [(1, 3), (4, 9), (15, 16)]);
        assert_eq!(runs(&bytes, 0, 8..16), [(0, 1), (7, 8)]);
        assert_eq!(runs(&bytes, 2, 0..5), [(0, 1), (2, 5)]);
        assert_eq!(runs(&bytes, 0, 9..15), []);
        assert_eq!(runs(&[], 0, 0..100), []);
    }

    #[test]
    fn runs_go_on_from_word_to_word() {
        let mut bytes = [0xFF; 40];
        bytes[0] = 0xF0;
        bytes[39] = 0x0F;
        assert_eq!(runs(&bytes, 0, 0..320), [(4, 316)]);
        assert_eq!(runs(&bytes, 3, 0..317), [(1, 313)]);
    }
}
