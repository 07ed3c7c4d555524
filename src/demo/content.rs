//! Content items of structured reports, and the attributes every report has.

use dicom_dictionary_std::tags;

use super::case::{Series, Study, identify};
use crate::dicom::write::{DataSet, coded, item};

/// Value, scheme, meaning.
pub type Concept = (&'static str, &'static str, &'static str);

pub const PERCENT: Concept = ("%", "UCUM", "Percent");

/// An item of some type, with what stands below it.
fn content(
    relation: &str,
    kind: &str,
    name: Option<Concept>,
    fill: impl FnOnce(&mut DataSet),
    below: Vec<DataSet>,
) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation).text(tags::VALUE_TYPE, kind);
        if let Some(name) = name {
            d.code(tags::CONCEPT_NAME_CODE_SEQUENCE, name);
        }
        fill(d);
        if !below.is_empty() {
            d.sequence(tags::CONTENT_SEQUENCE, below);
        }
    })
}

pub fn container(relation: &str, name: Concept, below: Vec<DataSet>) -> DataSet {
    let separate = |d: &mut DataSet| {
        d.text(tags::CONTINUITY_OF_CONTENT, "SEPARATE");
    };
    content(relation, "CONTAINER", Some(name), separate, below)
}

pub fn code(relation: &str, name: Concept, value: Concept, below: Vec<DataSet>) -> DataSet {
    let fill = |d: &mut DataSet| {
        d.code(tags::CONCEPT_CODE_SEQUENCE, value);
    };
    content(relation, "CODE", Some(name), fill, below)
}

pub fn text(relation: &str, name: Concept, value: &str) -> DataSet {
    let fill = |d: &mut DataSet| {
        d.text(tags::TEXT_VALUE, value);
    };
    content(relation, "TEXT", Some(name), fill, Vec::new())
}

pub fn date(relation: &str, name: Concept, value: &str) -> DataSet {
    let fill = |d: &mut DataSet| {
        d.text(tags::DATE, value);
    };
    content(relation, "DATE", Some(name), fill, Vec::new())
}

pub fn time(relation: &str, name: Concept, value: &str) -> DataSet {
    let fill = |d: &mut DataSet| {
        d.text(tags::TIME, value);
    };
    content(relation, "TIME", Some(name), fill, Vec::new())
}

pub fn number(relation: &str, name: Concept, value: f64, unit: Concept, below: Vec<DataSet>) -> DataSet {
    let fill = |d: &mut DataSet| {
        let value = item(|d| {
            d.real(tags::NUMERIC_VALUE, [value])
                .sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![coded(unit)]);
        });
        d.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![value]);
    };
    content(relation, "NUM", Some(name), fill, below)
}

/// An image, or frames of it, counted from 1.
pub fn image(relation: &str, (class, uid): (&str, &str), frames: &[i64], below: Vec<DataSet>) -> DataSet {
    let fill = |d: &mut DataSet| {
        let object = item(|d| {
            d.text(tags::REFERENCED_SOP_CLASS_UID, class).text(tags::REFERENCED_SOP_INSTANCE_UID, uid);
            if !frames.is_empty() {
                d.int(tags::REFERENCED_FRAME_NUMBER, frames.iter().copied());
            }
        });
        d.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![object]);
    };
    content(relation, "IMAGE", None, fill, below)
}

/// A region of what stands below it.
pub fn region(
    relation: &str,
    name: Concept,
    shape: &str,
    points: &[[f64; 2]],
    below: Vec<DataSet>,
) -> DataSet {
    let fill = |d: &mut DataSet| {
        d.text(tags::GRAPHIC_TYPE, shape).real(tags::GRAPHIC_DATA, points.iter().flatten().copied());
    };
    content(relation, "SCOORD", Some(name), fill, below)
}

/// Another item of the report, by its place: ordinals from the root on, which is 1.
pub fn reference(relation: &str, path: &[i64]) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation)
            .int(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER, path.iter().copied());
    })
}

/// An image a report is made from.
pub struct Evidence {
    pub series_uid: String,
    pub class: &'static str,
    pub uid: String,
}

/// A whole report of one study, without what follows from its kind.
pub fn document(
    class: &str,
    study: &Study,
    series: &Series,
    (title, template): (Concept, &str),
    evidence: &[Evidence],
    items: Vec<DataSet>,
) -> DataSet {
    let mut data = DataSet::new();
    identify(&mut data, class, study, series, 1);
    for image_only in [
        tags::ACQUISITION_DATE,
        tags::ACQUISITION_TIME,
        tags::BURNED_IN_ANNOTATION,
        tags::LOSSY_IMAGE_COMPRESSION,
    ] {
        data.remove(image_only);
    }
    let series_of_study: Vec<DataSet> = evidence
        .iter()
        .map(|image| {
            let object = item(|d| {
                d.text(tags::REFERENCED_SOP_CLASS_UID, image.class)
                    .text(tags::REFERENCED_SOP_INSTANCE_UID, image.uid.clone());
            });
            item(|d| {
                d.text(tags::SERIES_INSTANCE_UID, image.series_uid.clone())
                    .sequence(tags::REFERENCED_SOP_SEQUENCE, vec![object]);
            })
        })
        .collect();
    let study_item = item(|d| {
        d.text(tags::STUDY_INSTANCE_UID, super::rng::uid(study.key))
            .sequence(tags::REFERENCED_SERIES_SEQUENCE, series_of_study);
    });
    let template = item(|d| {
        d.text(tags::MAPPING_RESOURCE, "DCMR").text(tags::TEMPLATE_IDENTIFIER, template);
    });
    data.text(tags::COMPLETION_FLAG, "COMPLETE")
        .text(tags::VERIFICATION_FLAG, "UNVERIFIED")
        .sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new())
        .sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, Vec::new())
        .sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![study_item])
        .text(tags::VALUE_TYPE, "CONTAINER")
        .text(tags::CONTINUITY_OF_CONTENT, "SEPARATE")
        .code(tags::CONCEPT_NAME_CODE_SEQUENCE, title)
        .sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template])
        .sequence(tags::CONTENT_SEQUENCE, items);
    data
}
