//! Native pixel data: samples as they lie in the file.
//!
//! A frame is read straight into the vector it is delivered in. Whole little-endian words need nothing
//! more; everything else is one pass that the compiler turns into vector instructions.

use bytemuck::{Pod, Zeroable};

use super::clean::{clean, interleave};
use crate::dicom::{ByteSource, Error, Frame, ImageInfo, Photometric, SampleKind, Samples};

/// The byte order of the pixel data.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Layout {
    pub(crate) big_endian: bool,
    /// Declared as OW: bytes and bits are packed into 16-bit words.
    pub(crate) words: bool,
}

impl Layout {
    /// Samples smaller than the words they are packed into, in big-endian order.
    pub(crate) fn swaps_pairs(self, info: &ImageInfo) -> bool {
        self.big_endian && self.words && (info.bits_allocated == 8 || info.is_packed())
    }
}

/// The bytes of a frame in its source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Bits before the first sample: bitmaps follow each other without alignment.
    pub(crate) skip_bits: u64,
}

/// Reads and decodes one frame.
pub(crate) fn decode(
    info: &ImageInfo,
    layout: Layout,
    source: &dyn ByteSource,
    span: Span,
) -> Result<Frame, Error> {
    let mut fill =
        |into: &mut [u8]| source.read_exact_at(into, span.first).map_err(|e| Error::io(&e, source.label()));
    if info.is_packed() || layout.swaps_pairs(info) {
        let mut bytes = vec![0u8; length(span.last - span.first)?];
        fill(&mut bytes)?;
        return from_packed(info, layout, bytes, span.skip_bits);
    }
    whole_samples(info, layout, &mut fill)
}

/// Decodes the bytes of one frame that came out of a container or a general compressor.
pub(crate) fn from_bytes(info: &ImageInfo, bytes: &[u8]) -> Result<Frame, Error> {
    let layout = Layout::default();
    let needed = length(info.native_frame_bits().div_ceil(8))?;
    let Some(bytes) = bytes.get(..needed) else {
        let missing = needed - bytes.len();
        return Err(Error::FrameData(format!("{missing} of {needed} bytes are missing")));
    };
    if info.is_packed() {
        return from_packed(info, layout, bytes.to_vec(), 0);
    }
    let mut fill = |into: &mut [u8]| {
        into.copy_from_slice(bytes);
        Ok(())
    };
    whole_samples(info, layout, &mut fill)
}

/// Bitmaps, and bytes that lie swapped in big-endian words.
fn from_packed(info: &ImageInfo, layout: Layout, mut bytes: Vec<u8>, skip_bits: u64) -> Result<Frame, Error> {
    if layout.swaps_pairs(info) {
        for pair in bytes.as_chunks_mut::<2>().0 {
            pair.swap(0, 1);
        }
    }
    if info.bits_allocated == 1 {
        let pixels = length(info.pixels())?;
        let samples = unpack_bits(&bytes, length(skip_bits)?, pixels);
        return Ok(frame(info, Samples::U8(samples)));
    }
    if info.is_packed() {
        let count = length(info.native_frame_bits() / u64::from(info.bits_allocated))?;
        let cells = unpack_cells(&bytes, length(skip_bits)?, info.bits_allocated, count);
        return arranged(info, clean_cells(info, cells));
    }
    let skip = length(skip_bits / 8)?;
    let count = length(info.native_frame_bits() / 8)?;
    let Some(bytes) = skip.checked_add(count).and_then(|end| bytes.get(skip..end)) else {
        return Err(Error::FrameData("the last byte of the frame is missing".to_owned()));
    };
    let mut fill = |into: &mut [u8]| {
        into.copy_from_slice(bytes);
        Ok(())
    };
    whole_samples(info, Layout::default(), &mut fill)
}

type Fill<'a> = dyn FnMut(&mut [u8]) -> Result<(), Error> + 'a;

/// Samples of whole bytes, read into a vector of their own type.
fn whole_samples(info: &ImageInfo, layout: Layout, fill: &mut Fill<'_>) -> Result<Frame, Error> {
    let count = length(info.native_frame_bits() / u64::from(info.bits_allocated))?;
    let big = layout.big_endian;
    macro_rules! integers {
        ($variant:ident, $type:ty) => {{
            let mut values: Vec<$type> = typed(count, fill)?;
            in_order(&mut values, big, <$type>::from_be, <$type>::from_le);
            Samples::$variant(values)
        }};
    }
    let mut samples = match (info.kind, info.bits_allocated, info.signed) {
        (SampleKind::Float, ..) => {
            let mut values: Vec<f32> = typed(count, fill)?;
            in_order(bytemuck::cast_slice_mut(&mut values), big, u32::from_be, u32::from_le);
            Samples::F32(values)
        }
        (SampleKind::Double, ..) => {
            let mut values: Vec<f64> = typed(count, fill)?;
            in_order(bytemuck::cast_slice_mut(&mut values), big, u64::from_be, u64::from_le);
            Samples::F64(values)
        }
        (_, 8, false) => Samples::U8(typed(count, fill)?),
        (_, 8, true) => Samples::I8(typed(count, fill)?),
        (_, 16, false) => integers!(U16, u16),
        (_, 16, true) => integers!(I16, i16),
        (_, 32, false) => integers!(U32, u32),
        (_, 32, true) => integers!(I32, i32),
        (_, 64, signed) => {
            let mut bits: Vec<u64> = typed(count, fill)?;
            in_order(&mut bits, big, u64::from_be, u64::from_le);
            let value = |b: &u64| if signed { b.cast_signed() as f64 } else { *b as f64 };
            Samples::F64(bits.iter().map(value).collect())
        }
        (_, bits, _) => {
            return Err(Error::Image(format!("native samples of {bits} bits are not supported")));
        }
    };
    if info.bits_allocated <= 32 && info.kind == SampleKind::Integer {
        clean(&mut samples, info.high_bit, info.bits_stored);
    }
    arranged(info, samples)
}

/// The smallest type that has room for packed cells, with their significant bits.
fn clean_cells(info: &ImageInfo, cells: Vec<u32>) -> Samples {
    let mut samples = match (info.bits_allocated, info.signed) {
        (..=8, false) => Samples::U8(cells.into_iter().map(|v| v as u8).collect()),
        (..=8, true) => Samples::I8(cells.into_iter().map(|v| v as i8).collect()),
        (..=16, false) => Samples::U16(cells.into_iter().map(|v| v as u16).collect()),
        (..=16, true) => Samples::I16(cells.into_iter().map(|v| v as i16).collect()),
        (_, false) => Samples::U32(cells),
        (_, true) => Samples::I32(cells.into_iter().map(u32::cast_signed).collect()),
    };
    clean(&mut samples, info.high_bit, info.bits_stored);
    samples
}

/// Pixel by pixel, chrominance spread.
fn arranged(info: &ImageInfo, mut samples: Samples) -> Result<Frame, Error> {
    match info.photometric {
        _ if info.samples_per_pixel == 1 => {}
        Photometric::YbrPartial420 if info.samples_per_pixel == 3 => {
            return Err(Error::Image("YBR_PARTIAL_420 without compression is not defined".to_owned()));
        }
        Photometric::YbrFull422 | Photometric::YbrPartial422 if info.samples_per_pixel == 3 => {
            samples = crate::each_sample_vec!(samples, v => expand_422(&v, info.columns as usize));
        }
        _ if info.planar => {
            let channels = usize::from(info.samples_per_pixel);
            samples = crate::each_sample_vec!(samples, v => interleave(&v, channels));
        }
        _ => {}
    }
    Ok(frame(info, samples))
}

/// Integers in their own type, interleaved: only their significant bits are left to be kept.
pub(crate) fn cleaned(info: &ImageInfo, mut samples: Samples) -> Frame {
    clean(&mut samples, info.high_bit, info.bits_stored);
    frame(info, samples)
}

fn frame(info: &ImageInfo, samples: Samples) -> Frame {
    Frame {
        rows: info.rows,
        columns: info.columns,
        channels: info.samples_per_pixel,
        color: info.photometric.color_model(info.samples_per_pixel),
        samples,
    }
}

fn typed<T: Pod + Zeroable>(count: usize, fill: &mut Fill<'_>) -> Result<Vec<T>, Error> {
    let mut values = vec![T::zeroed(); count];
    fill(bytemuck::cast_slice_mut(&mut values))?;
    Ok(values)
}

fn in_order<T: Copy>(values: &mut [T], big: bool, swapped: fn(T) -> T, straight: fn(T) -> T) {
    if big {
        for value in values {
            *value = swapped(*value);
        }
    } else if cfg!(target_endian = "big") {
        for value in values {
            *value = straight(*value);
        }
    }
}

fn length(bytes: u64) -> Result<usize, Error> {
    usize::try_from(bytes).map_err(|_| Error::FrameData("the frame is too large to be held".to_owned()))
}

/// One byte a bit, the least significant bit first (PS3.5 8.1.1), after skipping some.
pub(crate) fn unpack_bits(bytes: &[u8], skip: usize, count: usize) -> Vec<u8> {
    let mut out = vec![0u8; count];
    let bytes = bytes.get(skip / 8..).unwrap_or_default();
    let shift = skip % 8;
    let next = bytes.iter().skip(1).chain(std::iter::once(&0));
    for ((eight, &low), &high) in out.chunks_mut(8).zip(bytes).zip(next) {
        let byte = (u16::from_le_bytes([low, high]) >> shift) as u8;
        for (i, bit) in eight.iter_mut().enumerate() {
            *bit = (byte >> i) & 1;
        }
    }
    out
}

/// Cells of `width` bits, at most 32, the least significant bit first (PS3.5 8.1.1 and annex D).
fn unpack_cells(bytes: &[u8], skip: usize, width: u16, count: usize) -> Vec<u32> {
    let width = u32::from(width.clamp(1, 32));
    let mask = u32::MAX >> (32 - width);
    let mut bytes = bytes.iter().skip(skip / 8);
    let (mut held, mut have) = (0u64, 0u32);
    let mut take = |width: u32| {
        while have < width {
            held |= u64::from(bytes.next().copied().unwrap_or(0)) << have;
            have += 8;
        }
        let value = held as u32;
        held >>= width;
        have -= width;
        value
    };
    take((skip % 8) as u32);
    (0..count).map(|_| take(width) & mask).collect()
}

/// Y Y Cb Cr for two pixels becomes Y Cb Cr, Y Cb Cr (PS3.3 C.7.6.3.1.2).
fn expand_422<T: Copy + Default>(values: &[T], columns: usize) -> Vec<T> {
    let pairs = columns.div_ceil(2);
    let mut out = Vec::with_capacity(values.len() / 4 * 6);
    for row in values.chunks_exact(pairs * 4) {
        for (i, &[first, second, cb, cr]) in row.as_chunks::<4>().0.iter().enumerate() {
            out.extend([first, cb, cr]);
            if i * 2 + 1 < columns {
                out.extend([second, cb, cr]);
            }
        }
    }
    out
}

/// Whether rows of a frame are whole 16-bit words, one after the other, that can be read by themselves.
pub(crate) fn has_plain_rows(info: &ImageInfo, layout: Layout) -> bool {
    let plain = info.kind == SampleKind::Integer && info.bits_allocated == 16 && info.samples_per_pixel == 1;
    plain && !layout.big_endian && cfg!(target_endian = "little")
}

/// Reads rows of a frame with plain rows: significant bits alone, those of signed samples extended.
pub(crate) fn read_rows(
    info: &ImageInfo,
    source: &dyn ByteSource,
    span: Span,
    first_row: u32,
    into: &mut [u16],
) -> Result<(), Error> {
    let at = span.first + u64::from(first_row) * u64::from(info.columns) * 2;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(into);
    if at + bytes.len() as u64 > span.last {
        return Err(Error::FrameData("there are no such rows".to_owned()));
    }
    source.read_exact_at(bytes, at).map_err(|e| Error::io(&e, source.label()))?;
    let (stored, high) = (u32::from(info.bits_stored), u32::from(info.high_bit));
    if stored >= 16 || stored == 0 {
        return Ok(());
    }
    if info.signed {
        let (up, down) = (15u32.saturating_sub(high), 16 - stored);
        for word in into {
            *word = ((*word << up).cast_signed() >> down).cast_unsigned();
        }
    } else {
        let (shift, mask) = ((high + 1).saturating_sub(stored).min(15), (1u16 << stored) - 1);
        for word in into {
            *word = (*word >> shift) & mask;
        }
    }
    Ok(())
}

/// The samples of one pixel, read alone; `None` where that is not simple.
pub(crate) fn pixel(
    info: &ImageInfo,
    layout: Layout,
    source: &dyn ByteSource,
    span: Span,
    column: u32,
    row: u32,
) -> Result<Option<Vec<f64>>, Error> {
    let subsampled = matches!(
        info.photometric,
        Photometric::YbrFull422 | Photometric::YbrPartial422 | Photometric::YbrPartial420
    );
    let packed = info.is_packed() && info.bits_allocated != 1;
    if layout.big_endian || packed || (subsampled && info.samples_per_pixel > 1) {
        return Ok(None);
    }
    let pixel = u64::from(row) * u64::from(info.columns) + u64::from(column);
    let read =
        |into: &mut [u8], at: u64| source.read_exact_at(into, at).map_err(|e| Error::io(&e, source.label()));
    if info.bits_allocated == 1 {
        let bit = span.skip_bits + pixel;
        let mut byte = [0u8; 1];
        read(&mut byte, span.first + bit / 8)?;
        return Ok(Some(vec![f64::from((byte[0] >> (bit % 8)) & 1)]));
    }
    // One pixel is an image of one row and one column, whose channels may lie apart.
    let one = ImageInfo { rows: 1, columns: 1, planar: false, ..info.clone() };
    let size = u64::from(info.bits_allocated / 8);
    let channels = u64::from(info.samples_per_pixel);
    let mut fill = |into: &mut [u8]| {
        if !info.planar {
            return read(into, span.first + pixel * channels * size);
        }
        let planes = into.chunks_exact_mut(length(size)?);
        for (channel, value) in (0u64..).zip(planes) {
            read(value, span.first + (channel * info.pixels() + pixel) * size)?;
        }
        Ok(())
    };
    let found = whole_samples(&one, layout, &mut fill)?;
    Ok(Some((0..found.samples.len()).filter_map(|i| found.samples.value(i)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_unpack_from_any_position() {
        // 0b1010_0110, 0b0000_0001 from the least significant bit: 0 1 1 0 0 1 0 1, 1 0 0 ...
        let bytes = [0b1010_0110, 0b0000_0001];
        assert_eq!(unpack_bits(&bytes, 0, 9), [0, 1, 1, 0, 0, 1, 0, 1, 1]);
        assert_eq!(unpack_bits(&bytes, 5, 4), [1, 0, 1, 1]);
        assert_eq!(unpack_bits(&bytes, 9, 3), [0, 0, 0]);
    }

    #[test]
    fn cells_of_any_width_unpack_from_any_position() {
        // Figure D-3 of PS3.5: the first of two cells of 12 bits has all of the first byte and the low half
        // of the second.
        let bytes = [0x34, 0x12, 0xAB, 0xFF, 0x0F, 0x80];
        assert_eq!(unpack_cells(&bytes, 0, 12, 4), [0x234, 0xAB1, 0xFFF, 0x800]);
        assert_eq!(unpack_cells(&bytes, 12, 12, 2), [0xAB1, 0xFFF]);
        assert_eq!(unpack_cells(&bytes, 0, 24, 2), [0xAB_1234, 0x80_0FFF]);
        assert_eq!(unpack_cells(&bytes, 4, 4, 3), [3, 2, 1]);
    }

    #[test]
    fn packed_cells_become_samples() {
        use crate::dicom::testing::info;
        let info = ImageInfo { columns: 3, rows: 1, ..info(12, 12, true) };
        let frame = from_bytes(&info, &[0x34, 0xF2, 0xFF, 0x00, 0x08]).unwrap();
        assert_eq!(frame.samples, Samples::I16(vec![0x234, -1, -2048]));
        // The same in words of the other byte order.
        let words = Layout { big_endian: true, words: true };
        let frame = from_packed(&info, words, vec![0xF2, 0x34, 0x00, 0xFF, 0, 0x08], 0).unwrap();
        assert_eq!(frame.samples, Samples::I16(vec![0x234, -1, -2048]));
        assert!(from_bytes(&info, &[0x34, 0xF2, 0xFF, 0x00]).is_err());
    }

    #[test]
    fn rows_alone_are_those_of_the_whole() {
        use crate::dicom::MemorySource;
        use crate::dicom::testing::info;
        let bytes: Vec<u8> = (0..2 + 2 * 5 * 7u32).map(|i| (i * 167 + 13) as u8).collect();
        let source = MemorySource::new(bytes);
        let span = Span { first: 2, last: 2 + 2 * 5 * 7, skip_bits: 0 };
        for (stored, high, signed) in
            [(16, 15, false), (16, 15, true), (12, 11, false), (12, 15, true), (10, 12, false)]
        {
            let info = ImageInfo { columns: 5, rows: 7, high_bit: high, ..info(16, stored, signed) };
            assert!(has_plain_rows(&info, Layout::default()));
            let whole = match decode(&info, Layout::default(), &source, span).unwrap().samples {
                Samples::I16(v) => v.into_iter().map(i16::cast_unsigned).collect(),
                Samples::U16(v) => v,
                other => panic!("{other:?}"),
            };
            let mut rows = [0u16; 15];
            read_rows(&info, &source, span, 3, &mut rows).unwrap();
            assert_eq!(rows[..], whole[15..30], "{stored} bits up to {high}");
            assert!(read_rows(&info, &source, span, 5, &mut rows).is_err());
        }
        assert!(!has_plain_rows(&info(8, 8, false), Layout::default()));
        let big = Layout { big_endian: true, ..Layout::default() };
        assert!(!has_plain_rows(&info(16, 12, false), big));
    }

    #[test]
    fn subsampled_colour_is_spread() {
        let row = [1, 2, 10, 20, 3, 0, 30, 40];
        assert_eq!(expand_422(&row, 3), [1, 10, 20, 2, 10, 20, 3, 30, 40]);
    }
}
