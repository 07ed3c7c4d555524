//! What a report says about itself: whose it is, who stands behind it, what it is about (PS3.3 C.17.1 to C.17.6).

use dicom_dictionary_std::tags;
use serde::{Serialize, Serializer};

use super::code::Code;
use super::model::ObjectId;
use crate::dicom::{DataSet, Tag, uid};

/// Entries of each list that are kept; real documents have a few, and evidence some thousands.
const MAX_ENTRIES: usize = 100_000;

/// The document around the content.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Header {
    pub sop_class_uid: String,
    pub sop_instance_uid: String,
    /// `Comprehensive SR`, `Key Object Selection Document`.
    pub kind: String,
    pub modality: Option<String>,
    pub patient: Patient,
    pub study: Study,
    pub series: Series,
    pub instance_number: Option<i64>,
    /// As stored, like all dates, times and names here.
    pub content_date: Option<String>,
    pub content_time: Option<String>,
    pub language: Option<Code>,
    pub completion: Completion,
    pub completion_description: Option<String>,
    /// Whether the object says that it is preliminary or final.
    pub preliminary: Option<bool>,
    pub verification: Verification,
    pub verifying_observers: Vec<Person>,
    pub authors: Vec<Person>,
    pub participants: Vec<Person>,
    pub custodian: Option<String>,
    pub institution: Option<String>,
    pub department: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub software: Option<String>,
    pub requests: Vec<Request>,
    pub procedures: Vec<Code>,
    pub predecessors: Vec<Evidence>,
    pub identical_documents: Vec<Evidence>,
    /// What the report was made from.
    pub current_evidence: Vec<Evidence>,
    /// What was looked at besides.
    pub other_evidence: Vec<Evidence>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Patient {
    pub name: Option<String>,
    pub id: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    pub age: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Study {
    pub uid: Option<String>,
    pub id: Option<String>,
    pub date: Option<String>,
    pub time: Option<String>,
    pub description: Option<String>,
    pub accession: Option<String>,
    pub referring_physician: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    pub uid: Option<String>,
    pub number: Option<i64>,
    pub description: Option<String>,
}

/// Whether everything that was to be said has been said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Completion {
    Complete,
    Partial,
    Other(String),
    /// Key object selections have no such flag.
    #[default]
    Unstated,
}

/// Whether somebody answers for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Verification {
    Verified,
    Unverified,
    Other(String),
    #[default]
    Unstated,
}

/// Somebody, or something, that had a part in the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    pub name: Option<String>,
    pub organization: Option<String>,
    /// When: verified, or took part.
    pub date_time: Option<String>,
    /// Who, as a code.
    pub code: Option<Code>,
    /// The part taken: `SOURCE`, `ENT`, `ATTEST`.
    pub part: Option<String>,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Request {
    pub accession: Option<String>,
    pub procedure_id: Option<String>,
    pub procedure: Option<String>,
    pub procedure_code: Option<Code>,
    pub reason: Option<String>,
    pub placer_order: Option<String>,
    pub filler_order: Option<String>,
}

/// An object with the study and series it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    pub study_uid: String,
    pub series_uid: String,
    #[serde(flatten)]
    pub object: ObjectId,
}

impl Completion {
    pub fn term(&self) -> &str {
        match self {
            Self::Complete => "COMPLETE",
            Self::Partial => "PARTIAL",
            Self::Other(term) => term,
            Self::Unstated => "",
        }
    }
}

impl Verification {
    pub fn term(&self) -> &str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Unverified => "UNVERIFIED",
            Self::Other(term) => term,
            Self::Unstated => "",
        }
    }
}

impl Serialize for Completion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Some(self.term()).filter(|term| !term.is_empty()).serialize(serializer)
    }
}

impl Serialize for Verification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Some(self.term()).filter(|term| !term.is_empty()).serialize(serializer)
    }
}

fn text(data: &DataSet, tag: Tag) -> Option<String> {
    data.string(tag).filter(|text| !text.is_empty())
}

impl Header {
    pub(super) fn read(data: &DataSet) -> Self {
        let text = |tag| text(data, tag);
        let sop_class_uid = data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
        let people = |tag, read: fn(&DataSet) -> Person| -> Vec<Person> {
            data.items(tag).iter().take(MAX_ENTRIES).map(read).collect()
        };
        Self {
            kind: kind(&sop_class_uid),
            sop_class_uid,
            sop_instance_uid: data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default(),
            modality: text(tags::MODALITY),
            patient: Patient {
                name: data.person_name(tags::PATIENT_NAME),
                id: text(tags::PATIENT_ID),
                birth_date: text(tags::PATIENT_BIRTH_DATE),
                sex: text(tags::PATIENT_SEX),
                age: text(tags::PATIENT_AGE),
            },
            study: Study {
                uid: data.uid(tags::STUDY_INSTANCE_UID),
                id: text(tags::STUDY_ID),
                date: text(tags::STUDY_DATE),
                time: text(tags::STUDY_TIME),
                description: text(tags::STUDY_DESCRIPTION),
                accession: text(tags::ACCESSION_NUMBER),
                referring_physician: data.person_name(tags::REFERRING_PHYSICIAN_NAME),
            },
            series: Series {
                uid: data.uid(tags::SERIES_INSTANCE_UID),
                number: data.int(tags::SERIES_NUMBER),
                description: text(tags::SERIES_DESCRIPTION),
            },
            instance_number: data.int(tags::INSTANCE_NUMBER),
            content_date: text(tags::CONTENT_DATE),
            content_time: text(tags::CONTENT_TIME),
            language: language(data),
            completion: match text(tags::COMPLETION_FLAG).as_deref() {
                Some("COMPLETE") => Completion::Complete,
                Some("PARTIAL") => Completion::Partial,
                Some(other) => Completion::Other(other.to_owned()),
                None => Completion::Unstated,
            },
            completion_description: text(tags::COMPLETION_FLAG_DESCRIPTION),
            preliminary: match text(tags::PRELIMINARY_FLAG).as_deref() {
                Some("PRELIMINARY") => Some(true),
                Some("FINAL") => Some(false),
                _ => None,
            },
            verification: match text(tags::VERIFICATION_FLAG).as_deref() {
                Some("VERIFIED") => Verification::Verified,
                Some("UNVERIFIED") => Verification::Unverified,
                Some(other) => Verification::Other(other.to_owned()),
                None => Verification::Unstated,
            },
            verifying_observers: people(tags::VERIFYING_OBSERVER_SEQUENCE, verifier),
            authors: people(tags::AUTHOR_OBSERVER_SEQUENCE, participant),
            participants: people(tags::PARTICIPANT_SEQUENCE, participant),
            custodian: data
                .item(tags::CUSTODIAL_ORGANIZATION_SEQUENCE)
                .and_then(|item| self::text(item, tags::INSTITUTION_NAME)),
            institution: text(tags::INSTITUTION_NAME),
            department: text(tags::INSTITUTIONAL_DEPARTMENT_NAME),
            manufacturer: text(tags::MANUFACTURER),
            model: text(tags::MANUFACTURER_MODEL_NAME),
            software: text(tags::SOFTWARE_VERSIONS),
            requests: data
                .items(tags::REFERENCED_REQUEST_SEQUENCE)
                .iter()
                .take(MAX_ENTRIES)
                .map(request)
                .collect(),
            procedures: Code::all(data, tags::PERFORMED_PROCEDURE_CODE_SEQUENCE),
            predecessors: evidence(data, tags::PREDECESSOR_DOCUMENTS_SEQUENCE),
            identical_documents: evidence(data, tags::IDENTICAL_DOCUMENTS_SEQUENCE),
            current_evidence: evidence(data, tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE),
            other_evidence: evidence(data, tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE),
        }
    }

    /// Nobody has answered for it, or not everything has been said.
    pub fn is_provisional(&self) -> bool {
        self.completion == Completion::Partial
            || self.verification == Verification::Unverified
            || self.preliminary == Some(true)
    }
}

fn kind(class: &str) -> String {
    if class.is_empty() { "Structured Report".to_owned() } else { uid::sop_class_name(class) }
}

/// _Language of Content Item and Descendants_, where the title says it.
fn language(data: &DataSet) -> Option<Code> {
    let names = [("121049", "DCM"), ("121048", "DCM"), ("121047", "DCM")];
    data.items(tags::CONTENT_SEQUENCE).iter().take(64).find_map(|item| {
        let name = Code::first(item, tags::CONCEPT_NAME_CODE_SEQUENCE)?;
        name.is_any(&names).then(|| Code::first(item, tags::CONCEPT_CODE_SEQUENCE)).flatten()
    })
}

fn verifier(item: &DataSet) -> Person {
    Person {
        name: item.person_name(tags::VERIFYING_OBSERVER_NAME),
        organization: text(item, tags::VERIFYING_ORGANIZATION),
        date_time: text(item, tags::VERIFICATION_DATE_TIME),
        code: Code::first(item, tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE),
        part: None,
    }
}

fn participant(item: &DataSet) -> Person {
    let device = text(item, tags::MANUFACTURER_MODEL_NAME).or_else(|| text(item, tags::STATION_NAME));
    Person {
        name: item.person_name(tags::PERSON_NAME).or(device),
        organization: text(item, tags::INSTITUTION_NAME),
        date_time: text(item, tags::PARTICIPATION_DATE_TIME),
        code: Code::first(item, tags::PERSON_IDENTIFICATION_CODE_SEQUENCE),
        part: text(item, tags::PARTICIPATION_TYPE),
    }
}

fn request(item: &DataSet) -> Request {
    Request {
        accession: text(item, tags::ACCESSION_NUMBER),
        procedure_id: text(item, tags::REQUESTED_PROCEDURE_ID),
        procedure: text(item, tags::REQUESTED_PROCEDURE_DESCRIPTION),
        procedure_code: Code::first(item, tags::REQUESTED_PROCEDURE_CODE_SEQUENCE),
        reason: text(item, tags::REASON_FOR_THE_REQUESTED_PROCEDURE),
        placer_order: text(item, tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST),
        filler_order: text(item, tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST),
    }
}

/// Studies of series of objects, laid flat.
fn evidence(data: &DataSet, sequence: Tag) -> Vec<Evidence> {
    let mut found = Vec::new();
    for study in data.items(sequence) {
        let study_uid = study.uid(tags::STUDY_INSTANCE_UID).unwrap_or_default();
        for series in study.items(tags::REFERENCED_SERIES_SEQUENCE) {
            let series_uid = series.uid(tags::SERIES_INSTANCE_UID).unwrap_or_default();
            for object in series.items(tags::REFERENCED_SOP_SEQUENCE) {
                if found.len() == MAX_ENTRIES {
                    return found;
                }
                found.push(Evidence {
                    study_uid: study_uid.clone(),
                    series_uid: series_uid.clone(),
                    object: ObjectId::read(object),
                });
            }
        }
    }
    found
}
