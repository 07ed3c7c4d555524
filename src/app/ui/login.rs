//! The sheet that asks who asks a server.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, RichText};

use super::theme;
use crate::app::login::LoginSheet;
use crate::app::opening::Opener;
use crate::app::searching::Searching;

/// What the sheet reads and writes.
#[derive(SystemParam)]
pub(super) struct LoginWindow<'w> {
    sheet: ResMut<'w, LoginSheet>,
    opener: Option<Res<'w, Opener>>,
}

impl LoginWindow<'_> {
    pub(super) fn is_open(&self) -> bool {
        self.sheet.current().is_some()
    }

    /// Shows the sheet, if somebody asks; what is answered, or not, is told to the search.
    pub(super) fn show(&mut self, context: &egui::Context, searching: &mut Searching) {
        let Some(question) = self.sheet.current() else { return };
        let (server, refused) = (question.base.clone(), question.refused);
        let (mut send, mut leave) = (false, context.input(|input| input.key_pressed(egui::Key::Escape)));
        let mut open = true;
        egui::Window::new("Who asks?")
            .open(&mut open)
            .collapsible(false)
            .resizable(false)
            .order(egui::Order::Foreground)
            .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
            .show(context, |ui| {
                ui.set_width(WIDTH);
                ui.label(RichText::new(server).color(theme::TEXT));
                ui.add_space(2.0);
                ui.label(match refused {
                    true => RichText::new("The server did not accept that. Once more?").color(theme::WARNING),
                    false => RichText::new("The server wants to know who asks.").color(theme::FAINT),
                });
                ui.add_space(10.0);
                send = self.fields(ui);
                ui.add_space(10.0);
                ui.horizontal(|ui| {
                    let filled = self.sheet.is_filled();
                    send |= ui.add_enabled(filled, egui::Button::new("Sign in")).clicked();
                    leave |= ui.button("Cancel").clicked();
                    let other = if self.sheet.with_token { "user and password" } else { "token" };
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if ui.button(RichText::new(other).color(theme::FAINT)).clicked() {
                            self.sheet.with_token = !self.sheet.with_token;
                            self.sheet.fresh = true;
                        }
                    });
                });
                ui.add_space(4.0);
                let kept = "Kept until the viewer is closed, sent to this server only.";
                ui.label(RichText::new(kept).small().color(theme::FAINT));
            });
        if send && self.sheet.is_filled() {
            let sent = self.opener.as_ref().and_then(|opener| self.sheet.send(opener));
            if let Some((base, credentials)) = sent {
                searching.let_in(&base, &credentials);
            }
        } else if (leave || !open) && self.sheet.dismiss() {
            searching.left_out();
        }
    }

    /// Answers whether Enter was pressed in one.
    fn fields(&mut self, ui: &mut egui::Ui) -> bool {
        let sheet = &mut *self.sheet;
        let mut fields: Vec<(&str, &mut String, bool)> = if sheet.with_token {
            vec![("Token", &mut sheet.token, true)]
        } else {
            vec![("User", &mut sheet.user, false), ("Password", &mut sheet.password, true)]
        };
        let first_empty = fields.iter().position(|(_, text, _)| text.is_empty()).unwrap_or_default();
        let mut entered = false;
        egui::Grid::new("login").num_columns(2).spacing([12.0, 8.0]).show(ui, |ui| {
            for (at, (name, text, secret)) in fields.iter_mut().enumerate() {
                ui.label(RichText::new(*name).color(theme::FAINT));
                let edit = egui::TextEdit::singleline(*text).password(*secret).desired_width(WIDTH - 90.0);
                let response = ui.add(edit);
                if sheet.fresh && at == first_empty {
                    response.request_focus();
                }
                let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
                entered |= response.lost_focus() && enter;
                ui.end_row();
            }
        });
        sheet.fresh = false;
        entered
    }
}

const WIDTH: f32 = 340.0;
