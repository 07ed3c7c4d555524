//! What a search found: rows from DICOM JSON, as tolerant as servers are free.
//!
//! Numbers may be texts and texts numbers, a person's name a text instead of groups, a list of one the object
//! itself. A row without a usable UID leads nowhere and is left out.

use serde_json::{Map, Value};

use crate::dicom::uid::is_uid;

use super::WebError;

/// A study, as a search answers with it. What the server does not say is empty or `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyRow {
    pub study_uid: String,
    /// All component groups there are, as in a file: `Yamada^Tarou=山田^太郎=やまだ^たろう`.
    pub patient_name: String,
    pub patient_id: String,
    pub issuer: String,
    /// `YYYYMMDD`.
    pub date: String,
    pub time: String,
    pub description: String,
    pub modalities: Vec<String>,
    pub accession: String,
    pub series: Option<u64>,
    pub instances: Option<u64>,
    pub birth_date: String,
    pub sex: String,
}

/// A series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesRow {
    pub study_uid: String,
    pub series_uid: String,
    pub modality: String,
    pub number: Option<i64>,
    pub description: String,
    pub body_part: String,
    pub instances: Option<u64>,
}

/// An instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceRow {
    pub series_uid: String,
    pub instance_uid: String,
    pub class_uid: String,
    pub number: Option<i64>,
    pub frames: Option<u64>,
    pub rows: Option<u64>,
    pub columns: Option<u64>,
}

/// One kind of row.
pub trait Row: Sized {
    /// From one object of DICOM JSON; `None` where it has no usable UID.
    fn read(item: &Item<'_>) -> Option<Self>;
    fn uid(&self) -> &str;
}

impl Row for StudyRow {
    fn read(item: &Item<'_>) -> Option<Self> {
        let mut modalities = item.texts("00080061");
        modalities.retain(|modality| !modality.is_empty());
        Some(Self {
            study_uid: item.uid("0020000D")?,
            patient_name: item.person("00100010"),
            patient_id: item.text("00100020"),
            issuer: item.text("00100021"),
            // Some write it as they show it.
            date: item.text("00080020").replace(['-', '.'], ""),
            time: item.text("00080030"),
            description: item.text("00081030"),
            modalities,
            accession: item.text("00080050"),
            series: item.count("00201206"),
            instances: item.count("00201208"),
            birth_date: item.text("00100030"),
            sex: item.text("00100040"),
        })
    }

    fn uid(&self) -> &str {
        &self.study_uid
    }
}

impl Row for SeriesRow {
    fn read(item: &Item<'_>) -> Option<Self> {
        Some(Self {
            study_uid: item.text("0020000D"),
            series_uid: item.uid("0020000E")?,
            modality: item.text("00080060"),
            number: item.number("00200011"),
            description: item.text("0008103E"),
            body_part: item.text("00180015"),
            instances: item.count("00201209"),
        })
    }

    fn uid(&self) -> &str {
        &self.series_uid
    }
}

impl Row for InstanceRow {
    fn read(item: &Item<'_>) -> Option<Self> {
        Some(Self {
            series_uid: item.uid("0020000E").unwrap_or_default(),
            instance_uid: item.uid("00080018")?,
            class_uid: item.text("00080016"),
            number: item.number("00200013"),
            frames: item.count("00280008"),
            rows: item.count("00280010"),
            columns: item.count("00280011"),
        })
    }

    fn uid(&self) -> &str {
        &self.instance_uid
    }
}

/// The rows of an answer, and how many there were with those that are none. Nothing at all means no rows.
pub(super) fn read<R: Row>(bytes: &[u8], content_type: &str) -> Result<(Vec<R>, usize), WebError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok((Vec::new(), 0));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| no_rows(content_type))?;
    let items = match value {
        Value::Array(items) => items,
        Value::Object(item) if item.is_empty() => Vec::new(),
        item @ Value::Object(_) => vec![item],
        Value::Null => Vec::new(),
        _ => return Err(no_rows(content_type)),
    };
    let objects: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
    if objects.len() < items.len() {
        return Err(no_rows(content_type));
    }
    let rows = objects.iter().filter_map(|object| R::read(&Item(object))).collect();
    Ok((rows, items.len()))
}

fn no_rows(content_type: &str) -> WebError {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let what = if essence.is_empty() || essence.contains("json") { "the answer" } else { essence };
    let what: String = what.chars().filter(|letter| !letter.is_control()).take(80).collect();
    WebError::Nonsense(format!("{what} is no list of DICOM JSON"))
}

/// One object of DICOM JSON, with the few readings a row needs.
pub struct Item<'a>(&'a Map<String, Value>);

impl Item<'_> {
    fn values(&self, tag: &str) -> &[Value] {
        let element = self.0.get(tag).or_else(|| self.0.get(&tag.to_ascii_lowercase()));
        match element.and_then(|element| element.get("Value")) {
            Some(Value::Array(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }

    fn texts(&self, tag: &str) -> Vec<String> {
        // Some send several values as one, as a file would have them.
        let texts = self.values(tag).iter().map(text);
        texts.flat_map(|text| text.split('\\').map(|one| one.trim().to_owned()).collect::<Vec<_>>()).collect()
    }

    fn text(&self, tag: &str) -> String {
        self.values(tag).first().map(text).unwrap_or_default()
    }

    fn uid(&self, tag: &str) -> Option<String> {
        Some(self.text(tag)).filter(|uid| is_uid(uid))
    }

    fn number(&self, tag: &str) -> Option<i64> {
        match self.values(tag).first()? {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|value| value as i64)),
            other => text(other).parse().ok(),
        }
    }

    fn count(&self, tag: &str) -> Option<u64> {
        self.number(tag).and_then(|number| u64::try_from(number).ok())
    }

    fn person(&self, tag: &str) -> String {
        let Some(Value::Object(groups)) = self.values(tag).first() else { return self.text(tag) };
        let group = |name: &str| groups.get(name).map(text).unwrap_or_default();
        let all = ["Alphabetic", "Ideographic", "Phonetic"].map(group).join("=");
        all.trim_end_matches('=').to_owned()
    }
}

/// A value as text, without what would move a cursor.
fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    text.trim().trim_end_matches('\0').chars().filter(|letter| !letter.is_control()).collect()
}
