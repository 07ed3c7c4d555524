//! Multi-frame functional groups (PS3.3 C.7.6.16): attributes that may vary by frame.

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, Tag};

/// The first item of a functional group macro as it holds for one frame (counted from 0): that of the
/// frame's own item where there is one, else the one all frames share.
///
/// Nothing is copied, so that asking again for each frame of a long run costs next to nothing.
pub fn functional_group(data: &DataSet, frame: u32, group: Tag) -> Option<&DataSet> {
    let own = usize::try_from(frame)
        .ok()
        .and_then(|n| data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(n))
        .and_then(|item| item.item(group));
    own.or_else(|| data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?.item(group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, ds, sequence};

    fn windowed(center: &str) -> DataSet {
        data_set(vec![sequence(
            tags::FRAME_VOILUT_SEQUENCE,
            vec![data_set(vec![ds(tags::WINDOW_CENTER, center)])],
        )])
    }

    fn center(data: &DataSet, frame: u32) -> Option<f64> {
        functional_group(data, frame, tags::FRAME_VOILUT_SEQUENCE)?.float(tags::WINDOW_CENTER)
    }

    #[test]
    fn a_frames_own_group_wins_over_the_shared_one() {
        let data = data_set(vec![
            sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![windowed("1")]),
            sequence(
                tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
                vec![windowed("10"), data_set(vec![]), windowed("30")],
            ),
        ]);
        assert_eq!(center(&data, 0), Some(10.0));
        assert_eq!(center(&data, 1), Some(1.0), "an item without the group takes the shared one");
        assert_eq!(center(&data, 2), Some(30.0));
        assert_eq!(center(&data, 3), Some(1.0), "no item for that frame");
        assert_eq!(center(&data_set(vec![]), 0), None);
    }
}
