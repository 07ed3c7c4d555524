//! Patients, studies and series of the demo, and the attributes every object of them shares.

use dicom_dictionary_std::tags;

use super::rng::uid;
use crate::dicom::write::DataSet;

/// A person who does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Patient {
    pub name: &'static str,
    pub id: &'static str,
    pub birth: &'static str,
    pub sex: &'static str,
}

/// One visit.
#[derive(Clone, Copy, Debug)]
pub struct Study {
    /// Names the folder and seeds the UIDs.
    pub key: &'static str,
    pub patient: Patient,
    pub date: &'static str,
    pub time: &'static str,
    pub description: &'static str,
    pub age: &'static str,
    pub accession: &'static str,
}

/// One series of a study.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// Names the folder and seeds the UIDs.
    pub key: &'static str,
    pub number: i64,
    pub modality: &'static str,
    pub description: &'static str,
}

const AURELIA: Patient = Patient { name: "Demo^Aurelia", id: "DEMO-0001", birth: "19740318", sex: "F" };
const JOERG: Patient = Patient { name: "Phantom^J\u{f6}rg", id: "DEMO-0002", birth: "19610902", sex: "M" };
const BEATRIX: Patient = Patient { name: "Sample^Beatrix", id: "DEMO-0003", birth: "19881130", sex: "F" };
const PATTERN: Patient = Patient { name: "Pattern^Test", id: "DEMO-0009", birth: "", sex: "O" };

pub const MAMMO_NOW: Study = Study {
    key: "mammography-2026",
    patient: AURELIA,
    date: "20260512",
    time: "091500",
    description: "Screening mammography, bilateral",
    age: "052Y",
    accession: "D260512001",
};
pub const MAMMO_BEFORE: Study = Study {
    key: "mammography-2024",
    patient: AURELIA,
    date: "20240506",
    time: "143000",
    description: "Screening mammography, bilateral",
    age: "050Y",
    accession: "D240506007",
};
pub const CHEST: Study = Study {
    key: "chest-ct",
    patient: JOERG,
    date: "20260327",
    time: "101200",
    description: "CT chest with contrast",
    age: "064Y",
    accession: "D260327003",
};
pub const VESSEL: Study = Study {
    key: "carotid-ultrasound",
    patient: BEATRIX,
    date: "20260415",
    time: "160500",
    description: "Carotid duplex ultrasound",
    age: "037Y",
    accession: "D260415002",
};
pub const QUALITY: Study = Study {
    key: "test-pattern",
    patient: PATTERN,
    date: "20260102",
    time: "080000",
    description: "Display quality control",
    age: "",
    accession: "D260102001",
};

pub const FIXTURES: Study = Study {
    key: "fixtures",
    patient: PATTERN,
    date: "20260102",
    time: "090000",
    description: "Single features",
    age: "",
    accession: "D260102002",
};

/// The attributes of patient, study, series and equipment, and the object's own identity.
pub fn identify(data: &mut DataSet, class: &str, study: &Study, series: &Series, instance: i64) {
    let patient = &study.patient;
    data.text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192")
        .text(tags::SOP_CLASS_UID, class)
        .text(tags::SOP_INSTANCE_UID, uid(&format!("{}/{}/{instance}", study.key, series.key)))
        .text(tags::STUDY_INSTANCE_UID, uid(study.key))
        .text(tags::SERIES_INSTANCE_UID, uid(&format!("{}/{}", study.key, series.key)))
        .text(tags::STUDY_DATE, study.date)
        .text(tags::STUDY_TIME, study.time)
        .text(tags::STUDY_ID, study.accession.get(1..).unwrap_or_default())
        .text(tags::ACCESSION_NUMBER, study.accession)
        .text(tags::STUDY_DESCRIPTION, study.description)
        .text(tags::REFERRING_PHYSICIAN_NAME, "Referrer^Robin")
        .text(tags::PATIENT_NAME, patient.name)
        .text(tags::PATIENT_ID, patient.id)
        .text(tags::PATIENT_BIRTH_DATE, patient.birth)
        .text(tags::PATIENT_SEX, patient.sex)
        .text(tags::PATIENT_COMMENTS, "Computed phantom, not a person")
        .text(tags::MODALITY, series.modality)
        .int(tags::SERIES_NUMBER, [series.number])
        .text(tags::SERIES_DESCRIPTION, series.description)
        .text(tags::SERIES_DATE, study.date)
        .text(tags::SERIES_TIME, later(study.time, series.number, 0))
        .int(tags::INSTANCE_NUMBER, [instance])
        .text(tags::CONTENT_DATE, study.date)
        .text(tags::CONTENT_TIME, later(study.time, series.number, instance))
        .text(tags::ACQUISITION_DATE, study.date)
        .text(tags::ACQUISITION_TIME, later(study.time, series.number, instance))
        .text(tags::MANUFACTURER, "Lightbox Phantom Works")
        .text(tags::INSTITUTION_NAME, "Lightbox Demo Hospital")
        .text(tags::BURNED_IN_ANNOTATION, "NO")
        .text(tags::LOSSY_IMAGE_COMPRESSION, "00");
    if !study.age.is_empty() {
        data.text(tags::PATIENT_AGE, study.age);
    }
}

/// A time of day some minutes and seconds after `start` (hhmmss).
fn later(start: &str, minutes: i64, seconds: i64) -> String {
    let part = |at: usize| start.get(at..at + 2).and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
    let total = part(0) * 3600 + part(2) * 60 + part(4) + minutes * 60 + seconds;
    format!("{:02}{:02}{:02}", total / 3600 % 24, total / 60 % 60, total % 60)
}

#[cfg(test)]
mod tests {
    #[test]
    fn time_carries_over() {
        assert_eq!(super::later("095950", 1, 15), "100105");
    }
}
