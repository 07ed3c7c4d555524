//! The outline of a compressed breast: skin, nipple, pectoral edge, inframammary fold.
//!
//! All coordinates are millimetres in the frame of a left breast: x grows from the chest wall
//! towards the nipple, y grows downwards in the image (towards medial in a CC, towards the feet in
//! an MLO). Right breasts are mirrored when the pixels are written, not here.

use super::field::{Field, catmull_rom};
use super::math::{Point, bell, length, smooth, to_segment};
use super::rng::Rng;

/// Width and height of the detector area in millimetres at the breast.
pub const PLANE: Point = (179.916, 215.636);

/// The two screening projections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    CranioCaudal,
    MediolateralOblique,
}

/// How one exposure differs from another of the same breast: compression and position.
#[derive(Clone, Copy, Debug)]
pub struct Pose {
    /// Shift of the whole breast on the detector, in millimetres.
    pub shift: Point,
    /// Stretch away from the chest wall and along it, by how hard it is compressed.
    pub stretch: Point,
}

/// The silhouette of one breast on the detector.
#[derive(Clone, Debug)]
pub struct Shape {
    pub projection: Projection,
    /// Distance to the skin: positive inside the breast, negative in air.
    pub distance: Field,
    /// Tip of the nipple.
    pub nipple: Point,
    /// The same point before `pose` moved it: tissue is anchored to it.
    anchor: Point,
    pose: Pose,
    /// Upper and lower end of the pectoral edge.
    pectoral: Option<(Point, Point)>,
}

/// Outlines from above to below, and which of the points is the nipple.
const CC: (&[Point], usize) = (
    &[
        (-30.0, 12.5),
        (-8.0, 13.5),
        (10.0, 16.5),
        (28.0, 22.5),
        (46.0, 32.0),
        (62.5, 46.0),
        (76.0, 64.5),
        (85.5, 86.0),
        (89.5, 102.0),
        (90.5, 112.0),
        (89.5, 122.0),
        (85.0, 140.0),
        (75.0, 161.5),
        (60.5, 179.0),
        (44.0, 192.0),
        (26.0, 200.5),
        (10.0, 205.5),
        (-8.0, 208.0),
        (-30.0, 209.0),
    ],
    9,
);
const MLO: (&[Point], usize) = (
    &[
        (41.0, -45.0),
        (55.0, -22.0),
        (65.5, 0.0),
        (75.0, 24.0),
        (85.0, 49.0),
        (94.0, 75.0),
        (100.5, 99.0),
        (103.0, 112.0),
        (103.5, 121.0),
        (103.0, 130.0),
        (99.0, 146.0),
        (89.0, 161.5),
        (73.0, 174.0),
        (53.0, 182.5),
        (36.0, 188.5),
        (25.0, 193.5),
        (21.0, 199.0),
        (23.5, 206.0),
        (32.0, 215.0),
        (46.0, 228.0),
    ],
    8,
);

impl Shape {
    /// The breast of a person (`seed`), in one projection, as one exposure (`pose`) shows it.
    pub fn new(projection: Projection, seed: u64, pose: Pose) -> Self {
        let (points, nipple_at) = match projection {
            Projection::CranioCaudal => CC,
            Projection::MediolateralOblique => MLO,
        };
        let mut rng = Rng::new(seed);
        // Two people are never the same: nudge the outline, smoothly and only a little.
        let mut points: Vec<Point> = points.to_vec();
        for p in &mut points {
            *p = (p.0 + rng.range(-0.5, 0.5), p.1 + rng.range(-0.5, 0.5));
        }
        let anchor = points[nipple_at];
        let place = |p: Point| {
            (p.0 * pose.stretch.0 + pose.shift.0, anchor.1 + (p.1 - anchor.1) * pose.stretch.1 + pose.shift.1)
        };
        let control: Vec<Point> = points.iter().map(|&p| place(p)).collect();
        let (outline, nipple) = with_nipple(&spline(&control), control[nipple_at]);
        let distance = {
            let stretches = stretches(&outline);
            Field::new(PLANE.0, PLANE.1, 0.75, |p| signed_distance(&stretches, p))
        };
        let pectoral = (projection == Projection::MediolateralOblique).then(|| {
            let top = rng.range(52.0, 60.0);
            let low = rng.range(122.0, 134.0);
            (place((top, 0.0)), place((0.0, low)))
        });
        Self { projection, distance, nipple, anchor, pose, pectoral }
    }

    /// From a place on the detector to the place in the breast it shows, relative to the nipple.
    pub fn tissue_at(&self, p: Point) -> Point {
        ((p.0 - self.nipple.0) / self.pose.stretch.0, (p.1 - self.nipple.1) / self.pose.stretch.1)
    }

    /// Where a place in the breast, relative to the nipple, falls on the detector.
    pub fn detector_at(&self, q: Point) -> Point {
        (q.0 * self.pose.stretch.0 + self.nipple.0, q.1 * self.pose.stretch.1 + self.nipple.1)
    }

    /// Distance from the chest wall to the nipple when nothing moved.
    pub fn depth(&self) -> f32 {
        self.anchor.0
    }

    /// Distance beyond the pectoral edge: negative within the muscle; None where there is none.
    pub fn beyond_muscle(&self, p: Point) -> Option<f32> {
        let (a, b) = self.pectoral?;
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let long = length(dx, dy);
        let along = ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (long * long);
        let across = ((p.0 - a.0) * dy - (p.1 - a.1) * dx) / long;
        // The edge is slightly convex towards the nipple, as a relaxed muscle is.
        let bulge = 5.0 * (1.0 - (2.0 * along - 0.9) * (2.0 * along - 0.9));
        Some(across - bulge)
    }
}

/// A smooth curve through the points, sampled about every half millimetre.
pub fn spline(points: &[Point]) -> Vec<Point> {
    let mut curve = Vec::new();
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    for i in 0..points.len() as isize - 1 {
        let p = [at(i - 1), at(i), at(i + 1), at(i + 2)];
        let steps = ((length(p[2].0 - p[1].0, p[2].1 - p[1].1) / 0.5) as usize).max(1);
        for s in 0..steps {
            let t = s as f32 / steps as f32;
            curve.push((catmull_rom(p.map(|q| q.0), t), catmull_rom(p.map(|q| q.1), t)));
        }
    }
    curve.extend(points.last());
    curve
}

/// Raises the nipple out of the outline at `centre`; returns the new outline and the nipple's tip.
fn with_nipple(curve: &[Point], centre: Point) -> (Vec<Point>, Point) {
    const HEIGHT: f32 = 6.6;
    let mut tip = centre;
    let raised = curve
        .iter()
        .map(|&(x, y)| {
            let away = length(x - centre.0, y - centre.1);
            let low = 1.0 - smooth(6.8, 0.0, away);
            // A plateau with steep shoulders on a gently swollen areola.
            let lift = HEIGHT * (1.0 - low * low) + 1.6 * bell(away, 10.0);
            let raised = (x + lift, y + 0.06 * lift);
            if raised.0 > tip.0 {
                tip = raised;
            }
            raised
        })
        .collect();
    (raised, tip)
}

/// A stretch of the outline with a circle around it, so that far stretches are passed over at once.
struct Stretch<'a> {
    points: &'a [Point],
    centre: Point,
    radius: f32,
    top: f32,
    bottom: f32,
}

fn stretches(curve: &[Point]) -> Vec<Stretch<'_>> {
    const LONG: usize = 16;
    (0..curve.len().saturating_sub(1))
        .step_by(LONG)
        .map(|from| {
            let points = &curve[from..curve.len().min(from + LONG + 1)];
            let centre = points[points.len() / 2];
            let reach = |f: fn(f32, f32) -> f32, start: f32| points.iter().fold(start, |v, p| f(v, p.1));
            let radius = points.iter().fold(0.0_f32, |r, p| r.max(length(p.0 - centre.0, p.1 - centre.1)));
            Stretch {
                points,
                centre,
                radius,
                top: reach(f32::min, f32::MAX),
                bottom: reach(f32::max, f32::MIN),
            }
        })
        .collect()
}

/// Distance from `p` to the outline; positive on the chest wall side.
fn signed_distance(outline: &[Stretch<'_>], p: Point) -> f32 {
    let mut nearest = f32::MAX;
    let mut inside = false;
    for stretch in outline {
        let near = length(p.0 - stretch.centre.0, p.1 - stretch.centre.1) - stretch.radius < nearest;
        let level = p.1 >= stretch.top && p.1 <= stretch.bottom;
        if !near && !level {
            continue;
        }
        for pair in stretch.points.windows(2) {
            let &[a, b] = pair else { continue };
            if near {
                nearest = nearest.min(to_segment(p, a, b).0);
            }
            // A ray from the point towards the nipple side crosses the skin an odd number of times.
            if (a.1 > p.1) != (b.1 > p.1) && p.0 < a.0 + (p.1 - a.1) / (b.1 - a.1) * (b.0 - a.0) {
                inside = !inside;
            }
        }
    }
    if inside { nearest } else { -nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Pose = Pose { shift: (0.0, 0.0), stretch: (1.0, 1.0) };

    #[test]
    fn the_nipple_is_the_outermost_point_and_the_chest_wall_is_inside() {
        for projection in [Projection::CranioCaudal, Projection::MediolateralOblique] {
            let shape = Shape::new(projection, 5, STILL);
            let (x, y) = shape.nipple;
            assert!(shape.distance.cubic((x - 3.0, y)) > 0.0);
            assert!(shape.distance.cubic((x + 2.0, y)) < 0.0);
            assert!(shape.distance.cubic((1.0, 110.0)) > 40.0);
            assert!(shape.distance.cubic((PLANE.0 - 2.0, 110.0)) < 0.0);
        }
    }

    #[test]
    fn tissue_and_detector_places_are_inverse() {
        let pose = Pose { shift: (2.0, -3.0), stretch: (1.03, 0.98) };
        let shape = Shape::new(Projection::CranioCaudal, 5, pose);
        let p = shape.detector_at(shape.tissue_at((40.0, 70.0)));
        assert!((p.0 - 40.0).abs() < 1e-3 && (p.1 - 70.0).abs() < 1e-3);
    }

    #[test]
    fn only_an_oblique_shows_muscle_in_its_upper_corner() {
        let cc = Shape::new(Projection::CranioCaudal, 5, STILL);
        assert!(cc.beyond_muscle((3.0, 3.0)).is_none());
        let mlo = Shape::new(Projection::MediolateralOblique, 5, STILL);
        assert!(mlo.beyond_muscle((3.0, 3.0)).is_some_and(|d| d < -20.0));
        assert!(mlo.beyond_muscle((90.0, 110.0)).is_some_and(|d| d > 20.0));
    }
}
