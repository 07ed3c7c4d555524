//! Values on a regular grid, sampled between the nodes.
//!
//! Everything smooth is computed on a coarse [`Field`] and interpolated; that is what keeps the
//! whole demo within seconds.

use super::math::{Point, floor};

/// A grid of values over the image plane; node (i, j) lies at (i - 1, j - 1) times the step, so that
/// a ring of nodes surrounds the plane.
#[derive(Clone, Debug)]
pub struct Field {
    pub columns: usize,
    pub rows: usize,
    step: f32,
    pub data: Vec<f32>,
}

impl Field {
    /// Evaluates `value` on a grid of `step` millimetres that covers `width` by `height` millimetres.
    pub fn new(width: f32, height: f32, step: f32, value: impl Fn(Point) -> f32) -> Self {
        let columns = (width / step) as usize + 4;
        let rows = (height / step) as usize + 4;
        let mut data = Vec::with_capacity(columns * rows);
        for j in 0..rows {
            for i in 0..columns {
                data.push(value(((i as f32 - 1.0) * step, (j as f32 - 1.0) * step)));
            }
        }
        Self { columns, rows, step, data }
    }

    fn locate(&self, (x, y): Point) -> (usize, usize, f32, f32) {
        let (u, v) = (x / self.step + 1.0, y / self.step + 1.0);
        let i = floor(u).clamp(1, self.columns as i32 - 3);
        let j = floor(v).clamp(1, self.rows as i32 - 3);
        (i as usize, j as usize, (u - i as f32).clamp(0.0, 1.0), (v - j as f32).clamp(0.0, 1.0))
    }

    /// Bilinear interpolation.
    pub fn linear(&self, p: Point) -> f32 {
        let (i, j, u, v) = self.locate(p);
        let at = j * self.columns + i;
        let top = self.data[at] + (self.data[at + 1] - self.data[at]) * u;
        let below = at + self.columns;
        let bottom = self.data[below] + (self.data[below + 1] - self.data[below]) * u;
        top + (bottom - top) * v
    }

    /// Cubic interpolation (Catmull-Rom): no kinks at the nodes.
    pub fn cubic(&self, p: Point) -> f32 {
        let (i, j, u, v) = self.locate(p);
        let mut lines = [0.0; 4];
        for (k, line) in lines.iter_mut().enumerate() {
            let at = (j + k - 1) * self.columns + i;
            *line = catmull_rom([self.data[at - 1], self.data[at], self.data[at + 1], self.data[at + 2]], u);
        }
        catmull_rom(lines, v)
    }

    /// Direction of steepest rise.
    pub fn slope(&self, p: Point) -> Point {
        let e = self.step;
        (
            (self.cubic((p.0 + e, p.1)) - self.cubic((p.0 - e, p.1))) / (2.0 * e),
            (self.cubic((p.0, p.1 + e)) - self.cubic((p.0, p.1 - e))) / (2.0 * e),
        )
    }
}

/// Cubic through `p[1]` and `p[2]` with the slopes of their neighbours.
pub fn catmull_rom(p: [f32; 4], t: f32) -> f32 {
    let [a, b, c, d] = p;
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_reproduced_exactly_between_the_nodes() {
        let field = Field::new(20.0, 10.0, 0.75, |(x, y)| 2.0 * x - 3.0 * y + 1.0);
        for p in [(0.0, 0.0), (3.3, 7.1), (19.9, 9.9), (10.0, 0.01)] {
            let want = 2.0 * p.0 - 3.0 * p.1 + 1.0;
            assert!((field.linear(p) - want).abs() < 1e-4);
            assert!((field.cubic(p) - want).abs() < 1e-4);
        }
        let (dx, dy) = field.slope((5.0, 5.0));
        assert!((dx - 2.0).abs() < 1e-3 && (dy + 3.0).abs() < 1e-3);
    }
}
