//! Pixel padding (PS3.3 C.7.5.1.1.2): stored values that are no image.

use dicom_dictionary_std::tags;

use crate::dicom::{DataSet, ImageInfo, SampleKind, Tag};

/// A range of stored values, both ends included, that stands for "nothing here".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Padding {
    pub lo: f64,
    pub hi: f64,
}

impl Padding {
    /// A range given by its two ends, whichever is larger.
    pub fn between(a: f64, b: f64) -> Self {
        Self { lo: a.min(b), hi: a.max(b) }
    }

    /// Reads the padding value and, where there is one, the range limit. A limit alone means nothing.
    pub fn read(data: &DataSet, info: &ImageInfo) -> Option<Self> {
        let (value, limit) = match info.kind {
            SampleKind::Integer => (
                integer(data, info, tags::PIXEL_PADDING_VALUE)?,
                integer(data, info, tags::PIXEL_PADDING_RANGE_LIMIT),
            ),
            SampleKind::Float => (
                data.float(tags::FLOAT_PIXEL_PADDING_VALUE)?,
                data.float(tags::FLOAT_PIXEL_PADDING_RANGE_LIMIT),
            ),
            SampleKind::Double => (
                data.float(tags::DOUBLE_FLOAT_PIXEL_PADDING_VALUE)?,
                data.float(tags::DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT),
            ),
        };
        let limit = limit.filter(|l| !l.is_nan()).unwrap_or(value);
        (!value.is_nan()).then(|| Self::between(value, limit))
    }

    /// Whether a stored value is padding.
    pub fn contains(&self, stored: f64) -> bool {
        self.lo <= stored && stored <= self.hi
    }
}

/// A padding attribute of integer pixels. Its representation is US or SS by _Pixel Representation_, so
/// the bytes are read by that, not by what the file says.
fn integer(data: &DataSet, info: &ImageInfo, tag: Tag) -> Option<f64> {
    let value = match *data.bytes(tag)? {
        [a, b] if info.signed => i64::from(i16::from_le_bytes([a, b])),
        [a, b] => i64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d, ..] if info.bits_allocated > 16 && info.signed => {
            i64::from(i32::from_le_bytes([a, b, c, d]))
        }
        [a, b, c, d, ..] if info.bits_allocated > 16 => i64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, ..] if info.signed => i64::from(i16::from_le_bytes([a, b])),
        [a, b, ..] => i64::from(u16::from_le_bytes([a, b])),
        _ => return None,
    };
    Some(sign_extended(value, info) as f64)
}

/// A negative padding value written as the bare pixel cell, without its sign bits, is the value the
/// decoded samples have.
fn sign_extended(value: i64, info: &ImageInfo) -> i64 {
    let bits = u32::from(info.bits_stored);
    if !info.signed || !(2..32).contains(&bits) {
        return value;
    }
    let half = 1i64 << (bits - 1);
    if (half..2 * half).contains(&value) { value - 2 * half } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, element, info, words_le};
    use dicom_core::VR;

    fn read(vr: VR, signed: bool, stored: u16, value: u16, limit: Option<u16>) -> Option<Padding> {
        let mut elements = vec![element(tags::PIXEL_PADDING_VALUE, vr, words_le(&[value]))];
        if let Some(limit) = limit {
            elements.push(element(tags::PIXEL_PADDING_RANGE_LIMIT, vr, words_le(&[limit])));
        }
        Padding::read(&data_set(elements), &info(16, stored, signed))
    }

    #[test]
    fn either_end_may_be_the_larger() {
        let expected = Some(Padding { lo: 10.0, hi: 20.0 });
        assert_eq!(read(VR::US, false, 16, 10, Some(20)), expected);
        assert_eq!(read(VR::US, false, 16, 20, Some(10)), expected);
        assert_eq!(read(VR::US, false, 16, 10, None), Some(Padding { lo: 10.0, hi: 10.0 }));
    }

    #[test]
    fn pixel_representation_decides_the_sign_not_the_file() {
        let minus_2000 = 63536;
        let signed = Some(Padding { lo: -2000.0, hi: -2000.0 });
        assert_eq!(read(VR::US, true, 16, minus_2000, None), signed);
        assert_eq!(read(VR::SS, true, 16, minus_2000, None), signed);
        let unsigned = Some(Padding { lo: 63536.0, hi: 63536.0 });
        assert_eq!(read(VR::SS, false, 16, minus_2000, None), unsigned);
    }

    #[test]
    fn a_bare_pixel_cell_gets_its_sign() {
        let lowest = Some(Padding { lo: -2048.0, hi: -2048.0 });
        assert_eq!(read(VR::SS, true, 12, 0x0800, None), lowest);
        assert_eq!(read(VR::SS, true, 12, 0xF800, None), lowest);
        assert_eq!(read(VR::SS, true, 12, 0x07FF, None), Some(Padding { lo: 2047.0, hi: 2047.0 }));
    }

    #[test]
    fn a_limit_alone_or_a_broken_value_is_no_padding() {
        let limit = vec![element(tags::PIXEL_PADDING_RANGE_LIMIT, VR::US, words_le(&[5]))];
        assert_eq!(Padding::read(&data_set(limit), &info(16, 12, false)), None);
        let short = vec![element(tags::PIXEL_PADDING_VALUE, VR::US, vec![1])];
        assert_eq!(Padding::read(&data_set(short), &info(16, 12, false)), None);
    }

    #[test]
    fn float_pixels_have_float_padding() {
        let mut float = info(32, 32, true);
        float.kind = SampleKind::Float;
        let data = data_set(vec![
            element(tags::FLOAT_PIXEL_PADDING_VALUE, VR::FL, (-0.5f32).to_le_bytes().to_vec()),
            element(tags::FLOAT_PIXEL_PADDING_RANGE_LIMIT, VR::FL, (-1.5f32).to_le_bytes().to_vec()),
            element(tags::PIXEL_PADDING_VALUE, VR::US, words_le(&[7])),
        ]);
        let padding = Padding::read(&data, &float).expect("padding");
        assert_eq!(padding, Padding { lo: -1.5, hi: -0.5 });
        assert!(padding.contains(-1.0) && !padding.contains(0.0) && !padding.contains(f64::NAN));
    }
}
