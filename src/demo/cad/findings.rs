//! What was found (TID 4001 to 4010).

use super::plate::Plate;
use super::{
    CALCIFICATION_SEEKER, CLUSTER, DENSITY, LEFT_CC, LEFT_MLO, MASS_SEEKER, OPERATING_POINT, RIGHT_MLO,
    SUMMARY, TOMO, algorithm,
};
use crate::demo::breast::Projection;
use crate::demo::content::{Concept, PERCENT, code, container, number};
use crate::demo::exposure::{SPACING, Side};
use crate::demo::tomo;
use crate::dicom::write::DataSet;

const IMPRESSION: Concept = ("111034", "DCM", "Individual Impression/Recommendation");
const COMPOSITE: Concept = ("111015", "DCM", "Composite Feature");
const FINDING: Concept = ("111059", "DCM", "Single Image Finding");
const INTENT: Concept = ("111056", "DCM", "Rendering Intent");
const CERTAINTY: Concept = ("111012", "DCM", "Certainty of Finding");
const PROBABILITY: Concept = ("111047", "DCM", "Probability of cancer");
const REQUIRED: Concept = ("111150", "DCM", "Presentation Required: Rendering device is expected to present");
const OPTIONAL: Concept = ("111151", "DCM", "Presentation Optional: Rendering device may present");
const NOT_SHOWN: Concept =
    ("111152", "DCM", "Not for Presentation: Rendering device expected not to present");
const MASS: Concept = ("129788004", "SCT", "Mammographic breast mass");
const CALCIFICATION: Concept = ("129770007", "SCT", "Individual Calcification");
const NIPPLE: Concept = ("24142002", "SCT", "Nipple");

fn intent(value: Concept, point: Option<u32>) -> DataSet {
    let unit = ("{1:2}", "UCUM", "range: 1:2");
    let point = point.map(|p| number("HAS PROPERTIES", OPERATING_POINT, f64::from(p), unit, Vec::new()));
    code("HAS CONCEPT MOD", INTENT, value, point.into_iter().collect())
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
pub(super) fn findings() -> DataSet {
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
