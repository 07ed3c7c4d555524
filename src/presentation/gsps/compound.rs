//! Compound graphics (PS3.3 C.10.5): rulers, axes, arrows and the like, as they are said.

use dicom_dictionary_std::tags;

use super::coordinates::Units;
use super::reading::{Reading, pair, term, words};
use super::style::{Align, FillStyle, LineStyle, TextStyle};
use crate::dicom::DataSet;

/// What a compound graphic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompoundKind {
    Multiline,
    InfiniteLine,
    Cutline,
    RangeLine,
    Ruler,
    Axis,
    Crosshair,
    Arrow,
    Rectangle,
    Ellipse,
}

/// A mark along a ruler or an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// From 0 at the first point to 1 at the last.
    pub position: f64,
    pub label: String,
}

/// A compound graphic.
#[derive(Debug, Clone, PartialEq)]
pub struct Compound {
    pub kind: CompoundKind,
    pub units: Units,
    pub points: Vec<[f64; 2]>,
    pub id: Option<i64>,
    pub group: Option<i64>,
    /// Degrees, clockwise as the image lies, about the rotation point or the middle.
    pub rotation: f64,
    pub rotation_point: Option<[f64; 2]>,
    /// Left open in the middle, in the units of the points.
    pub gap: f64,
    /// Within which a crosshair is drawn, in the units of the points.
    pub diameter: Option<f64>,
    pub ticks: Vec<Tick>,
    /// On which side of the line the ticks are.
    pub tick_alignment: Align,
    pub label_alignment: Align,
    pub show_labels: bool,
    pub filled: bool,
    pub line: Option<LineStyle>,
    pub fill: Option<FillStyle>,
    pub text: Option<TextStyle>,
}

impl Compound {
    pub(super) fn read(item: &DataSet, reading: &mut Reading) -> Option<Self> {
        let kind = match term(item, tags::COMPOUND_GRAPHIC_TYPE).as_str() {
            "MULTILINE" => CompoundKind::Multiline,
            "INFINITELINE" => CompoundKind::InfiniteLine,
            "CUTLINE" => CompoundKind::Cutline,
            "RANGELINE" => CompoundKind::RangeLine,
            "RULER" => CompoundKind::Ruler,
            "AXIS" => CompoundKind::Axis,
            "CROSSHAIR" => CompoundKind::Crosshair,
            "ARROW" => CompoundKind::Arrow,
            "RECTANGLE" => CompoundKind::Rectangle,
            "ELLIPSE" => CompoundKind::Ellipse,
            other => {
                reading.warn(format!("compound graphics of the type “{other}” are not known and left out"));
                return None;
            }
        };
        let units = Units::parse(&term(item, tags::COMPOUND_GRAPHIC_UNITS), reading);
        let points = reading.points(item, tags::GRAPHIC_DATA, item.int(tags::NUMBER_OF_GRAPHIC_POINTS));
        if points.len() < if kind == CompoundKind::Crosshair { 1 } else { 2 } {
            reading.warn("a compound graphic has too few points and is left out");
            return None;
        }
        let number = |tag| item.float(tag).filter(|v| v.is_finite());
        let align = |tag| match term(item, tag).as_str() {
            "TOP" => Align::Start,
            "BOTTOM" => Align::End,
            _ => Align::Center,
        };
        let tick = |tick: &DataSet| {
            let position = tick.float(tags::TICK_POSITION).filter(|v| (0.0..=1.0).contains(v))?;
            Some(Tick { position, label: words(tick, tags::TICK_LABEL) })
        };
        let fill = FillStyle::read(item);
        Some(Self {
            kind,
            units,
            points,
            id: item.int(tags::COMPOUND_GRAPHIC_INSTANCE_ID),
            group: item.int(tags::GRAPHIC_GROUP_ID),
            rotation: number(tags::ROTATION_ANGLE).unwrap_or(0.0),
            rotation_point: pair(item, tags::ROTATION_POINT),
            gap: number(tags::GAP_LENGTH).unwrap_or(0.0).max(0.0),
            diameter: number(tags::DIAMETER_OF_VISIBILITY).filter(|v| *v > 0.0),
            ticks: item.items(tags::MAJOR_TICKS_SEQUENCE).iter().take(1000).filter_map(tick).collect(),
            tick_alignment: align(tags::TICK_ALIGNMENT),
            label_alignment: align(tags::TICK_LABEL_ALIGNMENT),
            show_labels: term(item, tags::SHOW_TICK_LABEL) == "Y",
            filled: term(item, tags::GRAPHIC_FILLED) == "Y" || fill.is_some(),
            line: LineStyle::read(item),
            fill,
            text: TextStyle::read(item),
        })
    }
}
