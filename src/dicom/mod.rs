//! Ground floor: bytes -> elements -> frames -> stored samples.
//!
//! A [`ByteSource`] is anything that can be read by position. [`DicomFile`] reads the header of one, up
//! to the pixel data and not further, into [`DataSet`]s whose values are decoded when asked for.
//! [`Image`] knows where each frame lies and decodes one at a time, on any thread, into [`Samples`] of
//! the type the object declares. What samples mean (rescale, windows, palettes, colour spaces) is not
//! decided here, and nothing here knows of studies, screens or the network.
//!
//! Files are believed only as far as they go: every length is checked, what can be read is read, and
//! [`DicomFile::warnings`] and [`Image::warnings`] say what was mended or left out.
//!
//! ```
//! use lightbox::dicom::{DicomFile, Samples, Tag};
//!
//! # fn main() -> Result<(), lightbox::dicom::Error> {
//! // Bytes: here an object of two by one pixels, without preamble, in Implicit VR Little Endian.
//! let element = |group: u16, number: u16, value: &[u8]| {
//!     let length = (value.len() as u32).to_le_bytes();
//!     [&group.to_le_bytes()[..], &number.to_le_bytes(), &length, value].concat()
//! };
//! let bytes = [
//!     element(0x0008, 0x0060, b"MG"),
//!     element(0x0028, 0x0010, &1u16.to_le_bytes()),
//!     element(0x0028, 0x0011, &2u16.to_le_bytes()),
//!     element(0x0028, 0x0100, &16u16.to_le_bytes()),
//!     element(0x7FE0, 0x0010, &[0x34, 0x12, 0xFF, 0x0F]),
//! ]
//! .concat();
//!
//! // Elements. `DicomFile::open(path)` does the same for a file, whatever its size.
//! let file = DicomFile::from_bytes(bytes)?;
//! assert_eq!(file.data.string(Tag(0x0008, 0x0060)).as_deref(), Some("MG"));
//!
//! // Frames, one at a time.
//! let image = file.image()?;
//! assert_eq!(image.frame_count(), 1);
//! let frame = image.decode(0)?;
//! assert_eq!(frame.samples, Samples::U16(vec![0x1234, 0x0FFF]));
//!
//! // One pixel without the others.
//! assert_eq!(image.stored_at(0, 1, 0)?, Some(vec![4095.0]));
//! # Ok(())
//! # }
//! ```

mod codec;
mod cursor;
mod dataset;
mod error;
mod file;
mod fragments;
mod frames;
mod getters;
mod groups;
mod header;
mod image;
mod inflate;
mod parser;
mod pixels;
mod samples;
mod sequences;
mod sniff;
mod source;
mod supply;
#[cfg(test)]
pub(crate) mod testing;
mod text;
pub mod uid;
pub mod write;

pub use dicom_core::{Tag, VR};

pub use dataset::{DataSet, Element, Value};
pub use error::Error;
pub use file::{DicomFile, PixelData, PixelLayout, Trailing};
pub use groups::functional_group;
pub(crate) use header::dictionary_vr;
pub use image::{ImageInfo, Photometric, SampleKind};
pub use pixels::{Image, PlainRows};
pub use samples::{ColorModel, Frame, Reduced, Samples};
pub(crate) use sniff::of_bytes as codestream_syntax;
pub use source::{ByteSource, FileSource, MemorySource};
pub use supply::{EncodedFrame, FrameSource, Supplied};
pub use text::CharacterSets;

#[cfg(test)]
mod tests;
