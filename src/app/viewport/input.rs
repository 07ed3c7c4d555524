//! The mouse becomes [`ViewCommand`]s; what keys become is in `keys`.
//!
//! Left drag uses the active tool, Shift and left drag always windows, right drag zooms, middle drag pans;
//! the wheel scrolls where there are several frames and zooms where there is one.

use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, WindowEvent};
use bevy_egui::EguiContexts;

use super::command::{Action, ViewCommand};
use super::components::{Screen, Slot, Stack};
use super::hang::Turn;
use super::keymap::KeyMap;
use super::keys::press_keys;
use super::lens::Lens;
use super::moving::{self, Carried};
use super::undo::History;
use super::wheel::notches_per_line;
use super::{Layout, Viewport};
use crate::app::AppSystems;

/// What a left drag does.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Window,
    Pan,
    Zoom,
    Scroll,
}

impl Tool {
    pub fn name(self) -> &'static str {
        match self {
            Self::Window => "Window",
            Self::Pan => "Pan",
            Self::Zoom => "Zoom",
            Self::Scroll => "Scroll",
        }
    }
}

/// Where the pointer is.
#[derive(Resource, Debug, Default)]
pub struct Pointer {
    /// In physical pixels of the window.
    pub position: Option<Vec2>,
    /// The viewport under it, unless the interface lies in between.
    pub over: Option<Entity>,
    /// Where the last event had it.
    seen: Option<Vec2>,
    drag: Option<Drag>,
    last_click: Option<(Entity, f64, Vec2)>,
    /// Fractions of a frame left over from touch pads and scroll drags.
    scroll_rest: f64,
}

#[derive(Debug, Clone, Copy)]
struct Drag {
    viewport: Entity,
    button: MouseButton,
    tool: Tool,
    last: Vec2,
    /// Where in the viewport it began: the point a zoom keeps still.
    anchor: [f64; 2],
}

const DOUBLE_CLICK_SECONDS: f64 = 0.4;
const DOUBLE_CLICK_PIXELS: f32 = 5.0;
/// Screen pixels a scroll drag takes for a frame.
const PIXELS_PER_FRAME: f64 = 6.0;
/// Screen pixels of a zoom drag for a factor of e.
const PIXELS_PER_ZOOM: f64 = 160.0;
/// Factor of one notch of the wheel.
const WHEEL_ZOOM: f64 = 1.15;
/// Pixels of a touch pad that count as one notch.
const PIXELS_PER_NOTCH: f32 = 40.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tool>().init_resource::<Pointer>().init_resource::<KeyMap>().add_systems(
        Update,
        (track_pointer, drag_with_mouse, turn_wheel, press_keys).chain().in_set(AppSystems::Input),
    );
}

/// Points beside the edge of a panel that resize it.
const EDGE: f32 = 6.0;

/// Whether the interface keeps the pointer or the keyboard for itself.
pub(super) struct Interface {
    pub pointer: bool,
    pub keyboard: bool,
}

/// `at` is the pointer, with the window it is in and the layout of that.
pub(super) fn interface(contexts: &mut EguiContexts, at: Option<(Vec2, &Window, &Layout)>) -> Interface {
    let Ok(context) = contexts.ctx_mut() else {
        return Interface { pointer: false, keyboard: false };
    };
    let above = at.is_some_and(|(position, window, layout)| {
        let scale = window.scale_factor();
        let point = bevy_egui::egui::pos2(position.x / scale, position.y / scale);
        let layer = context.layer_id_at(point);
        resizes_panel(position, window.physical_width(), layout, EDGE * scale)
            || layer.is_some_and(|layer| layer.order != bevy_egui::egui::Order::Background)
    });
    Interface {
        pointer: above || context.egui_is_using_pointer(),
        keyboard: context.egui_wants_keyboard_input(),
    }
}

/// Whether a place is at the edge of a panel beside the viewports, wherever there is one.
fn resizes_panel(position: Vec2, window_width: u32, layout: &Layout, reach: f32) -> bool {
    let [left, _, width, _] = layout.area;
    let edges = [(left, left > 0), (left + width, left + width < window_width)];
    edges.into_iter().any(|(edge, has_panel)| has_panel && (position.x - edge as f32).abs() <= reach)
}

fn track_pointer(
    mut pointer: ResMut<Pointer>,
    window: Query<&Window, With<PrimaryWindow>>,
    viewports: Query<(Entity, &Screen, &Slot), With<Viewport>>,
    layout: Res<Layout>,
    mut contexts: EguiContexts,
) {
    let Ok(window) = window.single() else { return };
    let position = window.physical_cursor_position();
    let blocked = interface(&mut contexts, position.map(|position| (position, window, &*layout))).pointer;
    pointer.position = position;
    pointer.over = position
        .filter(|_| !blocked)
        .and_then(|position| viewport_at(position, &viewports, &layout))
        .map(|(entity, _)| entity);
}

/// Follows the events in their order, so that a gesture that fits between two updates is a gesture too.
fn drag_with_mouse(
    mut events: MessageReader<WindowEvent>,
    mut pointer: ResMut<Pointer>,
    keys: Res<ButtonInput<KeyCode>>,
    tool: Res<Tool>,
    time: Res<Time<Real>>,
    window: Query<&Window, With<PrimaryWindow>>,
    viewports: Query<(Entity, &Screen, &Slot), With<Viewport>>,
    layout: Res<Layout>,
    mut contexts: EguiContexts,
    mut history: ResMut<History>,
    mut carried: ResMut<Carried>,
    mut turns: MessageWriter<Turn>,
    mut out: MessageWriter<ViewCommand>,
) {
    let Ok(window) = window.single() else { return };
    let scale = window.scale_factor();
    for event in events.read() {
        match event {
            WindowEvent::CursorMoved(moved) => {
                let position = moved.position * scale;
                pointer.seen = Some(position);
                if carried.is_any() {
                    carried.follow(position);
                }
                if let Some(drag) = pointer.drag {
                    continue_drag(&mut pointer, drag, position - drag.last, &mut out);
                    if let Some(drag) = &mut pointer.drag {
                        drag.last = position;
                    }
                }
            }
            WindowEvent::MouseButtonInput(input) if input.state.is_pressed() => {
                let Some(position) = pointer.seen.filter(|_| pointer.drag.is_none() && !carried.is_any())
                else {
                    continue;
                };
                if interface(&mut contexts, Some((position, window, &*layout))).pointer {
                    continue;
                }
                let Some((viewport, anchor)) = viewport_at(position, &viewports, &layout) else {
                    continue;
                };
                let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
                let tool = match input.button {
                    MouseButton::Left if shift => Tool::Window,
                    MouseButton::Left => *tool,
                    MouseButton::Right => Tool::Zoom,
                    MouseButton::Middle => Tool::Pan,
                    _ => continue,
                };
                out.write(ViewCommand::one(viewport, Action::Activate));
                let is_left = input.button == MouseButton::Left;
                let by_mark = viewports
                    .get(viewport)
                    .is_ok_and(|(_, screen, _)| moving::on_mark(position, screen.0, &layout, scale));
                let lifts = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight])
                    && keys.any_pressed([KeyCode::AltLeft, KeyCode::AltRight]);
                if is_left && (by_mark || lifts) {
                    carried.lift(viewport, position, by_mark);
                    continue;
                }
                if is_left && pointer.clicked_twice(viewport, position, time.elapsed_secs_f64()) {
                    out.write(ViewCommand::one(viewport, Action::Reset));
                    continue;
                }
                pointer.scroll_rest = 0.0;
                pointer.drag = Some(Drag { viewport, button: input.button, tool, last: position, anchor });
            }
            WindowEvent::MouseButtonInput(input) if carried.is_any() && input.button == MouseButton::Left => {
                let on = pointer.seen.and_then(|position| viewport_at(position, &viewports, &layout));
                carried.put_down(on.map(|(entity, _)| entity), &layout, &mut out, &mut turns);
            }
            WindowEvent::MouseButtonInput(input)
                if pointer.drag.is_some_and(|drag| drag.button == input.button) =>
            {
                pointer.drag = None;
                history.end_gesture();
            }
            _ => {}
        }
    }
}

/// The viewport at a position of the window, and where in it that is.
fn viewport_at(
    position: Vec2,
    viewports: &Query<(Entity, &Screen, &Slot), With<Viewport>>,
    layout: &Layout,
) -> Option<(Entity, [f64; 2])> {
    viewports
        .iter()
        .filter(|(_, _, slot)| layout.shows(slot.0))
        .find_map(|(entity, screen, _)| Some((entity, screen.local(position)?)))
}

impl Pointer {
    /// Whether a click follows another one closely enough; a third starts anew.
    fn clicked_twice(&mut self, viewport: Entity, position: Vec2, now: f64) -> bool {
        let twice = self.last_click.is_some_and(|(last, at, place)| {
            last == viewport
                && now - at < DOUBLE_CLICK_SECONDS
                && place.distance(position) < DOUBLE_CLICK_PIXELS
        });
        self.last_click = (!twice).then_some((viewport, now, position));
        twice
    }
}

fn continue_drag(pointer: &mut Pointer, drag: Drag, moved: Vec2, out: &mut MessageWriter<ViewCommand>) {
    let by = [f64::from(moved.x), f64::from(moved.y)];
    let action = match drag.tool {
        Tool::Window => Action::DragWindow(by),
        Tool::Pan => Action::Pan(by),
        Tool::Zoom => Action::Zoom { factor: (-by[1] / PIXELS_PER_ZOOM).exp(), about: Some(drag.anchor) },
        Tool::Scroll => {
            pointer.scroll_rest += by[1] / PIXELS_PER_FRAME;
            let whole = pointer.scroll_rest.trunc();
            pointer.scroll_rest -= whole;
            if whole == 0.0 {
                return;
            }
            Action::Step(whole as i64)
        }
    };
    out.write(ViewCommand::one(drag.viewport, action));
}

fn turn_wheel(
    mut wheel: MessageReader<MouseWheel>,
    mut pointer: ResMut<Pointer>,
    keys: Res<ButtonInput<KeyCode>>,
    viewports: Query<(&Screen, &Stack), With<Viewport>>,
    mut lens: ResMut<Lens>,
    mut out: MessageWriter<ViewCommand>,
) {
    let notches: f64 = wheel
        .read()
        .map(|event| {
            // Shift turns a wheel sideways on some systems.
            let amount = if event.y == 0.0 { event.x } else { event.y };
            f64::from(match event.unit {
                MouseScrollUnit::Line => amount,
                MouseScrollUnit::Pixel => amount / PIXELS_PER_NOTCH,
            }) * notches_per_line()
        })
        .sum();
    let (Some(entity), true) = (pointer.over, notches != 0.0) else {
        return;
    };
    let Ok((screen, stack)) = viewports.get(entity) else {
        return;
    };
    let control = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
    let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let alt = keys.any_pressed([KeyCode::AltLeft, KeyCode::AltRight]);
    if lens.is_on() && !control && !shift && !alt {
        lens.turn(notches);
        return;
    }
    if !alt && (control || (!shift && stack.len() <= 1)) {
        out.write(ViewCommand::one(
            entity,
            Action::Zoom {
                factor: WHEEL_ZOOM.powf(notches),
                about: pointer.position.and_then(|position| screen.local(position)),
            },
        ));
        return;
    }
    pointer.scroll_rest -= notches;
    let whole = pointer.scroll_rest.trunc();
    pointer.scroll_rest -= whole;
    if whole != 0.0 {
        let by = whole as i64;
        out.write(ViewCommand::one(entity, if alt { Action::ThickenSlab(-by) } else { Action::Step(by) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_panels_are_theirs() {
        let layout = Layout { area: [200, 30, 800, 600], ..Layout::default() };
        let resizes = |x: f32, window_width| resizes_panel(Vec2::new(x, 100.0), window_width, &layout, 6.0);
        assert!(resizes(203.0, 1300) && resizes(995.0, 1300) && !resizes(500.0, 1300));
        // Without a panel on the right, the image goes on to the edge of the window.
        assert!(!resizes(995.0, 1000));
    }
}
