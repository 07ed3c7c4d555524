//! The menu of hanging protocols, and the steps of the one in force.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::viewport::Hung;
use crate::app::viewport::keymap::{KeyAction, KeyMap};
use crate::app::viewport::protocol::{AllProtocols, Rehang};

#[derive(SystemParam)]
pub(super) struct ProtocolMenu<'w> {
    all: Res<'w, AllProtocols>,
    hung: Res<'w, Hung>,
    keys: Res<'w, KeyMap>,
    rehang: MessageWriter<'w, Rehang>,
}

/// Points kept for the button beside the title of a step.
const NAME_ROOM: f32 = 90.0;

/// Whether there is room for a text as a button, and for more beside it.
fn fits(ui: &egui::Ui, text: &str, beside: f32) -> bool {
    let font = egui::TextStyle::Button.resolve(ui.style());
    let width = ui.painter().layout_no_wrap(text.to_owned(), font, theme::TEXT).size().x;
    ui.available_width() > width + 2.0 * ui.spacing().button_padding.x + 12.0 + beside
}

impl ProtocolMenu<'_> {
    /// In a bar that is laid out from the right.
    pub(super) fn show(&mut self, ui: &mut egui::Ui) {
        let Some(course) = self.hung.course.clone() else { return };
        if course.has_steps() {
            let count = course.hanging.steps.len();
            self.turn(ui, "›", Rehang::NextStep, KeyAction::NextStep);
            let title = course.hanging.steps.get(course.step).map(|step| step.title.as_str());
            let title = title.filter(|title| !title.is_empty()).map(|title| format!("{title} · "));
            let number = format!("{} / {count}", course.step + 1);
            let text = format!("{}{number}", title.unwrap_or_default());
            // A narrow window has no room for names.
            let text = if fits(ui, &text, NAME_ROOM) { text } else { number };
            ui.label(RichText::new(text).color(theme::FAINT));
            self.turn(ui, "‹", Rehang::PreviousStep, KeyAction::PreviousStep);
        }
        let name = course.hanging.title.as_str();
        let name = if course.is_by_protocol() && fits(ui, name, 0.0) { name } else { "Hang" };
        if !fits(ui, name, 0.0) {
            return;
        }
        let mut wanted = None;
        ui.menu_button(name, |ui| {
            ui.set_min_width(220.0);
            if ui.selectable_label(false, "automatic").clicked() {
                wanted = Some(None);
            }
            ui.separator();
            for protocol in &self.all.0.all {
                let chosen = protocol.name == course.hanging.name;
                if ui.selectable_label(chosen, &protocol.title).on_hover_text(&protocol.name).clicked() {
                    wanted = Some(Some(protocol.name.clone()));
                }
            }
            if ui.selectable_label(course.hanging.name == "generic", "images one after the other").clicked() {
                wanted = Some(Some("generic".to_owned()));
            }
            if wanted.is_some() {
                ui.close();
            }
        })
        .response
        .on_hover_text("hanging protocol");
        if let Some(name) = wanted {
            self.rehang.write(Rehang::By(name));
        }
    }

    fn turn(&mut self, ui: &mut egui::Ui, sign: &str, to: Rehang, key: KeyAction) {
        let keys = self.keys.keys_of(key);
        let hint = keys.first().map(String::as_str).unwrap_or_default();
        if ui.small_button(sign).on_hover_text(hint).clicked() {
            self.rehang.write(to);
        }
    }
}
