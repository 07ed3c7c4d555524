//! Small pictures of display sets, made on a thread of its own when somebody wants to see them.
//!
//! It works only while the decoding threads have nothing to do, keeps a bounded number of pictures, and opens
//! and closes the files it needs: a header kept for every row of a long list would keep every file open.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender};

use super::AppSystems;
use super::instance::{InstanceData, InstanceId, Set};
use super::loader::Loader;
use super::wake::Waker;
use crate::display::{self, Appearance, Interpolation, RgbImage, TexelImage, VoiChoice, choose_level};
use crate::geometry::{ImageShape, ViewTransform, pixel_aspect};

/// Longest side of a thumbnail in pixels.
pub const MOST_PIXELS: u32 = 96;

/// Pictures kept: at most 36 KiB each.
const KEPT: usize = 256;

/// How long a thumbnail waits for the decoding threads to rest. While a stack plays they never do.
const PATIENCE: Duration = Duration::from_millis(400);
const NAP: Duration = Duration::from_millis(4);

/// What became of a thumbnail.
#[derive(Clone)]
pub enum Thumbnail {
    Picture(Arc<RgbImage>),
    Failed,
}

struct Kept {
    thumbnail: Thumbnail,
    used: u64,
}

/// A picture to make: of which instance, which frame, and how long its longest side may be.
#[derive(Clone)]
struct Wanted {
    of: InstanceId,
    instance: Arc<InstanceData>,
    frame: u32,
    side: u32,
}

/// The pictures there are.
#[derive(Resource, Default)]
pub struct Thumbnails {
    kept: HashMap<InstanceId, Kept>,
    clock: u64,
    maker: Option<Maker>,
    last_wanted: Vec<InstanceId>,
    /// Pictures that arrived or went since somebody looked.
    gone: Vec<InstanceId>,
}

/// The thread and the ways to it and back. It ends when this is dropped.
struct Maker {
    desk: Arc<Desk>,
    results: Receiver<(InstanceId, Thumbnail)>,
}

#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    /// What is wanted next is at the end.
    wanted: Vec<Wanted>,
    stopped: bool,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work; `None` when there will be none.
    fn next(&self) -> Option<Wanted> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(wanted) = state.wanted.pop() {
                return Some(wanted);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.desk.lock().stopped = true;
        self.desk.work.notify_all();
    }
}

/// Identifies the picture of a set.
pub fn name_of(set: &Set) -> Option<InstanceId> {
    set.first().map(|instance| instance.id)
}

impl Thumbnails {
    /// The picture of a set, if it was made.
    pub fn get(&mut self, set: &Set) -> Option<Thumbnail> {
        let kept = self.kept.get_mut(&name_of(set)?)?;
        kept.used = self.clock;
        Some(kept.thumbnail.clone())
    }

    /// Asks for the pictures of what is to be seen now, most wanted first. What was asked for before and not
    /// begun is not made.
    pub fn want<'a>(
        &mut self,
        sets: impl Iterator<Item = &'a Set>,
        side: u32,
        loader: &Loader,
        waker: &Waker,
    ) {
        self.clock += 1;
        let missing: Vec<Wanted> = sets.filter_map(|set| self.wanted(set, side)).collect();
        let names: Vec<_> = missing.iter().map(|wanted| wanted.of).collect();
        if names == self.last_wanted {
            return;
        }
        self.last_wanted = names;
        if missing.is_empty() && self.maker.is_none() {
            return;
        }
        let maker = match &self.maker {
            Some(maker) => maker,
            None => match start(loader.clone(), waker.clone()) {
                Some(maker) => self.maker.insert(maker),
                None => return,
            },
        };
        maker.desk.lock().wanted = missing.into_iter().rev().collect();
        maker.desk.work.notify_all();
    }

    /// Nobody looks any more.
    pub fn rest(&mut self) {
        if !self.last_wanted.is_empty() {
            self.last_wanted.clear();
            if let Some(maker) = &self.maker {
                maker.desk.lock().wanted.clear();
            }
        }
    }

    /// Of a stack the middle says most; of several frames too.
    fn wanted(&mut self, set: &Set, side: u32) -> Option<Wanted> {
        let of = name_of(set)?;
        if let Some(kept) = self.kept.get_mut(&of) {
            kept.used = self.clock;
            return None;
        }
        let instance = Arc::clone(set.get(set.len() / 2)?);
        let frame = instance.frames() / 2;
        Some(Wanted { of, instance, frame, side: side.clamp(1, MOST_PIXELS) })
    }

    /// Whether pictures that were asked for are still to come.
    pub fn is_waiting(&self) -> bool {
        self.maker.is_some() && !self.last_wanted.is_empty()
    }

    /// Lets go of the pictures of some instances.
    pub(super) fn forget(&mut self, gone: &HashSet<InstanceId>) {
        self.kept.retain(|of, _| !gone.contains(of));
        self.gone.extend(gone);
        self.last_wanted.clear();
    }

    /// Pictures that were forgotten since this was last asked.
    pub fn take_gone(&mut self) -> Vec<InstanceId> {
        std::mem::take(&mut self.gone)
    }

    fn receive(&mut self) -> bool {
        let Some(maker) = &self.maker else { return false };
        let mut any = false;
        while let Ok((of, thumbnail)) = maker.results.try_recv() {
            any = true;
            self.kept.insert(of, Kept { thumbnail, used: self.clock });
            self.last_wanted.retain(|wanted| *wanted != of);
        }
        while self.kept.len() > KEPT {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(of, _)| *of);
            let Some(oldest) = oldest else { break };
            self.kept.remove(&oldest);
            self.gone.push(oldest);
        }
        any
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

fn start(loader: Loader, waker: Waker) -> Option<Maker> {
    let desk = Arc::new(Desk::default());
    let (sender, results) = crossbeam_channel::unbounded();
    let at = Arc::clone(&desk);
    let run = move || work(&at, &loader, &sender, &waker);
    if let Err(error) = std::thread::Builder::new().name("thumbnails".to_owned()).spawn(run) {
        tracing::warn!("there will be no thumbnails, no thread could be started: {error}");
        return None;
    }
    Some(Maker { desk, results })
}

fn work(desk: &Desk, loader: &Loader, results: &Sender<(InstanceId, Thumbnail)>, waker: &Waker) {
    while let Some(wanted) = desk.next() {
        let since = Instant::now();
        while loader.is_busy() && since.elapsed() < PATIENCE {
            std::thread::sleep(NAP);
        }
        // A bug in a codec must cost one picture, not all that follow.
        let made = catch_unwind(AssertUnwindSafe(|| make(&wanted))).unwrap_or_default();
        let thumbnail = made.map_or(Thumbnail::Failed, |picture| Thumbnail::Picture(Arc::new(picture)));
        if results.send((wanted.of, thumbnail)).is_err() {
            return;
        }
        waker.wake();
    }
}

/// A frame at first sight, as large as its proportions allow.
fn make(wanted: &Wanted) -> Option<RgbImage> {
    let file = wanted.instance.file().ok()?;
    let image = file.image().ok()?;
    let info = image.info();
    let aspect = pixel_aspect(&file.data, wanted.frame);
    let fit = |columns: u32, rows: u32| {
        let shape = ImageShape { pixel_aspect: aspect, ..ImageShape::square(columns, rows) };
        let scale = ViewTransform::default().scale(shape, [f64::from(wanted.side); 2]);
        (shape, choose_level(scale.recip()))
    };
    let appearance = Appearance::read(&file.data, info, wanted.frame);
    let (_, level) = fit(info.columns, info.rows);
    let reduced = image.decode_reduced(wanted.frame, u8::try_from(level).ok()?).ok().flatten();
    let (texels, stats) = match reduced.filter(|_| appearance.palette.is_none()) {
        Some(reduced) => {
            let stats = display::stats(&reduced.frame, &appearance);
            (TexelImage::from_reduced(reduced, &appearance, level), stats)
        }
        None => {
            let frame = image.decode(wanted.frame).ok()?;
            let own = !appearance.choices.is_empty();
            let stats = if own { None } else { display::stats(&frame, &appearance) };
            (TexelImage::build(&frame, &appearance, level), stats)
        }
    };
    let (shape, _) = fit(texels.source_width, texels.source_height);
    let own = appearance.choices.first().map(|choice| choice.voi.clone());
    let voi = own.unwrap_or_else(|| {
        let (min, max) = stats.map_or((0.0, 1.0), |stats| (stats.min, stats.max));
        VoiChoice::auto(min, max).voi
    });
    let look = appearance.look(voi, false);
    let [width, height] = size(shape, wanted.side);
    let map = ViewTransform::default().map(shape, [f64::from(width), f64::from(height)]);
    Some(display::render(&texels, &look, &map, width, height, Interpolation::Bilinear))
}

/// The size of a picture of this shape whose longest side has so many pixels.
fn size(shape: ImageShape, side: u32) -> [u32; 2] {
    let height = f64::from(shape.rows) * if shape.pixel_aspect > 0.0 { shape.pixel_aspect } else { 1.0 };
    let ratio = f64::from(shape.columns.max(1)) / height.max(1.0);
    let other = |ratio: f64| ((f64::from(side) * ratio).round() as u32).clamp(1, side);
    if ratio >= 1.0 { [side, other(ratio.recip())] } else { [other(ratio), side] }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Thumbnails>().add_systems(Update, receive.in_set(AppSystems::Receive));
}

fn receive(mut thumbnails: ResMut<Thumbnails>) {
    thumbnails.bypass_change_detection().receive();
}
