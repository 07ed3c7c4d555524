//! Writes DICOM files element by element, without any help from the library under test.

/// Explicit VR Little Endian.
pub const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
/// Implicit VR Little Endian.
pub const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";

const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

/// Elements of an object to be.
#[derive(Debug, Clone)]
pub struct Object {
    transfer_syntax: &'static str,
    class: &'static str,
    elements: Vec<(u32, &'static str, Vec<u8>)>,
}

impl Object {
    /// An object with the UIDs every file has.
    pub fn new(sop_uid: &str) -> Self {
        Self { transfer_syntax: EXPLICIT_LITTLE, class: SECONDARY_CAPTURE, elements: Vec::new() }
            .text(0x0008_0016, "UI", SECONDARY_CAPTURE)
            .text(0x0008_0018, "UI", sop_uid)
    }

    /// A gray image with the samples as given.
    pub fn gray16(sop_uid: &str, columns: u16, rows: u16, samples: &[u16]) -> Self {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Self::new(sop_uid)
            .text(0x0028_0004, "CS", "MONOCHROME2")
            .short(0x0028_0002, 1)
            .short(0x0028_0010, rows)
            .short(0x0028_0011, columns)
            .short(0x0028_0100, 16)
            .short(0x0028_0101, 16)
            .short(0x0028_0102, 15)
            .short(0x0028_0103, 0)
            .bytes(0x7fe0_0010, "OW", bytes)
    }

    /// Sets an element, over the one that was there.
    pub fn bytes(mut self, tag: u32, vr: &'static str, value: impl Into<Vec<u8>>) -> Self {
        let mut value = value.into();
        if value.len() % 2 == 1 {
            value.push(if matches!(vr, "UI" | "OB") { 0 } else { b' ' });
        }
        self.elements.retain(|(other, ..)| *other != tag);
        self.elements.push((tag, vr, value));
        self
    }

    pub fn text(self, tag: u32, vr: &'static str, value: &str) -> Self {
        self.bytes(tag, vr, value)
    }

    pub fn short(self, tag: u32, value: u16) -> Self {
        self.bytes(tag, "US", value.to_le_bytes())
    }

    /// Another class than a secondary capture.
    pub fn class(mut self, uid: &'static str) -> Self {
        self.class = uid;
        self.text(0x0008_0016, "UI", uid)
    }

    /// A sequence; items are objects of which only the elements count.
    pub fn items(self, tag: u32, items: &[Object]) -> Self {
        let mut value = Vec::new();
        for item in items {
            let mut inside = Vec::new();
            let mut elements: Vec<_> = item.elements.iter().collect();
            elements.sort_by_key(|(tag, ..)| *tag);
            for (tag, vr, value) in elements {
                element(&mut inside, *tag, vr, value, self.transfer_syntax != IMPLICIT_LITTLE);
            }
            value.extend([0xfe, 0xff, 0x00, 0xe0]);
            value.extend(u32::try_from(inside.len()).expect("a small item").to_le_bytes());
            value.extend(inside);
        }
        self.bytes(tag, "SQ", value)
    }

    /// An item to be: nothing in it yet.
    pub fn item() -> Self {
        Self { transfer_syntax: EXPLICIT_LITTLE, class: SECONDARY_CAPTURE, elements: Vec::new() }
    }

    pub fn transfer_syntax(mut self, uid: &'static str) -> Self {
        self.transfer_syntax = uid;
        self
    }

    /// The file: preamble, file meta information, data set.
    pub fn to_file(&self) -> Vec<u8> {
        let mut meta = Vec::new();
        element(&mut meta, 0x0002_0001, "OB", &[0, 1], true);
        element(&mut meta, 0x0002_0002, "UI", &padded(self.class), true);
        element(&mut meta, 0x0002_0003, "UI", &padded("1.2.3"), true);
        element(&mut meta, 0x0002_0010, "UI", &padded(self.transfer_syntax), true);

        let mut file = vec![0; 128];
        file.extend(b"DICM");
        let length = u32::try_from(meta.len()).expect("a small header").to_le_bytes();
        element(&mut file, 0x0002_0000, "UL", &length, true);
        file.extend(meta);
        let mut elements: Vec<_> = self.elements.iter().collect();
        elements.sort_by_key(|(tag, ..)| *tag);
        for (tag, vr, value) in elements {
            element(&mut file, *tag, vr, value, self.transfer_syntax != IMPLICIT_LITTLE);
        }
        file
    }
}

fn padded(uid: &str) -> Vec<u8> {
    let mut bytes = uid.as_bytes().to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn element(out: &mut Vec<u8>, tag: u32, vr: &str, value: &[u8], explicit: bool) {
    let [g1, g0, e1, e0] = tag.to_be_bytes();
    out.extend([g0, g1, e0, e1]);
    let length = u32::try_from(value.len()).expect("a small value");
    if explicit {
        out.extend(vr.bytes());
        if matches!(vr, "OB" | "OW" | "OF" | "OD" | "OL" | "SQ" | "UT" | "UN") {
            out.extend([0, 0]);
            out.extend(length.to_le_bytes());
        } else {
            out.extend(u16::try_from(length).expect("a short value").to_le_bytes());
        }
    } else {
        out.extend(length.to_le_bytes());
    }
    out.extend(value);
}
