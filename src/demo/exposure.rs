//! From a described breast to the stored samples of one exposure.

use super::breast::{PLANE, Pose, Projection, Shape};
use super::field::Field;
use super::lesions::{self, Cluster, Mass, Node};
use super::math::Point;
use super::rng::{bell_sum, mix};
use super::strokes::Canvas;
use super::tissue::{Tissue, roll_off};

/// Spacing of a full-size exposure, in millimetres at the breast.
pub const SPACING: f32 = 0.094;

/// Largest stored sample: 12 bits.
pub const TOP: u16 = 4095;

/// Right or left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Right,
    Left,
}

/// Everything that decides how an exposure looks.
#[derive(Clone, Debug)]
pub struct Exposure {
    pub side: Side,
    pub projection: Projection,
    /// Decides the anatomy: the same number gives the same breast.
    pub anatomy: u32,
    /// Decides the film noise only.
    pub grain: u32,
    pub density: f32,
    pub pose: Pose,
    pub mass: Option<Mass>,
    pub cluster: Option<Cluster>,
    pub node: Option<Node>,
}

/// Stored samples of one picture, row by row.
#[derive(Clone, Debug)]
pub struct Picture {
    pub rows: usize,
    pub columns: usize,
    pub samples: Vec<u16>,
}

impl Exposure {
    pub fn shape(&self) -> Shape {
        Shape::new(self.projection, u64::from(self.anatomy), self.pose)
    }

    /// Vessels, ducts, spicules and calcifications, on a canvas of the detector's pixels.
    fn drawing(&self, shape: &Shape, columns: usize, rows: usize, spacing: f32) -> (Canvas, Canvas) {
        let seed = u64::from(self.anatomy);
        let mut soft = Canvas::new(columns, rows, spacing);
        lesions::vessels(&mut soft, shape, seed);
        lesions::ducts(&mut soft, shape, seed);
        if let Some(mass) = &self.mass {
            mass.spicules(&mut soft, shape, 0.4 + 0.095 * mass.radius);
        }
        let mut hard = Canvas::new(columns, rows, spacing);
        lesions::benign(&mut hard, shape, seed);
        if let Some(cluster) = &self.cluster {
            cluster.draw(&mut hard, shape);
        }
        (soft, hard)
    }

    /// Brightness of tissue and soft findings at `p`, `d` millimetres below the skin.
    fn brightness(&self, tissue: &Tissue<'_>, p: Point, d: f32) -> f32 {
        let mut bright = tissue.signal(p, d);
        let q = tissue.shape.tissue_at(p);
        if let Some(mass) = &self.mass {
            bright += mass.core(q);
        }
        if let Some(node) = &self.node {
            bright += node.body(q);
        }
        bright
    }

    /// Renders the exposure at `spacing` millimetres a pixel; 0 is air, 1 to 4095 the breast.
    pub fn render(&self, spacing: f32) -> Picture {
        let columns = (PLANE.0 / spacing + 0.5) as usize;
        let rows = (PLANE.1 / spacing + 0.5) as usize;
        let shape = self.shape();
        let tissue = Tissue::new(&shape, self.anatomy.wrapping_mul(0x9E37), self.density);
        let grid = Field::new(PLANE.0, PLANE.1, (2.5 * SPACING).max(spacing), |p| {
            let d = shape.distance.cubic(p);
            if d < -0.6 { 0.0 } else { self.brightness(&tissue, p, d.max(0.0)) }
        });
        let (soft, hard) = self.drawing(&shape, columns, rows, spacing);
        let grain = Grain { seed: self.grain };
        let mut samples = vec![0; columns * rows];
        for (row, line) in samples.chunks_exact_mut(columns).enumerate() {
            for column in 0..columns {
                let p = ((column as f32 + 0.5) * spacing, (row as f32 + 0.5) * spacing);
                if shape.distance.linear(p) < -1.0 {
                    continue;
                }
                let d = shape.distance.cubic(p);
                if d <= 0.0 {
                    continue;
                }
                let at = row * columns + column;
                let bright = grid.linear(p) + roll_off(d) * soft.data[at] + hard.data[at];
                let bright = bright + grain.at(row as i32, column as i32) * (0.0085 + 0.008 * bright);
                let place = match self.side {
                    Side::Left => column,
                    Side::Right => columns - 1 - column,
                };
                line[place] = stored(bright);
            }
        }
        Picture { rows, columns, samples }
    }
}

/// Brightness (0 to about 1.1) as a stored sample; never the padding value.
pub fn stored(bright: f32) -> u16 {
    (190.0 + 3500.0 * bright).clamp(1.0, f32::from(TOP)) as u16
}

/// Quantum noise, slightly smoothed as a detector smooths it.
struct Grain {
    seed: u32,
}

impl Grain {
    fn at(&self, row: i32, column: i32) -> f32 {
        let draw = |r: i32, c: i32| {
            let a = mix(self.seed, c, r);
            bell_sum(u64::from(a) << 32 | u64::from(a.wrapping_mul(0x9E37_79B1) ^ (a >> 7)))
        };
        0.80 * draw(row, column) + 0.34 * (draw(row, column + 1) + draw(row + 1, column))
    }
}
