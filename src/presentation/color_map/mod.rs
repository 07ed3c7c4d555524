//! Colours for values: the palettes of the standard, maps whose steps look alike, and grey.
//!
//! A [`ColorMap`] is a name, a [`ColorTable`] its 256 colours from the lowest value to the highest.

mod knots;

use std::sync::Arc;

use super::color::Rgb;
use crate::display::Palette;

/// The colours of 256 equal steps, the lowest first.
pub type ColorTable = Arc<[Rgb; 256]>;

/// The colour maps there are beside those that objects bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorMap {
    #[default]
    Viridis,
    Magma,
    Inferno,
    Plasma,
    Cividis,
    Spectrum,
    HotIron,
    Pet,
    HotMetalBlue,
    Pet20Step,
    Spring,
    Summer,
    Fall,
    Winter,
    Gray,
}

impl ColorMap {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 15] = [
        Self::Viridis,
        Self::Magma,
        Self::Inferno,
        Self::Plasma,
        Self::Cividis,
        Self::Spectrum,
        Self::HotIron,
        Self::Pet,
        Self::HotMetalBlue,
        Self::Pet20Step,
        Self::Spring,
        Self::Summer,
        Self::Fall,
        Self::Winter,
        Self::Gray,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "Viridis",
            Self::Magma => "Magma",
            Self::Inferno => "Inferno",
            Self::Plasma => "Plasma",
            Self::Cividis => "Cividis",
            Self::Spectrum => "Spectrum",
            Self::HotIron => "Hot Iron",
            Self::Pet => "PET",
            Self::HotMetalBlue => "Hot Metal Blue",
            Self::Pet20Step => "PET 20 Step",
            Self::Spring => "Spring",
            Self::Summer => "Summer",
            Self::Fall => "Fall",
            Self::Winter => "Winter",
            Self::Gray => "Gray",
        }
    }

    /// The map with a name, however it is spelt: letters and digits count, blanks and hyphens do not.
    pub fn by_name(name: &str) -> Option<Self> {
        let plain = |name: &str| -> String {
            name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        Self::ALL.into_iter().find(|map| plain(map.name()) == plain(name))
    }

    /// The well-known palette with a _Palette Color Lookup Table UID_ (PS3.6 A).
    pub fn by_uid(uid: &str) -> Option<Self> {
        let number = uid.strip_prefix("1.2.840.10008.1.5.")?;
        Some(match number {
            "1" => Self::HotIron,
            "2" => Self::Pet,
            "3" => Self::HotMetalBlue,
            "4" => Self::Pet20Step,
            "5" => Self::Spring,
            "6" => Self::Summer,
            "7" => Self::Fall,
            "8" => Self::Winter,
            _ => return None,
        })
    }

    /// Its colours.
    pub fn table(self) -> ColorTable {
        Arc::new(knots::table(self))
    }
}

/// A palette of any length, stretched over all steps.
pub fn stretched(palette: &Palette) -> Option<ColorTable> {
    let last = palette.entries.len().checked_sub(1)?;
    let color = |step: usize| palette.entries.get(step * last / 255).copied().unwrap_or([0; 3]);
    Some(Arc::new(std::array::from_fn(color)))
}

/// The colour at a share of the way from the lowest value to the highest.
pub fn color_at(table: &ColorTable, share: f64) -> Rgb {
    let step = (share * 255.0).round().clamp(0.0, 255.0) as usize;
    table.get(step).copied().unwrap_or([0; 3])
}

/// So many colours from the lowest to the highest: a colour bar.
pub fn color_bar(table: &ColorTable, steps: usize) -> Vec<Rgb> {
    let last = steps.saturating_sub(1).max(1) as f64;
    (0..steps).map(|step| color_at(table, step as f64 / last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middles_of_the_standards_palettes() {
        let at = |map: ColorMap, step: usize| map.table()[step];
        assert_eq!(
            [0, 64, 128, 192, 255].map(|step| at(ColorMap::HotIron, step)[0]),
            [0, 128, 255, 255, 255]
        );
        assert_eq!(at(ColorMap::HotIron, 160), [255, 64, 0]);
        assert_eq!(at(ColorMap::Pet, 192), [255, 128, 0]);
        assert_eq!(at(ColorMap::HotMetalBlue, 102), [50, 0, 200]);
        assert_eq!(
            [12, 13, 242, 243].map(|step| at(ColorMap::Pet20Step, step)),
            [[0, 0, 0], [96, 0, 80], [255, 0, 0], [255, 255, 255]]
        );
        assert_eq!([0, 255].map(|step| at(ColorMap::Spring, step)), [[255, 0, 255], [255, 255, 0]]);
        assert_eq!([0, 255].map(|step| at(ColorMap::Fall, step)), [[255, 255, 0], [255, 0, 0]]);
        assert_eq!([0, 255].map(|step| at(ColorMap::Winter, step)[1..].to_vec()), [[0, 255], [255, 128]]);
    }

    #[test]
    fn perceptual_maps_grow_lighter_all_the_way() {
        let light = |[r, g, b]: Rgb| {
            0.2126 * f64::from(r).powf(2.2)
                + 0.7152 * f64::from(g).powf(2.2)
                + 0.0722 * f64::from(b).powf(2.2)
        };
        for map in [
            ColorMap::Viridis,
            ColorMap::Magma,
            ColorMap::Inferno,
            ColorMap::Plasma,
            ColorMap::Cividis,
            ColorMap::Gray,
        ] {
            let table = map.table();
            for steps in table.chunks(8).collect::<Vec<_>>().windows(2) {
                assert!(light(steps[0][0]) < light(steps[1][0]), "{map:?} {steps:?}");
            }
        }
    }

    #[test]
    fn names_and_uids() {
        for map in ColorMap::ALL {
            assert_eq!(ColorMap::by_name(map.name()), Some(map));
        }
        assert_eq!(ColorMap::by_name("hot-metal-blue"), Some(ColorMap::HotMetalBlue));
        assert_eq!(ColorMap::by_name("jet"), None);
        assert_eq!(ColorMap::by_uid("1.2.840.10008.1.5.4"), Some(ColorMap::Pet20Step));
        assert_eq!(ColorMap::by_uid("1.2.840.10008.1.5.9"), None);
    }

    #[test]
    fn bars_go_from_end_to_end() {
        let table = ColorMap::Gray.table();
        assert_eq!(color_bar(&table, 3), [[0; 3], [128; 3], [255; 3]]);
        assert_eq!(color_bar(&table, 1), [[0; 3]]);
        assert!(color_bar(&table, 0).is_empty());
    }
}
