//! What every decoder shares once it has numbers: significant bits, planes, and the native type.

use crate::dicom::Samples;

/// Maps whichever vector is inside to a new vector of the same type.
#[macro_export]
#[doc(hidden)]
macro_rules! each_sample_vec {
    ($samples:expr, $v:ident => $body:expr) => {
        match $samples {
            $crate::dicom::Samples::U8($v) => $crate::dicom::Samples::U8($body),
            $crate::dicom::Samples::I8($v) => $crate::dicom::Samples::I8($body),
            $crate::dicom::Samples::U16($v) => $crate::dicom::Samples::U16($body),
            $crate::dicom::Samples::I16($v) => $crate::dicom::Samples::I16($body),
            $crate::dicom::Samples::U32($v) => $crate::dicom::Samples::U32($body),
            $crate::dicom::Samples::I32($v) => $crate::dicom::Samples::I32($body),
            $crate::dicom::Samples::F32($v) => $crate::dicom::Samples::F32($body),
            $crate::dicom::Samples::F64($v) => $crate::dicom::Samples::F64($body),
        }
    };
}

/// Keeps `stored` bits below and including `high`: masked when unsigned, sign-extended when signed.
pub(crate) fn clean(samples: &mut Samples, high: u16, stored: u16) {
    macro_rules! unsigned {
        ($values:expr, $type:ty) => {{
            if stored < <$type>::BITS as u16 {
                let shift = (high + 1).saturating_sub(stored).min(<$type>::BITS as u16 - 1);
                let mask: $type = (1 << stored) - 1;
                for value in $values.iter_mut() {
                    *value = (*value >> shift) & mask;
                }
            }
        }};
    }
    macro_rules! signed {
        ($values:expr, $type:ty) => {{
            if stored < <$type>::BITS as u16 && stored > 0 {
                let up = (<$type>::BITS as u16 - 1).saturating_sub(high);
                let down = <$type>::BITS as u16 - stored;
                for value in $values.iter_mut() {
                    *value = (*value << up) >> down;
                }
            }
        }};
    }
    match samples {
        Samples::U8(values) => unsigned!(values, u8),
        Samples::U16(values) => unsigned!(values, u16),
        Samples::U32(values) => unsigned!(values, u32),
        Samples::I8(values) => signed!(values, i8),
        Samples::I16(values) => signed!(values, i16),
        Samples::I32(values) => signed!(values, i32),
        Samples::F32(_) | Samples::F64(_) => {}
    }
}

/// Planes one after the other become pixels one after the other.
pub(crate) fn interleave<T: Copy + Default>(planes: &[T], channels: usize) -> Vec<T> {
    let pixels = planes.len() / channels.max(1);
    let mut out = vec![T::default(); pixels * channels];
    if pixels == 0 {
        return out;
    }
    for (channel, plane) in planes.chunks_exact(pixels).enumerate() {
        for (to, from) in out.iter_mut().skip(channel).step_by(channels).zip(plane) {
            *to = *from;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_bits_are_masked_and_moved() {
        let mut samples = Samples::U16(vec![0xF123, 0x0FFF]);
        clean(&mut samples, 11, 12);
        assert_eq!(samples, Samples::U16(vec![0x123, 0xFFF]));
        let mut samples = Samples::U16(vec![0x1230, 0xFFFF]);
        clean(&mut samples, 15, 12);
        assert_eq!(samples, Samples::U16(vec![0x123, 0xFFF]));
    }

    #[test]
    fn signed_bits_are_extended() {
        let mut samples = Samples::I16(vec![0x0800, 0x07FF, 0x7FFF]);
        clean(&mut samples, 11, 12);
        assert_eq!(samples, Samples::I16(vec![-2048, 2047, -1]));
        let mut samples = Samples::I8(vec![0x08, 0x07]);
        clean(&mut samples, 3, 4);
        assert_eq!(samples, Samples::I8(vec![-8, 7]));
    }

    #[test]
    fn planes_become_pixels() {
        assert_eq!(interleave(&[1, 2, 3, 4, 5, 6], 3), [1, 3, 5, 2, 4, 6]);
    }
}
