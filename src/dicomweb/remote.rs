//! One instance on a server: its frames one by one, or the whole of it where the server does not have those.
//!
//! A frame is asked for once, however many want it: the others wait for the first. What came is kept in memory
//! and, later, on disk. Errors that pass are forgotten after a moment, the others are not.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::WebError;
use super::arriving::{Flow, TICK};
use super::retrieve::{self, Sent};
use super::server::Server;
use crate::dicom::{EncodedFrame, Error, FrameSource, Image, Supplied};

/// An error that may pass is the answer for this long.
const RETRY: Duration = Duration::from_secs(2);
/// Requests for one frame when connections break.
const TRIES: u32 = 3;
/// Single frames of at least so many bytes come with their object.
const WHOLE_FROM: u64 = 4 << 20;

/// What is known of an instance without asking for it.
pub(super) struct Known {
    /// `/studies/…/series/…/instances/…`.
    pub(super) target: String,
    pub(super) frames: u32,
    /// Lengths a native frame may have; empty where frames do not begin at bytes and cannot be told apart.
    pub(super) lengths: Vec<u64>,
    /// Addresses of values that were not sent with the metadata.
    pub(super) bulk: Vec<Vec<String>>,
}

/// See the module.
pub(super) struct Remote {
    pub(super) server: Arc<Server>,
    pub(super) known: Known,
    /// Its number on the server.
    object: u32,
    state: Mutex<State>,
    changed: Condvar,
    /// Frames were refused: the whole it is.
    only_whole: AtomicBool,
    /// Bytes of the largest frame so far.
    largest: AtomicU64,
}

#[derive(Default)]
struct State {
    flying: HashSet<u32>,
    failed: HashMap<u32, Failure>,
    whole: Whole,
}

#[derive(Default)]
enum Whole {
    #[default]
    Unasked,
    Flying,
    There(Image, Arc<Flow>),
    Failed(Failure),
}

#[derive(Clone)]
struct Failure {
    error: WebError,
    at: Instant,
}

impl Failure {
    fn new(error: WebError) -> Self {
        Self { error, at: Instant::now() }
    }

    fn holds(&self) -> bool {
        let lasts = matches!(
            self.error,
            WebError::NotFound(_) | WebError::Forbidden | WebError::NotAcceptable | WebError::TooLarge(_)
        );
        lasts || self.at.elapsed() < RETRY
    }
}

impl Remote {
    pub(super) fn new(server: &Arc<Server>, known: Known) -> Self {
        let largest = known.lengths.first().copied().unwrap_or(0);
        Self {
            object: server.next_object(),
            server: Arc::clone(server),
            only_whole: AtomicBool::new(known.lengths.is_empty()),
            known,
            state: Mutex::default(),
            changed: Condvar::new(),
            largest: AtomicU64::new(largest),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, frame: u32) -> super::cache::Key {
        self.server.key("frame", &self.known.target, &frame.to_string())
    }

    fn whole(&self) -> Option<Image> {
        let mut state = self.lock();
        if let Whole::There(image, flow) = &state.whole {
            match flow.failure() {
                None => return Some(image.clone()),
                Some(error) => state.whole = Whole::Failed(Failure::new(error)),
            }
        }
        None
    }

    /// What is here of a frame.
    fn here(&self, frame: u32) -> Option<Supplied> {
        if let Some(image) = self.whole() {
            return Some(Supplied::Whole(image));
        }
        let place = (self.object, frame);
        if let Some(frame) = self.server.memory.get(place) {
            return Some(Supplied::Frame(frame));
        }
        let (note, bytes) = self.server.options.cache.as_ref()?.get(&self.key(frame))?;
        let frame = EncodedFrame { bytes: Arc::new(bytes), transfer_syntax: Arc::from(note) };
        self.server.memory.put(place, frame.clone());
        Some(Supplied::Frame(frame))
    }

    fn fits(&self, sent: &Sent) -> bool {
        retrieve::fits(sent, &self.known.lengths)
    }

    /// A frame has come: it is there for everybody.
    fn arrived(&self, frame: u32, sent: Sent) {
        let encoded =
            EncodedFrame { bytes: Arc::new(sent.bytes), transfer_syntax: Arc::from(sent.transfer_syntax) };
        self.largest.fetch_max(encoded.bytes.len() as u64, Ordering::Relaxed);
        self.server.memory.put((self.object, frame), encoded.clone());
        let mut state = self.lock();
        state.flying.remove(&frame);
        state.failed.remove(&frame);
        drop(state);
        self.changed.notify_all();
        if let Some(cache) = &self.server.options.cache {
            cache.put_later(self.key(frame), &encoded.transfer_syntax, encoded.bytes);
        }
    }

    /// Asks for frames, and for the whole where frames cannot be had. What comes is there at once.
    fn request(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), WebError> {
        let refused = self.only_whole.load(Ordering::Relaxed) || !self.server.has_frames();
        if refused || retrieve::is_kept(&self.server, &self.known.target) {
            return self.request_whole(stop);
        }
        if self.is_large_and_single() {
            match self.request_whole(stop) {
                Err(error) if is_refusal(&error) => {}
                done => return done,
            }
        }
        let refused = match self.request_frames(frames, stop) {
            Ok(()) => {
                self.server.frames_worked();
                return Ok(());
            }
            Err(error) if is_refusal(&error) => error,
            Err(error) => return Err(error),
        };
        match self.request_whole(stop) {
            Ok(()) => {
                tracing::info!("frames cannot be had one by one ({refused}); whole objects are fetched");
                self.server.frames_refused();
                self.only_whole.store(true, Ordering::Relaxed);
                Ok(())
            }
            // What was said first was about the frame itself.
            Err(error) if is_refusal(&error) => Err(refused),
            Err(error) => Err(error),
        }
    }

    /// Of a large single frame the whole is hardly longer, and most servers hand it out as it lies on their disk, where a
    /// frame has to be cut out of it. Each holds a file open here, so that the thousand slices of a stack come as frames.
    fn is_large_and_single(&self) -> bool {
        self.known.frames == 1 && self.known.lengths.first().is_some_and(|length| *length >= WHOLE_FROM)
    }

    fn request_frames(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), WebError> {
        let mut left = frames.to_vec();
        let mut tries = 0;
        loop {
            let asked = left.clone();
            let mut take = |frame: u32, sent: Sent| {
                if !self.fits(&sent) {
                    return Err(WebError::Nonsense("a frame has another length than the image".to_owned()));
                }
                left.retain(|other| *other != frame);
                self.arrived(frame, sent);
                Ok(())
            };
            let frame_size = self.largest.load(Ordering::Relaxed);
            let asked_for = retrieve::Asked { target: &self.known.target, frames: &asked, frame_size };
            match retrieve::frames(&self.server, &asked_for, stop, &mut take) {
                Ok(()) if left.is_empty() => return Ok(()),
                Ok(()) if left.len() < asked.len() => {}
                Ok(()) => return Err(WebError::Nonsense("there is no frame in the answer".to_owned())),
                // One may be had where several may not.
                Err(error) if is_refusal(&error) && asked.len() > 1 && left.len() == asked.len() => {
                    let (first, rest) = asked.split_at(1);
                    self.request_frames(first, stop)?;
                    self.server.lists_failed();
                    for frame in rest {
                        self.request_frames(&[*frame], stop)?;
                    }
                    return Ok(());
                }
                Err(WebError::Cut | WebError::Silence(_)) if tries + 1 < TRIES && !stop() => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn request_whole(&self, stop: &dyn Fn() -> bool) -> Result<(), WebError> {
        {
            let mut state = self.lock();
            loop {
                match &state.whole {
                    Whole::There(..) => return Ok(()),
                    Whole::Failed(failure) if failure.holds() => return Err(failure.error.clone()),
                    Whole::Unasked | Whole::Failed(_) => break,
                    Whole::Flying if stop() => return Err(WebError::Cancelled),
                    Whole::Flying => {
                        let waited = self.changed.wait_timeout(state, TICK);
                        state = waited.unwrap_or_else(PoisonError::into_inner).0;
                    }
                }
            }
            state.whole = Whole::Flying;
        }
        let mut result = self.fetch_whole(stop);
        for _ in 1..TRIES {
            if stop() || !matches!(result, Err(WebError::Cut | WebError::Silence(_))) {
                break;
            }
            result = self.fetch_whole(stop);
        }
        let mut state = self.lock();
        let answer = match result {
            Ok((image, flow)) => {
                state.whole = Whole::There(image, flow);
                Ok(())
            }
            Err(WebError::Cancelled) => {
                state.whole = Whole::Unasked;
                Err(WebError::Cancelled)
            }
            Err(error) => {
                state.whole = Whole::Failed(Failure::new(error.clone()));
                Err(error)
            }
        };
        drop(state);
        self.changed.notify_all();
        answer
    }

    fn fetch_whole(&self, stop: &dyn Fn() -> bool) -> Result<(Image, Arc<Flow>), WebError> {
        let (image, flow) = retrieve::whole(&self.server, &self.known.target)?;
        // Whoever decodes a single frame needs all of it, and shall not wait for a network.
        if self.known.frames == 1 {
            flow.wait_unless(stop)?;
        }
        Ok((image, flow))
    }

    /// Brings frames here, or waits for those who do.
    fn bring(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), WebError> {
        loop {
            if stop() || self.server.watch.cancel.is_cancelled() {
                return Err(WebError::Cancelled);
            }
            let mut missing: Vec<u32> =
                frames.iter().copied().filter(|frame| !self.is_local(*frame)).collect();
            missing.retain(|frame| *frame < self.known.frames);
            if missing.is_empty() {
                return Ok(());
            }
            let mine = {
                let mut state = self.lock();
                if let Some(failure) = missing.iter().find_map(|frame| state.failed.get(frame))
                    && failure.holds()
                {
                    return Err(failure.error.clone());
                }
                // What came between the two looks is in memory before it is no longer on its way.
                if missing.iter().any(|frame| self.server.memory.has((self.object, *frame))) {
                    continue;
                }
                let batch = self.batch() as usize;
                let free = missing.iter().copied().filter(|frame| !state.flying.contains(frame));
                let mine: Vec<u32> = free.take(batch).collect();
                if mine.is_empty() {
                    // Somebody else brings them.
                    drop(self.changed.wait_timeout(state, TICK));
                    continue;
                }
                state.flying.extend(mine.iter().copied());
                mine
            };
            let _landing = Landing { remote: self, frames: &mine };
            if let Err(error) = self.request(&mine, stop) {
                let mut state = self.lock();
                if error != WebError::Cancelled {
                    let failure = Failure::new(error.clone());
                    let lost = mine.iter().filter(|frame| state.flying.contains(*frame)).copied();
                    let lost: Vec<u32> = lost.collect();
                    state.failed.extend(lost.into_iter().map(|frame| (frame, failure.clone())));
                }
                return Err(error);
            }
        }
    }
}

/// Frames are not on their way any more, whatever happened.
struct Landing<'a> {
    remote: &'a Remote,
    frames: &'a [u32],
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let mut state = self.remote.lock();
        for frame in self.frames {
            state.flying.remove(frame);
        }
        drop(state);
        self.remote.changed.notify_all();
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.server.memory.forget(self.object);
    }
}

impl FrameSource for Remote {
    fn frame(&self, frame: u32) -> Result<Supplied, Error> {
        // What was brought may be pushed out of memory before it is taken, if everybody is in a hurry.
        for _ in 0..TRIES {
            if let Some(supplied) = self.here(frame) {
                return Ok(supplied);
            }
            self.bring(&[frame], &|| false).map_err(as_error)?;
        }
        self.here(frame).ok_or_else(|| as_error(WebError::Io("there is too little memory".to_owned())))
    }

    fn is_local(&self, frame: u32) -> bool {
        self.whole().is_some()
            || self.server.memory.has((self.object, frame))
            || self.server.options.cache.as_ref().is_some_and(|cache| cache.has(&self.key(frame)))
    }

    fn fetch(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), Error> {
        self.bring(frames, stop).map_err(as_error)
    }

    fn batch(&self) -> u32 {
        self.server.batch(self.largest.load(Ordering::Relaxed)).min(self.known.frames.max(1))
    }

    fn value(&self, number: u32) -> Result<Vec<u8>, Error> {
        let places = usize::try_from(number).ok().and_then(|number| self.known.bulk.get(number));
        let places =
            places.ok_or_else(|| as_error(WebError::NotFound("pixel data as one value".to_owned())))?;
        retrieve::bulk(&self.server, places, retrieve::MOST_VALUE, &self.server.watch).map_err(as_error)
    }

    fn label(&self) -> String {
        format!("{}{}", self.server.transport.base(), self.known.target)
    }
}

/// Whether a server says that it cannot do this, in one of the ways servers say it.
fn is_refusal(error: &WebError) -> bool {
    match error {
        WebError::NotFound(_) | WebError::NotAcceptable | WebError::Nonsense(_) => true,
        WebError::Status { code, .. } => !matches!(code, 408 | 425 | 429 | 502 | 503 | 504),
        _ => false,
    }
}

pub(super) fn as_error(error: WebError) -> Error {
    Error::Remote { passing: error.is_passing(), message: error.to_string() }
}
