//! The sheet that asks before a document is handed to another program.

use bevy_egui::egui::{self, RichText};

use crate::app::reports::Question;
use crate::app::ui::theme;

const WIDTH: f32 = 360.0;

/// Answers what the user said, once they did.
pub(super) fn show(context: &egui::Context, question: &Question) -> Option<bool> {
    let mut answer = context.input(|input| input.key_pressed(egui::Key::Escape)).then_some(false);
    let mut open = true;
    egui::Window::new("Open in another program?")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .order(egui::Order::Foreground)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(context, |ui| {
            ui.set_width(WIDTH);
            if !question.title.is_empty() {
                ui.add(egui::Label::new(RichText::new(&question.title).color(theme::TEXT)).truncate());
                ui.add_space(2.0);
            }
            let what = format!("{}{}", question.kind.words(), size(question.bytes));
            ui.label(RichText::new(what).color(theme::FAINT));
            ui.add_space(10.0);
            let text = "The viewer does not show such documents itself. The system's program for them gets a copy, \
                        which is removed when the viewer is closed.";
            ui.add(egui::Label::new(RichText::new(text).color(theme::FAINT).small()).wrap());
            ui.add_space(12.0);
            ui.horizontal(|ui| {
                let (yes, no) = (ui.button("Open"), ui.button("Cancel"));
                if !yes.has_focus() && !no.has_focus() {
                    yes.request_focus();
                }
                if yes.clicked() {
                    answer = Some(true);
                }
                if no.clicked() {
                    answer = Some(false);
                }
            });
        });
    answer.or((!open).then_some(false))
}

fn size(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..=999 => format!(" · {bytes} bytes"),
        1000..=999_999 => format!(" · {} kB", bytes / 1000),
        _ => format!(" · {:.1} MB", bytes as f64 / 1e6),
    }
}
