//! Decoders: the bytes of one frame become its stored samples.
//!
//! One dispatch by transfer syntax, one module a codec. A decoder sees one frame at a time and knows
//! nothing of files. What a codestream says about itself wins over the header, with a warning. No
//! colour is converted here; `ColorModel` says what the samples are. A panic inside a decoder is that
//! frame's error and nobody else's.

mod clean;
mod contain;
mod deflate;
mod fit;
mod jpeg;
mod jpeg2000;
mod jpegls;
mod jpegxl;
pub(super) mod native;
mod rle;

use super::{Error, Frame, ImageInfo, Reduced, sniff, uid};

/// Decodes one encapsulated frame.
pub(super) fn decode(
    info: &ImageInfo,
    transfer_syntax: &str,
    data: &[u8],
    warnings: &mut Vec<String>,
) -> Result<Frame, Error> {
    let attempt = contain::contain(|| dispatch(info, transfer_syntax, data, warnings));
    attempt.unwrap_or_else(|| Err(Error::FrameData("its decoder gave up on damaged data".to_owned())))
}

fn dispatch(
    info: &ImageInfo,
    transfer_syntax: &str,
    data: &[u8],
    warnings: &mut Vec<String>,
) -> Result<Frame, Error> {
    match transfer_syntax {
        uid::RLE => return rle::decode(info, data, warnings),
        uid::ENCAPSULATED => return native::from_bytes(info, data),
        uid::DEFLATED_FRAME => return deflate::decode(info, data),
        _ if uid::is_video(transfer_syntax) => return Err(unsupported(transfer_syntax)),
        _ => {}
    }
    let budget = fit::Budget::new(info, data);
    // The JPEG family tells its members apart better than headers do.
    let image = match sniff::of_bytes(data) {
        Some(uid::JPEG_2000) => jpeg2000::decode(info, data, warnings)?,
        Some(uid::JPEG_XL) => jpegxl::decode(data, budget)?,
        Some(uid::JPEG_LS) => jpegls::decode(data, budget, warnings)?,
        Some(_) => jpeg::decode(data, budget, warnings)?,
        None if is_jpeg_family(transfer_syntax) => {
            return Err(Error::codec("JPEG", "no image begins where one should"));
        }
        None => return Err(unsupported(transfer_syntax)),
    };
    Ok(fit::into_frame(info, image, warnings))
}

/// Whether frames of a transfer syntax may hold several resolutions.
pub(super) fn has_resolutions(transfer_syntax: &str) -> bool {
    is_jpeg_family(transfer_syntax) && !uid::is_video(transfer_syntax)
}

/// Decodes a smaller resolution of an encapsulated frame; `None` when there is none that can be used,
/// for whatever reason: decoding the whole frame is the answer then, and says what is wrong.
pub(super) fn decode_reduced(
    info: &ImageInfo,
    data: &[u8],
    reduce: u8,
    warnings: &mut Vec<String>,
) -> Option<Reduced> {
    if sniff::of_bytes(data) != Some(uid::JPEG_2000) {
        return None;
    }
    let attempt = || jpeg2000::decode_reduced(info, data, reduce, warnings);
    let (image, size) = contain::contain(attempt)?.ok()??;
    // The header is held against the full size, as if all had been decoded.
    let (rows, columns) = (image.rows, image.columns);
    let image = fit::Decoded { rows: size.rows, columns: size.columns, ..image };
    let frame = fit::into_frame(info, image, warnings);
    let frame = Frame { rows, columns, ..frame };
    Some(Reduced { frame, reduce: size.reduce, columns: size.columns, rows: size.rows })
}

fn is_jpeg_family(transfer_syntax: &str) -> bool {
    transfer_syntax.starts_with("1.2.840.10008.1.2.4.")
}

/// The error for a transfer syntax nothing here decodes.
pub(super) fn unsupported(transfer_syntax: &str) -> Error {
    let (name, uid) = (uid::transfer_syntax_name(transfer_syntax), transfer_syntax.to_owned());
    if uid::is_video(transfer_syntax) { Error::Video { name, uid } } else { Error::Unsupported { name, uid } }
}
