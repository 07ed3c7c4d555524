//! From the items of a report to findings, in one walk over all items.

use std::collections::HashMap;
use std::sync::Arc;

use super::codes;
use super::images::Images;
use super::intent::{Branch, Branches, Intent};
use super::kind::Kind;
use super::model::{Algorithm, CadReport, Family, Finding, Place, Role};
use super::runs::{self, OperatingPoints, Run};
use super::status::{Said, Status};
use crate::presentation::sr::{Content, Item, ItemId, Number, Region, Report};

/// Properties that are kept of one finding.
const MOST_PROPERTIES: usize = 64;
/// Modifiers that are kept of one finding.
const MOST_MODIFIERS: usize = 16;
/// Detections and analyses that are kept; real reports have a few.
const MOST_RUNS: usize = 256;

/// SOP classes and titles.
const FAMILIES: [(&str, codes::Concept, Family); 3] = [
    ("1.2.840.10008.5.1.4.1.1.88.50", codes::MAMMOGRAPHY_REPORT, Family::Mammography),
    ("1.2.840.10008.5.1.4.1.1.88.65", codes::CHEST_REPORT, Family::Chest),
    ("1.2.840.10008.5.1.4.1.1.88.69", codes::COLON_REPORT, Family::Colon),
];

impl Family {
    /// What a report is, by its class, or by its title where an archive changed the class; `None` of other reports.
    pub fn of(report: &Report) -> Option<Self> {
        let class = &report.header.sop_class_uid;
        let by_class = FAMILIES.iter().find(|(uid, ..)| uid == class);
        let by_title =
            || FAMILIES.iter().find(|(_, title, _)| report.title().is_some_and(|t| t.is_any(&[*title])));
        by_class.or_else(by_title).map(|(.., family)| *family)
    }
}

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
struct Owner {
    branch: u32,
    item: ItemId,
}

struct Reading<'a> {
    report: &'a Report,
    /// Of every item so far; parents come before their children.
    owners: Vec<Option<Owner>>,
    branches: Branches,
    /// Of every branch: whether it says how it is meant.
    has_intent: Vec<bool>,
    findings: Vec<Finding>,
    /// The branch of an item that is a finding.
    by_item: HashMap<ItemId, u32>,
    /// Items that stand for others, with what they belong to.
    links: Vec<(Owner, ItemId)>,
    images: Images,
    places: HashMap<ItemId, Option<Arc<Place>>>,
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
            runs: Vec::new(),
            operating_points: Vec::new(),
            said: Said::default(),
            warnings: Vec::new(),
        }
    }

    fn warn(&mut self, text: &str) {
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

    fn finding_of(&self, branch: u32) -> Option<u32> {
        self.branches.all.get(branch as usize)?.finding
    }

    fn finding_mut(&mut self, branch: u32) -> Option<&mut Finding> {
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

    /// What is said of a finding or an impression.
    fn property(&mut self, owner: Owner, id: ItemId, item: &Item) {
        match &item.content {
            Content::Region(region) => self.place(owner, id, item, region),
            Content::ByReference(reference) => {
                self.links.extend(reference.target.map(|target| (owner, target)));
            }
            Content::Number(number)
                if item.name.as_ref().is_some_and(|n| n.is_any(&[codes::OPERATING_POINT])) =>
            {
                let point = runs::whole(number);
                if let Some(branch) = self.branches.all.get_mut(owner.branch as usize) {
                    branch.operating_point = branch.operating_point.or(point);
                }
            }
            _ if item.parent == Some(owner.item) => self.own_property(owner, item),
            Content::Text { .. } => {
                if let Some(finding) = self.finding_mut(owner.branch) {
                    finding.algorithm.read(item);
                }
            }
            _ => {}
        }
    }

    /// The same, right below it.
    fn own_property(&mut self, owner: Owner, item: &Item) {
        let Some(name) = &item.name else { return };
        let is = |concept| name.is_any(&[concept]);
        if is(codes::RENDERING_INTENT) {
            let Content::Code { value: Some(code) } = &item.content else { return };
            let index = owner.branch as usize;
            if let (Some(intent), Some(branch), Some(has_intent)) =
                (Intent::of(code), self.branches.all.get_mut(index), self.has_intent.get_mut(index))
            {
                branch.intent = intent;
                *has_intent = true;
            }
            return;
        }
        let Some(finding) = self.finding_mut(owner.branch) else { return };
        match &item.content {
            Content::Number(number) if is(codes::CERTAINTY_OF_FINDING) || is(codes::CERTAINTY_OF_FEATURE) => {
                finding.certainty = percent(number);
            }
            Content::Number(number) if is(codes::PROBABILITY_OF_CANCER) => {
                finding.probability = percent(number);
            }
            Content::Number(number) if is(codes::NUMBER_OF_CALCIFICATIONS) => {
                finding.calcifications = runs::whole(number);
            }
            Content::Code { value: Some(code) }
                if is(codes::FINDING_MODIFIER) || is(codes::FEATURE_MODIFIER) =>
            {
                // In the chest the code says opacity, and only the modifier what kind of one.
                let closer = matches!(finding.kind, Kind::Opacity | Kind::Other);
                if closer && Kind::of(code) != Kind::Other {
                    finding.kind = Kind::of(code);
                }
                if finding.modifiers.len() < MOST_MODIFIERS {
                    finding.modifiers.push(code.clone());
                }
            }
            Content::Text { .. } if is(codes::ALGORITHM_NAME) || is(codes::ALGORITHM_VERSION) => {
                finding.algorithm.read(item);
            }
            _ if finding.properties.len() < MOST_PROPERTIES => {
                finding.properties.extend(super::details::property(item));
            }
            _ => {}
        }
    }

    fn place(&mut self, owner: Owner, id: ItemId, item: &Item, region: &Region) {
        if self.finding_of(owner.branch).is_none() {
            return;
        }
        let known = self.places.get(&id).cloned();
        let place = known.unwrap_or_else(|| {
            let place = self.read_place(id, item, region).map(Arc::new);
            self.places.insert(id, place.clone());
            place
        });
        if let (Some(place), Some(finding)) = (place, self.finding_mut(owner.branch)) {
            finding.places.push(place);
        }
    }

    fn read_place(&mut self, id: ItemId, item: &Item, region: &Region) -> Option<Place> {
        let sources = self.report.children(id).filter_map(|(child, _)| self.report.resolve(child));
        let images: Vec<_> =
            sources.filter_map(|(source, item)| self.images.get(self.report, source, item)).collect();
        if images.is_empty() {
            self.warn("a mark does not say on which image it lies, and is not drawn");
            return None;
        }
        if region.points.is_empty() {
            self.warn("a mark has no points, and is not drawn");
            return None;
        }
        let name = item.name.as_ref();
        let is = |concepts: &[codes::Concept]| name.is_some_and(|name| name.is_any(concepts));
        let role = if is(&[codes::CENTER]) {
            Role::Center
        } else if is(&[codes::OUTLINE, codes::BREAST_OUTLINE, codes::PECTORAL_OUTLINE]) {
            Role::Outline
        } else {
            Role::Other
        };
        Some(Place { role, shape: region.shape.clone(), points: region.points.clone(), images })
    }

    /// Once all items are there, items that stand for others can be followed.
    fn follow_links(&mut self) {
        for (owner, target) in std::mem::take(&mut self.links) {
            let Some(item) = self.report.get(target) else { continue };
            if let Content::Region(region) = &item.content {
                self.place(owner, target, item, region);
                continue;
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

/// A number in per cent, where it is one from 0 to 100.
fn percent(number: &Number) -> Option<f64> {
    let measured = number.values.first()?;
    let value = measured.value?;
    let is_fraction = measured.unit.as_ref().is_some_and(|unit| unit.is("1", "UCUM"));
    let value = if is_fraction { value * 100.0 } else { value };
    (0.0..=100.0).contains(&value).then_some(value)
}
