//! Colours of annotations and shutters: P-values, old RGB values and CIELab, as bytes for the screen.

use crate::dicom::{DataSet, Tag};

/// An sRGB colour.
pub type Rgb = [u8; 3];

/// A P-value, from 0 (black) to 65535 (white), as a grey.
pub fn gray(p_value: i64) -> Rgb {
    let level = (p_value.clamp(0, 65535) as f64 * 255.0 / 65535.0).round();
    [level as u8; 3]
}

/// A colour as the standard encodes CIELab in three words (PS3.3 C.10.7.1.1): L* from 0 to 100 over all of the
/// range, a* and b* from -128 to 127.
pub fn read_lab(item: &DataSet, tag: Tag) -> Option<Rgb> {
    match item.ints(tag).get(..3)? {
        &[l, a, b] => {
            let word = |v: i64| v.clamp(0, 65535) as f64 / 65535.0;
            Some(lab_to_srgb([word(l) * 100.0, word(a) * 255.0 - 128.0, word(b) * 255.0 - 128.0]))
        }
        _ => None,
    }
}

/// The three words for a colour, the other way.
pub fn to_lab_words(rgb: Rgb) -> [u16; 3] {
    let [l, a, b] = srgb_to_lab(rgb);
    [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0].map(|v| (v * 65535.0).round() as u16)
}

/// White of the profile connection space: D50, as the standard's CIELab has it.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];
const EPSILON: f64 = 216.0 / 24389.0;
const KAPPA: f64 = 24389.0 / 27.0;

/// XYZ under D50 to linear sRGB: the sRGB primaries adapted by Bradford's transformation.
const TO_RGB: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];
const TO_XYZ: [[f64; 3]; 3] = [
    [0.436_074_7, 0.385_064_9, 0.143_080_4],
    [0.222_504_5, 0.716_878_6, 0.060_616_9],
    [0.013_932_2, 0.097_104_5, 0.714_173_3],
];

fn multiply(m: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|[a, b, c]| a * v[0] + b * v[1] + c * v[2])
}

fn lab_to_srgb([l, a, b]: [f64; 3]) -> Rgb {
    let fy = (l + 16.0) / 116.0;
    let (fx, fz) = (fy + a / 500.0, fy - b / 200.0);
    let cube = |f: f64| if f.powi(3) > EPSILON { f.powi(3) } else { (116.0 * f - 16.0) / KAPPA };
    let y = if l > KAPPA * EPSILON { fy.powi(3) } else { l / KAPPA };
    let xyz = [cube(fx) * WHITE[0], y * WHITE[1], cube(fz) * WHITE[2]];
    multiply(&TO_RGB, xyz).map(|v| {
        let v = v.clamp(0.0, 1.0);
        let encoded = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    })
}

fn srgb_to_lab(rgb: Rgb) -> [f64; 3] {
    let linear = rgb.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    let [x, y, z] = multiply(&TO_XYZ, linear);
    let f = |v: f64| if v > EPSILON { v.cbrt() } else { (KAPPA * v + 16.0) / 116.0 };
    let [fx, fy, fz] = [f(x / WHITE[0]), f(y / WHITE[1]), f(z / WHITE[2])];
    [116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_span_the_greys() {
        assert_eq!([0, 32768, 65535, 70000, -1].map(|v| gray(v)[0]), [0, 128, 255, 255, 0]);
    }

    #[test]
    fn colours_survive_the_way_through_cielab() {
        for rgb in [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [12, 200, 99], [0, 0, 255]] {
            let [l, a, b] = srgb_to_lab(rgb);
            let back = lab_to_srgb([l, a, b]);
            assert!(back.iter().zip(rgb).all(|(x, y)| x.abs_diff(y) <= 1), "{rgb:?} {back:?}");
        }
        // published: red of sRGB is L* 54.29, a* 80.81, b* 69.89 under D50
        let [l, a, b] = srgb_to_lab([255, 0, 0]);
        assert!((l - 54.29).abs() < 0.1 && (a - 80.81).abs() < 0.1 && (b - 69.89).abs() < 0.1, "{l} {a} {b}");
    }

    #[test]
    fn white_in_words() {
        let [l, a, b] = to_lab_words([255, 255, 255]);
        assert_eq!(l, 65535);
        assert!(a.abs_diff(32896) < 30 && b.abs_diff(32896) < 30, "{a} {b}");
    }
}
