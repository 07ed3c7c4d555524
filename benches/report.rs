//! What it takes to open a long structured report: reading its file, its items, setting the page, writing it; and to
//! read a CAD report with many marks and draw those of a frame.
//!
//! `cargo bench --no-default-features --bench report` runs it; figures are only comparable within one run.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use dicom_dictionary_std::tags;
use lightbox::dicom::DicomFile;
use lightbox::dicom::write::{self, DataSet, Implementation, Syntax, coded, item};
use lightbox::presentation::cad::{CadReport, Shown};
use lightbox::presentation::sr::{Document, Report, write_html, write_json, write_text};

const RUNS: usize = 9;

/// Runs something a few times and prints the median.
fn time<T>(name: &str, run: impl FnMut() -> T) {
    let median = timing::median(RUNS, run).as_secs_f64() * 1e3;
    println!("{name:<40} {median:>9.3} ms");
}

fn content(relation: &str, kind: &str, name: &str, fill: impl FnOnce(&mut DataSet)) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation)
            .text(tags::VALUE_TYPE, kind)
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("125007", "DCM", name));
        fill(d);
    })
}

/// Groups of ten items each: two texts, a code, four measurements, a region on an image.
fn group(number: usize) -> DataSet {
    let image = content("SELECTED FROM", "IMAGE", "Source", |d| {
        d.sequence(
            tags::REFERENCED_SOP_SEQUENCE,
            vec![item(|d| {
                d.text(tags::REFERENCED_SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2")
                    .text(tags::REFERENCED_SOP_INSTANCE_UID, format!("1.2.3.{number}"));
            })],
        );
    });
    let region = content("CONTAINS", "SCOORD", "Image Region", |d| {
        d.text(tags::GRAPHIC_TYPE, "CIRCLE")
            .real(tags::GRAPHIC_DATA, [10.0, 20.5, 30.0, 40.25])
            .sequence(tags::CONTENT_SEQUENCE, vec![image]);
    });
    let text = |words: String| {
        content("CONTAINS", "TEXT", "Comment", |d| {
            d.text(tags::TEXT_VALUE, words);
        })
    };
    let measured = |value: f64| {
        content("CONTAINS", "NUM", "Diameter", |d| {
            let value = item(|d| {
                d.real(tags::NUMERIC_VALUE, [value]).sequence(
                    tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
                    vec![coded(("mm", "UCUM", "millimeter"))],
                );
            });
            d.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![value]);
        })
    };
    let mut below = vec![
        text(format!("Finding {number}")),
        text("A sentence of ordinary length about what is seen in this place of the image. ".repeat(2)),
        content("CONTAINS", "CODE", "Finding", |d| {
            d.code(tags::CONCEPT_CODE_SEQUENCE, ("27925004", "SCT", "Nodule"));
        }),
        region,
    ];
    below.extend((0..4).map(|n| measured(f64::from(n) + 1.5)));
    content("CONTAINS", "CONTAINER", "Measurement Group", |d| {
        d.text(tags::CONTINUITY_OF_CONTENT, "SEPARATE").sequence(tags::CONTENT_SEQUENCE, below);
    })
}

const WRITER: Implementation = Implementation { class_uid: "1.2.3.4", version_name: "TEST" };

/// A CAD report with marks on one image, each with its outline.
fn marks(count: usize) -> DataSet {
    let code = |relation, name, value, below: Vec<DataSet>| {
        item(|d| {
            d.text(tags::RELATIONSHIP_TYPE, relation)
                .text(tags::VALUE_TYPE, "CODE")
                .code(tags::CONCEPT_NAME_CODE_SEQUENCE, (name, "DCM", ""))
                .code(tags::CONCEPT_CODE_SEQUENCE, value)
                .sequence(tags::CONTENT_SEQUENCE, below);
        })
    };
    let region = |name, shape, points: &[f64]| {
        let image = content("SELECTED FROM", "IMAGE", "Source", |d| {
            d.sequence(
                tags::REFERENCED_SOP_SEQUENCE,
                vec![item(|d| {
                    d.text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17");
                })],
            );
        });
        item(|d| {
            d.text(tags::RELATIONSHIP_TYPE, "HAS PROPERTIES")
                .text(tags::VALUE_TYPE, "SCOORD")
                .code(tags::CONCEPT_NAME_CODE_SEQUENCE, (name, "DCM", ""))
                .text(tags::GRAPHIC_TYPE, shape)
                .real(tags::GRAPHIC_DATA, points.iter().copied())
                .sequence(tags::CONTENT_SEQUENCE, vec![image]);
        })
    };
    let finding = |_| {
        let intent = code("HAS CONCEPT MOD", "111056", ("111150", "DCM", ""), Vec::new());
        let center = region("111010", "POINT", &[500.0, 700.0]);
        let outline = region("111041", "ELLIPSE", &[400.0, 700.0, 600.0, 700.0, 500.0, 650.0, 500.0, 750.0]);
        code("CONTAINS", "111059", ("129793001", "SCT", "Density"), vec![intent, center, outline])
    };
    let found = (0..count).map(finding).collect();
    item(|d| {
        d.text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.88.50")
            .text(tags::VALUE_TYPE, "CONTAINER")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("111036", "DCM", "Mammography CAD Report"))
            .sequence(tags::CONTENT_SEQUENCE, vec![code("CONTAINS", "111017", ("111242", "DCM", ""), found)]);
    })
}

fn main() {
    let data = item(|d| {
        d.text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.88.33")
            .text(tags::SOP_INSTANCE_UID, "1.2.3")
            .text(tags::VALUE_TYPE, "CONTAINER")
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("126000", "DCM", "Imaging Measurement Report"))
            .sequence(tags::CONTENT_SEQUENCE, (0..1000).map(group).collect());
    });
    let bytes = write::file(&data, Syntax::ExplicitLittle, WRITER);
    let file = DicomFile::from_bytes(bytes.clone()).expect("a file");
    let report = Report::read(&file.data).expect("a report");
    let document = Document::of(&report);
    println!("{} items, {} blocks, {} bytes", report.len(), document.blocks.len(), bytes.len());
    time("  the file", || DicomFile::from_bytes(bytes.clone()));
    time("  items", || Report::read(&file.data));
    time("  page", || Document::of(&report));
    time("  all three: opening", || {
        let file = DicomFile::from_bytes(bytes.clone()).expect("a file");
        Document::of(&Report::read(&file.data).expect("a report"))
    });
    time("  text", || write_text(&document, &mut Vec::new()));
    time("  HTML", || write_html(&document, &mut Vec::new()));
    time("  JSON", || write_json(&report, &mut Vec::new()));
    let bytes = write::file(&marks(500), Syntax::ExplicitLittle, WRITER);
    let file = DicomFile::from_bytes(bytes).expect("a file");
    let report = Report::read(&file.data).expect("a report");
    let cad = CadReport::of(&report).expect("a CAD report");
    let instance = &cad.images.first().expect("an image").instance_uid;
    println!("{} marks", cad.findings.len());
    time("  findings", || CadReport::of(&report));
    time("  drawing of a frame", || cad.drawing(instance, 0, &Shown::default()));
    time("  list", || cad.rows(&Shown::default()));
}
