//! Which frames of one object lie over a frame of an image, and how: by what the object refers to, else by where
//! both lie in the patient.
//!
//! [`Lying`] is made once for an object. Asking it for an image frame costs a search, however many frames there are.
//! Slides, whose frames are tiles of one large picture, are not put together.

mod places;
mod references;

#[cfg(test)]
mod tests;

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, ImageInfo};
use crate::geometry::{Affine, Plane};

use places::Places;
use references::References;

/// A frame of an image something may lie over.
#[derive(Debug, Clone, Copy)]
pub struct ImageFrame<'a> {
    pub instance_uid: &'a str,
    /// Counted from zero.
    pub frame: u32,
    /// Columns and rows.
    pub size: [u32; 2],
    /// Where it lies; projections have none.
    pub plane: Option<&'a Plane>,
    pub frame_of_reference: Option<&'a str>,
}

/// A frame that lies over that of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Of the object that lies over the image, counted from zero.
    pub frame: u32,
    /// From its pixels to those of the image, both from the outer corner of the first pixel.
    pub to_image: Affine,
}

/// Frames beyond this many are not looked at.
pub(super) const MAX_FRAMES: u32 = 250_000;

/// Where all frames of an object lie.
#[derive(Debug)]
pub struct Lying {
    size: [u32; 2],
    frame_of_reference: Option<String>,
    references: References,
    places: Places,
    /// The part of the object each frame belongs to, and its number among those.
    parts: Vec<(u32, u32)>,
}

impl Lying {
    /// `parts` says of every frame which part of the object it belongs to: of the frames of one part only the nearest
    /// lies over an image. Frames beyond the end of the list are not looked at.
    pub(super) fn read(data: &DataSet, info: &ImageInfo, parts: &[u32]) -> Self {
        let mut counts = std::collections::HashMap::new();
        let numbered = parts.iter().map(|&part| {
            let count = counts.entry(part).or_insert(0);
            *count += 1;
            (part, *count - 1)
        });
        let frames = u32::try_from(parts.len()).unwrap_or(MAX_FRAMES).min(MAX_FRAMES);
        Self {
            size: [info.columns, info.rows],
            frame_of_reference: frame_of_reference(data),
            references: References::read(data, frames),
            places: Places::read(data, frames),
            parts: numbered.collect(),
        }
    }

    /// The frames over a frame of an image, by part and then as they are stored.
    pub fn over(&self, image: &ImageFrame) -> Vec<Hit> {
        let mut hits = self.referring(image);
        if hits.is_empty() {
            hits = self.near(image);
        }
        if hits.is_empty() && self.references.only_as_a_whole(image.instance_uid) {
            hits = self.in_order(image);
        }
        hits.sort_by_key(|hit| (self.part(hit.frame), hit.frame));
        hits.dedup_by_key(|hit| hit.frame);
        hits
    }

    /// Whether the object names this image anywhere.
    pub fn names(&self, instance_uid: &str) -> bool {
        self.references.names(instance_uid)
    }

    /// The images that the object names.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.references.instances()
    }

    /// The frame of reference of the object.
    pub fn frame_of_reference(&self) -> Option<&str> {
        self.frame_of_reference.as_deref()
    }

    /// The part a frame belongs to.
    pub(super) fn part(&self, frame: u32) -> u32 {
        usize::try_from(frame).ok().and_then(|at| self.parts.get(at)).map_or(0, |part| part.0)
    }

    /// Frames made from the frame of the image. Where both say where they lie, that must not contradict.
    fn referring(&self, image: &ImageFrame) -> Vec<Hit> {
        let comparable = match (self.frame_of_reference(), image.frame_of_reference) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        let plane = image.plane.filter(|_| comparable);
        let found = self.references.of(image.instance_uid, image.frame);
        let hits = found.filter_map(|(frame, alone)| {
            let to_image = match plane.and_then(|plane| self.places.placed(frame, plane)) {
                Some(placed) if placed.parallel && (alone || placed.distance.abs() <= placed.reach) => {
                    placed.to_image
                }
                Some(_) => return None,
                None => self.stretched(image.size),
            };
            Some(Hit { frame, to_image })
        });
        hits.collect()
    }

    /// Frames that lie in the plane of the image, of each part the nearest.
    fn near(&self, image: &ImageFrame) -> Vec<Hit> {
        let same =
            matches!((self.frame_of_reference(), image.frame_of_reference), (Some(a), Some(b)) if a == b);
        match image.plane {
            Some(plane) if same => self.places.near(plane, self.size, |frame| self.part(frame)),
            _ => Vec::new(),
        }
    }

    /// Where an object names one image and says no more: frame by frame.
    fn in_order(&self, image: &ImageFrame) -> Vec<Hit> {
        let numbered = (0u32..).zip(&self.parts);
        let same =
            numbered.filter(|(frame, (_, number))| *number == image.frame && self.places.nowhere(*frame));
        same.map(|(frame, _)| Hit { frame, to_image: self.stretched(image.size) }).collect()
    }

    /// Both show the same area, whatever their size is.
    fn stretched(&self, [columns, rows]: [u32; 2]) -> Affine {
        let share = |a: u32, b: u32| f64::from(a) / f64::from(b.max(1));
        Affine::scale(share(columns, self.size[0]), share(rows, self.size[1]))
    }
}

/// The frame of reference an object is in.
pub fn frame_of_reference(data: &DataSet) -> Option<String> {
    data.uid(tags::FRAME_OF_REFERENCE_UID)
}

/// Why an object is not what was asked for.
#[derive(Debug)]
pub enum NotRead {
    /// It is something else than this.
    Other(&'static str),
    /// Its pixels make no image.
    Image(crate::dicom::Error),
}

impl std::fmt::Display for NotRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Other(what) => write!(f, "it is no {what}"),
            Self::Image(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotRead {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Other(_) => None,
            Self::Image(error) => Some(error),
        }
    }
}
