//! What an object says about the display of one of its frames.

use std::sync::Arc;

use dicom_dictionary_std::tags;

use super::{Look, Modality, Padding, Palette, Stats, Voi, VoiChoice};
use crate::dicom::functional_group;
use crate::dicom::{DataSet, ImageInfo, Photometric, SampleKind};

/// Everything the display pipeline takes from the attributes of an object, for one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    pub padding: Option<Padding>,
    pub modality: Modality,
    /// The unit of modality values; empty where there is none.
    pub unit: String,
    /// The windows and tables of the object, each an alternative to the others.
    pub choices: Vec<VoiChoice>,
    /// Whether the lowest value is white: MONOCHROME1, or a Presentation LUT Shape of INVERSE. The two
    /// say the same thing and do not cancel each other.
    pub inverse: bool,
    pub palette: Option<Palette>,
    pub bits_stored: u16,
    pub signed: bool,
}

impl Appearance {
    /// Reads the appearance of a frame, counted from 0. Windows and rescaling come from the functional
    /// groups of the frame where the object has them, else from its top level.
    pub fn read(data: &DataSet, info: &ImageInfo, frame: u32) -> Self {
        let stored = stored_range(info);
        let (modality, unit) = Modality::read(data, frame, stored);
        let values = modality.range(stored);
        let own = functional_group(data, frame, tags::FRAME_VOILUT_SEQUENCE);
        let mut choices = own.map(|place| VoiChoice::read(place, values)).unwrap_or_default();
        if choices.is_empty() {
            choices = VoiChoice::read(data, values);
        }
        let is_palette = info.photometric == Photometric::PaletteColor;
        let is_gray = info.samples_per_pixel == 1 && !is_palette;
        let shape = data.string(tags::PRESENTATION_LUT_SHAPE).unwrap_or_default();
        let mut appearance = Self {
            padding: is_gray.then(|| Padding::read(data, info)).flatten(),
            modality,
            unit,
            choices,
            inverse: is_gray && (info.photometric == Photometric::Monochrome1 || shape.trim() == "INVERSE"),
            palette: is_palette.then(|| Palette::read(data, stored)).flatten(),
            bits_stored: info.bits_stored,
            signed: info.signed,
        };
        if is_gray && presented_in_color(data, frame) {
            appearance.palette = appearance.supplemental(data, stored);
        }
        appearance
    }

    /// The palette beside the greys of an image (PS3.3 C.7.6.19), which then has no window to change.
    fn supplemental(&self, data: &DataSet, stored: (f64, f64)) -> Option<Palette> {
        let palette = Palette::read(data, stored)?;
        let grays = self.modality.range((stored.0, f64::from(palette.first) - 1.0));
        let voi = self.choices.first().cloned().unwrap_or_else(|| VoiChoice::auto(grays.0, grays.1)).voi;
        Some(Palette { gray: Some(Arc::new(self.look(voi, false))), ..palette })
    }

    /// The object's first window or table, or the full range of the values found where it has none.
    pub fn default_choice(&self, found: Option<&Stats>) -> VoiChoice {
        self.choices.first().cloned().unwrap_or_else(|| {
            let (min, max) = found.map_or((0.0, 1.0), |stats| (stats.min, stats.max));
            VoiChoice::auto(min, max)
        })
    }

    /// The whole pipeline with one VOI; `invert` is the user's wish, on top of what the object says.
    pub fn look(&self, voi: Voi, invert: bool) -> Look {
        let (padding, modality) = (self.padding, self.modality.clone());
        Look { padding, modality, voi, inverse: self.inverse != invert, ramp: None }
    }
}

/// Whether _Pixel Presentation_ of a frame, or of the object, speaks of colours.
fn presented_in_color(data: &DataSet, frame: u32) -> bool {
    let types = [
        tags::CT_IMAGE_FRAME_TYPE_SEQUENCE,
        tags::MR_IMAGE_FRAME_TYPE_SEQUENCE,
        tags::PET_FRAME_TYPE_SEQUENCE,
    ];
    let own = types.iter().find_map(|&tag| functional_group(data, frame, tag));
    let presentation = own.unwrap_or(data).string(tags::PIXEL_PRESENTATION);
    let presentation = presentation.or_else(|| data.string(tags::PIXEL_PRESENTATION)).unwrap_or_default();
    matches!(presentation.trim(), "COLOR" | "MIXED")
}

/// The values the samples of an image can have.
pub fn stored_range(info: &ImageInfo) -> (f64, f64) {
    if info.kind != SampleKind::Integer {
        return (f64::MIN, f64::MAX);
    }
    let bits = i32::from(info.bits_stored.clamp(1, 32));
    if info.signed {
        let half = 2f64.powi(bits - 1);
        (-half, half - 1.0)
    } else {
        (0.0, 2f64.powi(bits) - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::Element;
    use crate::dicom::testing::{cs, data_set, ds, element, info, lut_item, sequence, words_le};
    use dicom_core::VR;

    fn read(elements: Vec<Element>, photometric: Photometric) -> Appearance {
        let mut info = info(16, 12, false);
        info.photometric = photometric;
        Appearance::read(&data_set(elements), &info, 0)
    }

    #[test]
    fn monochrome1_and_inverse_do_not_cancel() {
        let shape = |s: &str| vec![cs(tags::PRESENTATION_LUT_SHAPE, s)];
        assert!(!read(vec![], Photometric::Monochrome2).inverse);
        assert!(!read(shape("IDENTITY"), Photometric::Monochrome2).inverse);
        assert!(read(shape("INVERSE"), Photometric::Monochrome2).inverse);
        assert!(read(vec![], Photometric::Monochrome1).inverse);
        assert!(read(shape("INVERSE"), Photometric::Monochrome1).inverse);
        let voi = || Voi::full_range(0.0, 1.0);
        let twice = read(shape("INVERSE"), Photometric::Monochrome1);
        assert!(twice.look(voi(), false).inverse);
        assert!(!twice.look(voi(), true).inverse, "the user turns it around once more");
    }

    fn windows(places: &[(&str, &str)]) -> Vec<DataSet> {
        places
            .iter()
            .map(|(center, width)| {
                data_set(vec![sequence(
                    tags::FRAME_VOILUT_SEQUENCE,
                    vec![data_set(vec![ds(tags::WINDOW_CENTER, center), ds(tags::WINDOW_WIDTH, width)])],
                )])
            })
            .collect()
    }

    #[test]
    fn windows_per_frame_then_shared_then_top_level() {
        let data = data_set(vec![
            ds(tags::WINDOW_CENTER, "9"),
            ds(tags::WINDOW_WIDTH, "99"),
            sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, windows(&[("5", "55")])),
            sequence(
                tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
                windows(&[("1", "11"), ("2", "22"), ("3", "0")]),
            ),
        ]);
        let window = |frame| Appearance::read(&data, &info(16, 12, false), frame).default_choice(None).voi;
        assert_eq!(window(0), Voi::Linear { center: 1.0, width: 11.0 });
        assert_eq!(window(1), Voi::Linear { center: 2.0, width: 22.0 });
        assert_eq!(window(2), Voi::Linear { center: 9.0, width: 99.0 }, "an impossible window falls back");
        assert_eq!(window(3), Voi::Linear { center: 5.0, width: 55.0 });
    }

    #[test]
    fn a_table_after_a_negative_intercept_has_a_signed_first_value() {
        let appearance = read(
            vec![
                ds(tags::RESCALE_INTERCEPT, "-1024"),
                ds(tags::RESCALE_SLOPE, "1"),
                sequence(tags::VOILUT_SEQUENCE, vec![lut_item([2, 0xFC00, 8], &[0, 255], "")]),
            ],
            Photometric::Monochrome2,
        );
        let Voi::Lut(lut) = &appearance.choices[0].voi else { panic!("a table") };
        assert_eq!(lut.first, -1024);
    }

    #[test]
    fn without_any_window_the_values_found_decide() {
        let stats = Stats { min: 10.0, max: 20.0, mean: 15.0, count: 3 };
        let appearance = read(vec![], Photometric::Monochrome2);
        assert_eq!(appearance.default_choice(Some(&stats)), VoiChoice::auto(10.0, 20.0));
        assert_eq!(appearance.unit, "");
    }

    #[test]
    fn a_supplemental_palette_colours_only_what_is_presented_in_colour() {
        let descriptor = || words_le(&[2, 1000, 8]);
        let table = |at: usize, value: u8| {
            let (about, data) = [
                (tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA),
                (
                    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                    tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                ),
                (
                    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                    tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                ),
            ][at];
            [element(about, VR::US, descriptor()), element(data, VR::OW, vec![value, value + 1])]
        };
        let with = |presentation: &str| {
            let mut elements: Vec<Element> = (0..3).flat_map(|i| table(i, 10 * i as u8)).collect();
            elements.push(cs(tags::PIXEL_PRESENTATION, presentation));
            elements.push(ds(tags::WINDOW_CENTER, "500.5"));
            elements.push(ds(tags::WINDOW_WIDTH, "1001"));
            read(elements, Photometric::Monochrome2)
        };
        assert!(with("MONOCHROME").palette.is_none());
        let palette = with("MIXED").palette.expect("a palette");
        assert_eq!(palette.rgb(1001), [1, 11, 21]);
        assert_eq!([0, 500, 1000].map(|i| palette.rgb(i)), [[0; 3], [128; 3], [0, 10, 20]]);
    }

    #[test]
    fn colours_have_neither_padding_nor_inversion() {
        let elements = || {
            vec![
                element(tags::PIXEL_PADDING_VALUE, VR::US, words_le(&[0])),
                cs(tags::PRESENTATION_LUT_SHAPE, "INVERSE"),
            ]
        };
        assert!(read(elements(), Photometric::Monochrome2).padding.is_some());
        let palette = read(elements(), Photometric::PaletteColor);
        assert!(palette.padding.is_none() && !palette.inverse && palette.palette.is_none());
    }
}
