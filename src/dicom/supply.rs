//! Frames that come one by one: the header is here, the pixels are somewhere else.
//!
//! An object whose elements came as metadata has no bytes to read a frame from. A [`FrameSource`] brings the
//! bytes of each frame when they are asked for, with the transfer syntax they came in, which is for whoever
//! sends them to choose. Nothing here knows how they travel.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::codec::{self, native};
use super::{ByteSource, Error, Frame, Image, ImageInfo, Photometric, PlainRows, Reduced, uid};

/// The bytes of one frame as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    pub bytes: Arc<Vec<u8>>,
    /// UID of the transfer syntax of these bytes.
    pub transfer_syntax: Arc<str>,
}

/// What a [`FrameSource`] has for a frame.
#[derive(Debug, Clone)]
pub enum Supplied {
    Frame(EncodedFrame),
    /// Frames could not be had one by one: the whole object, which can.
    Whole(Image),
}

/// Brings frames and long values of one object, to several threads at once.
pub trait FrameSource: Send + Sync {
    /// A frame, counted from zero; waits until it is there.
    fn frame(&self, frame: u32) -> Result<Supplied, Error>;

    /// Whether [`Self::frame`] would have to wait for somebody else than this machine.
    fn is_local(&self, frame: u32) -> bool;

    /// Brings frames here without giving them to anybody, in as few requests as is wise, so that those who
    /// decode do not have to wait. Frames that are here or on their way are not asked for again; returns when
    /// all are here, one cannot be had, or `stop` says so.
    fn fetch(&self, frames: &[u32], stop: &dyn Fn() -> bool) -> Result<(), Error>;

    /// How many frames are best asked for at once, by what earlier requests cost.
    fn batch(&self) -> u32 {
        1
    }

    /// The bytes of a [`Value::Remote`](super::Value::Remote), little-endian.
    fn value(&self, number: u32) -> Result<Vec<u8>, Error>;

    /// What to call this object in a message.
    fn label(&self) -> String;
}

/// The side of an [`Image`] that is turned to its source.
pub(super) struct Supply {
    pub(super) source: Arc<dyn FrameSource>,
    /// The transfer syntax the first frame came in.
    arrived: OnceLock<Arc<str>>,
    /// Samples narrower than the words they are packed into.
    words: bool,
}

impl Supply {
    pub(super) fn new(source: Arc<dyn FrameSource>, words: bool) -> Self {
        Self { source, arrived: OnceLock::new(), words }
    }

    /// The transfer syntax frames come in, once one has come.
    pub(super) fn transfer_syntax(&self) -> Option<&str> {
        self.arrived.get().map(|uid| &**uid)
    }

    pub(super) fn frame(&self, frame: u32) -> Result<Supplied, Error> {
        let supplied = self.source.frame(frame)?;
        self.arrived.get_or_init(|| match &supplied {
            Supplied::Frame(frame) => Arc::clone(&frame.transfer_syntax),
            Supplied::Whole(image) => Arc::from(image.transfer_syntax()),
        });
        Ok(supplied)
    }

    pub(super) fn encoded(&self, frame: u32) -> Result<Vec<u8>, Error> {
        match self.frame(frame)? {
            Supplied::Frame(frame) => Ok(frame.bytes.to_vec()),
            Supplied::Whole(image) => image.encoded(frame),
        }
    }

    pub(super) fn decode(
        &self,
        info: &ImageInfo,
        frame: u32,
        warnings: &mut Vec<String>,
    ) -> Result<Frame, Error> {
        let encoded = match self.frame(frame)? {
            Supplied::Frame(encoded) => encoded,
            Supplied::Whole(image) => {
                let decoded = image.decode(frame);
                warnings.extend(image.warnings());
                return decoded;
            }
        };
        let EncodedFrame { bytes, transfer_syntax } = &encoded;
        if !uid::is_native(transfer_syntax) {
            return codec::decode(info, transfer_syntax, bytes, warnings);
        }
        let (info, layout, span) = self.native(info, frame, &encoded)?;
        native::decode(&info, layout, &Bytes(Arc::clone(bytes)), span)
    }

    /// How the samples of a frame lie in the bytes that came, which are native.
    fn native(
        &self,
        info: &ImageInfo,
        frame: u32,
        encoded: &EncodedFrame,
    ) -> Result<(ImageInfo, native::Layout, native::Span), Error> {
        let EncodedFrame { bytes, transfer_syntax } = encoded;
        let info = unsubsampled(info, bytes.len());
        let needed = info.native_frame_bits().div_ceil(8);
        let there = bytes.len() as u64;
        if there < needed {
            return Err(Error::FrameData(format!(
                "{} of the {needed} bytes of frame {} are missing",
                needed - there,
                u64::from(frame) + 1
            )));
        }
        let layout = native::Layout { big_endian: uid::is_big_endian(transfer_syntax), words: self.words };
        // Big-endian words hold their bytes in pairs.
        let last = if layout.swaps_pairs(&info) { (needed + 1) & !1 } else { needed };
        let span = native::Span { first: 0, last: last.min(there), skip_bits: 0 };
        Ok((info, layout, span))
    }

    /// What is here already of a frame; nothing is waited for.
    fn local(&self, frame: u32) -> Option<Supplied> {
        self.source.is_local(frame).then(|| self.source.frame(frame).ok()).flatten()
    }

    pub(super) fn plain_rows(&self, info: &ImageInfo, frame: u32) -> Option<PlainRows> {
        match self.local(frame)? {
            Supplied::Whole(image) => image.plain_rows(frame),
            Supplied::Frame(encoded) if uid::is_native(&encoded.transfer_syntax) => {
                let (info, layout, span) = self.native(info, frame, &encoded).ok()?;
                let source = Arc::new(Bytes(encoded.bytes));
                native::has_plain_rows(&info, layout).then_some(PlainRows { info, source, span })
            }
            Supplied::Frame(_) => None,
        }
    }

    pub(super) fn stored_at(
        &self,
        info: &ImageInfo,
        frame: u32,
        column: u32,
        row: u32,
    ) -> Result<Option<Vec<f64>>, Error> {
        match self.local(frame) {
            Some(Supplied::Whole(image)) => image.stored_at(frame, column, row),
            Some(Supplied::Frame(encoded))
                if uid::is_native(&encoded.transfer_syntax) && column < info.columns && row < info.rows =>
            {
                let (info, layout, span) = self.native(info, frame, &encoded)?;
                native::pixel(&info, layout, &Bytes(encoded.bytes), span, column, row)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn decode_reduced(
        &self,
        info: &ImageInfo,
        frame: u32,
        reduce: u8,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Reduced>, Error> {
        match self.frame(frame)? {
            Supplied::Whole(image) => image.decode_reduced(frame, reduce),
            Supplied::Frame(encoded) if codec::has_resolutions(&encoded.transfer_syntax) => {
                Ok(codec::decode_reduced(info, &encoded.bytes, reduce, warnings))
            }
            Supplied::Frame(_) => Ok(None),
        }
    }
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supply").field("source", &self.source.label()).finish_non_exhaustive()
    }
}

/// Samples labelled as subsampled that are all there.
fn unsubsampled(info: &ImageInfo, length: usize) -> ImageInfo {
    let whole = info.samples_per_frame() * u64::from(info.bits_allocated) / 8;
    let mut info = info.clone();
    if info.photometric == Photometric::YbrFull422
        && length as u64 >= whole
        && whole * 8 > info.native_frame_bits()
    {
        info.photometric = Photometric::YbrFull;
    }
    info
}

/// The bytes of a frame, read by position.
struct Bytes(Arc<Vec<u8>>);

impl ByteSource for Bytes {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let found = start.checked_add(buf.len()).and_then(|end| self.0.get(start..end));
        let Some(found) = found else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        buf.copy_from_slice(found);
        Ok(())
    }

    fn label(&self) -> String {
        "frame".to_owned()
    }
}
