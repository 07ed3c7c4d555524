//! Keeping the event loop asleep.
//!
//! bevy_egui reports the state of the modifier keys on every frame; egui takes any event for a reason to
//! draw again, and the loop would never rest. The event is dropped when nothing changed. What egui wants to
//! do later, such as showing a hint once the pointer rests, wakes the loop when it is time.

use crate::app::wake::Waker;
use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy_egui::{EguiInput, EguiPostUpdateSet, EguiPreUpdateSet, EguiRenderOutput, egui};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        drop_unchanged_modifiers.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass),
    )
    .add_systems(
        PostUpdate,
        redraw_new_letters
            .after(EguiPostUpdateSet::ProcessOutput)
            .before(EguiPostUpdateSet::PostProcessOutput),
    );
}

/// Wakes the loop when egui asks for it, now or later.
pub(super) fn keep_appointments(context: &egui::Context, waker: &Waker) {
    let waker = waker.clone();
    context.set_request_repaint_callback(move |asked| {
        if asked.delay.is_zero() { waker.wake() } else { waker.wake_after(asked.delay) }
    });
}

/// Letters that were never drawn before reach the GPU with the update after this one, so there has to be one.
fn redraw_new_letters(outputs: Query<&EguiRenderOutput>, mut redraw: MessageWriter<RequestRedraw>) {
    if outputs.iter().any(|output| !output.textures_delta.is_empty()) {
        redraw.write(RequestRedraw);
    }
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
