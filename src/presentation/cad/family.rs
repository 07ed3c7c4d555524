//! Which templates a report follows.

use super::codes;
use crate::presentation::sr::Report;

/// What is looked at: TID 4000, 4100, 4120.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Mammography,
    Chest,
    Colon,
}

/// SOP classes and titles.
const FAMILIES: [(&str, codes::Concept, Family); 3] = [
    ("1.2.840.10008.5.1.4.1.1.88.50", codes::MAMMOGRAPHY_REPORT, Family::Mammography),
    ("1.2.840.10008.5.1.4.1.1.88.65", codes::CHEST_REPORT, Family::Chest),
    ("1.2.840.10008.5.1.4.1.1.88.69", codes::COLON_REPORT, Family::Colon),
];

impl Family {
    /// What objects of a class are, before they are read; `None` where they are no CAD reports.
    pub fn of_class(sop_class_uid: &str) -> Option<Self> {
        FAMILIES.iter().find(|(uid, ..)| *uid == sop_class_uid).map(|(.., family)| *family)
    }

    /// What a report is, by its class, or by its title where an archive changed the class; `None` of other reports.
    pub fn of(report: &Report) -> Option<Self> {
        let title = report.title();
        let by_title =
            || FAMILIES.iter().find(|(_, concept, _)| title.is_some_and(|title| title.is_any(&[*concept])));
        Self::of_class(&report.header.sop_class_uid).or_else(|| by_title().map(|(.., family)| *family))
    }
}
