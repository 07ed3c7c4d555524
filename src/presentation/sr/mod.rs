//! Structured reports and key object selections: read as a tree, set as a page, written as text, HTML and JSON.
//!
//! [`Report::read`] takes an object apart into [`Item`]s, every value type and relationship of the standard among
//! them, and keeps what it does not know. [`Document::of`] sets a report as a page: a title, facts about the
//! document, and a flat list of [`Block`]s with headings, paragraphs, lines, tables of measurements and links.
//! [`write_text`], [`write_html`] and [`write_json`] export it.
//!
//! [`Report::drawing`] is what its regions are on an image.
//!
//! Nothing here judges what a report says, follows a template or opens what is referenced; marks of CAD are found
//! among the items by others.
//!
//! ```
//! use lightbox::dicom::DicomFile;
//! use lightbox::presentation::sr::{Document, Report, write_text};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // An element in Implicit VR Little Endian, and a report of one sentence.
//! let element = |group: u16, number: u16, value: &[u8]| {
//!     let length = (value.len() as u32).to_le_bytes();
//!     [&group.to_le_bytes()[..], &number.to_le_bytes(), &length, value].concat()
//! };
//! let text = [
//!     element(0x0040, 0xA010, b"CONTAINS"),
//!     element(0x0040, 0xA040, b"TEXT"),
//!     element(0x0040, 0xA160, b"Nothing to be seen. "),
//! ];
//! let items = element(0xFFFE, 0xE000, &text.concat());
//! let bytes = [
//!     element(0x0008, 0x0016, b"1.2.840.10008.5.1.4.1.1.88.11\0"),
//!     element(0x0040, 0xA040, b"CONTAINER "),
//!     element(0x0040, 0xA730, &items),
//! ];
//! let file = DicomFile::from_bytes(bytes.concat())?;
//!
//! let report = Report::read(&file.data)?;
//! assert_eq!(report.len(), 2);
//! let mut page = Vec::new();
//! write_text(&Document::of(&report), &mut page)?;
//! assert!(String::from_utf8(page)?.contains("Nothing to be seen."));
//! # Ok(())
//! # }
//! ```

mod code;
mod document;
mod export;
mod header;
mod key_objects;
mod model;
mod read;
mod regions;
mod space;
mod table;
mod walk;
pub mod words;

pub use code::{Code, ContextGroup};
pub use document::{Block, Body, Document, Fact, Inline, Link, Note, Place, Row, Status};
pub use export::{write_html, write_html_pages, write_json, write_json_list, write_text};
pub use header::{Completion, Evidence, Header, Patient, Person, Request, Series, Study, Verification};
pub use key_objects::{KEY_OBJECT_SELECTION, KeyObjects};
pub use model::{
    Axis, ByReference, Cell, Container, Content, Item, ItemId, Measured, Number, ObjectId, Reference, Region,
    Region3d, Relationship, Report, Shape, Table, Template, Times, Unknown,
};
pub use read::{NotAReport, is_report};
pub use regions::Regions;
pub use space::Slice;
pub(in crate::presentation) use space::{Outline, crossing};
