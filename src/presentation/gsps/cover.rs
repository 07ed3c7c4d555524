//! Bitmaps and shutters as one picture over an image.
//!
//! Everything here is opaque, pixel for pixel of the image, and drawn in runs along rows: what a cover costs is its
//! memory. It is no larger than what is covered.

use std::sync::Arc;

use super::overlay::OverlayPlane;
use super::presented::Presented;
use super::shutter::Shutter;
use crate::geometry::{Affine, ImageShape};
use crate::presentation::color::Rgb;
use crate::presentation::cover::Cover;

/// What bitmaps are drawn in where nobody says.
const BITMAP: Rgb = [u8::MAX; 3];
/// Every device has textures of this size; larger covers are thinned out.
const MAX_SIDE: u32 = 8192;
const MAX_PIXELS: f64 = (1u64 << 27) as f64;

impl Presented<'_> {
    /// The bitmaps and shutters over a frame, `None` if there are none. `of_image` are the planes of the image with
    /// their bits; without `graphics` there are shutters only.
    pub fn cover(
        &self,
        of_image: &[OverlayPlane],
        image: ImageShape,
        frame: u32,
        graphics: bool,
    ) -> Option<Cover> {
        self.pile(of_image, graphics).cover(image, frame, MAX_SIDE)
    }

    pub(super) fn pile<'b>(&'b self, of_image: &'b [OverlayPlane], graphics: bool) -> Pile<'b> {
        let shown = if graphics { self.overlays(of_image) } else { Vec::new() };
        let mut planes: Vec<_> = shown
            .into_iter()
            .map(|(layer, plane)| (plane, layer.color.or(layer.gray).unwrap_or(BITMAP)))
            .collect();
        let openings = self.state.shutter.as_ref();
        if let (Some(plane), Some(shutter)) = (self.bitmap_shutter(of_image), openings) {
            planes.push((plane, shutter.color()));
        }
        Pile { planes, openings }
    }
}

/// What an image brings along that lies over it: its own overlay planes with their bits, and its own shutter.
pub fn image_cover(
    planes: &[OverlayPlane],
    shutter: Option<&Shutter>,
    image: ImageShape,
    frame: u32,
) -> Option<Cover> {
    let group = shutter.and_then(|shutter| shutter.overlay_group);
    let (closing, shown): (Vec<_>, Vec<_>) = planes.iter().partition(|plane| Some(plane.group) == group);
    let color = shutter.map_or([0; 3], Shutter::color);
    let shown = shown.into_iter().map(|plane| (plane, BITMAP));
    let planes = shown.chain(closing.into_iter().map(|plane| (plane, color))).collect();
    Pile { planes, openings: shutter }.cover(image, frame, MAX_SIDE)
}

/// What lies over an image, from the bottom: bitmaps with their colours, then what shutters leave closed.
pub(super) struct Pile<'a> {
    planes: Vec<(&'a OverlayPlane, Rgb)>,
    openings: Option<&'a Shutter>,
}

/// Columns and rows of an image, the last ones included.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    first: [i64; 2],
    last: [i64; 2],
}

impl Pile<'_> {
    /// As a picture with sides no longer than a limit.
    pub fn cover(&self, image: ImageShape, frame: u32, max_side: u32) -> Option<Cover> {
        let bounds = self.bounds(image, frame)?;
        let size = [0, 1].map(|axis| bounds.last[axis] - bounds.first[axis] + 1);
        let whole = |share: f64| share.ceil().max(1.0) as i64;
        let of_side = whole(size[0].max(size[1]) as f64 / f64::from(max_side.max(1)));
        let of_area = whole((size[0] as f64 * size[1] as f64 / MAX_PIXELS).sqrt());
        let step = of_side.max(of_area);
        let [width, height] = size.map(|side| (side + step - 1) / step);
        let count = usize::try_from(width.checked_mul(height)?).ok()?;
        // made where it stays: tens of megabytes are not copied in passing
        let mut picture: Arc<[[u8; 4]]> = std::iter::repeat_n([0; 4], count).collect();
        let pixels = Arc::get_mut(&mut picture)?;
        let stride = usize::try_from(width).ok()?;
        self.draw(image, frame, |[r, g, b], y, from, to| {
            // of every so many rows and columns the first one stands for all
            let (y, [from, to]) = (y - bounds.first[1], [from, to].map(|x| x - bounds.first[0]));
            let row = y.div_euclid(step);
            let from = (from + step - 1).div_euclid(step).clamp(0, width);
            let to = (to.div_euclid(step) + 1).clamp(from, width);
            if y.rem_euclid(step) != 0 || !(0..height).contains(&row) {
                return;
            }
            let (row, from, to) = (row as usize * stride, from as usize, to as usize);
            if let Some(cells) = pixels.get_mut(row + from..row + to) {
                cells.fill([r, g, b, u8::MAX]);
            }
        });
        let [left, top] = bounds.first.map(|v| v as f64);
        let scale = Affine::scale(step as f64, step as f64);
        Some(Cover {
            width: width as u32,
            height: height as u32,
            to_image: scale.then(&Affine::translation(left, top)),
            pixels: picture,
            smooth: false,
        })
    }

    /// What of the image anything lies over.
    fn bounds(&self, image: ImageShape, frame: u32) -> Option<Bounds> {
        let last = [i64::from(image.columns) - 1, i64::from(image.rows) - 1];
        let mut found: Option<Bounds> = None;
        let mut reach = |y: i64, from: i64, to: i64| {
            let (from, to) = (from.max(0), to.min(last[0]));
            if from > to || !(0..=last[1]).contains(&y) {
                return;
            }
            let Bounds { first, last } = found.unwrap_or(Bounds { first: [from, y], last: [to, y] });
            found = Some(Bounds {
                first: [first[0].min(from), first[1].min(y)],
                last: [last[0].max(to), last[1].max(y)],
            });
        };
        for (plane, _) in &self.planes {
            plane.runs(frame, &mut reach);
        }
        if let Some(shutter) = self.openings {
            shutter.covered(image.columns, image.rows, image.pixel_aspect, &mut reach);
        }
        found
    }

    /// Runs of pixels in their colours, from the bottom.
    fn draw(&self, image: ImageShape, frame: u32, mut run: impl FnMut(Rgb, i64, i64, i64)) {
        for (plane, color) in &self.planes {
            plane.runs(frame, |y, from, to| run(*color, y, from, to));
        }
        if let Some(shutter) = self.openings {
            let color = shutter.color();
            shutter.covered(image.columns, image.rows, image.pixel_aspect, |y, from, to| {
                run(color, y, from, to);
            });
        }
    }
}

#[cfg(test)]
#[path = "cover_tests.rs"]
mod tests;
