//! What computer-aided detection found: mammography, chest and colon CAD reports (PS3.16 TID 4000, 4100, 4120) as
//! findings with their places, made from the items of a structured report.
//!
//! [`CadReport::of`] reads what was found, what was looked for and whether that went well. What a reader is shown of it
//! follows the intents in the report and the operating point ([`Shown`]); [`CadReport::drawing_with`] is that for one
//! frame, [`CadReport::rows`] for a list. Everything is told apart by codes, so that the language of a report is its own affair.
//!
//! Nothing here judges a finding, opens an image or draws in a window.
//!
//! ```
//! use lightbox::demo::cad;
//! use lightbox::dicom::DicomFile;
//! use lightbox::presentation::cad::{CadReport, Shown};
//! use lightbox::presentation::sr::Report;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = DicomFile::from_bytes(cad::current())?;
//! let found = CadReport::of(&Report::read(&file.data)?).ok_or("no CAD report")?;
//! println!("{}", found.status.words());
//! for row in found.rows(&Shown::default()) {
//!     println!("{:indent$}{} {}", "", row.title, row.note, indent = 2 * usize::from(row.depth));
//! }
//! # Ok(())
//! # }
//! ```

mod codes;
mod details;
mod drawing;
mod family;
mod images;
mod intent;
mod kind;
mod model;
mod properties;
mod read;
mod runs;
mod status;

pub use drawing::PALETTE;
pub use family::Family;
pub use images::Image;
pub use intent::{Intent, Level, Shown};
pub use kind::Kind;
pub use model::{Algorithm, CadReport, Finding, Marked, Place, PlaceInSpace, Role, Row, Target};
pub use runs::{OperatingPoint, OperatingPoints, Run};
pub use status::Status;
