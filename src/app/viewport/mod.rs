//! Viewports: what each shows, how it is looked at, and the one message that changes either.
//!
//! A viewport is an entity made of small components. Nothing but [`ViewCommand`] changes what a viewport
//! shows: keys, mouse, menus and tests all send it. Once one has started a clock, time moves the stack.

pub mod cine;
pub mod command;
mod components;
mod draw;
mod hang;
pub mod input;
pub mod keymap;
pub mod layout;
mod place;
mod plan;
pub mod probe;
#[cfg(test)]
mod tests;
mod undo;
mod wheel;
pub mod windowing;

use bevy::prelude::*;

pub use cine::{Cine, CineAction, Linked};
pub use command::{Action, Target, ViewCommand};
pub use components::{
    Active, Look, Reading, Screen, Shown, Slot, Stack, View, Viewport, ViewportState, Windowing,
};
pub use draw::{ReadyPipeline, TARGET_FORMAT};
pub use hang::Relayout;
pub use layout::Grid;

/// How the viewports are arranged.
#[derive(Resource, Debug, Clone, Copy)]
pub struct Layout {
    /// Asked for by the user; otherwise the number of images decides.
    pub requested: Option<Grid>,
    pub grid: Grid,
    /// Area of the viewports in the window: left, top, width, height in physical pixels.
    pub area: [u32; 4],
}

impl Default for Layout {
    fn default() -> Self {
        Self { requested: None, grid: Grid::ONE, area: [0, 0, 1, 1] }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Layout>().add_plugins((
        hang::plugin,
        command::plugin,
        undo::plugin,
        cine::plugin,
        wheel::plugin,
        input::plugin,
        plan::plugin,
        place::plugin,
        probe::plugin,
        draw::plugin,
    ));
}

/// Everything that lived on a lost device: viewports ask for it again.
pub(super) fn lose_device(world: &mut World) {
    let mut viewports = world.query_filtered::<&mut Shown, With<Viewport>>();
    for mut shown in viewports.iter_mut(world) {
        shown.image = None;
        shown.look = None;
        shown.waiting = true;
    }
    world.resource_mut::<draw::Drawings>().0.clear();
}
