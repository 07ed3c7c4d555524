//! LUT descriptors and the entries they describe: what modality, VOI and palette tables have in common.

use crate::dicom::{DataSet, Tag, VR};

/// The three numbers of a LUT Descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub entries: usize,
    pub first: i32,
    pub bits: u16,
}

impl Descriptor {
    /// Reads a descriptor; `inputs` is the range of values the table may be asked for.
    ///
    /// The second number is signed or not depending on what the table is applied to, and the value
    /// representation of the file cannot be relied on for it (implicit syntaxes have none). A file that
    /// says SS is believed; otherwise the reading that lies within the possible inputs wins.
    pub fn read(data: &DataSet, tag: Tag, inputs: (f64, f64)) -> Option<Self> {
        let element = data.get(tag)?;
        let &[e0, e1, f0, f1, b0, b1, ..] = data.bytes(tag)? else {
            return None;
        };
        let entries = match u16::from_le_bytes([e0, e1]) {
            0 => 65536,
            n => usize::from(n),
        };
        let signed = i32::from(i16::from_le_bytes([f0, f1]));
        let unsigned = i32::from(u16::from_le_bytes([f0, f1]));
        let possible = |v: i32| (inputs.0..=inputs.1).contains(&f64::from(v));
        let first = if element.vr == VR::SS {
            signed
        } else {
            match (possible(signed), possible(unsigned)) {
                (true, false) => signed,
                (false, true) => unsigned,
                _ if inputs.0 < 0.0 => signed,
                _ => unsigned,
            }
        };
        Some(Self { entries, first, bits: u16::from_le_bytes([b0, b1]) })
    }

    /// The entries of a table: one word each, or one byte each packed two to a word (which is how
    /// 8-bit tables are written as OW). A table shorter than declared is used as far as it goes.
    pub fn unpack(&self, bytes: &[u8]) -> Vec<u16> {
        let packed = bytes.len() < self.entries.saturating_mul(2)
            && bytes.len() >= self.entries
            && (self.bits <= 8 || bytes.len() <= self.entries + 1);
        if packed {
            bytes.iter().take(self.entries).map(|&b| u16::from(b)).collect()
        } else {
            words(bytes).take(self.entries).collect()
        }
    }

    /// Bits the entries are scaled by: those declared, or as many as the largest entry needs where the
    /// declaration is impossible or too small.
    pub fn depth(&self, entries: &[u16]) -> u8 {
        let largest = entries.iter().copied().max().unwrap_or(0);
        let needed = u16::try_from(16 - largest.leading_zeros()).unwrap_or(16).max(1);
        let declared = if (1..=16).contains(&self.bits) { self.bits } else { needed.max(8) };
        u8::try_from(declared.max(needed)).unwrap_or(16)
    }
}

/// Little-endian words of a value; an odd last byte is left out.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, element, words_le};
    use dicom_dictionary_std::tags;

    fn read(vr: VR, raw: [u16; 3], inputs: (f64, f64)) -> Descriptor {
        let data = data_set(vec![element(tags::LUT_DESCRIPTOR, vr, words_le(&raw))]);
        Descriptor::read(&data, tags::LUT_DESCRIPTOR, inputs).expect("a descriptor")
    }

    #[test]
    fn zero_entries_mean_65536() {
        assert_eq!(read(VR::US, [0, 0, 16], (0.0, 65535.0)).entries, 65536);
        assert_eq!(read(VR::US, [1, 0, 16], (0.0, 65535.0)).entries, 1);
    }

    #[test]
    fn the_first_value_is_signed_where_its_inputs_are() {
        let minus_1024 = 0xFC00;
        assert_eq!(read(VR::SS, [10, minus_1024, 12], (0.0, 1.0)).first, -1024);
        assert_eq!(read(VR::US, [10, minus_1024, 12], (-1024.0, 3071.0)).first, -1024);
        assert_eq!(read(VR::US, [10, minus_1024, 12], (0.0, 65535.0)).first, 64512);
        // 16 unsigned bits with an intercept of -1024: both readings exist, one of them is possible
        assert_eq!(read(VR::US, [10, 40000, 12], (-1024.0, 64511.0)).first, 40000);
        assert_eq!(read(VR::US, [10, minus_1024, 12], (-1024.0, 64511.0)).first, -1024);
    }

    #[test]
    fn bytes_packed_in_words_are_unpacked_in_order() {
        let d = Descriptor { entries: 4, first: 0, bits: 8 };
        assert_eq!(d.unpack(&[1, 2, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(d.unpack(&[1, 0, 2, 0, 3, 0, 4, 0]), [1, 2, 3, 4]);
        let odd = Descriptor { entries: 3, first: 0, bits: 8 };
        assert_eq!(odd.unpack(&[1, 2, 3, 0]), [1, 2, 3], "padded to an even length");
    }

    #[test]
    fn a_short_table_is_used_as_far_as_it_goes() {
        let d = Descriptor { entries: 4, first: 0, bits: 16 };
        assert_eq!(
            d.unpack(&[1, 0, 2, 0, 9, 0, 7]),
            [1, 2, 9],
            "too many bytes for four, too few for four words"
        );
        assert!(d.unpack(&[]).is_empty());
        let huge = Descriptor { entries: 65536, first: 0, bits: 16 };
        assert_eq!(huge.unpack(&[7, 0]), [7]);
    }

    #[test]
    fn depth_grows_where_entries_exceed_it() {
        let d = |bits| Descriptor { entries: 2, first: 0, bits };
        assert_eq!(d(12).depth(&[0, 4095]), 12);
        assert_eq!(d(12).depth(&[0, 100]), 12, "the declaration scales, not the contents");
        assert_eq!(d(12).depth(&[0, 65535]), 16);
        assert_eq!(d(0).depth(&[0, 3]), 8);
        assert_eq!(d(99).depth(&[0, 1023]), 10);
    }
}
