//! Colours, bitmaps and shutters on a picture that is drawn already: the reference for what the window does.

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
    // as large as the image, whatever a device could hold
    let cover = presented.pile(overlays, placed.graphics).cover(placed.image, placed.frame, u32::MAX);
    if let Some(cover) = cover {
        cover.put_on(picture, placed.map);
        colored |= cover.pixels.iter().any(|[r, g, b, _]| r != g || g != b);
    }
    colored
}
