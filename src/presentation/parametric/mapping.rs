//! What stored values mean: Real World Value Mapping (PS3.3 C.7.6.16.2.11).

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, ImageInfo, SampleKind, Tag};
use crate::display::{Modality, stored_range};
use crate::presentation::sr::Code;

/// From stored values to a quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub label: String,
    pub explanation: String,
    pub unit: Option<Code>,
    /// What is measured, and how: pairs of a name and a value.
    pub definition: Vec<(Code, Code)>,
    /// The first and the last stored value that mean anything.
    pub stored: (f64, f64),
    pub scale: Scale,
}

/// How values are computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    Line {
        slope: f64,
        intercept: f64,
    },
    /// One value for every stored value from the first on.
    Table(Vec<f64>),
}

/// Mappings of one frame; what is beyond is left out.
const MAX_MAPPINGS: usize = 64;

impl Mapping {
    /// The mappings in a functional group or at the top of an object.
    pub(super) fn read_all(items: &[DataSet], info: &ImageInfo) -> Vec<Self> {
        items.iter().take(MAX_MAPPINGS).filter_map(|item| Self::read(item, info)).collect()
    }

    fn read(item: &DataSet, info: &ImageInfo) -> Option<Self> {
        let text = |tag| item.string(tag).unwrap_or_default().trim().to_owned();
        let stored = limits(item, info);
        let table = item.floats(tags::REAL_WORLD_VALUE_LUT_DATA);
        let number = |tag| item.float(tag).filter(|v: &f64| v.is_finite());
        let slope = number(tags::REAL_WORLD_VALUE_SLOPE);
        let intercept = number(tags::REAL_WORLD_VALUE_INTERCEPT);
        let scale = match (slope, intercept) {
            (None, None) if !table.is_empty() && stored.0.is_finite() => Scale::Table(table),
            (None, None) => return None,
            (slope, intercept) => {
                Scale::Line { slope: slope.unwrap_or(1.0), intercept: intercept.unwrap_or(0.0) }
            }
        };
        let definition = item.items(tags::QUANTITY_DEFINITION_SEQUENCE).iter().take(MAX_MAPPINGS);
        let pair = |item: &DataSet| {
            let name = Code::first(item, tags::CONCEPT_NAME_CODE_SEQUENCE)?;
            let value = Code::first(item, tags::CONCEPT_CODE_SEQUENCE).or_else(|| {
                let number = item.string(tags::NUMERIC_VALUE).filter(|text| !text.is_empty());
                let words = number.or_else(|| item.string(tags::TEXT_VALUE))?;
                Some(Code::new("", "", &words))
            })?;
            Some((name, value))
        };
        Some(Self {
            label: text(tags::LUT_LABEL),
            explanation: text(tags::LUT_EXPLANATION),
            unit: Code::first(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
            definition: definition.filter_map(pair).collect(),
            stored,
            scale,
        })
    }

    /// For an object without any: its modality values.
    pub(super) fn of_modality(data: &DataSet, frame: u32, info: &ImageInfo) -> Self {
        let (modality, unit) = Modality::read(data, frame, stored_range(info));
        let (slope, intercept) = match modality {
            Modality::Rescale { slope, intercept } => (slope, intercept),
            Modality::Lut(_) => (1.0, 0.0),
        };
        Self {
            label: String::new(),
            explanation: String::new(),
            unit: Some(Code::new(&unit, "", "")).filter(|_| !unit.is_empty() && unit != "US"),
            definition: Vec::new(),
            stored: EVERYTHING,
            scale: Scale::Line { slope, intercept },
        }
    }

    /// The value a stored one stands for; `None` where it stands for nothing.
    pub fn value(&self, stored: f64) -> Option<f64> {
        let (first, last) = self.stored;
        if !(first..=last).contains(&stored) {
            return None;
        }
        let value = match &self.scale {
            Scale::Line { slope, intercept } => stored * slope + intercept,
            Scale::Table(values) => *values.get((stored - first) as usize)?,
        };
        value.is_finite().then_some(value)
    }

    /// The unit as people write it: `mm2/s`; empty where there is none.
    pub fn unit(&self) -> String {
        let Some(unit) = &self.unit else { return String::new() };
        match unit.scheme.as_str() {
            "UCUM" if unit.value == "1" => String::new(),
            // what UCUM has in braces is a remark: {SUVbw}g/ml
            "UCUM" => unit.value.clone(),
            _ => unit.text().to_owned(),
        }
    }

    /// What it is called: the quantity, else the label, else the explanation.
    pub fn name(&self) -> String {
        let is_quantity = |name: &Code| name.is_any(&[("246205007", "SCT"), ("G-C1C6", "SRT")]);
        let quantity =
            self.definition.iter().find(|(name, _)| is_quantity(name)).map(|(_, value)| value.text());
        let words = [quantity.unwrap_or_default(), &self.label, &self.explanation];
        // a unit is no name, though labels often are one
        let unit = self.unit.as_ref().map(|unit| &*unit.value).unwrap_or_default();
        let named = words.into_iter().find(|words| !words.is_empty() && *words != unit);
        named.or(Some(&*self.label)).unwrap_or_default().to_owned()
    }
}

const EVERYTHING: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// The stored values that are mapped. Limits of 16 bits say nothing about floating point pixels, which have limits of
/// their own kind.
fn limits(item: &DataSet, info: &ImageInfo) -> (f64, f64) {
    let float = |tag: Tag| item.float(tag).filter(|v| !v.is_nan());
    let double = (
        float(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED),
        float(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED),
    );
    let word = |tag: Tag| {
        let value = item.int(tag)?;
        // written as unsigned whatever the pixels are
        Some(if info.signed && (0x8000..0x1_0000).contains(&value) { value - 0x1_0000 } else { value } as f64)
    };
    let whole =
        (word(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED), word(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED));
    let (first, last) = match (double, whole) {
        ((Some(first), Some(last)), _) => (first, last),
        (_, (Some(first), Some(last))) if info.kind == SampleKind::Integer => (first, last),
        _ => EVERYTHING,
    };
    if first <= last { (first, last) } else { (last, first) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, element, info, words_le};
    use dicom_core::VR;

    fn doubles(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    #[test]
    fn tables_begin_at_their_first_value() {
        let item = data_set(vec![
            element(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, VR::US, words_le(&[10])),
            element(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, VR::US, words_le(&[13])),
            element(tags::REAL_WORLD_VALUE_LUT_DATA, VR::FD, doubles(&[0.5, 1.5, f64::NAN])),
        ]);
        let mapping = Mapping::read(&item, &info(16, 16, false)).expect("a mapping");
        let values = [9.0, 10.0, 11.0, 12.0, 13.0, 14.0, f64::NAN].map(|stored| mapping.value(stored));
        assert_eq!(values, [None, Some(0.5), Some(1.5), None, None, None, None]);
    }

    #[test]
    fn words_limit_words_and_doubles_limit_floats() {
        let line = |first: u16, last: u16| {
            vec![
                element(tags::REAL_WORLD_VALUE_SLOPE, VR::FD, doubles(&[2.0])),
                element(tags::REAL_WORLD_VALUE_INTERCEPT, VR::FD, doubles(&[1.0])),
                element(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, VR::US, words_le(&[first])),
                element(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, VR::US, words_le(&[last])),
            ]
        };
        let whole = Mapping::read(&data_set(line(0xFFF6, 10)), &info(16, 16, true)).expect("a mapping");
        assert_eq!([-11.0, -10.0, 10.0, 11.0].map(|v| whole.value(v)), [None, Some(-19.0), Some(21.0), None]);
        let mut float = info(32, 32, false);
        float.kind = SampleKind::Float;
        let free = Mapping::read(&data_set(line(0, 1)), &float).expect("a mapping");
        assert_eq!([-5.5, 100.0].map(|v| free.value(v)), [Some(-10.0), Some(201.0)]);
        let mut elements = line(0, 1);
        elements.push(element(
            tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED,
            VR::FD,
            doubles(&[-1.0]),
        ));
        elements.push(element(
            tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED,
            VR::FD,
            doubles(&[5.0]),
        ));
        let bound = Mapping::read(&data_set(elements), &float).expect("a mapping");
        assert_eq!([-1.5, -1.0, 5.0, 5.5].map(|v| bound.value(v)), [None, Some(-1.0), Some(11.0), None]);
    }

    #[test]
    fn units_as_people_write_them() {
        let unit = |value: &str, scheme: &str| {
            let mut mapping = Mapping::of_modality(&data_set(vec![]), 0, &info(16, 16, false));
            mapping.unit = Some(Code::new(value, scheme, "meaning"));
            mapping.unit()
        };
        assert_eq!(unit("mm2/s", "UCUM"), "mm2/s");
        assert_eq!(unit("1", "UCUM"), "");
        assert_eq!(unit("X", "99A"), "meaning");
    }
}
