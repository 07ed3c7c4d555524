//! A page cut into strips, each small enough to be laid out when it comes into sight, and the texts of each.
//!
//! A strip is a heading, a line, one row of a table, or as much of a paragraph as fits a screen. A search and whoever
//! draws ask for the same texts, so that what was found is found again on screen. Nothing here knows sizes or colours.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::presentation::sr::{Block, Body, Document, Inline, ItemId, Note, Relationship, Row};

/// Bytes of a paragraph in one strip.
const LONGEST: usize = 1800;
/// Bytes of one cell that are laid out; exports have all of it.
const LONGEST_CELL: usize = 16_000;

/// A part of the page that is laid out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// The number of the block it is of; that of the first for the head of the page.
    pub block: usize,
    pub part: Part,
    /// How much there is to read, to guess how high it will be.
    pub letters: u32,
}

/// What of a block a strip holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Title, state, facts and warnings of the document.
    Front,
    /// A block that needs no cutting.
    Whole,
    /// Bytes of the text of a paragraph; its name stands with the first.
    Text(Range<usize>),
    /// The titles of the columns of a table.
    Head,
    /// A row of a table.
    Row(usize),
}

/// What a run of a text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning<'a> {
    Plain,
    /// Said beside the text and not by it.
    Aside,
    /// With what lies behind it.
    Of(&'a Inline),
}

/// A text of a strip with what its runs mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rich<'a> {
    pub text: String,
    /// In order, without gaps.
    pub runs: Vec<(Range<usize>, Meaning<'a>)>,
}

impl<'a> Rich<'a> {
    pub fn plain(text: &str) -> Self {
        let mut rich = Self::default();
        rich.push(text, Meaning::Plain);
        rich
    }

    pub fn of(inline: &'a Inline) -> Self {
        let mut rich = Self::default();
        rich.inline(inline);
        rich
    }

    /// Pieces one after the other.
    pub fn joined(pieces: &'a [Inline], between: &str) -> Self {
        let mut rich = Self::default();
        for piece in pieces {
            // Text that was cut at a full stop brings its own punctuation.
            let closes = piece.text.starts_with(['.', ',', ';', ':', ')', '!', '?', '、', '。']);
            let goes_on = piece.text.starts_with("(observed") || piece.text.starts_with("on ");
            match () {
                () if rich.text.is_empty() || (closes && between == " ") => {}
                () if goes_on => rich.push(" ", Meaning::Plain),
                () => rich.push(between, Meaning::Plain),
            }
            rich.inline(piece);
        }
        rich
    }

    /// Words before it that it does not say itself: how it is related.
    fn related(relationship: Option<&Relationship>, after: Option<&'a Inline>) -> Self {
        let mut rich = Self::default();
        if let Some(relation) = relationship.filter(|relation| relation.is_said()) {
            rich.push(relation.words(), Meaning::Aside);
        }
        if let Some(inline) = after {
            if !rich.text.is_empty() {
                rich.push(" ", Meaning::Plain);
            }
            rich.inline(inline);
        }
        rich
    }

    fn push(&mut self, text: &str, meaning: Meaning<'a>) {
        let from = self.text.len();
        let room = LONGEST_CELL.saturating_sub(from);
        // Marks that text is obeyed by have no business in a line of it, but line ends have.
        let shown = text.chars().take(room).map(|c| if c.is_control() && c != '\n' { ' ' } else { c });
        self.text.extend(shown);
        if self.text.len() > from {
            self.runs.push((from..self.text.len(), meaning));
        }
    }

    fn inline(&mut self, inline: &'a Inline) {
        self.push(&inline.text, Meaning::Of(inline));
        if let Some(called) = &inline.called {
            self.push(&format!(" [{}]", called.text()), Meaning::Aside);
        }
    }

    /// A part of it.
    fn cut(self, range: &Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        let runs = self.runs.into_iter().filter_map(|(run, meaning)| {
            let (from, to) = (run.start.max(range.start), run.end.min(range.end));
            (from < to).then(|| (from - range.start..to - range.start, meaning))
        });
        Self { runs: runs.collect(), text }
    }
}

/// A page in strips.
#[derive(Debug, Default)]
pub struct Sheet {
    pub strips: Vec<Strip>,
    /// The columns of tables, by block.
    columns: BTreeMap<usize, Columns>,
}

/// The columns of a table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Of measurements: those that are used.
    kinds: Vec<Column>,
    /// How many letters their cells have at most.
    pub letters: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Value,
    Unit,
    Method,
    Qualifier,
}

impl Sheet {
    /// Cuts a page.
    pub fn of(document: &Document) -> Self {
        let mut sheet = Self::default();
        sheet.push(0, Part::Front);
        for (number, block) in document.blocks.iter().enumerate() {
            match &block.body {
                Body::Paragraph { text, .. } => {
                    let text = paragraph(text).text;
                    slices(&text).into_iter().for_each(|slice| sheet.push(number, Part::Text(slice)));
                }
                Body::Measurements { method, rows } => {
                    sheet.columns.insert(number, Columns::of_measurements(method, rows));
                    sheet.push(number, Part::Head);
                    (0..rows.len()).for_each(|row| sheet.push(number, Part::Row(row)));
                }
                Body::Table { head, rows } => {
                    sheet.columns.insert(number, Columns::of_table(head, rows));
                    if head.iter().any(|cell| !cell.text.is_empty()) {
                        sheet.push(number, Part::Head);
                    }
                    (0..rows.len()).for_each(|row| sheet.push(number, Part::Row(row)));
                }
                _ => sheet.push(number, Part::Whole),
            }
        }
        let letters: Vec<u32> = (sheet.strips.iter())
            .map(|strip| match &strip.part {
                Part::Text(range) => range.len(),
                _ => sheet.texts(document, strip).iter().map(|text| text.text.len()).sum(),
            })
            .map(|letters| u32::try_from(letters).unwrap_or(u32::MAX))
            .collect();
        for (strip, letters) in sheet.strips.iter_mut().zip(letters) {
            strip.letters = letters;
        }
        sheet
    }

    fn push(&mut self, block: usize, part: Part) {
        self.strips.push(Strip { block, part, letters: 0 });
    }

    /// The columns of the table a strip belongs to.
    pub fn columns(&self, strip: &Strip) -> Option<&Columns> {
        self.columns.get(&strip.block)
    }

    /// The texts of a strip. Of the front: title, kind, facts as pairs of name and value, warnings; of a line or a
    /// paragraph: what it is about, then what it says; of a row: cell by cell, then the notes as pairs.
    pub fn texts<'a>(&self, document: &'a Document, strip: &Strip) -> Vec<Rich<'a>> {
        if strip.part == Part::Front {
            return front(document);
        }
        let Some(block) = document.blocks.get(strip.block) else { return Vec::new() };
        let columns = || self.columns(strip).map(|columns| columns.kinds.as_slice()).unwrap_or_default();
        let related = |name: &'a Option<Inline>| Rich::related(block.relationship.as_ref(), name.as_ref());
        match (&block.body, &strip.part) {
            (Body::Heading { text, .. }, _) => vec![Rich::related(block.relationship.as_ref(), Some(text))],
            (Body::Caption { text }, _) => vec![Rich::plain(text)],
            (Body::Line { name, value }, _) => vec![related(name), Rich::joined(value, ", ")],
            (Body::Paragraph { name, text }, Part::Text(range)) => {
                let name = if range.start == 0 { related(name) } else { Rich::default() };
                vec![name, paragraph(text).cut(range)]
            }
            (Body::Measurements { method, .. }, Part::Head) => head(block, method, columns()),
            (Body::Measurements { rows, .. }, Part::Row(number)) => {
                rows.get(*number).map(|row| measurement(row, columns())).unwrap_or_default()
            }
            (Body::Table { head, .. }, Part::Head) => head.iter().map(Rich::of).collect(),
            (Body::Table { rows, .. }, Part::Row(number)) => {
                rows.get(*number).into_iter().flatten().map(Rich::of).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The first strip that shows an item.
    pub fn strip_of(&self, document: &Document, item: ItemId) -> Option<usize> {
        if item == ItemId::ROOT {
            return Some(0);
        }
        let number = document.block_of(item)?;
        let mine = |strip: &Strip| strip.block == number && strip.part != Part::Front;
        let first = self.strips.iter().position(mine)?;
        let Some(Body::Measurements { rows, .. }) = document.blocks.get(number).map(|block| &block.body)
        else {
            return Some(first);
        };
        let of = |row: &Row| row.item == item || row.notes.iter().any(|note| note.item == item);
        Some(first + rows.iter().position(of).map_or(0, |row| row + 1))
    }
}

impl Columns {
    fn of_measurements(method: &str, rows: &[Row]) -> Self {
        let any = |used: &dyn Fn(&Row) -> bool| rows.iter().any(used);
        let mut kinds = vec![Column::Name, Column::Value];
        kinds.extend(any(&|row| !row.unit.text.is_empty()).then_some(Column::Unit));
        let method_used = !method.is_empty() || any(&|row| !row.method.is_empty());
        kinds.extend(method_used.then_some(Column::Method));
        kinds.extend(any(&|row| !row.qualifiers.is_empty()).then_some(Column::Qualifier));
        let mut columns = Self { letters: vec![0; kinds.len()], kinds };
        let titles: Vec<Rich> = titles(method, &columns.kinds);
        columns.see(&titles);
        let kinds = columns.kinds.clone();
        rows.iter().for_each(|row| columns.see(&cells(row, &kinds)));
        columns
    }

    fn of_table(head: &[Inline], rows: &[Vec<Inline>]) -> Self {
        let wide = std::iter::once(head.len()).chain(rows.iter().map(Vec::len)).max().unwrap_or_default();
        let mut columns = Self { kinds: Vec::new(), letters: vec![0; wide] };
        for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
            columns.see(&row.iter().map(Rich::of).collect::<Vec<_>>());
        }
        columns
    }

    fn see(&mut self, cells: &[Rich]) {
        for (most, cell) in self.letters.iter_mut().zip(cells) {
            *most = (*most).max(cell.text.chars().take(200).count());
        }
    }
}

/// Pieces of a paragraph; those of running text follow each other with a space.
fn paragraph(text: &[Inline]) -> Rich<'_> {
    // No limit here: a paragraph is cut into strips.
    let mut rich = Rich::default();
    for piece in text {
        let whole = Rich::joined(std::slice::from_ref(piece), " ");
        let closes = piece.text.starts_with(['.', ',', ';', ':', ')', '!', '?', '、', '。']);
        if !rich.text.is_empty() && !closes {
            let at = rich.text.len();
            rich.text.push(' ');
            rich.runs.push((at..at + 1, Meaning::Plain));
        }
        let at = rich.text.len();
        if piece.text.len() <= LONGEST_CELL {
            rich.text.push_str(&whole.text);
            rich.runs.extend(whole.runs.into_iter().map(|(run, of)| (run.start + at..run.end + at, of)));
        } else {
            rich.text.extend(piece.text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }));
            rich.runs.push((at..rich.text.len(), Meaning::Of(piece)));
        }
    }
    rich
}

/// Where a long text is cut: at line ends, else between words, else between letters.
fn slices(text: &str) -> Vec<Range<usize>> {
    let mut slices = Vec::new();
    let mut from = 0;
    while text.len() - from > LONGEST {
        let end = text.floor_char_boundary(from + LONGEST);
        let part = text.get(from..end).unwrap_or_default();
        let line = part.rfind('\n').filter(|at| *at > LONGEST / 4);
        let cut = line.or_else(|| part.rfind(' ')).map_or(end, |at| from + at + 1);
        slices.push(from..cut);
        from = cut;
    }
    slices.push(from..text.len());
    slices
}

fn front(document: &Document) -> Vec<Rich<'_>> {
    let mut texts = vec![Rich::of(&document.title), Rich::plain(&document.kind)];
    for fact in &document.facts {
        texts.push(Rich::plain(&fact.name));
        texts.push(Rich::joined(&fact.value, ", "));
    }
    texts.extend(document.warnings.iter().map(|warning| Rich::plain(warning)));
    texts
}

fn titles<'a>(method: &str, columns: &[Column]) -> Vec<Rich<'a>> {
    let title = |column: &Column| match column {
        Column::Name => "Measurement",
        Column::Value => "Value",
        Column::Unit => "Unit",
        Column::Method if method.is_empty() => "Method",
        Column::Method => method,
        Column::Qualifier => "Qualifier",
    };
    columns.iter().map(|column| Rich::plain(title(column))).collect()
}

/// The head of measurements; how they are related, where that must be said, stands for what they are.
fn head<'a>(block: &Block, method: &str, columns: &[Column]) -> Vec<Rich<'a>> {
    let mut titles = titles(method, columns);
    let said = block.relationship.as_ref().filter(|relation| relation.is_said());
    if let (Some(first), Some(relation)) = (titles.first_mut(), said) {
        *first = Rich::default();
        first.push(relation.words(), Meaning::Aside);
    }
    titles
}

fn cells<'a>(row: &'a Row, columns: &[Column]) -> Vec<Rich<'a>> {
    let cell = |column: &Column| match column {
        Column::Name => Rich::of(&row.name),
        Column::Value => Rich::of(&row.value),
        Column::Unit => Rich::of(&row.unit),
        Column::Method => Rich::joined(&row.method, ", "),
        Column::Qualifier => Rich::joined(&row.qualifiers, ", "),
    };
    columns.iter().map(cell).collect()
}

fn measurement<'a>(row: &'a Row, columns: &[Column]) -> Vec<Rich<'a>> {
    let mut texts = cells(row, columns);
    for Note { relationship, name, value, .. } in &row.notes {
        texts.push(Rich::related(relationship.as_ref(), name.as_ref()));
        texts.push(Rich::joined(value, ", "));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_paragraph_is_cut_between_words_and_loses_nothing() {
        let text = "word ".repeat(2000) + "\n" + &"a".repeat(5000);
        let slices = slices(&text);
        assert!(slices.len() > 5);
        assert!(slices.iter().all(|slice| slice.len() <= LONGEST));
        let whole: String = slices.iter().filter_map(|slice| text.get(slice.clone())).collect();
        assert_eq!(whole, text);
        assert_eq!(super::slices("").first(), Some(&(0..0)));
    }

    #[test]
    fn a_cut_of_a_text_keeps_what_its_runs_mean() {
        let pieces = [Inline::plain("one two"), Inline::plain("three"), Inline::plain(".")];
        let whole = paragraph(&pieces);
        assert_eq!(whole.text, "one two three.");
        let part = whole.cut(&(4..10));
        assert_eq!(part.text, "two th");
        let of = |at: usize| part.runs.iter().find(|(run, _)| run.contains(&at)).map(|(_, of)| *of);
        assert_eq!(of(0), Some(Meaning::Of(&pieces[0])));
        assert_eq!(of(3), Some(Meaning::Plain));
        assert_eq!(of(5), Some(Meaning::Of(&pieces[1])));
    }
}
