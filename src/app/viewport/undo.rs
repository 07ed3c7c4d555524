//! Taking changes of a viewport back: how it is looked at, what it shows, and where it lies. A drag or a scroll
//! counts as one change; an exchange of two viewports is one for both.

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

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// It looked like this before the command of that number. A command that changed several viewports is
    /// taken back in all of them.
    State { state: Box<ViewportState>, command: u64 },
    /// It changed places with that one.
    Swap(Entity),
}

/// Which way through the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Again,
}

impl Steps {
    fn push(&mut self, step: Step) {
        self.past.push(step);
        if self.past.len() > DEPTH {
            self.past.remove(0);
        }
        self.future.clear();
    }

    fn sides(&mut self, way: Way) -> (&mut Vec<Step>, &mut Vec<Step>) {
        match way {
            Way::Back => (&mut self.past, &mut self.future),
            Way::Again => (&mut self.future, &mut self.past),
        }
    }
}

impl History {
    /// Nobody has changed anything yet.
    pub(super) fn is_empty(&self) -> bool {
        self.viewports.values().all(|steps| steps.past.is_empty() && steps.future.is_empty())
    }

    /// A command begins.
    pub(super) fn begin(&mut self) {
        self.command += 1;
    }

    /// The command that undoing, or redoing, a viewport's last change is about.
    pub(super) fn command_to(&self, way: Way, viewport: Entity) -> Option<u64> {
        let steps = self.viewports.get(&viewport)?;
        let next = match way {
            Way::Back => steps.past.last(),
            Way::Again => steps.future.last(),
        };
        match next? {
            Step::State { command, .. } => Some(*command),
            Step::Swap(_) => None,
        }
    }

    /// Notes what a viewport looked like before an action.
    pub(super) fn record(&mut self, viewport: Entity, before: ViewportState, action: &Action) {
        let command = self.command;
        let steps = self.viewports.entry(viewport).or_default();
        let continues = action.is_continuous()
            && steps.last.as_ref().is_some_and(|last| discriminant(last) == discriminant(action));
        if !continues {
            steps.push(Step::State { state: Box::new(before), command });
        }
        steps.last = Some(action.clone());
        steps.future.clear();
    }

    /// Notes that two viewports changed places.
    pub(super) fn record_swap(&mut self, one: Entity, other: Entity) {
        for (viewport, with) in [(one, other), (other, one)] {
            let steps = self.viewports.entry(viewport).or_default();
            steps.push(Step::Swap(with));
            steps.last = None;
        }
    }

    /// Ends a drag: the next one is a change of its own.
    pub(super) fn end_gesture(&mut self) {
        for steps in self.viewports.values_mut() {
            steps.last = None;
        }
    }

    /// Takes a change back, or does it again. Where that was an exchange, the answer is with whom; the exchange
    /// itself is for the caller to make.
    pub(super) fn step(&mut self, viewport: Entity, way: Way, state: &mut ViewportState) -> Option<Entity> {
        let steps = self.viewports.get_mut(&viewport)?;
        let (from, to) = steps.sides(way);
        match from.pop()? {
            Step::State { state: other, command } => {
                let state = Box::new(std::mem::replace(state, *other));
                to.push(Step::State { state, command });
                steps.last = None;
                None
            }
            Step::Swap(with) => {
                to.push(Step::Swap(with));
                steps.last = None;
                let theirs = self.viewports.get_mut(&with)?;
                let (from, to) = theirs.sides(way);
                // It may have been changed since; of its own steps only this one is taken.
                if let Some(at) = from.iter().rposition(|step| *step == Step::Swap(viewport)) {
                    to.push(from.remove(at));
                }
                theirs.last = None;
                Some(with)
            }
        }
    }

    /// A viewport shows something else now: its past no longer applies.
    pub(in crate::app) fn forget(&mut self, viewport: Entity) {
        self.viewports.remove(&viewport);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<History>();
}
