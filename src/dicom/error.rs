//! What can go wrong between bytes and samples.

use std::fmt;
use std::io;

/// Why a file could not be read, or a frame not be decoded.
///
/// Cheap to clone: one failure may be shown in several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not a DICOM object at all; folder scans skip these without a word.
    NotDicom,
    /// Reading failed below us.
    Io { kind: io::ErrorKind, message: String, label: String },
    /// The header is DICOM but cannot be read far enough to be of use.
    Header(String),
    /// The object has no pixel data.
    NoPixels,
    /// The image pixel module contradicts itself or lacks something essential.
    Image(String),
    /// A frame number past the end.
    NoSuchFrame { frame: u32, frames: u32 },
    /// The bytes of a frame are missing or cut short.
    FrameData(String),
    /// No decoder for this transfer syntax.
    Unsupported { name: String, uid: String },
    /// The object is a video stream, which this viewer does not play.
    Video { name: String, uid: String },
    /// What is elsewhere could not be brought here; whether asking again may help.
    Remote { message: String, passing: bool },
    /// The decoder refused or failed.
    Codec { codec: &'static str, message: String },
}

impl Error {
    /// Wraps a failed read of the source called `label`.
    pub fn io(error: &io::Error, label: impl Into<String>) -> Self {
        Self::Io { kind: error.kind(), message: error.to_string(), label: label.into() }
    }

    pub(crate) fn codec(codec: &'static str, message: impl Into<String>) -> Self {
        Self::Codec { codec, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDicom => f.write_str("this is not a DICOM file"),
            Self::Io { message, label, .. } => {
                write!(f, "the file could not be read ({message}): {label}")
            }
            Self::Header(what) => write!(f, "the DICOM header is damaged: {what}"),
            Self::NoPixels => f.write_str("this object has no image; its elements can still be read"),
            Self::Image(what) => write!(f, "the image cannot be shown: {what}"),
            Self::NoSuchFrame { frame, frames } => {
                let plural = if *frames == 1 { "frame" } else { "frames" };
                write!(f, "there is no frame {}; the object has {frames} {plural}", u64::from(*frame) + 1)
            }
            Self::FrameData(what) => write!(f, "the frame is incomplete: {what}"),
            Self::Unsupported { name, uid } => {
                write!(f, "images compressed as {name} cannot be decoded; convert the file first: {uid}")
            }
            Self::Video { name, uid } => {
                write!(f, "this is a video ({name}); open it with a video player: {uid}")
            }
            Self::Remote { message, .. } => write!(f, "the image could not be fetched: {message}"),
            Self::Codec { codec, message } => write!(f, "the {codec} data is damaged: {message}"),
        }
    }
}

impl std::error::Error for Error {}
