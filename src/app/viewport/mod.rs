//! Viewports: what each shows, how it is looked at, and the one message that changes either.
//!
//! A viewport is an entity made of small components. Nothing but [`ViewCommand`] changes what a viewport
//! shows: keys, mouse, menus and tests all send it. Once one has started a clock, time moves the stack.

pub mod cine;
pub mod command;
mod components;
mod draw;
#[cfg(test)]
mod drawing_tests;
pub mod hang;
pub mod input;
pub mod keymap;
mod keys;
pub mod layout;
pub mod lens;
mod link;
pub mod moving;
mod place;
mod plan;
pub mod probe;
pub mod protocol;
mod slab;
#[cfg(test)]
mod tests;
mod undo;
mod wheel;
pub mod windowing;

use bevy::prelude::*;

pub use cine::{Cine, CineAction, Linked};
pub(in crate::app) use command::apply_commands;
pub use command::{Action, Target, ViewCommand};
pub use components::{
    Active, Look, Reading, Screen, Shown, Slot, Stack, Start, View, Viewport, ViewportState, Windowing,
};
pub use draw::{ReadyPipeline, TARGET_FORMAT};
pub use hang::{Hanging, Hung, Placed, Relayout, Turn};
pub(in crate::app) use input::Pointer;
pub use layout::{Grid, Layout};
pub use lens::Lens;
pub use link::Links;
pub(in crate::app) use plan::{bind_frames, sized};
pub use slab::{Slab, SlabPicture};
pub use undo::History;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Layout>().add_plugins((
        commands_plugin,
        cine::plugin,
        wheel::plugin,
        input::plugin,
        plan::plugin,
        place::plugin,
        probe::plugin,
        draw::plugin,
        slab::plugin,
        lens::plugin,
    ));
}

/// What messages need to change viewports: no window, no GPU.
pub(in crate::app) fn commands_plugin(app: &mut App) {
    app.add_plugins((
        hang::plugin,
        command::plugin,
        undo::plugin,
        moving::plugin,
        link::plugin,
        protocol::plugin,
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
    slab::lose_device(world);
    super::overlays::lose_device(world);
}
