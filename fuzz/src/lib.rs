//! What the targets share: an object around the bytes in question, and somebody who looks at it.

use lightbox::dicom::{DataSet, DicomFile, Image, Value};

/// Bytes in front of a frame that say what image it claims to be.
pub const SHAPE: usize = 8;
/// Images larger than this only fuzz the allocator.
const MOST_SAMPLES: u64 = 1 << 22;

fn element(tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
    let [a, b, c, d] = tag.to_be_bytes();
    let mut out = vec![b, a, d, c];
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW") {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
    out
}

fn even(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// Everything but the pixel data of an object of the shape.
fn head(transfer_syntax: &str, shape: &[u8; SHAPE]) -> Vec<u8> {
    let [bits, kind, frames, flags, rows @ ..] = *shape;
    let allocated: u16 = [1, 8, 8, 16, 16, 16, 32, 32][usize::from(bits >> 5)];
    let stored = u16::from(bits & 31).clamp(1, allocated);
    let samples: u16 = if kind & 1 == 0 { 1 } else { 3 };
    let names = ["MONOCHROME2 ", "MONOCHROME1 ", "PALETTE COLOR ", "RGB ", "YBR_FULL", "YBR_FULL_422"];
    let photometric = names[usize::from(kind >> 1) % names.len()];
    let (rows, columns) = (u16::from_le_bytes([rows[0], rows[1]]), u16::from_le_bytes([rows[2], rows[3]]));
    let words = |tag, value: u16| element(tag, "US", &value.to_le_bytes());
    [
        [0; 128].to_vec(),
        b"DICM".to_vec(),
        element(0x0002_0010, "UI", &even(transfer_syntax)),
        words(0x0028_0002, samples),
        element(0x0028_0004, "CS", photometric.as_bytes()),
        words(0x0028_0006, u16::from(flags >> 1 & 1)),
        element(0x0028_0008, "IS", &even(&(frames & 15).max(1).to_string())),
        words(0x0028_0010, rows),
        words(0x0028_0011, columns),
        words(0x0028_0100, allocated),
        words(0x0028_0101, stored),
        words(0x0028_0102, stored - 1),
        words(0x0028_0103, u16::from(flags & 1)),
    ]
    .concat()
}

fn split(input: &[u8]) -> Option<(&[u8; SHAPE], &[u8])> {
    input.split_first_chunk::<SHAPE>()
}

/// An object of one compressed frame.
pub fn compressed(transfer_syntax: &str, input: &[u8]) {
    let Some((shape, frame)) = split(input) else { return };
    let mut shape = *shape;
    shape[2] = 1;
    let mut items = vec![0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0, 0xE0];
    items.extend((frame.len() as u32).to_le_bytes());
    items.extend(frame);
    items.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    encapsulated(transfer_syntax, &shape, &items);
}

/// An object whose items are the input.
pub fn items(transfer_syntax: &str, input: &[u8]) {
    let Some((shape, items)) = split(input) else { return };
    encapsulated(transfer_syntax, shape, items);
}

fn encapsulated(transfer_syntax: &str, shape: &[u8; SHAPE], items: &[u8]) {
    let mut bytes = head(transfer_syntax, shape);
    bytes.extend([0xE0, 0x7F, 0x10, 0, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes.extend(items);
    if let Ok(file) = DicomFile::from_bytes(bytes) {
        std::hint::black_box(file.trailing().is_ok());
        decode_all(&file);
    }
}

/// An object whose samples are the input, in either byte order.
pub fn native(input: &[u8]) {
    let Some((shape, samples)) = split(input) else { return };
    let mut bytes = head("1.2.840.10008.1.2.1", shape);
    bytes.extend(element(0x7FE0_0010, if shape[3] & 4 == 0 { "OW" } else { "OB" }, samples));
    if let Ok(file) = DicomFile::from_bytes(bytes) {
        decode_all(&file);
    }
}

/// Every value of a file in every form.
pub fn elements(file: &DicomFile, data: &DataSet) {
    for element in data.elements() {
        if let Value::Items(items) = &element.value {
            items.iter().for_each(|item| elements(file, item));
        }
        std::hint::black_box((
            data.strings(element.tag),
            data.ints(element.tag),
            data.floats(element.tag),
            data.u16s(element.tag),
            data.tags(element.tag),
            file.read_value(element).is_ok(),
        ));
    }
}

/// Every frame, first to last and the first again.
pub fn decode_all(file: &DicomFile) {
    let Ok(image) = file.image() else { return };
    if image.info().samples_per_frame() > MOST_SAMPLES {
        return;
    }
    let frames = image.frame_count().min(16);
    for number in (0..frames).chain([0]) {
        decode(&image, number);
    }
    std::hint::black_box(image.warnings());
}

fn decode(image: &Image, number: u32) {
    if let Ok(frame) = image.decode(number) {
        assert_eq!(frame.samples.len(), frame.pixels() * usize::from(frame.channels));
    }
    std::hint::black_box(image.stored_at(number, 0, 0).is_ok());
}
