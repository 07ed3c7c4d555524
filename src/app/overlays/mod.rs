//! What others said about the images on screen: objects that explain them, as entities related to what they explain.
//!
//! A [`Supplement`](super::instance::Supplement) of the library is read on a thread and becomes an [`Overlay`] on the
//! same entity; `attach` relates it to every instance it is about, whichever of the two came first. A viewport has
//! [`Overlaid`]: whether it shows any, and which presentation state. What that makes of a frame is a [`Plate`], made
//! on a thread by `plating`: drawings for the interface, and one cover for the shader. `stating` lets a state decide
//! about windows and views. How lists and drawings look is the interface's matter.

mod attach;
mod content;
mod jump;
mod object;
mod plating;
mod pointing;
mod reading;
mod saving;
mod shown;
mod stating;
#[cfg(test)]
mod tests;

use bevy::prelude::*;

pub use attach::Explained;
pub use content::Content;
pub use jump::Jump;
pub use object::{Change, Options, Overlay, Switch};
pub use pointing::Pointing;
pub use shown::{Overlaid, Plated, StateChoice, Stated};

pub(super) fn plugin(app: &mut App) {
    app.add_plugins((
        reading::plugin,
        attach::plugin,
        object::plugin,
        stating::plugin,
        plating::plugin,
        jump::plugin,
        pointing::plugin,
        saving::plugin,
    ));
}

pub(super) use plating::lose_device;
