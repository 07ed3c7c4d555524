//! JPEG-LS (ISO 14495-1, ITU-T T.87): lossless and near-lossless, 2 to 16 bits, all interleave modes.
//!
//! Mapping tables and sizes beyond 65535 are not used in DICOM and are refused.

mod bits;
mod scan;

use super::fit::{Budget, Decoded, Raw};
use crate::dicom::Error;
use scan::Preset;

const NAME: &str = "JPEG-LS";
/// Runs double in length, so a blank image of up to this many samples may be very short.
const ALWAYS: u64 = 32 << 20;

fn damaged(what: impl Into<String>) -> Error {
    Error::codec(NAME, what)
}

/// The frame header.
#[derive(Debug, Clone)]
struct FrameHeader {
    precision: u8,
    columns: usize,
    rows: usize,
    ids: Vec<u8>,
}

/// How the components of a scan follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interleave {
    None,
    Line,
    Sample,
}

/// Decodes one image.
pub(super) fn decode(data: &[u8], budget: Budget, warnings: &mut Vec<String>) -> Result<Decoded, Error> {
    let mut header: Option<FrameHeader> = None;
    let mut samples: Vec<u16> = Vec::new();
    let mut preset = Preset::default();
    let mut shift = 0;
    let mut restart = 0;
    let mut scans = 0;
    let mut at = 2;
    while let Some(&[first, marker]) = data.get(at..).and_then(|d| d.first_chunk()) {
        if first != 0xFF || marker < 0x80 || marker == 0xFF {
            at += 1;
            continue;
        }
        at += 2;
        if marker == 0xD9 {
            break;
        }
        if matches!(marker, 0xD0..=0xD8) {
            continue;
        }
        let Some(length) = data.get(at..).and_then(|d| d.first_chunk()) else { break };
        let length = usize::from(u16::from_be_bytes(*length)).max(2);
        let Some(body) = data.get(at + 2..at + length) else { break };
        at += length;
        match marker {
            0xF7 if header.is_none() => {
                let new = FrameHeader::read(body)?;
                let (pixels, channels) = (new.columns * new.rows, new.ids.len());
                budget.check(NAME, pixels as u64, channels as u64, 512, ALWAYS)?;
                samples = vec![0; pixels * channels];
                header = Some(new);
            }
            0xF8 => match body {
                [1, rest @ ..] => {
                    let words = rest.as_chunks::<2>().0;
                    let word = |i: usize| words.get(i).map_or(0, |b| i32::from(u16::from_be_bytes(*b)));
                    preset = Preset { max: word(0), thresholds: [word(1), word(2), word(3)], reset: word(4) };
                }
                [2 | 3, ..] => return Err(damaged("mapping tables are not supported")),
                _ => return Err(damaged("images this large are not supported")),
            },
            0xDD => restart = body.iter().fold(0usize, |lines, &b| lines << 8 | usize::from(b)),
            0xDA => {
                let Some(header) = &header else {
                    return Err(damaged("a scan comes before the frame header"));
                };
                scans += 1;
                if scans > header.ids.len() {
                    return Err(damaged("it has too many scans"));
                }
                let (channels, near, interleave, low) = scan_header(body, header)?;
                shift = low;
                let settings = scan::Settings::new(header.precision, near, &preset)?;
                let mut bits = bits::Bits::new(data, at);
                let target = scan::Target {
                    samples: &mut samples,
                    columns: header.columns,
                    stride: header.ids.len(),
                    channels: &channels,
                    restart,
                };
                if !scan::decode(&settings, interleave, target, &mut bits) {
                    warnings.push("a compressed frame is cut short".to_owned());
                }
                at = bits.position();
            }
            _ => {}
        }
    }
    let Some(header) = header.filter(|_| scans > 0) else {
        return Err(damaged("it holds no image"));
    };
    if shift > 0 {
        for sample in &mut samples {
            *sample <<= shift;
        }
    }
    let samples = if header.precision <= 8 {
        Raw::U8(samples.iter().map(|&s| s as u8).collect())
    } else {
        Raw::U16(samples)
    };
    Ok(Decoded {
        rows: header.rows as u32,
        columns: header.columns as u32,
        channels: header.ids.len() as u8,
        precision: u16::from(header.precision),
        signed: None,
        color: None,
        samples,
    })
}

impl FrameHeader {
    fn read(body: &[u8]) -> Result<Self, Error> {
        let [precision, r1, r0, c1, c0, count, rest @ ..] = body else {
            return Err(damaged("the frame header is cut short"));
        };
        let rows = usize::from(u16::from_be_bytes([*r1, *r0]));
        let columns = usize::from(u16::from_be_bytes([*c1, *c0]));
        if rows == 0 || columns == 0 {
            return Err(damaged("it has no size"));
        }
        if !(2..=16).contains(precision) || !matches!(count, 1 | 3 | 4) {
            return Err(damaged(format!("{count} components of {precision} bits are not supported")));
        }
        let ids: Vec<u8> = rest.as_chunks::<3>().0.iter().take(usize::from(*count)).map(|c| c[0]).collect();
        if ids.len() != usize::from(*count) {
            return Err(damaged("the frame header is cut short"));
        }
        Ok(Self { precision: *precision, columns, rows, ids })
    }
}

/// Component indices, NEAR, interleave mode and point transform.
fn scan_header(body: &[u8], header: &FrameHeader) -> Result<(Vec<usize>, i32, Interleave, u8), Error> {
    let [count, rest @ ..] = body else { return Err(damaged("a scan header is cut short")) };
    let count = usize::from(*count);
    let Some((listed, [near, mode, transform, ..])) = rest.split_at_checked(count * 2) else {
        return Err(damaged("a scan header is cut short"));
    };
    let mut channels = Vec::with_capacity(count);
    for &[id, table] in listed.as_chunks::<2>().0 {
        let index = header.ids.iter().position(|&i| i == id);
        let index = index.ok_or_else(|| damaged("a scan names an unknown component"))?;
        if channels.contains(&index) {
            return Err(damaged("a scan names a component twice"));
        }
        if table != 0 {
            return Err(damaged("mapping tables are not supported"));
        }
        channels.push(index);
    }
    let interleave = match (mode, count) {
        (_, 1) => Interleave::None,
        (1, 2..) => Interleave::Line,
        (2, 2..) => Interleave::Sample,
        _ => return Err(damaged("its interleave mode is impossible")),
    };
    Ok((channels, i32::from(*near), interleave, transform & 15))
}

#[cfg(test)]
mod tests;
