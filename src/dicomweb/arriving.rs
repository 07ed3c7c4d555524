//! An object that is still on its way, read by position: whoever asks for bytes that are not there yet waits.
//!
//! It is written to a file as it comes, in the cache or beside it. The header and the frames at its front can be
//! used before the end has arrived.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::WebError;
use super::cache::Draft;
use crate::dicom::{ByteSource, Error, FileSource};

/// How often whoever waits looks whether it still should.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// Bytes in a file, all there or still coming.
pub struct Arriving {
    file: FileSource,
    /// Where the object begins in the file.
    start: u64,
    len: u64,
    label: String,
    flow: Arc<Flow>,
}

/// How far it has come.
#[derive(Default)]
pub struct Flow {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default, Clone)]
struct State {
    arrived: u64,
    end: Option<Result<(), WebError>>,
}

impl Flow {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, bytes: u64) {
        self.lock().arrived += bytes;
        self.changed.notify_all();
    }

    /// No more will come.
    pub fn end(&self, how: Result<(), WebError>) {
        self.lock().end.get_or_insert(how);
        self.changed.notify_all();
    }

    /// What went wrong, if anything did.
    pub fn failure(&self) -> Option<WebError> {
        self.lock().end.clone().and_then(Result::err)
    }

    /// Waits until `bytes` are there or no more will come.
    fn wait_for(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.lock();
        loop {
            if state.arrived >= bytes {
                return Ok(());
            }
            match &state.end {
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Ok(())) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(Err(error)) => return Err(error.clone().into()),
            }
        }
    }

    /// Waits for the end; the bytes there are then.
    pub fn wait(&self) -> Result<u64, WebError> {
        self.wait_unless(&|| false)
    }

    /// The same for as long as nobody says stop.
    pub fn wait_unless(&self, stop: &dyn Fn() -> bool) -> Result<u64, WebError> {
        let mut state = self.lock();
        loop {
            match &state.end {
                None if stop() => return Err(WebError::Cancelled),
                None => {
                    let waited = self.changed.wait_timeout(state, TICK);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Some(Ok(())) => return Ok(state.arrived),
                Some(Err(error)) => return Err(error.clone()),
            }
        }
    }
}

impl Arriving {
    /// An object of which `len` bytes will have come in the end.
    pub fn new(file: FileSource, start: u64, len: u64, label: String, flow: Arc<Flow>) -> Self {
        Self { file, start, len, label, flow }
    }

    /// An object that is there.
    pub fn arrived(path: &Path, start: u64, len: u64, label: String) -> Result<Self, Error> {
        Ok(Self::whole(FileSource::open(path)?, start, len, label))
    }

    /// The same in a file that is open.
    pub fn whole(file: FileSource, start: u64, len: u64, label: String) -> Self {
        let flow = Flow::default();
        flow.add(len);
        flow.end(Ok(()));
        Self { file, start, len, label, flow: Arc::new(flow) }
    }

    pub fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }
}

impl ByteSource for Arriving {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buf.len() as u64).filter(|end| *end <= self.len);
        self.flow.wait_for(end.ok_or(io::ErrorKind::UnexpectedEof)?)?;
        self.file.read_exact_at(buf, self.start + offset)
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// Writes an object as it comes and tells those who wait.
pub struct Sink {
    pub draft: Draft,
    pub flow: Arc<Flow>,
}

impl Write for Sink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let count = self.draft.write(buf)?;
        self.flow.add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
