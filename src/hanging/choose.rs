//! From protocols and images to what hangs where.

use std::collections::HashSet;

use super::case::{Case, Item, Patient};
use super::error::Error;
use super::generic;
use super::place::place;
use super::plan::{Hanging, Slot, Step};
use super::protocol::{Protocol, SlotRule, StepRule};
use super::select::{Relative, has_part};
use super::values::{Edge, List, Scale, Turn};
use crate::study::{DisplaySet, StudyIndex};

/// What a filled slot is worth against an empty one when protocols are compared.
const FILLED: i64 = 4;

/// Hangs everything by the protocol asked for, else by the one that suits best.
///
/// # Errors
/// No protocol has the name asked for.
pub fn hang(
    studies: &StudyIndex,
    sets: &[DisplaySet],
    protocols: &[Protocol],
    asked: Option<&str>,
) -> Result<Hanging, Error> {
    let case = Case::new(studies, sets);
    let Some(name) = asked else { return Ok(by_itself(&case, protocols)) };
    if name.eq_ignore_ascii_case(generic::NAME) {
        return Ok(by_number(&case));
    }
    let protocol = find(protocols, name)?;
    let chosen = case.patients.iter().map(|patient| steps(protocol, patient)).find(|steps| !steps.is_empty());
    let mut hanging = finish(&case, protocol, chosen.unwrap_or_default());
    if hanging.steps.is_empty() {
        hanging = by_number(&case);
    } else if hanging.name != protocol.name {
        hanging.notes.push(format!("nothing here suits the hanging protocol {}", protocol.name));
    }
    Ok(hanging)
}

/// Whether a name is that of a protocol, or of hanging by number.
///
/// # Errors
/// It is not; the error names those that are there.
pub fn check_name(protocols: &[Protocol], name: &str) -> Result<(), Error> {
    if name.eq_ignore_ascii_case(generic::NAME) { Ok(()) } else { find(protocols, name).map(drop) }
}

fn find<'a>(protocols: &'a [Protocol], name: &str) -> Result<&'a Protocol, Error> {
    protocols.iter().find(|protocol| protocol.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let names: Vec<&str> = protocols.iter().map(|protocol| protocol.name.as_str()).collect();
        Error::new(format!(
            "there is no hanging protocol {name}; there are {}, {}, and files ending in .toml",
            names.join(", "),
            generic::NAME
        ))
    })
}

/// Hangs everything in a grid of rows and columns somebody chose, in the order of reading: of mammograms RCC, LCC,
/// RMLO, LMLO, the current ones before the prior ones.
pub fn lay_out(studies: &StudyIndex, sets: &[DisplaySet], grid: (u32, u32)) -> Hanging {
    let case = Case::new(studies, sets);
    Hanging {
        name: "layout".to_owned(),
        title: format!("{} x {}", grid.0, grid.1),
        steps: generic::in_grid(&case, grid),
        notes: case.notes,
    }
}

/// The protocol that suits best, or none.
fn by_itself(case: &Case, protocols: &[Protocol]) -> Hanging {
    // Several patients are opened to be looked at, not to be compared.
    let [patient] = &case.patients[..] else { return by_number(case) };
    let mut best: Option<(i64, &Protocol, Vec<Step>)> = None;
    for protocol in protocols.iter().filter(|protocol| protocol.automatic && holds(protocol, patient)) {
        let steps = steps(protocol, patient);
        let Some(score) = steps.first().and_then(|_| score(protocol, patient)) else { continue };
        if best.as_ref().is_none_or(|(best, ..)| score > *best) {
            best = Some((score, protocol, steps));
        }
    }
    match best {
        Some((_, protocol, steps)) => finish(case, protocol, steps),
        None => by_number(case),
    }
}

fn by_number(case: &Case) -> Hanging {
    Hanging {
        name: generic::NAME.to_owned(),
        title: "Images".to_owned(),
        steps: generic::by_count(case),
        notes: case.notes.clone(),
    }
}

/// Adds what is left over.
fn finish(case: &Case, protocol: &Protocol, mut steps: Vec<Step>) -> Hanging {
    let mut notes = case.notes.clone();
    if steps.is_empty() {
        notes.push(format!("nothing here suits the hanging protocol {}", protocol.name));
        return Hanging { notes, ..by_number(case) };
    }
    let hung: HashSet<usize> = steps.iter().flat_map(Step::sets).collect();
    steps.extend(generic::left_over(case, &hung, protocol.rest));
    Hanging { name: protocol.name.clone(), title: protocol.title.clone(), steps, notes }
}

/// Whether everything is there that a protocol wants.
fn holds(protocol: &Protocol, patient: &Patient) -> bool {
    let when = &protocol.when;
    let studies = patient.relevant(&when.modality.0);
    let Some(current) = studies.first() else { return false };
    let now: Vec<&Item> = patient.items().filter(|item| item.study == *current).collect();
    let counted = now.iter().filter(|item| {
        let modality = item.entry.modality.as_deref().unwrap_or_default();
        let of_modality = &when.modality.0;
        (of_modality.is_empty() || of_modality.iter().any(|wanted| wanted.eq_ignore_ascii_case(modality)))
            && (when.kind.0.is_empty() || when.kind.0.iter().any(|kind| kind.covers(item.entry.kind)))
    });
    let count = counted.count();
    when.minimum.unwrap_or(1) <= count
        && when.maximum.is_none_or(|most| count <= most)
        && when.prior.is_none_or(|wanted| wanted == (studies.len() > 1))
        && now.iter().any(|item| has_part(when.body_part.as_deref(), item.entry.body_part.as_deref()))
        && now.iter().any(|item| when.conditions.iter().all(|condition| condition.matches(item.entry)))
}

/// How well the first step of a protocol suits: what it shows, less what it would leave black. `None` where it would
/// leave most of itself black, or comes down to a single image that needs no protocol.
fn score(protocol: &Protocol, patient: &Patient) -> Option<i64> {
    let studies = patient.relevant(&protocol.when.modality.0);
    let mut first = protocol.steps.iter().find_map(|rule| fill(rule, patient, &studies))?;
    let cells = i64::from(first.grid.0 * first.grid.1);
    let filled = first.sets().count() as i64;
    first.shrink();
    let left = i64::from(first.grid.0 * first.grid.1);
    let suits = filled * 2 > left && filled >= 2.min(cells);
    suits.then_some(FILLED * filled - (cells - filled))
}

/// The steps of a protocol in which something hangs.
fn steps(protocol: &Protocol, patient: &Patient) -> Vec<Step> {
    let studies = patient.relevant(&protocol.when.modality.0);
    let mut seen = HashSet::new();
    let mut steps = Vec::new();
    for rule in &protocol.steps {
        let Some(mut step) = fill(rule, patient, &studies) else { continue };
        step.shrink();
        // With views missing, two steps may come down to the same.
        let mut shown: Vec<(usize, Scale)> =
            step.slots.iter().filter_map(|slot| Some((slot.set?, slot.scale))).collect();
        shown.sort_by_key(|(set, _)| *set);
        if seen.insert(shown) {
            steps.push(step);
        }
    }
    steps
}

/// Finds what hangs in the slots of a step; `None` where nothing does, or not what is required.
fn fill<'a>(rule: &StepRule, patient: &'a Patient<'a>, studies: &[usize]) -> Option<Step> {
    let age = |item: &Item| studies.binary_search(&item.study).ok();
    let mut free: Vec<&Item> = patient.items().collect();
    let mut found: Vec<Option<&Item>> = Vec::with_capacity(rule.slots.len());
    for slot in &rule.slots {
        let choice =
            slot.show.0.iter().find_map(|selector| {
                selector.choose(&free, age, |number| *found.get(number.checked_sub(1)?)?)
            });
        let item = choice.map(|at| free.remove(at));
        if item.is_none() && slot.required {
            return None;
        }
        found.push(item);
    }
    if found.iter().all(Option::is_none) {
        return None;
    }
    let mut slots: Vec<Slot> = rule
        .slots
        .iter()
        .zip(&found)
        .map(|(slot, item)| match item {
            Some(item) => filled(rule, slot, item, age(item).unwrap_or(0)),
            None => unfilled(slot, studies.len()),
        })
        .collect();
    slots.resize((rule.grid.rows * rule.grid.columns) as usize, Slot::empty("", None));
    Some(Step { title: rule.title.clone(), grid: (rule.grid.rows, rule.grid.columns), slots })
}

fn filled(step: &StepRule, slot: &SlotRule, item: &Item, age: usize) -> Slot {
    let usual = generic::slot(item, age);
    let turn = slot.orientation.as_ref().or(step.orientation.as_ref()).unwrap_or(&Turn::Standard);
    let edge = slot.justify.or(step.justify).unwrap_or(Edge::ChestWall);
    let placed = place(item.entry, turn, edge);
    Slot {
        orientation: placed.orientation,
        turn: placed.turn,
        justify: placed.justify,
        scale: slot.scale.or(step.scale).unwrap_or(usual.scale),
        window: slot.window.clone().or_else(|| step.window.clone()).unwrap_or_default(),
        label: slot.label.clone().unwrap_or(usual.label),
        ..usual
    }
}

/// An empty slot still says what it is for, and why it is empty.
fn unfilled(slot: &SlotRule, studies: usize) -> Slot {
    let Some(wanted) = slot.show.0.first() else {
        return Slot::empty(slot.label.clone().unwrap_or_default(), None);
    };
    let (age, there) = match wanted.study {
        Relative::Prior(number) => (number, studies > number),
        Relative::Current | Relative::Any => (0, true),
    };
    let first = |list: &List<String>| list.0.first().cloned().unwrap_or_default();
    let named = || generic::aged_name(format!("{}{}", first(&wanted.side), first(&wanted.view)), age);
    let note = if there { generic::MISSING } else { "no prior study" };
    Slot::empty(slot.label.clone().unwrap_or_else(named), Some(note.to_owned()))
}
