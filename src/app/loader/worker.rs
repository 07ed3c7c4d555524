//! One decoding thread: header, frame, appearance, statistics, reduction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::queue::{Job, Shared};
use crate::app::instance::FrameKey;
use crate::app::wake::Waker;
use crate::dicom::Frame;
use crate::display::{self, Appearance, Stats, TexelImage};

/// What became of a job.
pub struct Loaded {
    pub key: FrameKey,
    pub level: u32,
    /// A small picture to bridge the time until the full one.
    pub preview: bool,
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
        let preview = job.is_preview();
        let result = catch_unwind(AssertUnwindSafe(|| {
            if preview { load_preview(shared, &job) } else { load(shared, &job) }
        }))
        .unwrap_or_else(|_| Err("decoding this frame failed unexpectedly".to_owned()));
        if preview && result.is_err() {
            // What is wrong with the frame is for the full one to say.
            shared.finished(&job);
            continue;
        }
        let loaded = Loaded { key: job.key(), level: job.level, preview, result, warnings: warnings(&job) };
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
    let started = std::time::Instant::now();
    let appearance = Appearance::read(&opened.file.data, opened.image.info(), job.frame);
    let kept = shared.decoded.get(job.key());
    let (stats, image) = match kept {
        Some(frame) => build_shared(&frame, &appearance, job),
        None => {
            let frame = opened.image.decode(job.frame).map_err(|e| e.to_string())?;
            if opened.image.is_native() {
                build_owned(frame, &appearance, job)
            } else {
                let frame = Arc::new(frame);
                shared.decoded.keep(job.key(), &frame);
                build_shared(&frame, &appearance, job)
            }
        }
    };
    tracing::debug!(
        target: "launch",
        instance = job.instance.id.0, frame = job.frame, level = job.level,
        elapsed_ms = started.elapsed().as_secs_f64() * 1e3,
        "frame decoded"
    );
    Ok(LoadedFrame { image, appearance: Arc::new(appearance), stats })
}

/// A picture of few samples, decoded from as much of the codestream as it needs.
fn load_preview(shared: &Shared, job: &Job) -> Result<LoadedFrame, String> {
    let opened = job.instance.open()?;
    let none = || "there is no preview".to_owned();
    if shared.decoded.get(job.key()).is_some() {
        return Err(none());
    }
    let started = std::time::Instant::now();
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
