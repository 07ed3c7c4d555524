//! The door on Windows: a named pipe whose name only this user can read, in a file beside the lock.
//!
//! Names of pipes are known to all users of a machine and anybody may take one first. So each door has a name
//! nobody can guess, and it stands in the user's profile. Pipes know no time-outs; a thread reads for each
//! conversation, and whoever listens to it stops listening when the time is up.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use interprocess::os::windows::named_pipe::{
    PipeListener, PipeListenerOptions, PipeStream, pipe_mode::Bytes,
};

use super::Place;

type Pipe = PipeStream<Bytes, Bytes>;

/// A door that others may knock at. It is there as long as this is.
#[derive(Debug)]
pub struct Door {
    pipe: Box<PipeListener<Bytes, Bytes>>,
    _lock: File,
}

impl Door {
    /// Opens the door, or answers `None` where somebody has it open.
    pub fn open(place: &Place) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let lock = options.create(true).truncate(false).write(true).open(place.file("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let name = format!("lightbox-{:016x}{:016x}", random(), random());
        let options = PipeListenerOptions::new().path(path(&name));
        let pipe = options.create_duplex::<Bytes>()?;
        // Renamed into its place, so that nobody reads half a name.
        let fresh = place.file("new");
        fs::write(&fresh, &name)?;
        fs::rename(&fresh, place.file("pipe"))?;
        Ok(Some(Self { pipe: Box::new(pipe), _lock: lock }))
    }

    /// Waits for somebody.
    pub fn accept(&self) -> io::Result<Stream> {
        Stream::over(self.pipe.accept()?)
    }
}

/// One conversation.
#[derive(Debug)]
pub struct Stream {
    pipe: Arc<Pipe>,
    arriving: Receiver<io::Result<Vec<u8>>>,
    rest: Vec<u8>,
}

impl Stream {
    /// Knocks.
    pub fn connect(place: &Place) -> io::Result<Self> {
        let name = fs::read_to_string(place.file("pipe"))?;
        let sound = name.len() < 100 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !sound {
            return Err(io::ErrorKind::NotFound.into());
        }
        Self::over(Pipe::connect_by_path(path(&name))?)
    }

    fn over(pipe: Pipe) -> io::Result<Self> {
        let pipe = Arc::new(pipe);
        let (sender, arriving) = crossbeam_channel::bounded(4);
        let reader = Arc::clone(&pipe);
        let read = move || {
            let mut chunk = [0; 16 << 10];
            loop {
                let news = match (&*reader).read(&mut chunk) {
                    Ok(0) => return,
                    Ok(got) => Ok(chunk.get(..got).unwrap_or_default().to_vec()),
                    Err(error) => Err(error),
                };
                let ended = news.is_err();
                if sender.send(news).is_err() || ended {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("launches".to_owned()).spawn(read)?;
        Ok(Self { pipe, arriving, rest: Vec::new() })
    }

    /// Some bytes, none at the end.
    pub fn receive(&mut self, into: &mut [u8], deadline: Instant) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = match self.arriving.recv_deadline(deadline) {
                Ok(news) => news?,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
            };
        }
        let got = self.rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(self.rest.drain(..got)) {
            *to = from;
        }
        Ok(got)
    }

    /// All of these bytes. A thread writes those that are too many for the pipe's own memory, so that a silent
    /// reader costs no more than that thread.
    pub fn send(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        let (done, written) = crossbeam_channel::bounded(1);
        let (pipe, bytes) = (Arc::clone(&self.pipe), bytes.to_vec());
        let write = move || {
            let mut pipe = &*pipe;
            done.send(pipe.write_all(&bytes)).ok();
        };
        std::thread::Builder::new().name("launches".to_owned()).spawn(write)?;
        written.recv_deadline(deadline).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

fn path(name: &str) -> String {
    format!(r"\\.\pipe\{name}")
}

/// Bits of the system's own randomness, by way of the keys of a hash table.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
