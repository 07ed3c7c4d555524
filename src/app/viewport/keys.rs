//! Keys become messages, by the key map.

use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::EguiContexts;

use super::cine::CineAction;
use super::command::{Action, Target, ViewCommand};
use super::components::{Active, Shown, Slot, Stack};
use super::hang::{Relayout, Turn};
use super::input::{Tool, interface};
use super::keymap::{Chord, KeyAction, KeyMap};
use super::lens::Lens;
use super::link::Links;
use super::moving::Carried;
use super::protocol::Rehang;
use super::{Grid, Layout, Viewport};
use crate::app::groups::GroupCommand;
use crate::app::notices::Notices;
use crate::app::overlays::Jump;
use crate::app::reports::OpenReports;
use crate::app::requests::{Intent, Panels, Picker, TextLevel};

/// Modifier keys as the events so far left them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Modifiers {
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
        | Key::F1
        | Key::F2
        | Key::F3
        | Key::F4
        | Key::F5
        | Key::F6
        | Key::F7
        | Key::F8
        | Key::F9
        | Key::F10
        | Key::F11
        | Key::F12 => format!("{:?}", event.logical_key),
        _ => return None,
    };
    let Modifiers { control, shift, alt } = modifiers;
    Some(Chord { control, shift, alt, ..Chord::parse(&key).ok()? })
}

/// What keys ask of others than one viewport.
#[derive(SystemParam)]
pub(super) struct Asked<'w> {
    turns: MessageWriter<'w, Turn>,
    relayouts: MessageWriter<'w, Relayout>,
    groups: MessageWriter<'w, GroupCommand>,
    rehang: MessageWriter<'w, Rehang>,
    jumps: MessageWriter<'w, Jump>,
    carried: ResMut<'w, Carried>,
    notices: Res<'w, Notices>,
    reports: Res<'w, OpenReports>,
}

pub(super) fn press_keys(
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
    let taken = interface(&mut contexts, None).keyboard;
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
            KeyAction::Report => drop(intents.write(Intent::ToggleReport)),
            KeyAction::NextOverlay => drop(asked.jumps.write(Jump)),
            KeyAction::OverlayPanel => drop(intents.write(Intent::ToggleOverlays)),
            KeyAction::SaveState => drop(intents.write(Intent::SaveState)),
            KeyAction::Tags => drop(intents.write(Intent::ToggleTags)),
            KeyAction::FindTags if reading => drop(intents.write(Intent::FindOnPage)),
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
        KeyAction::Overlays => Action::ToggleOverlays,
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
