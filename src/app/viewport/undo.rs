//! Taking changes of a viewport back. A drag or a scroll counts as one change.

use std::collections::HashMap;
use std::mem::discriminant;

use bevy::prelude::*;

use super::command::Action;
use super::components::ViewportState;

/// Changes kept for each viewport.
const DEPTH: usize = 100;

/// What every viewport looked like before its changes.
#[derive(Resource, Default)]
pub struct History {
    viewports: HashMap<Entity, Steps>,
}

#[derive(Default)]
struct Steps {
    past: Vec<ViewportState>,
    future: Vec<ViewportState>,
    last: Option<Action>,
}

impl History {
    /// Notes what a viewport looked like before an action.
    pub(super) fn record(&mut self, viewport: Entity, before: ViewportState, action: &Action) {
        let steps = self.viewports.entry(viewport).or_default();
        let continues = action.is_continuous()
            && steps.last.as_ref().is_some_and(|last| discriminant(last) == discriminant(action));
        if !continues {
            steps.past.push(before);
            if steps.past.len() > DEPTH {
                steps.past.remove(0);
            }
        }
        steps.last = Some(action.clone());
        steps.future.clear();
    }

    /// Ends a drag: the next one is a change of its own.
    pub(super) fn end_gesture(&mut self) {
        for steps in self.viewports.values_mut() {
            steps.last = None;
        }
    }

    pub(super) fn undo(&mut self, viewport: Entity, state: &mut ViewportState) {
        let Some(steps) = self.viewports.get_mut(&viewport) else {
            return;
        };
        if let Some(earlier) = steps.past.pop() {
            steps.future.push(std::mem::replace(state, earlier));
            steps.last = None;
        }
    }

    pub(super) fn redo(&mut self, viewport: Entity, state: &mut ViewportState) {
        let Some(steps) = self.viewports.get_mut(&viewport) else {
            return;
        };
        if let Some(later) = steps.future.pop() {
            steps.past.push(std::mem::replace(state, later));
            steps.last = None;
        }
    }

    /// A viewport shows something else now: its past no longer applies.
    pub(super) fn forget(&mut self, viewport: Entity) {
        self.viewports.remove(&viewport);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<History>();
}
