//! JPEG 2000 and High-Throughput JPEG 2000 through OpenJPEG.
//!
//! The main header is read here first, so that nothing is handed to the library whose size, precision
//! or number of components has not been looked at. The library uses all cores for a frame.

mod header;
mod palette;

use jpeg2k::{DecodeParameters, ImageComponent};

use super::fit::{Budget, Decoded, Raw};
use crate::dicom::{ColorModel, Error, ImageInfo};
use header::{MainHeader, counts_are_wrong, without_trailer};
use palette::Palette;

const NAME: &str = "JPEG 2000";
/// A blank image compresses to nearly nothing; up to this many samples no length is too short.
const ALWAYS: u64 = 32 << 20;

fn damaged(what: impl Into<String>) -> Error {
    Error::codec(NAME, what)
}

pub(super) fn decode(info: &ImageInfo, data: &[u8], warnings: &mut Vec<String>) -> Result<Decoded, Error> {
    let (boxes, codestream) = split(data)?;
    let header = MainHeader::read(codestream)?;
    let image = decode_at(info, codestream, &header, 0, warnings)?;
    if let (1, 3, Some(palette)) = (image.channels, info.samples_per_pixel, Palette::find(boxes)) {
        return Ok(palette.apply(image));
    }
    Ok(image)
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
    let (boxes, codestream) = split(data)?;
    let header = MainHeader::read(codestream)?;
    let reduce = reduce.min(header.levels);
    let indices = header.channels == 1 && Palette::find(boxes).is_some();
    if reduce == 0 || indices {
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
    let attempt = |codestream: &[u8], strict| {
        let parameters = DecodeParameters::new().reduce(u32::from(reduce)).strict(strict);
        jpeg2k::Image::from_bytes_with(codestream, parameters).ok()
    };
    // What is damaged is decoded as far as it goes, but not without a word.
    let again = || {
        if let Some(image) = without_trailer(codestream).and_then(|shorter| attempt(&shorter, true)) {
            warnings.push("there is padding in the compressed image where none may be".to_owned());
            return Some(image);
        }
        let image = attempt(codestream, false)?;
        warnings.push("a compressed frame is cut short".to_owned());
        Some(image)
    };
    let strict = !counts_are_wrong(codestream);
    let image = attempt(codestream, strict).or_else(again);
    let image = image.ok_or_else(|| damaged("OpenJPEG cannot decode it"))?;
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

/// What comes before the codestream, which is nothing or the boxes of a JP2 file, and the codestream.
fn split(data: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    const START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
    let at = data.windows(4).position(|w| w == START);
    at.and_then(|at| data.split_at_checked(at)).ok_or_else(|| damaged("it holds no codestream"))
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
