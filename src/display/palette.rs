//! Palette colour: an index becomes red, green and blue (PS3.3 C.7.6.3.1.5 and C.7.9).

use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::descriptor::Descriptor;
use super::{Look, segmented};
use crate::dicom::{DataSet, Tag};

/// Three tables, brought to eight bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// The stored value the first entry stands for.
    pub first: i32,
    /// Entries as red, green, blue; never empty in a palette that was read.
    pub entries: Arc<[[u8; 3]]>,
    /// In a supplemental palette (C.7.6.19), how stored values below the first are shown: as grey, by the
    /// object's own window, because there is no window to colours.
    pub gray: Option<Arc<Look>>,
}

const CHANNELS: [(Tag, Tag, Tag); 3] = [
    (
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
    (
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
    (
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
];

impl Palette {
    /// Reads the three tables of an object, plain or segmented; `inputs` is the range of stored values.
    pub fn read(data: &DataSet, inputs: (f64, f64)) -> Option<Self> {
        let mut tables = Vec::with_capacity(3);
        let mut first = None;
        for (descriptor, plain, segments) in CHANNELS {
            let descriptor = Descriptor::read(data, descriptor, inputs)?;
            let table = match data.bytes(plain) {
                Some(bytes) if !bytes.is_empty() => descriptor.unpack(bytes),
                _ => segmented::expand(data.bytes(segments)?, descriptor.bits, descriptor.entries)?,
            };
            if table.is_empty() {
                return None;
            }
            first.get_or_insert(descriptor.first);
            tables.push((descriptor.bits, table));
        }
        // 16-bit tables that never leave the low byte hold 8-bit colours, whatever they declare
        let low_bytes_only = tables.iter().all(|(_, table)| table.iter().all(|&v| v < 256));
        let shift = |bits: u16| if bits > 8 && !low_bytes_only { 8 } else { 0 };
        let length = tables.iter().map(|(_, table)| table.len()).max()?;
        let entries = (0..length)
            .map(|i| {
                let mut color = [0; 3];
                for (channel, (bits, table)) in color.iter_mut().zip(&tables) {
                    let value = table.get(i).or(table.last()).copied().unwrap_or(0);
                    *channel = u8::try_from(value >> shift(*bits)).unwrap_or(u8::MAX);
                }
                color
            })
            .collect();
        Some(Self { first: first?, entries, gray: None })
    }

    /// The colour of a stored value: the first or last entry beyond the ends, or grey below a
    /// supplemental palette.
    pub fn rgb(&self, index: i64) -> [u8; 3] {
        if let Some(look) = self.gray.as_ref().filter(|_| index < i64::from(self.first)) {
            return [look.gray(index as f64); 3];
        }
        let last = self.entries.len().saturating_sub(1);
        let position = index.saturating_sub(i64::from(self.first)).max(0);
        let position = usize::try_from(position).map_or(last, |p| p.min(last));
        self.entries.get(position).copied().unwrap_or([0; 3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{data_set, element, words_le};
    use dicom_core::VR;

    fn palette(descriptor: [u16; 3], data: [Vec<u8>; 3], segmented: bool) -> Option<Palette> {
        let mut elements = Vec::new();
        for ((about, plain, segments), bytes) in CHANNELS.into_iter().zip(data) {
            elements.push(element(about, VR::US, words_le(&descriptor)));
            elements.push(element(if segmented { segments } else { plain }, VR::OW, bytes));
        }
        Palette::read(&data_set(elements), (0.0, 65535.0))
    }

    #[test]
    fn sixteen_bit_entries_shifted_or_repeated() {
        let shifted = [0x0000, 0x8000, 0xFF00];
        let repeated = [0x0000, 0x8080, 0xFFFF];
        let read = palette([3, 5, 16], [words_le(&shifted), words_le(&repeated), words_le(&[0; 3])], false);
        let read = read.expect("a palette");
        assert_eq!(
            [4, 5, 6, 7, 99].map(|i| read.rgb(i)),
            [[0, 0, 0], [0, 0, 0], [128, 128, 0], [255, 255, 0], [255, 255, 0]]
        );
    }

    #[test]
    fn eight_bit_entries_in_bytes_words_and_overdeclared() {
        let bytes = || vec![1, 2, 3, 4];
        for (bits, data) in
            [(8, bytes()), (8, words_le(&[1, 2, 3, 4])), (16, words_le(&[1, 2, 3, 4])), (16, bytes())]
        {
            let read = palette([4, 0, bits], [data.clone(), data.clone(), data], false).expect("a palette");
            assert_eq!([0, 3].map(|i| read.rgb(i)), [[1; 3], [4; 3]], "{bits} bits");
        }
    }

    #[test]
    fn segmented_tables() {
        let ramp = words_le(&[0, 1, 0, 1, 255, 65535]);
        let read = palette([256, 0, 16], [ramp.clone(), ramp.clone(), ramp], true).expect("a palette");
        for i in 0..=255 {
            assert_eq!(read.rgb(i), [u8::try_from(i).unwrap(); 3]);
        }
    }

    #[test]
    fn below_a_supplemental_palette_there_is_grey() {
        use crate::display::{Modality, Voi};
        let colors = || words_le(&[0x0000, 0xFF00]);
        let read = palette([2, 1000, 16], [colors(), words_le(&[0; 2]), colors()], false).expect("a palette");
        let look = Look {
            padding: None,
            modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
            voi: Voi::LinearExact { center: 500.0, width: 1000.0 },
            inverse: false,
            ramp: None,
        };
        let read = Palette { gray: Some(Arc::new(look)), ..read };
        assert_eq!(
            [-5, 0, 500, 999, 1000, 1001, 5000].map(|i| read.rgb(i)),
            [[0; 3], [0; 3], [128; 3], [255; 3], [0; 3], [255, 0, 255], [255, 0, 255]]
        );
    }

    #[test]
    fn a_missing_channel_is_no_palette() {
        assert!(Palette::read(&data_set(vec![]), (0.0, 255.0)).is_none());
        assert!(palette([4, 0, 8], [vec![1; 4], vec![1; 4], vec![]], false).is_none());
    }
}
