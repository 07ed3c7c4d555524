//! What was measured on the left mammograms: a report after TID 1500, with regions on both views.

use dicom_dictionary_std::{tags, uids};

use super::breast::Projection;
use super::builder::WRITER;
use super::case::{MAMMO_NOW, Series};
use super::content::{Concept, Evidence, code, container, document, image, number, region, text};
use super::exposure::{SPACING, Side};
use super::mammogram::View;
use super::people::{Round, exposure};
use super::rng::uid;
use crate::dicom::write::{self, DataSet, Syntax, item};

const SERIES: Series = Series { key: "measurements", number: 8, modality: "SR", description: "Measurements" };
const CLASS: &str = uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;

const MM: Concept = ("mm", "UCUM", "millimeter");
const MM2: Concept = ("mm2", "UCUM", "square millimeter");
const LONG_AXIS: Concept = ("103339001", "SCT", "Long axis");
const SHORT_AXIS: Concept = ("103340004", "SCT", "Short axis");
const AREA: Concept = ("42798000", "SCT", "Area");
const MASS: Concept = ("4147007", "SCT", "Mass");
const CALCIFICATIONS: Concept = ("129769006", "SCT", "Calcification Cluster");

fn view(projection: Projection) -> View {
    View { round: Round::Current, side: Side::Left, projection }
}

fn evidence(view: View) -> Evidence {
    let series = format!("{}/{}", MAMMO_NOW.key, view.name());
    Evidence { series_uid: uid(&series), class: CLASS, uid: uid(&format!("{series}/1")) }
}

/// Something with an outline of so many millimetres, in one view.
struct Measured {
    name: &'static str,
    finding: Concept,
    view: View,
    /// Pixels of the image.
    center: [f64; 2],
    /// Half axes in millimetres, the longer one first.
    half: [f64; 2],
    /// Angle of the longer one, in degrees from the row.
    lean: f64,
    is_ellipse: bool,
}

fn tenths(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

impl Measured {
    /// A place on the image: millimetres along the axes from its centre.
    fn at(&self, along: f64, across: f64) -> [f64; 2] {
        let (sin, cos) = self.lean.to_radians().sin_cos();
        let mm = f64::from(SPACING);
        let [x, y] = self.center;
        [x + (along * cos - across * sin) / mm, y + (along * sin + across * cos) / mm].map(tenths)
    }

    fn outline(&self) -> (&'static str, Vec<[f64; 2]>) {
        let [a, b] = self.half;
        if self.is_ellipse {
            let ends = [(-a, 0.0), (a, 0.0), (0.0, -b), (0.0, b)];
            return ("ELLIPSE", ends.map(|(along, across)| self.at(along, across)).to_vec());
        }
        let corners = [
            (-1.0, 0.0),
            (-0.6, 0.8),
            (0.3, 1.0),
            (0.9, 0.5),
            (1.0, -0.2),
            (0.4, -0.9),
            (-0.5, -1.0),
            (-1.0, 0.0),
        ];
        ("POLYLINE", corners.map(|(along, across)| self.at(a * along, b * across)).to_vec())
    }

    /// What the outline encloses.
    fn area(&self) -> f64 {
        let [a, b] = self.half;
        if self.is_ellipse {
            return std::f64::consts::PI * a * b;
        }
        let (_, points) = self.outline();
        let twice: f64 =
            points.iter().zip(points.iter().skip(1)).map(|(p, q)| p[0] * q[1] - q[0] * p[1]).sum();
        (twice / 2.0).abs() * f64::from(SPACING).powi(2)
    }

    /// A measurement group: TID 1410 for a planar region.
    fn group(&self) -> DataSet {
        let source = evidence(self.view);
        let (shape, points) = self.outline();
        let source = image("SELECTED FROM", (source.class, &source.uid), &[], Vec::new());
        let site = ("80248007", "SCT", "Left breast");
        let mut group = container(
            "CONTAINS",
            ("125007", "DCM", "Measurement Group"),
            vec![
                text("HAS OBS CONTEXT", ("112039", "DCM", "Tracking Identifier"), self.name),
                tracked(&uid(&format!("{}/lesion/{}", MAMMO_NOW.key, self.name))),
                code("CONTAINS", ("121071", "DCM", "Finding"), self.finding, Vec::new()),
                code("HAS CONCEPT MOD", ("363698007", "SCT", "Finding Site"), site, Vec::new()),
                region("CONTAINS", ("111030", "DCM", "Image Region"), shape, &points, vec![source]),
                number("CONTAINS", LONG_AXIS, tenths(2.0 * self.half[0]), MM, Vec::new()),
                number("CONTAINS", SHORT_AXIS, tenths(2.0 * self.half[1]), MM, Vec::new()),
                number("CONTAINS", AREA, tenths(self.area()), MM2, Vec::new()),
            ],
        );
        let template = item(|d| {
            d.text(tags::MAPPING_RESOURCE, "DCMR").text(tags::TEMPLATE_IDENTIFIER, "1410");
        });
        group.sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template]);
        group
    }
}

/// A UID that names a lesion in every view and examination.
fn tracked(uid: &str) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, "HAS OBS CONTEXT")
            .text(tags::VALUE_TYPE, "UIDREF")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("112040", "DCM", "Tracking Unique Identifier"))
            .text(tags::UID, uid);
    })
}

fn person(name: &str) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, "HAS OBS CONTEXT")
            .text(tags::VALUE_TYPE, "PNAME")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("121008", "DCM", "Person Observer Name"))
            .text(tags::PERSON_NAME, name);
    })
}

/// The mass and the calcifications in one view.
fn measured(projection: Projection) -> Vec<Measured> {
    let view = view(projection);
    let exposure = exposure(view.round, view.side, view.projection);
    let shape = exposure.shape();
    let place = |q| {
        let (x, y) = shape.detector_at(q);
        [x, y].map(|v| f64::from(v / SPACING))
    };
    let mass = exposure.mass.map(|mass| {
        let r = f64::from(mass.radius);
        Measured {
            name: "Mass 1",
            finding: MASS,
            view,
            center: place(mass.at),
            half: [tenths(1.18 * r), tenths(1.06 * r)],
            lean: 20.0,
            is_ellipse: true,
        }
    });
    let cluster = exposure.cluster.map(|cluster| Measured {
        name: "Calcifications 1",
        finding: CALCIFICATIONS,
        view,
        center: place(cluster.at),
        half: [9.6, 5.4],
        lean: 30.0,
        is_ellipse: false,
    });
    mass.into_iter().chain(cluster).collect()
}

/// The report.
pub fn file() -> Vec<u8> {
    let projections = [Projection::CranioCaudal, Projection::MediolateralOblique];
    let images: Vec<Evidence> = projections.map(|projection| evidence(view(projection))).into();
    let entries =
        images.iter().map(|entry| image("CONTAINS", (entry.class, &entry.uid), &[], Vec::new())).collect();
    let groups = projections.into_iter().flat_map(measured).map(|one| one.group()).collect();
    let items = vec![
        code(
            "HAS CONCEPT MOD",
            ("121049", "DCM", "Language of Content Item and Descendants"),
            ("en", "RFC5646", "English"),
            Vec::new(),
        ),
        code("HAS OBS CONTEXT", ("121005", "DCM", "Observer Type"), ("121006", "DCM", "Person"), Vec::new()),
        person("Reader^Robin"),
        code(
            "HAS CONCEPT MOD",
            ("121058", "DCM", "Procedure reported"),
            ("71651007", "SCT", "Mammography"),
            Vec::new(),
        ),
        container(
            "CONTAINS",
            ("111028", "DCM", "Image Library"),
            vec![container("CONTAINS", ("126200", "DCM", "Image Library Group"), entries)],
        ),
        container("CONTAINS", ("126010", "DCM", "Imaging Measurements"), groups),
    ];
    let title = ("126000", "DCM", "Imaging Measurement Report");
    let class = uids::COMPREHENSIVE_SR_STORAGE;
    let data = document(class, &MAMMO_NOW, &SERIES, (title, "1500"), &images, items);
    write::file(&data, Syntax::ExplicitLittle, WRITER)
}
