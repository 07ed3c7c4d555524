//! JPEG (ITU-T T.81): baseline, extended and progressive DCT with 8 or 12 bits, and lossless with 2 to 16.
//!
//! Huffman coding only; arithmetic coding and hierarchical images, which no known writer of medical images
//! uses, are refused by name.

mod dct;
mod huffman;
mod idct;
mod lossless;
mod plain;
mod progressive;
mod upsample;

use super::fit::{Budget, Decoded, Raw};
use crate::dicom::{ColorModel, Error};
use huffman::Table;

/// An error of this codec.
fn damaged(what: impl Into<String>) -> Error {
    Error::codec("JPEG", what)
}

/// A process that exists and is not decoded here. Markers stand in for the UID: the header names none.
fn unsupported(name: &str, marker: u8) -> Error {
    Error::Unsupported { name: name.to_owned(), uid: format!("JPEG marker FF{marker:02X}") }
}

/// One component of the frame header.
#[derive(Debug, Clone, Copy)]
struct Component {
    id: u8,
    /// Sampling factors.
    h: usize,
    v: usize,
    /// Quantisation table.
    table: usize,
}

/// The frame header.
#[derive(Debug, Clone)]
struct FrameHeader {
    process: u8,
    precision: u8,
    columns: usize,
    rows: usize,
    components: Vec<Component>,
    h_max: usize,
    v_max: usize,
}

/// The scan header.
struct Scan {
    /// Index of the component and its DC and AC tables.
    components: Vec<(usize, usize, usize)>,
    /// Spectral selection, or the predictor.
    start: u8,
    end: u8,
    /// Successive approximation, or the point transform.
    high: u8,
    low: u8,
}

/// What the segments before a scan have set.
#[derive(Default)]
struct State {
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    quantisation: [Option<[u16; 64]>; 4],
    restart: usize,
    adobe: Option<u8>,
    jfif: bool,
}

/// Whatever collects the scans of one frame.
enum Target {
    Lossless(lossless::Image),
    Sequential8(dct::Image<u8>),
    Sequential16(dct::Image<u16>),
    Progressive(progressive::Image),
}

/// Decodes one image.
pub(super) fn decode(data: &[u8], budget: Budget, warnings: &mut Vec<String>) -> Result<Decoded, Error> {
    let mut state = State::default();
    let mut target: Option<(FrameHeader, Target)> = None;
    let mut at = 2;
    let mut scans = 0usize;
    while let Some((marker, body, next)) = segment(data, at) {
        at = next;
        match marker {
            0xC4 => state.huffman(body)?,
            0xDB => state.quantisation(body)?,
            0xDD => state.restart = body.first_chunk().map_or(0, |b| usize::from(u16::from_be_bytes(*b))),
            0xE0 => state.jfif |= body.starts_with(b"JFIF\0"),
            0xEE if body.starts_with(b"Adobe") => state.adobe = body.get(11).copied(),
            0xC0..=0xC3 if target.is_none() => {
                let header = FrameHeader::read(marker, body, data, next)?;
                let channels = header.components.len() as u64;
                budget.check("JPEG", header.pixels(), channels, header.most_per_byte(), 1 << 16)?;
                let new = Target::new(&header)?;
                target = Some((header, new));
            }
            // A second frame header, or the end.
            0xC0..=0xC3 | 0xD9 => break,
            0xC8 | 0xCC => {}
            0xC9..=0xCB => return Err(unsupported("arithmetic-coded JPEG", marker)),
            0xC5..=0xCF | 0xDE => return Err(unsupported("hierarchical JPEG", marker)),
            0xDA => {
                let Some((header, target)) = &mut target else {
                    return Err(damaged("a scan comes before the frame header"));
                };
                scans += 1;
                if scans > 512 {
                    return Err(damaged("it has too many scans"));
                }
                let scan = Scan::read(body, header)?;
                let mut bits = huffman::Bits::new(data, at);
                let complete = target.scan(header, &state, &scan, &mut bits)?;
                if !complete {
                    push_once(warnings, "a compressed frame is cut short");
                }
                at = bits.position();
            }
            _ => {}
        }
    }
    if scans == 0 {
        return Err(damaged("it holds no image"));
    }
    let Some((header, target)) = target else { return Err(damaged("it holds no image")) };
    let color = color(&header, &state);
    let samples = target.finish(&header, &state)?;
    Ok(Decoded {
        rows: header.rows as u32,
        columns: header.columns as u32,
        channels: header.components.len() as u8,
        precision: u16::from(header.precision),
        signed: None,
        color,
        samples,
    })
}

fn push_once(warnings: &mut Vec<String>, what: &str) {
    if !warnings.iter().any(|w| w == what) {
        warnings.push(what.to_owned());
    }
}

/// The marker segment at or after `at`: marker, parameters, and where to go on.
fn segment(data: &[u8], at: usize) -> Option<(u8, &[u8], usize)> {
    let mut at = at;
    loop {
        let &[first, marker] = data.get(at..)?.first_chunk()?;
        if first != 0xFF || marker == 0 || marker == 0xFF {
            at += 1;
            continue;
        }
        at += 2;
        // Markers without parameters.
        if matches!(marker, 0x01 | 0xD0..=0xD9) {
            if marker == 0xD9 {
                return Some((marker, &[], at));
            }
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*data.get(at..)?.first_chunk()?));
        let end = (at + length.max(2)).min(data.len());
        return Some((marker, data.get(at + 2..end)?, end));
    }
}

/// What the colours are, when the stream itself says so; the header decides otherwise.
fn color(header: &FrameHeader, state: &State) -> Option<ColorModel> {
    let [first, second, third] = header.components.as_slice() else { return None };
    let ids = [first.id, second.id, third.id];
    let subsampled = (second.h, second.v) != (first.h, first.v);
    match state.adobe {
        Some(0) => return Some(ColorModel::Rgb),
        Some(1) => return Some(ColorModel::YbrFull),
        _ => {}
    }
    if header.process == 0xC3 {
        return None;
    }
    // Real red, green and blue are never subsampled, and JFIF knows nothing but YCbCr.
    if ids == *b"RGB" && !subsampled {
        Some(ColorModel::Rgb)
    } else if subsampled || state.jfif {
        Some(ColorModel::YbrFull)
    } else {
        None
    }
}

impl State {
    fn huffman(&mut self, mut body: &[u8]) -> Result<(), Error> {
        while let [class_and_slot, rest @ ..] = body {
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else { break };
            let total = counts.iter().map(|&c| usize::from(c)).sum::<usize>();
            let Some((values, rest)) = rest.split_at_checked(total) else {
                return Err(damaged("a Huffman table is cut short"));
            };
            let tables = if class_and_slot >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let slot = tables.get_mut(usize::from(class_and_slot & 15));
            *slot.ok_or_else(|| damaged("a Huffman table has no place"))? = Some(Table::new(counts, values)?);
            body = rest;
        }
        Ok(())
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Result<(), Error> {
        while let [precision_and_slot, rest @ ..] = body {
            let wide = precision_and_slot >> 4 != 0;
            let Some((bytes, rest)) = rest.split_at_checked(if wide { 128 } else { 64 }) else { break };
            let mut table = [0u16; 64];
            for (i, natural) in idct::ZIGZAG.iter().enumerate() {
                let value = if wide {
                    bytes.get(i * 2..).and_then(|b| b.first_chunk()).map(|b| u16::from_be_bytes(*b))
                } else {
                    bytes.get(i).map(|&b| u16::from(b))
                };
                if let Some(entry) = table.get_mut(usize::from(*natural)) {
                    *entry = value.unwrap_or(1);
                }
            }
            let slot = self.quantisation.get_mut(usize::from(precision_and_slot & 15));
            *slot.ok_or_else(|| damaged("a quantisation table has no place"))? = Some(table);
            body = rest;
        }
        Ok(())
    }

    fn dc(&self, slot: usize) -> Result<&Table, Error> {
        let table = self.dc.get(slot).and_then(Option::as_ref);
        table.ok_or_else(|| damaged("a Huffman table is missing"))
    }

    fn ac(&self, slot: usize) -> Result<&Table, Error> {
        let table = self.ac.get(slot).and_then(Option::as_ref);
        table.ok_or_else(|| damaged("a Huffman table is missing"))
    }

    fn quantiser(&self, component: &Component) -> Result<&[u16; 64], Error> {
        let table = self.quantisation.get(component.table).and_then(Option::as_ref);
        table.ok_or_else(|| damaged("a quantisation table is missing"))
    }
}

impl FrameHeader {
    fn read(process: u8, body: &[u8], data: &[u8], next: usize) -> Result<Self, Error> {
        let [precision, r1, r0, c1, c0, count, rest @ ..] = body else {
            return Err(damaged("the frame header is cut short"));
        };
        let mut rows = usize::from(u16::from_be_bytes([*r1, *r0]));
        if rows == 0 {
            rows = lines_defined_later(data, next);
        }
        let columns = usize::from(u16::from_be_bytes([*c1, *c0]));
        let count = usize::from(*count);
        if rows == 0 || columns == 0 {
            return Err(damaged("it has no size"));
        }
        if !matches!(count, 1 | 3 | 4) || rest.len() < count * 3 {
            return Err(damaged(format!("{count} components are not supported")));
        }
        let allowed = match process {
            0xC3 => 2..=16,
            _ => 8..=12,
        };
        if !allowed.contains(precision) || (process != 0xC3 && !matches!(precision, 8 | 12)) {
            return Err(damaged(format!("samples of {precision} bits are not supported")));
        }
        let mut components = Vec::with_capacity(count);
        for &[id, factors, table] in rest.as_chunks::<3>().0.iter().take(count) {
            let (h, v) = (usize::from(factors >> 4), usize::from(factors & 15));
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
                return Err(damaged("a sampling factor is impossible"));
            }
            components.push(Component { id, h, v, table: usize::from(table) });
        }
        // A single component is never subsampled, whatever its factors say.
        if let [only] = components.as_mut_slice() {
            (only.h, only.v) = (1, 1);
        }
        let h_max = components.iter().map(|c| c.h).max().unwrap_or(1);
        let v_max = components.iter().map(|c| c.v).max().unwrap_or(1);
        if components.iter().any(|c| h_max % c.h != 0 || v_max % c.v != 0) {
            return Err(damaged("fractional subsampling is not supported"));
        }
        Ok(Self { process, precision: *precision, columns, rows, components, h_max, v_max })
    }

    /// Samples that a byte can stand for at most: a bit for a block of 64 and another for the end of it,
    /// which progressive scans may leave out. Without loss it is a bit for each, but then frames that were
    /// cut short are still worth their upper part.
    fn most_per_byte(&self) -> u64 {
        match self.process {
            0xC3 => 64,
            0xC2 => 512,
            _ => 256,
        }
    }

    fn pixels(&self) -> u64 {
        self.rows as u64 * self.columns as u64
    }

    /// Coded units in a row and in a column of an interleaved scan, for units of `size` samples.
    fn units(&self, size: usize) -> (usize, usize) {
        (self.columns.div_ceil(size * self.h_max), self.rows.div_ceil(size * self.v_max))
    }

    /// Samples of a component in each direction.
    fn extent(&self, component: &Component) -> (usize, usize) {
        let width = (self.columns * component.h).div_ceil(self.h_max);
        let height = (self.rows * component.v).div_ceil(self.v_max);
        (width, height)
    }
}

/// The number of lines given after the first scan (DNL), or zero.
fn lines_defined_later(data: &[u8], from: usize) -> usize {
    let rest = data.get(from..).unwrap_or_default();
    let found = rest.windows(6).find(|w| w.starts_with(&[0xFF, 0xDC, 0, 4]));
    found.and_then(<[u8]>::last_chunk).map_or(0, |b| usize::from(u16::from_be_bytes(*b)))
}

impl Scan {
    fn read(body: &[u8], header: &FrameHeader) -> Result<Self, Error> {
        let [count, rest @ ..] = body else { return Err(damaged("a scan header is cut short")) };
        let count = usize::from(*count);
        let Some((listed, [start, end, approximation, ..])) = rest.split_at_checked(count * 2) else {
            return Err(damaged("a scan header is cut short"));
        };
        let mut components: Vec<(usize, usize, usize)> = Vec::with_capacity(count);
        for &[id, tables] in listed.as_chunks::<2>().0 {
            let index = header.components.iter().position(|c| c.id == id);
            let index = index.ok_or_else(|| damaged("a scan names an unknown component"))?;
            if components.iter().any(|c| c.0 == index) {
                return Err(damaged("a scan names a component twice"));
            }
            components.push((index, usize::from(tables >> 4), usize::from(tables & 15)));
        }
        if components.is_empty() {
            return Err(damaged("a scan has no components"));
        }
        Ok(Self { components, start: *start, end: *end, high: approximation >> 4, low: approximation & 15 })
    }
}

impl Target {
    fn new(header: &FrameHeader) -> Result<Self, Error> {
        Ok(match (header.process, header.precision) {
            (0xC3, _) => Self::Lossless(lossless::Image::new(header)?),
            (0xC2, _) => Self::Progressive(progressive::Image::new(header)),
            (_, 8) => Self::Sequential8(dct::Image::new(header)),
            _ => Self::Sequential16(dct::Image::new(header)),
        })
    }

    /// Decodes one scan; `false` when its data ended early.
    fn scan(
        &mut self,
        header: &FrameHeader,
        state: &State,
        scan: &Scan,
        bits: &mut huffman::Bits<'_>,
    ) -> Result<bool, Error> {
        match self {
            Self::Lossless(image) => image.scan(header, state, scan, bits),
            Self::Sequential8(image) => image.scan(header, state, scan, bits),
            Self::Sequential16(image) => image.scan(header, state, scan, bits),
            Self::Progressive(image) => image.scan(header, state, scan, bits),
        }
    }

    fn finish(self, header: &FrameHeader, state: &State) -> Result<Raw, Error> {
        Ok(match self {
            Self::Lossless(image) => Raw::U16(image.finish()),
            Self::Sequential8(image) => Raw::U8(image.finish(header)),
            Self::Sequential16(image) => Raw::U16(image.finish(header)),
            Self::Progressive(image) if header.precision == 8 => {
                Raw::U8(image.into_samples::<u8>(header, state)?.finish(header))
            }
            Self::Progressive(image) => Raw::U16(image.into_samples::<u16>(header, state)?.finish(header)),
        })
    }
}

#[cfg(test)]
mod tests;
