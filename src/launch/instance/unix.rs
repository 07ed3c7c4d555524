//! The door on Unix: a socket beside its lock, in a folder that is the user's alone.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Place;

/// A door that others may knock at. It is there as long as this is.
#[derive(Debug)]
pub struct Door {
    socket: UnixListener,
    path: PathBuf,
    /// Let go of last: who has it may put a door of their own in this one's place.
    _lock: File,
}

impl Door {
    /// Opens the door, or answers `None` where somebody has it open.
    pub fn open(place: &Place) -> io::Result<Option<Self>> {
        // The file of the lock stays for good: two launches that lock files of one name must lock one file.
        let mut options = OpenOptions::new();
        let lock = options.create(true).truncate(false).write(true).mode(0o600).open(place.file("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let path = place.file("sock");
        match fs::remove_file(&path) {
            Ok(()) => tracing::debug!("a socket was left behind by a launch that was ended; it is replaced"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let socket = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Some(Self { socket, path, _lock: lock }))
    }

    /// Waits for somebody.
    pub fn accept(&self) -> io::Result<Stream> {
        let (socket, _) = self.socket.accept()?;
        Stream::of_this_user(socket)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // While the lock is still held, so that it is this socket and nobody else's.
        fs::remove_file(&self.path).ok();
    }
}

/// One conversation.
#[derive(Debug)]
pub struct Stream {
    socket: UnixStream,
}

impl Stream {
    /// Knocks.
    pub fn connect(place: &Place) -> io::Result<Self> {
        Self::of_this_user(UnixStream::connect(place.file("sock"))?)
    }

    /// The folder keeps others out; where the system says who is at the other end, it is asked all the same.
    fn of_this_user(socket: UnixStream) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if rustix::net::sockopt::socket_peercred(&socket)?.uid != rustix::process::geteuid() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Self { socket })
    }

    /// Some bytes, none at the end.
    pub fn receive(&mut self, into: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            self.socket.set_read_timeout(Some(left(deadline)?))?;
            match self.socket.read(into) {
                Err(error) if is_early(&error) => {}
                other => return other,
            }
        }
    }

    /// All of these bytes.
    pub fn send(&mut self, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            self.socket.set_write_timeout(Some(left(deadline)?))?;
            match self.socket.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if is_early(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether a call ended before its time was up; the deadline decides about what is next.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
