//! A band of a picture to draw on: paths in pixels of the whole picture, with the looks of drawings.

use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Paint as Ink, Path, PathBuilder, Pattern, Pixmap, Shader,
    SpreadMode, Stroke as Nib, StrokeDash, Transform,
};

use crate::presentation::drawing::{Fill, Line, Paint, Shade};

/// Beyond this many pixels from the picture lines are cut before they are drawn.
const FAR: f64 = 20_000.0;
/// What a path costs grows with the square of how often it crosses itself. Longer lines are drawn in pieces, and areas
/// have so many corners at most.
const LONG: usize = 1024;
const PIECE: usize = 64;
const MOST_CORNERS: usize = 4096;

pub(super) struct Canvas {
    pixmap: Pixmap,
    top: f64,
    /// Pixels of the picture for one of the screen.
    pub density: f64,
}

fn solid(paint: Paint) -> Shader<'static> {
    let [r, g, b] = paint.color;
    let mut color = tiny_skia::Color::from_rgba8(r, g, b, u8::MAX);
    color.set_alpha(paint.opacity.clamp(0.0, 1.0) as f32);
    Shader::SolidColor(color)
}

impl Canvas {
    /// Rows of a picture, the first of which is `top`.
    pub fn over(rgb: &[u8], width: u32, height: u32, top: u32, density: f64) -> Option<Self> {
        let mut pixmap = Pixmap::new(width, height)?;
        for (to, from) in pixmap.data_mut().chunks_exact_mut(4).zip(rgb.chunks_exact(3)) {
            if let (Some((color, [alpha])), from) = (to.split_at_mut_checked(3), from) {
                color.copy_from_slice(from);
                *alpha = u8::MAX;
            }
        }
        Some(Self { pixmap, top: f64::from(top), density })
    }

    pub fn put_back(&self, rgb: &mut [u8]) {
        for (to, from) in rgb.chunks_exact_mut(3).zip(self.pixmap.data().chunks_exact(4)) {
            to.copy_from_slice(from.get(..3).unwrap_or(&[0; 3]));
        }
    }

    pub fn width(&self) -> f64 {
        f64::from(self.pixmap.width())
    }

    /// Whether a circle may be seen on this band.
    pub fn sees(&self, [x, y]: [f64; 2], radius: f64) -> bool {
        let (width, height) = (self.width(), f64::from(self.pixmap.height()));
        let y = y - self.top;
        x + radius >= 0.0 && y + radius >= 0.0 && x - radius <= width && y - radius <= height
    }

    /// A line, an area or both through points of the picture. A single point is a dot as wide as the line.
    pub fn stroke(&mut self, points: &[[f64; 2]], closed: bool, line: Option<&Line>, fill: Option<&Fill>) {
        if let &[[x, y]] = points {
            let reach = line.map_or(1.0, |line| line.thickness) * self.density / 2.0;
            let dot = PathBuilder::from_circle(x as f32, (y - self.top) as f32, reach.max(0.5) as f32);
            if let (Some(dot), Some(line)) = (dot, line) {
                self.fill(&dot, line.paint);
            }
            return;
        }
        if let Some(fill) = fill {
            let step = points.len().div_ceil(MOST_CORNERS).max(1);
            let corners: Vec<[f64; 2]> = points.iter().step_by(step).copied().collect();
            if let Some(path) = self.path(&corners, true) {
                self.area(&path, fill);
            }
        }
        let Some(line) = line else { return };
        let points = apart(points);
        if points.len() <= LONG {
            if let Some(path) = self.path(&points, closed) {
                self.line(&path, line);
            }
            return;
        }
        // piece by piece, each beginning where the last one ended
        let all: Vec<[f64; 2]> =
            points.iter().copied().chain(points.first().copied().filter(|_| closed)).collect();
        for from in (0..all.len().saturating_sub(1)).step_by(PIECE) {
            let piece = all.get(from..(from + PIECE + 1).min(all.len())).unwrap_or_default();
            if let Some(path) = self.path(piece, false) {
                self.line(&path, line);
            }
        }
    }

    /// A path with parts that are very far away left out or drawn nearer.
    fn path(&self, points: &[[f64; 2]], closed: bool) -> Option<Path> {
        let mut path = PathBuilder::with_capacity(points.len() + 1, points.len());
        let place = |[x, y]: [f64; 2]| (x as f32, (y - self.top) as f32);
        if points.iter().flatten().any(|v| !v.is_finite()) {
            return None;
        }
        if points.iter().flatten().all(|v| v.abs() < FAR) {
            for (at, &point) in points.iter().enumerate() {
                let (x, y) = place(point);
                if at == 0 {
                    path.move_to(x, y);
                } else {
                    path.line_to(x, y);
                }
            }
            if closed {
                path.close();
            }
            return path.finish();
        }
        let next = points.iter().skip(1).chain(points.first().filter(|_| closed));
        for (a, b) in points.iter().zip(next) {
            let near = |v: f64| v.clamp(-FAR, FAR);
            let (from, to) = cut(*a, *b).unwrap_or((a.map(near), b.map(near)));
            let ((x, y), (u, v)) = (place(from), place(to));
            // an area stays one path; what was cut off runs along its frame
            if path.is_empty() {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
            path.line_to(u, v);
        }
        path.finish()
    }

    pub fn fill(&mut self, path: &Path, paint: Paint) {
        self.fill_with(path, solid(paint));
    }

    fn fill_with(&mut self, path: &Path, shader: Shader<'_>) {
        let ink = Ink { shader, anti_alias: true, ..Ink::default() };
        self.pixmap.fill_path(path, &ink, FillRule::EvenOdd, Transform::identity(), None);
    }

    /// Letters overlap themselves and are filled where they wind around.
    pub fn letter(&mut self, path: &Path, paint: Paint, at: Transform, thicker: f64) {
        let ink = Ink { shader: solid(paint), anti_alias: true, ..Ink::default() };
        let at = at.post_translate(0.0, -self.top as f32);
        self.pixmap.fill_path(path, &ink, FillRule::Winding, at, None);
        if thicker > 0.0 {
            let nib = Nib { width: thicker as f32, line_join: LineJoin::Round, ..Nib::default() };
            self.pixmap.stroke_path(path, &ink, &nib, at, None);
        }
    }

    fn area(&mut self, path: &Path, fill: &Fill) {
        let Some(pattern) = &fill.pattern else { return self.fill(path, fill.paint) };
        let Some(mut tile) = Pixmap::new(32, 32) else { return };
        for (at, pixel) in tile.pixels_mut().iter_mut().enumerate() {
            let is_on = pattern.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
            let Some(paint) = (if is_on { Some(fill.paint) } else { fill.gaps }) else { continue };
            let [r, g, b] = paint.color;
            let alpha = (paint.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
            *pixel = tiny_skia::ColorU8::from_rgba(r, g, b, alpha).premultiply();
        }
        let size = self.density as f32;
        let lie = Transform::from_translate(0.0, -self.top as f32).pre_scale(size, size);
        let shader = Pattern::new(tile.as_ref(), SpreadMode::Repeat, FilterQuality::Nearest, 1.0, lie);
        self.fill_with(path, shader);
    }

    pub fn line(&mut self, path: &Path, line: &Line) {
        let density = self.density;
        let width = (line.thickness * density).clamp(0.1, 10_000.0);
        if let Some(Shade { outlined, offset, paint }) = line.shadow {
            let [x, y] = offset.map(|v| v * density);
            if outlined {
                self.nib(path, paint, width + 2.0 * x.abs().max(y.abs()), None, [0.0; 2]);
            } else {
                self.nib(path, paint, width, None, [x, y]);
            }
        }
        let dashes = line.dashes.and_then(|bits| Dashes::of(bits, density));
        if let (Some(gaps), Some(dashes)) = (line.gaps, &dashes) {
            self.nib(path, gaps, width, Some(dashes.gaps()), [0.0; 2]);
        }
        self.nib(path, line.paint, width, dashes.map(|dashes| dashes.marks()), [0.0; 2]);
    }

    fn nib(
        &mut self,
        path: &Path,
        paint: Paint,
        width: f64,
        dash: Option<Option<StrokeDash>>,
        [x, y]: [f64; 2],
    ) {
        let line_cap = if dash.is_some() { LineCap::Butt } else { LineCap::Round };
        let dash = dash.flatten();
        // Lines of a pixel and less have a way of their own to be drawn, which is uneven where points are close.
        let paint = Paint { opacity: paint.opacity * width.min(1.0), ..paint };
        let nib = Nib {
            width: width.max(1.001) as f32,
            line_cap,
            line_join: LineJoin::Round,
            dash,
            ..Nib::default()
        };
        let ink = Ink { shader: solid(paint), anti_alias: true, ..Ink::default() };
        let moved = Transform::from_translate(x as f32, y as f32);
        self.pixmap.stroke_path(path, &ink, &nib, moved, None);
    }
}

/// The points without those that are hardly anywhere else than the one before them; outlines of lines between such
/// come out thin. The ends stay.
fn apart(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    const NEAR: f64 = 0.2;
    let mut kept: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    for (at, &[x, y]) in points.iter().enumerate() {
        let is_last = at + 1 == points.len();
        let is_near = |&[u, v]: &[f64; 2]| (x - u).abs() < NEAR && (y - v).abs() < NEAR;
        if kept.len() > 1 && is_last && kept.last().is_some_and(is_near) {
            kept.pop();
        }
        if is_last || !kept.last().is_some_and(is_near) {
            kept.push([x, y]);
        }
    }
    kept
}

/// Lengths of marks and gaps in turn, a mark first, and where in them a line begins.
struct Dashes {
    lengths: Vec<f32>,
    begin: f32,
}

impl Dashes {
    /// `None` of a line without gaps.
    fn of(bits: u32, density: f64) -> Option<Self> {
        if bits == 0 || bits == u32::MAX {
            return None;
        }
        // from the first mark after a gap, all around
        let first =
            (0..32).find(|at| bits.rotate_right(*at) & 1 == 1 && bits.rotate_right(*at) >> 31 == 0)?;
        let turned = bits.rotate_right(first);
        let (mut lengths, mut is_on) = (Vec::new(), false);
        for at in 0..32 {
            if (turned >> at & 1 == 1) != is_on {
                lengths.push(0.0);
                is_on = !is_on;
            }
            if let Some(length) = lengths.last_mut() {
                *length += density as f32;
            }
        }
        let begin = f64::from((32 - first) % 32) * density;
        Some(Self { lengths, begin: begin as f32 })
    }

    fn marks(&self) -> Option<StrokeDash> {
        StrokeDash::new(self.lengths.clone(), self.begin)
    }

    /// The same a mark later, with marks and gaps exchanged.
    fn gaps(&self) -> Option<StrokeDash> {
        let mut lengths = self.lengths.clone();
        let first = lengths.first().copied().unwrap_or_default();
        lengths.rotate_left(1);
        let all: f32 = lengths.iter().sum();
        StrokeDash::new(lengths, (self.begin - first + all) % all)
    }
}

/// The part of a line that is not far away.
fn cut(a: [f64; 2], b: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for axis in [0, 1] {
        let along = b[axis] - a[axis];
        if along == 0.0 {
            if a[axis].abs() > FAR {
                return None;
            }
            continue;
        }
        let ends = [(-FAR - a[axis]) / along, (FAR - a[axis]) / along];
        from = from.max(ends[0].min(ends[1]));
        to = to.min(ends[0].max(ends[1]));
    }
    let at = |t: f64| [0, 1].map(|axis| a[axis] + (b[axis] - a[axis]) * t);
    (from < to).then(|| (at(from), at(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_runs_of_bits_the_lowest_first() {
        let dashes = Dashes::of(0x0000_000F, 1.0).expect("dashes");
        assert_eq!((dashes.lengths, dashes.begin), (vec![4.0, 28.0], 0.0));
        // two on, four off, ..., and the two highest on: the mark goes on at the start
        let dashes = Dashes::of(0xC000_0003, 2.0).expect("dashes");
        assert_eq!((dashes.lengths, dashes.begin), (vec![8.0, 56.0], 4.0));
        assert!(Dashes::of(0, 1.0).is_none() && Dashes::of(u32::MAX, 1.0).is_none());
    }

    #[test]
    fn lines_without_an_end_are_cut() {
        let (from, to) = cut([-1e9, 5.0], [1e9, 5.0]).expect("a part of it");
        assert!((from[0] + FAR).abs() < 1e-3 && (to[0] - FAR).abs() < 1e-3 && from[1] == 5.0);
        assert!(cut([-1e9, 1e6], [1e9, 1e6]).is_none());
    }
}
