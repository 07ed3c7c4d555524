//! A deflated member read by position, without ever holding it whole.
//!
//! Deflate can only be read from the start. So the inflater's state is copied every few megabytes, and the last
//! states in use are kept: reading on continues where it stopped, reading back starts at the copy before. What
//! is held is bounded by the number of copies and not by what the member claims to be.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

use super::directory::Record;
use crate::dicom::ByteSource;

/// Copies are at least this far apart.
const SPACING: u64 = 4 << 20;
/// And there are at most about so many of a member, of 44 kB each.
const MOST_COPIES: u64 = 128;
/// States kept of all members of an archive together.
const KEPT: usize = 8;
/// Bytes thrown away at a time on the way to a position.
const STEP: usize = 64 * 1024;

/// A deflated member.
pub struct Inflated {
    whole: Arc<dyn ByteSource>,
    resume: Arc<Resume>,
    start: u64,
    packed: u64,
    len: u64,
    spacing: u64,
    copies: Mutex<Vec<State>>,
    label: String,
}

/// An inflater on its way through a member.
#[derive(Clone)]
struct State {
    inflater: Box<InflateState>,
    /// Packed bytes taken.
    taken: u64,
    /// Inflated bytes given.
    given: u64,
}

impl State {
    fn new() -> Self {
        Self { inflater: InflateState::new_boxed(DataFormat::Raw), taken: 0, given: 0 }
    }
}

/// Where readers of an archive's members stopped, the latest last.
#[derive(Default)]
pub struct Resume(Mutex<VecDeque<(u64, State)>>);

impl Resume {
    /// The state of a member that is furthest without being past `offset`.
    fn take(&self, member: u64, offset: u64) -> Option<State> {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usable =
            states.iter().enumerate().filter(|(_, (at, state))| *at == member && state.given <= offset);
        let (best, _) = usable.max_by_key(|(_, (_, state))| state.given)?;
        states.remove(best).map(|(_, state)| state)
    }

    fn keep(&self, member: u64, state: State) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= KEPT {
            states.pop_front();
        }
        states.push_back((member, state));
    }
}

impl Inflated {
    pub fn new(
        whole: Arc<dyn ByteSource>,
        resume: Arc<Resume>,
        start: u64,
        record: &Record,
        label: String,
    ) -> Self {
        let spacing = SPACING.max(record.length / MOST_COPIES);
        let (packed, len) = (record.packed, record.length);
        Self { whole, resume, start, packed, len, spacing, copies: Mutex::default(), label }
    }

    /// The best place to start from.
    fn state_before(&self, offset: u64) -> State {
        let kept = self.resume.take(self.start, offset);
        let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = copies.iter().rev().find(|copy| copy.given <= offset);
        match (kept, copy) {
            (Some(kept), Some(copy)) if copy.given > kept.given => copy.clone(),
            (Some(kept), _) => kept,
            (None, Some(copy)) => copy.clone(),
            (None, None) => State::new(),
        }
    }

    /// Fills `out` with what comes next.
    fn advance(&self, state: &mut State, out: &mut [u8], input: &mut Vec<u8>) -> io::Result<()> {
        let mut filled = 0;
        while filled < out.len() {
            self.copy_if_due(state);
            let to_copy = self.spacing - state.given % self.spacing;
            let left = out.get_mut(filled..).unwrap_or_default();
            let count = usize::try_from(to_copy).map_or(left.len(), |to_copy| left.len().min(to_copy));
            let written = self.inflate_some(state, left.get_mut(..count).unwrap_or_default(), input)?;
            filled += written;
        }
        Ok(())
    }

    fn inflate_some(&self, state: &mut State, out: &mut [u8], input: &mut Vec<u8>) -> io::Result<usize> {
        let left = self.packed.saturating_sub(state.taken);
        let size = out.len().clamp(4096, STEP);
        let size = usize::try_from(left).map_or(size, |left| left.min(size));
        input.resize(size, 0);
        self.whole.read_exact_at(input, self.start + state.taken)?;
        let result = inflate(&mut state.inflater, input, out, MZFlush::None);
        state.taken += result.bytes_consumed as u64;
        state.given += result.bytes_written as u64;
        let stuck = result.bytes_written == 0 && result.bytes_consumed == 0;
        let ended = matches!(result.status, Ok(MZStatus::StreamEnd)) && result.bytes_written == 0;
        if stuck || ended {
            let why = "the compressed data in the archive is damaged";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(result.bytes_written)
    }

    /// Copies the state at every multiple of the spacing, once and in order.
    fn copy_if_due(&self, state: &State) {
        if state.given == 0 || !state.given.is_multiple_of(self.spacing) {
            return;
        }
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        if copies.last().is_none_or(|last| last.given < state.given) {
            copies.push(state.clone());
        }
    }
}

impl ByteSource for Inflated {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buf.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut state = self.state_before(offset);
        let mut input = Vec::new();
        if state.given < offset {
            let mut rubbish = vec![0; STEP];
            while state.given < offset {
                let count = usize::try_from(offset - state.given).map_or(STEP, |left| left.min(STEP));
                self.advance(&mut state, rubbish.get_mut(..count).unwrap_or_default(), &mut input)?;
            }
        }
        self.advance(&mut state, buf, &mut input)?;
        if state.given < self.len {
            self.resume.keep(self.start, state);
        }
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::directory::Packing;
    use super::*;
    use crate::dicom::MemorySource;

    fn member(bytes: &[u8], length: u64) -> Inflated {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("memory");
        let packed = encoder.finish().expect("memory");
        let record = Record {
            packing: Packing::Deflated,
            encrypted: false,
            packed: packed.len() as u64,
            length,
            offset: 0,
        };
        let mut inflated =
            Inflated::new(Arc::new(MemorySource::new(packed)), Arc::default(), 0, &record, "test".into());
        inflated.spacing = 10_000;
        inflated
    }

    fn content(count: u32) -> Vec<u8> {
        (0..count).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[1..3].to_vec()).collect()
    }

    #[test]
    fn any_part_in_any_order_is_what_was_packed() {
        let bytes = content(60_000);
        let source = member(&bytes, bytes.len() as u64);
        for (offset, count) in
            [(0, 100), (100, 50), (99_990, 40), (5, 5), (119_999, 1), (30_000, 65_000), (0, 0)]
        {
            let mut buf = vec![0; count];
            source.read_exact_at(&mut buf, offset as u64).expect("there");
            assert_eq!(buf, bytes[offset..offset + count], "{count} at {offset}");
        }
        assert!(source.copies.lock().expect("whole").len() <= 12);
        let mut one = [0];
        assert!(source.read_exact_at(&mut one, bytes.len() as u64).is_err());
    }

    #[test]
    fn a_head_costs_a_head() {
        let bytes = vec![7; 50_000_000];
        let source = member(&bytes, bytes.len() as u64);
        let mut head = [0; 132];
        source.read_exact_at(&mut head, 0).expect("there");
        let states = source.resume.0.lock().expect("whole");
        assert_eq!(states.len(), 1);
        assert!(states[0].1.given == 132);
    }

    #[test]
    fn a_member_that_ends_early_is_an_error_and_not_a_loop() {
        let bytes = content(100);
        let source = member(&bytes, 1 << 20);
        let mut buf = vec![0; 1000];
        assert!(source.read_exact_at(&mut buf, 0).is_err());
        assert!(source.read_exact_at(&mut buf[..200], 0).is_ok());
    }
}
