//! Where the frames of a multi-frame object lie: their order in depth, their heights, and which of another
//! stack lies at the same place.

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, functional_group};

/// Directions that differ less than this, in any component, are one.
const SAME_DIRECTION: f64 = 1e-3;
/// Millimetres below which two planes are one.
const SAME_PLACE: f64 = 1e-4;
/// More frames than anybody looks through: not worth a table.
const MOST: u32 = 100_000;

/// The planes of an object, in the order its frames are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// The direction along which they are stacked.
    pub normal: [f64; 3],
    /// Millimetres along it, in patient coordinates.
    pub depths: Vec<f64>,
    /// The direction is that of _Image Orientation_, not guessed from where the planes lie.
    pub oriented: bool,
}

impl Planes {
    /// Reads where every frame lies; `None` where one does not say so or they are not parallel. Without an
    /// orientation the direction is the one in which the positions differ most.
    pub fn read(data: &DataSet, frames: u32) -> Option<Self> {
        if !(2..=MOST).contains(&frames) {
            return None;
        }
        let mut positions = Vec::with_capacity(frames as usize);
        let mut direction: Option<Option<[f64; 3]>> = None;
        for frame in 0..frames {
            let place = functional_group(data, frame, tags::PLANE_POSITION_SEQUENCE)?;
            positions.push(vector(place, tags::IMAGE_POSITION_PATIENT)?);
            let own = functional_group(data, frame, tags::PLANE_ORIENTATION_SEQUENCE).and_then(normal);
            match (direction, own) {
                (None, own) => direction = Some(own),
                (Some(None), None) => {}
                (Some(Some(a)), Some(b)) if is_parallel(a, b) => {}
                _ => return None,
            }
        }
        let oriented = direction.flatten();
        let normal = match oriented {
            Some(normal) => normal,
            None => spread(&positions)?,
        };
        let depths = positions.iter().map(|p| dot(*p, normal)).collect();
        Some(Self { normal, depths, oriented: oriented.is_some() })
    }
}

/// The order in which frames lie along their normal, where that is neither the order they are stored in nor
/// its reverse. `None` also where frames share a place: depth alone does not order those.
pub fn frame_order(data: &DataSet, frames: u32) -> Option<Vec<u32>> {
    let Planes { depths, .. } = Planes::read(data, frames)?;
    let rising = |depths: &[f64]| depths.is_sorted_by(|a, b| a < b);
    let falling = depths.is_sorted_by(|a, b| a > b);
    if rising(&depths) || falling {
        return None;
    }
    let mut order: Vec<(u32, f64)> = (0..frames).zip(depths).collect();
    order.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let distinct = order.is_sorted_by(|(_, a), (_, b)| b - a > SAME_PLACE);
    distinct.then(|| order.into_iter().map(|(frame, _)| frame).collect())
}

fn vector(data: &DataSet, tag: crate::dicom::Tag) -> Option<[f64; 3]> {
    data.floats(tag).try_into().ok()
}

/// Unit vector across a plane.
fn normal(data: &DataSet) -> Option<[f64; 3]> {
    let values: [f64; 6] = data.floats(tags::IMAGE_ORIENTATION_PATIENT).try_into().ok()?;
    let [rx, ry, rz, cx, cy, cz] = values;
    let cross = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
    let length = dot(cross, cross).sqrt();
    (length.is_finite() && length > 0.5).then(|| cross.map(|v| v / length))
}

pub(super) fn is_parallel(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < SAME_DIRECTION)
}

pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The axis along which positions differ most.
fn spread(positions: &[[f64; 3]]) -> Option<[f64; 3]> {
    let widths: [f64; 3] = std::array::from_fn(|axis| {
        let along = positions.iter().filter_map(|p| p.get(axis).copied());
        let (low, high) = along.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    });
    let (axis, width) = widths.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (*width > SAME_PLACE).then(|| std::array::from_fn(|i| if i == axis { 1.0 } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, ds, sequence};

    fn volume(depths: &[f64], orientation: Option<&str>) -> DataSet {
        let frames = depths.iter().map(|z| {
            let position = data_set(vec![ds(tags::IMAGE_POSITION_PATIENT, &format!("1\\2\\{z}"))]);
            data_set(vec![sequence(tags::PLANE_POSITION_SEQUENCE, vec![position])])
        });
        let mut elements = vec![sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.collect())];
        if let Some(orientation) = orientation {
            let plane = data_set(vec![ds(tags::IMAGE_ORIENTATION_PATIENT, orientation)]);
            let shared = data_set(vec![sequence(tags::PLANE_ORIENTATION_SEQUENCE, vec![plane])]);
            elements.insert(0, sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]));
        }
        data_set(elements)
    }

    const AXIAL: Option<&str> = Some("1\\0\\0\\0\\1\\0");

    #[test]
    fn frames_out_of_order_are_put_along_their_normal() {
        let order =
            |depths: &[f64], orientation| frame_order(&volume(depths, orientation), depths.len() as u32);
        assert_eq!(order(&[3.0, 1.0, 2.0, 0.0], AXIAL), Some(vec![3, 1, 2, 0]));
        assert_eq!(order(&[3.0, 1.0, 2.0, 0.0], None), Some(vec![3, 1, 2, 0]));
        // A normal that points the other way turns the order around.
        assert_eq!(order(&[3.0, 1.0, 2.0], Some("0\\1\\0\\1\\0\\0")), Some(vec![0, 2, 1]));
        assert_eq!(order(&[0.0, 1.0, 2.0], AXIAL), None, "stored in order");
        assert_eq!(order(&[2.0, 1.0, 0.0], AXIAL), None, "or in its reverse");
        assert_eq!(order(&[0.0, 2.0, 2.0, 1.0], AXIAL), None, "one place for two frames");
        assert_eq!(order(&[5.0, 5.0], None), None);
    }

    #[test]
    fn frames_that_do_not_all_say_where_they_lie_keep_their_order() {
        assert_eq!(frame_order(&volume(&[3.0, 1.0, 2.0], AXIAL), 4), None);
        assert_eq!(frame_order(&volume(&[3.0], AXIAL), 1), None);
        assert_eq!(frame_order(&data_set(vec![]), 3), None);
        assert_eq!(frame_order(&volume(&[3.0, 1.0, 2.0], AXIAL), u32::MAX), None);
    }

    #[test]
    fn depths_are_millimetres_along_the_normal() {
        let planes = Planes::read(&volume(&[10.0, 10.5, 11.0], AXIAL), 3).expect("planes");
        assert_eq!((planes.normal, planes.oriented), ([0.0, 0.0, 1.0], true));
        assert_eq!(planes.depths, [10.0, 10.5, 11.0]);
    }
}
