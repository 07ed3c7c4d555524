//! Elements to content items. Whatever is wrong costs a value and a warning, never the report.

use std::fmt;

use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_dictionary_std::{StandardDataDictionary, tags};

use super::code::Code;
use super::header::Header;
use super::model::{
    ByReference, Container, Content, Item, ItemId, Measured, Number, ObjectId, Reference, Region, Region3d,
    Relationship, Report, Shape, Template, Times, Unknown,
};
use super::table;
use crate::dicom::{DataSet, Tag, VR, Value, uid};

/// Content items of one report.
const MAX_ITEMS: usize = 200_000;
/// Levels of one report. Real ones have ten; a level costs two in JSON, and many readers stop at 128.
const MAX_DEPTH: u16 = 56;
/// Numbers in a list, or points of a region.
const MAX_NUMBERS: usize = 1_000_000;
/// Elements that are shown of an unknown item, and characters of each.
const MAX_UNKNOWN: (usize, usize) = (200, 2_000);
/// Distinct warnings.
const MAX_WARNINGS: usize = 32;

/// The object is none of those this is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAReport {
    /// What it is instead.
    pub what: String,
}

impl fmt::Display for NotAReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no structured report; it is {}", self.what)
    }
}

impl std::error::Error for NotAReport {}

/// Structured reports and key object selections are registered below this.
const REPORT_CLASSES: &str = "1.2.840.10008.5.1.4.1.1.88.";

/// Whether an object is a structured report or a key object selection: by its class, or by its content.
pub fn is_report(data: &DataSet) -> bool {
    data.uid(tags::SOP_CLASS_UID).is_some_and(|class| class.starts_with(REPORT_CLASSES))
        || data.string(tags::VALUE_TYPE).as_deref() == Some("CONTAINER")
        || data.items(tags::CONTENT_SEQUENCE).iter().any(|item| item.contains(tags::VALUE_TYPE))
}

fn what_it_is(data: &DataSet) -> String {
    let class = data.uid(tags::SOP_CLASS_UID).map(|class| uid::sop_class_name(&class));
    let modality = data.string(tags::MODALITY).filter(|text| !text.is_empty());
    match (class, modality) {
        (Some(class), _) => class,
        (None, Some(modality)) => format!("an object of modality {modality}"),
        (None, None) => "an object that does not say what it is".to_owned(),
    }
}

impl Report {
    /// The report an object holds.
    pub fn read(data: &DataSet) -> Result<Self, NotAReport> {
        if !is_report(data) {
            return Err(NotAReport { what: what_it_is(data) });
        }
        let mut reading = Reading { items: Vec::new(), warnings: Vec::new() };
        reading.tree(data);
        let mut report =
            Self { header: Header::read(data), items: reading.items, warnings: reading.warnings };
        report.resolve_references();
        Ok(report)
    }

    /// Finds what by-reference items mean, once all items are there.
    fn resolve_references(&mut self) {
        for index in 0..self.items.len() {
            let Some(Content::ByReference(reference)) = self.items.get(index).map(|item| &item.content)
            else {
                continue;
            };
            let target = self.at(&reference.path).filter(|found| found.index() != index);
            // A reference to a reference would lead nowhere anybody can follow.
            let target = target.filter(|found| {
                !matches!(self.get(*found).map(|item| &item.content), Some(Content::ByReference(_)))
            });
            if target.is_none() {
                warn(&mut self.warnings, "a reference to another item of the report leads nowhere");
            }
            if let Some(Content::ByReference(reference)) =
                self.items.get_mut(index).map(|item| &mut item.content)
            {
                reference.target = target;
            }
        }
    }
}

fn warn(warnings: &mut Vec<String>, text: &str) {
    if warnings.len() < MAX_WARNINGS && !warnings.iter().any(|said| said == text) {
        warnings.push(text.to_owned());
    }
}

/// An item that is still to be read.
struct Waiting<'a> {
    data: &'a DataSet,
    parent: Option<ItemId>,
    ordinal: u32,
    depth: u16,
}

struct Reading {
    items: Vec<Item>,
    warnings: Vec<String>,
}

impl Reading {
    /// All items, parents before their children. No recursion: how deep it goes is for the file to say.
    fn tree(&mut self, root: &DataSet) {
        let mut waiting = vec![Waiting { data: root, parent: None, ordinal: 1, depth: 0 }];
        while let Some(Waiting { data, parent, ordinal, depth }) = waiting.pop() {
            if self.items.len() == MAX_ITEMS {
                self.warn("the report has too many items; the last ones were left out");
                return;
            }
            let Ok(number) = u32::try_from(self.items.len()) else { return };
            let id = ItemId(number);
            let item = self.item(data, parent, ordinal);
            self.items.push(item);
            if let Some(above) = parent.and_then(|parent| self.items.get_mut(parent.index())) {
                above.children.push(id);
            }
            let children = data.items(tags::CONTENT_SEQUENCE);
            if depth == MAX_DEPTH && !children.is_empty() {
                self.warn("the report is nested too deeply; the innermost items were left out");
                continue;
            }
            let room = MAX_ITEMS.saturating_sub(self.items.len()).saturating_add(1);
            let first = waiting.len();
            let numbered = (1..).zip(children.iter().take(room));
            waiting.extend(numbered.map(|(ordinal, data)| Waiting {
                data,
                parent: Some(id),
                ordinal,
                depth: depth + 1,
            }));
            if let Some(added) = waiting.get_mut(first..) {
                added.reverse();
            }
        }
    }

    fn warn(&mut self, text: &str) {
        warn(&mut self.warnings, text);
    }

    fn item(&mut self, data: &DataSet, parent: Option<ItemId>, ordinal: u32) -> Item {
        let relationship = parent.map(|_| {
            let term = data.string(tags::RELATIONSHIP_TYPE).unwrap_or_default();
            let relationship = Relationship::parse(&term);
            if let Relationship::Other(term) = &relationship {
                let said = if term.is_empty() {
                    "an item does not say how it is related to the one above it".to_owned()
                } else {
                    format!("an item is related to the one above it in an unknown way: {term}")
                };
                self.warn(&said);
            }
            relationship
        });
        Item {
            parent,
            children: Vec::new(),
            ordinal,
            relationship,
            name: Code::first(data, tags::CONCEPT_NAME_CODE_SEQUENCE),
            content: self.content(data, parent.is_none()),
            observation_uid: data.uid(tags::OBSERVATION_UID),
            observed: data.string(tags::OBSERVATION_DATE_TIME).filter(|text| !text.is_empty()),
        }
    }

    fn content(&mut self, data: &DataSet, root: bool) -> Content {
        let declared = data.string(tags::VALUE_TYPE).unwrap_or_default();
        let text = |tag| data.string(tag).unwrap_or_default();
        match declared.as_str() {
            "CONTAINER" => Content::Container(container(data)),
            "TEXT" => {
                if !matches!(data.get(tags::TEXT_VALUE).map(|e| &e.value), None | Some(Value::Bytes(_))) {
                    self.warn("a text is too long and was left out");
                }
                Content::Text { value: text(tags::TEXT_VALUE) }
            }
            "CODE" => Content::Code { value: Code::first(data, tags::CONCEPT_CODE_SEQUENCE) },
            "NUM" => Content::Number(number(data)),
            "DATE" => Content::Date { value: text(tags::DATE) },
            "TIME" => Content::Time { value: text(tags::TIME) },
            "DATETIME" => Content::DateTime { value: text(tags::DATE_TIME) },
            "UIDREF" => Content::Uid { value: data.uid(tags::UID).unwrap_or_default() },
            "PNAME" => Content::PersonName { value: data.person_name(tags::PERSON_NAME).unwrap_or_default() },
            "COMPOSITE" => Content::Composite { references: references(data) },
            "IMAGE" => Content::Image { references: references(data) },
            "WAVEFORM" => Content::Waveform { references: references(data) },
            "SCOORD" => Content::Region(region(data)),
            "SCOORD3D" => Content::Region3d(region_3d(data)),
            "TCOORD" => Content::Times(times(data)),
            "TABLE" => Content::Table(table::read(data)),
            "" if data.contains(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER) => {
                let path = whole_numbers(data, tags::REFERENCED_CONTENT_ITEM_IDENTIFIER);
                Content::ByReference(ByReference { path, target: None })
            }
            "" if root => {
                self.warn("the report does not say that it is a container");
                Content::Container(container(data))
            }
            other => {
                self.warn(&if other.is_empty() {
                    "an item has no value type; what it holds is shown as it is".to_owned()
                } else {
                    format!("an item has an unknown value type and is shown as it is: {other}")
                });
                Content::Unknown(Unknown { values: everything(data), declared })
            }
        }
    }
}

fn container(data: &DataSet) -> Container {
    let template = data.item(tags::CONTENT_TEMPLATE_SEQUENCE);
    Container {
        continuous: data.string(tags::CONTINUITY_OF_CONTENT).as_deref() == Some("CONTINUOUS"),
        template: template.and_then(|item| {
            let id = item.string(tags::TEMPLATE_IDENTIFIER).filter(|id| !id.is_empty())?;
            let resource = item.string(tags::MAPPING_RESOURCE).filter(|text| !text.is_empty());
            Some(Template { id, resource })
        }),
    }
}

fn number(data: &DataSet) -> Number {
    Number {
        values: data.items(tags::MEASURED_VALUE_SEQUENCE).iter().take(MAX_NUMBERS).map(measured).collect(),
        qualifiers: Code::all(data, tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE),
    }
}

fn measured(item: &DataSet) -> Measured {
    let above = item.int(tags::RATIONAL_NUMERATOR_VALUE);
    let below = item.int(tags::RATIONAL_DENOMINATOR_VALUE).filter(|below| *below != 0);
    let fraction = above.zip(below).map(|(above, below)| [above, below]);
    let quotient = fraction.map(|[above, below]| above as f64 / below as f64);
    let float = item.float(tags::FLOATING_POINT_VALUE).filter(|value| value.is_finite());
    Measured {
        text: item.string(tags::NUMERIC_VALUE).unwrap_or_default(),
        value: float.or(quotient).or_else(|| item.float(tags::NUMERIC_VALUE)),
        fraction,
        unit: Code::first(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
    }
}

impl ObjectId {
    pub(super) fn read(item: &DataSet) -> Self {
        Self {
            sop_class_uid: item.uid(tags::REFERENCED_SOP_CLASS_UID).unwrap_or_default(),
            sop_instance_uid: item.uid(tags::REFERENCED_SOP_INSTANCE_UID).unwrap_or_default(),
        }
    }
}

fn references(data: &DataSet) -> Vec<Reference> {
    data.items(tags::REFERENCED_SOP_SEQUENCE).iter().take(MAX_NUMBERS).map(reference).collect()
}

fn reference(item: &DataSet) -> Reference {
    let ObjectId { sop_class_uid, sop_instance_uid } = ObjectId::read(item);
    let object = |tag| item.item(tag).map(|inner| Box::new(ObjectId::read(inner)));
    let channels = whole_numbers(item, tags::REFERENCED_WAVEFORM_CHANNELS);
    Reference {
        sop_class_uid,
        sop_instance_uid,
        frames: whole_numbers(item, tags::REFERENCED_FRAME_NUMBER),
        segments: whole_numbers(item, tags::REFERENCED_SEGMENT_NUMBER),
        channels: channels.as_chunks::<2>().0.to_vec(),
        presentation_state: object(tags::REFERENCED_SOP_SEQUENCE),
        real_world_map: object(tags::REFERENCED_REAL_WORLD_VALUE_MAPPING_INSTANCE_SEQUENCE),
        purpose: Code::first(item, tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE).map(Box::new),
    }
}

pub(super) fn whole_numbers(data: &DataSet, tag: Tag) -> Vec<u32> {
    data.ints(tag).into_iter().take(MAX_NUMBERS).filter_map(|value| u32::try_from(value).ok()).collect()
}

fn points<const N: usize>(data: &DataSet) -> Vec<[f32; N]> {
    let numbers: Vec<f32> = data.floats(tags::GRAPHIC_DATA).into_iter().map(|value| value as f32).collect();
    numbers.as_chunks::<N>().0.iter().take(MAX_NUMBERS).copied().collect()
}

fn region(data: &DataSet) -> Region {
    Region {
        shape: Shape::parse(&data.string(tags::GRAPHIC_TYPE).unwrap_or_default()),
        points: points(data),
        origin: data.string(tags::PIXEL_ORIGIN_INTERPRETATION).filter(|text| !text.is_empty()),
        fiducial_uid: data.uid(tags::FIDUCIAL_UID),
    }
}

fn region_3d(data: &DataSet) -> Region3d {
    Region3d {
        shape: Shape::parse(&data.string(tags::GRAPHIC_TYPE).unwrap_or_default()),
        points: points(data),
        frame_of_reference_uid: data.uid(tags::REFERENCED_FRAME_OF_REFERENCE_UID),
        fiducial_uid: data.uid(tags::FIDUCIAL_UID),
    }
}

fn times(data: &DataSet) -> Times {
    let offsets = data.floats(tags::REFERENCED_TIME_OFFSETS);
    Times {
        range: data.string(tags::TEMPORAL_RANGE_TYPE).unwrap_or_default(),
        samples: whole_numbers(data, tags::REFERENCED_SAMPLE_POSITIONS),
        offsets: offsets.into_iter().take(MAX_NUMBERS).collect(),
        moments: data.strings(tags::REFERENCED_DATE_TIME).into_iter().take(MAX_NUMBERS).collect(),
    }
}

/// What an item of an unknown type holds: its elements, and those of sequences in it one level down.
fn everything(data: &DataSet) -> Vec<(String, String)> {
    let known = [tags::VALUE_TYPE, tags::RELATIONSHIP_TYPE, tags::CONCEPT_NAME_CODE_SEQUENCE];
    let mut found = Vec::new();
    for element in data.elements() {
        if element.tag == tags::CONTENT_SEQUENCE || known.contains(&element.tag) {
            continue;
        }
        let Value::Items(items) = &element.value else {
            found.extend(shown(data, element.tag, element.vr));
            continue;
        };
        for item in items.iter().take(MAX_UNKNOWN.0) {
            let joined = || {
                let parts = item.elements().iter().take(8).filter_map(|e| shown(item, e.tag, e.vr));
                parts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
            };
            let text = Code::read(item).as_ref().map_or_else(joined, Code::notation);

            found.push((name_of(element.tag), text));
        }
        if found.len() >= MAX_UNKNOWN.0 {
            break;
        }
    }
    found.truncate(MAX_UNKNOWN.0);
    found
}

fn shown(data: &DataSet, tag: Tag, vr: VR) -> Option<(String, String)> {
    let value = match data.string(tag) {
        Some(text) => text.chars().take(MAX_UNKNOWN.1).collect(),
        None if vr == VR::SQ => format!("{} items", data.items(tag).len()),
        None => format!("{} bytes", data.bytes(tag)?.len()),
    };
    Some((name_of(tag), value))
}

fn name_of(tag: Tag) -> String {
    let entry = StandardDataDictionary.by_tag(tag);
    entry.map_or_else(|| format!("({:04X},{:04X})", tag.0, tag.1), |entry| entry.alias().to_owned())
}
