//! What a computer made of the mammograms: Mammography CAD SR objects (PS3.16 TID 4000).
//!
//! The current examination has a mass in two views and in the tomosynthesis, a cluster with its calcifications, marks
//! that are optional and some that are not for presentation; that of the prior one failed. Marks lie where the
//! phantom has its findings.

mod findings;
mod performed;
mod plate;

use dicom_dictionary_std::{tags, uids};

use super::breast::Projection;
use super::builder::WRITER;
use super::case::{MAMMO_BEFORE, MAMMO_NOW, Series, Study};
use super::content::{Concept, Evidence, code, container, date, document, image, number, text, time};
use super::exposure::Side;
use super::mammogram::View;
use super::people::Round;
use super::rng::uid;
use crate::dicom::write::{self, DataSet, Syntax};
use findings::findings;
use performed::performed;

const REPORT: Concept = ("111036", "DCM", "Mammography CAD Report");
const LIBRARY: Concept = ("111028", "DCM", "Image Library");
const SUMMARY: Concept = ("111017", "DCM", "CAD Processing and Findings Summary");
const OPERATING_POINT: Concept = ("111071", "DCM", "CAD Operating Point");

const DENSITY: Concept = ("129793001", "SCT", "Mammography breast density");
const CLUSTER: Concept = ("129769006", "SCT", "Calcification Cluster");

/// What looked for masses, and for calcifications.
const MASS_SEEKER: &str = "Phantom Mass";
const CALCIFICATION_SEEKER: &str = "Phantom Calc";
const VERSION: &str = "1.4";

/// Places of the image library in the current report: the four views as they were taken, then the tomosynthesis.
const LEFT_CC: i64 = 2;
const RIGHT_MLO: i64 = 3;
const LEFT_MLO: i64 = 4;
const TOMO: i64 = 5;

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

fn algorithm(relation: &str, name: &str) -> [DataSet; 2] {
    [
        text(relation, ("111001", "DCM", "Algorithm Name"), name),
        text(relation, ("111003", "DCM", "Algorithm Version"), VERSION),
    ]
}

#[cfg(test)]
mod tests;
