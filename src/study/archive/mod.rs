//! Zip archives as folders: members are listed from the archive's directory and read by position.
//!
//! Nothing is unpacked. A stored member is a window on the archive; a deflated one is inflated as far as it is
//! read and no further. Names are made harmless before anybody sees them. Encrypted members, other ways of
//! compression and archives in several parts are refused with a reason.

mod directory;
mod inflate;
mod names;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use self::directory::{Packing, Record};
use self::inflate::{Inflated, Resume};
use super::natural;
use crate::dicom::{ByteSource, DicomFile, Error, FileSource};

/// An inflated member may be as large as this; what is larger has to be unpacked by other means.
const LARGEST_INFLATED: u64 = 1 << 30;
/// Deflate cannot do better than this, so whatever claims to is not true.
const BEST_RATIO: u64 = 1032;

/// An archive whose directory has been read.
pub struct Archive {
    path: PathBuf,
    source: Arc<dyn ByteSource>,
    members: Vec<Listed>,
    by_name: HashMap<String, u32>,
    resume: Arc<Resume>,
    /// The directory was read only in part.
    pub damaged: bool,
}

struct Listed {
    name: String,
    record: Record,
    /// Lies where another member lies, as in archives made to keep a reader busy for ever.
    overlaps: bool,
}

/// One file in an archive. Holds the archive open.
#[derive(Clone)]
pub struct Member {
    pub archive: Arc<Archive>,
    pub index: u32,
}

/// What keeps some members of an archive from being read, and how many.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub encrypted: usize,
    pub unknown: usize,
    pub absurd: usize,
    pub archives: usize,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.path()).finish()
    }
}

impl Archive {
    /// Reads the directory of an archive. `None` when the file is something else.
    pub fn open(path: &Path) -> Result<Option<Arc<Self>>, Error> {
        let key = Key::of(path);
        if let Some(open) = key.as_ref().and_then(Key::find) {
            return Ok(Some(open));
        }
        let source = FileSource::open(path)?;
        let begins_well = is_archive(&source)?;
        // One that unpacks itself has a program in front; there the name has to do.
        if !begins_well && !path.to_str().is_some_and(is_named_archive) {
            return Ok(None);
        }
        let archive = match Self::read(path.to_path_buf(), Arc::new(source)) {
            Ok(archive) => Arc::new(archive),
            Err(error) if begins_well => return Err(error),
            Err(_) => return Ok(None),
        };
        if let Some(key) = key {
            key.keep(&archive);
        }
        Ok(Some(archive))
    }

    fn read(path: PathBuf, source: Arc<dyn ByteSource>) -> Result<Self, Error> {
        let (records, damaged) = directory::read(source.as_ref())?;
        let mut members: Vec<Listed> = records
            .into_iter()
            .filter_map(|(raw, record)| {
                Some(Listed { name: names::harmless(&raw)?, record, overlaps: false })
            })
            .collect();
        members.sort_by(|a, b| natural::compare_paths(Path::new(&a.name), Path::new(&b.name)));
        mark_overlaps(&mut members);
        let mut by_name = HashMap::with_capacity(members.len());
        let mut twins: HashMap<String, u32> = HashMap::new();
        for (index, member) in (0..).zip(&mut members) {
            if by_name.contains_key(&member.name) {
                // Two members of one name are both reachable.
                let number = twins.entry(member.name.clone()).or_insert(1);
                *number += 1;
                member.name = format!("{} ({number})", member.name);
            }
            by_name.insert(member.name.clone(), index);
        }
        Ok(Self { path, source, members, by_name, resume: Arc::default(), damaged })
    }

    /// The members whose names begin with `folder` and which can be read, in natural order; the names as they
    /// are below that folder. With `recursive` unset, only those right in it.
    pub fn list(&self, folder: &str, recursive: bool) -> (Vec<u32>, Refused) {
        let mut refused = Refused::default();
        let mut found = Vec::new();
        for (index, member) in (0..).zip(&self.members) {
            let Some(inner) = below(&member.name, folder) else { continue };
            if !recursive && inner.contains('/') {
                continue;
            }
            if is_named_archive(&member.name) {
                refused.archives += 1;
                continue;
            }
            match self.obstacle(member) {
                None => found.push(index),
                Some(Obstacle::Encrypted) => refused.encrypted += 1,
                Some(Obstacle::Unknown) => refused.unknown += 1,
                Some(Obstacle::Absurd) => refused.absurd += 1,
            }
        }
        (found, refused)
    }

    /// Whether any member lies in this folder of the archive.
    pub fn has_folder(&self, folder: &str) -> bool {
        self.members.iter().any(|member| below(&member.name, folder).is_some())
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn name(&self, index: u32) -> Option<&str> {
        self.members.get(index as usize).map(|member| member.name.as_str())
    }

    fn obstacle(&self, member: &Listed) -> Option<Obstacle> {
        let record = &member.record;
        let room = self.source.len();
        if record.encrypted {
            return Some(Obstacle::Encrypted);
        }
        let absurd = member.overlaps || record.offset >= room || record.packed > room;
        match record.packing {
            Packing::Stored if absurd || record.packed != record.length => Some(Obstacle::Absurd),
            Packing::Deflated
                if absurd
                    || record.length > LARGEST_INFLATED
                    || record.length > record.packed.saturating_mul(BEST_RATIO).saturating_add(1024) =>
            {
                Some(Obstacle::Absurd)
            }
            Packing::Other => Some(Obstacle::Unknown),
            _ => None,
        }
    }
}

impl Member {
    /// The path of the member: that of the archive, then its name in it.
    pub fn path(&self) -> PathBuf {
        self.archive.path.join(self.name())
    }

    pub fn name(&self) -> &str {
        self.archive.name(self.index).unwrap_or_default()
    }

    /// Its bytes, by position.
    pub fn source(&self) -> Result<Arc<dyn ByteSource>, Error> {
        let label = self.path().display().to_string();
        let refused = |why: &str| {
            let error = io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
            Error::io(&error, label.clone())
        };
        let archive = &self.archive;
        let Some(member) = archive.members.get(self.index as usize) else {
            return Err(refused("there is no such file in the archive"));
        };
        let record = &member.record;
        if let Some(obstacle) = archive.obstacle(member) {
            return Err(refused(obstacle.explain()));
        }
        let start = directory::data_start(archive.source.as_ref(), record).ok_or_else(|| {
            refused("the archive is damaged here; get it again or unpack it by other means")
        })?;
        let whole = Arc::clone(&archive.source);
        Ok(match record.packing {
            Packing::Deflated => {
                Arc::new(Inflated::new(whole, Arc::clone(&archive.resume), start, record, label))
            }
            _ => Arc::new(Window { whole, start, len: record.length, label }),
        })
    }

    /// Its header, if it is a DICOM object.
    pub fn open(&self) -> Result<DicomFile, Error> {
        DicomFile::from_source(self.source()?)
    }
}

/// Why a member is not read.
enum Obstacle {
    Encrypted,
    Unknown,
    Absurd,
}

impl Obstacle {
    fn explain(&self) -> &'static str {
        match self {
            Self::Encrypted => "it is encrypted; unpack the archive with its password first",
            Self::Unknown => "it is compressed in a way that is not read here; unpack the archive first",
            Self::Absurd => {
                "its place or size in the archive is not plausible, or it is too large; unpack the archive first"
            }
        }
    }
}

impl Refused {
    /// One sentence for each kind of obstacle there is.
    pub fn explain(&self) -> Vec<String> {
        let count = |n: usize| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        let kinds = [
            (self.encrypted, Obstacle::Encrypted.explain()),
            (self.unknown, Obstacle::Unknown.explain()),
            (self.absurd, Obstacle::Absurd.explain()),
            (self.archives, "an archive inside an archive is not opened; unpack the outer one first"),
        ];
        let there = kinds.into_iter().filter(|(number, _)| *number > 0);
        there.map(|(number, why)| format!("{} in the archive left out: {why}", count(number))).collect()
    }
}

/// Finds members that share bytes; the first of them is left alone.
fn mark_overlaps(members: &mut [Listed]) {
    let mut by_place: Vec<&mut Listed> = members.iter_mut().collect();
    by_place.sort_by_key(|member| member.record.offset);
    let mut free = 0;
    for member in by_place {
        let Record { offset, packed, .. } = member.record;
        member.overlaps = offset < free;
        free = free.max(offset.saturating_add(directory::LOCAL_SIZE as u64).saturating_add(packed));
    }
}

/// Whether a file begins as archives do.
pub fn is_archive(source: &dyn ByteSource) -> Result<bool, Error> {
    let mut start = [0; 4];
    if source.len() < 22 {
        return Ok(false);
    }
    source.read_exact_at(&mut start, 0).map_err(|e| Error::io(&e, source.label()))?;
    Ok(matches!(&start, b"PK\x03\x04" | b"PK\x05\x06" | b"PK\x07\x08"))
}

/// Whether a name is one that archives have.
pub fn is_named_archive(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// The rest of a name below a folder; the empty folder holds everything.
pub fn below<'a>(name: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(name);
    }
    name.strip_prefix(folder)?.strip_prefix('/')
}

/// Part of another source.
struct Window {
    whole: Arc<dyn ByteSource>,
    start: u64,
    len: u64,
    label: String,
}

impl ByteSource for Window {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buf.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.whole.read_exact_at(buf, self.start + offset)
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}

/// An archive as it was when it was opened.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    path: PathBuf,
    len: u64,
    changed: Option<SystemTime>,
}

/// Archives that somebody holds open, so that opening ten thousand members reads one directory.
static OPEN: Mutex<Vec<(Key, Weak<Archive>)>> = Mutex::new(Vec::new());

impl Key {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        // The path as it was given: members are called by it.
        Some(Self { path: path.to_path_buf(), len: found.len(), changed: found.modified().ok() })
    }

    fn find(&self) -> Option<Arc<Archive>> {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().find(|(key, _)| key == self)?.1.upgrade()
    }

    fn keep(self, archive: &Arc<Archive>) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, archive)| archive.strong_count() > 0);
        open.push((self, Arc::downgrade(archive)));
    }
}
