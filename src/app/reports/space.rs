//! Places that are given in space and not on an image: the slice they are nearest to, and where on it they are.

use std::sync::Arc;

use super::{Groups, InstanceData, Set};
use crate::geometry::Plane;
use crate::presentation::sr::{Region, Region3d, Shape};

/// A slice farther away than this is not the one that is meant.
const NEAR_MM: f64 = 10.0;

/// The slice a place is nearest to, among those of its frame of reference: its set, the instance, and the frame as
/// stored.
pub(super) fn slice(groups: &Groups, region: &Region3d) -> Option<(Set, Arc<InstanceData>, u32)> {
    let of = region.frame_of_reference_uid.as_deref()?;
    let middle = middle(&region.points)?;
    let mut best: Option<(f64, Set, Arc<InstanceData>, u32)> = None;
    for set in groups.current()?.sets.iter() {
        for instance in set.iter().filter(|one| one.entry.frame_of_reference.as_deref() == Some(of)) {
            let Some((normal, depths)) = instance.depths() else { continue };
            let depth = dot(middle, normal);
            for (at, slice) in (0..).zip(depths) {
                let away = (slice - depth).abs();
                if away < NEAR_MM && best.as_ref().is_none_or(|(least, ..)| away < *least) {
                    best = Some((away, set.clone(), Arc::clone(instance), instance.frame_at(at)));
                }
            }
        }
    }
    best.map(|(_, set, instance, frame)| (set, instance, frame))
}

/// A place on a slice, in pixels of the image; `None` where the slice does not say how it lies.
pub(super) fn on(plane: &Plane, region: &Region3d) -> Option<Region> {
    let [rx, ry, rz, cx, cy, cz] = plane.orientation?;
    let [height, width] = plane.pixel_mm?;
    let points = region.points.iter().map(|point| {
        let point = point.map(f64::from);
        let from: [f64; 3] = std::array::from_fn(|axis| {
            let origin = plane.position.get(axis).copied().unwrap_or_default();
            point.get(axis).copied().unwrap_or_default() - origin
        });
        // The position of a slice is the middle of its first pixel.
        let column = dot(from, [rx, ry, rz]) / width + 0.5;
        let row = dot(from, [cx, cy, cz]) / height + 0.5;
        [column as f32, row as f32]
    });
    // Shapes in space are what they are only when seen from the front: their points say where.
    let shape = match &region.shape {
        Shape::Polyline | Shape::Polygon => region.shape.clone(),
        _ => Shape::Multipoint,
    };
    Some(Region { shape, points: points.collect(), origin: None, fiducial_uid: None })
}

fn middle(points: &[[f32; 3]]) -> Option<[f64; 3]> {
    let count = points.len() as f64;
    let sum =
        |axis: usize| points.iter().filter_map(|point| point.get(axis)).map(|v| f64::from(*v)).sum::<f64>();
    let middle = [0, 1, 2].map(|axis| sum(axis) / count);
    middle.iter().all(|value| value.is_finite()).then_some(middle)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_space_is_at_its_pixel() {
        let plane = Plane {
            position: [-100.0, -50.0, 7.0],
            orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            columns: 64,
            rows: 64,
            pixel_mm: Some([2.0, 0.5]),
        };
        let region = Region3d {
            shape: Shape::Point,
            points: vec![[-95.0, -40.0, 7.0]],
            frame_of_reference_uid: None,
            fiducial_uid: None,
        };
        // 5 mm to the right at 0.5 mm, 10 mm down at 2 mm, from the middle of the first pixel.
        assert_eq!(on(&plane, &region).expect("a place").points, [[10.5, 5.5]]);
        assert_eq!(middle(&region.points), Some([-95.0, -40.0, 7.0]));
        assert_eq!(middle(&[]), None);
    }
}
