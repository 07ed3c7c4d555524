//! What somebody looks for, and the searches it makes.

use chrono::{Days, NaiveDate};

use crate::dicomweb::{StudyQuery, date_range};

/// Modalities to choose from; the one that matters most here comes first.
pub const MODALITIES: &[&str] = &["MG", "US", "MR", "CT", "DX", "CR", "XA", "NM", "PT"];

/// When a study was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Period {
    #[default]
    Any,
    Today,
    Week,
    Month,
    /// As it was typed.
    Own,
}

impl Period {
    pub const QUICK: &[(Self, &str)] =
        &[(Self::Any, "any"), (Self::Today, "today"), (Self::Week, "7 days"), (Self::Month, "30 days")];
}

/// What was typed and chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// A name, an identifier, an accession number, a date or a UID.
    pub text: String,
    pub modality: Option<&'static str>,
    pub period: Period,
    /// A day, a month, a year, or a range of them: what [`Period::Own`] means.
    pub dates: String,
}

impl Form {
    /// The searches this makes, one after another.
    ///
    /// # Errors
    /// What was typed as a date is none.
    pub fn queries(&self, today: NaiveDate) -> Result<Vec<StudyQuery>, String> {
        let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        let since = |first: NaiveDate| format!("{}-", first.format("%Y%m%d"));
        let dates = match self.period {
            Period::Any => String::new(),
            Period::Today => today.format("%Y%m%d").to_string(),
            // The clocks of two machines need not agree: what seems to come from tomorrow is of today.
            Period::Week => since(back(6)),
            Period::Month => since(back(29)),
            Period::Own if self.dates.trim().is_empty() => String::new(),
            Period::Own => date_range(&self.dates).ok_or_else(|| {
                "a date is written as 2026-03-01, 2026-03 or 2026, a range with two dots between: 2026-01..2026-03"
                    .to_owned()
            })?,
        };
        let mut queries = StudyQuery::from_text(&self.text);
        for query in &mut queries {
            // A date typed into the search itself says more than a period.
            if query.study_date.is_empty() {
                query.study_date.clone_from(&dates);
            }
            query.modality = self.modality.unwrap_or_default().to_owned();
        }
        Ok(queries)
    }
}
