use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::dicomweb::Answer;

/// Answers from a function of the target, and remembers what was asked.
struct Fake<F> {
    answer: F,
    asked: Mutex<Vec<String>>,
}

impl<F: Fn(&str) -> Result<(&'static str, String), WebError> + Send + Sync> Fake<F> {
    fn new(answer: F) -> Self {
        Self { answer, asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the list").clone()
    }
}

impl<F: Fn(&str) -> Result<(&'static str, String), WebError> + Send + Sync> Transport for Fake<F> {
    fn base(&self) -> &str {
        "http://pacs"
    }

    fn get(&self, target: &str, _: &str, _: &Watch) -> Result<Answer, WebError> {
        self.asked.lock().expect("the list").push(target.to_owned());
        let (content_type, body) = (self.answer)(target)?;
        let body = std::io::Cursor::new(body.into_bytes());
        Ok(Answer { content_type: content_type.to_owned(), length: None, body: Box::new(body) })
    }
}

fn parameter(target: &str, name: &str) -> usize {
    let query = target.split('?').nth(1).unwrap_or_default();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.and_then(|value| value.parse().ok()).expect("a number")
}

fn study(uid: &str) -> Value {
    json!({ "0020000D": { "vr": "UI", "Value": [uid] } })
}

fn list(range: std::ops::Range<usize>) -> String {
    Value::from(range.map(|number| study(&format!("1.2.{number}"))).collect::<Vec<_>>()).to_string()
}

fn found(rows: &[StudyRow]) -> Vec<&str> {
    rows.iter().map(|row| row.study_uid.as_str()).collect()
}

fn read(text: &str) -> Result<Vec<StudyRow>, WebError> {
    rows::read(text.as_bytes(), "application/dicom+json").map(|(rows, _)| rows)
}

#[test]
fn a_study_is_read_whole() {
    let rows = read(
        &json!([{
            "00080020": { "vr": "DA", "Value": ["20260301"] },
            "00080030": { "vr": "TM", "Value": ["101112.5"] },
            "00080050": { "vr": "SH", "Value": ["A7"] },
            "00080061": { "vr": "CS", "Value": ["MG", "SR"] },
            "00081030": { "vr": "LO", "Value": ["Screening"] },
            "00100010": { "vr": "PN", "Value": [{
                "Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう" }] },
            "00100020": { "vr": "LO", "Value": ["P1"] },
            "00100021": { "vr": "LO", "Value": ["Here"] },
            "00100030": { "vr": "DA", "Value": ["19700101"] },
            "00100040": { "vr": "CS", "Value": ["F"] },
            "0020000D": { "vr": "UI", "Value": ["1.2.3"] },
            "00201206": { "vr": "IS", "Value": [4] },
            "00201208": { "vr": "IS", "Value": ["12"] },
        }])
        .to_string(),
    );
    let expected = StudyRow {
        study_uid: "1.2.3".into(),
        patient_name: "Yamada^Tarou=山田^太郎=やまだ^たろう".into(),
        patient_id: "P1".into(),
        issuer: "Here".into(),
        date: "20260301".into(),
        time: "101112.5".into(),
        description: "Screening".into(),
        modalities: vec!["MG".into(), "SR".into()],
        accession: "A7".into(),
        series: Some(4),
        instances: Some(12),
        birth_date: "19700101".into(),
        sex: "F".into(),
    };
    assert_eq!(rows, Ok(vec![expected]));
}

#[test]
fn series_and_instances_are_read() {
    let text = json!([{
        "0020000E": { "vr": "UI", "Value": ["1.5"] }, "00080060": { "vr": "CS", "Value": ["MG"] },
        "00200011": { "vr": "IS", "Value": ["-3"] }, "0008103E": { "vr": "LO", "Value": ["R MLO"] },
        "00201209": { "vr": "IS", "Value": [2.0] }, "00080018": { "vr": "UI", "Value": ["1.6"] },
        "00280008": { "vr": "IS", "Value": [60] }, "00280010": { "vr": "US", "Value": [2560] },
    }])
    .to_string();
    let (series, _) = rows::read::<SeriesRow>(text.as_bytes(), "").expect("rows");
    assert_eq!(
        (series[0].series_uid.as_str(), series[0].number, series[0].instances),
        ("1.5", Some(-3), Some(2))
    );
    let (instances, _) = rows::read::<InstanceRow>(text.as_bytes(), "").expect("rows");
    let row = &instances[0];
    assert_eq!((row.instance_uid.as_str(), row.series_uid.as_str(), row.frames), ("1.6", "1.5", Some(60)));
    assert_eq!((row.rows, row.columns), (Some(2560), None));
}

#[test]
fn rows_are_read_from_whatever_resembles_them() {
    let uid =
        |text: &str| read(text).map(|rows| rows.into_iter().map(|row| row.study_uid).collect::<Vec<_>>());
    let none = Ok(Vec::new());
    assert_eq!(uid(""), none);
    assert_eq!(uid(" \r\n"), none);
    assert_eq!(uid("[]"), none);
    assert_eq!(uid("{}"), none);
    assert_eq!(uid("null"), none);
    assert_eq!(uid(&format!("\u{feff}[{}]", study("1.2"))), Ok(vec!["1.2".to_owned()]));
    assert_eq!(uid(&study("1.2").to_string()), Ok(vec!["1.2".to_owned()]));
    assert_eq!(uid(r#"[{"0020000d":{"Value":"1.2\u0000"}}]"#), Ok(vec!["1.2".to_owned()]));
    // A UID that is none would be a path somewhere.
    for bad in ["../../etc", "", "1..2", ".1", "1.2/3", "1.2 3", "x"] {
        assert_eq!(uid(&json!([study(bad)]).to_string()), none, "{bad}");
    }
    assert_eq!(uid(&json!([study(&"1".repeat(65))]).to_string()), none);
    let odd = r#"[{"0020000D":{"Value":["1.2"]},"00100010":{"Value":["DOE^J\u001b[2J"]},
        "00080061":{"Value":["MG\\SR"]},"00201208":{"Value":[-1]},"00080020":{"Value":["2026-03-01"]},
        "00081030":{},"00100020":{"Value":[null]},"00080050":{"Value":[[1]]},"00100040":7}]"#;
    let row = &read(odd).expect("rows")[0];
    assert_eq!((row.patient_name.as_str(), row.date.as_str()), ("DOE^J[2J", "20260301"));
    assert_eq!((row.modalities.len(), row.instances), (2, None));
}

#[test]
fn what_is_no_list_is_refused_and_named() {
    for text in ["<html>", "[1]", "7", "\"x\"", "[{}", &"[".repeat(100_000)] {
        assert!(matches!(read(text), Err(WebError::Nonsense(_))), "{text:.20}");
    }
    let error = rows::read::<StudyRow>(b"<html>", "text/html; charset=x").expect_err("a page for people");
    assert!(error.to_string().contains("text/html is no list"), "{error}");
}

#[test]
fn pages_are_asked_for_until_one_is_empty() {
    let all = |target: &str| {
        let (limit, offset) = (parameter(target, "limit"), parameter(target, "offset"));
        let text = if offset >= 25 { String::new() } else { list(offset..(offset + limit).min(25)) };
        Ok(("application/dicom+json", text))
    };
    let server = Fake::new(all);
    let rows = find_studies(&StudyQuery::default(), 10).all(1000, &server, &Watch::default()).expect("rows");
    assert_eq!(rows.len(), 25);
    assert_eq!(server.asked().len(), 4);
    // A server whose pages are shorter than asked for has more to say.
    let capped = Fake::new(|target: &str| {
        let offset = parameter(target, "offset");
        Ok(("", if offset >= 25 { String::new() } else { list(offset..(offset + 4).min(25)) }))
    });
    let rows = find_studies(&StudyQuery::default(), 10).all(1000, &capped, &Watch::default()).expect("rows");
    assert_eq!(rows.len(), 25);
    // Enough is enough.
    let rows = find_studies(&StudyQuery::default(), 10).all(11, &server, &Watch::default()).expect("rows");
    assert_eq!(rows.len(), 20);
}

#[test]
fn servers_that_know_no_pages_do_not_keep_us() {
    let everything = Fake::new(|_: &str| Ok(("", list(0..25))));
    let rows =
        find_studies(&StudyQuery::default(), 10).all(1000, &everything, &Watch::default()).expect("rows");
    assert_eq!((rows.len(), everything.asked().len()), (25, 1));
    // Keeps to the limit, knows no offset.
    let repeats = Fake::new(|_: &str| Ok(("", list(0..10))));
    let rows = find_studies(&StudyQuery::default(), 10).all(1000, &repeats, &Watch::default()).expect("rows");
    assert_eq!((rows.len(), repeats.asked().len()), (10, 2));
    let beyond = Fake::new(|target: &str| match parameter(target, "offset") {
        0 => Ok(("", list(0..10))),
        _ => Err(WebError::NotFound(String::new())),
    });
    let rows = find_studies(&StudyQuery::default(), 10).all(1000, &beyond, &Watch::default()).expect("rows");
    assert_eq!(rows.len(), 10);
    let missing = Fake::new(|_: &str| Err(WebError::NotFound(String::new())));
    assert!(find_series("1.2").all(10, &missing, &Watch::default()).is_err());
}

#[test]
fn priors_are_those_of_the_same_person_and_the_newest_first() {
    let server = Fake::new(|target: &str| {
        let row = |uid: &str, id: &str, issuer: &str, date: &str| {
            json!({ "0020000D": { "Value": [uid] }, "00100020": { "Value": [id] },
                    "00100021": { "Value": [issuer] }, "00080020": { "Value": [date] } })
        };
        let rows = json!([
            row("1.1", "P1", "", "20240101"),
            row("1.2", "P1", "Here", "20260101"),
            row("1.3", "P1", "There", "20250101"),
            row("1.4", "P12", "Here", "20250101"),
        ]);
        let first = parameter(target, "offset") == 0;
        Ok(("", if first { rows.to_string() } else { String::new() }))
    });
    let watch = Watch::default();
    let rows = priors(&server, " P1 ", Some("Here"), &watch).expect("rows");
    assert_eq!(found(&rows), ["1.2", "1.1"]);
    assert!(server.asked()[0].starts_with("/studies?PatientID=P1&"));
    assert_eq!(found(&priors(&server, "P1", None, &watch).expect("rows")), ["1.2", "1.3", "1.1"]);
    let asked = server.asked().len();
    for nobody in ["", " ", "*", "P?"] {
        assert_eq!(priors(&server, nobody, None, &watch), Ok(Vec::new()));
    }
    assert_eq!(server.asked().len(), asked);
}
