//! What one viewport shows: a stack of slices that belong together, or one object by itself.

use std::sync::Arc;

use super::entry::Entry;
use super::index::{Series, StudyIndex};

/// Instances shown one after the other in one viewport.
#[derive(Clone)]
pub struct DisplaySet {
    pub instances: Vec<Arc<Entry>>,
}

impl DisplaySet {
    /// Frames of all instances together.
    pub fn frames(&self) -> u32 {
        self.instances.iter().map(|entry| entry.frames.max(1)).sum()
    }
}

/// Display sets of everything in an index, in reading order. Objects without pixels have none.
pub fn display_sets(index: &StudyIndex) -> Vec<DisplaySet> {
    index.studies.iter().flat_map(|study| &study.series).flat_map(of_series).collect()
}

fn of_series(series: &Series) -> Vec<DisplaySet> {
    let mut sets: Vec<DisplaySet> = Vec::new();
    for entry in series.instances.iter().filter(|entry| entry.has_pixels) {
        let joins =
            sets.last().and_then(|set| set.instances.last()).is_some_and(|previous| stacks(previous, entry));
        match sets.last_mut() {
            Some(set) if joins => set.instances.push(Arc::clone(entry)),
            _ => sets.push(DisplaySet { instances: vec![Arc::clone(entry)] }),
        }
    }
    sets
}

/// Whether two neighbours of a series are slices of one stack: single frames of one size and direction.
fn stacks(a: &Entry, b: &Entry) -> bool {
    let single = a.frames == 1 && b.frames == 1;
    let same_size = a.rows == b.rows && a.columns == b.columns;
    let same_direction = match (&a.geometry, &b.geometry) {
        (Some(a), Some(b)) => a.orientation.iter().zip(&b.orientation).all(|(x, y)| (x - y).abs() < 1e-3),
        _ => false,
    };
    single && same_size && same_direction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Geometry;

    fn slice(z: f64, number: i64) -> Arc<Entry> {
        Arc::new(Entry {
            path: format!("{number}").into(),
            series_uid: Some("1.2".into()),
            study_uid: Some("1.1".into()),
            instance_number: Some(number),
            rows: Some(8),
            columns: Some(8),
            frames: 1,
            has_pixels: true,
            geometry: Some(Geometry { position: [0.0, 0.0, z], orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0] }),
            ..Entry::default()
        })
    }

    #[test]
    fn slices_of_one_direction_stack_and_others_stand_alone() {
        let index = StudyIndex::from_entries(vec![slice(0.0, 1), slice(5.0, 2), slice(10.0, 3)]);
        assert_eq!(display_sets(&index).len(), 1);
        let mut flat = (*slice(15.0, 4)).clone();
        flat.geometry = None;
        let index = StudyIndex::from_entries(vec![slice(0.0, 1), slice(5.0, 2), Arc::new(flat)]);
        let sets = display_sets(&index);
        assert_eq!(sets.iter().map(DisplaySet::frames).sum::<u32>(), 3);
        assert_eq!(sets.len(), 2);
    }
}
