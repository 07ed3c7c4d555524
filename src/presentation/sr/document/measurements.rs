//! Measurements beside each other become a table.

use super::super::model::{Content, Item, ItemId, Number, Relationship, Report};
use super::super::words;
use super::build::said;
use super::values::{is_absorbed, name, value};
use super::{Inline, Note, Row};

/// _Measurement Method_, in the schemes it has been coded in.
const METHOD: [(&str, &str); 3] = [("370129005", "SCT"), ("G-C036", "SRT"), ("G-C036", "SNM3")];
/// _Derivation_, which says how the value was got, too: the mean, the largest.
const DERIVATION: (&str, &str) = ("121401", "DCM");
/// Characters of a text that still is a note.
const SHORT: usize = 120;

/// One row, and the children that need more room than a note.
pub(super) fn row(report: &Report, id: ItemId, item: &Item, number: &Number) -> (Row, Vec<ItemId>) {
    let mut row = Row {
        item: id,
        name: name(item).unwrap_or_else(|| Inline::plain("Measurement")),
        value: each(number, words::number),
        unit: each(number, words::unit),
        method: Vec::new(),
        qualifiers: number.qualifiers.iter().map(Inline::coded).collect(),
        notes: Vec::new(),
    };
    row.unit.code = number.values.first().and_then(|measured| measured.unit.clone());
    if row.value.text.is_empty() {
        row.value.text = "—".to_owned();
    }
    if let Some(when) = &item.observed {
        let value = vec![Inline::plain(format!("observed {}", words::date_time(when)))];
        row.notes.push(Note { item: id, relationship: None, name: None, value });
    }
    let mut long = Vec::new();
    for (child, below) in report.children(id) {
        if !is_note(report, child, below) {
            long.push(child);
            continue;
        }
        let mut value = value(report, child, below);
        let is_method = below.relationship == Some(Relationship::HasConceptModifier)
            && below
                .name
                .as_ref()
                .is_some_and(|name| name.is_any(&METHOD) || name.is(DERIVATION.0, DERIVATION.1));
        if is_method {
            for piece in &mut value {
                piece.item = Some(child);
                piece.called.clone_from(&below.name);
            }
            row.method.extend(value);
        } else {
            let relationship = said(below.relationship.as_ref());
            row.notes.push(Note { item: child, relationship, name: name(below), value });
        }
    }
    (row, long)
}

/// The title of the column of methods, so that no cell has to say what it is.
pub(super) fn method_title(rows: &mut [Row]) -> String {
    let mut names: Vec<String> = Vec::new();
    for code in rows.iter_mut().flat_map(|row| &mut row.method).filter_map(|piece| piece.called.take()) {
        if !names.iter().any(|name| name == code.text()) {
            names.push(code.text().to_owned());
        }
    }
    names.join(" / ")
}

/// Several values of one measurement in one cell; equal ones, as units mostly are, once.
fn each(number: &Number, word: impl Fn(&super::super::model::Measured) -> String) -> Inline {
    let mut words: Vec<String> = number.values.iter().map(word).filter(|text| !text.is_empty()).collect();
    if words.windows(2).all(|pair| pair.first() == pair.last()) {
        words.truncate(1);
    }
    Inline::plain(words.join(", "))
}

/// Whether a child of a measurement fits beside it.
fn is_note(report: &Report, id: ItemId, item: &Item) -> bool {
    let short = match &item.content {
        Content::Container(_) | Content::Table(_) | Content::Unknown(_) => false,
        Content::Text { value } => value.chars().take(SHORT + 1).count() <= SHORT && !value.contains('\n'),
        _ => true,
    };
    short && report.children(id).all(|(_, below)| is_absorbed(report, below))
}
