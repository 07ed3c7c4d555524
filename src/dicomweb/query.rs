//! Searching a server by QIDO-RS: what to ask for.
//!
//! Values may hold the wildcards of the standard, `*` for any letters and `?` for one, where the attribute allows
//! them: names, descriptions and identifiers, never dates and UIDs. A name or description without a wildcard is
//! taken as its beginning, since nobody types the whole of one; everything else is taken as it is. Whether
//! matching minds case is up to the server, for names it usually does not.

use crate::dicom::uid::is_uid;

/// What a study has to be like. Whatever is empty or only blanks does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyQuery {
    pub patient_name: String,
    pub patient_id: String,
    /// A day or a range, as [`date_range`] reads them.
    pub study_date: String,
    /// One that some series of the study has.
    pub modality: String,
    pub accession: String,
    pub study_description: String,
    pub study_uid: String,
}

/// Description, which servers need not send unasked, beside what they have to.
const STUDY_FIELDS: &[&str] = &["00081030", "00080061", "00201206", "00201208"];
/// The body part tells series of one modality apart.
const SERIES_FIELDS: &[&str] = &["0008103E", "00180015", "00201209"];

impl StudyQuery {
    /// What somebody may mean who types into one field: searches that are to be made one after another. A date
    /// and a UID are known by their looks; what has digits is an identifier or an accession number; anything
    /// without them is a name.
    pub fn from_text(text: &str) -> Vec<Self> {
        let text = text.trim();
        let own = |fill: fn(&mut Self) -> &mut String| {
            let mut query = Self::default();
            text.clone_into(fill(&mut query));
            query
        };
        if text.is_empty() {
            return vec![Self::default()];
        }
        if is_uid(text) && text.matches('.').count() >= 3 {
            return vec![own(|query| &mut query.study_uid)];
        }
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        if !has_digit {
            return vec![own(|query| &mut query.patient_name)];
        }
        let mut queries = vec![own(|query| &mut query.patient_id), own(|query| &mut query.accession)];
        if date_range(text).is_some() {
            queries.insert(0, own(|query| &mut query.study_date));
        }
        if text.chars().any(char::is_alphabetic) {
            queries.push(own(|query| &mut query.patient_name));
        }
        queries
    }

    /// What follows the root, without the page.
    pub(super) fn target(&self) -> String {
        let date = date_range(&self.study_date).unwrap_or_else(|| clean(&self.study_date));
        let mut target = Target::new("/studies");
        target.add("PatientName", &beginning(&self.patient_name));
        target.add("PatientID", &clean(&self.patient_id));
        target.add("StudyDate", &date);
        target.add("ModalitiesInStudy", &clean(&self.modality));
        target.add("AccessionNumber", &clean(&self.accession));
        target.add("StudyDescription", &beginning(&self.study_description));
        target.add("StudyInstanceUID", &clean(&self.study_uid));
        target.include(STUDY_FIELDS)
    }
}

/// The series of a study.
pub(super) fn series_target(study: &str) -> String {
    Target::new(&format!("/studies/{}", encoded(study))).below("series").include(SERIES_FIELDS)
}

/// The instances of a study, or of one of its series.
pub(super) fn instances_target(study: &str, series: Option<&str>) -> String {
    let mut target = Target::new(&format!("/studies/{}", encoded(study)));
    if let Some(series) = series {
        target = target.below("series").below(series);
    }
    target.below("instances").text
}

/// A date as QIDO-RS wants it, from what people write: `2026-03-01`, `20260301`, a month `2026-03`, a year `2026`,
/// and ranges of those with `..`, or with `-` between two dates of eight digits, either end open.
pub fn date_range(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let dashed =
        || text.split_once('-').filter(|(from, to)| [from, to].iter().all(|end| is_day_or_nothing(end)));
    let Some((from, to)) = text.split_once("..").or_else(dashed) else {
        let (first, last) = days(text)?;
        return Some(if first == last { first } else { format!("{first}-{last}") });
    };
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() && to.is_empty() {
        return None;
    }
    let first = if from.is_empty() { String::new() } else { days(from)?.0 };
    let last = if to.is_empty() { String::new() } else { days(to)?.1 };
    Some(format!("{first}-{last}"))
}

fn is_day_or_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || (text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// First and last day of a day, month or year.
fn days(text: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = match text.len() {
        8 if !text.contains('-') => vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?],
        _ => text.split('-').collect(),
    };
    let number = |part: &&str, digits: usize, most: u32| {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        let value: u32 = if is_number { part.parse().ok()? } else { return None };
        (1..=most).contains(&value).then_some(value)
    };
    let (year, rest) = parts.split_first()?;
    // A year of another age is more likely a number of a patient.
    let year = number(year, 4, 2199).filter(|year| *year >= 1850)?;
    match rest {
        [] => Some((format!("{year:04}0101"), format!("{year:04}1231"))),
        [month] => {
            let month = number(month, 2, 12)?;
            // A day too many in a range harms nobody.
            Some((format!("{year:04}{month:02}01"), format!("{year:04}{month:02}31")))
        }
        [month, day] => {
            let day = format!("{year:04}{:02}{:02}", number(month, 2, 12)?, number(day, 2, 31)?);
            Some((day.clone(), day))
        }
        _ => None,
    }
}

/// Without what no value can hold: a backslash would make it several.
fn clean(value: &str) -> String {
    value.trim().chars().filter(|letter| !letter.is_control() && *letter != '\\').collect()
}

fn beginning(value: &str) -> String {
    let mut value = clean(value);
    if !value.is_empty() && !value.contains(['*', '?']) {
        value.push('*');
    }
    value
}

struct Target {
    text: String,
}

impl Target {
    fn new(path: &str) -> Self {
        Self { text: path.to_owned() }
    }

    fn below(mut self, name: &str) -> Self {
        self.text.push('/');
        self.text.push_str(&encoded(name));
        self
    }

    fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.separate();
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&encoded(value));
        }
    }

    fn include(mut self, fields: &[&str]) -> String {
        self.separate();
        self.text.push_str("includefield=");
        self.text.push_str(&fields.join(","));
        self.text
    }

    fn separate(&mut self) {
        self.text.push(if self.text.contains('?') { '&' } else { '?' });
    }
}

/// Percent-encoded for a path or a query; the asterisk needs it in neither.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'*') {
            out.push(byte as char);
        } else {
            // Writing into a string cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &str = "includefield=00081030,00080061,00201206,00201208";

    #[test]
    fn queries_become_targets() {
        let empty = StudyQuery::default;
        let table: &[(StudyQuery, &str)] = &[
            (empty(), ""),
            (StudyQuery { patient_name: " DOE^JANE ".into(), ..empty() }, "PatientName=DOE%5EJANE*&"),
            (StudyQuery { patient_name: "d?e*".into(), ..empty() }, "PatientName=d%3Fe*&"),
            (StudyQuery { patient_name: "山田".into(), ..empty() }, "PatientName=%E5%B1%B1%E7%94%B0*&"),
            (StudyQuery { patient_id: "a+b&c=d\\e\r\n".into(), ..empty() }, "PatientID=a%2Bb%26c%3Dde&"),
            (
                StudyQuery { study_date: "2026-01-01..2026-02".into(), modality: "MG".into(), ..empty() },
                "StudyDate=20260101-20260231&ModalitiesInStudy=MG&",
            ),
            (
                StudyQuery { accession: "A 1".into(), study_description: "breast".into(), ..empty() },
                "AccessionNumber=A%201&StudyDescription=breast*&",
            ),
            (StudyQuery { study_uid: "1.2.3".into(), ..empty() }, "StudyInstanceUID=1.2.3&"),
        ];
        for (query, expected) in table {
            assert_eq!(query.target(), format!("/studies?{expected}{FIELDS}"));
        }
        assert_eq!(instances_target("1.2", None), "/studies/1.2/instances");
        assert_eq!(instances_target("1.2", Some("3/../4")), "/studies/1.2/series/3%2F..%2F4/instances");
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("20260301", Some("20260301")),
            (" 2026-03-01 ", Some("20260301")),
            ("2026-03", Some("20260301-20260331")),
            ("2026", Some("20260101-20261231")),
            ("20260301-20260401", Some("20260301-20260401")),
            ("20260301-", Some("20260301-")),
            ("-20260301", Some("-20260301")),
            ("2025..2026", Some("20250101-20261231")),
            ("..2026-03-01", Some("-20260301")),
            ("2026-03-01..", Some("20260301-")),
            ("2026-13", None),
            ("2026-3-1", None),
            ("..", None),
            ("-", None),
            ("", None),
            ("12345678901", None),
            ("DOE", None),
            ("٢٠٢٦", None),
        ] {
            assert_eq!(date_range(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn one_field_serves_for_all() {
        let asked = |text: &str| -> Vec<String> {
            let targets = StudyQuery::from_text(text).into_iter().map(|query| query.target());
            targets
                .map(|target| {
                    target.trim_start_matches("/studies?").split('&').next().unwrap_or("").to_owned()
                })
                .collect()
        };
        assert_eq!(asked("  "), [FIELDS]);
        assert_eq!(asked("Doe^J"), ["PatientName=Doe%5EJ*"]);
        assert_eq!(asked("1.2.840.10008"), ["StudyInstanceUID=1.2.840.10008"]);
        assert_eq!(asked("4711"), ["PatientID=4711", "AccessionNumber=4711"]);
        assert_eq!(asked("PAT-7"), ["PatientID=PAT-7", "AccessionNumber=PAT-7", "PatientName=PAT-7*"]);
        assert_eq!(
            asked("2026-03-01"),
            ["StudyDate=20260301", "PatientID=2026-03-01", "AccessionNumber=2026-03-01"]
        );
    }
}
