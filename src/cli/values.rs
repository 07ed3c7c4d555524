//! Parsers for the small values of the command line: `2x4`, `1280x800`, `300,1500`.
//!
//! Each answers with a sentence that says what is allowed; clap puts the option's name in front.

use crate::display::SlabMode;
use crate::launch::parse_center_width;
pub use crate::launch::parse_layout as layout;

/// Largest edge of a picture or window: what common GPUs can render to.
const LARGEST_EDGE: u32 = 16_384;

/// `WxH`: width and height in pixels.
pub fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = pair(text).ok_or("expected WIDTHxHEIGHT, for example 1920x1080")?;
    let edges = 1..=LARGEST_EDGE;
    if edges.contains(&width) && edges.contains(&height) {
        Ok((width, height))
    } else {
        Err(format!("width and height go from 1 to {LARGEST_EDGE} pixels"))
    }
}

/// The size of a rendered picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenderSize {
    /// One output pixel per image pixel.
    Native,
    /// The whole image fitted into width and height.
    Fit(u32, u32),
}

/// `WxH` or `native`.
pub fn render_size(text: &str) -> Result<RenderSize, String> {
    if text.eq_ignore_ascii_case("native") {
        return Ok(RenderSize::Native);
    }
    let (width, height) = size(text).map_err(|reason| format!("{reason}; or native"))?;
    Ok(RenderSize::Fit(width, height))
}

/// Centre and width of a window, in modality values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowValue {
    pub center: f64,
    pub width: f64,
}

/// `C,W`.
pub fn window(text: &str) -> Result<WindowValue, String> {
    let (center, width) = parse_center_width(text)?;
    Ok(WindowValue { center, width })
}

/// How slices are combined, and over how many millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlabValue {
    pub mode: SlabMode,
    pub thickness_mm: f64,
}

/// `MODE,MM`.
pub fn slab(text: &str) -> Result<SlabValue, String> {
    let expected = "expected max, mean or min and a thickness in millimetres, for example max,10";
    let (mode, thickness) = text.split_once(',').ok_or(expected)?;
    let mode = match mode.trim().to_ascii_lowercase().as_str() {
        "max" | "mip" => SlabMode::Max,
        "mean" => SlabMode::Mean,
        "min" | "minip" => SlabMode::Min,
        _ => return Err(expected.into()),
    };
    let thickness = thickness.trim().trim_end_matches("mm").trim_end().parse::<f64>();
    match thickness {
        Ok(mm) if mm.is_finite() && mm > 0.0 => Ok(SlabValue { mode, thickness_mm: mm }),
        _ => Err(expected.into()),
    }
}

/// The least a cache may be told to hold: one frame of anything ordinary.
const LEAST_CACHE: u64 = 16 << 20;

/// `512M`, `2G`: bytes, in powers of 1024.
pub fn bytes(text: &str) -> Result<u64, String> {
    let expected = "expected a size such as 512M or 2G";
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = match unit.to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "" => 1,
        _ => return Err(expected.into()),
    };
    let number: u64 = digits.parse().map_err(|_| expected.to_owned())?;
    let size = number.checked_mul(unit).filter(|size| *size <= 1 << 50).ok_or(expected)?;
    if size >= LEAST_CACHE { Ok(size) } else { Err(format!("a cache holds at least {}M", LEAST_CACHE >> 20)) }
}

/// Two whole numbers around an `x`.
fn pair(text: &str) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(['x', 'X'])?;
    // `+3` parses as a number in Rust, and nobody means it here.
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    Some((digits(first)?, digits(second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_up_to_eight_by_four_either_way() {
        assert_eq!(layout("1x1"), Ok((1, 1)));
        assert_eq!(layout("2X4"), Ok((2, 4)));
        assert_eq!(layout("4x8"), Ok((4, 8)));
        assert_eq!(layout("8x4"), Ok((8, 4)));
        for wrong in ["0x1", "5x5", "9x1", "1x9", "2", "x", "2x", "-1x2", "+1x2", "2x4x1", "4294967296x1", ""]
        {
            assert!(layout(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(size("1280x800"), Ok((1280, 800)));
        assert_eq!(size("16384x1"), Ok((16384, 1)));
        assert!(size("16385x1").is_err());
        assert!(size("0x10").is_err());
        assert_eq!(render_size("Native"), Ok(RenderSize::Native));
        assert_eq!(render_size("64x32"), Ok(RenderSize::Fit(64, 32)));
        assert!(render_size("half").is_err());
    }

    #[test]
    fn sizes_of_caches_have_units_and_bounds() {
        assert_eq!(bytes("512M"), Ok(512 << 20));
        assert_eq!(bytes("2g"), Ok(2 << 30));
        assert_eq!(bytes("65536KiB"), Ok(64 << 20));
        assert_eq!(bytes("16777216"), Ok(16 << 20));
        for wrong in ["", "M", "1.5G", "-1G", "15M", "0", "2T", "99999999999G", "18446744073709551616"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn windows_take_fractions_and_negative_centres() {
        assert_eq!(window("-600, 1500.5"), Ok(WindowValue { center: -600.0, width: 1500.5 }));
        for wrong in ["40", "40,", "40,0", "40,-1", "nan,1", "1,inf", "a,b", "1,2,3"] {
            assert!(window(wrong).is_err(), "{wrong}");
        }
    }
}
