//! The small values of a launch: UIDs, layouts, windows, numbers.

use super::LinkError;
use super::encoding::shown;
use crate::dicom::uid::is_uid;

/// Most viewports along the longer and the shorter side of a layout.
const LONG_SIDE: u32 = 8;
const SHORT_SIDE: u32 = 4;

/// A UID.
///
/// # Errors
/// It is something else.
pub fn parse_uid(name: &str, text: &str) -> Result<String, LinkError> {
    let text = text.trim();
    if is_uid(text) {
        return Ok(text.to_owned());
    }
    Err(LinkError::new(format!(
        "{name} must be a UID, which is digits with dots between them and has at most 64 characters: {}",
        shown(text)
    )))
}

/// `RxC`: rows and columns of viewports.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn parse_layout(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once(['x', 'X']).and_then(|(rows, columns)| number(rows).zip(number(columns)));
    let (rows, columns) = numbers.ok_or("expected ROWSxCOLUMNS, for example 1x2 or 2x4")?;
    let fits = rows.min(columns) >= 1 && rows.max(columns) <= LONG_SIDE && rows.min(columns) <= SHORT_SIDE;
    if fits {
        Ok((rows, columns))
    } else {
        Err(format!("a layout has 1x1 to {SHORT_SIDE}x{LONG_SIDE} or {LONG_SIDE}x{SHORT_SIDE} viewports"))
    }
}

/// `C,W`: centre and width of a window, in modality values.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn parse_center_width(text: &str) -> Result<(f64, f64), String> {
    let expected = "expected CENTER,WIDTH, for example 40,400";
    let (center, width) = text.split_once(',').ok_or(expected)?;
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    let (Some(center), Some(width)) = (number(center), number(width)) else {
        return Err(expected.into());
    };
    if width > 0.0 { Ok((center, width)) } else { Err("the width of a window is above zero".into()) }
}

/// Digits and nothing else: `+3` parses as a number in Rust, and nobody means it here.
pub fn number(text: &str) -> Option<u32> {
    is_number(text).then(|| text.parse().ok()).flatten()
}

pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_digits_and_dots() {
        let longest = format!("1.{}", "2".repeat(62));
        for good in ["1.2.840.10008.1.2", "1", "1.02.3", "0.0", " 1.2 ", longest.as_str()] {
            assert_eq!(parse_uid("study", good).expect(good), good.trim());
        }
        let too_long = format!("{longest}3");
        for wrong in ["", ".", "1.", ".1", "1..2", "1.a", "1/2", "../..", "1.2 3", "١.٢", too_long.as_str()]
        {
            assert!(parse_uid("study", wrong).is_err(), "{wrong}");
        }
    }
}
