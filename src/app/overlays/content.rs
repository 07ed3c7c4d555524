//! What kinds of objects there are, and what each has to say about a frame. The models are those of
//! `crate::presentation`; here is only which of their functions is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::object::Options;
use crate::app::captions::text::number;
use crate::app::instance::{InstanceData, InstanceId, Opened, Supplement};
use crate::app::viewport::sized;
use crate::display::{Appearance, TexelImage};
use crate::geometry::{ImageShape, Plane, is_projection};
use crate::presentation::cad::{CadReport, Marked, Shown};
use crate::presentation::cover::Cover;
use crate::presentation::drawing::Drawing;
use crate::presentation::gsps::{
    NotSubtracted, OverlayPlane, PresentationState, Presented, Shutter, image_cover, of_differences,
};
use crate::presentation::lying::ImageFrame;
use crate::presentation::parametric::{Mapping, ParametricMap};
use crate::presentation::segmentation::Segmentation;
use crate::presentation::sr::{Content as SrContent, Item, Regions, Report, Slice};
use crate::study::{Covered, SupplementKind};

/// What an object says.
#[derive(Clone)]
pub enum Content {
    /// What an image brings along itself: overlay planes and a shutter.
    Own(InstanceId, Covered),
    State(Arc<PresentationState>),
    Cad(Arc<Cad>),
    /// Regions that a report measured or described.
    Regions(Arc<Reported>),
    Segments(Arc<Segmentation>),
    Map(Arc<ParametricMap>),
    /// It could not be read, and why.
    Unread {
        kind: SupplementKind,
        why: Arc<str>,
    },
}

/// What computer-aided detection found.
pub struct Cad {
    pub found: CadReport,
    report: Report,
    /// The images and frames with anything that may be shown.
    marked: Vec<Marked>,
    /// Frames of findings in space are found by where they lie.
    in_space: BTreeSet<String>,
}

/// A report with places on images.
pub struct Reported {
    report: Report,
    regions: Regions,
    /// Frames of regions in space are found by where they lie.
    in_space: BTreeSet<String>,
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
    /// Shown in place of the frame: what is left of it without its mask.
    pub difference: Option<Arc<TexelImage>>,
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
            SupplementKind::Segmentation => Some(match Segmentation::read(&file) {
                Ok(segments) => Self::Segments(Arc::new(segments)),
                Err(why) => unread(why.to_string()),
            }),
            SupplementKind::ParametricMap => Some(match ParametricMap::read(&file) {
                Ok(map) => Self::Map(Arc::new(map)),
                Err(why) => unread(why.to_string()),
            }),
            // What is wrong with a report is said on its page.
            SupplementKind::StructuredReport => {
                let report = Report::read(&file.data).ok()?;
                let Some(found) = CadReport::of(&report) else {
                    let regions = report.regions();
                    let in_space = spaces(&report);
                    let has_places = !regions.is_empty();
                    return has_places
                        .then(|| Self::Regions(Arc::new(Reported { report, regions, in_space })));
                };
                let marked = found.marked(&Shown::EVERYTHING);
                let in_space = found.spaces().into_iter().map(str::to_owned).collect();
                Some(Self::Cad(Arc::new(Cad { found, report, marked, in_space })))
            }
            SupplementKind::KeyObjects | SupplementKind::Document => None,
        }
    }

    /// What kind of object it is; `None` for the image itself.
    pub fn kind(&self) -> Option<SupplementKind> {
        match self {
            Self::Own(..) => None,
            Self::State(_) => Some(SupplementKind::PresentationState),
            Self::Cad(_) | Self::Regions(_) => Some(SupplementKind::StructuredReport),
            Self::Segments(_) => Some(SupplementKind::Segmentation),
            Self::Map(_) => Some(SupplementKind::ParametricMap),
            Self::Unread { kind, .. } => Some(*kind),
        }
    }

    /// The image that brings it along.
    pub fn own_of(&self) -> Option<InstanceId> {
        match self {
            Self::Own(instance, _) => Some(*instance),
            _ => None,
        }
    }

    pub fn is_state(&self) -> bool {
        matches!(self, Self::State(_))
    }

    /// What is under a point of the image, in lines of text. What was on screen a moment ago is there at once.
    pub fn at(&self, instance: &InstanceData, frame: u32, point: [f64; 2], options: &Options) -> Vec<String> {
        match self {
            Self::Own(..) | Self::State(_) | Self::Cad(_) | Self::Regions(_) | Self::Unread { .. } => {
                Vec::new()
            }
            Self::Segments(segments) => over(instance, frame, |image| {
                let found = segments.at(&segments.frames_over(image), point).unwrap_or_default();
                let shown = found.iter().filter(|at| !options.segments.hidden.contains(&at.number));
                let words = shown.map(|at| {
                    let segment = segments.segment(at.number);
                    let name = segment.map_or_else(|| format!("segment {}", at.number), |s| s.label.clone());
                    if at.fraction < 1.0 { format!("{name} {:.0}%", at.fraction * 100.0) } else { name }
                });
                words.collect()
            })
            .unwrap_or_default(),
            Self::Map(map) => over(instance, frame, |image| {
                let hits = map.frames_over(image);
                let mapping = options.map.mapping;
                let value = map.value_at(&hits, point, mapping).ok().flatten();
                let named = |frame| map.mapping(frame, mapping).map(Mapping::name).unwrap_or_default();
                let words = value.map(|at| {
                    let parts = [named(at.frame), number(at.value), at.unit];
                    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                    parts.join(" ")
                });
                words.into_iter().collect()
            })
            .unwrap_or_default(),
        }
    }

    /// What is to be known about a part of a drawing: its name, then names and values.
    pub fn details(&self, of: u32) -> Option<(String, Vec<(String, String)>)> {
        match self {
            Self::Cad(cad) => {
                let finding = cad.found.findings.get(of as usize)?;
                Some((finding.title(), finding.details()))
            }
            Self::Segments(segments) => {
                let segment = segments.segment(u16::try_from(of).ok()?)?;
                let mut rows = vec![("Description".to_owned(), segment.description.clone())];
                rows.push(("Algorithm".to_owned(), segment.algorithm.name.clone()));
                rows.retain(|(_, value)| !value.is_empty());
                Some((segment.label.clone(), rows))
            }
            Self::Own(..) | Self::State(_) | Self::Regions(_) | Self::Map(_) | Self::Unread { .. } => None,
        }
    }

    pub fn about(&self) -> About {
        match self {
            Self::Own(_, covered) => {
                let title = match (covered.planes, covered.shutter) {
                    (true, false) => "overlay planes",
                    (false, _) => "shutter",
                    (true, true) => "overlay planes and shutter",
                };
                About { title: title.to_owned(), ..About::default() }
            }
            Self::State(state) => About {
                title: first_of([&state.description, &state.label], "presentation state"),
                creator: state.creator.clone(),
                date: state.created_date.clone(),
                time: state.created_time.clone(),
            },
            Self::Cad(cad) => {
                let header = &cad.report.header;
                let made = cad.found.runs.iter().find_map(|run| run.algorithm.manufacturer.clone());
                About {
                    title: cad.report.title().map_or("CAD", |title| title.text()).to_owned(),
                    creator: made.unwrap_or_default(),
                    date: header.content_date.clone().unwrap_or_default(),
                    time: header.content_time.clone().unwrap_or_default(),
                }
            }
            Self::Regions(reported) => {
                let header = &reported.report.header;
                About {
                    title: reported.report.title().map_or("report", |title| title.text()).to_owned(),
                    creator: header
                        .authors
                        .first()
                        .and_then(|author| author.name.clone())
                        .unwrap_or_default(),
                    date: header.content_date.clone().unwrap_or_default(),
                    time: header.content_time.clone().unwrap_or_default(),
                }
            }
            Self::Segments(segments) => About {
                title: first_of([&segments.description, &segments.label], "segmentation"),
                creator: segments.creator.clone(),
                ..About::default()
            },
            Self::Map(map) => About {
                title: first_of([&map.description, &map.label], "parametric map"),
                creator: map.creator.clone(),
                ..About::default()
            },
            Self::Unread { kind, why } => {
                About { title: format!("{}: {why}", kind.name()), ..About::default() }
            }
        }
    }

    /// The switches it begins with; slow, for threads.
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        if let Self::Map(map) = self {
            options.map.range = map.default_range(0, 0).ok();
        }
        options
    }

    /// Whether an instance is among those it is about.
    pub fn is_about(&self, instance: &InstanceData) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        match self {
            Self::Own(id, _) => instance.id == *id,
            Self::State(state) => state.is_about(uid, instance.entry.series_uid.as_deref()),
            Self::Cad(cad) => {
                let of_report = cad.found.images.iter().any(|image| image.instance_uid == uid);
                let space = instance.entry.frame_of_reference.as_ref();
                of_report
                    || cad.marked.iter().any(|marked| marked.instance_uid == uid)
                    || space.is_some_and(|space| cad.in_space.contains(space))
            }
            Self::Regions(reported) => {
                let named = reported.regions.references().any(|image| image.sop_instance_uid == uid);
                let space = instance.entry.frame_of_reference.as_ref();
                named || space.is_some_and(|space| reported.in_space.contains(space))
            }
            Self::Segments(segments) => {
                segments.names(uid) || same_space(segments.frame_of_reference.as_deref(), instance)
            }
            Self::Map(map) => map.names(uid) || same_space(map.frame_of_reference.as_deref(), instance),
            Self::Unread { .. } => false,
        }
    }

    /// Whether it has something to show on a frame, counted from zero, of an instance it is about.
    pub fn is_on(&self, instance: &InstanceData, frame: u32) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        match self {
            Self::Own(id, _) => instance.id == *id,
            Self::State(state) => state.for_image(uid, frame).is_some(),
            Self::Cad(cad) => {
                let named = cad.marked.iter().any(|marked| {
                    let here = marked.frames.is_empty() || marked.frames.binary_search(&frame).is_ok();
                    marked.instance_uid == uid && here
                });
                named || cad.is_in_space(instance, frame)
            }
            Self::Regions(reported) => reported.is_on(instance, frame),
            Self::Segments(segments) => {
                over(instance, frame, |image| !segments.frames_over(image).is_empty()).unwrap_or_default()
            }
            Self::Map(map) => {
                over(instance, frame, |image| !map.frames_over(image).is_empty()).unwrap_or_default()
            }
            Self::Unread { .. } => false,
        }
    }

    /// What it says over a frame; slow, for threads.
    pub fn said(&self, instance: &InstanceData, frame: u32, options: &Options) -> Said {
        let Ok(opened) = instance.open() else { return Said::default() };
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        let info = opened.image.info();
        let shape = sized(instance, frame, info.columns, info.rows);
        match self {
            Self::Own(..) => {
                let shutter = Shutter::read_from(&opened.file.data);
                let (planes, _) = OverlayPlane::on_frame(&opened.file, &opened.image, frame);
                let cover = image_cover(&planes, shutter.as_ref(), shape, frame);
                Said { covers: cover.into_iter().collect(), ..Said::default() }
            }
            Self::State(state) => said_by_state(state, uid, opened, frame, shape, options),
            Self::Cad(cad) => Said { drawing: cad.drawing(instance, frame, &options.cad), ..Said::default() },
            Self::Regions(reported) => Said { drawing: reported.drawing(instance, frame), ..Said::default() },
            Self::Segments(segments) => over(instance, frame, |image| {
                let hits = segments.frames_over(image);
                Said {
                    drawing: segments.outlines(&hits, &options.segments).unwrap_or_default(),
                    covers: segments.covers(&hits, &options.segments).unwrap_or_default(),
                    ..Said::default()
                }
            })
            .unwrap_or_default(),
            Self::Map(map) => over(instance, frame, |image| {
                let covers = map.covers(&map.frames_over(image), &options.map).unwrap_or_default();
                Said { covers, ..Said::default() }
            })
            .unwrap_or_default(),
            Self::Unread { .. } => Said::default(),
        }
    }
}

/// The first that says something.
fn first_of<const N: usize>(texts: [&String; N], otherwise: &str) -> String {
    texts.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_else(|| otherwise.to_owned())
}

impl Cad {
    /// Whether any mark is drawn on a frame.
    pub fn shows(&self, instance: &InstanceData, frame: u32, shown: &Shown) -> bool {
        !self.drawing(instance, frame, shown).is_empty()
    }

    fn drawing(&self, instance: &InstanceData, frame: u32, shown: &Shown) -> Drawing {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        cut(instance, frame, &self.in_space, |slice| self.found.drawing_with(uid, frame, Some(slice), shown))
            .unwrap_or_else(|| self.found.drawing(uid, frame, shown))
    }

    fn is_in_space(&self, instance: &InstanceData, frame: u32) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        cut(instance, frame, &self.in_space, |slice| {
            !self.found.drawing_with(uid, frame, Some(slice), &Shown::EVERYTHING).is_empty()
        })
        .unwrap_or_default()
    }
}

/// A frame as a slice of one of some spaces; `None` where it is none, or before its header was read.
fn cut<T>(
    instance: &InstanceData,
    frame: u32,
    spaces: &BTreeSet<String>,
    ask: impl FnOnce(&Slice<'_>) -> T,
) -> Option<T> {
    let space = instance.entry.frame_of_reference.as_deref().filter(|space| spaces.contains(*space))?;
    let data = &instance.peek()?.file.data;
    let plane = Plane::read(data, frame).filter(|_| !is_projection(data))?;
    Some(ask(&Slice::of_frame(data, frame, &plane, space)))
}

impl Reported {
    /// Whether it has a region on a frame; those in space are known only once they are cut.
    fn is_on(&self, instance: &InstanceData, frame: u32) -> bool {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        self.regions.is_on(uid, frame) || !self.crossing(instance, frame).is_empty()
    }

    pub fn drawing(&self, instance: &InstanceData, frame: u32) -> Drawing {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        let mut drawing = self.regions.drawing(&self.report, uid, frame);
        drawing.append(self.crossing(instance, frame));
        drawing
    }

    /// What of the regions in space crosses a frame.
    fn crossing(&self, instance: &InstanceData, frame: u32) -> Drawing {
        let regions = |slice: &Slice<'_>| self.regions.drawing_in_space(&self.report, slice);
        cut(instance, frame, &self.in_space, regions).unwrap_or_default()
    }
}

/// The frames of reference of the regions in space.
fn spaces(report: &Report) -> BTreeSet<String> {
    let of = |item: &Item| match &item.content {
        SrContent::Region3d(region) => region.frame_of_reference_uid.clone(),
        _ => None,
    };
    report.items().filter_map(|(_, item)| of(item)).collect()
}

/// Whether something lies in the same space as an instance.
fn same_space(frame_of_reference: Option<&str>, instance: &InstanceData) -> bool {
    frame_of_reference.is_some() && instance.entry.frame_of_reference.as_deref() == frame_of_reference
}

/// A frame as something that others may lie over; `None` before its header was read.
fn over<T>(instance: &InstanceData, frame: u32, ask: impl FnOnce(&ImageFrame<'_>) -> T) -> Option<T> {
    let opened = instance.peek()?;
    let info = opened.image.info();
    let plane = Plane::read(&opened.file.data, frame);
    Some(ask(&ImageFrame {
        instance_uid: instance.entry.sop_uid.as_deref().unwrap_or_default(),
        frame,
        size: [info.columns, info.rows],
        plane: plane.as_ref(),
        frame_of_reference: instance.entry.frame_of_reference.as_deref(),
    }))
}

fn said_by_state(
    state: &PresentationState,
    uid: &str,
    opened: &Opened,
    frame: u32,
    shape: ImageShape,
    options: &Options,
) -> Said {
    let Some(presented) = state.for_image(uid, frame) else { return Said::default() };
    let (planes, _) = OverlayPlane::on_frame(&opened.file, &opened.image, frame);
    let graphics = !options.no_graphics;
    let drawing = if graphics {
        presented.drawing(&presented.coordinates(shape, [0.0; 2]))
    } else {
        Drawing::default()
    };
    let covers = presented.cover(&planes, shape, frame, graphics).into_iter().collect();
    Said { drawing, covers, difference: difference(&presented, opened, frame).map(Arc::new) }
}

/// The frame less its mask, where the state has one for it.
fn difference(presented: &Presented<'_>, opened: &Opened, frame: u32) -> Option<TexelImage> {
    let (mask, info) = (presented.mask?, opened.image.info());
    let appearance = presented.appearance(&Appearance::read(&opened.file.data, info, frame), info);
    let decode = |number| opened.image.decode(number).map_err(|error| Undone(error.to_string()));
    match mask.subtracted(frame, opened.image.frame_count(), &appearance, decode) {
        Ok(difference) => Some(TexelImage::build(&difference, &of_differences(&appearance), 0)),
        Err(Undone(why)) => {
            tracing::warn!("the mask of a presentation state is not subtracted: {why}");
            None
        }
    }
}

/// Why a mask was not subtracted.
struct Undone(String);

impl From<NotSubtracted> for Undone {
    fn from(why: NotSubtracted) -> Self {
        Self(why.to_string())
    }
}
