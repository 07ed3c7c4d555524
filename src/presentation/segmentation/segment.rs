//! What an object says about one of its segments.

use dicom_dictionary_std::tags;

use crate::dicom::DataSet;
use crate::display::Palette;
use crate::presentation::color::{Rgb, read_lab};
use crate::presentation::sr::Code;

/// One segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub number: u16,
    pub label: String,
    pub description: String,
    /// What kind of thing it is: a tissue, an organ, a change.
    pub category: Option<Code>,
    /// What it is.
    pub kind: Option<Code>,
    /// Left, right, and the like.
    pub modifiers: Vec<Code>,
    pub anatomy: Option<Code>,
    pub algorithm: Algorithm,
    /// Names the same thing in other objects.
    pub tracking_id: String,
    pub tracking_uid: String,
    pub color: Rgb,
    /// Where its colour comes from.
    pub mark: SegmentMark,
}

/// Where the colour of a segment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentMark {
    Recommended,
    /// The palette of a label map.
    Palette,
    /// The object says none.
    Chosen,
}

/// How a segment was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Algorithm {
    /// AUTOMATIC, SEMIAUTOMATIC or MANUAL.
    pub kind: String,
    pub name: String,
    pub version: String,
}

impl Segment {
    /// An item of a Segment Sequence; `None` where it has no number.
    pub(super) fn read(item: &DataSet, palette: Option<&Palette>) -> Option<Self> {
        let number = u16::try_from(item.int(tags::SEGMENT_NUMBER)?).ok()?;
        let text = |tag| item.string(tag).unwrap_or_default().trim().to_owned();
        let kinds = item.item(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE);
        let kind = kinds.and_then(Code::read);
        let modifiers =
            kinds.map(|kind| Code::all(kind, tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE));
        let label = text(tags::SEGMENT_LABEL);
        let named = kind.as_ref().map(|code| code.text().to_owned());
        let recommended = read_lab(item, tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
        let (color, mark) = color(number, recommended, palette);
        Some(Self {
            number,
            label: Some(label).filter(|label| !label.is_empty()).or(named).unwrap_or_else(|| unnamed(number)),
            description: text(tags::SEGMENT_DESCRIPTION),
            category: Code::first(item, tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE),
            kind,
            modifiers: modifiers.unwrap_or_default(),
            anatomy: Code::first(item, tags::ANATOMIC_REGION_SEQUENCE),
            algorithm: Algorithm::read(item),
            tracking_id: text(tags::TRACKING_ID),
            tracking_uid: item.uid(tags::TRACKING_UID).unwrap_or_default(),
            color,
            mark,
        })
    }

    /// One that frames speak of and nothing describes.
    pub(super) fn unknown(number: u16, palette: Option<&Palette>) -> Self {
        let (color, mark) = color(number, None, palette);
        Self {
            number,
            label: unnamed(number),
            description: String::new(),
            category: None,
            kind: None,
            modifiers: Vec::new(),
            anatomy: None,
            algorithm: Algorithm::default(),
            tracking_id: String::new(),
            tracking_uid: String::new(),
            color,
            mark,
        }
    }
}

impl Algorithm {
    fn read(item: &DataSet) -> Self {
        let identified = item.item(tags::SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE);
        let text = |item: &DataSet, tag| item.string(tag).filter(|text| !text.is_empty());
        let name = text(item, tags::SEGMENT_ALGORITHM_NAME);
        let within = |tag| identified.and_then(|item| text(item, tag));
        Self {
            kind: text(item, tags::SEGMENT_ALGORITHM_TYPE).unwrap_or_default(),
            name: name.or_else(|| within(tags::ALGORITHM_NAME)).unwrap_or_default(),
            version: within(tags::ALGORITHM_VERSION).unwrap_or_default(),
        }
    }
}

fn unnamed(number: u16) -> String {
    format!("Segment {number}")
}

/// What the object recommends, else its palette, else one that differs from its neighbours.
fn color(number: u16, recommended: Option<Rgb>, palette: Option<&Palette>) -> (Rgb, SegmentMark) {
    match (recommended, palette) {
        (Some(color), _) => (color, SegmentMark::Recommended),
        (None, Some(palette)) => (palette.rgb(i64::from(number)), SegmentMark::Palette),
        (None, None) => (distinct(number), SegmentMark::Chosen),
    }
}

/// Colours that are told apart, also by most people who see red and green alike and on grey; then the same ones
/// lighter and darker.
pub(super) fn distinct(number: u16) -> Rgb {
    const COLORS: [Rgb; 12] = [
        [230, 75, 53],
        [77, 187, 213],
        [250, 200, 60],
        [0, 160, 135],
        [200, 110, 220],
        [140, 200, 75],
        [245, 145, 50],
        [85, 120, 230],
        [240, 120, 170],
        [165, 125, 80],
        [120, 225, 190],
        [190, 190, 255],
    ];
    let place = usize::from(number.wrapping_sub(1));
    let [r, g, b] = COLORS.get(place % COLORS.len()).copied().unwrap_or([255; 3]);
    match place / COLORS.len() % 3 {
        0 => [r, g, b],
        1 => [r, g, b].map(|v| v - v / 3),
        _ => [r, g, b].map(|v| v + (255 - v) / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_dozen_colours_differ() {
        let colors: std::collections::BTreeSet<Rgb> = (1..=36).map(distinct).collect();
        assert_eq!(colors.len(), 36);
        assert_eq!(distinct(37), distinct(1));
    }
}
