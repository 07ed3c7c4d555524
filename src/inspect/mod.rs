//! Looking inside an object: its elements as rows, paths, texts and JSON, for a panel, a terminal or a script.
//!
//! [`Rows`] is the model of a panel: every element of an object as one short line, cheap enough to be made
//! anew for each object. What is opened is an [`Expansion`], what is looked for a [`Filter`], and [`visible`]
//! says which rows that leaves. A [`Selector`] is what somebody typed to name elements, a [`Path`] names one,
//! and [`full_value`] gives the whole of its value. [`write_listing`] and [`json::write`] write an object out.
//!
//! What follows encapsulated pixel data is there when
//! [`DicomFile::take_in_trailing`](crate::dicom::DicomFile::take_in_trailing) was called before.
//! Pixel data and other long values are read only as far as they are shown, and for rows not at all. Nothing here
//! judges an object, changes one, or knows of windows.
//!
//! ```
//! use lightbox::dicom::{DataSet, DicomFile, Element, Tag, VR, Value};
//! use lightbox::inspect::{self, Expansion, Filter, Rows, Selector};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Two elements, without preamble, in Implicit VR Little Endian.
//! let bytes = [
//!     &b"\x08\x00\x60\x00\x02\x00\x00\x00MG"[..],
//!     b"\x10\x00\x10\x00\x08\x00\x00\x00Doe^Jane",
//! ]
//! .concat();
//! let file = DicomFile::from_bytes(bytes)?;
//!
//! // Rows for a panel, and those among them that somebody looks for.
//! let rows = Rows::read(&file, None);
//! let found = inspect::visible(&rows, &Expansion::default(), &Filter::new("patient doe"));
//! let row = rows.get(found[0]).ok_or("a row")?;
//! assert_eq!((row.keyword, &*row.text), ("PatientName", "Doe^Jane"));
//!
//! // One value, named by hand: a keyword or a tag, through sequences with `Sequence[0].Element`.
//! let path = Selector::parse("0010,0010")?.find(&file).remove(0);
//! assert_eq!(inspect::full_value(&file, &path, 1 << 20)?.text, "Doe^Jane");
//! # Ok(())
//! # }
//! ```

mod expansion;
mod filter;
mod fragments;
pub mod json;
mod listing;
mod names;
mod path;
mod private;
mod rows;
mod text;
mod value;

pub use expansion::{Expansion, visible};
pub use filter::Filter;
pub use listing::{ListingOptions, write_listing, write_value};
pub use names::{keyword, uid_name, words};
pub use path::{Path, Selector, Step};
pub use rows::{Kind, Row, Rows};
pub use text::harmless;
pub use value::{FullValue, full_value};

#[cfg(test)]
mod tests;
