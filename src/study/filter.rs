//! Which objects to take: conditions on what a header says of patient, study and series.
//!
//! Conditions come as text, `FIELD=VALUE`, and compare with decoded values, without regard to case.

use std::collections::BTreeSet;
use std::fmt;

use super::entry::Entry;

/// What a condition may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    PatientId,
    PatientName,
    StudyDescription,
    StudyDate,
    StudyUid,
    SeriesDescription,
    SeriesNumber,
    SeriesUid,
    Modality,
}

impl Field {
    pub const ALL: [Self; 9] = [
        Self::PatientId,
        Self::PatientName,
        Self::StudyDescription,
        Self::StudyDate,
        Self::StudyUid,
        Self::SeriesDescription,
        Self::SeriesNumber,
        Self::SeriesUid,
        Self::Modality,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::PatientId => "patient_id",
            Self::PatientName => "patient_name",
            Self::StudyDescription => "study_description",
            Self::StudyDate => "study_date",
            Self::StudyUid => "study_uid",
            Self::SeriesDescription => "series_description",
            Self::SeriesNumber => "series_number",
            Self::SeriesUid => "series_uid",
            Self::Modality => "modality",
        }
    }

    /// By name, however it is cased and with dashes for underscores.
    fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The value as it is in an object.
    fn of(self, entry: &Entry) -> Option<String> {
        match self {
            Self::PatientId => entry.patient_id.clone(),
            Self::PatientName => entry.patient_name.clone(),
            Self::StudyDescription => entry.study_description.clone(),
            Self::StudyDate => entry.study_date.clone(),
            Self::StudyUid => entry.study_uid.clone(),
            Self::SeriesDescription => entry.series_description.clone(),
            Self::SeriesNumber => entry.series_number.map(|number| number.to_string()),
            Self::SeriesUid => entry.series_uid.clone(),
            Self::Modality => entry.modality.clone(),
        }
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub field: Field,
    /// As it was typed.
    pub value: String,
    /// As it is compared.
    wanted: String,
}

impl Condition {
    /// From `FIELD=VALUE`; the error says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = || Field::ALL.map(Field::name).join(", ");
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("expected FIELD=VALUE; the fields are {}", names()))?;
        let field = Field::parse(name)
            .ok_or_else(|| format!("there is no field {}; the fields are {}", name.trim(), names()))?;
        let value = value.trim();
        if value.is_empty() {
            return Err(format!("{} needs a value to look for", field.name()));
        }
        if field == Field::SeriesNumber && value.parse::<i64>().is_err() {
            return Err(format!("series_number is a whole number, for example series_number=3, not {value}"));
        }
        let wanted = match field {
            Field::PatientName => spaced(value),
            Field::StudyDate => value.replace(['-', '.'], ""),
            _ => value.to_owned(),
        };
        Ok(Self { field, value: value.to_owned(), wanted: wanted.to_lowercase() })
    }

    pub fn matches(&self, entry: &Entry) -> bool {
        let Some(value) = self.field.of(entry) else { return false };
        match self.field {
            // A number is the number or it is not: 1 is no part of 10.
            Field::SeriesNumber => {
                self.wanted.parse::<i64>().is_ok_and(|wanted| entry.series_number == Some(wanted))
            }
            // Every writing of the name by itself: letters, ideographs, phonetic.
            Field::PatientName => value.split('=').any(|group| self.is_in(&spaced(group))),
            Field::StudyDate => self.is_in(&value.replace('.', "")),
            _ => self.is_in(&value),
        }
    }

    fn is_in(&self, value: &str) -> bool {
        value.to_lowercase().contains(&self.wanted)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.field.name(), self.value)
    }
}

/// A name with one blank between its parts: `DOE^JANE`, `Doe, Jane` and `doe jane` are the same name.
fn spaced(name: &str) -> String {
    let parts = name.split(|c: char| c.is_whitespace() || matches!(c, '^' | '=' | ','));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Conditions that must all hold. Without any, everything is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub conditions: Vec<Condition>,
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    pub fn matches(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|condition| condition.matches(entry))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, condition) in self.conditions.iter().enumerate() {
            write!(f, "{}{condition}", if at > 0 { " and " } else { "" })?;
        }
        Ok(())
    }
}

/// Values remembered of one field.
const REMEMBERED: usize = 12;

/// What a filter left out: how much, and which values there would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub objects: usize,
    /// Per field of the filter the first values met, and whether there were more.
    pub values: Vec<(Field, BTreeSet<String>, bool)>,
}

impl LeftOut {
    pub fn of(filter: &Filter) -> Self {
        let fields: BTreeSet<Field> = filter.conditions.iter().map(|condition| condition.field).collect();
        let values = fields.into_iter().map(|field| (field, BTreeSet::new(), false)).collect();
        Self { objects: 0, values }
    }

    pub fn add(&mut self, entry: &Entry) {
        self.objects += 1;
        for (field, values, more) in &mut self.values {
            let Some(value) = field.of(entry) else { continue };
            if values.len() < REMEMBERED || values.contains(&value) {
                values.insert(value);
            } else {
                *more = true;
            }
        }
    }

    /// Says that nothing matched, and what there was.
    pub fn explain(&self, filter: &Filter) -> String {
        let objects = if self.objects == 1 { "1 object".into() } else { format!("{} objects", self.objects) };
        let mut text = format!("nothing matches {filter}; {objects} did not");
        for (field, values, more) in &self.values {
            let listed: Vec<&str> = values.iter().map(String::as_str).collect();
            let dots = if *more { ", ..." } else { "" };
            let said = if listed.is_empty() {
                "not given".to_owned()
            } else {
                format!("{}{dots}", listed.join(", "))
            };
            text.push_str(&format!("; {} there: {said}", field.name()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            patient_id: Some("ABC-123".into()),
            patient_name: Some("Yamada^Tarou=山田^太郎=やまだ^たろう".into()),
            study_date: Some("20240131".into()),
            study_description: Some("Müller ÜBERSICHT".into()),
            series_number: Some(10),
            modality: Some("MR".into()),
            ..Entry::default()
        }
    }

    #[track_caller]
    fn holds(text: &str) -> bool {
        Condition::parse(text).expect("a condition").matches(&entry())
    }

    #[test]
    fn values_compare_as_parts_and_without_case() {
        for text in [
            "patient_id=c-12",
            "PATIENT-ID=abc",
            "study_description=übersicht",
            "study_description= müller ",
            "study_date=2024-01-31",
            "study_date=202401",
            "modality=mr",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in ["patient_id=124", "modality=ct", "series_description=x", "study_date=2025"] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn names_match_in_any_writing() {
        for text in ["patient_name=yamada tarou", "patient_name=YAMADA^TAR", "patient_name=Yamada, Tarou"] {
            assert!(holds(text), "{text}");
        }
        assert!(holds("patient_name=太郎"));
        assert!(holds("patient_name=山田 太郎"));
        assert!(holds("patient_name=やまだ"));
        assert!(!holds("patient_name=tarou 山田"), "writings are not read across");
    }

    #[test]
    fn a_number_is_no_part_of_a_number() {
        assert!(holds("series_number=10"));
        assert!(holds("series_number=+010"));
        assert!(!holds("series_number=1"));
        assert!(Condition::parse("series_number=one").is_err());
    }

    #[test]
    fn what_is_not_understood_names_the_fields() {
        for wrong in ["bodypart=x", "patient_id", "", "=x"] {
            let error = Condition::parse(wrong).expect_err(wrong);
            for field in Field::ALL {
                assert!(error.contains(field.name()), "{error}");
            }
        }
        assert!(Condition::parse("modality=").is_err());
        assert!(
            holds("study_date=2024") && Condition::parse("patient_id=a=b").expect("parses").value == "a=b"
        );
    }

    #[test]
    fn all_conditions_must_hold_and_what_there_was_is_said() {
        let both =
            |a, b| Filter { conditions: [a, b].map(|text| Condition::parse(text).expect(text)).into() };
        assert!(both("modality=MR", "patient_id=abc").matches(&entry()));
        let filter = both("modality=CT", "patient_id=abc");
        assert!(!filter.matches(&entry()));
        let mut left_out = LeftOut::of(&filter);
        left_out.add(&entry());
        let text = left_out.explain(&filter);
        assert_eq!(
            text,
            "nothing matches modality=CT and patient_id=abc; 1 object did not; patient_id there: ABC-123; \
             modality there: MR"
        );
    }
}
