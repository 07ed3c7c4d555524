//! The elements of an object as rows of a panel: flat, in order, each knowing its parent.
//!
//! Rows are made from what was read with the header and read nothing themselves. Of an object with functional
//! groups for every frame, rows can hold those of one frame, and changing the frame changes only them.

use std::sync::Arc;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::names::{keyword, tag_text, words};
use super::path::{Path, Step};
use super::private::{self, Creators};
use super::text;
use super::value;
use crate::dicom::{DataSet, DicomFile, Element, Value};

/// Characters of a value a row holds.
const TEXT: usize = 160;
/// More rows than anybody scrolls through; what comes after is left out, and [`Rows::is_cut`] says so.
const MOST: usize = 500_000;

const PER_FRAME: Tag = tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE;
/// The tag of items (PS3.5 7.5).
const ITEM: Tag = Tag(0xFFFE, 0xE000);

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Element,
    /// An item of the sequence in the row's parent, counted from zero.
    Item(u32),
}

/// One element or one item of a sequence, as one line.
#[derive(Debug, Clone)]
pub struct Row {
    pub kind: Kind,
    /// How far it is indented: an item is one deeper than its sequence, its elements are two deeper.
    pub depth: u16,
    /// The row of the sequence an item lies in, or of the item an element lies in.
    pub parent: Option<usize>,
    /// One past the last row below this one.
    pub end: usize,
    pub tag: Tag,
    /// As in the file; `None` for items.
    pub vr: Option<VR>,
    /// Of the standard or, for private elements, of the vendor; empty when not known.
    pub keyword: &'static str,
    /// Who owns a private element, as far as the file says.
    pub creator: Option<Arc<str>>,
    /// How many values there are; how many items in a sequence.
    pub multiplicity: u64,
    /// Bytes of the value; `None` for sequences and items.
    pub length: Option<u64>,
    /// The value on one line, shortened, with nothing in it that cannot be seen. Empty for sequences, and for
    /// what was left in the file: [`full_value`](super::full_value) reads that.
    pub text: Box<str>,
    /// What the value means or why there is none: names of UIDs, counts of items, sizes of bulk data.
    pub note: Box<str>,
}

impl Row {
    /// Whether there is something to open.
    pub fn has_children(&self) -> bool {
        self.items() > 0 || matches!(self.kind, Kind::Item(_))
    }

    /// How many items a sequence has; 0 for everything else.
    pub fn items(&self) -> u64 {
        if self.vr == Some(VR::SQ) { self.multiplicity } else { 0 }
    }

    /// Belongs to a vendor and not to the standard.
    pub fn is_private(&self) -> bool {
        self.kind == Kind::Element && private::is_private(self.tag)
    }

    /// The keyword in words; for items their number, counted from one.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Item(number) => format!("Item {}", u64::from(number) + 1),
            Kind::Element if self.keyword.is_empty() && self.is_private() => "Private element".to_owned(),
            Kind::Element if self.keyword.is_empty() => "Unknown element".to_owned(),
            Kind::Element => words(self.keyword),
        }
    }

    /// `(0028,0010)`; `[3]` for items.
    pub fn tag_text(&self) -> String {
        match self.kind {
            Kind::Item(number) => format!("[{number}]"),
            Kind::Element => tag_text(self.tag),
        }
    }
}

/// The rows of one object.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    rows: Vec<Row>,
    frame: Option<u32>,
    cut: bool,
}

impl Rows {
    /// All elements of an object. With a frame, counted from zero, of the functional groups that each frame
    /// has of its own only those of that frame.
    pub fn read(file: &DicomFile, frame: Option<u32>) -> Self {
        let mut rows = Self { frame, ..Self::default() };
        rows.add_elements(&file.meta, None, 0);
        rows.add_elements(&file.data, None, 0);
        rows
    }

    /// Follows to another frame of the same object. Costs what that frame's own groups cost, however many
    /// frames there are. Says whether rows changed.
    pub fn follow(&mut self, file: &DicomFile, frame: Option<u32>) -> bool {
        if self.frame == frame {
            return false;
        }
        let one = self.frame.is_some() && frame.is_some();
        self.frame = frame;
        let found = self.top_level().find(|&i| self.rows.get(i).is_some_and(|row| row.tag == PER_FRAME));
        let Some(index) = found else { return false };
        if !one || self.cut {
            *self = Self::read(file, frame);
            return true;
        }
        let Some(element) = file.data.get(PER_FRAME) else { return false };
        let old_end = self.rows.get(index).map_or(index, |row| row.end);
        let tail = self.rows.split_off(old_end);
        self.rows.truncate(index);
        self.add_element(&file.data, element, &mut Creators::of(&file.data), None, 0);
        let moved = |i: usize| i + self.rows.len() - old_end;
        let tail: Vec<Row> = tail
            .into_iter()
            .map(|row| Row { parent: row.parent.map(moved), end: moved(row.end), ..row })
            .collect();
        self.rows.extend(tail);
        true
    }

    /// The frame whose groups are shown, counted from zero; `None` when those of all are.
    pub fn frame(&self) -> Option<u32> {
        self.frame
    }

    /// Whether there were too many elements to list them all.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&Row> {
        self.rows.get(index)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.rows.iter()
    }

    /// Where a row lies in the object: what [`full_value`](super::full_value) takes, and what to show as
    /// the path of an element. Empty when there is no such row.
    pub fn path(&self, index: usize) -> Path {
        let mut steps = Vec::new();
        let mut at = self.get(index);
        while let Some(row) = at {
            let parent = row.parent.and_then(|parent| self.get(parent));
            match row.kind {
                Kind::Element => {
                    steps.push(Step { tag: row.tag, item: None });
                    at = parent;
                }
                Kind::Item(number) => {
                    steps.push(Step { tag: parent.map_or(ITEM, |row| row.tag), item: Some(number) });
                    at = parent.and_then(|row| row.parent).and_then(|row| self.get(row));
                }
            }
        }
        steps.reverse();
        Path(steps)
    }

    /// The row at a path, unless it is not listed.
    pub fn find(&self, path: &Path) -> Option<usize> {
        let mut range = 0..self.rows.len();
        let mut found = None;
        for step in &path.0 {
            let sequence =
                self.child(range.clone(), |row| row.kind == Kind::Element && row.tag == step.tag)?;
            found = Some(sequence);
            if let Some(item) = step.item {
                let end = self.get(sequence)?.end;
                let index = self.child(sequence + 1..end, |row| row.kind == Kind::Item(item))?;
                range = index + 1..self.get(index)?.end;
                found = Some(index);
            }
        }
        found
    }

    fn child(&self, range: std::ops::Range<usize>, wanted: impl Fn(&Row) -> bool) -> Option<usize> {
        self.siblings(range).find(|&i| self.get(i).is_some_and(&wanted))
    }

    /// Rows of a range, leaving out what lies below each.
    fn siblings(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let now = at;
            at = self.get(now).filter(|_| now < range.end)?.end.max(now + 1);
            Some(now)
        })
    }

    fn top_level(&self) -> impl Iterator<Item = usize> + '_ {
        self.siblings(0..self.rows.len())
    }

    fn add_elements(&mut self, data: &DataSet, parent: Option<usize>, depth: u16) {
        let mut creators = Creators::of(data);
        for element in data.elements() {
            if self.rows.len() >= MOST {
                self.cut = true;
                return;
            }
            self.add_element(data, element, &mut creators, parent, depth);
        }
    }

    fn add_element(
        &mut self,
        data: &DataSet,
        element: &Element,
        creators: &mut Creators<'_>,
        parent: Option<usize>,
        depth: u16,
    ) {
        let creator = creators.creator(element.tag);
        let index = self.rows.len();
        self.rows.push(Row { parent, depth, ..row_of(data, element, creator) });
        if let Value::Items(items) = &element.value {
            let followed = self.frame.filter(|_| depth == 0 && element.tag == PER_FRAME);
            if let Some(frame) = followed {
                let own = usize::try_from(frame).ok().and_then(|frame| items.get(frame));
                let note = match own {
                    Some(_) => format!("frame {} of {}", u64::from(frame) + 1, items.len()),
                    None => format!("nothing for frame {}, {} items", u64::from(frame) + 1, items.len()),
                };
                if let Some(row) = self.rows.get_mut(index) {
                    row.note = note.into();
                }
                if let Some(item) = own {
                    self.add_item(item, frame, index, depth);
                }
            } else {
                for (number, item) in (0_u32..).zip(items) {
                    if self.rows.len() >= MOST {
                        self.cut = true;
                        break;
                    }
                    self.add_item(item, number, index, depth);
                }
            }
        }
        let end = self.rows.len();
        if let Some(row) = self.rows.get_mut(index) {
            row.end = end;
        }
    }

    fn add_item(&mut self, item: &DataSet, number: u32, sequence: usize, depth: u16) {
        let index = self.rows.len();
        self.rows.push(Row {
            kind: Kind::Item(number),
            depth: depth.saturating_add(1),
            parent: Some(sequence),
            end: index + 1,
            tag: ITEM,
            vr: None,
            keyword: "",
            creator: None,
            multiplicity: item.elements().len() as u64,
            length: None,
            text: gist(item).into(),
            note: Box::default(),
        });
        self.add_elements(item, Some(index), depth.saturating_add(2));
        let end = self.rows.len();
        if let Some(row) = self.rows.get_mut(index) {
            row.end = end;
        }
    }
}

/// What an item is about, where it says so itself: the meaning of a code.
fn gist(item: &DataSet) -> String {
    let meaning = item.string(tags::CODE_MEANING).unwrap_or_default();
    text::harmless(&meaning).chars().take(TEXT).collect()
}

fn row_of(data: &DataSet, element: &Element, creator: Option<Arc<str>>) -> Row {
    let tag = element.tag;
    let mut name = keyword(tag);
    if let Some(known) = creator.as_deref().and_then(|creator| private::known(creator, tag)) {
        name = known.keyword;
    }
    let mut row = Row {
        kind: Kind::Element,
        depth: 0,
        parent: None,
        end: 0,
        tag,
        vr: Some(element.vr),
        keyword: name,
        creator,
        multiplicity: 0,
        length: value::length(element),
        text: Box::default(),
        note: Box::default(),
    };
    match &element.value {
        Value::Items(items) => {
            row.multiplicity = items.len() as u64;
            row.note = counted(items.len() as u64, "item").into();
        }
        Value::Elsewhere { length, .. } => {
            row.multiplicity = text::number_size(element.vr).map_or(1, |size| length / size as u64);
            row.note = counted(*length, "byte").into();
        }
        Value::Remote { .. } => row.note = "on the server".into(),
        Value::Bytes(bytes) => {
            let (vr, multiplicity, bytes) = value::reading(data, element, row.creator.as_deref(), bytes);
            row.multiplicity = multiplicity;
            row.text = text::shown(data, vr, bytes, Some(TEXT)).to_string().into();
            row.note = text::meaning(vr, bytes).into();
        }
    }
    row
}

/// `1 item`, `60 items`.
pub(super) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
