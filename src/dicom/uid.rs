//! Transfer syntaxes and SOP classes by name.

use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::StandardSopClassDictionary;

pub(crate) const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
pub(crate) const ENCAPSULATED: &str = "1.2.840.10008.1.2.1.98";
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
pub(crate) const RLE: &str = "1.2.840.10008.1.2.5";
pub(crate) const DEFLATED_FRAME: &str = "1.2.840.10008.1.2.8.1";
pub(crate) const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
pub(crate) const JPEG_EXTENDED: &str = "1.2.840.10008.1.2.4.51";
pub(crate) const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.57";
pub(crate) const JPEG_LOSSLESS_FIRST: &str = "1.2.840.10008.1.2.4.70";
pub(crate) const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
pub(crate) const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
pub(crate) const JPEG_XL: &str = "1.2.840.10008.1.2.4.110";

/// The private syntax of GE for implicit little endian with big-endian pixels.
pub(crate) const GE_PRIVATE: &str = "1.2.840.113619.5.2";
/// Papyrus 3 implicit little endian, retired.
pub(crate) const PAPYRUS: &str = "1.2.840.10008.1.20";

/// Whether text is a UID as archives know it: digits with dots between them, 64 at most, and so nothing that a path
/// could mean something else by. Components with a leading zero are against the standard and in use.
pub fn is_uid(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64 && text.split('.').all(is_number)
}

/// Transfer syntaxes by UID, PS3.6 table A-1 under names people use.
const NAMES: &[(&str, &str)] = &[
    (IMPLICIT_LITTLE, "Implicit VR Little Endian"),
    (EXPLICIT_LITTLE, "Explicit VR Little Endian"),
    (ENCAPSULATED, "Encapsulated Uncompressed"),
    (DEFLATED, "Deflated Explicit VR Little Endian"),
    (EXPLICIT_BIG, "Explicit VR Big Endian"),
    (JPEG_BASELINE, "JPEG Baseline (Process 1)"),
    (JPEG_EXTENDED, "JPEG Extended (Process 2 & 4)"),
    ("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 & 5)"),
    ("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection (Process 6 & 8)"),
    ("1.2.840.10008.1.2.4.54", "JPEG Spectral Selection (Process 7 & 9)"),
    ("1.2.840.10008.1.2.4.55", "JPEG Full Progression (Process 10 & 12)"),
    ("1.2.840.10008.1.2.4.56", "JPEG Full Progression (Process 11 & 13)"),
    (JPEG_LOSSLESS, "JPEG Lossless (Process 14)"),
    ("1.2.840.10008.1.2.4.58", "JPEG Lossless (Process 15)"),
    (JPEG_LOSSLESS_FIRST, "JPEG Lossless, First-Order Prediction"),
    (JPEG_LS, "JPEG-LS Lossless"),
    ("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless"),
    (JPEG_2000, "JPEG 2000 Lossless"),
    ("1.2.840.10008.1.2.4.91", "JPEG 2000"),
    ("1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component Lossless"),
    ("1.2.840.10008.1.2.4.93", "JPEG 2000 Multi-component"),
    ("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
    ("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate"),
    ("1.2.840.10008.1.2.4.100", "MPEG-2 Main Profile / Main Level"),
    ("1.2.840.10008.1.2.4.100.1", "Fragmentable MPEG-2 Main Profile / Main Level"),
    ("1.2.840.10008.1.2.4.101", "MPEG-2 Main Profile / High Level"),
    ("1.2.840.10008.1.2.4.101.1", "Fragmentable MPEG-2 Main Profile / High Level"),
    ("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile"),
    ("1.2.840.10008.1.2.4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile"),
    ("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible"),
    ("1.2.840.10008.1.2.4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible"),
    ("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 for 2D video"),
    ("1.2.840.10008.1.2.4.104.1", "Fragmentable MPEG-4 AVC/H.264 for 2D video"),
    ("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 for 3D video"),
    ("1.2.840.10008.1.2.4.105.1", "Fragmentable MPEG-4 AVC/H.264 for 3D video"),
    ("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo"),
    ("1.2.840.10008.1.2.4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo"),
    ("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile"),
    ("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile"),
    (JPEG_XL, "JPEG XL Lossless"),
    ("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression"),
    ("1.2.840.10008.1.2.4.112", "JPEG XL"),
    ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"),
    ("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL Lossless"),
    ("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"),
    ("1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced"),
    ("1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate"),
    (RLE, "RLE Lossless"),
    ("1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20 Uncompressed Progressive Video"),
    ("1.2.840.10008.1.2.7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Video"),
    ("1.2.840.10008.1.2.7.3", "SMPTE ST 2110-30 PCM Audio"),
    (DEFLATED_FRAME, "Deflated Image Frame"),
    (PAPYRUS, "Papyrus 3 Implicit VR Little Endian"),
    (GE_PRIVATE, "GE Private Implicit VR Big Endian"),
];

/// Name of a transfer syntax; the UID itself when it has none.
pub fn transfer_syntax_name(uid: &str) -> String {
    let known = NAMES.iter().find(|(known, _)| *known == uid);
    known.map_or(uid, |(_, name)| name).to_owned()
}

/// Name of a SOP class, without its "Storage"; the UID itself when it has none.
///
/// ```
/// let name = lightbox::dicom::uid::sop_class_name("1.2.840.10008.5.1.4.1.1.2");
/// assert_eq!(name, "CT Image");
/// ```
pub fn sop_class_name(uid: &str) -> String {
    let Some(entry) = StandardSopClassDictionary.by_uid(uid) else { return uid.to_owned() };
    let name = entry.name.trim_end_matches(" (Retired)");
    name.strip_suffix(" Storage").unwrap_or(name).to_owned()
}

/// Samples lie in one run of bytes, not in fragments.
pub(crate) fn is_native(uid: &str) -> bool {
    matches!(uid, IMPLICIT_LITTLE | EXPLICIT_LITTLE | DEFLATED | EXPLICIT_BIG | GE_PRIVATE | PAPYRUS)
}

/// Native samples are big-endian.
pub(crate) fn is_big_endian(uid: &str) -> bool {
    matches!(uid, EXPLICIT_BIG | GE_PRIVATE)
}

/// Whether frames of a transfer syntax hold their picture in several resolutions: JPEG 2000, its parts for
/// several components, and High-Throughput JPEG 2000.
pub fn has_resolutions(uid: &str) -> bool {
    let jpeg = uid.strip_prefix("1.2.840.10008.1.2.4.");
    matches!(jpeg, Some("90" | "91" | "92" | "93" | "201" | "202" | "203"))
}

/// Whether a transfer syntax is a video stream.
pub fn is_video(uid: &str) -> bool {
    let Some(rest) = uid.strip_prefix("1.2.840.10008.1.2.4.10") else {
        return uid.starts_with("1.2.840.10008.1.2.7.");
    };
    matches!(rest.split('.').next(), Some("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8"))
}
