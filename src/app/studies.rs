//! The study panel's content: patients, studies, series and display sets of the group on screen as rows, and the
//! groups there are.
//!
//! Rows are few words in memory each; what is written on them is made when they are seen. How they look is the
//! interface's matter.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bevy::prelude::*;

use super::captions::text::{date, person_name};
use super::groups::{GroupId, Groups};
use super::instance::{Set, Supplement};
use super::reports;
use crate::study::{Entry, SupplementKind};

/// One row of the panel.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A group, where there are several.
    Group(GroupId),
    Patient(Set),
    /// A study by its first set.
    Study {
        first: Set,
        folded: bool,
    },
    /// A series of several sets: all of it as one stack.
    Series(Set),
    /// What is read: one object that takes no viewport.
    Read {
        set: Set,
        kind: SupplementKind,
    },
    /// What a viewport shows; with the words of its series where it is all of it.
    Set {
        set: Set,
        alone: bool,
    },
}

/// The panel: whether it is open, what is folded, and its rows.
#[derive(Resource, Default)]
pub struct StudyPanel {
    open: bool,
    /// Studies that are folded.
    folded: HashSet<String>,
    rows: Vec<Row>,
    built_of: Option<Vec<(GroupId, u32, bool)>>,
    /// Counts how often the rows changed.
    pub changes: u32,
}

impl StudyPanel {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn toggle(&mut self) {
        self.open = !self.open;
        if !self.open {
            self.rows = Vec::new();
            self.built_of = None;
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Folds or unfolds the study of a set.
    pub fn fold(&mut self, first: &Set) {
        let Some(entry) = first.first().map(|instance| &instance.entry) else { return };
        let key = study_key(entry);
        if !self.folded.remove(&key) {
            self.folded.insert(key);
        }
        self.built_of = None;
    }

    /// Brings the rows up to date, if there is news.
    pub fn follow(&mut self, groups: &Groups) {
        let current = groups.current().map(|group| group.id);
        let of: Vec<_> =
            groups.list().iter().map(|group| (group.id, group.revision, Some(group.id) == current)).collect();
        if self.built_of.as_ref() == Some(&of) {
            return;
        }
        let mut rows = Vec::new();
        if of.len() > 1 {
            rows.extend(of.iter().map(|(id, ..)| Row::Group(*id)));
        }
        if let Some(group) = groups.current() {
            tree(&group.sets, &group.supplements, &self.folded, &mut rows);
        }
        self.rows = rows;
        self.built_of = Some(of);
        self.changes += 1;
    }
}

fn study_key(entry: &Entry) -> String {
    entry.study_uid.clone().unwrap_or_else(|| folder(entry))
}

fn series_key(entry: &Entry) -> String {
    entry.series_uid.clone().unwrap_or_else(|| folder(entry))
}

/// Files without an identity belong together where they lie together.
fn folder(entry: &Entry) -> String {
    format!("folder {}", entry.path.parent().unwrap_or(std::path::Path::new("")).display())
}

fn patient_key(entry: &Entry) -> (Option<&str>, Option<&str>) {
    (entry.patient_id.as_deref(), entry.patient_name.as_deref())
}

/// Things with a key, in the order in which their keys were first met.
fn grouped<K: Eq + std::hash::Hash, T>(items: impl Iterator<Item = (K, T)>) -> Vec<Vec<T>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for (key, item) in items {
        let at = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

/// Patients, their studies, their series, their sets: each level in the order of the sets. What is read of a study
/// follows its images.
fn tree(sets: &[Set], supplements: &[Supplement], folded: &HashSet<String>, rows: &mut Vec<Row>) {
    let read = supplements.iter().filter(|one| reports::is_read(one.kind));
    let read: Vec<(Set, SupplementKind)> =
        read.map(|one| (vec![Arc::clone(&one.data)].into(), one.kind)).collect();
    let all = sets.iter().map(|set| (set, None)).chain(read.iter().map(|(set, kind)| (set, Some(*kind))));
    let with_entry = all.filter_map(|(set, kind)| Some((&set.first()?.entry, set, kind)));
    let patients = grouped(with_entry.map(|item| (patient_key(item.0), item)));
    for of_patient in patients {
        if let Some((_, first, _)) = of_patient.first() {
            rows.push(Row::Patient((*first).clone()));
        }
        for of_study in grouped(of_patient.into_iter().map(|item| (study_key(item.0), item))) {
            let Some((entry, first, _)) = of_study.first().copied() else { continue };
            let is_folded = folded.contains(&study_key(entry));
            rows.push(Row::Study { first: first.clone(), folded: is_folded });
            if is_folded {
                continue;
            }
            let (images, read): (Vec<_>, Vec<_>) = of_study.into_iter().partition(|item| item.2.is_none());
            for of_series in grouped(images.into_iter().map(|item| (series_key(item.0), item.1))) {
                let alone = of_series.len() == 1;
                if !alone {
                    let all: Vec<_> = of_series.iter().flat_map(|set| set.iter()).cloned().collect();
                    rows.push(Row::Series(all.into()));
                }
                rows.extend(of_series.into_iter().map(|set| Row::Set { set: set.clone(), alone }));
            }
            let read = read.into_iter().filter_map(|(_, set, kind)| Some((set, kind?)));
            rows.extend(read.map(|(set, kind)| Row::Read { set: set.clone(), kind }));
        }
    }
}

/// What is written on a row: what it is, and more about it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    pub detail: String,
    pub count: String,
}

fn joined(parts: &[Option<String>]) -> String {
    let parts: Vec<_> =
        parts.iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

/// Who.
pub fn patient_words(entry: &Entry) -> Words {
    let name = entry.patient_name.as_deref().map(person_name).unwrap_or_default();
    Words {
        title: or(name, "no name"),
        detail: entry.patient_id.clone().unwrap_or_default(),
        ..Words::default()
    }
}

/// When, and what for.
pub fn study_words(entry: &Entry) -> Words {
    let when = entry.study_date.as_deref().map(date);
    let title = joined(&[when, entry.study_description.clone()]);
    Words { title: or(title, "study without a date"), ..Words::default() }
}

/// What a series is called.
fn series_name(entry: &Entry) -> String {
    let number = entry.series_number.map(|number| format!("series {number}"));
    let name = entry.series_description.clone().or(number).or_else(|| entry.modality.clone());
    or(name.unwrap_or_default(), "series")
}

/// A series that is several sets.
pub fn series_words(set: &Set) -> Words {
    let Some(entry) = set.first().map(|instance| &instance.entry) else { return Words::default() };
    Words { title: series_name(entry), detail: String::new(), count: images(set) }
}

/// A set by its view, or by its series, or by its number in it.
pub fn set_words(set: &Set, alone: bool) -> Words {
    let Some(entry) = set.first().map(|instance| &instance.entry) else { return Words::default() };
    let side = entry.laterality.clone().unwrap_or_default();
    let view = entry.view_position.as_ref().map(|view| format!("{side}{view}"));
    let number = entry.instance_number.map(|number| format!("image {number}"));
    let title = match (&view, alone) {
        (Some(view), _) => view.clone(),
        (None, true) => series_name(entry),
        (None, false) => number.unwrap_or_else(|| "image".to_owned()),
    };
    let squeezed = |text: &str| text.replace([' ', '-', '_'], "").to_lowercase();
    let name = Some(series_name(entry)).filter(|name| alone && squeezed(name) != squeezed(&title));
    let number = entry.series_number.filter(|_| alone).map(|number| format!("series {number}"));
    let number = number.filter(|number| *number != title && Some(number) != name.as_ref());
    let size = entry.columns.zip(entry.rows).map(|(columns, rows)| format!("{columns} × {rows}"));
    let detail = if view.is_some() && alone { name } else { joined_some(&[entry.modality.clone(), number]) };
    Words { title, detail: detail.unwrap_or_default(), count: joined(&[Some(images(set)), size]) }
}

fn joined_some(parts: &[Option<String>]) -> Option<String> {
    Some(joined(parts)).filter(|text| !text.is_empty())
}

/// What is read, by its name, else by what it is.
pub fn read_words(set: &Set, kind: SupplementKind) -> Words {
    let Some(data) = set.first() else { return Words::default() };
    let (title, detail) = reports::words(&Supplement { data: Arc::clone(data), kind });
    Words { title, detail, count: String::new() }
}

/// How much there is to scroll through.
fn images(set: &Set) -> String {
    match (set.len(), set.frames()) {
        (_, 1) => String::new(),
        (1, frames) => format!("{frames} frames"),
        (count, frames) if count as u64 == u64::from(frames) => format!("{count} images"),
        (count, frames) => format!("{count} images, {frames} frames"),
    }
}

/// What a group is called: its patient and study, and how many more there are.
pub fn group_words(sets: &[Set]) -> Words {
    let entries = || sets.iter().filter_map(|set| set.first()).map(|instance| &instance.entry);
    let Some(first) = entries().next() else { return Words::default() };
    let studies: HashSet<_> = entries().map(|entry| study_key(entry)).collect();
    let study = study_words(first).title;
    let detail = if studies.len() > 1 { format!("{} studies", studies.len()) } else { study };
    Words { title: patient_words(first).title, detail, ..Words::default() }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StudyPanel>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::instance::{InstanceData, InstanceId};

    fn set(id: u32, patient: &str, study: &str, series: &str, slices: u32) -> Set {
        let one = |n: u32| {
            let entry = Entry {
                patient_name: Some(patient.into()),
                study_uid: Some(study.into()),
                series_uid: Some(series.into()),
                series_description: Some(format!("series {series}")),
                modality: Some("CT".into()),
                instance_number: Some(i64::from(n)),
                frames: 1,
                ..Entry::default()
            };
            Arc::new(InstanceData::new(InstanceId(id * 1000 + n), Arc::new(entry)))
        };
        (0..slices).map(one).collect::<Vec<_>>().into()
    }

    fn kinds(rows: &[Row]) -> String {
        rows.iter()
            .map(|row| match row {
                Row::Group(_) => 'g',
                Row::Patient(_) => 'p',
                Row::Study { .. } => 's',
                Row::Series(_) => 'r',
                Row::Read { .. } => 't',
                Row::Set { .. } => '.',
            })
            .collect()
    }

    #[test]
    fn rows_follow_patients_studies_and_series_even_where_files_came_mixed() {
        let sets = [
            set(1, "A", "1", "1.1", 3),
            set(2, "B", "2", "2.1", 1),
            set(3, "A", "1", "1.1", 1),
            set(4, "A", "3", "3.1", 1),
        ];
        let mut rows = Vec::new();
        tree(&sets, &[], &HashSet::new(), &mut rows);
        assert_eq!(kinds(&rows), "psr..s.ps.");
        let Some(Row::Series(all)) = rows.get(2) else { panic!("a series of two sets") };
        assert_eq!(all.len(), 4);
        let mut rows = Vec::new();
        tree(&sets, &[], &HashSet::from(["1".to_owned()]), &mut rows);
        assert_eq!(kinds(&rows), "pss.ps.");
        // What is read follows the images of its study; what only explains images has no row.
        let supplement = |study: &str, kind| {
            let data = Arc::clone(&set(9, "A", study, "9", 1)[0]);
            Supplement { data, kind }
        };
        let supplements = [
            supplement("1", SupplementKind::StructuredReport),
            supplement("1", SupplementKind::Segmentation),
            supplement("4", SupplementKind::KeyObjects),
        ];
        let mut rows = Vec::new();
        tree(&sets, &supplements, &HashSet::new(), &mut rows);
        assert_eq!(kinds(&rows), "psr..ts.stps.");
    }

    #[test]
    fn words_say_the_view_or_the_series_and_how_much_there_is() {
        let stack = set(1, "Demo^A", "1", "9", 12);
        let words = set_words(&stack, true);
        assert_eq!(
            (words.title.as_str(), words.detail.as_str(), words.count.as_str()),
            ("series 9", "CT", "12 images")
        );
        let entry = Entry {
            laterality: Some("R".into()),
            view_position: Some("MLO".into()),
            series_description: Some("routine".into()),
            frames: 60,
            ..Entry::default()
        };
        let one: Set = vec![Arc::new(InstanceData::new(InstanceId(1), Arc::new(entry)))].into();
        let words = set_words(&one, true);
        assert_eq!(
            (words.title.as_str(), words.detail.as_str(), words.count.as_str()),
            ("RMLO", "routine", "60 frames")
        );
        assert_eq!(patient_words(&Entry::default()).title, "no name");
    }
}
