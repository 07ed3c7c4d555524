//! One instance: what its header says that matters for finding and sorting it.

use std::path::PathBuf;
use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::view::view;
use crate::dicom::{DataSet, DicomFile, Tag};

/// An instance as found on disk. Absent and empty values are `None`, so that nobody compares empty text.
#[derive(Clone, Default)]
pub struct Entry {
    pub path: PathBuf,
    /// Position in the walk: paths in the order they were named, folders sorted by name.
    pub order: usize,

    pub study_uid: Option<String>,
    pub series_uid: Option<String>,
    pub sop_uid: Option<String>,
    pub sop_class: Option<String>,
    pub transfer_syntax: String,

    pub patient_name: Option<String>,
    pub patient_id: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,

    pub study_date: Option<String>,
    pub study_time: Option<String>,
    pub study_description: Option<String>,
    pub accession: Option<String>,

    pub series_number: Option<i64>,
    pub series_description: Option<String>,
    pub series_date: Option<String>,
    pub modality: Option<String>,

    pub instance_number: Option<i64>,
    pub rows: Option<u32>,
    pub columns: Option<u32>,
    /// Number of frames; 1 when the header does not say, 0 for objects without pixels.
    pub frames: u32,
    pub has_pixels: bool,

    /// Side as the image says it: _Image Laterality_, else _Laterality_ of the series, else _Frame Laterality_.
    pub laterality: Option<String>,
    /// Mammography view in its short form, by code or as the text says.
    pub view_position: Option<String>,
    pub geometry: Option<Geometry>,

    /// The header itself, where the scan was asked to keep it.
    pub header: Option<Arc<DicomFile>>,
}

/// Where a slice lies in the patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// _Image Position (Patient)_, in millimetres.
    pub position: [f64; 3],
    /// Direction of a row (towards higher columns), then of a column (towards higher rows).
    pub orientation: [f64; 6],
}

impl Geometry {
    /// Unit vector across the slice; `None` when the orientation is degenerate.
    pub fn normal(&self) -> Option<[f64; 3]> {
        let [rx, ry, rz, cx, cy, cz] = self.orientation;
        let cross = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
        let length = cross.iter().map(|v| v * v).sum::<f64>().sqrt();
        (length.is_finite() && length > 0.5).then(|| cross.map(|v| v / length))
    }
}

impl Entry {
    /// Reads what matters out of a header.
    pub fn read(file: &DicomFile, path: PathBuf, order: usize) -> Self {
        let data = &file.data;
        let has_pixels = file.pixels.is_some();
        let declared = data.int(tags::NUMBER_OF_FRAMES).and_then(|n| u32::try_from(n).ok());
        let frames = if has_pixels { declared.unwrap_or(1).max(1) } else { 0 };
        Self {
            path,
            order,
            study_uid: uid(data, tags::STUDY_INSTANCE_UID),
            series_uid: uid(data, tags::SERIES_INSTANCE_UID),
            sop_uid: uid(data, tags::SOP_INSTANCE_UID),
            sop_class: uid(data, tags::SOP_CLASS_UID),
            transfer_syntax: file.transfer_syntax.clone(),
            patient_name: text(data, tags::PATIENT_NAME),
            patient_id: text(data, tags::PATIENT_ID),
            birth_date: text(data, tags::PATIENT_BIRTH_DATE),
            sex: text(data, tags::PATIENT_SEX),
            study_date: text(data, tags::STUDY_DATE),
            study_time: text(data, tags::STUDY_TIME),
            study_description: text(data, tags::STUDY_DESCRIPTION),
            accession: text(data, tags::ACCESSION_NUMBER),
            series_number: data.int(tags::SERIES_NUMBER),
            series_description: text(data, tags::SERIES_DESCRIPTION),
            series_date: text(data, tags::SERIES_DATE),
            modality: text(data, tags::MODALITY),
            instance_number: data.int(tags::INSTANCE_NUMBER),
            rows: size(data, tags::ROWS),
            columns: size(data, tags::COLUMNS),
            frames,
            has_pixels,
            laterality: laterality(data),
            view_position: view(data),
            geometry: geometry(data),
            header: None,
        }
    }
}

/// Text without padding; `None` when nothing is left.
fn text(data: &DataSet, tag: Tag) -> Option<String> {
    let value = data.string(tag)?;
    let trimmed = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

fn uid(data: &DataSet, tag: Tag) -> Option<String> {
    data.uid(tag).filter(|uid| !uid.is_empty())
}

fn size(data: &DataSet, tag: Tag) -> Option<u32> {
    data.int(tag).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

fn laterality(data: &DataSet) -> Option<String> {
    let shared = || {
        let group = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?;
        text(group.item(tags::FRAME_ANATOMY_SEQUENCE)?, tags::FRAME_LATERALITY)
    };
    text(data, tags::IMAGE_LATERALITY).or_else(|| text(data, tags::LATERALITY)).or_else(shared)
}

/// Position and orientation of a single-frame slice. Objects with a plane per frame sort by instance number.
fn geometry(data: &DataSet) -> Option<Geometry> {
    let finite = |values: Vec<f64>| values.iter().all(|v| v.is_finite()).then_some(values);
    let position = finite(data.floats(tags::IMAGE_POSITION_PATIENT))?.try_into().ok()?;
    let orientation = finite(data.floats(tags::IMAGE_ORIENTATION_PATIENT))?.try_into().ok()?;
    Some(Geometry { position, orientation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_of_an_axial_slice_points_to_the_head() {
        let axial = Geometry { position: [0.0; 3], orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0] };
        assert_eq!(axial.normal(), Some([0.0, 0.0, 1.0]));
        let degenerate = Geometry { orientation: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], ..axial };
        assert_eq!(degenerate.normal(), None);
    }
}
