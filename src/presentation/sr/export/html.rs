//! A page as HTML: one file with its style in it and nothing to run or to load, for any colour scheme.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::code::Code;
use super::super::document::{Block, Body, Document, Inline, Link, Note, Row};
use super::super::model::{ItemId, Relationship};
use super::harmless;

const STYLE: &str = include_str!("report.css");
/// The deepest indentation, in steps.
const DEEPEST: u8 = 16;

/// Writes one page.
pub fn write_html(document: &Document, out: &mut impl Write) -> io::Result<()> {
    write_html_pages(std::slice::from_ref(document), out)
}

/// Writes pages below each other as one file.
pub fn write_html_pages(documents: &[Document], out: &mut impl Write) -> io::Result<()> {
    let title = documents.first().map(|document| document.title.text.as_str()).unwrap_or_default();
    writeln!(out, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    // Should anything slip through, it still runs and loads nothing.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>", escaped(title))?;
    for (number, document) in documents.iter().enumerate() {
        let mut page = Page { out, number, targets: BTreeSet::new() };
        page.collect(document);
        page.article(document)?;
    }
    writeln!(out, "</body>\n</html>")
}

/// Text between tags, or in quotes.
fn escaped(text: &str) -> String {
    let text = harmless(text);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

struct Page<'a, W> {
    out: &'a mut W,
    number: usize,
    /// Items that are linked to from others.
    targets: BTreeSet<ItemId>,
}

impl<W: Write> Page<'_, W> {
    fn collect(&mut self, document: &Document) {
        let mut see = |pieces: &[Inline]| {
            self.targets.extend(pieces.iter().filter_map(|piece| match piece.link {
                Some(Link::Item(item)) => Some(item),
                _ => None,
            }));
        };
        for block in &document.blocks {
            match &block.body {
                Body::Line { value: text, .. } | Body::Paragraph { text, .. } => see(text),
                Body::Measurements { rows, .. } => {
                    rows.iter().flat_map(|row| &row.notes).for_each(|note| see(&note.value));
                }
                _ => {}
            }
        }
    }

    fn article(&mut self, document: &Document) -> io::Result<()> {
        writeln!(self.out, "<article>\n<header>")?;
        let title = document.title.code.as_ref().map(Code::notation);
        let hover = hover(title.as_deref());
        writeln!(self.out, "<h1 dir=\"auto\"{hover}>{}</h1>", escaped(&document.title.text))?;
        writeln!(self.out, "<p class=\"kind\">{}</p>", escaped(&document.kind))?;
        if !document.status.is_empty() {
            let spans: Vec<String> = document
                .status
                .iter()
                .map(|status| {
                    let class = if status.provisional { " class=\"provisional\"" } else { "" };
                    format!("<span{class} dir=\"auto\">{}</span>", escaped(&status.text))
                })
                .collect();
            writeln!(self.out, "<p class=\"status\">{}</p>", spans.concat())?;
        }
        writeln!(self.out, "<dl class=\"facts\">")?;
        for fact in &document.facts {
            let value = self.pieces(&fact.value, ", ");
            writeln!(self.out, "<dt>{}</dt><dd dir=\"auto\">{value}</dd>", escaped(&fact.name))?;
        }
        writeln!(self.out, "</dl>\n</header>")?;
        for warning in &document.warnings {
            writeln!(self.out, "<p class=\"warning\">{}</p>", escaped(warning))?;
        }
        for block in &document.blocks {
            self.block(block)?;
        }
        writeln!(self.out, "</article>")
    }

    /// The anchor of an item that somebody links to.
    fn anchor(&self, item: ItemId) -> String {
        if self.targets.contains(&item) { format!(" id=\"{}\"", self.id(item)) } else { String::new() }
    }

    fn id(&self, item: ItemId) -> String {
        format!("r{}-{}", self.number, item.index())
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        let anchor = self.anchor(block.item);
        let depth = block.depth.min(DEEPEST);
        let indent = if depth > 0 {
            format!(" style=\"margin-inline-start:{}rem\"", f32::from(depth) * 1.5)
        } else {
            String::new()
        };
        let relation = relation(block.relationship.as_ref());
        match &block.body {
            Body::Heading { text, template } => {
                let level = block.level.saturating_add(1).clamp(2, 6);
                let mut about = text.code.as_ref().map(Code::notation).unwrap_or_default();
                if let Some(template) = template {
                    about.push_str(&format!(" template {}", template.id));
                }
                let hover = hover(Some(about.trim()));
                let text = escaped(&text.text);
                writeln!(
                    self.out,
                    "<h{level}{anchor} dir=\"auto\"{indent}{hover}>{relation}{text}</h{level}>"
                )
            }
            Body::Caption { text } => {
                writeln!(self.out, "<p class=\"caption\"{anchor}{indent}>{}</p>", escaped(text))
            }
            Body::Line { name, value } => {
                let name = name.as_ref().map(|name| self.piece(name)).unwrap_or_default();
                let value = self.pieces(value, ", ");
                write!(self.out, "<div class=\"line\"{anchor}{indent} dir=\"auto\">")?;
                write!(self.out, "<div class=\"name\" dir=\"auto\">{relation}{name}</div>")?;
                writeln!(self.out, "<div class=\"value\" dir=\"auto\">{value}</div></div>")
            }
            Body::Paragraph { name, text } => {
                let name = name.as_ref().map(|name| self.piece(name));
                let name =
                    name.map(|name| format!("<span class=\"name\">{name}:</span> ")).unwrap_or_default();
                let text = self.pieces(text, " ");
                writeln!(self.out, "<p{anchor}{indent} dir=\"auto\">{relation}{name}{text}</p>")
            }
            Body::Measurements { method, rows } => {
                // The table is anchored by its rows.
                write!(self.out, "<table{indent} dir=\"auto\">")?;
                self.measurements(&relation, method, rows)?;
                writeln!(self.out, "</table>")
            }
            Body::Table { head, rows } => {
                write!(self.out, "<table{indent} dir=\"auto\">")?;
                if head.iter().any(|cell| !cell.text.is_empty()) {
                    let cells: Vec<String> =
                        head.iter().map(|cell| self.cell("th", "", std::slice::from_ref(cell))).collect();
                    writeln!(self.out, "<tr>{}</tr>", cells.concat())?;
                }
                for row in rows {
                    let cells: Vec<String> =
                        row.iter().map(|cell| self.cell("td", "", std::slice::from_ref(cell))).collect();
                    writeln!(self.out, "<tr>{}</tr>", cells.concat())?;
                }
                writeln!(self.out, "</table>")
            }
            Body::Separator => writeln!(self.out, "<hr{anchor}>"),
        }
    }

    fn cell(&self, tag: &str, class: &str, pieces: &[Inline]) -> String {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        format!("<{tag}{class} dir=\"auto\">{}</{tag}>", self.pieces(pieces, ", "))
    }

    fn measurements(&mut self, relation: &str, title: &str, rows: &[Row]) -> io::Result<()> {
        let any = |used: fn(&Row) -> bool| rows.iter().any(used);
        let unit = any(|row| !row.unit.text.is_empty());
        let method = any(|row| !row.method.is_empty());
        let qualifier = any(|row| !row.qualifiers.is_empty());
        let mut head = vec!["Measurement", "Value"];
        head.extend(unit.then_some("Unit"));
        head.extend(method.then_some(title));
        head.extend(qualifier.then_some("Qualifier"));
        let cells: Vec<String> =
            head.iter().map(|name| format!("<th dir=\"auto\">{}</th>", escaped(name))).collect();
        if !relation.is_empty() {
            write!(self.out, "<caption>{}</caption>", relation.trim_end())?;
        }
        writeln!(self.out, "<tr>{}</tr>", cells.concat())?;
        for row in rows {
            let one = std::slice::from_ref::<Inline>;
            let mut cells = self.cell("td", "", one(&row.name)) + &self.cell("td", "number", one(&row.value));
            if unit {
                cells += &self.cell("td", "", one(&row.unit));
            }
            if method {
                cells += &self.cell("td", "", &row.method);
            }
            if qualifier {
                cells += &self.cell("td", "", &row.qualifiers);
            }
            writeln!(self.out, "<tr{}>{cells}</tr>", self.anchor(row.item))?;
            if !row.notes.is_empty() {
                let notes: Vec<String> = row.notes.iter().map(|note| self.note(note)).collect();
                let span = head.len();
                writeln!(
                    self.out,
                    "<tr class=\"notes\"><td colspan=\"{span}\">{}</td></tr>",
                    notes.concat()
                )?;
            }
        }
        Ok(())
    }

    fn note(&self, note: &Note) -> String {
        let relation = relation(note.relationship.as_ref());
        let name = note.name.as_ref().map(|name| format!("{}: ", self.piece(name))).unwrap_or_default();
        let value = self.pieces(&note.value, ", ");
        format!("<div dir=\"auto\"{}>{relation}{name}{value}</div>", self.anchor(note.item))
    }

    fn pieces(&self, pieces: &[Inline], between: &str) -> String {
        let mut text = String::new();
        for piece in pieces {
            let closes =
                between == " " && piece.text.starts_with(['.', ',', ';', ':', ')', '!', '?', '、', '。']);
            if !text.is_empty() && !closes {
                let on = piece.text.starts_with("on ") || piece.text.starts_with("(observed");
                text.push_str(if on { " " } else { between });
            }
            text.push_str(&self.piece(piece));
        }
        text
    }

    fn piece(&self, piece: &Inline) -> String {
        let mut text = escaped(&piece.text);
        let code = piece.code.as_ref().map(Code::notation);
        match &piece.link {
            Some(Link::Item(item)) => {
                text = format!("<a href=\"#{}\"{}>{text}</a>", self.id(*item), hover(code.as_deref()));
            }
            Some(Link::Objects { objects, .. }) if !objects.is_empty() => {
                // What a page cannot open it can name.
                let uids: Vec<&str> = objects.iter().map(|object| object.sop_instance_uid.as_str()).collect();
                text = format!("<span class=\"object\"{}>{text}</span>", hover(Some(&uids.join(" "))));
            }
            _ => {
                if let Some(code) = code {
                    text = format!("<span{}>{text}</span>", hover(Some(&code)));
                }
            }
        }
        if let Some(called) = &piece.called {
            let about = hover(Some(&called.notation()));
            text.push_str(&format!(" <span class=\"called\"{about}>[{}]</span>", escaped(called.text())));
        }
        text
    }
}

/// What appears when the pointer rests on something.
fn hover(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .map(|text| format!(" title=\"{}\"", escaped(text)))
        .unwrap_or_default()
}

fn relation(relationship: Option<&Relationship>) -> String {
    let said = relationship.filter(|relation| relation.is_said());
    said.map(|relation| format!("<span class=\"relation\">{}</span> ", escaped(relation.words())))
        .unwrap_or_default()
}
