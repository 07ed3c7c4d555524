//! The sheet of keys and mouse gestures.

use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::requests::Panels;
use crate::app::viewport::keymap::{BINDINGS, KeyAction, KeyMap};

const MOUSE: &[(&str, &str)] = &[
    ("left drag", "the active tool"),
    ("Shift + left drag", "window/level"),
    ("right drag", "zoom"),
    ("middle drag", "pan"),
    ("wheel", "frames, or zoom for a single frame"),
    ("Shift + wheel", "frames"),
    ("Alt + wheel", "thickness of the slab"),
    ("wheel with magnifier", "its strength"),
    ("Ctrl + wheel", "zoom about the pointer"),
    ("double click", "reset the viewport"),
    ("corner mark", "one viewport alone, and back"),
    ("drag corner mark", "exchange two viewports"),
    ("Ctrl + Alt + drag", "exchange two viewports"),
    ("drag from the panel", "show it in a viewport"),
    ("drop", "open files and folders"),
];

pub(super) fn show(context: &egui::Context, panels: &mut Panels, keys: &KeyMap) {
    if !panels.help {
        return;
    }
    let closed = context.input(|input| input.key_pressed(egui::Key::Escape));
    let mut open = !closed;
    let half = BINDINGS.iter().filter(|(action, ..)| !is_preset(*action)).count().div_ceil(2);
    egui::Window::new("Keys and mouse")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(context, |ui| {
            ui.horizontal_top(|ui| {
                let rows: Vec<_> = BINDINGS.iter().filter(|(action, ..)| !is_preset(*action)).collect();
                for (n, column) in rows.chunks(half).enumerate() {
                    egui::Grid::new(("keys", n)).num_columns(2).spacing([14.0, 5.0]).show(ui, |ui| {
                        for (action, _, _, what) in column {
                            key_row(ui, &keys.keys_of(*action).join("  "), what);
                        }
                        if n == 1 {
                            key_row(ui, "1 … 9", "presets of the modality");
                        }
                    });
                    ui.add_space(22.0);
                }
                egui::Grid::new("mouse").num_columns(2).spacing([14.0, 5.0]).show(ui, |ui| {
                    for (gesture, what) in MOUSE {
                        key_row(ui, gesture, what);
                    }
                });
            });
        });
    panels.help = open;
}

fn is_preset(action: KeyAction) -> bool {
    matches!(action, KeyAction::Preset(_))
}

fn key_row(ui: &mut egui::Ui, key: &str, what: &str) {
    ui.label(RichText::new(key).color(theme::ACCENT));
    ui.label(what);
    ui.end_row();
}
