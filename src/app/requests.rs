//! What keys, menus and panels ask of the application as a whole, and what it shows beside the images.

use bevy::prelude::*;

/// Asks something of the application that is not about one viewport.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    OpenFiles,
    OpenFolder,
    ToggleHelp,
    /// End the scan that runs.
    StopReading,
    /// The tag panel.
    ToggleTags,
    /// The tag panel with the keyboard in its filter.
    FindTags,
    Quit,
}

/// How much is written on the images.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum TextLevel {
    #[default]
    Full,
    Essential,
    None,
}

impl TextLevel {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Full => Self::Essential,
            Self::Essential => Self::None,
            Self::None => Self::Full,
        }
    }
}

/// What is open on top of the images.
#[derive(Resource, Debug, Default)]
pub struct Panels {
    pub help: bool,
    /// Files are being dragged over the window.
    pub dropping: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Intent>().init_resource::<TextLevel>().init_resource::<Panels>();
}
