//! What kinds of objects there are, and what each has to say about a frame. The models are those of
//! `crate::presentation`; here is only which of their functions is asked.

use std::sync::Arc;

use super::object::Options;
use crate::app::instance::{InstanceData, Opened, Supplement};
use crate::geometry::{ImageShape, pixel_aspect};
use crate::presentation::cover::Cover;
use crate::presentation::drawing::Drawing;
use crate::presentation::gsps::{OverlayPlane, PresentationState};
use crate::study::SupplementKind;

/// What an object says.
#[derive(Clone)]
pub enum Content {
    State(Arc<PresentationState>),
    /// It could not be read, and why.
    Unread {
        kind: SupplementKind,
        why: Arc<str>,
    },
}

/// What a list says of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    pub title: String,
    pub creator: String,
    pub date: String,
    pub time: String,
}

/// What lies over a frame.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub drawing: Drawing,
    /// From the bottom up.
    pub covers: Vec<Cover>,
}

impl Content {
    /// Reads an object; slow, for threads. `None` for what says nothing over images.
    pub fn read(supplement: &Supplement) -> Option<Self> {
        let kind = supplement.kind;
        let unread = |why: String| Self::Unread { kind, why: why.into() };
        let file = match supplement.data.file() {
            Ok(file) => file,
            Err(why) => return Some(unread(why)),
        };
        match kind {
            SupplementKind::PresentationState => Some(match PresentationState::read_file(&file) {
                Ok(state) => Self::State(Arc::new(state)),
                Err(why) => unread(why.to_string()),
            }),
            SupplementKind::StructuredReport
            | SupplementKind::KeyObjects
            | SupplementKind::Document
            | SupplementKind::Segmentation
            | SupplementKind::ParametricMap => None,
        }
    }

    pub fn kind(&self) -> SupplementKind {
        match self {
            Self::State(_) => SupplementKind::PresentationState,
            Self::Unread { kind, .. } => *kind,
        }
    }

    pub fn is_state(&self) -> bool {
        matches!(self, Self::State(_))
    }

    pub fn about(&self) -> About {
        match self {
            Self::State(state) => About {
                title: first_of([&state.description, &state.label], "presentation state"),
                creator: state.creator.clone(),
                date: state.created_date.clone(),
                time: state.created_time.clone(),
            },
            Self::Unread { kind, why } => {
                About { title: format!("{}: {why}", kind.name()), ..About::default() }
            }
        }
    }

    /// The switches it begins with.
    pub fn options(&self) -> Options {
        Options::default()
    }

    /// Whether an instance is among those it is about.
    pub fn is_about(&self, instance: &InstanceData) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        let series = instance.entry.series_uid.as_deref().unwrap_or_default();
        match self {
            Self::State(state) => state.series.iter().any(|of| {
                let named = of.images.iter().any(|image| image.instance_uid == uid);
                named || (of.images.is_empty() && of.series_uid == series)
            }),
            Self::Unread { .. } => false,
        }
    }

    /// Whether it has something to show on a frame, counted from zero, of an instance it is about.
    pub fn is_on(&self, instance: &InstanceData, frame: u32) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        match self {
            Self::State(state) => state.for_image(uid, frame).is_some(),
            Self::Unread { .. } => false,
        }
    }

    /// What it says over a frame; slow, for threads.
    pub fn said(&self, instance: &InstanceData, frame: u32, options: &Options) -> Said {
        let Ok(opened) = instance.open() else { return Said::default() };
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        match self {
            Self::State(state) => said_by_state(state, uid, opened, frame, options),
            Self::Unread { .. } => Said::default(),
        }
    }
}

/// The first that says something.
fn first_of<const N: usize>(texts: [&String; N], otherwise: &str) -> String {
    texts.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_else(|| otherwise.to_owned())
}

/// The shape of a frame as its header has it.
fn shape_of(opened: &Opened, frame: u32) -> ImageShape {
    let info = opened.image.info();
    let pixel_aspect = pixel_aspect(&opened.file.data, frame);
    ImageShape { pixel_aspect, ..ImageShape::square(info.columns, info.rows) }
}

fn said_by_state(
    state: &PresentationState,
    uid: &str,
    opened: &Opened,
    frame: u32,
    options: &Options,
) -> Said {
    let Some(presented) = state.for_image(uid, frame) else { return Said::default() };
    let shape = shape_of(opened, frame);
    let (planes, _) = OverlayPlane::read_file(&opened.file);
    let planes: Vec<_> = planes.iter().filter_map(|plane| plane.embedded(&opened.image, frame)).collect();
    let graphics = !options.no_graphics;
    let drawing = if graphics {
        presented.drawing(&presented.coordinates(shape, [0.0; 2]))
    } else {
        Drawing::default()
    };
    Said { drawing, covers: presented.cover(&planes, shape, frame, graphics).into_iter().collect() }
}
