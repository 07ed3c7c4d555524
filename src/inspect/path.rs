//! Where an element lies: a path through sequences, and what somebody types to name elements.

use std::fmt;

use dicom_core::Tag;

use super::names::{keyword, parse_name, tag_text};
use crate::dicom::{DataSet, DicomFile, Element, Value};

/// One step of a path: an element, and into which of its items the path goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    pub tag: Tag,
    /// Counted from zero; `None` at the end of a path to an element.
    pub item: Option<u32>,
}

/// The place of one element or item: `(5200,9230)[3].(0020,9113)[0].(0020,0032)`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    Element(&'a DataSet, &'a Element),
    Item(&'a DataSet),
}

impl Path {
    /// The path in keywords, with tags where there are none:
    /// `PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0].ImagePositionPatient`.
    pub fn keywords(&self) -> String {
        self.written(|tag| match keyword(tag) {
            "" | "PrivateCreator" | "GroupLength" => tag_text(tag),
            known => known.to_owned(),
        })
    }

    fn written(&self, name: impl Fn(Tag) -> String) -> String {
        let mut text = String::new();
        for (i, step) in self.0.iter().enumerate() {
            if i > 0 {
                text.push('.');
            }
            text.push_str(&name(step.tag));
            if let Some(item) = step.item {
                text.push_str(&format!("[{item}]"));
            }
        }
        text
    }

    /// The element itself, or the element that holds the item.
    pub fn tag(&self) -> Option<Tag> {
        self.0.last().map(|step| step.tag)
    }

    pub(super) fn target<'a>(&self, file: &'a DicomFile) -> Option<Target<'a>> {
        let (last, before) = self.0.split_last()?;
        let mut data = root_of(file, before.first().unwrap_or(last).tag);
        for step in before {
            data = data.items(step.tag).get(usize::try_from(step.item?).ok()?)?;
        }
        match last.item {
            None => Some(Target::Element(data, data.get(last.tag)?)),
            Some(item) => Some(Target::Item(data.items(last.tag).get(usize::try_from(item).ok()?)?)),
        }
    }
}

/// File meta information and data set are two, and their groups tell them apart, unless a group is misplaced.
pub(super) fn root_of(file: &DicomFile, tag: Tag) -> &DataSet {
    if tag.group() == 2 && file.meta.contains(tag) { &file.meta } else { &file.data }
}

impl fmt::Display for Path {
    /// In tags alone, which every other program understands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(tag_text))
    }
}

/// Which items of a sequence are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    One(u32),
}

/// What somebody typed to name elements: keywords or tags with dots between them, items in brackets.
///
/// `RequestAttributesSequence[0].ScheduledProcedureStepID` names one element, `[*]` all items. Without
/// brackets all items are meant as well, and at the end of a path the sequence as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    steps: Vec<(Tag, Option<Which>)>,
    text: String,
}

/// More elements than this are not what anybody meant.
const MOST_FOUND: usize = 1_000_000;

impl Selector {
    /// Reads what was typed; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for part in text.trim().split('.') {
            let (name, item) = match part.split_once('[') {
                None => (part, None),
                Some((name, rest)) => {
                    let inside = rest.strip_suffix(']').map(str::trim);
                    let which = match inside {
                        Some("*") => Some(Which::All),
                        // `+3` parses as a number in Rust, and nobody means it here.
                        Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => {
                            number.parse().ok().map(Which::One)
                        }
                        _ => None,
                    };
                    let which = which.ok_or("items are written [0], [1] ... or [*] for all")?;
                    (name, Some(which))
                }
            };
            let name = name.trim();
            let tag = parse_name(name).ok_or_else(|| unknown(name))?;
            steps.push((tag, item));
        }
        Ok(Self { steps, text: text.trim().to_owned() })
    }

    /// Where the path starts.
    pub fn tag(&self) -> Option<Tag> {
        self.steps.first().map(|(tag, _)| *tag)
    }

    /// Whether several elements of one object may be meant.
    pub fn is_plural(&self) -> bool {
        let last = self.steps.len().saturating_sub(1);
        let all = |(i, (_, item)): (usize, &(Tag, Option<Which>))| {
            *item == Some(Which::All) || (item.is_none() && i < last)
        };
        self.steps.iter().enumerate().any(all)
    }

    /// The elements and items of an object that are meant, in order; none when it has none.
    pub fn find(&self, file: &DicomFile) -> Vec<Path> {
        let mut found = Vec::new();
        if let Some((tag, _)) = self.steps.first() {
            gather(root_of(file, *tag), &self.steps, &mut Path::default(), &mut found);
        }
        found
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn unknown(name: &str) -> String {
    if name.is_empty() {
        return "a keyword or a tag is missing".to_owned();
    }
    format!(
        "not a keyword or a tag; write PatientName, 0010,0010 or Sequence[0].Element: {}",
        name.escape_debug()
    )
}

fn gather(data: &DataSet, steps: &[(Tag, Option<Which>)], path: &mut Path, found: &mut Vec<Path>) {
    let Some((&(tag, which), rest)) = steps.split_first() else { return };
    let Some(element) = data.get(tag) else { return };
    if rest.is_empty() && which.is_none() {
        path.0.push(Step { tag, item: None });
        found.push(path.clone());
        path.0.pop();
        return;
    }
    let Value::Items(items) = &element.value else { return };
    for (number, item) in (0_u32..).zip(items) {
        if matches!(which, Some(Which::One(wanted)) if wanted != number) {
            continue;
        }
        if found.len() >= MOST_FOUND {
            return;
        }
        path.0.push(Step { tag, item: Some(number) });
        if rest.is_empty() {
            found.push(path.clone());
        } else {
            gather(item, rest, path, found);
        }
        path.0.pop();
    }
}
