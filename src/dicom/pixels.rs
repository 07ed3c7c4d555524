//! The frames of an object, decoded one at a time.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::codec::{self, native};
use super::file::{PixelData, PixelLayout};
use super::frames::{FrameIndex, allocate};
use super::source::PaddedSource;
use super::supply::Supply;
use super::{ByteSource, DicomFile, Error, Frame, ImageInfo, Photometric, Reduced, uid};

/// The frames of one object. Clones share everything; any thread may decode.
#[derive(Clone)]
pub struct Image {
    shared: Arc<Shared>,
}

/// A frame of native 16-bit words, row by row.
pub struct PlainRows {
    pub(super) info: ImageInfo,
    pub(super) source: Arc<dyn ByteSource>,
    pub(super) span: native::Span,
}

impl PlainRows {
    /// Fills `into` with samples from the start of a row on. Signed samples come as the bits of an `i16`.
    ///
    /// # Errors
    /// There are no such rows, or they cannot be read.
    pub fn read(&self, first_row: u32, into: &mut [u16]) -> Result<(), Error> {
        native::read_rows(&self.info, self.source.as_ref(), self.span, first_row, into)
    }
}

struct Shared {
    info: ImageInfo,
    transfer_syntax: String,
    source: Arc<dyn ByteSource>,
    pixels: PixelData,
    tables: super::DataSet,
    /// Samples are, or may be, indices of a palette or bits: averages of them mean nothing.
    indices: bool,
    index: OnceLock<FrameIndex>,
    /// Where the frames come from, if they are not here.
    supply: Option<Supply>,
    warnings: Mutex<Vec<String>>,
}

impl Image {
    pub(super) fn new(file: &DicomFile) -> Result<Self, Error> {
        let pixels = file.pixels.ok_or(Error::NoPixels)?;
        let mut warnings = Vec::new();
        let mut info = ImageInfo::read_with_warnings(&file.data, &file.transfer_syntax, &mut warnings)?;
        if let PixelLayout::Native { length, .. } = pixels.layout {
            mend_subsampling(&mut info, length, &mut warnings);
        }
        // The index needs the extended offset table and nothing else of the header.
        let wanted = dicom_dictionary_std::tags::EXTENDED_OFFSET_TABLE;
        let tables = super::DataSet {
            elements: file.data.get(wanted).cloned().into_iter().collect(),
            ..super::DataSet::default()
        };
        let palette = dicom_dictionary_std::tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR;
        let indices = info.photometric == Photometric::PaletteColor
            || info.bits_stored == 1
            || (info.samples_per_pixel == 1 && file.data.contains(palette));
        let supply = file.supply.as_ref().filter(|_| pixels.layout == PixelLayout::Frames);
        Ok(Self {
            shared: Arc::new(Shared {
                indices,
                info,
                transfer_syntax: file.transfer_syntax.clone(),
                source: Arc::clone(&file.source),
                pixels,
                tables,
                index: OnceLock::new(),
                supply: supply.map(|source| Supply::new(Arc::clone(source), pixels.vr == dicom_core::VR::OW)),
                warnings: Mutex::new(warnings),
            }),
        })
    }

    /// How the samples are laid out, as declared and mended.
    pub fn info(&self) -> &ImageInfo {
        &self.shared.info
    }

    /// UID of the transfer syntax in force. Of frames that are fetched it is known when the first has come.
    pub fn transfer_syntax(&self) -> &str {
        let arrived = self.shared.supply.as_ref().and_then(Supply::transfer_syntax);
        arrived.unwrap_or(&self.shared.transfer_syntax)
    }

    pub fn frame_count(&self) -> u32 {
        self.shared.info.frames
    }

    /// Samples lie in the source as they are, not compressed.
    pub fn is_native(&self) -> bool {
        uid::is_native(self.transfer_syntax())
    }

    /// What was mended or doubted so far, in the header, the offset tables and the codestreams.
    pub fn warnings(&self) -> Vec<String> {
        self.shared.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Decodes one frame, counted from zero.
    pub fn decode(&self, frame: u32) -> Result<Frame, Error> {
        self.check(frame)?;
        if let Some(supply) = &self.shared.supply {
            let mut warnings = Vec::new();
            let decoded = supply.decode(&self.shared.info, frame, &mut warnings);
            self.warn(warnings);
            return decoded;
        }
        if self.is_native() {
            let (span, missing) = self.native_span(frame)?;
            let source = self.shared.source.as_ref();
            if missing == 0 {
                return native::decode(&self.shared.info, self.layout(), source, span);
            }
            self.warn(vec![format!(
                "{missing} of the {} bytes of frame {} are missing; zeros stand in for them",
                span.last - span.first,
                u64::from(frame) + 1
            )]);
            let padded = PaddedSource { inner: source, end: span.last - missing };
            return native::decode(&self.shared.info, self.layout(), &padded, span);
        }
        let encoded = self.encoded(frame)?;
        let mut warnings = Vec::new();
        let decoded = codec::decode(&self.shared.info, self.transfer_syntax(), &encoded, &mut warnings);
        self.warn(warnings);
        decoded
    }

    /// Decodes one frame at `1 / 2^reduce` of its size, or as near to that as its codestream has
    /// resolutions; [`ImageInfo::reduction_for`] says what to ask for.
    ///
    /// `None` where nothing is won by it and [`Self::decode`] is the way: the codec has no resolutions
    /// (all but JPEG 2000 and its High-Throughput sister), this codestream has none or they are odd,
    /// `reduce` is zero, or neighbouring samples cannot be averaged because they are indices or bits.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), lightbox::dicom::Error> {
    /// let image = lightbox::dicom::DicomFile::open(std::path::Path::new("image.dcm"))?.image()?;
    /// let reduce = image.info().reduction_for(640, 480);
    /// match image.decode_reduced(0, reduce)? {
    ///     Some(reduced) => println!("{} x {}", reduced.frame.columns, reduced.frame.rows),
    ///     None => println!("in full: {} samples", image.decode(0)?.samples.len()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn decode_reduced(&self, frame: u32, reduce: u8) -> Result<Option<Reduced>, Error> {
        self.check(frame)?;
        let info = &self.shared.info;
        if reduce == 0 || self.shared.indices {
            return Ok(None);
        }
        if let Some(supply) = &self.shared.supply {
            let mut warnings = Vec::new();
            let reduced = supply.decode_reduced(info, frame, reduce, &mut warnings);
            self.warn(warnings);
            return reduced;
        }
        if !codec::has_resolutions(self.transfer_syntax()) {
            return Ok(None);
        }
        let encoded = self.encoded(frame)?;
        let mut warnings = Vec::new();
        let reduced = codec::decode_reduced(info, &encoded, reduce, &mut warnings);
        self.warn(warnings);
        Ok(reduced)
    }

    /// The bytes of one frame as they are stored; for bitmaps the bytes its bits lie in.
    pub fn encoded(&self, frame: u32) -> Result<Vec<u8>, Error> {
        self.check(frame)?;
        if let Some(supply) = &self.shared.supply {
            return supply.encoded(frame);
        }
        if self.is_native() {
            let (span, missing) = self.native_span(frame)?;
            let mut bytes = allocate(span.last - span.first - missing)?;
            self.read(&mut bytes, span.first)?;
            return Ok(bytes);
        }
        if uid::is_video(self.transfer_syntax()) {
            return Err(codec::unsupported(self.transfer_syntax()));
        }
        match self.shared.pixels.layout {
            PixelLayout::Encapsulated { offset } => self.encapsulated(frame, offset),
            // A codestream that was never put into fragments.
            PixelLayout::Native { offset, length } if frame == 0 => {
                let there = self.shared.source.len().saturating_sub(offset).min(length);
                let mut bytes = allocate(there)?;
                self.read(&mut bytes, offset)?;
                Ok(bytes)
            }
            PixelLayout::Native { .. } | PixelLayout::Frames => Err(Error::FrameData(format!(
                "frame {} is not in the pixel data, which holds a single codestream",
                u64::from(frame) + 1
            ))),
        }
    }

    /// The rows of a frame, where its samples are native 16-bit words and all here, so that a large frame can be gone
    /// through without ever being held as samples.
    pub fn plain_rows(&self, frame: u32) -> Option<PlainRows> {
        self.check(frame).ok()?;
        if let Some(supply) = &self.shared.supply {
            return supply.plain_rows(&self.shared.info, frame);
        }
        if !self.is_native() || !native::has_plain_rows(&self.shared.info, self.layout()) {
            return None;
        }
        let (span, missing) = self.native_span(frame).ok()?;
        let (info, source) = (self.shared.info.clone(), Arc::clone(&self.shared.source));
        (missing == 0).then(|| PlainRows { info, source, span })
    }

    /// The samples of one pixel, read by position without decoding the frame; `None` when the frame
    /// has to be decoded for it, or the position is outside.
    pub fn stored_at(&self, frame: u32, column: u32, row: u32) -> Result<Option<Vec<f64>>, Error> {
        self.check(frame)?;
        if let Some(supply) = &self.shared.supply {
            return supply.stored_at(&self.shared.info, frame, column, row);
        }
        let info = &self.shared.info;
        if !self.is_native() || column >= info.columns || row >= info.rows {
            return Ok(None);
        }
        let (span, missing) = self.native_span(frame)?;
        if missing > 0 {
            return Ok(None);
        }
        native::pixel(info, self.layout(), self.shared.source.as_ref(), span, column, row)
    }

    fn check(&self, frame: u32) -> Result<(), Error> {
        let frames = self.frame_count();
        if frame < frames { Ok(()) } else { Err(Error::NoSuchFrame { frame, frames }) }
    }

    fn layout(&self) -> native::Layout {
        native::Layout {
            big_endian: uid::is_big_endian(self.transfer_syntax()),
            words: self.shared.pixels.vr == dicom_core::VR::OW,
        }
    }

    /// The bytes one native frame lies in, and how many of them are missing at its end. They may be where
    /// the element is shorter than the image, up to half of a frame; a file that was cut short is damaged.
    fn native_span(&self, frame: u32) -> Result<(native::Span, u64), Error> {
        let PixelLayout::Native { offset, length } = self.shared.pixels.layout else {
            return Err(Error::FrameData("the pixel data is not native as declared".to_owned()));
        };
        let bits = self.shared.info.native_frame_bits();
        let overflow = || Error::FrameData("the pixel data cannot be this large".to_owned());
        let first_bit = bits.checked_mul(u64::from(frame)).ok_or_else(overflow)?;
        let end_bit = first_bit.checked_add(bits).ok_or_else(overflow)?;
        let (first, last) = (first_bit / 8, end_bit.div_ceil(8));
        let there = self.shared.source.len().saturating_sub(offset).min(length);
        let missing = last.saturating_sub(there.max(first));
        let cut = there < length;
        if missing > (last - first) / 2 || (missing > 0 && cut) {
            return Err(Error::FrameData(format!(
                "{missing} of the {} bytes of frame {} are missing",
                last - first,
                u64::from(frame) + 1
            )));
        }
        // Big-endian words hold their bytes in pairs: start and end on whole ones.
        let pair = self.layout().swaps_pairs(&self.shared.info);
        let (low, high) =
            if pair { (first & !1, ((last + 1) & !1).min(there.max(last))) } else { (first, last) };
        let span = native::Span { first: offset + low, last: offset + high, skip_bits: first_bit - low * 8 };
        Ok((span, missing))
    }

    fn encapsulated(&self, frame: u32, offset: u64) -> Result<Vec<u8>, Error> {
        let shared = &self.shared;
        let source = shared.source.as_ref();
        let index = match shared.index.get() {
            Some(index) => index,
            None => {
                let index = FrameIndex::new(source, offset, shared.info.frames, &shared.tables)?;
                shared.index.get_or_init(|| index)
            }
        };
        let mut warnings = Vec::new();
        let bytes = index.read(source, frame, &mut warnings);
        self.warn(warnings);
        let bytes = bytes?;
        if bytes.is_empty() {
            return Err(Error::FrameData(format!("there is no data for frame {}", u64::from(frame) + 1)));
        }
        Ok(bytes)
    }

    fn read(&self, into: &mut [u8], offset: u64) -> Result<(), Error> {
        let source = &self.shared.source;
        source.read_exact_at(into, offset).map_err(|e| Error::io(&e, source.label()))
    }

    fn warn(&self, what: Vec<String>) {
        if what.is_empty() {
            return;
        }
        let mut known = self.shared.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in what {
            if !known.contains(&warning) {
                known.push(warning);
            }
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("info", &self.shared.info)
            .field("transfer_syntax", &self.shared.transfer_syntax)
            .finish_non_exhaustive()
    }
}

/// Samples labelled as subsampled that are all there.
fn mend_subsampling(info: &mut ImageInfo, length: u64, warnings: &mut Vec<String>) {
    if info.photometric != Photometric::YbrFull422 {
        return;
    }
    let frames = u64::from(info.frames);
    let whole = info.samples_per_frame() * u64::from(info.bits_allocated);
    let needed = (whole / 8).checked_mul(frames);
    if whole > info.native_frame_bits() && needed.is_some_and(|needed| length >= needed) {
        warnings.push("the colour is declared as subsampled and is not".to_owned());
        info.photometric = Photometric::YbrFull;
    }
}
