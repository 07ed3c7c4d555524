//! The bar on top: opening, tools, windows, layout.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::library::Library;
use crate::app::requests::Intent;
use crate::app::viewport::input::Tool;
use crate::app::viewport::keymap::{KeyAction, KeyMap};
use crate::app::viewport::windowing::WindowChoice;
use crate::app::viewport::{Action, Active, Grid, Layout, Shown, ViewCommand, Viewport, Windowing};
use crate::display;

/// What the bar reads and writes.
#[derive(SystemParam)]
pub(super) struct Toolbar<'w, 's> {
    tool: ResMut<'w, Tool>,
    keys: Res<'w, KeyMap>,
    library: Res<'w, Library>,
    active: Query<'w, 's, (&'static Shown, &'static Windowing), (With<Viewport>, With<Active>)>,
    commands: MessageWriter<'w, ViewCommand>,
    relayout: MessageWriter<'w, crate::app::viewport::Relayout>,
}

impl Toolbar<'_, '_> {
    pub(super) fn keys(&self) -> &KeyMap {
        &self.keys
    }

    /// Passes on what another part of the interface asks.
    pub(super) fn send(&mut self, command: ViewCommand) {
        self.commands.write(command);
    }

    pub(super) fn show(
        &mut self,
        root: &mut egui::Ui,
        layout: &Layout,
        tags: bool,
        intents: &mut MessageWriter<Intent>,
    ) {
        let frame = egui::Frame::new().fill(theme::PANEL).inner_margin(egui::Margin::symmetric(6, 0));
        egui::Panel::top("bar")
            .exact_size(theme::BAR_HEIGHT)
            .frame(frame)
            .resizable(false)
            .show_separator_line(false)
            .show(root, |ui| {
                ui.horizontal_centered(|ui| {
                    ui.menu_button("Open", |ui| {
                        if self.button(ui, "Files…", KeyAction::Open) {
                            intents.write(Intent::OpenFiles);
                            ui.close();
                        }
                        if self.button(ui, "Folder…", KeyAction::OpenFolder) {
                            intents.write(Intent::OpenFolder);
                            ui.close();
                        }
                    });
                    gap(ui);
                    for (tool, name, key) in [
                        (Tool::Window, "Window", KeyAction::ToolWindow),
                        (Tool::Pan, "Pan", KeyAction::ToolPan),
                        (Tool::Zoom, "Zoom", KeyAction::ToolZoom),
                        (Tool::Scroll, "Scroll", KeyAction::ToolScroll),
                    ] {
                        let chosen = *self.tool == tool;
                        let text =
                            RichText::new(name).color(if chosen { theme::ACCENT } else { theme::TEXT });
                        let response = ui.selectable_label(chosen, text).on_hover_text(self.hint(key));
                        if response.clicked() && !chosen {
                            *self.tool = tool;
                        }
                    }
                    gap(ui);
                    self.windows_menu(ui);
                    gap(ui);
                    for (name, key, action) in [
                        ("Invert", KeyAction::Invert, Action::Invert),
                        ("Rotate", KeyAction::Rotate, Action::RotateClockwise),
                        ("Flip", KeyAction::FlipHorizontal, Action::FlipHorizontal),
                        ("Fit", KeyAction::Fit, Action::Fit),
                        ("1:1", KeyAction::ActualPixels, Action::ActualPixels),
                        ("Reset", KeyAction::Reset, Action::Reset),
                    ] {
                        if self.button(ui, name, key) {
                            self.commands.write(ViewCommand::active(action));
                        }
                    }
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let help = egui::Button::new("?").min_size(egui::vec2(22.0, 20.0));
                        if ui.add(help).on_hover_text(self.hint(KeyAction::Help)).clicked() {
                            intents.write(Intent::ToggleHelp);
                        }
                        let name =
                            RichText::new("Tags").color(if tags { theme::ACCENT } else { theme::TEXT });
                        let response = ui.selectable_label(tags, name);
                        if response.on_hover_text(self.hint(KeyAction::Tags)).clicked() {
                            intents.write(Intent::ToggleTags);
                        }
                        self.layout_menu(ui, layout);
                        if let Some(progress) = self.library.scanning {
                            gap(ui);
                            if ui.small_button("stop").on_hover_text("show what was found so far").clicked() {
                                intents.write(Intent::StopReading);
                            }
                            ui.label(RichText::new(format!("reading · {progress}")).color(theme::FAINT));
                        }
                    });
                });
            });
    }

    fn hint(&self, key: KeyAction) -> String {
        let what = crate::app::viewport::keymap::BINDINGS
            .iter()
            .find(|(action, ..)| *action == key)
            .map_or("", |(.., what)| *what);
        let keys = self.keys.keys_of(key);
        match keys.first() {
            Some(first) => format!("{what}   {first}"),
            None => what.to_owned(),
        }
    }

    fn button(&self, ui: &mut egui::Ui, name: &str, key: KeyAction) -> bool {
        ui.button(name).on_hover_text(self.hint(key)).clicked()
    }

    /// The object's own windows and tables, the presets of the modality, and the full range.
    fn windows_menu(&mut self, ui: &mut egui::Ui) {
        let Ok((shown, windowing)) = self.active.single() else {
            ui.add_enabled(false, egui::Button::new("Presets"));
            return;
        };
        let Some(appearance) = shown.appearance.clone() else {
            ui.add_enabled(false, egui::Button::new("Presets"));
            return;
        };
        let modality = shown.instance.as_ref().and_then(|i| i.entry.modality.clone()).unwrap_or_default();
        let chosen = windowing.choice.clone();
        let mut wanted = None;
        ui.menu_button("Presets", |ui| {
            ui.set_min_width(210.0);
            for (n, choice) in appearance.choices.iter().enumerate() {
                let name = match choice.voi.center_width() {
                    Some((c, w)) => format!("{}   W {w} L {c}", choice.explanation),
                    None => choice.explanation.clone(),
                };
                if ui.selectable_label(chosen == WindowChoice::Object(n), name).clicked() {
                    wanted = Some(Action::ObjectWindow(n));
                }
            }
            if !appearance.choices.is_empty() {
                ui.separator();
            }
            for (n, preset) in display::presets(&modality).iter().enumerate() {
                let name = format!("{}   {}", n + 1, preset.name);
                if ui.selectable_label(chosen == WindowChoice::Preset(n), name).clicked() {
                    wanted = Some(Action::Preset(n));
                }
            }
            if ui.selectable_label(chosen == WindowChoice::FullRange, "full range").clicked() {
                wanted = Some(Action::FullRange);
            }
            if wanted.is_some() {
                ui.close();
            }
        });
        if let Some(action) = wanted {
            self.commands.write(ViewCommand::active(action));
        }
    }

    fn layout_menu(&mut self, ui: &mut egui::Ui, layout: &Layout) {
        let name = format!("{} × {}", layout.grid.rows, layout.grid.columns);
        ui.menu_button(name, |ui| {
            ui.set_min_width(110.0);
            let mut wanted = None;
            if ui.selectable_label(layout.requested.is_none(), "automatic").clicked() {
                wanted = Some(None);
            }
            for (rows, columns) in [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (2, 4), (3, 4)] {
                let grid = Grid { rows, columns };
                let chosen = layout.requested == Some(grid);
                if ui.selectable_label(chosen, format!("{rows} × {columns}")).clicked() {
                    wanted = Some(Some(grid));
                }
            }
            if let Some(grid) = wanted {
                self.relayout.write(crate::app::viewport::Relayout(grid));
                ui.close();
            }
        })
        .response
        .on_hover_text("layout");
    }
}

fn gap(ui: &mut egui::Ui) {
    ui.add_space(10.0);
}
