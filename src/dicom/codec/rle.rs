//! RLE Lossless (PS3.5 annex G): byte planes packed by the PackBits scheme, most significant byte first.

use super::native;
use crate::dicom::{Error, Frame, ImageInfo, Photometric, SampleKind, Samples};

const NAME: &str = "RLE";
/// A segment list always has room for fifteen offsets.
const HEADER: usize = 64;
/// No packet of two bytes yields more than this.
const MAX_RATIO: usize = 64;

pub(super) fn decode(info: &ImageInfo, data: &[u8], warnings: &mut Vec<String>) -> Result<Frame, Error> {
    let pixels = usize::try_from(info.pixels()).map_err(|_| damaged("it is too large"))?;
    let channels = usize::from(info.samples_per_pixel);
    let bitmap = info.bits_allocated == 1;
    let bytes_per_sample = usize::from(info.bits_allocated.div_ceil(8));
    let planes = channels * bytes_per_sample;
    let plane_len = if bitmap { pixels.div_ceil(8) } else { pixels };
    if plane_len / MAX_RATIO > data.len() {
        return Err(damaged("it is far too short for the size of the image"));
    }
    let segments = segments(data, planes)?;
    let (unpacked, short) = unpack_all(&segments, plane_len);
    if short > 0 {
        warnings.push(format!("{short} bytes of a run-length coded frame are missing"));
    }
    if let ([high, low], 1, SampleKind::Integer) = (unpacked.as_slice(), channels, info.kind) {
        let words = high.iter().zip(low).map(|(&high, &low)| u16::from_be_bytes([high, low]));
        let samples = if info.signed {
            Samples::I16(words.map(u16::cast_signed).collect())
        } else {
            Samples::U16(words.collect())
        };
        return Ok(native::cleaned(info, samples));
    }
    let out = match <[Vec<u8>; 1]>::try_from(unpacked) {
        Ok([only]) => only,
        Err(unpacked) => {
            let mut out = vec![0u8; plane_len * planes];
            for (index, plane) in unpacked.iter().enumerate() {
                // Byte planes go from the most significant byte; the native order is little-endian.
                let (channel, byte) = (index / bytes_per_sample, index % bytes_per_sample);
                let target = channel * bytes_per_sample + (bytes_per_sample - 1 - byte);
                scatter(plane, &mut out, target, planes);
            }
            out
        }
    };
    // Planes are interleaved by now and never subsampled, whatever the header says.
    let mut whole = ImageInfo { planar: false, ..info.clone() };
    if !bitmap {
        // Each sample has whole bytes here.
        whole.bits_allocated = info.bits_allocated.next_multiple_of(8);
    }
    if channels > 1 {
        whole.photometric = Photometric::Rgb;
    }
    let frame = native::from_bytes(&whole, &out)?;
    Ok(Frame { color: info.photometric.color_model(info.samples_per_pixel), ..frame })
}

fn damaged(what: &str) -> Error {
    Error::codec(NAME, what)
}

/// The byte ranges of the segments.
fn segments(data: &[u8], planes: usize) -> Result<Vec<&[u8]>, Error> {
    let header = data.get(..HEADER).ok_or_else(|| damaged("its header is cut short"))?;
    let (words, _) = header.as_chunks::<4>();
    let mut words = words.iter().map(|b| u32::from_le_bytes(*b) as usize);
    let count = words.next().unwrap_or(0);
    if count != planes {
        return Err(damaged(&format!("it has {count} segments where {planes} are needed")));
    }
    let offsets: Vec<usize> = words.take(count).collect();
    let mut out = Vec::with_capacity(count);
    for (i, &start) in offsets.iter().enumerate() {
        let end = offsets.get(i + 1).copied().unwrap_or(data.len()).min(data.len());
        let segment = data.get(start..end).filter(|_| start >= HEADER);
        out.push(segment.ok_or_else(|| damaged("a segment lies outside of it"))?);
    }
    if out.len() < planes {
        return Err(damaged("segments are missing"));
    }
    Ok(out)
}

/// Planes below this size are not worth a thread.
const WORTH_A_THREAD: usize = 1 << 18;

/// Expands all segments; answers how many bytes are missing.
fn unpack_all(segments: &[&[u8]], plane_len: usize) -> (Vec<Vec<u8>>, usize) {
    let one = |segment: &[u8]| {
        let mut plane = vec![0; plane_len];
        let written = unpack(segment, &mut plane);
        (plane, plane_len - written)
    };
    let planes: Vec<(Vec<u8>, usize)> = if plane_len < WORTH_A_THREAD || segments.len() < 2 {
        segments.iter().map(|segment| one(segment)).collect()
    } else {
        std::thread::scope(|scope| {
            let running: Vec<_> = segments.iter().map(|segment| scope.spawn(|| one(segment))).collect();
            running.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
        })
    };
    let short = planes.iter().map(|(_, short)| short).sum();
    (planes.into_iter().map(|(plane, _)| plane).collect(), short)
}

/// A packet has at most this many bytes to copy or to repeat.
const PACKET: usize = 128;

/// Expands one segment; answers how many bytes it yielded.
fn unpack(segment: &[u8], out: &mut [u8]) -> usize {
    let total = out.len();
    let (mut from, mut to) = (segment, out);
    while let [control, rest @ ..] = from {
        if to.is_empty() {
            break;
        }
        let control = usize::from(*control);
        // Whole packets are written where there is room, and the rest of them over: sizes known
        // beforehand need no loop.
        if let (Some(room), Some(bytes)) = (to.first_chunk_mut::<PACKET>(), rest.first_chunk::<PACKET>()) {
            let (read, written) = match control {
                0..128 => {
                    *room = *bytes;
                    (control + 1, control + 1)
                }
                128 => (0, 0),
                _ => {
                    *room = [bytes[0]; PACKET];
                    (1, 257 - control)
                }
            };
            from = rest.get(read..).unwrap_or_default();
            to = to.get_mut(written..).unwrap_or_default();
            continue;
        }
        if control < 128 {
            let count = (control + 1).min(rest.len()).min(to.len());
            let (now, later) = to.split_at_mut(count);
            let (bytes, left) = rest.split_at(count);
            now.copy_from_slice(bytes);
            (from, to) = (left, later);
        } else if control > 128 {
            let [value, left @ ..] = rest else { break };
            let (now, later) = to.split_at_mut((257 - control).min(to.len()));
            now.fill(*value);
            (from, to) = (left, later);
        } else {
            from = rest;
        }
    }
    let missing = to.len();
    to.fill(0);
    total - missing
}

fn scatter(plane: &[u8], out: &mut [u8], first: usize, step: usize) {
    macro_rules! fixed {
        ($n:literal) => {
            for (value, from) in out.as_chunks_mut::<$n>().0.iter_mut().zip(plane) {
                if let Some(to) = value.get_mut(first) {
                    *to = *from;
                }
            }
        };
    }
    match step {
        2 => fixed!(2),
        3 => fixed!(3),
        4 => fixed!(4),
        6 => fixed!(6),
        _ => {
            for (value, from) in out.chunks_exact_mut(step).zip(plane) {
                if let Some(to) = value.get_mut(first) {
                    *to = *from;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals() {
        // PackBits: three literals, four times 7, a no-op, one literal.
        let packed = [2, 1, 2, 3, 253, 7, 128, 0, 9];
        let mut out = [0; 8];
        assert_eq!(unpack(&packed, &mut out), 8);
        assert_eq!(out, [1, 2, 3, 7, 7, 7, 7, 9]);
    }

    #[test]
    fn whole_packets_do_not_spill() {
        // Runs and literals of every length, before an end that has no room for whole packets.
        let (mut packed, mut expected) = (Vec::new(), Vec::new());
        for length in 1..=128u8 {
            packed.push(length - 1);
            packed.extend((0..length).map(|i| i ^ length));
            expected.extend((0..length).map(|i| i ^ length));
            if length > 1 {
                packed.extend([(257 - u16::from(length)) as u8, length]);
                expected.extend(std::iter::repeat_n(length, usize::from(length)));
            }
        }
        let mut out = vec![0; expected.len()];
        assert_eq!(unpack(&packed, &mut out), expected.len());
        assert_eq!(out, expected);
    }

    #[test]
    fn a_short_segment_leaves_zeros() {
        let mut out = [5; 4];
        assert_eq!(unpack(&[1, 1, 2], &mut out), 2);
        assert_eq!(out, [1, 2, 0, 0]);
    }

    #[test]
    fn segments_must_lie_inside() {
        let mut data = [0u8; 70];
        data[0] = 1;
        data[4] = 64;
        assert_eq!(segments(&data, 1).unwrap(), [&[0u8; 6][..]]);
        data[4] = 200;
        assert!(segments(&data, 1).is_err());
        assert!(segments(&data, 2).is_err());
    }
}
