//! Viewports that play, with a clock that goes as far as it is told to.

use std::sync::Arc;
use std::time::Duration;

use bevy::time::TimeUpdateStrategy;

use super::*;
use crate::app::instance::InstanceData;
use crate::app::library::Hang;
use crate::app::viewport::Turn;
use crate::study::Entry;

/// An app with one stack a viewport, where an update takes as long as is said next.
fn app(stacks: &[u32]) -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_message::<Hang>()
        .init_resource::<Layout>()
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO))
        .configure_sets(Update, AppSystems::Command)
        .add_plugins((super::super::commands_plugin, super::plugin));
    app.update();
    let stack = |(id, frames): (usize, &u32)| {
        let entry = Entry { frames: *frames, rows: Some(100), columns: Some(100), ..Entry::default() };
        vec![Arc::new(InstanceData::new(InstanceId(id as u32), Arc::new(entry)))].into()
    };
    let sets: Vec<crate::app::instance::Set> = stacks.iter().enumerate().map(stack).collect();
    app.world_mut().write_message(Hang::from(sets));
    app.update();
    app.update();
    app
}

fn pass(app: &mut App, seconds: f64) {
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_secs_f64(seconds)));
    app.update();
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO));
}

fn send(app: &mut App, target: Target, action: Action) {
    app.world_mut().write_message(ViewCommand { target, action });
    app.update();
}

fn cine(app: &mut App, action: CineAction) {
    send(app, Target::Active, Action::Cine(action));
}

/// Position of each stack and whether it plays, in the order of their slots.
fn state(app: &mut App) -> Vec<(u32, bool)> {
    let mut viewports = app.world_mut().query_filtered::<(&Slot, &Stack, &Cine), With<Viewport>>();
    let mut found: Vec<_> = viewports
        .iter(app.world())
        .filter(|(_, stack, _)| !stack.is_empty())
        .map(|(slot, stack, cine)| (slot.0, stack.position, cine.clock.is_playing()))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, position, playing)| (position, playing)).collect()
}

#[test]
fn time_moves_what_plays_and_a_hand_stops_it() {
    let mut app = app(&[60, 60]);
    cine(&mut app, CineAction::Rate(10.0));
    cine(&mut app, CineAction::Toggle);
    pass(&mut app, 0.55);
    assert_eq!(state(&mut app), [(5, true), (0, false)]);
    pass(&mut app, 6.0);
    assert_eq!(state(&mut app)[0], (5, true), "once round");
    send(&mut app, Target::Active, Action::Step(1));
    assert_eq!(state(&mut app)[0], (6, false));
    pass(&mut app, 3.0);
    assert_eq!(state(&mut app)[0], (6, false));
    cine(&mut app, CineAction::ToggleBackwards);
    pass(&mut app, 0.35);
    assert_eq!(state(&mut app)[0], (3, true));
    cine(&mut app, CineAction::Toggle);
    pass(&mut app, 1.0);
    assert_eq!(state(&mut app)[0], (3, false));
    send(&mut app, Target::Active, Action::Undo);
    assert_ne!(state(&mut app)[0].0, 3, "the step can be taken back, playing is no change to undo");
}

#[test]
fn rates_go_up_and_down_by_steps() {
    let mut app = app(&[60]);
    let mut after = |action| {
        cine(&mut app, action);
        let mut cines = app.world_mut().query::<&Cine>();
        cines.iter(app.world()).map(|cine| cine.clock.fps()).next()
    };
    assert_eq!(after(CineAction::Faster), Some(20.0), "15 to begin with");
    assert_eq!(after(CineAction::Rate(23.0)), Some(23.0));
    assert_eq!(after(CineAction::Faster), Some(24.0));
    assert_eq!(after(CineAction::Slower), Some(20.0));
    assert_eq!(after(CineAction::Rate(1.0)), Some(1.0));
    assert_eq!(after(CineAction::Slower), Some(1.0));
}

#[test]
fn the_trim_is_set_where_the_stack_stands() {
    let mut app = app(&[60]);
    for (position, action) in [(10, CineAction::TrimStart), (12, CineAction::TrimEnd)] {
        send(&mut app, Target::Active, Action::Frame(position));
        cine(&mut app, action);
    }
    cine(&mut app, CineAction::Rate(10.0));
    cine(&mut app, CineAction::Toggle);
    let positions: Vec<u32> = (0..5)
        .map(|_| {
            pass(&mut app, 0.1001);
            state(&mut app)[0].0
        })
        .collect();
    assert_eq!(positions, [10, 11, 12, 10, 11]);
}

#[test]
fn all_play_together_and_stop_together() {
    let mut app = app(&[60, 1, 30]);
    send(&mut app, Target::All, Action::Cine(CineAction::Toggle));
    assert_eq!(state(&mut app).iter().filter(|(_, playing)| *playing).count(), 2);
    pass(&mut app, 0.1);
    cine(&mut app, CineAction::Rate(30.0));
    send(&mut app, Target::All, Action::Cine(CineAction::Toggle));
    assert!(state(&mut app).iter().all(|(_, playing)| !playing));
}

#[test]
fn a_stack_on_another_page_plays_once_that_page_is_seen() {
    let mut app = app(&[10; 9]);
    app.world_mut().write_message(Turn::NextPage);
    app.update();
    cine(&mut app, CineAction::Toggle);
    pass(&mut app, 0.1);
    let playing: Vec<usize> =
        state(&mut app).iter().enumerate().filter(|(_, (_, playing))| *playing).map(|(at, _)| at).collect();
    assert_eq!(playing, [8]);
}

#[test]
fn linked_stacks_follow_by_their_share_and_one_clock_serves_them() {
    let mut app = app(&[61, 31]);
    send(&mut app, Target::Active, Action::Frame(30));
    assert_eq!(state(&mut app), [(30, false), (0, false)], "not linked unless asked");
    cine(&mut app, CineAction::ToggleLink);
    send(&mut app, Target::Active, Action::Frame(40));
    assert_eq!(state(&mut app), [(40, false), (20, false)]);
    cine(&mut app, CineAction::Rate(10.0));
    cine(&mut app, CineAction::Toggle);
    pass(&mut app, 1.05);
    assert_eq!(state(&mut app), [(50, true), (25, false)]);
    // A hand on the one that follows stops the one that leads, and leads.
    let follower = {
        let mut viewports = app.world_mut().query::<(Entity, &Slot)>();
        viewports.iter(app.world()).find(|(_, slot)| slot.0 == 1).map(|(entity, _)| entity)
    };
    let follower = follower.expect("a second viewport");
    send(&mut app, Target::One(follower), Action::Frame(0));
    assert_eq!(state(&mut app), [(0, false), (0, false)]);
}

#[test]
fn frames_stored_out_of_order_are_played_in_order() {
    let entry = Entry { frames: 4, frame_order: Some(vec![2, 0, 3, 1].into()), ..Entry::default() };
    let second = Entry { frames: 2, ..Entry::default() };
    let stack = Stack::new(vec![
        Arc::new(InstanceData::new(InstanceId(0), Arc::new(entry))),
        Arc::new(InstanceData::new(InstanceId(1), Arc::new(second))),
    ]);
    let frames: Vec<_> = (0..6).filter_map(|at| stack.key_at(at)).collect();
    assert_eq!(frames.iter().map(|key| key.frame).collect::<Vec<_>>(), [2, 0, 3, 1, 0, 1]);
    for (position, key) in (0..).zip(frames) {
        assert_eq!(stack.position_of(key), Some(position));
    }
}
