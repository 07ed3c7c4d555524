//! What segmentations and parametric maps of the demo have in common.

use dicom_dictionary_std::{tags, uids};

use super::ct;
use super::rng::uid;
use crate::dicom::Tag;
use crate::dicom::write::{DataSet, coded, item};

/// Dimensions: what the frames are sorted by, each an attribute of a functional group.
pub(super) fn dimensions(data: &mut DataSet, seed: &str, by: &[(Tag, Tag)]) {
    let organization = uid(seed);
    let index = by.iter().map(|(pointer, group)| {
        item(|d| {
            d.text(tags::DIMENSION_ORGANIZATION_UID, &organization)
                .pointer(tags::DIMENSION_INDEX_POINTER, *pointer)
                .pointer(tags::FUNCTIONAL_GROUP_POINTER, *group);
        })
    });
    data.sequence(tags::DIMENSION_INDEX_SEQUENCE, index.collect());
    let organization = item(|d| {
        d.text(tags::DIMENSION_ORGANIZATION_UID, &organization);
    });
    data.sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organization]);
}

/// The place of a frame in each dimension.
pub(super) fn frame_content(group: &mut DataSet, place: &[i64]) {
    let content = item(|d| {
        d.int(tags::DIMENSION_INDEX_VALUES, place.iter().copied());
    });
    group.sequence(tags::FRAME_CONTENT_SEQUENCE, vec![content]);
}

/// The slice a frame was made from.
pub(super) fn derivation(group: &mut DataSet, slice: usize, how: (&str, &str, &str)) {
    let source = item(|d| {
        referenced(d, slice);
        d.sequence(
            tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
            vec![coded(("121322", "DCM", "Source image for image processing operation"))],
        );
    });
    let derivation = item(|d| {
        d.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![source])
            .sequence(tags::DERIVATION_CODE_SEQUENCE, vec![coded(how)]);
    });
    group.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation]);
}

fn referenced(data: &mut DataSet, slice: usize) {
    data.text(tags::REFERENCED_SOP_CLASS_UID, uids::CT_IMAGE_STORAGE)
        .text(tags::REFERENCED_SOP_INSTANCE_UID, ct::instance_uid(slice));
}

/// The CT all of it is about, slice by slice.
pub(super) fn about_the_ct(data: &mut DataSet) {
    let slices = (0..ct::SLICES).map(|slice| item(|d| referenced(d, slice)));
    let series = item(|d| {
        d.text(tags::SERIES_INSTANCE_UID, ct::series_uid())
            .sequence(tags::REFERENCED_INSTANCE_SEQUENCE, slices.collect());
    });
    data.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
}

/// What enhanced objects say about themselves.
pub(super) fn content(data: &mut DataSet, label: &str, description: &str) {
    data.text(tags::CONTENT_LABEL, label)
        .text(tags::CONTENT_DESCRIPTION, description)
        .text(tags::CONTENT_CREATOR_NAME, "Lightbox^Phantom")
        .text(tags::CONTENT_QUALIFICATION, "RESEARCH")
        .text(tags::FRAME_OF_REFERENCE_UID, ct::frame_of_reference())
        .empty(tags::POSITION_REFERENCE_INDICATOR)
        .text(tags::BODY_PART_EXAMINED, "CHEST")
        .text(tags::MANUFACTURER_MODEL_NAME, "Phantom Analysis")
        .text(tags::DEVICE_SERIAL_NUMBER, "1")
        .text(tags::SOFTWARE_VERSIONS, "1");
}
