//! A presentation state as it is read: tolerant, bounded, and with what was wrong said.

use std::fmt;

use dicom_dictionary_std::{tags, uids};

use super::annotation::Annotation;
use super::area::DisplayedArea;
use super::layer::{GraphicGroup, GraphicLayer, read_groups, read_layers};
use super::mask::Masks;
use super::overlay::OverlayPlane;
use super::reading::{Reading, has_items, term, words};
use super::relation::{ImageRef, Scope, SeriesRef};
use super::shutter::Shutter;
use super::spatial::Turn;
use crate::dicom::{DataSet, DicomFile, Element, Tag, Value};
use crate::display::{Lut, Palette};

/// What a state makes of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateKind {
    Grayscale,
    Color,
    PseudoColor,
}

/// Why an object is not read as a presentation state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// It is something else.
    NotAState,
    /// A presentation state of a kind that is not shown; its name.
    Unsupported(&'static str),
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAState => write!(f, "it is no presentation state"),
            Self::Unsupported(kind) => write!(f, "{kind} presentation states cannot be shown yet"),
        }
    }
}

impl std::error::Error for NotRead {}

/// What becomes of grey values at the end (PS3.3 C.11.6).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum PresentationLut {
    #[default]
    Identity,
    Inverse,
    /// Linear in optical density: for printers. Shown as it is.
    LinearDensity,
    /// From the whole range of what the window makes to the whole range of its entries.
    Table(Lut),
}

/// A window or a table for some images, as its attributes are.
#[derive(Debug, Clone)]
pub struct SoftcopyVoi {
    pub scope: Scope,
    /// To be read with the values an image can have.
    pub(super) item: DataSet,
}

/// A presentation state.
#[derive(Debug, Clone)]
pub struct PresentationState {
    pub kind: StateKind,
    pub instance_uid: String,
    pub series_uid: String,
    pub study_uid: String,
    pub label: String,
    pub description: String,
    pub creator: String,
    /// As stored: YYYYMMDD and HHMMSS.
    pub created_date: String,
    pub created_time: String,
    pub instance_number: Option<i64>,
    /// What it is about.
    pub series: Vec<SeriesRef>,
    /// The attributes of its modality LUT; empty where values stay as they are stored.
    pub(super) modality: DataSet,
    pub vois: Vec<SoftcopyVoi>,
    pub presentation_lut: PresentationLut,
    pub palette: Option<Palette>,
    pub areas: Vec<DisplayedArea>,
    pub turn: Turn,
    pub shutter: Option<Shutter>,
    /// In drawing order.
    pub layers: Vec<GraphicLayer>,
    pub groups: Vec<GraphicGroup>,
    pub annotations: Vec<Annotation>,
    /// Bitmaps of its own.
    pub overlays: Vec<OverlayPlane>,
    /// Groups of overlay planes, its own or the image's, that are shown, and in which layer.
    pub activations: Vec<(u16, String)>,
    pub masks: Masks,
    pub warnings: Vec<String>,
}

/// What a class is called that is none of those read.
fn unsupported(class: &str) -> Option<&'static str> {
    use uids as u;
    Some(match class {
        u::BLENDING_SOFTCOPY_PRESENTATION_STATE_STORAGE => "blending",
        u::ADVANCED_BLENDING_PRESENTATION_STATE_STORAGE => "advanced blending",
        u::XAXRF_GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE => "XA/XRF",
        u::VARIABLE_MODALITY_LUT_SOFTCOPY_PRESENTATION_STATE_STORAGE => "variable modality LUT",
        u::GRAYSCALE_PLANAR_MPR_VOLUMETRIC_PRESENTATION_STATE_STORAGE
        | u::COMPOSITING_PLANAR_MPR_VOLUMETRIC_PRESENTATION_STATE_STORAGE => "planar reconstruction",
        u::VOLUME_RENDERING_VOLUMETRIC_PRESENTATION_STATE_STORAGE
        | u::SEGMENTED_VOLUME_RENDERING_VOLUMETRIC_PRESENTATION_STATE_STORAGE
        | u::MULTIPLE_VOLUME_RENDERING_VOLUMETRIC_PRESENTATION_STATE_STORAGE => "volume rendering",
        _ => return None,
    })
}

/// The kind of state a class is.
pub fn kind_of(class_uid: &str) -> Result<StateKind, NotRead> {
    match class_uid {
        uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE => Ok(StateKind::Grayscale),
        uids::COLOR_SOFTCOPY_PRESENTATION_STATE_STORAGE => Ok(StateKind::Color),
        uids::PSEUDO_COLOR_SOFTCOPY_PRESENTATION_STATE_STORAGE => Ok(StateKind::PseudoColor),
        other => Err(unsupported(other).map_or(NotRead::NotAState, NotRead::Unsupported)),
    }
}

impl PresentationState {
    /// Reads a state with everything its file holds, also what the header left where it lies.
    pub fn read_file(file: &DicomFile) -> Result<Self, NotRead> {
        Self::read_with(&file.data, &|element| file.read_value(element).ok())
    }

    /// Reads a state from its elements alone.
    pub fn read(data: &DataSet) -> Result<Self, NotRead> {
        Self::read_with(data, &|element| match &element.value {
            Value::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        })
    }

    fn read_with(data: &DataSet, value: &dyn Fn(&Element) -> Option<Vec<u8>>) -> Result<Self, NotRead> {
        let kind = kind_of(&data.uid(tags::SOP_CLASS_UID).unwrap_or_default())?;
        let mut reading = Reading::default();
        let r = &mut reading;
        let uid = |tag| data.uid(tag).unwrap_or_default();
        let creator = data.person_name(tags::CONTENT_CREATOR_NAME).unwrap_or_default();
        let mut state = Self {
            kind,
            instance_uid: uid(tags::SOP_INSTANCE_UID),
            series_uid: uid(tags::SERIES_INSTANCE_UID),
            study_uid: uid(tags::STUDY_INSTANCE_UID),
            label: words(data, tags::CONTENT_LABEL),
            description: words(data, tags::CONTENT_DESCRIPTION),
            creator: creator.split('=').next().unwrap_or_default().replace('^', " ").trim().to_owned(),
            created_date: words(data, tags::PRESENTATION_CREATION_DATE),
            created_time: words(data, tags::PRESENTATION_CREATION_TIME),
            instance_number: data.int(tags::INSTANCE_NUMBER),
            series: SeriesRef::read_all(data),
            modality: modality(data),
            vois: vois(data),
            presentation_lut: presentation_lut(data, r),
            palette: (kind == StateKind::PseudoColor).then(|| Palette::read(data, (0.0, 65535.0))).flatten(),
            areas: DisplayedArea::read_all(data, r),
            turn: Turn::read(data, r),
            shutter: Shutter::read(data, r),
            layers: read_layers(data),
            groups: read_groups(data),
            annotations: Annotation::read_all(data, r),
            overlays: OverlayPlane::read_all(data, value, r),
            activations: activations(data),
            masks: Masks::read(data, r),
            warnings: Vec::new(),
        };
        if kind == StateKind::PseudoColor && state.palette.is_none() {
            r.warn("the state has no palette that can be read; the image stays grey");
        }
        if state.series.iter().all(|series| series.images.is_empty() && series.series_uid.is_empty()) {
            r.warn("the state does not say which images it is about");
        }
        state.name_missing_layers(r);
        state.warnings = reading.into_warnings();
        Ok(state)
    }

    /// Annotations in layers that are not described get one, over the others.
    fn name_missing_layers(&mut self, reading: &mut Reading) {
        let named = self.annotations.iter().map(|a| &a.layer).chain(self.activations.iter().map(|a| &a.1));
        let mut known: std::collections::HashSet<&str> =
            self.layers.iter().map(|layer| layer.name.as_str()).collect();
        let missing: Vec<String> = named.filter(|name| known.insert(name.as_str())).cloned().collect();
        if !missing.is_empty() {
            reading.warn("some annotations are in layers the state does not describe");
        }
        let order = self.layers.last().map_or(0, |layer| layer.order).saturating_add(1);
        let layer = |name| GraphicLayer { name, order, ..GraphicLayer::default() };
        self.layers.extend(missing.into_iter().map(layer));
    }

    /// Whether it is about an image, in whichever of its frames.
    pub fn is_about(&self, instance_uid: &str, series_uid: Option<&str>) -> bool {
        self.series.iter().any(|series| {
            if series.images.is_empty() {
                series_uid.is_some_and(|uid| uid == series.series_uid)
            } else {
                series.images.iter().any(|image| image.instance_uid == instance_uid)
            }
        })
    }

    /// Whether it is about a frame, counted from zero, of an image.
    pub fn is_about_frame(&self, instance_uid: &str, frame: u32) -> bool {
        self.series.iter().any(|series| {
            // a state about a whole series names none of its images
            series.images.is_empty() || series.images.iter().any(|image| image.includes(instance_uid, frame))
        })
    }

    /// All images it names.
    pub fn images(&self) -> impl Iterator<Item = &ImageRef> {
        self.series.iter().flat_map(|series| &series.images)
    }

    /// Whether it replaces the modality LUT of its images by another than none.
    pub fn has_modality_lut(&self) -> bool {
        !self.modality.elements().is_empty()
    }
}

/// The attributes a modality LUT is made of, without the others.
fn modality(data: &DataSet) -> DataSet {
    let parts =
        [tags::RESCALE_INTERCEPT, tags::RESCALE_SLOPE, tags::RESCALE_TYPE, tags::MODALITY_LUT_SEQUENCE];
    DataSet::from_elements(parts.into_iter().filter_map(|tag| data.get(tag).cloned()).collect())
}

fn vois(data: &DataSet) -> Vec<SoftcopyVoi> {
    let items = data.items(tags::SOFTCOPY_VOILUT_SEQUENCE);
    let mut vois: Vec<SoftcopyVoi> =
        items.iter().map(|item| SoftcopyVoi { scope: Scope::read(item), item: item.clone() }).collect();
    // Some writers leave the window where images have it.
    if vois.is_empty() && (data.contains(tags::WINDOW_CENTER) || has_items(data, tags::VOILUT_SEQUENCE)) {
        let parts = [
            tags::WINDOW_CENTER,
            tags::WINDOW_WIDTH,
            tags::WINDOW_CENTER_WIDTH_EXPLANATION,
            tags::VOILUT_FUNCTION,
            tags::VOILUT_SEQUENCE,
        ];
        let elements = parts.into_iter().filter_map(|tag| data.get(tag).cloned()).collect();
        vois.push(SoftcopyVoi { scope: Scope::default(), item: DataSet::from_elements(elements) });
    }
    vois
}

fn presentation_lut(data: &DataSet, reading: &mut Reading) -> PresentationLut {
    if let Some(item) = data.item(tags::PRESENTATION_LUT_SEQUENCE) {
        // its input is the range of what comes before, whatever its first value says
        if let Some(lut) = Lut::read(item, (0.0, 65535.0)) {
            return PresentationLut::Table(lut);
        }
        reading.warn("the presentation LUT cannot be read; values stay as they are");
    }
    match term(data, tags::PRESENTATION_LUT_SHAPE).as_str() {
        "INVERSE" => PresentationLut::Inverse,
        "LIN OD" => {
            reading.warn("the presentation LUT is linear in optical density, for printers; it is left out");
            PresentationLut::LinearDensity
        }
        _ => PresentationLut::Identity,
    }
}

/// Overlay groups with a layer to be shown in.
fn activations(data: &DataSet) -> Vec<(u16, String)> {
    let activated = tags::OVERLAY_ACTIVATION_LAYER.inner().element();
    let groups = (0x6000..=0x60FE).step_by(2);
    let named = groups.map(|group| (group, words(data, Tag(group, activated))));
    named.filter(|(_, layer)| !layer.is_empty()).collect()
}
