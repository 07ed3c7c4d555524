//! The head of a page: what it is, whether it can be relied on, whose it is, who wrote it.

use bevy_egui::egui::{
    self, Align2, Color32, CornerRadius, FontId, Pos2, Rect, Stroke, StrokeKind, pos2, vec2,
};

use super::strip::Setting;
use super::text::{BODY, Look, SMALL};
use crate::app::reports::{FollowLink, Part, Strip};
use crate::app::ui::theme;
use crate::presentation::sr::Status;

const TITLE: Look = Look { size: 23.0, line: 30.0, color: theme::HEADING };
/// The first fact is whose it is.
const PATIENT: Look = Look { size: 14.5, line: 21.0, color: theme::TEXT };
const NAMES: f32 = 104.0;
const OUT_OF_SIGHT: f32 = -100_000.0;

/// Sets the head; answers how high it is.
pub(super) fn set(setting: &mut Setting<'_>, strip: usize, at: Pos2) -> f32 {
    let front = Strip { block: 0, part: Part::Front, letters: 0 };
    let texts = setting.opened.sheet.texts(&setting.opened.document, &front);
    let document = &setting.opened.document;
    let width = setting.width;
    let mut y = 22.0;
    let mut number = 0;
    let mut put = |setting: &mut Setting<'_>, x: f32, y: f32, width: f32, look: Look| {
        let height = texts
            .get(number)
            .map_or(0.0, |rich| setting.text(strip, number, rich, at + vec2(x, y), width, look));
        number += 1;
        height
    };
    // The title comes first among the texts and stands below the kind.
    let kind = SMALL.line + 2.0;
    let title = put(setting, 0.0, y + kind, width, TITLE);
    put(setting, 0.0, y, width, SMALL);
    y += kind + title + 8.0;
    y += badges(setting, &document.status, at + vec2(0.0, y)) + 14.0;
    for fact in 0..document.facts.len() {
        if fact == 0 && document.facts.first().is_some_and(|fact| fact.name == "Patient") {
            // That this is the patient goes without saying.
            put(setting, OUT_OF_SIGHT, y, NAMES, SMALL);
            y += put(setting, 0.0, y, width, PATIENT) + 6.0;
            continue;
        }
        let name = put(setting, 0.0, y, NAMES, Look { line: 19.0, ..SMALL });
        let value =
            put(setting, NAMES + 10.0, y, width - NAMES - 10.0, Look { size: 12.5, line: 19.0, ..BODY });
        y += name.max(value) + 1.0;
    }
    for _ in &document.warnings {
        let text = at + vec2(0.0, y + 8.0);
        let behind = setting.ui.painter().add(egui::Shape::Noop);
        let look = Look { size: 12.5, line: 18.0, color: theme::WARNING };
        let height = put(setting, 14.0, y + 15.0, width - 28.0, look);
        let rect = Rect::from_min_size(text, vec2(width, height + 14.0));
        let fill = theme::WARNING.gamma_multiply(0.08);
        setting.ui.painter().set(behind, egui::Shape::rect_filled(rect, CornerRadius::same(4), fill));
        let bar = Rect::from_min_size(text, vec2(3.0, rect.height()));
        setting.ui.painter().rect_filled(bar, CornerRadius::same(1), theme::WARNING);
        y += rect.height() + 10.0;
    }
    y += selection(setting, at + vec2(0.0, y + 10.0));
    y += 16.0;
    let stroke = Stroke::new(1.0, theme::HOVERED);
    setting.ui.painter().hline(at.x..=at.x + width, at.y + y, stroke);
    y + 10.0
}

/// What state the document is in, each in a frame; what a reader must know is in another colour.
fn badges(setting: &Setting<'_>, status: &[Status], at: Pos2) -> f32 {
    const HEIGHT: f32 = 22.0;
    let painter = setting.ui.painter();
    let (mut x, mut y) = (0.0, 0.0);
    for one in status {
        let color = if one.provisional { theme::WARNING } else { theme::QUIET };
        let room = setting.width - 20.0;
        let mut job =
            egui::text::LayoutJob::simple_singleline(one.text.clone(), FontId::proportional(12.0), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        let galley = painter.layout_job(job);
        let size = vec2(galley.size().x + 18.0, HEIGHT);
        if x > 0.0 && x + size.x > setting.width {
            (x, y) = (0.0, y + HEIGHT + 6.0);
        }
        let rect = Rect::from_min_size(at + vec2(x, y), size);
        let fill = if one.provisional { theme::WARNING.gamma_multiply(0.12) } else { Color32::TRANSPARENT };
        painter.rect(rect, CornerRadius::same(11), fill, Stroke::new(1.0, color), StrokeKind::Inside);
        painter.galley(pos2(rect.left() + 9.0, rect.center().y - galley.size().y / 2.0), galley, color);
        x += size.x + 8.0;
    }
    if status.is_empty() { 0.0 } else { y + HEIGHT }
}

/// Of a selection: the way to see all of it.
fn selection(setting: &mut Setting<'_>, at: Pos2) -> f32 {
    let Some(selected) = &setting.opened.key_objects else { return 0.0 };
    let count = selected.objects.len();
    if count == 0 {
        return 0.0;
    }
    let words = if count == 1 { "Show it".to_owned() } else { format!("Show all {count}") };
    let galley = setting.ui.painter().layout_no_wrap(words, FontId::proportional(13.0), theme::TEXT);
    let rect = Rect::from_min_size(at, galley.size() + vec2(26.0, 12.0));
    let response = setting.ui.interact(rect, egui::Id::new("page show all"), egui::Sense::click());
    let fill = if response.hovered() { theme::HOVERED } else { theme::RAISED };
    setting.ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
    setting.ui.painter().galley(rect.center() - galley.size() / 2.0, galley, theme::TEXT);
    let hint = "hangs what was selected side by side";
    if response.on_hover_text(hint).clicked() {
        setting.asked = Some(FollowLink::All(selected.objects.clone()));
    }
    let place = pos2(rect.right() + 12.0, rect.center().y);
    if let Some(reason) = selected.modifiers.first() {
        let painter = setting.ui.painter();
        painter.text(place, Align2::LEFT_CENTER, reason.text(), FontId::proportional(12.0), theme::FAINT);
    }
    rect.height() + 12.0
}
