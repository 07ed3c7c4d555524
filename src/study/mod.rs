//! What is there: files and folders become studies, series and instances, in the order a reader expects.
//!
//! [`scan`] walks the paths it is given, reads headers on a few threads and reports each object as it
//! arrives, so that a first image can be shown before the last file was found. [`StudyIndex`] groups and
//! sorts. Archives count as folders: [`open_path`] opens a file wherever it lies. Nothing here decodes pixels or
//! knows about a window.

mod acquisition;
mod archive;
mod dicomdir;
mod display_sets;
mod entry;
mod filter;
mod image_kind;
mod index;
pub mod natural;
mod order;
mod place;
mod scan;
mod supplement;
mod view;
mod view_text;
mod walk;

pub use acquisition::{Acquisition, Detail, acquisition};
pub use archive::Member;
pub use display_sets::{DisplaySet, display_sets, supplements};
pub use entry::{Concatenation, Covered, Entry, Geometry, StackPlace};
pub use filter::{Condition, Field, Filter, LeftOut};
pub use image_kind::ImageKind;
pub use index::{Series, Study, StudyIndex};
pub use place::{exists, is_single, open_path};
pub use scan::{CancelToken, ScanEvent, ScanOptions, ScanProblem, ScanProgress, ScanReport, scan};
pub use supplement::SupplementKind;
pub use view::{Modifier, view_by_code};
pub use walk::{File, Step, Walk};
