//! From paths to display sets, on a thread of its own: scan, sort, and ask for the first frames before the
//! application has a window to show them in.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::Resource;
use crossbeam_channel::{Receiver, Sender};

use super::instance::{InstanceData, InstanceId};
use super::loader::{Job, Loader, Priority};
use super::viewport::layout::Grid;
use super::wake::Waker;
use crate::display;
use crate::study::{self, DisplaySet, Entry, ScanEvent, ScanOptions, ScanProblem, StudyIndex};

/// A long scan reports what it has so far this often.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// Headers kept from the scan, so that the first images are not opened twice. Each holds a file open.
const KEEP_HEADERS: usize = 64;

/// What is known about the content of some paths.
pub struct Listing {
    pub index: StudyIndex,
    /// What the viewports will show, in hanging order.
    pub sets: Vec<Vec<Arc<InstanceData>>>,
    /// Set when no more will come.
    pub complete: Option<Summary>,
}

/// How a scan ended.
pub struct Summary {
    pub failed: Vec<ScanProblem>,
    pub skipped: usize,
    pub found: usize,
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
    listings: Receiver<Listing>,
}

struct Inner {
    sender: Sender<Listing>,
    loader: Loader,
    waker: Waker,
    next_instance: AtomicU32,
    next_request: AtomicU32,
    /// Instances keep their identity when a path is opened again.
    known: Mutex<HashMap<PathBuf, Arc<InstanceData>>>,
    expectation: Mutex<Expectation>,
}

impl Opener {
    pub fn new(loader: Loader, waker: Waker, expectation: Expectation) -> Self {
        let (sender, listings) = crossbeam_channel::bounded(4);
        let inner = Arc::new(Inner {
            sender,
            loader,
            waker,
            next_instance: AtomicU32::new(0),
            next_request: AtomicU32::new(0),
            known: Mutex::default(),
            expectation: Mutex::new(expectation),
        });
        Self { inner, listings }
    }

    /// Starts opening; the result arrives as listings.
    pub fn open(&self, paths: Vec<PathBuf>) {
        let request = self.inner.next_request.fetch_add(1, Ordering::Relaxed);
        let inner = Arc::clone(&self.inner);
        let spawned =
            std::thread::Builder::new().name("open".to_owned()).spawn(move || inner.run(request, paths));
        if let Err(error) = spawned {
            tracing::error!("nothing can be opened, no thread could be started: {error}");
        }
    }

    /// Keeps the expectation true while the window changes.
    pub fn expect(&self, expectation: Expectation) {
        *self.inner.expectation.lock().unwrap_or_else(PoisonError::into_inner) = expectation;
    }

    /// Next listing, if there is one.
    pub fn try_take(&self) -> Option<Listing> {
        self.listings.try_recv().ok()
    }
}

impl Inner {
    fn run(&self, request: u32, paths: Vec<PathBuf>) {
        let started = Instant::now();
        // Files named one by one are shown in the order they were named.
        let in_named_order = paths.iter().all(|path| path.is_file());
        let found: RefCell<Vec<Arc<Entry>>> = RefCell::default();
        let reported = Cell::new(Instant::now());
        let options = ScanOptions { keep_headers: KEEP_HEADERS, ..ScanOptions::default() };
        let report = study::scan(paths, &options, &|event| {
            if let ScanEvent::Found(entry) = event {
                found.borrow_mut().push(entry);
            }
            if reported.get().elapsed() > REPORT_EVERY && !found.borrow().is_empty() {
                let index = StudyIndex::from_entries(found.borrow().clone());
                self.publish(request, index, in_named_order, None);
                reported.set(Instant::now());
            }
        });
        tracing::info!(
            target: "launch",
            instances = report.index.len(), elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
            "scan done"
        );
        let summary = Summary { found: report.index.len(), failed: report.failed, skipped: report.skipped };
        self.publish(request, report.index, in_named_order, Some(summary));
    }

    fn publish(&self, request: u32, index: StudyIndex, named: bool, complete: Option<Summary>) {
        let mut sets = study::display_sets(&index);
        if named {
            sets.sort_by_key(|set| set.instances.iter().map(|entry| entry.order).min());
        }
        let sets: Vec<_> = sets.iter().map(|set| self.identify(set)).collect();
        if request == 0 {
            self.prefetch(&sets);
        }
        let listing = Listing { index, sets, complete };
        if self.sender.send(listing).is_ok() {
            self.waker.wake();
        }
    }

    fn identify(&self, set: &DisplaySet) -> Vec<Arc<InstanceData>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let one = |entry: &Arc<Entry>| {
            let data = known.entry(entry.path.clone()).or_insert_with(|| {
                let id = InstanceId(self.next_instance.fetch_add(1, Ordering::Relaxed));
                Arc::new(InstanceData::new(id, Arc::clone(entry)))
            });
            Arc::clone(data)
        };
        set.instances.iter().map(one).collect()
    }

    /// Asks for the first frame of each viewport-to-be, reduced as it will probably be shown.
    fn prefetch(&self, sets: &[Vec<Arc<InstanceData>>]) {
        let expectation = *self.expectation.lock().unwrap_or_else(PoisonError::into_inner);
        let grid = expectation.grid.unwrap_or_else(|| Grid::for_count(sets.len()));
        let [width, height] = expectation.area;
        let jobs = sets.iter().take(grid.cells()).enumerate().filter_map(|(slot, set)| {
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
            })
        });
        self.loader.want(jobs.collect());
    }
}
