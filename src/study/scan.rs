//! Headers of everything under some paths, read on a few threads and reported as they arrive.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use dicom_dictionary_std::uids;

use super::entry::Entry;
use super::index::StudyIndex;
use super::walk::{Step, Walk};
use crate::dicom::{DicomFile, Error};

/// Threads beyond this wait for the disk, not for work.
const MOST_THREADS: usize = 8;

/// How to scan.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Whether to go into the folders of a folder.
    pub recursive: bool,
    /// Threads that read headers; `None` takes the number of cores, up to eight.
    pub threads: Option<NonZeroUsize>,
    /// Keep the parsed headers of up to this many objects in their entries. Each holds its file open.
    pub keep_headers: usize,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { recursive: true, threads: None, keep_headers: 0 }
    }
}

/// What a scan comes across, in order of arrival: with several threads not quite the order of the walk.
#[derive(Clone)]
pub enum ScanEvent {
    /// A DICOM object.
    Found(Arc<Entry>),
    /// A path that was named or looked promising and could not be read.
    Failed(ScanProblem),
    /// A file in a folder that is not for us: not DICOM, or a directory of other files.
    Skipped(PathBuf),
}

/// A path and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanProblem {
    pub path: PathBuf,
    pub error: String,
}

/// All a scan found.
#[derive(Default)]
pub struct ScanReport {
    pub index: StudyIndex,
    /// In the order of the walk.
    pub failed: Vec<ScanProblem>,
    /// How many files were not DICOM objects.
    pub skipped: usize,
}

/// Reads the headers of all files under `paths`.
///
/// `on_event` is called on the calling thread, once for each file, while the other threads read on.
pub fn scan(paths: Vec<PathBuf>, options: &ScanOptions, on_event: &dyn Fn(ScanEvent)) -> ScanReport {
    let threads = options.threads.map_or_else(default_threads, NonZeroUsize::get);
    let shared = Shared {
        walk: Mutex::new(Walk::new(paths, options.recursive).enumerate()),
        headers_left: AtomicUsize::new(options.keep_headers),
    };
    let mut entries = Vec::new();
    let mut failed = Vec::new();
    let mut skipped = 0;
    std::thread::scope(|scope| {
        // Bounded, so that a listener that takes its time slows the reading instead of filling memory.
        let (sender, receiver) = sync_channel::<(usize, ScanEvent)>(1024);
        for _ in 0..threads {
            let (shared, sender) = (&shared, sender.clone());
            scope.spawn(move || shared.work(&sender));
        }
        drop(sender);
        for (order, event) in receiver {
            match &event {
                ScanEvent::Found(entry) => entries.push(Arc::clone(entry)),
                ScanEvent::Failed(problem) => failed.push((order, problem.clone())),
                ScanEvent::Skipped(_) => skipped += 1,
            }
            on_event(event);
        }
    });
    failed.sort_by_key(|(order, _)| *order);
    ScanReport {
        index: StudyIndex::from_entries(entries),
        failed: failed.into_iter().map(|(_, problem)| problem).collect(),
        skipped,
    }
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(2, NonZeroUsize::get).min(MOST_THREADS)
}

/// What the reading threads have in common.
struct Shared {
    walk: Mutex<std::iter::Enumerate<Walk>>,
    headers_left: AtomicUsize,
}

impl Shared {
    /// Takes one file after the other until the walk ends or nobody listens.
    fn work(&self, sender: &SyncSender<(usize, ScanEvent)>) {
        while let Some((order, step)) = self.next() {
            if sender.send((order, self.look_at(order, step))).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<(usize, Step)> {
        self.walk.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn look_at(&self, order: usize, step: Step) -> ScanEvent {
        let (path, named) = match step {
            Step::File { path, named } => (path, named),
            Step::Unreadable { path, error } => {
                return ScanEvent::Failed(ScanProblem { path, error: error.to_string() });
            }
        };
        let file = match DicomFile::open(&path) {
            Ok(file) => file,
            // A stray text file in a folder is no news; one that was named is.
            Err(Error::NotDicom) if !named => return ScanEvent::Skipped(path),
            Err(error) => {
                return ScanEvent::Failed(ScanProblem { path, error: error.to_string() });
            }
        };
        if is_directory(&file) && !named {
            return ScanEvent::Skipped(path);
        }
        let mut entry = Entry::read(&file, path, order);
        if self.may_keep_header() {
            entry.header = Some(Arc::new(file));
        }
        ScanEvent::Found(Arc::new(entry))
    }

    fn may_keep_header(&self) -> bool {
        self.headers_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }
}

/// A DICOMDIR lists files and is none of the images itself.
fn is_directory(file: &DicomFile) -> bool {
    use dicom_dictionary_std::tags::MEDIA_STORAGE_SOP_CLASS_UID;
    file.meta.uid(MEDIA_STORAGE_SOP_CLASS_UID).as_deref() == Some(uids::MEDIA_STORAGE_DIRECTORY_STORAGE)
}
