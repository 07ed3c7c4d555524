//! Orders, over tables of headers made up for the purpose.

use std::path::PathBuf;

use super::super::{Concatenation, Geometry, StackPlace, StudyIndex, display_sets};
use super::*;

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const SAGITTAL: [f64; 6] = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];

fn entry(order: usize, number: i64) -> Entry {
    Entry {
        frames: 1,
        has_pixels: true,
        rows: Some(8),
        columns: Some(8),
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

/// What is shown together, by order.
fn parts(index: &StudyIndex) -> Vec<Vec<usize>> {
    let sets = display_sets(index);
    sets.iter().map(|set| set.instances.iter().map(|entry| entry.order).collect()).collect()
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
fn a_scout_stands_before_its_slices_which_go_by_position() {
    let index = build([
        slice(0, 3, [0.0, 0.0, -9.0], AXIAL),
        slice(1, 2, [0.0, 0.0, 9.0], AXIAL),
        slice(2, 1, [50.0, 0.0, 0.0], SAGITTAL),
    ]);
    assert_eq!(parts(&index), [vec![2], vec![0, 1]]);
    // One that lies like the slices, has their first number again, and is an overview by its own word.
    let scout = Entry { is_localizer: true, ..slice(3, 1, [0.0, 0.0, 0.0], AXIAL) };
    let index = build([slice(0, 1, [0.0, 0.0, -9.0], AXIAL), slice(1, 2, [0.0, 0.0, 9.0], AXIAL), scout]);
    assert_eq!(parts(&index), [vec![3], vec![0, 1]]);
}

#[test]
fn oblique_slices_go_along_their_normal() {
    // Rows along (0.8, 0.6, 0), columns along -z: the normal is (-0.6, 0.8, 0). x alone would mislead.
    let oblique = [0.8, 0.6, 0.0, 0.0, 0.0, -1.0];
    let at = |order, along: f64, shift: f64| {
        let position = [-0.6 * along + 0.8 * shift, 0.8 * along + 0.6 * shift, 0.0];
        slice(order, 9 - order as i64, position, oblique)
    };
    assert_eq!(orders(&build([at(0, 5.0, 0.0), at(1, -5.0, 90.0), at(2, 0.0, -90.0)])), [1, 2, 0]);
}

#[test]
fn directions_frames_of_reference_and_sizes_part_stacks() {
    let other = Entry { frame_of_reference: Some("1.7".into()), ..slice(1, 2, [0.0; 3], AXIAL) };
    let large = Entry { rows: Some(16), ..slice(2, 3, [0.0; 3], AXIAL) };
    let index = build([slice(0, 1, [0.0; 3], AXIAL), other, large, slice(3, 4, [0.0; 3], SAGITTAL)]);
    assert_eq!(parts(&index), [[0], [1], [2], [3]]);
}

#[test]
fn points_in_time_go_one_volume_after_the_other() {
    let at =
        |order, time, z| Entry { temporal_position: Some(time), ..slice(order, 0, [0.0, 0.0, z], AXIAL) };
    let index = build([at(0, 2, 0.0), at(1, 1, 5.0), at(2, 2, 5.0), at(3, 1, 0.0)]);
    assert_eq!(orders(&index), [3, 1, 0, 2]);
    assert_eq!(parts(&index).len(), 1);
}

#[test]
fn phases_of_the_heart_stay_at_their_place() {
    let at = |order, z, trigger| Entry {
        trigger_time: Some(trigger),
        ..slice(order, 100 - order as i64, [0.0, 0.0, z], AXIAL)
    };
    let index = build([at(0, 8.0, 0.0), at(1, 0.0, 40.5), at(2, 8.0, 40.5), at(3, 0.0, 0.0)]);
    assert_eq!(orders(&index), [3, 1, 0, 2]);
}

#[test]
fn at_one_place_the_time_of_acquisition_comes_before_the_number() {
    let at = |order, time: &str, number| Entry {
        acquired: Some(time.into()),
        ..slice(order, number, [0.0, 0.0, 0.0], AXIAL)
    };
    assert_eq!(orders(&build([at(0, "101502.5", 1), at(1, "101501.25", 2), at(2, "101501", 3)])), [2, 1, 0]);
}

#[test]
fn declared_stacks_stay_apart_and_keep_their_own_order() {
    let at = |order, id: &str, position, z| Entry {
        stack: Some(StackPlace { id: id.into(), position: Some(position) }),
        instance_number: None,
        ..slice(order, 0, [0.0, 0.0, z], AXIAL)
    };
    // In-stack numbers against positions: what is declared counts.
    let index = build([at(0, "10", 1, 0.0), at(1, "2", 2, 0.0), at(2, "2", 1, 5.0), at(3, "10", 2, -5.0)]);
    assert_eq!(parts(&index), [[2, 1], [0, 3]]);
}

#[test]
fn slices_without_a_place_stack_by_number_where_the_modality_has_slices() {
    let of =
        |order, number, modality: &str| Entry { modality: Some(modality.into()), ..entry(order, number) };
    assert_eq!(parts(&build([of(0, 2, "CT"), of(1, 1, "CT")])), [[1, 0]]);
    assert_eq!(parts(&build([of(0, 2, "MG"), of(1, 1, "MG")])), [[1], [0]]);
    // One that lost its place does not disturb the others.
    let mut slices: Vec<_> = (0..4).map(|n| slice(n, 4 - n as i64, [0.0, 0.0, n as f64], AXIAL)).collect();
    slices[1].geometry = None;
    assert_eq!(parts(&build(slices)), [vec![0, 2, 3], vec![1]]);
}

#[test]
fn parts_of_a_divided_object_come_together_in_their_order() {
    let part = |order, number| Entry {
        frames: 20,
        concatenation: Some(Concatenation { uid: "1.5".into(), number: Some(number) }),
        ..entry(order, 1)
    };
    let whole = Entry { frames: 20, ..entry(3, 2) };
    let index = build([part(0, 3), part(1, 1), part(2, 2), whole]);
    assert_eq!(parts(&index), [vec![1, 2, 0], vec![3]]);
}

#[test]
fn dates_count_however_they_are_written() {
    let dated = |order, uid: &str, date: &str, time: &str| Entry {
        study_uid: Some(uid.into()),
        study_date: Some(date.into()),
        study_time: Some(time.into()),
        ..entry(order, 1)
    };
    let index = build([
        dated(0, "1.1", "2023.12.31", "10"),
        dated(1, "1.2", "20240101", "08:15"),
        dated(2, "1.3", "20240101", "091500.5"),
    ]);
    assert_eq!(orders(&index), [2, 1, 0]);
}

#[test]
fn series_of_one_number_go_by_time() {
    let of = |order, time: &str, description: &str| Entry {
        series_uid: Some(format!("1.2.{order}")),
        series_number: Some(1),
        series_time: Some(time.into()),
        series_description: Some(description.into()),
        ..entry(order, 1)
    };
    assert_eq!(orders(&build([of(0, "120000", "a"), of(1, "110000", "b"), of(2, "110000", "a")])), [2, 1, 0]);
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
