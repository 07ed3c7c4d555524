//! One instance: what its header says that matters for finding and sorting it.

use std::path::PathBuf;
use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::archive::Member;
use super::image_kind::{ImageKind, image_kind, is_mammogram};
use super::view::{Modifier, identify};
use crate::cine::{StackKind, frame_order};
use crate::dicom::{DataSet, DicomFile, Error, Tag, functional_group};
use crate::geometry::Orientation;

/// An instance as found on disk. Absent and empty values are `None`, so that nobody compares empty text.
#[derive(Clone, Default)]
pub struct Entry {
    /// Where it is; inside an archive the path goes on after the archive's own.
    pub path: PathBuf,
    /// The member of an archive this is.
    pub member: Option<Member>,
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
    pub series_time: Option<String>,
    pub modality: Option<String>,

    pub instance_number: Option<i64>,
    pub rows: Option<u32>,
    pub columns: Option<u32>,
    /// Number of frames; 1 when the header does not say, 0 for objects without pixels.
    pub frames: u32,
    pub has_pixels: bool,
    /// What its frames are to each other.
    pub stack_kind: StackKind,
    /// It says of itself that it was made from other images.
    pub refers: bool,
    /// What lies over its pixels that it brings along itself.
    pub covered: Covered,
    /// The order of its frames in depth, where they are stored in another.
    pub frame_order: Option<Arc<[u32]>>,

    /// Side as the image says it: _Image Laterality_, else _Frame Laterality_, else _Laterality_ of the series.
    pub laterality: Option<String>,
    /// Mammography view in its short form, by code or as the text says.
    pub view_position: Option<String>,
    /// What is special about the view. A standard view has none.
    pub modifiers: Vec<Modifier>,
    /// What kind of mammography object this is, if it is one.
    pub kind: ImageKind,
    /// Where the rows and the columns of the (first) frame lead in the patient.
    pub orientation: Option<Orientation>,
    pub body_part: Option<String>,
    pub protocol_name: Option<String>,
    pub geometry: Option<Geometry>,
    /// Positions are comparable only within one frame of reference.
    pub frame_of_reference: Option<String>,
    /// An overview on which slices are planned.
    pub is_localizer: bool,
    /// The stack a slice is declared to belong to.
    pub stack: Option<StackPlace>,
    /// Which point in time, as declared.
    pub temporal_position: Option<i64>,
    /// Milliseconds after the trigger, usually the heart's.
    pub trigger_time: Option<f64>,
    /// Date, where there is one, and time of acquisition.
    pub acquired: Option<String>,
    pub concatenation: Option<Concatenation>,

    /// The header itself, where the scan was asked to keep it.
    pub header: Option<Arc<DicomFile>>,
}

/// What an image says lies over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// Overlay planes.
    pub planes: bool,
    pub shutter: bool,
}

impl Covered {
    fn read(data: &DataSet) -> Self {
        let rows = tags::OVERLAY_ROWS.inner().element();
        let mut groups = (0x6000..=0x60FE).step_by(2);
        Self {
            planes: groups.any(|group| data.get(Tag(group, rows)).is_some()),
            shutter: text(data, tags::SHUTTER_SHAPE).is_some(),
        }
    }

    pub fn any(self) -> bool {
        self.planes || self.shutter
    }
}

/// Place in a declared stack (PS3.3 C.7.6.16.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackPlace {
    pub id: String,
    /// _In-Stack Position Number_.
    pub position: Option<i64>,
}

/// Part of a multi-frame object that was divided into several files (PS3.3 C.7.6.16.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concatenation {
    pub uid: String,
    /// _In-Concatenation Number_.
    pub number: Option<i64>,
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
        let (sop_class, modality) = (uid(data, tags::SOP_CLASS_UID), text(data, tags::MODALITY));
        let is_mammogram = is_mammogram(sop_class.as_deref(), modality.as_deref());
        let seen = identify(data, is_mammogram);
        let kind = if has_pixels && is_mammogram {
            image_kind(data, sop_class.as_deref().unwrap_or_default())
        } else {
            ImageKind::Plain
        };
        let moment = (frames == 1).then(|| functional_group(data, 0, tags::FRAME_CONTENT_SEQUENCE)).flatten();
        Self {
            path,
            member: None,
            order,
            study_uid: uid(data, tags::STUDY_INSTANCE_UID),
            series_uid: uid(data, tags::SERIES_INSTANCE_UID),
            sop_uid: uid(data, tags::SOP_INSTANCE_UID),
            sop_class,
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
            series_time: text(data, tags::SERIES_TIME),
            modality,
            instance_number: data.int(tags::INSTANCE_NUMBER),
            rows: size(data, tags::ROWS),
            columns: size(data, tags::COLUMNS),
            frames,
            has_pixels,
            stack_kind: StackKind::read(data),
            refers: refers(data),
            covered: if has_pixels { Covered::read(data) } else { Covered::default() },
            frame_order: frame_order(data, frames).map(Arc::from),
            laterality: seen.laterality,
            view_position: seen.view,
            modifiers: seen.modifiers,
            kind,
            orientation: has_pixels.then(|| Orientation::read(data, 0)).flatten(),
            body_part: text(data, tags::BODY_PART_EXAMINED),
            protocol_name: text(data, tags::PROTOCOL_NAME),
            geometry: geometry(data, frames),
            frame_of_reference: uid(data, tags::FRAME_OF_REFERENCE_UID),
            is_localizer: is_localizer(data),
            stack: stack(data).or_else(|| moment.and_then(stack)),
            temporal_position: temporal_position(data).or_else(|| moment.and_then(temporal_position)),
            trigger_time: data.float(tags::TRIGGER_TIME),
            acquired: acquired(data).or_else(|| text(moment?, tags::FRAME_ACQUISITION_DATE_TIME)),
            concatenation: concatenation(data),
            header: None,
        }
    }

    /// Whether this is a mammogram of any kind.
    pub fn is_mammogram(&self) -> bool {
        is_mammogram(self.sop_class.as_deref(), self.modality.as_deref())
    }

    /// Whether this is one of the four views of every screening, taken in the usual way.
    pub fn is_standard_view(&self) -> bool {
        let side = matches!(self.laterality.as_deref(), Some("L" | "R"));
        let view = matches!(self.view_position.as_deref(), Some("CC" | "MLO"));
        side && view && self.modifiers.is_empty() && self.is_mammogram()
    }

    /// Side and view in the form readers use, modifiers behind: `RMLO`, `LCC spot mag`. Empty where neither is
    /// known.
    pub fn view_label(&self) -> String {
        let side =
            self.laterality.as_deref().filter(|side| matches!(*side, "L" | "R" | "B")).unwrap_or_default();
        let mut label = format!("{side}{}", self.view_position.as_deref().unwrap_or_default());
        for modifier in &self.modifiers {
            label.push(' ');
            label.push_str(modifier.short());
        }
        label.trim_start().to_owned()
    }

    /// What is out of the ordinary about a mammogram, for people: its modifiers, and what kind of object it is where
    /// it is no plain exposure.
    pub fn special(&self) -> Option<String> {
        let kind = match self.kind {
            ImageKind::Plain | ImageKind::Presentation => None,
            kind => Some(kind.name()),
        };
        let words: Vec<&str> = self.modifiers.iter().map(|modifier| modifier.name()).chain(kind).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Opens the object, unless its header was kept: on disk or in its archive.
    pub fn open(&self) -> Result<Arc<DicomFile>, Error> {
        match (&self.header, &self.member) {
            (Some(file), _) => Ok(Arc::clone(file)),
            (None, Some(member)) => member.open().map(Arc::new),
            (None, None) => DicomFile::open(&self.path).map(Arc::new),
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

/// Position and orientation of a single-frame slice, whether it says them itself or in a functional group.
/// Objects with a plane per frame sort by instance number.
fn geometry(data: &DataSet, frames: u32) -> Option<Geometry> {
    let plane = |position: &DataSet, orientation: &DataSet| {
        let finite = |values: Vec<f64>| values.iter().all(|v| v.is_finite()).then_some(values);
        let position = finite(position.floats(tags::IMAGE_POSITION_PATIENT))?.try_into().ok()?;
        let orientation = finite(orientation.floats(tags::IMAGE_ORIENTATION_PATIENT))?.try_into().ok()?;
        Some(Geometry { position, orientation })
    };
    let grouped = || {
        let position = functional_group(data, 0, tags::PLANE_POSITION_SEQUENCE)?;
        plane(position, functional_group(data, 0, tags::PLANE_ORIENTATION_SEQUENCE)?)
    };
    plane(data, data).or_else(|| (frames == 1).then(grouped).flatten())
}

/// Whether there are images it was made from: of the object, or of its first frame.
fn refers(data: &DataSet) -> bool {
    let named =
        [tags::REFERENCED_SERIES_SEQUENCE, tags::SOURCE_IMAGE_SEQUENCE, tags::REFERENCED_IMAGE_SEQUENCE];
    named.into_iter().any(|tag| !data.items(tag).is_empty())
        || functional_group(data, 0, tags::DERIVATION_IMAGE_SEQUENCE).is_some()
}

/// The third value of _Image Type_ says it, for CT and MR alike.
fn is_localizer(data: &DataSet) -> bool {
    data.strings(tags::IMAGE_TYPE).iter().any(|value| value.eq_ignore_ascii_case("LOCALIZER"))
}

fn stack(data: &DataSet) -> Option<StackPlace> {
    let id = text(data, tags::STACK_ID)?;
    Some(StackPlace { id, position: data.int(tags::IN_STACK_POSITION_NUMBER) })
}

fn temporal_position(data: &DataSet) -> Option<i64> {
    data.int(tags::TEMPORAL_POSITION_IDENTIFIER).or_else(|| data.int(tags::TEMPORAL_POSITION_INDEX))
}

fn acquired(data: &DataSet) -> Option<String> {
    text(data, tags::ACQUISITION_DATE_TIME).or_else(|| {
        let time = text(data, tags::ACQUISITION_TIME)?;
        Some(text(data, tags::ACQUISITION_DATE).unwrap_or_default() + &time)
    })
}

fn concatenation(data: &DataSet) -> Option<Concatenation> {
    let uid = uid(data, tags::CONCATENATION_UID)?;
    Some(Concatenation { uid, number: data.int(tags::IN_CONCATENATION_NUMBER) })
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
