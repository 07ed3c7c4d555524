//! Reports of computer-aided detection: what is read of them, what of it is shown, and where it is drawn.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use dicom_dictionary_std::tags;
use lightbox::demo;
use lightbox::dicom::DicomFile;
use lightbox::dicom::write::DataSet;
use lightbox::presentation::cad::{CadReport, Family, Intent, Kind, Level, Shown, Status};
use lightbox::presentation::drawing::{Drawing, Sign};
use lightbox::presentation::sr::Report;

use support::Scratch;
use support::program::viewer;
use support::report::*;

const MAMMOGRAPHY: &str = "1.2.840.10008.5.1.4.1.1.88.50";
const CHEST: &str = "1.2.840.10008.5.1.4.1.1.88.65";

/// Words nobody may rely on: the codes alone say what is meant.
const SUMMARY: Coded = ("111017", "DCM", "Zusammenfassung");
const IMPRESSION: Coded = ("111034", "DCM", "Einzelner Eindruck");
const COMPOSITE: Coded = ("111015", "DCM", "Zusammengesetztes Merkmal");
const FINDING: Coded = ("111059", "DCM", "Befund in einem Bild");
const INTENT: Coded = ("111056", "DCM", "Darstellung");
const CENTER: Coded = ("111010", "DCM", "Mitte");
const OUTLINE: Coded = ("111041", "DCM", "Umriss");
const REQUIRED: Coded = ("111150", "DCM", "");
const OPTIONAL: Coded = ("111151", "DCM", "");
const NOT_SHOWN: Coded = ("111152", "DCM", "");
const CLUSTER: Coded = ("129769006", "SCT", "");
const DENSITY: Coded = ("129793001", "SCT", "");
const MASS: Coded = ("129788004", "SCT", "");
const ALL_WITH: &str = "111242";
const PERCENT: Coded = ("%", "UCUM", "Percent");

fn with(mut data: DataSet, below: Vec<DataSet>) -> DataSet {
    data.sequence(tags::CONTENT_SEQUENCE, below);
    data
}

fn intent(value: Coded) -> DataSet {
    code("HAS CONCEPT MOD", INTENT, value)
}

fn at_point(point: &str) -> DataSet {
    with(intent(OPTIONAL), vec![number(("111071", "DCM", ""), point, ("{1:3}", "UCUM", ""), vec![])])
}

fn center(x: f64, on: DataSet) -> DataSet {
    region("HAS PROPERTIES", CENTER, "POINT", &[x, 20.5], vec![on])
}

fn finding(what: Coded, shown: DataSet, mut below: Vec<DataSet>) -> DataSet {
    below.insert(0, shown);
    with(code("CONTAINS", FINDING, what), below)
}

fn composite(what: Coded, shown: Coded, mut below: Vec<DataSet>) -> DataSet {
    below.insert(0, intent(shown));
    with(code("CONTAINS", COMPOSITE, what), below)
}

fn impression(shown: Coded, mut below: Vec<DataSet>) -> DataSet {
    below.insert(0, intent(shown));
    section(IMPRESSION, below)
}

fn cad(class: &str, summary: &'static str, found: Vec<DataSet>, rest: Vec<DataSet>) -> DataSet {
    let mut items = vec![with(code("CONTAINS", SUMMARY, (summary, "DCM", "")), found)];
    items.extend(rest);
    report(class, ("111036", "DCM", "CAD-Bericht"), items)
}

fn read(data: &DataSet) -> CadReport {
    read_bytes(file(data))
}

fn read_bytes(bytes: Vec<u8>) -> CadReport {
    let file = DicomFile::from_bytes(bytes).expect("a file");
    let report = Report::read(&file.data).expect("a report");
    CadReport::of(&report).expect("a CAD report")
}

fn on(uid: &str) -> DataSet {
    image("SELECTED FROM", uid, &[])
}

/// The columns of the signs of a drawing, and what they look like.
fn signs(drawing: &Drawing) -> Vec<(f64, Sign)> {
    drawing.symbols.iter().map(|symbol| (symbol.at[0], symbol.sign)).collect()
}

fn labels(drawing: &Drawing) -> Vec<&str> {
    drawing.words.iter().map(|words| words.text.as_str()).collect()
}

fn default_signs(cad: &CadReport) -> Vec<f64> {
    signs(&cad.drawing("1.1", 0, &Shown::default())).into_iter().map(|(x, _)| x).collect()
}

/// A cluster of two in one view, a mass in two, in the words and codes of somebody.
fn two_views(name: impl Fn(&'static str, &'static str, &'static str) -> Coded) -> DataSet {
    let sure = |value| {
        number(("111012", "DCM", name("", "Certainty of Finding", "Sicherheit").2), value, PERCENT, vec![])
    };
    let cancer =
        number(("111047", "DCM", name("", "Probability of cancer", "Krebs").2), "71.6", PERCENT, vec![]);
    let cluster = name("129769006", "Calcification Cluster", "F-01775");
    let speck = name("129770007", "Individual Calcification", "F-01776");
    let density = name("129793001", "Mammography breast density", "F-01796");
    let mass = name("129788004", "Mammographic breast mass", "F-01791");
    let specks = [11.0, 12.0].map(|x| finding(speck, intent(REQUIRED), vec![center(x, on("1.1"))]));
    let mut in_cluster = vec![sure("90"), center(10.0, on("1.1"))];
    in_cluster.extend(specks);
    let views = vec![
        cancer,
        finding(density, intent(REQUIRED), vec![sure("80"), center(30.0, on("1.1"))]),
        finding(density, intent(REQUIRED), vec![center(31.0, on("1.2"))]),
    ];
    let found = vec![finding(cluster, intent(REQUIRED), in_cluster), composite(mass, REQUIRED, views)];
    cad(MAMMOGRAPHY, ALL_WITH, vec![impression(REQUIRED, found)], vec![])
}

#[test]
fn words_and_editions_of_codes_change_nothing() {
    let english = read(&two_views(|value, english, _| (value, "SCT", english)));
    let german = read(&two_views(|_, _, other| (other, "SRT", "Etwas im Bild")));
    for cad in [&english, &german] {
        assert_eq!(cad.family, Family::Mammography);
        assert_eq!(cad.status, Status::Findings(2));
        assert!(cad.warnings.is_empty(), "{:?}", cad.warnings);
        let kinds: Vec<Kind> = cad.findings.iter().map(|finding| finding.kind).collect();
        use Kind::*;
        assert_eq!(kinds, [CalcificationCluster, Calcification, Calcification, Mass, Density, Density]);
        assert_eq!(cad.findings[0].parts, [1, 2]);
        assert_eq!(cad.findings[3].parts, [4, 5]);
        let drawing = cad.drawing("1.1", 0, &Shown::default());
        let expected = [(10.0, Sign::Triangle), (11.0, Sign::Dot), (12.0, Sign::Dot), (30.0, Sign::Ellipse)];
        assert_eq!(signs(&drawing), expected);
        assert_eq!(labels(&drawing), ["Calcification cluster 90%", "Density 80%"]);
        let of: Vec<_> = drawing.symbols.iter().map(|symbol| symbol.of).collect();
        assert_eq!(of, [Some(0), Some(1), Some(2), Some(4)]);
        // In the other view the report says only of the whole how sure it is.
        assert_eq!(labels(&cad.drawing("1.2", 0, &Shown::default())), ["Density 72%"]);
        assert!(cad.drawing("1.3", 0, &Shown::default()).is_empty());
    }
    let rows = |cad: &CadReport| cad.rows(&Shown::default());
    assert_eq!(rows(&english), rows(&german));
    let listed: Vec<_> = rows(&english).into_iter().map(|row| (row.finding, row.depth, row.title)).collect();
    let expected = [(0, 0, "Calcification cluster"), (3, 0, "Mass"), (4, 1, "Density"), (5, 1, "Density")];
    assert_eq!(listed, expected.map(|(finding, depth, title)| (finding, depth, title.to_owned())));
    // A mass is found where its parts are.
    let targets = english.targets(3);
    let places: Vec<_> = targets.iter().map(|t| (t.instance_uid.as_str(), t.frame, t.point)).collect();
    assert_eq!(places, [("1.1", 0, [30.0, 20.5]), ("1.2", 0, [31.0, 20.5])]);
}

#[test]
fn a_branch_ends_at_the_first_optional_or_hidden_item() {
    let mark = |x, shown| finding(DENSITY, intent(shown), vec![center(x, on("1.1"))]);
    let found = vec![
        impression(
            REQUIRED,
            vec![
                mark(1.0, REQUIRED),
                mark(2.0, OPTIONAL),
                mark(3.0, NOT_SHOWN),
                // Required below optional, and optional below that.
                composite(
                    MASS,
                    OPTIONAL,
                    vec![mark(4.0, REQUIRED), mark(5.0, OPTIONAL), mark(6.0, NOT_SHOWN)],
                ),
                composite(MASS, NOT_SHOWN, vec![mark(7.0, REQUIRED), mark(8.0, OPTIONAL)]),
            ],
        ),
        impression(OPTIONAL, vec![mark(9.0, REQUIRED)]),
        impression(NOT_SHOWN, vec![mark(10.0, REQUIRED), mark(11.0, OPTIONAL)]),
    ];
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, found, vec![]));
    assert_eq!(default_signs(&cad), [1.0]);
    let asked = Shown { optional: true, ..Shown::default() };
    let drawing = cad.drawing("1.1", 0, &asked);
    let columns: Vec<f64> = drawing.symbols.iter().map(|symbol| symbol.at[0]).collect();
    assert_eq!(columns, [1.0, 2.0, 4.0, 5.0, 9.0]);
    let dashed: Vec<bool> = drawing.symbols.iter().map(|symbol| symbol.line.dashes.is_some()).collect();
    assert_eq!(dashed, [false, true, false, true, false]);
    // What is not for presentation is in no list either.
    let listed: Vec<(u32, bool)> =
        cad.rows(&Shown::default()).iter().map(|row| (row.finding, row.shown)).collect();
    assert_eq!(listed, [(0, true), (1, false), (3, false), (4, false), (5, false), (10, false)]);
    // One required, one optional, one made of two, one in an optional impression.
    assert_eq!(cad.status, Status::Findings(4));
}

#[test]
fn operating_points_add_findings() {
    let mark = |x, shown| finding(DENSITY, shown, vec![center(x, on("1.1"))]);
    let found = vec![impression(
        REQUIRED,
        vec![
            mark(1.0, intent(REQUIRED)),
            mark(2.0, at_point("1")),
            mark(3.0, at_point("2")),
            mark(4.0, at_point("3")),
            mark(5.0, intent(OPTIONAL)),
            finding(CLUSTER, at_point("1"), vec![center(6.0, on("1.1"))]),
        ],
    )];
    let integer = |name, value, below| number((name, "DCM", ""), value, ("{0:3}", "UCUM", ""), below);
    let described = integer(
        "111071",
        "2",
        vec![
            text("HAS PROPERTIES", ("111081", "DCM", ""), "Ausgewogen"),
            number(("111086", "DCM", "Fehlmarken"), "0.4", ("1", "UCUM", ""), vec![]),
        ],
    );
    let detection = with(
        code("CONTAINS", ("111022", "DCM", ""), DENSITY),
        vec![
            text("HAS PROPERTIES", ("111001", "DCM", ""), "Seeker"),
            text("HAS PROPERTIES", ("111003", "DCM", ""), "2.0"),
            integer("111072", "3", vec![]),
            integer("111092", "2", vec![]),
            section(("111093", "DCM", ""), vec![described]),
        ],
    );
    let done = with(
        code("CONTAINS", ("111064", "DCM", ""), ("111222", "DCM", "")),
        vec![section(("111063", "DCM", ""), vec![detection])],
    );
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, found, vec![done]));
    assert_eq!((cad.runs.len(), cad.operating_points.len()), (1, 1));
    assert!(cad.runs[0].succeeded && cad.runs[0].algorithm.words() == "Seeker 2.0");
    let points = &cad.operating_points[0];
    assert_eq!((points.kind, points.maximum, points.recommended), (Kind::Density, 3, Some(2)));
    assert_eq!(points.points[0].description.as_deref(), Some("Ausgewogen"));
    assert_eq!(points.points[0].expected, [("Fehlmarken".to_owned(), "0.4".to_owned())]);
    assert_eq!(cad.highest_operating_point(), Some(3));
    let shown = |optional, level| {
        let drawing = cad.drawing("1.1", 0, &Shown { optional, level });
        drawing.symbols.iter().map(|symbol| symbol.at[0]).collect::<Vec<_>>()
    };
    assert_eq!(shown(false, Level::At(0)), [1.0]);
    assert_eq!(shown(false, Level::At(1)), [1.0, 2.0, 6.0]);
    assert_eq!(shown(false, Level::At(3)), [1.0, 2.0, 3.0, 4.0, 6.0]);
    assert_eq!(shown(true, Level::At(0)), [1.0, 5.0]);
    // The report recommends 2 for densities and nothing for calcifications.
    assert_eq!(shown(false, Level::Recommended), [1.0, 2.0, 3.0]);
    assert_eq!(shown(true, Level::Recommended), [1.0, 2.0, 3.0, 5.0, 6.0]);
    assert_eq!(shown(true, Level::All).len(), 6);
}

#[test]
fn images_and_findings_are_found_by_reference() {
    let side = code("HAS ACQ CONTEXT", ("111027", "DCM", "Seite"), ("80248007", "SCT", "links"));
    let view = code("HAS ACQ CONTEXT", ("111031", "DCM", "Aufnahme"), ("R-10242", "SRT", "von oben"));
    let library = section(
        ("111028", "DCM", "Bilder"),
        vec![image("CONTAINS", "1.9", &[]), with(image("CONTAINS", "1.1", &[]), vec![side, view])],
    );
    // The root's children: the summary is 1.1, the library 1.2; the library's second image 1.2.2.
    let mark =
        finding(DENSITY, intent(REQUIRED), vec![center(7.0, by_reference("SELECTED FROM", &[1, 2, 2]))]);
    let whole = composite(MASS, REQUIRED, vec![by_reference("INFERRED FROM", &[1, 1, 1, 2])]);
    let outlined = finding(CLUSTER, intent(REQUIRED), vec![by_reference("HAS PROPERTIES", &[1, 1, 1, 2, 2])]);
    let hidden = impression(NOT_SHOWN, vec![mark]);
    let found = vec![hidden, impression(REQUIRED, vec![whole, outlined])];
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, found, vec![library]));
    assert!(cad.warnings.is_empty(), "{:?}", cad.warnings);
    // One branch leads to the finding by reference, although it stands in another that is not shown.
    assert_eq!(cad.findings[1].parts, [0]);
    assert_eq!(cad.findings[0].parent, Some(1));
    let drawing = cad.drawing("1.1", 0, &Shown::default());
    assert_eq!(signs(&drawing), [(7.0, Sign::Ellipse), (7.0, Sign::Triangle)]);
    assert!(cad.findings[0].details().contains(&("Image".to_owned(), "L CC".to_owned())));
    assert_eq!(cad.images.len(), 2);
    assert_eq!(cad.targets(1)[0].instance_uid, "1.1");
}

#[test]
fn marks_of_a_tomosynthesis_are_on_their_frames() {
    let source = image("SELECTED FROM", "1.1", &[7, 5, 6, 6, 9]);
    let found =
        vec![impression(REQUIRED, vec![finding(DENSITY, intent(REQUIRED), vec![center(3.0, source)])])];
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, found, vec![]));
    let marked = cad.marked(&Shown::default());
    assert_eq!(
        (marked.len(), marked[0].instance_uid.as_str(), &marked[0].frames[..]),
        (1, "1.1", &[4, 5, 6, 8][..])
    );
    let on: Vec<u32> = (0..12).filter(|f| !cad.drawing("1.1", *f, &Shown::default()).is_empty()).collect();
    assert_eq!(on, [4, 5, 6, 8]);
    // Frames 5, 6, 7 and 9: the middle is 6, the sixth, which is number 5 from 0.
    assert_eq!(cad.targets(0)[0].frame, 5);
    assert!(cad.findings[0].details().contains(&("Frames".to_owned(), "5 to 9".to_owned())));
}

#[test]
fn shapes_are_drawn_by_their_geometry() {
    let outline = |shape, points: &[f64]| region("HAS PROPERTIES", OUTLINE, shape, points, vec![on("1.1")]);
    let found = vec![impression(
        REQUIRED,
        vec![
            finding(MASS, intent(REQUIRED), vec![outline("CIRCLE", &[10.0, 20.0, 13.0, 24.0])]),
            finding(
                MASS,
                intent(REQUIRED),
                vec![outline("ELLIPSE", &[10.0, 0.0, 10.0, 40.0, 4.0, 20.0, 16.0, 20.0])],
            ),
            finding(MASS, intent(REQUIRED), vec![outline("POLYLINE", &[0.0, 0.0, 8.0, 0.0, 8.0, 4.0])]),
            finding(CLUSTER, intent(REQUIRED), vec![outline("MULTIPOINT", &[1.0, 1.0, 3.0, 5.0])]),
        ],
    )];
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, found, vec![]));
    let drawing = cad.drawing("1.1", 0, &Shown::default());
    let [circle, ellipse, line] = &drawing.strokes[..] else { panic!("{:?}", drawing.strokes.len()) };
    let away = |p: &[f64; 2]| (p[0] - 10.0).hypot(p[1] - 20.0);
    assert!(circle.closed && circle.points.iter().all(|p| (away(p) - 5.0).abs() < 1e-9));
    let on_ellipse = |p: &[f64; 2]| ((p[0] - 10.0) / 6.0).powi(2) + ((p[1] - 20.0) / 20.0).powi(2);
    assert!(ellipse.closed && ellipse.points.iter().all(|p| (on_ellipse(p) - 1.0).abs() < 1e-9));
    assert_eq!(line.points, [[0.0, 0.0], [8.0, 0.0], [8.0, 4.0]]);
    let middles: Vec<[f64; 2]> = drawing.symbols.iter().map(|symbol| symbol.at).collect();
    assert_eq!(middles, [[10.0, 20.0], [10.0, 20.0], [4.0, 2.0], [2.0, 3.0], [1.0, 1.0], [3.0, 5.0]]);
}

#[test]
fn no_two_results_look_alike() {
    let mark = || finding(DENSITY, intent(REQUIRED), vec![center(1.0, on("1.1"))]);
    let result = |summary, marks: usize| {
        let found = (0..marks).map(|_| impression(REQUIRED, vec![mark()])).collect();
        read(&cad(MAMMOGRAPHY, summary, found, vec![]))
    };
    let part = |name, value| code("CONTAINS", (name, "DCM", ""), (value, "DCM", ""));
    let without_summary = |value| {
        let items = vec![part("111064", value), part("111065", "111225")];
        read(&report(MAMMOGRAPHY, ("111036", "DCM", ""), items))
    };
    let results = [
        (result("111241", 0), Status::NoFindings),
        (result("111242", 1), Status::Findings(1)),
        (result("111242", 2), Status::Findings(2)),
        (result("111243", 0), Status::PartlyFailed { findings: 0 }),
        (result("111244", 2), Status::PartlyFailed { findings: 2 }),
        (result("111245", 0), Status::Failed),
        (without_summary("111225"), Status::NotProcessed),
        (result("111999", 0), Status::Unknown),
        (result("111241", 2), Status::Contradictory { findings: 2 }),
    ];
    let mut words = std::collections::BTreeSet::new();
    for (cad, status) in &results {
        assert_eq!(cad.status, *status);
        assert!(words.insert(status.words()), "{}", status.words());
        let complete = matches!(status, Status::NoFindings | Status::Findings(_));
        assert_eq!(status.is_complete(), complete);
    }
    assert_eq!(without_summary("111224").status, Status::Failed);
    assert_eq!(without_summary("111222").status, Status::Unknown);
    assert_eq!(result("111245", 1).status, Status::Contradictory { findings: 1 });
    // The marks of a report that denies them are drawn, and said to be odd.
    let odd = result("111241", 1);
    assert_eq!(default_signs(&odd), [1.0]);
    assert_eq!(odd.warnings, ["the CAD report says that nothing was found, but it holds 1 finding"]);
    assert_eq!(result("111242", 0).warnings.len(), 1);
}

#[test]
fn a_failure_that_is_listed_is_no_clean_result() {
    let detection = with(code("CONTAINS", ("111022", "DCM", ""), CLUSTER), vec![]);
    let failed = with(
        code("CONTAINS", ("111064", "DCM", ""), ("111223", "DCM", "")),
        vec![section(("111025", "DCM", ""), vec![detection])],
    );
    let cad = read(&cad(MAMMOGRAPHY, "111241", vec![], vec![failed]));
    assert_eq!(cad.status, Status::PartlyFailed { findings: 0 });
    assert_eq!(cad.warnings.len(), 1);
    assert!(!cad.runs[0].succeeded && cad.runs[0].kind == Kind::CalcificationCluster);
}

#[test]
fn notes_about_the_breast_are_no_findings() {
    let nipple = ("T-04100", "SRT", "Brustwarze");
    let found =
        vec![impression(REQUIRED, vec![finding(nipple, intent(REQUIRED), vec![center(1.0, on("1.1"))])])];
    let cad = read(&cad(MAMMOGRAPHY, "111241", found, vec![]));
    assert_eq!(cad.status, Status::NoFindings);
    assert_eq!(signs(&cad.drawing("1.1", 0, &Shown::default())), [(1.0, Sign::Plus)]);
}

#[test]
fn chest_reports_have_findings_without_impressions() {
    let modifier = code("HAS CONCEPT MOD", ("112024", "DCM", ""), ("27925004", "SCT", "Knoten"));
    let nodule = finding(
        ("112033", "DCM", "Verschattung"),
        intent(REQUIRED),
        vec![
            modifier,
            number(("111012", "DCM", ""), "0.64", ("1", "UCUM", ""), vec![]),
            center(1.0, on("1.1")),
        ],
    );
    let cad = read(&cad(CHEST, ALL_WITH, vec![nodule], vec![]));
    assert_eq!((cad.family, cad.status), (Family::Chest, Status::Findings(1)));
    assert_eq!(labels(&cad.drawing("1.1", 0, &Shown::default())), ["Nodule 64%"]);
    assert_eq!(cad.findings[0].intent, Intent::Required);
}

#[test]
fn other_reports_are_none() {
    let data = report(COMPREHENSIVE, ("126000", "DCM", "Mammography CAD Report"), vec![]);
    let file = DicomFile::from_bytes(file(&data)).unwrap();
    assert!(CadReport::of(&Report::read(&file.data).unwrap()).is_none());
    assert_eq!([COMPREHENSIVE, MAMMOGRAPHY].map(Family::of_class), [None, Some(Family::Mammography)]);
    // An archive may store a CAD report under a class that is more general.
    let title = ("111036", "DCM", "Bericht");
    assert_eq!(read(&report(COMPREHENSIVE, title, vec![])).family, Family::Mammography);
}

#[test]
fn what_makes_no_sense_is_said_and_costs_no_more_than_itself() {
    // A composite that is inferred from the impression it stands in, from itself, and from a neighbour that is
    // inferred from it; a mark without an image, one without points, one with numbers that are none.
    let strange = composite(
        MASS,
        REQUIRED,
        vec![
            by_reference("INFERRED FROM", &[1, 1, 1, 2]),
            by_reference("INFERRED FROM", &[1, 1, 1]),
            by_reference("INFERRED FROM", &[1, 1, 1, 3]),
            finding(
                DENSITY,
                intent(REQUIRED),
                vec![
                    by_reference("INFERRED FROM", &[1, 1, 1, 2]),
                    region("HAS PROPERTIES", CENTER, "POINT", &[1.0, 1.0], vec![]),
                    region("HAS PROPERTIES", CENTER, "POINT", &[], vec![on("1.1")]),
                    region("HAS PROPERTIES", CENTER, "POINT", &[f64::NAN, f64::INFINITY], vec![on("1.1")]),
                    region("HAS PROPERTIES", OUTLINE, "ELLIPSE", &[1.0, 1.0, 2.0, 2.0], vec![on("1.1")]),
                ],
            ),
        ],
    );
    let neighbour = composite(MASS, REQUIRED, vec![by_reference("INFERRED FROM", &[1, 1, 1, 2])]);
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, vec![impression(REQUIRED, vec![strange, neighbour])], vec![]));
    assert_eq!(cad.status, Status::Findings(1));
    assert_eq!(cad.warnings.len(), 3, "{:?}", cad.warnings);
    let drawing = cad.drawing("1.1", 0, &Shown::EVERYTHING);
    assert!(drawing.strokes.is_empty());
    assert!(drawing.symbols.iter().all(|symbol| symbol.at.iter().all(|v| v.is_finite())));
    assert_eq!(cad.targets(7), []);
}

#[test]
fn one_mark_shared_by_thousands_stays_one() {
    // A long outline that every one of many findings refers to, on an image of many frames.
    let frames: Vec<i64> = (1..=4000).collect();
    let points: Vec<f64> = (0..20_000).map(f64::from).collect();
    let source = image("SELECTED FROM", "1.1", &frames);
    let first = finding(
        MASS,
        intent(REQUIRED),
        vec![region("HAS PROPERTIES", OUTLINE, "POLYLINE", &points, vec![source])],
    );
    let mut found = vec![first];
    found
        .extend((0..5000).map(|_| {
            finding(MASS, intent(REQUIRED), vec![by_reference("HAS PROPERTIES", &[1, 1, 1, 2, 2])])
        }));
    let cad = read(&cad(MAMMOGRAPHY, ALL_WITH, vec![impression(REQUIRED, found)], vec![]));
    assert_eq!(cad.findings.len(), 5001);
    let drawing = cad.drawing("1.1", 3999, &Shown::default());
    let points: usize = drawing.strokes.iter().map(|stroke| stroke.points.len()).sum();
    assert!(points <= 500_000 && drawing.symbols.len() == 5001);
}

#[test]
fn the_demo_has_findings_in_two_views_and_a_failure() {
    let now = read_bytes(demo::cad::current());
    assert!(now.warnings.is_empty(), "{:?}", now.warnings);
    assert_eq!(now.status, Status::Findings(4));
    let composites: Vec<_> = now.findings.iter().filter(|finding| finding.is_composite).collect();
    let kinds: Vec<_> = composites.iter().map(|finding| (finding.kind, finding.parts.len())).collect();
    assert_eq!(kinds, [(Kind::Mass, 3), (Kind::CalcificationCluster, 2)]);
    assert_eq!(now.findings.iter().filter(|finding| finding.in_cluster).count(), 44);
    assert_eq!(now.findings.iter().filter(|f| f.intent == Intent::NotForPresentation).count(), 3);
    let views: Vec<String> = now.images.iter().map(|image| image.words()).collect();
    // The library, and the planes of the tomosynthesis a mark is for.
    assert_eq!(views[..5], ["R CC", "L CC", "R MLO", "L MLO", "L MLO"]);
    let mass = now.findings.iter().position(|finding| finding.kind == Kind::Mass).unwrap();
    let targets = now.targets(mass);
    assert_eq!(targets.len(), 3);
    assert_eq!(targets[2].frame, 18);
    let tomo = |frame| now.drawing(&targets[2].instance_uid, frame, &Shown::default()).symbols.len();
    assert_eq!([13, 14, 22, 23].map(tomo), [0, 1, 1, 0]);
    // The recommended operating point takes in the first of two doubtful marks.
    let visible = |shown: Shown| now.visible(&shown).iter().filter(|shown| **shown).count();
    let required = visible(Shown { level: Level::At(0), ..Shown::default() });
    assert_eq!(visible(Shown::default()), required + 1);
    assert_eq!(visible(Shown::EVERYTHING), required + 2);
    // Three views and the tomosynthesis; the right view has only the most doubtful mark.
    assert_eq!(now.marked(&Shown::EVERYTHING).len(), 4);
    assert_eq!(now.marked(&Shown::default()).len(), 3);
    let prior = read_bytes(demo::cad::prior());
    assert_eq!(prior.status, Status::Failed);
    assert!(prior.findings.is_empty() && prior.runs.iter().all(|run| !run.succeeded));
    assert_eq!(demo::cad::current(), demo::cad::current());
}

#[test]
fn the_command_says_first_how_processing_went() {
    let scratch = Scratch::new("cad");
    let path = scratch.file("cad.dcm", demo::cad::prior());
    let text = viewer(["report".as_ref(), path.as_os_str()]).expect(0).stdout;
    let status = text.lines().find(|line| line.starts_with("Status:")).unwrap();
    assert_eq!(status, "Status:       CAD failed: these images were not checked, Complete, Not verified");
}
