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

impl ProtocolMenu<'_> {
    /// In a bar that is laid out from the right.
    pub(super) fn show(&mut self, ui: &mut egui::Ui) {
        let Some(course) = self.hung.course.clone() else { return };
        if course.has_steps() {
            let count = course.hanging.steps.len();
            self.turn(ui, "›", Rehang::NextStep, KeyAction::NextStep);
            let title = course.hanging.steps.get(course.step).map(|step| step.title.as_str());
            let title = title.filter(|title| !title.is_empty()).map(|title| format!("{title} · "));
            let text = format!("{}{} / {count}", title.unwrap_or_default(), course.step + 1);
            ui.label(RichText::new(text).color(theme::FAINT));
            self.turn(ui, "‹", Rehang::PreviousStep, KeyAction::PreviousStep);
        }
        let name = if course.is_by_protocol() { course.hanging.title.as_str() } else { "Hang" };
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
