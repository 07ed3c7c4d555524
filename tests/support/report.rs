//! Structured reports made on the spot, item by item.

use dicom_dictionary_std::tags;
use lightbox::dicom::write::{self, DataSet, Implementation, Syntax, coded, item};

const WRITER: Implementation = Implementation { class_uid: "1.2.3.4", version_name: "TEST" };

pub const COMPREHENSIVE: &str = "1.2.840.10008.5.1.4.1.1.88.33";
pub const COMPREHENSIVE_3D: &str = "1.2.840.10008.5.1.4.1.1.88.34";
pub const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";
pub const MAMMOGRAM: &str = "1.2.840.10008.5.1.4.1.1.1.2";

pub type Coded = (&'static str, &'static str, &'static str);

/// A content item of some type.
pub fn content(relation: &str, kind: &str, name: Coded, fill: impl FnOnce(&mut DataSet)) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation).text(tags::VALUE_TYPE, kind);
        d.code(tags::CONCEPT_NAME_CODE_SEQUENCE, name);
        fill(d);
    })
}

pub fn section(name: Coded, items: Vec<DataSet>) -> DataSet {
    content("CONTAINS", "CONTAINER", name, |d| {
        d.text(tags::CONTINUITY_OF_CONTENT, "SEPARATE").sequence(tags::CONTENT_SEQUENCE, items);
    })
}

pub fn text(relation: &str, name: Coded, value: &str) -> DataSet {
    content(relation, "TEXT", name, |d| {
        d.text(tags::TEXT_VALUE, value);
    })
}

pub fn code(relation: &str, name: Coded, value: Coded) -> DataSet {
    content(relation, "CODE", name, |d| {
        d.code(tags::CONCEPT_CODE_SEQUENCE, value);
    })
}

pub fn number(name: Coded, value: &str, unit: Coded, below: Vec<DataSet>) -> DataSet {
    content("CONTAINS", "NUM", name, |d| {
        let value = item(|d| {
            d.text(tags::NUMERIC_VALUE, value)
                .sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![coded(unit)]);
        });
        d.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![value]);
        if !below.is_empty() {
            d.sequence(tags::CONTENT_SEQUENCE, below);
        }
    })
}

/// An item of a reference sequence.
pub fn object(class: &str, uid: &str, frames: &[i64]) -> DataSet {
    item(|d| {
        d.text(tags::REFERENCED_SOP_CLASS_UID, class).text(tags::REFERENCED_SOP_INSTANCE_UID, uid);
        if !frames.is_empty() {
            d.int(tags::REFERENCED_FRAME_NUMBER, frames.iter().copied());
        }
    })
}

pub fn image(relation: &str, uid: &str, frames: &[i64]) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation)
            .text(tags::VALUE_TYPE, "IMAGE")
            .sequence(tags::REFERENCED_SOP_SEQUENCE, vec![object(MAMMOGRAM, uid, frames)]);
    })
}

pub fn region(relation: &str, name: Coded, shape: &str, points: &[f64], below: Vec<DataSet>) -> DataSet {
    content(relation, "SCOORD", name, |d| {
        d.text(tags::GRAPHIC_TYPE, shape)
            .real(tags::GRAPHIC_DATA, points.iter().copied())
            .sequence(tags::CONTENT_SEQUENCE, below);
    })
}

pub fn by_reference(relation: &str, path: &[i64]) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation)
            .int(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER, path.iter().copied());
    })
}

/// A whole document.
pub fn report(class: &str, title: Coded, items: Vec<DataSet>) -> DataSet {
    item(|d| {
        d.text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192")
            .text(tags::SOP_CLASS_UID, class)
            .text(tags::SOP_INSTANCE_UID, "1.2.826.0.1.99")
            .text(tags::MODALITY, "SR")
            .text(tags::PATIENT_NAME, "Beispiel^Berta")
            .text(tags::PATIENT_ID, "B-1")
            .text(tags::PATIENT_BIRTH_DATE, "19600229")
            .text(tags::CONTENT_DATE, "20260301")
            .text(tags::CONTENT_TIME, "101530")
            .text(tags::COMPLETION_FLAG, "PARTIAL")
            .text(tags::VERIFICATION_FLAG, "UNVERIFIED")
            .text(tags::VALUE_TYPE, "CONTAINER")
            .text(tags::CONTINUITY_OF_CONTENT, "SEPARATE")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, title)
            .sequence(tags::CONTENT_SEQUENCE, items);
    })
}

pub fn file(data: &DataSet) -> Vec<u8> {
    write::file(data, Syntax::ExplicitLittle, WRITER)
}
