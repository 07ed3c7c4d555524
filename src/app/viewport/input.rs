//! Mouse and keys become [`ViewCommand`]s.
//!
//! Left drag uses the active tool, Shift and left drag always windows, right drag zooms, middle drag pans;
//! the wheel scrolls where there are several frames and zooms where there is one.

use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, WindowEvent};
use bevy_egui::EguiContexts;

use super::cine::CineAction;
use super::command::{Action, Target, ViewCommand};
use super::components::{Active, Screen, Shown, Slot, Stack};
use super::hang::{Relayout, Turn};
use super::keymap::{Chord, KeyAction, KeyMap};
use super::lens::Lens;
use super::link::Links;
use super::moving::{self, Carried};
use super::protocol::Rehang;
use super::undo::History;
use super::wheel::notches_per_line;
use super::{Grid, Layout, Viewport};
use crate::app::AppSystems;
use crate::app::groups::GroupCommand;
use crate::app::inspecting::Inspector;
use crate::app::notices::Notices;
use crate::app::reports::OpenReports;
use crate::app::requests::{Intent, Panels, Picker, TextLevel};
use crate::app::studies::StudyPanel;

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
struct Interface {
    pointer: bool,
    keyboard: bool,
}

fn interface(
    contexts: &mut EguiContexts,
    edges: [Option<f32>; 3],
    position: Option<Vec2>,
    scale: f32,
) -> Interface {
    let Ok(context) = contexts.ctx_mut() else {
        return Interface { pointer: false, keyboard: false };
    };
    let above = position.is_some_and(|p| {
        let point = bevy_egui::egui::pos2(p.x / scale, p.y / scale);
        let resizes = edges.into_iter().flatten().any(|edge| (point.x - edge).abs() <= EDGE);
        let layer = context.layer_id_at(point);
        resizes || layer.is_some_and(|layer| layer.order != bevy_egui::egui::Order::Background)
    });
    Interface {
        pointer: above || context.egui_is_using_pointer(),
        keyboard: context.egui_wants_keyboard_input(),
    }
}

fn track_pointer(
    mut pointer: ResMut<Pointer>,
    window: Query<&Window, With<PrimaryWindow>>,
    viewports: Query<(Entity, &Screen, &Slot), With<Viewport>>,
    layout: Res<Layout>,
    inspector: Res<Inspector>,
    studies: Res<StudyPanel>,
    reports: Res<OpenReports>,
    mut contexts: EguiContexts,
) {
    let Ok(window) = window.single() else { return };
    let position = window.physical_cursor_position();
    let blocked = interface(
        &mut contexts,
        [inspector.edge, studies.edge, reports.edge],
        position,
        window.scale_factor(),
    )
    .pointer;
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
    inspector: Res<Inspector>,
    studies: Res<StudyPanel>,
    reports: Res<OpenReports>,
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
                if interface(
                    &mut contexts,
                    [inspector.edge, studies.edge, reports.edge],
                    Some(position),
                    scale,
                )
                .pointer
                {
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

/// Modifier keys as the events so far left them.
#[derive(Debug, Default, Clone, Copy)]
struct Modifiers {
    control: bool,
    shift: bool,
    alt: bool,
}

impl Modifiers {
    /// What is held at the end of all events.
    fn held(keys: &ButtonInput<KeyCode>) -> Self {
        let command =
            cfg!(target_os = "macos") && keys.any_pressed([KeyCode::SuperLeft, KeyCode::SuperRight]);
        Self {
            control: command || keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]),
            shift: keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]),
            alt: keys.any_pressed([KeyCode::AltLeft, KeyCode::AltRight]),
        }
    }

    fn follow(&mut self, event: &KeyboardInput) {
        let pressed = event.state.is_pressed();
        match event.key_code {
            KeyCode::ControlLeft | KeyCode::ControlRight => self.control = pressed,
            KeyCode::SuperLeft | KeyCode::SuperRight if cfg!(target_os = "macos") => self.control = pressed,
            KeyCode::ShiftLeft | KeyCode::ShiftRight => self.shift = pressed,
            KeyCode::AltLeft | KeyCode::AltRight => self.alt = pressed,
            _ => {}
        }
    }
}

/// The key of an event whatever modifiers are held.
pub(super) fn chord_of_key(event: &KeyboardInput) -> Option<Chord> {
    chord_of(event, Modifiers::default())
}

/// The key as written on it, without what Shift makes of it for letters.
fn chord_of(event: &KeyboardInput, modifiers: Modifiers) -> Option<Chord> {
    let key = match &event.logical_key {
        Key::Character(text) => text.to_string(),
        Key::Space => "Space".to_owned(),
        Key::ArrowUp => "Up".to_owned(),
        Key::ArrowDown => "Down".to_owned(),
        Key::ArrowLeft => "Left".to_owned(),
        Key::ArrowRight => "Right".to_owned(),
        Key::PageUp
        | Key::PageDown
        | Key::Home
        | Key::End
        | Key::Backspace
        | Key::Delete
        | Key::Enter
        | Key::Escape
        | Key::Tab
        | Key::Insert
        | Key::F1 => format!("{:?}", event.logical_key),
        _ => return None,
    };
    let Modifiers { control, shift, alt } = modifiers;
    Some(Chord { control, shift, alt, ..Chord::parse(&key).ok()? })
}

/// What keys ask of others than one viewport.
#[derive(SystemParam)]
struct Asked<'w> {
    turns: MessageWriter<'w, Turn>,
    relayouts: MessageWriter<'w, Relayout>,
    groups: MessageWriter<'w, GroupCommand>,
    rehang: MessageWriter<'w, Rehang>,
    carried: ResMut<'w, Carried>,
    notices: Res<'w, Notices>,
    reports: Res<'w, OpenReports>,
}

fn press_keys(
    mut events: MessageReader<KeyboardInput>,
    mut modifiers: Local<Modifiers>,
    keys: Res<ButtonInput<KeyCode>>,
    map: Res<KeyMap>,
    mut contexts: EguiContexts,
    viewports: Query<(Entity, &Slot, &Stack, &Shown, Has<Active>), With<Viewport>>,
    layout: Res<Layout>,
    mut tool: ResMut<Tool>,
    mut text: ResMut<TextLevel>,
    mut panels: ResMut<Panels>,
    mut links: ResMut<Links>,
    mut lens: ResMut<Lens>,
    mut asked: Asked,
    mut intents: MessageWriter<Intent>,
    mut out: MessageWriter<ViewCommand>,
) {
    let taken = interface(&mut contexts, [None; 3], None, 1.0).keyboard;
    if panels.escape_taken {
        panels.escape_taken = false;
    }
    for event in events.read() {
        modifiers.follow(event);
        // A page that is read leaves the keys that are about no image.
        let reading = taken && asked.reports.has_keys;
        if (taken && !reading) || !event.state.is_pressed() {
            continue;
        }
        let Some(chord) = chord_of(event, *modifiers) else { continue };
        if let (Some(picker), Ok(digit), false) = (&mut panels.picker, chord.key.parse(), reading) {
            if let Some(chosen) = picker.digit(digit) {
                panels.picker = None;
                let grid = chosen.map(|(rows, columns)| Grid { rows, columns });
                asked.relayouts.write(Relayout(grid));
            }
            continue;
        }
        let Some(action) = map.action(&chord).filter(|action| !reading || action.is_about_no_image()) else {
            continue;
        };
        let active = viewports.iter().find(|(.., active)| *active);
        match action {
            KeyAction::ToolWindow => *tool = Tool::Window,
            KeyAction::ToolPan => *tool = Tool::Pan,
            KeyAction::ToolZoom => *tool = Tool::Zoom,
            KeyAction::ToolScroll => *tool = Tool::Scroll,
            KeyAction::LinkViews => links.views = !links.views,
            KeyAction::LinkWindows => links.windows = !links.windows,
            KeyAction::KeepLens => lens.pinned = !lens.pinned,
            KeyAction::ToggleText => *text = text.next(),
            KeyAction::Open => drop(intents.write(Intent::OpenFiles)),
            KeyAction::OpenFolder => drop(intents.write(Intent::OpenFolder)),
            KeyAction::FindStudy => drop(intents.write(Intent::FindStudy)),
            KeyAction::Retry => drop(intents.write(Intent::Retry)),
            KeyAction::Tags => drop(intents.write(Intent::ToggleTags)),
            KeyAction::FindTags => drop(intents.write(Intent::FindTags)),
            KeyAction::Help => drop(intents.write(Intent::ToggleHelp)),
            KeyAction::Quit => drop(intents.write(Intent::Quit)),
            KeyAction::NextViewport => {
                let slots = layout.slots();
                let next = active.map(|(_, slot, ..)| slot.0 + 1).filter(|slot| slots.contains(slot));
                let next = next.unwrap_or(slots.start);
                if let Some((entity, ..)) = viewports.iter().find(|(_, slot, ..)| slot.0 == next) {
                    out.write(ViewCommand::one(entity, Action::Activate));
                    if layout.maximized.is_some() {
                        asked.turns.write(Turn::Maximize(Some(entity)));
                    }
                }
            }
            KeyAction::Maximize => drop(asked.turns.write(Turn::ToggleMaximized)),
            KeyAction::Restore => {
                // Escape closes what lies on top first.
                let above = panels.help || asked.notices.took_escape();
                let meant = asked.carried.is_any() || panels.picker.is_some() || layout.maximized.is_some();
                if above || !meant {
                    continue;
                }
                panels.escape_taken = true;
                if asked.carried.is_any() {
                    asked.carried.cancel();
                } else if panels.picker.take().is_none() {
                    asked.turns.write(Turn::Maximize(None));
                }
            }
            KeyAction::NextStep => drop(asked.rehang.write(Rehang::NextStep)),
            KeyAction::PreviousStep => drop(asked.rehang.write(Rehang::PreviousStep)),
            KeyAction::NextPage => drop(asked.turns.write(Turn::NextPage)),
            KeyAction::PreviousPage => drop(asked.turns.write(Turn::PreviousPage)),
            KeyAction::Layout => {
                panels.picker = if panels.picker.is_some() { None } else { Some(Picker::default()) };
            }
            KeyAction::Report => drop(intents.write(Intent::ToggleReport)),
            KeyAction::StudyPanel => drop(intents.write(Intent::ToggleStudies)),
            KeyAction::NextGroup => drop(asked.groups.write(GroupCommand::Next)),
            KeyAction::PreviousGroup => drop(asked.groups.write(GroupCommand::Previous)),
            KeyAction::CloseGroup => drop(asked.groups.write(GroupCommand::Close)),
            KeyAction::PlayAll => {
                out.write(ViewCommand { target: Target::All, action: Action::Cine(CineAction::Toggle) });
            }
            other => {
                let shown = active.map(|(_, _, stack, shown, _)| (stack, shown));
                if let Some(action) = view_action(other, shown) {
                    out.write(ViewCommand { target: Target::Active, action });
                }
            }
        }
    }
    // What was pressed or released while another window had the keyboard.
    *modifiers = Modifiers::held(&keys);
}

/// The change of view a key stands for.
fn view_action(key: KeyAction, shown: Option<(&Stack, &Shown)>) -> Option<Action> {
    const STEP: f64 = 1.25;
    Some(match key {
        KeyAction::Invert => Action::Invert,
        KeyAction::Rotate => Action::RotateClockwise,
        KeyAction::FlipHorizontal => Action::FlipHorizontal,
        KeyAction::FlipVertical => Action::FlipVertical,
        KeyAction::Fit => Action::Fit,
        KeyAction::ActualPixels => Action::ActualPixels,
        KeyAction::SameSize => Action::SameSize,
        KeyAction::NextTile => Action::Tile(1),
        KeyAction::PreviousTile => Action::Tile(-1),
        KeyAction::TrueSize => Action::TrueSize,
        KeyAction::Slab => Action::NextSlab,
        KeyAction::SlabThicker => Action::ThickenSlab(1),
        KeyAction::SlabThinner => Action::ThickenSlab(-1),
        KeyAction::ZoomIn => Action::Zoom { factor: STEP, about: None },
        KeyAction::ZoomOut => Action::Zoom { factor: STEP.recip(), about: None },
        KeyAction::Preset(n) => preset(n, shown?.1),
        KeyAction::ObjectWindow => Action::NextObjectWindow,
        KeyAction::FullRange => Action::FullRange,
        KeyAction::Interpolation => Action::NextInterpolation,
        KeyAction::NextFrame => Action::Step(1),
        KeyAction::PreviousFrame => Action::Step(-1),
        KeyAction::PageForward => Action::Step(10),
        KeyAction::PageBack => Action::Step(-10),
        KeyAction::FirstFrame => Action::Frame(0),
        KeyAction::LastFrame => Action::Frame(shown?.0.len().saturating_sub(1)),
        KeyAction::Play => Action::Cine(CineAction::Toggle),
        KeyAction::PlayBackwards => Action::Cine(CineAction::ToggleBackwards),
        KeyAction::Cine => Action::Cine(CineAction::ToggleBar),
        KeyAction::CineMode => Action::Cine(CineAction::NextMode),
        KeyAction::Slower => Action::Cine(CineAction::Slower),
        KeyAction::Faster => Action::Cine(CineAction::Faster),
        KeyAction::TrimStart => Action::Cine(CineAction::TrimStart),
        KeyAction::TrimEnd => Action::Cine(CineAction::TrimEnd),
        KeyAction::Link => Action::Cine(CineAction::ToggleLink),
        KeyAction::Reset => Action::Reset,
        KeyAction::Undo => Action::Undo,
        KeyAction::Redo => Action::Redo,
        _ => return None,
    })
}

/// Number keys choose a preset of the modality; where it has none, one of the object's own windows.
fn preset(n: u8, shown: &Shown) -> Action {
    let modality = shown.instance.as_ref().and_then(|i| i.entry.modality.as_deref()).unwrap_or_default();
    let index = usize::from(n.saturating_sub(1));
    if crate::display::presets(modality).is_empty() {
        Action::ObjectWindow(index)
    } else {
        Action::Preset(index)
    }
}
