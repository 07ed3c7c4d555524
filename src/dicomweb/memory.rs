//! Frames as they were sent, in memory within a limit: those nobody had time to decode yet, and where there is
//! no cache on disk all that can be kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::dicom::EncodedFrame;

/// An object, by the number it was given, and a frame of it.
type Place = (u32, u32);

pub struct Memory {
    limit: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    frames: HashMap<Place, (u64, EncodedFrame)>,
    bytes: u64,
    clock: u64,
}

impl Memory {
    pub fn new(limit: u64) -> Self {
        Self { limit, state: Mutex::default() }
    }

    pub fn has(&self, place: Place) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).frames.contains_key(&place)
    }

    pub fn get(&self, place: Place) -> Option<EncodedFrame> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (used, frame) = state.frames.get_mut(&place)?;
        *used = now;
        Some(frame.clone())
    }

    /// Keeps a frame; those used longest ago make room. The newest stays however large it is.
    pub fn put(&self, place: Place, frame: EncodedFrame) {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        state.clock += 1;
        state.bytes += frame.bytes.len() as u64;
        if let Some((_, old)) = state.frames.insert(place, (state.clock, frame)) {
            state.bytes -= old.bytes.len() as u64;
        }
        while state.bytes > self.limit && state.frames.len() > 1 {
            let Some(oldest) =
                state.frames.iter().min_by_key(|(_, (used, _))| *used).map(|(place, _)| *place)
            else {
                return;
            };
            if let Some((_, gone)) = state.frames.remove(&oldest) {
                state.bytes -= gone.bytes.len() as u64;
            }
        }
    }

    /// Lets go of all frames of an object.
    pub fn forget(&self, object: u32) {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let mut freed = 0;
        state.frames.retain(|place, (_, frame)| {
            let stays = place.0 != object;
            freed += if stays { 0 } else { frame.bytes.len() as u64 };
            stays
        });
        state.bytes -= freed;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn frame(bytes: usize) -> EncodedFrame {
        EncodedFrame { bytes: Arc::new(vec![0; bytes]), transfer_syntax: Arc::from("1.2") }
    }

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let memory = Memory::new(100);
        memory.put((1, 0), frame(40));
        memory.put((1, 1), frame(40));
        assert!(memory.get((1, 0)).is_some());
        memory.put((2, 0), frame(40));
        assert!(memory.has((1, 0)) && !memory.has((1, 1)) && memory.has((2, 0)));
        memory.put((2, 1), frame(1000));
        assert!(memory.has((2, 1)) && !memory.has((2, 0)));
        memory.forget(2);
        memory.put((3, 0), frame(100));
        memory.put((3, 0), frame(60));
        memory.put((3, 1), frame(40));
        assert!(memory.has((3, 0)) && memory.has((3, 1)));
    }
}
