//! Headers of everything under some paths, read on a few threads and reported as they arrive.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::dicomdir;
use super::entry::Entry;
use super::filter::{Filter, LeftOut};
use super::index::StudyIndex;
use super::walk::{self, Step, Walk};
use crate::dicom::Error;

/// Fewer threads than this leave the disk waiting, however few the cores.
const FEWEST_THREADS: usize = 4;
/// Threads beyond this wait for the disk, not for work.
const MOST_THREADS: usize = 8;

/// Progress is told this often, and cancelling is looked for at least this often.
const TICK: Duration = Duration::from_millis(50);

/// Lets somebody else end a scan. Clones share one switch.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the scan after the files that are being read right now.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How to scan.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Whether to go into the folders and archives of a folder.
    pub recursive: bool,
    /// Which objects to take.
    pub filter: Filter,
    /// Threads that read headers; `None` takes the number of cores, but at least four and at most eight.
    pub threads: Option<NonZeroUsize>,
    /// Keep the parsed headers of up to this many objects in their entries. Each holds its file open.
    pub keep_headers: usize,
    /// The switch that ends the scan early.
    pub cancel: CancelToken,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            recursive: true,
            filter: Filter::default(),
            threads: None,
            keep_headers: 0,
            cancel: CancelToken::default(),
        }
    }
}

/// How far a scan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanProgress {
    /// Files looked at.
    pub files: usize,
    /// Objects found among them, before duplicates are left out.
    pub objects: usize,
}

/// What a scan comes across, in order of arrival: with several threads not quite the order of the walk.
#[derive(Clone)]
pub enum ScanEvent {
    /// A DICOM object that was asked for.
    Found(Arc<Entry>),
    /// A path that was named or looked promising and could not be read.
    Failed(ScanProblem),
    /// A file in a folder that is not DICOM.
    Skipped(PathBuf),
    /// A DICOMDIR: it lists objects and is none.
    Directory(PathBuf),
    /// A DICOM object that the filter leaves out.
    Filtered(Arc<Entry>),
    /// Something worth knowing that is no failure.
    Note(ScanProblem),
    /// How far the scan is, some times a second.
    Progress(ScanProgress),
}

/// A path and what is to be said about it.
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
    /// What is worth knowing and no failure: what a DICOMDIR forgot, what an archive holds that is not read.
    pub notes: Vec<ScanProblem>,
    /// How many files were not DICOM objects.
    pub skipped: usize,
    /// What the filter left out.
    pub left_out: LeftOut,
    /// Whether the scan was ended early: there may be more.
    pub cancelled: bool,
}

/// Reads the headers of all files under `paths`: files, folders, archives, and files or folders in archives.
///
/// `on_event` is called on the calling thread, once for each file, while the other threads read on.
pub fn scan(paths: Vec<PathBuf>, options: &ScanOptions, on_event: &dyn Fn(ScanEvent)) -> ScanReport {
    let threads = options.threads.map_or_else(default_threads, NonZeroUsize::get);
    let shared = Shared {
        walk: Mutex::new(Walk::new(paths, options.recursive).enumerate()),
        headers_left: AtomicUsize::new(options.keep_headers),
        filter: &options.filter,
        cancel: &options.cancel,
    };
    let mut sorter = Sorter::new(&options.filter);
    std::thread::scope(|scope| {
        // Bounded, so that a listener that takes its time slows the reading instead of filling memory.
        let (sender, receiver) = sync_channel::<Message>(1024);
        for _ in 0..threads {
            let (shared, sender) = (&shared, sender.clone());
            scope.spawn(move || shared.work(&sender));
        }
        drop(sender);
        let mut told = Instant::now();
        // Leaving hangs up, which ends the threads however much they have read ahead.
        while !options.cancel.is_cancelled() {
            match receiver.recv_timeout(TICK) {
                Ok(message) => on_event(sorter.take(message)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= TICK {
                on_event(ScanEvent::Progress(sorter.progress));
                told = Instant::now();
            }
        }
    });
    sorter.finish(options.cancel.is_cancelled())
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(2, NonZeroUsize::get).clamp(FEWEST_THREADS, MOST_THREADS)
}

/// What a thread says of one step of the walk.
struct Message {
    order: usize,
    event: ScanEvent,
    forgotten_by: Option<Arc<Path>>,
}

/// Puts what arrives where it belongs.
struct Sorter {
    entries: Vec<Arc<Entry>>,
    failed: Vec<(usize, ScanProblem)>,
    notes: Vec<(usize, ScanProblem)>,
    forgotten: BTreeMap<Arc<Path>, usize>,
    skipped: usize,
    left_out: LeftOut,
    progress: ScanProgress,
}

impl Sorter {
    fn new(filter: &Filter) -> Self {
        Self {
            entries: Vec::new(),
            failed: Vec::new(),
            notes: Vec::new(),
            forgotten: BTreeMap::new(),
            skipped: 0,
            left_out: LeftOut::of(filter),
            progress: ScanProgress::default(),
        }
    }

    fn take(&mut self, message: Message) -> ScanEvent {
        let Message { order, event, forgotten_by } = message;
        self.progress.files += 1;
        match &event {
            ScanEvent::Found(entry) => {
                self.progress.objects += 1;
                self.entries.push(Arc::clone(entry));
                if let Some(directory) = forgotten_by {
                    *self.forgotten.entry(directory).or_default() += 1;
                }
            }
            ScanEvent::Filtered(entry) => {
                self.progress.objects += 1;
                self.left_out.add(entry);
            }
            ScanEvent::Failed(problem) => self.failed.push((order, problem.clone())),
            ScanEvent::Skipped(_) => self.skipped += 1,
            ScanEvent::Note(note) => {
                self.progress.files -= 1;
                self.notes.push((order, note.clone()));
            }
            ScanEvent::Directory(_) | ScanEvent::Progress(_) => {}
        }
        event
    }

    fn finish(mut self, cancelled: bool) -> ScanReport {
        let in_order = |mut problems: Vec<(usize, ScanProblem)>| {
            problems.sort_by_key(|(order, _)| *order);
            problems.into_iter().map(|(_, problem)| problem).collect()
        };
        for (directory, number) in std::mem::take(&mut self.forgotten) {
            let objects = if number == 1 { "1 object".to_owned() } else { format!("{number} objects") };
            let error = format!("this DICOMDIR does not name {objects} beside it; all are shown");
            self.notes.push((usize::MAX, ScanProblem { path: directory.to_path_buf(), error }));
        }
        ScanReport {
            index: StudyIndex::from_entries(self.entries),
            failed: in_order(self.failed),
            notes: in_order(self.notes),
            skipped: self.skipped,
            left_out: self.left_out,
            cancelled,
        }
    }
}

/// What the reading threads have in common.
struct Shared<'a> {
    walk: Mutex<std::iter::Enumerate<Walk>>,
    headers_left: AtomicUsize,
    filter: &'a Filter,
    cancel: &'a CancelToken,
}

impl Shared<'_> {
    /// Takes one file after the other until the walk ends or nobody listens.
    fn work(&self, sender: &SyncSender<Message>) {
        while let Some((order, step)) = self.next() {
            if sender.send(self.look_at(order, step)).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<(usize, Step)> {
        let mut walk = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at with the lock in hand: whoever waited for it may have waited long.
        if self.cancel.is_cancelled() { None } else { walk.next() }
    }

    fn look_at(&self, order: usize, step: Step) -> Message {
        let mut forgotten_by = None;
        let event = match step {
            Step::File(mut file) => {
                forgotten_by = file.forgotten_by.take();
                self.look_into(order, file)
            }
            Step::Directory(path) => ScanEvent::Directory(path),
            Step::Unreadable { path, error } => {
                ScanEvent::Failed(ScanProblem { path, error: plain(&error, true) })
            }
            Step::Note { path, text } => ScanEvent::Note(ScanProblem { path, error: text }),
        };
        Message { order, event, forgotten_by }
    }

    fn look_into(&self, order: usize, found: walk::File) -> ScanEvent {
        let file = match found.open() {
            Ok(file) => file,
            // A stray text file in a folder is no news; one that was named is.
            Err(Error::NotDicom) if !found.named => return ScanEvent::Skipped(found.path),
            Err(error) => {
                let error = plain(&error, found.named);
                return ScanEvent::Failed(ScanProblem { path: found.path, error });
            }
        };
        if dicomdir::is_directory(&file) && !found.named {
            return ScanEvent::Directory(found.path);
        }
        let mut entry = Entry::read(&file, found.path, order);
        entry.member = found.member;
        if !self.filter.matches(&entry) {
            return ScanEvent::Filtered(Arc::new(entry));
        }
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

/// An error without the path, which whoever prints it puts last.
fn plain(error: &Error, named: bool) -> String {
    let Error::Io { kind, message, .. } = error else { return error.to_string() };
    match kind {
        io::ErrorKind::NotFound if named => "there is no such file or folder".to_owned(),
        io::ErrorKind::NotFound => "the file went away while its folder was read".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is missing".to_owned(),
        _ => message.split(" (os error").next().unwrap_or_default().to_owned(),
    }
}
