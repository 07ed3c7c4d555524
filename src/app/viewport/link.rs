//! Views that move together: what is done to one is done to the others, mirrored where they face each other.
//!
//! Which actions travel, and what becomes of them on the way. That they are carried out is the command's
//! matter; scrolling together is the players'.

use bevy::prelude::*;

use super::command::Action;
use super::components::{Screen, Stack, View};
use crate::geometry::Justify;

/// What travels from one viewport to the others.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// Zoom and pan.
    pub views: bool,
    /// Window and inversion.
    pub windows: bool,
}

/// What of a viewport decides how an action arrives there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    justify: Justify,
    size: [f64; 2],
    modality: Option<String>,
}

impl Place {
    pub(super) fn of(view: &View, screen: &Screen, stack: &Stack) -> Self {
        let modality = stack.current().and_then(|(instance, _)| instance.entry.modality.clone());
        Self { justify: view.transform.justify, size: screen.size(), modality }
    }

    /// Whether two views face each other: what moves inwards in one moves inwards in the other.
    fn faces(&self, other: &Self) -> bool {
        self.justify != Justify::Center && self.justify == other.justify.mirrored()
    }
}

impl Links {
    /// What an action on one viewport means for another; `None` where it does not travel there.
    pub(super) fn carry(&self, action: &Action, from: &Place, to: &Place) -> Option<Action> {
        if from.modality != to.modality {
            return None;
        }
        let mirror = if from.faces(to) { -1.0 } else { 1.0 };
        match action {
            Action::Pan([dx, dy]) if self.views => Some(Action::Pan([dx * mirror, *dy])),
            Action::Zoom { factor, about } if self.views => {
                let about = about.map(|point| {
                    let share = |axis: usize| {
                        let whole = from.size.get(axis).copied().unwrap_or(1.0).max(1.0);
                        point.get(axis).copied().unwrap_or_default() / whole
                    };
                    let across = if mirror < 0.0 { 1.0 - share(0) } else { share(0) };
                    [across * to.size[0], share(1) * to.size[1]]
                });
                Some(Action::Zoom { factor: *factor, about })
            }
            Action::Fit | Action::SameSize | Action::ActualPixels | Action::Reset | Action::Tile(_)
                if self.views =>
            {
                Some(action.clone())
            }
            Action::DragWindow(_)
            | Action::SetWindow(_)
            | Action::ObjectWindow(_)
            | Action::NextObjectWindow
            | Action::Preset(_)
            | Action::FullRange
            | Action::Invert
                if self.windows =>
            {
                Some(action.clone())
            }
            _ => None,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Links>();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(justify: Justify, width: f64) -> Place {
        Place { justify, size: [width, 200.0], modality: Some("MG".to_owned()) }
    }

    #[test]
    fn views_that_face_each_other_move_in_opposite_directions() {
        let links = Links { views: true, windows: false };
        let (right, left) = (place(Justify::Right, 400.0), place(Justify::Left, 200.0));
        let pan = Action::Pan([10.0, 3.0]);
        assert_eq!(links.carry(&pan, &right, &left), Some(Action::Pan([-10.0, 3.0])));
        assert_eq!(links.carry(&pan, &right, &right), Some(pan));
        let zoom = Action::Zoom { factor: 2.0, about: Some([100.0, 50.0]) };
        let mirrored = Action::Zoom { factor: 2.0, about: Some([150.0, 50.0]) };
        assert_eq!(links.carry(&zoom, &right, &left), Some(mirrored));
    }

    #[test]
    fn only_what_is_linked_travels_and_only_within_a_modality() {
        let (a, b) = (place(Justify::Center, 400.0), place(Justify::Center, 400.0));
        let views = Links { views: true, windows: false };
        let windows = Links { views: false, windows: true };
        assert_eq!(views.carry(&Action::Invert, &a, &b), None);
        assert_eq!(windows.carry(&Action::Invert, &a, &b), Some(Action::Invert));
        assert_eq!(windows.carry(&Action::Fit, &a, &b), None);
        assert_eq!(views.carry(&Action::RotateClockwise, &a, &b), None);
        let other = Place { modality: Some("CT".to_owned()), ..b };
        assert_eq!(windows.carry(&Action::Invert, &a, &other), None);
    }
}
