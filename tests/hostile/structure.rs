//! Where the headers of a file stand: a walk that believes every length, over files that are right.

/// One element header, item or delimiter.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub at: usize,
    pub tag: u32,
    pub value: usize,
    pub length: u32,
    /// Where the length is written, and in how many bytes.
    pub length_at: usize,
    pub length_size: usize,
    pub big: bool,
}

impl Mark {
    /// Where the value ends, as far as it has a length and is no container.
    pub fn end(&self) -> usize {
        self.value + if self.enters() { 0 } else { self.length as usize }
    }

    fn enters(&self) -> bool {
        self.length == u32::MAX || self.tag >> 16 == 0xFFFE
    }
}

const LONG: [&[u8; 2]; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

/// All headers in the order they stand, those inside of sequences included.
pub fn marks(bytes: &[u8]) -> Vec<Mark> {
    let mut found = Vec::new();
    let mut at = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 0 };
    let mut fragments = false;
    let mut declared = Vec::new();
    while let Some(raw) = bytes.get(at..at + 8) {
        let meta = raw[..2] == [2, 0];
        let big = !meta && declared == b"1.2.840.10008.1.2.2";
        let u16_of =
            |b: &[u8]| if big { u16::from_be_bytes([b[0], b[1]]) } else { u16::from_le_bytes([b[0], b[1]]) };
        let u32_of = |b: &[u8]| {
            let bytes = [b[0], b[1], b[2], b[3]];
            if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let tag = u32::from(u16_of(raw)) << 16 | u32::from(u16_of(&raw[2..]));
        let spelled = raw[4].is_ascii_uppercase() && raw[5].is_ascii_uppercase() && tag >> 16 != 0xFFFE;
        let long = spelled && LONG.iter().any(|vr| raw[4..6] == vr[..]);
        let (length_at, length_size, value) = match (spelled, long) {
            (true, true) => (at + 8, 4, at + 12),
            (true, false) => (at + 6, 2, at + 8),
            _ => (at + 4, 4, at + 8),
        };
        let Some(length) = bytes.get(length_at..length_at + length_size) else { break };
        let length = if length_size == 2 { u32::from(u16_of(length)) } else { u32_of(length) };
        let mark = Mark { at, tag, value, length, length_at, length_size, big };
        found.push(mark);
        if tag == 0x0002_0010 {
            let text = bytes.get(value..value + length as usize).unwrap_or_default();
            declared = text.iter().copied().take_while(|b| *b != 0).collect();
        }
        let sequence = (spelled && raw[4..6] == *b"SQ") || (mark.enters() && !fragments);
        at = value + if sequence || length == u32::MAX { 0 } else { length as usize };
        match tag {
            0x7FE0_0010 => fragments = length == u32::MAX,
            0xFFFE_E0DD => fragments = false,
            _ => {}
        }
    }
    found
}
