//! Where slices lie in the patient, and which of them are within a slab.

use std::ops::Range;

use dicom_dictionary_std::{tags, uids};

use super::Spacing;
use crate::dicom::{DataSet, functional_group};

/// Directions that differ by less than this, component by component, are the same.
const SAME_DIRECTION: f64 = 1e-3;
/// Slices may be shifted in their own plane by this share of a pixel and still lie on top of each other.
const SHIFTED: f64 = 0.5;
/// Printed decimals: what is nearer than this share of a slice's distance lies at the same place.
const PRINTED: f64 = 0.01;
/// Neither a slab nor the distance of two slices is longer than this: nobody is.
const LONGEST_MM: f64 = 3000.0;

/// The plane of one slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// _Image Position (Patient)_ in millimetres.
    pub position: [f64; 3],
    /// Direction of a row, then of a column. Some volumes do without: their slices lie behind each other on
    /// a line.
    pub orientation: Option<[f64; 6]>,
    pub columns: u32,
    pub rows: u32,
    /// Height and width of a pixel, where it is known.
    pub pixel_mm: Option<[f64; 2]>,
}

/// Why there is no slab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSlab {
    Projection,
    NoPosition,
    NotParallel,
    OneSlice,
}

impl NoSlab {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Projection => "no slab: these are projections, not slices",
            Self::NoPosition => "no slab: the slices have no position",
            Self::NotParallel => "no slab: the neighbouring slices are not parallel to this one",
            Self::OneSlice => "no slab: there is one slice only",
        }
    }
}

impl Plane {
    /// The plane of a frame, counted from 0; `None` where the object does not say where it lies.
    pub fn read(data: &DataSet, frame: u32) -> Option<Self> {
        let place = |group, tag| {
            let own = functional_group(data, frame, group);
            own.into_iter().chain([data]).map(|item| item.floats(tag)).find(|values| !values.is_empty())
        };
        let six = |values: Vec<f64>| -> Option<[f64; 6]> { values.get(..6)?.try_into().ok() };
        let three = |values: Vec<f64>| -> Option<[f64; 3]> { values.get(..3)?.try_into().ok() };
        let orientation =
            place(tags::PLANE_ORIENTATION_SEQUENCE, tags::IMAGE_ORIENTATION_PATIENT).and_then(six);
        let position = place(tags::PLANE_POSITION_SEQUENCE, tags::IMAGE_POSITION_PATIENT).and_then(three);
        // Where only the distance is given, frames follow each other at it.
        let counted = || {
            let apart = place(tags::PIXEL_MEASURES_SEQUENCE, tags::SPACING_BETWEEN_SLICES)?;
            let several = data.int(tags::NUMBER_OF_FRAMES)? > 1;
            let apart = apart.first().copied().filter(|mm| several && mm.is_finite() && *mm > 0.0)?;
            Some(([0.0, 0.0, apart * f64::from(frame)], None))
        };
        let (position, orientation) = position.map(|at| (at, orientation)).or_else(counted)?;
        let size = |tag| data.int(tag).and_then(|n| u32::try_from(n).ok());
        Some(Self {
            position,
            orientation,
            columns: size(tags::COLUMNS)?,
            rows: size(tags::ROWS)?,
            pixel_mm: Spacing::read(data, frame).map(|spacing| [spacing.row_mm, spacing.column_mm]),
        })
    }

    /// Unit vector across the slice.
    pub fn normal(&self) -> Option<[f64; 3]> {
        let [rx, ry, rz, cx, cy, cz] = self.orientation?;
        let cross = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
        let length = cross.iter().map(|v| v * v).sum::<f64>().sqrt();
        (length.is_finite() && length > 0.5).then(|| cross.map(|v| v / length))
    }

    /// How far another slice lies along a normal; `None` where it is not parallel, not of the same size or
    /// not behind this one pixel for pixel.
    fn distance(&self, other: &Self, normal: [f64; 3]) -> Option<f64> {
        let parallel = match (self.orientation, other.orientation) {
            (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| (a - b).abs() < SAME_DIRECTION),
            (None, None) => true,
            _ => false,
        };
        let pixel = match (self.pixel_mm, other.pixel_mm) {
            (Some(a), Some(b)) if a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-3 * b) => return None,
            (a, b) => a.or(b),
        };
        if !parallel || (self.columns, self.rows) != (other.columns, other.rows) {
            return None;
        }
        let apart: [f64; 3] = [0, 1, 2].map(|axis| other.position[axis] - self.position[axis]);
        let along: f64 = apart.iter().zip(normal).map(|(a, n)| a * n).sum();
        let shift = apart.iter().zip(normal).map(|(a, n)| (a - along * n).powi(2)).sum::<f64>().sqrt();
        let allowed = pixel.map_or(f64::INFINITY, |[row, column]| SHIFTED * row.min(column));
        (along.is_finite() && along.abs() <= LONGEST_MM && shift <= allowed).then_some(along)
    }
}

/// Whether the frames of an object are projections: shadows from different angles, which lie nowhere.
pub fn is_projection(data: &DataSet) -> bool {
    const CLASSES: [&str; 6] = [
        uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        uids::BREAST_PROJECTION_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
        uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE,
        uids::ENHANCED_XA_IMAGE_STORAGE,
        uids::X_RAY_RADIOFLUOROSCOPIC_IMAGE_STORAGE,
        uids::ENHANCED_XRF_IMAGE_STORAGE,
    ];
    let class = data.string(tags::SOP_CLASS_UID).unwrap_or_default();
    let types = data.strings(tags::IMAGE_TYPE);
    let says = |word: &str| types.iter().any(|value| value.trim().to_uppercase().contains(word));
    CLASSES.contains(&class.trim_end_matches(['\0', ' '])) || says("PROJECTION") || says("TOMO_PROJ")
}

/// What a stack amounts to around one of its slices.
#[derive(Debug, Clone, PartialEq)]
pub struct Slab {
    /// Positions in the stack.
    pub slices: Range<u32>,
    /// Distance to the nearer neighbour.
    pub spacing_mm: f64,
}

/// The slices within `thickness_mm` centred on `current`: those whose middle lies from half the thickness
/// before it up to, but not including, half the thickness behind it, so that ten millimetres are ten slices of
/// one. At most `most`, nearest first. The way leads outwards from the current slice and ends where slices are
/// no longer parallel or turn back, as they do from one phase to the next.
pub fn slab(
    plane: impl Fn(u32) -> Option<Plane>,
    current: u32,
    count: u32,
    thickness_mm: f64,
    most: u32,
) -> Result<Slab, NoSlab> {
    if count < 2 {
        return Err(NoSlab::OneSlice);
    }
    let centre = plane(current).ok_or(NoSlab::NoPosition)?;
    let neighbours = [current.checked_add(1), current.checked_sub(1)];
    let towards = || {
        let nearest = neighbours.into_iter().flatten().filter(|at| *at < count).find_map(&plane)?;
        let apart: [f64; 3] = [0, 1, 2].map(|axis| nearest.position[axis] - centre.position[axis]);
        let length = apart.iter().map(|v| v * v).sum::<f64>().sqrt();
        length.is_normal().then(|| apart.map(|v| v / length))
    };
    let normal = if centre.orientation.is_some() { centre.normal() } else { towards() };
    let normal = normal.ok_or(NoSlab::NoPosition)?;
    // Distances of the slices on one side, in the direction of the stack, as far as they keep growing.
    let plane = &plane;
    let walk = |step: i64| {
        let mut last = 0.0_f64;
        let mut direction = 0.0;
        let reach = (1..i64::from(most.max(2))).map_while(move |n| {
            let at = u32::try_from(i64::from(current) + n * step).ok().filter(|at| *at < count)?;
            let distance = centre.distance(&plane(at)?, normal)?;
            if direction == 0.0 {
                direction = distance.signum();
            }
            let further = distance * direction;
            let grows = further > last + 1e-4;
            last = further;
            grows.then_some(distance)
        });
        reach.collect::<Vec<f64>>()
    };
    let (back, ahead) = (walk(-1), walk(1));
    let nearest = back.first().into_iter().chain(ahead.first()).map(|mm| mm.abs()).reduce(f64::min);
    let Some(spacing_mm) = nearest else {
        let neighbour = if current + 1 < count { current + 1 } else { current.saturating_sub(1) };
        return Err(if plane(neighbour).is_none() { NoSlab::NoPosition } else { NoSlab::NotParallel });
    };
    // Both neighbours on the same side: the stack turns here, and only one way leads on.
    let turns = matches!((back.first(), ahead.first()), (Some(b), Some(a)) if a.signum() == b.signum());
    let half = thickness_mm.clamp(0.0, LONGEST_MM) / 2.0;
    let near = PRINTED * spacing_mm;
    let mut before = back.iter().take_while(|mm| mm.abs() <= half + near).count() as u32;
    let mut behind = ahead.iter().take_while(|mm| mm.abs() < half - near).count() as u32;
    if turns {
        // The side with the nearer neighbour goes on; beyond the other one another phase begins.
        let nearer = |side: &[f64]| side.first().is_some_and(|mm| mm.abs() <= spacing_mm);
        if nearer(&ahead) { before = 0 } else { behind = 0 }
    }
    while before + behind + 1 > most.max(1) {
        if before > behind { before -= 1 } else { behind -= 1 }
    }
    Ok(Slab { slices: current - before.min(current)..current + behind + 1, spacing_mm })
}

#[cfg(test)]
#[path = "plane_tests.rs"]
mod tests;
