//! From wishes to display sets, on threads of their own: what is asked for, and what became of it.
//!
//! A [`Request`] names paths or studies on a server and says how its images begin. `listing` reads headers, sorts and
//! asks for the first frames before the application has a window to show them in; `servers` knows the way to servers.

mod listing;
mod request;
mod servers;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bevy::prelude::Resource;
use crossbeam_channel::{Receiver, Sender};

use super::instance::{InstanceData, InstanceId, Set, Supplement};
use super::loader::Loader;
use super::viewport::layout::Grid;
use super::viewport::protocol::Course;
use super::wake::Waker;
use crate::launch::Protocols;
use crate::study::{CancelToken, ScanProblem, StudyIndex};

pub use request::{Asked, Beginning, Request, Requests, Source};
pub use servers::{Servers, WebOptions};

/// What the opening threads have to say.
pub enum Report {
    Progress(Progress),
    Listing(Listing),
    /// A server wants to know who asks.
    Login(Login),
}

/// What was asked for and waits for somebody's name and password.
#[derive(Debug, Clone)]
pub struct Login {
    pub request: Request,
    pub asked: Asked,
    /// The server was told, and did not accept it.
    pub refused: bool,
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
    /// What says something about images and takes no slot.
    pub supplements: Vec<Supplement>,
    /// Set when no more will come.
    pub complete: Option<Summary>,
    /// How it hangs, once everything is known.
    pub course: Option<Course>,
    pub beginning: Arc<Beginning>,
    /// It waits behind another group of its launch.
    pub behind: bool,
}

impl Listing {
    /// Everything it lists.
    pub fn instances(&self) -> impl Iterator<Item = &Arc<InstanceData>> {
        let supplements = self.supplements.iter().map(|one| &one.data);
        self.sets.iter().flat_map(|set| set.iter()).chain(supplements)
    }
}

/// How a scan ended.
#[derive(Default)]
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
    /// Nothing was shown because the server wants to know who asks.
    pub asks_who: bool,
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
    /// Everything that is being read or waits for it.
    scans: Mutex<Vec<Scan>>,
    /// Instances keep their identity when a path is opened again.
    known: Mutex<HashMap<PathBuf, Arc<InstanceData>>>,
    expectation: Mutex<Expectation>,
    servers: Servers,
}

/// Reading what one request asks for.
#[derive(Clone)]
struct Scan {
    number: u32,
    cancel: CancelToken,
    /// The user opening something else ends it.
    gives_way: bool,
    /// Nobody waits for what it found.
    given_up: Arc<AtomicBool>,
}

/// A request, numbered.
struct Task {
    scan: Scan,
    request: Request,
    behind: bool,
    /// What will be on screen first is asked for from here, before the application knows of it.
    prefetch: bool,
}

impl Opener {
    pub fn new(
        loader: Loader,
        waker: Waker,
        expectation: Expectation,
        protocols: Arc<Protocols>,
        web: WebOptions,
    ) -> Self {
        let (sender, reports) = crossbeam_channel::bounded(4);
        let inner = Arc::new(Inner {
            sender,
            loader,
            waker,
            next_instance: AtomicU32::new(0),
            next_request: AtomicU32::new(0),
            running: AtomicU32::new(0),
            protocols,
            scans: Mutex::default(),
            known: Mutex::default(),
            expectation: Mutex::new(expectation),
            servers: Servers::new(web),
        });
        Self { inner, reports }
    }

    /// Starts opening what the user chose; the result arrives as listings. A scan of a single group that still runs
    /// is given up for it.
    pub fn open(&self, request: impl Into<Request>) {
        for scan in self.inner.scans().iter().filter(|scan| scan.gives_way) {
            scan.given_up.store(true, Ordering::Relaxed);
            scan.cancel.cancel();
        }
        self.start(request.into().into(), false);
    }

    /// Starts opening one thing beside whatever else is being opened.
    pub fn open_also(&self, request: Request) {
        self.launch(request.into());
    }

    /// Starts opening what a launch asks for, beside whatever else is being opened: the group to show first, the
    /// others behind it.
    pub fn launch(&self, requests: Requests) {
        self.start(requests, true);
    }

    fn start(&self, Requests { groups, first }: Requests, prefetch: bool) {
        self.inner.loader.resume_fetching();
        let count = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        let start = self.inner.next_request.fetch_add(count, Ordering::Relaxed);
        let first = first.min(groups.len().saturating_sub(1));
        let alone = groups.len() == 1;
        let mut tasks: Vec<Task> = groups
            .into_iter()
            .enumerate()
            .zip(start..)
            .map(|((at, request), number)| Task {
                scan: Scan {
                    number,
                    cancel: CancelToken::default(),
                    gives_way: alone,
                    given_up: Arc::default(),
                },
                request,
                behind: at != first,
                prefetch: at == first && prefetch,
            })
            .collect();
        // Stable: the others keep their order.
        tasks.sort_by_key(|task| task.behind);
        self.inner.scans().extend(tasks.iter().map(|task| task.scan.clone()));
        let inner = Arc::clone(&self.inner);
        inner.running.fetch_add(1, Ordering::Relaxed);
        let spawned = std::thread::Builder::new().name("open".to_owned()).spawn(move || {
            for task in tasks {
                let number = task.scan.number;
                if !task.scan.given_up.load(Ordering::Relaxed) {
                    inner.run(task);
                }
                inner.scans().retain(|scan| scan.number != number);
            }
            inner.running.fetch_sub(1, Ordering::Relaxed);
        });
        if let Err(error) = spawned {
            self.inner.running.fetch_sub(1, Ordering::Relaxed);
            tracing::error!("nothing can be opened, no thread could be started: {error}");
        }
    }

    /// The servers there are.
    pub fn servers(&self) -> &Servers {
        &self.inner.servers
    }

    /// Keeps the expectation true while the window changes.
    pub fn expect(&self, expectation: Expectation) {
        *self.inner.expectation.lock().unwrap_or_else(PoisonError::into_inner) = expectation;
    }

    /// Ends the scans that run; what they found until then is shown.
    pub fn stop(&self) {
        self.inner.scans().iter().for_each(|scan| scan.cancel.cancel());
    }

    /// Ends the scan of a request if it still runs: nobody waits for it any more.
    pub fn give_up(&self, request: u32) {
        for scan in self.inner.scans().iter().filter(|scan| scan.number == request) {
            scan.given_up.store(true, Ordering::Relaxed);
            scan.cancel.cancel();
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
        self.is_reading() || !self.reports.is_empty()
    }

    /// Whether a scan runs.
    pub fn is_reading(&self) -> bool {
        self.inner.running.load(Ordering::Relaxed) > 0
    }

    /// Next report, if there is one.
    pub fn try_take(&self) -> Option<Report> {
        self.reports.try_recv().ok()
    }
}

impl Inner {
    fn scans(&self) -> MutexGuard<'_, Vec<Scan>> {
        self.scans.lock().unwrap_or_else(PoisonError::into_inner)
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
}
