//! Grids, pages, one viewport alone, exchanges and drops, without a window.

use bevy::ecs::system::RunSystemOnce;

use super::super::components::Screen;
use super::super::moving::Carried;
use super::super::tests::{app, hang, instance, send};
use super::super::{Action, Target, ViewCommand};
use super::*;

fn sets(count: u32) -> Vec<Vec<std::sync::Arc<crate::app::instance::InstanceData>>> {
    (0..count).map(|id| vec![instance(id, 1)]).collect()
}

/// What is on screen, by slot: the first instance of each viewport.
fn seen(app: &mut App) -> Vec<Option<u32>> {
    let layout = *app.world().resource::<Layout>();
    let mut viewports = app.world_mut().query_filtered::<(&Slot, &Stack), With<Viewport>>();
    let mut found: Vec<_> = viewports
        .iter(app.world())
        .filter(|(slot, _)| layout.shows(slot.0))
        .map(|(slot, stack)| (slot.0, stack.instances.first().map(|instance| instance.id.0)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

fn at(app: &mut App, slot: usize) -> Entity {
    let mut viewports = app.world_mut().query_filtered::<(Entity, &Slot), With<Viewport>>();
    viewports.iter(app.world()).find(|(_, s)| s.0 == slot).map(|(entity, _)| entity).expect("a viewport")
}

/// The slots of the active viewports: there should be one.
fn active(app: &mut App) -> Vec<usize> {
    let mut viewports = app.world_mut().query_filtered::<&Slot, (With<Viewport>, With<Active>)>();
    viewports.iter(app.world()).map(|slot| slot.0).collect()
}

fn ask<M: Message>(app: &mut App, message: M) {
    app.world_mut().write_message(message);
    app.update();
}

fn layout(app: &App) -> Layout {
    *app.world().resource::<Layout>()
}

const TWO_BY_TWO: Grid = Grid { rows: 2, columns: 2 };

#[test]
fn more_images_than_slots_are_paged() {
    let mut app = app();
    hang(&mut app, sets(10));
    assert_eq!((layout(&app).grid.cells(), layout(&app).pages()), (8, 2));
    ask(&mut app, Relayout(Some(TWO_BY_TWO)));
    assert_eq!(layout(&app).pages(), 3);
    ask(&mut app, Turn::PreviousPage);
    assert_eq!(seen(&mut app), [Some(0), Some(1), Some(2), Some(3)]);
    ask(&mut app, Turn::NextPage);
    ask(&mut app, Turn::NextPage);
    ask(&mut app, Turn::NextPage);
    assert_eq!(seen(&mut app), [Some(8), Some(9), None, None]);
    assert_eq!(active(&mut app), [8]);
}

#[test]
fn pages_turned_at_once_are_made_once() {
    let mut app = app();
    hang(&mut app, sets(30));
    for _ in 0..3 {
        app.world_mut().write_message(Turn::NextPage);
    }
    app.update();
    let mut slots: Vec<_> = app.world_mut().query::<&Slot>().iter(app.world()).map(|slot| slot.0).collect();
    slots.sort_unstable();
    assert_eq!(slots, (0..32).collect::<Vec<_>>());
    assert_eq!(active(&mut app), [24]);
}

#[test]
fn another_grid_keeps_the_active_image_in_sight_and_how_it_is_looked_at() {
    let mut app = app();
    hang(&mut app, sets(8));
    let chosen = at(&mut app, 6);
    send(&mut app, Target::One(chosen), Action::Activate);
    send(&mut app, Target::Active, Action::Invert);
    ask(&mut app, Relayout(Some(Grid::ONE)));
    assert_eq!((seen(&mut app), layout(&app).page), (vec![Some(6)], 6));
    assert!(app.world().get::<Windowing>(chosen).is_some_and(|windowing| windowing.inverted));
    ask(&mut app, Relayout(Some(Grid::LARGEST)));
    assert_eq!((layout(&app).page, seen(&mut app).len()), (0, 32));
    ask(&mut app, Relayout(None));
    assert_eq!((layout(&app).grid.cells(), active(&mut app)), (8, vec![6]));
}

#[test]
fn one_alone_leaves_the_others_as_they_are() {
    let mut app = app();
    hang(&mut app, sets(4));
    send(&mut app, Target::All, Action::Zoom { factor: 3.0, about: None });
    let other = at(&mut app, 1);
    let before = app.world().get::<View>(other).cloned();
    let third = at(&mut app, 2);
    send(&mut app, Target::One(third), Action::Activate);
    ask(&mut app, Turn::ToggleMaximized);
    assert_eq!(seen(&mut app), [Some(2)]);
    send(&mut app, Target::All, Action::Invert);
    ask(&mut app, Turn::ToggleMaximized);
    assert_eq!(seen(&mut app).len(), 4);
    assert_eq!(app.world().get::<View>(other).cloned(), before);
    assert!(app.world().get::<Windowing>(other).is_some_and(|windowing| !windowing.inverted));
    ask(&mut app, Turn::Maximize(Some(other)));
    assert_eq!((seen(&mut app), active(&mut app)), (vec![Some(1)], vec![1]));
    ask(&mut app, Turn::Maximize(None));
    assert_eq!(seen(&mut app).len(), 4);
}

#[test]
fn a_single_viewport_is_as_large_as_it_gets() {
    let mut app = app();
    hang(&mut app, sets(1));
    ask(&mut app, Turn::ToggleMaximized);
    assert_eq!(layout(&app).maximized, None);
}

#[test]
fn viewports_change_places_with_all_that_is_theirs_and_undo_puts_them_back() {
    let mut app = app();
    hang(&mut app, sets(3));
    let (first, third) = (at(&mut app, 0), at(&mut app, 2));
    send(&mut app, Target::One(first), Action::Invert);
    send(&mut app, Target::One(first), Action::SwapWith(third));
    assert_eq!(seen(&mut app), [Some(2), Some(1), Some(0)]);
    assert!(app.world().get::<Windowing>(first).is_some_and(|windowing| windowing.inverted));
    send(&mut app, Target::One(third), Action::Undo);
    assert_eq!(seen(&mut app), [Some(0), Some(1), Some(2)]);
    send(&mut app, Target::One(first), Action::Redo);
    assert_eq!(seen(&mut app), [Some(2), Some(1), Some(0)]);
    send(&mut app, Target::One(first), Action::Undo);
    send(&mut app, Target::One(first), Action::Undo);
    assert!(app.world().get::<Windowing>(first).is_some_and(|windowing| !windowing.inverted));
    assert_eq!(seen(&mut app), [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_set_that_is_dropped_takes_the_place_and_undo_brings_the_old_one_back() {
    let mut app = app();
    hang(&mut app, sets(2));
    let second = at(&mut app, 1);
    send(&mut app, Target::One(second), Action::Zoom { factor: 2.0, about: None });
    let looked_at = app.world().get::<View>(second).cloned();
    let dropped: Set = vec![instance(7, 3)].into();
    send(&mut app, Target::One(second), Action::Show(dropped.clone()));
    assert_eq!(seen(&mut app), [Some(0), Some(7)]);
    assert_eq!(app.world().get::<View>(second).cloned(), Some(View::default()));
    assert!(app.world().get::<Shown>(second).is_some_and(|shown| shown.shape.is_none()), "nothing old stays");
    send(&mut app, Target::One(second), Action::Undo);
    assert_eq!(seen(&mut app), [Some(0), Some(1)]);
    assert_eq!(app.world().get::<View>(second).cloned(), looked_at);
    send(&mut app, Target::One(second), Action::Redo);
    assert_eq!(seen(&mut app), [Some(0), Some(7)]);
}

#[test]
fn an_empty_viewport_takes_a_set_and_counts_as_used() {
    let mut app = app();
    ask(&mut app, Relayout(Some(TWO_BY_TWO)));
    hang(&mut app, sets(1));
    let last = at(&mut app, 3);
    send(&mut app, Target::One(last), Action::Show(vec![instance(9, 1)].into()));
    assert_eq!((seen(&mut app), layout(&app).used), (vec![Some(0), None, None, Some(9)], 4));
}

#[test]
fn a_scan_that_goes_on_keeps_what_the_user_put_where() {
    let mut app = app();
    hang(&mut app, sets(2));
    let (first, second) = (at(&mut app, 0), at(&mut app, 1));
    send(&mut app, Target::One(first), Action::SwapWith(second));
    hang(&mut app, sets(4));
    assert_eq!(seen(&mut app), [Some(1), Some(0), Some(2), Some(3)]);
}

#[test]
fn a_scan_that_goes_on_fills_what_is_empty_around_what_was_dropped() {
    let mut app = app();
    ask(&mut app, Relayout(Some(TWO_BY_TWO)));
    hang(&mut app, sets(1));
    let third = at(&mut app, 2);
    send(&mut app, Target::One(third), Action::Show(vec![instance(9, 1)].into()));
    hang(&mut app, sets(4));
    assert_eq!(seen(&mut app), [Some(0), Some(1), Some(9), Some(2)]);
    ask(&mut app, Turn::NextPage);
    assert_eq!(seen(&mut app), [Some(3), None, None, None]);
}

#[test]
fn a_scan_that_goes_on_takes_the_look_along_when_a_set_moves_on() {
    let mut app = app();
    hang(&mut app, vec![vec![instance(5, 1)]]);
    send(&mut app, Target::Active, Action::Invert);
    hang(&mut app, vec![vec![instance(1, 1)], vec![instance(5, 1)]]);
    assert_eq!(seen(&mut app), [Some(1), Some(5)]);
    let (first, second) = (at(&mut app, 0), at(&mut app, 1));
    let inverted = |app: &App, viewport| app.world().get::<Windowing>(viewport).map(|w| w.inverted);
    assert_eq!((inverted(&app, first), inverted(&app, second)), (Some(false), Some(true)));
}

#[test]
fn assignments_come_with_position_view_and_window() {
    let mut app = app();
    hang(&mut app, sets(5));
    let mut view = View::default();
    view.transform.rotate_cw();
    let windowing = Windowing { inverted: true, ..Windowing::default() };
    let placed = |id| Placed {
        set: vec![instance(id, 10)].into(),
        position: 40,
        view: view.clone(),
        windowing: windowing.clone(),
    };
    let slots = vec![placed(30), Placed::default(), placed(31)];
    ask(&mut app, Hanging { grid: Some(Grid { rows: 1, columns: 2 }), slots, continues: false });
    assert_eq!((seen(&mut app), layout(&app).pages()), (vec![Some(30), None], 2));
    let first = at(&mut app, 0);
    assert_eq!(app.world().get::<Stack>(first).map(|stack| stack.position), Some(9));
    assert_eq!(app.world().get::<View>(first), Some(&view));
    ask(&mut app, Turn::NextPage);
    assert_eq!(seen(&mut app), [Some(31), None]);
    let third = at(&mut app, 2);
    assert!(app.world().get::<Windowing>(third).is_some_and(|windowing| windowing.inverted));
}

/// Puts what is carried down on a slot.
fn put_down(app: &mut App, on: Option<Entity>) {
    let system = move |mut carried: ResMut<Carried>,
                       layout: Res<Layout>,
                       mut commands: MessageWriter<ViewCommand>,
                       mut turns: MessageWriter<Turn>| {
        carried.put_down(on, &layout, &mut commands, &mut turns);
    };
    app.world_mut().run_system_once(system).expect("a system");
    app.update();
}

#[test]
fn what_is_carried_is_put_down_or_was_only_a_click() {
    let mut app = app();
    hang(&mut app, sets(3));
    let (first, second) = (at(&mut app, 0), at(&mut app, 1));
    let lift = |app: &mut App, travel: f32| {
        let mut carried = app.world_mut().resource_mut::<Carried>();
        carried.lift(first, Vec2::ZERO, true);
        carried.follow(Vec2::new(travel, 0.0));
    };
    lift(&mut app, 200.0);
    put_down(&mut app, Some(second));
    assert_eq!(seen(&mut app), [Some(1), Some(0), Some(2)]);
    lift(&mut app, 200.0);
    put_down(&mut app, None);
    assert_eq!(seen(&mut app), [Some(1), Some(0), Some(2)]);
    lift(&mut app, 2.0);
    put_down(&mut app, Some(first));
    assert_eq!(seen(&mut app), [Some(0)], "a click leaves it alone");
    lift(&mut app, 2.0);
    put_down(&mut app, Some(first));
    assert_eq!(seen(&mut app).len(), 3);
    app.world_mut().resource_mut::<Carried>().carry(&vec![instance(8, 1)].into(), Vec2::ZERO);
    put_down(&mut app, Some(second));
    assert_eq!((seen(&mut app), active(&mut app)), (vec![Some(8), Some(0), Some(2)], vec![0]));
    assert!(!app.world().resource::<Carried>().is_any());
}

#[test]
fn a_place_on_screen_does_not_outlive_its_page() {
    let mut app = app();
    hang(&mut app, sets(9));
    ask(&mut app, Turn::See(3));
    assert_eq!(layout(&app).page, 0);
    ask(&mut app, Turn::See(8));
    assert_eq!(layout(&app).page, 1);
    let screens = app.world_mut().query::<&Screen>().iter(app.world()).count();
    assert_eq!(screens, 16);
}
