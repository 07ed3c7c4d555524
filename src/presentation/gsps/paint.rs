//! Bitmaps, shutters and colours on a picture that is drawn already: the reference for what the window does.

use super::overlay::OverlayPlane;
use super::presented::Presented;
use crate::display::RgbImage;
use crate::geometry::{Affine, ImageShape};

/// Where a picture shows which frame of an image.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// From pixels of the picture to pixels of the image.
    pub map: &'a Affine,
    pub image: ImageShape,
    pub frame: u32,
    /// Whether bitmaps over the image are drawn; shutters are in any case.
    pub graphics: bool,
}

/// Gives a picture of greys the colours of the state, burns in its bitmaps and closes its shutters. `overlays`
/// are those of the image, with their bits. Says whether there are colours in it now.
pub fn paint(
    picture: &mut RgbImage,
    presented: &Presented<'_>,
    overlays: &[OverlayPlane],
    placed: &Placed<'_>,
    is_gray: bool,
) -> bool {
    let ramp = presented.ramp().filter(|_| is_gray);
    let mut colored = !is_gray || ramp.is_some();
    if let Some(ramp) = ramp {
        let (pixels, _) = picture.pixels.as_chunks_mut::<3>();
        for pixel in pixels {
            let [level, ..] = *pixel;
            *pixel = ramp.get(usize::from(level)).copied().unwrap_or_default();
        }
    }
    let monochrome = !colored;
    let shown = if placed.graphics { presented.overlays(overlays) } else { Vec::new() };
    for (layer, plane) in shown {
        let gray = layer.gray.or(layer.color).unwrap_or([u8::MAX; 3]);
        let color = if monochrome { gray } else { layer.color.unwrap_or(gray) };
        colored |= color != [color[0]; 3];
        cover(picture, placed, |x, y| plane.covers(placed.frame, x, y), color);
    }
    if let Some(shutter) = &presented.state.shutter {
        let color = if monochrome { shutter.gray } else { shutter.color.unwrap_or(shutter.gray) };
        let ImageShape { columns, rows, pixel_aspect, .. } = placed.image;
        if !shutter.openings.is_empty() {
            let mask = shutter.mask(columns, rows, pixel_aspect);
            let is_covered = |x: i64, y: i64| {
                let at = y.checked_mul(i64::from(columns)).and_then(|start| usize::try_from(start + x).ok());
                at.and_then(|at| mask.get(at)) == Some(&0)
            };
            cover(picture, placed, is_covered, color);
        }
        if let Some(plane) = presented.bitmap_shutter(overlays) {
            cover(picture, placed, |x, y| plane.covers(placed.frame, x, y), color);
        }
    }
    colored
}

/// Colours the pixels of a picture whose pixel of the image is covered.
fn cover(picture: &mut RgbImage, placed: &Placed<'_>, is_covered: impl Fn(i64, i64) -> bool, color: [u8; 3]) {
    let (width, height) = (f64::from(placed.image.columns), f64::from(placed.image.rows));
    let stride = (picture.width as usize * 3).max(1);
    for (row, y) in picture.pixels.chunks_exact_mut(stride).zip(0u32..) {
        let (pixels, _) = row.as_chunks_mut::<3>();
        for (pixel, x) in pixels.iter_mut().zip(0u32..) {
            let [column, line] = placed.map.apply([f64::from(x) + 0.5, f64::from(y) + 0.5]);
            let inside = column >= 0.0 && line >= 0.0 && column < width && line < height;
            if inside && is_covered(column as i64, line as i64) {
                *pixel = color;
            }
        }
    }
}
