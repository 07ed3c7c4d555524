//! What a computer made of the mammograms: Mammography CAD SR objects (PS3.16 TID 4000).
//!
//! The current examination has a mass in two views and in the tomosynthesis, a cluster with its calcifications, marks
//! that are optional and some that are not for presentation; that of the prior one failed. Marks lie where the
//! phantom has its findings.

use dicom_dictionary_std::{tags, uids};

use super::breast::{Projection, Shape};
use super::builder::WRITER;
use super::case::{MAMMO_BEFORE, MAMMO_NOW, Series, Study};
use super::content::{
    Concept, Evidence, PERCENT, code, container, date, document, image, number, reference, region, text, time,
};
use super::exposure::{Exposure, SPACING, Side};
use super::mammogram::View;
use super::math::{Point, TAU, cos, sin};
use super::people::{Round, exposure};
use super::rng::uid;
use super::tomo;
use crate::dicom::write::{self, DataSet, Syntax};

const REPORT: Concept = ("111036", "DCM", "Mammography CAD Report");
const LIBRARY: Concept = ("111028", "DCM", "Image Library");
const SUMMARY: Concept = ("111017", "DCM", "CAD Processing and Findings Summary");
const IMPRESSION: Concept = ("111034", "DCM", "Individual Impression/Recommendation");
const COMPOSITE: Concept = ("111015", "DCM", "Composite Feature");
const FINDING: Concept = ("111059", "DCM", "Single Image Finding");
const INTENT: Concept = ("111056", "DCM", "Rendering Intent");
const DETECTION: Concept = ("111022", "DCM", "Detection Performed");
const CENTER: Concept = ("111010", "DCM", "Center");
const OUTLINE: Concept = ("111041", "DCM", "Outline");
const OPERATING_POINT: Concept = ("111071", "DCM", "CAD Operating Point");
const CERTAINTY: Concept = ("111012", "DCM", "Certainty of Finding");
const PROBABILITY: Concept = ("111047", "DCM", "Probability of cancer");
const REQUIRED: Concept = ("111150", "DCM", "Presentation Required: Rendering device is expected to present");
const OPTIONAL: Concept = ("111151", "DCM", "Presentation Optional: Rendering device may present");
const NOT_SHOWN: Concept =
    ("111152", "DCM", "Not for Presentation: Rendering device expected not to present");

const DENSITY: Concept = ("129793001", "SCT", "Mammography breast density");
const MASS: Concept = ("129788004", "SCT", "Mammographic breast mass");
const CLUSTER: Concept = ("129769006", "SCT", "Calcification Cluster");
const CALCIFICATION: Concept = ("129770007", "SCT", "Individual Calcification");
const NIPPLE: Concept = ("24142002", "SCT", "Nipple");

/// What looked for masses, and for calcifications.
const MASS_SEEKER: &str = "Phantom Mass";
const CALCIFICATION_SEEKER: &str = "Phantom Calc";
const VERSION: &str = "1.4";

/// Places of the image library in the current report: the four views as they were taken, then the tomosynthesis.
const LEFT_CC: i64 = 2;
const RIGHT_MLO: i64 = 3;
const LEFT_MLO: i64 = 4;
const TOMO: i64 = 5;

/// Planes on either side of its own in which the mass is marked.
const REACH: i64 = 4;

fn series(number: i64) -> Series {
    Series { key: "CAD", number, modality: "SR", description: "CAD" }
}

/// The report on the current examination.
pub fn current() -> Vec<u8> {
    file(&MAMMO_NOW, 6, library(Round::Current), findings(), performed(true))
}

/// The report on the prior one: nothing could be processed.
pub fn prior() -> Vec<u8> {
    let failed = ("111245", "DCM", "No algorithms succeeded; without findings");
    let summary = code("CONTAINS", SUMMARY, failed, Vec::new());
    file(&MAMMO_BEFORE, 5, library(Round::Prior), summary, performed(false))
}

fn file(
    study: &Study,
    number: i64,
    images: Vec<Entry>,
    summary: DataSet,
    performed: Vec<DataSet>,
) -> Vec<u8> {
    let english = ("en", "RFC5646", "English");
    let language = ("121049", "DCM", "Language of Content Item and Descendants");
    let evidence: Vec<Evidence> = images.iter().map(|entry| entry.evidence(study)).collect();
    let entries = images.iter().map(|entry| entry.item(study)).collect();
    let mut items = vec![
        code("HAS CONCEPT MOD", language, english, Vec::new()),
        container("CONTAINS", LIBRARY, entries),
        summary,
    ];
    items.extend(performed);
    let class = uids::MAMMOGRAPHY_CADSR_STORAGE;
    let mut data = document(class, study, &series(number), (REPORT, "4000"), &evidence, items);
    data.text(tags::MANUFACTURER_MODEL_NAME, "Phantom CAD")
        .text(tags::DEVICE_SERIAL_NUMBER, "PHCAD-0003")
        .text(tags::SOFTWARE_VERSIONS, VERSION);
    write::file(&data, Syntax::ExplicitLittle, WRITER)
}

/// An image of the library.
struct Entry {
    view: View,
    series: &'static str,
    class: &'static str,
    spacing: f64,
}

fn library(round: Round) -> Vec<Entry> {
    let mammogram = uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;
    let entry = |view: View| Entry { view, series: view.name(), class: mammogram, spacing: 0.094 };
    let mut entries: Vec<Entry> = View::all(round).map(entry).into();
    if round == Round::Current {
        let view = View { round, side: Side::Left, projection: Projection::MediolateralOblique };
        let class = uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE;
        entries.push(Entry { view, series: "LMLO-tomo", class, spacing: 0.188 });
    }
    entries
}

impl Entry {
    fn evidence(&self, study: &Study) -> Evidence {
        let series = format!("{}/{}", study.key, self.series);
        Evidence { series_uid: uid(&series), class: self.class, uid: uid(&format!("{series}/1")) }
    }

    /// TID 4020.
    fn item(&self, study: &Study) -> DataSet {
        const RELATION: &str = "HAS ACQ CONTEXT";
        let side = match self.view.side {
            Side::Left => ("80248007", "SCT", "Left breast"),
            Side::Right => ("73056007", "SCT", "Right breast"),
        };
        let view = match self.view.projection {
            Projection::CranioCaudal => ("399162004", "SCT", "cranio-caudal"),
            Projection::MediolateralOblique => ("399368009", "SCT", "medio-lateral oblique"),
        };
        let (row, column) = self.view.patient_orientation().split_once('\\').unwrap_or_default();
        let mm = ("mm", "UCUM", "millimeter");
        let below = vec![
            code(RELATION, ("111027", "DCM", "Image Laterality"), side, Vec::new()),
            code(RELATION, ("111031", "DCM", "Image View"), view, Vec::new()),
            text(RELATION, ("111044", "DCM", "Patient Orientation Row"), row),
            text(RELATION, ("111043", "DCM", "Patient Orientation Column"), column),
            date(RELATION, ("111060", "DCM", "Study Date"), study.date),
            time(RELATION, ("111061", "DCM", "Study Time"), study.time),
            number(RELATION, ("111026", "DCM", "Horizontal Pixel Spacing"), self.spacing, mm, Vec::new()),
            number(RELATION, ("111066", "DCM", "Vertical Pixel Spacing"), self.spacing, mm, Vec::new()),
        ];
        let object = self.evidence(study);
        image("CONTAINS", (object.class, &object.uid), &[], below)
    }
}

/// An image, and what is needed to find places of the breast on it.
struct Plate {
    exposure: Exposure,
    shape: Shape,
    /// Its place in the image library.
    entry: i64,
    spacing: f32,
}

impl Plate {
    fn new(side: Side, projection: Projection, entry: i64, spacing: f32) -> Self {
        let exposure = exposure(Round::Current, side, projection);
        let shape = exposure.shape();
        Self { exposure, shape, entry, spacing }
    }

    /// Where a place in the breast is on the image, in pixels.
    fn at(&self, q: Point) -> [f64; 2] {
        let (x, y) = self.shape.detector_at(q);
        let columns = (super::breast::PLANE.0 / self.spacing + 0.5) as usize as f32;
        let (x, y) = (x / self.spacing, y / self.spacing);
        let x = if self.exposure.side == Side::Left { x } else { columns - x };
        // Tenths of a pixel, as such programs write them.
        [x, y].map(|v| (f64::from(v) * 10.0).round() / 10.0)
    }

    /// What a mark is selected from: the image in the library, or frames of it.
    fn source(&self) -> Vec<DataSet> {
        if self.entry != TOMO {
            return vec![reference("SELECTED FROM", &[1, 2, self.entry])];
        }
        let plane = tomo::MASS_AT as i64 + 1;
        let frames: Vec<i64> = (plane - REACH..=plane + REACH).collect();
        let object = uid(&format!("{}/LMLO-tomo/1", MAMMO_NOW.key));
        vec![image("SELECTED FROM", (uids::BREAST_TOMOSYNTHESIS_IMAGE_STORAGE, &object), &frames, Vec::new())]
    }

    fn center(&self, q: Point) -> DataSet {
        region("HAS PROPERTIES", CENTER, "POINT", &[self.at(q)], self.source())
    }

    /// The outline of something round: as an ellipse, or as points around it.
    fn outline(&self, q: Point, (x, y): (f32, f32), shape: &str) -> DataSet {
        let place = |dx: f32, dy: f32| self.at((q.0 + dx, q.1 + dy));
        let points: Vec<[f64; 2]> = match shape {
            "ELLIPSE" => vec![place(0.0, -y), place(0.0, y), place(-x, 0.0), place(x, 0.0)],
            "CIRCLE" => vec![place(0.0, 0.0), place(x, 0.0)],
            _ => (0..=24)
                .map(|k| {
                    let angle = TAU * (k % 24) as f32 / 24.0;
                    place(x * cos(angle), y * sin(angle))
                })
                .collect(),
        };
        region("HAS PROPERTIES", OUTLINE, shape, &points, self.source())
    }
}

fn intent(value: Concept, point: Option<u32>) -> DataSet {
    let unit = ("{1:2}", "UCUM", "range: 1:2");
    let point = point.map(|p| number("HAS PROPERTIES", OPERATING_POINT, f64::from(p), unit, Vec::new()));
    code("HAS CONCEPT MOD", INTENT, value, point.into_iter().collect())
}

fn algorithm(relation: &str, name: &str) -> [DataSet; 2] {
    [
        text(relation, ("111001", "DCM", "Algorithm Name"), name),
        text(relation, ("111003", "DCM", "Algorithm Version"), VERSION),
    ]
}

fn percent(name: Concept, value: f64) -> DataSet {
    number("HAS PROPERTIES", name, value, PERCENT, Vec::new())
}

/// A finding in one image (TID 4006).
fn single(relation: &str, what: Concept, shown: DataSet, by: &str, properties: Vec<DataSet>) -> DataSet {
    let mut below = vec![shown];
    below.extend(algorithm("HAS OBS CONTEXT", by));
    below.extend(properties);
    code(relation, FINDING, what, below)
}

/// Findings that are one thing (TID 4004).
fn composite(what: Concept, by: &str, (certainty, probability): (f64, f64), parts: Vec<DataSet>) -> DataSet {
    let spatial = ("111154", "DCM", "Target Content Items are related spatially");
    let several = ("111158", "DCM", "Feature detected on multiple images");
    let mut below = vec![intent(REQUIRED, None)];
    below.extend(algorithm("HAS OBS CONTEXT", by));
    below.extend([
        code("HAS PROPERTIES", ("111016", "DCM", "Composite type"), spatial, Vec::new()),
        code("HAS PROPERTIES", ("111057", "DCM", "Scope of Feature"), several, Vec::new()),
        percent(("111011", "DCM", "Certainty of Feature"), certainty),
        percent(PROBABILITY, probability),
    ]);
    below.extend(parts);
    code("CONTAINS", COMPOSITE, what, below)
}

fn impression(shown: Concept, findings: Vec<DataSet>) -> DataSet {
    let mut below = vec![intent(shown, None)];
    below.extend(findings);
    container("INFERRED FROM", IMPRESSION, below)
}

/// The summary with all that was found (TID 4001).
fn findings() -> DataSet {
    use Projection::{CranioCaudal, MediolateralOblique};
    let cc = Plate::new(Side::Left, CranioCaudal, LEFT_CC, SPACING);
    let mlo = Plate::new(Side::Left, MediolateralOblique, LEFT_MLO, SPACING);
    let right = Plate::new(Side::Right, MediolateralOblique, RIGHT_MLO, SPACING);
    let tomo = Plate::new(Side::Left, MediolateralOblique, TOMO, tomo::SPACING);

    let density = |plate: &Plate, shape, (certainty, probability)| {
        let mass = plate.exposure.mass?;
        let size = (1.25 * mass.radius, 1.3 * mass.radius);
        let properties = vec![
            percent(CERTAINTY, certainty),
            percent(PROBABILITY, probability),
            plate.center(mass.at),
            plate.outline(mass.at, size, shape),
        ];
        Some(single("INFERRED FROM", DENSITY, intent(REQUIRED, None), MASS_SEEKER, properties))
    };
    let masses = [density(&cc, "ELLIPSE", (86.0, 79.0)), density(&mlo, "POLYLINE", (81.0, 74.0))];
    let masses = masses.into_iter().chain([density(&tomo, "CIRCLE", (92.0, 88.0))]).flatten().collect();
    let clusters = [&cc, &mlo].into_iter().filter_map(cluster).collect();

    let doubtful = |plate: &Plate, certainty, point| {
        let node = plate.exposure.node?;
        let properties = vec![percent(CERTAINTY, certainty), plate.center(node.at)];
        Some(single("CONTAINS", DENSITY, intent(OPTIONAL, Some(point)), MASS_SEEKER, properties))
    };
    let nodes = [doubtful(&mlo, 38.0, 1), doubtful(&right, 27.0, 2)].into_iter().flatten().collect();
    let nipple = |plate: &Plate| {
        single("CONTAINS", NIPPLE, intent(NOT_SHOWN, None), MASS_SEEKER, vec![plate.center((0.0, 0.0))])
    };

    let found = ("111242", "DCM", "All algorithms succeeded; with findings");
    let mass = composite(MASS, MASS_SEEKER, (90.0, 84.0), masses);
    let calcifications = composite(CLUSTER, CALCIFICATION_SEEKER, (88.0, 61.0), clusters);
    let impressions = vec![
        impression(REQUIRED, vec![mass]),
        impression(REQUIRED, vec![calcifications]),
        impression(REQUIRED, nodes),
        impression(NOT_SHOWN, [&cc, &mlo, &right].map(nipple).into()),
    ];
    code("CONTAINS", SUMMARY, found, impressions)
}

/// A cluster with each of its calcifications (TID 4010, 4009).
fn cluster(plate: &Plate) -> Option<DataSet> {
    let cluster = plate.exposure.cluster?;
    let specks = cluster.specks();
    let mut properties = vec![
        percent(CERTAINTY, if plate.entry == LEFT_CC { 91.0 } else { 84.0 }),
        plate.center(cluster.at),
        plate.outline(cluster.at, (9.0, 7.5), "ELLIPSE"),
        number(
            "HAS PROPERTIES",
            ("111038", "DCM", "Number of calcifications"),
            specks.len() as f64,
            ("1", "UCUM", "no units"),
            Vec::new(),
        ),
        code(
            "HAS PROPERTIES",
            ("111009", "DCM", "Calcification Type"),
            ("111344", "DCM", "Fine pleomorphic calcification"),
            Vec::new(),
        ),
    ];
    properties.extend(specks.iter().map(|speck| {
        let at = vec![plate.center(speck.at)];
        single("INFERRED FROM", CALCIFICATION, intent(REQUIRED, None), CALCIFICATION_SEEKER, at)
    }));
    Some(single("INFERRED FROM", CLUSTER, intent(REQUIRED, None), CALCIFICATION_SEEKER, properties))
}

/// What was looked for (TID 4015), and that nothing was analysed.
fn performed(succeeded: bool) -> Vec<DataSet> {
    let (value, list) = if succeeded {
        (("111222", "DCM", "Succeeded"), ("111063", "DCM", "Successful Detections"))
    } else {
        (("111224", "DCM", "Failed"), ("111025", "DCM", "Failed Detections"))
    };
    let detection = |what, by, points: Vec<DataSet>, images: &[i64]| {
        let mut below: Vec<DataSet> = algorithm("HAS PROPERTIES", by).into();
        below.extend(points);
        below.extend(images.iter().map(|entry| reference("HAS PROPERTIES", &[1, 2, *entry])));
        code("CONTAINS", DETECTION, what, below)
    };
    let points = if succeeded { operating_points() } else { Vec::new() };
    let images: &[i64] = if succeeded { &[1, 2, 3, 4, 5] } else { &[1, 2, 3, 4] };
    let detections = vec![
        detection(DENSITY, MASS_SEEKER, points, images),
        detection(CLUSTER, CALCIFICATION_SEEKER, Vec::new(), &[1, 2, 3, 4]),
    ];
    let list = container("INFERRED FROM", list, detections);
    let not_attempted = ("111225", "DCM", "Not Attempted");
    vec![
        code("CONTAINS", ("111064", "DCM", "Summary of Detections"), value, vec![list]),
        code("CONTAINS", ("111065", "DCM", "Summary of Analyses"), not_attempted, Vec::new()),
    ]
}

/// Three points of work, from few false marks to many (TID 4023).
fn operating_points() -> Vec<DataSet> {
    let range = ("{0:2}", "UCUM", "range: 0:2");
    let sensitivity = ("111088", "DCM", "Case Sensitivity");
    let false_marks = ("111086", "DCM", "False Markers per Image");
    let words = ["Few false marks", "Balanced", "Highest sensitivity"];
    let point = |(number_of, words): (u32, &str)| {
        let (marks, share) = (0.1 + 0.2 * f64::from(number_of), 84.0 + 4.0 * f64::from(number_of));
        let marks = (marks * 10.0).round() / 10.0;
        let below = vec![
            text("HAS PROPERTIES", ("111081", "DCM", "CAD Operating Point Description"), words),
            number("HAS PROPERTIES", false_marks, marks, ("1", "UCUM", "no units"), Vec::new()),
            number("HAS PROPERTIES", sensitivity, share, PERCENT, Vec::new()),
        ];
        number("CONTAINS", OPERATING_POINT, f64::from(number_of), range, below)
    };
    let mut table = vec![
        code("CONTAINS", ("122698", "DCM", "X-Concept"), false_marks, Vec::new()),
        code("CONTAINS", ("122699", "DCM", "Y-Concept"), sensitivity, Vec::new()),
    ];
    table.extend((0..).zip(words).map(point));
    vec![
        number(
            "HAS PROPERTIES",
            ("111072", "DCM", "Maximum CAD Operating Point"),
            2.0,
            ("[arb'U]", "UCUM", "arbitrary unit"),
            Vec::new(),
        ),
        number(
            "HAS PROPERTIES",
            ("111092", "DCM", "Recommended CAD Operating Point"),
            1.0,
            range,
            Vec::new(),
        ),
        container("HAS PROPERTIES", ("111093", "DCM", "CAD Operating Point Table"), table),
    ]
}
