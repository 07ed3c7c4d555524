//! A CAD report as plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::family::Family;
use super::images::Image;
use super::intent::{Branches, Intent, Shown};
use super::kind::Kind;
use super::runs::{OperatingPoints, Run};
use super::status::Status;
use crate::presentation::sr::{Code, Content, Item, ItemId, Region3d, Shape};

/// What a CAD report says.
#[derive(Debug, Clone)]
pub struct CadReport {
    pub family: Family,
    pub status: Status,
    /// In the order of the report: what others are made of comes after them.
    pub findings: Vec<Finding>,
    /// What was looked for.
    pub runs: Vec<Run>,
    /// Of the detections that have any.
    pub operating_points: Vec<OperatingPoints>,
    /// The images it speaks of.
    pub images: Vec<Arc<Image>>,
    /// What does not agree or could not be understood.
    pub warnings: Vec<String>,
    pub(super) branches: Branches,
}

/// One finding: what was found in an image, or what several of those make together.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The item of the report it is read from.
    pub item: ItemId,
    /// Made of others: a mass seen in two views.
    pub is_composite: bool,
    pub kind: Kind,
    pub code: Option<Code>,
    pub modifiers: Vec<Code>,
    pub intent: Intent,
    /// The lowest operating point at which it is shown, where it is optional.
    pub operating_point: Option<u32>,
    /// Per cent.
    pub certainty: Option<f64>,
    /// Per cent.
    pub probability: Option<f64>,
    /// How many calcifications a cluster has; not all of them need to be marked.
    pub calcifications: Option<u32>,
    pub algorithm: Algorithm,
    pub places: Vec<Arc<Place>>,
    /// Where it is in the patient, whatever images there are.
    pub places_in_space: Vec<Arc<PlaceInSpace>>,
    /// What else is said of it, as the report words it.
    pub properties: Vec<(String, String)>,
    /// Findings it is made of or inferred from, as numbers in [`CadReport::findings`].
    pub parts: Vec<u32>,
    /// The finding it is part of.
    pub parent: Option<u32>,
    /// How many findings it stands below.
    pub depth: u16,
    /// One of the calcifications of a cluster.
    pub in_cluster: bool,
}

/// What found something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Algorithm {
    pub name: Option<String>,
    pub version: Option<String>,
    pub manufacturer: Option<String>,
}

/// Where a finding is, in pixels of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub role: Role,
    pub shape: Shape,
    /// Column and row; 0, 0 is the outer corner of the first pixel.
    pub points: Vec<[f32; 2]>,
    /// Usually one.
    pub images: Vec<Arc<Image>>,
}

/// Where a finding is in the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceInSpace {
    pub role: Role,
    pub region: Region3d,
}

/// What a place is of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Center,
    Outline,
    Other,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub instance_uid: String,
    /// Counted from 0; of a mark on several frames the middle one.
    pub frame: u32,
    /// Pixels of the image.
    pub point: [f64; 2],
}

/// An image with marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub instance_uid: String,
    /// Counted from 0, in order; empty for all frames.
    pub frames: Vec<u32>,
}

/// A line of a list of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in [`CadReport::findings`].
    pub finding: u32,
    pub depth: u16,
    pub title: String,
    /// How sure CAD is; empty where it does not say.
    pub note: String,
    /// The views it is on; empty where the report does not say.
    pub images: String,
    /// Whether it is among what was asked for; the rest is optional.
    pub shown: bool,
}

impl CadReport {
    /// Which findings are shown, one answer for each.
    pub fn visible(&self, shown: &Shown) -> Vec<bool> {
        self.branches.followed(self.findings.len(), shown, &self.operating_points)
    }

    /// The images, and the frames of them, on which something is shown: one of each instance, by UID.
    pub fn marked(&self, shown: &Shown) -> Vec<Marked> {
        let visible = self.visible(shown);
        let findings =
            self.findings.iter().zip(visible).filter_map(|(finding, visible)| visible.then_some(finding));
        let images = findings.flat_map(|finding| &finding.places).flat_map(|place| &place.images);
        // Many marks share an image, and an image can name many frames: each is looked at once.
        let images: BTreeMap<*const Image, &Image> =
            images.map(|image| (Arc::as_ptr(image), &**image)).collect();
        let mut found: BTreeMap<&str, Option<BTreeSet<u32>>> = BTreeMap::new();
        for image in images.values() {
            let frames = found.entry(&image.instance_uid).or_insert_with(|| Some(BTreeSet::new()));
            if image.frames.is_empty() {
                *frames = None;
            } else if let Some(frames) = frames {
                frames.extend(image.frames.iter().map(|frame| frame.saturating_sub(1)));
            }
        }
        let marked = |(uid, frames): (&str, Option<BTreeSet<u32>>)| Marked {
            instance_uid: uid.to_owned(),
            frames: frames.into_iter().flatten().collect(),
        };
        found.into_iter().map(marked).collect()
    }

    /// The frames of reference of the findings that are in space: slices in these can have marks.
    pub fn spaces(&self) -> BTreeSet<&str> {
        let places = self.findings.iter().flat_map(|finding| &finding.places_in_space);
        places.filter_map(|place| place.region.frame_of_reference_uid.as_deref()).collect()
    }

    /// The highest operating point of any detection; `None` where the report has none.
    pub fn highest_operating_point(&self) -> Option<u32> {
        self.operating_points.iter().map(|points| points.maximum).max()
    }

    /// How many lesions may be shown, those that make up another one not counted.
    pub(super) fn count_lesions(&self) -> usize {
        let visible = self.visible(&Shown::EVERYTHING);
        let is_lesion = |number: usize, finding: &Finding| {
            visible.get(number).copied().unwrap_or_default() && finding.kind.is_lesion()
        };
        let mut is_part = vec![false; self.findings.len()];
        let mut lesions = 0;
        for (number, finding) in self.findings.iter().enumerate() {
            if is_lesion(number, finding) {
                lesions += 1;
                for part in &finding.parts {
                    if let Some(is_part) = is_part.get_mut(*part as usize) {
                        *is_part = true;
                    }
                }
            }
        }
        let alone = self.findings.iter().zip(&is_part).enumerate();
        let alone =
            alone.filter(|(number, (finding, is_part))| is_lesion(*number, finding) && !**is_part).count();
        // Findings that are parts of each other are one at least.
        alone.max(usize::from(lesions > 0))
    }
}

impl Algorithm {
    /// Takes what an item says of an algorithm; the first word counts.
    pub(super) fn read(&mut self, item: &Item) {
        let (Some(name), Content::Text { value }) = (&item.name, &item.content) else { return };
        let field = if name.is_any(&[super::codes::ALGORITHM_NAME]) {
            &mut self.name
        } else if name.is_any(&[super::codes::ALGORITHM_VERSION]) {
            &mut self.version
        } else if name.is_any(&[super::codes::ALGORITHM_MANUFACTURER]) {
            &mut self.manufacturer
        } else {
            return;
        };
        field.get_or_insert_with(|| super::details::short(value));
    }
}

impl Place {
    pub(super) fn is_center(&self) -> bool {
        self.role == Role::Center
    }

    /// Its points, without those that are nowhere.
    pub(super) fn finite(&self) -> impl Iterator<Item = [f64; 2]> {
        let finite = self.points.iter().filter(|point| point.iter().all(|v| v.is_finite()));
        finite.map(|point| point.map(f64::from))
    }

    /// A point for a mark: the point itself, the centre of a circle, the middle of what the points span.
    pub fn middle(&self) -> Option<[f64; 2]> {
        let mut points = self.finite();
        if matches!(self.shape, Shape::Point | Shape::Circle) { points.next() } else { span(points) }
    }
}

/// The middle of what points span.
pub(super) fn span(mut points: impl Iterator<Item = [f64; 2]>) -> Option<[f64; 2]> {
    let first = points.next()?;
    let (low, high) = points.fold((first, first), |(low, high), [x, y]| {
        ([x.min(low[0]), y.min(low[1])], [x.max(high[0]), y.max(high[1])])
    });
    Some([low[0].midpoint(high[0]), low[1].midpoint(high[1])])
}
