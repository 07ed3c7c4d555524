//! Painting the notices, in the lower right corner.

use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::notices::{Kind, Notices};

/// More than these at once help nobody; the rest is counted.
const SHOWN: usize = 4;

/// Shows them; answers whether the pointer is over them.
pub(super) fn show(context: &egui::Context, notices: &Notices, free: egui::Rect) -> bool {
    if notices.list().is_empty() {
        return false;
    }
    let corner = egui::pos2(free.right() - 14.0, free.bottom() - 14.0);
    let area = egui::Area::new("notices".into())
        .pivot(egui::Align2::RIGHT_BOTTOM)
        .fixed_pos(corner)
        .order(egui::Order::Foreground)
        .show(context, |ui| {
            ui.set_max_width((free.width() * 0.6).min(520.0));
            for notice in notices.list().iter().take(SHOWN) {
                let color = match notice.kind {
                    Kind::Warning => theme::WARNING,
                    Kind::Error => theme::ERROR,
                };
                egui::Frame::window(ui.style()).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
                    ui.horizontal_wrapped(|ui| {
                        ui.label(RichText::new("●").color(color).small());
                        ui.label(&notice.text);
                    });
                });
            }
            let more = notices.list().len().saturating_sub(SHOWN);
            let rest = if more > 0 { format!("and {more} more · ") } else { String::new() };
            ui.label(RichText::new(format!("{rest}click or Esc to dismiss")).color(theme::FAINT).small());
        });
    area.response.contains_pointer()
}
