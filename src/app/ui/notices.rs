//! What the user should know and cannot see otherwise. Each stays until it is clicked away or its time is up.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy_egui::egui::{self, RichText};

use super::theme;

/// More than these at once help nobody; the rest is counted.
const SHOWN: usize = 4;
const KEPT: usize = 200;
const WARNINGS_LAST: Duration = Duration::from_secs(12);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Warning,
    Error,
}

#[derive(Debug)]
struct Notice {
    text: String,
    kind: Kind,
    since: Instant,
}

/// Notices waiting to be read.
#[derive(Resource, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
}

impl Notices {
    /// Something that was expected did not happen.
    pub fn error(&mut self, text: String) {
        tracing::error!("{text}");
        self.push(text, Kind::Error);
    }

    /// Something is not quite as expected.
    pub fn warn(&mut self, text: String) {
        tracing::warn!("{text}");
        self.push(text, Kind::Warning);
    }

    fn push(&mut self, text: String, kind: Kind) {
        if self.list.len() < KEPT && !self.list.iter().any(|notice| notice.text == text) {
            self.list.push(Notice { text, kind, since: Instant::now() });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Notices>().add_systems(Update, forget_old);
}

fn forget_old(
    mut notices: ResMut<Notices>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    pointer: Res<NoticeHover>,
) {
    if notices.is_empty() {
        return;
    }
    let clicked = pointer.0 && buttons.just_pressed(MouseButton::Left);
    if clicked || keys.just_pressed(KeyCode::Escape) {
        notices.list.clear();
    } else if notices.list.iter().any(|n| n.kind == Kind::Warning && n.since.elapsed() > WARNINGS_LAST) {
        notices.list.retain(|n| n.kind == Kind::Error || n.since.elapsed() <= WARNINGS_LAST);
    }
}

/// The pointer is over the notices.
#[derive(Resource, Debug, Default)]
pub struct NoticeHover(pub bool);

pub(super) fn show(context: &egui::Context, notices: &Notices, free: egui::Rect) -> bool {
    if notices.is_empty() {
        return false;
    }
    let corner = egui::pos2(free.right() - 14.0, free.bottom() - 14.0);
    let area = egui::Area::new("notices".into())
        .pivot(egui::Align2::RIGHT_BOTTOM)
        .fixed_pos(corner)
        .order(egui::Order::Foreground)
        .show(context, |ui| {
            ui.set_max_width((free.width() * 0.6).min(520.0));
            for notice in notices.list.iter().take(SHOWN) {
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
            let more = notices.list.len().saturating_sub(SHOWN);
            let rest = if more > 0 { format!("and {more} more · ") } else { String::new() };
            ui.label(RichText::new(format!("{rest}click or Esc to dismiss")).color(theme::FAINT).small());
        });
    area.response.contains_pointer()
}
