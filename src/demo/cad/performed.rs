//! What the computer looked for, and how well it works (TID 4015, 4023).

use super::{CALCIFICATION_SEEKER, CLUSTER, DENSITY, MASS_SEEKER, OPERATING_POINT, algorithm};
use crate::demo::content::{Concept, PERCENT, code, container, number, reference, text};
use crate::dicom::write::DataSet;

const DETECTION: Concept = ("111022", "DCM", "Detection Performed");

/// What was looked for (TID 4015), and that nothing was analysed.
pub(super) fn performed(succeeded: bool) -> Vec<DataSet> {
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
