//! Keeping the event loop asleep.
//!
//! bevy_egui reports the state of the modifier keys on every frame; egui takes any event for a reason to
//! draw again, and the loop would never rest. The event is dropped when nothing changed.

use bevy::prelude::*;
use bevy_egui::{EguiInput, EguiPreUpdateSet, egui};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        drop_unchanged_modifiers.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass),
    );
}

fn drop_unchanged_modifiers(mut inputs: Query<&mut EguiInput>, mut last: Local<egui::Modifiers>) {
    for mut input in &mut inputs {
        let mut current = *last;
        input.events.retain(|event| match event {
            egui::Event::ModifiersChanged(modifiers) => {
                let changed = *modifiers != current;
                current = *modifiers;
                changed
            }
            _ => true,
        });
        *last = current;
    }
}
