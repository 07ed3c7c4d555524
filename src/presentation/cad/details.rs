//! Findings in words: a title, a note beside it, and the details for whoever rests the pointer on one.

use super::intent::{Intent, Shown};
use super::model::{Algorithm, CadReport, Finding, Role, Row, Target};
use crate::presentation::sr::{Code, Content, Item, Number, Region3d};

/// Characters that are kept of one text of a report.
const LONGEST: usize = 400;
/// Images that are named; more are counted.
const MOST_IMAGES: usize = 6;

/// A text that fits a line or a few.
pub(super) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// A number with its unit, as the report has it.
pub(super) fn number(number: &Number) -> Option<String> {
    let measured = number.values.first()?;
    let text = short(if measured.text.is_empty() { return None } else { &measured.text });
    Some(match &measured.unit {
        Some(unit) if unit.is("%", "UCUM") => format!("{text}%"),
        Some(unit) if unit.is("1", "UCUM") || unit.value.starts_with('{') => text,
        Some(unit) => format!("{text} {}", short(&unit.value)),
        None => text,
    })
}

/// A property nobody else asks for: its name and its value, as the report words them.
pub(super) fn property(item: &Item) -> Option<(String, String)> {
    let value = match &item.content {
        Content::Text { value } | Content::Date { value } | Content::Time { value } => short(value),
        Content::Code { value } => short(value.as_ref()?.text()),
        Content::Number(value) => number(value)?,
        _ => return None,
    };
    Some((short(item.name.as_ref()?.text()), value))
}

/// Per cent without digits nobody can judge.
fn percent(value: f64) -> String {
    format!("{value:.0}%")
}

impl Finding {
    /// What it is.
    pub fn title(&self) -> String {
        let of_report = || self.code.as_ref().map_or_else(|| "Finding".to_owned(), |code| short(code.text()));
        self.kind.words().map_or_else(of_report, str::to_owned)
    }

    /// How sure CAD is: the probability of cancer, else the certainty of the finding.
    pub fn confidence(&self) -> Option<f64> {
        self.probability.or(self.certainty)
    }

    /// Names and values: what CAD says of it.
    pub fn details(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut say = |name: &str, value: Option<String>| {
            found.extend(value.filter(|value| !value.is_empty()).map(|value| (name.to_owned(), value)));
        };
        let code = self.code.as_ref();
        say("Finding", code.map(|code| short(code.text())).filter(|text| *text != self.title()));
        let modifiers: Vec<&str> = self.modifiers.iter().map(Code::text).collect();
        say("More closely", Some(short(&modifiers.join(", "))));
        say("Image", Some(self.images()));
        say("Frames", self.frames());
        say("Probability of cancer", self.probability.map(percent));
        say("Certainty", self.certainty.map(percent));
        say("Calcifications", self.calcifications.map(|count| count.to_string()));
        if self.intent != Intent::Required {
            say("Presentation", Some(self.intent.words().to_owned()));
        }
        say("Operating point", self.operating_point.map(|point| point.to_string()));
        say("Algorithm", Some(self.algorithm.words()));
        found.extend(self.properties.iter().cloned());
        found
    }

    fn images(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut more = 0;
        for image in self.places.iter().flat_map(|place| &place.images) {
            let name = image.words();
            if name.is_empty() || names.contains(&name) {
                continue;
            }
            if names.len() < MOST_IMAGES {
                names.push(name);
            } else {
                more += 1;
            }
        }
        let listed = names.join(", ");
        if more > 0 { format!("{listed} and {more} more") } else { listed }
    }

    /// `17 to 23`.
    fn frames(&self) -> Option<String> {
        let frames = &self.places.first()?.images.first()?.frames;
        match (frames.first()?, frames.last()?) {
            (one, other) if one == other => Some(one.to_string()),
            (first, last) => Some(format!("{first} to {last}")),
        }
    }
}

impl Algorithm {
    /// Name and version; empty where neither is known.
    pub fn words(&self) -> String {
        let parts = self.name.iter().chain(&self.version).map(String::as_str);
        parts.collect::<Vec<_>>().join(" ")
    }
}

impl CadReport {
    /// What is beside the title of a finding: how sure CAD is of it, or of what it is part of.
    pub fn note(&self, finding: usize) -> String {
        let own = self.findings.get(finding);
        let above = || self.findings.get(own?.parent? as usize)?.confidence();
        own.and_then(Finding::confidence).or_else(above).map(percent).unwrap_or_default()
    }

    /// The findings that may be listed, in the order of the report, those of others below them.
    pub fn rows(&self, shown: &Shown) -> Vec<Row> {
        let visible = self.visible(shown);
        let possible = self.visible(&Shown::EVERYTHING);
        let listed = self.findings.iter().enumerate().zip(possible.iter().zip(visible));
        let mut rows = Vec::new();
        for ((number, finding), (possible, shown)) in listed {
            // Twenty calcifications of a cluster are its marks, and no twenty rows.
            if *possible && !finding.in_cluster {
                rows.push(Row {
                    finding: number as u32,
                    depth: finding.depth,
                    title: finding.title(),
                    note: self.note(number),
                    images: finding.images(),
                    shown,
                });
            }
        }
        rows
    }

    /// Where to look for a finding: its own places, else those of its parts.
    pub fn targets(&self, finding: usize) -> Vec<Target> {
        let Some(own) = self.findings.get(finding) else { return Vec::new() };
        let found = own.targets();
        if !found.is_empty() {
            return found;
        }
        let parts = own.parts.iter().filter_map(|part| self.findings.get(*part as usize));
        parts.flat_map(|part| part.targets().into_iter().take(1)).take(MOST_TARGETS).collect()
    }

    /// Where in the patient to look for a finding that is on no image: its own place, else that of a part.
    pub fn target_in_space(&self, finding: usize) -> Option<&Region3d> {
        let own = self.findings.get(finding)?;
        let parts = own.parts.iter().filter_map(|part| self.findings.get(*part as usize));
        std::iter::once(own).chain(parts.take(MOST_TARGETS)).find_map(Finding::target_in_space)
    }
}

/// Places a finding leads to.
const MOST_TARGETS: usize = 64;

impl Finding {
    /// One place for each image it is on, the centre where there is one.
    pub fn targets(&self) -> Vec<Target> {
        let mut found: Vec<Target> = Vec::new();
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|place| !place.is_center());
        for place in places {
            let Some(point) = place.middle() else { continue };
            for image in &place.images {
                if found.len() >= MOST_TARGETS {
                    return found;
                }
                if !found.iter().any(|target| target.instance_uid == image.instance_uid) {
                    let (instance_uid, frame) = (image.instance_uid.clone(), image.middle_frame());
                    found.push(Target { instance_uid, frame, point });
                }
            }
        }
        found
    }
    fn target_in_space(&self) -> Option<&Region3d> {
        let center = self.places_in_space.iter().find(|place| place.role == Role::Center);
        center.or_else(|| self.places_in_space.first()).map(|place| &place.region)
    }
}
