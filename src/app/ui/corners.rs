//! Painting on the images: corner text, orientation letters, scale bar, frame of the active viewport.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, pos2, vec2};

use super::theme;
use crate::app::captions::corner::{self, Line, Lines};
use crate::app::monitors::ScreenPitch;
use crate::app::overlays::Pointing;
use crate::app::requests::TextLevel;
use crate::app::viewport::moving::{MARK_INSET, MARK_POINTS};
use crate::app::viewport::{
    Active, Layout, Reading, Screen, Shown, Slab, SlabPicture, Slot, Stack, Start, View, Viewport, Windowing,
};
use crate::display::TexelKind;
use crate::geometry::{Justify, Orientation, Spacing, Zoom, scale_bar};

/// What is painted on viewports.
#[derive(SystemParam)]
pub(super) struct Corners<'w, 's> {
    level: Res<'w, TextLevel>,
    monitor: Res<'w, ScreenPitch>,
    viewports: Query<
        'w,
        's,
        (
            &'static Slot,
            &'static Stack,
            &'static View,
            &'static Windowing,
            &'static Screen,
            &'static Shown,
            (&'static Slab, &'static SlabPicture),
            (&'static Reading, &'static Pointing),
            Has<Active>,
        ),
        With<Viewport>,
    >,
}

/// Height of a line on an image.
const LINE: f32 = 17.0;
/// Distance of text from the edge, in points.
const MARGIN: f32 = 8.0;
/// Viewports narrower than this show less.
const NARROW: f32 = 560.0;
/// Viewports narrower than this have room for one line at the bottom, and for letters at the sides only.
const COMPACT: f32 = 340.0;
/// Viewports narrower than this show nothing.
const TINY: f32 = 110.0;

impl Corners<'_, '_> {
    /// Whether any viewport has something to show, even if only an error.
    pub(super) fn any_images(&self) -> bool {
        self.viewports.iter().any(|(_, stack, ..)| !stack.is_empty())
    }

    /// What is said of a picture at the monitor's own scale.
    fn true_size(&self, view: &View, shown: &Shown) -> Option<&'static str> {
        let (Zoom::PerMillimetre(scale), Some(pitch)) = (view.transform.zoom, self.monitor.pitch) else {
            return None;
        };
        if (scale - pitch.per_millimetre()).abs() > 1e-9 * scale.abs() {
            return None;
        }
        let known = shown.shape.is_some_and(|shape| shape.pixel_mm.is_some());
        Some(if known { self.monitor.label() } else { "no true size: the size of the pixels is not known" })
    }

    /// The lower edge of the viewport in the slot `covered` belongs to the bar for playing.
    pub(super) fn paint(&self, context: &egui::Context, layout: &Layout, scale: f32, covered: Option<usize>) {
        let painter = context.layer_painter(egui::LayerId::background());
        let several = layout.has_several() && layout.maximized.is_none();
        for (slot, stack, view, windowing, screen, shown, slab, (reading, pointing), active) in
            &self.viewports
        {
            // The rectangle of this frame: the component still has that of the last one.
            let Some(rect) = layout.cell(slot.0) else { continue };
            let rect = rect.map(|v| v as f32 / scale);
            let rect = Rect::from_min_size(pos2(rect[0], rect[1]), vec2(rect[2], rect[3]));
            let painter = painter.with_clip_rect(rect);
            if several && active && !stack.is_empty() {
                let stroke = Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.8));
                painter.rect_stroke(rect, 0.0, stroke, egui::StrokeKind::Inside);
            }
            if let Some(error) = &shown.error {
                paint_error(&painter, rect, error, stack);
                continue;
            }
            if rect.width() < TINY {
                continue;
            }
            let level = match *self.level {
                TextLevel::Full if rect.width() < NARROW => TextLevel::Essential,
                level => level,
            };
            let rect = if covered == Some(slot.0) { super::player::above(rect) } else { rect };
            let Some((instance, frame)) = stack.current() else {
                paint_vacancy(&painter, rect, &view.start);
                continue;
            };
            let opened = instance.peek();
            let data = opened.map(|opened| &opened.file.data);
            let zoom = shown.shape.map_or(0.0, |shape| view.transform.scale(shape, screen.size()));
            let who = corner::top_left(&instance.entry, level);
            // Clear of the mark in the corner.
            let beside = if layout.has_several() { MARK_INSET + MARK_POINTS } else { 0.0 };
            let beside = rect.with_max_x(rect.right() - beside + 1.0);
            let what = corner::top_right(&instance.entry, data, frame, view.start.note.as_deref(), level);
            let color = shown.image.as_ref().is_some_and(|image| image.meta.kind == TexelKind::Rgb);
            let look = shown.look.as_ref().filter(|_| !color);
            let position = shown.key.and_then(|key| stack.position_of(key)).unwrap_or(stack.position);
            let mut how =
                corner::bottom_left(stack, position, look, windowing, view, zoom, shown.preview, level);
            if level != TextLevel::None {
                let of_slab = slab.1.text(slab.0);
                let size = self.true_size(view, shown).map(str::to_owned);
                how.extend([of_slab, size].into_iter().flatten().map(|text| Line {
                    text,
                    large: false,
                    faint: false,
                }));
            }
            let taken = corner::exposure(&instance.entry, data, frame, level);
            let mut probe = corner::bottom_right(reading.0.as_ref(), level);
            if let (Some(value), true) = (probe.first_mut(), slab.1.image.is_some()) {
                // What is read is the slice in the middle, not the picture.
                value.text = format!("this slice: {}", value.text);
            }
            if level != TextLevel::None {
                let said =
                    pointing.lines.iter().map(|text| Line { text: text.clone(), large: false, faint: false });
                probe.splice(0..0, said);
            }
            // The last lines of each corner are those that can be missed most.
            let most = lines_of_half(rect);
            let corner = |rect: Rect, align: Align2, lines: Lines| {
                corner(&painter, rect, align, lines.get(..most).unwrap_or(&lines));
            };
            match view.transform.justify {
                Justify::Center => {
                    corner(rect, Align2::LEFT_TOP, who);
                    corner(beside, Align2::RIGHT_TOP, what);
                    corner(rect, Align2::LEFT_BOTTOM, [how, taken].concat());
                    corner(rect, Align2::RIGHT_BOTTOM, probe);
                }
                // Breasts keep their edge: what is written stands in the air.
                side => {
                    let top = if side == Justify::Left {
                        (beside, Align2::RIGHT_TOP)
                    } else {
                        (rect, Align2::LEFT_TOP)
                    };
                    let bottom =
                        if side == Justify::Left { Align2::RIGHT_BOTTOM } else { Align2::LEFT_BOTTOM };
                    corner(top.0, top.1, top_lines(what, who));
                    corner(rect, bottom, [probe, how, taken].concat());
                }
            }
            if shown.waiting && shown.image.is_none() {
                label(&painter, rect.center(), Align2::CENTER_CENTER, "loading…", theme::FAINT, 13.0);
            }
            let (Some(data), true, true) = (data, level != TextLevel::None, shown.look.is_some()) else {
                continue;
            };
            if let Some(orientation) = Orientation::read(data, frame) {
                let mut edges = orientation.edges(&view.transform);
                // Where text comes in from one side only it reaches further.
                let justified = view.transform.justify != Justify::Center;
                if rect.width() < if justified { NARROW } else { COMPACT } {
                    edges.top.clear();
                    edges.bottom.clear();
                }
                paint_letters(&painter, rect, &edges);
            }
            if let Some(spacing) = Spacing::read(data, frame).filter(|_| rect.width() >= COMPACT) {
                // What was said about the pixel under the pointer stands where the bar would.
                let said = if level == TextLevel::None { 0 } else { pointing.lines.len() };
                let rect = rect.with_max_y(rect.bottom() - said as f32 * LINE);
                paint_scale(&painter, rect, &spacing, zoom, scale, view);
            }
        }
    }
}

/// The title, then who it is, then the rest of what it is.
fn top_lines(mut what: Lines, who: Lines) -> Lines {
    let title = what.iter().take_while(|line| !line.faint).count();
    let rest = what.split_off(title);
    [what, who, rest].concat()
}

/// Says what would hang in a slot in which nothing does.
fn paint_vacancy(painter: &Painter, rect: Rect, start: &Start) {
    let at = rect.center();
    label(painter, at, Align2::CENTER_BOTTOM, &start.label, theme::FAINT, theme::ON_IMAGE_LARGE);
    if let Some(note) = &start.note {
        label(painter, at + vec2(0.0, 4.0), Align2::CENTER_TOP, note, theme::QUIET, theme::ON_IMAGE_SIZE);
    }
}

fn paint_error(painter: &Painter, rect: Rect, error: &str, stack: &Stack) {
    let name = stack.current().and_then(|(instance, _)| instance.entry.path.file_name());
    let text = match name {
        Some(name) => format!("{error}\n{}", name.to_string_lossy()),
        None => error.to_owned(),
    };
    let wrap = (rect.width() - 4.0 * MARGIN).max(40.0);
    let galley = painter.layout(text, FontId::proportional(13.0), theme::ERROR, wrap);
    painter.galley(rect.center() - galley.size() / 2.0, galley, theme::ERROR);
}

/// Text with a dark outline, so that it reads on white and on black.
fn label(painter: &Painter, at: Pos2, align: Align2, text: &str, color: Color32, size: f32) -> Rect {
    const AROUND: [(f32, f32); 5] = [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (1.0, 1.0)];
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(size), color);
    let rect = align.anchor_size(at, galley.size());
    for (x, y) in AROUND {
        painter.galley_with_override_text_color(rect.min + vec2(x, y), galley.clone(), theme::SHADOW);
    }
    painter.galley(rect.min, galley, color);
    rect
}

/// Lines that fit between an edge and the letters half way to the other, at least the title.
fn lines_of_half(rect: Rect) -> usize {
    let room = rect.height() / 2.0 - MARGIN - 0.75 * LINE;
    ((room / LINE).max(1.0)) as usize
}

/// The lines of one corner, from the edge inwards.
fn corner(painter: &Painter, rect: Rect, align: Align2, lines: &[Line]) {
    let rect = rect.shrink(MARGIN);
    let anchor = align.pos_in_rect(&rect);
    let mut y = anchor.y;
    let bottom = align.y() == egui::Align::Max;
    let mut paint = |line: &Line| {
        let color = if line.faint { theme::ON_IMAGE_FAINT } else { theme::ON_IMAGE };
        let size = if line.large { theme::ON_IMAGE_LARGE } else { theme::ON_IMAGE_SIZE };
        let drawn = label(painter, pos2(anchor.x, y), align, &line.text, color, size);
        y += if bottom { -drawn.height() } else { drawn.height() } * 1.12;
    };
    if bottom {
        lines.iter().rev().for_each(&mut paint);
    } else {
        lines.iter().for_each(&mut paint);
    }
}

fn paint_letters(painter: &Painter, rect: Rect, edges: &crate::geometry::Edges) {
    let rect = rect.shrink(MARGIN);
    for (text, at, align) in [
        (&edges.left, rect.left_center(), Align2::LEFT_CENTER),
        (&edges.right, rect.right_center(), Align2::RIGHT_CENTER),
        (&edges.top, rect.center_top(), Align2::CENTER_TOP),
        (&edges.bottom, rect.center_bottom(), Align2::CENTER_BOTTOM),
    ] {
        label(painter, at, align, text, theme::ON_IMAGE, theme::ON_IMAGE_SIZE);
    }
}

/// A bar with its length and what kind of millimetres it measures: in the lower right, or where an image that
/// keeps to the left leaves its text.
fn paint_scale(painter: &Painter, rect: Rect, spacing: &Spacing, zoom: f64, scale: f32, view: &View) {
    let along =
        if view.transform.quarter_turns.is_multiple_of(2) { spacing.column_mm } else { spacing.row_mm };
    let mm_per_point = along / zoom * f64::from(scale);
    let Some(bar) = scale_bar(mm_per_point, f64::from(rect.width()) * 0.22) else {
        return;
    };
    if !bar.px.is_finite() {
        return;
    }
    let half = bar.px as f32 / 2.0;
    // Above the reading of the pointer, clear of every other text.
    let (edge, inwards, height, align) = match view.transform.justify {
        Justify::Center => (rect.right() - MARGIN, -half, 52.0, Align2::RIGHT_BOTTOM),
        Justify::Right => (rect.right() - MARGIN, -half, 16.0, Align2::RIGHT_BOTTOM),
        Justify::Left => (rect.left() + MARGIN, half, 16.0, Align2::LEFT_BOTTOM),
    };
    let center = pos2(edge + inwards, rect.bottom() - height);
    let (left, right) = (center - vec2(half, 0.0), center + vec2(half, 0.0));
    for (offset, color) in [(1.0, theme::SHADOW), (0.0, theme::ON_IMAGE_FAINT)] {
        let stroke = Stroke::new(1.0, color);
        let shift = vec2(offset, offset);
        painter.line_segment([left + shift, right + shift], stroke);
        for end in [left, right] {
            painter.line_segment([end + shift - vec2(0.0, 4.0), end + shift + vec2(0.0, 4.0)], stroke);
        }
    }
    let kind = spacing.label();
    let text = if kind.is_empty() { bar.label } else { format!("{} · {kind}", bar.label) };
    label(painter, pos2(edge, center.y - 6.0), align, &text, theme::ON_IMAGE_FAINT, 11.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_leave_the_middle_to_the_letters() {
        let rect = |height: f32| Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, height));
        assert_eq!(lines_of_half(rect(345.0)), 8);
        assert!(lines_of_half(rect(900.0)) > 20);
        assert_eq!(lines_of_half(rect(20.0)), 1);
    }
}
