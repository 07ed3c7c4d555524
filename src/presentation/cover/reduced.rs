//! Covers as a texture takes them: colours multiplied by opacity, and no finer than they are looked at, so that
//! thin lines do not flicker.

use super::Cover;
use crate::geometry::Affine;

/// A cover ready to be uploaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    pub width: u32,
    pub height: u32,
    /// Four bytes a texel.
    pub bytes: Vec<u8>,
    /// From pixels of the image to its texels.
    pub from_image: Affine,
    pub smooth: bool,
}

/// The reduction at which there is about a texel for every pixel of the screen, where `scale` is how many texels
/// that is.
pub fn cover_level(scale: f64) -> u32 {
    if scale > 1.0 { (scale.log2().round() as u32).min(12) } else { 0 }
}

impl Cover {
    /// Reduced for a screen whose pixels are `scale` pixels of the image wide. `None` where it is flat.
    pub fn reduce(&self, scale: f64) -> Option<Reduced> {
        let from_image = self.to_image.invert()?;
        let [across, down] = from_image.extent();
        let level = cover_level(scale * across.max(down));
        let (width, height, bytes) = reduced(self, level);
        let shrink = f64::from(level).exp2().recip();
        let from_image = from_image.then(&Affine::scale(shrink, shrink));
        Some(Reduced { width, height, bytes, from_image, smooth: self.smooth || level > 0 })
    }
}

impl Reduced {
    /// The texel at a place of the image.
    fn at(&self, place: [f64; 2]) -> [u8; 4] {
        let [x, y] = self.from_image.apply(place);
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(self.width) && y < f64::from(self.height);
        let at = (y as usize * self.width as usize + x as usize) * 4;
        let texel = if inside { self.bytes.get(at..at + 4) } else { None };
        texel.and_then(|texel| texel.try_into().ok()).unwrap_or_default()
    }
}

/// Several covers as one, from the bottom up: on the grid of the image of so many columns and rows, as fine as a
/// screen needs whose pixels are `scale` of the image wide. One by itself keeps its own grid.
pub fn pile(covers: &[Cover], [columns, rows]: [u32; 2], scale: f64) -> Option<Reduced> {
    let mut reduced: Vec<Reduced> = covers.iter().filter_map(|cover| cover.reduce(scale)).collect();
    if reduced.len() < 2 {
        return reduced.pop();
    }
    let level = cover_level(scale);
    let side = f64::from(level).exp2();
    let (width, height) = (columns.div_ceil(1 << level), rows.div_ceil(1 << level));
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        for x in 0..width {
            let place = [(f64::from(x) + 0.5) * side, (f64::from(y) + 0.5) * side];
            let mut mixed = [0u8; 4];
            for cover in &reduced {
                let above = cover.at(place);
                let left = u32::from(u8::MAX - above[3]);
                for (below, above) in mixed.iter_mut().zip(above) {
                    *below = above.saturating_add(((u32::from(*below) * left + 127) / 255) as u8);
                }
            }
            bytes.extend(mixed);
        }
    }
    let smooth = level > 0 || reduced.iter().any(|cover| cover.smooth);
    Some(Reduced { width, height, bytes, from_image: Affine::scale(side.recip(), side.recip()), smooth })
}

/// Its pixels averaged over squares, with colours multiplied by opacity: width, height and bytes.
fn reduced(cover: &Cover, level: u32) -> (u32, u32, Vec<u8>) {
    let side = 1usize << level.min(12);
    let (width, height) = (cover.width.div_ceil(side as u32), cover.height.div_ceil(side as u32));
    let premultiplied = |[r, g, b, a]: [u8; 4]| {
        let by = |c: u8| ((u32::from(c) * u32::from(a) + 127) / 255) as u8;
        [by(r), by(g), by(b), a]
    };
    if level == 0 {
        return (width, height, cover.pixels.iter().flat_map(|pixel| premultiplied(*pixel)).collect());
    }
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 4);
    let mut sums = vec![[0u32; 4]; width as usize];
    let rows: Vec<&[[u8; 4]]> = cover.pixels.chunks(cover.width.max(1) as usize).collect();
    for band in rows.chunks(side) {
        sums.fill([0; 4]);
        for row in band {
            for (sum, cell) in sums.iter_mut().zip(row.chunks(side)) {
                for pixel in cell.iter().filter(|pixel| pixel[3] != 0) {
                    let [r, g, b, a] = pixel.map(u32::from);
                    let add = [(r * a + 127) / 255, (g * a + 127) / 255, (b * a + 127) / 255, a];
                    for (sum, add) in sum.iter_mut().zip(add) {
                        *sum += add;
                    }
                }
            }
        }
        for (sum, x) in sums.iter().zip((0usize..).step_by(side)) {
            // those at the edge stand for fewer pixels
            let across = side.min((cover.width as usize).saturating_sub(x)).max(1);
            let area = (across * band.len()) as u32;
            bytes.extend(sum.map(|v| ((v + area / 2) / area) as u8));
        }
    }
    (width, height, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_averaged_and_edges_keep_their_opacity() {
        let on = [200, 100, 0, 255];
        let off = [9, 9, 9, 0];
        let cover = Cover::whole(3, 2, vec![on, off, on, off, off, on]);
        let (width, height, bytes) = reduced(&cover, 1);
        assert_eq!((width, height), (2, 1));
        assert_eq!(bytes, [50, 25, 0, 64, 200, 100, 0, 255]);
    }

    #[test]
    fn a_pile_is_mixed_from_the_bottom() {
        let below = Cover::whole(2, 1, vec![[100, 0, 0, 255], [100, 0, 0, 255]]);
        let mut above = Cover::whole(1, 1, vec![[0, 200, 0, 128]]);
        above.to_image = Affine::translation(1.0, 0.0);
        let piled = pile(&[below.clone(), above], [2, 1], 1.0).expect("a pile");
        // 100 * 127/255 = 49.8; 200 * 128/255 = 100.4
        assert_eq!(piled.bytes, [100, 0, 0, 255, 50, 100, 0, 255]);
        assert_eq!(pile(&[], [2, 1], 1.0), None);
        assert_eq!(pile(std::slice::from_ref(&below), [2, 1], 1.0), below.reduce(1.0));
    }

    #[test]
    fn a_level_has_about_a_texel_a_pixel() {
        assert_eq!([0.2, 1.0, 1.3, 1.5, 2.0, 5.0].map(cover_level), [0, 0, 0, 1, 1, 2]);
    }
}
