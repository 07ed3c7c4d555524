//! Viewports that play: each has a clock, and what is due by it is what its stack shows.
//!
//! Commands start, stop and tune the clocks; from then on time moves the stack, until a hand does. Stacks may
//! be linked: then whichever is moved takes the others along, and one clock serves them all.

use std::collections::HashMap;

use bevy::prelude::*;

use super::command::{Action, Target, ViewCommand};
use super::components::{Active, Shown, Slot, Stack};
use super::{Layout, Viewport, command};
use crate::app::AppSystems;
use crate::app::instance::InstanceId;
use crate::app::textures::FrameStore;
use crate::app::wake::Waker;
use crate::cine::{Clock, Mode, Pace, Track, follow};

/// What a viewport can be asked to do about playing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CineAction {
    /// Play, or pause.
    Toggle,
    /// Play towards the first frame, or pause.
    ToggleBackwards,
    Pause,
    /// The bar, also while the pointer is elsewhere.
    ToggleBar,
    Rate(f64),
    Slower,
    Faster,
    Mode(Mode),
    NextMode,
    Backwards(bool),
    /// First and last frame to play.
    Trim(u32, u32),
    /// Play from, or up to, the frame that is shown.
    TrimStart,
    TrimEnd,
    /// Link the stacks of all viewports, or part them.
    ToggleLink,
}

/// Rates that slower and faster stop at.
const RATES: [f64; 14] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 12.0, 15.0, 20.0, 24.0, 30.0, 45.0, 60.0, 120.0];

/// How a viewport plays.
#[derive(Component, Debug, Clone)]
pub struct Cine {
    pub clock: Clock,
    /// The bar was asked for.
    pub bar: bool,
    /// Positions in the order they will be needed; empty while nothing moves.
    pub ahead: Vec<u32>,
    /// What the clock was made for: the first instance, the frames of the stack, and whether the object's own
    /// pace was known.
    of: Option<(InstanceId, u32, bool)>,
    /// Where the stack was put, so that it shows when a hand moved it.
    at: u32,
    /// Of the clock, when it was last written to the log.
    logged: u64,
}

impl Cine {
    /// Whether frames go by, by its own clock or that of a linked stack.
    pub fn moves(&self) -> bool {
        !self.ahead.is_empty()
    }
}

impl Default for Cine {
    fn default() -> Self {
        let clock = Clock::new(1, &Pace::default());
        Self { clock, bar: false, ahead: Vec::new(), of: None, at: 0, logged: 0 }
    }
}

/// Whether stacks scroll together.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Linked(pub bool);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Linked>().add_systems(
        Update,
        (fit_clocks, obey, play).chain().in_set(AppSystems::Command).after(command::apply_commands),
    );
}

/// A clock for every stack: a new one where it shows something else, the object's own pace once it is known.
fn fit_clocks(mut viewports: Query<(&Stack, &mut Cine), With<Viewport>>) {
    for (stack, mut cine) in &mut viewports {
        let frames = stack.len();
        let first = stack.instances.first();
        let opened = first.and_then(|instance| instance.peek());
        let now = first.map(|instance| (instance.id, frames, opened.is_some()));
        if cine.of == now {
            continue;
        }
        let same = matches!((cine.of, now), (Some((a, ..)), Some((b, ..))) if a == b);
        if same && cine.clock.is_playing() {
            // A stack that grows while it plays: again once it stands.
            continue;
        }
        let pace = match opened {
            Some(opened) => Pace::read(&opened.file.data, frames),
            None => Pace::default(),
        };
        cine.clock = Clock::new(frames, &pace);
        cine.clock.seek(stack.position, std::time::Duration::ZERO);
        cine.of = now;
        cine.at = stack.position;
        cine.ahead.clear();
    }
}

type Parts<'a> = (Entity, &'a Stack, &'a mut Cine, &'a Slot, Has<Active>);

/// Carries out what is asked of the clocks.
fn obey(
    mut messages: MessageReader<ViewCommand>,
    mut viewports: Query<Parts, With<Viewport>>,
    mut linked: ResMut<Linked>,
    layout: Res<Layout>,
    time: Res<Time<Real>>,
) {
    let now = time.elapsed();
    for message in messages.read() {
        let ViewCommand { target, action: Action::Cine(action) } = message else { continue };
        if *action == CineAction::ToggleLink {
            linked.0 = !linked.0;
            continue;
        }
        let meant = |entity, slot: &Slot, active| match target {
            Target::Active => active,
            Target::All => layout.slots().contains(&slot.0),
            Target::One(chosen) => *chosen == entity,
        };
        let starts = matches!(action, CineAction::Toggle | CineAction::ToggleBackwards);
        // One key stops what one key started, and in a linked layout what any of them plays.
        let stops = starts
            && viewports.iter().any(|(entity, _, cine, slot, active)| {
                (linked.0 || meant(entity, slot, active)) && cine.clock.is_playing()
            });
        let beat = beat(viewports.iter().map(|(_, _, cine, ..)| &cine.clock), now);
        for (entity, stack, mut cine, slot, active) in &mut viewports {
            if stops {
                if linked.0 || meant(entity, slot, active) {
                    cine.clock.pause(now);
                }
            } else if meant(entity, slot, active) && stack.len() > 1 {
                tune(&mut cine, *action, now, &beat);
            }
        }
    }
}

/// When a clock that plays already has a frame due, and its rate.
fn beat<'a>(
    clocks: impl Iterator<Item = &'a Clock>,
    now: std::time::Duration,
) -> Vec<(f64, std::time::Duration)> {
    clocks.filter_map(|clock| Some((clock.fps(), now + clock.until_next(now)?))).collect()
}

fn tune(cine: &mut Cine, action: CineAction, now: std::time::Duration, beats: &[(f64, std::time::Duration)]) {
    let position = cine.clock.frame_at(now);
    let clock = &mut cine.clock;
    let (first, last) = clock.trim();
    match action {
        CineAction::Toggle | CineAction::ToggleBackwards => {
            clock.set_backwards(action == CineAction::ToggleBackwards, now);
            let beat = beats.iter().find(|(fps, _)| *fps == clock.fps()).map_or(now, |(_, beat)| *beat);
            clock.play_in_step(now, beat);
            cine.logged = 0;
        }
        CineAction::Pause => clock.pause(now),
        CineAction::ToggleBar => cine.bar = !cine.bar,
        CineAction::Rate(fps) => clock.set_fps(fps, now),
        CineAction::Slower => {
            let slower = RATES.iter().rev().find(|rate| **rate < clock.fps() - 1e-6);
            clock.set_fps(slower.copied().unwrap_or(clock.fps()), now);
        }
        CineAction::Faster => {
            let faster = RATES.iter().find(|rate| **rate > clock.fps() + 1e-6);
            clock.set_fps(faster.copied().unwrap_or(clock.fps()), now);
        }
        CineAction::Mode(mode) => clock.set_mode(mode, now),
        CineAction::NextMode => clock.set_mode(clock.mode().next(), now),
        CineAction::Backwards(backwards) => clock.set_backwards(backwards, now),
        CineAction::Trim(first, last) => clock.set_trim(first, last, now),
        CineAction::TrimStart => clock.set_trim(position, last.max(position), now),
        CineAction::TrimEnd => clock.set_trim(first.min(position), position, now),
        CineAction::ToggleLink => {}
    }
}

/// Positions listed ahead, at most.
const AHEAD: usize = 240;

/// Moves the stacks to what is due, and linked ones with whichever leads; asks to be woken for the next.
fn play(
    mut viewports: Query<(Entity, &mut Stack, &mut Cine, &Slot, Has<Active>), With<Viewport>>,
    linked: Res<Linked>,
    layout: Res<Layout>,
    time: Res<Time<Real>>,
    waker: Option<Res<Waker>>,
    mut tracks: Local<HashMap<Entity, (Option<(InstanceId, u32, bool)>, Track)>>,
) {
    let now = time.elapsed();
    let page = layout.slots();
    // A hand on a stack stops the clock that moves it.
    let mut by_hand = None;
    for (entity, stack, mut cine, slot, active) in &mut viewports {
        if stack.position != cine.at {
            cine.clock.pause(now);
            cine.clock.seek(stack.position, now);
            if page.contains(&slot.0) && (active || by_hand.is_none()) {
                by_hand = Some(entity);
            }
        } else if !page.contains(&slot.0) && cine.clock.is_playing() {
            cine.clock.pause(now);
        }
    }
    if linked.0 && by_hand.is_some() {
        for (_, _, mut cine, ..) in viewports.iter_mut().filter(|(_, _, cine, ..)| cine.clock.is_playing()) {
            cine.clock.pause(now);
        }
    }
    let mut next: Option<std::time::Duration> = None;
    let mut leader = None;
    for (entity, mut stack, mut cine, _, active) in &mut viewports {
        let ahead: Vec<u32> = if cine.clock.is_playing() {
            let position = cine.clock.advance(now);
            if stack.position != position {
                stack.position = position;
            }
            cine.clock.ahead(now).take(AHEAD).collect()
        } else {
            Vec::new()
        };
        if let Some(wait) = cine.clock.until_next(now) {
            next = Some(next.map_or(wait, |next| next.min(wait)));
        }
        let leads = by_hand.map_or(cine.clock.is_playing(), |hand| hand == entity);
        if linked.0 && leads && (leader.is_none() || active) {
            leader = Some(entity);
        }
        if cine.ahead != ahead {
            cine.ahead = ahead;
        }
    }
    if let Some(leader) = leader {
        take_along(&mut viewports, leader, &page, &mut tracks, now);
    }
    for (_, stack, mut cine, ..) in &mut viewports {
        if cine.at != stack.position {
            cine.at = stack.position;
        }
    }
    if let (Some(wait), Some(waker)) = (next, waker) {
        let spent = time.last_update().map_or(std::time::Duration::ZERO, |update| update.elapsed());
        waker.wake_after(wait.saturating_sub(spent));
    }
}

fn take_along(
    viewports: &mut Query<(Entity, &mut Stack, &mut Cine, &Slot, Has<Active>), With<Viewport>>,
    leader: Entity,
    page: &std::ops::Range<usize>,
    tracks: &mut HashMap<Entity, (Option<(InstanceId, u32, bool)>, Track)>,
    now: std::time::Duration,
) {
    tracks.retain(|entity, _| viewports.contains(*entity));
    for (entity, stack, cine, ..) in viewports.iter() {
        match tracks.get(&entity) {
            Some((of, _)) if *of == cine.of => {}
            _ => drop(tracks.insert(entity, (cine.of, stack.track()))),
        }
    }
    let Ok((_, stack, cine, ..)) = viewports.get(leader) else { return };
    let (position, ahead) = (stack.position, cine.ahead.clone());
    let Some((_, leading)) = tracks.get(&leader) else { return };
    for (entity, mut stack, mut cine, slot, _) in viewports.iter_mut() {
        let Some((_, track)) = tracks.get(&entity) else { continue };
        if entity == leader || !page.contains(&slot.0) || track.frames < 2 {
            continue;
        }
        let there = follow(leading, position, track);
        cine.clock.pause(now);
        cine.clock.seek(there, now);
        if stack.position != there {
            stack.position = there;
        }
        let mut needed: Vec<u32> = ahead.iter().map(|ahead| follow(leading, *ahead, track)).collect();
        needed.dedup();
        if cine.ahead != needed {
            cine.ahead = needed;
        }
    }
}

/// Counts what was due and is on screen, or is not.
pub(super) fn note_shown(
    mut viewports: Query<(&Stack, &Shown, &mut Cine), With<Viewport>>,
    store: Res<FrameStore>,
    time: Res<Time<Real>>,
) {
    for (stack, shown, mut cine) in &mut viewports {
        if !cine.clock.is_playing() {
            continue;
        }
        let there = shown.image.is_some() && shown.key == stack.current_key();
        cine.clock.note(time.elapsed(), there);
        let due = cine.clock.due();
        if due >= cine.logged + cine.clock.fps() as u64 {
            cine.logged = due;
            tracing::debug!(
                target: "launch",
                due, dropped = cine.clock.dropped(), fps = cine.clock.fps(), texture_bytes = store.bytes(),
                elapsed_ms = time.elapsed().as_secs_f64() * 1e3,
                "playing"
            );
        }
    }
}

#[cfg(test)]
#[path = "cine_tests.rs"]
mod tests;
