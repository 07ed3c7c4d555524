//! The application: a Bevy app whose systems turn messages into viewports and decoded frames into pictures.
//!
//! This file lists the plugins and the order they work in, nothing else. An update runs down the list of
//! [`AppSystems`]; after the interface was laid out, [`PlaceSystems`] fix rectangles and uniforms, so that
//! what is drawn belongs to this very frame.

mod captions;
mod capture;
#[cfg(test)]
mod cine_tests;
pub mod gpu;
mod groups;
mod incoming;
mod inspecting;
mod instance;
mod library;
mod loader;
mod login;
mod monitors;
mod notices;
mod opening;
mod overlays;
mod presenting;
mod reports;
mod requests;
mod run;
mod searching;
mod studies;
#[cfg(test)]
mod tests;
mod textures;
mod thumbnails;
mod ui;
pub mod viewport;
mod wake;

use bevy::prelude::*;

pub use gpu::offscreen;
pub use run::{LaunchError, run};

/// What happens in an update, in this order.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppSystems {
    /// Drain the channels of the threads.
    Receive,
    /// Turn mouse and keys into messages.
    Input,
    /// Apply the messages.
    Command,
    /// Put what arrived on the GPU.
    Upload,
    /// Ask for what is wanted next.
    Request,
    /// Point viewports at the best picture there is.
    Bind,
}

/// After the interface: rectangles, windows, uniforms.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlaceSystems;

/// Everything of ours. Works without a window and without a GPU, as far as that goes.
pub(crate) fn plugin(app: &mut App) {
    use AppSystems::{Bind, Command, Input, Receive, Request, Upload};
    app.configure_sets(Update, (Receive, Input, Command, Upload, Request, Bind).chain()).add_plugins((
        notices::plugin,
        monitors::plugin,
        requests::plugin,
        library::plugin,
        login::plugin,
        searching::plugin,
        groups::plugin,
        thumbnails::plugin,
        (studies::plugin, reports::plugin),
        textures::plugin,
        viewport::plugin,
        overlays::plugin,
        inspecting::plugin,
        ui::plugin,
        capture::plugin,
    ));
}
