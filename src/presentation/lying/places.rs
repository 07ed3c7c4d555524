//! Where the frames of an object lie in the patient, in order, so that those at a place are found by a search.

use dicom_dictionary_std::tags;

use super::Hit;
use crate::dicom::{DataSet, functional_group};
use crate::geometry::{Affine, Plane};

/// Directions whose cosine is nearer to one are parallel: half a degree.
const PARALLEL: f64 = 1.0 - 4e-5;
/// More stacks of different directions than any object has.
const MAX_STACKS: usize = 64;
/// Half of the thickness of frames that do not say it and have no neighbours.
const HALF_MM: f64 = 0.5;
/// Printed decimals: this share of a thickness is no distance.
const PRINTED: f64 = 0.02;

/// A frame with its place.
#[derive(Debug, Clone, Copy)]
struct Place {
    plane: Plane,
    /// How far from its middle it reaches to either side; zero where that is not said.
    half: f64,
}

/// Parallel frames.
#[derive(Debug)]
struct Stack {
    normal: [f64; 3],
    /// Distance along the normal, and the frame; in order.
    along: Vec<(f64, u32)>,
    /// The longest way at which a frame is still near.
    half: f64,
}

/// How a frame lies to an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub to_image: Affine,
    pub parallel: bool,
    /// Along the normal of the image.
    pub distance: f64,
    /// How far that may be for it to lie over the image.
    pub reach: f64,
}

#[derive(Debug, Default)]
pub(super) struct Places {
    frames: Vec<Option<Place>>,
    stacks: Vec<Stack>,
}

impl Places {
    pub(super) fn read(data: &DataSet, frames: u32) -> Self {
        let mut read = Self::default();
        for frame in 0..frames {
            let plane = Plane::read(data, frame).filter(usable);
            let place = plane.map(|plane| Place { plane, half: half(data, frame) });
            read.frames.push(place);
            if let Some(place) = place {
                read.put(frame, &place);
            }
        }
        for stack in &mut read.stacks {
            stack.along.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if stack.half == 0.0 {
                stack.half = nearest_neighbours(&stack.along).map_or(HALF_MM, |apart| apart / 2.0);
            }
        }
        read
    }

    fn put(&mut self, frame: u32, place: &Place) {
        let Some(normal) = place.plane.normal() else { return };
        let at = self.stacks.iter().position(|stack| dot(stack.normal, normal).abs() > PARALLEL);
        let at = at.unwrap_or_else(|| {
            self.stacks.push(Stack { normal, along: Vec::new(), half: 0.0 });
            self.stacks.len() - 1
        });
        if self.stacks.len() > MAX_STACKS {
            self.stacks.truncate(MAX_STACKS);
        } else if let Some(stack) = self.stacks.get_mut(at) {
            stack.along.push((dot(middle(&place.plane), stack.normal), frame));
            stack.half = stack.half.max(place.half);
        }
    }

    fn get(&self, frame: u32) -> Option<&Place> {
        self.frames.get(usize::try_from(frame).ok()?)?.as_ref()
    }

    /// Whether a frame does not say where it lies.
    pub(super) fn nowhere(&self, frame: u32) -> bool {
        self.get(frame).is_none()
    }

    /// How a frame lies to an image; `None` where one of them does not say.
    pub(super) fn placed(&self, frame: u32, image: &Plane) -> Option<Placed> {
        let place = self.get(frame)?;
        if !usable(image) {
            return None;
        }
        let (own, other) = (place.plane.normal()?, image.normal()?);
        let stack = self.stacks.iter().find(|stack| dot(stack.normal, own).abs() > PARALLEL);
        let half = if place.half > 0.0 { place.half } else { stack.map_or(HALF_MM, |stack| stack.half) };
        Some(Placed {
            to_image: between(&place.plane, image)?,
            parallel: dot(own, other).abs() > PARALLEL,
            distance: dot(minus(middle(&place.plane), middle(image)), other),
            reach: half * (1.0 + PRINTED),
        })
    }

    /// The frames in the plane of an image: of each part those at the nearest place, as far as they touch it.
    pub(super) fn near(&self, image: &Plane, size: [u32; 2], part: impl Fn(u32) -> u32) -> Vec<Hit> {
        let Some(normal) = image.normal().filter(|_| usable(image)) else { return Vec::new() };
        let mut found: Vec<(u32, f64, Hit)> = Vec::new();
        for stack in self.stacks.iter().filter(|stack| dot(stack.normal, normal).abs() > PARALLEL) {
            let at = dot(middle(image), stack.normal);
            // Planes that are not quite parallel differ by more away from the middle.
            let reach = stack.half * (1.0 + 2.0 * PRINTED) + 1.0;
            let first = stack.along.partition_point(|(along, _)| *along < at - reach);
            let rest = stack.along.get(first..).unwrap_or_default();
            for &(_, frame) in rest.iter().take_while(|(along, _)| *along <= at + reach) {
                let Some(placed) = self.placed(frame, image) else { continue };
                let near = placed.parallel && placed.distance.abs() <= placed.reach;
                if near && touches(&placed.to_image, size, [image.columns, image.rows]) {
                    found.push((part(frame), placed.distance, Hit { frame, to_image: placed.to_image }));
                }
            }
        }
        found.sort_by(|a, b| {
            a.0.cmp(&b.0).then(a.1.abs().total_cmp(&b.1.abs())).then(a.2.frame.cmp(&b.2.frame))
        });
        let mut nearest = None;
        found.retain(|(part, distance, _)| {
            let (of, at) = *nearest.get_or_insert((*part, *distance));
            if of == *part {
                return (distance - at).abs() < 1e-3;
            }
            nearest = Some((*part, *distance));
            true
        });
        found.into_iter().map(|(_, _, hit)| hit).collect()
    }
}

/// Half of the thickness of a frame, or of the distance to the next one if that is more.
fn half(data: &DataSet, frame: u32) -> f64 {
    let measures = functional_group(data, frame, tags::PIXEL_MEASURES_SEQUENCE);
    let said = |tag| measures.and_then(|item| item.float(tag)).or_else(|| data.float(tag));
    let both = [said(tags::SLICE_THICKNESS), said(tags::SPACING_BETWEEN_SLICES)];
    let lengths = both.into_iter().flatten().map(f64::abs).filter(|mm| mm.is_finite() && *mm < 1000.0);
    lengths.fold(0.0, f64::max) / 2.0
}

/// The shortest distance between places.
fn nearest_neighbours(along: &[(f64, u32)]) -> Option<f64> {
    let apart = along.iter().zip(along.iter().skip(1)).map(|(a, b)| b.0 - a.0);
    apart.filter(|mm| *mm > 1e-3).reduce(f64::min)
}

/// Only planes that say everything can be compared.
fn usable(plane: &Plane) -> bool {
    let sane = |v: &f64| v.is_finite() && v.abs() < 1e7;
    plane.position.iter().all(sane)
        && plane.pixel_mm.is_some_and(|mm| mm.iter().all(|mm| mm.is_finite() && *mm > 0.0))
        && plane.orientation.is_some_and(|o| o.iter().all(sane))
        && plane.normal().is_some()
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn minus([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ax - bx, ay - by, az - bz]
}

/// The steps from one pixel to the next, along a row and along a column.
fn steps(plane: &Plane) -> Option<([f64; 3], [f64; 3])> {
    let [rx, ry, rz, cx, cy, cz] = plane.orientation?;
    let [height, width] = plane.pixel_mm?;
    Some(([rx, ry, rz].map(|v| v * width), [cx, cy, cz].map(|v| v * height)))
}

/// Where a place of the picture, in pixels from its outer corner, lies in the patient.
fn point(plane: &Plane, [x, y]: [f64; 2]) -> [f64; 3] {
    let Some((across, down)) = steps(plane) else { return plane.position };
    let [px, py, pz] = plane.position;
    let (x, y) = (x - 0.5, y - 0.5);
    let [ax, ay, az] = across.map(|v| v * x);
    let [dx, dy, dz] = down.map(|v| v * y);
    [px + ax + dx, py + ay + dy, pz + az + dz]
}

fn middle(plane: &Plane) -> [f64; 3] {
    point(plane, [f64::from(plane.columns) / 2.0, f64::from(plane.rows) / 2.0])
}

/// From the pixels of one plane to those of another, looking straight at the other.
fn between(from: &Plane, to: &Plane) -> Option<Affine> {
    let (across, down) = steps(from)?;
    let (to_across, to_down) = steps(to)?;
    let origin = minus(point(from, [0.0, 0.0]), point(to, [0.0, 0.0]));
    let row = |axis: [f64; 3]| {
        let square = dot(axis, axis);
        [dot(across, axis) / square, dot(down, axis) / square, dot(origin, axis) / square]
    };
    let map = Affine { m: [row(to_across), row(to_down)] };
    map.invert().is_some().then(|| tidy(map))
}

/// Rounding of printed decimals, taken out where the pixels of both are the same.
fn tidy(mut map: Affine) -> Affine {
    const NEAR: f64 = 1e-3;
    for [a, b, c] in &mut map.m {
        for share in [a, b] {
            if (*share - share.round()).abs() < 1e-5 {
                *share = share.round();
            }
        }
        if (*c - c.round()).abs() < NEAR {
            *c = c.round();
        }
    }
    map
}

/// Whether a picture so large lies over any of an image.
fn touches(map: &Affine, [width, height]: [u32; 2], [columns, rows]: [u32; 2]) -> bool {
    let (w, h) = (f64::from(width), f64::from(height));
    let corners = [[0.0, 0.0], [w, 0.0], [0.0, h], [w, h]].map(|corner| map.apply(corner));
    let span = |axis: usize| {
        let values = corners.map(|corner| corner[axis]);
        (
            values.into_iter().fold(f64::INFINITY, f64::min),
            values.into_iter().fold(f64::NEG_INFINITY, f64::max),
        )
    };
    let ((left, right), (top, bottom)) = (span(0), span(1));
    right > 0.0 && bottom > 0.0 && left < f64::from(columns) && top < f64::from(rows)
}
