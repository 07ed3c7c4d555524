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
    /// Number of the command whose changes are being noted.
    command: u64,
}

#[derive(Default)]
struct Steps {
    past: Vec<Step>,
    future: Vec<Step>,
    last: Option<Action>,
}

/// What a viewport looked like, and the command that changed it. A command that changed several viewports
/// is taken back in all of them.
struct Step {
    state: ViewportState,
    command: u64,
}

impl History {
    /// A command begins.
    pub(super) fn begin(&mut self) {
        self.command += 1;
    }

    /// The command that undoing, or redoing, a viewport's last change is about.
    pub(super) fn command_to(&self, undo: bool, viewport: Entity) -> Option<u64> {
        let steps = self.viewports.get(&viewport)?;
        let step = if undo { steps.past.last() } else { steps.future.last() };
        step.map(|step| step.command)
    }

    /// Notes what a viewport looked like before an action.
    pub(super) fn record(&mut self, viewport: Entity, before: ViewportState, action: &Action) {
        let steps = self.viewports.entry(viewport).or_default();
        let continues = action.is_continuous()
            && steps.last.as_ref().is_some_and(|last| discriminant(last) == discriminant(action));
        if !continues {
            steps.past.push(Step { state: before, command: self.command });
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
            let now = std::mem::replace(state, earlier.state);
            steps.future.push(Step { state: now, command: earlier.command });
            steps.last = None;
        }
    }

    pub(super) fn redo(&mut self, viewport: Entity, state: &mut ViewportState) {
        let Some(steps) = self.viewports.get_mut(&viewport) else {
            return;
        };
        if let Some(later) = steps.future.pop() {
            let now = std::mem::replace(state, later.state);
            steps.past.push(Step { state: now, command: later.command });
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
