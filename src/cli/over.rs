//! What lies over an image for `viewer render`: segmentations, parametric maps and the marks of reports (`--over`),
//! and what the image brings along itself (`--overlays`).

use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;

use super::exit::{Exit, Failure, explain};
use super::files::open_object;
use super::output::complain;
use super::stated::density;
use crate::dicom::{DicomFile, Error, Image};
use crate::display::RgbImage;
use crate::geometry::{Affine, ImageShape, Plane, is_projection, pixel_aspect};
use crate::presentation::cad::{CadReport, Shown};
use crate::presentation::cover::Cover;
use crate::presentation::drawing::Drawing;
use crate::presentation::gsps::{OverlayPlane, Shutter, image_cover};
use crate::presentation::lying::{ImageFrame, NotRead, frame_of_reference};
use crate::presentation::parametric::{MapOptions, ParametricMap, is_parametric_map};
use crate::presentation::raster::draw;
use crate::presentation::segmentation::{SegmentOptions, Segmentation, is_segmentation};
use crate::presentation::sr::{Report, Slice, is_report};

/// What lies over one frame: areas in the order they are laid on each other, then lines and words.
#[derive(Default)]
pub struct Over {
    covers: Vec<Cover>,
    drawing: Drawing,
}

/// The frame below.
struct Below<'a> {
    frame: ImageFrame<'a>,
    /// Where it is a slice of a volume.
    slice: Option<Slice<'a>>,
}

impl Over {
    /// Reads the objects and keeps what of them lies over a frame of an image, the first object lowest.
    pub fn open(paths: &[PathBuf], file: &DicomFile, image: &Image, frame: u32) -> Result<Self, Failure> {
        let uid = file.data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default();
        let plane = Plane::read(&file.data, frame).filter(|_| !is_projection(&file.data));
        let reference = frame_of_reference(&file.data);
        let slice = plane.as_ref().zip(reference.as_deref());
        let below = Below {
            frame: ImageFrame {
                instance_uid: &uid,
                frame,
                size: [image.info().columns, image.info().rows],
                plane: plane.as_ref(),
                frame_of_reference: reference.as_deref(),
            },
            slice: slice.map(|(plane, space)| Slice::of_frame(&file.data, frame, plane, space)),
        };
        let mut over = Self::default();
        for path in paths {
            let found = Self::read(path, &below)?;
            if found.is_empty() {
                complain(&format!("nothing of the object lies over this frame: {}", path.display()));
            }
            over.covers.extend(found.covers);
            over.drawing.append(found.drawing);
        }
        Ok(over)
    }

    /// Puts the image's own overlay planes and shutter below everything else.
    pub fn and_own(mut self, path: &Path, file: &DicomFile, image: &Image, frame: u32) -> Self {
        let (planes, doubts) = OverlayPlane::on_frame(file, image, frame);
        for doubt in doubts {
            complain(&format!("{doubt}: {}", path.display()));
        }
        let info = image.info();
        let pixel_aspect = pixel_aspect(&file.data, frame);
        let shape = ImageShape { pixel_aspect, ..ImageShape::square(info.columns, info.rows) };
        match image_cover(&planes, Shutter::read_from(&file.data).as_ref(), shape, frame) {
            Some(cover) => self.covers.insert(0, cover),
            None => complain(&format!(
                "the image has no overlay and no shutter of its own on this frame: {}",
                path.display()
            )),
        }
        self
    }

    fn is_empty(&self) -> bool {
        self.covers.is_empty() && self.drawing.is_empty()
    }

    /// Draws it on a picture of the image. Says whether there are colours in it now.
    pub fn paint(&self, picture: &mut RgbImage, map: &Affine) -> bool {
        if self.is_empty() {
            return false;
        }
        for cover in &self.covers {
            cover.put_on(picture, map);
        }
        draw(&self.drawing, picture, map, density(picture));
        let (pixels, _) = picture.pixels.as_chunks::<3>();
        pixels.iter().any(|[r, g, b]| r != g || g != b)
    }

    /// What one object says over a frame, as the window shows it before anything is chosen.
    fn read(path: &Path, below: &Below<'_>) -> Result<Self, Failure> {
        let unread = |what: &str| Failure::new(Exit::Nothing, format!("{what}: {}", path.display()));
        let failed = |error: &Error| unread(&explain(error));
        let warn = |warnings: &[String]| {
            warnings.iter().for_each(|warning| complain(&format!("{warning}: {}", path.display())));
        };
        let not_read = |why: NotRead| match why {
            NotRead::Image(error) => failed(&error),
            why => unread(&why.to_string()),
        };
        let object = open_object(path).map_err(|error| failed(&error))?;
        let class = object.data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
        if is_segmentation(&class) {
            let segments = Segmentation::read(&object).map_err(not_read)?;
            warn(&segments.warnings);
            let (hits, options) = (segments.frames_over(&below.frame), SegmentOptions::default());
            let covers = segments.covers(&hits, &options).map_err(|error| failed(&error))?;
            let drawing = segments.outlines(&hits, &options).map_err(|error| failed(&error))?;
            Ok(Self { covers, drawing })
        } else if is_parametric_map(&class) {
            let map = ParametricMap::read(&object).map_err(not_read)?;
            warn(&map.warnings);
            let covers = map.covers(&map.frames_over(&below.frame), &MapOptions::default());
            Ok(Self { covers: covers.map_err(|error| failed(&error))?, drawing: Drawing::default() })
        } else if is_report(&object.data) {
            let report = Report::read(&object.data).map_err(|why| unread(&why.to_string()))?;
            warn(&report.warnings);
            Ok(Self { covers: Vec::new(), drawing: said_by(&report, below, warn) })
        } else {
            Err(unread("it is no segmentation, no parametric map and no report"))
        }
    }
}

/// The marks of CAD, or the regions of another report, on a frame.
fn said_by(report: &Report, below: &Below<'_>, warn: impl FnOnce(&[String])) -> Drawing {
    let ImageFrame { instance_uid, frame, .. } = below.frame;
    if let Some(found) = CadReport::of(report) {
        warn(&found.warnings);
        return found.drawing_with(instance_uid, frame, below.slice.as_ref(), &Shown::default());
    }
    let regions = report.regions();
    let mut drawing = regions.drawing(report, instance_uid, frame);
    if let Some(slice) = &below.slice {
        drawing.append(regions.drawing_in_space(report, slice));
    }
    drawing
}
