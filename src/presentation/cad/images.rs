//! The images a report speaks of: its image library, and those named where they are needed.

use std::collections::HashMap;
use std::sync::Arc;

use super::codes::{self, is_snomed};
use crate::presentation::sr::{Code, Content, Item, ItemId, Report};
use crate::study::view_by_code;

/// An image or frames of one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image {
    pub sop_class_uid: String,
    pub instance_uid: String,
    /// Counted from 1, in order, each once; empty for all frames.
    pub frames: Vec<u32>,
    /// L, R or B.
    pub side: Option<&'static str>,
    /// CC, MLO and so on.
    pub view: Option<&'static str>,
    /// What is special about the view, in the words of the report.
    pub modifiers: Vec<String>,
}

/// Sides of the body and of the breasts (CID 6022, 244).
const SIDES: &[(&str, &str, &str)] = &[
    ("80248007", "T-04030", "L"),
    ("73056007", "T-04020", "R"),
    ("63762007", "T-04080", "B"),
    ("7771000", "G-A101", "L"),
    ("24028007", "G-A100", "R"),
    ("51440002", "G-A102", "B"),
];

impl Image {
    /// Whether something on this image is on a frame, counted from 0, of an instance.
    pub fn shows(&self, instance_uid: &str, frame: u32) -> bool {
        self.instance_uid == instance_uid
            && (self.frames.is_empty() || self.frames.binary_search(&frame.saturating_add(1)).is_ok())
    }

    /// The frame in the middle of those meant, counted from 0.
    pub fn middle_frame(&self) -> u32 {
        let middle = self.frames.len().saturating_sub(1) / 2;
        self.frames.get(middle).map_or(0, |frame| frame.saturating_sub(1))
    }

    /// `L CC`; empty where the report does not say.
    pub fn words(&self) -> String {
        let parts = self.side.into_iter().chain(self.view).chain(self.modifiers.iter().map(String::as_str));
        parts.collect::<Vec<_>>().join(" ")
    }

    /// The image an item names; items name one.
    fn read(report: &Report, id: ItemId, item: &Item) -> Option<Self> {
        let Content::Image { references } = &item.content else { return None };
        let reference = references.first().filter(|reference| !reference.sop_instance_uid.is_empty())?;
        let mut frames = reference.frames.clone();
        frames.sort_unstable();
        frames.dedup();
        let mut image = Self {
            sop_class_uid: reference.sop_class_uid.clone(),
            instance_uid: reference.sop_instance_uid.clone(),
            frames,
            ..Self::default()
        };
        image.describe(report, id);
        Some(image)
    }

    fn describe(&mut self, report: &Report, id: ItemId) {
        for (_, child) in report.below(id).take(MOST_PROPERTIES) {
            let (Some(name), Content::Code { value: Some(value) }) = (&child.name, &child.content) else {
                continue;
            };
            if name.is_any(&[codes::IMAGE_LATERALITY]) {
                self.side = side(value);
            } else if name.is_any(&[codes::IMAGE_VIEW]) {
                self.view = view_by_code(&value.value);
            } else if name.is_any(&[codes::IMAGE_VIEW_MODIFIER]) {
                self.modifiers.push(value.text().to_owned());
            }
        }
    }
}

/// Items below one image that are looked at.
const MOST_PROPERTIES: usize = 64;

fn side(code: &Code) -> Option<&'static str> {
    SIDES.iter().find(|(today, once, _)| is_snomed(code, (today, once))).map(|(.., short)| *short)
}

/// Images by their items, each read once however often it is referenced.
#[derive(Default)]
pub(super) struct Images(HashMap<ItemId, Option<Arc<Image>>>);

impl Images {
    /// The image an item names, where it is one that names an image.
    pub fn get(&mut self, report: &Report, id: ItemId, item: &Item) -> Option<Arc<Image>> {
        if !matches!(item.content, Content::Image { .. }) {
            return None;
        }
        self.0.entry(id).or_insert_with(|| Image::read(report, id, item).map(Arc::new)).clone()
    }

    /// All images that were asked for, in the order of the report.
    pub fn all(self) -> Vec<Arc<Image>> {
        let mut found: Vec<_> = self.0.into_iter().filter_map(|(id, image)| Some((id, image?))).collect();
        found.sort_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, image)| image).collect()
    }
}
