//! Carrying things to viewports: a viewport by the mark in its corner or with Ctrl and Alt onto another, which
//! changes their places, and a set from the study panel into one. A click on the mark is no journey: it gives
//! the viewport the whole area, and the next click takes it back.

use bevy::prelude::*;

use super::command::{Action, ViewCommand};
use super::hang::Turn;
use super::layout::Layout;
use crate::app::instance::Set;

/// Side of the mark in points, and how far it keeps from the corner.
pub const MARK_POINTS: f32 = 14.0;
pub const MARK_INSET: f32 = 5.0;
/// Viewports smaller than this, in points, have none.
const LEAST_POINTS: f32 = 90.0;

/// Pixels the pointer travels before a press becomes a journey.
const TRAVEL: f32 = 6.0;

/// What is carried.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    Viewport(Entity),
    Set(Set),
}

/// What is on its way.
#[derive(Resource, Debug, Default)]
pub struct Carried {
    journey: Option<Journey>,
}

#[derive(Debug)]
struct Journey {
    load: Load,
    from: Vec2,
    at: Vec2,
    by_mark: bool,
    travels: bool,
}

impl Carried {
    /// A press on a viewport: on its mark, or with the keys that lift it.
    pub(super) fn lift(&mut self, viewport: Entity, at: Vec2, by_mark: bool) {
        let load = Load::Viewport(viewport);
        self.journey = Some(Journey { load, from: at, at, by_mark, travels: false });
    }

    /// A set that is dragged out of the study panel; the pointer in physical pixels.
    pub fn carry(&mut self, set: &Set, at: Vec2) {
        let load = Load::Set(set.clone());
        self.journey = Some(Journey { load, from: at, at, by_mark: false, travels: true });
    }

    pub fn is_any(&self) -> bool {
        self.journey.is_some()
    }

    /// What is on its way, and where.
    pub fn load(&self) -> Option<(&Load, Vec2)> {
        let journey = self.journey.as_ref().filter(|journey| journey.travels)?;
        Some((&journey.load, journey.at))
    }

    pub(super) fn follow(&mut self, at: Vec2) {
        if let Some(journey) = &mut self.journey {
            journey.at = at;
            journey.travels |= at.distance(journey.from) > TRAVEL;
        }
    }

    pub fn cancel(&mut self) {
        self.journey = None;
    }

    /// Puts it down on a viewport, or nowhere.
    pub fn put_down(
        &mut self,
        on: Option<Entity>,
        layout: &Layout,
        commands: &mut MessageWriter<ViewCommand>,
        turns: &mut MessageWriter<Turn>,
    ) {
        let Some(journey) = self.journey.take() else { return };
        match (journey.load, on) {
            (Load::Viewport(viewport), _) if journey.by_mark && !journey.travels => {
                let only = layout.maximized.is_none().then_some(viewport);
                turns.write(Turn::Maximize(only));
            }
            (Load::Viewport(viewport), Some(on)) if journey.travels && viewport != on => {
                commands.write(ViewCommand::one(viewport, Action::SwapWith(on)));
            }
            (Load::Set(set), Some(on)) => {
                commands.write(ViewCommand::one(on, Action::Activate));
                commands.write(ViewCommand::one(on, Action::Show(set)));
            }
            _ => {}
        }
    }
}

/// The mark of a viewport: left, top and side in physical pixels, where the viewport has one.
pub fn mark(cell: [u32; 4], layout: &Layout, scale: f32) -> Option<[f32; 3]> {
    let [left, top, width, height] = cell.map(|pixels| pixels as f32);
    let large = width.min(height) >= LEAST_POINTS * scale;
    (layout.has_several() && large).then(|| {
        let (side, inset) = (MARK_POINTS * scale, MARK_INSET * scale);
        [left + width - inset - side, top + inset, side]
    })
}

/// Whether a position is on the mark, or as near as a hand aims.
pub(super) fn on_mark(position: Vec2, cell: [u32; 4], layout: &Layout, scale: f32) -> bool {
    let Some([left, top, side]) = mark(cell, layout, scale) else { return false };
    let slack = 3.0 * scale;
    let inside = |at: f32, from: f32| (from - slack..=from + side + slack).contains(&at);
    inside(position.x, left) && inside(position.y, top)
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Carried>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::viewport::Grid;

    #[test]
    fn the_mark_is_in_the_upper_right_corner_of_viewports_that_have_room() {
        let grid = Grid { rows: 2, columns: 2 };
        let layout = Layout { grid, area: [0, 30, 802, 602], ..Layout::default() };
        let cell = layout.cell(1).expect("a cell");
        assert_eq!(cell, [402, 30, 400, 300]);
        assert!(on_mark(Vec2::new(795.0, 40.0), cell, &layout, 1.0));
        assert!(!on_mark(Vec2::new(770.0, 40.0), cell, &layout, 1.0));
        assert!(!on_mark(Vec2::new(795.0, 70.0), cell, &layout, 1.0));
        assert!(mark([0, 0, 60, 60], &layout, 1.0).is_none());
        assert!(mark([0, 0, 800, 600], &Layout::default(), 1.0).is_none());
    }
}
