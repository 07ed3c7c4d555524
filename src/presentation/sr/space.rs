//! Regions in space, cut by a slice.

use dicom_dictionary_std::tags;

use super::model::{Region3d, Shape};
use crate::dicom::{DataSet, functional_group};
use crate::geometry::Plane;

/// One slice of a volume.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    pub plane: &'a Plane,
    pub frame_of_reference_uid: &'a str,
    /// How far what belongs to the slice reaches, on both sides together; the distance of slices.
    pub thickness_mm: f64,
}

/// How thick a slice is taken to be that does not say.
const THICKNESS_MM: f64 = 1.0;

impl<'a> Slice<'a> {
    /// A frame, counted from zero, of an image with its plane and frame of reference. What it is taken to hold reaches
    /// half way to its neighbours, or as far as the slice is thick where their distance is not said.
    pub fn of_frame(data: &DataSet, frame: u32, plane: &'a Plane, frame_of_reference_uid: &'a str) -> Self {
        let measures = functional_group(data, frame, tags::PIXEL_MEASURES_SEQUENCE);
        let said = |tag| {
            let length = measures.and_then(|item| item.float(tag)).or_else(|| data.float(tag));
            length.map(f64::abs).filter(|mm| mm.is_finite() && *mm > 0.0)
        };
        let thickness_mm = said(tags::SPACING_BETWEEN_SLICES)
            .or_else(|| said(tags::SLICE_THICKNESS))
            .unwrap_or(THICKNESS_MM);
        Self { plane, frame_of_reference_uid, thickness_mm }
    }
}

/// Points of an outline.
const ROUND: u32 = 72;

/// Pixels of the slice, and whether the last one is joined to the first. A single one is a point.
pub(in crate::presentation) type Outline = (Vec<[f64; 2]>, bool);
type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn less(a: Vector, b: Vector) -> Vector {
    [0, 1, 2].map(|i| a[i] - b[i])
}

fn between(a: Vector, b: Vector, share: f64) -> Vector {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share)
}

/// The way from the patient to pixels of a slice.
struct Way {
    origin: Vector,
    row: Vector,
    column: Vector,
    normal: Vector,
    /// Height and width of a pixel.
    pixel: [f64; 2],
    /// What is no further from the slice belongs to it.
    reach: f64,
}

impl Way {
    fn of(slice: &Slice<'_>) -> Option<Self> {
        let plane = slice.plane;
        let [a, b, c, d, e, f] = plane.orientation?;
        let pixel = plane.pixel_mm.filter(|mm| mm.iter().all(|v| v.is_finite() && *v > 0.0))?;
        let reach = slice.thickness_mm.abs().clamp(0.02, 1000.0) / 2.0;
        let normal = plane.normal()?;
        Some(Self { origin: plane.position, row: [a, b, c], column: [d, e, f], normal, pixel, reach })
    }

    /// Pixels of the image, and how far from the slice. The position of a slice is the middle of its first pixel.
    fn place(&self, point: Vector) -> ([f64; 2], f64) {
        let from = less(point, self.origin);
        let [height, width] = self.pixel;
        let at = [dot(from, self.row) / width + 0.5, dot(from, self.column) / height + 0.5];
        (at, dot(from, self.normal))
    }

    fn holds(&self, point: Vector) -> bool {
        // half a slice belongs to one of two
        self.place(point).1.abs() <= self.reach + 1e-6
    }
}

/// What of a region lies on a slice: outlines, and whether they are closed.
pub(in crate::presentation) fn crossing(region: &Region3d, slice: &Slice<'_>) -> Vec<Outline> {
    let here = !slice.frame_of_reference_uid.is_empty()
        && region.frame_of_reference_uid.as_deref() == Some(slice.frame_of_reference_uid);
    let (true, Some(way)) = (here, Way::of(slice)) else { return Vec::new() };
    let points: Vec<Vector> = region
        .points
        .iter()
        .map(|point| point.map(f64::from))
        .filter(|point| point.iter().all(|v| v.is_finite()))
        .collect();
    let flat = |points: &[Vector]| points.iter().map(|point| way.place(*point).0).collect::<Vec<_>>();
    match (&region.shape, points.as_slice()) {
        (Shape::Ellipsoid, &[a, b, c, d, e, f, ..]) => ellipsoid(&way, [[a, b], [c, d], [e, f]]),
        (Shape::Ellipse, &[a, b, _, d, ..]) => {
            let center = between(a, b, 0.5);
            let (x, y) = (less(b, center), less(d, center));
            let at = |n: u32| {
                let (sin, cos) = (f64::from(n) / f64::from(ROUND) * std::f64::consts::TAU).sin_cos();
                [0, 1, 2].map(|i| center[i] + cos * x[i] + sin * y[i])
            };
            let round: Vec<Vector> = (0..ROUND).map(at).collect();
            lines(&way, &round, true)
        }
        (Shape::Polygon, points) => {
            let open = points.split_last().filter(|(last, rest)| rest.first() == Some(last));
            lines(&way, open.map_or(points, |(_, rest)| rest), true)
        }
        (Shape::Polyline, [_, _, ..]) => {
            let open =
                points.split_last().filter(|(last, rest)| rest.len() > 2 && rest.first() == Some(last));
            match open {
                Some((_, rest)) => lines(&way, rest, true),
                None => lines(&way, &points, false),
            }
        }
        (_, points) => {
            let held = points.iter().filter(|point| way.holds(**point));
            held.map(|point| (flat(&[*point]), false)).collect()
        }
    }
}

/// The parts of lines that belong to the slice.
fn lines(way: &Way, points: &[Vector], closed: bool) -> Vec<Outline> {
    if points.iter().all(|point| way.holds(*point)) {
        return vec![(points.iter().map(|point| way.place(*point).0).collect(), closed)];
    }
    let next = points.iter().skip(1).chain(points.first().filter(|_| closed));
    let mut parts: Vec<Outline> = Vec::new();
    for (&a, &b) in points.iter().zip(next) {
        let (from, to) = (way.place(a).1, way.place(b).1);
        let share = |d: f64| (d - from) / (to - from);
        let ends = if from == to {
            // all of it or nothing
            [0.0, if from.abs() > way.reach { 0.0 } else { 1.0 }]
        } else {
            [share(-way.reach), share(way.reach)]
        };
        let (low, high) = (ends[0].min(ends[1]).max(0.0), ends[0].max(ends[1]).min(1.0));
        if low >= high {
            continue;
        }
        let [begin, end] = [low, high].map(|t| way.place(between(a, b, t)).0);
        match parts.last_mut() {
            Some((line, _)) if low == 0.0 && line.last() == Some(&begin) => line.push(end),
            _ => parts.push((vec![begin, end], false)),
        }
    }
    parts
}

/// The ellipse in which a plane cuts an ellipsoid, given by the ends of its axes.
fn ellipsoid(way: &Way, axes: [[Vector; 2]; 3]) -> Vec<Outline> {
    let center = between(axes[0][0], axes[0][1], 0.5);
    let halves = axes.map(|[a, b]| less(b, a).map(|v| v / 2.0));
    if halves.iter().any(|half| dot(*half, *half) < 1e-12) {
        return Vec::new();
    }
    // in these coordinates it is the unit sphere; axes are at right angles
    let round = |v: Vector| halves.map(|half| dot(v, half) / dot(half, half));
    let (q, u, v) = (round(less(way.origin, center)), round(way.row), round(way.column));
    // |q + x u + y v| = 1
    let (uu, uv, vv) = (dot(u, u), dot(u, v), dot(v, v));
    let (qu, qv) = (dot(q, u), dot(q, v));
    let det = uu * vv - uv * uv;
    if !det.is_normal() {
        return Vec::new();
    }
    let middle = [(-qu * vv + qv * uv) / det, (-qv * uu + qu * uv) / det];
    let rest = 1.0 - dot(q, q) - (qu * middle[0] + qv * middle[1]);
    if rest <= 0.0 {
        return Vec::new();
    }
    let [height, width] = way.pixel;
    let at = |n: u32| {
        let (sin, cos) = (f64::from(n) / f64::from(ROUND) * std::f64::consts::TAU).sin_cos();
        let far = (rest / (cos * cos * uu + 2.0 * cos * sin * uv + sin * sin * vv)).sqrt();
        [(middle[0] + cos * far) / width + 0.5, (middle[1] + sin * far) / height + 0.5]
    };
    vec![((0..ROUND).map(at).collect(), true)]
}
