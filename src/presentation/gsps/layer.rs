//! Layers of annotations (PS3.3 C.10.7) and groups of them: their order, colours and names.

use dicom_dictionary_std::tags;

use super::reading::words;
use crate::dicom::{DataSet, Tag};
use crate::presentation::color::{Rgb, gray, read_lab};

/// _Graphic Layer Recommended Display RGB Value_, retired and still met.
const RETIRED_RGB: Tag = Tag(0x0070, 0x0067);

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GraphicLayer {
    pub name: String,
    /// Layers of a higher order are drawn over those of a lower.
    pub order: i64,
    pub description: String,
    /// The colour its drawings are recommended in: CIELab, RGB or a P-value, whichever says most.
    pub color: Option<Rgb>,
    /// The recommended P-value, for pictures without colours.
    pub gray: Option<Rgb>,
}

/// Layers in the order they are drawn in.
pub(super) fn read_layers(data: &DataSet) -> Vec<GraphicLayer> {
    let read = |item: &DataSet| {
        let gray = item.int(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE).map(gray);
        // old colours are words of a display of its own, taken for sRGB
        let old = match item.ints(RETIRED_RGB).get(..3) {
            Some(&[r, g, b]) => Some([r, g, b].map(|v| crate::presentation::color::gray(v)[0])),
            _ => None,
        };
        let lab = read_lab(item, tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
        GraphicLayer {
            name: words(item, tags::GRAPHIC_LAYER),
            order: item.int(tags::GRAPHIC_LAYER_ORDER).unwrap_or(0),
            description: words(item, tags::GRAPHIC_LAYER_DESCRIPTION),
            color: lab.or(old).or(gray),
            gray,
        }
    };
    let mut layers: Vec<_> = data.items(tags::GRAPHIC_LAYER_SEQUENCE).iter().map(read).collect();
    layers.sort_by_key(|layer| layer.order);
    layers
}

/// Annotations that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphicGroup {
    pub id: i64,
    pub label: String,
    pub description: String,
}

pub(super) fn read_groups(data: &DataSet) -> Vec<GraphicGroup> {
    let read = |item: &DataSet| {
        Some(GraphicGroup {
            id: item.int(tags::GRAPHIC_GROUP_ID)?,
            label: words(item, tags::GRAPHIC_GROUP_LABEL),
            description: words(item, tags::GRAPHIC_GROUP_DESCRIPTION),
        })
    };
    data.items(tags::GRAPHIC_GROUP_SEQUENCE).iter().filter_map(read).collect()
}
