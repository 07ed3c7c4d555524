//! Deflated data sets, inflated into memory once, in blocks.
//!
//! Positions in a deflated stream cannot be gone to, so there is no way around inflating all of it. What
//! comes out is bounded: by a size, and by what the packed bytes can reasonably hold.

use std::io::{self, BufReader, Read};

use super::{ByteSource, Error};

/// An inflated data set may not grow past this.
const LARGEST: u64 = 384 << 20;
/// Up to this size nothing is too good to be true.
const ALWAYS: u64 = 64 << 20;
/// Beyond, data sets shrink no better than this; deflate itself goes to a thousand.
const BEST_RATIO: u64 = 200;
/// Bytes kept together, so that growing does not copy.
const BLOCK: usize = 1 << 20;

/// An inflated data set.
pub(super) struct Inflated {
    blocks: Vec<Box<[u8]>>,
    len: u64,
    label: String,
}

impl ByteSource for Inflated {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buf.len() as u64);
        let Some(start) = usize::try_from(offset).ok().filter(|_| end.is_some_and(|end| end <= self.len))
        else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let mut rest = buf;
        let mut skip = start % BLOCK;
        for block in self.blocks.iter().skip(start / BLOCK) {
            let from = block.get(skip..).unwrap_or_default();
            let (now, later) = rest.split_at_mut(rest.len().min(from.len()));
            now.copy_from_slice(from.get(..now.len()).unwrap_or_default());
            (rest, skip) = (later, 0);
            if rest.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// Inflates everything from `at`; what was readable, and a complaint when that is not all.
pub(super) fn inflate(source: &dyn ByteSource, at: u64) -> Result<(Inflated, Option<String>), Error> {
    let most = source.len().saturating_sub(at).saturating_mul(BEST_RATIO).clamp(ALWAYS, LARGEST);
    let packed = || BufReader::with_capacity(256 * 1024, Packed { source, at });
    let raw = inflate_all(flate2::bufread::DeflateDecoder::new(packed()), source, most)?;
    if raw.0.len > 0 {
        return Ok(raw);
    }
    // Some writers wrap the stream in a zlib header.
    let wrapped = inflate_all(flate2::bufread::ZlibDecoder::new(packed()), source, most)?;
    if wrapped.0.len > 0 {
        return Ok(wrapped);
    }
    Err(Error::Header("the deflated data set cannot be inflated".to_owned()))
}

fn inflate_all(
    mut decoder: impl Read,
    source: &dyn ByteSource,
    most: u64,
) -> Result<(Inflated, Option<String>), Error> {
    let mut out = Inflated { blocks: Vec::new(), len: 0, label: source.label() };
    let mut complaint = None;
    while complaint.is_none() {
        let mut block = vec![0; BLOCK];
        let mut filled = 0;
        while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
            match decoder.read(room) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // The stream is at fault, or its end is missing; anything else is the source's.
                Err(e) if is_damage(&e) => {
                    complaint = Some("the deflated data set is cut short".to_owned());
                    break;
                }
                Err(e) => return Err(Error::io(&e, source.label())),
            }
        }
        let done = filled < BLOCK;
        block.truncate(filled);
        out.len += filled as u64;
        if filled > 0 {
            out.blocks.push(block.into_boxed_slice());
        }
        if done {
            break;
        }
        if out.len >= most {
            complaint = Some("the deflated data set is too large; the rest was left out".to_owned());
        }
    }
    Ok((out, complaint))
}

fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// The packed bytes, in order.
struct Packed<'a> {
    source: &'a dyn ByteSource,
    at: u64,
}

impl Read for Packed<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.source.len().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = buf.len().min(left);
        let Some(buf) = buf.get_mut(..count) else { return Ok(0) };
        self.source.read_exact_at(buf, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::MemorySource;
    use std::io::Write;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn reads_go_across_blocks() {
        let bytes: Vec<u8> = (0..BLOCK * 5 / 2).map(|i| (i / 7 % 251) as u8).collect();
        let (inflated, complaint) = inflate(&MemorySource::new(deflated(&bytes)), 0).unwrap();
        assert_eq!((inflated.len(), complaint), (bytes.len() as u64, None));
        let mut found = vec![0; BLOCK + 20];
        inflated.read_exact_at(&mut found, BLOCK as u64 - 10).unwrap();
        assert_eq!(found, bytes[BLOCK - 10..2 * BLOCK + 10]);
        assert!(inflated.read_exact_at(&mut [0; 2], bytes.len() as u64 - 1).is_err());
        assert!(inflated.read_exact_at(&mut [0; 2], u64::MAX).is_err());
    }

    #[test]
    fn a_bomb_is_put_down_early() {
        let packed = deflated(&vec![0; 200 << 20]);
        assert!(packed.len() < 1 << 20);
        let (inflated, complaint) = inflate(&MemorySource::new(packed), 0).unwrap();
        assert!(inflated.len() <= (200 << 20) - (1 << 20), "{}", inflated.len());
        assert!(complaint.unwrap().contains("too large"));
    }
}
