//! What the frames of an object were made from, as the object says it (PS3.3 C.7.6.16.2.6).

use std::collections::{BTreeSet, HashMap};

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, Tag};

/// References of all frames together; what is beyond is left out.
const MAX_REFERENCES: usize = 4_000_000;

/// One frame that was made from one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Made {
    /// Of the image, counted from zero; none means the whole of it.
    from: Option<u32>,
    frame: u32,
    /// Made from nothing else.
    alone: bool,
}

/// All references, by image.
#[derive(Debug, Default)]
pub(super) struct References {
    /// In order.
    by_instance: HashMap<String, Vec<Made>>,
    /// Images named for the object as a whole.
    whole: BTreeSet<String>,
}

impl References {
    pub(super) fn read(data: &DataSet, frames: u32) -> Self {
        let mut read = Self { whole: named(data), ..Self::default() };
        let mut left = MAX_REFERENCES;
        let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).map(sources).unwrap_or_default();
        for frame in 0..frames {
            let own =
                usize::try_from(frame).ok().and_then(|at| per_frame.get(at)).map(sources).unwrap_or_default();
            let made = if own.is_empty() { &shared } else { &own };
            let alone = made.len() == 1;
            for (instance, from) in made.iter().take(left) {
                let list = read.by_instance.entry(instance.clone()).or_default();
                list.push(Made { from: *from, frame, alone });
                left -= 1;
            }
        }
        for list in read.by_instance.values_mut() {
            list.sort_unstable();
            list.dedup_by_key(|made| (made.from, made.frame));
        }
        read
    }

    /// The frames made from a frame of an image, and whether from nothing else.
    pub(super) fn of(&self, instance: &str, frame: u32) -> impl Iterator<Item = (u32, bool)> {
        let list = self.by_instance.get(instance).map(Vec::as_slice).unwrap_or_default();
        let all_of = |from: Option<u32>| {
            let first = list.partition_point(|made| made.from < from);
            let rest = list.get(first..).unwrap_or_default();
            rest.iter().take_while(move |made| made.from == from)
        };
        all_of(None).chain(all_of(Some(frame))).map(|made| (made.frame, made.alone))
    }

    pub(super) fn names(&self, instance: &str) -> bool {
        self.by_instance.contains_key(instance) || self.whole.contains(instance)
    }

    pub(super) fn instances(&self) -> impl Iterator<Item = &str> {
        let more = self.whole.iter().filter(|uid| !self.by_instance.contains_key(*uid));
        self.by_instance.keys().chain(more).map(String::as_str)
    }

    /// The object is about this one image and says nothing more of any frame.
    pub(super) fn only_as_a_whole(&self, instance: &str) -> bool {
        self.by_instance.is_empty() && self.whole.len() == 1 && self.whole.contains(instance)
    }
}

/// The images and frames in the groups of one frame.
fn sources(groups: &DataSet) -> Vec<(String, Option<u32>)> {
    let derivations = groups.items(tags::DERIVATION_IMAGE_SEQUENCE).iter();
    let mut found = Vec::new();
    for item in derivations.flat_map(|item| item.items(tags::SOURCE_IMAGE_SEQUENCE)) {
        let Some(instance) = item.uid(tags::REFERENCED_SOP_INSTANCE_UID) else { continue };
        let numbers = item.ints(tags::REFERENCED_FRAME_NUMBER);
        let frames = numbers.iter().filter_map(|n| u32::try_from(n - 1).ok());
        let before = found.len();
        found.extend(frames.map(|frame| (instance.clone(), Some(frame))));
        if found.len() == before {
            found.push((instance, None));
        }
    }
    found
}

/// The images an object names beside its frames.
fn named(data: &DataSet) -> BTreeSet<String> {
    let within = |item: &DataSet, tag: Tag| -> Vec<String> {
        item.items(tag).iter().filter_map(|item| item.uid(tags::REFERENCED_SOP_INSTANCE_UID)).collect()
    };
    let mut found: BTreeSet<String> = within(data, tags::SOURCE_IMAGE_SEQUENCE).into_iter().collect();
    for series in data.items(tags::REFERENCED_SERIES_SEQUENCE) {
        found.extend(within(series, tags::REFERENCED_INSTANCE_SEQUENCE));
    }
    found
}
