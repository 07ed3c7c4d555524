//! Painting what lies over images as lines and words: sharp at any zoom, clipped to its viewport.

use std::cell::RefCell;
use std::collections::HashSet;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::text::{LayoutJob, TextFormat};
use bevy_egui::egui::{
    self, Align, Color32, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, TextureId, pos2, vec2,
};

use super::overlays::names_and_values;
use super::theme;
use crate::app::overlays::{Content, Explained, Overlaid, Plated, Pointing};
use crate::app::reports::Pointed;
use crate::app::viewport::{Layout, Shown, Slot, View, Viewport};
use crate::geometry::Affine;
use crate::presentation::Rgb;
use crate::presentation::color_map::color_bar;
use crate::presentation::drawing::{self, Drawing, Fill, Line, Paint, Side, Sign, Symbol, Words, WordsPlace};
use crate::presentation::labels::{Block, Taken, is_left};
use crate::presentation::parametric::{Mapping, ticks};

/// What is painted over viewports.
#[derive(SystemParam)]
pub(super) struct Marks<'w, 's> {
    viewports: Query<
        'w,
        's,
        (
            &'static Slot,
            &'static View,
            &'static Shown,
            &'static Overlaid,
            &'static Plated,
            &'static Pointing,
            Option<&'static Pointed>,
        ),
        With<Viewport>,
    >,
    explained: Explained<'w, 's>,
}

/// Nearer than this in points, neighbours on a line are one.
const STEP: f32 = 0.4;
/// Dashes of one line at most; a longer one is drawn without.
const MOST_DASHES: usize = 20_000;

impl Marks<'_, '_> {
    /// The slots that have a viewport.
    pub(super) fn slots(&self) -> HashSet<usize> {
        self.viewports.iter().map(|(slot, ..)| slot.0).collect()
    }

    pub(super) fn paint(&self, context: &egui::Context, layout: &Layout, scale: f32) {
        let painter = context.layer_painter(egui::LayerId::background());
        for (slot, view, shown, overlaid, plated, pointing, pointed) in &self.viewports {
            let (Some(cell), Some(shape)) = (layout.cell(slot.0), shown.shape) else { continue };
            let plate = plated.plate.as_ref().filter(|_| overlaid.on);
            let pointed = pointed.filter(|pointed| shown.key == Some(pointed.key));
            if shown.image.is_none() || (plate.is_none() && pointed.is_none()) {
                continue;
            }
            let [left, top, width, height] = cell.map(|v| v as f32 / scale);
            let rect = Rect::from_min_size(pos2(left, top), vec2(width, height));
            let Some(to_screen) = to_screen(view, shape, cell, scale) else { continue };
            let pen =
                Pen { painter: painter.with_clip_rect(rect), to_screen, rect, taken: RefCell::default() };
            for (_, drawing) in plate.iter().flat_map(|plate| &plate.drawings) {
                pen.draw(drawing);
            }
            if let Some(pointed) = pointed {
                pen.draw(&pointed.drawing);
            }
            if overlaid.on {
                self.paint_bars(&pen, shown);
                self.explain(context, pointing);
            }
        }
    }
}

impl Marks<'_, '_> {
    /// What is to be known about the mark under the pointer.
    fn explain(&self, context: &egui::Context, pointing: &Pointing) {
        let Some((overlay, of)) = pointing.mark else { return };
        let details = self.explained.get(overlay).and_then(|overlay| overlay.content.details(of));
        let (Some((title, rows)), Some(at)) = (details, context.pointer_latest_pos()) else { return };
        egui::Area::new("mark".into())
            .order(egui::Order::Tooltip)
            .fixed_pos(at + vec2(16.0, 12.0))
            .constrain(true)
            .interactable(false)
            .show(context, |ui| {
                egui::Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_max_width(320.0);
                    names_and_values(ui, &title, &rows);
                });
            });
    }

    /// The colours of the maps over an image, at its right edge.
    fn paint_bars(&self, pen: &Pen, shown: &Shown) {
        let (Some(key), Some(instance)) = (shown.key, shown.instance.as_ref()) else { return };
        let mut right = pen.rect.right() - 54.0;
        for (_, overlay) in self.explained.of(key.instance) {
            let Content::Map(map) = &overlay.content else { continue };
            if overlay.hidden || pen.rect.width() < 300.0 || !overlay.content.is_on(instance, key.frame) {
                continue;
            }
            let options = &overlay.options.map;
            let Some(range) = options.range else { continue };
            let mapping = map.quantities().first().and_then(|list| list.get(options.mapping));
            let unit = mapping.map(Mapping::unit).unwrap_or_default();
            let height = (pen.rect.height() * 0.4).min(220.0);
            let top = pen.rect.center().y - height / 2.0;
            let column = Rect::from_min_size(pos2(right, top), vec2(10.0, height));
            pen.bar(column, &color_bar(&map.colors(options), 64), range, &unit);
            right -= 64.0;
        }
    }
}

/// From pixels of the image to points of the window, as the image will be drawn in this very frame.
fn to_screen(view: &View, shape: crate::geometry::ImageShape, cell: [u32; 4], scale: f32) -> Option<Affine> {
    let [left, top, width, height] = cell.map(f64::from);
    let back = view.transform.map(shape, [width, height]).invert()?;
    let points = f64::from(scale).recip();
    Some(back.then(&Affine::translation(left, top)).then(&Affine::scale(points, points)))
}

/// Draws in one viewport.
struct Pen {
    painter: Painter,
    to_screen: Affine,
    rect: Rect,
    /// Where words beside marks are already.
    taken: RefCell<Taken>,
}

/// Words beside marks from which on their edge is drawn in the simplest way.
const CROWD: usize = 60;

impl Pen {
    fn draw(&self, drawing: &Drawing) {
        for stroke in &drawing.strokes {
            self.stroke(stroke);
        }
        for symbol in &drawing.symbols {
            self.symbol(symbol);
        }
        for words in &drawing.words {
            self.words(words);
        }
    }

    /// Colours from the lowest value at the bottom, with round values beside them.
    fn bar(&self, column: Rect, colors: &[Rgb], range: (f64, f64), unit: &str) {
        let step = column.height() / colors.len().max(1) as f32;
        self.painter.rect_filled(column.expand(1.0), 0.0, Color32::from_black_alpha(160));
        for (n, [r, g, b]) in colors.iter().enumerate() {
            let bottom = column.bottom() - n as f32 * step;
            let cell = Rect::from_min_max(pos2(column.left(), bottom - step), pos2(column.right(), bottom));
            self.painter.rect_filled(cell, 0.0, Color32::from_rgb(*r, *g, *b));
        }
        let font = FontId::proportional(11.0);
        for tick in ticks(range, 6) {
            let y = column.bottom() - tick.place as f32 * column.height();
            let at = pos2(column.right() + 5.0, y);
            let shadow = at + vec2(1.0, 1.0);
            self.painter.text(shadow, egui::Align2::LEFT_CENTER, &tick.text, font.clone(), Color32::BLACK);
            self.painter.text(at, egui::Align2::LEFT_CENTER, &tick.text, font.clone(), theme::ON_IMAGE);
        }
        let at = pos2(self.rect.right() - 8.0, column.top() - 6.0);
        self.painter.text(at, egui::Align2::RIGHT_BOTTOM, unit, font, theme::ON_IMAGE_FAINT);
    }

    fn at(&self, point: [f64; 2]) -> Pos2 {
        let [x, y] = self.to_screen.apply(point);
        // Beyond this nothing is seen, and numbers stay small.
        pos2(x.clamp(-1e5, 1e5) as f32, y.clamp(-1e5, 1e5) as f32)
    }

    fn stroke(&self, stroke: &drawing::Stroke) {
        let mut points: Vec<Pos2> = Vec::with_capacity(stroke.points.len());
        let mut bounds = Rect::NOTHING;
        for point in &stroke.points {
            let at = self.at(*point);
            bounds.extend_with(at);
            if points.last().is_none_or(|last| last.distance_sq(at) > STEP * STEP) {
                points.push(at);
            }
        }
        let thickness = stroke.line.map_or(0.0, |line| line.thickness) as f32;
        if !bounds.expand(thickness + 40.0).intersects(self.rect) {
            return;
        }
        if let (&[at], Some(line)) = (points.as_slice(), stroke.line) {
            self.painter.circle_filled(at, (thickness / 2.0).max(1.0), color(line.paint));
            return;
        }
        if let Some(fill) = stroke.fill.as_ref().filter(|_| stroke.closed) {
            self.fill(&points, bounds, fill);
        }
        if let Some(line) = &stroke.line {
            if let Some(shade) = line.shadow {
                let by = vec2(shade.offset[0] as f32, shade.offset[1] as f32);
                let moved: Vec<Pos2> =
                    points.iter().map(|p| *p + if shade.outlined { vec2(0.0, 0.0) } else { by }).collect();
                let more = if shade.outlined { 2.0 } else { 0.0 };
                self.run(&moved, stroke.closed, thickness + more, color(shade.paint));
            }
            self.line(&points, stroke.closed, line);
        }
    }

    fn run(&self, points: &[Pos2], closed: bool, thickness: f32, color: Color32) {
        let stroke = Stroke::new(thickness, color);
        let points = points.to_vec();
        self.painter.add(if closed {
            Shape::closed_line(points, stroke)
        } else {
            Shape::line(points, stroke)
        });
    }

    fn line(&self, points: &[Pos2], closed: bool, line: &Line) {
        let thickness = line.thickness as f32;
        let dashed = line.dashes.and_then(|bits| dashes(points, closed, bits));
        let Some(pieces) = dashed else { return self.run(points, closed, thickness, color(line.paint)) };
        for (piece, on) in pieces {
            match (on, line.gaps) {
                (true, _) => self.run(&piece, false, thickness, color(line.paint)),
                (false, Some(gaps)) => self.run(&piece, false, thickness, color(gaps)),
                (false, None) => {}
            }
        }
    }

    /// Fills row by row of the screen, which any outline allows: inside is what a line from outside crosses an odd
    /// number of edges to reach.
    fn fill(&self, points: &[Pos2], bounds: Rect, fill: &Fill) {
        let area = bounds.intersect(self.rect);
        let step = self.painter.ctx().pixels_per_point().recip();
        let mut mesh = Mesh { texture_id: TextureId::default(), ..Mesh::default() };
        let mut gaps = Mesh::default();
        let mut crossings: Vec<f32> = Vec::new();
        let mut y = (area.top() / step).floor() * step;
        while y < area.bottom() {
            let middle = y + step / 2.0;
            crossings.clear();
            let next = points.iter().cycle().skip(1);
            for (a, b) in points.iter().zip(next) {
                if (a.y > middle) != (b.y > middle) {
                    crossings.push(a.x + (middle - a.y) / (b.y - a.y) * (b.x - a.x));
                }
            }
            crossings.sort_unstable_by(f32::total_cmp);
            let (pairs, _) = crossings.as_chunks::<2>();
            for [from, to] in pairs {
                let (from, to) = (from.max(area.left()), to.min(area.right()));
                if from < to {
                    let row = Row { from, to, top: y, bottom: y + step };
                    row.paint(fill, &mut mesh, &mut gaps, step);
                }
            }
            y += step;
        }
        for mesh in [gaps, mesh] {
            if !mesh.is_empty() {
                self.painter.add(Shape::mesh(mesh));
            }
        }
    }

    fn symbol(&self, symbol: &Symbol) {
        let at = self.at(symbol.at);
        let radius = symbol.radius as f32;
        if !self.rect.expand(radius + 4.0).contains(at) {
            return;
        }
        if let Some(shade) = symbol.line.shadow {
            self.sign(symbol.sign, at, radius, symbol.line.thickness as f32 + 2.0, color(shade.paint));
        }
        self.sign(symbol.sign, at, radius, symbol.line.thickness as f32, color(symbol.line.paint));
    }

    fn sign(&self, sign: Sign, at: Pos2, radius: f32, thickness: f32, color: Color32) {
        let stroke = Stroke::new(thickness, color);
        let spoke = |turn: f32| {
            let (sin, cos) = turn.to_radians().sin_cos();
            let by = vec2(cos, sin) * radius;
            self.painter.line_segment([at - by, at + by], stroke);
        };
        let outline = |turns: &[f32]| {
            let corner = |turn: &f32| {
                let (sin, cos) = turn.to_radians().sin_cos();
                at + vec2(cos, sin) * radius
            };
            self.run(&turns.iter().map(corner).collect::<Vec<_>>(), true, thickness, color);
        };
        match sign {
            Sign::Dot => drop(self.painter.circle_filled(at, radius, color)),
            Sign::Circle => drop(self.painter.circle_stroke(at, radius, stroke)),
            Sign::Ellipse => {
                let ellipse = egui::epaint::EllipseShape::stroke(at, vec2(radius, radius / 2.0), stroke);
                self.painter.add(ellipse);
            }
            Sign::Asterisk => [90.0, 30.0, 150.0].into_iter().for_each(spoke),
            Sign::Plus => [0.0, 90.0].into_iter().for_each(spoke),
            Sign::Cross => [45.0, 135.0].into_iter().for_each(spoke),
            Sign::Triangle => outline(&[-90.0, 30.0, 150.0]),
            Sign::Square => outline(&[-135.0, -45.0, 45.0, 135.0]),
            Sign::Diamond => outline(&[-90.0, 0.0, 90.0, 180.0]),
        }
    }

    fn words(&self, words: &Words) {
        let paint = color(words.paint);
        let size = (words.font.height * 0.82) as f32;
        let format = TextFormat {
            font_id: FontId::proportional(size),
            color: Color32::PLACEHOLDER,
            italics: words.font.italic,
            underline: if words.font.underlined { Stroke::new(1.0, paint) } else { Stroke::NONE },
            line_height: Some(words.font.height as f32),
            ..TextFormat::default()
        };
        let mut job = LayoutJob::single_section(words.text.clone(), format);
        let (place, across) = match words.place {
            WordsPlace::Beside { at, offset, across, down } => {
                let by = vec2(offset[0] as f32, offset[1] as f32);
                job.wrap.max_width = f32::INFINITY;
                (Place::Beside { mark: self.at(at), by, down }, across)
            }
            WordsPlace::Within { from, to, across, down } => {
                let (from, to) = (self.at(from), self.at(to));
                // A view that is turned turns the box and not the words.
                let bounds = Rect::from_two_pos(from, to);
                let (across, down) = (
                    if from.x > to.x { mirrored(across) } else { across },
                    if from.y > to.y { mirrored(down) } else { down },
                );
                job.wrap.max_width = bounds.width().max(24.0);
                (Place::Box(bounds, down), across)
            }
        };
        job.halign = match across {
            Side::Start => Align::LEFT,
            Side::Middle => Align::Center,
            Side::End => Align::RIGHT,
        };
        let galley = self.painter.layout_job(job);
        let size = galley.size();
        // A galley that is aligned has its origin at the side it is aligned to.
        let shift = |side: Side, size: f32| match side {
            Side::Start => 0.0,
            Side::Middle => size / 2.0,
            Side::End => size,
        };
        let at = match place {
            Place::Beside { mark, by, down } => {
                let row = self.rect.x_range();
                let row = [row.min, row.max].map(f64::from);
                let (at, away, width) = (f64::from(mark.x), f64::from(by.x), f64::from(size.x));
                let left = across == Side::Start && is_left(at, away, width, row);
                let x = if left { mark.x - by.x - size.x } else { mark.x + by.x };
                pos2(x, mark.y + by.y - shift(down, size.y))
            }
            Place::Box(bounds, down) => {
                let x = match across {
                    Side::Start => bounds.left(),
                    Side::Middle => bounds.center().x,
                    Side::End => bounds.right(),
                };
                let free = (bounds.height() - size.y).max(0.0);
                pos2(x, bounds.top() + shift(down, free))
            }
        };
        let mut taken = Rect::from_min_size(at - vec2(shift(across, size.x), 0.0), size);
        let mut at = at;
        if matches!(words.place, WordsPlace::Beside { .. }) {
            let down = self.room_below(taken);
            taken = taken.translate(vec2(0.0, down));
            at.y += down;
        }
        if let Some((point, line)) = words.leader {
            let to = self.at(point);
            let from = taken.clamp(to);
            self.line(&[from, to], false, &line);
        }
        if !self.rect.intersects(taken) {
            return;
        }
        if let Some(shade) = words.shadow {
            let dark = color(shade.paint);
            let around: &[(f32, f32)] = match (shade.outlined, self.taken.borrow().count()) {
                (true, 0..CROWD) => &[(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (1.0, 1.0)],
                // Among very many nobody misses the finer edge, and each letter is drawn as often as this.
                _ => &[(1.0, 1.0)],
            };
            let by = if shade.outlined { [1.0, 1.0] } else { shade.offset.map(|v| v as f32) };
            for (x, y) in around {
                let moved = at + vec2(x * by[0], y * by[1]);
                self.painter.galley_with_override_text_color(moved, galley.clone(), dark);
            }
        }
        if words.font.bold {
            let moved = at + vec2(0.6, 0.0);
            self.painter.galley_with_override_text_color(moved, galley.clone(), paint);
        }
        self.painter.galley_with_override_text_color(at, galley, paint);
    }
}

impl Pen {
    /// How far words move down so that they do not lie on others, and notes that they are there.
    fn room_below(&self, wanted: Rect) -> f32 {
        let block = Block {
            min: [wanted.min.x, wanted.min.y].map(f64::from),
            max: [wanted.max.x, wanted.max.y].map(f64::from),
        };
        (self.taken.borrow_mut().room(block, 1.0).min[1] - block.min[1]) as f32
    }
}

/// Where words go.
enum Place {
    Beside { mark: Pos2, by: egui::Vec2, down: Side },
    Box(Rect, Side),
}

fn mirrored(side: Side) -> Side {
    match side {
        Side::Start => Side::End,
        Side::Middle => Side::Middle,
        Side::End => Side::Start,
    }
}

/// A row of an area.
struct Row {
    from: f32,
    to: f32,
    top: f32,
    bottom: f32,
}

impl Row {
    fn paint(&self, fill: &Fill, mesh: &mut Mesh, gaps: &mut Mesh, step: f32) {
        let Some(pattern) = &fill.pattern else {
            return self.add(mesh, self.from, self.to, color(fill.paint));
        };
        let line = ((self.top / step).round() as i64).rem_euclid(32) as usize * 4;
        let bits = pattern.get(line..line + 4).unwrap_or(&[0xFF; 4]);
        let is_on = |x: i64| {
            let at = x.rem_euclid(32) as usize;
            bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
        };
        let (first, last) = ((self.from / step).round() as i64, (self.to / step).round() as i64);
        let mut x = first;
        while x < last {
            let on = is_on(x);
            let end = (x..last).find(|x| is_on(*x) != on).unwrap_or(last);
            let (from, to) = (x as f32 * step, end as f32 * step);
            match (on, fill.gaps) {
                (true, _) => self.add(mesh, from, to, color(fill.paint)),
                (false, Some(paint)) => self.add(gaps, from, to, color(paint)),
                (false, None) => {}
            }
            x = end;
        }
    }

    fn add(&self, mesh: &mut Mesh, from: f32, to: f32, color: Color32) {
        mesh.add_colored_rect(Rect::from_min_max(pos2(from, self.top), pos2(to, self.bottom)), color);
    }
}

/// A dashed line in its pieces, each with whether it is drawn: one bit of the pattern a point. `None` where there
/// would be too many, or nothing but line.
fn dashes(points: &[Pos2], closed: bool, bits: u32) -> Option<Vec<(Vec<Pos2>, bool)>> {
    if bits == u32::MAX || bits == 0 {
        return None;
    }
    let mut pieces: Vec<(Vec<Pos2>, bool)> = Vec::new();
    let mut along = 0.0f32;
    let last = points.first().filter(|_| closed);
    let ends = points.iter().skip(1).chain(last);
    for (a, b) in points.iter().zip(ends) {
        let length = a.distance(*b);
        let mut done = 0.0;
        while done < length {
            let bit = (along.floor() as u32) % 32;
            let on = bits >> bit & 1 == 1;
            let step = (along.floor() + 1.0 - along).min(length - done).max(1e-3);
            let (from, to) = (a.lerp(*b, done / length), a.lerp(*b, ((done + step) / length).min(1.0)));
            match pieces.last_mut() {
                Some((piece, same)) if *same == on => piece.push(to),
                _ => pieces.push((vec![from, to], on)),
            }
            if pieces.len() > MOST_DASHES {
                return None;
            }
            done += step;
            along += step;
        }
    }
    Some(pieces)
}

fn color(paint: Paint) -> Color32 {
    let [r, g, b] = paint.color;
    let alpha = (paint.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    Color32::from_rgba_unmultiplied(r, g, b, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_the_bits_around_corners() {
        // four on, four off, repeated
        let bits = 0x0F0F_0F0F;
        let line = [pos2(0.0, 0.0), pos2(6.0, 0.0), pos2(6.0, 6.0)];
        let pieces = dashes(&line, false, bits).expect("pieces");
        let ends: Vec<_> = pieces.iter().map(|(p, on)| (p[0], p[p.len() - 1], *on)).collect();
        assert_eq!(ends.len(), 3);
        assert_eq!(ends[0], (pos2(0.0, 0.0), pos2(4.0, 0.0), true));
        assert_eq!(ends[1], (pos2(4.0, 0.0), pos2(6.0, 2.0), false));
        assert_eq!(ends[2], (pos2(6.0, 2.0), pos2(6.0, 6.0), true));
        assert!(dashes(&line, false, u32::MAX).is_none());
    }
}
