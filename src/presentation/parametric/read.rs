//! From an object to a parametric map: with bounds, and saying what was mended.

use dicom_dictionary_std::{tags, uids};

use super::mapping::Mapping;
use super::{KEPT_BYTES, ParametricMap};
use crate::dicom::{DataSet, DicomFile, ImageInfo, SampleKind, Tag, functional_group};
use crate::display::{Modality, Palette, stored_range};
use crate::presentation::color_map::{ColorMap, ColorTable, stretched};
use crate::presentation::kept::Kept;
use crate::presentation::lying::{Lying, MAX_FRAMES, NotRead};

/// Frames of different meaning beyond this many are taken for the last.
const MAX_QUANTITIES: usize = 256;

/// Whether an object is a parametric map, by its class.
pub fn is_parametric_map(class_uid: &str) -> bool {
    class_uid == uids::PARAMETRIC_MAP_STORAGE
}

impl ParametricMap {
    /// Reads what an object says about its values and frames; no pixels yet.
    ///
    /// # Errors
    /// It is something else, or its pixels make no image.
    pub fn read(file: &DicomFile) -> Result<Self, NotRead> {
        let data = &file.data;
        if !is_parametric_map(&data.uid(tags::SOP_CLASS_UID).unwrap_or_default()) {
            return Err(NotRead::Other("parametric map"));
        }
        let image = file.image().map_err(NotRead::Image)?;
        let info = image.info();
        let mut warnings = Vec::new();
        let (quantities, parts) = quantities(data, info, &mut warnings);
        let first_of = |quantity| parts.iter().position(|part| *part == quantity).unwrap_or(0);
        let count = u32::try_from(quantities.len()).unwrap_or(0);
        let windows = (0..count).map(|quantity| window(data, info, first_of(quantity) as u32)).collect();
        let text = |tag| data.string(tag).unwrap_or_default().trim().to_owned();
        let lying = Lying::read(data, info, &parts);
        Ok(Self {
            label: text(tags::CONTENT_LABEL),
            description: text(tags::CONTENT_DESCRIPTION),
            creator: text(tags::CONTENT_CREATOR_NAME),
            frame_of_reference: lying.frame_of_reference().map(str::to_owned),
            palette: palette(data, info),
            warnings,
            quantities,
            windows,
            padding: padding(data, info),
            lying,
            frames: Kept::new(KEPT_BYTES),
            image,
        })
    }
}

/// The lists of mappings that occur, and which of them each frame has.
fn quantities(data: &DataSet, info: &ImageInfo, warnings: &mut Vec<String>) -> (Vec<Vec<Mapping>>, Vec<u32>) {
    let tag = tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE;
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let shared =
        data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).map(|item| item.items(tag)).unwrap_or_default();
    let for_all = if shared.is_empty() { data.items(tag) } else { shared };
    let for_all = Mapping::read_all(for_all, info);
    let mut lists: Vec<Vec<Mapping>> = Vec::new();
    let mut parts = Vec::new();
    let frames = info.frames.min(MAX_FRAMES);
    if frames < info.frames {
        warnings.push(format!("{} frames were left out", info.frames - frames));
    }
    // Beyond what is described all frames are alike.
    let described = u32::try_from(per_frame.len()).unwrap_or(u32::MAX);
    let mut found_none = false;
    for frame in 0..frames.min(described.saturating_add(4096)) {
        let own = usize::try_from(frame).ok().and_then(|at| per_frame.get(at)).map(|item| item.items(tag));
        let own = own.map(|items| Mapping::read_all(items, info)).unwrap_or_default();
        let mut list = if own.is_empty() { for_all.clone() } else { own };
        if list.is_empty() {
            found_none = true;
            list.push(Mapping::of_modality(data, frame, info));
        }
        let at = lists.iter().rposition(|known| *known == list).unwrap_or_else(|| {
            if lists.len() < MAX_QUANTITIES {
                lists.push(list);
            }
            lists.len() - 1
        });
        parts.push(u32::try_from(at).unwrap_or(0));
    }
    if found_none {
        warnings.push(
            "the map does not say what its values mean; they are shown as stored or rescaled".to_owned(),
        );
    }
    (lists, parts)
}

/// The stored values at the ends of the object's first window.
fn window(data: &DataSet, info: &ImageInfo, frame: u32) -> Option<(f64, f64)> {
    let own = functional_group(data, frame, tags::FRAME_VOILUT_SEQUENCE);
    let mut places = own.into_iter().chain([data]);
    let (center, width) = places.find_map(|place| {
        let number = |tag| place.float(tag).filter(|v: &f64| v.is_finite());
        Some((number(tags::WINDOW_CENTER)?, number(tags::WINDOW_WIDTH).filter(|w| *w > 0.0)?))
    })?;
    let (modality, _) = Modality::read(data, frame, stored_range(info));
    let Modality::Rescale { slope, intercept } = modality else { return None };
    let stored = |value: f64| (value - intercept) / slope;
    Some((stored(center - width / 2.0), stored(center + width / 2.0)))
}

/// The palette of the object: a well-known one by its UID, else its tables.
fn palette(data: &DataSet, info: &ImageInfo) -> Option<(String, ColorTable)> {
    let known = data.uid(tags::PALETTE_COLOR_LOOKUP_TABLE_UID).and_then(|uid| ColorMap::by_uid(&uid));
    if let Some(map) = known {
        return Some((map.name().to_owned(), map.table()));
    }
    let tables = Palette::read(data, stored_range(info))?;
    Some(("of the object".to_owned(), stretched(&tables)?))
}

/// The stored values that stand for nothing, from the lowest to the highest.
fn padding(data: &DataSet, info: &ImageInfo) -> Option<(f64, f64)> {
    let of = |value: Tag, limit: Tag| {
        let number = |tag| match info.kind {
            SampleKind::Integer => {
                let v = data.int(tag)?;
                let signed = info.signed && (0x8000..0x1_0000).contains(&v);
                Some(if signed { v - 0x1_0000 } else { v } as f64)
            }
            SampleKind::Float | SampleKind::Double => data.float(tag),
        };
        let value = number(value)?;
        let limit = number(limit).unwrap_or(value);
        Some((value.min(limit), value.max(limit)))
    };
    match info.kind {
        SampleKind::Integer => of(tags::PIXEL_PADDING_VALUE, tags::PIXEL_PADDING_RANGE_LIMIT),
        SampleKind::Float => of(tags::FLOAT_PIXEL_PADDING_VALUE, tags::FLOAT_PIXEL_PADDING_RANGE_LIMIT),
        SampleKind::Double => {
            of(tags::DOUBLE_FLOAT_PIXEL_PADDING_VALUE, tags::DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT)
        }
    }
}
