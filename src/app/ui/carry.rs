//! What is on its way to a viewport: its ghost under the pointer and the viewport it would come to; and the mark
//! by which a viewport is taken.

use bevy_egui::egui::{self, Color32, Id, LayerId, Order, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::theme;
use crate::app::viewport::Layout;
use crate::app::viewport::moving;

/// Side of the ghost's picture, in points.
const GHOST: f32 = 56.0;

/// What follows the pointer.
pub(super) struct Ghost {
    pub at: egui::Pos2,
    pub title: String,
    pub picture: Option<egui::TextureId>,
    /// Width and height of the picture.
    pub size: egui::Vec2,
    /// Where it comes from, where that is a viewport.
    pub from: Option<Rect>,
    /// Where it would come to.
    pub to: Option<Rect>,
}

/// A slot's rectangle in points.
pub(super) fn cell(layout: &Layout, slot: usize, scale: f32) -> Option<Rect> {
    let [left, top, width, height] = layout.cell(slot)?.map(|pixels| pixels as f32 / scale);
    Some(Rect::from_min_size(pos2(left, top), vec2(width, height)))
}

pub(super) fn paint(context: &egui::Context, ghost: &Ghost) {
    let painter = context.layer_painter(LayerId::new(Order::Foreground, Id::new("carried")));
    if let Some(from) = ghost.from.filter(|from| Some(*from) != ghost.to) {
        painter.rect_filled(from, 0.0, Color32::from_black_alpha(110));
    }
    if let Some(to) = ghost.to.filter(|to| Some(*to) != ghost.from) {
        painter.rect_filled(to, 0.0, theme::ACCENT.gamma_multiply(0.12));
        painter.rect_stroke(to, 0.0, Stroke::new(2.0, theme::ACCENT), StrokeKind::Inside);
    }
    let text = painter.layout_no_wrap(ghost.title.clone(), egui::FontId::proportional(12.5), theme::TEXT);
    let fitted = ghost.size * (GHOST / ghost.size.max_elem().max(1.0));
    let picture = if ghost.picture.is_some() { fitted } else { vec2(0.0, 0.0) };
    let inner = vec2(picture.x.max(text.size().x), picture.y + text.size().y);
    let rect = Rect::from_min_size(ghost.at + vec2(14.0, 12.0), inner + vec2(16.0, 14.0));
    painter.rect(
        rect,
        5.0,
        theme::PANEL.gamma_multiply(0.94),
        Stroke::new(1.0, theme::HOVERED),
        StrokeKind::Inside,
    );
    if let Some(texture) = ghost.picture {
        let at = Rect::from_min_size(rect.min + vec2((rect.width() - picture.x) / 2.0, 6.0), picture);
        painter.image(texture, at, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
    }
    painter.galley(pos2(rect.left() + 8.0, rect.bottom() - 7.0 - text.size().y), text, theme::TEXT);
}

/// The mark in the corner of a viewport: alone, or one of several again.
pub(super) fn paint_mark(
    painter: &Painter,
    layout: &Layout,
    slot: usize,
    scale: f32,
    pointer: Option<egui::Pos2>,
) {
    let Some([left, top, side]) = layout.cell(slot).and_then(|cell| moving::mark(cell, layout, scale)) else {
        return;
    };
    let rect = Rect::from_min_size(pos2(left / scale, top / scale), vec2(side, side) / scale);
    let near = pointer.is_some_and(|at| rect.expand(3.0).contains(at));
    let color = if near { theme::ACCENT } else { theme::ON_IMAGE_FAINT };
    painter.rect_filled(rect.expand(2.0), 3.0, Color32::from_black_alpha(120));
    let stroke = Stroke::new(1.2, color);
    let rect = rect.shrink(1.5);
    if layout.maximized.is_none() {
        painter.rect_stroke(rect, 1.5, stroke, StrokeKind::Middle);
        painter.line_segment([rect.left_top() + vec2(0.5, 2.5), rect.right_top() + vec2(-0.5, 2.5)], stroke);
        return;
    }
    // Four of them.
    let part = (rect.size() - vec2(2.5, 2.5)) / 2.0;
    for (x, y) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let corner = rect.min + vec2(x, y) * (part + vec2(2.5, 2.5));
        painter.rect_stroke(
            Rect::from_min_size(corner, part),
            0.5,
            Stroke::new(1.0, color),
            StrokeKind::Middle,
        );
    }
}
