//! What lies over the frames on screen, made on a thread: drawings as they are, covers reduced and laid on each other.
//!
//! The list of wanted plates is replaced in every update, like that of wanted frames, and goes on with the frames that
//! are played next, so that an overlay arrives with its frame.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender};

use super::attach::Explained;
use super::content::{Content, Said};
use super::object::Options;
use super::shown::{Overlaid, Plated, Stated};
use super::stating;
use crate::app::AppSystems;
use crate::app::gpu::{Gpu, GpuCover, GpuImage};
use crate::app::instance::{FrameKey, InstanceData};
use crate::app::viewport::{Cine, Screen, Shown, Stack, View, Viewport};
use crate::app::wake::Waker;
use crate::display::TexelImage;
use crate::presentation::cover::{Cover, Reduced, cover_level, pile};
use crate::presentation::drawing::Drawing;

/// What lies over a frame.
pub struct Plate {
    /// By overlay, from the bottom up.
    pub drawings: Vec<(Entity, Drawing)>,
    pub cover: Option<Arc<GpuCover>>,
    /// In place of the frame.
    pub difference: Option<Arc<GpuImage>>,
    bytes: usize,
}

/// Which plate: the frame, the overlays with their revisions, and how many pixels of the image are one of the screen,
/// as a power of two.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlateKey {
    frame: FrameKey,
    layers: Vec<(Entity, u32)>,
    level: u32,
}

/// A plate to be made.
struct Wanted {
    key: PlateKey,
    instance: Arc<InstanceData>,
    layers: Vec<(Entity, Content, Options)>,
}

struct Made {
    key: PlateKey,
    drawings: Vec<(Entity, Drawing)>,
    cover: Option<Reduced>,
    difference: Option<Arc<TexelImage>>,
}

#[derive(Default)]
struct List {
    wanted: Mutex<(Vec<Wanted>, bool)>,
    news: Condvar,
}

/// The plates there are, and the thread that makes them.
#[derive(Resource, Default)]
pub(super) struct Plates {
    made: HashMap<PlateKey, (Arc<Plate>, u64)>,
    thread: Option<(Arc<List>, Receiver<Made>)>,
    /// Counts the updates, to know what was used last.
    clock: u64,
    asked: Vec<PlateKey>,
}

/// Bytes of plates that are kept.
const BUDGET: usize = 96 << 20;
/// By how much of a pixel of the screen a line may leave its points: nobody sees it, and every point costs in every
/// frame. Where pixels of the image are as large as those of the screen or larger, it is so much less of one that nobody
/// sees it magnified either.
const UNSEEN: f64 = 0.12;
const UNSEEN_MAGNIFIED: f64 = 0.03;
/// Frames ahead of the one on screen whose plates are made.
const AHEAD: usize = 4;
/// What objects said about frames, kept by the thread for another zoom.
const KEPT: usize = 32;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Plates>()
        .add_systems(Update, (take, want).chain().in_set(AppSystems::Bind).after(stating::apply_states));
}

fn take(mut plates: ResMut<Plates>, gpu: Gpu) {
    let plates = &mut *plates;
    plates.clock += 1;
    let Some((_, made)) = &plates.thread else { return };
    let Some((device, queue)) = gpu.get() else { return };
    for Made { key, drawings, cover, difference } in made.try_iter() {
        let texels = difference.as_ref().map_or(0, |image| image.width as usize * image.height as usize * 4);
        let bytes = texels + cover.as_ref().map_or(0, |cover| cover.bytes.len());
        let points: usize = drawings.iter().flat_map(|(_, d)| &d.strokes).map(|s| s.points.len() * 16).sum();
        let cover = cover.and_then(|cover| GpuCover::upload(device, queue, &cover)).map(Arc::new);
        let difference = difference.map(|image| Arc::new(GpuImage::upload(device, queue, &image)));
        let plate = Plate { drawings, cover, difference, bytes: bytes + points };
        plates.made.insert(key, (Arc::new(plate), plates.clock));
    }
    let mut total: usize = plates.made.values().map(|(plate, _)| plate.bytes).sum();
    while total > BUDGET {
        let oldest = plates.made.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
        let Some((plate, used)) = oldest.as_ref().and_then(|key| plates.made.get(key)) else { break };
        if used + 1 >= plates.clock {
            break;
        }
        total -= plate.bytes;
        if let Some(key) = oldest {
            plates.made.remove(&key);
        }
    }
}

pub(super) fn want(
    mut viewports: Query<
        (&Overlaid, &Stated, &Shown, &Stack, &Cine, &View, &Screen, &mut Plated),
        With<Viewport>,
    >,
    explained: Explained,
    mut plates: ResMut<Plates>,
    waker: Option<Res<Waker>>,
) {
    let plates = &mut *plates;
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for (overlaid, stated, shown, stack, cine, view, screen, mut plated) in &mut viewports {
        let on = overlaid.on && shown.image.is_some();
        let current = shown.key.zip(shown.instance.as_ref()).filter(|_| on);
        let Some((key, instance)) = current else {
            if plated.key.is_some() {
                *plated = Plated::default();
            }
            continue;
        };
        let scale = shown.shape.map_or(1.0, |shape| view.transform.scale(shape, screen.size()));
        let level = cover_level(scale.max(1e-6).recip());
        let state = stated.0.as_ref().map(|in_force| in_force.overlay);
        let of = |instance: &Arc<InstanceData>, frame: u32| {
            let layers: Vec<_> = explained
                .of(instance.id)
                .into_iter()
                .filter(|(entity, overlay)| match &overlay.content {
                    _ if overlay.hidden => false,
                    Content::State(_) => Some(*entity) == state,
                    // A state says which of the image's own planes and shutters there are to be.
                    Content::Own(..) => state.is_none(),
                    _ => true,
                })
                .filter(|(_, overlay)| overlay.content.is_on(instance, frame))
                .collect();
            let frame = FrameKey { instance: instance.id, frame };
            let key = PlateKey {
                frame,
                layers: layers.iter().map(|(entity, overlay)| (*entity, overlay.revision)).collect(),
                level,
            };
            let layers = layers.into_iter().map(|(e, o)| (e, o.content.clone(), o.options.clone())).collect();
            Wanted { key, instance: Arc::clone(instance), layers }
        };
        let wanted = of(instance, key.frame);
        let there = plates.made.get_mut(&wanted.key).map(|(plate, used)| {
            *used = plates.clock;
            Arc::clone(plate)
        });
        let changed = plated.key.as_ref() != Some(&wanted.key);
        if wanted.layers.is_empty() {
            if changed {
                *plated = Plated { key: Some(wanted.key), plate: None };
            }
        } else if let Some(plate) = there {
            if changed || plated.plate.is_none() {
                *plated = Plated { key: Some(wanted.key), plate: Some(plate) };
            }
        } else {
            // Until it is there: what was there of the same frame, as after a change of the zoom, or what was left of
            // another one without the mask, which is nearer to what comes than the frame as it is.
            let subtracted = plated.plate.as_ref().is_some_and(|plate| plate.difference.is_some());
            let stays = plated.key.as_ref().is_some_and(|old| {
                let same = old.frame == wanted.key.frame && old.layers.len() == wanted.key.layers.len();
                let of_image = old.frame.instance == wanted.key.frame.instance;
                same || (subtracted && of_image && old.layers == wanted.key.layers)
            });
            if !stays && plated.plate.is_some() {
                *plated = Plated::default();
            }
            now.push(wanted);
        }
        let ahead: Vec<u32> = if cine.moves() {
            cine.ahead.iter().copied().take(AHEAD).collect()
        } else {
            [stack.position.checked_add(1), stack.position.checked_sub(1)].into_iter().flatten().collect()
        };
        for position in ahead {
            let Some((instance, frame)) = stack.at(position) else { continue };
            let wanted = of(instance, frame);
            if !wanted.layers.is_empty() && !plates.made.contains_key(&wanted.key) {
                later.push(wanted);
            }
        }
    }
    now.append(&mut later);
    let keys: Vec<PlateKey> = now.iter().map(|wanted| wanted.key.clone()).collect();
    if keys == plates.asked {
        return;
    }
    plates.asked = keys;
    if plates.thread.is_none() && !now.is_empty() {
        plates.thread = start(waker.as_deref().cloned().unwrap_or_default());
    }
    if let Some((list, _)) = &plates.thread {
        list.wanted.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
        list.news.notify_one();
    }
}

impl Drop for Plates {
    fn drop(&mut self) {
        if let Some((list, _)) = &self.thread {
            list.wanted.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
            list.news.notify_one();
        }
    }
}

fn start(waker: Waker) -> Option<(Arc<List>, Receiver<Made>)> {
    let list = Arc::new(List::default());
    let (sender, made) = crossbeam_channel::unbounded();
    let shared = Arc::clone(&list);
    let spawned =
        std::thread::Builder::new().name("plates".to_owned()).spawn(move || make(&shared, &sender, &waker));
    spawned.ok().map(|_| (list, made))
}

type Kept = Vec<((Entity, u32, FrameKey), Arc<Said>)>;

fn make(list: &List, sender: &Sender<Made>, waker: &Waker) {
    let mut kept: Kept = Vec::new();
    loop {
        let mut guard = list.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = loop {
            let (wanted, over) = &mut *guard;
            if *over {
                return;
            }
            if !wanted.is_empty() {
                break wanted.remove(0);
            }
            guard = list.news.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        drop(guard);
        let made = plate(&wanted, &mut kept);
        if sender.send(made).is_err() {
            return;
        }
        waker.wake();
    }
}

fn plate(wanted: &Wanted, kept: &mut Kept) -> Made {
    let Wanted { key, instance, layers } = wanted;
    let mut drawings = Vec::new();
    let mut covers: Vec<Cover> = Vec::new();
    let mut difference = None;
    for ((entity, content, options), (_, revision)) in layers.iter().zip(&key.layers) {
        let of = (*entity, *revision, key.frame);
        let said = match kept.iter().position(|(other, _)| *other == of) {
            Some(at) => kept.remove(at).1,
            None => Arc::new(content.said(instance, key.frame.frame, options)),
        };
        if !said.drawing.is_empty() {
            let tolerance = match key.level {
                0 => UNSEEN_MAGNIFIED,
                level => UNSEEN * f64::from(level).exp2(),
            };
            drawings.push((*entity, said.drawing.thinned(tolerance)));
        }
        covers.extend(said.covers.iter().cloned());
        difference = difference.or_else(|| said.difference.clone());
        kept.push((of, said));
        if kept.len() > KEPT {
            kept.remove(0);
        }
    }
    let entry = &instance.entry;
    let size = [entry.columns.unwrap_or(1), entry.rows.unwrap_or(1)];
    let cover = pile(&covers, size, f64::from(key.level).exp2());
    Made { key: key.clone(), drawings, cover, difference }
}

/// Textures of a lost device are made again.
pub(in crate::app) fn lose_device(world: &mut World) {
    let mut plates = world.resource_mut::<Plates>();
    plates.made.clear();
    plates.asked.clear();
    let mut viewports = world.query::<&mut Plated>();
    for mut plated in viewports.iter_mut(world) {
        *plated = Plated::default();
    }
}
