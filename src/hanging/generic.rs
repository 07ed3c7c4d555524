//! Hanging by number and in the order of reading, for what no protocol knows better.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::case::{Case, Item, Patient};
use super::place::place;
use super::plan::{Slot, Step};
use super::values::{Edge, Grid, Scale, Turn, Window};
use crate::study::ImageKind;

/// The name of what is chosen where no protocol suits.
pub(super) const NAME: &str = "generic";
/// What is said of a slot that stays black.
pub(super) const MISSING: &str = "missing";
/// The most that hangs at once without being asked for.
const MOST: usize = 32;
/// The most that hangs at once of what a protocol left over.
const MOST_LEFT_OVER: usize = 8;

/// The views of every screening, as they hang from left to right.
const STANDARD: [(&str, &str); 4] = [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")];

/// The standard views of one study, each with its age.
type Row<'a> = [Option<(&'a Item<'a>, usize)>; 4];

/// Rows and columns that suit a number of images on a wide screen, up to 4x8.
pub fn grid_for(count: usize) -> (u32, u32) {
    match count {
        0 | 1 => (1, 1),
        2 => (1, 2),
        3 => (1, 3),
        4 => (2, 2),
        5 | 6 => (2, 3),
        7 | 8 => (2, 4),
        9 => (3, 3),
        10..=12 => (3, 4),
        13..=15 => (3, 5),
        16 => (4, 4),
        17 | 18 => (3, 6),
        19 | 20 => (4, 5),
        21..=24 => (4, 6),
        25..=28 => (4, 7),
        _ => (4, 8),
    }
}

/// A slot that shows an item the usual way.
pub(super) fn slot(item: &Item, age: usize) -> Slot {
    let entry = item.entry;
    let placed = place(entry, &Turn::Standard, Edge::ChestWall);
    Slot {
        set: Some(item.set),
        orientation: placed.orientation,
        turn: placed.turn,
        justify: placed.justify,
        scale: if entry.is_mammogram() { Scale::SameSize } else { Scale::Fit },
        window: Window::Object,
        label: label(item, age),
        note: entry.special(),
    }
}

/// What an item is called on screen: its view, else its series.
pub(super) fn label(item: &Item, age: usize) -> String {
    let entry = item.entry;
    let side =
        entry.laterality.as_deref().filter(|side| matches!(*side, "L" | "R" | "B")).unwrap_or_default();
    let view = format!("{side}{}", entry.view_position.as_deref().unwrap_or_default());
    let name = match view.is_empty() || !entry.is_mammogram() {
        true => entry.series_description.clone().or_else(|| entry.modality.clone()).unwrap_or_default(),
        false => view,
    };
    aged_name(name, age)
}

/// A name with how many studies before the current one it is of.
pub(super) fn aged_name(name: String, age: usize) -> String {
    match age {
        0 => name,
        1 => format!("{name} prior").trim_start().to_owned(),
        age => format!("{name} prior {age}").trim_start().to_owned(),
    }
}

/// Steps with everything that does not hang yet, patient by patient.
pub(super) fn left_over(case: &Case, hung: &HashSet<usize>, grid: Option<Grid>) -> Vec<Step> {
    let mut steps = Vec::new();
    for patient in &case.patients {
        let rest: Vec<Slot> = aged(patient)
            .filter(|(item, _)| !hung.contains(&item.set))
            .map(|(item, age)| slot(item, age))
            .collect();
        let most = grid.map_or(MOST_LEFT_OVER, |grid| (grid.rows * grid.columns) as usize);
        let pages = rest.chunks(most.max(1)).map(|slots| {
            let grid = grid.map_or_else(|| grid_for(slots.len()), |grid| (grid.rows, grid.columns));
            page("Further images", grid, slots)
        });
        steps.extend(pages);
    }
    steps
}

/// Everything by number, however many patients it is of.
pub(super) fn by_count(case: &Case) -> Vec<Step> {
    let items: Vec<Slot> = case.patients.iter().flat_map(aged).map(|(item, age)| slot(item, age)).collect();
    let grid = grid_for(items.len());
    pages("Images", &items, grid, MOST)
}

/// Everything in a grid somebody chose. Where the grid is as wide as the views of a screening are many, or half as
/// wide, views keep their place above each other.
pub(super) fn in_grid(case: &Case, grid: (u32, u32)) -> Vec<Step> {
    let (rows, columns) = (grid.0.max(1) as usize, grid.1.max(1) as usize);
    let can_align = columns == STANDARD.len() || (columns == 2 && rows.is_multiple_of(2));
    let mut slots: Vec<Slot> = Vec::new();
    for patient in &case.patients {
        let mut screening = screening_rows(patient, columns);
        let filled = screening.iter().filter(|slot| slot.set.is_some()).count();
        // Rows that would mostly stay black help nobody to compare.
        if !can_align || filled * 2 < screening.len() {
            screening.retain(|slot| slot.set.is_some());
        } else if !screening.is_empty() {
            let begun = slots.len().next_multiple_of(columns);
            slots.resize(begun, Slot::empty("", None));
        }
        let hung: HashSet<usize> = screening.iter().filter_map(|slot| slot.set).collect();
        slots.append(&mut screening);
        let rest = aged(patient).filter(|(item, _)| !hung.contains(&item.set));
        slots.extend(rest.map(|(item, age)| slot(item, age)));
    }
    pages("Images", &slots, grid, rows * columns)
}

/// The standard views of a patient in rows: exposures of all studies, newest first, then what is computed, then
/// volumes. A row in which nothing hangs is left out.
fn screening_rows(patient: &Patient, columns: usize) -> Vec<Slot> {
    let mut slots = Vec::new();
    for views in screening(patient) {
        for (row, wanted) in views.chunks(columns).zip(STANDARD.chunks(columns)) {
            if row.iter().all(Option::is_none) {
                continue;
            }
            let age = row.iter().flatten().map(|(_, age)| *age).next().unwrap_or(0);
            slots.extend(row.iter().zip(wanted).map(|(found, (side, view))| match found {
                Some((item, age)) => slot(item, *age),
                None => Slot::empty(aged_name(format!("{side}{view}"), age), Some(MISSING.to_owned())),
            }));
        }
    }
    slots
}

/// For each kind and each study the four standard views, where there are any: exposures first, newest first.
fn screening<'a>(patient: &'a Patient<'a>) -> Vec<Row<'a>> {
    const KINDS: [&[ImageKind]; 3] = [
        &[ImageKind::Presentation, ImageKind::Processing, ImageKind::Capture],
        &[ImageKind::Synthetic],
        &[ImageKind::Tomosynthesis],
    ];
    let mut rows: BTreeMap<(usize, usize), Row> = BTreeMap::new();
    for (item, age) in aged(patient).filter(|(item, _)| item.entry.is_standard_view()) {
        let entry = item.entry;
        let view = (entry.laterality.as_deref(), entry.view_position.as_deref());
        let kind = KINDS.iter().position(|kinds| kinds.contains(&entry.kind));
        let place = STANDARD.iter().position(|(side, name)| view == (Some(*side), Some(*name)));
        if let Some((kind, place)) = kind.zip(place)
            && let Some(cell) = rows.entry((kind, age)).or_default().get_mut(place)
        {
            cell.get_or_insert((item, age));
        }
    }
    // One exposure keeps its place; one volume among exposures does not need three black neighbours.
    let enough =
        |((kind, _), row): &((usize, usize), Row)| row.iter().flatten().count() > usize::from(*kind > 0);
    rows.into_iter().filter(enough).map(|(_, row)| row).collect()
}

/// The items of a patient, each with how many studies of its modality are newer.
fn aged<'a>(patient: &'a Patient<'a>) -> impl Iterator<Item = (&'a Item<'a>, usize)> {
    let mut studies: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
    for item in patient.items() {
        let of_modality = studies.entry(item.entry.modality.as_deref()).or_default();
        if of_modality.last() != Some(&item.study) {
            of_modality.push(item.study);
        }
    }
    patient.items().map(move |item| {
        // Items come study by study, so the list is in order.
        let of_modality = studies.get(&item.entry.modality.as_deref());
        (item, of_modality.and_then(|list| list.binary_search(&item.study).ok()).unwrap_or(0))
    })
}

fn pages(title: &str, slots: &[Slot], grid: (u32, u32), cells: usize) -> Vec<Step> {
    slots.chunks(cells.max(1)).map(|slots| page(title, grid, slots)).collect()
}

/// A step of these slots, filled up with empty ones.
fn page(title: &str, grid: (u32, u32), slots: &[Slot]) -> Step {
    let mut slots = slots.to_vec();
    slots.resize((grid.0 * grid.1) as usize, Slot::empty("", None));
    Step { title: title.to_owned(), grid, slots }
}
