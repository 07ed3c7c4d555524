//! From an object to a segmentation: with bounds, and saying what was mended.

use std::collections::BTreeMap;

use dicom_dictionary_std::{tags, uids};

use super::segment::Segment;
use super::{KEPT_BYTES, Segmentation, SegmentationKind};
use crate::dicom::{DataSet, DicomFile, ImageInfo, PixelLayout, functional_group, uid};
use crate::display::{Palette, stored_range};
use crate::presentation::kept::Kept;
use crate::presentation::lying::{Lying, MAX_FRAMES, NotRead};

/// Segments beyond this many are not described.
const MAX_SEGMENTS: usize = 65_535;
/// Frames of an object that describes none.
const MAX_UNDESCRIBED: u32 = 4096;

/// Whether an object is a segmentation, by its class.
pub fn is_segmentation(class_uid: &str) -> bool {
    [uids::SEGMENTATION_STORAGE, uids::LABEL_MAP_SEGMENTATION_STORAGE].contains(&class_uid)
}

impl Segmentation {
    /// Reads what an object says about its segments and frames; no pixels yet.
    ///
    /// # Errors
    /// It is something else, or its pixels make no image.
    pub fn read(file: &DicomFile) -> Result<Self, NotRead> {
        let data = &file.data;
        let class = data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
        let kind = if is_segmentation(&class) { kind_of(data, &class) } else { None };
        let kind = kind.ok_or(NotRead::Other("segmentation"))?;
        let image = file.image().map_err(NotRead::Image)?;
        let info = image.info();
        let mut warnings = Vec::new();
        let palette = Palette::read(data, stored_range(info));
        let palette = palette.filter(|_| kind == SegmentationKind::LabelMap);
        let mut segments = BTreeMap::new();
        for item in data.items(tags::SEGMENT_SEQUENCE).iter().take(MAX_SEGMENTS) {
            match Segment::read(item, palette.as_ref()) {
                Some(segment) => _ = segments.entry(segment.number).or_insert(segment),
                None => warnings.push("a segment without a number was left out".to_owned()),
            }
        }
        let parts = parts(data, info, kind, &mut segments, &mut warnings);
        for part in parts.iter().filter(|_| kind != SegmentationKind::LabelMap) {
            let number = u16::try_from(*part).unwrap_or(0);
            segments.entry(number).or_insert_with(|| {
                warnings.push(format!("frames are of a segment that is not described: {number}"));
                Segment::unknown(number, None)
            });
        }
        warnings.dedup();
        warnings.truncate(16);
        let background = data.int(tags::PIXEL_PADDING_VALUE).and_then(|v| u16::try_from(v).ok()).unwrap_or(0);
        if kind == SegmentationKind::LabelMap {
            segments.remove(&background);
        }
        let native = matches!(file.pixels.map(|pixels| pixels.layout), Some(PixelLayout::Native { .. }));
        let syntax = image.transfer_syntax();
        let packed = native
            && info.bits_allocated == 1
            && info.samples_per_pixel == 1
            && uid::is_native(syntax)
            && !uid::is_big_endian(syntax);
        let text = |tag| data.string(tag).unwrap_or_default().trim().to_owned();
        let maximum = data.int(tags::MAXIMUM_FRACTIONAL_VALUE).and_then(|v| u16::try_from(v).ok());
        let lying = Lying::read(data, info, &parts);
        Ok(Self {
            kind,
            label: text(tags::CONTENT_LABEL),
            description: text(tags::CONTENT_DESCRIPTION),
            creator: text(tags::CONTENT_CREATOR_NAME),
            segments: segments.into_values().collect(),
            frame_of_reference: lying.frame_of_reference().map(str::to_owned),
            warnings,
            maximum: maximum.filter(|v| *v > 0).unwrap_or(255),
            background,
            packed,
            lying,
            masks: Kept::new(KEPT_BYTES),
            image,
        })
    }
}

fn kind_of(data: &DataSet, class: &str) -> Option<SegmentationKind> {
    let term = |tag| data.string(tag).unwrap_or_default().trim().to_uppercase();
    match term(tags::SEGMENTATION_TYPE).as_str() {
        "LABELMAP" => Some(SegmentationKind::LabelMap),
        _ if class == uids::LABEL_MAP_SEGMENTATION_STORAGE => Some(SegmentationKind::LabelMap),
        "FRACTIONAL" if term(tags::SEGMENTATION_FRACTIONAL_TYPE) == "OCCUPANCY" => {
            Some(SegmentationKind::Occupancy)
        }
        "FRACTIONAL" => Some(SegmentationKind::Probability),
        "BINARY" => Some(SegmentationKind::Binary),
        _ if data.int(tags::BITS_ALLOCATED) == Some(1) => Some(SegmentationKind::Binary),
        _ => None,
    }
}

/// The segment of every frame; a label map is one part.
fn parts(
    data: &DataSet,
    info: &ImageInfo,
    kind: SegmentationKind,
    segments: &mut BTreeMap<u16, Segment>,
    warnings: &mut Vec<String>,
) -> Vec<u32> {
    let described = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).len();
    let described = u32::try_from(described).unwrap_or(u32::MAX);
    // What no item describes has no place; an object without any may have a few frames that are taken in order.
    let most = if described == 0 { MAX_UNDESCRIBED } else { described.min(MAX_FRAMES) };
    let frames = info.frames.min(most);
    if frames < info.frames {
        warnings.push(format!("{} frames are not described and were left out", info.frames - frames));
    }
    if kind == SegmentationKind::LabelMap {
        return vec![0; frames as usize];
    }
    let only = if segments.len() == 1 { segments.keys().next().copied() } else { None };
    let of = |frame| {
        let group = functional_group(data, frame, tags::SEGMENT_IDENTIFICATION_SEQUENCE);
        let number = group.and_then(|item| item.int(tags::REFERENCED_SEGMENT_NUMBER));
        let number = number.and_then(|n| u16::try_from(n).ok()).or(only);
        u32::from(number.unwrap_or(0))
    };
    (0..frames).map(of).collect()
}
