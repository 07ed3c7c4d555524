//! The tree of `viewer info`: as data with stable JSON names, and as text for people.

use std::fmt::Write as _;

use serde::Serialize;

use crate::dicom::uid;
use crate::study::{Entry, ScanReport, Series, Study};

/// The whole answer. Field names are part of the interface.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    studies: Vec<StudyNode<'a>>,
    duplicates: usize,
    skipped: usize,
    filtered: usize,
    failed: Vec<Failed<'a>>,
    notes: Vec<Note<'a>>,
}

#[derive(Debug, Serialize)]
struct StudyNode<'a> {
    uid: Option<&'a str>,
    date: Option<&'a str>,
    time: Option<&'a str>,
    description: Option<&'a str>,
    accession: Option<&'a str>,
    patient: Patient<'a>,
    series: Vec<SeriesNode<'a>>,
}

#[derive(Debug, Serialize)]
struct Patient<'a> {
    name: Option<&'a str>,
    id: Option<&'a str>,
    birth_date: Option<&'a str>,
    sex: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct SeriesNode<'a> {
    uid: Option<&'a str>,
    number: Option<i64>,
    description: Option<&'a str>,
    modality: Option<&'a str>,
    date: Option<&'a str>,
    instances: Vec<InstanceNode<'a>>,
}

#[derive(Debug, Serialize)]
struct InstanceNode<'a> {
    path: String,
    uid: Option<&'a str>,
    sop_class: Option<&'a str>,
    transfer_syntax: &'a str,
    number: Option<i64>,
    rows: Option<u32>,
    columns: Option<u32>,
    frames: u32,
    laterality: Option<&'a str>,
    view_position: Option<&'a str>,
    modifiers: Vec<&'static str>,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct Failed<'a> {
    path: String,
    error: &'a str,
}

#[derive(Debug, Serialize)]
struct Note<'a> {
    path: String,
    note: &'a str,
}

impl<'a> From<&'a ScanReport> for Report<'a> {
    fn from(report: &'a ScanReport) -> Self {
        let failed = report.failed.iter().map(|problem| Failed {
            path: problem.path.to_string_lossy().into_owned(),
            error: &problem.error,
        });
        let notes = report
            .notes
            .iter()
            .map(|note| Note { path: note.path.to_string_lossy().into_owned(), note: &note.error });
        Self {
            studies: report.index.studies.iter().filter_map(StudyNode::new).collect(),
            duplicates: report.index.duplicates,
            skipped: report.skipped,
            filtered: report.left_out.objects,
            failed: failed.collect(),
            notes: notes.collect(),
        }
    }
}

impl<'a> StudyNode<'a> {
    fn new(study: &'a Study) -> Option<Self> {
        let first = study.first()?;
        Some(Self {
            uid: first.study_uid.as_deref(),
            date: first.study_date.as_deref(),
            time: first.study_time.as_deref(),
            description: first.study_description.as_deref(),
            accession: first.accession.as_deref(),
            patient: Patient {
                name: first.patient_name.as_deref(),
                id: first.patient_id.as_deref(),
                birth_date: first.birth_date.as_deref(),
                sex: first.sex.as_deref(),
            },
            series: study.series.iter().filter_map(SeriesNode::new).collect(),
        })
    }
}

impl<'a> SeriesNode<'a> {
    fn new(series: &'a Series) -> Option<Self> {
        let first = series.first()?;
        Some(Self {
            uid: first.series_uid.as_deref(),
            number: first.series_number,
            description: first.series_description.as_deref(),
            modality: first.modality.as_deref(),
            date: first.series_date.as_deref(),
            instances: series.instances.iter().map(|entry| InstanceNode::new(entry)).collect(),
        })
    }
}

impl<'a> InstanceNode<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            path: entry.path.to_string_lossy().into_owned(),
            uid: entry.sop_uid.as_deref(),
            sop_class: entry.sop_class.as_deref(),
            transfer_syntax: &entry.transfer_syntax,
            number: entry.instance_number,
            rows: entry.rows,
            columns: entry.columns,
            frames: entry.frames,
            laterality: entry.laterality.as_deref(),
            view_position: entry.view_position.as_deref(),
            modifiers: entry.modifiers.iter().map(|modifier| modifier.name()).collect(),
            kind: entry.kind.name(),
        }
    }
}

/// The tree as indented text, with the counts last.
pub fn to_text(report: &ScanReport) -> String {
    let mut text = String::new();
    for study in &report.index.studies {
        let Some(first) = study.first() else { continue };
        line(&mut text, 0, &study_title(first));
        if let Some(patient) = patient_title(first) {
            line(&mut text, 2, &patient);
        }
        for series in &study.series {
            let Some(first) = series.first() else {
                continue;
            };
            line(&mut text, 2, &series_title(first, series.instances.len()));
            for entry in &series.instances {
                line(&mut text, 4, &instance_title(entry));
            }
        }
        text.push('\n');
    }
    text.push_str(&counts(report));
    text
}

fn line(text: &mut String, indent: usize, words: &str) {
    // Writing to a string cannot fail.
    writeln!(text, "{:indent$}{}", "", words).ok();
}

fn study_title(first: &Entry) -> String {
    joined([
        Some("study".to_owned()),
        first.study_date.as_deref().map(date),
        first.study_time.as_deref().and_then(time),
        first.study_description.clone(),
        first.accession.as_ref().map(|number| format!("accession {number}")),
    ])
}

/// `None` when the file says nothing about the patient.
fn patient_title(first: &Entry) -> Option<String> {
    let known = joined([
        first.patient_name.as_deref().map(name),
        first.patient_id.as_ref().map(|id| format!("ID {id}")),
        first.birth_date.as_deref().map(|born| format!("born {}", date(born))),
        first.sex.clone(),
    ]);
    (!known.is_empty()).then(|| format!("patient  {known}"))
}

fn series_title(first: &Entry, instances: usize) -> String {
    joined([
        Some(first.series_number.map_or_else(|| "series".to_owned(), |number| format!("series {number}"))),
        first.modality.clone(),
        first.series_description.clone(),
        Some(count(instances, "instance")),
    ])
}

fn instance_title(entry: &Entry) -> String {
    let size = entry.columns.zip(entry.rows).filter(|_| entry.has_pixels);
    joined([
        Some(entry.instance_number.map_or_else(|| "-".to_owned(), |number| number.to_string())),
        entry.laterality.clone(),
        entry.view_position.clone(),
        entry.special(),
        size.map(|(columns, rows)| format!("{columns} x {rows}")),
        (entry.frames > 1).then(|| count(entry.frames as usize, "frame")),
        entry.has_pixels.then(|| uid::transfer_syntax_name(&entry.transfer_syntax)),
        (!entry.has_pixels)
            .then(|| entry.sop_class.as_deref().map_or("no image".into(), uid::sop_class_name)),
        Some(entry.path.display().to_string()),
    ])
}

fn counts(report: &ScanReport) -> String {
    let index = &report.index;
    let series: usize = index.studies.iter().map(|study| study.series.len()).sum();
    let studies =
        if index.studies.len() == 1 { "1 study".into() } else { format!("{} studies", index.studies.len()) };
    // The plural of series is series.
    let mut text = format!("{studies}, {series} series, {}", count(index.len(), "instance"));
    let besides = [
        (index.duplicates, "left out: the same object came twice"),
        (report.left_out.objects, "left out: they do not match the filter"),
        (report.skipped, "skipped: not DICOM"),
        (report.failed.len(), "could not be read"),
    ];
    for (number, what) in besides.into_iter().filter(|(number, _)| *number > 0) {
        write!(text, "\n{} {what}", count(number, "file")).ok();
    }
    text
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// `20240131` as `2024-01-31`; anything else as it is.
fn date(text: &str) -> String {
    match text.as_bytes() {
        [b'0'..=b'9', ..] if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
        }
        _ => text.to_owned(),
    }
}

/// `101530.25` as `10:15`.
fn time(text: &str) -> Option<String> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Some(format!("{}:{}", &digits[..2], &digits[2..]))
}

/// `DOE^JANE^^DR` as `DOE, JANE DR`; of several writings of a name, the first.
fn name(text: &str) -> String {
    let writing = text.split('=').find(|part| !part.is_empty()).unwrap_or_default();
    let mut parts = writing.split('^').map(str::trim);
    let family = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    if rest.is_empty() { family.to_owned() } else { format!("{family}, {}", rest.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_dates_and_times_read_well() {
        assert_eq!(name("DOE^JANE^^DR"), "DOE, JANE DR");
        assert_eq!(name("Yamada^Tarou=山田^太郎=やまだ^たろう"), "Yamada, Tarou");
        assert_eq!(name("=山田^太郎"), "山田, 太郎");
        assert_eq!(name("Solo"), "Solo");
        assert_eq!(date("20240131"), "2024-01-31");
        assert_eq!(date("2024.01.31"), "2024.01.31");
        assert_eq!(date("１２"), "１２");
        assert_eq!(time("101530.25").as_deref(), Some("10:15"));
        assert_eq!(time("１0"), None);
    }

    #[test]
    fn an_empty_report_still_answers() {
        let report = ScanReport::default();
        assert_eq!(to_text(&report), "0 studies, 0 series, 0 instances");
        let json = serde_json::to_value(Report::from(&report)).expect("json");
        assert_eq!(json["studies"], serde_json::json!([]));
        assert_eq!(json["skipped"], 0);
    }
}
