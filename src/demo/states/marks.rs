//! Graphic, text and compound objects of presentation states, and layers for them.

use dicom_dictionary_std::tags;

use super::lab;
use crate::dicom::write::{DataSet, Value, item};

/// How a graphic looks that does not look as its layer does.
#[derive(Default)]
pub struct Look {
    pub dashes: Option<i64>,
    /// Opacity of what it is filled with.
    pub filled: Option<f64>,
    pub thickness: f64,
    pub shadow: bool,
}

pub fn layer(name: &str, order: i64, description: &str, color: [u8; 3]) -> DataSet {
    item(|d| {
        d.text(tags::GRAPHIC_LAYER, name)
            .int(tags::GRAPHIC_LAYER_ORDER, [order])
            .int(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, [0xFFFF])
            .text(tags::GRAPHIC_LAYER_DESCRIPTION, description);
        lab(d, tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE, color);
    })
}

/// What one layer draws on an image.
pub fn layer_of(
    name: &str,
    image: DataSet,
    graphics: Vec<DataSet>,
    texts: Vec<DataSet>,
    compounds: Vec<DataSet>,
) -> DataSet {
    item(|d| {
        d.text(tags::GRAPHIC_LAYER, name).sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image]);
        for (tag, items) in [
            (tags::GRAPHIC_OBJECT_SEQUENCE, graphics),
            (tags::TEXT_OBJECT_SEQUENCE, texts),
            (tags::COMPOUND_GRAPHIC_SEQUENCE, compounds),
        ] {
            if !items.is_empty() {
                d.sequence(tag, items);
            }
        }
    })
}

fn points(d: &mut DataSet, points: &[[f64; 2]]) {
    d.int(tags::GRAPHIC_DIMENSIONS, [2])
        .int(tags::NUMBER_OF_GRAPHIC_POINTS, [points.len() as i64])
        .real(tags::GRAPHIC_DATA, points.iter().flatten().copied());
}

fn style(d: &mut DataSet, look: &Look) {
    let shadow = |d: &mut DataSet| {
        d.text(tags::SHADOW_STYLE, if look.shadow { "NORMAL" } else { "OFF" })
            .real(tags::SHADOW_OFFSET_X, [1.5])
            .real(tags::SHADOW_OFFSET_Y, [1.5])
            .real(tags::SHADOW_OPACITY, [0.6]);
        lab(d, tags::SHADOW_COLOR_CIE_LAB_VALUE, [0; 3]);
    };
    let line = item(|d| {
        d.real(tags::PATTERN_ON_OPACITY, [1.0])
            .real(tags::LINE_THICKNESS, [look.thickness.max(1.5)])
            .text(tags::LINE_DASHING_STYLE, if look.dashes.is_some() { "DASHED" } else { "SOLID" });
        if let Some(bits) = look.dashes {
            d.int(tags::LINE_PATTERN, [bits]);
        }
        shadow(d);
    });
    d.sequence(tags::LINE_STYLE_SEQUENCE, vec![line]);
    if let Some(opacity) = look.filled {
        let fill = item(|d| {
            d.real(tags::PATTERN_ON_OPACITY, [opacity]).text(tags::FILL_MODE, "SOLID");
            lab(d, tags::PATTERN_ON_COLOR_CIE_LAB_VALUE, super::ORANGE);
        });
        d.sequence(tags::FILL_STYLE_SEQUENCE, vec![fill]);
    }
}

pub fn graphic(kind: &str, at: &[[f64; 2]], look: Option<&Look>) -> DataSet {
    item(|d| {
        d.text(tags::GRAPHIC_ANNOTATION_UNITS, "PIXEL").text(tags::GRAPHIC_TYPE, kind);
        points(d, at);
        let closed = matches!(kind, "CIRCLE" | "ELLIPSE") || at.len() > 3 && at.first() == at.last();
        if closed {
            let filled = look.is_some_and(|look| look.filled.is_some());
            d.text(tags::GRAPHIC_FILLED, if filled { "Y" } else { "N" });
        }
        if let Some(look) = look {
            style(d, look);
        }
    })
}

/// A compound graphic in pixels.
pub fn compound(
    kind: &str,
    id: i64,
    at: &[[f64; 2]],
    look: Option<&Look>,
    more: impl FnOnce(&mut DataSet),
) -> DataSet {
    item(|d| {
        d.int(tags::COMPOUND_GRAPHIC_INSTANCE_ID, [id])
            .text(tags::COMPOUND_GRAPHIC_UNITS, "PIXEL")
            .text(tags::COMPOUND_GRAPHIC_TYPE, kind);
        points(d, at);
        style(d, look.unwrap_or(&Look::default()));
        more(d);
    })
}

/// A line between its points, for those who draw no compound graphics.
pub fn plain(compound: &DataSet) -> Option<DataSet> {
    let (Value::F32(values), id) =
        (compound.get(tags::GRAPHIC_DATA)?, compound.get(tags::COMPOUND_GRAPHIC_INSTANCE_ID)?)
    else {
        return None;
    };
    let (pairs, _) = values.as_chunks::<2>();
    let at: Vec<[f64; 2]> = pairs.iter().map(|point| point.map(f64::from)).collect();
    let mut line = graphic(if at.len() == 1 { "POINT" } else { "POLYLINE" }, &at, None);
    line.put(tags::COMPOUND_GRAPHIC_INSTANCE_ID, dicom_core::VR::UL, id.clone());
    Some(line)
}

fn words(d: &mut DataSet, text: &str) {
    d.text(tags::UNFORMATTED_TEXT_VALUE, text.replace('\n', "\r\n"));
}

/// Text in a box, with a line to what it is about.
pub fn boxed(
    text: &str,
    units: &str,
    [top_left, bottom_right]: [[f64; 2]; 2],
    justification: &str,
    anchor: Option<[f64; 2]>,
) -> DataSet {
    item(|d| {
        words(d, text);
        d.text(tags::BOUNDING_BOX_ANNOTATION_UNITS, units)
            .real(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, top_left)
            .real(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, bottom_right)
            .text(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, justification);
        if let Some(point) = anchor {
            d.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, "PIXEL")
                .real(tags::ANCHOR_POINT, point)
                .text(tags::ANCHOR_POINT_VISIBILITY, "Y");
        }
    })
}

/// Text beside a point.
pub fn anchored(text: &str, at: [f64; 2], led: bool) -> DataSet {
    item(|d| {
        words(d, text);
        d.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, "PIXEL")
            .real(tags::ANCHOR_POINT, at)
            .text(tags::ANCHOR_POINT_VISIBILITY, if led { "Y" } else { "N" });
    })
}
