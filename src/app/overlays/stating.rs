//! A presentation state in force: it replaces what an image says of its windows, and once, when it is chosen, the view.

use std::sync::Arc;

use bevy::prelude::*;

use super::attach::Explained;
use super::content::Content;
use super::shown::{InForce, Overlaid, StateChoice, Stated};
use crate::app::AppSystems;
use crate::app::monitors::ScreenPitch;
use crate::app::viewport::{Screen, Shown, View, Viewport, Windowing, bind_frames};
use crate::presentation::gsps::Turn;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, apply_states.in_set(AppSystems::Bind).after(bind_frames));
}

/// Finds the state that holds for the frame of every viewport.
pub(super) fn apply_states(
    mut viewports: Query<
        (&mut Overlaid, &mut Stated, &mut Shown, &mut View, &mut Windowing, &Screen),
        With<Viewport>,
    >,
    explained: Explained,
    pitch: Option<Res<ScreenPitch>>,
) {
    for (mut overlaid, mut stated, mut shown, mut view, mut windowing, screen) in &mut viewports {
        let (Some(key), Some(instance)) = (shown.key, shown.instance.clone()) else {
            if stated.0.is_some() {
                stated.0 = None;
            }
            continue;
        };
        let wanted = match overlaid.state {
            _ if !overlaid.on => None,
            StateChoice::None => None,
            StateChoice::One(overlay) if explained.is_about(overlay, key.instance) => Some(overlay),
            // Another image of the stack has states of its own.
            StateChoice::Latest | StateChoice::One(_) => explained.latest_state(key.instance),
        };
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        let of_wanted = wanted.and_then(|overlay| match &explained.get(overlay)?.content {
            Content::State(state) => state.for_image(uid, key.frame).map(|_| (overlay, Arc::clone(state))),
            _ => None,
        });
        let Some((overlay, state)) = of_wanted else {
            if let Some(old) = stated.0.take()
                && shown.appearance.as_ref().is_some_and(|now| Arc::ptr_eq(now, &old.appearance))
            {
                shown.appearance = Some(Arc::clone(&old.own));
            }
            continue;
        };
        let Some(current) = shown.appearance.clone() else { continue };
        let holds = stated.0.as_ref().is_some_and(|old| {
            old.overlay == overlay && old.key == key && Arc::ptr_eq(&old.appearance, &current)
        });
        if !holds {
            let Some(opened) = instance.peek() else { continue };
            let Some(presented) = state.for_image(uid, key.frame) else { continue };
            let own = match &stated.0 {
                Some(old) if Arc::ptr_eq(&old.appearance, &current) => Arc::clone(&old.own),
                _ => current,
            };
            let appearance = Arc::new(presented.appearance(&own, opened.image.info()));
            let gray = own.palette.is_none() && opened.image.info().samples_per_pixel == 1;
            let ramp = presented.ramp().filter(|_| gray).map(Arc::from);
            overlaid.enter(&view, &mut windowing);
            // One that comes later, as when this look is saved, takes nothing over.
            if overlaid.state == StateChoice::Latest {
                overlaid.state = StateChoice::One(overlay);
            }
            shown.appearance = Some(Arc::clone(&appearance));
            let in_force = InForce {
                overlay,
                key,
                uid: uid.to_owned(),
                state: Arc::clone(&state),
                own,
                appearance,
                ramp,
            };
            stated.0 = Some(Arc::new(in_force));
        }
        let size = screen.size();
        if overlaid.unplaced
            && let (Some(shape), true) = (shown.shape, size[0] > 0.0 && size[1] > 0.0)
            && let Some(presented) = state.for_image(uid, key.frame)
        {
            overlaid.unplaced = false;
            if presented.area.is_some() || state.turn != Turn::default() {
                let per_mm = pitch.as_ref().and_then(|screen| screen.pitch).map(|p| p.per_millimetre());
                view.transform = presented.view(shape, size, per_mm);
                view.together = false;
            }
        }
    }
}
