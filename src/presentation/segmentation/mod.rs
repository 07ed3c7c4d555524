//! Segmentations: parts of images outlined by people or programs, over the frames they were made on (PS3.3 C.8.20,
//! C.8.36).
//!
//! [`Segmentation::read`] takes the header; frames are decoded when they are looked at and kept within bounds.
//! [`Segmentation::frames_over`] says which of them lie over a frame of an image, [`Segmentation::covers`] colours
//! their areas, [`Segmentation::outlines`] draws lines around them, and [`Segmentation::at`] tells what is at a point.
//! Overlapping segments mix. Surfaces, and slides whose frames are tiles, are not read.

mod bits;
mod cover;
mod mask;
mod outline;
mod read;
mod segment;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::color::Rgb;
use super::cover::Cover;
use super::drawing::Drawing;
use super::kept::Kept;
use super::lying::{Hit, ImageFrame, Lying};
use crate::dicom::{Error, Image};

use mask::{Mask, Run};
pub use read::is_segmentation;
pub use segment::{Algorithm, Segment, SegmentMark};

/// Decoded frames that are kept.
const KEPT_BYTES: usize = 48 << 20;

/// What the pixels of a segmentation say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentationKind {
    /// In or out; each frame is of one segment.
    Binary,
    /// How probable it is that a pixel is in, up to a maximum.
    Probability,
    /// How much of a pixel is in, up to a maximum.
    Occupancy,
    /// The number of the segment a pixel is in.
    LabelMap,
}

impl SegmentationKind {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Probability => "probability",
            Self::Occupancy => "occupancy",
            Self::LabelMap => "label map",
        }
    }
}

/// A segmentation. Any thread may ask it.
pub struct Segmentation {
    pub kind: SegmentationKind,
    /// What the object is called; often empty.
    pub label: String,
    pub description: String,
    pub creator: String,
    /// In the order of their numbers.
    pub segments: Vec<Segment>,
    pub frame_of_reference: Option<String>,
    /// What was mended or left out.
    pub warnings: Vec<String>,
    /// What stands for all of a fractional pixel.
    maximum: u16,
    /// The number of a label map that is no segment.
    background: u16,
    image: Image,
    /// Bits of all frames follow each other in the source as they are.
    packed: bool,
    lying: Lying,
    masks: Kept<Mask>,
}

impl std::fmt::Debug for Segmentation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segmentation")
            .field("kind", &self.kind)
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// How segments are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentOptions {
    /// Numbers of segments that are not.
    pub hidden: BTreeSet<u16>,
    /// Opacity of areas, from 0 to 1; at 0 there are none.
    pub fill: f64,
    /// Thickness of outlines in pixels of the screen; at 0 there are none.
    pub line: f64,
    /// The share of a fractional pixel from which on it is inside of an outline.
    pub threshold: f64,
}

impl Default for SegmentOptions {
    fn default() -> Self {
        Self { hidden: BTreeSet::new(), fill: 0.35, line: 1.5, threshold: 0.5 }
    }
}

/// A segment at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentAt {
    pub number: u16,
    /// From 0 to 1; of others than fractional ones always 1.
    pub fraction: f64,
}

impl Segmentation {
    /// The segment with a number.
    pub fn segment(&self, number: u16) -> Option<&Segment> {
        let at = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.segments.get(at)
    }

    /// Frames of the object.
    pub fn frame_count(&self) -> u32 {
        self.image.frame_count()
    }

    /// The frames that lie over a frame of an image.
    pub fn frames_over(&self, image: &ImageFrame) -> Vec<Hit> {
        self.lying.over(image)
    }

    /// The images the segmentation says it was made on; others may lie in the same place.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.lying.named()
    }

    /// Whether the segmentation names an image.
    pub fn names(&self, instance_uid: &str) -> bool {
        self.lying.names(instance_uid)
    }

    /// The areas of segments as pictures, usually one: frames that lie alike share it, and it is no larger than what
    /// they cover.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn covers(&self, hits: &[Hit], options: &SegmentOptions) -> Result<Vec<Cover>, Error> {
        cover::covers(self, hits, options)
    }

    /// Lines around the areas of segments, along the edges of their pixels; each knows the number of its segment.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn outlines(&self, hits: &[Hit], options: &SegmentOptions) -> Result<Drawing, Error> {
        outline::outlines(self, hits, options)
    }

    /// The segments at a point of the image, also those that are not shown.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn at(&self, hits: &[Hit], point: [f64; 2]) -> Result<Vec<SegmentAt>, Error> {
        let mut found = Vec::new();
        for hit in hits {
            let Some(back) = hit.to_image.invert() else { continue };
            let mask = self.mask(hit.frame)?;
            let Some((run, value)) = mask.at(back.apply(point)) else { continue };
            let fraction = self.fraction(value);
            if fraction > 0.0 {
                found.push(SegmentAt { number: self.number(hit.frame, run), fraction });
            }
        }
        found.sort_by_key(|at| at.number);
        Ok(found)
    }

    /// The colour of a segment, also of one that is not described.
    pub fn color(&self, number: u16) -> Rgb {
        self.segment(number).map_or_else(|| segment::distinct(number), |segment| segment.color)
    }

    /// The set pixels of a frame.
    fn mask(&self, frame: u32) -> Result<Arc<Mask>, Error> {
        self.masks.get(frame, || {
            let mask = Mask::decode(&self.image, frame, self.kind, self.background, self.packed)?;
            let bytes = mask.bytes();
            Ok((mask, bytes))
        })
    }

    /// The number of the segment a run of a frame is of.
    fn number(&self, frame: u32, run: &Run) -> u16 {
        match self.kind {
            SegmentationKind::LabelMap => run.value as u16,
            _ => u16::try_from(self.lying.part(frame)).unwrap_or(0),
        }
    }

    fn is_fractional(&self) -> bool {
        matches!(self.kind, SegmentationKind::Probability | SegmentationKind::Occupancy)
    }

    /// How much of a pixel a stored value stands for.
    fn fraction(&self, value: u16) -> f64 {
        if self.is_fractional() { (f64::from(value) / f64::from(self.maximum)).min(1.0) } else { 1.0 }
    }
}
