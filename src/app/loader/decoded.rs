//! Decoded frames kept for a while: those that were costly to decode, so that zooming in or reading a
//! value under the pointer does not decode again. Native frames are not kept: the file is their cache.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::instance::{FrameKey, InstanceId};
use crate::dicom::Frame;

/// When the budget is spent, the frames go first that are needed last, and of those the least recently used.
pub(super) struct DecodedFrames {
    budget: u64,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    frames: HashMap<FrameKey, (Arc<Frame>, u64)>,
    /// How soon frames are needed, as far as anybody said so.
    needs: HashMap<FrameKey, u32>,
    bytes: u64,
    clock: u64,
}

impl DecodedFrames {
    pub(super) fn new(budget: u64) -> Self {
        Self { budget, inner: Mutex::default() }
    }

    /// Close enough to the budget for it to matter what is needed.
    pub(super) fn is_pressed(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).bytes > self.budget / 2
    }

    /// Says in how many frames each is needed; what is not said is needed last.
    pub(super) fn need(&self, needs: HashMap<FrameKey, u32>) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).needs = needs;
    }

    pub(super) fn get(&self, key: FrameKey) -> Option<Arc<Frame>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (frame, used) = inner.frames.get_mut(&key)?;
        *used = now;
        Some(Arc::clone(frame))
    }

    pub(super) fn forget(&self, gone: &HashSet<InstanceId>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.frames.retain(|key, _| !gone.contains(&key.instance));
        inner.bytes = inner.frames.values().map(|(frame, _)| frame.samples.byte_len() as u64).sum();
    }

    pub(super) fn keep(&self, key: FrameKey, frame: &Arc<Frame>) {
        let size = frame.samples.byte_len() as u64;
        if size > self.budget {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        if let Some((old, _)) = inner.frames.insert(key, (Arc::clone(frame), now)) {
            inner.bytes -= old.samples.byte_len() as u64;
        }
        inner.bytes += size;
        while inner.bytes > self.budget {
            let last = |key: &FrameKey| inner.needs.get(key).copied().unwrap_or(u32::MAX);
            let order = |(key, (_, used)): &(&FrameKey, &(Arc<Frame>, u64))| (last(key), now - used);
            let farthest = inner.frames.iter().max_by_key(order).map(|(key, _)| *key);
            let Some((gone, _)) = farthest.and_then(|key| inner.frames.remove(&key)) else {
                break;
            };
            inner.bytes -= gone.samples.byte_len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::instance::InstanceId;
    use crate::dicom::{ColorModel, Samples};

    fn key(frame: u32) -> FrameKey {
        FrameKey { instance: InstanceId(1), frame }
    }

    fn frame(bytes: u32) -> Arc<Frame> {
        Arc::new(Frame {
            rows: 1,
            columns: bytes,
            channels: 1,
            color: ColorModel::Gray,
            samples: Samples::U8(vec![0; bytes as usize]),
        })
    }

    #[test]
    fn the_least_recently_used_frame_goes_first() {
        let kept = DecodedFrames::new(100);
        kept.keep(key(0), &frame(40));
        kept.keep(key(1), &frame(40));
        assert!(kept.get(key(0)).is_some());
        kept.keep(key(2), &frame(40));
        assert!(kept.get(key(1)).is_none());
        assert!(kept.get(key(0)).is_some() && kept.get(key(2)).is_some());
    }

    #[test]
    fn what_is_needed_last_goes_before_what_was_used_last() {
        let kept = DecodedFrames::new(100);
        kept.need([(key(0), 0), (key(1), 5), (key(2), 1)].into());
        kept.keep(key(0), &frame(40));
        kept.keep(key(1), &frame(40));
        assert!(kept.is_pressed());
        kept.keep(key(2), &frame(40));
        assert!(kept.get(key(1)).is_none());
        kept.keep(key(9), &frame(40));
        assert!(kept.get(key(9)).is_none(), "nobody asked for it");
        assert!(kept.get(key(0)).is_some() && kept.get(key(2)).is_some());
    }

    #[test]
    fn a_frame_larger_than_the_budget_is_not_kept() {
        let kept = DecodedFrames::new(10);
        kept.keep(key(0), &frame(11));
        assert!(kept.get(key(0)).is_none());
    }
}
