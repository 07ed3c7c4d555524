//! Which rows are open, apart from the rows themselves, and which are to be seen.

use std::collections::HashSet;

use super::filter::Filter;
use super::path::{Path, Step};
use super::rows::{Kind, Row, Rows};

/// What somebody opened and closed.
///
/// Sequences begin closed; an item that is alone in its sequence, or stands for the frame on screen, begins
/// open. Kept by path, so that it outlives the rows: another frame or another object of a series shows what
/// was open before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// Rows that are not as they began.
    toggled: HashSet<Path>,
    /// Everything is open but for what was toggled.
    all: bool,
}

impl Expansion {
    pub fn is_expanded(&self, rows: &Rows, index: usize) -> bool {
        let Some(row) = rows.get(index) else { return false };
        row.has_children() && (self.begins(rows, row) != self.toggled.contains(&key(rows, index)))
    }

    /// Opens what is closed and the reverse.
    pub fn toggle(&mut self, rows: &Rows, index: usize) {
        let key = key(rows, index);
        if !self.toggled.remove(&key) {
            self.toggled.insert(key);
        }
    }

    pub fn expand(&mut self, rows: &Rows, index: usize) {
        if !self.is_expanded(rows, index) {
            self.toggle(rows, index);
        }
    }

    /// Opens everything around a row, so that it is seen.
    pub fn reveal(&mut self, rows: &Rows, index: usize) {
        let mut parent = rows.get(index).and_then(|row| row.parent);
        while let Some(index) = parent {
            self.expand(rows, index);
            parent = rows.get(index).and_then(|row| row.parent);
        }
    }

    pub fn expand_all(&mut self) {
        *self = Self { toggled: HashSet::new(), all: true };
    }

    pub fn collapse_all(&mut self) {
        *self = Self::default();
    }

    fn begins(&self, rows: &Rows, row: &Row) -> bool {
        let Kind::Item(_) = row.kind else { return self.all };
        let sequence = row.parent.and_then(|parent| rows.get(parent));
        let followed = rows.frame().is_some() && sequence.is_some_and(is_per_frame);
        self.all || followed || sequence.is_some_and(|sequence| sequence.items() == 1)
    }
}

fn is_per_frame(row: &Row) -> bool {
    row.depth == 0 && row.tag == dicom_dictionary_std::tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE
}

/// The path of a row; while a frame is followed, all frames' items are one.
fn key(rows: &Rows, index: usize) -> Path {
    let mut path = rows.path(index);
    if rows.frame().is_some()
        && let Some(Step { tag, item: Some(item) }) = path.0.first_mut()
        && *tag == dicom_dictionary_std::tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE
    {
        *item = u32::MAX;
    }
    path
}

/// The rows to be seen, in order, as indices.
///
/// Without a filter these are the rows in open rows. With one they are the rows it finds and what is around
/// them, open or not; inside a row that was found, what is open is seen as well.
pub fn visible(rows: &Rows, expansion: &Expansion, filter: &Filter) -> Vec<usize> {
    if filter.is_empty() {
        return open_rows(rows, expansion);
    }
    let found: Vec<bool> = rows.iter().map(|row| filter.matches(row)).collect();
    let is = |marks: &[bool], index: usize| marks.get(index).copied().unwrap_or(false);
    // A row is kept when it, or something below it, was found.
    let mut kept = vec![false; rows.len()];
    for index in (0..rows.len()).filter(|&index| is(&found, index)) {
        let mut at = Some(index);
        while let Some(row) = at.filter(|&row| !is(&kept, row)) {
            if let Some(mark) = kept.get_mut(row) {
                *mark = true;
            }
            at = rows.get(row).and_then(|row| row.parent);
        }
    }
    // Rows whose children are seen for being inside what was found.
    let mut inside = vec![false; rows.len()];
    let mut seen = Vec::new();
    let mut index = 0;
    while let Some(row) = rows.get(index) {
        let within = row.parent.is_some_and(|parent| is(&inside, parent));
        if !within && !is(&kept, index) {
            index = row.end.max(index + 1);
            continue;
        }
        seen.push(index);
        if (within || is(&found, index))
            && expansion.is_expanded(rows, index)
            && let Some(mark) = inside.get_mut(index)
        {
            *mark = true;
        }
        index += 1;
    }
    seen
}

fn open_rows(rows: &Rows, expansion: &Expansion) -> Vec<usize> {
    let mut seen = Vec::new();
    let mut index = 0;
    while let Some(row) = rows.get(index) {
        seen.push(index);
        // Only what has children needs its path, and most rows have none.
        let open = row.end > index + 1 && expansion.is_expanded(rows, index);
        index = if open { index + 1 } else { row.end.max(index + 1) };
    }
    seen
}
