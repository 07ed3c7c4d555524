//! What is there to hang: display sets by patient and study.

use std::collections::HashMap;

use super::select::preference;
use crate::study::{DisplaySet, Entry, ImageKind, StudyIndex};

/// A display set, and the instance that stands for it.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub set: usize,
    pub entry: &'a Entry,
    pub frames: u32,
    /// Place of its study among all, newest first.
    pub study: usize,
}

/// Everything of one patient, the newest study first.
pub(super) struct Patient<'a> {
    pub studies: Vec<Vec<Item<'a>>>,
}

/// All there is.
pub(super) struct Case<'a> {
    /// The patient with the newest study first.
    pub patients: Vec<Patient<'a>>,
    /// What is worth saying about it.
    pub notes: Vec<String>,
}

impl<'a> Case<'a> {
    pub fn new(index: &StudyIndex, sets: &'a [DisplaySet]) -> Self {
        let mut order: HashMap<String, usize> =
            index.studies.iter().enumerate().map(|(at, study)| (study.key.clone(), at)).collect();
        let mut items: Vec<Item> = Vec::with_capacity(sets.len());
        for (set, display) in sets.iter().enumerate() {
            let Some(entry) = display.instances.first() else { continue };
            let next = order.len();
            let study = *order.entry(entry.study_key()).or_insert(next);
            items.push(Item { set, entry, frames: display.frames(), study });
        }
        let (items, superseded) = without_raw(items);
        let notes = match superseded {
            0 => Vec::new(),
            1 => vec!["1 image for processing is not hung: it is there for presentation too".to_owned()],
            n => vec![format!("{n} images for processing are not hung: they are there for presentation too")],
        };
        Self { patients: by_patient(items), notes }
    }
}

impl<'a> Patient<'a> {
    /// Everything, study by study, each in the order of reading.
    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.studies.iter().flatten()
    }

    /// The studies, in ascending order, that have one of these modalities: the first of them is the current one. All where nothing is
    /// asked.
    pub fn relevant(&self, modalities: &[String]) -> Vec<usize> {
        let wanted = |item: &Item| {
            let own = item.entry.modality.as_deref().unwrap_or_default();
            modalities.is_empty() || modalities.iter().any(|modality| modality.eq_ignore_ascii_case(own))
        };
        self.studies
            .iter()
            .filter(|items| items.iter().any(wanted))
            .filter_map(|items| Some(items.first()?.study))
            .collect()
    }
}

/// Leaves out what is there a second time, made for looking at.
fn without_raw(items: Vec<Item>) -> (Vec<Item>, usize) {
    let shows = |item: &Item| (item.study, item.entry.view_label());
    let shown: std::collections::HashSet<_> =
        items.iter().filter(|item| item.entry.kind == ImageKind::Presentation).map(shows).collect();
    let before = items.len();
    let kept: Vec<Item> = items
        .into_iter()
        .filter(|item| {
            let raw = item.entry.kind == ImageKind::Processing;
            !(raw && item.entry.view_position.is_some() && shown.contains(&shows(item)))
        })
        .collect();
    let left_out = before - kept.len();
    (kept, left_out)
}

/// Parts items by patient and study. Patients come in the order of their newest study.
fn by_patient(mut items: Vec<Item>) -> Vec<Patient> {
    items.sort_by_cached_key(|item| (item.study, reading_order(item), item.set));
    let mut patients: Vec<Patient> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // A study is of one patient, whatever some of its objects say.
    let mut owners: HashMap<usize, usize> = HashMap::new();
    for item in items {
        let at = *owners.entry(item.study).or_insert_with(|| {
            *places.entry(person(item.entry, item.study)).or_insert_with(|| {
                patients.push(Patient { studies: Vec::new() });
                patients.len() - 1
            })
        });
        let Some(patient) = patients.get_mut(at) else { continue };
        match patient
            .studies
            .last_mut()
            .filter(|study| study.first().is_some_and(|first| first.study == item.study))
        {
            Some(study) => study.push(item),
            None => patient.studies.push(vec![item]),
        }
    }
    patients
}

/// Who it is: by ID where there is one, with the date of birth, since IDs of two hospitals may be equal; else by
/// name and date of birth. A study of nobody is nobody else's.
fn person(entry: &Entry, study: usize) -> String {
    let birth = entry.birth_date.as_deref().unwrap_or_default();
    match (entry.patient_id.as_deref(), entry.patient_name.as_deref()) {
        (Some(id), _) => format!("id {} {birth}", id.trim()),
        (None, Some(name)) => format!("name {} {birth}", name.trim_end_matches(['^', ' ']).to_lowercase()),
        (None, None) => format!("study {study}"),
    }
}

/// Mammograms in the order of reading, everything else as it comes, what is not looked at last.
fn reading_order(item: &Item) -> (usize, usize, usize, usize) {
    let entry = item.entry;
    if !entry.is_mammogram() {
        return (0, 0, 0, 0);
    }
    (preference(entry.kind), usize::from(!entry.modifiers.is_empty()), view_place(entry), side_place(entry))
}

/// CC, then MLO, then the others.
fn view_place(entry: &Entry) -> usize {
    const VIEWS: [&str; 10] = ["CC", "MLO", "ML", "LM", "LMO", "XCCL", "XCCM", "XCC", "FB", "SIO"];
    let view = entry.view_position.as_deref();
    VIEWS.iter().position(|known| Some(*known) == view).unwrap_or(VIEWS.len())
}

/// Right before left, as it hangs on a light box.
fn side_place(entry: &Entry) -> usize {
    match entry.laterality.as_deref() {
        Some("R") => 0,
        Some("L") => 1,
        _ => 2,
    }
}
