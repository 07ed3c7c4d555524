//! Graphics and text on an image (PS3.3 C.10.5), as they are said.

use dicom_dictionary_std::tags;

use super::compound::Compound;
use super::coordinates::Units;
use super::reading::{Reading, pair, term, words};
use super::relation::Scope;
use super::style::{Align, FillStyle, LineStyle, TextStyle};
use crate::dicom::DataSet;

/// What the points of a graphic mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphicKind {
    Point,
    Polyline,
    /// A curve through all points.
    Interpolated,
    /// Its centre and a point on it.
    Circle,
    /// The ends of the major axis, then those of the minor one.
    Ellipse,
}

/// A graphic object.
#[derive(Debug, Clone, PartialEq)]
pub struct Graphic {
    pub kind: GraphicKind,
    pub units: Units,
    pub points: Vec<[f64; 2]>,
    pub filled: bool,
    pub line: Option<LineStyle>,
    pub fill: Option<FillStyle>,
    pub compound_id: Option<i64>,
    pub group: Option<i64>,
}

/// Where text is to lie: two corners of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    pub units: Units,
    /// As the text is read: where it begins, and opposite of that.
    pub top_left: [f64; 2],
    pub bottom_right: [f64; 2],
    pub justification: Align,
}

/// What text belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    pub units: Units,
    pub point: [f64; 2],
    /// Whether a line leads there from the text.
    pub visible: bool,
}

/// A text object. One of box and anchor is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    pub bounds: Option<TextBox>,
    pub anchor: Option<Anchor>,
    pub style: Option<TextStyle>,
    pub compound_id: Option<i64>,
    pub group: Option<i64>,
}

/// What one item of the Graphic Annotation Sequence draws, in one layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotation {
    pub scope: Scope,
    pub layer: String,
    pub graphics: Vec<Graphic>,
    pub texts: Vec<Text>,
    pub compounds: Vec<Compound>,
}

impl Annotation {
    pub(super) fn read_all(data: &DataSet, reading: &mut Reading) -> Vec<Self> {
        let items = data.items(tags::GRAPHIC_ANNOTATION_SEQUENCE);
        items.iter().map(|item| Self::read(item, reading)).collect()
    }

    fn read(item: &DataSet, reading: &mut Reading) -> Self {
        fn each<T>(
            items: &[DataSet],
            reading: &mut Reading,
            read: impl Fn(&DataSet, &mut Reading) -> Option<T>,
        ) -> Vec<T> {
            let mut found = Vec::new();
            for item in items {
                if !reading.object() {
                    break;
                }
                found.extend(read(item, reading));
            }
            found
        }
        let compounds = each(item.items(tags::COMPOUND_GRAPHIC_SEQUENCE), reading, Compound::read);
        let mut graphics = each(item.items(tags::GRAPHIC_OBJECT_SEQUENCE), reading, Graphic::read);
        let mut texts = each(item.items(tags::TEXT_OBJECT_SEQUENCE), reading, Text::read);
        // Simple objects say what a compound one is for those who cannot draw it; we can.
        let drawn: std::collections::HashSet<i64> =
            compounds.iter().filter_map(|compound: &Compound| compound.id).collect();
        let is_left = |id: Option<i64>| id.is_none_or(|id| !drawn.contains(&id));
        graphics.retain(|graphic: &Graphic| is_left(graphic.compound_id));
        texts.retain(|text: &Text| is_left(text.compound_id));
        let layer = words(item, tags::GRAPHIC_LAYER);
        Self { scope: Scope::read(item), layer, graphics, texts, compounds }
    }
}

impl Graphic {
    fn read(item: &DataSet, reading: &mut Reading) -> Option<Self> {
        let kind = match term(item, tags::GRAPHIC_TYPE).as_str() {
            "POINT" => GraphicKind::Point,
            "POLYLINE" => GraphicKind::Polyline,
            "INTERPOLATED" => GraphicKind::Interpolated,
            "CIRCLE" => GraphicKind::Circle,
            "ELLIPSE" => GraphicKind::Ellipse,
            other => {
                reading.warn(format!("graphics of the type “{other}” are not known and left out"));
                return None;
            }
        };
        if item.int(tags::GRAPHIC_DIMENSIONS).is_some_and(|n| n != 2) {
            reading.warn("graphics of other than two dimensions are left out");
            return None;
        }
        let units = Units::parse(&term(item, tags::GRAPHIC_ANNOTATION_UNITS), reading);
        let points = reading.points(item, tags::GRAPHIC_DATA, item.int(tags::NUMBER_OF_GRAPHIC_POINTS));
        let least = match kind {
            GraphicKind::Point => 1,
            GraphicKind::Polyline | GraphicKind::Interpolated | GraphicKind::Circle => 2,
            GraphicKind::Ellipse => 4,
        };
        if points.len() < least {
            reading.warn("a graphic has too few points and is left out");
            return None;
        }
        Some(Self {
            kind,
            units,
            points,
            filled: term(item, tags::GRAPHIC_FILLED) == "Y",
            line: LineStyle::read(item),
            fill: FillStyle::read(item),
            compound_id: item.int(tags::COMPOUND_GRAPHIC_INSTANCE_ID),
            group: item.int(tags::GRAPHIC_GROUP_ID),
        })
    }
}

impl Text {
    fn read(item: &DataSet, reading: &mut Reading) -> Option<Self> {
        let text = item.string(tags::UNFORMATTED_TEXT_VALUE).unwrap_or_default().replace("\r\n", "\n");
        if text.trim().is_empty() {
            return None;
        }
        let bounds = || {
            let top_left = pair(item, tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER)?;
            let bottom_right = pair(item, tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER)?;
            let justification = match term(item, tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION).as_str() {
                "CENTER" => Align::Center,
                "RIGHT" => Align::End,
                _ => Align::Start,
            };
            Some((top_left, bottom_right, justification))
        };
        let bounds = bounds().map(|(top_left, bottom_right, justification)| {
            let units = Units::parse(&term(item, tags::BOUNDING_BOX_ANNOTATION_UNITS), reading);
            TextBox { units, top_left, bottom_right, justification }
        });
        let anchor = pair(item, tags::ANCHOR_POINT).map(|point| Anchor {
            units: Units::parse(&term(item, tags::ANCHOR_POINT_ANNOTATION_UNITS), reading),
            point,
            visible: term(item, tags::ANCHOR_POINT_VISIBILITY) == "Y",
        });
        if bounds.is_none() && anchor.is_none() {
            reading.warn("a text has no place on the image and is left out");
            return None;
        }
        Some(Self {
            text: text.trim_end().to_owned(),
            bounds,
            anchor,
            style: TextStyle::read(item),
            compound_id: item.int(tags::COMPOUND_GRAPHIC_INSTANCE_ID),
            group: item.int(tags::GRAPHIC_GROUP_ID),
        })
    }
}
