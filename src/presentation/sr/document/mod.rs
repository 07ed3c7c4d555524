//! A report set as a page: what is to be drawn or written, in order, as plain data.
//!
//! The page is a title, facts and a flat list of blocks, so that a window can draw those on screen alone and a search
//! can name a block by its number. Texts are ready to be read; what lies behind them (codes, links, the item they
//! come from) stands beside them. Sizes, colours and line breaks are for whoever draws.

mod build;
mod front;
mod measurements;
mod values;

use super::code::Code;
use super::model::{ItemId, Reference, Region, Region3d, Relationship, Report, Template, Times};

/// A page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    pub title: Inline,
    /// `Comprehensive SR`.
    pub kind: String,
    /// Whether the document is complete, verified, final.
    pub status: Vec<Status>,
    /// Patient, study, who wrote it and when.
    pub facts: Vec<Fact>,
    /// What could not be understood.
    pub warnings: Vec<String>,
    pub blocks: Vec<Block>,
}

/// One thing about the state of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    pub text: String,
    /// A reader must know: it is not complete, or nobody answers for it.
    pub provisional: bool,
}

/// A name and a value in the head of the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fact {
    pub name: String,
    pub value: Vec<Inline>,
}

/// A piece of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The item it comes from; of a piece that has several the first.
    pub item: ItemId,
    /// How many headings are above it.
    pub level: u8,
    /// How far it is indented below the block it belongs to: properties of a line are one further in.
    pub depth: u8,
    /// What the item is to the one above it; `None` where that goes without saying.
    pub relationship: Option<Relationship>,
    pub body: Body,
}

/// What a block holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The title of a section; `Block::level` is its own, from 1.
    Heading { text: Inline, template: Option<Template> },
    /// Words that introduce the lines below, which are indented.
    Caption { text: String },
    /// A name and a value.
    Line { name: Option<Inline>, value: Vec<Inline> },
    /// Text to be read on, with line ends where it has them.
    Paragraph { name: Option<Inline>, text: Vec<Inline> },
    /// Measurements beside each other. `method` is the title of that column: what the report calls a method, a
    /// derivation; empty where no row has one.
    Measurements { method: String, rows: Vec<Row> },
    /// A table of the report's own; the first cell of a row names it where rows have names.
    Table { head: Vec<Inline>, rows: Vec<Vec<Inline>> },
    /// A section without a title begins.
    Separator,
}

/// A measurement in a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub item: ItemId,
    pub name: Inline,
    pub value: Inline,
    pub unit: Inline,
    pub method: Vec<Inline>,
    pub qualifiers: Vec<Inline>,
    /// What else is said about it.
    pub notes: Vec<Note>,
}

/// Something that is said about a measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub item: ItemId,
    /// `None` where it goes without saying.
    pub relationship: Option<Relationship>,
    pub name: Option<Inline>,
    pub value: Vec<Inline>,
}

/// A piece of text, and what lies behind it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inline {
    pub text: String,
    /// The item it comes from, where that is not the one of the block.
    pub item: Option<ItemId>,
    /// What the value is called, where no line says so; to be shown beside it.
    pub called: Option<Code>,
    /// The code that is meant, for hovering.
    pub code: Option<Code>,
    pub link: Option<Link>,
}

/// Where a piece of text leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// Objects to be opened, and what of them to be looked at.
    Objects { objects: Vec<Reference>, place: Option<Place> },
    /// Another item of this report.
    Item(ItemId),
}

/// A part of what is referenced.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Region(Region),
    Region3d(Region3d),
    Times(Times),
}

impl Document {
    /// Sets a report.
    pub fn of(report: &Report) -> Self {
        build::document(report)
    }

    /// The first block that shows an item, for links from one item to another.
    pub fn block_of(&self, item: ItemId) -> Option<usize> {
        self.blocks.iter().position(|block| block.shows(item))
    }
}

impl Block {
    /// Whether something of an item stands in this block.
    pub fn shows(&self, item: ItemId) -> bool {
        let here = |text: &Inline| text.item == Some(item);
        let named = |name: &Option<Inline>| name.as_ref().is_some_and(here);
        self.item == item
            || match &self.body {
                Body::Line { name, value: text } | Body::Paragraph { name, text } => {
                    named(name) || text.iter().any(here)
                }
                Body::Measurements { rows, .. } => rows.iter().any(|row| {
                    let note = |note: &Note| note.item == item || note.value.iter().any(here);
                    row.item == item || row.method.iter().any(here) || row.notes.iter().any(note)
                }),
                Body::Heading { .. } | Body::Caption { .. } | Body::Table { .. } | Body::Separator => false,
            }
    }
}

impl Inline {
    /// Text with nothing behind it.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A code by its meaning.
    pub fn coded(code: &Code) -> Self {
        Self { text: code.text().to_owned(), code: Some(code.clone()), ..Self::default() }
    }
}
