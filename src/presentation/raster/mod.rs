//! Drawings on pictures: what a window paints with its own means, on pixels, for `viewer render`.
//!
//! Lines are antialiased and lie where the drawing says to a fraction of a pixel. Words beside marks make room for each
//! other, and lie at the left of marks at the right end of the picture. Letters are those of the
//! application's font; what it has no letter for is a box. Nothing here knows where a drawing comes from.
//!
//! ```
//! use lightbox::display::RgbImage;
//! use lightbox::geometry::Affine;
//! use lightbox::presentation::drawing::{Drawing, Line, Stroke};
//! use lightbox::presentation::raster::draw;
//!
//! let points = vec![[0.0, 1.5], [4.0, 1.5]];
//! let stroke = Stroke { points, line: Some(Line::plain([255, 0, 0], 1.0)), ..Stroke::default() };
//! let drawing = Drawing { strokes: vec![stroke], ..Drawing::default() };
//! let mut picture = RgbImage { width: 4, height: 3, pixels: vec![0; 36] };
//! draw(&drawing, &mut picture, &Affine::IDENTITY, 1.0);
//! assert_eq!(picture.pixels[12..15], [255, 0, 0], "the second row is red");
//! assert_eq!(picture.pixels[..12], [0; 12]);
//! ```

mod canvas;
mod letters;
mod signs;
mod words;

use super::drawing::{Drawing, Symbol};
use super::labels::Taken;
use crate::display::RgbImage;
use crate::geometry::Affine;
use canvas::Canvas;
use letters::Letters;

/// Pixels that are drawn at once; larger pictures are drawn in bands, several times.
const BAND: usize = 1 << 24;

/// Draws on a picture of the image. `map` leads from pixels of the picture to pixels of the image; `density` is how
/// many pixels of the picture one of the screen is, which is what looks are measured in.
pub fn draw(drawing: &Drawing, picture: &mut RgbImage, map: &Affine, density: f64) {
    let Some(there) = map.invert() else { return };
    if drawing.is_empty() || !density.is_finite() || density <= 0.0 {
        return;
    }
    let (width, stride) = (picture.width, picture.width as usize * 3);
    let rows = (BAND / (width as usize).max(1)).max(1);
    let mut letters = Letters::new();
    let mut top = 0;
    for band in picture.pixels.chunks_mut((stride * rows).max(1)) {
        let height = (band.len() / stride.max(1)) as u32;
        let Some(mut canvas) = Canvas::over(band, width, height, top, density) else { return };
        top += height;
        for stroke in &drawing.strokes {
            let points: Vec<[f64; 2]> = stroke.points.iter().map(|&point| there.apply(point)).collect();
            canvas.stroke(&points, stroke.closed, stroke.line.as_ref(), stroke.fill.as_ref());
        }
        for &Symbol { sign, at, radius, line, .. } in &drawing.symbols {
            signs::draw(&mut canvas, sign, there.apply(at), radius * density, &line);
        }
        if let Some(letters) = &mut letters {
            let mut taken = Taken::default();
            for words in &drawing.words {
                words::draw(&mut canvas, letters, &mut taken, words, &there);
            }
        }
        canvas.put_back(band);
    }
}

#[cfg(test)]
#[path = "raster_tests.rs"]
mod tests;
