//! Items to blocks.

use super::super::model::{Content, Item, ItemId, Relationship, Report, Table, Unknown};
use super::values::{is_absorbed, name, value};
use super::{Block, Body, Document, Inline, front, measurements};

/// Texts longer than this are paragraphs, and not values of a line.
const LINE: usize = 90;

pub(super) fn document(report: &Report) -> Document {
    let mut page = Page { report, blocks: Vec::new() };
    page.children(ItemId::ROOT, 0, 0);
    Document { blocks: page.blocks, ..front::of(report) }
}

/// The relationships that are said in words; the others follow from where things stand.
pub(super) fn said(relationship: Option<&Relationship>) -> Option<Relationship> {
    match relationship? {
        Relationship::Contains | Relationship::HasProperties => None,
        other => Some(other.clone()),
    }
}

struct Page<'a> {
    report: &'a Report,
    blocks: Vec<Block>,
}

/// A child with its number.
type Child<'a> = (ItemId, &'a Item);

impl<'a> Page<'a> {
    /// What is below an item. How deep this goes is bounded by the reader of reports.
    fn children(&mut self, parent: ItemId, level: u8, depth: u8) {
        let Some(above) = self.report.get(parent) else { return };
        let report = self.report;
        let children: Vec<Child<'a>> =
            report.children(parent).filter(|(_, item)| !is_absorbed(report, item)).collect();
        let flows = matches!(&above.content, Content::Container(container) if container.continuous);
        let mut rest = children.as_slice();
        while let Some((first, _)) = rest.split_first() {
            let context = context_run(rest);
            let run = if context > 0 {
                let (now, _) = rest.split_at(context);
                self.context(*first, level, depth);
                self.run(now, false, level, depth.saturating_add(1));
                context
            } else {
                let others = rest.iter().position(|child| is_context(child.1));
                let others = others.unwrap_or(rest.len());
                let (now, _) = rest.split_at(others);
                self.run(now, flows, level, depth);
                others
            };
            rest = rest.get(run..).unwrap_or_default();
        }
    }

    /// Siblings in order: text that reads on, measurements together, others one by one.
    fn run(&mut self, mut rest: &[Child<'a>], flows: bool, level: u8, depth: u8) {
        while let Some(((id, item), others)) = rest.split_first() {
            let flowing = if flows { flow_run(rest) } else { 0 };
            let measured = measured_run(rest);
            if flowing >= 2 {
                let (now, later) = rest.split_at(flowing);
                self.flow(now, level, depth);
                rest = later;
            } else if measured >= 2 {
                let (now, later) = rest.split_at(measured);
                self.measurements(now, level, depth);
                rest = later;
            } else {
                self.single(*id, item, level, depth);
                rest = others;
            }
        }
    }

    fn push(&mut self, id: ItemId, level: u8, depth: u8, relationship: Option<Relationship>, body: Body) {
        self.blocks.push(Block { item: id, level, depth, relationship, body });
    }

    /// The words above a run of context items.
    fn context(&mut self, (id, item): Child<'_>, level: u8, depth: u8) {
        let text = match item.relationship {
            Some(Relationship::HasAcquisitionContext) => "Acquisition context",
            _ => "Observation context",
        };
        let relationship = item.relationship.clone();
        self.push(id, level, depth, relationship, Body::Caption { text: text.to_owned() });
    }

    fn single(&mut self, id: ItemId, item: &'a Item, level: u8, depth: u8) {
        let relationship = said(item.relationship.as_ref());
        match &item.content {
            Content::Container(container) => {
                let own = level.saturating_add(1);
                if let Some(mut text) = name(item) {
                    if let Some(when) = &item.observed {
                        text.text.push_str(&format!(" (observed {})", super::super::words::date_time(when)));
                    }
                    let template = container.template.clone();
                    self.push(id, own, depth, relationship, Body::Heading { text, template });
                    self.children(id, own, depth);
                } else {
                    // Groups without a title are told apart by the space between them.
                    let last = self.blocks.last().map(|block| &block.body);
                    if !matches!(last, None | Some(Body::Heading { .. } | Body::Separator)) {
                        self.push(id, level, depth, relationship, Body::Separator);
                    }
                    self.children(id, level, depth);
                }
                return;
            }
            Content::Text { value: text }
                if text.chars().take(LINE + 1).count() > LINE || text.contains('\n') =>
            {
                let text = value(self.report, id, item);
                self.push(id, level, depth, relationship, Body::Paragraph { name: name(item), text });
            }
            Content::Text { .. } if item.name.is_none() => {
                let text = value(self.report, id, item);
                self.push(id, level, depth, relationship, Body::Paragraph { name: None, text });
            }
            content => {
                let line = Body::Line { name: name(item), value: value(self.report, id, item) };
                self.push(id, level, depth, relationship, line);
                match content {
                    Content::Table(table) => self.push(id, level, depth, None, set_table(table)),
                    Content::Unknown(unknown) => self.unknown(id, unknown, level, depth.saturating_add(1)),
                    _ => {}
                }
            }
        }
        self.children(id, level, depth.saturating_add(1));
    }

    fn unknown(&mut self, id: ItemId, unknown: &Unknown, level: u8, depth: u8) {
        for (name, value) in &unknown.values {
            let name = Some(Inline::plain(name.clone()));
            let value = vec![Inline::plain(value.clone())];
            self.push(id, level, depth, None, Body::Line { name, value });
        }
    }

    /// Items of a continuous section as one paragraph.
    fn flow(&mut self, run: &[Child<'a>], level: u8, depth: u8) {
        let Some((first, item)) = run.first() else { return };
        let title = item.name.as_ref();
        let mut text = Vec::new();
        for (id, item) in run {
            for mut piece in value(self.report, *id, item) {
                piece.item = Some(*id);
                if item.name.as_ref() != title {
                    piece.called.clone_from(&item.name);
                }
                text.push(piece);
            }
        }
        self.push(*first, level, depth, None, Body::Paragraph { name: title.map(Inline::coded), text });
    }

    /// Measurements as a table; where one has more below it than a note can say, the table ends and that follows.
    fn measurements(&mut self, run: &[Child<'a>], level: u8, depth: u8) {
        let mut rows = Vec::new();
        let end = |page: &mut Self, mut rows: Vec<super::Row>| {
            let method = measurements::method_title(&mut rows);
            if let Some(first) = rows.first() {
                let item = page.report.get(first.item);
                let relationship = said(item.and_then(|item| item.relationship.as_ref()));
                page.push(first.item, level, depth, relationship, Body::Measurements { method, rows });
            }
        };
        for (id, item) in run {
            let Content::Number(number) = &item.content else { continue };
            let (row, long) = measurements::row(self.report, *id, item, number);
            rows.push(row);
            if !long.is_empty() {
                end(self, std::mem::take(&mut rows));
                for child in long {
                    if let Some(item) = self.report.get(child) {
                        self.single(child, item, level, depth.saturating_add(1));
                    }
                }
            }
        }
        end(self, rows);
    }
}

fn is_context(item: &Item) -> bool {
    matches!(
        item.relationship,
        Some(Relationship::HasObservationContext | Relationship::HasAcquisitionContext)
    )
}

/// How many of the first siblings are context of one kind.
fn context_run(children: &[Child<'_>]) -> usize {
    let Some((_, first)) = children.first().filter(|(_, item)| is_context(item)) else { return 0 };
    children.iter().take_while(|(_, item)| item.relationship == first.relationship).count()
}

/// How many of the first siblings are measurements of one relationship.
fn measured_run(children: &[Child<'_>]) -> usize {
    let Some((_, first)) = children.first() else { return 0 };
    let alike =
        |item: &Item| matches!(item.content, Content::Number(_)) && item.relationship == first.relationship;
    children.iter().take_while(|(_, item)| alike(item)).count()
}

/// How many of the first siblings read on as one text: it begins with text, and nothing is said about its parts.
fn flow_run(children: &[Child<'_>]) -> usize {
    if !children.first().is_some_and(|(_, item)| matches!(item.content, Content::Text { .. })) {
        return 0;
    }
    let flows = |item: &Item| {
        let word = matches!(
            item.content,
            Content::Text { .. }
                | Content::Code { .. }
                | Content::Number(_)
                | Content::Date { .. }
                | Content::Time { .. }
                | Content::DateTime { .. }
                | Content::PersonName { .. }
                | Content::Uid { .. }
        );
        word && item.relationship == Some(Relationship::Contains) && item.children.is_empty()
    };
    children.iter().take_while(|(_, item)| flows(item)).count()
}

/// Rows and columns that are set of one table.
const MAX_TABLE: usize = 10_000;

fn set_table(table: &Table) -> Body {
    let axis = |axes: &[super::super::model::Axis], number: u32| -> Inline {
        let Some(axis) = axes.iter().find(|axis| axis.number == number) else { return Inline::default() };
        let mut name = axis.name.as_ref().map(Inline::coded).unwrap_or_default();
        if let Some(unit) = &axis.unit {
            name.text = format!("{} ({})", name.text, unit.text()).trim_start().to_owned();
        }
        name
    };
    // What is set is what is there, whatever the table says about its size.
    let columns = table.cells.iter().map(|cell| cell.column).max().unwrap_or_default().min(64);
    let named = !table.row_names.is_empty();
    let mut head: Vec<Inline> = (1..=columns).map(|column| axis(&table.column_names, column)).collect();
    if named {
        head.insert(0, Inline::default());
    }
    let mut by_row = std::collections::BTreeMap::<u32, Vec<Inline>>::new();
    for cell in &table.cells {
        if by_row.len() == MAX_TABLE && !by_row.contains_key(&cell.row) {
            continue;
        }
        let row = by_row.entry(cell.row).or_insert_with(|| vec![Inline::default(); columns as usize]);
        let at = (cell.column as usize).saturating_sub(1);
        if let Some(place) = row.get_mut(at) {
            *place = Inline { code: cell.code.clone(), ..Inline::plain(cell.text.clone()) };
        }
    }
    let rows = by_row.into_iter().map(|(number, mut row)| {
        if named {
            row.insert(0, axis(&table.row_names, number));
        }
        row
    });
    Body::Table { head, rows: rows.collect() }
}
