//! One instance out of metadata: its elements mended, the values a picture needs fetched, its frames to come.

use std::sync::Arc;

use dicom_core::VR;
use dicom_dictionary_std::tags;

use super::json::Instance;
use super::places::{self, is_part};
use super::remote::{Known, Remote};
use super::retrieve;
use super::server::Server;
use super::{Watch, WebError};
use crate::dicom::{
    DataSet, DicomFile, Element, FrameSource, ImageInfo, Photometric, SampleKind, Tag, Value, uid,
};
use crate::study::Entry;

/// Bytes of lookup tables and overlays fetched with an instance.
const MOST_TABLES: u64 = 64 << 20;
/// What stands for pixel data that is fetched frame by frame.
const PIXELS: u32 = u32::MAX;
/// Objects whose pixels may be floats (PS3.3 A.75).
const PARAMETRIC_MAP: &str = "1.2.840.10008.5.1.4.1.1.30";

/// Where an instance was found.
pub(super) struct Place<'a> {
    pub(super) study: &'a str,
    /// What was asked for, below the root.
    pub(super) request: &'a str,
    pub(super) order: usize,
}

/// The entry of an instance, whose header is that of a remote object.
pub(super) fn entry(
    server: &Arc<Server>,
    instance: Instance,
    place: &Place<'_>,
    watch: &Watch,
) -> Result<Entry, WebError> {
    let Instance { mut data, meta, bulk } = instance;
    let uid = |tag: Tag| data.uid(tag).filter(|uid| is_part(uid));
    let missing = |what: &str| WebError::Nonsense(format!("an instance has no {what}"));
    let series = uid(tags::SERIES_INSTANCE_UID).ok_or_else(|| missing("series"))?;
    let object = uid(tags::SOP_INSTANCE_UID).ok_or_else(|| missing("UID"))?;
    let study = uid(tags::STUDY_INSTANCE_UID).unwrap_or_else(|| place.study.to_owned());
    let target = format!("/studies/{study}/series/{series}/instances/{object}");
    let base = server.transport.base();
    let request = format!("{base}{}", place.request);
    let places: Vec<Vec<String>> =
        bulk.iter().map(|uri| places::places(uri, base, &request, &target)).collect();
    let pixels = pixels(&mut data);
    let mut warnings = Vec::new();
    let mut left = MOST_TABLES;
    let mut fetch = |number: u32| {
        let places = usize::try_from(number).ok().and_then(|number| places.get(number))?;
        match retrieve::bulk(server, places, left, watch) {
            Ok(bytes) => {
                left = left.saturating_sub(bytes.len() as u64);
                Some(bytes)
            }
            Err(error) => {
                warnings.push(format!("a table of the image could not be fetched: {error}"));
                None
            }
        }
    };
    data.bring_remote(&is_wanted, &mut fetch);
    let syntax = transfer_syntax(&data, &meta, pixels);
    let lengths = lengths(&data, &syntax);
    let frames = data.int(tags::NUMBER_OF_FRAMES).and_then(|n| u32::try_from(n).ok()).unwrap_or(1).max(1);
    let known = Known { target, frames, lengths, bulk: places };
    let remote = Arc::new(Remote::new(server, known));
    let path = remote.label().into();
    let mut file = DicomFile::from_parts(data, syntax, pixels, remote);
    file.meta = meta;
    file.warnings = warnings;
    let mut entry = Entry::read(&file, path, place.order);
    entry.study_uid = Some(study);
    entry.header = Some(Arc::new(file));
    Ok(entry)
}

/// Whether something has to be fetched before this instance is an entry.
pub(super) fn wants_more(instance: &Instance) -> bool {
    !instance.bulk.is_empty() && has_remote(&instance.data, &is_wanted)
}

fn has_remote(data: &DataSet, wanted: &dyn Fn(Tag) -> bool) -> bool {
    data.elements().iter().any(|element| match &element.value {
        Value::Items(items) => items.iter().any(|item| has_remote(item, wanted)),
        Value::Remote { .. } => wanted(element.tag),
        _ => false,
    })
}

/// Values that are looked at before anything is drawn: lookup tables, palettes, overlays.
fn is_wanted(tag: Tag) -> bool {
    match tag.group() {
        0x0028 => matches!(tag.element(), 0x1201..=0x1203 | 0x1221..=0x1223 | 0x3006 | 0x1408..=0x140A),
        group @ 0x6000..=0x60FF => group % 2 == 0 && tag.element() == 0x3000,
        _ => false,
    }
}

/// The pixel data element: that of the metadata, or one for it, since servers leave it out, compressed pixels
/// above all. Whatever it said, frames are fetched.
fn pixels(data: &mut DataSet) -> Option<(Tag, VR)> {
    let all = [tags::PIXEL_DATA, tags::FLOAT_PIXEL_DATA, tags::DOUBLE_FLOAT_PIXEL_DATA];
    let there = all.into_iter().find(|tag| data.contains(*tag));
    let has = |tag| data.int(tag).is_some_and(|value| value > 0);
    let described = has(tags::ROWS) && has(tags::COLUMNS);
    let by_class = || {
        let float = data.uid(tags::SOP_CLASS_UID).as_deref() == Some(PARAMETRIC_MAP);
        match data.int(tags::BITS_ALLOCATED)? {
            32 if float => Some(tags::FLOAT_PIXEL_DATA),
            64 if float => Some(tags::DOUBLE_FLOAT_PIXEL_DATA),
            _ => Some(tags::PIXEL_DATA),
        }
    };
    let tag = match there {
        Some(tag) => tag,
        None => by_class().filter(|_| described)?,
    };
    let vr = match tag {
        tags::FLOAT_PIXEL_DATA => VR::OF,
        tags::DOUBLE_FLOAT_PIXEL_DATA => VR::OD,
        _ => data.get(tag).map(|element| element.vr).filter(|vr| *vr == VR::OB).unwrap_or(VR::OW),
    };
    data.set(Element { tag, vr, value: Value::Remote { number: PIXELS } });
    Some((tag, vr))
}

/// What is known of the transfer syntax before a frame has come; nothing, often.
fn transfer_syntax(data: &DataSet, meta: &DataSet, pixels: Option<(Tag, VR)>) -> String {
    let available = data.strings(tags::AVAILABLE_TRANSFER_SYNTAX_UID);
    let only = match &available[..] {
        [only] => Some(only.clone()),
        _ => None,
    };
    let float = pixels.is_some_and(|(tag, _)| tag != tags::PIXEL_DATA);
    let known = meta.uid(tags::TRANSFER_SYNTAX_UID).or(only);
    known.or_else(|| float.then(|| uid::EXPLICIT_LITTLE.to_owned())).unwrap_or_default()
}

/// The lengths a native frame may have. None where frames need not begin at bytes: servers do not agree on what
/// such a frame is.
fn lengths(data: &DataSet, syntax: &str) -> Vec<u64> {
    let Ok(info) = ImageInfo::read(data, syntax) else { return Vec::new() };
    let bits = info.native_frame_bits();
    if info.frames > 1 && !bits.is_multiple_of(8) {
        return Vec::new();
    }
    let mut lengths = vec![bits.div_ceil(8)];
    if info.photometric == Photometric::YbrFull422 && info.kind == SampleKind::Integer {
        lengths.push(info.samples_per_frame() * u64::from(info.bits_allocated) / 8);
    }
    lengths
}
