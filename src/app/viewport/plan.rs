//! Which frames are wanted, at which size, in which order; and binding what has arrived.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;

use super::cine::{Cine, note_shown};
use super::components::{Screen, Shown, Slot, Stack, View, Windowing};
use super::slab::AlsoVisible;
use super::windowing::WindowChoice;
use super::{Layout, Viewport};
use crate::app::AppSystems;
use crate::app::instance::{FrameKey, InstanceData};
use crate::app::loader::{Job, Loader, Priority};
use crate::app::textures::{Best, FrameStore, Need};
use crate::display;
use crate::geometry::{ImageShape, Spacing, pixel_aspect};

/// Frames decoded on either side of the one shown while nothing moves.
const NEIGHBOURS: u32 = 8;

/// Those of them that are decoded in full where a part of the data would do for a first look.
const FULL_NEIGHBOURS: usize = 4;

/// The share of the threads' time above which decoding is taken not to keep up with playing.
const KEEPS_UP: f64 = 0.9;

/// Frames decoded ahead of what plays where decoding keeps up: of so many seconds, and at least so many.
const AHEAD_SECONDS: f64 = 1.0;
const AHEAD_FRAMES: f64 = 12.0;

/// Texels a screen pixel covers from which on the next coarser level stands in while frames go by.
const COARSER_IN_MOTION: f64 = 1.6;

/// Frames from the one that is due beyond which nothing stands in for it.
const FARTHEST: u32 = 200;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, request_frames.in_set(AppSystems::Request))
        .add_systems(Update, (bind_frames, note_shown).chain().in_set(AppSystems::Bind));
}

/// The level at which a frame is wanted by a viewport, from what is known before it is decoded.
fn wanted_level(shape: ImageShape, view: &View, cine: &Cine, screen: &Screen, store: &FrameStore) -> u32 {
    let source_pixels = view.transform.scale(shape, screen.size()).recip();
    let level = display::choose_level(source_pixels);
    // While frames go by, the nearest level will do where the one with a texel for every pixel is nearly twice as
    // fine: a quarter of the texels to read, to upload and to average, and hardly a difference to see.
    let texels = source_pixels / f64::from(level).exp2();
    let level = level + u32::from(cine.moves() && texels > COARSER_IN_MOTION);
    level.max(store.least_level(shape.columns, shape.rows))
}

/// The level a viewport wants of its current frame.
pub(super) fn level_of(stack: &Stack, view: &View, cine: &Cine, screen: &Screen, store: &FrameStore) -> u32 {
    shape_of(stack).map_or(0, |shape| wanted_level(shape, view, cine, screen, store))
}

/// Shape of an instance's frames from its index entry.
pub(super) fn shape_of(stack: &Stack) -> Option<ImageShape> {
    let (instance, frame) = stack.current()?;
    let (columns, rows) = (instance.entry.columns?, instance.entry.rows?);
    Some(sized(instance, frame, columns, rows))
}

/// The shape of a frame, its pixels square and of unknown size until its header was read.
pub(in crate::app) fn sized(instance: &InstanceData, frame: u32, columns: u32, rows: u32) -> ImageShape {
    let square = ImageShape::square(columns, rows);
    let kept = instance.entry.header.as_deref();
    let Some(file) = instance.peek().map(|opened| &*opened.file).or(kept) else { return square };
    let data = &file.data;
    ImageShape {
        pixel_aspect: pixel_aspect(data, frame),
        pixel_mm: Spacing::read(data, frame).map(|spacing| spacing.least()),
        ..square
    }
}

/// What a viewport wants to have: its own level, or less of it while it moves.
struct Wants<'a> {
    stack: &'a Stack,
    /// What else is on screen of it: the slices of a slab, what the lens shows, at full resolution where so said.
    also: Vec<(u32, bool)>,
    /// The finest level that fits into a texture.
    finest: u32,
    cine: &'a Cine,
    level: u32,
    /// Of a picture at that level.
    bytes: u64,
    stats: bool,
}

impl<'a> Wants<'a> {
    fn of(
        stack: &'a Stack,
        cine: &'a Cine,
        view: &View,
        chosen: &Windowing,
        screen: &Screen,
        also: impl Iterator<Item = (u32, bool)>,
        store: &FrameStore,
    ) -> Option<Self> {
        let Some(shape) = shape_of(stack) else {
            // Sizes unknown: decode at full size and learn.
            let also = Vec::new();
            return (!stack.is_empty()).then_some(Self {
                stack,
                also,
                finest: 0,
                cine,
                level: 0,
                bytes: 0,
                stats: false,
            });
        };
        if screen.0[2] == 0 || screen.0[3] == 0 {
            return None;
        }
        let level = wanted_level(shape, view, cine, screen, store);
        let stats = stack
            .current_key()
            .and_then(|key| store.info(key))
            .is_some_and(|info| chosen.choice == WindowChoice::FullRange && info.stats.is_none());
        let bytes = picture_bytes(stack, shape, level);
        let finest = store.least_level(shape.columns, shape.rows);
        Some(Self { stack, also: also.collect(), finest, cine, level, bytes, stats })
    }

    /// Positions to have besides those on screen, the most wanted first; `room` is how many may be kept.
    fn beside(&self, room: usize, effort: &Effort, store: &FrameStore) -> Vec<u32> {
        if !self.cine.moves() {
            let on_both_sides = (1..=NEIGHBOURS).flat_map(|distance| {
                let position = self.stack.position;
                [position.checked_add(distance), position.checked_sub(distance)]
            });
            return on_both_sides.flatten().filter(|at| *at < self.stack.len()).take(room).collect();
        }
        let ahead = self.cine.ahead.iter().copied().take(room);
        if !effort.is_too_slow() {
            let soon = (effort.fps * AHEAD_SECONDS).max(AHEAD_FRAMES) as usize;
            return ahead.take(soon).collect();
        }
        // Too slow for all of them: those that can still be in time, evenly spread.
        let missing =
            |at: &u32| self.stack.key_at(*at).is_some_and(|key| !store.has_about(key, in_motion(self.level)));
        let late = (effort.late as usize).min(self.cine.ahead.len() / 2);
        let stride = effort.load.ceil().max(1.0) as usize;
        ahead.skip(late).filter(missing).step_by(stride).collect()
    }

    /// What it takes to have its frames in time, among so many viewports that play.
    fn effort(&self, fps: f64, playing: usize, threads: usize, store: &FrameStore) -> Effort {
        let pace = self.stack.current_key().and_then(|key| store.pace(key.instance));
        let late = pace.map_or(0.0, |pace| pace.as_secs_f64() * fps);
        Effort { fps, late, load: late * playing as f64 / threads.max(1) as f64 }
    }
}

/// What decoding costs a viewport that plays.
struct Effort {
    fps: f64,
    /// Frames that fall due while one is decoded.
    late: f64,
    /// Frames that fall due while all threads together decode one for this viewport.
    load: f64,
}

impl Effort {
    fn is_too_slow(&self) -> bool {
        self.load > KEEPS_UP
    }
}

/// The level to decode while frames go by, of what can be decoded at any.
fn in_motion(level: u32) -> u32 {
    if level == 0 { 0 } else { level + 1 }
}

/// Bytes of a picture on the GPU.
fn picture_bytes(stack: &Stack, shape: ImageShape, level: u32) -> u64 {
    let side = |length: u32| u64::from(length.div_ceil(1 << level.min(31)));
    let info = stack.current().and_then(|(instance, _)| Some(instance.peek()?.image.info()));
    let texel = match info {
        Some(info) if info.samples_per_pixel > 1 || info.bits_allocated > 16 => 4,
        Some(info) if info.bits_allocated <= 8 && level == 0 => 1,
        _ => 2,
    };
    side(shape.columns) * side(shape.rows) * texel
}

pub(super) fn request_frames(
    viewports: Query<(&Stack, &Cine, &View, &Windowing, &Screen, &Slot), With<Viewport>>,
    layout: Res<Layout>,
    mut store: ResMut<FrameStore>,
    also: Res<AlsoVisible>,
    loader: Option<Res<Loader>>,
    time: Res<Time<Real>>,
    mut last: Local<Vec<(Priority, FrameKey, u32, bool, bool)>>,
) {
    let Some(loader) = loader else { return };
    if layout.area[2] <= 1 {
        // Nothing is placed yet: what was asked for at launch still holds.
        return;
    }
    let mut slots: Vec<_> = viewports.iter().filter(|(.., slot)| layout.shows(slot.0)).collect();
    slots.sort_by_key(|(.., slot)| slot.0);
    let wants: Vec<Wants> = slots
        .into_iter()
        .filter_map(|(stack, cine, view, chosen, screen, slot)| {
            Wants::of(stack, cine, view, chosen, screen, also.of(*slot), &store)
        })
        .collect();
    let mut jobs = Jobs { list: Vec::new(), listed: HashSet::new(), store: &store };
    let leading = wants.iter().find(|want| want.cine.clock.is_playing()).map(|want| want.cine.clock.fps());
    let playing = wants.iter().filter(|want| !want.cine.ahead.is_empty()).count().max(1);
    let efforts: Vec<Effort> = wants
        .iter()
        .map(|want| {
            let clock = &want.cine.clock;
            let fps = leading.filter(|_| !clock.is_playing()).unwrap_or(clock.fps());
            want.effort(fps, playing, loader.threads(), &store)
        })
        .collect();
    for (want, effort) in wants.iter().zip(&efforts) {
        let position = want.stack.position;
        // What cannot be in time any more would only hold up what can.
        let hopeless = !want.cine.ahead.is_empty() && effort.is_too_slow();
        if !hopeless {
            jobs.visible(want, position, want.stats);
        }
        for (at, full) in &want.also {
            jobs.also(want, *at, *full);
        }
    }
    // What is not on screen shares what the budget leaves; a tenth of it is for pictures on their way out.
    let on_screen: u64 = wants.iter().map(|want| want.bytes).sum();
    let stacks = wants.iter().filter(|want| want.stack.len() > 1).count().max(1) as u64;
    let share = (store.budget() / 10 * 9).saturating_sub(on_screen) / stacks;
    let lists: Vec<Vec<u32>> = wants
        .iter()
        .zip(&efforts)
        .map(|(want, effort)| {
            let room = usize::try_from(share / want.bytes.max(1)).unwrap_or(usize::MAX);
            want.beside(room, effort, &store)
        })
        .collect();
    // Turn by turn, so that every viewport has its next frame before one has all of its own.
    for turn in 0..lists.iter().map(Vec::len).max().unwrap_or(0) {
        for (want, list) in wants.iter().zip(&lists) {
            if let Some(at) = list.get(turn) {
                jobs.beside(want, *at, turn);
            }
        }
    }
    let jobs = jobs.list;
    if store.is_pressed() || loader.is_pressed() {
        let needs = needs(&wants, time.elapsed());
        loader.need(needs.iter().map(|(key, need)| (*key, need.distance)).collect());
        store.need(needs);
    }
    let summary: Vec<_> =
        jobs.iter().map(|job| (job.priority, job.key(), job.level, job.stats, job.preview)).collect();
    if *last != summary {
        *last = summary;
        loader.want(jobs);
    }
}

/// How soon each frame of the stacks on screen is needed.
fn needs(wants: &[Wants], now: Duration) -> HashMap<FrameKey, Need> {
    let mut needs: HashMap<FrameKey, Need> = HashMap::new();
    for want in wants {
        let on_screen = |at: u32| at == want.stack.position || want.also.iter().any(|(also, _)| *also == at);
        let mut position = 0;
        for instance in &want.stack.instances {
            for index in 0..instance.frames() {
                let distance = match want.cine.ahead.first() {
                    _ if on_screen(position) => 0,
                    // A linked stack goes where the one that leads goes.
                    Some(_) if !want.cine.clock.is_playing() => want
                        .cine
                        .ahead
                        .iter()
                        .position(|at| *at == position)
                        .map_or(u32::MAX, |place| place as u32 + 1),
                    _ => want.cine.clock.distance(position, now).max(1),
                };
                let key = FrameKey { instance: instance.id, frame: instance.frame_at(index) };
                let need = Need { distance, level: want.level };
                let known = needs.entry(key).or_insert(need);
                if need.distance < known.distance {
                    *known = need;
                }
                position += 1;
            }
        }
    }
    needs
}

/// The list of what to decode, without what is there.
struct Jobs<'a> {
    list: Vec<Job>,
    listed: HashSet<(FrameKey, u32)>,
    store: &'a FrameStore,
}

impl Jobs<'_> {
    /// What is on screen: at once in whatever quality, then as it should be.
    fn visible(&mut self, want: &Wants, position: u32, stats: bool) {
        let moves = want.cine.moves();
        let Some(job) = self.job(want, position, Priority::Visible, stats) else { return };
        if moves {
            // While frames go by there is no time for the full one where a part will do.
            self.moving(job);
        } else if !self.store.has_any(job.key()) {
            self.list.extend(job.preview());
            self.list.push(job);
        } else {
            self.list.push(job);
        }
    }

    /// What is on screen besides the frame itself.
    fn also(&mut self, want: &Wants, position: u32, full: bool) {
        let level = if full { want.finest } else { want.level };
        let job = self.job_at(want, position, level, Priority::Visible, false);
        self.list.extend(job);
    }

    fn beside(&mut self, want: &Wants, position: u32, turn: usize) {
        let Some(job) = self.job(want, position, Priority::Neighbour, false) else { return };
        if !want.cine.moves() && turn < FULL_NEIGHBOURS {
            self.list.push(job);
        } else {
            self.moving(job);
        }
    }

    fn moving(&mut self, job: Job) {
        let reduced = Job { level: in_motion(job.level), ..job.clone() }.in_motion();
        if !reduced.preview {
            self.list.push(job);
        } else if !self.store.has_about(reduced.key(), reduced.level) {
            self.list.push(reduced);
        }
    }

    /// The job for a frame at the level of its viewport, unless it is there already or listed.
    fn job(&mut self, want: &Wants, position: u32, priority: Priority, stats: bool) -> Option<Job> {
        self.job_at(want, position, want.level, priority, stats)
    }

    fn job_at(
        &mut self,
        want: &Wants,
        position: u32,
        level: u32,
        priority: Priority,
        stats: bool,
    ) -> Option<Job> {
        let (instance, frame) = want.stack.at(position)?;
        let key = FrameKey { instance: instance.id, frame };
        let there = self.store.has(key, level) && !stats;
        if there || self.store.error(key).is_some() || !self.listed.insert((key, level)) {
            return None;
        }
        Some(Job { priority, instance: Arc::clone(instance), frame, level, stats, preview: false })
    }
}

/// Points every viewport to the best picture there is of its frame.
pub(in crate::app) fn bind_frames(
    mut viewports: Query<(&Stack, &Cine, &View, &Screen, &Slot, &mut Shown), With<Viewport>>,
    layout: Res<Layout>,
    mut store: ResMut<FrameStore>,
) {
    store.begin_frame();
    for (stack, cine, view, screen, slot, mut shown) in &mut viewports {
        let visible = layout.shows(slot.0);
        let current = stack.current().map(|(instance, _)| Arc::clone(instance));
        let (Some(key), Some(instance), true) = (stack.current_key(), current, visible) else {
            if shown.key.is_some() || shown.error.is_some() || shown.waiting {
                *shown = Shown::default();
            }
            continue;
        };
        if let Some(error) = store.error(key) {
            if shown.error.as_deref() != Some(error) {
                *shown = Shown {
                    key: Some(key),
                    instance: Some(instance),
                    error: Some(error.to_owned()),
                    ..Shown::default()
                };
            }
            continue;
        }
        let level = level_of(stack, view, cine, screen, &store);
        let moves = cine.moves();
        // While frames go by, the nearest that is there is better than none that moves.
        let nearest = if moves && !store.is_resident(key) { nearest_resident(stack, &store) } else { None };
        let (key, instance) = nearest.unwrap_or((key, instance));
        let Some(Best { image, exact, preview }) = store.best(key, level) else {
            if !shown.waiting {
                shown.waiting = true;
            }
            continue;
        };
        let appearance = store.info(key).map(|info| Arc::clone(&info.appearance));
        let shape = sized(&instance, key.frame, image.meta.source_width, image.meta.source_height);
        let same_picture = shown.image.as_ref().is_some_and(|old| Arc::ptr_eq(old, &image));
        if !same_picture || shown.key != Some(key) || shown.waiting == exact {
            shown.key = Some(key);
            shown.instance = Some(instance);
            shown.image = Some(image);
            shown.appearance = appearance;
            shown.shape = Some(shape);
            shown.error = None;
            shown.waiting = !exact;
            shown.preview = preview;
        }
    }
}

/// The frame nearest to the position of a stack that is on the GPU, and its instance.
fn nearest_resident(stack: &Stack, store: &FrameStore) -> Option<(FrameKey, Arc<InstanceData>)> {
    (1..stack.len().min(FARTHEST)).find_map(|distance| {
        let around = [stack.position.checked_sub(distance), stack.position.checked_add(distance)];
        around.into_iter().flatten().find_map(|at| {
            let key = stack.key_at(at).filter(|key| store.is_resident(*key))?;
            Some((key, Arc::clone(stack.at(at)?.0)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::instance::InstanceId;
    use crate::study::Entry;

    fn beside(position: u32, ahead: Vec<u32>, room: usize, late: f64, load: f64) -> Vec<u32> {
        let entry = Entry { frames: 60, ..Entry::default() };
        let instance = Arc::new(InstanceData::new(InstanceId(0), Arc::new(entry)));
        let stack = Stack { position, ..Stack::new(vec![instance]) };
        let mut cine = Cine::default();
        cine.ahead = ahead;
        let want =
            Wants { stack: &stack, also: vec![], finest: 0, cine: &cine, level: 1, bytes: 1, stats: false };
        want.beside(room, &Effort { fps: 24.0, late, load }, &FrameStore::default())
    }

    #[test]
    fn a_stack_that_stands_has_its_neighbours_on_both_sides() {
        let list = beside(30, vec![], 100, 0.1, 0.1);
        assert_eq!(list.len(), 16);
        assert_eq!(list[..4], [31, 29, 32, 28]);
        assert_eq!(beside(0, vec![], 3, 0.1, 0.1), [1, 2, 3]);
        assert_eq!(beside(59, vec![], 100, 0.1, 0.1).len(), 8);
    }

    #[test]
    fn a_stack_that_plays_has_what_comes_next_as_far_as_there_is_room() {
        let ahead: Vec<u32> = (5..60).chain(0..4).collect();
        assert_eq!(beside(4, ahead.clone(), 100, 0.5, 0.25), (5..29).collect::<Vec<_>>());
        assert_eq!(beside(4, ahead, 2, 0.5, 0.25), [5, 6]);
    }

    #[test]
    fn what_decodes_too_slowly_gets_frames_it_can_have_in_time() {
        // 0.3 s a frame at 24 a second: 7 pass meanwhile, and two threads deliver one in four.
        let ahead: Vec<u32> = (1..60).collect();
        assert_eq!(beside(0, ahead.clone(), 100, 7.2, 3.6)[..4], [8, 12, 16, 20]);
        // Slower than the stack is long: something is decoded all the same.
        assert!(!beside(0, ahead, 100, 500.0, 250.0).is_empty());
    }
}
