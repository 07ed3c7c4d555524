//! Putting display sets into viewports: what goes where, on how many pages, and what stays as it was.
//!
//! [`Hanging`] is the one entrance: a grid, and slot by slot what is shown and how. Everything else here makes
//! one of it or changes which part of it is on screen.

use std::collections::{HashMap, HashSet};

use bevy::prelude::*;

use super::components::{Active, Shown, Slot, Stack, View, Windowing};
use super::protocol::{self, Course};
use super::undo::History;
use super::{Grid, Layout, Viewport};
use crate::app::AppSystems;
use crate::app::instance::{InstanceId, Set};
use crate::app::library::Hang;

/// Asks for another grid; `None` lets the number of images decide again.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relayout(pub Option<Grid>);

/// Asks for another part of what is hung.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    NextPage,
    PreviousPage,
    /// The page of a slot, unless it is in sight.
    See(usize),
    /// One viewport for the whole area, or all of them again.
    Maximize(Option<Entity>),
    /// The active viewport for the whole area, and back.
    ToggleMaximized,
}

/// Asks for these sets in these slots.
#[derive(Message, Debug, Clone, Default)]
pub struct Hanging {
    /// `None` leaves the grid to the user's wish or to the number of slots.
    pub grid: Option<Grid>,
    /// Slot by slot, through all pages; an empty set leaves its slot black.
    pub slots: Vec<Placed>,
    /// Sets that hang already stay as the user looks at them, and in slots the user changed nothing is replaced.
    pub continues: bool,
}

/// What a slot shows at first, and how.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    pub set: Set,
    /// The frame, among those of all instances.
    pub position: u32,
    pub view: View,
    pub windowing: Windowing,
}

impl From<Set> for Placed {
    fn from(set: Set) -> Self {
        Self { set, ..Self::default() }
    }
}

impl Placed {
    pub(in crate::app) fn stack(&self) -> Stack {
        let last = self.set.frames().saturating_sub(1);
        Stack { instances: self.set.clone(), position: self.position.min(last) }
    }
}

/// What is hung, for the slots that nobody has looked at yet.
#[derive(Resource, Default, Clone)]
pub struct Hung {
    slots: Vec<Placed>,
    /// The user chose what goes where: a scan that goes on adds at the end.
    pub(super) rearranged: bool,
    /// The protocol they hang by.
    pub course: Option<Course>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Relayout>()
        .add_message::<Turn>()
        .add_message::<Hanging>()
        .init_resource::<Hung>()
        .add_systems(Startup, spawn_first_viewports)
        .add_systems(Update, (hang_sets, turn).chain().in_set(AppSystems::Command));
}

fn spawn_first_viewports(mut commands: Commands, mut layout: ResMut<Layout>) {
    start_over(&mut commands, &mut layout);
}

/// The viewports of a layout in which nothing hangs yet.
pub(in crate::app) fn start_over(commands: &mut Commands, layout: &mut Layout) {
    layout.grid = layout.requested.unwrap_or(Grid::ONE);
    (layout.page, layout.used, layout.maximized) = (0, 0, None);
    settle(commands, layout, &Hung::default(), &[]);
}

/// Spawns the viewports that come on screen for the first time; keys act on one that is on screen.
/// `there` are the viewports that exist: which, in which slot, and whether keys act on it.
fn settle(commands: &mut Commands, layout: &Layout, hung: &Hung, there: &[(Entity, usize, bool)]) {
    let have = there.iter().map(|(_, slot, _)| slot + 1).max().unwrap_or_default();
    let first = (layout.slots()).find(|slot| layout.shows(*slot)).or(layout.maximized);
    let mut active = there.iter().any(|(_, slot, active)| *active && layout.shows(*slot));
    if !active {
        for (entity, slot, was_active) in there {
            if first == Some(*slot) {
                commands.entity(*entity).insert(Active);
                active = true;
            } else if *was_active {
                commands.entity(*entity).remove::<Active>();
            }
        }
    }
    for slot in have..layout.slots().end {
        let placed = hung.slots.get(slot).cloned().unwrap_or_default();
        let parts = (Viewport, Slot(slot), placed.stack(), placed.view, placed.windowing);
        let mut viewport = commands.spawn(parts);
        if !active && first == Some(slot) {
            viewport.insert(Active);
        }
    }
}

type Slots<'w, 's> = Query<
    'w,
    's,
    (
        Entity,
        &'static Slot,
        &'static mut Stack,
        &'static mut View,
        &'static mut Windowing,
        &'static mut Shown,
        Has<Active>,
    ),
    With<Viewport>,
>;

/// Hangs what arrived, and follows another grid.
pub(in crate::app) fn hang_sets(
    mut arrived: MessageReader<Hang>,
    mut hangings: MessageReader<Hanging>,
    mut relayouts: MessageReader<Relayout>,
    mut viewports: Slots,
    mut layout: ResMut<Layout>,
    mut hung: ResMut<Hung>,
    mut history: ResMut<History>,
    mut commands: Commands,
) {
    let relayout = relayouts.read().last().copied();
    let listed = arrived.read().last().map(|Hang { sets, course, beginning }| {
        // A protocol hangs what is new; what somebody looks at already stays where it is.
        if let Some(course) = course.as_ref().filter(|_| !hung.rearranged && history.is_empty()) {
            hung.course = Some(course.clone());
            let mut message = course.message();
            beginning.lay_into(&mut message.slots);
            return message;
        }
        let mut slots: Vec<_> = sets.iter().map(protocol::by_itself).collect();
        beginning.lay_into(&mut slots);
        Hanging { slots, grid: None, continues: true }
    });
    let hanging = hangings.read().last().cloned().or(listed);
    if hanging.is_none() && relayout.is_none() {
        return;
    }
    let looked_at = active_slot(&viewports);
    let mut grid = layout.requested;
    if let Some(Relayout(wanted)) = relayout {
        layout.requested = wanted;
        grid = wanted;
        layout.maximized = None;
    }
    if let Some(hanging) = hanging {
        grid = hanging.grid.or(grid);
        if hanging.continues {
            go_on(&mut hung, &mut viewports, &mut history, hanging.slots);
        } else {
            (layout.page, layout.maximized) = (0, None);
            replace(&mut hung, &mut viewports, &mut history, hanging.slots);
        }
    }
    layout.used = used(&viewports, &hung);
    layout.grid = grid.unwrap_or_else(|| Grid::for_count(layout.used));
    if relayout.is_some() {
        // What was looked at stays in sight.
        layout.page = layout.page_of(looked_at.unwrap_or_default());
    }
    layout.page = layout.page.min(layout.pages() - 1);
    settle(&mut commands, &layout, &hung, &there(&viewports));
}

fn there(viewports: &Slots) -> Vec<(Entity, usize, bool)> {
    viewports.iter().map(|(entity, slot, .., active)| (entity, slot.0, active)).collect()
}

fn active_slot(viewports: &Slots) -> Option<usize> {
    viewports.iter().find(|(.., active)| *active).map(|(_, slot, ..)| slot.0)
}

/// The slots up to the last one with something to show.
fn used(viewports: &Slots, hung: &Hung) -> usize {
    let filled = viewports.iter().filter(|(_, _, stack, ..)| !stack.is_empty());
    let seen = filled.map(|(_, slot, ..)| slot.0 + 1).max().unwrap_or_default();
    let spawned = viewports.iter().map(|(_, slot, ..)| slot.0 + 1).max().unwrap_or_default();
    if hung.slots.len() > spawned { hung.slots.len() } else { seen }
}

/// Everything anew.
fn replace(hung: &mut Hung, viewports: &mut Slots, history: &mut History, slots: Vec<Placed>) {
    for (entity, slot, mut stack, mut view, mut windowing, mut shown, _) in viewports {
        let placed = slots.get(slot.0).cloned().unwrap_or_default();
        if stack.instances != placed.set {
            *shown = Shown::default();
        }
        (*stack, *view, *windowing) = (placed.stack(), placed.view, placed.windowing);
        history.forget(entity);
    }
    *hung = Hung { slots, rearranged: false, course: hung.course.take() };
}

/// A scan that goes on: sets grew, and others came in between. What hangs keeps how it is looked at.
fn go_on(hung: &mut Hung, viewports: &mut Slots, history: &mut History, mut slots: Vec<Placed>) {
    let mut places: HashMap<InstanceId, usize> = HashMap::new();
    for (at, placed) in slots.iter().enumerate() {
        places.extend(placed.set.iter().map(|instance| (instance.id, at)));
    }
    // Where the frame that a viewport shows is listed now: the same set, however it grew.
    let grown: HashMap<Entity, usize> = viewports
        .iter()
        .filter_map(|(entity, _, stack, ..)| Some((entity, *places.get(&stack.current_key()?.instance)?)))
        .collect();
    if hung.rearranged {
        for (entity, _, mut stack, ..) in viewports.iter_mut() {
            let placed = grown.get(&entity).and_then(|at| slots.get(*at));
            if let Some(placed) = placed.filter(|placed| placed.set.len() > stack.instances.len()) {
                grow(&mut stack, &placed.set);
            }
        }
        for placed in &mut hung.slots {
            let first = placed.set.first().and_then(|instance| places.get(&instance.id));
            if let Some(now) = first.and_then(|at| slots.get(*at)) {
                placed.set = now.set.clone();
            }
        }
        add_behind(hung, viewports, slots);
        return;
    }
    // How a set is looked at goes along with it, wherever it hung until now.
    for (entity, _, stack, view, windowing, ..) in viewports.iter() {
        let Some(placed) = grown.get(&entity).and_then(|at| slots.get_mut(*at)) else { continue };
        let mut moved = stack.clone();
        grow(&mut moved, &placed.set);
        placed.position = moved.position;
        (placed.view, placed.windowing) = (view.clone(), windowing.clone());
    }
    for (entity, slot, mut stack, mut view, mut windowing, mut shown, _) in viewports.iter_mut() {
        let placed = slots.get(slot.0).cloned().unwrap_or_default();
        if grown.get(&entity) == Some(&slot.0) {
            grow(&mut stack, &placed.set);
            continue;
        }
        if stack.is_empty() && placed.set.is_empty() {
            continue;
        }
        (*stack, *view, *windowing) = (placed.stack(), placed.view, placed.windowing);
        *shown = Shown::default();
        history.forget(entity);
    }
    hung.slots = slots;
}

/// What was not listed before goes where nothing is yet, behind what was.
fn add_behind(hung: &mut Hung, viewports: &mut Slots, listed: Vec<Placed>) {
    let known: HashSet<InstanceId> =
        hung.slots.iter().flat_map(|placed| placed.set.iter()).map(|instance| instance.id).collect();
    let is_new = |placed: &Placed| placed.set.iter().all(|instance| !known.contains(&instance.id));
    let mut fresh = listed.into_iter().filter(is_new);
    let taken: HashMap<usize, Set> = viewports
        .iter()
        .filter(|(_, _, stack, ..)| !stack.is_empty())
        .map(|(_, slot, stack, ..)| (slot.0, stack.instances.clone()))
        .collect();
    let first = hung.slots.len();
    loop {
        let there = taken.get(&hung.slots.len()).cloned().map(Placed::from);
        let Some(next) = there.or_else(|| fresh.next()) else { break };
        hung.slots.push(next);
    }
    for (_, slot, mut stack, ..) in viewports.iter_mut() {
        let placed = hung.slots.get(slot.0).filter(|_| slot.0 >= first && stack.is_empty());
        if let Some(placed) = placed {
            *stack = placed.stack();
        }
    }
}

/// The stack grew around the frame that is shown.
fn grow(stack: &mut Stack, set: &Set) {
    if stack.instances == *set {
        return;
    }
    let current = stack.current_key();
    let start = current.and_then(|key| Some(set.start_of(key.instance)? + key.frame));
    *stack = Stack { instances: set.clone(), position: start.unwrap_or_default() };
}

/// Pages, and one viewport for all of the area. What is not on screen stays as it is.
pub(super) fn turn(
    mut turns: MessageReader<Turn>,
    viewports: Slots,
    mut layout: ResMut<Layout>,
    hung: Res<Hung>,
    mut commands: Commands,
) {
    let before = *layout;
    let mut after = before;
    for turn in turns.read() {
        let slot_of = |entity| viewports.get(entity).ok().map(|(_, slot, ..)| slot.0);
        let page = match *turn {
            Turn::NextPage => after.page + 1,
            Turn::PreviousPage => after.page.saturating_sub(1),
            Turn::See(slot) if after.shows(slot) => continue,
            Turn::See(slot) => after.page_of(slot),
            Turn::Maximize(entity) => {
                after.maximized = entity.and_then(slot_of).filter(|_| after.has_several());
                continue;
            }
            Turn::ToggleMaximized => {
                let slot = active_slot(&viewports).filter(|slot| after.shows(*slot));
                after.maximized = slot.filter(|_| after.maximized.is_none() && after.has_several());
                continue;
            }
        };
        after.maximized = None;
        after.page = page.min(after.pages() - 1);
    }
    if after != before {
        *layout = after;
        settle(&mut commands, &layout, &hung, &there(&viewports));
    }
}

#[cfg(test)]
#[path = "hang_tests.rs"]
mod tests;
