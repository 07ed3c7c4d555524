//! The bar on top: opening, tools, windows, layout.

use std::time::Duration;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, RichText};

use super::calibrate::Calibrate;
use super::{picker, theme};
use crate::app::library::Library;
use crate::app::monitors::ScreenPitch;
use crate::app::opening::Opener;
use crate::app::requests::{Intent, Panels, Picker};
use crate::app::viewport::input::Tool;
use crate::app::viewport::keymap::{KeyAction, KeyMap};
use crate::app::viewport::windowing::WindowChoice;
use crate::app::viewport::{
    Action, Active, Layout, Lens, Shown, Slab, Turn, ViewCommand, Viewport, Windowing,
};
use crate::app::wake::Waker;
use crate::display::{self, SlabMode};

/// Windows narrower than this fold what turns and sizes an image into one menu, and narrower than that the tools.
const MEDIUM: f32 = 1150.0;
const NARROW: f32 = 760.0;

/// How often what is loading is told.
const TRAFFIC_EVERY: Duration = Duration::from_millis(200);

/// What the bar reads and writes.
#[derive(SystemParam)]
pub(super) struct Toolbar<'w, 's> {
    protocols: super::protocols::ProtocolMenu<'w>,
    tool: ResMut<'w, Tool>,
    keys: Res<'w, KeyMap>,
    library: Res<'w, Library>,
    active: Query<'w, 's, (&'static Shown, &'static Windowing), (With<Viewport>, With<Active>)>,
    slab: Query<'w, 's, &'static Slab, (With<Viewport>, With<Active>)>,
    lens: ResMut<'w, Lens>,
    opener: Option<Res<'w, Opener>>,
    waker: Option<Res<'w, Waker>>,
    screen: Res<'w, ScreenPitch>,
    pub(super) calibrate: Calibrate<'w>,
    commands: MessageWriter<'w, ViewCommand>,
    relayout: MessageWriter<'w, crate::app::viewport::Relayout>,
    turns: MessageWriter<'w, Turn>,
}

/// Which panels are open.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub tags: bool,
    pub overlays: bool,
    pub studies: bool,
    pub search: bool,
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
        open: Open,
        panels: &mut Panels,
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
                    let studies = RichText::new("Studies").color(if open.studies {
                        theme::ACCENT
                    } else {
                        theme::TEXT
                    });
                    let response = ui.selectable_label(open.studies, studies);
                    if response.on_hover_text(self.hint(KeyAction::StudyPanel)).clicked() {
                        intents.write(Intent::ToggleStudies);
                    }
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
                    let search =
                        RichText::new("Search").color(if open.search { theme::ACCENT } else { theme::TEXT });
                    let response = ui.selectable_label(open.search, search);
                    if response.on_hover_text(self.hint(KeyAction::FindStudy)).clicked() {
                        intents.write(Intent::FindStudy);
                    }
                    gap(ui);
                    let width = ui.ctx().content_rect().width();
                    if width < NARROW {
                        ui.menu_button(self.tool.name(), |ui| self.tools(ui));
                    } else {
                        self.tools(ui);
                    }
                    gap(ui);
                    self.windows_menu(ui);
                    self.slab_menu(ui);
                    gap(ui);
                    if width < MEDIUM {
                        ui.menu_button("View", |ui| self.views(ui));
                    } else {
                        self.views(ui);
                    }
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let help = egui::Button::new("?").min_size(egui::vec2(22.0, 20.0));
                        if ui.add(help).on_hover_text(self.hint(KeyAction::Help)).clicked() {
                            intents.write(Intent::ToggleHelp);
                        }
                        let name =
                            RichText::new("Tags").color(if open.tags { theme::ACCENT } else { theme::TEXT });
                        let response = ui.selectable_label(open.tags, name);
                        if response.on_hover_text(self.hint(KeyAction::Tags)).clicked() {
                            intents.write(Intent::ToggleTags);
                        }
                        let name = RichText::new("Overlays").color(if open.overlays {
                            theme::ACCENT
                        } else {
                            theme::TEXT
                        });
                        let response = ui.selectable_label(open.overlays, name);
                        if response.on_hover_text(self.hint(KeyAction::OverlayPanel)).clicked() {
                            intents.write(Intent::ToggleOverlays);
                        }
                        self.layout_menu(ui, layout, panels);
                        self.pages(ui, layout);
                        self.protocols.show(ui);
                        self.work(ui, intents);
                    });
                });
            });
    }

    /// What a drag with the left button does.
    fn tools(&mut self, ui: &mut egui::Ui) {
        for (tool, key) in [
            (Tool::Window, KeyAction::ToolWindow),
            (Tool::Pan, KeyAction::ToolPan),
            (Tool::Zoom, KeyAction::ToolZoom),
            (Tool::Scroll, KeyAction::ToolScroll),
        ] {
            let chosen = *self.tool == tool;
            let text = RichText::new(tool.name()).color(if chosen { theme::ACCENT } else { theme::TEXT });
            let response = ui.selectable_label(chosen, text).on_hover_text(self.hint(key));
            if response.clicked() && !chosen {
                *self.tool = tool;
            }
        }
    }

    /// How the active image lies and how large it is.
    fn views(&mut self, ui: &mut egui::Ui) {
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
        self.size_menu(ui);
        let pinned = self.lens.pinned;
        let name = RichText::new("Lens").color(if pinned { theme::ACCENT } else { theme::TEXT });
        let response = ui.selectable_label(pinned, name).on_hover_text(self.hint(KeyAction::KeepLens));
        if response.clicked() {
            self.lens.pinned = !pinned;
        }
    }

    /// What is being read or loaded, and the way to end it.
    fn work(&self, ui: &mut egui::Ui, intents: &mut MessageWriter<Intent>) {
        let traffic = self.opener.as_ref().and_then(|opener| opener.servers().traffic());
        let (what, hint) = match (traffic, self.library.scanning) {
            (Some((received, expected)), _) => {
                (loading(received, expected), "ask the servers for nothing more")
            }
            (None, Some(progress)) => (format!("reading · {progress}"), "show what was found so far"),
            (None, None) => return,
        };
        gap(ui);
        if ui.small_button("stop").on_hover_text(hint).clicked() {
            intents.write(Intent::StopReading);
        }
        ui.label(RichText::new(what).color(theme::FAINT));
        if let (Some(waker), true) = (&self.waker, traffic.is_some()) {
            waker.wake_after(TRAFFIC_EVERY);
        }
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

    /// How the slices around the current one are combined, and how many.
    fn slab_menu(&mut self, ui: &mut egui::Ui) {
        let Ok(slab) = self.slab.single().copied() else {
            ui.add_enabled(false, egui::Button::new("Slab"));
            return;
        };
        let mut wanted = None;
        let name = RichText::new("Slab").color(if slab.mode.is_some() { theme::ACCENT } else { theme::TEXT });
        ui.menu_button(name, |ui| {
            ui.set_min_width(130.0);
            let modes = [None].into_iter().chain(SlabMode::ALL.map(Some));
            for mode in modes {
                let name = mode.map_or("off", SlabMode::name);
                if ui.selectable_label(slab.mode == mode, name).clicked() {
                    wanted = Some(Action::SetSlab(mode));
                }
            }
            ui.separator();
            for mm in [3.0, 5.0, 10.0, 20.0, 30.0] {
                let chosen = (slab.thickness_mm - mm).abs() < 1e-6;
                if ui.selectable_label(chosen, format!("{mm} mm")).clicked() {
                    wanted = Some(Action::SlabThickness(mm));
                }
            }
            if wanted.is_some() {
                ui.close();
            }
        })
        .response
        .on_hover_text(self.hint(KeyAction::Slab));
        if let Some(action) = wanted {
            self.commands.write(ViewCommand::active(action));
        }
    }

    /// Sizes that depend on the monitor.
    fn size_menu(&mut self, ui: &mut egui::Ui) {
        let hint = self.hint(KeyAction::TrueSize);
        ui.menu_button("Size", |ui| {
            ui.set_min_width(180.0);
            let known = self.screen.pitch.is_some();
            let true_size = ui.add_enabled(known, egui::Button::new(self.screen.label()).frame(false));
            if true_size.on_hover_text(hint).clicked() {
                self.commands.write(ViewCommand::active(Action::TrueSize));
                ui.close();
            }
            if ui.add(egui::Button::new("calibrate this screen…").frame(false)).clicked() {
                self.calibrate.sheet.open(&self.screen);
                ui.close();
            }
        });
    }

    /// The grid in force, and the picker of another.
    fn layout_menu(&mut self, ui: &mut egui::Ui, layout: &Layout, panels: &mut Panels) {
        let name = format!("{} × {}", layout.grid.rows, layout.grid.columns);
        let button = ui.button(name).on_hover_text(self.hint(KeyAction::Layout));
        if button.clicked() {
            panels.picker = if panels.picker.is_some() { None } else { Some(Picker::default()) };
        }
        let Some(typed) = panels.picker else { return };
        let shown = egui::Popup::from_response(&button)
            .open(true)
            .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
            .align(egui::RectAlign::BOTTOM_END)
            .frame(egui::Frame::menu(ui.style()).inner_margin(10))
            .show(|ui| picker::show(ui, layout, typed));
        let Some(shown) = shown else { return };
        if let Some(grid) = shown.inner {
            self.relayout.write(crate::app::viewport::Relayout(grid));
        }
        let elsewhere = shown.response.clicked_elsewhere() && !button.clicked();
        if shown.inner.is_some() || elsewhere {
            panels.picker = None;
        }
    }

    /// Which page is on screen, where there are several.
    fn pages(&mut self, ui: &mut egui::Ui, layout: &Layout) {
        let pages = layout.pages();
        if pages < 2 {
            return;
        }
        let mut turn = |ui: &mut egui::Ui, sign: &str, key: KeyAction, turn: Turn, possible: bool| {
            let button = egui::Button::new(sign).min_size(egui::vec2(18.0, 20.0));
            if ui.add_enabled(possible, button).on_hover_text(self.hint(key)).clicked() {
                self.turns.write(turn);
            }
        };
        ui.spacing_mut().item_spacing.x = 2.0;
        turn(ui, "›", KeyAction::NextPage, Turn::NextPage, layout.page + 1 < pages);
        ui.label(RichText::new(format!("{} / {pages}", layout.page + 1)).color(theme::FAINT));
        turn(ui, "‹", KeyAction::PreviousPage, Turn::PreviousPage, layout.page > 0);
        ui.spacing_mut().item_spacing.x = 6.0;
    }
}

/// `12.3 of 68.1 MB`, and what came alone where nobody knows the rest.
fn loading(received: u64, expected: u64) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    if expected > received {
        return format!("loading · {:.1} of {:.1} MB", mb(received), mb(expected));
    }
    format!("loading · {:.1} MB", mb(received))
}

fn gap(ui: &mut egui::Ui) {
    ui.add_space(10.0);
}
