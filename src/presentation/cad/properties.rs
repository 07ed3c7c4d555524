//! What single items say of the finding they belong to.

use std::sync::Arc;

use super::codes;
use super::intent::Intent;
use super::kind::Kind;
use super::model::{Place, PlaceInSpace, Role};
use super::read::{Owner, Reading};
use super::runs;
use crate::presentation::sr::{Content, Item, ItemId, Number, Region, Region3d};

/// Properties that are kept of one finding.
const MOST_PROPERTIES: usize = 64;
/// Modifiers that are kept of one finding.
const MOST_MODIFIERS: usize = 16;

impl Reading<'_> {
    /// What is said of a finding or an impression.
    pub(super) fn property(&mut self, owner: Owner, id: ItemId, item: &Item) {
        match &item.content {
            Content::Region(region) => self.place(owner, id, item, region),
            Content::Region3d(region) => self.place_in_space(owner, id, item, region),
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

    pub(super) fn place(&mut self, owner: Owner, id: ItemId, item: &Item, region: &Region) {
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

    /// The same in the patient: on which images that is says where they lie.
    pub(super) fn place_in_space(&mut self, owner: Owner, id: ItemId, item: &Item, region: &Region3d) {
        if self.finding_of(owner.branch).is_none() {
            return;
        }
        let known = self.places_in_space.get(&id).cloned();
        let place = known.unwrap_or_else(|| {
            let place = self.read_place_in_space(item, region).map(Arc::new);
            self.places_in_space.insert(id, place.clone());
            place
        });
        if let (Some(place), Some(finding)) = (place, self.finding_mut(owner.branch)) {
            finding.places_in_space.push(place);
        }
    }

    fn read_place_in_space(&mut self, item: &Item, region: &Region3d) -> Option<PlaceInSpace> {
        if region.frame_of_reference_uid.as_deref().is_none_or(str::is_empty) {
            self.warn("a mark in space does not say in which frame of reference it lies, and is not drawn");
            return None;
        }
        if region.points.is_empty() {
            self.warn("a mark has no points, and is not drawn");
            return None;
        }
        Some(PlaceInSpace { role: role(item), region: region.clone() })
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
        let role = role(item);
        Some(Place { role, shape: region.shape.clone(), points: region.points.clone(), images })
    }
}

/// What the name of a mark says it is.
fn role(item: &Item) -> Role {
    let is = |concepts: &[codes::Concept]| item.name.as_ref().is_some_and(|name| name.is_any(concepts));
    if is(&[codes::CENTER]) {
        Role::Center
    } else if is(&[codes::OUTLINE, codes::BREAST_OUTLINE, codes::PECTORAL_OUTLINE]) {
        Role::Outline
    } else {
        Role::Other
    }
}

/// A number in per cent, where it is one from 0 to 100.
fn percent(number: &Number) -> Option<f64> {
    let measured = number.values.first()?;
    let value = measured.value?;
    let is_fraction = measured.unit.as_ref().is_some_and(|unit| unit.is("1", "UCUM"));
    let value = if is_fraction { value * 100.0 } else { value };
    (0.0..=100.0).contains(&value).then_some(value)
}
