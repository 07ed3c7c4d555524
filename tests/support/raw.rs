//! Elements, items and files byte by byte, right and wrong: nothing here checks anything.

pub const UNDEFINED: u32 = u32::MAX;
pub const SEQUENCE_END: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
pub const ITEM_END: [u8; 8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
pub const PIXEL_DATA: u32 = 0x7FE0_0010;

/// A tag in little-endian order.
fn tag_bytes(tag: u32) -> [u8; 4] {
    let [a, b, c, d] = tag.to_be_bytes();
    [b, a, d, c]
}

/// Explicit little endian, with whatever length is said.
pub fn explicit_of_length(tag: u32, vr: &str, length: u32, value: &[u8]) -> Vec<u8> {
    let mut out = tag_bytes(tag).to_vec();
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "OF" | "OD" | "OL" | "OV" | "SQ" | "UN" | "UT" | "UC" | "UR") {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(value);
    out
}

pub fn explicit(tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
    explicit_of_length(tag, vr, value.len() as u32, value)
}

pub fn implicit_of_length(tag: u32, length: u32, value: &[u8]) -> Vec<u8> {
    [&tag_bytes(tag)[..], &length.to_le_bytes(), value].concat()
}

pub fn implicit(tag: u32, value: &[u8]) -> Vec<u8> {
    implicit_of_length(tag, value.len() as u32, value)
}

/// Explicit big endian; the value goes in as it is.
pub fn big(tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut out = tag.to_be_bytes().to_vec();
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_be_bytes());
    } else {
        out.extend((value.len() as u16).to_be_bytes());
    }
    out.extend(value);
    out
}

pub fn item(value: &[u8]) -> Vec<u8> {
    implicit(0xFFFE_E000, value)
}

pub fn item_of_length(length: u32, value: &[u8]) -> Vec<u8> {
    implicit_of_length(0xFFFE_E000, length, value)
}

/// A sequence without a length, closed.
pub fn open_sequence(tag: u32, items: &[u8]) -> Vec<u8> {
    explicit_of_length(tag, "SQ", UNDEFINED, &[items, &SEQUENCE_END].concat())
}

/// An item without a length, closed.
pub fn open_item(value: &[u8]) -> Vec<u8> {
    item_of_length(UNDEFINED, &[value, &ITEM_END].concat())
}

/// Encapsulated pixel data out of its items, the offset table first.
pub fn fragments(items: &[Vec<u8>]) -> Vec<u8> {
    explicit_of_length(PIXEL_DATA, "OB", UNDEFINED, &[items.concat(), SEQUENCE_END.to_vec()].concat())
}

/// The item of a Basic Offset Table.
pub fn offsets(of: &[u32]) -> Vec<u8> {
    item(&of.iter().flat_map(|o| o.to_le_bytes()).collect::<Vec<u8>>())
}

pub fn even(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// Group 0002 with nothing but a transfer syntax.
pub fn meta(transfer_syntax: &str) -> Vec<u8> {
    let meta = explicit(0x0002_0010, "UI", &even(transfer_syntax));
    [explicit(0x0002_0000, "UL", &(meta.len() as u32).to_le_bytes()), meta].concat()
}

/// Preamble, meta group, data set.
pub fn file(transfer_syntax: &str, data: &[u8]) -> Vec<u8> {
    [&[0; 128][..], b"DICM", &meta(transfer_syntax), data].concat()
}

/// The image pixel module of a gray image, as tags and words.
pub fn module(columns: u16, rows: u16, allocated: u16, stored: u16) -> [(u32, u16); 7] {
    [
        (0x0028_0002, 1),
        (0x0028_0010, rows),
        (0x0028_0011, columns),
        (0x0028_0100, allocated),
        (0x0028_0101, stored),
        (0x0028_0102, stored - 1),
        (0x0028_0103, 0),
    ]
}

/// Explicit elements of words.
pub fn words(elements: &[(u32, u16)]) -> Vec<u8> {
    elements.iter().flat_map(|(tag, value)| explicit(*tag, "US", &value.to_le_bytes())).collect()
}

/// The module of several frames, in tag order.
pub fn frames(count: &str, module: &[(u32, u16)]) -> Vec<u8> {
    [words(&module[..1]), explicit(0x0028_0008, "IS", &even(count)), words(&module[1..])].concat()
}

/// One run-length coded frame of a single segment, every byte literal.
pub fn rle_frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 64];
    (frame[0], frame[4]) = (1, 64);
    for chunk in bytes.chunks(128) {
        frame.push((chunk.len() - 1) as u8);
        frame.extend(chunk);
    }
    if frame.len() % 2 == 1 {
        frame.push(128);
    }
    frame
}
