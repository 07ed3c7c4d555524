//! Where places of the phantom are on its images.

use dicom_dictionary_std::uids;

use super::TOMO;
use crate::demo::breast::{PLANE, Projection, Shape};
use crate::demo::case::MAMMO_NOW;
use crate::demo::content::{Concept, image, reference, region};
use crate::demo::exposure::{Exposure, Side};
use crate::demo::math::{Point, TAU, cos, sin};
use crate::demo::people::{Round, exposure};
use crate::demo::rng::uid;
use crate::demo::tomo;
use crate::dicom::write::DataSet;

const CENTER: Concept = ("111010", "DCM", "Center");
const OUTLINE: Concept = ("111041", "DCM", "Outline");

/// Planes on either side of its own in which the mass is marked.
const REACH: i64 = 4;

/// An image, and what is needed to find places of the breast on it.
pub(super) struct Plate {
    pub exposure: Exposure,
    shape: Shape,
    /// Its place in the image library.
    pub entry: i64,
    spacing: f32,
}

impl Plate {
    pub fn new(side: Side, projection: Projection, entry: i64, spacing: f32) -> Self {
        let exposure = exposure(Round::Current, side, projection);
        let shape = exposure.shape();
        Self { exposure, shape, entry, spacing }
    }

    /// Where a place in the breast is on the image, in pixels.
    fn at(&self, q: Point) -> [f64; 2] {
        let (x, y) = self.shape.detector_at(q);
        let columns = (PLANE.0 / self.spacing + 0.5) as usize as f32;
        let (x, y) = (x / self.spacing, y / self.spacing);
        let x = if self.exposure.side == Side::Left { x } else { columns - x };
        // Tenths of a pixel, as such programs write them.
        [x, y].map(|v| (f64::from(v) * 10.0).round() / 10.0)
    }

    /// What a mark is selected from: the image in the library, or frames of it.
    fn source(&self) -> Vec<DataSet> {
        if self.entry != TOMO {
            return vec![reference("SELECTED FROM", &[1, 2, self.entry])];
        }
        let plane = tomo::MASS_AT as i64 + 1;
        let frames: Vec<i64> = (plane - REACH..=plane + REACH).collect();
        let object = uid(&format!("{}/LMLO-tomo/1", MAMMO_NOW.key));
        vec![image("SELECTED FROM", (uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE, &object), &frames, Vec::new())]
    }

    pub fn center(&self, q: Point) -> DataSet {
        region("HAS PROPERTIES", CENTER, "POINT", &[self.at(q)], self.source())
    }

    /// The outline of something round: as an ellipse, or as points around it.
    pub fn outline(&self, q: Point, (x, y): (f32, f32), shape: &str) -> DataSet {
        let place = |dx: f32, dy: f32| self.at((q.0 + dx, q.1 + dy));
        let points: Vec<[f64; 2]> = match shape {
            "ELLIPSE" => vec![place(0.0, -y), place(0.0, y), place(-x, 0.0), place(x, 0.0)],
            "CIRCLE" => vec![place(0.0, 0.0), place(x, 0.0)],
            _ => (0..=24)
                .map(|k| {
                    let angle = TAU * (k % 24) as f32 / 24.0;
                    place(x * cos(angle), y * sin(angle))
                })
                .collect(),
        };
        region("HAS PROPERTIES", OUTLINE, shape, &points, self.source())
    }
}
