//! Small buffered reads over a positioned source, for walking headers and item lengths.
//!
//! The window starts small and grows while the walk goes on, so that a short header costs one short
//! read and a long one few. Nothing past the window is ever touched.

use super::{ByteSource, Error};

/// First window; most headers fit in it.
const FIRST: usize = 16 * 1024;
/// Largest window.
const LARGEST: usize = 256 * 1024;

/// A read-only window that follows the reader.
pub(super) struct Cursor<'a> {
    source: &'a dyn ByteSource,
    len: u64,
    window: Vec<u8>,
    start: u64,
    next_size: usize,
    fixed: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a dyn ByteSource) -> Self {
        let len = source.len();
        Self { source, len, window: Vec::new(), start: 0, next_size: FIRST, fixed: false }
    }

    /// A cursor whose window does not grow by itself; [`Self::set_window`] says how much it reads at a time.
    pub(super) fn with_window(source: &'a dyn ByteSource, size: usize) -> Self {
        Self { next_size: size, fixed: true, ..Self::new(source) }
    }

    /// For cursors that do not decide for themselves how much to read.
    pub(super) fn set_window(&mut self, size: usize) {
        if self.fixed {
            self.next_size = size;
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// `count` bytes at `at`, or `None` when the source ends before.
    pub(super) fn peek(&mut self, at: u64, count: usize) -> Result<Option<&[u8]>, Error> {
        if at.checked_add(count as u64).is_none_or(|end| end > self.len) {
            return Ok(None);
        }
        if self.within(at, count).is_none() {
            self.fill(at, count)?;
        }
        Ok(self.within(at, count))
    }

    /// As many of `count` bytes at `at` as the source has.
    pub(super) fn peek_up_to(&mut self, at: u64, count: usize) -> Result<&[u8], Error> {
        let left = self.len.saturating_sub(at);
        let count = usize::try_from(left).map_or(count, |left| left.min(count));
        Ok(self.peek(at, count)?.unwrap_or(&[]))
    }

    /// Copies `count` bytes at `at`; the caller has checked that they are there.
    pub(super) fn read(&mut self, at: u64, count: usize) -> Result<Box<[u8]>, Error> {
        if count > LARGEST / 2 {
            let mut out = vec![0; count];
            self.source.read_exact_at(&mut out, at).map_err(|e| Error::io(&e, self.source.label()))?;
            return Ok(out.into_boxed_slice());
        }
        match self.peek(at, count)? {
            Some(bytes) => Ok(bytes.into()),
            None => Err(Error::Header(format!("{count} bytes are missing at offset {at}"))),
        }
    }

    fn within(&self, at: u64, count: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.window.get(from..from.checked_add(count)?)
    }

    fn fill(&mut self, at: u64, count: usize) -> Result<(), Error> {
        let left = usize::try_from(self.len - at).unwrap_or(usize::MAX);
        let size = self.next_size.max(self.source.read_size()).max(count).min(left);
        self.window.resize(size, 0);
        self.start = at;
        if let Err(e) = self.source.read_exact_at(&mut self.window, at) {
            self.window.clear();
            return Err(Error::io(&e, self.source.label()));
        }
        if !self.fixed {
            self.next_size = (self.next_size * 2).min(LARGEST);
        }
        Ok(())
    }
}
