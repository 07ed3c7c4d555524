//! Hanging by protocol: which step is on screen, the next and the one before, another protocol, and the one
//! scale that views hung together have in common.
//!
//! What hangs where is decided by [`crate::hanging`]; this turns its answer into what viewports are made of.

use std::sync::Arc;

use bevy::prelude::*;

use super::components::{Screen, Slot, Stack, Start, View, Windowing};
use super::hang::{self, Hung, Placed};
use super::plan::shape_of;
use super::windowing::WindowChoice;
use super::{Grid, Hanging, Layout, Links, Relayout, Viewport};
use crate::app::AppSystems;
use crate::app::groups::Groups;
use crate::app::instance::Set;
use crate::app::loader::{Job, Priority};
use crate::app::notices::Notices;
use crate::app::opening::Beginning;
use crate::display::{self, Voi};
use crate::geometry::{Justify, ViewTransform, Zoom};
use crate::hanging::{self, Scale, Sized, Window};
use crate::launch::{AskedWindow, Protocols};
use crate::study::{DisplaySet, StudyIndex};

/// The protocols to choose from.
#[derive(Resource, Debug, Clone, Default)]
pub struct AllProtocols(pub Arc<Protocols>);

/// The protocol that images hang by, and which of its steps is on screen.
#[derive(Debug, Clone)]
pub struct Course {
    pub hanging: Arc<hanging::Hanging>,
    sets: Arc<[Set]>,
    pub step: usize,
}

impl Course {
    pub fn new(hanging: Arc<hanging::Hanging>, sets: Arc<[Set]>) -> Self {
        Self { hanging, sets, step: 0 }
    }

    /// Whether there are steps to go through, rather than pages of one grid.
    pub fn has_steps(&self) -> bool {
        self.is_by_protocol() && self.hanging.steps.len() > 1
    }

    /// Whether a protocol made it, rather than the number of images or a grid.
    pub fn is_by_protocol(&self) -> bool {
        !matches!(self.hanging.name.as_str(), "generic" | "layout")
    }

    /// What viewports are to show: a step of a protocol, or everything where there are only pages.
    pub fn message(&self) -> Hanging {
        let placed = |slot: &hanging::Slot| placed(slot, &self.sets);
        if self.is_by_protocol() {
            let step = self.hanging.steps.get(self.step);
            let grid = step.map(|step| Grid { rows: step.grid.0.max(1), columns: step.grid.1.max(1) });
            let slots = step.map(|step| step.slots.iter().map(placed).collect()).unwrap_or_default();
            return Hanging { grid, slots, continues: false };
        }
        let slots = self.hanging.steps.iter().flat_map(|step| &step.slots);
        let slots = slots.filter(|slot| slot.set.is_some() || self.hanging.name == "layout");
        Hanging { grid: None, slots: slots.map(placed).collect(), continues: true }
    }
}

/// Asks for another part of the course, or another course.
#[derive(Message, Debug, Clone, PartialEq)]
pub enum Rehang {
    NextStep,
    PreviousStep,
    /// By the protocol of that name, or the one that suits best.
    By(Option<String>),
    /// All images in a grid, in reading order; `None` by the protocol that suits best.
    Grid(Option<Grid>),
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Rehang>()
        .init_resource::<AllProtocols>()
        .init_resource::<Groups>()
        .init_resource::<Notices>()
        .add_systems(Update, rehang.in_set(AppSystems::Command).before(hang::hang_sets))
        .add_systems(
            Update,
            keep_same_size.in_set(AppSystems::Command).after(super::command::apply_commands),
        );
}

/// How sets hang: by the protocol asked for, else in the grid asked for, else by the protocol that suits best.
pub(in crate::app) fn hanging_of(
    index: &StudyIndex,
    sets: &[DisplaySet],
    protocols: &[hanging::Protocol],
    grid: Option<Grid>,
    asked: Option<&str>,
) -> Result<hanging::Hanging, hanging::Error> {
    match grid {
        Some(grid) if asked.is_none() => Ok(hanging::lay_out(index, sets, (grid.rows, grid.columns))),
        _ => hanging::hang(index, sets, protocols, asked),
    }
}

/// Sets that are open as the index and the sets that hanging is about.
fn described(sets: &[Set]) -> (StudyIndex, Vec<DisplaySet>) {
    let display_sets: Vec<DisplaySet> = sets
        .iter()
        .map(|set| DisplaySet { instances: set.iter().map(|one| Arc::clone(&one.entry)).collect() })
        .collect();
    let entries = display_sets.iter().flat_map(|set| set.instances.iter().cloned()).collect();
    (StudyIndex::from_entries(entries), display_sets)
}

/// A set in a slot of its own: mammograms as they hang anywhere, everything else as it is stored.
pub(in crate::app) fn by_itself(set: &Set) -> Placed {
    if set.first().is_none_or(|one| !one.entry.is_mammogram()) {
        return Placed::from(set.clone());
    }
    let (view, windowing) = alone(set);
    Placed { view, windowing, ..Placed::from(set.clone()) }
}

/// How a set hangs that somebody put into a viewport by hand.
pub(super) fn alone(set: &Set) -> (View, Windowing) {
    let (index, display_sets) = described(std::slice::from_ref(set));
    let hanging = hanging::lay_out(&index, &display_sets, (1, 1));
    let slot = hanging.steps.first().and_then(|step| step.slots.first());
    let placed = slot.map(|slot| placed(slot, std::slice::from_ref(set))).unwrap_or_default();
    (placed.view, placed.windowing)
}

/// What a viewport is made of, to show a slot.
fn placed(slot: &hanging::Slot, sets: &[Set]) -> Placed {
    let set = slot.set.and_then(|at| sets.get(at)).cloned().unwrap_or_default();
    let (quarter_turns, flip) = slot.turn;
    let together = slot.scale == Scale::SameSize;
    let zoom = if slot.scale == Scale::Actual { Zoom::Actual } else { Zoom::Fit };
    let transform =
        ViewTransform { zoom, quarter_turns, flip, justify: slot.justify, ..ViewTransform::default() };
    let modality = set.first().and_then(|one| one.entry.modality.clone()).unwrap_or_default();
    let choice = choice_of(&slot.window, &modality);
    let windowing = Windowing { choice, inverted: false };
    let start = Start {
        transform,
        together,
        windowing: windowing.clone(),
        label: slot.label.clone(),
        note: slot.note.clone(),
    };
    let view = View { transform, together, start: Arc::new(start), ..View::default() };
    Placed { set, position: 0, view, windowing }
}

/// The window that is meant by its name.
fn choice_of(window: &Window, modality: &str) -> WindowChoice {
    match window {
        Window::Object => WindowChoice::default(),
        Window::Full => WindowChoice::FullRange,
        Window::Preset(name) => display::presets(modality)
            .iter()
            .position(|preset| preset.name.eq_ignore_ascii_case(name))
            .map_or_else(WindowChoice::default, WindowChoice::Preset),
    }
}

impl Beginning {
    /// Lets sets begin as it was asked for.
    pub(in crate::app) fn lay_into(&self, slots: &mut [Placed]) {
        for placed in slots {
            if let Some(frame) = self.frame {
                placed.position = frame;
            }
            let modality = placed.set.first().and_then(|one| one.entry.modality.as_deref());
            match &self.window {
                None => {}
                Some(AskedWindow::Named(window)) => {
                    placed.windowing.choice = choice_of(window, modality.unwrap_or_default());
                }
                Some(AskedWindow::Values { center, width }) => {
                    let voi = Voi::Linear { center: *center, width: *width };
                    placed.windowing.choice = WindowChoice::User(voi);
                }
            }
        }
    }
}

/// The first frames of slots in a grid of viewports, each at the level it will be drawn at.
pub(in crate::app) fn first_jobs(slots: &[Placed], grid: Grid, [width, height]: [u32; 2]) -> Vec<Job> {
    let seen = || slots.iter().take(grid.cells()).enumerate();
    let sized: Vec<Option<Sized>> = seen()
        .map(|(at, placed)| {
            let [_, _, w, h] = grid.cell(at, [0, 0, width, height]);
            let quarter_turns = placed.view.transform.quarter_turns;
            Some(Sized {
                shape: shape_of(&placed.stack())?,
                quarter_turns,
                viewport: [f64::from(w), f64::from(h)],
            })
        })
        .collect();
    let together: Vec<Sized> =
        seen().zip(&sized).filter(|((_, placed), _)| placed.view.together).filter_map(|(_, s)| *s).collect();
    let scale = hanging::same_size(&together).per_millimetre;
    let job = |(placed, sized): (&Placed, &Option<Sized>)| {
        let mut transform = placed.view.transform;
        if let Some(scale) = scale.filter(|_| placed.view.together) {
            transform.zoom = Zoom::PerMillimetre(scale);
        }
        let level = sized.map_or(0, |s| display::choose_level(transform.scale(s.shape, s.viewport).recip()));
        let stack = placed.stack();
        let (instance, frame) = stack.current().map(|(instance, frame)| (Arc::clone(instance), frame))?;
        Some(Job { priority: Priority::Visible, instance, frame, level, stats: false, preview: false })
    };
    slots.iter().zip(&sized).filter_map(job).collect()
}

fn rehang(
    mut asked: MessageReader<Rehang>,
    mut relayouts: MessageReader<Relayout>,
    protocols: Res<AllProtocols>,
    groups: Res<Groups>,
    layout: Res<Layout>,
    mut hung: ResMut<Hung>,
    mut notices: ResMut<Notices>,
    mut out: MessageWriter<Hanging>,
    links: Option<ResMut<Links>>,
) {
    let relayout = relayouts.read().last().copied();
    let last = match (asked.read().last(), relayout) {
        (Some(last), _) => last.clone(),
        // A grid of one's own takes the place of the protocol's, over all images; taking it back brings that back.
        (None, Some(Relayout(grid))) if hung.course.is_some() && !hung.rearranged => Rehang::Grid(grid),
        _ => return,
    };
    match &last {
        Rehang::NextStep | Rehang::PreviousStep => {
            let Some(course) = hung.course.as_mut().filter(|course| course.has_steps()) else { return };
            let count = course.hanging.steps.len();
            let by = if last == Rehang::NextStep { 1 } else { count - 1 };
            course.step = (course.step + by) % count;
        }
        Rehang::By(_) | Rehang::Grid(_) => {
            let (name, grid) = match &last {
                Rehang::By(name) => (name.as_deref(), None),
                Rehang::Grid(grid) => (None, *grid),
                _ => (None, None),
            };
            let Some(group) = groups.current() else { return };
            let (index, sets) = described(&group.sets);
            match hanging_of(&index, &sets, &protocols.0.all, grid, name) {
                Ok(hanging) => {
                    hanging.notes.iter().for_each(|note| notices.warn(note.clone()));
                    hung.course = Some(Course::new(Arc::new(hanging), Arc::clone(&group.sets)));
                }
                Err(error) => return notices.warn(error.to_string()),
            }
        }
    }
    if let Some(course) = &hung.course {
        let mut message = course.message();
        message.continues = false;
        let wanted = relayout.map_or(layout.requested, |Relayout(grid)| grid);
        message.grid = message.grid.or(wanted);
        if let Some(mut links) = links {
            links.follow(&message);
        }
        out.write(message);
    }
}

/// Views that hang at one scale keep it, as the window and what hangs beside them change, until the user
/// zooms one by itself.
fn keep_same_size(
    mut viewports: Query<(&Slot, &Stack, &mut View, &Screen), With<Viewport>>,
    layout: Res<Layout>,
) {
    let mut places = Vec::new();
    let mut views = Vec::new();
    for (slot, stack, view, screen) in &viewports {
        let Some(shape) = shape_of(stack).filter(|_| view.together && layout.shows(slot.0)) else { continue };
        if screen.0[2] > 0 && screen.0[3] > 0 {
            let viewport = screen.size();
            places.push(slot.0);
            views.push(Sized { shape, quarter_turns: view.transform.quarter_turns, viewport });
        }
    }
    let same = hanging::same_size(&views);
    for (slot, _, mut view, _) in &mut viewports {
        let Some(at) = places.iter().position(|place| *place == slot.0) else { continue };
        let zoom = match same.per_millimetre {
            Some(scale) if !same.without.contains(&at) => Zoom::PerMillimetre(scale),
            _ => Zoom::Fit,
        };
        let near = match (zoom, view.transform.zoom) {
            (Zoom::PerMillimetre(a), Zoom::PerMillimetre(b)) => (a - b).abs() < 1e-9 * a,
            (a, b) => a == b,
        };
        if !near {
            view.transform.zoom = zoom;
        }
    }
}

impl Links {
    /// Mammograms that hang together are looked at together.
    fn follow(&mut self, hanging: &Hanging) {
        let facing = hanging.slots.iter().filter(|slot| slot.view.transform.justify != Justify::Center);
        if facing.count() > 1 {
            self.views = true;
        }
    }
}
