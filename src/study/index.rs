//! Studies, series and instances as a sorted tree.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::entry::Entry;
use super::order;

/// All that was found, newest study first.
#[derive(Clone, Default)]
pub struct StudyIndex {
    pub studies: Vec<Study>,
    /// Objects left out because another one with the same SOP Instance UID came first.
    pub duplicates: usize,
}

/// One study. What describes it is read from its first instance.
#[derive(Clone)]
pub struct Study {
    pub key: String,
    pub series: Vec<Series>,
}

/// One series. Never empty in an index.
#[derive(Clone)]
pub struct Series {
    pub key: String,
    pub instances: Vec<Arc<Entry>>,
}

impl StudyIndex {
    /// Groups and sorts. Which of several duplicates stays depends on the order of the walk alone, so the same
    /// files give the same index however many threads read them.
    pub fn from_entries(mut entries: Vec<Arc<Entry>>) -> Self {
        entries.sort_by_key(|entry| entry.order);
        let mut index = Self::default();
        let mut seen = HashSet::with_capacity(entries.len());
        let mut studies: HashMap<String, usize> = HashMap::new();
        let mut all_series: HashMap<(usize, String), usize> = HashMap::new();
        for entry in entries {
            let identity = match &entry.sop_uid {
                Some(uid) => uid.clone(),
                None => format!("path {}", entry.path.display()),
            };
            if !seen.insert(identity) {
                index.duplicates += 1;
                continue;
            }
            let study_at = *studies.entry(study_key(&entry)).or_insert_with_key(|key| {
                index.studies.push(Study { key: key.clone(), series: Vec::new() });
                index.studies.len() - 1
            });
            let Some(study) = index.studies.get_mut(study_at) else {
                continue;
            };
            let series_at =
                *all_series.entry((study_at, series_key(&entry))).or_insert_with_key(|(_, key)| {
                    study.series.push(Series { key: key.clone(), instances: Vec::new() });
                    study.series.len() - 1
                });
            if let Some(series) = study.series.get_mut(series_at) {
                series.instances.push(entry);
            }
        }
        index.sort();
        index
    }

    fn sort(&mut self) {
        for study in &mut self.studies {
            for series in &mut study.series {
                order::sort_instances(&mut series.instances);
            }
            order::sort_series(&mut study.series);
        }
        order::sort_studies(&mut self.studies);
    }

    pub fn is_empty(&self) -> bool {
        self.studies.is_empty()
    }

    /// Every instance in reading order.
    pub fn instances(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.studies.iter().flat_map(Study::instances)
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.studies.iter().flat_map(|study| &study.series).map(|series| series.instances.len()).sum()
    }
}

impl Study {
    /// The instance that stands for the study: its descriptive values are the study's.
    pub fn first(&self) -> Option<&Arc<Entry>> {
        self.series.first().and_then(Series::first)
    }

    pub fn instances(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.series.iter().flat_map(|series| &series.instances)
    }
}

impl Series {
    /// The instance that stands for the series.
    pub fn first(&self) -> Option<&Arc<Entry>> {
        self.instances.first()
    }
}

impl Entry {
    /// What binds instances into one study: the key of [`Study`].
    pub fn study_key(&self) -> String {
        study_key(self)
    }
}

/// What binds instances into one study: its UID, or the folder for files that carry none.
fn study_key(entry: &Entry) -> String {
    entry.study_uid.clone().unwrap_or_else(|| folder_key(entry))
}

fn series_key(entry: &Entry) -> String {
    entry.series_uid.clone().unwrap_or_else(|| folder_key(entry))
}

/// No UID contains a space, so a folder never meets one.
fn folder_key(entry: &Entry) -> String {
    format!("folder {}", entry.path.parent().unwrap_or(Path::new("")).display())
}
