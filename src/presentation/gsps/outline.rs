//! Annotations as lines to draw, in pixels of the image: curves become many short ones.

use std::sync::OnceLock;

use super::annotation::{Graphic, GraphicKind};
use super::compound::{Compound, CompoundKind};
use super::coordinates::Coordinates;
use super::style::Align;
use crate::geometry::Affine;

/// A run of straight lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// A single one is a point by itself.
    pub points: Vec<[f64; 2]>,
    /// The last point is joined to the first.
    pub closed: bool,
    /// Only what is closed.
    pub filled: bool,
}

impl Outline {
    fn line(points: Vec<[f64; 2]>) -> Self {
        Self { points, closed: false, filled: false }
    }
}

/// Words at a place of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub at: [f64; 2],
    /// Where the words are from there.
    pub side: Align,
    pub text: String,
}

/// Pieces an ellipse is drawn in.
const ROUND: u32 = 96;
/// Pieces between two points of a curve, and of a curve of very many points together.
const SMOOTH: usize = 16;
const MOST_PIECES: usize = 32_768;

impl Graphic {
    /// What to draw. `None` of a graphic whose points do not make one.
    pub fn outline(&self, place: &Coordinates) -> Option<Outline> {
        let map = place.map(self.units);
        let points: Vec<[f64; 2]> = self.points.iter().map(|&p| map.apply(p)).collect();
        // filled is only what is closed
        let joined = |points: &[[f64; 2]]| points.len() > 3 && points.first() == points.last();
        Some(match (self.kind, points.as_slice()) {
            (GraphicKind::Point, [point, ..]) => Outline::line(vec![*point]),
            (GraphicKind::Circle, [center, on, ..]) => {
                let radius = (on[0] - center[0]).hypot((on[1] - center[1]) * place.aspect);
                let (x, y) = ([radius, 0.0], [0.0, radius / place.aspect]);
                Outline { points: ellipse(*center, x, y), closed: true, filled: self.filled }
            }
            (GraphicKind::Ellipse, [a, b, c, d, ..]) => {
                let center = [0, 1].map(|i| (a[i] + b[i]) / 2.0);
                let half = |from: &[f64; 2], to: &[f64; 2]| [0, 1].map(|i| (to[i] - from[i]) / 2.0);
                Outline { points: ellipse(center, half(a, b), half(c, d)), closed: true, filled: self.filled }
            }
            (GraphicKind::Polyline | GraphicKind::Interpolated, [_, _, ..]) => {
                let closed = joined(&points);
                let mut points =
                    if self.kind == GraphicKind::Interpolated { curve(&points, closed) } else { points };
                if closed {
                    points.pop();
                }
                Outline { points, closed, filled: closed && self.filled }
            }
            _ => return None,
        })
    }
}

/// An ellipse about a centre, by two half axes that are conjugate.
fn ellipse(center: [f64; 2], x: [f64; 2], y: [f64; 2]) -> Vec<[f64; 2]> {
    // there may be thousands of them
    static DIRECTIONS: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    let direction = |n: u32| (f64::from(n) / f64::from(ROUND) * std::f64::consts::TAU).sin_cos();
    let directions = DIRECTIONS.get_or_init(|| (0..ROUND).map(direction).collect());
    directions.iter().map(|(sin, cos)| [0, 1].map(|i| center[i] + cos * x[i] + sin * y[i])).collect()
}

/// A smooth line through all points (Catmull-Rom; the standard leaves the kind open). A closed one has its
/// first point again at the end and is smooth there as well.
fn curve(points: &[[f64; 2]], closed: bool) -> Vec<[f64; 2]> {
    let last = points.len().saturating_sub(1);
    let pieces = SMOOTH.min((MOST_PIECES / points.len().max(1)).max(1));
    let at = |i: isize| {
        let n = last as isize;
        let i = if closed { i.rem_euclid(n.max(1)) } else { i.clamp(0, n) };
        points.get(i as usize).copied().unwrap_or_default()
    };
    let mut out = Vec::with_capacity(last * pieces + 1);
    for i in 0..last as isize {
        let [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
        for piece in 0..pieces {
            let t = piece as f64 / pieces as f64;
            out.push([0, 1].map(|k| {
                let (a, b) = ((p2[k] - p0[k]) / 2.0, (p3[k] - p1[k]) / 2.0);
                let (t2, t3) = (t * t, t * t * t);
                (2.0 * t3 - 3.0 * t2 + 1.0) * p1[k]
                    + (t3 - 2.0 * t2 + t) * a
                    + (3.0 * t2 - 2.0 * t3) * p2[k]
                    + (t3 - t2) * b
            }));
        }
    }
    out.extend(points.last());
    out
}

/// How long the marks of a drawing are, as a share of its length, where nothing says.
const MARK: f64 = 0.03;

impl Compound {
    /// What to draw: lines and words. `far` is a length beyond all that is shown, for lines without an end.
    pub fn outlines(&self, place: &Coordinates, far: f64) -> (Vec<Outline>, Vec<Label>) {
        let map = place.map(self.units);
        let points: Vec<[f64; 2]> = self.points.iter().map(|&p| map.apply(p)).collect();
        let scale = {
            let [x, y] = map.extent();
            (x * y).abs().sqrt()
        };
        let mut lines = match (self.kind, points.as_slice()) {
            (CompoundKind::Crosshair, [center, ..]) => {
                let reach = self.diameter.map_or(far, |d| d * scale / 2.0);
                let gap = (self.gap * scale / 2.0).min(reach);
                let arm = |x: f64, y: f64| {
                    let end = |r: f64| [center[0] + x * r, center[1] + y * r / place.aspect];
                    Outline::line(vec![end(gap), end(reach)])
                };
                vec![arm(-1.0, 0.0), arm(1.0, 0.0), arm(0.0, -1.0), arm(0.0, 1.0)]
            }
            (CompoundKind::Multiline, _) => vec![Outline::line(points.clone())],
            (kind, &[a, b, ..]) => self.between(kind, a, b, scale, far),
            _ => Vec::new(),
        };
        let mut labels = self.labels(&points);
        if self.rotation != 0.0 {
            let turn = self.rotation_about(&points, &map, place.aspect);
            for point in lines.iter_mut().flat_map(|line| &mut line.points) {
                *point = turn.apply(*point);
            }
            for label in &mut labels {
                label.at = turn.apply(label.at);
            }
        }
        (lines, labels)
    }

    fn between(&self, kind: CompoundKind, a: [f64; 2], b: [f64; 2], scale: f64, far: f64) -> Vec<Outline> {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if length <= 0.0 {
            return Vec::new();
        }
        let along = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let across = [-along[1], along[0]];
        // a place so far along the line and so far beside it
        let at = |d: f64, aside: f64| [0, 1].map(|i| a[i] + along[i] * d + across[i] * aside);
        let mark = length * MARK;
        let across_at = |d: f64, from: f64, to: f64| Outline::line(vec![at(d, from), at(d, to)]);
        match kind {
            CompoundKind::InfiniteLine => vec![Outline::line(vec![at(-far, 0.0), at(length + far, 0.0)])],
            CompoundKind::Cutline => {
                let gap = (self.gap * scale).min(length);
                let (from, to) = ((length - gap) / 2.0, f64::midpoint(length, gap));
                vec![Outline::line(vec![a, at(from, 0.0)]), Outline::line(vec![at(to, 0.0), b])]
            }
            CompoundKind::RangeLine => {
                vec![Outline::line(vec![a, b]), across_at(0.0, -mark, mark), across_at(length, -mark, mark)]
            }
            CompoundKind::Ruler | CompoundKind::Axis => {
                let (from, to) = match self.tick_alignment {
                    Align::Start => (-2.0 * mark, 0.0),
                    Align::Center => (-mark, mark),
                    Align::End => (0.0, 2.0 * mark),
                };
                let ticks = self.ticks.iter().map(|tick| across_at(tick.position * length, from, to));
                std::iter::once(Outline::line(vec![a, b])).chain(ticks).collect()
            }
            CompoundKind::Arrow => {
                let head = (length * 0.15).min(12.0 * scale.max(1e-9)).max(length * 0.02);
                let barbs = vec![at(length - head, head / 2.0), b, at(length - head, -head / 2.0)];
                vec![Outline::line(vec![a, b]), Outline::line(barbs)]
            }
            CompoundKind::Rectangle => vec![Outline {
                points: vec![a, [b[0], a[1]], b, [a[0], b[1]]],
                closed: true,
                filled: self.filled,
            }],
            CompoundKind::Ellipse => {
                let center = [0, 1].map(|i| f64::midpoint(a[i], b[i]));
                let half = [0, 1].map(|i| (b[i] - a[i]) / 2.0);
                let points = ellipse(center, [half[0], 0.0], [0.0, half[1]]);
                vec![Outline { points, closed: true, filled: self.filled }]
            }
            CompoundKind::Multiline | CompoundKind::Crosshair => Vec::new(),
        }
    }

    /// About its point, or about the middle; right angles stay right as they are seen.
    fn rotation_about(&self, points: &[[f64; 2]], map: &Affine, aspect: f64) -> Affine {
        let count = points.len().max(1) as f64;
        let middle = [0, 1].map(|i| points.iter().map(|p| p[i]).sum::<f64>() / count);
        let [x, y] = self.rotation_point.map_or(middle, |point| map.apply(point));
        let (sin, cos) = self.rotation.to_radians().sin_cos();
        let rotation = Affine { m: [[cos, -sin, 0.0], [sin, cos, 0.0]] };
        let square = Affine::translation(-x, -y).then(&Affine::scale(1.0, aspect));
        square.then(&rotation).then(&Affine::scale(1.0, aspect.recip())).then(&Affine::translation(x, y))
    }

    fn labels(&self, points: &[[f64; 2]]) -> Vec<Label> {
        let (true, [a, b, ..]) = (self.show_labels, points) else { return Vec::new() };
        let labelled = self.ticks.iter().filter(|tick| !tick.label.is_empty());
        labelled
            .map(|tick| Label {
                at: [0, 1].map(|i| a[i] + (b[i] - a[i]) * tick.position),
                side: self.label_alignment,
                text: tick.label.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
