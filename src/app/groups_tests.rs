//! Opening, cycling through and closing groups, without a window and without files.

use std::sync::Arc;

use bevy::ecs::system::RunSystemOnce;

use super::*;
use crate::app::instance::InstanceData;
use crate::app::viewport::{Action, Grid, Stack, Target, ViewCommand, Windowing};
use crate::study::{Entry, StudyIndex};

fn set(id: u32) -> Set {
    let entry = Entry { frames: 1, path: format!("{id}").into(), ..Entry::default() };
    vec![Arc::new(InstanceData::new(InstanceId(id), Arc::new(entry)))].into()
}

fn app() -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_message::<Hang>()
        .init_resource::<Layout>()
        .init_resource::<Library>()
        .init_resource::<FrameStore>()
        .init_resource::<Thumbnails>()
        .configure_sets(Update, AppSystems::Command)
        .add_plugins((crate::app::viewport::commands_plugin, plugin));
    app.update();
    app
}

fn listing(request: u32, sets: &[Set]) -> Listing {
    Listing {
        supplements: Vec::new(),
        request,
        index: StudyIndex::default(),
        sets: sets.to_vec(),
        complete: None,
        course: None,
        beginning: Arc::default(),
        behind: false,
    }
}

/// A listing of a request arrives.
fn open(app: &mut App, request: u32, sets: Vec<Set>) {
    let system = move |mut groups: ResMut<Groups>,
                       mut commands: MessageWriter<GroupCommand>,
                       mut hang: MessageWriter<Hang>| {
        if groups.receive(GroupId(request), &listing(request, &sets), &mut commands) {
            hang.write(Hang::from(sets.clone()));
        }
    };
    app.world_mut().run_system_once(system).expect("a system");
    app.update();
}

fn ask(app: &mut App, command: GroupCommand) {
    app.world_mut().write_message(command);
    app.update();
}

/// The group on screen and what its viewports show.
fn seen(app: &mut App) -> (Option<u32>, Vec<Option<u32>>) {
    let current = app.world().resource::<Groups>().current().map(|group| group.id.0);
    let layout = *app.world().resource::<Layout>();
    let mut viewports = app.world_mut().query_filtered::<(&Slot, &Stack), With<Viewport>>();
    let mut found: Vec<_> = viewports
        .iter(app.world())
        .filter(|(slot, _)| layout.shows(slot.0))
        .map(|(slot, stack)| (slot.0, stack.instances.first().map(|instance| instance.id.0)))
        .collect();
    found.sort_unstable();
    (current, found.into_iter().map(|(_, id)| id).collect())
}

fn active(app: &mut App) -> Vec<usize> {
    let mut viewports = app.world_mut().query_filtered::<&Slot, (With<Viewport>, With<Active>)>();
    viewports.iter(app.world()).map(|slot| slot.0).collect()
}

#[test]
fn what_is_opened_next_is_a_group_of_its_own_and_the_first_waits_as_it_was() {
    let mut app = app();
    open(&mut app, 0, vec![set(1), set(2)]);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(1), Some(2)]));
    app.world_mut().write_message(ViewCommand { target: Target::All, action: Action::Invert });
    app.update();
    open(&mut app, 1, vec![set(7)]);
    assert_eq!(seen(&mut app), (Some(1), vec![Some(7)]));
    assert_eq!(active(&mut app), [0]);
    ask(&mut app, GroupCommand::Next);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(1), Some(2)]));
    assert_eq!(active(&mut app), [0]);
    let mut viewports = app.world_mut().query_filtered::<&Windowing, With<Viewport>>();
    assert!(viewports.iter(app.world()).all(|windowing| windowing.inverted));
    ask(&mut app, GroupCommand::Previous);
    assert_eq!(seen(&mut app), (Some(1), vec![Some(7)]));
    ask(&mut app, GroupCommand::Show(GroupId(0)));
    assert_eq!(seen(&mut app).0, Some(0));
}

#[test]
fn listings_that_arrive_at_once_are_one_group_and_groups_opened_at_once_are_all_there() {
    let mut app = app();
    let together = |requests: &'static [(u32, u32)]| {
        move |mut groups: ResMut<Groups>,
              mut commands: MessageWriter<GroupCommand>,
              mut hang: MessageWriter<Hang>| {
            for (request, count) in requests {
                let sets: Vec<_> = (0..*count).map(|n| set(request * 100 + n)).collect();
                if groups.receive(GroupId(*request), &listing(*request, &sets), &mut commands) {
                    hang.write(Hang::from(sets));
                }
            }
        }
    };
    app.world_mut().run_system_once(together(&[(0, 1), (0, 3)])).expect("a system");
    app.update();
    assert_eq!(seen(&mut app), (Some(0), vec![Some(0), Some(1), Some(2)]));
    app.world_mut().run_system_once(together(&[(1, 1), (2, 2)])).expect("a system");
    app.update();
    assert_eq!(seen(&mut app), (Some(2), vec![Some(200), Some(201)]));
    ask(&mut app, GroupCommand::Previous);
    assert_eq!(seen(&mut app), (Some(1), vec![Some(100)]));
}

#[test]
fn a_scan_goes_on_while_its_group_waits() {
    let mut app = app();
    open(&mut app, 0, vec![set(1)]);
    open(&mut app, 1, vec![set(7)]);
    open(&mut app, 0, vec![set(1), set(2)]);
    assert_eq!(seen(&mut app), (Some(1), vec![Some(7)]));
    ask(&mut app, GroupCommand::Next);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(1), Some(2)]));
}

#[test]
fn keys_do_nothing_where_there_is_nothing_to_cycle_through_or_to_close() {
    let mut app = app();
    for command in [GroupCommand::Next, GroupCommand::Previous, GroupCommand::Close] {
        ask(&mut app, command);
        assert_eq!(seen(&mut app), (None, vec![None]));
    }
    open(&mut app, 0, vec![set(1)]);
    ask(&mut app, GroupCommand::Next);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(1)]));
}

#[test]
fn closing_shows_the_next_group_and_the_last_leaves_an_empty_window() {
    let mut app = app();
    open(&mut app, 0, vec![set(1), set(2)]);
    open(&mut app, 1, vec![set(7)]);
    ask(&mut app, GroupCommand::Close);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(1), Some(2)]));
    ask(&mut app, GroupCommand::Close);
    assert_eq!(seen(&mut app), (None, vec![None]));
    assert_eq!(active(&mut app), [0]);
    assert_eq!(app.world_mut().query::<&Slot>().iter(app.world()).count(), 1, "no viewport is left behind");
    open(&mut app, 2, vec![set(9)]);
    assert_eq!(seen(&mut app), (Some(2), vec![Some(9)]));
}

#[test]
fn nothing_holds_an_instance_once_its_group_is_closed() {
    let mut app = app();
    let shown = set(1);
    let instance = Arc::downgrade(shown.first().expect("an instance"));
    open(&mut app, 0, vec![shown]);
    assert!(instance.upgrade().is_some());
    ask(&mut app, GroupCommand::Close);
    assert!(instance.upgrade().is_none());
}

#[test]
fn groups_behind_wait_at_their_place_and_begin_with_their_own_grid() {
    let mut app = app();
    let grid = Grid { rows: 1, columns: 2 };
    let arrive = move |request: u32, behind: bool| {
        move |mut groups: ResMut<Groups>,
              mut commands: MessageWriter<GroupCommand>,
              mut hang: MessageWriter<Hang>| {
            let sets = vec![set(request)];
            let beginning = Arc::new(Beginning { grid: Some(Some(grid)), ..Beginning::default() });
            let listing = Listing { behind, beginning, ..listing(request, &sets) };
            if groups.receive(GroupId(request), &listing, &mut commands) {
                hang.write(Hang::from(sets));
            }
        }
    };
    // The second of three is the one to show, and it comes first.
    for (request, behind) in [(1, false), (0, true), (2, true)] {
        app.world_mut().run_system_once(arrive(request, behind)).expect("a system");
        app.update();
    }
    let order: Vec<_> = app.world().resource::<Groups>().list().iter().map(|group| group.id.0).collect();
    assert_eq!(order, [0, 1, 2]);
    assert_eq!(seen(&mut app), (Some(1), vec![Some(1), None]));
    ask(&mut app, GroupCommand::Next);
    assert_eq!(seen(&mut app), (Some(2), vec![Some(2), None]));
    ask(&mut app, GroupCommand::Next);
    assert_eq!(seen(&mut app), (Some(0), vec![Some(0), None]));
    assert_eq!(app.world().resource::<Layout>().grid, grid);
}
