//! What was decoded lately, within so many bytes. Any thread may ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Things by frame; the one used longest ago goes first.
pub(super) struct Kept<T> {
    most: usize,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    things: HashMap<u32, Thing<T>>,
    bytes: usize,
    clock: u64,
}

struct Thing<T> {
    value: Arc<T>,
    bytes: usize,
    used: u64,
}

impl<T> Kept<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, inner: Mutex::new(Inner { things: HashMap::new(), bytes: 0, clock: 0 }) }
    }

    /// What is kept of a frame, or what `make` makes, which is also how many bytes. Nothing waits while it is made.
    pub(super) fn get<E>(
        &self,
        frame: u32,
        make: impl FnOnce() -> Result<(T, usize), E>,
    ) -> Result<Arc<T>, E> {
        if let Some(found) = self.find(frame) {
            return Ok(found);
        }
        let (value, bytes) = make()?;
        let value = Arc::new(value);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let thing = Thing { value: Arc::clone(&value), bytes, used: inner.clock };
        inner.bytes += bytes;
        if let Some(old) = inner.things.insert(frame, thing) {
            inner.bytes -= old.bytes;
        }
        while inner.bytes > self.most && inner.things.len() > 1 {
            let oldest = inner.things.iter().min_by_key(|(_, thing)| thing.used).map(|(frame, _)| *frame);
            let Some(gone) = oldest.and_then(|frame| inner.things.remove(&frame)) else { break };
            inner.bytes -= gone.bytes;
        }
        Ok(value)
    }

    fn find(&self, frame: u32) -> Option<Arc<T>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let clock = inner.clock;
        let thing = inner.things.get_mut(&frame)?;
        thing.used = clock;
        Some(Arc::clone(&thing.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes() {
        let kept = Kept::<u32>::new(10);
        let mut made = Vec::new();
        let mut ask = |frame: u32| {
            let value = kept.get(frame, || -> Result<_, ()> {
                made.push(frame);
                Ok((frame, 4))
            });
            assert_eq!(value.as_deref(), Ok(&frame));
        };
        for frame in [1, 2, 1, 3, 1, 2] {
            ask(frame);
        }
        assert_eq!(made, [1, 2, 3, 2]);
    }

    #[test]
    fn what_is_larger_than_all_is_kept_alone() {
        let kept = Kept::<u32>::new(10);
        for frame in [1, 2] {
            assert!(kept.get(frame, || Ok::<_, ()>((frame, 100))).is_ok());
        }
        assert_eq!(kept.find(1), None);
        assert_eq!(kept.find(2).as_deref(), Some(&2));
    }
}
