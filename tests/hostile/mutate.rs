//! What is done to a good file: each mutation follows from a number and nothing else.

use crate::structure::Mark;

/// A generator that answers the same for the same seed everywhere (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(name: &str, number: u64) -> Self {
        let seed = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Self(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `count`, which may be zero.
    pub fn below(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { (self.next() % count as u64) as usize }
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

const LENGTHS: [u32; 10] =
    [u32::MAX, u32::MAX - 1, 0x7FFF_FFFF, 0x8000_0000, 0x1000_0000, 0xFFFF, 0xFFFE, 1, 0, 3];
const WORDS: [u16; 9] = [0, 1, 2, 7, 64, 255, 256, 32768, 65535];
const SYNTAXES: [&str; 12] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.98",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.8.1",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.110",
];
/// Rows, columns, frames, samples, bits, planes, palettes: what decoding depends on.
const IMAGE: [u32; 13] = [
    0x0028_0002,
    0x0028_0004,
    0x0028_0006,
    0x0028_0008,
    0x0028_0010,
    0x0028_0011,
    0x0028_0100,
    0x0028_0101,
    0x0028_0102,
    0x0028_0103,
    0x0028_1101,
    0x0028_1201,
    0x0028_3002,
];

/// Places a file may be cut at: the first byte of each header and of each value, and amid the value.
pub fn cuts(marks: &[Mark]) -> Vec<usize> {
    let mut places: Vec<usize> =
        marks.iter().flat_map(|mark| [mark.at, mark.value, (mark.value + mark.end()) / 2]).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// A mutated copy, and what was done.
pub fn mutate(original: &[u8], marks: &[Mark], random: &mut Random) -> (Vec<u8>, String) {
    let mut bytes = original.to_vec();
    let mut done = Vec::new();
    for _ in 0..1 + random.below(3) {
        done.push(one(&mut bytes, original, marks, random));
    }
    (bytes, done.join(", "))
}

fn one(bytes: &mut Vec<u8>, original: &[u8], marks: &[Mark], random: &mut Random) -> String {
    let pixels = marks.iter().position(|mark| mark.tag == 0x7FE0_0010);
    match random.below(11) {
        0 => flip(bytes, 0..original.len(), random),
        1 => flip(bytes, 0..pixels.map_or(original.len(), |p| marks[p].value + 16), random),
        // The first bytes of a codestream decide most.
        2 => {
            let fragments: Vec<_> = pixels
                .map(|p| marks[p..].iter().filter(|m| m.tag == 0xFFFE_E000 || m.tag == 0x7FE0_0010))
                .into_iter()
                .flatten()
                .collect();
            let start = if fragments.is_empty() { 0 } else { fragments[random.below(fragments.len())].value };
            flip(bytes, start..start + 700, random)
        }
        3 => {
            let cut = random.below(bytes.len());
            bytes.truncate(cut);
            format!("cut at {cut}")
        }
        4 => {
            let Some(mark) = any(marks, random) else { return String::new() };
            let length = random.of(&LENGTHS);
            write_length(bytes, mark, length);
            format!("length {length:#x} at {}", mark.at)
        }
        5 => image_module(bytes, marks, random),
        6 => offset_table(bytes, marks, pixels, random),
        7 => {
            let inside = pixels.map_or(&[][..], |p| &marks[p..]);
            let items: Vec<_> = inside.iter().filter(|mark| mark.tag == 0xFFFE_E000).collect();
            let Some(mark) = items.get(random.below(items.len())) else { return String::new() };
            let length = random.of(&[0, 1, u32::MAX, mark.length / 2, mark.length.wrapping_add(8)]);
            write_length(bytes, mark, length);
            format!("fragment length {length:#x} at {}", mark.at)
        }
        8 => nest(bytes, marks, random),
        9 => shuffle(bytes, marks, random),
        _ => {
            let Some(mark) = marks.iter().find(|mark| mark.tag == 0x0002_0010) else { return String::new() };
            let name = random.of(&SYNTAXES);
            let mut value = name.as_bytes().to_vec();
            value.resize(mark.length as usize, 0);
            overwrite(bytes, mark.value, &value);
            format!("syntax {name}")
        }
    }
}

fn any<'a>(marks: &'a [Mark], random: &mut Random) -> Option<&'a Mark> {
    marks.get(random.below(marks.len()))
}

fn overwrite(bytes: &mut [u8], at: usize, value: &[u8]) {
    for (to, from) in bytes.iter_mut().skip(at).zip(value) {
        *to = *from;
    }
}

fn write_length(bytes: &mut [u8], mark: &Mark, length: u32) {
    match (mark.length_size, mark.big) {
        (2, false) => overwrite(bytes, mark.length_at, &(length as u16).to_le_bytes()),
        (2, true) => overwrite(bytes, mark.length_at, &(length as u16).to_be_bytes()),
        (_, false) => overwrite(bytes, mark.length_at, &length.to_le_bytes()),
        (_, true) => overwrite(bytes, mark.length_at, &length.to_be_bytes()),
    }
}

fn flip(bytes: &mut [u8], range: std::ops::Range<usize>, random: &mut Random) -> String {
    let range = range.start.min(bytes.len())..range.end.min(bytes.len());
    let count = random.of(&[1, 1, 1, 2, 8, 64]);
    let mut places = Vec::new();
    for _ in 0..count {
        let at = range.start + random.below(range.len());
        let bit = random.below(8);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
        places.push(at);
    }
    places.truncate(8);
    format!("{count} bits at {places:?}")
}

fn image_module(bytes: &mut [u8], marks: &[Mark], random: &mut Random) -> String {
    let tag = random.of(&IMAGE);
    if random.below(4) == 0 {
        for mark in marks.iter().filter(|mark| matches!(mark.tag, 0x0028_0010 | 0x0028_0011)) {
            overwrite(bytes, mark.value, &[0xFF; 2]);
        }
        return "65535 x 65535".to_owned();
    }
    let Some(mark) = marks.iter().find(|mark| mark.tag == tag) else { return String::new() };
    if matches!(tag, 0x0028_0004 | 0x0028_0008) {
        let texts: [&[u8]; 6] =
            [b"99999999", b"4294967295", b"-1", b"YBR_FULL_422", b"PALETTE COLOR ", b"RGB         "];
        let text = random.of(&texts);
        overwrite(bytes, mark.value, &text[..text.len().min(mark.length as usize)]);
        return format!("{tag:08x} {}", String::from_utf8_lossy(text));
    }
    let word = random.of(&WORDS);
    let value = if mark.big { word.to_be_bytes() } else { word.to_le_bytes() };
    overwrite(bytes, mark.value, &value);
    format!("{tag:08x} {word}")
}

fn offset_table(bytes: &mut [u8], marks: &[Mark], pixels: Option<usize>, random: &mut Random) -> String {
    let Some(table) = pixels.and_then(|p| marks.get(p + 1)).filter(|mark| mark.tag == 0xFFFE_E000) else {
        return String::new();
    };
    let entries = table.length as usize / 4;
    let way = random.below(4);
    for entry in 0..entries {
        let offset = match way {
            0 => random.next() as u32,
            1 => random.below(bytes.len()) as u32,
            2 => u32::MAX - 8 * entry as u32,
            _ => (entry * 8) as u32,
        };
        overwrite(bytes, table.value + entry * 4, &offset.to_le_bytes());
    }
    if entries == 0 {
        // The first fragment becomes the table.
        write_length(bytes, table, random.of(&[4, 8, 64, 4096]));
    }
    format!("offsets {way}")
}

fn nest(bytes: &mut Vec<u8>, marks: &[Mark], random: &mut Random) -> String {
    let at = any(marks, random).map_or(0, |mark| mark.at.min(bytes.len()));
    let depth = random.of(&[3, 70, 1000, 10_000]);
    let open: &[u8] = &[8, 0, 0x15, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    let item = &[0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
    let insert = [open, item].concat().repeat(depth);
    bytes.splice(at..at, insert);
    format!("{depth} levels at {at}")
}

/// Takes a run of elements out, doubles it, or puts it elsewhere.
fn shuffle(bytes: &mut Vec<u8>, marks: &[Mark], random: &mut Random) -> String {
    let (Some(a), Some(b), Some(to)) = (any(marks, random), any(marks, random), any(marks, random)) else {
        return String::new();
    };
    let (start, end) = (a.at.min(b.at).min(bytes.len()), a.at.max(b.at).min(bytes.len()));
    // Not the whole of a large file at once.
    let end = end.min(start + (64 << 10));
    let run: Vec<u8> = bytes[start..end].to_vec();
    let way = random.below(3);
    if way != 1 {
        bytes.drain(start..end);
    }
    if way != 0 {
        let at = to.at.min(bytes.len());
        bytes.splice(at..at, run);
    }
    format!("{start}..{end} moved {way}")
}
