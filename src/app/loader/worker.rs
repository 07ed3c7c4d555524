//! One decoding thread: header, frame, appearance, statistics, reduction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::queue::{Job, Priority, Shared};
use crate::app::instance::{FrameKey, Opened};
use crate::app::wake::Waker;
use crate::dicom::Frame;
use crate::display::{self, Appearance, Stats, TexelImage};

/// What became of a job.
pub struct Loaded {
    pub key: FrameKey,
    pub level: u32,
    /// A small picture to bridge the time until the full one.
    pub preview: bool,
    /// Time the decoding took.
    pub took: Duration,
    pub result: Result<LoadedFrame, String>,
    /// What was mended or doubted in the object so far.
    pub warnings: Vec<String>,
}

/// A frame ready to be uploaded.
pub struct LoadedFrame {
    pub image: TexelImage,
    pub appearance: Arc<Appearance>,
    /// Present when asked for, or when the object brings no window of its own.
    pub stats: Option<Stats>,
}

/// Works until the loader or the application is gone.
pub(super) fn run(shared: &Shared, results: &Sender<Loaded>, waker: &Waker) {
    while let Some(job) = shared.next() {
        // A bug in a codec must cost one frame, not the program.
        let mut preview = job.is_preview();
        let started = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            if !preview {
                return load(shared, &job);
            }
            let reduced = load_preview(shared, &job);
            if reduced.is_err() && job.priority != Priority::Preview {
                preview = false;
                return load(shared, &job);
            }
            reduced
        }))
        .unwrap_or_else(|_| Err("decoding this frame failed unexpectedly".to_owned()));
        if preview && result.is_err() {
            // What is wrong with the frame is for the full one to say.
            shared.finished(&job);
            continue;
        }
        let (took, warnings) = (started.elapsed(), warnings(&job));
        let loaded = Loaded { key: job.key(), level: job.level, preview, took, result, warnings };
        let sent = results.send(loaded);
        shared.finished(&job);
        if sent.is_err() {
            return;
        }
        waker.wake();
    }
}

fn warnings(job: &Job) -> Vec<String> {
    let Some(opened) = job.instance.peek() else { return Vec::new() };
    let mut warnings = opened.file.warnings.clone();
    warnings.extend(opened.image.warnings());
    warnings
}

fn load(shared: &Shared, job: &Job) -> Result<LoadedFrame, String> {
    let opened = job.instance.open()?;
    let started = Instant::now();
    let appearance = Appearance::read(&opened.file.data, opened.image.info(), job.frame);
    if let Some(image) = in_strips(shared, opened, &appearance, job) {
        note(job, started);
        return Ok(LoadedFrame { image, appearance: Arc::new(appearance), stats: None });
    }
    let kept = shared.decoded.get(job.key());
    let (stats, image) = match kept {
        Some(frame) => build_shared(&frame, &appearance, job),
        None => {
            let frame = opened.image.decode(job.frame).map_err(|e| e.to_string())?;
            // What came from a server is not read again for every look at a pixel.
            if opened.image.is_native() && job.instance.source().is_none() {
                build_owned(frame, &appearance, job)
            } else {
                let frame = Arc::new(frame);
                shared.decoded.keep(job.key(), &frame);
                build_shared(&frame, &appearance, job)
            }
        }
    };
    note(job, started);
    Ok(LoadedFrame { image, appearance: Arc::new(appearance), stats })
}

fn note(job: &Job, started: Instant) {
    tracing::debug!(
        target: "launch",
        instance = job.instance.id.0, frame = job.frame, level = job.level,
        elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
        "frame decoded"
    );
}

/// A reduced level of a native frame, read and reduced strip by strip: the frame itself is never in memory.
/// `None` where that is no way, or went wrong: the usual way will say what it was.
fn in_strips(shared: &Shared, opened: &Opened, appearance: &Appearance, job: &Job) -> Option<TexelImage> {
    let image = &opened.image;
    let wants_stats = job.stats || appearance.choices.is_empty();
    if wants_stats || !image.has_plain_rows(job.frame) {
        return None;
    }
    let size = [image.info().columns, image.info().rows];
    let read = |row: u32, into: &mut [u16]| image.read_rows(job.frame, row, into);
    TexelImage::build_in_strips(size, appearance, job.level, shared.memory(), read).ok().flatten()
}

/// A picture of few samples, decoded from as much of the codestream as it needs.
fn load_preview(shared: &Shared, job: &Job) -> Result<LoadedFrame, String> {
    let opened = job.instance.open()?;
    let none = || "there is no preview".to_owned();
    if shared.decoded.get(job.key()).is_some() {
        return Err(none());
    }
    let started = Instant::now();
    let appearance = Appearance::read(&opened.file.data, opened.image.info(), job.frame);
    let reduce = u8::try_from(job.level).map_err(|_| none())?;
    let reduced = opened.image.decode_reduced(job.frame, reduce).map_err(|e| e.to_string())?;
    let reduced = reduced.ok_or_else(none)?;
    let stats = stats_if_needed(&reduced.frame, &appearance, job);
    let image = TexelImage::from_reduced(reduced, &appearance, job.level);
    tracing::debug!(
        target: "launch",
        instance = job.instance.id.0, frame = job.frame, level = image.level,
        elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
        "preview decoded"
    );
    Ok(LoadedFrame { image, appearance: Arc::new(appearance), stats })
}

fn stats_if_needed(frame: &Frame, appearance: &Appearance, job: &Job) -> Option<Stats> {
    if job.stats || appearance.choices.is_empty() { display::stats(frame, appearance) } else { None }
}

fn build_shared(frame: &Frame, appearance: &Appearance, job: &Job) -> (Option<Stats>, TexelImage) {
    let stats = stats_if_needed(frame, appearance, job);
    (stats, TexelImage::build(frame, appearance, job.level))
}

fn build_owned(frame: Frame, appearance: &Appearance, job: &Job) -> (Option<Stats>, TexelImage) {
    let stats = stats_if_needed(&frame, appearance, job);
    let image = if job.level == 0 {
        TexelImage::from_frame(frame, appearance)
    } else {
        TexelImage::build(&frame, appearance, job.level)
    };
    (stats, image)
}
