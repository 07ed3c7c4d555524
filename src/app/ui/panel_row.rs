//! How the rows of the study panel look.

use bevy_egui::egui::text::{LayoutJob, TextFormat, TextWrapping};
use bevy_egui::egui::{self, Align2, Color32, FontId, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::theme;
use crate::app::groups::Groups;
use crate::app::studies::{self, Row, Words};
use crate::study::SupplementKind;

/// Longest side of a thumbnail, in points.
pub(super) const THUMBNAIL: f32 = 52.0;
/// Room below the last row.
pub(super) const FOOT: f32 = 12.0;
const MARGIN: f32 = 10.0;
const TEXT: f32 = 12.5;
const SMALL: f32 = 11.0;
/// The width of the line that says what is on screen.
const LINE: f32 = 2.0;

/// Whether a set is on screen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Elsewhere,
    Shown,
    Active,
}

/// What decides how a row looks, beside what it is.
#[derive(Default)]
pub(super) struct Look {
    pub hovered: bool,
    pub place: Place,
    pub picture: Option<(egui::TextureId, egui::Vec2)>,
    pub failed: bool,
}

pub(super) fn height(row: &Row) -> f32 {
    match row {
        Row::Group(_) => 26.0,
        Row::Patient(_) => 30.0,
        Row::Study { .. } => 24.0,
        Row::Series(_) => 22.0,
        Row::Read { .. } => 36.0,
        Row::Set { .. } => THUMBNAIL + 8.0,
    }
}

/// Where the current group is closed.
pub(super) fn close_mark(row: Rect) -> Rect {
    Rect::from_center_size(pos2(row.right() - MARGIN - 6.0, row.center().y), vec2(20.0, 20.0))
}

pub(super) fn paint(painter: &Painter, rect: Rect, row: &Row, look: &Look, groups: &Groups) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    if look.hovered && !matches!(row, Row::Patient(_)) {
        painter.rect_filled(rect, 0.0, theme::RAISED);
    }
    let text = rect.shrink2(vec2(MARGIN, 0.0));
    match row {
        Row::Group(id) => {
            let current = groups.current().is_some_and(|group| group.id == *id);
            let sets = groups.list().iter().find(|group| group.id == *id).map(|group| &group.sets);
            let words = sets.map(|sets| studies::group_words(sets)).unwrap_or_default();
            let color = if current { theme::ACCENT } else { theme::TEXT };
            let right = if current { close_mark(rect).left() } else { text.right() };
            if current {
                mark_line(&painter, rect, theme::ACCENT);
                let at = close_mark(rect).center();
                painter.text(at, Align2::CENTER_CENTER, "×", FontId::proportional(14.0), theme::FAINT);
            }
            let parts = [(words.title, color, TEXT), (gap(&words.detail), theme::FAINT, SMALL)];
            line(&painter, text.left(), right, rect.center().y, &parts);
        }
        Row::Patient(first) => {
            let stroke = Stroke::new(1.0, theme::RAISED);
            painter.hline(rect.x_range(), rect.top() + 0.5, stroke);
            let words = first.first().map(|i| studies::patient_words(&i.entry)).unwrap_or_default();
            let parts = [(words.title, theme::TEXT, 13.5), (gap(&words.detail), theme::FAINT, SMALL)];
            line(&painter, text.left(), text.right(), rect.center().y + 2.0, &parts);
        }
        Row::Study { first, folded } => {
            let words = first.first().map(|i| studies::study_words(&i.entry)).unwrap_or_default();
            super::tags::triangle(&painter, pos2(text.left() + 3.0, rect.center().y), !folded);
            let parts = [(words.title, theme::ON_IMAGE_FAINT, TEXT)];
            line(&painter, text.left() + 14.0, text.right(), rect.center().y, &parts);
        }
        Row::Series(set) => {
            let words = studies::series_words(set);
            let parts = [(words.title, theme::FAINT, TEXT)];
            let end = count(&painter, text.right(), rect.center().y, &words.count);
            line(&painter, text.left() + 14.0, end, rect.center().y, &parts);
        }
        Row::Read { set, kind } => read_row(&painter, rect, look, *kind, &studies::read_words(set, *kind)),
        Row::Set { set, alone } => set_row(&painter, rect, look, &studies::set_words(set, *alone)),
    }
}

/// A sheet of paper in the place of a picture.
fn read_row(painter: &Painter, rect: Rect, look: &Look, kind: SupplementKind, words: &Words) {
    if look.place == Place::Active {
        painter.rect_filled(rect, 0.0, theme::ACCENT.gamma_multiply(0.16));
        mark_line(painter, rect, theme::ACCENT);
    }
    let middle = pos2(rect.left() + MARGIN + 14.0 + THUMBNAIL / 2.0, rect.center().y);
    let color = if look.place == Place::Active { theme::ACCENT } else { theme::FAINT };
    let sheet = Rect::from_center_size(middle, vec2(17.0, 22.0));
    painter.rect_stroke(sheet, 2.0, Stroke::new(1.2, color), StrokeKind::Inside);
    let lines = if kind == SupplementKind::KeyObjects { 0 } else { 4 };
    for line in 0..lines {
        let y = sheet.top() + 5.0 + 4.0 * line as f32;
        let end = if line == lines - 1 { 8.0 } else { 4.0 };
        painter.hline(sheet.left() + 4.0..=sheet.right() - end, y, Stroke::new(1.0, color));
    }
    if lines == 0 {
        // Pictures on it.
        for (x, y) in [(-3.5, -5.0), (3.5, -5.0), (-3.5, 3.0), (3.5, 3.0)] {
            painter.rect_filled(Rect::from_center_size(middle + vec2(x, y), vec2(5.0, 6.0)), 0.5, color);
        }
    }
    let (left, right) = (rect.left() + MARGIN + 24.0 + THUMBNAIL, rect.right() - MARGIN);
    let two = !words.detail.is_empty();
    let y = rect.center().y - if two { 7.5 } else { 0.0 };
    let title = if look.place == Place::Active { theme::ACCENT } else { theme::TEXT };
    line(painter, left, right, y, &[(words.title.clone(), title, 13.0)]);
    if two {
        line(painter, left, right, y + 15.0, &[(words.detail.clone(), theme::FAINT, SMALL)]);
    }
}

fn set_row(painter: &Painter, rect: Rect, look: &Look, words: &Words) {
    match look.place {
        Place::Active => {
            painter.rect_filled(rect, 0.0, theme::ACCENT.gamma_multiply(0.16));
            mark_line(painter, rect, theme::ACCENT);
        }
        Place::Shown => mark_line(painter, rect, theme::ACCENT.gamma_multiply(0.55)),
        Place::Elsewhere => {}
    }
    let square = Rect::from_min_size(
        pos2(rect.left() + MARGIN + 14.0, rect.center().y - THUMBNAIL / 2.0),
        vec2(THUMBNAIL, THUMBNAIL),
    );
    painter.rect_filled(square, 2.0, Color32::BLACK);
    if let Some((texture, size)) = look.picture {
        let fitted = size * (THUMBNAIL / size.max_elem().max(1.0));
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture, Rect::from_center_size(square.center(), fitted), all, Color32::WHITE);
    } else if look.failed {
        painter.text(square.center(), Align2::CENTER_CENTER, "–", FontId::proportional(TEXT), theme::FAINT);
    }
    if look.place == Place::Active {
        painter.rect_stroke(square, 2.0, Stroke::new(1.0, theme::ACCENT), StrokeKind::Outside);
    }
    let (left, right) = (square.right() + 10.0, rect.right() - MARGIN);
    let title = [(words.title.clone(), theme::TEXT, 13.0)];
    let others: Vec<_> = [&words.detail, &words.count].into_iter().filter(|text| !text.is_empty()).collect();
    let mut y = rect.center().y - 8.0 * others.len() as f32;
    line(painter, left, right, y, &title);
    for text in others {
        y += 16.0;
        line(painter, left, right, y, &[(text.clone(), theme::FAINT, SMALL)]);
    }
}

/// At the left edge of what is on screen.
fn mark_line(painter: &Painter, rect: Rect, color: Color32) {
    let line = Rect::from_min_size(rect.min, vec2(LINE, rect.height()));
    painter.rect_filled(line, 0.0, color);
}

fn gap(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("   {text}") }
}

/// A number at the right; answers where it begins.
fn count(painter: &Painter, right: f32, y: f32, text: &str) -> f32 {
    if text.is_empty() {
        return right;
    }
    let font = FontId::proportional(SMALL);
    painter.text(pos2(right, y), Align2::RIGHT_CENTER, text, font, theme::FAINT).left() - 8.0
}

/// Words on one line, cut short where there is no room.
fn line(painter: &Painter, left: f32, right: f32, y: f32, parts: &[(String, Color32, f32)]) {
    if right - left < 8.0 {
        return;
    }
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(right - left), ..LayoutJob::default() };
    for (text, color, size) in parts {
        let format = TextFormat {
            valign: egui::Align::Center,
            ..TextFormat::simple(FontId::proportional(*size), *color)
        };
        job.append(text, 0.0, format);
    }
    let galley = painter.layout_job(job);
    painter.galley(pos2(left, y - galley.size().y / 2.0), galley, theme::TEXT);
}
