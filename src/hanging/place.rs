//! Which way round an image hangs, and at which edge.
//!
//! Left breasts hang with the chest wall to the left, right ones with it to the right, so that a pair stands back to
//! back. That is decided by where the image says the front of the patient is, not by the number of a slot.

use super::values::{Edge, Turn};
use crate::geometry::{Justify, Orientation, ViewTransform};
use crate::study::Entry;

/// The wanted directions, the change that brings the image there, and the edge it keeps to.
pub(super) struct Placed {
    pub orientation: Option<Orientation>,
    pub turn: (u8, bool),
    pub justify: Justify,
}

/// Places an image as a slot asks.
pub(super) fn place(entry: &Entry, turn: &Turn, edge: Edge) -> Placed {
    let orientation = match turn {
        Turn::Standard => standard(entry),
        Turn::Stored => None,
        Turn::Letters(letters) => Some(letters.clone()),
    };
    let change = orientation.as_ref().zip(entry.orientation.as_ref()).and_then(|(wanted, stored)| {
        // Where the columns lead somewhere unexpected, the rows alone decide.
        let rows = Orientation { column: String::new(), ..wanted.clone() };
        stored.turn_to(wanted).or_else(|| stored.turn_to(&rows))
    });
    let turn = change.unwrap_or_default();
    let justify = match edge {
        Edge::ChestWall if !is_breast(entry) => Justify::Center,
        Edge::ChestWall => chest_wall(entry, turn),
        Edge::Left => Justify::Left,
        Edge::Right => Justify::Right,
        Edge::Center => Justify::Center,
    };
    Placed { orientation, turn, justify }
}

/// How radiologists hang a mammogram: the front of a left breast to the right, that of a right one to the left, in
/// craniocaudal views the outer side up, in all others the head up. `None` where nothing is known of the side.
pub(super) fn standard(entry: &Entry) -> Option<Orientation> {
    if !is_breast(entry) {
        return None;
    }
    let (front, outward) = match entry.laterality.as_deref()? {
        "L" => ("A", "R"),
        "R" => ("P", "L"),
        _ => return None,
    };
    let column = match entry.view_position.as_deref() {
        Some("CC" | "XCC" | "XCCL" | "XCCM" | "FB") => outward,
        Some("MLO" | "ML" | "LM" | "LMO" | "SIO" | "ISO") => "F",
        _ => "",
    };
    Some(Orientation { row: front.to_owned(), column: column.to_owned() })
}

/// A specimen is a mammogram, and has no chest wall.
fn is_breast(entry: &Entry) -> bool {
    entry.is_mammogram() && entry.view_position.as_deref() != Some("specimen")
}

/// The edge the back of the patient is at; by the side of the breast where the image does not say.
fn chest_wall(entry: &Entry, (quarter_turns, flip): (u8, bool)) -> Justify {
    if let Some(stored) = &entry.orientation {
        let edges = stored.edges(&ViewTransform { quarter_turns, flip, ..ViewTransform::default() });
        // The strongest direction counts: an oblique row also leads to the feet.
        match edges.right.chars().find(|letter| "AP".contains(*letter)) {
            Some('A') => return Justify::Left,
            Some(_) => return Justify::Right,
            None => {}
        }
    }
    match entry.laterality.as_deref() {
        Some("L") => Justify::Left,
        Some("R") => Justify::Right,
        _ => Justify::Center,
    }
}
