use dicom_dictionary_std::{tags, uids};

use super::*;
use crate::demo::ImageBuilder;
use crate::demo::groups::frame_voi;
use crate::dicom::DicomFile;
use crate::dicom::write::{DataSet, item};
use crate::geometry::Affine;
use crate::presentation::lying::NotRead;

const IMAGE: &str = "1.2.3";

fn line(slope: f64, intercept: f64, unit: &str) -> DataSet {
    item(|d| {
        d.real(tags::REAL_WORLD_VALUE_SLOPE, [slope])
            .real(tags::REAL_WORLD_VALUE_INTERCEPT, [intercept])
            .text(tags::LUT_LABEL, format!("times {slope}"))
            .code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, (unit, "UCUM", ""));
    })
}

/// Frames made from one image, each with these mappings.
fn frame(mappings: Vec<DataSet>) -> DataSet {
    item(|g| {
        let source = item(|d| {
            d.text(tags::REFERENCED_SOP_INSTANCE_UID, IMAGE);
        });
        let derivation = item(|d| {
            d.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![source]);
        });
        g.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation])
            .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, mappings);
    })
}

fn builder(columns: usize, rows: usize, shared: DataSet, frames: Vec<DataSet>) -> ImageBuilder {
    ImageBuilder::gray(rows, columns).frames(frames.len()).groups(shared, frames).set(|d| {
        d.text(tags::SOP_CLASS_UID, uids::PARAMETRIC_MAP_STORAGE);
    })
}

fn read(builder: ImageBuilder) -> ParametricMap {
    ParametricMap::read(&DicomFile::from_bytes(builder.build()).expect("an object")).expect("a map")
}

fn over(map: &ParametricMap, columns: u32, rows: u32) -> Vec<Hit> {
    let image = ImageFrame {
        instance_uid: IMAGE,
        frame: 0,
        size: [columns, rows],
        plane: None,
        frame_of_reference: None,
    };
    map.frames_over(&image)
}

fn gray(range: (f64, f64)) -> MapOptions {
    MapOptions { colors: Some(ColorMap::Gray), range: Some(range), opacity: 1.0, ..MapOptions::default() }
}

#[test]
fn floats_and_doubles_become_colours() {
    let stored = [0.5, 1.0, 1.25, 1.5, 2.0, f64::NAN, f64::INFINITY, -1.0];
    let frames = || vec![frame(vec![line(2.0, -1.0, "mm2/s")])];
    let float = builder(8, 1, DataSet::new(), frames()).floats(stored.iter().map(|v| *v as f32).collect());
    let double = builder(8, 1, DataSet::new(), frames()).doubles(stored.to_vec());
    for map in [read(float), read(double)] {
        let hits = over(&map, 8, 1);
        // values 0, 1, 1.5, 2, 3, none, without end, -3; from 1 to 2
        let cover = &map.covers(&hits, &gray((1.0, 2.0))).expect("a frame")[0];
        let levels: Vec<[u8; 2]> = cover.pixels.iter().map(|p| [p[0], p[3]]).collect();
        assert_eq!(
            levels,
            [[0, 0], [0, 255], [128, 255], [255, 255], [255, 255], [0, 0], [255, 255], [0, 0]]
        );
        let all = MapOptions { below_is_clear: false, opacity: 0.5, ..gray((1.0, 2.0)) };
        let cover = &map.covers(&hits, &all).expect("a frame")[0];
        let alpha: Vec<u8> = cover.pixels.iter().map(|p| p[3]).collect();
        assert_eq!(alpha, [128, 128, 128, 128, 128, 0, 128, 128]);
        // the other way round
        let cover = &map.covers(&hits, &gray((2.0, 1.0))).expect("a frame")[0];
        assert_eq!(cover.pixels[2], [128, 128, 128, 255]);
        assert_eq!(cover.pixels[1], [255, 255, 255, 255]);
    }
}

#[test]
fn the_value_under_the_pointer() {
    let image = builder(2, 2, DataSet::new(), vec![frame(vec![line(0.5, 10.0, "ms"), line(1.0, 0.0, "1")])]);
    let map = read(image.bits(16, 16).signed(true).samples([-4, 0, 8, -32768]).set(|d| {
        d.int(tags::PIXEL_PADDING_VALUE, [-32768]);
    }));
    // twice as many pixels
    let hits = over(&map, 4, 4);
    let at = |x: f64, y: f64, mapping| {
        let found = map.value_at(&hits, [x, y], mapping).expect("a frame");
        found.map(|found| (found.value, found.unit, found.stored))
    };
    assert_eq!(at(1.9, 0.0, 0), Some((8.0, "ms".to_owned(), -4.0)));
    assert_eq!(at(0.0, 2.0, 0), Some((14.0, "ms".to_owned(), 8.0)));
    assert_eq!(at(0.0, 2.0, 1), Some((8.0, String::new(), 8.0)));
    assert_eq!(at(0.0, 2.0, 99), Some((8.0, String::new(), 8.0)));
    assert_eq!(at(3.0, 3.0, 0), None, "padding");
    assert_eq!(at(4.0, 3.0, 0), None, "outside");
    assert_eq!(at(f64::NAN, 3.0, 0), None);
    let cover = &map.covers(&hits, &gray((0.0, 20.0))).expect("a frame")[0];
    assert_eq!(cover.to_image, Affine::scale(2.0, 2.0));
    assert_eq!(cover.pixels.iter().map(|p| p[3]).collect::<Vec<_>>(), [255, 255, 255, 0]);
}

#[test]
fn tables_of_values() {
    let table = item(|d| {
        d.real(tags::REAL_WORLD_VALUE_LUT_DATA, [5.0, 7.0, 6.0])
            .int(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, [1])
            .int(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, [3]);
    });
    let map = read(builder(5, 1, DataSet::new(), vec![frame(vec![table])]).bits(16, 12).samples(0..5));
    let cover = &map.covers(&over(&map, 5, 1), &gray((5.0, 7.0))).expect("a frame")[0];
    let levels: Vec<[u8; 2]> = cover.pixels.iter().map(|p| [p[0], p[3]]).collect();
    assert_eq!(levels, [[0, 0], [0, 255], [255, 255], [128, 255], [0, 0]]);
}

#[test]
fn of_several_quantities_the_first_is_drawn() {
    let frames = vec![
        frame(vec![line(1.0, 0.0, "ms")]),
        frame(vec![line(3.0, 0.0, "s")]),
        frame(vec![line(1.0, 0.0, "ms")]),
    ];
    let map = read(builder(1, 1, DataSet::new(), frames).bits(16, 16).samples([1, 2, 3]));
    assert_eq!(map.quantities().len(), 2);
    let hits = over(&map, 1, 1);
    // the third frame is of the first kind and lies where the first does
    assert_eq!(hits.iter().map(|hit| hit.frame).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(map.covers(&hits, &gray((0.0, 1.0))).expect("frames").len(), 1);
    let second = map.value_at(&hits[1..], [0.5, 0.5], 0).expect("a frame").expect("a value");
    assert_eq!((second.value, &*second.unit), (6.0, "s"));
}

#[test]
fn ranges_from_windows_and_from_values() {
    let shared = item(|g| frame_voi(g, &[(50.0, 20.0, "")], Some("LINEAR_EXACT")));
    let map = read(builder(1, 1, shared, vec![frame(vec![line(2.0, 1.0, "ms")])]).bits(16, 16).samples([7]));
    assert_eq!(map.default_range(0, 0).expect("a window"), (81.0, 121.0));
    let stored: Vec<f32> = (0..=100).map(|v| v as f32).collect();
    let map = read(builder(101, 1, DataSet::new(), vec![frame(vec![line(2.0, 1.0, "ms")])]).floats(stored));
    assert_eq!(map.default_range(0, 0).expect("a frame"), (3.0, 199.0));
    assert_eq!(map.default_range(7, 7).expect("nothing"), (0.0, 1.0));
}

#[test]
fn palettes_by_their_uid() {
    let known = builder(1, 1, DataSet::new(), vec![frame(vec![])]).bits(16, 16).samples([1]).set(|d| {
        d.text(tags::PALETTE_COLOR_LOOKUP_TABLE_UID, "1.2.840.10008.1.5.2");
    });
    let map = read(known);
    assert_eq!(map.palette.as_ref().map(|(name, _)| &**name), Some("PET"));
    assert_eq!(map.colors(&MapOptions::default()), ColorMap::Pet.table());
    assert_eq!(map.warnings.len(), 1, "nothing says what the values mean");
}

#[test]
fn lies_cost_nothing() {
    let image = builder(2, 2, DataSet::new(), vec![frame(vec![line(1.0, 0.0, "ms")])]).floats(vec![1.0; 4]);
    let map = read(image.set(|d| {
        d.int(tags::NUMBER_OF_FRAMES, [2_000_000_000]);
    }));
    // those that nothing describes are of another kind, and not there
    assert_eq!(map.default_range(0, 0).expect("a frame"), (1.0, 2.0));
    assert!(map.default_range(1, 0).is_err());
    let hits = over(&map, 2, 2);
    assert_eq!(hits.len(), 1);
    assert!(map.covers(&hits, &gray((0.0, 1.0))).is_ok());
    for range in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (2.0, 2.0)] {
        assert!(map.covers(&hits, &gray(range)).is_ok());
    }
    let hit = Hit { frame: 99, to_image: Affine::IDENTITY };
    assert!(map.value_at(&[hit], [0.5, 0.5], 0).is_err());
    assert!(matches!(
        ParametricMap::read(
            &DicomFile::from_bytes(ImageBuilder::gray(1, 1).samples([1]).build()).expect("an object")
        ),
        Err(NotRead::Other("parametric map"))
    ));
}
