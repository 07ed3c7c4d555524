//! What `viewer info` says of segmentations and parametric maps.

use std::fmt::Write as _;
use std::path::Path;

use dicom_dictionary_std::tags;
use serde::Serialize;

use super::files::open_object;
use crate::dicom::DicomFile;
use crate::presentation::lying::NotRead;
use crate::presentation::parametric::{ParametricMap, is_parametric_map};
use crate::presentation::segmentation::{Segmentation, is_segmentation};
use crate::study::ScanReport;

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
