//! The orders readers expect: newest study first, series by number, slices along their normal.
//!
//! The instances of a series are first parted into what belongs together (stacks of slices, the parts of one
//! divided object, single images) and then sorted within each part. Parts follow each other by their lowest
//! instance number, so a scout with the first number stands before the slices planned on it.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

use super::entry::{Entry, Geometry};
use super::image_kind::ImageKind;
use super::index::{Series, Study};
use super::natural;

/// Orientations that differ less than this, in any component, belong to one stack.
const SAME_ORIENTATION: f64 = 1e-3;

/// Modalities whose images are slices even where they do not say where they lie.
const OF_SLICES: [&str; 3] = ["CT", "MR", "PT"];

/// Puts studies in order: newest first; those without a date come last.
pub fn sort_studies(studies: &mut [Study]) {
    studies.sort_by_cached_key(|study| {
        let any = |of: fn(&Entry) -> Option<&String>| study.instances().find_map(|entry| of(entry)).cloned();
        let date = any(|e| e.study_date.as_ref()).or_else(|| any(|e| e.series_date.as_ref()));
        let time = any(|e| e.study_time.as_ref());
        let description = any(|e| e.study_description.as_ref());
        (Reverse(date.map(digits)), Reverse(time.map(digits)), description, study.key.clone())
    });
}

/// Puts series in order: by number, then time, then description; those without a number come last.
pub fn sort_series(series: &mut [Series]) {
    series.sort_by_cached_key(|series| {
        let any =
            |of: fn(&Entry) -> Option<&String>| series.instances.iter().find_map(|entry| of(entry)).cloned();
        let number = series.instances.iter().find_map(|entry| entry.series_number);
        let date = any(|e| e.series_date.as_ref()).map(digits);
        let time = any(|e| e.series_time.as_ref()).map(digits);
        let undated = date.is_none() && time.is_none();
        let description = any(|e| e.series_description.as_ref());
        (number.is_none(), number, (undated, date, time), description, series.key.clone())
    });
}

/// `2024.01.31` and `10:15` as the standard writes them today.
fn digits(text: String) -> String {
    if text.contains(['.', ':', '-']) { text.replace(['.', ':', '-'], "") } else { text }
}

/// Puts the instances of a series in order, those that belong together next to each other.
pub fn sort_instances(instances: &mut Vec<Arc<Entry>>) {
    *instances = arrange(std::mem::take(instances)).into_iter().flatten().collect();
}

/// Parts instances into what is looked at together, all in reading order.
pub fn arrange(instances: Vec<Arc<Entry>>) -> Vec<Vec<Arc<Entry>>> {
    let mut parts: Vec<Part> = Vec::new();
    // Where parts of a kind are; those of slices with every orientation met.
    let mut places: HashMap<Kind, Vec<usize>> = HashMap::new();
    for entry in instances {
        let kind = Kind::of(&entry);
        let of_kind = match &kind {
            Kind::Alone => None,
            _ => Some(places.entry(kind.clone()).or_default()),
        };
        let fitting = of_kind.as_ref().and_then(|places| {
            places.iter().copied().find(|&at| parts.get(at).is_some_and(|part| part.is_parallel(&entry)))
        });
        match fitting.and_then(|at| parts.get_mut(at)) {
            Some(part) => part.entries.push(entry),
            None => {
                if let Some(places) = of_kind {
                    places.push(parts.len());
                }
                parts.push(Part { kind, entries: vec![entry] });
            }
        }
    }
    for part in &mut parts {
        part.sort();
    }
    parts.sort_by(Part::compare);
    parts.into_iter().map(|part| part.entries).collect()
}

/// What decides whether instances belong together, but for the direction of slices.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// Slices that say where they lie.
    Stack {
        size: (Option<u32>, Option<u32>),
        id: Option<String>,
        frame_of_reference: Option<String>,
        is_localizer: bool,
        /// Of mammograms, what they show: two breasts are no stack.
        view: Option<String>,
    },
    /// Slices that do not, and the projections of one tomosynthesis.
    Unplaced { size: (Option<u32>, Option<u32>), is_localizer: bool, view: Option<String> },
    /// The parts of a divided multi-frame object.
    Concatenation(String),
    /// What is looked at by itself.
    Alone,
}

impl Kind {
    fn of(entry: &Entry) -> Self {
        let Entry { is_localizer, .. } = *entry;
        if let Some(concatenation) = &entry.concatenation {
            return Self::Concatenation(concatenation.uid.clone());
        }
        if !entry.has_pixels || entry.frames != 1 {
            return Self::Alone;
        }
        let of_volume = matches!(entry.kind, ImageKind::Tomosynthesis | ImageKind::Projection);
        if entry.is_mammogram() && !of_volume {
            return Self::Alone;
        }
        let view = of_volume.then(|| format!("{} {}", entry.view_label(), entry.kind.name()));
        let size = (entry.rows, entry.columns);
        if entry.geometry.is_some_and(|geometry| geometry.normal().is_some()) {
            let id = entry.stack.as_ref().map(|stack| stack.id.clone());
            let frame_of_reference = entry.frame_of_reference.clone();
            return Self::Stack { size, id, frame_of_reference, is_localizer, view };
        }
        let slices = entry.modality.as_deref().is_some_and(|modality| OF_SLICES.contains(&modality));
        // Without a view nobody knows what belongs together.
        let projections = entry.kind == ImageKind::Projection && entry.view_position.is_some();
        if slices || projections { Self::Unplaced { size, is_localizer, view } } else { Self::Alone }
    }
}

/// Instances that belong together.
struct Part {
    kind: Kind,
    entries: Vec<Arc<Entry>>,
}

impl Part {
    /// Whether an instance of this kind also looks the same way.
    fn is_parallel(&self, entry: &Entry) -> bool {
        match (self.entries.first().and_then(|first| first.geometry), entry.geometry) {
            (Some(a), Some(b)) if matches!(self.kind, Kind::Stack { .. }) => {
                a.orientation.iter().zip(b.orientation).all(|(a, b)| (a - b).abs() < SAME_ORIENTATION)
            }
            _ => true,
        }
    }

    fn sort(&mut self) {
        match self.kind {
            Kind::Stack { .. } => sort_slices(&mut self.entries),
            Kind::Concatenation(_) => self.entries.sort_by_cached_key(|entry| {
                let number = entry.concatenation.as_ref().and_then(|part| part.number);
                (number.is_none(), number, number_key(entry))
            }),
            Kind::Unplaced { .. } | Kind::Alone => {
                self.entries.sort_by_cached_key(|entry| (entry.temporal_position, number_key(entry)));
            }
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let number = |part: &Self| {
            let lowest = part.entries.iter().filter_map(|entry| entry.instance_number).min();
            (lowest.is_none(), lowest)
        };
        let stack = |part: &Self| match &part.kind {
            Kind::Stack { id, .. } => id.clone().unwrap_or_default(),
            _ => String::new(),
        };
        let is_localizer = |part: &Self| part.entries.iter().all(|entry| entry.is_localizer);
        let first = |part: &Self| part.entries.iter().map(|entry| entry.order).min();
        number(self)
            .cmp(&number(other))
            .then_with(|| is_localizer(other).cmp(&is_localizer(self)))
            .then_with(|| natural::compare(&stack(self), &stack(other)))
            .then_with(|| first(self).cmp(&first(other)))
    }
}

/// What decides when nothing better is known: the instance number, then the order of the files.
fn number_key(entry: &Entry) -> (bool, Option<i64>, usize) {
    (entry.instance_number.is_none(), entry.instance_number, entry.order)
}

/// One volume after the other where the slices declare points in time; within each by place, at one place by
/// time, and then by number.
fn sort_slices(slices: &mut [Arc<Entry>]) {
    let Some(normal) = slices.first().and_then(|first| first.geometry).as_ref().and_then(Geometry::normal)
    else {
        return;
    };
    let in_volumes = slices.iter().all(|entry| entry.temporal_position.is_some());
    let in_stack = |entry: &Entry| entry.stack.as_ref().and_then(|stack| stack.position);
    let numbered = slices.iter().all(|entry| in_stack(entry).is_some());
    slices.sort_by_cached_key(|entry| {
        let volume = if in_volumes { entry.temporal_position } else { None };
        let place = if numbered { in_stack(entry).unwrap_or(0) } else { distance(entry, normal) };
        // Milliseconds, to the microsecond.
        let trigger = entry.trigger_time.map(|time| (time * 1000.0).round() as i64);
        (volume, place, trigger, entry.acquired.clone(), number_key(entry))
    });
}

/// Position along the normal, in hundredths of a millimetre so that rounding in the header does not part slices
/// that share a place.
fn distance(entry: &Entry, normal: [f64; 3]) -> i64 {
    let position = entry.geometry.map_or([0.0; 3], |geometry| geometry.position);
    let along: f64 = position.iter().zip(normal).map(|(p, n)| p * n).sum();
    (along * 100.0).round() as i64
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
