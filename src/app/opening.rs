//! From paths to display sets, on a thread of its own: scan, sort, and ask for the first frames before the
//! application has a window to show them in.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::Resource;
use crossbeam_channel::{Receiver, Sender};

use super::instance::{InstanceData, InstanceId, Set};
use super::loader::{Job, Loader, Priority};
use super::viewport::layout::Grid;
use super::viewport::protocol::{self, Course};
use super::wake::Waker;
use crate::display;
use crate::launch::Protocols;
use crate::study::{
    self, CancelToken, DisplaySet, Entry, Filter, ScanEvent, ScanOptions, ScanProblem, ScanProgress,
    StudyIndex,
};

/// A scan that takes longer than this shows what it has so far; most are done before.
const FIRST_LISTING: Duration = Duration::from_millis(60);

/// Sorting everything found so far may take at most this share of a long scan.
const LISTING_SHARE: u32 = 8;

/// Headers kept from the scan, so that the first images are not opened twice. Each holds a file open.
const KEEP_HEADERS: usize = 64;

/// What the opening threads have to say.
pub enum Report {
    Progress(Progress),
    Listing(Listing),
}

/// How far a scan is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files looked at.
    pub files: usize,
    /// DICOM objects among them.
    pub objects: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files, {} objects", grouped(self.files), grouped(self.objects))
    }
}

/// `12 345`, with a space that does not break.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// What is known about the content of some paths.
pub struct Listing {
    /// Which of the requests this answers.
    pub request: u32,
    pub index: StudyIndex,
    /// What the viewports will show, in hanging order.
    pub sets: Vec<Set>,
    /// Set when no more will come.
    pub complete: Option<Summary>,
    /// How it hangs, once everything is known.
    pub course: Option<Course>,
}

/// How a scan ended.
pub struct Summary {
    pub failed: Vec<ScanProblem>,
    /// What is worth knowing and no failure.
    pub notes: Vec<ScanProblem>,
    pub skipped: usize,
    pub found: usize,
    /// Said where a filter left nothing: what there would have been.
    pub nothing_matched: Option<String>,
    /// The user ended it early.
    pub stopped: bool,
}

/// What to open.
#[derive(Debug, Clone)]
pub struct Request {
    pub paths: Vec<PathBuf>,
    /// Whether to go into the folders and archives of a folder.
    pub recursive: bool,
    pub filter: Filter,
}

impl From<Vec<PathBuf>> for Request {
    fn from(paths: Vec<PathBuf>) -> Self {
        Self { paths, recursive: true, filter: Filter::default() }
    }
}

/// Where the first images will be: enough to decode them at the right size before there is a window.
#[derive(Debug, Clone, Copy)]
pub struct Expectation {
    /// Area of the viewports in physical pixels.
    pub area: [u32; 2],
    pub grid: Option<Grid>,
}

/// Opens paths in the background.
#[derive(Resource, Clone)]
pub struct Opener {
    inner: Arc<Inner>,
    reports: Receiver<Report>,
}

struct Inner {
    sender: Sender<Report>,
    loader: Loader,
    waker: Waker,
    next_instance: AtomicU32,
    next_request: AtomicU32,
    running: AtomicU32,
    protocols: Arc<Protocols>,
    /// Ends the scan that runs.
    stop: Mutex<CancelToken>,
    /// Instances keep their identity when a path is opened again.
    known: Mutex<HashMap<PathBuf, Arc<InstanceData>>>,
    expectation: Mutex<Expectation>,
}

impl Opener {
    pub fn new(loader: Loader, waker: Waker, expectation: Expectation, protocols: Arc<Protocols>) -> Self {
        let (sender, reports) = crossbeam_channel::bounded(4);
        let inner = Arc::new(Inner {
            sender,
            loader,
            waker,
            next_instance: AtomicU32::new(0),
            next_request: AtomicU32::new(0),
            running: AtomicU32::new(0),
            protocols,
            stop: Mutex::default(),
            known: Mutex::default(),
            expectation: Mutex::new(expectation),
        });
        Self { inner, reports }
    }

    /// Starts opening; the result arrives as listings. A scan that still runs is given up for it.
    pub fn open(&self, request: impl Into<Request>) {
        let request = request.into();
        let number = self.inner.next_request.fetch_add(1, Ordering::Relaxed);
        let cancel = CancelToken::default();
        let old = std::mem::replace(&mut *self.inner.stop(), cancel.clone());
        old.cancel();
        let inner = Arc::clone(&self.inner);
        inner.running.fetch_add(1, Ordering::Relaxed);
        let spawned = std::thread::Builder::new().name("open".to_owned()).spawn(move || {
            inner.run(number, request, cancel);
            inner.running.fetch_sub(1, Ordering::Relaxed);
        });
        if let Err(error) = spawned {
            self.inner.running.fetch_sub(1, Ordering::Relaxed);
            tracing::error!("nothing can be opened, no thread could be started: {error}");
        }
    }

    /// Keeps the expectation true while the window changes.
    pub fn expect(&self, expectation: Expectation) {
        *self.inner.expectation.lock().unwrap_or_else(PoisonError::into_inner) = expectation;
    }

    /// Ends the scan that runs; what it found until then is shown.
    pub fn stop(&self) {
        self.inner.stop().cancel();
    }

    /// Ends the scan of a request if it still runs: nobody waits for it any more.
    pub fn give_up(&self, request: u32) {
        if self.inner.next_request.load(Ordering::Relaxed) == request + 1 {
            self.stop();
        }
    }

    /// Instances that nobody has any more; if their files are opened again, they are new ones.
    pub fn forget(&self, gone: &HashSet<InstanceId>) {
        let mut known = self.inner.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, data| !gone.contains(&data.id));
        known.shrink_to_fit();
    }

    /// Whether a scan runs or its outcome was not taken yet.
    pub fn is_busy(&self) -> bool {
        self.inner.running.load(Ordering::Relaxed) > 0 || !self.reports.is_empty()
    }

    /// Next report, if there is one.
    pub fn try_take(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }
}

/// When a scan says what it has: at once would be too often, at the end too late.
#[derive(Clone, Copy)]
struct Pace {
    next_listing: Instant,
}

impl Pace {
    fn new(started: Instant) -> Self {
        Self { next_listing: started + FIRST_LISTING }
    }

    fn listing_due(&self) -> bool {
        Instant::now() >= self.next_listing
    }

    /// The longer a listing takes, the longer until the next.
    fn listed(&mut self, took: Duration) {
        self.next_listing = Instant::now() + (took * LISTING_SHARE).max(4 * FIRST_LISTING);
    }
}

impl Inner {
    fn stop(&self) -> MutexGuard<'_, CancelToken> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, number: u32, request: Request, cancel: CancelToken) {
        let started = Instant::now();
        // Files named one by one are shown in the order they were named.
        let in_named_order = request.paths.iter().all(|path| study::is_single(path));
        let found: RefCell<Vec<Arc<Entry>>> = RefCell::default();
        let pace_cell = Cell::new(Pace::new(started));
        let options = ScanOptions {
            recursive: request.recursive,
            filter: request.filter,
            keep_headers: KEEP_HEADERS,
            cancel,
            ..ScanOptions::default()
        };
        let report = study::scan(request.paths, &options, &|event| {
            match event {
                ScanEvent::Found(entry) => found.borrow_mut().push(entry),
                ScanEvent::Progress(ScanProgress { files, objects }) => {
                    let progress = Report::Progress(Progress { files, objects });
                    // Full means that the application has not even read the last report.
                    self.sender.try_send(progress).ok();
                    self.waker.wake();
                }
                _ => {}
            }
            let (mut pace, found) = (pace_cell.get(), found.borrow());
            if pace.listing_due() && !found.is_empty() && !options.cancel.is_cancelled() {
                let sorting = Instant::now();
                self.publish(number, StudyIndex::from_entries(found.clone()), in_named_order, None);
                pace.listed(sorting.elapsed());
                pace_cell.set(pace);
            }
        });
        tracing::info!(
            target: "launch",
            instances = report.index.len(), elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
            "scan done"
        );
        if report.cancelled && self.next_request.load(Ordering::Relaxed) != number + 1 {
            // Something else is being opened: nobody waits for this any more.
            return;
        }
        let nothing_matched = (report.index.is_empty() && report.left_out.objects > 0)
            .then(|| report.left_out.explain(&options.filter));
        let summary = Summary {
            found: report.index.len(),
            failed: report.failed,
            notes: report.notes,
            skipped: report.skipped,
            nothing_matched,
            stopped: report.cancelled,
        };
        self.publish(number, report.index, in_named_order, Some(summary));
    }

    fn publish(&self, request: u32, index: StudyIndex, named: bool, complete: Option<Summary>) {
        let mut sets = study::display_sets(&index);
        if named {
            sets.sort_by_key(|set| set.instances.iter().map(|entry| entry.order).min());
        }
        let described = sets;
        let sets: Vec<_> = described.iter().map(|set| self.identify(set)).collect();
        let course = complete.as_ref().and_then(|_| self.course(request, named, &index, &described, &sets));
        if request == 0 {
            self.prefetch(&sets, course.as_ref());
        }
        let listing = Listing { request, index, sets, complete, course };
        if self.sender.send(Report::Listing(listing)).is_ok() {
            self.waker.wake();
        }
    }

    fn identify(&self, set: &DisplaySet) -> Set {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let one = |entry: &Arc<Entry>| {
            let data = known.entry(entry.path.clone()).or_insert_with(|| {
                let id = InstanceId(self.next_instance.fetch_add(1, Ordering::Relaxed));
                Arc::new(InstanceData::new(id, Arc::clone(entry)))
            });
            Arc::clone(data)
        };
        set.instances.iter().map(one).collect::<Vec<_>>().into()
    }

    /// How sets hang. Files that were named one by one keep their order unless a protocol knows better.
    fn course(
        &self,
        request: u32,
        named: bool,
        index: &StudyIndex,
        described: &[DisplaySet],
        sets: &[Set],
    ) -> Option<Course> {
        let grid = self.expectation.lock().unwrap_or_else(PoisonError::into_inner).grid;
        let asked = self.protocols.asked.as_deref().filter(|_| request == 0);
        let hanging = protocol::hanging_of(index, described, &self.protocols, grid, asked).ok()?;
        let course = Course::new(Arc::new(hanging), sets.into());
        (!named || grid.is_some() || course.is_by_protocol()).then_some(course)
    }

    /// Asks for the first frame of each viewport-to-be, reduced as it will probably be shown.
    fn prefetch(&self, sets: &[Set], course: Option<&Course>) {
        let expectation = *self.expectation.lock().unwrap_or_else(PoisonError::into_inner);
        let [width, height] = expectation.area;
        if let Some(message) = course.map(Course::message) {
            let grid = message.grid.or(expectation.grid);
            let grid = grid.unwrap_or_else(|| Grid::for_count(message.slots.len()));
            return self.want(&protocol::first_jobs(&message.slots, grid, [width, height]));
        }
        let grid = expectation.grid.unwrap_or_else(|| Grid::for_count(sets.len()));
        let jobs: Vec<Job> = sets
            .iter()
            .take(grid.cells())
            .enumerate()
            .filter_map(|(slot, set)| {
                let instance = Arc::clone(set.first()?);
                let [_, _, w, h] = grid.cell(slot, [0, 0, width, height]);
                let entry = &instance.entry;
                let (columns, rows) = (f64::from(entry.columns?), f64::from(entry.rows?));
                let scale = (columns / f64::from(w.max(1))).max(rows / f64::from(h.max(1)));
                Some(Job {
                    priority: Priority::Visible,
                    instance,
                    frame: 0,
                    level: display::choose_level(scale),
                    stats: false,
                    preview: false,
                })
            })
            .collect();
        self.want(&jobs);
    }

    fn want(&self, jobs: &[Job]) {
        let previews = jobs.iter().filter_map(Job::preview);
        self.loader.want(previews.chain(jobs.iter().cloned()).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let said = |number| grouped(number).replace('\u{a0}', " ");
        assert_eq!([0, 999, 1000, 12345, 1_234_567].map(said), ["0", "999", "1 000", "12 345", "1 234 567"]);
    }

    #[test]
    fn a_slow_listing_makes_the_next_one_wait() {
        let mut pace = Pace::new(Instant::now());
        assert!(!pace.listing_due());
        pace.listed(Duration::from_secs(1));
        assert!(pace.next_listing > Instant::now() + Duration::from_secs(7));
    }
}
