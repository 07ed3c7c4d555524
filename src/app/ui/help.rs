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
    ("link in a report", "its image, and where on it"),
    ("drop", "open files and folders"),
];

/// Columns of keys, beside that of the mouse.
const COLUMNS: usize = 3;
/// Small enough for everything to be seen at once in an ordinary window.
const TEXT: f32 = 11.5;

pub(super) fn show(context: &egui::Context, panels: &mut Panels, keys: &KeyMap) {
    if !panels.help {
        return;
    }
    let closed = context.input(|input| input.key_pressed(egui::Key::Escape));
    let mut open = !closed;
    let rows: Vec<_> = BINDINGS.iter().filter(|(action, ..)| !is_preset(*action)).collect();
    let third = (rows.len() + 1).div_ceil(COLUMNS);
    let room = context.viewport_rect().size() - egui::vec2(40.0, 80.0);
    egui::Window::new("Keys and mouse")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .default_size(room)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(context, |ui| {
            egui::ScrollArea::both().max_width(room.x).max_height(room.y).show(ui, |ui| {
                ui.horizontal_top(|ui| {
                    for (n, column) in rows.chunks(third).enumerate() {
                        table(ui, ("keys", n), |ui| {
                            for (action, _, _, what) in column {
                                key_row(ui, &keys.keys_of(*action).join("  "), what);
                            }
                            if n + 1 == COLUMNS {
                                key_row(ui, "1 … 9", "presets of the modality");
                            }
                        });
                        ui.add_space(14.0);
                    }
                    table(ui, ("mouse", 0), |ui| {
                        for (gesture, what) in MOUSE {
                            key_row(ui, gesture, what);
                        }
                    });
                });
            });
        });
    panels.help = open;
}

fn table(ui: &mut egui::Ui, id: (&str, usize), rows: impl FnOnce(&mut egui::Ui)) {
    egui::Grid::new(id).num_columns(2).spacing([9.0, 2.0]).min_row_height(15.0).show(ui, rows);
}

fn is_preset(action: KeyAction) -> bool {
    matches!(action, KeyAction::Preset(_))
}

fn key_row(ui: &mut egui::Ui, key: &str, what: &str) {
    ui.label(RichText::new(key).color(theme::ACCENT).size(TEXT));
    ui.label(RichText::new(what).size(TEXT));
    ui.end_row();
}
