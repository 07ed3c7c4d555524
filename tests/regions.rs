//! Regions of reports on the images they are about: whose they are, where they lie, what is written beside them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use dicom_dictionary_std::tags;
use lightbox::demo::{self, ImageBuilder};
use lightbox::dicom::write::DataSet;
use lightbox::dicom::{DicomFile, Tag};
use lightbox::geometry::Plane;
use lightbox::presentation::cad::{CadReport, Shown};
use lightbox::presentation::drawing::{Drawing, Sign, WordsPlace};
use lightbox::presentation::sr::{Content, Report, Slice};

use support::report::*;

const TITLE: Coded = ("126000", "DCM", "Imaging Measurement Report");
const GROUP: Coded = ("125007", "DCM", "Messgruppe");
const TRACKING: Coded = ("112039", "DCM", "Kennung");
const FINDING: Coded = ("121071", "DCM", "Befund");
const REGION: Coded = ("111030", "DCM", "Bildregion");
const LENGTH: Coded = ("103339001", "SCT", "Länge");
const MM: Coded = ("mm", "UCUM", "mm");

fn read(items: Vec<DataSet>) -> Report {
    let bytes = file(&report(COMPREHENSIVE_3D, TITLE, items));
    Report::read(&DicomFile::from_bytes(bytes).expect("a file").data).expect("a report")
}

fn group(mut items: Vec<DataSet>) -> DataSet {
    items.insert(0, text("HAS OBS CONTEXT", TRACKING, "Herd 1"));
    section(GROUP, items)
}

fn words(drawing: &Drawing) -> Vec<&str> {
    drawing.words.iter().map(|words| words.text.as_str()).collect()
}

#[test]
fn a_region_is_drawn_on_the_image_and_frames_it_is_selected_from() {
    let circle = region(
        "CONTAINS",
        REGION,
        "CIRCLE",
        &[10.0, 20.0, 13.0, 24.0],
        vec![image("SELECTED FROM", "1.2.3", &[2, 4])],
    );
    let read = read(vec![group(vec![circle, number(LENGTH, "10.5", MM, vec![])])]);
    assert!(read.drawing("1.2.3", 0).is_empty() && read.drawing("9.9", 1).is_empty());
    let drawing = read.drawing("1.2.3", 3);
    let stroke = &drawing.strokes[0];
    assert!(stroke.closed);
    assert!(stroke.points.iter().all(|p| ((p[0] - 10.0).hypot(p[1] - 20.0) - 5.0).abs() < 1e-9));
    assert_eq!(words(&drawing), ["Herd 1\nLänge 10.5 mm"]);
    let of = stroke.of.expect("an item") as usize;
    let (_, item) = read.items().nth(of).expect("an item");
    assert!(matches!(item.content, Content::Region(_)));
    let WordsPlace::Beside { at, .. } = drawing.words[0].place else { panic!("beside it") };
    assert!((at[0] - 15.0).abs() < 1e-9, "at its right");
}

#[test]
fn the_image_of_a_region_by_reference_or_from_above() {
    let square = [1.0, 1.0, 5.0, 1.0, 5.0, 5.0, 1.0, 1.0];
    let referred =
        region("CONTAINS", REGION, "POLYLINE", &square, vec![by_reference("SELECTED FROM", &[1, 1])]);
    let unsaid = section(("1", "L", "inner"), vec![region("CONTAINS", REGION, "POINT", &[7.5, 8.5], vec![])]);
    let read = read(vec![
        image("CONTAINS", "1.2.3", &[]),
        group(vec![referred]),
        group(vec![image("CONTAINS", "1.2.4", &[]), unsaid]),
    ]);
    let first = read.drawing("1.2.3", 17);
    assert_eq!(first.strokes[0].points, [[1.0, 1.0], [5.0, 1.0], [5.0, 5.0]]);
    assert!(first.strokes[0].closed && first.symbols.is_empty());
    let second = read.drawing("1.2.4", 0);
    assert_eq!((second.symbols[0].sign, second.symbols[0].at), (Sign::Cross, [7.5, 8.5]));
    assert!(second.strokes.is_empty());
    assert_eq!(read.regions().references().count(), 2);
}

#[test]
fn a_group_has_its_label_once_and_a_measurement_its_own() {
    let on = || vec![image("SELECTED FROM", "1.2.3", &[])];
    let point = |x: f64| region("CONTAINS", REGION, "POINT", &[x, 1.0], on());
    let line = region("INFERRED FROM", REGION, "POLYLINE", &[0.0, 0.0, 9.0, 0.0], on());
    let read = read(vec![
        group(vec![point(1.0), point(2.0), number(LENGTH, "4", MM, vec![line])]),
        section(GROUP, vec![code("CONTAINS", FINDING, ("4147007", "SCT", "Raumforderung")), point(3.0)]),
    ]);
    let drawing = read.drawing("1.2.3", 0);
    assert_eq!(drawing.symbols.len(), 3);
    assert_eq!(words(&drawing), ["Herd 1\nLänge 4 mm", "Herd 1\nLänge 4 mm", "Raumforderung"]);
}

fn spatial(shape: &str, points: &[f64]) -> DataSet {
    content("CONTAINS", "SCOORD3D", REGION, |d| {
        d.text(tags::GRAPHIC_TYPE, shape)
            .real(tags::GRAPHIC_DATA, points.iter().copied())
            .text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, "1.2.7");
    })
}

/// Half a millimetre a column, a millimetre a row; rows run to the left of the patient, columns to the feet.
fn coronal() -> Plane {
    Plane {
        position: [-50.0, 30.0, 100.0],
        orientation: Some([1.0, 0.0, 0.0, 0.0, 0.0, -1.0]),
        columns: 200,
        rows: 100,
        pixel_mm: Some([1.0, 0.5]),
    }
}

#[test]
fn what_is_in_space_is_drawn_where_a_slice_meets_it() {
    let read = read(vec![group(vec![
        spatial("POINT", &[-40.0, 31.0, 90.0]),
        spatial("POINT", &[-40.0, 31.1, 90.0]),
        spatial("POLYLINE", &[-50.0, 26.0, 100.0, -50.0, 34.0, 92.0]),
        spatial("POLYGON", &[-50.0, 30.0, 100.0, -49.0, 30.0, 100.0, -49.0, 30.0, 98.0]),
        // 10 about the middle, half as much along the patient's axis; 6 in front of the slice
        spatial(
            "ELLIPSOID",
            &[
                -10.0, 24.0, 60.0, 10.0, 24.0, 60.0, 0.0, 14.0, 60.0, 0.0, 34.0, 60.0, 0.0, 24.0, 55.0, 0.0,
                24.0, 65.0,
            ],
        ),
    ])]);
    let plane = coronal();
    let slice = |uid| Slice { plane: &plane, frame_of_reference_uid: uid, thickness_mm: 2.0 };
    let regions = read.regions();
    assert!(regions.drawing_in_space(&read, &slice("9.9")).is_empty());
    let drawing = regions.drawing_in_space(&read, &slice("1.2.7"));
    // ten millimetres along the row are twenty columns; positions are of the middle of the first pixel
    assert_eq!(drawing.symbols.iter().map(|s| s.at).collect::<Vec<_>>(), [[20.5, 10.5]]);
    let near = |p: [f64; 2], x: f64, y: f64| (p[0] - x).hypot(p[1] - y) < 1e-9;
    // of the line the part from one before the slice to one behind it
    let line = &drawing.strokes[0];
    assert!(!line.closed && near(line.points[0], 0.5, 3.5) && near(line.points[1], 0.5, 5.5), "{line:?}");
    let polygon = &drawing.strokes[1];
    assert!(polygon.closed && polygon.points.len() == 3 && near(polygon.points[2], 2.5, 2.5));
    // 6 of 10 from the middle 8 of 10 are left, and 4 of 5
    let ellipse = &drawing.strokes[2];
    assert!(ellipse.closed);
    for [x, y] in &ellipse.points {
        let (x, y) = ((x - 100.5) * 0.5 / 8.0, (y - 40.5) / 4.0);
        assert!((x.hypot(y) - 1.0).abs() < 1e-9, "{x} {y}");
    }
}

#[test]
fn marks_of_cad_in_space_are_drawn_where_a_slice_meets_them() {
    const CENTER: Coded = ("111010", "DCM", "Mitte");
    const OUTLINE: Coded = ("111041", "DCM", "Umriss");
    let required = || code("HAS CONCEPT MOD", ("111056", "DCM", ""), ("111150", "DCM", ""));
    let with = |mut item: DataSet, below: Vec<DataSet>| {
        item.sequence(tags::CONTENT_SEQUENCE, below);
        item
    };
    let mark = |name: Coded, shape: &str, points: &[f64]| {
        content("HAS PROPERTIES", "SCOORD3D", name, |d| {
            d.text(tags::GRAPHIC_TYPE, shape)
                .real(tags::GRAPHIC_DATA, points.iter().copied())
                .text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, "1.2.7");
        })
    };
    let finding = |what: Coded, mut below: Vec<DataSet>| {
        below.insert(0, required());
        with(code("CONTAINS", ("111059", "DCM", ""), what), below)
    };
    let (mass, cluster) = (("129788004", "SCT", ""), ("129769006", "SCT", ""));
    // a ball of 10 about a place 6 in front of the slice
    let ball = [
        -10.0, 24.0, 60.0, 10.0, 24.0, 60.0, 0.0, 14.0, 60.0, 0.0, 34.0, 60.0, 0.0, 24.0, 50.0, 0.0, 24.0,
        70.0,
    ];
    let flat =
        region("HAS PROPERTIES", CENTER, "POINT", &[70.0, 80.0], vec![image("SELECTED FROM", "1.1", &[])]);
    let findings = vec![
        finding(mass, vec![mark(OUTLINE, "ELLIPSOID", &ball)]),
        // on the slice, and half a millimetre behind what belongs to it
        finding(
            cluster,
            vec![
                mark(CENTER, "POINT", &[-40.0, 31.0, 90.0]),
                mark(("1", "L", ""), "MULTIPOINT", &[-41.0, 30.0, 90.0, -39.0, 31.5, 90.0]),
            ],
        ),
        finding(mass, vec![mark(CENTER, "POINT", &[-40.0, 31.5, 90.0])]),
        // marked on its image and in space: one sign, where the image has it
        finding(mass, vec![flat, mark(CENTER, "POINT", &[-30.0, 30.0, 80.0])]),
    ];
    let mut impression = vec![required()];
    impression.extend(findings);
    let summary = code("CONTAINS", ("111017", "DCM", ""), ("111242", "DCM", ""));
    let items = vec![with(summary, vec![section(("111034", "DCM", ""), impression)])];
    let bytes = file(&report("1.2.840.10008.5.1.4.1.1.88.50", ("111036", "DCM", ""), items));
    let read = Report::read(&DicomFile::from_bytes(bytes).expect("a file").data).expect("a report");
    let cad = CadReport::of(&read).expect("CAD");
    assert_eq!(cad.warnings, Vec::<String>::new());
    assert_eq!(cad.spaces().into_iter().collect::<Vec<_>>(), ["1.2.7"]);

    let plane = coronal();
    let slice = |uid| Slice { plane: &plane, frame_of_reference_uid: uid, thickness_mm: 2.0 };
    let drawn = |image, uid| cad.drawing_with(image, 0, Some(&slice(uid)), &Shown::default());
    assert!(drawn("9.9", "9.9").is_empty() && cad.drawing("9.9", 0, &Shown::default()).is_empty());
    let drawing = drawn("1.1", "1.2.7");
    // 6 of 10 from the middle a circle of 8 millimetres is left: 16 columns, and 8 rows
    let [circle] = &drawing.strokes[..] else { panic!("{}", drawing.strokes.len()) };
    assert!(circle.closed && circle.of == Some(0));
    for [x, y] in &circle.points {
        let (x, y) = ((x - 100.5) / 16.0, (y - 40.5) / 8.0);
        assert!((x.hypot(y) - 1.0).abs() < 1e-9, "{x} {y}");
    }
    let signs: Vec<_> = drawing.symbols.iter().map(|s| (s.of, s.sign, s.at)).collect();
    assert!((signs[0].2[0] - 100.5).hypot(signs[0].2[1] - 40.5) < 1e-9, "in the middle of its outline");
    assert_eq!(
        signs[1..],
        [
            (Some(1), Sign::Triangle, [20.5, 10.5]),
            (Some(1), Sign::Dot, [18.5, 10.5]),
            (Some(3), Sign::Ellipse, [70.0, 80.0]),
        ]
    );
    assert_eq!(words(&drawing), ["Mass", "Calcification cluster", "Mass"]);
    // where to look: the centre of what has one
    let targets: Vec<_> = (0..5).map(|n| cad.target_in_space(n).map(|region| region.points[0])).collect();
    let places = [[-10.0, 24.0, 60.0], [-40.0, 31.0, 90.0], [-40.0, 31.5, 90.0], [-30.0, 30.0, 80.0]];
    assert_eq!(targets, places.into_iter().map(Some).chain([None]).collect::<Vec<_>>());
    // on a slice of which the image says nothing the mark in space is the sign
    let signs: Vec<_> = drawn("9.9", "1.2.7").symbols.iter().map(|s| (s.of, s.at)).collect();
    assert_eq!(signs.last(), Some(&(Some(3), [40.5, 20.5])));
}

#[test]
fn a_slice_holds_what_is_nearer_to_it_than_to_its_neighbours() {
    let of = |said: &[(Tag, f64)]| {
        let builder = ImageBuilder::gray(2, 2).samples(vec![0; 4]).set(|d| {
            for (tag, mm) in said {
                d.real(*tag, [*mm]);
            }
        });
        let file = DicomFile::from_bytes(builder.build()).expect("a file");
        Slice::of_frame(&file.data, 0, &coronal(), "1.2.7").thickness_mm
    };
    assert_eq!(of(&[]), 1.0);
    assert_eq!(of(&[(tags::SLICE_THICKNESS, 3.0)]), 3.0);
    assert_eq!(of(&[(tags::SLICE_THICKNESS, 3.0), (tags::SPACING_BETWEEN_SLICES, 5.0)]), 5.0);
}

#[test]
fn odd_regions_draw_nothing() {
    let on = || vec![image("SELECTED FROM", "1.2.3", &[])];
    let mut tiled = region("CONTAINS", REGION, "POINT", &[1.0, 1.0], on());
    tiled.text(tags::PIXEL_ORIGIN_INTERPRETATION, "VOLUME");
    let read = read(vec![
        region("CONTAINS", REGION, "CIRCLE", &[1.0, 1.0], on()),
        region("CONTAINS", REGION, "POLYLINE", &[], on()),
        region("CONTAINS", REGION, "POINT", &[f64::NAN, 1.0], on()),
        tiled,
        spatial("ELLIPSOID", &[0.0; 18]),
        spatial("ELLIPSE", &[0.0; 3]),
    ]);
    assert!(read.drawing("1.2.3", 0).is_empty());
    let plane = coronal();
    let slice = Slice { plane: &plane, frame_of_reference_uid: "1.2.7", thickness_mm: f64::NAN };
    assert!(read.regions().drawing_in_space(&read, &slice).strokes.is_empty());
}

#[test]
fn the_measurements_of_the_demo_lie_on_its_lesions() {
    let bytes = demo::measured::file();
    assert_eq!(bytes, demo::measured::file());
    let file = DicomFile::from_bytes(bytes).expect("a file");
    let report = Report::read(&file.data).expect("a report");
    assert_eq!(report.warnings, Vec::<String>::new());
    let regions = report.regions();
    let mut images: Vec<&str> = regions.references().map(|image| image.sop_instance_uid.as_str()).collect();
    assert_eq!(images.len(), 4);
    images.dedup();
    assert_eq!(images.len(), 2, "two views");
    for (instance, projection) in images
        .iter()
        .zip([demo::breast::Projection::CranioCaudal, demo::breast::Projection::MediolateralOblique])
    {
        let drawing = regions.drawing(&report, instance, 0);
        let exposure =
            demo::people::exposure(demo::people::Round::Current, demo::exposure::Side::Left, projection);
        let shape = exposure.shape();
        let places = [exposure.mass.expect("a mass").at, exposure.cluster.expect("a cluster").at];
        assert_eq!(drawing.strokes.len(), 2);
        for (stroke, place) in drawing.strokes.iter().zip(places) {
            let (x, y) = shape.detector_at(place);
            let count = stroke.points.len() as f64;
            let middle =
                [0, 1].map(|axis| stroke.points.iter().map(|p| p[axis]).sum::<f64>() / count * 0.094);
            assert!((middle[0] - f64::from(x)).hypot(middle[1] - f64::from(y)) < 2.0, "{projection:?}");
        }
        let words = words(&drawing);
        assert!(words[0].starts_with("Mass 1\nLong axis 15.2 mm\nShort axis"), "{words:?}");
        assert!(words[1].starts_with("Calcifications 1\n"), "{words:?}");
    }
}
