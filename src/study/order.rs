//! The orders readers expect: newest study first, series by number, slices along their normal.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use super::entry::Entry;
use super::index::{Series, Study};

/// Orientations that differ less than this, in any component, belong to one stack.
const SAME_ORIENTATION: f64 = 1e-3;

/// Newest first; studies without a date come last.
pub fn compare_studies(a: &Study, b: &Study) -> Ordering {
    let key = |study: &Study| {
        let first = study.first();
        let date = first.and_then(|e| e.study_date.clone().or_else(|| e.series_date.clone()));
        let time = first.and_then(|e| e.study_time.clone());
        let description = first.and_then(|e| e.study_description.clone());
        (Reverse(date), Reverse(time), description, study.key.clone())
    };
    key(a).cmp(&key(b))
}

/// By number, then description; series without a number come last.
pub fn compare_series(a: &Series, b: &Series) -> Ordering {
    let key = |series: &Series| {
        let first = series.first();
        let number = first.and_then(|e| e.series_number);
        let description = first.and_then(|e| e.series_description.clone());
        (number.is_none(), number, description, series.key.clone())
    };
    key(a).cmp(&key(b))
}

/// Slices of one stack by their position along its normal, then instance number, then path.
///
/// A series that is not one stack (a scout among slices, views of a breast) goes by instance number alone:
/// positions along different normals cannot be compared.
pub fn sort_instances(instances: &mut [Arc<Entry>]) {
    let Some(normal) = stack_normal(instances) else {
        instances.sort_by(|a, b| compare_numbers(a, b));
        return;
    };
    instances.sort_by(|a, b| {
        distance(a, normal).total_cmp(&distance(b, normal)).then_with(|| compare_numbers(a, b))
    });
}

fn compare_numbers(a: &Entry, b: &Entry) -> Ordering {
    let key = |e: &Entry| (e.instance_number.is_none(), e.instance_number);
    key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
}

/// The common normal of at least two slices that all look the same way.
fn stack_normal(instances: &[Arc<Entry>]) -> Option<[f64; 3]> {
    let (first, rest) = instances.split_first()?;
    let geometry = first.geometry?;
    let parallel = |entry: &Arc<Entry>| {
        entry.geometry.is_some_and(|other| {
            let pairs = geometry.orientation.iter().zip(other.orientation);
            pairs.into_iter().all(|(a, b)| (a - b).abs() < SAME_ORIENTATION)
        })
    };
    (!rest.is_empty() && rest.iter().all(parallel)).then(|| geometry.normal()).flatten()
}

/// Position along the normal, to a hundredth of a millimetre so that rounding in the header does not part
/// slices that share a place.
fn distance(entry: &Entry, normal: [f64; 3]) -> f64 {
    let position = entry.geometry.map_or([0.0; 3], |geometry| geometry.position);
    let along: f64 = position.iter().zip(normal).map(|(p, n)| p * n).sum();
    (along * 100.0).round()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Geometry, StudyIndex};
    use super::*;

    const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

    fn entry(order: usize, number: i64) -> Entry {
        Entry {
            path: PathBuf::from(format!("folder/{order:03}.dcm")),
            order,
            study_uid: Some("1.2".into()),
            series_uid: Some("1.2.1".into()),
            sop_uid: Some(format!("1.2.1.{order}")),
            instance_number: Some(number),
            ..Entry::default()
        }
    }

    fn slice(order: usize, number: i64, position: [f64; 3], orientation: [f64; 6]) -> Entry {
        Entry { geometry: Some(Geometry { position, orientation }), ..entry(order, number) }
    }

    fn orders(index: &StudyIndex) -> Vec<usize> {
        index.instances().map(|entry| entry.order).collect()
    }

    fn build(entries: impl IntoIterator<Item = Entry>) -> StudyIndex {
        StudyIndex::from_entries(entries.into_iter().map(Arc::new).collect())
    }

    #[test]
    fn slices_go_by_position_and_not_by_number() {
        let index = build([
            slice(0, 1, [0.0, 0.0, 30.0], AXIAL),
            slice(1, 2, [0.0, 0.0, -10.0], AXIAL),
            slice(2, 3, [0.0, 0.0, 10.0], AXIAL),
        ]);
        assert_eq!(orders(&index), [1, 2, 0]);
    }

    #[test]
    fn time_points_at_one_place_go_by_number() {
        let index = build([
            slice(0, 4, [0.0, 0.0, 5.001], AXIAL),
            slice(1, 3, [0.0, 0.0, 5.0], AXIAL),
            slice(2, 2, [0.0, 0.0, 0.0], AXIAL),
        ]);
        assert_eq!(orders(&index), [2, 1, 0]);
    }

    #[test]
    fn a_scout_among_slices_makes_numbers_decide() {
        let index = build([
            slice(0, 3, [0.0, 0.0, -9.0], AXIAL),
            slice(1, 2, [0.0, 0.0, 9.0], AXIAL),
            slice(2, 1, [50.0, 0.0, 0.0], SAGITTAL),
        ]);
        assert_eq!(orders(&index), [2, 1, 0]);
    }

    #[test]
    fn without_a_number_the_path_decides() {
        let unnumbered = |order| Entry { instance_number: None, ..entry(order, 0) };
        assert_eq!(orders(&build([unnumbered(2), unnumbered(1), entry(3, 7)])), [3, 1, 2]);
    }

    #[test]
    fn studies_newest_first_and_undated_last() {
        let dated = |order, uid: &str, date: Option<&str>, time: Option<&str>| Entry {
            study_uid: Some(uid.into()),
            study_date: date.map(Into::into),
            study_time: time.map(Into::into),
            ..entry(order, 1)
        };
        let index = build([
            dated(0, "1.1", None, None),
            dated(1, "1.2", Some("20240101"), Some("080000")),
            dated(2, "1.3", Some("20250101"), None),
            dated(3, "1.4", Some("20240101"), Some("090000")),
        ]);
        assert_eq!(orders(&index), [2, 3, 1, 0]);
    }

    #[test]
    fn series_by_number_then_description() {
        let of = |order, number: Option<i64>, description: &str| Entry {
            series_uid: Some(format!("1.2.{order}")),
            series_number: number,
            series_description: Some(description.into()),
            ..entry(order, 1)
        };
        let index = build([of(0, None, "a"), of(1, Some(10), "a"), of(2, Some(2), "z"), of(3, Some(2), "b")]);
        assert_eq!(orders(&index), [3, 2, 1, 0]);
    }

    #[test]
    fn duplicates_stay_once_and_the_first_named_wins() {
        let twin = |order| Entry { sop_uid: Some("1.9".into()), ..entry(order, 1) };
        let index = build([twin(5), twin(2), twin(9)]);
        assert_eq!(orders(&index), [2]);
        assert_eq!(index.duplicates, 2);
    }

    #[test]
    fn files_without_uids_are_grouped_by_folder() {
        let bare = |order: usize, path: &str| Entry { path: PathBuf::from(path), order, ..Entry::default() };
        let index = build([bare(0, "a/1"), bare(1, "b/1"), bare(2, "a/2")]);
        assert_eq!(index.studies.len(), 2);
        assert_eq!(index.len(), 3);
    }
}
