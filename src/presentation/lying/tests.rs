use dicom_dictionary_std::tags;

use super::*;
use crate::demo::ImageBuilder;
use crate::demo::groups::{pixel_measures, plane_orientation, plane_position};
use crate::dicom::DicomFile;
use crate::dicom::write::{DataSet, item};

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// An object of 4 by 2 pixels a frame, each 2 mm square and 5 mm thick, with these groups of frames.
fn object(frames: Vec<DataSet>, change: impl FnOnce(&mut DataSet)) -> DicomFile {
    let shared = item(|g| {
        pixel_measures(g, [2.0, 2.0], 5.0);
        plane_orientation(g, AXIAL);
    });
    let bytes = ImageBuilder::gray(2, 4)
        .bits(8, 8)
        .frames(frames.len())
        .samples(vec![0; frames.len() * 8])
        .groups(shared, frames)
        .set(|d| {
            d.text(tags::FRAME_OF_REFERENCE_UID, "1.2.3");
        })
        .set(change)
        .build();
    DicomFile::from_bytes(bytes).expect("an object")
}

fn lying(file: &DicomFile, parts: &[u32]) -> Lying {
    Lying::read(&file.data, file.image().expect("an image").info(), parts)
}

fn at(position: [f64; 3]) -> DataSet {
    item(|g| plane_position(g, position))
}

/// Made from frames of an image, counted from one; none for the whole of it.
fn made_from(sources: &[(&str, &[i64])]) -> DataSet {
    let sources = sources.iter().map(|(uid, frames)| {
        item(|d| {
            d.text(tags::REFERENCED_SOP_INSTANCE_UID, *uid);
            if !frames.is_empty() {
                d.int(tags::REFERENCED_FRAME_NUMBER, frames.iter().copied());
            }
        })
    });
    let sources = sources.collect();
    let derivation = item(|d| {
        d.sequence(tags::SOURCE_IMAGE_SEQUENCE, sources);
    });
    item(|g| {
        g.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation]);
    })
}

/// Eight by four pixels of one millimetre, whose outer corner is at 0, 0.
fn plane(position: [f64; 3], orientation: [f64; 6]) -> Plane {
    Plane { position, orientation: Some(orientation), columns: 8, rows: 4, pixel_mm: Some([1.0, 1.0]) }
}

fn image<'a>(uid: &'a str, frame: u32, plane: Option<&'a Plane>) -> ImageFrame<'a> {
    ImageFrame { instance_uid: uid, frame, size: [8, 4], plane, frame_of_reference: Some("1.2.3") }
}

#[test]
fn frames_of_an_image_by_their_number() {
    let file = object(
        vec![made_from(&[("1.1", &[1, 3])]), made_from(&[("1.1", &[2])]), made_from(&[("1.2", &[])])],
        |_| (),
    );
    let lying = lying(&file, &[1, 1, 1]);
    let frames = |uid: &str, frame| -> Vec<u32> {
        lying.over(&image(uid, frame, None)).iter().map(|hit| hit.frame).collect()
    };
    assert_eq!([0, 1, 2, 3].map(|frame| frames("1.1", frame)), [vec![0], vec![1], vec![0], vec![]]);
    assert_eq!(frames("1.2", 77), [2]);
    assert_eq!(frames("1.3", 0), [0; 0]);
    assert!(lying.names("1.2") && !lying.names("1.3"));
    // nothing says where the image lies: both show the same area, and the image has twice as many pixels
    let hit = lying.over(&image("1.2", 0, None))[0];
    assert_eq!(hit.to_image, Affine::scale(2.0, 2.0));
}

#[test]
fn coarser_pixels_in_the_same_plane() {
    // the first pixel reaches from -0.5 to 1.5 mm: from the outer corner of the image on
    let file = object(vec![at([0.5, 0.5, 10.0])], |_| ());
    let lying = lying(&file, &[0]);
    let plane_of_image = plane([0.0, 0.0, 12.4], AXIAL);
    let hits = lying.over(&image("9", 0, Some(&plane_of_image)));
    assert_eq!(hits, [Hit { frame: 0, to_image: Affine::scale(2.0, 2.0) }]);
    // half of five millimetres away it ends
    let beyond = plane([0.0, 0.0, 12.6], AXIAL);
    assert_eq!(lying.over(&image("9", 0, Some(&beyond))), []);
    // elsewhere, or not known to be there
    let elsewhere = ImageFrame { frame_of_reference: Some("1.2.4"), ..image("9", 0, Some(&plane_of_image)) };
    assert_eq!(lying.over(&elsewhere), []);
    let unknown = ImageFrame { frame_of_reference: None, ..image("9", 0, Some(&plane_of_image)) };
    assert_eq!(lying.over(&unknown), []);
    // beside the image
    let beside = plane([100.0, 0.0, 10.0], AXIAL);
    assert_eq!(lying.over(&image("9", 0, Some(&beside))), []);
}

#[test]
fn turned_and_seen_from_behind() {
    let file = object(vec![at([0.5, 0.5, 10.0])], |_| ());
    let lying = lying(&file, &[0]);
    // rows lead down, columns to the left: x of the patient is the row of the image, and y mirrored its column
    let turned = plane([0.0, 3.0, 10.0], [0.0, -1.0, 0.0, 1.0, 0.0, 0.0]);
    let hits = lying.over(&image("9", 0, Some(&turned)));
    assert_eq!(hits.len(), 1);
    // the middle of the first pixel of the object lies at 0.5, 0.5 mm: 2.5 mm along the row, 0.5 along the column
    assert_eq!(hits[0].to_image.apply([0.5, 0.5]), [3.0, 1.0]);
    assert_eq!(hits[0].to_image.apply([1.5, 0.5]), [3.0, 3.0]);
    assert_eq!(hits[0].to_image.apply([0.5, 1.5]), [1.0, 1.0]);
    let from_behind = plane([7.0, 0.0, 10.0], [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let hits = lying.over(&image("9", 0, Some(&from_behind)));
    assert_eq!(hits[0].to_image.apply([0.5, 0.5]), [7.0, 1.0]);
    // from the side
    let upright = plane([0.0, 0.0, 10.0], [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]);
    assert_eq!(lying.over(&image("9", 0, Some(&upright))), []);
}

#[test]
fn of_each_part_the_nearest() {
    let heights = [0.0, 5.0, 10.0, 4.0, 9.0];
    let file = object(heights.iter().map(|z| at([0.5, 0.5, *z])).collect(), |_| ());
    let lying = lying(&file, &[1, 1, 1, 2, 2]);
    let frames = |z: f64| -> Vec<u32> {
        let plane = plane([0.0, 0.0, z], AXIAL);
        lying.over(&image("9", 0, Some(&plane))).iter().map(|hit| hit.frame).collect()
    };
    assert_eq!(frames(5.0), [1, 3]);
    assert_eq!(frames(7.6), [2, 4]);
    assert_eq!(frames(0.0), [0]);
    assert_eq!(frames(2.49), [0, 3]);
    assert_eq!(frames(30.0), [0; 0]);
}

#[test]
fn references_that_contradict_the_place() {
    let groups = |sources: &[(&str, &[i64])], z: f64| {
        let mut group = made_from(sources);
        plane_position(&mut group, [0.5, 0.5, z]);
        group
    };
    let file =
        object(vec![groups(&[("1.1", &[]), ("1.2", &[])], 0.0), groups(&[("1.2", &[])], 40.0)], |_| ());
    let lying = lying(&file, &[1, 1]);
    let frames = |uid: &str, z: f64| -> Vec<u32> {
        let plane = plane([0.0, 0.0, z], AXIAL);
        lying.over(&image(uid, 0, Some(&plane))).iter().map(|hit| hit.frame).collect()
    };
    // made from both, but it lies on the first only
    assert_eq!(frames("1.1", 0.0), [0]);
    assert_eq!(frames("1.1", 20.0), [0; 0]);
    // made from nothing else: the object may know better where that is
    assert_eq!(frames("1.2", 38.0), [1]);
    assert_eq!(frames("1.2", 20.0), [1]);
}

#[test]
fn one_image_named_for_the_whole() {
    let name = |d: &mut DataSet| {
        let instance = item(|d| {
            d.text(tags::REFERENCED_SOP_INSTANCE_UID, "1.1");
        });
        let series = item(|d| {
            d.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, vec![instance]);
        });
        d.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
    };
    let file = object(vec![DataSet::new(); 4], name);
    let lying = lying(&file, &[1, 1, 2, 2]);
    let frames =
        |frame| -> Vec<u32> { lying.over(&image("1.1", frame, None)).iter().map(|hit| hit.frame).collect() };
    assert_eq!([0, 1, 2].map(frames), [vec![0, 2], vec![1, 3], vec![]]);
}

#[test]
fn places_that_are_none() {
    let frames = vec![at([f64::NAN, 0.0, 0.0]), at([1e300, 0.0, 0.0]), at([0.5, 0.5, 0.0])];
    let file = object(frames, |_| ());
    let lying = lying(&file, &[1, 1, 1]);
    let plane_of_image = plane([0.0, 0.0, 0.0], AXIAL);
    let hits = lying.over(&image("9", 0, Some(&plane_of_image)));
    assert_eq!(hits.iter().map(|hit| hit.frame).collect::<Vec<_>>(), [2]);
    for broken in [[0.0; 6], [f64::NAN; 6], [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]] {
        let plane = plane([0.0, 0.0, 0.0], broken);
        assert_eq!(lying.over(&image("9", 0, Some(&plane))), []);
    }
}
