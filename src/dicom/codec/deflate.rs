//! Deflated Image Frame: each frame a raw deflate stream of its native samples.

use std::io::Read;

use super::native;
use crate::dicom::{Error, Frame, ImageInfo};

pub(super) fn decode(info: &ImageInfo, data: &[u8]) -> Result<Frame, Error> {
    let needed = info.native_frame_bits().div_ceil(8);
    let mut out = Vec::new();
    // Deflate cannot do better than about 1032 to one, so nothing large is held for little.
    let result = flate2::read::DeflateDecoder::new(data).take(needed).read_to_end(&mut out);
    if out.is_empty() || (result.is_err() && (out.len() as u64) < needed) {
        return Err(Error::codec("deflated", "the stream is cut short or broken"));
    }
    native::from_bytes(info, &out)
}
