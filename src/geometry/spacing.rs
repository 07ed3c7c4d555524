//! The size of pixels, and what that size is the size of.
//!
//! A distance on a projection radiograph means little unless one knows whether it was measured at the
//! detector, at the object, or calibrated on something of known size; hence the kind.

use dicom_dictionary_std::tags;

use crate::dicom::functional_group;
use crate::dicom::{DataSet, Tag};

/// Where a spacing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpacingKind {
    /// In the plane of the patient: cross-sectional images.
    Patient,
    /// The Pixel Measures of a multi-frame object, in the plane of the patient.
    PixelMeasures,
    /// Projection, corrected in a way the object does not name.
    Calibrated,
    /// Projection, corrected for an assumed or known geometry.
    Geometry,
    /// Projection, calibrated with an object of known size.
    Fiducial,
    /// Projection, at the detector: too large by the magnification.
    Detector,
    /// Projection, brought from the detector to the object by the estimated magnification.
    Ermf,
    /// Of a digitised film, or otherwise only nominal.
    Nominal,
    /// Of an ultrasound region that fills the image.
    Region,
}

/// The distance between the centres of neighbouring pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// From one row to the next: the height of a pixel.
    pub row_mm: f64,
    /// From one column to the next: the width of a pixel.
    pub column_mm: f64,
    pub kind: SpacingKind,
}

impl Spacing {
    /// The spacing of a frame, counted from 0; `None` where the object gives none that makes sense.
    pub fn read(data: &DataSet, frame: u32) -> Option<Self> {
        let measures = functional_group(data, frame, tags::PIXEL_MEASURES_SEQUENCE);
        if let Some(spacing) = measures.and_then(|item| pair(item, tags::PIXEL_SPACING)) {
            return Some(Self::of(spacing, SpacingKind::PixelMeasures));
        }
        let pixel = pair(data, tags::PIXEL_SPACING);
        let imager = pair(data, tags::IMAGER_PIXEL_SPACING);
        match (pixel, imager) {
            (Some(pixel), Some(imager)) if !same(pixel, imager) => {
                Some(Self::of(pixel, calibration(data).unwrap_or(SpacingKind::Calibrated)))
            }
            // equal to that of the detector: nothing was corrected, unless the object says so
            (Some(pixel), Some(imager)) => Some(match calibration(data) {
                Some(kind) => Self::of(pixel, kind),
                None => Self::at_object(data, imager),
            }),
            (Some(pixel), None) => Some(Self::of(pixel, calibration(data).unwrap_or(uncalibrated(data)))),
            (None, Some(imager)) => Some(Self::at_object(data, imager)),
            (None, None) => pair(data, tags::NOMINAL_SCANNED_PIXEL_SPACING)
                .map(|nominal| Self::of(nominal, SpacingKind::Nominal))
                .or_else(|| region(data)),
        }
    }

    /// The shorter side of a pixel.
    pub fn least(&self) -> f64 {
        self.row_mm.min(self.column_mm)
    }

    /// A word for the kind, short enough for the scale bar; empty where nothing needs to be said.
    pub fn label(&self) -> &'static str {
        match self.kind {
            SpacingKind::Patient | SpacingKind::PixelMeasures | SpacingKind::Region => "",
            SpacingKind::Calibrated => "calibrated",
            SpacingKind::Geometry => "geometry",
            SpacingKind::Fiducial => "fiducial",
            SpacingKind::Detector => "detector",
            SpacingKind::Ermf => "ERMF",
            SpacingKind::Nominal => "nominal",
        }
    }

    fn of([row_mm, column_mm]: [f64; 2], kind: SpacingKind) -> Self {
        Self { row_mm, column_mm, kind }
    }

    /// A detector spacing, brought to the object where the magnification is known.
    fn at_object(data: &DataSet, imager: [f64; 2]) -> Self {
        match magnification(data) {
            Some(factor) => Self::of(imager.map(|mm| mm / factor), SpacingKind::Ermf),
            None => Self::of(imager, SpacingKind::Detector),
        }
    }
}

/// Height of a pixel over its width: from the spacing of any kind, else from Pixel Aspect Ratio, else 1.
pub fn pixel_aspect(data: &DataSet, frame: u32) -> f64 {
    let declared = || {
        let values = data.floats(tags::PIXEL_ASPECT_RATIO);
        let [vertical, horizontal] = values.get(..2)? else {
            return None;
        };
        Some(vertical / horizontal)
    };
    let aspect = Spacing::read(data, frame).map(|s| s.row_mm / s.column_mm).or_else(declared).unwrap_or(1.0);
    let is_plausible = (0.02..=50.0).contains(&aspect);
    // spacings are printed decimals: what differs in the fourth digit is square
    if !is_plausible || (aspect - 1.0).abs() < 1e-3 { 1.0 } else { aspect }
}

/// Two positive lengths: row spacing, column spacing. One alone stands for both.
fn pair(data: &DataSet, tag: Tag) -> Option<[f64; 2]> {
    let values = data.floats(tag);
    let row = *values.first()?;
    let column = *values.get(1).unwrap_or(&row);
    let is_length = |mm: f64| mm.is_finite() && mm > 0.0;
    (is_length(row) && is_length(column)).then_some([row, column])
}

fn same(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-4 * b)
}

fn calibration(data: &DataSet) -> Option<SpacingKind> {
    match data.string(tags::PIXEL_SPACING_CALIBRATION_TYPE)?.trim() {
        "GEOMETRY" => Some(SpacingKind::Geometry),
        "FIDUCIAL" => Some(SpacingKind::Fiducial),
        _ => None,
    }
}

/// What a Pixel Spacing alone means. Projection radiographs are calibrated by whoever wrote it.
fn uncalibrated(data: &DataSet) -> SpacingKind {
    const PROJECTIONS: [&str; 9] = ["CR", "DX", "MG", "IO", "PX", "XA", "RF", "RG", "XC"];
    let modality = data.string(tags::MODALITY).unwrap_or_default();
    if PROJECTIONS.contains(&modality.trim()) { SpacingKind::Calibrated } else { SpacingKind::Patient }
}

/// How much larger things are at the detector: the factor given, else what the distances amount to.
/// A factor of 1 says that nothing is known.
fn magnification(data: &DataSet) -> Option<f64> {
    let number = |tag| data.float(tag).filter(|v: &f64| v.is_finite() && *v > 0.0);
    let factor = number(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR).or_else(|| {
        Some(number(tags::DISTANCE_SOURCE_TO_DETECTOR)? / number(tags::DISTANCE_SOURCE_TO_PATIENT)?)
    })?;
    (1.0 + 1e-6..10.0).contains(&factor).then_some(factor)
}

/// The spacing of ultrasound regions, where all of them that show tissue agree (C.8.5.5).
fn region(data: &DataSet) -> Option<Spacing> {
    const TWO_DIMENSIONAL: i64 = 1;
    const CENTIMETRES: i64 = 3;
    let mut found: Option<[f64; 2]> = None;
    for item in data.items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS) {
        if item.int(tags::REGION_SPATIAL_FORMAT) != Some(TWO_DIMENSIONAL) {
            continue;
        }
        let unit = |tag| item.int(tag) == Some(CENTIMETRES);
        if !unit(tags::PHYSICAL_UNITS_X_DIRECTION) || !unit(tags::PHYSICAL_UNITS_Y_DIRECTION) {
            return None;
        }
        let size = |tag| item.float(tag).map(|cm| cm.abs() * 10.0).filter(|mm| mm.is_normal());
        let this = [size(tags::PHYSICAL_DELTA_Y)?, size(tags::PHYSICAL_DELTA_X)?];
        if found.is_some_and(|other| !same(other, this)) {
            return None;
        }
        found = Some(this);
    }
    found.map(|spacing| Spacing::of(spacing, SpacingKind::Region))
}

#[cfg(test)]
#[path = "spacing_tests.rs"]
mod tests;
