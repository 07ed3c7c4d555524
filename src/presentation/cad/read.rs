//! From the items of a report to findings, in one walk over all items.

use std::collections::HashMap;
use std::sync::Arc;

use super::codes;
use super::family::Family;
use super::images::Images;
use super::intent::{Branch, Branches, Intent};
use super::kind::Kind;
use super::model::{Algorithm, CadReport, Finding, Place, PlaceInSpace};
use super::runs::{self, OperatingPoints, Run};
use super::status::{Said, Status};
use crate::presentation::sr::{Content, Item, ItemId, Report};

/// Detections and analyses that are kept; real reports have a few.
const MOST_RUNS: usize = 256;

impl CadReport {
    /// The findings of a CAD report; `None` where a report is of another kind.
    pub fn of(report: &Report) -> Option<Self> {
        let family = Family::of(report)?;
        let mut reading = Reading::new(report);
        for (id, item) in report.items() {
            reading.item(id, item);
        }
        Some(reading.finish(family))
    }
}

/// What an item belongs to: a branch, and the item of that.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub branch: u32,
    pub item: ItemId,
}

pub(super) struct Reading<'a> {
    pub report: &'a Report,
    /// Of every item so far; parents come before their children.
    owners: Vec<Option<Owner>>,
    pub branches: Branches,
    /// Of every branch: whether it says how it is meant.
    pub has_intent: Vec<bool>,
    findings: Vec<Finding>,
    /// The branch of an item that is a finding.
    by_item: HashMap<ItemId, u32>,
    /// Items that stand for others, with what they belong to.
    pub links: Vec<(Owner, ItemId)>,
    pub images: Images,
    pub places: HashMap<ItemId, Option<Arc<Place>>>,
    pub places_in_space: HashMap<ItemId, Option<Arc<PlaceInSpace>>>,
    runs: Vec<Run>,
    operating_points: Vec<OperatingPoints>,
    said: Said,
    warnings: Vec<String>,
}

impl<'a> Reading<'a> {
    fn new(report: &'a Report) -> Self {
        Self {
            report,
            owners: Vec::with_capacity(report.len()),
            branches: Branches::default(),
            has_intent: Vec::new(),
            findings: Vec::new(),
            by_item: HashMap::new(),
            links: Vec::new(),
            images: Images::default(),
            places: HashMap::new(),
            places_in_space: HashMap::new(),
            runs: Vec::new(),
            operating_points: Vec::new(),
            said: Said::default(),
            warnings: Vec::new(),
        }
    }

    pub fn warn(&mut self, text: &str) {
        if !self.warnings.iter().any(|said| said == text) {
            self.warnings.push(text.to_owned());
        }
    }

    fn item(&mut self, id: ItemId, item: &Item) {
        let above = item.parent.and_then(|parent| self.owners.get(parent.index()).copied().flatten());
        let own = self.begin(id, item, above);
        self.owners.push(own.or(above));
        if own.is_none() {
            self.document(id, item);
            if let Some(owner) = above {
                self.property(owner, id, item);
            }
        }
    }

    /// A branch begins with impressions and with findings.
    fn begin(&mut self, id: ItemId, item: &Item, above: Option<Owner>) -> Option<Owner> {
        let name = item.name.as_ref()?;
        let is_composite = name.is_any(&[codes::COMPOSITE_FEATURE]);
        let finding = match &item.content {
            Content::Code { value } if is_composite || name.is_any(&[codes::SINGLE_IMAGE_FINDING]) => {
                let parent = above.and_then(|owner| self.finding_of(owner.branch));
                let depth = parent.and_then(|parent| self.findings.get(parent as usize)).map(|f| f.depth + 1);
                self.findings.push(Finding {
                    item: id,
                    is_composite,
                    kind: value.as_ref().map_or(Kind::Other, Kind::of),
                    code: value.clone(),
                    modifiers: Vec::new(),
                    intent: Intent::default(),
                    operating_point: None,
                    certainty: None,
                    probability: None,
                    calcifications: None,
                    algorithm: Algorithm::default(),
                    places: Vec::new(),
                    places_in_space: Vec::new(),
                    properties: Vec::new(),
                    parts: Vec::new(),
                    parent,
                    depth: depth.unwrap_or_default(),
                    in_cluster: false,
                });
                Some(self.findings.len() as u32 - 1)
            }
            Content::Container(_) if name.is_any(&[codes::IMPRESSION]) => None,
            _ => return None,
        };
        let branch = self.branches.all.len() as u32;
        self.branches.all.push(Branch { finding, ..Branch::default() });
        self.has_intent.push(false);
        match above {
            Some(above) => self.join(above.branch, branch),
            None => self.branches.roots.push(branch),
        }
        self.by_item.insert(id, branch);
        Some(Owner { branch, item: id })
    }

    pub fn finding_of(&self, branch: u32) -> Option<u32> {
        self.branches.all.get(branch as usize)?.finding
    }

    pub fn finding_mut(&mut self, branch: u32) -> Option<&mut Finding> {
        let number = self.finding_of(branch)?;
        self.findings.get_mut(number as usize)
    }

    /// Puts a branch below another, and a finding among the parts of another.
    fn join(&mut self, above: u32, below: u32) {
        if let Some(branch) = self.branches.all.get_mut(above as usize) {
            branch.below.push(below);
        }
        if let Some(part) = self.finding_of(below)
            && let Some(finding) = self.finding_mut(above)
        {
            finding.parts.push(part);
        }
    }

    /// What is said of the report as a whole.
    fn document(&mut self, id: ItemId, item: &Item) {
        let Some(name) = &item.name else { return };
        match &item.content {
            Content::Code { value: Some(value) } => {
                if name.is_any(&[codes::SUMMARY]) {
                    self.said.summary.get_or_insert_with(|| value.clone());
                } else if name.is_any(&[codes::SUMMARY_OF_DETECTIONS, codes::SUMMARY_OF_ANALYSES]) {
                    self.said.parts.push(value.clone());
                } else if self.runs.len() < MOST_RUNS
                    && let Some((run, points)) = runs::read(self.report, id, item)
                {
                    self.runs.push(run);
                    self.operating_points.extend(points);
                }
            }
            Content::Container(_) => {
                let failed = name.is_any(&[codes::FAILED_DETECTIONS, codes::FAILED_ANALYSES]);
                self.said.has_failures |= failed && !item.children.is_empty();
                if name.is_any(&[codes::IMAGE_LIBRARY]) {
                    for (image, item) in self.report.children(id) {
                        self.images.get(self.report, image, item);
                    }
                }
            }
            _ => {}
        }
    }

    /// Once all items are there, items that stand for others can be followed.
    fn follow_links(&mut self) {
        for (owner, target) in std::mem::take(&mut self.links) {
            let Some(item) = self.report.get(target) else { continue };
            match &item.content {
                Content::Region(region) => {
                    self.place(owner, target, item, region);
                    continue;
                }
                Content::Region3d(region) => {
                    self.place_in_space(owner, target, item, region);
                    continue;
                }
                _ => {}
            }
            let Some(below) = self.by_item.get(&target).copied() else { continue };
            if below == owner.branch || self.is_above(below, owner.branch) {
                self.warn("a finding is part of itself, which is left out");
                continue;
            }
            self.join(owner.branch, below);
            let parent = self.finding_of(owner.branch);
            if let Some(finding) = self.finding_mut(below) {
                finding.parent = finding.parent.or(parent);
            }
        }
    }

    /// Whether a branch holds another one, in the tree itself.
    fn is_above(&self, above: u32, branch: u32) -> bool {
        let item =
            |branch: u32| self.finding_of(branch).and_then(|f| self.findings.get(f as usize)).map(|f| f.item);
        let (Some(above), Some(mut next)) = (item(above), item(branch)) else { return false };
        while let Some(parent) = self.report.get(next).and_then(|item| item.parent) {
            if parent == above {
                return true;
            }
            next = parent;
        }
        false
    }

    fn finish(mut self, family: Family) -> CadReport {
        self.follow_links();
        if self.has_intent.contains(&false) {
            self.warn("a finding does not say whether it is to be shown, and is taken for one that is");
        }
        for branch in &mut self.branches.all {
            let Some(finding) = branch.finding.and_then(|number| self.findings.get_mut(number as usize))
            else {
                continue;
            };
            (finding.intent, finding.operating_point) = (branch.intent, branch.operating_point);
            branch.points = points_for(finding, &self.operating_points);
        }
        let clusters = self.findings.iter().filter(|finding| finding.kind == Kind::CalcificationCluster);
        let marks: Vec<u32> = clusters.flat_map(|cluster| cluster.parts.iter().copied()).collect();
        for mark in marks {
            if let Some(mark) = self.findings.get_mut(mark as usize) {
                mark.in_cluster = mark.kind == Kind::Calcification;
            }
        }
        let mut report = CadReport {
            family,
            status: Status::Unknown,
            findings: self.findings,
            runs: self.runs,
            operating_points: self.operating_points,
            images: self.images.all(),
            warnings: self.warnings,
            branches: self.branches,
        };
        report.status = Status::of(&self.said, report.count_lesions(), &mut report.warnings);
        report
    }
}

/// The operating points that count for a finding: those of what it is, by the same algorithm where several look for it.
fn points_for(finding: &Finding, all: &[OperatingPoints]) -> Option<usize> {
    let is_same = |points: &OperatingPoints| {
        let code = finding.code.as_ref();
        points.kind == finding.kind
            && (finding.kind != Kind::Other
                || code.is_some_and(|c| c.is(&points.what.value, &points.what.scheme)))
    };
    let same = || all.iter().enumerate().filter(|(_, points)| is_same(points));
    let by_algorithm = same().find(|(_, points)| points.algorithm == finding.algorithm);
    by_algorithm.or_else(|| same().next()).map(|(number, _)| number)
}
