//! Things drawn rather than grown: vessels, spicules, calcifications, on a canvas of pixels.

use super::breast::spline;
use super::math::{Point, length, to_segment};

/// A picture of added brightness, in the pixels of the exposure.
#[derive(Clone, Debug)]
pub struct Canvas {
    pub columns: usize,
    pub rows: usize,
    /// Pixels per millimetre.
    scale: f32,
    pub data: Vec<f32>,
}

impl Canvas {
    pub fn new(columns: usize, rows: usize, spacing: f32) -> Self {
        Self { columns, rows, scale: 1.0 / spacing, data: vec![0.0; columns * rows] }
    }

    /// Draws a smooth path whose radius and brightness taper from the first pair to the second;
    /// overlapping strokes join instead of adding up.
    pub fn path(&mut self, points: &[Point], from: (f32, f32), to: (f32, f32)) {
        let curve = spline(points);
        let steps = curve.len().saturating_sub(1).max(1) as f32;
        for (i, pair) in curve.windows(2).enumerate() {
            let t = i as f32 / steps;
            let radius = from.0 + (to.0 - from.0) * t;
            let bright = from.1 + (to.1 - from.1) * t;
            self.segment(pair[0], pair[1], radius, bright);
        }
    }

    fn segment(&mut self, a: Point, b: Point, radius: f32, bright: f32) {
        let s = self.scale;
        let (a, b) = ((a.0 * s - 0.5, a.1 * s - 0.5), (b.0 * s - 0.5, b.1 * s - 0.5));
        // Thinner than a pixel is drawn a pixel wide but fainter.
        let wide = (radius * s).max(1.0);
        let bright = bright * (radius * s / wide);
        let reach = wide + 1.0;
        self.region(a, b, reach, |p, value| {
            let (d, _) = to_segment(p, a, b);
            let u = d / reach;
            if u < 1.0 {
                // A rod seen from the side, softened at its rim.
                let rod = (1.0 - u * u) * (1.0 - 0.35 * u);
                *value = value.max(bright * rod);
            }
        });
    }

    /// A dense speck of `radius` millimetres, stretched by `aspect` along the angle given by `axis`.
    pub fn speck(&mut self, at: Point, radius: f32, axis: Point, aspect: f32, bright: f32) {
        let s = self.scale;
        let c = (at.0 * s - 0.5, at.1 * s - 0.5);
        let r = (radius * s).max(0.6);
        let reach = r * aspect.max(1.0) + 2.0;
        let norm = length(axis.0, axis.1).max(1e-6);
        let (ux, uy) = (axis.0 / norm, axis.1 / norm);
        self.region(c, c, reach, |p, value| {
            let (dx, dy) = (p.0 - c.0, p.1 - c.1);
            let (along, across) = ((dx * ux + dy * uy) / aspect, dy * ux - dx * uy);
            let d = length(along, across);
            // One pixel of blur around a flat top.
            let edge = ((r + 0.6 - d) / 1.2).clamp(0.0, 1.0);
            *value = value.max(bright * edge * edge * (3.0 - 2.0 * edge));
        });
    }

    /// A ring-shaped benign calcification with a clear centre.
    pub fn shell(&mut self, at: Point, radius: f32, bright: f32) {
        let s = self.scale;
        let c = (at.0 * s - 0.5, at.1 * s - 0.5);
        let r = radius * s;
        self.region(c, c, r + 3.0, |p, value| {
            let u = length(p.0 - c.0, p.1 - c.1) / r;
            let rim = if u < 1.0 { 0.45 + 0.55 * u * u * u } else { (1.0 - (u - 1.0) * r / 1.6).max(0.0) };
            *value = value.max(bright * rim);
        });
    }

    fn region(&mut self, a: Point, b: Point, reach: f32, mut each: impl FnMut(Point, &mut f32)) {
        let span = |low: f32, high: f32, size: usize| {
            let first = (low - reach).max(0.0) as usize;
            let last = (high + reach + 1.0).clamp(0.0, size as f32) as usize;
            first..last.max(first)
        };
        for row in span(a.1.min(b.1), a.1.max(b.1), self.rows) {
            for column in span(a.0.min(b.0), a.0.max(b.0), self.columns) {
                if let Some(value) = self.data.get_mut(row * self.columns + column) {
                    each((column as f32, row as f32), value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_is_brightest_on_its_line_and_nothing_far_away() {
        let mut canvas = Canvas::new(100, 100, 0.1);
        canvas.path(&[(1.0, 5.0), (9.0, 5.0)], (0.5, 1.0), (0.5, 1.0));
        assert!(canvas.data[50 * 100 + 50] > 0.9);
        assert!(canvas.data[70 * 100 + 50] == 0.0);
    }

    #[test]
    fn strokes_beyond_the_edge_are_cut_off() {
        let mut canvas = Canvas::new(20, 20, 0.1);
        canvas.path(&[(-50.0, -50.0), (50.0, 50.0)], (0.5, 1.0), (0.5, 1.0));
        canvas.speck((1.99, 1.99), 0.3, (1.0, 0.0), 2.0, 1.0);
        canvas.speck((-9.0, 400.0), 0.3, (1.0, 0.0), 2.0, 1.0);
        assert!(canvas.data.iter().all(|v| v.is_finite()));
    }
}
