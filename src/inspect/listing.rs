//! An object as text for a terminal: one line an element, sequences indented.

use std::io::{self, Write};

use super::fragments;
use super::names::{keyword, tag_text};
use super::path::{Path, Target};
use super::private::{self, Creators};
use super::rows::counted;
use super::text::{self, harmless};
use super::value;
use crate::dicom::{DataSet, DicomFile, Element, Value, uid};

/// How a listing looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingOptions {
    /// About how many characters of a value are written; no limit when there is none.
    pub limit: Option<usize>,
    /// Colours, by the escape sequences terminals know.
    pub color: bool,
}

impl Default for ListingOptions {
    fn default() -> Self {
        Self { limit: Some(100), color: false }
    }
}

/// Bytes of a value that was left in the file that are written when there is no limit.
const MOST_BYTES: u64 = 64 << 20;
/// Characters of a private creator that are written.
const CREATOR: usize = 64;
/// Where values begin, counted from the end of the multiplicity.
const NAME: usize = 36;

/// Writes all elements of an object, file meta information included.
pub fn write_listing(file: &DicomFile, options: ListingOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut listing = Listing { file, options, out };
    if !file.meta.elements().is_empty() {
        listing.remark("file meta information")?;
        listing.elements(&file.meta, 0)?;
    }
    let syntax = uid::transfer_syntax_name(&file.transfer_syntax);
    listing.remark(&format!("data set, {}", harmless(&syntax)))?;
    listing.elements(&file.data, 0)?;
    for warning in &file.warnings {
        listing.remark(&format!("note: {}", harmless(warning)))?;
    }
    Ok(())
}

/// Writes the value at a path alone, on one line; what is in a sequence or an item on the lines below it.
pub fn write_value(
    file: &DicomFile,
    path: &Path,
    options: ListingOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut listing = Listing { file, options, out };
    match path.target(file) {
        Some(Target::Element(data, element)) => match &element.value {
            Value::Items(items) => {
                writeln!(listing.out, "{}", counted(items.len() as u64, "item"))?;
                listing.items(items, 0)
            }
            _ => {
                let creator = Creators::of(data).creator(element.tag);
                let said = listing.value(data, element, creator.as_deref());
                writeln!(listing.out, "{}", said.text)
            }
        },
        Some(Target::Item(item)) => {
            writeln!(listing.out, "{}", counted(item.elements().len() as u64, "element"))?;
            listing.elements(item, 1)
        }
        None => Ok(()),
    }
}

/// What is said about a value.
struct Said {
    text: String,
    multiplicity: u64,
    meaning: String,
}

/// Colours, by what they are for.
#[derive(Clone, Copy)]
enum Ink {
    Dim,
    Keyword,
    Private,
    Remark,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Dim => "2",
            Self::Keyword => "36",
            Self::Private => "33",
            Self::Remark => "32",
        }
    }
}

struct Listing<'a> {
    file: &'a DicomFile,
    options: ListingOptions,
    out: &'a mut dyn Write,
}

impl Listing<'_> {
    fn remark(&mut self, text: &str) -> io::Result<()> {
        let text = self.inked(&format!("# {text}"), Ink::Remark);
        writeln!(self.out, "{text}")
    }

    fn inked(&self, text: &str, ink: Ink) -> String {
        if self.options.color { format!("\x1b[{}m{text}\x1b[0m", ink.code()) } else { text.to_owned() }
    }

    fn elements(&mut self, data: &DataSet, depth: usize) -> io::Result<()> {
        let mut creators = Creators::of(data);
        for element in data.elements() {
            let creator = creators.creator(element.tag);
            self.element(data, element, creator.as_deref(), depth)?;
        }
        Ok(())
    }

    fn items(&mut self, items: &[DataSet], depth: usize) -> io::Result<()> {
        for (number, item) in items.iter().enumerate() {
            let indent = depth * 2 + 2;
            let number = self.inked(&format!("[{number}]"), Ink::Dim);
            writeln!(self.out, "{:indent$}{number}", "")?;
            self.elements(item, depth + 2)?;
        }
        Ok(())
    }

    fn element(
        &mut self,
        data: &DataSet,
        element: &Element,
        creator: Option<&str>,
        depth: usize,
    ) -> io::Result<()> {
        let indent = depth * 2;
        let tag = self.inked(&tag_text(element.tag), Ink::Dim);
        let (name, ink) = name(element, creator);
        let width = NAME.saturating_sub(indent).max(name.chars().count());
        let blanks = width - name.chars().count();
        let name = self.inked(&name, ink);
        if let Value::Items(items) = &element.value {
            let head = format!("{:indent$}{tag} {} {:>8} {:>4}", "", element.vr, "-", items.len());
            writeln!(self.out, "{head}  {name}")?;
            return self.items(items, depth);
        }
        let said = self.value(data, element, creator);
        let length = value::length(element).unwrap_or(0);
        let head = format!("{:indent$}{tag} {} {length:>8} {:>4}", "", element.vr, said.multiplicity);
        if said.text.is_empty() {
            return writeln!(self.out, "{head}  {name}");
        }
        write!(self.out, "{head}  {name}{:blanks$} {}", "", said.text)?;
        if !said.meaning.is_empty() {
            let meaning = self.inked(&format!("= {}", said.meaning), Ink::Dim);
            write!(self.out, " {meaning}")?;
        }
        writeln!(self.out)
    }

    /// Reads as much of a value as is shown. A value that cannot be read costs its own line and no other.
    fn value(&self, data: &DataSet, element: &Element, creator: Option<&str>) -> Said {
        if let Some(said) = self.encapsulated(element) {
            return said;
        }
        let pixels = self.file.pixels.is_some_and(|pixels| pixels.tag == element.tag);
        let bulk = matches!(element.value, Value::Elsewhere { .. });
        let limit = match self.options.limit {
            // Nobody reads pixel data as text.
            None if bulk && pixels => ListingOptions::default().limit,
            limit => limit,
        };
        let most = match limit {
            Some(limit) if bulk => (text::enough(limit) as u64).min(MOST_BYTES),
            None if bulk => MOST_BYTES,
            _ => u64::MAX,
        };
        match value::start_of(self.file, element, most) {
            Ok(there) => {
                let (vr, multiplicity, bytes) = value::reading(data, element, creator, &there);
                Said {
                    text: text::shown(data, vr, bytes, limit).to_string(),
                    multiplicity,
                    meaning: text::meaning(vr, bytes),
                }
            }
            Err(error) => Said {
                text: format!("({})", harmless(&error.to_string())),
                multiplicity: 1,
                meaning: String::new(),
            },
        }
    }

    fn encapsulated(&self, element: &Element) -> Option<Said> {
        let first = fragments::begin(self.file, element)?;
        let text = match fragments::walk(self.file.source.as_ref(), first) {
            Ok(found) => {
                let mut text = counted(found.count, "fragment");
                text.push_str(&format!(" of {} in all", counted(found.bytes, "byte")));
                if found.table > 0 {
                    let entries =
                        if found.table == 1 { "1 entry".into() } else { format!("{} entries", found.table) };
                    text.push_str(&format!(", offset table of {entries}"));
                }
                if found.end.is_none() {
                    text.push_str(", without an end");
                }
                text
            }
            Err(error) => format!("({})", harmless(&error.to_string())),
        };
        Some(Said { text, multiplicity: 1, meaning: String::new() })
    }
}

/// What an element is called, and in which colour.
fn name(element: &Element, creator: Option<&str>) -> (String, Ink) {
    let standard = keyword(element.tag);
    let Some(creator) = creator else {
        return match standard {
            "" if private::is_private(element.tag) => ("private".to_owned(), Ink::Private),
            "" => ("unknown".to_owned(), Ink::Private),
            _ => (standard.to_owned(), Ink::Keyword),
        };
    };
    let known = private::known(creator, element.tag).map_or("?", |known| known.keyword);
    let creator: String = creator.chars().take(CREATOR).collect();
    (format!("{}: {known}", harmless(&creator)), Ink::Private)
}
