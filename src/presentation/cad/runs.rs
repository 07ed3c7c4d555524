//! What was looked for: detections and analyses that were run, and their operating points (TID 4015 to 4018, 4023).

use super::codes;
use super::kind::Kind;
use super::model::Algorithm;
use crate::presentation::sr::{Code, Content, Item, ItemId, Number, Report};

/// One thing that was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was looked for; of analyses, what was asked.
    pub what: Code,
    pub kind: Kind,
    /// An analysis, and not a detection.
    pub is_analysis: bool,
    pub succeeded: bool,
    pub algorithm: Algorithm,
}

/// The operating points of one kind of finding.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatingPoints {
    pub what: Code,
    pub kind: Kind,
    pub algorithm: Algorithm,
    /// The highest; they begin with 0.
    pub maximum: u32,
    pub recommended: Option<u32>,
    /// What is known of each; often nothing.
    pub points: Vec<OperatingPoint>,
}

/// One operating point.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatingPoint {
    pub point: u32,
    pub description: Option<String>,
    /// What can be expected there: names and values.
    pub expected: Vec<(String, String)>,
}

/// Operating points and descriptions that are kept of one detection.
const MOST_POINTS: usize = 256;
/// Items below one detection that are looked at; it can list every image.
const MOST_ITEMS: usize = 10_000;

/// A whole number that is not negative.
pub(super) fn whole(number: &Number) -> Option<u32> {
    let value = number.values.first()?.value?;
    (value.is_finite() && (0.0..=f64::from(u32::MAX)).contains(&value)).then_some(value as u32)
}

fn number_named(item: &Item, concept: codes::Concept) -> Option<&Number> {
    match &item.content {
        Content::Number(number) if item.name.as_ref()?.is_any(&[concept]) => Some(number),
        _ => None,
    }
}

/// What a run and its operating points are read from: the item that says what was looked for.
pub(super) fn read(report: &Report, id: ItemId, item: &Item) -> Option<(Run, Option<OperatingPoints>)> {
    let name = item.name.as_ref()?;
    let is_analysis = name.is_any(&[codes::ANALYSIS_PERFORMED]);
    if !is_analysis && !name.is_any(&[codes::DETECTION_PERFORMED]) {
        return None;
    }
    let Content::Code { value: Some(what) } = &item.content else { return None };
    let list = report.get(item.parent?)?.name.as_ref()?;
    let succeeded = if list.is_any(&[codes::SUCCESSFUL_DETECTIONS, codes::SUCCESSFUL_ANALYSES]) {
        true
    } else if list.is_any(&[codes::FAILED_DETECTIONS, codes::FAILED_ANALYSES]) {
        false
    } else {
        return None;
    };
    let kind = Kind::of(what);
    let mut algorithm = Algorithm::default();
    let mut points = OperatingPoints {
        what: what.clone(),
        kind,
        algorithm: Algorithm::default(),
        maximum: 0,
        recommended: None,
        points: Vec::new(),
    };
    let mut has_points = false;
    for (below, child) in report.below(id).take(MOST_ITEMS) {
        algorithm.read(child);
        if let Some(number) = number_named(child, codes::MAXIMUM_OPERATING_POINT) {
            points.maximum = whole(number).unwrap_or_default();
            has_points = true;
        } else if let Some(number) = number_named(child, codes::RECOMMENDED_OPERATING_POINT) {
            points.recommended = whole(number);
            has_points = true;
        } else if let Some(number) = number_named(child, codes::OPERATING_POINT)
            && points.points.len() < MOST_POINTS
        {
            points.points.extend(whole(number).map(|point| described(report, below, point)));
            has_points = true;
        }
    }
    points.points.sort_by_key(|point| point.point);
    points.algorithm.clone_from(&algorithm);
    let run = Run { what: what.clone(), kind, is_analysis, succeeded, algorithm };
    Some((run, has_points.then_some(points)))
}

fn described(report: &Report, id: ItemId, point: u32) -> OperatingPoint {
    let mut found = OperatingPoint { point, description: None, expected: Vec::new() };
    for (_, child) in report.children(id).take(8) {
        let Some(name) = &child.name else { continue };
        match &child.content {
            Content::Text { value } if name.is_any(&[codes::OPERATING_POINT_DESCRIPTION]) => {
                found.description = Some(super::details::short(value));
            }
            Content::Number(number) => {
                let value = super::details::number(number);
                found.expected.extend(value.map(|value| (super::details::short(name.text()), value)));
            }
            _ => {}
        }
    }
    found
}
