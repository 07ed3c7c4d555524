//! Bringing frames here from servers, so that the threads that decode never wait for a network.
//!
//! A wanted frame whose bytes are still far is taken by one of these threads and not by one that decodes; once the
//! bytes are here it is decoded like any other. What nobody waits for yet, the rest of the studies that are open, is
//! fetched by a part of the threads behind everything that is wanted.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::queue::{Job, Shared};
use super::worker::Loaded;
use crate::app::instance::{FrameKey, InstanceData, InstanceId};
use crate::app::wake::Waker;

/// Requests under way at the same time.
pub(super) const THREADS: usize = 6;
/// Of these, how many may fetch what nobody waits for.
const BEHIND: usize = 3;

const STOPPED: &str = "loading was stopped; F5 asks again";

/// What is being fetched, and what comes after all that is wanted.
#[derive(Default)]
pub(super) struct Fetches {
    pub(super) started: bool,
    running: HashSet<FrameKey>,
    /// Requests for what nobody waits for.
    running_behind: usize,
    behind: VecDeque<Behind>,
    /// The user wants nothing more from servers.
    pub(super) stopped: bool,
}

struct Behind {
    instance: Arc<InstanceData>,
    next: u32,
}

/// Some frames of one instance, and the job that waits for the first of them.
pub(super) struct Fetch {
    instance: Arc<InstanceData>,
    frames: Vec<u32>,
    job: Option<Job>,
}

impl Fetches {
    pub(super) fn add_behind(&mut self, instances: impl Iterator<Item = Arc<InstanceData>>) {
        if self.stopped {
            return;
        }
        let far = instances.filter(|instance| instance.entry.has_pixels && instance.source().is_some());
        self.behind.extend(far.map(|instance| Behind { instance, next: 0 }));
    }

    pub(super) fn forget(&mut self, gone: &HashSet<InstanceId>) {
        self.behind.retain(|one| !gone.contains(&one.instance.id));
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.behind.clear();
    }

    /// The most wanted frames that are far and that nobody fetches, else some that nobody waits for.
    pub(super) fn next(&mut self, wanted: &[Job]) -> Option<Fetch> {
        let is_open = |job: &&Job| !self.running.contains(&job.key()) && job.instance.is_far(job.frame);
        if let Some(job) = wanted.iter().rev().find(is_open) {
            let most = job.instance.source().map_or(1, |source| source.batch()).max(1) as usize;
            let mut frames = vec![job.frame];
            for other in wanted.iter().rev().filter(|other| other.instance.id == job.instance.id) {
                if frames.len() >= most {
                    break;
                }
                if !frames.contains(&other.frame) && is_open(&other) {
                    frames.push(other.frame);
                }
            }
            return Some(self.begin(Arc::clone(&job.instance), frames, Some(job.clone())));
        }
        while self.running_behind < BEHIND
            && let Some(Behind { instance, next }) = self.behind.pop_front()
        {
            let most = instance.source().map_or(1, |source| source.batch()).max(1);
            let end = next.saturating_add(most).min(instance.frames());
            let is_open = |frame: &u32| {
                let key = FrameKey { instance: instance.id, frame: *frame };
                !self.running.contains(&key) && instance.is_far(*frame)
            };
            let frames: Vec<u32> = (next..end).filter(is_open).collect();
            if end < instance.frames() {
                self.behind.push_front(Behind { instance: Arc::clone(&instance), next: end });
            }
            if !frames.is_empty() {
                self.running_behind += 1;
                return Some(self.begin(instance, frames, None));
            }
        }
        None
    }

    fn begin(&mut self, instance: Arc<InstanceData>, frames: Vec<u32>, job: Option<Job>) -> Fetch {
        self.running.extend(frames.iter().map(|frame| FrameKey { instance: instance.id, frame: *frame }));
        Fetch { instance, frames, job }
    }

    fn ended(&mut self, fetch: &Fetch) {
        for frame in &fetch.frames {
            self.running.remove(&FrameKey { instance: fetch.instance.id, frame: *frame });
        }
        if fetch.job.is_none() {
            self.running_behind -= 1;
        }
    }
}

/// Works until the loader is gone.
pub(super) fn run(shared: &Shared, results: &Sender<Loaded>, waker: &Waker) {
    while let Some(fetch) = shared.next_fetch() {
        let fetched = match fetch.instance.source() {
            Some(_) if shared.fetching_is_stopped() => Err(STOPPED.to_owned()),
            Some(source) => {
                let fetched = source.fetch(&fetch.frames, &|| shared.fetching_is_stopped());
                fetched.map_err(|error| format!("{error}; F5 asks again"))
            }
            None => Ok(()),
        };
        let failed = fetch.job.as_ref().and_then(|job| {
            // One frame of several that cannot be had must not cost the others.
            let still_far = job.instance.is_far(job.frame);
            let reason = match fetched {
                Err(reason) => reason,
                Ok(()) if shared.fetching_is_stopped() => STOPPED.to_owned(),
                Ok(()) => "the server did not send this frame; F5 asks again".to_owned(),
            };
            still_far.then(|| Loaded {
                key: job.key(),
                level: job.level,
                preview: false,
                took: Duration::ZERO,
                result: Err(reason),
                warnings: Vec::new(),
            })
        });
        if let Some(failed) = &failed {
            shared.drop_jobs(failed.key);
        }
        shared.fetched(|fetches| fetches.ended(&fetch));
        if let Some(failed) = failed {
            if results.send(failed).is_err() {
                return;
            }
            waker.wake();
        }
    }
}

#[cfg(test)]
#[path = "fetching_tests.rs"]
mod tests;
