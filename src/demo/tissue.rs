//! What lies inside the breast: fat, fibroglandular tissue, ligaments, muscle, skin.
//!
//! [`Tissue::signal`] gives the brightness of the breast's own structure at one place, 0 for air
//! and about 1 for the whitest tissue. Lesions, vessels and film noise are added by others.

use super::breast::{PLANE, Projection, Shape};
use super::field::Field;
use super::math::{Point, atan2, bell, length, lerp, smooth};
use super::noise::{fbm, ridge, simplex};

/// Layers that overlie each other in the projection.
const LAYERS: usize = 3;

/// Families of ligaments and strands: size in millimetres, thinness, weight.
const STRANDS: [(f32, f32, f32); 5] =
    [(15.0, 8.0, 0.30), (10.5, 6.5, 0.32), (7.2, 5.5, 0.32), (4.9, 4.6, 0.30), (3.2, 3.8, 0.26)];

/// The make-up of one breast.
#[derive(Clone, Debug)]
pub struct Tissue<'a> {
    pub shape: &'a Shape,
    seed: u32,
    /// Smooth things, computed once on a coarse grid.
    bend: [Field; 2],
    envelope: Field,
    fat: Field,
    presence: Vec<Field>,
}

impl<'a> Tissue<'a> {
    /// `density` is the share of fibroglandular tissue, 0 (all fat) to 1 (extremely dense).
    pub fn new(shape: &'a Shape, seed: u32, density: f32) -> Self {
        let coarse = |step: f32, value: &dyn Fn(Point) -> f32| {
            Field::new(PLANE.0, PLANE.1, step, |p| value(shape.tissue_at(p)))
        };
        let bend = [0x31, 0x32].map(|k| coarse(1.5, &|q| fbm(seed ^ k, (q.0 / 30.0, q.1 / 30.0), 3, 0.45)));
        let fat = coarse(2.0, &|q| fbm(seed ^ 0x11, (q.0 / 30.0, q.1 / 30.0), 4, 0.6));
        let presence = (0..STRANDS.len() as u32)
            .map(|k| {
                let size = 2.2 * STRANDS[k as usize].0;
                coarse(2.0, &|q| smooth(-0.7, 0.6, simplex(seed ^ (0x71 + k), q.0 / size, q.1 / size)))
            })
            .collect();
        let envelope = Field::new(PLANE.0, PLANE.1, 1.5, |p| {
            envelope(shape, seed, p, shape.distance.linear(p)) + 0.55 * (density - 0.5)
        });
        Self { shape, seed, bend, envelope, fat, presence }
    }

    /// Brightness at `p`, whose distance to the skin is `d` (both in millimetres).
    pub fn signal(&self, p: Point, d: f32) -> f32 {
        let q = self.shape.tissue_at(p);
        let bend = (self.bend[0].linear(p), self.bend[1].linear(p));
        let fat = 0.225 + 0.032 * self.fat.linear(p);
        let inner = match self.shape.beyond_muscle(p) {
            Some(beyond) if beyond < -7.0 => self.muscle(q, beyond) + 0.25 * self.strands(p, q, bend, 0.2),
            Some(beyond) => {
                let ragged = beyond + 0.9 * simplex(self.seed ^ 0xB1, q.0 / 16.0, q.1 / 16.0);
                let inside = smooth(2.2, -3.8, ragged);
                lerp(fat + self.parenchyma(p, q, bend), self.muscle(q, beyond), inside)
            }
            None => fat + self.parenchyma(p, q, bend) + 0.15 * self.chest_wall(p),
        };
        inner * roll_off(d) + skin(q, d)
    }

    /// Glandular lobes, ducts fanning out from the nipple, and ligaments between fat lobules.
    fn parenchyma(&self, p: Point, q: Point, bend: Point) -> f32 {
        let seed = self.seed;
        let w = (q.0 + 3.4 * bend.0, q.1 + 3.4 * bend.1);
        // Polar about the nipple: stretched along the ducts, narrow across.
        let (r, angle) = (length(w.0, w.1), atan2(w.1, -w.0));
        let envelope = self.envelope.linear(p);
        let fan = fbm(seed ^ 0x41, (angle * 4.6, r / 30.0), 4, 0.58);
        let (mut gland, mut relief) = (0.0, 0.0);
        for k in 0..LAYERS as u32 {
            // Each layer is cut at its own depth: their sum has the soft steps of a projection.
            let shift = 3.5 * (k as f32 - 1.0);
            let lobes = fbm(
                seed ^ (0x51 + k),
                ((w.0 + shift * bend.1) / 19.0, (w.1 - shift * bend.0) / 15.0),
                5,
                0.60,
            );
            let amount =
                1.12 * envelope + (0.30 * lobes + 0.16 * fan) * (0.45 + 0.55 * envelope.clamp(0.0, 1.0));
            gland += smooth(0.20, 1.12, amount) / LAYERS as f32;
            relief += lobes / LAYERS as f32;
        }
        let fine = fbm(seed ^ 0x91, (w.0 / 3.4, w.1 / 3.4), 4, 0.74);
        let streak = fbm(seed ^ 0xA1, (angle * 17.0, r / 17.0), 3, 0.62) * smooth(4.0, 26.0, r);
        gland * (0.330 + 0.075 * relief + 0.045 * fan)
            + self.strands(p, q, bend, envelope)
            + fine * lerp(0.007, 0.022, gland)
            + streak * (0.005 + 0.030 * gland)
    }

    /// Fine curved lines at several sizes, several depths overlying each other.
    fn strands(&self, p: Point, q: Point, bend: Point, envelope: f32) -> f32 {
        let mut sum = 0.0;
        for (k, ((size, sharp, weight), presence)) in STRANDS.iter().zip(&self.presence).enumerate() {
            let turn = if k % 2 == 0 { 0.20 } else { -0.20 };
            let s = ((q.0 + turn * size * bend.1) / size, (q.1 - turn * size * bend.0) / size);
            sum += weight * presence.linear(p) * ridge(self.seed ^ (0x81 + k as u32), s, *sharp);
        }
        sum * lerp(0.125, 0.120, smooth(0.0, 0.6, envelope))
    }

    /// Fibres run along the edge, and the muscle thickens towards the armpit.
    fn muscle(&self, q: Point, beyond: f32) -> f32 {
        let (along, across) = (0.40 * q.0 - 0.92 * q.1, 0.92 * q.0 + 0.40 * q.1);
        let fibre = fbm(self.seed ^ 0xC1, (across / 7.0, along / 42.0), 4, 0.6);
        let cloud = fbm(self.seed ^ 0xC2, (q.0 / 16.0, q.1 / 16.0), 5, 0.65);
        0.435 + 0.115 * smooth(4.0, -42.0, beyond) + 0.014 * fibre + 0.016 * cloud
    }

    /// In a well positioned CC a sliver of muscle shows at the middle of the chest wall.
    fn chest_wall(&self, p: Point) -> f32 {
        let along = p.1 - self.shape.nipple.1 + 6.0;
        let reach = 5.0 * bell(along, 24.0) - 1.0 + 0.5 * simplex(self.seed ^ 0xD1, p.1 / 14.0, 0.5);
        smooth(reach + 1.5, reach - 3.0, p.0)
    }
}

/// Where glandular tissue may lie: a cone behind the nipple, clear of skin and chest wall.
fn envelope(shape: &Shape, seed: u32, p: Point, d: f32) -> f32 {
    let q = shape.tissue_at(p);
    let wander = fbm(seed ^ 0x21, (q.0 / 26.0, q.1 / 26.0), 3, 0.55);
    let from_nipple = length(q.0, q.1);
    // Behind the nipple the gland reaches the skin; elsewhere a band of fat lies between.
    let cover = d + 9.0 * bell(from_nipple, 14.0);
    let under_skin = smooth(3.0, 27.0, cover + 6.0 * wander);
    let depth = -q.0 / shape.depth();
    let before_wall = match shape.beyond_muscle(p) {
        Some(beyond) => smooth(-4.0, 30.0, beyond + 8.0 * wander),
        None => smooth(1.08, 0.60, depth + 0.15 * wander),
    };
    // Most of the gland lies laterally (upwards in both projections) and little below.
    let side = match shape.projection {
        Projection::CranioCaudal => smooth(66.0, -30.0, q.1 + 12.0 * wander),
        Projection::MediolateralOblique => {
            smooth(62.0, -6.0, q.1 + 12.0 * wander) * smooth(-118.0, -55.0, q.1 + 14.0 * wander)
        }
    };
    under_skin * before_wall * (0.22 + 0.78 * side)
}

/// The skin is a thin bright line; areola and nipple are thicker.
fn skin(q: Point, d: f32) -> f32 {
    let from_nipple = length(q.0 + 3.0, q.1);
    let thick = 1.3 + 0.9 * bell(from_nipple, 9.0);
    let line = smooth(0.0, 0.35, d) * smooth(thick + 0.9, thick - 0.4, d);
    let areola = 0.11 * bell(from_nipple, 4.0) * smooth(0.0, 2.0, d);
    line * 0.075 + areola
}

/// A compressed breast is thinner near its edge; processing evens most of that out, not all.
pub fn roll_off(d: f32) -> f32 {
    let rounded = (1.0 - d / 26.0).clamp(0.0, 1.0);
    let thickness = (1.0 - rounded * rounded).max(0.0).sqrt();
    lerp(0.70 * smooth(-0.8, 3.0, d) + 0.30 * smooth(0.0, 12.0, d), thickness, 0.40)
}
