//! What is there: files and folders become studies, series and instances, in the order a reader expects.
//!
//! [`scan`] walks the paths it is given, reads headers on a few threads and reports each object as it
//! arrives, so that a first image can be shown before the last file was found. [`StudyIndex`] groups and
//! sorts. Nothing here decodes pixels or knows about a window.

mod display_sets;
mod entry;
mod index;
mod order;
mod scan;
mod view;
mod walk;

pub use display_sets::{DisplaySet, display_sets};
pub use entry::{Entry, Geometry};
pub use index::{Series, Study, StudyIndex};
pub use scan::{ScanEvent, ScanOptions, ScanProblem, ScanReport, scan};
pub use walk::{Step, Walk};
