//! Which frames are wanted, at which size, in which order; and binding what has arrived.

use std::collections::HashSet;
use std::sync::Arc;

use bevy::prelude::*;

use super::components::{Screen, Shown, Slot, Stack, View, Windowing};
use super::slab::AlsoVisible;
use super::windowing::WindowChoice;
use super::{Layout, Viewport};
use crate::app::AppSystems;
use crate::app::instance::{FrameKey, InstanceData};
use crate::app::loader::{Job, Loader, Priority};
use crate::app::textures::{Best, FrameStore};
use crate::display;
use crate::geometry::{ImageShape, Spacing, pixel_aspect};

/// Frames decoded ahead on either side of the one shown.
const NEIGHBOURS: i64 = 4;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, request_frames.in_set(AppSystems::Request))
        .add_systems(Update, bind_frames.in_set(AppSystems::Bind));
}

/// The level at which a frame is wanted by a viewport, from what is known before it is decoded.
fn wanted_level(shape: ImageShape, view: &View, screen: &Screen, store: &FrameStore) -> u32 {
    let scale = view.transform.scale(shape, screen.size());
    display::choose_level(scale.recip()).max(store.least_level(shape.columns, shape.rows))
}

/// The level a viewport wants of its current frame.
pub(super) fn level_of(stack: &Stack, view: &View, screen: &Screen, store: &FrameStore) -> u32 {
    shape_of(stack).map_or(0, |shape| wanted_level(shape, view, screen, store))
}

/// Shape of an instance's frames from its index entry.
pub(super) fn shape_of(stack: &Stack) -> Option<ImageShape> {
    let (instance, frame) = stack.current()?;
    let (columns, rows) = (instance.entry.columns?, instance.entry.rows?);
    Some(sized(instance, frame, columns, rows))
}

/// The shape of a frame, its pixels square and of unknown size until its header was read.
fn sized(instance: &InstanceData, frame: u32, columns: u32, rows: u32) -> ImageShape {
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

pub(super) fn request_frames(
    viewports: Query<(&Stack, &View, &Windowing, &Screen, &Slot), With<Viewport>>,
    layout: Res<Layout>,
    store: Res<FrameStore>,
    also: Res<AlsoVisible>,
    loader: Option<Res<Loader>>,
    mut last: Local<Vec<(Priority, FrameKey, u32, bool)>>,
) {
    let Some(loader) = loader else { return };
    if layout.area[2] <= 1 {
        // Nothing is placed yet: what was asked for at launch still holds.
        return;
    }
    let mut jobs: Vec<Job> = Vec::new();
    let mut listed = HashSet::new();
    let mut viewports: Vec<_> = viewports.iter().filter(|(_, _, _, _, slot)| layout.shows(slot.0)).collect();
    viewports.sort_by_key(|(_, _, _, _, slot)| slot.0);
    for (stack, view, chosen, screen, slot) in viewports {
        let Some(shape) = shape_of(stack) else {
            // Sizes unknown: decode at full size and learn.
            push(&mut jobs, &mut listed, stack, stack.position, 0, Priority::Visible, &store, false);
            continue;
        };
        if screen.0[2] == 0 || screen.0[3] == 0 {
            continue;
        }
        let level = wanted_level(shape, view, screen, &store);
        let stats = stack
            .current_key()
            .and_then(|key| store.info(key))
            .is_some_and(|info| chosen.choice == WindowChoice::FullRange && info.stats.is_none());
        push(&mut jobs, &mut listed, stack, stack.position, level, Priority::Visible, &store, stats);
        for (position, full) in also.of(*slot) {
            let level = if full { store.least_level(shape.columns, shape.rows) } else { level };
            push(&mut jobs, &mut listed, stack, position, level, Priority::Visible, &store, false);
        }
        for distance in 1..=NEIGHBOURS {
            for step in [distance, -distance] {
                let position = i64::from(stack.position) + step;
                if let Ok(position) = u32::try_from(position) {
                    let priority = Priority::Neighbour;
                    push(&mut jobs, &mut listed, stack, position, level, priority, &store, false);
                }
            }
        }
    }
    let summary: Vec<_> = jobs.iter().map(|job| (job.priority, job.key(), job.level, job.stats)).collect();
    if *last != summary {
        *last = summary;
        loader.want(jobs);
    }
}

fn push(
    jobs: &mut Vec<Job>,
    listed: &mut HashSet<(FrameKey, u32)>,
    stack: &Stack,
    position: u32,
    level: u32,
    priority: Priority,
    store: &FrameStore,
    stats: bool,
) {
    let Some((instance, frame)) = stack.at(position) else {
        return;
    };
    let key = FrameKey { instance: instance.id, frame };
    let there = store.has(key, level) && !stats;
    if there || store.error(key).is_some() || !listed.insert((key, level)) {
        return;
    }
    let job = Job { priority, instance: Arc::clone(instance), frame, level, stats };
    if priority == Priority::Visible && position == stack.position && !store.has_any(key) {
        jobs.extend(job.preview());
    }
    jobs.push(job);
}

/// Points every viewport to the best picture there is of its frame.
pub(super) fn bind_frames(
    mut viewports: Query<(&Stack, &View, &Screen, &Slot, &mut Shown), With<Viewport>>,
    layout: Res<Layout>,
    mut store: ResMut<FrameStore>,
) {
    store.begin_frame();
    for (stack, view, screen, slot, mut shown) in &mut viewports {
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
        let level = level_of(stack, view, screen, &store);
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
    store.evict();
}
