//! Values of items as pieces of text with what lies behind them.

use super::super::model::{Content, Item, ItemId, Number, Reference, Relationship, Report};
use super::super::words;
use super::{Inline, Link, Place};

/// What stands where there should be a value.
const NOTHING: &str = "—";
/// Characters of a text another item is summed up with.
const SUMMARY: usize = 60;

/// The name of an item.
pub(super) fn name(item: &Item) -> Option<Inline> {
    item.name.as_ref().map(Inline::coded)
}

/// The value of an item, with the objects a region is selected from.
pub(super) fn value(report: &Report, id: ItemId, item: &Item) -> Vec<Inline> {
    let mut pieces = match &item.content {
        Content::Container(_) => Vec::new(),
        Content::Text { value } => vec![Inline::plain(value.trim())],
        Content::Code { value } => value.iter().map(Inline::coded).collect(),
        Content::Number(number) => self::number(number),
        Content::Date { value } => vec![Inline::plain(words::date(value))],
        Content::Time { value } => vec![Inline::plain(words::time(value))],
        Content::DateTime { value } => vec![Inline::plain(words::date_time(value))],
        Content::Uid { value } => vec![Inline::plain(value.clone())],
        Content::PersonName { value } => vec![Inline::plain(words::person(value))],
        Content::Composite { references }
        | Content::Image { references }
        | Content::Waveform { references } => {
            references.iter().map(|reference| object(reference, None)).collect()
        }
        Content::Region(region) => placed(report, id, words::region(region), Place::Region(region.clone())),
        Content::Region3d(region) => {
            placed(report, id, words::region_3d(region), Place::Region3d(region.clone()))
        }
        Content::Times(times) => placed(report, id, words::times(times), Place::Times(times.clone())),
        Content::Table(table) => {
            vec![Inline::plain(format!("{} rows, {} columns", table.rows, table.columns))]
        }
        Content::ByReference(reference) => {
            match reference.target.and_then(|to| Some((to, report.get(to)?))) {
                Some((to, target)) => vec![mention(report, to, target)],
                None => vec![Inline::plain("an item that is not in this report")],
            }
        }
        Content::Unknown(unknown) if unknown.declared.is_empty() => {
            vec![Inline::plain("a value without a type")]
        }
        Content::Unknown(unknown) => {
            vec![Inline::plain(format!("a value of the unknown type {}", unknown.declared))]
        }
    };
    pieces.retain(|piece| !piece.text.is_empty());
    if pieces.is_empty() && !matches!(item.content, Content::Container(_)) {
        pieces.push(Inline::plain(NOTHING));
    }
    if let Some(when) = &item.observed {
        pieces.push(Inline::plain(format!("(observed {})", words::date_time(when))));
    }
    pieces
}

/// A measurement in a row of text.
fn number(number: &Number) -> Vec<Inline> {
    let mut pieces: Vec<Inline> = number
        .values
        .iter()
        .map(|measured| {
            let unit = words::unit(measured);
            let text = format!("{} {unit}", words::number(measured)).trim().to_owned();
            Inline { code: measured.unit.clone(), ..Inline::plain(text) }
        })
        .collect();
    pieces.extend(number.qualifiers.iter().map(Inline::coded));
    pieces
}

/// An object to be opened.
pub(super) fn object(reference: &Reference, place: Option<Place>) -> Inline {
    let link = Link::Objects { objects: vec![reference.clone()], place };
    let code = reference.purpose.as_deref().cloned();
    Inline { link: Some(link), code, ..Inline::plain(words::reference(reference)) }
}

/// A region, and the objects it is on.
fn placed(report: &Report, id: ItemId, words: String, place: Place) -> Vec<Inline> {
    let objects: Vec<Reference> = report.selected_from(id).into_iter().cloned().collect();
    let link = Link::Objects { objects, place: Some(place.clone()) };
    let mut pieces = vec![Inline { link: Some(link), ..Inline::plain(words) }];
    for (child, item) in report.children(id) {
        if !is_absorbed(report, item) {
            continue;
        }
        let Some((_, target)) = report.resolve(child) else { continue };
        for reference in target.content.references() {
            let mut piece = object(reference, Some(place.clone()));
            piece.text = format!("on {}", piece.text);
            piece.item = Some(child);
            piece.called = item.name.clone();
            pieces.push(piece);
        }
    }
    pieces
}

/// Whether a child of a region is told with the region: it names the objects, and nothing is below it.
pub(super) fn is_absorbed(report: &Report, item: &Item) -> bool {
    let above = item.parent.and_then(|parent| report.get(parent));
    let of_region = above.is_some_and(|above| {
        matches!(above.content, Content::Region(_) | Content::Region3d(_) | Content::Times(_))
    });
    let named = match &item.content {
        Content::ByReference(reference) => reference.target.and_then(|target| report.get(target)),
        _ => Some(item),
    };
    of_region
        && item.relationship == Some(Relationship::SelectedFrom)
        && item.children.is_empty()
        && item.observed.is_none()
        && named.is_some_and(|named| !named.content.references().is_empty())
}

/// Another item in a few words, with the way there.
fn mention(report: &Report, id: ItemId, item: &Item) -> Inline {
    let mut text = item.name.as_ref().map(|name| name.text().to_owned()).unwrap_or_default();
    let value: Vec<Inline> = match item.content {
        // What is mentioned there in turn would be a third item.
        Content::ByReference(_) => Vec::new(),
        _ => value(report, id, item),
    };
    let first = value.first().map(|piece| piece.text.as_str()).unwrap_or_default();
    let short: String = first.chars().take(SUMMARY).collect();
    if !short.is_empty() {
        let more = if short.len() < first.len() { "…" } else { "" };
        text = if text.is_empty() { format!("{short}{more}") } else { format!("{text}: {short}{more}") };
    }
    if text.is_empty() {
        text = format!("item {}", super::super::model::place(&report.path(id)));
    }
    let opens = value.iter().find_map(|piece| piece.link.clone());
    Inline { link: Some(opens.unwrap_or(Link::Item(id))), code: item.name.clone(), ..Inline::plain(text) }
}
