//! Bytes of values, bounded: what is in memory as it is, what was left in the file only as far as asked for.

use std::borrow::Cow;

use dicom_core::VR;

use super::path::{Path, Target};
use super::private::Creators;
use super::text::{self, Bytes};
use crate::dicom::{DataSet, DicomFile, Element, Error, Value};

/// The whole of a value, or as much of it as was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FullValue {
    /// Text as it stands in the file, line breaks and all; numbers with backslashes between them, bytes
    /// in hexadecimal. Sequences and items have none.
    pub text: String,
    /// Whether that is all of it.
    pub complete: bool,
}

/// The value at a path, reading up to `limit` bytes of it if it was left in the file.
///
/// An element that is not there has no value: the answer is empty, and complete.
pub fn full_value(file: &DicomFile, path: &Path, limit: u64) -> Result<FullValue, Error> {
    let Some(Target::Element(data, element)) = path.target(file) else {
        return Ok(FullValue { text: String::new(), complete: true });
    };
    if matches!(element.value, Value::Items(_)) {
        return Ok(FullValue { text: String::new(), complete: true });
    }
    let there = match element.value {
        // Asked for by itself, it is worth the way.
        Value::Remote { .. } => Cow::Owned(file.read_value(element)?),
        _ => start_of(file, element, limit)?,
    };
    let bytes = Bytes { there: &there, total: length(element).unwrap_or(there.len() as u64) };
    let creator = Creators::of(data).creator(element.tag);
    let vr = text::reading_vr(element.vr, element.tag, creator.as_deref(), bytes);
    let complete = bytes.there.len() as u64 >= bytes.total;
    if text::is_text(vr) {
        return Ok(FullValue { text: text::decoded(data, vr, &there), complete });
    }
    let shown = text::shown(data, vr, Bytes { total: there.len() as u64, ..bytes }, None);
    Ok(FullValue { text: shown.text, complete })
}

/// Bytes of a value as the file holds it; `None` for sequences, whose length is not kept.
pub(super) fn length(element: &Element) -> Option<u64> {
    match &element.value {
        Value::Bytes(bytes) => Some(bytes.len() as u64),
        Value::Elsewhere { length, .. } => Some(*length),
        Value::Items(_) | Value::Remote { .. } => None,
    }
}

/// Up to `limit` bytes of a value, little-endian; what is in memory costs nothing.
pub(super) fn start_of<'a>(
    file: &DicomFile,
    element: &'a Element,
    limit: u64,
) -> Result<Cow<'a, [u8]>, Error> {
    match &element.value {
        Value::Bytes(bytes) => {
            let most = usize::try_from(limit).unwrap_or(usize::MAX).min(bytes.len());
            Ok(Cow::Borrowed(bytes.get(..most).unwrap_or(bytes)))
        }
        Value::Items(_) => Ok(Cow::Borrowed(&[])),
        // A listing is no reason to fetch anything.
        Value::Remote { .. } => {
            Err(Error::Remote { message: "the value is on the server".to_owned(), passing: true })
        }
        Value::Elsewhere { offset, length } => {
            // Whole numbers of every size, so that swapping bytes stays right.
            let length = if *length > limit { limit / 8 * 8 } else { *length };
            let part = Value::Elsewhere { offset: *offset, length };
            let part = Element { tag: element.tag, vr: element.vr, value: part };
            file.read_value(&part).map(Cow::Owned)
        }
    }
}

/// What a row or a line says about a value: the representation it is read in, how many values it has, and
/// the bytes at hand.
pub(super) fn reading<'a>(
    data: &DataSet,
    element: &Element,
    creator: Option<&str>,
    there: &'a [u8],
) -> (VR, u64, Bytes<'a>) {
    let bytes = Bytes { there, total: length(element).unwrap_or(0) };
    let vr = text::reading_vr(element.vr, element.tag, creator, bytes);
    (vr, text::multiplicity(data, vr, bytes), bytes)
}
