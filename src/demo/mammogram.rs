//! Exposures as Digital Mammography X-Ray Image objects, for presentation.

use dicom_dictionary_std::{tags, uids};

use super::breast::Projection;
use super::builder::ImageBuilder;
use super::case::{MAMMO_BEFORE, MAMMO_NOW, Series, identify};
use super::exposure::{Picture, SPACING, Side, TOP};
use super::math::exp;
use super::people::{Round, exposure};
use super::tables::Lut;
use crate::dicom::write::{DataSet, coded};

/// Pixel spacing at the detector; the breast lies above it, so it is magnified a little.
const DETECTOR_SPACING: f64 = 0.1;

/// One of the eight mammograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub round: Round,
    pub side: Side,
    pub projection: Projection,
}

impl View {
    /// The four standard views, in the order they are taken.
    pub fn all(round: Round) -> [Self; 4] {
        use Projection::{CranioCaudal, MediolateralOblique};
        [
            (Side::Right, CranioCaudal),
            (Side::Left, CranioCaudal),
            (Side::Right, MediolateralOblique),
            (Side::Left, MediolateralOblique),
        ]
        .map(|(side, projection)| Self { round, side, projection })
    }

    /// RCC, LCC, RMLO or LMLO.
    pub fn name(self) -> &'static str {
        match (self.side, self.projection) {
            (Side::Right, Projection::CranioCaudal) => "RCC",
            (Side::Left, Projection::CranioCaudal) => "LCC",
            (Side::Right, Projection::MediolateralOblique) => "RMLO",
            (Side::Left, Projection::MediolateralOblique) => "LMLO",
        }
    }

    /// Where the rows (to the right) and the columns (downwards) of the picture lead in the patient.
    pub fn patient_orientation(self) -> &'static str {
        match (self.side, self.projection) {
            // The nipple points to the right: a row runs from posterior to anterior.
            (Side::Left, Projection::CranioCaudal) => "A\\R",
            (Side::Left, Projection::MediolateralOblique) => "A\\F",
            (Side::Right, Projection::CranioCaudal) => "P\\L",
            (Side::Right, Projection::MediolateralOblique) => "P\\F",
        }
    }

    pub fn series(self) -> Series {
        let (number, description) = match self.name() {
            "RCC" => (1, "R CC"),
            "LCC" => (2, "L CC"),
            "RMLO" => (3, "R MLO"),
            _ => (4, "L MLO"),
        };
        Series { key: self.name(), number, modality: "MG", description }
    }

    /// The prior right CC is stored with low values bright, as some units do.
    fn is_monochrome1(self) -> bool {
        self.round == Round::Prior && self.name() == "RCC"
    }

    /// The whole file, at `spacing` millimetres a pixel ([`SPACING`] is the unit's own).
    pub fn file(self, spacing: f32) -> Vec<u8> {
        self.image(spacing).build()
    }

    /// The same before it is written.
    pub fn image(self, spacing: f32) -> ImageBuilder {
        let picture = exposure(self.round, self.side, self.projection).render(spacing);
        self.object(picture, f64::from(spacing / SPACING), self.is_monochrome1())
    }

    /// An object of these samples, its pixels `coarser` times as large as the unit's own, `inverse` with low values
    /// bright.
    pub(super) fn object(self, picture: Picture, coarser: f64, inverse: bool) -> ImageBuilder {
        let study = if self.round == Round::Current { &MAMMO_NOW } else { &MAMMO_BEFORE };
        let Picture { rows, columns, mut samples } = picture;
        if inverse {
            for sample in &mut samples {
                *sample = TOP - *sample;
            }
        }
        let image = ImageBuilder::gray(rows, columns)
            .bits(16, 12)
            .words(samples)
            .photometric(if inverse { "MONOCHROME1" } else { "MONOCHROME2" })
            .presentation_shape(if inverse { "INVERSE" } else { "IDENTITY" })
            .padding(if inverse { i64::from(TOP) } else { 0 })
            .rescale(1.0, 0.0)
            .set(|d| {
                identify(
                    d,
                    uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
                    study,
                    &self.series(),
                    1,
                );
            })
            .set(|d| self.describe(d, inverse))
            .set(|d| {
                let object = (0.094 * coarser * 1e6).round() / 1e6;
                let detector = (DETECTOR_SPACING * coarser * 1e6).round() / 1e6;
                d.real(tags::IMAGER_PIXEL_SPACING, [detector; 2]).real(tags::PIXEL_SPACING, [object; 2]);
            });
        self.with_windows(image, inverse)
    }

    /// The newer unit offers sigmoid windows; the older one linear windows and a film-like table.
    fn with_windows(self, image: ImageBuilder, inverse: bool) -> ImageBuilder {
        if self.round == Round::Current {
            let center = |c: f64| if inverse { f64::from(TOP) - c } else { c };
            return image
                .voi_function("SIGMOID")
                .named_window(center(1760.0), 2250.0, "NORMAL")
                .named_window(center(1820.0), 1600.0, "HARDER")
                .named_window(center(1700.0), 2900.0, "SOFTER");
        }
        // Counted from the other end, a LINEAR window is centred half a step off on either side.
        let center = |c: f64| if inverse { f64::from(TOP) + 1.0 - c } else { c };
        let image = image
            .voi_function("LINEAR")
            .named_window(center(1600.0), 2500.0, "NORMAL")
            .named_window(center(1700.0), 1800.0, "HARDER")
            .named_window(center(1550.0), 3200.0, "SOFTER");
        if inverse { image } else { image.voi_lut(&film_table()) }
    }

    fn describe(self, d: &mut DataSet, inverse: bool) {
        let now = self.round == Round::Current;
        let oblique = self.projection == Projection::MediolateralOblique;
        let side = if self.side == Side::Left { "L" } else { "R" };
        // Each view has its own figures, as each compression does.
        let step = self.series().number - 1 + if now { 0 } else { 2 };
        let tilt = match (oblique, self.side) {
            (false, _) => 0.0,
            (true, Side::Right) => -45.0,
            (true, Side::Left) => 45.0,
        };
        d.text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
            .text(tags::PRESENTATION_INTENT_TYPE, "FOR PRESENTATION")
            .text(tags::STATION_NAME, if now { "MAMMO2" } else { "MAMMO1" })
            .text(tags::OPERATORS_NAME, if now { "Radiographer^Ida" } else { "Radiographer^Otto" })
            .text(tags::MANUFACTURER_MODEL_NAME, if now { "Phantom 3D" } else { "Phantom FFDM" })
            .text(tags::DEVICE_SERIAL_NUMBER, if now { "PH3D-0007" } else { "PHFF-0002" })
            .text(tags::SOFTWARE_VERSIONS, "1")
            .text(tags::BODY_PART_EXAMINED, "BREAST")
            .text(tags::ORGAN_EXPOSED, "BREAST")
            .text(tags::IMAGE_LATERALITY, side)
            .text(tags::VIEW_POSITION, if oblique { "MLO" } else { "CC" })
            .text(tags::PATIENT_ORIENTATION, self.patient_orientation())
            .sequence(tags::VIEW_CODE_SEQUENCE, vec![view_code(self.projection)])
            .code(tags::ANATOMIC_REGION_SEQUENCE, ("76752008", "SCT", "Breast"))
            .sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new())
            .text(tags::POSITIONER_TYPE, "MAMMOGRAPHIC")
            .real(tags::POSITIONER_PRIMARY_ANGLE, [tilt])
            .text(tags::BREAST_IMPLANT_PRESENT, "NO")
            .text(tags::PARTIAL_VIEW, "NO")
            .text(tags::QUALITY_CONTROL_IMAGE, "NO")
            .real(tags::KVP, [28.0 + (step % 3) as f64])
            .int(tags::EXPOSURE_TIME, [820 + 37 * step])
            .int(tags::X_RAY_TUBE_CURRENT, [90])
            .int(tags::EXPOSURE, [(73_800 + 3_330 * step + 500) / 1000])
            .int(tags::EXPOSURE_INU_AS, [73_800 + 3_330 * step])
            .text(tags::EXPOSURE_CONTROL_MODE, "AUTOMATIC")
            .text(tags::ANODE_TARGET_MATERIAL, if now { "RHODIUM" } else { "MOLYBDENUM" })
            .text(tags::FILTER_TYPE, "STRIP")
            .text(tags::FILTER_MATERIAL, "RHODIUM")
            .real(tags::FILTER_THICKNESS_MINIMUM, [0.025])
            .real(tags::FILTER_THICKNESS_MAXIMUM, [0.025])
            .real(tags::FOCAL_SPOTS, [0.3])
            .text(tags::GRID, "RECIPROCATING\\FOCUSED")
            .real(tags::BODY_PART_THICKNESS, [50.0 + 2.0 * step as f64])
            .real(tags::COMPRESSION_FORCE, [92.0 + 5.0 * step as f64])
            .real(tags::ORGAN_DOSE, [0.0118 + 0.0006 * step as f64])
            .real(tags::ENTRANCE_DOSE_INM_GY, [4.2 + 0.3 * step as f64])
            .int(tags::RELATIVE_X_RAY_EXPOSURE, [410 + 9 * step])
            .real(tags::DISTANCE_SOURCE_TO_DETECTOR, [660.0])
            .real(tags::DISTANCE_SOURCE_TO_PATIENT, [620.4])
            .real(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, [1.0638])
            .text(tags::DETECTOR_TYPE, "DIRECT")
            .text(tags::DETECTOR_CONFIGURATION, "AREA")
            .text(tags::DETECTOR_ID, if now { "DET-7-2231" } else { "DET-2-0914" })
            .text(tags::DETECTOR_DESCRIPTION, "Computed detector")
            .text(tags::DETECTOR_ACTIVE_SHAPE, "RECTANGLE")
            .text(tags::FIELD_OF_VIEW_SHAPE, "RECTANGLE")
            .int(tags::FIELD_OF_VIEW_DIMENSIONS, [229, 191])
            .real(tags::FIELD_OF_VIEW_ORIGIN, [0.0, 0.0])
            .text(tags::FIELD_OF_VIEW_ROTATION, "0")
            .text(tags::FIELD_OF_VIEW_HORIZONTAL_FLIP, "NO")
            .text(tags::PIXEL_SPACING_CALIBRATION_TYPE, "GEOMETRY")
            .text(tags::PIXEL_SPACING_CALIBRATION_DESCRIPTION, "Magnification 1.0638 at mid breast")
            .text(tags::PIXEL_INTENSITY_RELATIONSHIP, "LOG")
            .int(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, [if inverse { 1 } else { -1 }]);
    }
}

/// The View Code Sequence's item, with its (empty) modifiers.
pub fn view_code(projection: Projection) -> DataSet {
    let mut code = coded(match projection {
        Projection::CranioCaudal => ("399162004", "SCT", "cranio-caudal"),
        Projection::MediolateralOblique => ("399368009", "SCT", "medio-lateral oblique"),
    });
    code.sequence(tags::VIEW_MODIFIER_CODE_SEQUENCE, Vec::new());
    code
}

/// A table in the manner of mammography film: a long toe, a steep middle, a short shoulder.
fn film_table() -> Lut {
    let curve = |x: f32| {
        let s = |x: f32| 1.0 / (1.0 + exp(-(x - 1650.0) / 460.0));
        (s(x) - s(0.0)) / (s(4095.0) - s(0.0))
    };
    Lut {
        first: 0,
        bits: 16,
        entries: (0..=TOP).map(|x| (65_535.0 * curve(f32::from(x))) as u16).collect(),
        explanation: "FILM".to_owned(),
        packed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_says_where_the_nipple_lies_and_padding_lies_outside_the_breast() {
        for view in View::all(Round::Current) {
            let exposure = exposure(view.round, view.side, view.projection);
            let Picture { rows, columns, samples } = exposure.render(1.504);
            let filled = |column: usize| (0..rows).filter(|r| samples[r * columns + column] > 0).count();
            // The chest wall fills its edge of the picture; at the other there is air.
            let (left, right) = (filled(0), filled(columns - 1));
            // PS3.3 C.7.6.1.1.1: the first value is the direction in which the rows run to the right.
            match view.patient_orientation().as_bytes()[0] {
                b'A' => assert!(left > rows / 2 && right == 0, "{}", view.name()),
                b'P' => assert!(right > rows / 2 && left == 0, "{}", view.name()),
                other => panic!("{other}"),
            }
            assert!(view.name().starts_with(if view.side == Side::Left { 'L' } else { 'R' }));
            let shape = exposure.shape();
            for (i, sample) in samples.iter().enumerate() {
                let (row, column) = (i / columns, i % columns);
                let column = if view.side == Side::Left { column } else { columns - 1 - column };
                let d = shape.distance.cubic(((column as f32 + 0.5) * 1.504, (row as f32 + 0.5) * 1.504));
                assert_eq!(*sample > 0, d > 0.0, "{} {row} {column}", view.name());
                assert!(*sample <= TOP);
            }
        }
    }

    #[test]
    fn the_inverse_picture_displays_as_the_plain_one_would() {
        // PS3.3 C.11.2.1.2.1, cut to 0..1.
        let linear = |x: f64, c: f64, w: f64| ((x - (c - 0.5)) / (w - 1.0) + 0.5).clamp(0.0, 1.0);
        let text = |view: View, tag| match view.image(3.008).data_set().get(tag) {
            Some(crate::dicom::write::Value::Text(text)) => text.clone(),
            other => panic!("{other:?}"),
        };
        let numbers = |view, tag| {
            text(view, tag).split('\\').map(|v| v.parse().expect("a number")).collect::<Vec<f64>>()
        };
        let [rcc, lcc, ..] = View::all(Round::Prior);
        assert_eq!(text(rcc, tags::PHOTOMETRIC_INTERPRETATION), "MONOCHROME1");
        let (turned, plain) = (numbers(rcc, tags::WINDOW_CENTER), numbers(lcc, tags::WINDOW_CENTER));
        for ((c1, c2), w) in turned.iter().zip(&plain).zip(numbers(rcc, tags::WINDOW_WIDTH)) {
            for x in 0..=TOP {
                let dark_first = linear(f64::from(x), *c2, w);
                let bright_first = 1.0 - linear(f64::from(TOP - x), *c1, w);
                assert!((dark_first - bright_first).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_mass_grew_and_the_calcifications_are_new() {
        for projection in [Projection::CranioCaudal, Projection::MediolateralOblique] {
            let (before, now) = (
                exposure(Round::Prior, Side::Left, projection),
                exposure(Round::Current, Side::Left, projection),
            );
            let radius = |e: &super::super::exposure::Exposure| e.mass.map_or(0.0, |m| m.radius);
            assert!(radius(&now) > 1.5 * radius(&before));
            assert!(before.cluster.is_none() && now.cluster.is_some());
        }
    }
}
