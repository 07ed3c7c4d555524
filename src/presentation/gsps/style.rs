//! How lines, areas and letters of annotations look (PS3.3 C.10.5, the style sequences).

use dicom_dictionary_std::tags;

use super::reading::{term, words};
use crate::dicom::DataSet;
use crate::presentation::color::{Rgb, read_lab};

/// A shadow behind a line or letters; offsets in screen pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shadow {
    /// All around instead of to one side.
    pub outlined: bool,
    pub offset: [f64; 2],
    pub color: Rgb,
    pub opacity: f64,
}

/// A line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineStyle {
    /// `None` leaves the colour to the layer.
    pub color: Option<Rgb>,
    pub opacity: f64,
    /// What the gaps of a dashed line are drawn in, and how opaque; nothing if that is none.
    pub gaps: Option<(Rgb, f64)>,
    /// Screen pixels.
    pub thickness: f64,
    /// Of a dashed line, one bit a screen pixel, the lowest first.
    pub dashes: Option<u32>,
    pub shadow: Option<Shadow>,
}

/// What an area is filled with.
#[derive(Debug, Clone, PartialEq)]
pub struct FillStyle {
    pub color: Option<Rgb>,
    pub opacity: f64,
    pub gaps: Option<(Rgb, f64)>,
    /// 32 by 32 bits, row by row, repeated over the area; `None` is solid.
    pub pattern: Option<Box<[u8]>>,
}

/// How text lies along an axis of its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    #[default]
    Start,
    Center,
    End,
}

/// Letters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextStyle {
    pub font: String,
    pub css_font: String,
    pub color: Option<Rgb>,
    pub horizontal: Option<Align>,
    pub vertical: Option<Align>,
    pub underlined: bool,
    pub bold: bool,
    pub italic: bool,
    pub shadow: Option<Shadow>,
}

/// A share from 0 to 1.
fn opacity(item: &DataSet, tag: crate::dicom::Tag) -> f64 {
    item.float(tag).filter(|v| v.is_finite()).map_or(1.0, |v| v.clamp(0.0, 1.0))
}

impl Shadow {
    fn read(item: &DataSet) -> Option<Self> {
        let style = term(item, tags::SHADOW_STYLE);
        if !matches!(style.as_str(), "NORMAL" | "OUTLINED") {
            return None;
        }
        let offset = |tag| item.float(tag).filter(|v| v.abs() <= 1000.0).unwrap_or(1.0);
        Some(Self {
            outlined: style == "OUTLINED",
            offset: [offset(tags::SHADOW_OFFSET_X), offset(tags::SHADOW_OFFSET_Y)],
            color: read_lab(item, tags::SHADOW_COLOR_CIE_LAB_VALUE).unwrap_or([0; 3]),
            opacity: opacity(item, tags::SHADOW_OPACITY),
        })
    }
}

/// What is drawn where a pattern is off.
fn gaps(item: &DataSet) -> Option<(Rgb, f64)> {
    let color = read_lab(item, tags::PATTERN_OFF_COLOR_CIE_LAB_VALUE)?;
    let opacity = opacity(item, tags::PATTERN_OFF_OPACITY);
    (opacity > 0.0).then_some((color, opacity))
}

impl LineStyle {
    /// The first item of a Line Style Sequence.
    pub(super) fn read(place: &DataSet) -> Option<Self> {
        let item = place.item(tags::LINE_STYLE_SEQUENCE)?;
        let thickness = item.float(tags::LINE_THICKNESS).filter(|v| v.is_finite() && *v > 0.0);
        let dashed = term(item, tags::LINE_DASHING_STYLE) == "DASHED";
        let pattern = item.int(tags::LINE_PATTERN).and_then(|v| u32::try_from(v).ok());
        Some(Self {
            color: read_lab(item, tags::PATTERN_ON_COLOR_CIE_LAB_VALUE),
            opacity: opacity(item, tags::PATTERN_ON_OPACITY),
            gaps: gaps(item),
            thickness: thickness.unwrap_or(1.0).min(1000.0),
            dashes: dashed.then(|| pattern.filter(|&bits| bits != 0).unwrap_or(0x00FF_00FF)),
            shadow: Shadow::read(item),
        })
    }
}

impl FillStyle {
    /// The first item of a Fill Style Sequence.
    pub(super) fn read(place: &DataSet) -> Option<Self> {
        let item = place.item(tags::FILL_STYLE_SEQUENCE)?;
        let stippled = term(item, tags::FILL_MODE).starts_with("STIPP");
        let pattern = item.bytes(tags::FILL_PATTERN).and_then(|bytes| bytes.get(..128));
        Some(Self {
            color: read_lab(item, tags::PATTERN_ON_COLOR_CIE_LAB_VALUE),
            opacity: opacity(item, tags::PATTERN_ON_OPACITY),
            gaps: gaps(item),
            pattern: pattern.filter(|_| stippled).map(Into::into),
        })
    }
}

impl TextStyle {
    /// The first item of a Text Style Sequence.
    pub(super) fn read(place: &DataSet) -> Option<Self> {
        let item = place.item(tags::TEXT_STYLE_SEQUENCE)?;
        let yes = |tag| term(item, tag) == "Y";
        let align = |tag| match term(item, tag).as_str() {
            "LEFT" | "TOP" => Some(Align::Start),
            "CENTER" => Some(Align::Center),
            "RIGHT" | "BOTTOM" => Some(Align::End),
            _ => None,
        };
        Some(Self {
            font: words(item, tags::FONT_NAME),
            css_font: words(item, tags::CSS_FONT_NAME),
            color: read_lab(item, tags::TEXT_COLOR_CIE_LAB_VALUE),
            horizontal: align(tags::HORIZONTAL_ALIGNMENT),
            vertical: align(tags::VERTICAL_ALIGNMENT),
            underlined: yes(tags::UNDERLINED),
            bold: yes(tags::BOLD),
            italic: yes(tags::ITALIC),
            shadow: Shadow::read(item),
        })
    }
}
