//! Where bytes come from: anything with a length that can be read by position.
//!
//! A file and a block of memory are here; a remote object has to answer the same few questions. Nothing
//! here buffers or caches, so that a read costs exactly what was asked for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;

/// Bytes readable by position, from several threads at once.
///
/// A source is asked for a header in a few reads that grow, and for a frame in one read wherever a
/// table or arithmetic says where the frame lies. Every failure is a value; nothing is tried again.
///
/// What stands behind it may be far away. Its length has to be known when the source is made, because
/// lengths in the object are only believed as far as the source goes: a server that answers a request
/// for a range says the whole length with it. Where nobody can say it, what was sent is best kept in a
/// [`MemorySource`].
pub trait ByteSource: Send + Sync {
    /// Number of bytes in all.
    fn len(&self) -> u64;

    /// Fills `buf` from `offset`; an error when fewer bytes are there.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;

    /// The least worth asking for at once while a header is read. Where every read is a journey this
    /// should be large; of a disk or memory nothing is asked that is not needed.
    fn read_size(&self) -> usize {
        0
    }

    /// What to call this source in a message.
    fn label(&self) -> String;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A file on disk, read with positioned reads.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
    path: PathBuf,
}

impl FileSource {
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |e: io::Error| Error::io(&e, path.display().to_string());
        // Before opening: opening a pipe waits for somebody to write.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            let e = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
            return Err(failed(e));
        }
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        Ok(Self { file, len: meta.len(), path: path.to_path_buf() })
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    #[cfg(unix)]
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buf, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        use std::os::windows::fs::FileExt;
        let (mut rest, mut at) = (buf, offset);
        while !rest.is_empty() {
            match self.file.seek_read(rest, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    rest = rest.split_at_mut(n).1;
                    at += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn label(&self) -> String {
        self.path.display().to_string()
    }
}

/// Bytes already in memory.
#[derive(Debug, Clone)]
pub struct MemorySource {
    bytes: Arc<[u8]>,
    label: String,
}

impl MemorySource {
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { bytes: bytes.into(), label: "memory".to_owned() }
    }

    /// Names the bytes, for messages.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
}

impl ByteSource for MemorySource {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| self.bytes.get(start..start.checked_add(buf.len())?));
        let Some(found) = found else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        buf.copy_from_slice(found);
        Ok(())
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// A source that ends too early, with zeros for what is missing.
pub(super) struct PaddedSource<'a> {
    pub(super) inner: &'a dyn ByteSource,
    /// Where the zeros begin.
    pub(super) end: u64,
}

impl ByteSource for PaddedSource<'_> {
    fn len(&self) -> u64 {
        u64::MAX
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let there = usize::try_from(self.end.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        let (found, missing) = buf.split_at_mut(there);
        missing.fill(0);
        if found.is_empty() { Ok(()) } else { self.inner.read_exact_at(found, offset) }
    }

    fn label(&self) -> String {
        self.inner.label()
    }
}
