use dicom_dictionary_std::{tags, uids};

use super::*;
use crate::demo::{ImageBuilder, Palette};
use crate::dicom::DicomFile;
use crate::dicom::write::{DataSet, Syntax, item};
use crate::geometry::Affine;
use crate::presentation::lying::NotRead;

const IMAGE: &str = "1.2.3";

/// Frames of segments, each made from the same image.
fn of_segments(numbers: &[i64]) -> Vec<DataSet> {
    let frame = |number: &i64| {
        item(|g| {
            let source = item(|d| {
                d.text(tags::REFERENCED_SOP_INSTANCE_UID, IMAGE);
            });
            let derivation = item(|d| {
                d.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![source]);
            });
            let segment = item(|d| {
                d.int(tags::REFERENCED_SEGMENT_NUMBER, [*number]);
            });
            g.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation])
                .sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment]);
        })
    };
    numbers.iter().map(frame).collect()
}

fn segment(number: i64, label: &str, lab: Option<[i64; 3]>) -> DataSet {
    item(|d| {
        d.int(tags::SEGMENT_NUMBER, [number])
            .text(tags::SEGMENT_LABEL, label)
            .text(tags::SEGMENT_ALGORITHM_TYPE, "MANUAL")
            .code(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, ("39607008", "SCT", "Lung"));
        if let Some(lab) = lab {
            d.int(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, lab);
        }
    })
}

/// White and black as CIELab words.
const WHITE: [i64; 3] = [65535, 32896, 32896];
const BLACK: [i64; 3] = [0, 32896, 32896];

fn builder(
    columns: usize,
    rows: usize,
    kind: &str,
    frames: Vec<DataSet>,
    segments: Vec<DataSet>,
) -> ImageBuilder {
    ImageBuilder::gray(rows, columns).frames(frames.len()).groups(DataSet::new(), frames).set(|d| {
        d.text(tags::SOP_CLASS_UID, uids::SEGMENTATION_STORAGE)
            .text(tags::SEGMENTATION_TYPE, kind)
            .sequence(tags::SEGMENT_SEQUENCE, segments);
    })
}

fn read(builder: ImageBuilder) -> Segmentation {
    Segmentation::read(&DicomFile::from_bytes(builder.build()).expect("an object")).expect("a segmentation")
}

fn over(segmentation: &Segmentation, columns: u32, rows: u32) -> Vec<Hit> {
    let image = ImageFrame {
        instance_uid: IMAGE,
        frame: 0,
        size: [columns, rows],
        plane: None,
        frame_of_reference: None,
    };
    segmentation.frames_over(&image)
}

/// Two segments of 5 by 3 pixels, 15 bits a frame, so that the second begins within a byte:
///
/// ```text
/// ..11.    ...##
/// .111.    ...#.
/// .....    #....
/// ```
fn two() -> ImageBuilder {
    let first = [0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    let second = [0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    let segments = vec![segment(7, "white", Some(WHITE)), segment(2, "black", Some(BLACK))];
    builder(5, 3, "BINARY", of_segments(&[7, 2]), segments).bits(1, 1).samples([first, second].concat())
}

fn options(fill: f64) -> SegmentOptions {
    SegmentOptions { fill, ..SegmentOptions::default() }
}

#[test]
fn overlapping_segments_mix_in_the_order_of_their_numbers() {
    let segmentation = read(two());
    assert!(segmentation.packed);
    let labels: Vec<_> = segmentation.segments.iter().map(|s| (s.number, &*s.label, s.color)).collect();
    assert_eq!(labels, [(2, "black", [0; 3]), (7, "white", [255; 3])]);
    let hits = over(&segmentation, 5, 3);
    assert_eq!(hits.iter().map(|hit| hit.frame).collect::<Vec<_>>(), [1, 0]);
    let covers = segmentation.covers(&hits, &options(0.4)).expect("frames");
    let [cover] = covers.as_slice() else { panic!("{covers:?}") };
    assert_eq!((cover.width, cover.height, cover.to_image), (5, 3, Affine::IDENTITY));
    // 0.4 of 255 is 102; white over black: 0.4 + 0.4 * 0.6 = 0.64 opaque, and 0.4 / 0.64 of it is white
    let (none, white, black, both) = ([0; 4], [255, 255, 255, 102], [0, 0, 0, 102], [159, 159, 159, 163]);
    let expected = [
        none, none, white, both, black, // the first row
        none, white, white, both, none, // the second
        black, none, none, none, none,
    ];
    assert_eq!(*cover.pixels, expected);
}

#[test]
fn hidden_segments_leave_no_trace_and_the_rest_is_cut_out() {
    let segmentation = read(two());
    let hits = over(&segmentation, 10, 6);
    let mut wishes = options(1.0);
    wishes.hidden.insert(2);
    let covers = segmentation.covers(&hits, &wishes).expect("frames");
    let [cover] = covers.as_slice() else { panic!("{covers:?}") };
    assert_eq!((cover.width, cover.height), (3, 2));
    // the image has twice as many pixels, and the cover begins at the second of the object
    assert_eq!(cover.to_image, Affine { m: [[2.0, 0.0, 2.0], [0.0, 2.0, 0.0]] });
    let alpha: Vec<u8> = cover.pixels.iter().map(|pixel| pixel[3]).collect();
    assert_eq!(alpha, [0, 255, 255, 255, 255, 255]);
    wishes.hidden.insert(7);
    assert_eq!(segmentation.covers(&hits, &wishes).expect("frames"), []);
    assert!(segmentation.outlines(&hits, &wishes).expect("frames").is_empty());
}

#[test]
fn what_is_at_a_point() {
    let segmentation = read(two());
    let hits = over(&segmentation, 5, 3);
    let at = |x: f64, y: f64| -> Vec<u16> {
        segmentation.at(&hits, [x, y]).expect("frames").iter().map(|at| at.number).collect()
    };
    assert_eq!(at(3.5, 0.5), [2, 7]);
    assert_eq!(at(4.99, 0.0), [2]);
    assert_eq!(at(1.0, 1.5), [7]);
    for (x, y) in [(0.0, 0.0), (5.0, 0.5), (-0.1, 2.5), (0.5, 3.0), (f64::NAN, 0.0), (1e300, 1.0)] {
        assert!(at(x, y).is_empty(), "{x} {y}");
    }
}

#[test]
fn outlines_follow_the_edges_of_pixels() {
    let segmentation = read(two());
    let hits = over(&segmentation, 5, 3);
    let drawing = segmentation.outlines(&hits, &SegmentOptions::default()).expect("frames");
    let of = |number: u32| drawing.strokes.iter().filter(move |stroke| stroke.of == Some(number));
    let white: Vec<_> = of(7).map(|stroke| stroke.points.clone()).collect();
    let corners = vec![[4.0, 0.0], [4.0, 2.0], [1.0, 2.0], [1.0, 1.0], [2.0, 1.0], [2.0, 0.0]];
    assert_eq!(white, [corners]);
    assert_eq!(of(2).map(|stroke| stroke.points.len()).collect::<Vec<_>>(), [6, 4]);
    assert!(drawing.strokes.iter().all(|stroke| stroke.closed && stroke.fill.is_none()));
}

#[test]
fn bits_run_lengths_and_bytes_say_the_same() {
    let bytes = |syntax| {
        let first = [0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        let second = [0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
        let segments = vec![segment(7, "white", Some(WHITE)), segment(2, "black", Some(BLACK))];
        let image = builder(5, 3, "BINARY", of_segments(&[7, 2]), segments).bits(8, 8);
        read(image.samples([first, second].concat()).syntax(syntax))
    };
    let all = [
        read(two()),
        read(two().syntax(Syntax::ImplicitLittle)),
        read(two().syntax(Syntax::Deflated)),
        bytes(Syntax::ExplicitLittle),
        bytes(Syntax::Rle),
    ];
    let drawn = all.each_ref().map(|s| s.covers(&over(s, 5, 3), &options(0.5)).expect("frames"));
    for other in &drawn[1..] {
        assert_eq!(drawn[0], *other);
    }
}

#[test]
fn fractions_scale_the_opacity() {
    let image = builder(4, 1, "FRACTIONAL", of_segments(&[1]), vec![segment(1, "", Some(WHITE))])
        .bits(8, 8)
        .samples([0, 50, 100, 200])
        .set(|d| {
            d.text(tags::SEGMENTATION_FRACTIONAL_TYPE, "PROBABILITY")
                .int(tags::MAXIMUM_FRACTIONAL_VALUE, [100]);
        });
    let segmentation = read(image);
    assert_eq!(segmentation.kind, SegmentationKind::Probability);
    assert_eq!(segmentation.segments[0].label, "Lung");
    let hits = over(&segmentation, 4, 1);
    let cover = &segmentation.covers(&hits, &options(0.8)).expect("a frame")[0];
    // 0.8 of 255 is 204, half of it 102; more than the maximum is all
    let alpha: Vec<u8> = cover.pixels.iter().map(|pixel| pixel[3]).collect();
    assert_eq!(alpha, [102, 204, 204]);
    assert_eq!(cover.to_image, Affine::translation(1.0, 0.0));
    let at = segmentation.at(&hits, [1.5, 0.5]).expect("a frame");
    assert_eq!(at, [SegmentAt { number: 1, fraction: 0.5 }]);
    assert_eq!(segmentation.at(&hits, [0.5, 0.5]).expect("a frame"), []);
    let width = |threshold: f64| {
        let wishes = SegmentOptions { threshold, ..SegmentOptions::default() };
        let drawing = segmentation.outlines(&hits, &wishes).expect("a frame");
        drawing.strokes[0].points.iter().map(|p| p[0]).fold(f64::INFINITY, f64::min)
    };
    assert_eq!([0.5, 0.51].map(width), [1.0, 2.0]);
}

#[test]
fn label_maps_by_palette_and_by_recommendation() {
    let palette = Palette {
        first: 0,
        bits: 8,
        colours: [vec![0, 10, 20, 30], vec![0, 11, 21, 31], vec![0, 12, 22, 32]],
        packed: false,
        segmented: None,
    };
    let labels = || {
        builder(
            4,
            2,
            "LABELMAP",
            of_segments(&[0]),
            vec![segment(0, "background", None), segment(3, "three", None)],
        )
    };
    let class = |d: &mut DataSet| {
        d.text(tags::SOP_CLASS_UID, uids::LABEL_MAP_SEGMENTATION_STORAGE).int(tags::PIXEL_PADDING_VALUE, [0]);
    };
    let stored = [0, 3, 3, 1, 1, 0, 0, 3];
    let eight = read(labels().bits(8, 8).samples(stored).palette(&palette).set(class));
    let sixteen = read(labels().bits(16, 16).samples(stored.map(|v| v * 1000)).set(class));
    assert_eq!(eight.kind, SegmentationKind::LabelMap);
    assert_eq!(eight.segments.iter().map(|s| s.number).collect::<Vec<_>>(), [3]);
    let hits = over(&eight, 4, 2);
    let cover = &eight.covers(&hits, &options(1.0)).expect("a frame")[0];
    let (none, three, one) = ([0; 4], [30, 31, 32, 255], [segment::distinct(1)[0], 75, 53, 255]);
    assert_eq!(*cover.pixels, [none, three, three, one, one, none, none, three]);
    assert_eq!(eight.at(&hits, [3.5, 1.5]).expect("a frame"), [SegmentAt { number: 3, fraction: 1.0 }]);
    let numbers: Vec<u16> =
        sixteen.at(&hits, [3.5, 1.5]).expect("a frame").iter().map(|at| at.number).collect();
    assert_eq!(numbers, [3000]);
    let drawing = eight.outlines(&hits, &SegmentOptions::default()).expect("a frame");
    assert_eq!(drawing.strokes.iter().map(|stroke| stroke.of).collect::<Vec<_>>(), [1, 1, 3, 3].map(Some));
}

#[test]
fn frames_of_segments_nobody_describes() {
    let segmentation = read(builder(1, 1, "BINARY", of_segments(&[9]), vec![]).bits(1, 1).samples([1]));
    assert_eq!(segmentation.segments.iter().map(|s| &*s.label).collect::<Vec<_>>(), ["Segment 9"]);
    assert_eq!(segmentation.warnings.len(), 1);
    assert_eq!(segmentation.segments[0].mark, SegmentMark::Chosen);
}

#[test]
fn lies_cost_nothing() {
    // frames without end, all but one without pixels or groups
    let image =
        builder(5, 3, "BINARY", of_segments(&[1]), vec![segment(1, "", None)]).bits(1, 1).samples([1; 15]);
    let many = read(image.set(|d| {
        d.int(tags::NUMBER_OF_FRAMES, [2_000_000_000]);
    }));
    assert!(many.warnings[0].contains("1999999999 frames"), "{:?}", many.warnings);
    let hits = over(&many, 5, 3);
    assert_eq!(hits.len(), 1);
    assert!(many.covers(&hits, &options(1.0)).is_ok());
    // a frame of which nothing is there
    let image = builder(512, 512, "BINARY", of_segments(&[1, 1]), vec![segment(1, "", None)]).bits(1, 1);
    let empty = read(image.samples([1; 100]));
    assert!(empty.covers(&over(&empty, 512, 512), &options(1.0)).is_err());
    // frames that refer to nothing
    let nobody = read(builder(1, 1, "BINARY", vec![DataSet::new()], vec![]).bits(1, 1).samples([1]));
    assert_eq!(over(&nobody, 1, 1), []);
    // asking for frames that do not exist
    let hit = Hit { frame: 99, to_image: Affine::IDENTITY };
    assert!(nobody.covers(&[hit], &options(1.0)).is_err());
    assert!(nobody.at(&[hit], [0.0, 0.0]).is_err());
}

#[test]
fn other_objects_are_refused() {
    let other = DicomFile::from_bytes(ImageBuilder::gray(1, 1).samples([1]).build()).expect("an object");
    assert!(matches!(Segmentation::read(&other), Err(NotRead::Other("segmentation"))));
    let bare = two().set(|d| _ = d.text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")).data_set();
    let mut bare = bare;
    bare.remove(tags::PIXEL_DATA);
    let implementation = crate::dicom::write::Implementation { class_uid: "1.2", version_name: "X" };
    let bytes = crate::dicom::write::file(&bare, Syntax::ExplicitLittle, implementation);
    let bare = DicomFile::from_bytes(bytes).expect("an object");
    assert!(matches!(Segmentation::read(&bare), Err(NotRead::Image(_))));
}
