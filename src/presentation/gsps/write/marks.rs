//! Annotations as elements: layers, and in each of them what is drawn on which frames, with its looks.

use std::collections::{HashMap, HashSet};

use dicom_dictionary_std::tags;

use super::{Seen, part};
use crate::dicom::write::{DataSet, Value, item};
use crate::dicom::{Tag, VR};
use crate::presentation::color::{Rgb, to_lab_words};
use crate::presentation::gsps::annotation::{Graphic, GraphicKind, Text};
use crate::presentation::gsps::coordinates::Units;
use crate::presentation::gsps::layer::GraphicLayer;
use crate::presentation::gsps::style::{Align, FillStyle, LineStyle, Shadow, TextStyle};

/// Letters of a code string.
const LONGEST_NAME: usize = 16;

/// Everything that is drawn, and the layers it is in.
pub(super) fn put(d: &mut DataSet, layers: &[GraphicLayer], images: &[Seen<'_>]) {
    let named = images.iter().flat_map(|seen| &seen.drawn).map(|drawn| drawn.layer.as_str());
    let mut written = Vec::new();
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut taken = HashSet::new();
    let unsaid = layers.iter().map(|layer| layer.order).max().map_or(1, |order| order.saturating_add(1));
    let described = layers.iter().map(|known| (known.name.as_str(), Some(known)));
    for (name, known) in described.chain(named.map(|name| (name, None))) {
        if names.contains_key(name) {
            continue;
        }
        let legal = free(&label(name), &mut taken);
        let fresh = || GraphicLayer { order: unsaid, ..GraphicLayer::default() };
        written.push(layer(&known.map_or_else(fresh, GraphicLayer::clone), &legal));
        names.insert(name, legal);
    }
    let annotations = images.iter().flat_map(|seen| {
        let names = &names;
        seen.drawn.iter().filter_map(move |drawn| {
            let graphics: Vec<DataSet> = drawn.graphics.iter().map(graphic).collect();
            let texts: Vec<DataSet> = drawn.texts.iter().map(text).collect();
            let name = names.get(drawn.layer.as_str())?;
            (!graphics.is_empty() || !texts.is_empty()).then(|| {
                item(|d| {
                    d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, part(seen, &drawn.frames))
                        .text(tags::GRAPHIC_LAYER, name.as_str());
                    if !texts.is_empty() {
                        d.sequence(tags::TEXT_OBJECT_SEQUENCE, texts);
                    }
                    if !graphics.is_empty() {
                        d.sequence(tags::GRAPHIC_OBJECT_SEQUENCE, graphics);
                    }
                })
            })
        })
    });
    let annotations: Vec<DataSet> = annotations.collect();
    if !annotations.is_empty() {
        d.sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, annotations);
        d.sequence(tags::GRAPHIC_LAYER_SEQUENCE, written);
    }
}

/// A code string: capitals, digits, blanks and underscores, sixteen of them at most.
pub(super) fn label(text: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == ' ' { c.to_ascii_uppercase() } else { '_' };
    let legal: String = text.trim().chars().map(legal).take(LONGEST_NAME).collect();
    let legal = legal.trim_end();
    if legal.is_empty() { "PRESENTATION".to_owned() } else { legal.to_owned() }
}

/// A name no other has: what differs only in what no code string can say is numbered.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2u32..).map(|number| {
        let end = format!("_{number}");
        let begin: String = name.chars().take(LONGEST_NAME.saturating_sub(end.len())).collect();
        begin + &end
    });
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}

fn layer(layer: &GraphicLayer, name: &str) -> DataSet {
    item(|d| {
        d.text(tags::GRAPHIC_LAYER, name).int(tags::GRAPHIC_LAYER_ORDER, [layer.order]);
        if let Some([level, ..]) = layer.gray {
            d.int(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, [i64::from(level) * 257]);
        }
        if let Some(color) = layer.color {
            let words = to_lab_words(color).map(i64::from);
            d.int(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE, words);
        }
        if !layer.description.is_empty() {
            d.text(tags::GRAPHIC_LAYER_DESCRIPTION, layer.description.chars().take(64).collect::<String>());
        }
    })
}

fn units(units: Units) -> &'static str {
    match units {
        Units::Pixel => "PIXEL",
        Units::Display => "DISPLAY",
        Units::Matrix => "MATRIX",
    }
}

fn graphic(graphic: &Graphic) -> DataSet {
    let kind = match graphic.kind {
        GraphicKind::Point => "POINT",
        GraphicKind::Polyline => "POLYLINE",
        GraphicKind::Interpolated => "INTERPOLATED",
        GraphicKind::Circle => "CIRCLE",
        GraphicKind::Ellipse => "ELLIPSE",
    };
    let closes = match graphic.kind {
        GraphicKind::Circle | GraphicKind::Ellipse => true,
        GraphicKind::Point => false,
        _ => graphic.points.len() > 3 && graphic.points.first() == graphic.points.last(),
    };
    item(|d| {
        d.text(tags::GRAPHIC_ANNOTATION_UNITS, units(graphic.units))
            .int(tags::GRAPHIC_DIMENSIONS, [2])
            .int(tags::NUMBER_OF_GRAPHIC_POINTS, [graphic.points.len().min(65535) as i64])
            .real(tags::GRAPHIC_DATA, graphic.points.iter().take(65535).flatten().copied())
            .text(tags::GRAPHIC_TYPE, kind);
        if closes {
            d.text(tags::GRAPHIC_FILLED, if graphic.filled { "Y" } else { "N" });
        }
        if let Some(line) = &graphic.line {
            d.sequence(tags::LINE_STYLE_SEQUENCE, vec![line_style(line)]);
        }
        if let Some(fill) = graphic.fill.as_ref().filter(|_| closes) {
            d.sequence(tags::FILL_STYLE_SEQUENCE, vec![fill_style(fill)]);
        }
    })
}

fn color(d: &mut DataSet, rgb: Rgb, opacity: f64) {
    d.int(tags::PATTERN_ON_COLOR_CIE_LAB_VALUE, to_lab_words(rgb).map(i64::from))
        .real(tags::PATTERN_ON_OPACITY, [opacity]);
}

/// All of it is there in any case; of none it says nothing.
fn shadow(d: &mut DataSet, shadow: Option<&Shadow>) {
    let style = match shadow {
        None => "OFF",
        Some(shadow) if shadow.outlined => "OUTLINED",
        Some(_) => "NORMAL",
    };
    let [x, y] = shadow.map_or([0.0; 2], |shadow| shadow.offset);
    let (color, opacity) = shadow.map_or(([0; 3], 0.0), |shadow| (shadow.color, shadow.opacity));
    d.text(tags::SHADOW_STYLE, style)
        .real(tags::SHADOW_OFFSET_X, [x])
        .real(tags::SHADOW_OFFSET_Y, [y])
        .int(tags::SHADOW_COLOR_CIE_LAB_VALUE, to_lab_words(color).map(i64::from))
        .real(tags::SHADOW_OPACITY, [opacity]);
}

fn line_style(line: &LineStyle) -> DataSet {
    item(|d| {
        color(d, line.color.unwrap_or([u8::MAX; 3]), line.opacity);
        if let Some((gaps, opacity)) = line.gaps {
            d.int(tags::PATTERN_OFF_COLOR_CIE_LAB_VALUE, to_lab_words(gaps).map(i64::from))
                .real(tags::PATTERN_OFF_OPACITY, [opacity]);
        }
        d.real(tags::LINE_THICKNESS, [line.thickness])
            .text(tags::LINE_DASHING_STYLE, if line.dashes.is_some() { "DASHED" } else { "SOLID" });
        if let Some(bits) = line.dashes {
            d.int(tags::LINE_PATTERN, [i64::from(bits)]);
        }
        shadow(d, line.shadow.as_ref());
    })
}

fn fill_style(fill: &FillStyle) -> DataSet {
    item(|d| {
        color(d, fill.color.unwrap_or([u8::MAX; 3]), fill.opacity);
        d.text(tags::FILL_MODE, if fill.pattern.is_some() { "STIPPELED" } else { "SOLID" });
        if let Some((gaps, opacity)) = fill.gaps {
            d.int(tags::PATTERN_OFF_COLOR_CIE_LAB_VALUE, to_lab_words(gaps).map(i64::from))
                .real(tags::PATTERN_OFF_OPACITY, [opacity]);
        }
        if let Some(pattern) = &fill.pattern {
            d.put(tags::FILL_PATTERN, VR::OB, Value::Bytes(pattern.to_vec()));
        }
    })
}

fn text_style(style: &TextStyle) -> DataSet {
    let yes = |yes| if yes { "Y" } else { "N" };
    let align = |align, [start, end]: [&'static str; 2]| match align {
        Align::Start => start,
        Align::Center => "CENTER",
        Align::End => end,
    };
    item(|d| {
        if !style.font.is_empty() {
            d.text(tags::FONT_NAME, style.font.as_str()).text(tags::FONT_NAME_TYPE, "ISO_32000");
        }
        let font = if style.css_font.is_empty() { "sans-serif" } else { style.css_font.as_str() };
        let letters = style.color.unwrap_or([u8::MAX; 3]);
        d.text(tags::CSS_FONT_NAME, font)
            .int(tags::TEXT_COLOR_CIE_LAB_VALUE, to_lab_words(letters).map(i64::from))
            .text(tags::UNDERLINED, yes(style.underlined))
            .text(tags::BOLD, yes(style.bold))
            .text(tags::ITALIC, yes(style.italic));
        if let Some(along) = style.horizontal {
            d.text(tags::HORIZONTAL_ALIGNMENT, align(along, ["LEFT", "RIGHT"]));
        }
        if let Some(along) = style.vertical {
            d.text(tags::VERTICAL_ALIGNMENT, align(along, ["TOP", "BOTTOM"]));
        }
        shadow(d, style.shadow.as_ref());
    })
}

fn text(text: &Text) -> DataSet {
    let put = |d: &mut DataSet, tag: Tag, point: [f64; 2]| {
        d.real(tag, point);
    };
    item(|d| {
        d.text(
            tags::UNFORMATTED_TEXT_VALUE,
            text.text.replace('\n', "\r\n").chars().take(1024).collect::<String>(),
        );
        if let Some(bounds) = &text.bounds {
            d.text(tags::BOUNDING_BOX_ANNOTATION_UNITS, units(bounds.units));
            put(d, tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, bounds.top_left);
            put(d, tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, bounds.bottom_right);
            let side = match bounds.justification {
                Align::Start => "LEFT",
                Align::Center => "CENTER",
                Align::End => "RIGHT",
            };
            d.text(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, side);
        }
        if let Some(anchor) = &text.anchor {
            d.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, units(anchor.units));
            put(d, tags::ANCHOR_POINT, anchor.point);
            d.text(tags::ANCHOR_POINT_VISIBILITY, if anchor.visible { "Y" } else { "N" });
        }
        if let Some(style) = &text.style {
            d.sequence(tags::TEXT_STYLE_SEQUENCE, vec![text_style(style)]);
        }
    })
}
