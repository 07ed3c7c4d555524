//! Pixels that lie over an image: bitmaps, shutters, segments and maps, as one picture with opacity.
//!
//! A [`Cover`] is made for one frame. The window draws it as a texture above the image; [`Cover::put_on`] is the
//! reference for that.

mod reduced;

use std::sync::Arc;

use crate::display::RgbImage;
use crate::geometry::Affine;

pub use reduced::{Reduced, cover_level, pile};

/// A picture over an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    pub width: u32,
    pub height: u32,
    /// From its pixels to those of the image; outer corners of first pixels are 0, 0.
    pub to_image: Affine,
    /// Red, green, blue and opacity of its pixels, row by row; colours are sRGB and not multiplied by the opacity.
    pub pixels: Arc<[[u8; 4]]>,
    /// Whether what lies between its pixels is interpolated. Edges of bitmaps are not.
    pub smooth: bool,
}

impl Cover {
    /// A cover as large as the image, one of its pixels on each of the image.
    pub fn whole(width: u32, height: u32, pixels: Vec<[u8; 4]>) -> Self {
        Self { width, height, to_image: Affine::IDENTITY, pixels: pixels.into(), smooth: false }
    }

    /// Draws it on a picture of the image. `map` leads from pixels of the picture to pixels of the image.
    pub fn put_on(&self, picture: &mut RgbImage, map: &Affine) {
        let Some(back) = self.to_image.invert() else { return };
        let map = map.then(&back);
        let stride = (picture.width as usize * 3).max(1);
        for (row, y) in picture.pixels.chunks_exact_mut(stride).zip(0u32..) {
            let (pixels, _) = row.as_chunks_mut::<3>();
            for (pixel, x) in pixels.iter_mut().zip(0u32..) {
                let at = map.apply([f64::from(x) + 0.5, f64::from(y) + 0.5]);
                let [r, g, b, a] = if self.smooth { self.between(at) } else { self.nearest(at) };
                for (below, above) in pixel.iter_mut().zip([r, g, b]) {
                    *below = (above + f64::from(*below) * (1.0 - a)).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }

    /// Colours multiplied by opacity, and the opacity from 0 to 1; nothing outside.
    fn pixel(&self, x: i64, y: i64) -> [f64; 4] {
        let inside = x >= 0 && y >= 0 && x < i64::from(self.width) && y < i64::from(self.height);
        let at = if inside { usize::try_from(y * i64::from(self.width) + x).ok() } else { None };
        let Some([r, g, b, a]) = at.and_then(|at| self.pixels.get(at)).copied() else { return [0.0; 4] };
        let a = f64::from(a) / 255.0;
        [f64::from(r) * a, f64::from(g) * a, f64::from(b) * a, a]
    }

    fn nearest(&self, [x, y]: [f64; 2]) -> [f64; 4] {
        self.pixel(x.floor() as i64, y.floor() as i64)
    }

    fn between(&self, [x, y]: [f64; 2]) -> [f64; 4] {
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(self.width) && y < f64::from(self.height);
        if !inside {
            return [0.0; 4];
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        // the outermost pixels go on to their edge
        let at = |x: f64, y: f64| {
            let clamp = |v: f64, n: u32| (v as i64).clamp(0, i64::from(n) - 1);
            self.pixel(clamp(x, self.width), clamp(y, self.height))
        };
        let corners = [at(left, top), at(left + 1.0, top), at(left, top + 1.0), at(left + 1.0, top + 1.0)];
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        [0, 1, 2, 3].map(|i| corners.iter().zip(weights).map(|(c, w)| c[i] * w).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage { width, height, pixels: vec![100; (width * height * 3) as usize] }
    }

    #[test]
    fn opacity_mixes_and_nothing_lies_outside() {
        let mut cover = Cover::whole(2, 1, vec![[200, 0, 0, 255], [0, 200, 0, 128]]);
        cover.to_image = Affine::translation(1.0, 0.0);
        let mut below = picture(4, 1);
        cover.put_on(&mut below, &Affine::IDENTITY);
        // 200 * 128/255 + 100 * 127/255 = 100.39 + 49.80
        assert_eq!(below.pixels, [100, 100, 100, 200, 0, 0, 50, 150, 50, 100, 100, 100]);
    }

    #[test]
    fn smooth_ones_are_interpolated_between_centres() {
        let mut cover = Cover::whole(2, 1, vec![[0, 0, 0, 255], [200, 200, 200, 255]]);
        cover.smooth = true;
        let mut below = picture(4, 1);
        cover.put_on(&mut below, &Affine::scale(0.5, 1.0));
        let reds: Vec<u8> = below.pixels.iter().copied().step_by(3).collect();
        assert_eq!(reds, [0, 50, 150, 200]);
    }
}
