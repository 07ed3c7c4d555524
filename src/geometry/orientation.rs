//! Anatomical directions at the edges of a view.

use dicom_dictionary_std::tags;

use super::ViewTransform;
use crate::dicom::DataSet;
use crate::dicom::functional_group;

/// The directions of the rows and columns of an image, as letters: the first names where columns are
/// counted to (the right edge), the second where rows are counted to (the bottom edge).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Orientation {
    pub row: String,
    pub column: String,
}

/// What is at the edges of a view; empty where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edges {
    pub left: String,
    pub right: String,
    pub top: String,
    pub bottom: String,
}

impl Orientation {
    /// The orientation of a frame, counted from 0: Patient Orientation where it is given, else
    /// whatever the direction cosines of the plane amount to. `None` where there is neither.
    pub fn read(data: &DataSet, frame: u32) -> Option<Self> {
        let own = functional_group(data, frame, tags::PATIENT_ORIENTATION_IN_FRAME_SEQUENCE);
        let letters = own.into_iter().chain([data]).find_map(|place| {
            let values = place.strings(tags::PATIENT_ORIENTATION);
            let [row, column] = values.get(..2)? else {
                return None;
            };
            let both = Self { row: row.trim().to_owned(), column: column.trim().to_owned() };
            (!both.row.is_empty() || !both.column.is_empty()).then_some(both)
        });
        letters.or_else(|| {
            let own = functional_group(data, frame, tags::PLANE_ORIENTATION_SEQUENCE);
            own.into_iter().chain([data]).find_map(|place| {
                let cosines: [f64; 6] =
                    place.floats(tags::IMAGE_ORIENTATION_PATIENT).get(..6)?.try_into().ok()?;
                Self::from_cosines(cosines)
            })
        })
    }

    /// From the direction cosines of the rows and of the columns.
    pub fn from_cosines([rx, ry, rz, cx, cy, cz]: [f64; 6]) -> Option<Self> {
        Some(Self { row: letters([rx, ry, rz])?, column: letters([cx, cy, cz])? })
    }

    /// The quarter turns and the flip that bring an image of this orientation to hang like another. Only the
    /// strongest letters have to agree: an oblique view hangs like the straight one it is nearest to. Where
    /// only one of the two directions is known, the other is left as it is stored, as far as it can be.
    /// `None` where nothing brings the one to the other.
    pub fn turn_to(&self, wanted: &Self) -> Option<(u8, bool)> {
        // The least change comes first, and so wins where several do.
        let changes = [0, 2, 1, 3].into_iter().flat_map(|turns| [(turns, false), (turns, true)]);
        let scored = changes.filter_map(|(quarter_turns, flip)| {
            let view = ViewTransform { quarter_turns, flip, ..ViewTransform::default() };
            let edges = self.edges(&view);
            let (right, bottom) =
                (agreement(&edges.right, &wanted.row), agreement(&edges.bottom, &wanted.column));
            let unknown = |got: &str, wanted: &str| got.is_empty() || wanted.is_empty();
            let fine = match (right, bottom) {
                (Some(right), Some(bottom)) => Some(right + bottom),
                (Some(right), None) if unknown(&edges.bottom, &wanted.column) => Some(right),
                (None, Some(bottom)) if unknown(&edges.right, &wanted.row) => Some(bottom),
                _ => None,
            };
            fine.map(|score| (score, (quarter_turns, flip)))
        });
        let best = scored.fold(None, |best: Option<(u32, _)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        best.map(|(_, change)| change)
    }

    /// The letters at the edges of a view.
    pub fn edges(&self, view: &ViewTransform) -> Edges {
        let mut edges = Edges {
            left: opposite(&self.row),
            right: self.row.clone(),
            top: opposite(&self.column),
            bottom: self.column.clone(),
        };
        for _ in 0..view.quarter_turns % 4 {
            // clockwise: what was on the left is on top now
            let Edges { left, right, top, bottom } = edges;
            edges = Edges { left: bottom, top: left, right: top, bottom: right };
        }
        if view.flip {
            std::mem::swap(&mut edges.left, &mut edges.right);
        }
        edges
    }
}

/// How well a direction agrees with the strongest letter of another: 3 where it is the strongest there too,
/// less where it is weaker, `None` where it is missing.
fn agreement(direction: &str, wanted: &str) -> Option<u32> {
    let letter = wanted.chars().next()?;
    let place = direction.chars().position(|other| other == letter)?;
    u32::try_from(3_usize.saturating_sub(place)).ok().filter(|score| *score > 0)
}

/// The letters of a direction, the strongest first. Components of less than a few degrees of
/// obliqueness are left out. Patient coordinates grow to the left, to the back and to the head.
fn letters(direction: [f64; 3]) -> Option<String> {
    const OBLIQUE: f64 = 0.05;
    let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
    if !length.is_normal() {
        return None;
    }
    let mut parts: Vec<(f64, char)> = direction
        .iter()
        .zip([('R', 'L'), ('A', 'P'), ('F', 'H')])
        .map(|(&v, (negative, positive))| (v.abs() / length, if v < 0.0 { negative } else { positive }))
        .filter(|&(strength, _)| strength > OBLIQUE)
        .collect();
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    Some(parts.into_iter().map(|(_, letter)| letter).collect())
}

/// The opposite direction, letter by letter; empty where a letter has none.
fn opposite(direction: &str) -> String {
    let turned: Option<String> = direction
        .chars()
        .map(|letter| {
            Some(match letter {
                'A' => 'P',
                'P' => 'A',
                'R' => 'L',
                'L' => 'R',
                'H' => 'F',
                'F' => 'H',
                _ => return None,
            })
        })
        .collect();
    turned.unwrap_or_default()
}

#[cfg(test)]
#[path = "orientation_tests.rs"]
mod tests;
