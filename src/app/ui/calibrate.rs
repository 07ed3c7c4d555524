//! The sheet that measures the screen: the outline of a card to hold a real one against.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Sense, Stroke, StrokeKind, vec2};

use super::theme;
use crate::app::monitors::Calibration;
use crate::geometry::{CARD_MM, Pitch};

/// Widths of the outline in physical pixels: from coarse screens to fine ones.
const WIDTHS: std::ops::RangeInclusive<f64> = 90.0..=1600.0;

/// What the sheet reads and writes.
#[derive(SystemParam)]
pub(super) struct Calibrate<'w> {
    pub(super) sheet: ResMut<'w, Calibration>,
}

impl Calibrate<'_> {
    pub(super) fn show(&mut self, context: &egui::Context, scale: f32) {
        let Some(mut width) = self.sheet.card else { return };
        let mut open = !context.input(|input| input.key_pressed(egui::Key::Escape));
        let mut keep = false;
        egui::Window::new("Size of this screen")
            .open(&mut open)
            .collapsible(false)
            .resizable(false)
            .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
            .show(context, |ui| {
                ui.label("Hold a bank card against the screen and make the outline its size.");
                ui.add_space(8.0);
                let points = width as f32 / scale;
                let size = vec2(points, points * (CARD_MM[1] / CARD_MM[0]) as f32);
                let (rect, response) = ui.allocate_exact_size(size, Sense::drag());
                let stroke = Stroke::new(1.0, theme::ACCENT);
                ui.painter().rect_stroke(rect, 3.18 / 85.6 * points, stroke, StrokeKind::Inside);
                // The sheet is centred: the edge under the pointer moves half as far as the width grows.
                width += f64::from(response.drag_delta().x * 2.0 * scale);
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    for (name, by) in [("−10", -10.0), ("−1", -1.0), ("+1", 1.0), ("+10", 10.0)] {
                        if ui.button(name).clicked() {
                            width += by;
                        }
                    }
                    ui.add(egui::DragValue::new(&mut width).speed(0.5).max_decimals(1).suffix(" px"));
                    if let Some(pitch) = Pitch::from_card(width) {
                        ui.label(format!("{:.4} mm a pixel", pitch.mm));
                    }
                    keep = ui.button("Keep").clicked();
                });
            });
        let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
        let card = (open || keep).then_some(width);
        if self.sheet.card != card {
            self.sheet.card = card;
        }
        if keep {
            self.sheet.keep = true;
            context.request_repaint();
        }
    }
}
