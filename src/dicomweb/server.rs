//! One server as frames and studies are fetched from it: what it can do, what it costs, and what is kept of it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cache::{Cache, Key};
use super::memory::Memory;
use super::{Answer, Transport, Watch, WebError};
use crate::launch::Credentials;

/// Frames as the server has them: nothing is decompressed or compressed for us.
pub(super) const FRAME_WAYS: [&str; 2] = [
    r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#,
    // A server that does not know the asterisk; it may decompress.
    r#"multipart/related; type="application/octet-stream", multipart/related; type="image/jp2", multipart/related; type="image/jls", multipart/related; type="image/jpeg""#,
];

/// Whole objects, in the form with which the least is done to them.
pub(super) const WHOLE_WAYS: [&str; 4] = [
    r#"multipart/related; type="application/dicom"; transfer-syntax=*"#,
    "application/dicom; transfer-syntax=*",
    r#"multipart/related; type="application/dicom""#,
    "application/dicom",
];

/// Bulk data.
pub(super) const BULK_WAYS: [&str; 3] =
    [r#"multipart/related; type="application/octet-stream""#, "application/octet-stream", "*/*"];

/// So many objects without a single frame, and frames are not asked for any more.
const REFUSALS: u32 = 2;
/// Frames in one request.
const MOST_FRAMES: u32 = 32;
/// Bytes in one request for several frames.
const MOST_BYTES: u64 = 64 << 20;

/// How a server is used.
#[derive(Clone)]
pub struct ServerOptions {
    /// Where things are kept; `None` keeps nothing on disk.
    pub cache: Option<Arc<Cache>>,
    /// Bytes of frames kept in memory.
    pub memory: u64,
    /// Who asks, as [`identity`] says: what one user saw is not shown to another.
    pub identity: String,
    /// Requests for metadata at the same time.
    pub parallel: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { cache: None, memory: 256 << 20, identity: String::new(), parallel: 4 }
    }
}

/// Who asks, without what proves it.
pub fn identity(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Basic { user, .. } => format!("basic {user}"),
        other => other.kind().to_owned(),
    }
}

/// Bytes that came and bytes that were announced, for those who wait.
#[derive(Debug, Default)]
pub struct Progress {
    received: AtomicU64,
    expected: AtomicU64,
    running: AtomicU32,
}

impl Progress {
    /// Bytes of objects and frames received.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Bytes that are there when all that was asked for has come.
    pub fn expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed).max(self.received())
    }

    /// Requests that have not ended.
    pub fn running(&self) -> u32 {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn begin(self: &Arc<Self>, announced: u64) -> Transfer {
        self.expected.fetch_add(announced, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Transfer { progress: Arc::clone(self), announced, received: 0 }
    }
}

/// One request's share of the progress.
pub(super) struct Transfer {
    progress: Arc<Progress>,
    announced: u64,
    received: u64,
}

impl Transfer {
    pub(super) fn add(&mut self, bytes: u64) {
        self.received += bytes;
        self.progress.received.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        // What was announced and did not come is not waited for any more.
        let progress = &self.progress;
        progress.expected.fetch_add(self.received, Ordering::Relaxed);
        progress.expected.fetch_sub(self.announced, Ordering::Relaxed);
        progress.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What requests for frames have cost so far.
#[derive(Debug, Default, Clone, Copy)]
struct Pace {
    /// Seconds until an answer begins.
    head: f64,
    /// Bytes a second after that.
    rate: f64,
}

/// A server and what was learned about it. Objects that were opened keep it.
pub struct Server {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) options: ServerOptions,
    pub(super) memory: Memory,
    /// Of everything that is fetched after a study was opened.
    pub(super) watch: Watch,
    pub(super) progress: Arc<Progress>,
    pub(super) frame_way: AtomicUsize,
    pub(super) whole_way: AtomicUsize,
    pub(super) bulk_way: AtomicUsize,
    frames_work: AtomicBool,
    refusals: AtomicU32,
    lists_fail: AtomicBool,
    pace: Mutex<Pace>,
    objects: AtomicU32,
}

impl Server {
    pub fn new(transport: Arc<dyn Transport>, options: ServerOptions) -> Arc<Self> {
        Arc::new(Self {
            transport,
            memory: Memory::new(options.memory),
            options,
            watch: Watch::default(),
            progress: Arc::default(),
            frame_way: AtomicUsize::new(0),
            whole_way: AtomicUsize::new(0),
            bulk_way: AtomicUsize::new(0),
            frames_work: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            lists_fail: AtomicBool::new(false),
            pace: Mutex::default(),
            objects: AtomicU32::new(0),
        })
    }

    /// How much came of what was asked for, all studies of this server together.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Ends everything that is being fetched, now and for good.
    pub fn stop(&self) {
        self.watch.cancel.cancel();
    }

    pub(super) fn next_object(&self) -> u32 {
        self.objects.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn key(&self, what: &str, target: &str, part: &str) -> Key {
        Key::of(&[what, self.transport.base(), &self.options.identity, target, part])
    }

    /// The same request in the forms servers may want, from the one that worked before. Answers which it was.
    pub(super) fn get_by(
        &self,
        target: &str,
        ways: &[&str],
        first: &AtomicUsize,
        watch: &Watch,
    ) -> Result<Answer, WebError> {
        let start = first.load(Ordering::Relaxed).min(ways.len());
        let order = (start..ways.len()).chain(0..start);
        let mut refused = WebError::NotAcceptable;
        for way in order {
            let Some(accept) = ways.get(way) else { continue };
            match self.transport.get(target, accept, watch) {
                Ok(answer) => {
                    first.store(way, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) if wants_another_form(&error) => refused = error,
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// Whether it is worth asking for single frames.
    pub(super) fn has_frames(&self) -> bool {
        self.frames_work.load(Ordering::Relaxed) || self.refusals.load(Ordering::Relaxed) < REFUSALS
    }

    pub(super) fn frames_worked(&self) {
        self.frames_work.store(true, Ordering::Relaxed);
    }

    pub(super) fn frames_refused(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lists_failed(&self) {
        self.lists_fail.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_pace(&self, head: Duration, body: Duration, bytes: u64) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = bytes as f64 / body.as_secs_f64().max(1e-4);
        let mix = |old: f64, new: f64| if old > 0.0 { 0.5 * old + 0.5 * new } else { new };
        *pace = Pace { head: mix(pace.head, head.as_secs_f64()), rate: mix(pace.rate, rate) };
    }

    /// How many frames of so many bytes one request should bring: as many as come in the time the server needs
    /// to think about it. A server that is slow to answer is asked seldom, a slow line little at a time.
    pub(super) fn batch(&self, frame: u64) -> u32 {
        let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if self.lists_fail.load(Ordering::Relaxed) || pace.rate <= 0.0 || frame == 0 {
            return 1;
        }
        let most = (MOST_BYTES / frame).clamp(1, u64::from(MOST_FRAMES)) as u32;
        ((pace.head * pace.rate / frame as f64).ceil() as u32).clamp(1, most)
    }
}

/// Whether the answer means that the server would rather send something else, not that there is nothing.
fn wants_another_form(error: &WebError) -> bool {
    match error {
        WebError::NotAcceptable => true,
        WebError::Status { code, .. } => matches!(code, 400 | 405 | 500 | 501),
        _ => false,
    }
}
