//! [`ViewCommand`], the only way to change what a viewport shows.

use bevy::prelude::*;

use super::components::{Active, Screen, Shown, Slot, Stack, View, ViewportState, Windowing};
use super::undo::{History, Way};
use super::windowing::{self, WindowChoice};
use super::{Hung, Layout, Viewport, hang};
use crate::app::AppSystems;
use crate::app::instance::Set;
use crate::display::{Interpolation, Voi};
use crate::geometry::{ImageShape, ViewTransform};

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
    ActualPixels,
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
    /// Back to how it was hung.
    Reset,
    /// Take the last change back, or bring it back again.
    Undo,
    Redo,
}

impl Action {
    /// Changes that follow each other so closely that one undo takes them all back.
    pub(super) fn is_continuous(&self) -> bool {
        matches!(
            self,
            Self::Pan(_) | Self::Zoom { .. } | Self::DragWindow(_) | Self::Step(_) | Self::Frame(_)
        )
    }

    fn changes_nothing_to_undo(&self) -> bool {
        matches!(self, Self::Activate | Self::Undo | Self::Redo)
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
    &'a mut Stack,
    &'a Screen,
    &'a mut Shown,
    &'a mut Slot,
    Has<Active>,
);

fn apply_commands(
    mut messages: MessageReader<ViewCommand>,
    mut viewports: Query<ViewportParts, With<Viewport>>,
    mut history: ResMut<History>,
    mut layout: ResMut<Layout>,
    mut hung: ResMut<Hung>,
    mut commands: Commands,
) {
    for ViewCommand { target, action } in messages.read() {
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
        let mut swapped = None;
        for (entity, mut view, mut windowing, mut stack, screen, mut shown, slot, active) in &mut viewports {
            let meant = match target {
                Target::Active => active,
                Target::All => layout.shows(slot.0),
                Target::One(chosen) => *chosen == entity,
            };
            let of_empty = matches!(action, Action::Show(_) | Action::Undo | Action::Redo);
            if !meant || (stack.is_empty() && !of_empty) {
                continue;
            }
            let before = ViewportState {
                instances: stack.instances.clone(),
                view: view.clone(),
                windowing: windowing.clone(),
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
    std::mem::swap(&mut *one.6, &mut *other.6);
    Some(one.6.0.max(other.6.0))
}

/// Carries one action out on the state of one viewport.
fn act(state: &mut ViewportState, action: &Action, stack: &Stack, screen: &Screen, shown: &Shown) {
    let shape = shown.shape.unwrap_or(ImageShape::square(1, 1));
    let size = screen.size();
    let transform = &mut state.view.transform;
    match action {
        Action::Pan([dx, dy]) => transform.pan_by(*dx, *dy, shape, size),
        Action::Zoom { factor, about } => {
            let pointer = about.unwrap_or([size[0] / 2.0, size[1] / 2.0]);
            transform.zoom_about(*factor, pointer, shape, size);
        }
        Action::Fit => transform.fit(),
        Action::ActualPixels => transform.actual(),
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
                (state.view, state.windowing) = (View::default(), Windowing::default());
            }
        }
        Action::Reset => {
            state.view.transform = ViewTransform::default();
            state.view.transform.fit();
            state.windowing = Windowing::default();
        }
        Action::Activate | Action::SwapWith(_) | Action::Undo | Action::Redo => {}
        _ => act_on_window(&mut state.windowing, action, shown),
    }
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
