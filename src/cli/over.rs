//! Segmentations and parametric maps: over an image for `viewer render --over`, and what `viewer info` says of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;
use serde::Serialize;

use super::exit::{Exit, Failure, explain};
use super::files::open_object;
use super::output::complain;
use crate::dicom::{DicomFile, Error, Image};
use crate::display::RgbImage;
use crate::geometry::{Affine, Plane, is_projection};
use crate::presentation::cover::Cover;
use crate::presentation::lying::{ImageFrame, NotRead, frame_of_reference};
use crate::presentation::parametric::{MapOptions, ParametricMap, is_parametric_map};
use crate::presentation::segmentation::{SegmentOptions, Segmentation, is_segmentation};
use crate::study::ScanReport;

/// What lies over one frame.
pub struct Over {
    covers: Vec<Cover>,
}

impl Over {
    /// Reads the objects and colours what of them lies over a frame of an image, the first object lowest.
    pub fn open(paths: &[PathBuf], file: &DicomFile, image: &Image, frame: u32) -> Result<Self, Failure> {
        let uid = file.data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default();
        let plane = Plane::read(&file.data, frame).filter(|_| !is_projection(&file.data));
        let reference = frame_of_reference(&file.data);
        let below = ImageFrame {
            instance_uid: &uid,
            frame,
            size: [image.info().columns, image.info().rows],
            plane: plane.as_ref(),
            frame_of_reference: reference.as_deref(),
        };
        let mut covers = Vec::new();
        for path in paths {
            let found = covers_of(path, &below)?;
            if found.is_empty() {
                complain(&format!("nothing of the object lies over this frame: {}", path.display()));
            }
            covers.extend(found);
        }
        Ok(Self { covers })
    }

    /// Draws it on a picture of the image. Says whether there are colours now.
    pub fn paint(&self, picture: &mut RgbImage, map: &Affine) -> bool {
        for cover in &self.covers {
            cover.put_on(picture, map);
        }
        !self.covers.is_empty()
    }
}

fn covers_of(path: &Path, below: &ImageFrame) -> Result<Vec<Cover>, Failure> {
    let unread = |what: &str| Failure::new(Exit::Nothing, format!("{what}: {}", path.display()));
    let failed = |error: &Error| unread(&explain(error));
    let object = open_object(path).map_err(|error| failed(&error))?;
    match Object::read(&object) {
        Ok(Some(Object::Segments(segments))) => {
            segments.warnings.iter().for_each(|warning| complain(&format!("{warning}: {}", path.display())));
            let hits = segments.frames_over(below);
            segments.covers(&hits, &SegmentOptions::default()).map_err(|error| failed(&error))
        }
        Ok(Some(Object::Map(map))) => {
            map.warnings.iter().for_each(|warning| complain(&format!("{warning}: {}", path.display())));
            let hits = map.frames_over(below);
            map.covers(&hits, &MapOptions::default()).map_err(|error| failed(&error))
        }
        Ok(None) => Err(unread("it is no segmentation and no parametric map")),
        Err(NotRead::Image(error)) => Err(failed(&error)),
        Err(why) => Err(unread(&why.to_string())),
    }
}

enum Object {
    Segments(Segmentation),
    Map(ParametricMap),
}

impl Object {
    /// `None` where it is something else.
    fn read(file: &DicomFile) -> Result<Option<Self>, NotRead> {
        let class = file.data.uid(tags::SOP_CLASS_UID).unwrap_or_default();
        Ok(if is_segmentation(&class) {
            Some(Self::Segments(Segmentation::read(file)?))
        } else if is_parametric_map(&class) {
            Some(Self::Map(ParametricMap::read(file)?))
        } else {
            None
        })
    }
}

/// Objects that are described at once.
const MAX_DESCRIBED: usize = 100;

/// What an object says it shows. Field names are part of the interface.
#[derive(Debug, Serialize)]
pub struct Described {
    path: String,
    label: String,
    /// Images it names.
    images: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    segmentation: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    segments: Vec<SegmentNode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mappings: Vec<MappingNode>,
}

#[derive(Debug, Serialize)]
struct SegmentNode {
    number: u16,
    label: String,
    category: Option<String>,
    kind: Option<String>,
    algorithm: String,
    color: String,
}

#[derive(Debug, Serialize)]
struct MappingNode {
    name: String,
    unit: String,
    first: Option<f64>,
    last: Option<f64>,
}

/// The segmentations and maps among what was found.
pub fn describe(report: &ScanReport) -> Vec<Described> {
    let all =
        report.index.studies.iter().flat_map(|study| &study.series).flat_map(|series| &series.instances);
    let is_one = |class: &str| is_segmentation(class) || is_parametric_map(class);
    let ours = all.filter(|entry| entry.sop_class.as_deref().is_some_and(is_one));
    ours.take(MAX_DESCRIBED).filter_map(|entry| describe_one(&entry.path)).collect()
}

/// What is wrong with an object the scan has said already, or the picture will.
fn describe_one(path: &Path) -> Option<Described> {
    let object = Object::read(&open_object(path).ok()?).ok()??;
    let path = path.to_string_lossy().into_owned();
    Some(match object {
        Object::Segments(segmentation) => Described {
            path,
            label: segmentation.label.clone(),
            images: segmentation.images().count(),
            segmentation: Some(segmentation.kind.name()),
            mappings: Vec::new(),
            segments: segmentation
                .segments
                .iter()
                .map(|segment| SegmentNode {
                    number: segment.number,
                    label: segment.label.clone(),
                    category: segment.category.as_ref().map(|code| code.text().to_owned()),
                    kind: segment.kind.as_ref().map(|code| code.text().to_owned()),
                    algorithm: [&*segment.algorithm.kind.to_lowercase(), &segment.algorithm.name]
                        .into_iter()
                        .filter(|words| !words.is_empty())
                        .collect::<Vec<_>>()
                        .join(", "),
                    color: segment
                        .color
                        .iter()
                        .fold("#".to_owned(), |text, level| format!("{text}{level:02x}")),
                })
                .collect(),
        },
        Object::Map(map) => Described {
            path,
            label: map.label.clone(),
            images: map.images().count(),
            segmentation: None,
            segments: Vec::new(),
            mappings: map
                .quantities()
                .iter()
                .flatten()
                .map(|mapping| MappingNode {
                    name: mapping.name(),
                    unit: mapping.unit(),
                    first: Some(mapping.stored.0).filter(|v| v.is_finite()),
                    last: Some(mapping.stored.1).filter(|v| v.is_finite()),
                })
                .collect(),
        },
    })
}

/// The same in lines.
pub fn to_text(described: &[Described]) -> String {
    let mut text = String::new();
    for object in described {
        // Writing to a string cannot fail.
        let kind = object
            .segmentation
            .map_or_else(|| "parametric map".to_owned(), |kind| format!("{kind} segmentation"));
        let images = match object.images {
            0 => "names no images".to_owned(),
            1 => "names 1 image".to_owned(),
            n => format!("names {n} images"),
        };
        writeln!(text, "\n{kind}  {}", spaced([&object.label, &images, &object.path])).ok();
        for segment in &object.segments {
            let SegmentNode { number, label, category, kind, algorithm, color } = segment;
            let codes = [category.as_deref().unwrap_or_default(), kind.as_deref().unwrap_or_default()];
            let codes = codes.into_iter().filter(|code| !code.is_empty()).collect::<Vec<_>>().join(": ");
            writeln!(text, "  segment {number}  {}", spaced([label, &codes, algorithm, color])).ok();
        }
        for mapping in &object.mappings {
            let unit = if mapping.unit.is_empty() { String::new() } else { format!("in {}", mapping.unit) };
            let values = match (mapping.first, mapping.last) {
                (Some(first), Some(last)) => format!("of stored values from {first} to {last}"),
                _ => String::new(),
            };
            writeln!(text, "  value  {}", spaced([&mapping.name, &unit, &values])).ok();
        }
    }
    text
}

fn spaced<const N: usize>(words: [&str; N]) -> String {
    let words = words.map(crate::inspect::harmless);
    words.iter().map(|words| &**words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("  ")
}
