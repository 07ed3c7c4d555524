//! What came from servers, kept on disk within a limit.
//!
//! An entry is one file: a head with its length and checksum, a note (the transfer syntax, say), the bytes. Its
//! name is a hash of what it is, so that neither names of patients nor addresses can be read off the folder, and
//! credentials are not even part of the hash. Files appear whole or not at all; what does not keep its own
//! promise is removed and counts as absent. Several programs may share the folder. What was used longest ago
//! goes first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use flate2::Crc;
use sha2::{Digest, Sha256};

/// What an entry begins with; another version of the format is another mark.
const MARK: [u8; 8] = *b"LIGHTBX1";
/// Mark, length, checksum, length of the note.
const HEAD: u64 = 24;
const MOST_NOTE: usize = 256;
/// Unless the user says otherwise.
pub const DEFAULT_LIMIT: u64 = 4 << 30;
/// Entries up to this size are checked as a whole before they are used by position.
const CHECKED: u64 = 64 << 20;
/// Half-written files older than this belong to nobody.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// Entries that may wait to be written.
const WAITING: usize = 32;

/// Names an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// From all that tells it from others. Parts are not run together.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }

    fn name(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The folder.
pub struct Cache {
    folder: PathBuf,
    limit: u64,
    /// About how much is there; others may write too.
    used: AtomicU64,
    temporary: AtomicU64,
    writer: Mutex<Option<Writer>>,
}

struct Writer {
    jobs: SyncSender<(Key, String, Arc<Vec<u8>>)>,
    thread: JoinHandle<()>,
}

impl Cache {
    /// The cache in a folder, which is made if it is not there.
    pub fn open(folder: &Path, limit: u64) -> io::Result<Arc<Self>> {
        make_folder(folder)?;
        let cache = Self {
            folder: folder.to_path_buf(),
            limit,
            used: AtomicU64::new(0),
            temporary: AtomicU64::new(0),
            writer: Mutex::default(),
        };
        cache.tidy();
        Ok(Arc::new(cache))
    }

    /// Bytes there are, by the last count.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn path(&self, key: &Key) -> PathBuf {
        let name = key.name();
        let (first, rest) = name.split_at(2);
        self.folder.join(first).join(rest)
    }

    /// Whether an entry is there, without looking at it.
    pub fn has(&self, key: &Key) -> bool {
        fs::metadata(self.path(key)).is_ok_and(|meta| meta.len() >= HEAD)
    }

    /// An entry and its note.
    pub fn get(&self, key: &Key) -> Option<(String, Vec<u8>)> {
        let path = self.path(key);
        let mut file = File::open(&path).ok()?;
        let found = read_entry(&mut file);
        match &found {
            Some(_) => touch(&file),
            None => drop(fs::remove_file(&path)),
        }
        found
    }

    /// An entry to be read by position: its path, where its bytes begin, and how many there are.
    pub fn place(&self, key: &Key) -> Option<(PathBuf, u64, u64)> {
        let path = self.path(key);
        let mut file = File::open(&path).ok()?;
        let head = read_head(&mut file);
        let start = head.as_ref().map_or(0, |head| HEAD + head.note.len() as u64);
        let sound = |head: &Head| head.length > CHECKED || checksum_of(&mut file, head).is_some();
        let Some(head) = head.filter(sound) else {
            fs::remove_file(&path).ok();
            return None;
        };
        touch(&file);
        Some((path, start, head.length))
    }

    /// Keeps an entry. That it could not be kept is nobody's concern but the log's.
    pub fn put(self: &Arc<Self>, key: &Key, note: &str, bytes: &[u8]) {
        let keep = || -> io::Result<()> {
            let mut draft = self.draft(key, note)?;
            draft.write_all(bytes)?;
            draft.keep()
        };
        if let Err(error) = keep() {
            tracing::debug!("nothing could be kept in the cache: {error}");
        }
    }

    /// Keeps an entry when there is time for it.
    pub fn put_later(self: &Arc<Self>, key: Key, note: &str, bytes: Arc<Vec<u8>>) {
        let jobs = {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if writer.is_none() {
                *writer = start_writer(Arc::downgrade(self));
            }
            writer.as_ref().map(|writer| writer.jobs.clone())
        };
        let job = (key, note.to_owned(), bytes);
        let refused = match jobs {
            Some(jobs) => jobs.try_send(job).err().map(|error| match error {
                std::sync::mpsc::TrySendError::Full(job)
                | std::sync::mpsc::TrySendError::Disconnected(job) => job,
            }),
            None => Some(job),
        };
        if let Some((key, note, bytes)) = refused {
            self.put(&key, &note, &bytes);
        }
    }

    /// Waits until everything is written that was to be kept.
    pub fn flush(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Writer { jobs, thread }) = writer {
            drop(jobs);
            // The writer itself may be the last to let go of the cache.
            if thread.thread().id() != std::thread::current().id() {
                thread.join().ok();
            }
        }
    }

    /// An entry to be written bit by bit. Unless it is [kept](Draft::keep) in the end it was never there.
    pub fn draft(self: &Arc<Self>, key: &Key, note: &str) -> io::Result<Draft> {
        let note = note.as_bytes().get(..note.len().min(MOST_NOTE)).unwrap_or_default();
        let path = self.path(key);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}.tmp", std::process::id());
        let temporary = self.folder.join(name);
        Draft::new(temporary, Some((Arc::clone(self), path)), note)
    }

    /// Removes what was used longest ago until there is room again, and what nobody finished.
    pub fn tidy(&self) {
        let mut entries = Vec::new();
        let mut total = 0;
        let now = SystemTime::now();
        for (path, meta) in files(&self.folder) {
            let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if path.extension().is_some_and(|extension| extension == "tmp") {
                if now.duration_since(used).is_ok_and(|age| age > STALE) {
                    fs::remove_file(&path).ok();
                }
                continue;
            }
            total += meta.len();
            entries.push((used, meta.len(), path));
        }
        if total > self.limit {
            entries.sort();
            // Some room, so that the next entry does not call for this again.
            let goal = self.limit / 10 * 9;
            for (_, size, path) in entries {
                if total <= goal {
                    break;
                }
                if fs::remove_file(&path).is_ok() {
                    total -= size;
                }
            }
        }
        self.used.store(total, Ordering::Relaxed);
    }

    fn grew(&self, bytes: u64) {
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes > self.limit {
            self.tidy();
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.flush();
    }
}

fn start_writer(cache: std::sync::Weak<Cache>) -> Option<Writer> {
    let (jobs, waiting) = sync_channel::<(Key, String, Arc<Vec<u8>>)>(WAITING);
    let thread = std::thread::Builder::new().name("cache".to_owned()).spawn(move || {
        while let Ok((key, note, bytes)) = waiting.recv() {
            let Some(cache) = cache.upgrade() else { return };
            cache.put(&key, &note, &bytes);
        }
    });
    thread.ok().map(|thread| Writer { jobs, thread })
}

/// An entry that is being written.
pub struct Draft {
    file: Option<File>,
    temporary: PathBuf,
    /// Where it will be; `None` where there is no cache and it goes away with whoever reads it.
    destination: Option<(Arc<Cache>, PathBuf)>,
    start: u64,
    length: u64,
    note: usize,
    crc: Crc,
}

impl Draft {
    fn new(temporary: PathBuf, destination: Option<(Arc<Cache>, PathBuf)>, note: &[u8]) -> io::Result<Self> {
        let mut file = owner_only().write(true).read(true).create_new(true).open(&temporary)?;
        let mut crc = Crc::new();
        crc.update(note);
        file.write_all(&[0; HEAD as usize])?;
        file.write_all(note)?;
        let (start, note) = (HEAD + note.len() as u64, note.len());
        Ok(Self { file: Some(file), temporary, destination, start, length: 0, note, crc })
    }

    /// One that is never kept: a place for what is too large for memory.
    pub fn temporary() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lightbox-{}-{number}.tmp", std::process::id());
        Self::new(std::env::temp_dir().join(name), None, &[])
    }

    /// The file as long as it is written, and where the bytes begin in it.
    pub fn place(&self) -> (&Path, u64) {
        (&self.temporary, self.start)
    }

    /// It is complete: from now on it is there.
    pub fn keep(mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let mut head = Vec::with_capacity(HEAD as usize);
        head.extend(MARK);
        head.extend(self.length.to_le_bytes());
        head.extend(self.crc.sum().to_le_bytes());
        head.extend(u32::try_from(self.note).unwrap_or(0).to_le_bytes());
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&head)?;
        file.flush()?;
        drop(file);
        if let Some((cache, path)) = self.destination.take() {
            fs::rename(&self.temporary, path)?;
            cache.grew(self.start + self.length);
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Ok(0) };
        let count = file.write(buf)?;
        self.crc.update(buf.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it was kept.
        drop(self.file.take());
        fs::remove_file(&self.temporary).ok();
    }
}

struct Head {
    length: u64,
    crc: u32,
    note: String,
}

/// What an entry says about itself, where the file is as long as that.
fn read_head(file: &mut File) -> Option<Head> {
    let mut head = [0; HEAD as usize];
    file.read_exact(&mut head).ok()?;
    let (mark, rest) = head.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let note = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
    let length = u64::from_le_bytes(*length);
    let whole = HEAD.checked_add(note as u64)?.checked_add(length)?;
    if *mark != MARK || note > MOST_NOTE || file.metadata().ok()?.len() != whole {
        return None;
    }
    let mut text = vec![0; note];
    file.read_exact(&mut text).ok()?;
    Some(Head { length, crc: u32::from_le_bytes(*crc), note: String::from_utf8(text).ok()? })
}

fn read_entry(file: &mut File) -> Option<(String, Vec<u8>)> {
    let head = read_head(file)?;
    let mut bytes = vec![0; usize::try_from(head.length).ok()?];
    file.read_exact(&mut bytes).ok()?;
    let mut crc = Crc::new();
    crc.update(head.note.as_bytes());
    crc.update(&bytes);
    (crc.sum() == head.crc).then_some((head.note, bytes))
}

fn checksum_of(file: &mut File, head: &Head) -> Option<()> {
    let mut crc = Crc::new();
    crc.update(head.note.as_bytes());
    let mut block = vec![0; 256 << 10];
    loop {
        match file.read(&mut block).ok()? {
            0 => return (crc.sum() == head.crc).then_some(()),
            count => crc.update(block.get(..count)?),
        }
    }
}

/// Used just now.
fn touch(file: &File) {
    file.set_modified(SystemTime::now()).ok();
}

fn files(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for item in list(folder) {
        let Ok(meta) = item.metadata() else { continue };
        if meta.is_dir() {
            let inside = list(&item.path()).filter_map(|item| Some((item.path(), item.metadata().ok()?)));
            found.extend(inside.filter(|(_, meta)| meta.is_file()));
        } else if meta.is_file() {
            found.push((item.path(), meta));
        }
    }
    found
}

fn owner_only() -> OpenOptions {
    #[allow(unused_mut, reason = "only where files have modes")]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
