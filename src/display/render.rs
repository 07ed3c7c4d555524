//! The CPU renderer: a picture of any size through any view, by the same rules as the shader.

use std::ops::Range;

use super::sample::{Footprint, Grid, NUDGE};
use super::{Interpolation, Look, TexelImage, TexelKind};
use crate::geometry::Affine;

/// A picture, three bytes a pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbImage {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

/// Draws an image. `map` leads from screen pixels to pixels of the source (of level 0, whatever level
/// the image is); what it leads outside of the source is black.
pub fn render(
    image: &TexelImage,
    look: &Look,
    map: &Affine,
    out_width: u32,
    out_height: u32,
    interpolation: Interpolation,
) -> RgbImage {
    let mut pixels = vec![0; out_width as usize * out_height as usize * 3];
    render_rows(image, look, map, out_width, 0..out_height, interpolation, &mut pixels);
    RgbImage { width: out_width, height: out_height, pixels }
}

/// Draws some rows of a picture into their three bytes a pixel, so that a caller can share the work
/// out as it likes.
pub fn render_rows(
    image: &TexelImage,
    look: &Look,
    map: &Affine,
    out_width: u32,
    rows: Range<u32>,
    interpolation: Interpolation,
    pixels: &mut [u8],
) {
    let view = View::new(image, map);
    if image.kind == TexelKind::Rgb {
        let grid = Grid {
            width: image.width,
            height: image.height,
            tap: |x, y| image.rgb(x, y).map(|rgb| rgb.map(f64::from)),
        };
        view.draw(out_width, rows, pixels, |at| {
            let rgb = grid.sample(at, interpolation)?.map(|c| (c + 0.5) as u8);
            Some(if look.inverse { rgb.map(|c| 255 - c) } else { rgb })
        });
    } else {
        let grid = Grid {
            width: image.width,
            height: image.height,
            tap: |x, y| Some([look.modality.apply(image.texel(x, y, look.padding)?)]),
        };
        view.draw(out_width, rows, pixels, |at| {
            let [value] = grid.sample(at, interpolation)?;
            Some(look.color(look.level(value)))
        });
    }
}

/// A map, and what it means for one image.
struct View<'a> {
    map: &'a Affine,
    source: [f64; 2],
    /// Texels per source pixel.
    shrink: f64,
    extent: [f64; 2],
}

impl<'a> View<'a> {
    fn new(image: &TexelImage, map: &'a Affine) -> Self {
        let shrink = 0.5f64.powi(image.level.min(31) as i32);
        Self {
            map,
            source: [f64::from(image.source_width), f64::from(image.source_height)],
            shrink,
            extent: map.extent().map(|pixels| (pixels * shrink).max(1.0)),
        }
    }

    fn draw(
        &self,
        width: u32,
        rows: Range<u32>,
        pixels: &mut [u8],
        color: impl Fn(Footprint) -> Option<[u8; 3]>,
    ) {
        let stride = (width as usize * 3).max(1);
        for (row, y) in pixels.chunks_exact_mut(stride).zip(rows) {
            for (pixel, x) in row.chunks_exact_mut(3).zip(0..width) {
                let at = self.map.apply([f64::from(x) + 0.5, f64::from(y) + 0.5]);
                let rgb = self.footprint(at).and_then(&color).unwrap_or([0; 3]);
                pixel.copy_from_slice(&rgb);
            }
        }
    }

    /// `None` outside of the source.
    fn footprint(&self, [x, y]: [f64; 2]) -> Option<Footprint> {
        let inside = |at: f64, size: f64| at + NUDGE >= 0.0 && at + NUDGE < size;
        (inside(x, self.source[0]) && inside(y, self.source[1])).then_some(Footprint {
            u: x * self.shrink,
            v: y * self.shrink,
            tx: self.extent[0],
            ty: self.extent[1],
        })
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
