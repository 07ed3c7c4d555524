//! The modality LUT: stored values become modality values (PS3.3 C.11.1).

use dicom_dictionary_std::tags;

use super::lut::Lut;
use crate::dicom::DataSet;
use crate::dicom::functional_group;

/// From stored to modality values: a line, or a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Modality {
    Rescale { slope: f64, intercept: f64 },
    Lut(Lut),
}

impl Modality {
    /// Stored values are modality values.
    pub const IDENTITY: Self = Self::Rescale { slope: 1.0, intercept: 0.0 };

    /// The transformation of one frame, and the unit of its output as text (empty where unspecified).
    /// `inputs` is the range of stored values.
    pub fn read(data: &DataSet, frame: u32, inputs: (f64, f64)) -> (Self, String) {
        let own = functional_group(data, frame, tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
        for place in own.into_iter().chain([data]) {
            if let Some(rescale) = rescale(place) {
                return (rescale, unit(data, place.string(tags::RESCALE_TYPE)));
            }
        }
        let table = data.item(tags::MODALITY_LUT_SEQUENCE).filter(|_| !is_for_measurement_only(data));
        if let Some((item, lut)) = table.and_then(|item| Some((item, Lut::read(item, inputs)?))) {
            return (Self::Lut(lut), unit(data, item.string(tags::MODALITY_LUT_TYPE)));
        }
        (Self::IDENTITY, unit(data, None))
    }

    /// The modality value of a stored value.
    pub fn apply(&self, stored: f64) -> f64 {
        match self {
            Self::Rescale { slope, intercept } => stored * slope + intercept,
            Self::Lut(lut) => lut.value(stored),
        }
    }

    /// Bounds of the output for stored values within bounds.
    pub fn range(&self, inputs: (f64, f64)) -> (f64, f64) {
        match self {
            Self::Rescale { .. } => {
                let (a, b) = (self.apply(inputs.0), self.apply(inputs.1));
                (a.min(b), a.max(b))
            }
            Self::Lut(lut) => (0.0, lut.max()),
        }
    }
}

/// Slope and intercept where at least one is there. A slope of zero would erase the image and is
/// taken for the mistake it is.
fn rescale(place: &DataSet) -> Option<Modality> {
    let number = |tag| place.float(tag).filter(|v: &f64| v.is_finite());
    let (slope, intercept) = (number(tags::RESCALE_SLOPE), number(tags::RESCALE_INTERCEPT));
    if slope.is_none() && intercept.is_none() {
        return None;
    }
    let slope = slope.filter(|&s| s != 0.0).unwrap_or(1.0);
    Some(Modality::Rescale { slope, intercept: intercept.unwrap_or(0.0) })
}

/// X-ray angiography stores, with logarithmic pixels, the table back to linear intensities: it serves
/// measurements and is not applied for display (C.8.7.1.1.2).
fn is_for_measurement_only(data: &DataSet) -> bool {
    let is = |tag, values: &[&str]| data.string(tag).is_some_and(|v| values.contains(&v.trim()));
    is(tags::MODALITY, &["XA", "RF"]) && is(tags::PIXEL_INTENSITY_RELATIONSHIP, &["LOG", "DISP"])
}

/// The unit of modality values, written as a reader expects it.
fn unit(data: &DataSet, declared: Option<String>) -> String {
    let modality = data.string(tags::MODALITY).unwrap_or_default();
    let declared = declared.unwrap_or_default();
    let declared = match (declared.trim(), modality.trim()) {
        ("", "CT") => "HU",
        ("", "PT" | "NM") => return pet_unit(data.string(tags::UNITS).unwrap_or_default().trim()),
        (other, _) => other,
    };
    match declared {
        "US" => String::new(),
        "HU_MOD" => "HU".to_owned(),
        "OD" => "OD/1000".to_owned(),
        "PCT" => "%".to_owned(),
        "MGML" => "mg/ml".to_owned(),
        "Z_EFF" => "Z".to_owned(),
        "ED" => "10²³/ml".to_owned(),
        other => other.to_owned(),
    }
}

/// _Units_ (0054,1001) of nuclear medicine (C.8.9.1.1.3).
fn pet_unit(code: &str) -> String {
    match code {
        "BQML" => "Bq/ml",
        "CNTS" => "counts",
        "PROPCNTS" => "prop. counts",
        "PROPCPS" => "prop. counts/s",
        "GML" => "g/ml",
        "CM2ML" => "cm²/ml",
        "PCNT" => "%",
        "CPS" => "counts/s",
        "NONE" => "",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, ds, lo, lut_item, sequence};

    const STORED: (f64, f64) = (0.0, 4095.0);

    fn line(slope: f64, intercept: f64) -> Modality {
        Modality::Rescale { slope, intercept }
    }

    #[test]
    fn fractional_and_negative_slopes() {
        let data = data_set(vec![ds(tags::RESCALE_SLOPE, "-0.25"), ds(tags::RESCALE_INTERCEPT, "10.5")]);
        let (modality, unit) = Modality::read(&data, 0, STORED);
        assert_eq!(modality, line(-0.25, 10.5));
        assert_eq!(modality.apply(2.0), 10.0);
        assert_eq!(modality.range((0.0, 4.0)), (9.5, 10.5));
        assert_eq!(unit, "");
    }

    #[test]
    fn a_slope_of_zero_or_none_is_one() {
        let zero = data_set(vec![ds(tags::RESCALE_SLOPE, "0"), ds(tags::RESCALE_INTERCEPT, "-5")]);
        assert_eq!(Modality::read(&zero, 0, STORED).0, line(1.0, -5.0));
        let alone = data_set(vec![ds(tags::RESCALE_INTERCEPT, "-1024")]);
        assert_eq!(Modality::read(&alone, 0, STORED).0, line(1.0, -1024.0));
        assert_eq!(Modality::read(&data_set(vec![]), 0, STORED).0, Modality::IDENTITY);
    }

    #[test]
    fn units() {
        let unit = |elements| Modality::read(&data_set(elements), 0, STORED).1;
        assert_eq!(unit(vec![cs(tags::MODALITY, "CT")]), "HU");
        let slope = || ds(tags::RESCALE_SLOPE, "1");
        assert_eq!(unit(vec![cs(tags::MODALITY, "CT"), slope(), lo(tags::RESCALE_TYPE, "HU")]), "HU");
        assert_eq!(unit(vec![cs(tags::MODALITY, "MG"), slope(), lo(tags::RESCALE_TYPE, "US")]), "");
        assert_eq!(unit(vec![cs(tags::MODALITY, "PT"), cs(tags::UNITS, "BQML")]), "Bq/ml");
    }

    #[test]
    fn a_frames_own_transformation_comes_first() {
        let group = |slope: &str| {
            data_set(vec![sequence(
                tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
                vec![data_set(vec![ds(tags::RESCALE_SLOPE, slope), ds(tags::RESCALE_INTERCEPT, "0")])],
            )])
        };
        let data = data_set(vec![
            ds(tags::RESCALE_SLOPE, "9"),
            sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![group("2")]),
            sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![group("3")]),
        ]);
        assert_eq!(Modality::read(&data, 0, STORED).0, line(3.0, 0.0));
        assert_eq!(Modality::read(&data, 1, STORED).0, line(2.0, 0.0));
    }

    #[test]
    fn a_table_maps_stored_values() {
        let data = || sequence(tags::MODALITY_LUT_SEQUENCE, vec![lut_item([3, 10, 16], &[5, 7, 9], "")]);
        let (modality, _) = Modality::read(&data_set(vec![data()]), 0, STORED);
        assert_eq!([0.0, 10.0, 11.0, 99.0].map(|x| modality.apply(x)), [5.0, 5.0, 7.0, 9.0]);
        assert_eq!(modality.range(STORED), (0.0, 65535.0));
        let angiogram =
            data_set(vec![cs(tags::MODALITY, "XA"), cs(tags::PIXEL_INTENSITY_RELATIONSHIP, "LOG"), data()]);
        assert_eq!(Modality::read(&angiogram, 0, STORED).0, Modality::IDENTITY);
    }
}
