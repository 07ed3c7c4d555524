//! What hangs where: the answer to a protocol.

use super::values::{Scale, Window};
use crate::geometry::{Justify, Orientation};

/// How everything that is open hangs. There is always at least one step, unless there is nothing to hang.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hanging {
    /// The name of the protocol.
    pub name: String,
    /// What it is called on screen.
    pub title: String,
    /// What is seen together, one step after the other.
    pub steps: Vec<Step>,
    /// What the reader should know about the choice.
    pub notes: Vec<String>,
}

/// What is seen together.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub title: String,
    /// Rows, columns.
    pub grid: (u32, u32),
    /// In reading order, one for each cell of the grid.
    pub slots: Vec<Slot>,
}

/// One cell of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Which of the display sets; `None` for a slot that stays black.
    pub set: Option<usize>,
    /// The directions to the right and downwards that were wanted.
    pub orientation: Option<Orientation>,
    /// The clockwise quarter turns and the flip that bring the first image of the set there.
    pub turn: (u8, bool),
    pub justify: Justify,
    pub scale: Scale,
    pub window: Window,
    /// What the slot is for, also while it is empty: `RMLO`.
    pub label: String,
    /// What is out of the ordinary: `spot compression`, `no prior study`. To be shown faintly.
    pub note: Option<String>,
}

impl Slot {
    /// A slot that stays black.
    pub fn empty(label: impl Into<String>, note: Option<String>) -> Self {
        Self {
            set: None,
            orientation: None,
            turn: (0, false),
            justify: Justify::Center,
            scale: Scale::Fit,
            window: Window::Object,
            label: label.into(),
            note,
        }
    }
}

impl Step {
    /// The display sets it shows.
    pub fn sets(&self) -> impl Iterator<Item = usize> + '_ {
        self.slots.iter().filter_map(|slot| slot.set)
    }

    /// Leaves out rows and columns in which nothing hangs. What is in one column stays in one column.
    pub(super) fn shrink(&mut self) {
        let (rows, columns) = (self.grid.0 as usize, self.grid.1 as usize);
        let filled = |row: usize, column: usize| {
            self.slots.get(row * columns + column).is_some_and(|slot| slot.set.is_some())
        };
        let kept_rows: Vec<usize> = (0..rows).filter(|row| (0..columns).any(|c| filled(*row, c))).collect();
        let kept_columns: Vec<usize> =
            (0..columns).filter(|column| (0..rows).any(|r| filled(r, *column))).collect();
        let cells =
            kept_rows.iter().flat_map(|row| kept_columns.iter().map(move |column| row * columns + column));
        self.slots = cells.filter_map(|cell| self.slots.get(cell).cloned()).collect();
        self.grid = (kept_rows.len() as u32, kept_columns.len() as u32);
    }
}
