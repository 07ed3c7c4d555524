//! One object: its header read up to the pixel data, and where the pixel data lies.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::cursor::Cursor;
use super::fragments::{self, End};
use super::header::{Syntax, looks_like};
use super::inflate::inflate;
use super::parser::{Parser, swap_in_place};
use super::uid::{self, DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE};
use super::{
    ByteSource, DataSet, Element, Error, FileSource, FrameSource, Image, MemorySource, Value, sniff,
};

/// Where the pixel data lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelData {
    /// Pixel Data, Float Pixel Data or Double Float Pixel Data.
    pub tag: Tag,
    pub vr: VR,
    pub layout: PixelLayout,
}

/// How the pixel data is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelLayout {
    /// One run of bytes; the length is the declared one and may exceed the source.
    Native { offset: u64, length: u64 },
    /// Fragments; `offset` is that of the first item, the Basic Offset Table.
    Encapsulated { offset: u64 },
    /// Not here: a [`FrameSource`] brings each frame.
    Frames,
}

/// Elements behind encapsulated pixel data.
#[derive(Debug, Clone, Default)]
pub struct Trailing {
    pub data: DataSet,
    pub warnings: Vec<String>,
}

/// An opened object. Cheap to clone but for its elements.
#[derive(Clone)]
pub struct DicomFile {
    /// What the offsets refer to: the file, or the inflated copy of a deflated data set.
    pub source: Arc<dyn ByteSource>,
    /// UID of the transfer syntax in force, which is not always the declared one.
    pub transfer_syntax: String,
    /// File meta information, group 0002.
    pub meta: DataSet,
    /// The data set; the pixel data element says only where it lies.
    pub data: DataSet,
    pub pixels: Option<PixelData>,
    /// What was wrong and got mended or left out.
    pub warnings: Vec<String>,
    syntax: Syntax,
    pub(super) supply: Option<Arc<dyn FrameSource>>,
}

impl DicomFile {
    /// Reads the header of a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_source(Arc::new(FileSource::open(path)?))
    }

    /// Reads the header of an object in memory.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Result<Self, Error> {
        Self::from_source(Arc::new(MemorySource::new(bytes)))
    }

    /// Reads the header of whatever can be read by position.
    pub fn from_source(source: Arc<dyn ByteSource>) -> Result<Self, Error> {
        let mut parser = Parser::new(Cursor::new(source.as_ref()));
        let start = start_of(&mut parser.cursor)?;
        let (meta, at) = parser.meta(start.offset)?;
        let declared = meta.uid(tags::TRANSFER_SYNTAX_UID);
        if at >= parser.cursor.len() {
            if meta.elements.is_empty() {
                return Err(Error::Header("the file ends after its preamble".to_owned()));
            }
            parser.warn("the file ends after its meta information");
        }
        if declared.as_deref() == Some(DEFLATED) && !plain(&mut parser.cursor, at)? {
            let (inflated, complaint) = inflate(source.as_ref(), at)?;
            let warnings = std::mem::take(&mut parser.warnings);
            let source: Arc<dyn ByteSource> = Arc::new(inflated);
            let mut parser = Parser::new(Cursor::new(source.as_ref()));
            parser.warnings = warnings;
            parser.warnings.extend(complaint);
            let syntax = detect(&mut parser.cursor, 0, Syntax::EXPLICIT)?
                .ok_or_else(|| Error::Header("the deflated data set is damaged".to_owned()))?;
            let data = parser.data_set(0, syntax)?;
            return Ok(Self::build(&source, parser, meta, data, DEFLATED.to_owned(), syntax));
        }
        let (transfer_syntax, syntax) = choose(&mut parser, at, declared.as_deref(), start.certain)?;
        let data = parser.data_set(at, syntax)?;
        if data.elements.is_empty() && meta.elements.is_empty() {
            return Err(if start.certain {
                Error::Header("no element can be read".to_owned())
            } else {
                Error::NotDicom
            });
        }
        Ok(Self::build(&source, parser, meta, data, transfer_syntax, syntax))
    }

    /// An object whose elements are here and whose pixels and long values are not: `supply` brings them.
    /// `pixels` are the tag and the representation of its pixel data; `transfer_syntax` may be unknown, and
    /// empty then.
    pub fn from_parts(
        data: DataSet,
        transfer_syntax: String,
        pixels: Option<(Tag, VR)>,
        supply: Arc<dyn FrameSource>,
    ) -> Self {
        let source = MemorySource::new(Vec::new()).with_label(supply.label());
        Self {
            source: Arc::new(source),
            transfer_syntax,
            meta: DataSet::default(),
            data,
            pixels: pixels.map(|(tag, vr)| PixelData { tag, vr, layout: PixelLayout::Frames }),
            warnings: Vec::new(),
            syntax: Syntax::EXPLICIT,
            supply: Some(supply),
        }
    }

    /// Who brings the frames, where they are not here.
    pub fn remote(&self) -> Option<&Arc<dyn FrameSource>> {
        self.supply.as_ref()
    }

    fn build(
        source: &Arc<dyn ByteSource>,
        parser: Parser<'_>,
        meta: DataSet,
        data: DataSet,
        transfer_syntax: String,
        syntax: Syntax,
    ) -> Self {
        let mut file = Self {
            source: Arc::clone(source),
            transfer_syntax,
            meta,
            data,
            pixels: parser.pixels,
            warnings: parser.warnings,
            syntax,
            supply: None,
        };
        file.mend_transfer_syntax();
        file
    }

    /// Pixel data that contradicts its transfer syntax is looked at to find the true one.
    fn mend_transfer_syntax(&mut self) {
        let Some(pixels) = self.pixels else { return };
        let native = uid::is_native(&self.transfer_syntax);
        let found = match pixels.layout {
            PixelLayout::Encapsulated { offset } if native => {
                sniff::first_fragment(self.source.as_ref(), offset)
            }
            PixelLayout::Native { offset, .. } if !native => {
                // Either a bare codestream without fragments, or samples nobody compressed.
                match sniff::codestream(self.source.as_ref(), offset) {
                    Some(_) => None,
                    None => Some(EXPLICIT_LITTLE),
                }
            }
            _ => None,
        };
        if let Some(found) = found {
            self.warnings.push(format!(
                "the pixel data is not stored as declared; it was read as {}",
                uid::transfer_syntax_name(found)
            ));
            found.clone_into(&mut self.transfer_syntax);
        }
    }

    /// The frames of the object.
    pub fn image(&self) -> Result<Image, Error> {
        Image::new(self)
    }

    /// The bytes of a value, read now if it was left where it lies; little-endian. Sequences have none.
    pub fn read_value(&self, element: &Element) -> Result<Vec<u8>, Error> {
        match &element.value {
            Value::Bytes(bytes) => Ok(bytes.to_vec()),
            Value::Items(_) => Ok(Vec::new()),
            Value::Remote { number } => match &self.supply {
                Some(supply) => supply.value(*number),
                None => Err(Error::Header("a value is not in the file".to_owned())),
            },
            Value::Elsewhere { offset, length } => {
                let there = self.source.len().saturating_sub(*offset).min(*length);
                let count = usize::try_from(there)
                    .map_err(|_| Error::Header("a value is too large to be held".to_owned()))?;
                let mut bytes = vec![0; count];
                self.source
                    .read_exact_at(&mut bytes, *offset)
                    .map_err(|e| Error::io(&e, self.source.label()))?;
                if self.syntax.big {
                    swap_in_place(&mut bytes, element.vr);
                }
                Ok(bytes)
            }
        }
    }

    /// The elements that follow encapsulated pixel data: padding, signatures, private groups.
    ///
    /// Where fragments end only their headers say, so opening an object does not go there. This does, at
    /// the cost of a short read for each fragment. Elements that follow native pixel data are among
    /// [`Self::data`] already and not here.
    pub fn trailing(&self) -> Result<Trailing, Error> {
        let Some(PixelData { layout: PixelLayout::Encapsulated { offset }, .. }) = self.pixels else {
            return Ok(Trailing::default());
        };
        let mut parser = Parser::new(Cursor::new(self.source.as_ref()));
        let mut walker = fragments::cursor(self.source.as_ref());
        let data = match fragments::walk(&mut walker, offset, self.source.len(), self.syntax, |_| true)? {
            End::Delimiter(at) => parser.data_set_after(at, self.syntax, Arc::clone(&self.data.charset))?,
            End::Unknown(_) | End::Cut | End::Stopped => {
                parser.warn("the end of the pixel data cannot be found; what follows it was left out");
                DataSet::default()
            }
        };
        Ok(Trailing { data, warnings: parser.warnings })
    }

    /// Takes the elements that follow encapsulated pixel data in among the others, at the cost of
    /// [`Self::trailing`].
    pub fn take_in_trailing(&mut self) -> Result<(), Error> {
        let Trailing { data, warnings } = self.trailing()?;
        self.data.elements.extend(data.elements);
        self.data.finish();
        self.warnings.extend(warnings);
        Ok(())
    }

    /// Numbers and words of the file are big-endian.
    pub fn is_big_endian(&self) -> bool {
        self.syntax.big
    }
}

impl fmt::Debug for DicomFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DicomFile")
            .field("source", &self.source.label())
            .field("transfer_syntax", &self.transfer_syntax)
            .field("elements", &self.data.elements.len())
            .field("pixels", &self.pixels)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// Where the first element stands.
struct Start {
    offset: u64,
    /// The file says that it is DICOM.
    certain: bool,
}

fn start_of(cursor: &mut Cursor<'_>) -> Result<Start, Error> {
    if cursor.peek(128, 4)? == Some(b"DICM") {
        return Ok(Start { offset: 132, certain: true });
    }
    if cursor.peek(0, 4)? == Some(b"DICM") {
        return Ok(Start { offset: 4, certain: true });
    }
    // Without a preamble only a group a data set begins with will do.
    let Some(&[a, b]) = cursor.peek(0, 2)? else { return Err(Error::NotDicom) };
    let (little, big) = (u16::from_le_bytes([a, b]), u16::from_be_bytes([a, b]));
    let first = |group| matches!(group, 0x0002 | 0x0008);
    if !(first(little) || first(big)) || detect(cursor, 0, Syntax::EXPLICIT)?.is_none() {
        return Err(Error::NotDicom);
    }
    Ok(Start { offset: 0, certain: false })
}

/// The encoding of the data set at `at`, the expected one first.
fn detect(cursor: &mut Cursor<'_>, at: u64, expected: Syntax) -> Result<Option<Syntax>, Error> {
    let all = [expected, Syntax::EXPLICIT, Syntax::IMPLICIT, Syntax::BIG, Syntax::IMPLICIT_BIG];
    for syntax in all {
        if looks_like(cursor, at, syntax)? {
            return Ok(Some(syntax));
        }
    }
    Ok(None)
}

/// Whether a data set declared as deflated is not.
fn plain(cursor: &mut Cursor<'_>, at: u64) -> Result<bool, Error> {
    Ok(looks_like(cursor, at, Syntax::EXPLICIT)? || looks_like(cursor, at, Syntax::IMPLICIT)?)
}

/// Transfer syntax and element encoding in force.
fn choose(
    parser: &mut Parser<'_>,
    at: u64,
    declared: Option<&str>,
    certain: bool,
) -> Result<(String, Syntax), Error> {
    let expected = match declared {
        Some(IMPLICIT_LITTLE | uid::GE_PRIVATE | uid::PAPYRUS) => Syntax::IMPLICIT,
        Some(EXPLICIT_BIG) => Syntax::BIG,
        _ => Syntax::EXPLICIT,
    };
    let found = detect(&mut parser.cursor, at, expected)?;
    let syntax = match found {
        Some(syntax) => syntax,
        None if certain => expected,
        None => return Err(Error::NotDicom),
    };
    let own = match syntax {
        Syntax::EXPLICIT => EXPLICIT_LITTLE,
        Syntax::IMPLICIT => IMPLICIT_LITTLE,
        _ => EXPLICIT_BIG,
    };
    let Some(declared) = declared else {
        if certain {
            parser.warn("the transfer syntax is not declared");
        }
        return Ok((own.to_owned(), syntax));
    };
    if syntax == expected {
        return Ok((if declared == DEFLATED { own } else { declared }.to_owned(), syntax));
    }
    parser.warn("the elements are not encoded as the transfer syntax declares");
    let name = if uid::is_native(declared) { own } else { declared };
    Ok((name.to_owned(), syntax))
}
