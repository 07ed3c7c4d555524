//! [`ViewCommand`], the only way to change what a viewport shows.

use std::sync::Arc;

use bevy::prelude::*;

use super::cine::CineAction;
use super::components::{Active, Screen, Shown, Slot, Stack, View, ViewportState, Windowing};
use super::link::{Links, Place};
use super::slab::Slab;
use super::undo::{History, Way};
use super::windowing::{self, WindowChoice};
use super::{Hung, Layout, Viewport, hang, protocol};
use crate::app::AppSystems;
use crate::app::instance::Set;
use crate::app::monitors::ScreenPitch;
use crate::app::overlays::{Overlaid, StateChoice};
use crate::display::{Interpolation, SlabMode, Voi};
use crate::geometry::{ImageShape, ViewTransform, Zoom};

/// Which viewports a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The one keys act on.
    Active,
    All,
    One(Entity),
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Make it the one keys act on.
    Activate,
    /// Move by screen pixels.
    Pan([f64; 2]),
    /// Magnify about a point of the viewport, or its centre.
    Zoom {
        factor: f64,
        about: Option<[f64; 2]>,
    },
    Fit,
    /// One millimetre as large as in the other views hung so.
    SameSize,
    ActualPixels,
    /// Actual pixels, piece by piece: the next one, or the one before when negative.
    Tile(i32),
    /// A millimetre of the patient on a millimetre of the screen, where its pixels are known.
    TrueSize,
    RotateClockwise,
    FlipHorizontal,
    FlipVertical,
    /// Change the window by a drag of so many screen pixels.
    DragWindow([f64; 2]),
    SetWindow(Voi),
    /// One of the object's windows and tables, from 0.
    ObjectWindow(usize),
    /// The object's next window or table.
    NextObjectWindow,
    /// One of the presets of the modality, from 0.
    Preset(usize),
    FullRange,
    Invert,
    /// Scroll by frames, backwards when negative.
    Step(i64),
    /// Go to a frame of the stack, from 0.
    Frame(u32),
    NextInterpolation,
    /// Show something else.
    Show(Set),
    /// Change places with another viewport.
    SwapWith(Entity),
    /// No slab, then each way to combine slices.
    NextSlab,
    SetSlab(Option<SlabMode>),
    /// Slabs of so many millimetres.
    SlabThickness(f64),
    /// Thicker by so many slices, thinner when negative.
    ThickenSlab(i64),
    /// Show what was said about the image, or hide it.
    Overlays(bool),
    ToggleOverlays,
    /// Look at it through a presentation state, or without one.
    State(StateChoice),
    /// Back to how it was hung.
    Reset,
    /// Start, stop or tune the clock.
    Cine(CineAction),
    /// Take the last change back, or bring it back again.
    Undo,
    Redo,
}

impl Action {
    /// Changes that follow each other so closely that one undo takes them all back.
    pub(super) fn is_continuous(&self) -> bool {
        matches!(
            self,
            Self::Pan(_)
                | Self::Zoom { .. }
                | Self::DragWindow(_)
                | Self::Step(_)
                | Self::Frame(_)
                | Self::ThickenSlab(_)
        )
    }

    fn changes_nothing_to_undo(&self) -> bool {
        matches!(self, Self::Activate | Self::Cine(_) | Self::Undo | Self::Redo)
    }
}

/// Asks viewports to change.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct ViewCommand {
    pub target: Target,
    pub action: Action,
}

impl ViewCommand {
    pub fn active(action: Action) -> Self {
        Self { target: Target::Active, action }
    }

    pub fn one(viewport: Entity, action: Action) -> Self {
        Self { target: Target::One(viewport), action }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<ViewCommand>()
        .add_systems(Update, apply_commands.in_set(AppSystems::Command).after(hang::turn));
}

type ViewportParts<'a> = (
    Entity,
    &'a mut View,
    &'a mut Windowing,
    (&'a mut Slab, &'a mut Overlaid),
    &'a mut Stack,
    &'a Screen,
    &'a mut Shown,
    &'a mut Slot,
    Has<Active>,
);

pub(in crate::app) fn apply_commands(
    mut messages: MessageReader<ViewCommand>,
    mut viewports: Query<ViewportParts, With<Viewport>>,
    mut history: ResMut<History>,
    mut layout: ResMut<Layout>,
    mut hung: ResMut<Hung>,
    links: Option<Res<Links>>,
    pitch: Option<Res<ScreenPitch>>,
    mut commands: Commands,
) {
    let links = links.map(|links| *links).unwrap_or_default();
    for ViewCommand { target, action } in messages.read() {
        history.begin();
        if let (Action::Activate, Target::One(chosen)) = (action, target) {
            for (entity, .., active) in &viewports {
                if active != (entity == *chosen) {
                    let mut entity_commands = commands.entity(entity);
                    if active {
                        entity_commands.remove::<Active>();
                    } else {
                        entity_commands.insert(Active);
                    }
                }
            }
            continue;
        }
        if let (Action::SwapWith(other), Target::One(one)) = (action, target) {
            if let Some(slot) = swap(&mut viewports, *one, *other) {
                layout.used = layout.used.max(slot + 1);
                history.record_swap(*one, *other);
                hung.rearranged = true;
            }
            continue;
        }
        let source = viewports
            .iter()
            .find(|(entity, .., active)| match target {
                Target::Active => *active,
                Target::All => false,
                Target::One(chosen) => chosen == entity,
            })
            .map(|(entity, view, _, _, stack, screen, ..)| (entity, Place::of(view, screen, stack)));
        let way = match action {
            Action::Undo => Some(Way::Back),
            Action::Redo => Some(Way::Again),
            _ => None,
        };
        let taken_back = source.as_ref().and_then(|(entity, _)| history.command_to(way?, *entity));
        let mut swapped = None;
        for (
            entity,
            mut view,
            mut windowing,
            (mut slab, mut overlaid),
            mut stack,
            screen,
            mut shown,
            slot,
            active,
        ) in &mut viewports
        {
            let seen = layout.shows(slot.0);
            let meant = match target {
                Target::Active => active,
                Target::All => seen,
                Target::One(chosen) => *chosen == entity,
            };
            let linked = || {
                let (_, from) = source.as_ref().filter(|_| seen)?;
                if way.is_some() {
                    let same = taken_back.is_some() && history.command_to(way?, entity) == taken_back;
                    return same.then(|| action.clone());
                }
                links.carry(action, from, &Place::of(&view, screen, &stack))
            };
            let own = if meant { Some(action.clone()) } else { linked() };
            let Some(action) = &own else { continue };
            let of_empty = matches!(action, Action::Show(_) | Action::Undo | Action::Redo);
            if stack.is_empty() && !of_empty {
                continue;
            }
            let before = ViewportState {
                instances: stack.instances.clone(),
                view: view.clone(),
                windowing: windowing.clone(),
                slab: *slab,
                overlaid: overlaid.clone(),
                position: stack.position,
            };
            let mut after = before.clone();
            match action {
                Action::Undo => {
                    swapped = history.step(entity, Way::Back, &mut after).map(|with| (entity, with));
                }
                Action::Redo => {
                    swapped = history.step(entity, Way::Again, &mut after).map(|with| (entity, with));
                }
                Action::TrueSize => {
                    if let Some(pitch) = pitch.as_ref().and_then(|screen| screen.pitch) {
                        after.view.transform.zoom = Zoom::PerMillimetre(pitch.per_millimetre());
                        after.view.together = false;
                    }
                }
                _ => act(&mut after, action, &stack, screen, &shown),
            }
            if after == before {
                continue;
            }
            let shows_other = before.instances != after.instances;
            if !action.changes_nothing_to_undo() {
                history.record(entity, before, action);
            }
            view.set_if_neq(after.view);
            windowing.set_if_neq(after.windowing);
            if shows_other {
                // The old picture must not stand there under another name.
                *shown = Shown::default();
                layout.used = layout.used.max(slot.0 + 1);
                hung.rearranged = true;
                stack.instances = after.instances;
            }
            slab.set_if_neq(after.slab);
            overlaid.set_if_neq(after.overlaid);
            stack.position = after.position;
        }
        if let Some((one, other)) = swapped {
            swap(&mut viewports, one, other);
        }
    }
}

/// Exchanges where two viewports lie; all that is theirs goes with them. Answers the later of the slots.
fn swap(viewports: &mut Query<ViewportParts, With<Viewport>>, one: Entity, other: Entity) -> Option<usize> {
    let [mut one, mut other] = viewports.get_many_mut([one, other]).ok()?;
    std::mem::swap(&mut *one.7, &mut *other.7);
    Some(one.7.0.max(other.7.0))
}

/// Carries one action out on the state of one viewport.
fn act(state: &mut ViewportState, action: &Action, stack: &Stack, screen: &Screen, shown: &Shown) {
    let shape = shown.shape.unwrap_or(ImageShape::square(1, 1));
    let size = screen.size();
    if matches!(action, Action::Zoom { .. } | Action::Fit | Action::ActualPixels | Action::Tile(_)) {
        state.view.together = false;
    }
    let transform = &mut state.view.transform;
    match action {
        Action::Pan([dx, dy]) => transform.pan_by(*dx, *dy, shape, size),
        Action::Zoom { factor, about } => {
            let pointer = about.unwrap_or([size[0] / 2.0, size[1] / 2.0]);
            transform.zoom_about(*factor, pointer, shape, size);
        }
        Action::Fit => transform.fit(),
        Action::SameSize => {
            transform.fit();
            state.view.together = true;
        }
        Action::ActualPixels => transform.actual(),
        Action::Tile(by) => *transform = next_tile(transform, *by, shape, size),
        Action::RotateClockwise => transform.rotate_cw(),
        Action::FlipHorizontal => transform.flip_horizontal(),
        Action::FlipVertical => transform.flip_vertical(),
        Action::Step(by) => {
            let last = i64::from(stack.len().saturating_sub(1));
            let position = i64::from(state.position).saturating_add(*by).clamp(0, last);
            state.position = u32::try_from(position).unwrap_or_default();
        }
        Action::Frame(position) => state.position = (*position).min(stack.len().saturating_sub(1)),
        Action::NextInterpolation => {
            state.view.interpolation = match state.view.interpolation {
                Interpolation::Bilinear => Interpolation::Bicubic,
                Interpolation::Bicubic => Interpolation::Nearest,
                Interpolation::Nearest => Interpolation::Bilinear,
            };
        }
        Action::Show(set) => {
            if state.instances != *set {
                (state.instances, state.position) = (set.clone(), 0);
                state.overlaid = state.overlaid.elsewhere();
                (state.view, state.windowing) = protocol::alone(set);
            }
        }
        Action::Reset => {
            state.overlaid = state.overlaid.elsewhere();
            let start = Arc::clone(&state.view.start);
            state.view.transform = start.transform;
            state.view.together = start.together;
            state.windowing = start.windowing.clone();
            state.slab = Slab::default();
        }
        Action::Overlays(on) => turn_overlays(state, *on),
        Action::ToggleOverlays => turn_overlays(state, !state.overlaid.on),
        Action::State(choice) => {
            state.overlaid.choose(*choice, &mut state.view, &mut state.windowing);
        }
        Action::NextSlab => state.slab = state.slab.next(),
        Action::SetSlab(mode) => state.slab.mode = *mode,
        Action::SlabThickness(mm) => state.slab.thickness_mm = *mm,
        Action::ThickenSlab(by) => state.slab = state.slab.thickened(*by, stack, state.position),
        Action::Activate
        | Action::SwapWith(_)
        | Action::Cine(_)
        | Action::Undo
        | Action::Redo
        | Action::TrueSize => {}
        _ => act_on_window(&mut state.windowing, action, shown),
    }
}

fn turn_overlays(state: &mut ViewportState, on: bool) {
    state.overlaid.turn(on, &mut state.view, &mut state.windowing);
}

/// The tile after the one that is looked at; the first where none is.
fn next_tile(now: &ViewTransform, by: i32, shape: ImageShape, size: [f64; 2]) -> ViewTransform {
    let tiles = now.tiles(shape, size);
    let at = tiles.iter().position(|tile| {
        let near = tile.center.iter().zip(&now.center).all(|(a, b)| (a - b).abs() < 2.0);
        tile.zoom == now.zoom && near
    });
    let count = i32::try_from(tiles.len()).unwrap_or(i32::MAX).max(1);
    let next = match at.and_then(|at| i32::try_from(at).ok()) {
        Some(at) => (at + by).rem_euclid(count),
        None if by < 0 => count - 1,
        None => 0,
    };
    usize::try_from(next).ok().and_then(|next| tiles.get(next).copied()).unwrap_or(*now)
}

fn act_on_window(windowing: &mut Windowing, action: &Action, shown: &Shown) {
    match action {
        Action::DragWindow(by) => {
            let Some(look) = &shown.look else { return };
            // Several drags may arrive between two frames: build on the latest, not on what is shown.
            let voi = match &windowing.choice {
                WindowChoice::User(voi) => voi,
                _ => &look.applied.voi,
            };
            windowing.choice = WindowChoice::User(windowing::dragged(voi, *by));
        }
        Action::SetWindow(voi) => windowing.choice = WindowChoice::User(voi.clone()),
        Action::ObjectWindow(n) => windowing.choice = WindowChoice::Object(*n),
        Action::NextObjectWindow => {
            let count = shown.appearance.as_ref().map_or(0, |a| a.choices.len()).max(1);
            windowing.choice = match windowing.choice {
                WindowChoice::Object(n) => WindowChoice::Object((n + 1) % count),
                _ => WindowChoice::Object(0),
            };
        }
        Action::Preset(n) => windowing.choice = WindowChoice::Preset(*n),
        Action::FullRange => windowing.choice = WindowChoice::FullRange,
        Action::Invert => windowing.inverted = !windowing.inverted,
        _ => {}
    }
}
