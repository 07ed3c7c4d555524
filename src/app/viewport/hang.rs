//! Putting display sets into viewports.

use std::sync::Arc;

use bevy::prelude::*;

use super::components::{Active, Shown, Slot, Stack, View, Windowing};
use super::undo::History;
use super::{Grid, Layout, Viewport};
use crate::app::AppSystems;
use crate::app::instance::InstanceData;
use crate::app::library::Hang;

/// Asks for another grid; `None` lets the number of images decide again.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relayout(pub Option<Grid>);

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Relayout>()
        .init_resource::<Hung>()
        .add_systems(Startup, spawn_first_viewport)
        .add_systems(Update, hang_sets.in_set(AppSystems::Command));
}

fn spawn_first_viewport(mut commands: Commands, mut layout: ResMut<Layout>) {
    layout.grid = layout.requested.unwrap_or(Grid::ONE);
    for slot in 0..layout.grid.cells() {
        let mut viewport = commands.spawn((Viewport, Slot(slot)));
        if slot == 0 {
            viewport.insert(Active);
        }
    }
}

/// The display sets on offer, for when the grid changes.
#[derive(Resource, Default)]
pub struct Hung {
    sets: Vec<Vec<Arc<InstanceData>>>,
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

/// Hangs what arrived: the grid follows the number of sets unless it was asked for, and a viewport that
/// shows the same stack as before keeps how it is looked at.
pub(super) fn hang_sets(
    mut arrived: MessageReader<Hang>,
    mut relayouts: MessageReader<Relayout>,
    mut viewports: Slots,
    mut layout: ResMut<Layout>,
    mut hung: ResMut<Hung>,
    mut history: ResMut<History>,
    mut commands: Commands,
) {
    let relayout = relayouts.read().last().copied();
    if let Some(Relayout(grid)) = relayout {
        layout.requested = grid;
    }
    let arrived = arrived.read().last();
    if let Some(Hang { sets }) = arrived {
        hung.sets.clone_from(sets);
    }
    if arrived.is_none() && relayout.is_none() {
        return;
    }
    let sets = &hung.sets;
    layout.grid = layout.requested.unwrap_or_else(|| Grid::for_count(sets.len()));
    let cells = layout.grid.cells();
    let mut have = 0;
    let keeps_active = viewports.iter().any(|(_, slot, .., active)| active && slot.0 < cells);
    for (entity, slot, mut stack, mut view, mut windowing, mut shown, active) in &mut viewports {
        have = have.max(slot.0 + 1);
        if active && slot.0 >= cells {
            commands.entity(entity).remove::<Active>();
        } else if slot.0 == 0 && !keeps_active {
            commands.entity(entity).insert(Active);
        }
        let new = sets.get(slot.0).filter(|_| slot.0 < cells).cloned().unwrap_or_default();
        let same_start = match (stack.instances.first(), new.first()) {
            (Some(old), Some(new)) => old.id == new.id,
            _ => false,
        };
        if same_start {
            keep_place(&mut stack, new);
            continue;
        }
        *stack = Stack::new(new);
        *view = View::default();
        *windowing = Windowing::default();
        *shown = Shown::default();
        history.forget(entity);
    }
    for slot in have..cells {
        let instances = sets.get(slot).cloned().unwrap_or_default();
        commands.spawn((Viewport, Slot(slot), Stack::new(instances)));
    }
}

/// A scan that goes on: the stack grew around the frame that is shown.
fn keep_place(stack: &mut Stack, instances: Vec<Arc<InstanceData>>) {
    let current = stack.current_key();
    stack.instances = instances;
    stack.position = current.and_then(|key| stack.position_of(key)).unwrap_or(0);
}
