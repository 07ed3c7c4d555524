//! Several transfers at once, and what somebody at a terminal sees of them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::ends_all;
use super::keep::{self, Keep, Kept};
use super::plan::Plan;
use super::report::{Problem, Report, size};
use crate::cli::output::Progress;
use crate::dicomweb::{Transport, Watch, WebError, download_instance, download_parts};

/// Transfers at once; the client has as many turns.
const PARALLEL: usize = 6;
/// How often a transfer that broke off is begun.
const TRIES: u32 = 3;
const TICK: Duration = Duration::from_millis(200);

pub struct Job<'a> {
    pub server: &'a dyn Transport,
    pub keep: Keep,
    pub watch: Watch,
}

/// What the threads of a run share.
#[derive(Default)]
struct State {
    next: AtomicUsize,
    done: AtomicUsize,
    over: AtomicBool,
    kept: Mutex<Vec<(usize, Kept)>>,
    problems: Mutex<Vec<Problem>>,
}

impl State {
    fn kept(&self, place: usize, kept: Kept) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push((place, kept));
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn failed(&self, what: String, error: WebError) {
        // The first error that ends everything is told once; what follows from it is not.
        if ends_all(&error) && self.over.swap(true, Ordering::Relaxed) {
            return;
        }
        let problem = Problem { what, error };
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Job<'_> {
    /// Does all of it, and says what came of it.
    pub fn run(&self, study: &str, plan: Plan) -> Report {
        let started = Instant::now();
        let state = State::default();
        for what in plan.missing {
            state.failed(what, WebError::NotFound("it is not in this study".to_owned()));
        }
        let all = plan.instances.len();
        let threads = if all > 0 { PARALLEL.min(all) } else { PARALLEL.min(plan.whole.len()) };
        std::thread::scope(|scope| {
            let (finished, wait) = bounded::<()>(0);
            for _ in 0..threads {
                let (state, plan, finished) = (&state, (&plan.instances, &plan.whole), finished.clone());
                scope.spawn(move || {
                    self.work(study, plan.0, plan.1, state);
                    drop(finished);
                });
            }
            drop(finished);
            self.show(&state, all, started, &wait);
        });
        let mut kept = state.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.sort_by_key(|(place, _)| *place);
        Report {
            files: kept.into_iter().map(|(_, kept)| kept).collect(),
            problems: state.problems.into_inner().unwrap_or_else(PoisonError::into_inner),
            received: self.watch.received(),
            seconds: started.elapsed().as_secs_f64(),
        }
    }

    /// Takes what is next until there is nothing left.
    fn work(&self, study: &str, instances: &[(String, String)], whole: &[String], state: &State) {
        while !state.is_over() {
            let place = state.next.fetch_add(1, Ordering::Relaxed);
            if let Some((series, instance)) = instances.get(place) {
                match self.one(study, series, instance) {
                    Ok(kept) => state.kept(place, kept),
                    Err(error) => state.failed(format!("instance {instance}"), error),
                }
            } else if let Some(target) = instances.is_empty().then(|| whole.get(place)).flatten() {
                self.many(target, place, state);
            } else {
                return;
            }
        }
    }

    fn one(&self, study: &str, series: &str, instance: &str) -> Result<Kept, WebError> {
        if let Some(kept) = self.keep.present(series, instance)? {
            return Ok(kept);
        }
        self.keep.keep(Some((series, instance)), |file| {
            let mut made = 0;
            loop {
                made += 1;
                let done = download_instance(self.server, study, series, instance, file, &self.watch);
                match done {
                    // What broke off half-way is begun again; what never began was tried often enough.
                    Err(WebError::Cut | WebError::Silence(_)) if made < TRIES => keep::empty(file)?,
                    other => return other.map(|done| done.bytes),
                }
            }
        })
    }

    /// All objects of an answer, one after another. What an object lacks costs that object alone.
    fn many(&self, target: &str, place: usize, state: &State) {
        let taken = download_parts(self.server, target, &self.watch, &mut |part| {
            let mut broken = None;
            let kept = self
                .keep
                .keep(None, |file| part.copy_to(file).inspect_err(|error| broken = Some(error.clone())));
            match (kept, broken) {
                (Ok(kept), _) => state.kept(place, kept),
                (Err(_), Some(error)) if !matches!(error, WebError::Nonsense(_)) => return Err(error),
                (Err(error), _) if ends_all(&error) => return Err(error),
                (Err(error), _) => state.failed("an object of the answer".to_owned(), error),
            }
            Ok(())
        });
        if let Err(error) = taken {
            let what = target.rsplit('/').next().unwrap_or_default();
            state.failed(format!("everything of {what}"), error);
        }
    }

    /// Says where things stand until the last thread is done.
    fn show(&self, state: &State, all: usize, started: Instant, wait: &crossbeam_channel::Receiver<()>) {
        let progress = Progress::new();
        while wait.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            let (done, bytes) = (state.done.load(Ordering::Relaxed), self.watch.received());
            let speed = bytes as f64 / started.elapsed().as_secs_f64().max(0.001);
            let of = if all > 0 { format!(" of {all}") } else { String::new() };
            progress.say(&format!("{done}{of} files, {}, {}/s", size(bytes as f64), size(speed)));
        }
        progress.clear();
    }
}
