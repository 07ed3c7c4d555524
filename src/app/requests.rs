//! What keys, menus and panels ask of the application as a whole, and what it shows beside the images.

use std::path::PathBuf;

use bevy::prelude::*;

/// Asks something of the application that is not about one viewport.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    OpenFiles,
    OpenFolder,
    /// The search for studies on servers.
    FindStudy,
    ToggleHelp,
    /// End the scan that runs.
    StopReading,
    /// Try again what could not be had.
    Retry,
    /// The tag panel.
    ToggleTags,
    /// The tag panel with the keyboard in its filter.
    FindTags,
    /// The panel of overlays.
    ToggleOverlays,
    /// Save the looks of the images on screen as a presentation state.
    SaveState,
    /// The study panel.
    ToggleStudies,
    /// The page of a report.
    ToggleReport,
    /// The field to find words on the page that has the keyboard.
    FindOnPage,
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

/// A choice of a grid under way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Picker {
    pub rows: Option<u32>,
}

impl Picker {
    /// A digit is typed: first the rows, then the columns; 0 leaves the choice to the images. Answers what was
    /// chosen, `None` inside for no grid in particular, once it is.
    pub fn digit(&mut self, digit: u32) -> Option<Option<(u32, u32)>> {
        match (digit, self.rows) {
            (0, _) => Some(None),
            (columns, Some(rows)) if columns.max(rows) <= 8 && columns.min(rows) <= 4 => {
                Some(Some((rows, columns)))
            }
            (rows, None) if rows <= 8 => {
                self.rows = Some(rows);
                None
            }
            _ => None,
        }
    }
}

/// What is open on top of the images.
#[derive(Resource, Debug, Default)]
pub struct Panels {
    pub help: bool,
    /// The list of overlays.
    pub overlays: bool,
    /// The picker of grids, with the number of rows as soon as it was typed.
    pub picker: Option<Picker>,
    /// Files are being dragged over the window.
    pub dropping: bool,
    /// The Escape key of this update was for something else than a panel.
    pub escape_taken: bool,
}

/// Whether the system can show a dialog: by its desktop portal over D-Bus, or by zenity.
pub fn has_dialogs() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    let in_path = |folder: PathBuf| folder.join("zenity").is_file();
    bus || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(in_path))
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Intent>().init_resource::<TextLevel>().init_resource::<Panels>();
}
