//! What one viewport shows: a stack of slices that belong together, or one object by itself.

use std::collections::HashSet;
use std::sync::Arc;

use super::entry::Entry;
use super::index::{Series, Study, StudyIndex};
use super::order;
use super::supplement::SupplementKind;

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

/// Display sets of everything in an index, in reading order. Objects without pixels have none, nor do segmentations
/// and maps beside images of their study, which they lie over.
pub fn display_sets(index: &StudyIndex) -> Vec<DisplaySet> {
    index.studies.iter().flat_map(of_study).collect()
}

/// Objects of an index that say something about images and have no display set.
pub fn supplements(index: &StudyIndex) -> Vec<(SupplementKind, Arc<Entry>)> {
    let of_study = |study: &Study| {
        let images = Images::of(study);
        let found = study.instances().filter_map(move |entry| {
            let kind = SupplementKind::of(entry)?;
            (!kind.is_image() || images.lie_below(entry)).then(|| (kind, Arc::clone(entry)))
        });
        found.collect::<Vec<_>>()
    };
    index.studies.iter().flat_map(of_study).collect()
}

/// The images of a study that others may lie over.
#[derive(Default)]
struct Images {
    any: bool,
    frames_of_reference: HashSet<String>,
}

impl Images {
    fn of(study: &Study) -> Self {
        let mut images = Self::default();
        for entry in study.instances().filter(|entry| entry.has_pixels && SupplementKind::of(entry).is_none())
        {
            images.any = true;
            images.frames_of_reference.extend(entry.frame_of_reference.clone());
        }
        images
    }

    /// Whether an object lies over them: it was made from images, or lies in the same space. A map that says nothing
    /// of the kind is an image by itself.
    fn lie_below(&self, entry: &Entry) -> bool {
        let shared =
            entry.frame_of_reference.as_ref().is_some_and(|of| self.frames_of_reference.contains(of));
        self.any && (entry.refers || shared)
    }
}

fn of_study(study: &Study) -> Vec<DisplaySet> {
    let images = Images::of(study);
    study.series.iter().flat_map(|series| of_series(series, &images)).collect()
}

fn of_series(series: &Series, below: &Images) -> Vec<DisplaySet> {
    let shown = |entry: &&Arc<Entry>| {
        let lies_over = SupplementKind::of(entry).is_some() && below.lie_below(entry);
        entry.has_pixels && !lies_over
    };
    let images = series.instances.iter().filter(shown).cloned().collect();
    order::arrange(images).into_iter().map(|instances| DisplaySet { instances }).collect()
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

    #[test]
    fn a_segmentation_lies_over_images_and_is_one_where_there_are_none() {
        let mut over = (*slice(0.0, 9)).clone();
        over.sop_class = Some("1.2.840.10008.5.1.4.1.1.66.4".into());
        let unrelated = StudyIndex::from_entries(vec![slice(0.0, 1), Arc::new(over.clone())]);
        let frames: u32 = display_sets(&unrelated).iter().map(DisplaySet::frames).sum();
        assert_eq!((frames, supplements(&unrelated).len()), (2, 0));
        over.refers = true;
        let over = Arc::new(over);
        let alone = StudyIndex::from_entries(vec![Arc::clone(&over)]);
        assert_eq!((display_sets(&alone).len(), supplements(&alone).len()), (1, 0));
        let with = StudyIndex::from_entries(vec![slice(0.0, 1), over]);
        assert_eq!((display_sets(&with).len(), supplements(&with).len()), (1, 1));
        assert_eq!(supplements(&with)[0].0, SupplementKind::Segmentation);
    }

    #[test]
    fn mammograms_of_one_series_stand_alone_and_projections_go_by_view() {
        use crate::study::ImageKind;
        let image = |number: i64, side: &str, view: &str, kind: ImageKind, placed: bool| {
            let mut entry = (*slice(0.0, number)).clone();
            entry.modality = Some("MG".into());
            entry.laterality = Some(side.into());
            entry.view_position = Some(view.into());
            entry.kind = kind;
            entry.geometry = entry.geometry.filter(|_| placed);
            Arc::new(entry)
        };
        let counts = |entries: Vec<Arc<Entry>>| -> Vec<usize> {
            let sets = display_sets(&StudyIndex::from_entries(entries));
            sets.iter().map(|set| set.instances.len()).collect()
        };
        // Four views in one series, with a plane each as computed images have.
        let four = [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")];
        for kind in [ImageKind::Presentation, ImageKind::Synthetic] {
            let views = four.iter().zip(1..).map(|((side, view), n)| image(n, side, view, kind, true));
            assert_eq!(counts(views.collect()), [1, 1, 1, 1]);
        }
        let projections =
            (1..=6).map(|n| image(n, if n <= 3 { "R" } else { "L" }, "CC", ImageKind::Projection, false));
        assert_eq!(counts(projections.collect()), [3, 3]);
        let slices =
            (1..=6).map(|n| image(n, if n <= 4 { "R" } else { "L" }, "CC", ImageKind::Tomosynthesis, true));
        assert_eq!(counts(slices.collect()), [4, 2]);
    }
}
