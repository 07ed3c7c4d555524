//! From one explained frame to the next.

use bevy::prelude::*;

use super::attach::Explained;
use super::shown::Overlaid;
use crate::app::AppSystems;
use crate::app::notices::Notices;
use crate::app::viewport::{Action, Active, Layout, Slot, Stack, ViewCommand, Viewport, apply_commands};

/// Asks for the next frame, in this viewport or the next ones, that has an overlay.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Jump>().add_systems(Update, jump.in_set(AppSystems::Command).before(apply_commands));
}

/// Frames that are looked at in one search.
const FAR: u32 = 20_000;

fn jump(
    mut asked: MessageReader<Jump>,
    viewports: Query<(Entity, &Slot, &Stack, &Overlaid, Has<Active>), With<Viewport>>,
    layout: Res<Layout>,
    explained: Explained,
    mut notices: ResMut<Notices>,
    mut out: MessageWriter<ViewCommand>,
) {
    if asked.read().count() == 0 {
        return;
    }
    let mut shown: Vec<_> = viewports.iter().filter(|(_, slot, ..)| layout.shows(slot.0)).collect();
    shown.sort_by_key(|(_, slot, ..)| slot.0);
    let active = shown.iter().position(|(.., active)| *active).unwrap_or(0);
    shown.rotate_left(active);
    let count = shown.len();
    // From behind the current frame through all viewports, and at last up to it again.
    for turn in 0..=count {
        let Some((entity, _, stack, overlaid, _)) = shown.get(turn % count.max(1)) else { break };
        let range = match turn {
            0 => stack.position + 1..stack.len(),
            _ if turn == count => 0..stack.position + 1,
            _ => 0..stack.len(),
        };
        let has = |position: &u32| {
            stack.at(*position).is_some_and(|(instance, frame)| {
                explained.of(instance.id).iter().any(|(_, overlay)| overlay.shows(instance, frame))
            })
        };
        if let Some(position) = range.take(FAR as usize).find(has) {
            out.write(ViewCommand::one(*entity, Action::Activate));
            if position != stack.position {
                out.write(ViewCommand::one(*entity, Action::Frame(position)));
            }
            if !overlaid.on {
                out.write(ViewCommand::one(*entity, Action::Overlays(true)));
            }
            return;
        }
    }
    notices.warn("nothing was said about the images on screen".to_owned());
}
