//! What a reader looks for: a spiculated mass, a cluster of microcalcifications; and what merely
//! lies beside it: vessels, round benign calcifications, a lymph node.
//!
//! Places are millimetres from the nipple in the breast itself, so that a finding stays in its place
//! from one exposure to the next.

use super::breast::{Projection, Shape};
use super::math::{Point, atan2, bell, cos, length, lerp, sin, smooth};
use super::noise::simplex;
use super::rng::Rng;
use super::strokes::Canvas;

/// A spiculated mass.
#[derive(Clone, Copy, Debug)]
pub struct Mass {
    pub at: Point,
    /// Radius of its core in millimetres.
    pub radius: f32,
}

impl Mass {
    /// Brightness of the core at `q`: irregular, dense in the middle, with an indistinct margin.
    pub fn core(&self, q: Point) -> f32 {
        let (x, y) = (q.0 - self.at.0, q.1 - self.at.1);
        let d = length(x, y);
        if d > 3.0 * self.radius {
            return 0.0;
        }
        let angle = atan2(y, x);
        // Noise on a circle closes on itself: the outline has no seam.
        let (cx, cy) = (cos(angle), sin(angle));
        let lobed = 1.0 + 0.22 * simplex(71, 1.3 * cx, 1.3 * cy) + 0.10 * simplex(73, 3.4 * cx, 3.4 * cy);
        let texture = 1.0 + 0.10 * simplex(79, x / 2.2, y / 2.2);
        let u = d / (self.radius * lobed);
        // A small mass is thin as well.
        (0.045 + 0.021 * self.radius) * smooth(1.25, 0.40, u) * texture + 0.045 * bell(u, 1.0)
    }

    /// The spicules: fine tapering lines drawn out of the tissue around.
    pub fn spicules(&self, canvas: &mut Canvas, shape: &Shape, strength: f32) {
        let mut rng = Rng::new(4_711);
        let count = 26;
        for k in 0..count {
            let angle = (k as f32 + rng.range(-0.38, 0.38)) / count as f32 * super::math::TAU;
            let long = self.radius * (1.5 + 2.9 * rng.unit() * rng.unit());
            let bend = rng.range(-0.32, 0.32);
            let points: Vec<Point> = (0..5)
                .map(|i| {
                    let t = i as f32 / 4.0;
                    let d = lerp(0.45 * self.radius, long, t);
                    let a = angle + bend * t * t;
                    shape.detector_at((self.at.0 + d * cos(a), self.at.1 + d * sin(a)))
                })
                .collect();
            let wide = rng.range(0.22, 0.48);
            canvas.path(&points, (wide, rng.range(0.035, 0.085) * strength), (0.10, 0.01 * strength));
        }
    }
}

/// A cluster of pleomorphic microcalcifications.
#[derive(Clone, Copy, Debug)]
pub struct Cluster {
    pub at: Point,
}

/// One calcification of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Speck {
    pub at: Point,
    pub radius: f32,
    pub axis: Point,
    pub aspect: f32,
    pub bright: f32,
    /// How far above (or below) the cluster's own depth it lies, in millimetres.
    pub rise: f32,
}

impl Cluster {
    /// Twenty-two specks of two to five pixels within about a centimetre.
    pub fn specks(&self) -> Vec<Speck> {
        let mut rng = Rng::new(815);
        let speck = |_| {
            // Along a duct rather than in a disc.
            let (along, across) = (3.6 * rng.normal(), 1.7 * rng.normal());
            Speck {
                at: (self.at.0 + 0.86 * along - 0.5 * across, self.at.1 + 0.5 * along + 0.86 * across),
                radius: 0.10 + 0.13 * rng.unit() * rng.unit(),
                axis: (rng.range(-1.0, 1.0), rng.range(-1.0, 1.0)),
                aspect: rng.range(1.0, 2.0),
                bright: rng.range(0.20, 0.40),
                rise: rng.range(-1.3, 1.3),
            }
        };
        (0..22).map(speck).collect()
    }

    pub fn draw(&self, canvas: &mut Canvas, shape: &Shape) {
        for speck in self.specks() {
            canvas.speck(shape.detector_at(speck.at), speck.radius, speck.axis, speck.aspect, speck.bright);
        }
    }
}

/// A reniform lymph node with a fatty hilum, as often seen over the muscle in an oblique view.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub at: Point,
    pub radius: f32,
}

impl Node {
    pub fn body(&self, q: Point) -> f32 {
        let (x, y) = (q.0 - self.at.0, q.1 - self.at.1);
        let (along, across) = (0.55 * x - 0.83 * y, 0.83 * x + 0.55 * y);
        let u = length(along / 1.55, across) / self.radius;
        let hilum = length(along / 1.3, across - 0.55 * self.radius) / (0.55 * self.radius);
        0.10 * smooth(1.15, 0.78, u) - 0.085 * smooth(1.35, 0.5, hilum) * smooth(1.2, 0.8, u)
    }
}

/// Scattered round calcifications that mean nothing, one of them a shell.
pub fn benign(canvas: &mut Canvas, shape: &Shape, seed: u64) {
    let mut rng = Rng::new(seed ^ 0xBE);
    for k in 0..4 {
        let q = (rng.range(-72.0, -16.0), rng.range(-48.0, 40.0));
        let at = shape.detector_at(q);
        if shape.distance.linear(at) < 9.0 {
            continue;
        }
        if k == 0 {
            canvas.shell(at, rng.range(0.7, 1.0), 0.27);
        } else {
            canvas.speck(at, rng.range(0.16, 0.42), (1.0, 0.3), 1.1, rng.range(0.22, 0.34));
        }
    }
}

/// Vessels: long, smooth, tapering from the chest wall towards the nipple, branching once or twice.
pub fn vessels(canvas: &mut Canvas, shape: &Shape, seed: u64) {
    let mut rng = Rng::new(seed ^ 0x7E55);
    let starts: &[f32] = match shape.projection {
        Projection::CranioCaudal => &[-62.0, -38.0, 44.0, 66.0],
        Projection::MediolateralOblique => &[-136.0, -58.0, 26.0, 46.0],
    };
    for &start in starts {
        let y = start + rng.range(-7.0, 7.0);
        let far = if start < -80.0 { -44.0 } else { -shape.depth() - 16.0 };
        let reach = rng.range(-34.0, -20.0);
        let end = y * rng.range(0.30, 0.52);
        let sag = rng.range(3.0, 9.0) * y.signum();
        let mut points = Vec::new();
        for i in 0..8 {
            let t = i as f32 / 7.0;
            let wave = rng.range(-1.9, 1.9) * (1.0 - 0.4 * t);
            points.push((lerp(far, reach, t), lerp(y, end, t * t) + sag * sin(t * 3.0) + wave));
        }
        let wide = rng.range(0.62, 1.0);
        let bright = rng.range(0.060, 0.088);
        let place =
            |points: &[Point]| -> Vec<Point> { points.iter().map(|&q| shape.detector_at(q)).collect() };
        canvas.path(&place(&points), (wide, bright), (0.28, 0.024));
        // One branch, leaving at an acute angle.
        let from = 2 + (rng.next_u64() % 3) as usize;
        let Some(&root) = points.get(from) else { continue };
        let turn = if rng.unit() < 0.5 { -1.0 } else { 1.0 } * rng.range(6.0, 15.0);
        let branch: Vec<Point> = (0..6)
            .map(|i| {
                let t = i as f32 / 5.0;
                let wave = if i == 0 { 0.0 } else { rng.range(-1.3, 1.3) };
                (root.0 + 34.0 * t, root.1 + turn * t * (1.4 - 0.4 * t) + wave)
            })
            .collect();
        canvas.path(&place(&branch), (wide * 0.62, bright * 0.8), (0.2, 0.015));
    }
}

/// Main ducts fanning out behind the nipple; faint.
pub fn ducts(canvas: &mut Canvas, shape: &Shape, seed: u64) {
    let mut rng = Rng::new(seed ^ 0xD0C7);
    for k in 0..11 {
        let angle = (k as f32 - 5.0) * 0.17 + rng.range(-0.06, 0.06);
        let long = rng.range(22.0, 46.0);
        let bend = rng.range(-0.25, 0.25);
        let points: Vec<Point> = (0..6)
            .map(|i| {
                let t = i as f32 / 5.0;
                let a = angle + bend * t;
                let d = lerp(4.0, long, t);
                shape.detector_at((-d * cos(a), d * sin(a) + if i == 0 { 0.0 } else { rng.range(-0.8, 0.8) }))
            })
            .collect();
        canvas.path(&points, (rng.range(0.4, 0.75), 0.050), (0.3, 0.008));
    }
}
