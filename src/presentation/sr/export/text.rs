//! A page as plain text: a hundred columns, values below each other, tables with columns.

use std::io::{self, Write};

use super::super::document::{Block, Body, Document, Inline, Link, Note, Row};
use super::super::model::Relationship;
use super::harmless;
use super::layout::{padded, width, wrap};

/// Columns of a line.
const WIDTH: usize = 100;
/// The deepest indentation: what is further in stays there.
const DEEPEST: usize = 40;
/// Names longer than this do not push the values of their neighbours aside.
const LONGEST_NAME: usize = 32;
/// Columns of a table are no narrower than this.
const NARROWEST: usize = 8;
/// Blanks between columns.
const GAP: usize = 2;

/// Writes a page as text.
pub fn write_text(document: &Document, out: &mut impl Write) -> io::Result<()> {
    let title = inline(&document.title);
    for line in wrap(&title, WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", "=".repeat(width(&title).clamp(4, WIDTH)))?;
    let mut facts = vec![("Document".to_owned(), document.kind.clone())];
    let status: Vec<&str> = document.status.iter().map(|status| status.text.as_str()).collect();
    if !status.is_empty() {
        facts.push(("Status".to_owned(), status.join(", ")));
    }
    facts.extend(document.facts.iter().map(|fact| (fact.name.clone(), joined(&fact.value, ", "))));
    pairs(&facts, 0, out)?;
    for warning in &document.warnings {
        labelled("Warning", warning, 0, out)?;
    }
    blocks(&document.blocks, out)
}

fn blocks(blocks: &[Block], out: &mut impl Write) -> io::Result<()> {
    let mut rest = blocks;
    let mut apart = true;
    while let Some((block, others)) = rest.split_first() {
        let indent = indent(block);
        rest = others;
        match &block.body {
            Body::Heading { text, .. } => {
                let text = inline(text);
                let own = indent.saturating_sub(2);
                writeln!(out)?;
                let lines = wrap(&text, WIDTH - own);
                for line in &lines {
                    writeln!(out, "{:own$}{line}", "")?;
                }
                let rule = if block.level <= 1 { "-" } else { "·" };
                let long = lines.iter().map(|line| width(line)).max().unwrap_or_default();
                writeln!(out, "{:own$}{}", "", rule.repeat(long))?;
                apart = false;
                continue;
            }
            Body::Separator => {
                writeln!(out)?;
                apart = false;
                continue;
            }
            _ if apart => writeln!(out)?,
            _ => {}
        }
        apart = false;
        match &block.body {
            Body::Line { .. } => {
                // Neighbours that stand equally far in share a column.
                let same =
                    |other: &&Block| matches!(other.body, Body::Line { .. }) && self::indent(other) == indent;
                let more = others.iter().take_while(same).count();
                let run = std::iter::once(block).chain(others.iter().take(more));
                let lines: Vec<(String, String)> = run.filter_map(line).collect();
                pairs(&lines, indent, out)?;
                rest = others.get(more..).unwrap_or_default();
            }
            Body::Paragraph { name, text } => {
                apart = true;
                let label = label(block.relationship.as_ref(), name.as_ref());
                labelled(&label, &joined(text, " "), indent, out)?;
            }
            Body::Caption { text } => writeln!(out, "{:indent$}{text}", "")?,
            Body::Measurements { method, rows } => measurements(block, method, rows, indent, out)?,
            Body::Table { head, rows } => table(head, rows, indent, out)?,
            Body::Heading { .. } | Body::Separator => {}
        }
    }
    Ok(())
}

/// Two columns for each section, and for each step inside one.
fn indent(block: &Block) -> usize {
    (2 * (usize::from(block.level) + usize::from(block.depth))).min(DEEPEST)
}

/// The words before a value: how it is related, where that must be said, and its name.
fn label(relationship: Option<&Relationship>, name: Option<&Inline>) -> String {
    let relation = relationship.filter(|relation| relation.is_said()).map(Relationship::words);
    let name = name.map(inline);
    match (relation, name) {
        (Some(relation), Some(name)) => format!("{relation} {name}"),
        (Some(relation), None) => relation.to_owned(),
        (None, name) => name.unwrap_or_default(),
    }
}

fn line(block: &Block) -> Option<(String, String)> {
    let Body::Line { name, value } = &block.body else { return None };
    Some((label(block.relationship.as_ref(), name.as_ref()), joined(value, ", ")))
}

/// Names and values below each other.
fn pairs(lines: &[(String, String)], indent: usize, out: &mut impl Write) -> io::Result<()> {
    let names = lines.iter().map(|(name, _)| width(name)).filter(|wide| *wide <= LONGEST_NAME);
    let column = names.max().unwrap_or_default() + 1 + GAP;
    for (name, value) in lines {
        if name.is_empty() || width(name) > LONGEST_NAME {
            labelled(name, value, indent, out)?;
            continue;
        }
        let mut first = padded(&format!("{name}:"), column);
        for part in wrap(value, WIDTH.saturating_sub(indent + column)) {
            writeln!(out, "{}", format!("{:indent$}{first}{part}", "").trim_end())?;
            first = " ".repeat(column);
        }
    }
    Ok(())
}

/// A name and a text that begins behind it and goes on below.
fn labelled(name: &str, text: &str, indent: usize, out: &mut impl Write) -> io::Result<()> {
    let text = harmless(text);
    let whole = if name.is_empty() { text.into_owned() } else { format!("{name}: {text}") };
    for part in wrap(&whole, WIDTH - indent) {
        writeln!(out, "{}", format!("{:indent$}{part}", "").trim_end())?;
    }
    Ok(())
}

fn measurements(
    block: &Block,
    method: &str,
    rows: &[Row],
    indent: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    if let Some(relation) = block.relationship.as_ref().filter(|relation| relation.is_said()) {
        writeln!(out, "{:indent$}{}", "", relation.words())?;
    }
    let mut cells: Vec<Vec<String>> =
        vec![["Measurement", "Value", "Unit", method, "Qualifier"].map(str::to_owned).to_vec()];
    cells.extend(rows.iter().map(|row| {
        let method = joined(&row.method, ", ");
        let qualifiers = joined(&row.qualifiers, ", ");
        vec![inline(&row.name), inline(&row.value), inline(&row.unit), method, qualifiers]
    }));
    // Columns nobody uses are left out, the first two stay.
    for column in (2..5).rev() {
        if cells.iter().skip(1).all(|row| row.get(column).is_none_or(String::is_empty)) {
            cells.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let widths = widths(&cells, WIDTH - indent);
    let mut cells = cells.iter();
    if let Some(head) = cells.next() {
        write_row(head, &widths, indent, out)?;
        rule(&widths, indent, out)?;
    }
    for (row, cells) in rows.iter().zip(cells) {
        write_row(cells, &widths, indent, out)?;
        let notes: Vec<(String, String)> = row.notes.iter().map(note).collect();
        pairs(&notes, indent + 4, out)?;
    }
    Ok(())
}

fn note(note: &Note) -> (String, String) {
    (label(note.relationship.as_ref(), note.name.as_ref()), joined(&note.value, ", "))
}

fn table(head: &[Inline], rows: &[Vec<Inline>], indent: usize, out: &mut impl Write) -> io::Result<()> {
    let cells = |row: &[Inline]| row.iter().map(inline).collect::<Vec<_>>();
    let mut all = vec![cells(head)];
    all.extend(rows.iter().map(|row| cells(row)));
    let widths = widths(&all, WIDTH - indent);
    let mut all = all.iter();
    if let Some(head) = all.next() {
        if head.iter().any(|cell| !cell.is_empty()) {
            write_row(head, &widths, indent, out)?;
        }
        rule(&widths, indent, out)?;
    }
    all.try_for_each(|row| write_row(row, &widths, indent, out))
}

/// Widths of columns: what they need. Where that is too much the widest one gives way, step by step; the first,
/// which holds names, only once it takes more than half.
fn widths(rows: &[Vec<String>], most: usize) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.flat_map(|cell| cell.split('\n')).map(width).max().unwrap_or_default().clamp(1, most)
    };
    let mut widths: Vec<usize> = (0..columns).map(of).collect();
    let room = most.saturating_sub(GAP * columns.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let first = widths.first().copied().unwrap_or_default();
        let spared = usize::from(columns > 1 && first * 2 <= room);
        let Some(widest) = widths.iter_mut().skip(spared).max() else { break };
        if *widest <= NARROWEST {
            break;
        }
        *widest -= 1;
    }
    widths
}

fn write_row(cells: &[String], widths: &[usize], indent: usize, out: &mut impl Write) -> io::Result<()> {
    let wrapped: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, wide)| wrap(cell, *wide)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
    for n in 0..height {
        let mut line = " ".repeat(indent);
        for (lines, wide) in wrapped.iter().zip(widths) {
            let part = lines.get(n).map(String::as_str).unwrap_or_default();
            line.push_str(&padded(part, wide + GAP));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn rule(widths: &[usize], indent: usize, out: &mut impl Write) -> io::Result<()> {
    let parts: Vec<String> = widths.iter().map(|wide| "-".repeat(*wide)).collect();
    writeln!(out, "{:indent$}{}", "", parts.join(&" ".repeat(GAP)))
}

/// Pieces one after the other.
fn joined(pieces: &[Inline], between: &str) -> String {
    let mut text = String::new();
    for piece in pieces {
        let next = inline(piece);
        // Text that was cut at a full stop brings its own punctuation.
        let closes = next.starts_with(['.', ',', ';', ':', ')', '!', '?', '、', '。']) && between == " ";
        if !text.is_empty() && !closes {
            text.push_str(if next.starts_with("(observed") || next.starts_with("on ") {
                " "
            } else {
                between
            });
        }
        text.push_str(&next);
    }
    text
}

/// A piece, with what it is called and which object it names, since nothing can be hovered here.
fn inline(piece: &Inline) -> String {
    let mut text = harmless(&piece.text).into_owned();
    if let Some(Link::Objects { objects, place }) = &piece.link {
        let named = place.is_none() || piece.item.is_some();
        for object in objects.iter().filter(|_| named) {
            text.push_str(&format!(", UID {}", harmless(&object.sop_instance_uid)));
        }
    }
    if let Some(called) = &piece.called {
        text.push_str(&format!(" [{}]", harmless(called.text())));
    }
    text
}
