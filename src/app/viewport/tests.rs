//! Commands on viewports, without a window and without a GPU.

use std::sync::Arc;

use bevy::prelude::*;

use super::components::{Screen, Shown, View, Windowing};
use super::windowing::WindowChoice;
use super::{Action, Active, Layout, Slot, Stack, Target, ViewCommand, Viewport};
use crate::app::instance::{InstanceData, InstanceId};
use crate::app::library::Hang;
use crate::display::Voi;
use crate::geometry::{ImageShape, Zoom};
use crate::study::Entry;

/// An app with the parts that commands need.
pub(super) fn app() -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_message::<Hang>()
        .init_resource::<Layout>()
        .configure_sets(Update, crate::app::AppSystems::Command)
        .add_plugins(super::commands_plugin);
    app.update();
    app
}

pub(super) fn instance(id: u32, frames: u32) -> Arc<InstanceData> {
    let entry = Entry { frames, rows: Some(100), columns: Some(100), ..Entry::default() };
    Arc::new(InstanceData::new(InstanceId(id), Arc::new(entry)))
}

/// Hangs sets and gives every viewport a place and a picture's shape.
pub(super) fn hang(app: &mut App, sets: Vec<Vec<Arc<InstanceData>>>) {
    app.world_mut().write_message(Hang::from(sets.into_iter().map(Into::into).collect::<Vec<_>>()));
    app.update();
    let mut viewports = app.world_mut().query_filtered::<(&mut Screen, &mut Shown), With<Viewport>>();
    for (mut screen, mut shown) in viewports.iter_mut(app.world_mut()) {
        screen.0 = [0, 0, 400, 200];
        shown.shape = Some(ImageShape::square(100, 100));
    }
}

pub(super) fn send(app: &mut App, target: Target, action: Action) {
    app.world_mut().write_message(ViewCommand { target, action });
    app.update();
}

fn state(app: &mut App, slot: usize) -> (View, Windowing, u32, bool) {
    let mut viewports =
        app.world_mut().query_filtered::<(&Slot, &View, &Windowing, &Stack, Has<Active>), With<Viewport>>();
    let found = viewports.iter(app.world()).find(|(s, ..)| s.0 == slot);
    let (_, view, windowing, stack, active) = found.expect("a viewport in that slot");
    (view.clone(), windowing.clone(), stack.position, active)
}

#[test]
fn the_grid_follows_the_images_and_the_first_viewport_is_active() {
    let mut app = app();
    hang(&mut app, (0..4).map(|id| vec![instance(id, 1)]).collect());
    assert_eq!(app.world().resource::<Layout>().grid.cells(), 4);
    assert!(state(&mut app, 0).3);
    assert!(!state(&mut app, 3).3);
}

#[test]
fn frames_stop_at_both_ends_and_cross_instances() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(0, 3), instance(1, 2)]]);
    send(&mut app, Target::Active, Action::Step(-5));
    assert_eq!(state(&mut app, 0).2, 0);
    send(&mut app, Target::Active, Action::Step(3));
    assert_eq!(state(&mut app, 0).2, 3);
    send(&mut app, Target::Active, Action::Step(i64::MAX));
    assert_eq!(state(&mut app, 0).2, 4);
    send(&mut app, Target::Active, Action::Frame(u32::MAX));
    assert_eq!(state(&mut app, 0).2, 4);
}

#[test]
fn a_command_reaches_its_target_only() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(0, 1)], vec![instance(1, 1)]]);
    send(&mut app, Target::Active, Action::Invert);
    assert!(state(&mut app, 0).1.inverted);
    assert!(!state(&mut app, 1).1.inverted);
    send(&mut app, Target::All, Action::Invert);
    assert!(!state(&mut app, 0).1.inverted);
    assert!(state(&mut app, 1).1.inverted);
}

#[test]
fn undo_takes_a_whole_drag_back_and_redo_brings_it_again() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(0, 1)]]);
    let before = state(&mut app, 0).0;
    for _ in 0..5 {
        send(&mut app, Target::Active, Action::Pan([10.0, 0.0]));
    }
    let panned = state(&mut app, 0).0;
    assert_ne!(panned, before);
    send(&mut app, Target::Active, Action::Invert);
    send(&mut app, Target::Active, Action::Undo);
    assert_eq!((state(&mut app, 0).0, state(&mut app, 0).1.inverted), (panned.clone(), false));
    send(&mut app, Target::Active, Action::Undo);
    assert_eq!(state(&mut app, 0).0, before);
    send(&mut app, Target::Active, Action::Undo);
    assert_eq!(state(&mut app, 0).0, before);
    send(&mut app, Target::Active, Action::Redo);
    assert_eq!(state(&mut app, 0).0, panned);
}

#[test]
fn reset_returns_view_and_window() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(0, 1)]]);
    send(&mut app, Target::Active, Action::Zoom { factor: 4.0, about: Some([10.0, 10.0]) });
    send(&mut app, Target::Active, Action::SetWindow(Voi::Linear { center: 1.0, width: 2.0 }));
    assert_ne!(state(&mut app, 0).0.transform.zoom, Zoom::Fit);
    send(&mut app, Target::Active, Action::Reset);
    let (view, windowing, ..) = state(&mut app, 0);
    assert_eq!((view, windowing), (View::default(), Windowing::default()));
    assert_eq!(WindowChoice::default(), WindowChoice::Object(0));
}

#[test]
fn a_growing_stack_keeps_the_frame_that_is_shown() {
    let mut app = app();
    let (a, b, c) = (instance(0, 1), instance(1, 1), instance(2, 1));
    hang(&mut app, vec![vec![a.clone(), c.clone()]]);
    send(&mut app, Target::Active, Action::Step(1));
    hang(&mut app, vec![vec![a, b, c]]);
    assert_eq!(state(&mut app, 0).2, 2);
}

#[test]
fn linked_views_move_together_and_one_undo_takes_it_back_everywhere() {
    use super::Links;
    use crate::geometry::Justify;

    let mut app = app();
    hang(&mut app, (0..3).map(|id| vec![instance(id, 1)]).collect());
    let mut viewports = app.world_mut().query_filtered::<(&Slot, &mut View), With<Viewport>>();
    for (slot, mut view) in viewports.iter_mut(app.world_mut()) {
        view.transform.justify = if slot.0 == 0 { Justify::Right } else { Justify::Left };
        view.transform.zoom = Zoom::Factor(4.0);
    }
    let start: Vec<_> = (0..3).map(|slot| state(&mut app, slot)).collect();
    app.world_mut().resource_mut::<Links>().views = true;
    send(&mut app, Target::Active, Action::Pan([40.0, 8.0]));
    let centers: Vec<_> = (0..3).map(|slot| state(&mut app, slot).0.transform.center).collect();
    assert_eq!(centers, [[-10.0, -2.0], [10.0, -2.0], [10.0, -2.0]]);
    // Not linked: the window of one.
    send(&mut app, Target::Active, Action::Invert);
    assert_eq!([0, 1].map(|slot| state(&mut app, slot).1.inverted), [true, false]);
    send(&mut app, Target::Active, Action::Undo);
    assert!(!state(&mut app, 0).1.inverted);
    assert_eq!(state(&mut app, 1).0.transform.center, [10.0, -2.0], "the pan stands");
    send(&mut app, Target::Active, Action::Undo);
    let back: Vec<_> = (0..3).map(|slot| state(&mut app, slot)).collect();
    assert_eq!(back, start);
    send(&mut app, Target::Active, Action::Redo);
    assert_eq!(state(&mut app, 2).0.transform.center, [10.0, -2.0]);
}

#[test]
fn tiles_are_stepped_through_and_come_round() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(1, 1)]]);
    let mut viewports = app.world_mut().query_filtered::<&mut Shown, With<Viewport>>();
    for mut shown in viewports.iter_mut(app.world_mut()) {
        shown.shape = Some(ImageShape::square(700, 300));
    }
    let mut seen = Vec::new();
    for _ in 0..4 {
        send(&mut app, Target::Active, Action::Tile(1));
        seen.push(state(&mut app, 0).0.transform);
    }
    assert!(seen.iter().all(|view| view.zoom == Zoom::Actual));
    assert_ne!(seen[0].center, seen[1].center);
    let tiles = seen[0].tiles(ImageShape::square(700, 300), [400.0, 200.0]).len();
    assert_eq!(tiles, 4);
    send(&mut app, Target::Active, Action::Tile(1));
    assert_eq!(state(&mut app, 0).0.transform.center, seen[0].center);
    send(&mut app, Target::Active, Action::Tile(-1));
    assert_eq!(state(&mut app, 0).0.transform.center, seen[3].center);
}
