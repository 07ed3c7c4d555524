//! From one request to display sets: headers of files or metadata of servers, sorted, in their hanging order.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::{Asked, Inner, Listing, Login, Progress, Report, Source, Summary, Task};
use crate::app::instance::{InstanceData, InstanceId, Set, Supplement};
use crate::app::loader::{Job, Priority};
use crate::app::viewport::layout::Grid;
use crate::app::viewport::protocol::{self, Course};
use crate::dicomweb::{self, Watch, WebError};
use crate::display;
use crate::hanging;
use crate::launch::AskedProtocol;
use crate::study::{
    self, DisplaySet, Entry, Filter, ScanEvent, ScanOptions, ScanProblem, ScanProgress, StudyIndex,
};

/// Instances of a server between two words about progress.
const PROGRESS_EVERY: usize = 50;

/// How soon somebody hears of progress. What is done by then is shown and not announced.
const PROGRESS_WITHIN: Duration = Duration::from_millis(50);

/// How long a listing waits for its first pictures.
const PICTURES_WITHIN: Duration = Duration::from_millis(60);

/// A scan that takes longer than this shows what it has so far; most are done before.
const FIRST_LISTING: Duration = Duration::from_millis(60);

/// Sorting everything found so far may take at most this share of a long scan.
const LISTING_SHARE: u32 = 8;

/// Headers kept from the scan, so that the first images are not opened twice. Each holds a file open.
const KEEP_HEADERS: usize = 64;

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

/// One request under way: what was found so far.
struct Collecting<'a> {
    inner: &'a Inner,
    task: &'a Task,
    /// Files named one by one are shown in the order they were named.
    named: bool,
    found: RefCell<Vec<Arc<Entry>>>,
    pace: Cell<Pace>,
}

impl Collecting<'_> {
    fn found(&self, entry: Arc<Entry>) {
        self.found.borrow_mut().push(entry);
        self.show_if_due();
    }

    fn progress(&self, files: usize, objects: usize) {
        // Full means that the application has not even read the last report.
        self.inner.sender.try_send(Report::Progress(Progress { files, objects })).ok();
        self.inner.waker.wake_after(PROGRESS_WITHIN);
        self.show_if_due();
    }

    fn show_if_due(&self) {
        let (mut pace, found) = (self.pace.get(), self.found.borrow());
        if pace.listing_due() && !found.is_empty() && !self.task.scan.cancel.is_cancelled() {
            let sorting = Instant::now();
            self.inner.publish(self.task, StudyIndex::from_entries(found.clone()), self.named, None);
            pace.listed(sorting.elapsed());
            self.pace.set(pace);
        }
    }

    fn scan(&self, paths: Vec<PathBuf>, recursive: bool, filter: Filter) {
        let started = Instant::now();
        let cancel = self.task.scan.cancel.clone();
        let options =
            ScanOptions { recursive, filter, keep_headers: KEEP_HEADERS, cancel, ..ScanOptions::default() };
        let report = study::scan(paths, &options, &|event| match event {
            ScanEvent::Found(entry) => self.found(entry),
            ScanEvent::Progress(ScanProgress { files, objects }) => self.progress(files, objects),
            _ => self.show_if_due(),
        });
        tracing::info!(
            target: "launch",
            instances = report.index.len(), elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
            "scan done"
        );
        let nothing_matched = (report.index.is_empty() && report.left_out.objects > 0)
            .then(|| report.left_out.explain(&options.filter));
        let summary = Summary {
            found: report.index.len(),
            failed: report.failed,
            notes: report.notes,
            skipped: report.skipped,
            nothing_matched,
            stopped: report.cancelled,
            asks_who: false,
        };
        self.end(report.index, summary);
    }

    /// Metadata of a server. What is seen first comes first; the rest of the study follows into the cache, so that it
    /// is there when the server is not any more.
    fn ask(&self, asked: &Asked) {
        let started = Instant::now();
        let problem = |what: &str, error: &dyn std::fmt::Display| ScanProblem {
            path: PathBuf::from(format!("{}{what}", asked.base)),
            error: error.to_string(),
        };
        let mut summary = Summary::default();
        let reached = match self.inner.servers.reach(&asked.base, &asked.credentials) {
            Ok(reached) => reached,
            Err(error) => {
                summary.failed.push(problem("", &error));
                return self.end(StudyIndex::default(), summary);
            }
        };
        summary.notes.extend(reached.warnings.iter().map(|warning| problem("", warning)));
        let watch = Watch::ended_by(self.task.scan.cancel.clone());
        self.progress(0, 0);
        let outcome = dicomweb::open(&reached.server, &asked.wanted, &watch, &|entry| {
            self.found(entry);
            let count = self.found.borrow().len();
            if count.is_multiple_of(PROGRESS_EVERY) {
                self.progress(count, count);
            }
        });
        tracing::info!(
            target: "launch",
            instances = self.found.borrow().len(), elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
            "metadata read"
        );
        match outcome {
            Ok(report) => {
                summary.found = report.found;
                summary.stopped = report.cancelled;
                summary.failed.extend(report.problems.iter().map(|one| problem(&one.what, &one.error)));
                let offline = "the server cannot be reached; this is what was kept of it";
                summary.notes.extend(report.offline.iter().map(|what| problem(what, &offline)));
            }
            Err(WebError::Unauthorized { asked: refused }) => {
                let login = Login { request: self.task.request.clone(), asked: asked.clone(), refused };
                if self.inner.sender.send(Report::Login(login)).is_ok() {
                    self.inner.waker.wake();
                }
                summary.asks_who = true;
            }
            Err(WebError::Cancelled) => summary.stopped = true,
            Err(error) => summary.failed.push(problem("", &error)),
        }
        let index = StudyIndex::from_entries(self.found.borrow().clone());
        self.end(index, summary);
    }

    fn end(&self, index: StudyIndex, summary: Summary) {
        if !self.task.scan.given_up.load(Ordering::Relaxed) {
            self.inner.publish(self.task, index, self.named, Some(summary));
        }
    }
}

impl Inner {
    pub(super) fn run(&self, task: Task) {
        let named = match &task.request.source {
            Source::Paths { paths, .. } => paths.iter().all(|path| study::is_single(path)),
            Source::Server(_) => false,
        };
        let pace = Cell::new(Pace::new(Instant::now()));
        let collecting = Collecting { inner: self, task: &task, named, found: RefCell::default(), pace };
        match task.request.source.clone() {
            Source::Paths { paths, recursive, filter } => collecting.scan(paths, recursive, filter),
            Source::Server(asked) => collecting.ask(&asked),
        }
    }

    fn publish(&self, task: &Task, index: StudyIndex, named: bool, complete: Option<Summary>) {
        let request = task.scan.number;
        let mut sets = study::display_sets(&index);
        if named {
            sets.sort_by_key(|set| set.instances.iter().map(|entry| entry.order).min());
        }
        let described = sets;
        let sets: Vec<_> = described.iter().map(|set| self.identify(set)).collect();
        let course = complete.as_ref().and_then(|_| self.course(task, named, &index, &described, &sets));
        if task.prefetch {
            self.prefetch(task, &sets, course.as_ref());
        }
        let from_server = matches!(task.request.source, Source::Server(_));
        if from_server && complete.is_some() && self.servers.keeps() {
            self.loader.fetch_behind(sets.iter().flat_map(|set| set.iter().cloned()));
        }
        let beginning = Arc::clone(&task.request.beginning);
        let supplements = self.supplements(&index);
        let behind = task.behind;
        let listing = Listing { request, index, sets, supplements, complete, course, beginning, behind };
        let soon = task.prefetch && listing.complete.is_some() && !listing.sets.is_empty();
        if self.sender.send(Report::Listing(listing)).is_ok() {
            // The first pictures are on their way and wake the application themselves.
            if soon { self.waker.wake_after(PICTURES_WITHIN) } else { self.waker.wake() }
        }
    }

    fn identify(&self, set: &DisplaySet) -> Set {
        set.instances.iter().map(|entry| self.known(entry)).collect::<Vec<_>>().into()
    }

    fn supplements(&self, index: &StudyIndex) -> Vec<Supplement> {
        let found = study::supplements(index).into_iter();
        found.map(|(kind, entry)| Supplement { data: self.known(&entry), kind }).collect()
    }

    /// The identity of an object, the same for as long as anybody keeps it.
    fn known(&self, entry: &Arc<Entry>) -> Arc<InstanceData> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let data = known.entry(entry.path.clone()).or_insert_with(|| {
            let id = InstanceId(self.next_instance.fetch_add(1, Ordering::Relaxed));
            Arc::new(InstanceData::new(id, Arc::clone(entry)))
        });
        Arc::clone(data)
    }

    /// How sets hang. Files that were named one by one keep their order unless a protocol knows better.
    fn course(
        &self,
        task: &Task,
        named: bool,
        index: &StudyIndex,
        described: &[DisplaySet],
        sets: &[Set],
    ) -> Option<Course> {
        let grid = self.grid(task);
        let known = || Cow::Borrowed(self.protocols.all.as_slice());
        let (all, asked) = match &task.request.beginning.protocol {
            None => (known(), None),
            Some(AskedProtocol::Named(name)) => (known(), Some(name.as_str())),
            Some(AskedProtocol::Own(own)) => {
                let all = hanging::named(vec![(**own).clone()], self.protocols.all.clone());
                (Cow::Owned(all), Some(own.name.as_str()))
            }
        };
        let hanging = protocol::hanging_of(index, described, &all, grid, asked).ok()?;
        let course = Course::new(Arc::new(hanging), sets.into());
        (!named || grid.is_some() || course.is_by_protocol()).then_some(course)
    }

    /// The grid a request asks for, else the one that is chosen.
    fn grid(&self, task: &Task) -> Option<Grid> {
        let chosen = || self.expectation.lock().unwrap_or_else(PoisonError::into_inner).grid;
        task.request.beginning.grid.unwrap_or_else(chosen)
    }

    /// Asks for the first frame of each viewport-to-be, reduced as it will probably be shown.
    fn prefetch(&self, task: &Task, sets: &[Set], course: Option<&Course>) {
        let [width, height] = self.expectation.lock().unwrap_or_else(PoisonError::into_inner).area;
        let (chosen, beginning) = (self.grid(task), &task.request.beginning);
        if let Some(mut message) = course.map(Course::message) {
            beginning.lay_into(&mut message.slots);
            let grid = message.grid.or(chosen);
            let grid = grid.unwrap_or_else(|| Grid::for_count(message.slots.len()));
            return self.want(&protocol::first_jobs(&message.slots, grid, [width, height]));
        }
        let grid = chosen.unwrap_or_else(|| Grid::for_count(sets.len()));
        let jobs: Vec<Job> = sets
            .iter()
            .take(grid.cells())
            .enumerate()
            .filter_map(|(slot, set)| {
                let (instance, frame) =
                    set.at(beginning.frame.unwrap_or_default().min(set.frames().saturating_sub(1)))?;
                let [_, _, w, h] = grid.cell(slot, [0, 0, width, height]);
                let entry = &instance.entry;
                let (columns, rows) = (f64::from(entry.columns?), f64::from(entry.rows?));
                let scale = (columns / f64::from(w.max(1))).max(rows / f64::from(h.max(1)));
                Some(Job {
                    priority: Priority::Visible,
                    instance: Arc::clone(instance),
                    frame,
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
    fn a_slow_listing_makes_the_next_one_wait() {
        let mut pace = Pace::new(Instant::now());
        assert!(!pace.listing_due());
        pace.listed(Duration::from_secs(1));
        assert!(pace.next_listing > Instant::now() + Duration::from_secs(7));
    }
}
