//! Saying how an image is seen now as a Grayscale Softcopy Presentation State, for other programs to show.
//!
//! What is written is what a state can hold: windows or tables, the part shown, turns, polarity or a table at the end,
//! and annotations as outlines and text, layer by layer. It is about the frames it names and nothing else.
//! [`kept`] is what another state draws, for a look that was seen with that one.

mod kept;
mod marks;
#[cfg(test)]
mod tests;

use dicom_dictionary_std::{tags, uids};

use super::annotation::{Graphic, Text};
use super::area::{DisplayedArea, SizeMode};
use super::layer::GraphicLayer;
use super::relation::ImageRef;
use super::spatial::Turn;
use super::state::PresentationLut;
use crate::dicom::DataSet as Read;
use crate::dicom::VR;
use crate::dicom::write::{DataSet, Implementation, Syntax, Value, file, item};
use crate::display::{Appearance, Lut, Modality, Voi};

pub use kept::kept;

/// UID of this program as a writer, and the name that goes with it.
const WRITER: Implementation =
    Implementation { class_uid: "2.25.126839214704962047319187220841620923751", version_name: "LIGHTBOX" };

/// Who says it, when, and under which names.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// New for every state that is written: see [`new_uid`].
    pub instance_uid: String,
    /// Of a series of states in the study of the images.
    pub series_uid: String,
    pub label: String,
    pub description: String,
    /// As the standard writes names: family^given.
    pub creator: String,
    /// YYYYMMDD and HHMMSS.
    pub date: String,
    pub time: String,
    pub series_number: u32,
    pub instance_number: u32,
}

/// One image as it is seen.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The header of the image.
    pub data: &'a Read,
    /// Frames, counted from zero; none for all.
    pub frames: Vec<u32>,
    pub appearance: &'a Appearance,
    pub voi: Voi,
    /// What of it is shown; `None` for all of it.
    pub area: Option<DisplayedArea>,
    pub columns: u32,
    pub rows: u32,
    pub aspect: f64,
    /// What is drawn on it.
    pub drawn: Vec<Drawn>,
}

/// Outlines and text in one layer of one image.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// One of [`Shared::layers`], by its name.
    pub layer: String,
    /// Frames, counted from zero; none for those of the image as it is described.
    pub frames: Vec<u32>,
    pub graphics: Vec<Graphic>,
    pub texts: Vec<Text>,
}

/// What holds for all images of a state.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    pub turn: Turn,
    /// What becomes of grey values at the end: whether the lowest is white, or a table.
    pub lut: PresentationLut,
    /// The layers of the annotations; those they name and that are not here get one that says nothing more.
    pub layers: Vec<GraphicLayer>,
}

/// Why a look cannot be said as one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWritten {
    /// No image.
    Nothing,
    /// A state belongs to one study.
    OtherStudy,
    /// A state has one modality LUT for all of its images.
    OtherModality,
    /// Colours have no grayscale state.
    Color,
}

impl std::fmt::Display for NotWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "there is no image to describe",
            Self::OtherStudy => "images of several studies need a presentation state each",
            Self::OtherModality => "images with different modality LUTs need a presentation state each",
            Self::Color => "colour images cannot be described by a grayscale presentation state",
        })
    }
}

impl std::error::Error for NotWritten {}

/// A UID made of a time in nanoseconds and whatever else tells this launch from others.
pub fn new_uid(nanoseconds: u128, other: u64) -> String {
    // as a UUID in decimal; version and variant as random ones have them
    let mixed = nanoseconds.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
        ^ u128::from(other).wrapping_mul(0xD6E8_FEB8_6659_FD93_A076_1D64_78BD_642F);
    let bits = mixed & !(0xF << 76) | (4 << 76);
    let bits = bits & !(3 << 62) | (2 << 62);
    format!("2.25.{bits}")
}

/// The bytes of a file.
pub fn state_file(identity: &Identity, shared: &Shared, images: &[Seen<'_>]) -> Result<Vec<u8>, NotWritten> {
    let data = state_data(identity, shared, images)?;
    // Explicit lengths of numbers end at 64 KiB; the implicit syntax has no such end.
    const LONGEST: usize = 65_534 / 8;
    let graphics = images.iter().flat_map(|seen| &seen.drawn).flat_map(|drawn| &drawn.graphics);
    let long = graphics.into_iter().any(|graphic| graphic.points.len() > LONGEST);
    let syntax = if long { Syntax::ImplicitLittle } else { Syntax::ExplicitLittle };
    Ok(file(&data, syntax, WRITER))
}

/// The elements.
pub fn state_data(identity: &Identity, shared: &Shared, images: &[Seen<'_>]) -> Result<DataSet, NotWritten> {
    let first = images.first().ok_or(NotWritten::Nothing)?;
    let study = |seen: &Seen<'_>| seen.data.uid(tags::STUDY_INSTANCE_UID);
    if images.iter().any(|seen| study(seen) != study(first)) {
        return Err(NotWritten::OtherStudy);
    }
    if images.iter().any(|seen| seen.appearance.modality != first.appearance.modality) {
        return Err(NotWritten::OtherModality);
    }
    if images.iter().any(|seen| seen.data.int(tags::SAMPLES_PER_PIXEL).unwrap_or(1) != 1) {
        return Err(NotWritten::Color);
    }
    let mut d = DataSet::new();
    identify(&mut d, identity, first.data);
    d.sequence(tags::REFERENCED_SERIES_SEQUENCE, relation(images));
    modality(&mut d, &first.appearance.modality, &first.appearance.unit);
    d.sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, images.iter().map(voi).collect());
    d.sequence(
        tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
        images.iter().map(|seen| area(seen, shared.turn)).collect(),
    );
    if shared.turn != Turn::default() {
        d.int(tags::IMAGE_ROTATION, [i64::from(shared.turn.quarters % 4) * 90]);
        d.text(tags::IMAGE_HORIZONTAL_FLIP, if shared.turn.flip { "Y" } else { "N" });
    }
    marks::put(&mut d, &shared.layers, images);
    presentation_lut(&mut d, &shared.lut);
    Ok(d)
}

/// Patient and study as the image has them; series and state anew.
fn identify(d: &mut DataSet, identity: &Identity, image: &Read) {
    let kept = [
        (tags::PATIENT_NAME, VR::PN),
        (tags::PATIENT_ID, VR::LO),
        (tags::ISSUER_OF_PATIENT_ID, VR::LO),
        (tags::PATIENT_BIRTH_DATE, VR::DA),
        (tags::PATIENT_SEX, VR::CS),
        (tags::STUDY_INSTANCE_UID, VR::UI),
        (tags::STUDY_DATE, VR::DA),
        (tags::STUDY_TIME, VR::TM),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
        (tags::STUDY_ID, VR::SH),
        (tags::ACCESSION_NUMBER, VR::SH),
        (tags::STUDY_DESCRIPTION, VR::LO),
    ];
    for (tag, vr) in kept {
        // a few of them have to be there, if empty
        let optional = matches!(tag, tags::ISSUER_OF_PATIENT_ID | tags::STUDY_DESCRIPTION);
        let text = image.string(tag);
        if text.is_some() || !optional {
            d.put(tag, vr, Value::Text(text.unwrap_or_default()));
        }
    }
    let limited = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    d.text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192")
        .text(tags::SOP_CLASS_UID, uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE)
        .text(tags::SOP_INSTANCE_UID, identity.instance_uid.as_str())
        .text(tags::SERIES_INSTANCE_UID, identity.series_uid.as_str())
        .text(tags::MODALITY, "PR")
        .empty(tags::LATERALITY)
        .text(tags::SERIES_NUMBER, identity.series_number.to_string())
        .text(tags::INSTANCE_NUMBER, identity.instance_number.max(1).to_string())
        .text(tags::MANUFACTURER, "Lightbox")
        .text(tags::CONTENT_LABEL, marks::label(&identity.label))
        .text(tags::CONTENT_DESCRIPTION, limited(&identity.description, 64))
        .text(tags::CONTENT_CREATOR_NAME, limited(&identity.creator, 64))
        .text(tags::PRESENTATION_CREATION_DATE, identity.date.as_str())
        .text(tags::PRESENTATION_CREATION_TIME, identity.time.as_str());
}

fn reference(seen: &Seen<'_>) -> ImageRef {
    ImageRef {
        class_uid: seen.data.uid(tags::SOP_CLASS_UID).unwrap_or_default(),
        instance_uid: seen.data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default(),
        frames: seen.frames.iter().map(|frame| frame + 1).collect(),
    }
}

fn put_reference(d: &mut DataSet, image: &ImageRef) {
    d.text(tags::REFERENCED_SOP_CLASS_UID, image.class_uid.as_str());
    d.text(tags::REFERENCED_SOP_INSTANCE_UID, image.instance_uid.as_str());
    if !image.frames.is_empty() {
        d.int(tags::REFERENCED_FRAME_NUMBER, image.frames.iter().map(|n| i64::from(*n)));
    }
}

fn scope(seen: &Seen<'_>) -> Vec<DataSet> {
    vec![item(|d| put_reference(d, &reference(seen)))]
}

/// Some frames of an image, or those it is described for.
fn part(seen: &Seen<'_>, frames: &[u32]) -> Vec<DataSet> {
    let whole = reference(seen);
    let frames = match frames {
        [] => whole.frames.clone(),
        some => some.iter().map(|frame| frame.saturating_add(1)).collect(),
    };
    vec![item(|d| put_reference(d, &ImageRef { frames, ..whole }))]
}

/// Images by series. An image whose frames look differently is there several times; it is named once.
fn relation(images: &[Seen<'_>]) -> Vec<DataSet> {
    let mut series: Vec<(String, Vec<ImageRef>)> = Vec::new();
    for seen in images {
        let uid = seen.data.uid(tags::SERIES_INSTANCE_UID).unwrap_or_default();
        let image = reference(seen);
        let at = series.iter().position(|(other, _)| *other == uid).unwrap_or(series.len());
        if at == series.len() {
            series.push((uid, Vec::new()));
        }
        let Some((_, named)) = series.get_mut(at) else { continue };
        match named.iter_mut().find(|other| other.instance_uid == image.instance_uid) {
            // all frames swallow some of them
            Some(known) if known.frames.is_empty() || image.frames.is_empty() => known.frames.clear(),
            Some(known) => {
                known.frames.extend(image.frames);
                known.frames.sort_unstable();
                known.frames.dedup();
            }
            None => named.push(image),
        }
    }
    let one = |(uid, images): (String, Vec<ImageRef>)| {
        item(|d| {
            d.text(tags::SERIES_INSTANCE_UID, uid);
            let images = images.iter().map(|image| item(|d| put_reference(d, image))).collect();
            d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, images);
        })
    };
    series.into_iter().map(one).collect()
}

/// A shape of its own, or a table; its input begins at zero, whatever a table that was read said.
fn presentation_lut(d: &mut DataSet, lut: &PresentationLut) {
    match lut {
        PresentationLut::Table(lut) => {
            d.sequence(tags::PRESENTATION_LUT_SEQUENCE, vec![table(&Lut { first: 0, ..lut.clone() })]);
        }
        PresentationLut::Inverse => {
            d.text(tags::PRESENTATION_LUT_SHAPE, "INVERSE");
        }
        PresentationLut::Identity | PresentationLut::LinearDensity => {
            d.text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY");
        }
    }
}

fn table(lut: &Lut) -> DataSet {
    item(|d| {
        let vr = if lut.first < 0 { VR::SS } else { VR::US };
        // 65536 entries are declared as none
        let descriptor = vec![lut.data.len() as u16, lut.first as u16, u16::from(lut.bits)];
        d.put(tags::LUT_DESCRIPTOR, vr, Value::U16(descriptor));
        if !lut.explanation.is_empty() {
            d.text(tags::LUT_EXPLANATION, lut.explanation.as_str());
        }
        d.put(tags::LUT_DATA, VR::OW, Value::U16(lut.data.to_vec()));
    })
}

fn modality(d: &mut DataSet, modality: &Modality, unit: &str) {
    match modality {
        Modality::Rescale { slope, intercept } => {
            d.real(tags::RESCALE_INTERCEPT, [*intercept])
                .real(tags::RESCALE_SLOPE, [*slope])
                .text(tags::RESCALE_TYPE, if unit == "HU" { "HU" } else { "US" });
        }
        Modality::Lut(lut) => {
            let mut item = table(lut);
            item.text(tags::MODALITY_LUT_TYPE, if unit == "HU" { "HU" } else { "US" });
            d.sequence(tags::MODALITY_LUT_SEQUENCE, vec![item]);
        }
    }
}

fn voi(seen: &Seen<'_>) -> DataSet {
    item(|d| {
        d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, scope(seen));
        match &seen.voi {
            Voi::Lut(lut) => {
                d.sequence(tags::VOILUT_SEQUENCE, vec![table(lut)]);
            }
            window => {
                let (center, width) = window.nearest_window();
                d.real(tags::WINDOW_CENTER, [center]).real(tags::WINDOW_WIDTH, [width]);
                match window {
                    Voi::LinearExact { .. } => d.text(tags::VOILUT_FUNCTION, "LINEAR_EXACT"),
                    Voi::Sigmoid { .. } => d.text(tags::VOILUT_FUNCTION, "SIGMOID"),
                    _ => d,
                };
            }
        }
    })
}

fn area(seen: &Seen<'_>, turn: Turn) -> DataSet {
    let rect = seen.area.as_ref().map_or(super::Rect::whole(seen.columns, seen.rows), DisplayedArea::rect);
    // the corners that are at the top left and the bottom right once the image is turned
    let back = turn.map(rect.size).invert().unwrap_or(crate::geometry::Affine::IDENTITY);
    let [width, height] = turn.size(rect.size);
    let pixel = |corner: [f64; 2]| {
        let [x, y] = back.apply(corner);
        [(rect.min[0] + x).floor() as i64 + 1, (rect.min[1] + y).floor() as i64 + 1]
    };
    let (top_left, bottom_right) = (pixel([0.5, 0.5]), pixel([width - 0.5, height - 0.5]));
    item(|d| {
        d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, scope(seen))
            .int(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, top_left)
            .int(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, bottom_right);
        let spacing = seen.area.as_ref().and_then(|area| area.spacing);
        let mode = seen.area.as_ref().map_or(SizeMode::ScaleToFit, |area| area.mode);
        match mode {
            SizeMode::TrueSize if spacing.is_some() => d.text(tags::PRESENTATION_SIZE_MODE, "TRUE SIZE"),
            SizeMode::Magnify(ratio) => d
                .text(tags::PRESENTATION_SIZE_MODE, "MAGNIFY")
                .real(tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO, [ratio]),
            _ => d.text(tags::PRESENTATION_SIZE_MODE, "SCALE TO FIT"),
        };
        match spacing {
            Some(spacing) => d.real(tags::PRESENTATION_PIXEL_SPACING, spacing),
            None => {
                let ratio =
                    if seen.aspect == 1.0 { [1, 1] } else { [(seen.aspect * 10000.0).round() as i64, 10000] };
                d.int(tags::PRESENTATION_PIXEL_ASPECT_RATIO, ratio)
            }
        };
    })
}
