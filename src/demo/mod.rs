//! The demo study and the test files: DICOM objects made from nothing but a seed.
//!
//! [`write`](fn@write) makes a folder with the demo: screening mammograms of two rounds, a tomosynthesis, a
//! chest CT, a colour ultrasound loop and a display test pattern, what CAD made of the mammograms,
//! how a reader wants one of them seen, and what was measured on them. Nobody was examined for it. The
//! same version writes the same bytes on every machine. [`builder::ImageBuilder`] makes single
//! images of any kind for tests; [`write_fixtures`] writes the few that are kept with the sources.

pub mod blood_volume;
pub mod breast;
pub mod builder;
pub mod cad;
mod case;
mod cells;
mod content;
pub mod ct;
pub mod exposure;
pub mod field;
mod fixtures;
pub mod groups;
pub mod lesions;
pub mod mammogram;
pub mod math;
pub mod measured;
pub mod noise;
mod overlaid;
pub mod people;
mod rle;
pub mod rng;
pub mod segmented_ct;
pub mod states;
pub mod strokes;
pub mod tables;
pub mod tissue;
pub mod tomo;
pub mod ultrasound;
mod variants;
pub mod wedge;
mod writing;

pub use crate::dicom::write::Syntax;
pub use builder::ImageBuilder;
pub use fixtures::write_fixtures;
pub use tables::{Lut, Palette};
pub use variants::{Storage, VARIANTS, Variant, write_variant};
pub use writing::{VERSION, write};
