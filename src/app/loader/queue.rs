//! The list of wanted frames and the threads that work it off.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::Resource;
use crossbeam_channel::{Receiver, Sender};

use super::decoded::DecodedFrames;
use super::fetching::{self, Fetch, Fetches};
use super::worker::{self, Loaded};
use crate::app::instance::{FrameKey, InstanceData, InstanceId};
use crate::app::wake::Waker;
use crate::dicom::{Frame, uid};
use crate::display::Texels;

/// Frames smaller than this are decoded before anybody has missed them.
const PREVIEW_PIXELS: u64 = 1 << 20;

/// Previews are an eighth of the full size, or smaller where less is shown.
const PREVIEW_LEVEL: u32 = 3;

/// Results that may wait for the application before the threads pause.
const RESULTS_IN_FLIGHT: usize = 8;

/// Blocks of memory kept for the next results, so that playing does not ask the system for more all the time.
const SPARE_BLOCKS: usize = 4;

/// Pictures that arrive within this time are drawn together.
const TOGETHER: Duration = Duration::from_millis(60);

/// What is wanted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// On screen now and slow to decode: a small picture of it first.
    Preview,
    /// On screen now.
    Visible,
    /// Next when scrolling.
    Neighbour,
}

/// A frame to decode, reduced by `2^level`.
#[derive(Clone)]
pub struct Job {
    pub priority: Priority,
    pub instance: Arc<InstanceData>,
    pub frame: u32,
    pub level: u32,
    /// Also find minimum, maximum and mean.
    pub stats: bool,
    /// Decode only as much of the data as this level needs: a picture to look at until the full one is there.
    pub preview: bool,
}

impl Job {
    pub fn key(&self) -> FrameKey {
        FrameKey { instance: self.instance.id, frame: self.frame }
    }

    /// Its result is only there until the full one is.
    pub fn is_preview(&self) -> bool {
        self.preview
    }

    /// The same frame as a preview, where its codec can give one soon and the full frame takes long.
    pub fn preview(&self) -> Option<Self> {
        let entry = &self.instance.entry;
        let pixels = u64::from(entry.columns?) * u64::from(entry.rows?);
        let helps = pixels >= PREVIEW_PIXELS && uid::has_resolutions(self.instance.transfer_syntax());
        let level = self.level.max(PREVIEW_LEVEL);
        helps.then(|| Self {
            priority: Priority::Preview,
            level,
            stats: false,
            preview: true,
            ..self.clone()
        })
    }

    /// The same frame decoded from no more of its data than its level needs, where that is less than all.
    #[must_use]
    pub fn in_motion(self) -> Self {
        let preview = self.level > 0 && uid::has_resolutions(self.instance.transfer_syntax());
        Self { preview, stats: self.stats && !preview, ..self }
    }

    fn identity(&self) -> Identity {
        (self.key(), self.level, self.stats, self.is_preview())
    }
}

/// What makes two jobs the same: frame, level, statistics, preview.
type Identity = (FrameKey, u32, bool, bool);

/// The loader: dropping the last handle ends its threads.
#[derive(Resource, Clone)]
pub struct Loader {
    shared: Arc<Shared>,
    results: Receiver<Loaded>,
    sender: Sender<Loaded>,
    waker: Waker,
    /// Ends the threads when the last clone goes.
    _stop: Arc<StopOnDrop>,
}

pub(super) struct Shared {
    state: Mutex<State>,
    work: Condvar,
    threads: usize,
    spare: Mutex<Vec<Vec<u16>>>,
    pub(super) decoded: DecodedFrames,
}

/// When the application should hear of a result.
pub(super) enum News {
    Now,
    After(Duration),
}

#[derive(Default)]
struct State {
    /// Least wanted first, so that the next job is at the end.
    wanted: Vec<Job>,
    running: HashSet<Identity>,
    fetches: Fetches,
    /// When the first result came that the application has not heard of.
    first_untold: Option<Instant>,
    stopped: bool,
}

struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.work.notify_all();
    }
}

impl Loader {
    /// Starts the threads: one a core, at least two so that a long decode does not hold up a short one.
    pub fn start(waker: Waker, decoded_budget: u64) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, NonZeroUsize::get).clamp(2, 16);
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            threads,
            spare: Mutex::default(),
            decoded: DecodedFrames::new(decoded_budget),
        });
        let (sender, results) = crossbeam_channel::bounded(RESULTS_IN_FLIGHT);
        for index in 0..threads {
            let (shared, sender, waker) = (Arc::clone(&shared), sender.clone(), waker.clone());
            let spawned = std::thread::Builder::new()
                .name(format!("decode-{index}"))
                .spawn(move || worker::run(&shared, &sender, &waker));
            if let Err(error) = spawned {
                tracing::warn!("a decoding thread could not be started: {error}");
            }
        }
        Self { _stop: Arc::new(StopOnDrop(Arc::clone(&shared))), shared, results, sender, waker }
    }

    /// Replaces everything that waits by this list; jobs that already run are left alone.
    pub fn want(&self, mut jobs: Vec<Job>) {
        // Stable, so that jobs of one priority keep the order they were given in.
        jobs.sort_by_key(|job| job.priority);
        jobs.reverse();
        let mut state = self.shared.lock();
        jobs.retain(|job| !state.running.contains(&job.identity()));
        let any = !jobs.is_empty();
        if !state.fetches.started && jobs.iter().any(|job| job.instance.source().is_some()) {
            self.start_fetching(&mut state);
        }
        state.wanted = jobs;
        drop(state);
        if any {
            self.shared.work.notify_all();
        }
    }

    /// The threads that talk to servers, started when there is one.
    fn start_fetching(&self, state: &mut State) {
        state.fetches.started = true;
        for index in 0..fetching::THREADS {
            let (shared, sender, waker) = (Arc::clone(&self.shared), self.sender.clone(), self.waker.clone());
            let spawned = std::thread::Builder::new()
                .name(format!("fetch-{index}"))
                .spawn(move || fetching::run(&shared, &sender, &waker));
            if let Err(error) = spawned {
                tracing::warn!("a fetching thread could not be started: {error}");
            }
        }
    }

    /// Fetches all frames of instances from their servers, after everything that is wanted.
    pub fn fetch_behind(&self, instances: impl Iterator<Item = Arc<InstanceData>>) {
        let mut state = self.shared.lock();
        state.fetches.add_behind(instances);
        if !state.fetches.started {
            self.start_fetching(&mut state);
        }
        drop(state);
        self.shared.work.notify_all();
    }

    /// Asks servers for nothing more.
    pub fn stop_fetching(&self) {
        self.shared.lock().fetches.stop();
        self.shared.work.notify_all();
    }

    /// Asks servers again.
    pub fn resume_fetching(&self) {
        self.shared.lock().fetches.stopped = false;
        self.shared.work.notify_all();
    }

    /// Whether anything waits or runs.
    pub fn is_busy(&self) -> bool {
        self.has_work() || !self.results.is_empty()
    }

    /// Whether a frame waits or is worked on, rather than waits to be taken.
    pub fn has_work(&self) -> bool {
        let state = self.shared.lock();
        !state.wanted.is_empty() || !state.running.is_empty()
    }

    /// Frames that are decoded at the same time.
    pub fn threads(&self) -> usize {
        self.shared.threads
    }

    /// Next finished job, if there is one.
    pub fn try_take(&self) -> Option<Loaded> {
        self.results.try_recv().ok()
    }

    /// Lets go of the decoded frames of some instances.
    pub fn forget(&self, gone: &HashSet<InstanceId>) {
        self.shared.lock().fetches.forget(gone);
        self.shared.decoded.forget(gone);
    }

    /// Takes the memory of texels that were uploaded.
    pub fn recycle(&self, texels: Texels) {
        if let Texels::U16(block) = texels {
            let mut spare = self.shared.spare.lock().unwrap_or_else(PoisonError::into_inner);
            if spare.len() < SPARE_BLOCKS {
                spare.push(block);
            }
        }
    }

    /// Whether it matters by now which decoded frames are needed.
    pub fn is_pressed(&self) -> bool {
        self.shared.decoded.is_pressed()
    }

    /// Says in how many frames each is needed.
    pub fn need(&self, needs: HashMap<FrameKey, u32>) {
        self.shared.decoded.need(needs);
    }

    /// A decoded frame that happens to be kept.
    pub fn decoded(&self, key: FrameKey) -> Option<Arc<Frame>> {
        self.shared.decoded.get(key)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory to lay texels into, used before if there is some.
    pub(super) fn memory(&self) -> Vec<u16> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Waits for the most wanted job; `None` when the loader is gone.
    pub(super) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            // What is still far is for the threads that fetch.
            let at = state.wanted.iter().rposition(|job| !job.instance.is_far(job.frame));
            if let Some(at) = at {
                let job = state.wanted.remove(at);
                state.running.insert(job.identity());
                return Some(job);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for something to fetch; `None` when the loader is gone.
    pub(super) fn next_fetch(&self) -> Option<Fetch> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            let State { fetches, wanted, .. } = &mut *state;
            if let Some(fetch) = fetches.next(wanted) {
                return Some(fetch);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn fetching_is_stopped(&self) -> bool {
        let state = self.lock();
        state.stopped || state.fetches.stopped
    }

    /// A fetch ended: those who decode may have something to do.
    pub(super) fn fetched(&self, note: impl FnOnce(&mut Fetches)) {
        note(&mut self.lock().fetches);
        self.work.notify_all();
    }

    /// Nobody can work on this frame.
    pub(super) fn drop_jobs(&self, key: FrameKey) {
        self.lock().wanted.retain(|job| job.key() != key);
    }

    /// Several pictures that come on screen one shortly after another are drawn together: where drawing is slow,
    /// drawing each of them would keep the others from arriving. Frames that play or scroll are told at once.
    pub(super) fn news(&self) -> News {
        let mut state = self.lock();
        let now = Instant::now();
        let only_pictures = state.wanted.iter().all(|job| job.priority < Priority::Neighbour);
        let more = !state.running.is_empty() || !state.wanted.is_empty();
        if !only_pictures || !more {
            state.first_untold = None;
            return News::Now;
        }
        let first = *state.first_untold.get_or_insert(now);
        let since = now.duration_since(first);
        if since < TOGETHER {
            return News::After(TOGETHER.saturating_sub(since));
        }
        state.first_untold = None;
        News::Now
    }

    pub(super) fn finished(&self, job: &Job) {
        self.lock().running.remove(&job.identity());
    }
}
