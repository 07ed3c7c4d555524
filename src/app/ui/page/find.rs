//! Looking for words on a page: a field, how often they stand there, the next and the one before.

use bevy_egui::egui::{self, Key, Modifiers, RichText, Ui};

use crate::app::reports::Page;
use crate::app::ui::theme;

/// Shows the field, if it is open.
pub(super) fn show(ui: &mut Ui, page: &mut Page) {
    if !page.search.open {
        return;
    }
    let frame = egui::Frame::new().inner_margin(egui::Margin { left: 16, right: 10, top: 2, bottom: 6 });
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            let mut words = page.search.words().to_owned();
            let id = egui::Id::new("find on page");
            let focused = ui.memory(|memory| memory.has_focus(id));
            // Taken before the field sees them, or it would lose the keyboard.
            let pressed =
                |key, modifiers| move |input: &mut egui::InputState| input.consume_key(modifiers, key);
            let back = focused && ui.input_mut(pressed(Key::Enter, Modifiers::SHIFT));
            let on = focused && ui.input_mut(pressed(Key::Enter, Modifiers::NONE));
            let edit = egui::TextEdit::singleline(&mut words)
                .id(id)
                .hint_text("find on this page")
                .desired_width((ui.available_width() - 190.0).clamp(80.0, 280.0));
            let field = ui.add(edit);
            if std::mem::take(&mut page.search.focus) {
                field.request_focus();
            }
            if field.changed() {
                page.search.set(words);
            }
            let up = ui.small_button("↑").on_hover_text("the one before   Shift+Enter").clicked();
            let down = ui.small_button("↓").on_hover_text("the next   Enter").clicked();
            match (back || up, on || down) {
                (true, _) => page.go_on(-1),
                (_, true) => page.go_on(1),
                _ => {}
            }
            let (count, done) = page.search.count();
            let text = match (count, page.search.current()) {
                _ if page.search.words().trim().is_empty() => String::new(),
                (0, _) if done => "not found".to_owned(),
                (0, _) => "looking…".to_owned(),
                (count, Some(at)) => format!("{} of {count}{}", at + 1, if done { "" } else { "…" }),
                (count, None) => format!("{count} found"),
            };
            let color = if count == 0 && done { theme::WARNING } else { theme::FAINT };
            ui.label(RichText::new(text).color(color).small());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.small_button("×").on_hover_text("close   Esc").clicked() {
                    page.search.close();
                }
            });
        });
    });
}
