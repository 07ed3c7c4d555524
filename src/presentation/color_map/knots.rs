//! Colour maps as knots: step and colour, straight lines between them.
//!
//! Viridis, Magma, Inferno and Plasma are by S. van der Walt and N. Smith, who gave them to everybody (CC0); Cividis
//! is by J. Nuñez, C. Anderton and R. Renslow, published free of all copyright (PLOS ONE 13(7): e0199239). The knots
//! are ours, no further than 2.5 levels of 255 from the maps. Spectrum is our own. The others are the palettes of
//! PS3.6 Annex B, within one level.

use super::ColorMap;
use crate::presentation::color::Rgb;

/// A step, and its colour.
type Knot = (u16, Rgb);
/// A step, and the level of one colour there.
type Level = (u16, u8);

const VIRIDIS: [Knot; 11] = [
    (0, [68, 1, 84]),
    (28, [72, 40, 120]),
    (55, [63, 72, 137]),
    (106, [40, 124, 142]),
    (141, [30, 157, 137]),
    (159, [39, 173, 129]),
    (179, [68, 191, 112]),
    (205, [124, 210, 80]),
    (238, [210, 226, 27]),
    (246, [231, 228, 25]),
    (255, [253, 231, 37]),
];
const MAGMA: [Knot; 12] = [
    (0, [0, 0, 4]),
    (15, [9, 7, 32]),
    (37, [36, 18, 83]),
    (51, [59, 15, 112]),
    (68, [87, 21, 126]),
    (105, [145, 43, 129]),
    (139, [200, 62, 115]),
    (159, [229, 80, 100]),
    (176, [245, 107, 92]),
    (193, [252, 138, 98]),
    (218, [254, 185, 127]),
    (255, [252, 253, 191]),
];
const INFERNO: [Knot; 15] = [
    (0, [0, 0, 4]),
    (14, [9, 6, 31]),
    (33, [35, 12, 76]),
    (45, [56, 9, 98]),
    (62, [84, 15, 109]),
    (91, [130, 32, 108]),
    (123, [180, 51, 89]),
    (151, [218, 78, 60]),
    (178, [243, 118, 27]),
    (196, [251, 150, 6]),
    (204, [252, 165, 10]),
    (220, [250, 196, 42]),
    (235, [244, 225, 86]),
    (246, [242, 244, 130]),
    (255, [252, 255, 164]),
];
const PLASMA: [Knot; 11] = [
    (0, [13, 8, 135]),
    (12, [42, 5, 147]),
    (43, [94, 1, 166]),
    (64, [126, 3, 168]),
    (89, [161, 27, 155]),
    (129, [204, 73, 119]),
    (173, [239, 124, 81]),
    (209, [253, 174, 50]),
    (233, [251, 211, 36]),
    (252, [241, 244, 38]),
    (255, [240, 249, 33]),
];
const CIVIDIS: [Knot; 10] = [
    (0, [0, 34, 78]),
    (21, [0, 49, 112]),
    (24, [5, 51, 113]),
    (33, [28, 57, 111]),
    (60, [63, 76, 108]),
    (144, [140, 136, 120]),
    (193, [189, 174, 108]),
    (231, [230, 208, 81]),
    (252, [254, 228, 52]),
    (255, [254, 232, 56]),
];
/// Through all hues, with dark ends and no sudden steps.
const SPECTRUM: [Knot; 9] = [
    (0, [36, 18, 64]),
    (32, [62, 68, 178]),
    (64, [60, 128, 234]),
    (96, [38, 190, 206]),
    (128, [76, 226, 130]),
    (160, [168, 238, 62]),
    (192, [240, 196, 50]),
    (224, [232, 100, 28]),
    (255, [120, 14, 8]),
];
const PET_20_STEP: [Rgb; 20] = [
    [0, 0, 0],
    [96, 0, 80],
    [48, 48, 80],
    [48, 48, 112],
    [80, 80, 128],
    [96, 96, 176],
    [112, 112, 192],
    [128, 128, 224],
    [48, 96, 48],
    [48, 144, 48],
    [80, 192, 80],
    [64, 224, 64],
    [224, 224, 80],
    [208, 208, 96],
    [208, 176, 64],
    [208, 144, 0],
    [192, 96, 0],
    [176, 48, 0],
    [255, 0, 0],
    [255, 255, 255],
];

/// From nothing to everything.
const RISING: &[Level] = &[(0, 0), (255, 255)];
const FALLING: &[Level] = &[(0, 255), (255, 0)];
const ALL: &[Level] = &[(0, 255)];
const NONE: &[Level] = &[(0, 0)];

pub(super) fn table(map: ColorMap) -> [Rgb; 256] {
    match map {
        ColorMap::Viridis => of_knots(&VIRIDIS),
        ColorMap::Magma => of_knots(&MAGMA),
        ColorMap::Inferno => of_knots(&INFERNO),
        ColorMap::Plasma => of_knots(&PLASMA),
        ColorMap::Cividis => of_knots(&CIVIDIS),
        ColorMap::Spectrum => of_knots(&SPECTRUM),
        ColorMap::HotIron => of_levels([
            &[(0, 0), (127, 254), (128, 255)],
            &[(128, 0), (254, 252), (255, 255)],
            &[(191, 0), (254, 252), (255, 255)],
        ]),
        ColorMap::Pet => of_levels([
            &[(63, 0), (64, 1), (191, 253), (192, 255)],
            &[(0, 0), (63, 128), (128, 0), (254, 252), (255, 255)],
            &[(0, 0), (1, 1), (127, 253), (128, 255), (129, 252), (192, 0), (254, 250), (255, 255)],
        ]),
        ColorMap::HotMetalBlue => of_levels([
            &[(85, 0), (102, 50), (120, 93), (153, 190), (170, 255)],
            &[(119, 0), (252, 250), (255, 255)],
            &[(0, 0), (102, 200), (119, 150), (136, 50), (153, 0), (170, 0), (240, 206), (255, 255)],
        ]),
        // twenty steps of the range, not of the table: the first is thirteen entries long
        ColorMap::Pet20Step => {
            std::array::from_fn(|at| PET_20_STEP.get((at * 20 / 255).min(19)).copied().unwrap_or_default())
        }
        ColorMap::Spring => of_levels([ALL, RISING, FALLING]),
        ColorMap::Summer => of_levels([NONE, &[(0, 255), (255, 128)], &[(127, 0), (255, 254)]]),
        ColorMap::Fall => of_levels([ALL, FALLING, NONE]),
        ColorMap::Winter => of_levels([&[(127, 0), (255, 127)], RISING, &[(0, 255), (255, 128)]]),
        ColorMap::Gray => of_levels([RISING; 3]),
    }
}

/// The line through neighbouring knots, and beyond the ends what is there.
fn line<const N: usize>(knots: impl Iterator<Item = (u16, [u8; N])> + Clone, at: u16) -> [u8; N] {
    let before = knots.clone().take_while(|knot| knot.0 <= at).last();
    let behind = knots.clone().find(|knot| knot.0 > at);
    match (before, behind) {
        (Some((from, low)), Some((to, high))) => {
            let share = f64::from(at - from) / f64::from(to - from);
            std::array::from_fn(|i| {
                (f64::from(low[i]) + (f64::from(high[i]) - f64::from(low[i])) * share).round() as u8
            })
        }
        (Some((_, level)), None) | (None, Some((_, level))) => level,
        (None, None) => [0; N],
    }
}

fn of_knots(knots: &[Knot]) -> [Rgb; 256] {
    std::array::from_fn(|at| line(knots.iter().copied(), at as u16))
}

fn of_levels(channels: [&[Level]; 3]) -> [Rgb; 256] {
    std::array::from_fn(|at| {
        channels.map(|levels| {
            let [level] = line(levels.iter().map(|(step, level)| (*step, [*level])), at as u16);
            level
        })
    })
}
