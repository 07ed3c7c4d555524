//! What is there when no image is: an invitation, or the progress of a scan.

use bevy::prelude::MessageWriter;
use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::library::Library;
use crate::app::requests::Intent;

pub(super) fn show(
    root: &mut egui::Ui,
    free: egui::Rect,
    library: &Library,
    intents: &mut MessageWriter<Intent>,
) {
    let middle = egui::Rect::from_center_size(free.center(), egui::vec2(420.0, 150.0));
    root.scope_builder(egui::UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| {
            if let Some(progress) = library.scanning {
                ui.label(RichText::new("Reading…").heading().color(theme::FAINT));
                ui.add_space(6.0);
                ui.label(RichText::new(progress.to_string()).color(theme::FAINT));
                return;
            }
            ui.label(RichText::new("Drop files or folders here").heading().color(theme::FAINT));
            ui.add_space(14.0);
            ui.horizontal(|ui| {
                ui.add_space(56.0);
                let raised =
                    |text| egui::Button::new(text).fill(theme::RAISED).min_size(egui::vec2(92.0, 28.0));
                if ui.add(raised("Open files…")).clicked() {
                    intents.write(Intent::OpenFiles);
                }
                if ui.add(raised("Open folder…")).clicked() {
                    intents.write(Intent::OpenFolder);
                }
                if ui.add(raised("Find a study…")).clicked() {
                    intents.write(Intent::FindStudy);
                }
            });
            ui.add_space(14.0);
            ui.label(RichText::new("press ? for keys and mouse").color(theme::FAINT).small());
        });
    });
}

/// Shown while files are dragged over the window.
pub(super) fn show_drop_target(context: &egui::Context, free: egui::Rect) {
    let painter = context.layer_painter(egui::LayerId::new(egui::Order::Foreground, "drop".into()));
    let rect = free.shrink(10.0);
    painter.rect_filled(rect, 10.0, theme::SHADOW);
    let stroke = egui::Stroke::new(2.0, theme::ACCENT);
    painter.rect_stroke(rect, 10.0, stroke, egui::StrokeKind::Inside);
    painter.text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        "Drop to open",
        egui::FontId::proportional(20.0),
        theme::TEXT,
    );
}
