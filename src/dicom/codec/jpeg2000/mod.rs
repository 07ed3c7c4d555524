//! JPEG 2000 and High-Throughput JPEG 2000 through OpenJPEG.
//!
//! The main header is read here first, so that nothing is handed to the library whose size, precision
//! or number of components has not been looked at.

use jpeg2k::{DecodeParameters, ImageComponent};

use super::fit::{Budget, Decoded, Raw};
use crate::dicom::{ColorModel, Error, ImageInfo};

const NAME: &str = "JPEG 2000";
/// A blank image compresses to nearly nothing; up to this many samples no length is too short.
const ALWAYS: u64 = 32 << 20;

fn damaged(what: impl Into<String>) -> Error {
    Error::codec(NAME, what)
}

/// What the main header says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MainHeader {
    columns: u32,
    rows: u32,
    channels: usize,
    precision: u16,
    signed: bool,
    /// The components went through a colour transform, which decoding undoes to RGB.
    transformed: bool,
    /// Resolutions below the full one.
    levels: u8,
}

pub(super) fn decode(info: &ImageInfo, data: &[u8], warnings: &mut Vec<String>) -> Result<Decoded, Error> {
    let codestream = codestream(data)?;
    let header = MainHeader::read(codestream)?;
    decode_at(info, codestream, &header, 0, warnings)
}

/// The full size of a frame that was decoded at less.
pub(super) struct FullSize {
    pub(super) columns: u32,
    pub(super) rows: u32,
    /// How often both sides were halved.
    pub(super) reduce: u8,
}

/// Decodes at `1 / 2^reduce` of the full size, or as near to that as the codestream has levels; `None`
/// where it has none, or where they are not of the size that frames are reduced to.
pub(super) fn decode_reduced(
    info: &ImageInfo,
    data: &[u8],
    reduce: u8,
    warnings: &mut Vec<String>,
) -> Result<Option<(Decoded, FullSize)>, Error> {
    let codestream = codestream(data)?;
    let header = MainHeader::read(codestream)?;
    let reduce = reduce.min(header.levels);
    if reduce == 0 {
        return Ok(None);
    }
    let image = decode_at(info, codestream, &header, reduce, warnings)?;
    let side = |full: u32| u64::from(full).div_ceil(1 << reduce);
    let fits = (u64::from(image.columns), u64::from(image.rows)) == (side(header.columns), side(header.rows));
    let size = FullSize { columns: header.columns, rows: header.rows, reduce };
    Ok(fits.then_some((image, size)))
}

fn decode_at(
    info: &ImageInfo,
    codestream: &[u8],
    header: &MainHeader,
    reduce: u8,
    warnings: &mut Vec<String>,
) -> Result<Decoded, Error> {
    let pixels = u64::from(header.columns) * u64::from(header.rows);
    Budget::new(info, codestream).check(NAME, pixels, header.channels as u64, 4096, ALWAYS)?;
    let parameters = DecodeParameters::new().reduce(u32::from(reduce));
    let image = jpeg2k::Image::from_bytes_with(codestream, parameters)
        .map_err(|_| damaged("OpenJPEG cannot decode it"))?;
    let components = image.components();
    let Some(first) = components.first() else { return Err(damaged("it has no components")) };
    let (rows, columns) = (first.height(), first.width());
    // The library does not promise memory for components it gave up on.
    if components.iter().any(|c| format!("{c:?}").contains("data: 0x0,")) {
        return Err(damaged("a component has no samples"));
    }
    if components.len() != header.channels || !matches!(components.len(), 1 | 3 | 4) {
        return Err(damaged(format!("{} components are not supported", components.len())));
    }
    if image.num_components() > 1 && info.samples_per_pixel == 1 {
        warnings.push("the compressed image has colours the header does not declare".to_owned());
    }
    let samples = match header.precision {
        0..=8 => Raw::U8(interleaved(components, |v| v as u8)),
        9..=16 => Raw::U16(interleaved(components, |v| v as u16)),
        _ => Raw::I32(interleaved(components, |v| v)),
    };
    Ok(Decoded {
        rows,
        columns,
        channels: components.len() as u8,
        precision: header.precision,
        signed: Some(header.signed),
        color: header.transformed.then_some(ColorModel::Rgb),
        samples,
    })
}

/// The codestream itself, out of a JP2 file if need be.
fn codestream(data: &[u8]) -> Result<&[u8], Error> {
    const START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
    if data.starts_with(&START) {
        return Ok(data);
    }
    let at = data.windows(4).position(|w| w == START);
    at.and_then(|at| data.get(at..)).ok_or_else(|| damaged("it holds no codestream"))
}

impl MainHeader {
    fn read(codestream: &[u8]) -> Result<Self, Error> {
        let cut = || damaged("its header is cut short");
        let word =
            |at: usize| codestream.get(at..).and_then(|b| b.first_chunk()).map(|b| u32::from_be_bytes(*b));
        let (x1, y1) = (word(8).ok_or_else(cut)?, word(12).ok_or_else(cut)?);
        let (x0, y0) = (word(16).ok_or_else(cut)?, word(20).ok_or_else(cut)?);
        let (tile_x, tile_y) = (word(24).ok_or_else(cut)?, word(28).ok_or_else(cut)?);
        if x1 <= x0 || y1 <= y0 || tile_x == 0 || tile_y == 0 {
            return Err(damaged("it has no size"));
        }
        let (columns, rows) = (x1 - x0, y1 - y0);
        let tiles = u64::from(columns.div_ceil(tile_x)) * u64::from(rows.div_ceil(tile_y));
        if tiles > 65_535 {
            return Err(damaged("it has too many tiles"));
        }
        let count = codestream.get(40..42).and_then(|b| b.first_chunk()).ok_or_else(cut)?;
        let channels = usize::from(u16::from_be_bytes(*count));
        let described = codestream.get(42..42 + channels * 3).ok_or_else(cut)?;
        let (mut precision, mut signed) = (0, false);
        for &[depth, dx, dy] in described.as_chunks::<3>().0 {
            precision = precision.max(u16::from(depth & 0x7F) + 1);
            signed |= depth & 0x80 != 0;
            if dx == 0 || dy == 0 {
                return Err(damaged("a component has no size"));
            }
        }
        if channels == 0 || precision > 32 {
            return Err(damaged("its samples are not supported"));
        }
        let (transformed, levels) = coding_style(codestream);
        Ok(Self { columns, rows, channels, precision, signed, transformed, levels })
    }
}

/// Whether there is a component transform (COD, A.6.1), and the number of decomposition levels that all
/// components have (COC, A.6.2).
fn coding_style(codestream: &[u8]) -> (bool, u8) {
    let many = codestream.get(40..42).is_some_and(|count| count > [1, 0].as_slice());
    let (mut transformed, mut levels) = (false, None);
    let mut least = |found: Option<&u8>| {
        let found = found.copied().unwrap_or(0).min(32);
        levels = Some(levels.map_or(found, |levels: u8| levels.min(found)));
    };
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = codestream.get(at..).and_then(|b| b.first_chunk()) {
        if marker == 0x90 {
            break;
        }
        if marker == 0x52 {
            transformed = codestream.get(at + 8).is_some_and(|&transform| transform != 0);
            least(codestream.get(at + 9));
        } else if marker == 0x53 {
            // The number of the component takes a byte, or two where there are more than 256 of them.
            least(codestream.get(at + if many { 7 } else { 6 }));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    (transformed, levels.unwrap_or(0))
}

/// Pixel by pixel, subsampled components repeated.
fn interleaved<T: Copy + Default>(components: &[ImageComponent], cast: impl Fn(i32) -> T) -> Vec<T> {
    let Some(first) = components.first() else { return Vec::new() };
    let channels = components.len();
    if channels == 1 {
        return first.data().iter().map(|&v| cast(v)).collect();
    }
    let (columns, rows) = (first.width() as usize, first.height() as usize);
    let mut out = vec![T::default(); columns * rows * channels];
    for (channel, component) in components.iter().enumerate() {
        let (width, height) = (component.width() as usize, component.height() as usize);
        if width == 0 || height == 0 {
            continue;
        }
        let data = component.data();
        if (width, height) == (columns, rows) {
            for (pixel, &value) in out.chunks_exact_mut(channels).zip(data) {
                if let Some(to) = pixel.get_mut(channel) {
                    *to = cast(value);
                }
            }
            continue;
        }
        for (row, line) in out.chunks_exact_mut(columns * channels).enumerate() {
            let from = (row * height / rows) * width;
            let from = data.get(from..from + width).unwrap_or(&[]);
            for (column, pixel) in line.chunks_exact_mut(channels).enumerate() {
                if let (Some(to), Some(&value)) = (pixel.get_mut(channel), from.get(column * width / columns))
                {
                    *to = cast(value);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
