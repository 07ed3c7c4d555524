//! Ground floor: bytes -> elements -> frames -> stored samples.

mod codec;
mod cursor;
mod dataset;
mod error;
mod file;
mod frames;
mod getters;
mod groups;
mod header;
mod image;
mod parser;
mod pixels;
mod samples;
mod sniff;
mod source;
#[cfg(test)]
pub(crate) mod testing;
mod text;
pub mod uid;

pub use dicom_core::{Tag, VR};

pub use dataset::{DataSet, Element, Value};
pub use error::Error;
pub use file::{DicomFile, PixelData, PixelLayout};
pub use groups::functional_group;
pub use image::{ImageInfo, Photometric, SampleKind};
pub use pixels::Image;
pub use samples::{ColorModel, Frame, Samples};
pub use source::{ByteSource, FileSource, MemorySource};
pub use text::CharacterSets;
