//! JPEG XL: stub.
use super::fit::Decoded;
use crate::dicom::{Error, ImageInfo};

pub(super) fn decode(_info: &ImageInfo, _data: &[u8]) -> Result<Decoded, Error> {
    Err(super::unsupported(crate::dicom::uid::JPEG_XL))
}
