//! JPEG XL through jxl-oxide: lossless, recompressed JPEG, and lossy.
//!
//! The decoder hands out every depth scaled to sixteen bits; scaling back is exact.

use jxl_oxide::{AllocTracker, JxlImage, JxlThreadPool, image::BitDepth};

use super::fit::{Budget, Decoded, Raw};
use crate::dicom::{ColorModel, Error};

const NAME: &str = "JPEG XL";
/// A blank image compresses to nearly nothing; up to this many samples no length is too short.
const ALWAYS: u64 = 16 << 20;

fn damaged(what: impl Into<String>) -> Error {
    Error::codec(NAME, what)
}

pub(super) fn decode(data: &[u8], budget: Budget) -> Result<Decoded, Error> {
    let image = JxlImage::builder()
        // The caller decides what runs at the same time.
        .pool(JxlThreadPool::none())
        .alloc_tracker(AllocTracker::with_limit(budget.memory()))
        .read(data)
        .map_err(|e| damaged(e.to_string()))?;
    let metadata = &image.image_header().metadata;
    let BitDepth::IntegerSample { bits_per_sample } = metadata.bit_depth else {
        return Err(damaged("floating point samples are not supported"));
    };
    let precision = u16::try_from(bits_per_sample).unwrap_or(u16::MAX);
    if !(1..=16).contains(&precision) {
        return Err(damaged(format!("samples of {precision} bits are not supported")));
    }
    let (columns, rows) = (image.image_header().size.width, image.image_header().size.height);
    let pixels = u64::from(columns) * u64::from(rows);
    budget.check(NAME, pixels, 3, 2048, ALWAYS)?;
    let render = image.render_frame(0).map_err(|e| damaged(e.to_string()))?;
    let mut stream = render.stream_no_alpha();
    let channels = stream.channels() as usize;
    if !matches!(channels, 1 | 3) {
        return Err(damaged(format!("{channels} components are not supported")));
    }
    let mut samples = vec![0u16; columns as usize * rows as usize * channels];
    if stream.write_to_buffer(&mut samples) != samples.len() {
        return Err(damaged("it is cut short"));
    }
    if precision < 16 {
        let most = u32::from(u16::MAX >> (16 - precision));
        for sample in &mut samples {
            *sample = ((u32::from(*sample) * most + 32_767) / 65_535) as u16;
        }
    }
    Ok(Decoded {
        rows,
        columns,
        channels: channels as u8,
        precision,
        signed: None,
        color: (channels == 3).then_some(ColorModel::Rgb),
        samples: Raw::U16(samples),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight by eight samples of 12 bits, each 57 more than the last and cut at 4096, as libjxl writes them.
    const STREAM: [u8; 63] = [
        0xff, 0x0a, 0x41, 0x60, 0x50, 0xb4, 0x08, 0x08, 0x04, 0x01, 0x00, 0xc8, 0x00, 0x4b, 0x28, 0x37, 0xc6,
        0xdf, 0x2e, 0x2b, 0x28, 0x48, 0x8a, 0x8b, 0xa7, 0x09, 0xf0, 0x13, 0x22, 0x22, 0x22, 0x4e, 0x22, 0x22,
        0x22, 0xe2, 0x24, 0x22, 0x22, 0x22, 0x4e, 0x22, 0x22, 0x22, 0xe2, 0x24, 0x22, 0x22, 0x22, 0x4e, 0x22,
        0x22, 0x22, 0xe2, 0x24, 0x22, 0x22, 0x22, 0x4e, 0x22, 0x22, 0x22, 0x22,
    ];

    #[test]
    fn a_lossless_stream_of_another_program_is_exact() {
        let decoded = decode(&STREAM, Budget::generous(&STREAM)).expect("an image");
        assert_eq!((decoded.rows, decoded.columns, decoded.channels, decoded.precision), (8, 8, 1, 12));
        let Raw::U16(samples) = decoded.samples else { panic!("16-bit samples") };
        let expected: Vec<u16> = (0..64).map(|i| i * 57 % 4096).collect();
        assert_eq!(samples, expected);
    }

    #[test]
    fn cut_streams_are_errors() {
        for length in 0..STREAM.len() - 8 {
            let cut = &STREAM[..length];
            assert!(decode(cut, Budget::generous(cut)).is_err(), "{length} bytes");
        }
    }
}
