//! Values of interest: a window or a table from modality values to grey (PS3.3 C.11.2).

use dicom_dictionary_std::tags;

use super::lut::Lut;
use crate::dicom::DataSet;

/// A VOI transformation.
#[derive(Debug, Clone, PartialEq)]
pub enum Voi {
    /// C.11.2.1.2.1, the default function: the half and the minus one of it.
    Linear { center: f64, width: f64 },
    /// C.11.2.1.3.2: the plain line.
    LinearExact { center: f64, width: f64 },
    /// C.11.2.1.3.1.
    Sigmoid { center: f64, width: f64 },
    /// C.11.2.1.1.
    Lut(Lut),
}

impl Voi {
    /// A window by its function; `None` where the width is not allowed for that function. An empty or
    /// unknown name means LINEAR.
    pub fn window(function: &str, center: f64, width: f64) -> Option<Self> {
        if !center.is_finite() || !width.is_finite() || width <= 0.0 {
            return None;
        }
        match function.trim() {
            "LINEAR_EXACT" => Some(Self::LinearExact { center, width }),
            "SIGMOID" => Some(Self::Sigmoid { center, width }),
            _ => (width >= 1.0).then_some(Self::Linear { center, width }),
        }
    }

    /// The window that shows everything: `min` becomes exactly 0 and `max` exactly 1.
    pub fn full_range(min: f64, max: f64) -> Self {
        if min.fract() == 0.0 && max.fract() == 0.0 || min >= max {
            Self::Linear { center: (min + max + 1.0) / 2.0, width: (max - min).max(0.0) + 1.0 }
        } else {
            Self::LinearExact { center: f64::midpoint(min, max), width: max - min }
        }
    }

    /// The grey of a modality value, from 0 (lowest) to 1.
    pub fn apply(&self, x: f64) -> f64 {
        match *self {
            Self::Linear { center, width } => {
                let (c, w) = (center - 0.5, width - 1.0);
                if x <= c - w / 2.0 {
                    0.0
                } else if x > c + w / 2.0 {
                    1.0
                } else {
                    (x - c) / w + 0.5
                }
            }
            Self::LinearExact { center, width } => {
                if x <= center - width / 2.0 {
                    0.0
                } else if x > center + width / 2.0 {
                    1.0
                } else {
                    (x - center) / width + 0.5
                }
            }
            Self::Sigmoid { center, width } => 1.0 / (1.0 + (-4.0 * (x - center) / width).exp()),
            Self::Lut(ref lut) => lut.value(x) / lut.max(),
        }
    }

    /// Centre and width, of what has them.
    pub fn center_width(&self) -> Option<(f64, f64)> {
        match *self {
            Self::Linear { center, width }
            | Self::LinearExact { center, width }
            | Self::Sigmoid { center, width } => Some((center, width)),
            Self::Lut(_) => None,
        }
    }

    /// The same function with another centre and width, the width held to what the function allows.
    /// A table becomes the line that takes its place when the user starts to drag.
    #[must_use]
    pub fn with_window(&self, center: f64, width: f64) -> Self {
        match self {
            Self::Linear { .. } | Self::Lut(_) => Self::Linear { center, width: width.max(1.0) },
            Self::LinearExact { .. } => Self::LinearExact { center, width: width.max(1e-9) },
            Self::Sigmoid { .. } => Self::Sigmoid { center, width: width.max(1e-9) },
        }
    }

    /// The window closest to this transformation: itself, or for a table the span of its inputs.
    pub fn nearest_window(&self) -> (f64, f64) {
        match self {
            Self::Lut(lut) => {
                let first = f64::from(lut.first);
                let width = lut.data.len().max(1) as f64;
                (first + width / 2.0, width)
            }
            other => other.center_width().unwrap_or((0.5, 1.0)),
        }
    }

    /// The function, in a word or two.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "linear",
            Self::LinearExact { .. } => "linear exact",
            Self::Sigmoid { .. } => "sigmoid",
            Self::Lut(_) => "LUT",
        }
    }
}

/// Where a transformation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VoiOrigin {
    /// The object itself.
    Object,
    /// A preset for the modality.
    Preset,
    /// The range of the values found in the image.
    Auto,
    /// The user's hand.
    User,
}

/// A transformation with its name and origin.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiChoice {
    pub voi: Voi,
    /// The object's explanation, or "window 2", "LUT 1" where it gives none.
    pub explanation: String,
    pub origin: VoiOrigin,
}

impl VoiChoice {
    /// The choice that shows all values between two bounds.
    pub fn auto(min: f64, max: f64) -> Self {
        Self { voi: Voi::full_range(min, max), explanation: "full range".to_owned(), origin: VoiOrigin::Auto }
    }

    /// All windows, then all tables of one place: a data set or a functional group. They are
    /// alternatives, never applied one after the other; what is not allowed is left out.
    /// `inputs` is the range of modality values.
    pub fn read(place: &DataSet, inputs: (f64, f64)) -> Vec<Self> {
        let function = place.string(tags::VOILUT_FUNCTION).unwrap_or_default();
        let explanations = place.strings(tags::WINDOW_CENTER_WIDTH_EXPLANATION);
        let centers = place.floats(tags::WINDOW_CENTER);
        let widths = place.floats(tags::WINDOW_WIDTH);
        let windows = centers.iter().zip(&widths).enumerate().filter_map(|(i, (&center, &width))| {
            let voi = Voi::window(&function, center, width)?;
            let given = explanations.get(i).map_or("", |text| text.trim());
            Some(Self::from_object(voi, given, "window", i))
        });
        let tables = place.items(tags::VOILUT_SEQUENCE).iter().enumerate().filter_map(|(i, item)| {
            let lut = Lut::read(item, inputs)?;
            let given = lut.explanation.clone();
            Some(Self::from_object(Voi::Lut(lut), &given, "LUT", i))
        });
        windows.chain(tables).collect()
    }

    fn from_object(voi: Voi, given: &str, kind: &str, index: usize) -> Self {
        let explanation = if given.is_empty() { format!("{kind} {}", index + 1) } else { given.to_owned() };
        Self { voi, explanation, origin: VoiOrigin::Object }
    }
}

#[cfg(test)]
#[path = "voi_tests.rs"]
mod tests;
