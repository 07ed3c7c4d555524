//! How a viewport shows an image: zoom, pan, quarter turns and a flip.

use super::Affine;

/// The size of an image and of its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageShape {
    pub columns: u32,
    pub rows: u32,
    /// Row spacing over column spacing: pixels are drawn taller than wide when it is above 1.
    pub pixel_aspect: f64,
    /// The shorter side of a pixel in millimetres, where it is known.
    pub pixel_mm: Option<f64>,
}

impl ImageShape {
    /// An image of square pixels.
    pub const fn square(columns: u32, rows: u32) -> Self {
        Self { columns, rows, pixel_aspect: 1.0, pixel_mm: None }
    }

    /// Width and height of a pixel on screen at a scale of 1; the shorter side is 1, so that no row
    /// and no column is lost.
    fn pixel(&self) -> [f64; 2] {
        let aspect = self.pixel_aspect;
        if !aspect.is_finite() || aspect <= 0.0 {
            [1.0, 1.0]
        } else if aspect >= 1.0 {
            [1.0, aspect]
        } else {
            [1.0 / aspect, 1.0]
        }
    }

    fn size(&self) -> [f64; 2] {
        [f64::from(self.columns.max(1)), f64::from(self.rows.max(1))]
    }
}

/// How large an image is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Zoom {
    /// As large as the viewport allows, all of it in view.
    #[default]
    Fit,
    /// One pixel of the image on one physical pixel of the screen, exactly.
    Actual,
    /// Screen pixels per image pixel.
    Factor(f64),
    /// Screen pixels per millimetre; fits where the size of a pixel is not known.
    PerMillimetre(f64),
}

/// Which edge of the viewport the image keeps to while it is not panned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Justify {
    #[default]
    Center,
    Left,
    Right,
}

impl Justify {
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Center => Self::Center,
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// How far tiles lie apart, as a share of the viewport.
const TILE_STEP: f64 = 0.9;
/// Of an absurd image in a tiny viewport nobody steps through every tile.
const MOST_TILES: f64 = 64.0;

/// The view of one viewport. Rotation comes first, then the flip (PS3.3 C.10.6).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ViewTransform {
    pub zoom: Zoom,
    /// How far the image is panned: what the middle of the viewport shows, in image pixels from what it
    /// shows of the image as it hangs, which is its middle unless it is justified. It does not move when
    /// the view is turned or flipped.
    pub center: [f64; 2],
    /// Clockwise; any number, only its remainder by 4 counts.
    pub quarter_turns: u8,
    /// Left and right exchanged.
    pub flip: bool,
    pub justify: Justify,
}

impl ViewTransform {
    pub const MIN_SCALE: f64 = 0.01;
    pub const MAX_SCALE: f64 = 64.0;

    /// Screen pixels of the image that stay in view however far it is panned.
    const KEPT_IN_VIEW: f64 = 32.0;

    /// Screen pixels per image pixel, along the shorter side of a pixel.
    pub fn scale(&self, image: ImageShape, viewport: [f64; 2]) -> f64 {
        match self.zoom {
            Zoom::Fit => self.fit_scale(image, viewport),
            Zoom::Actual => 1.0,
            Zoom::Factor(factor) => limited(factor),
            Zoom::PerMillimetre(scale) => match image.pixel_mm {
                Some(pixel) => limited(scale * pixel),
                None => self.fit_scale(image, viewport),
            },
        }
    }

    /// The map from screen pixels to image pixels.
    pub fn map(&self, image: ImageShape, viewport: [f64; 2]) -> Affine {
        let linear = self.linear(self.scale(image, viewport), image);
        let rest = self.rest(&linear, image, viewport);
        let middle = linear.apply_vector([viewport[0] / 2.0, viewport[1] / 2.0]);
        let mut map = linear;
        for (axis, row) in map.m.iter_mut().enumerate() {
            row[2] = rest[axis] + self.center[axis] - middle[axis];
        }
        if self.is_aligned(image) {
            // whole pixels: every screen pixel then shows exactly one pixel of the image
            for row in &mut map.m {
                row[2] = row[2].round();
            }
        }
        map
    }

    /// Zooms by a factor; what is under the pointer stays there.
    pub fn zoom_about(&mut self, factor: f64, pointer: [f64; 2], image: ImageShape, viewport: [f64; 2]) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let scale = limited(self.scale(image, viewport) * factor);
        let held = self.map(image, viewport).apply(pointer);
        self.zoom = Zoom::Factor(scale);
        let from_middle = [pointer[0] - viewport[0] / 2.0, pointer[1] - viewport[1] / 2.0];
        let linear = self.linear(scale, image);
        let offset = linear.apply_vector(from_middle);
        let rest = self.rest(&linear, image, viewport);
        self.center = [0, 1].map(|axis| held[axis] - offset[axis] - rest[axis]);
        self.keep_in_view(image, viewport);
    }

    /// Moves the image along with the pointer.
    pub fn pan_by(&mut self, dx: f64, dy: f64, image: ImageShape, viewport: [f64; 2]) {
        if !dx.is_finite() || !dy.is_finite() {
            return;
        }
        let moved = self.linear(self.scale(image, viewport), image).apply_vector([dx, dy]);
        self.center = [self.center[0] - moved[0], self.center[1] - moved[1]];
        self.keep_in_view(image, viewport);
    }

    /// Turns what the user sees by a quarter, clockwise. A flipped image has to be turned the other
    /// way for that, since the flip comes after the rotation.
    pub fn rotate_cw(&mut self) {
        self.quarter_turns = (self.quarter_turns % 4 + if self.flip { 3 } else { 1 }) % 4;
    }

    /// Turns what the user sees by a quarter, counter-clockwise.
    pub fn rotate_ccw(&mut self) {
        self.quarter_turns = (self.quarter_turns % 4 + if self.flip { 1 } else { 3 }) % 4;
    }

    /// Exchanges left and right as the user sees them. What kept to one edge keeps to the other.
    pub fn flip_horizontal(&mut self) {
        self.flip = !self.flip;
        self.justify = self.justify.mirrored();
    }

    /// Exchanges top and bottom as the user sees them: half a turn, and left and right.
    pub fn flip_vertical(&mut self) {
        self.flip = !self.flip;
        self.quarter_turns = (self.quarter_turns % 4 + 2) % 4;
    }

    /// All of the image in view, in the middle.
    pub fn fit(&mut self) {
        self.zoom = Zoom::Fit;
        self.center = [0.0; 2];
    }

    /// One image pixel on one screen pixel, about what is in the middle.
    pub fn actual(&mut self) {
        self.zoom = Zoom::Actual;
    }

    /// As at first: fitted, upright, not flipped.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Holds the pan to where some of the image is in view.
    pub fn keep_in_view(&mut self, image: ImageShape, viewport: [f64; 2]) {
        let linear = self.linear(self.scale(image, viewport), image);
        let Some(back) = linear.invert() else { return };
        let drawn = back.apply_extent(image.size());
        let (size, rest) = (image.size(), self.rest(&linear, image, viewport));
        // From the middle of the image, wherever it hangs.
        let hangs = [0, 1].map(|axis| rest[axis] - size[axis] / 2.0);
        let shift = back.apply_vector([0, 1].map(|axis| self.center[axis] + hangs[axis]));
        let held = [0, 1].map(|axis| {
            let kept = Self::KEPT_IN_VIEW.min(drawn[axis]).min(viewport[axis].max(0.0));
            let reach = (f64::midpoint(viewport[axis].max(0.0), drawn[axis]) - kept).max(0.0);
            shift[axis].clamp(-reach, reach)
        });
        if held != shift {
            let held = linear.apply_vector(held);
            self.center = [0, 1].map(|axis| held[axis] - hangs[axis]);
        }
    }

    /// The scale at which all of the image is in view, in screen pixels per millimetre.
    pub fn fit_per_millimetre(&self, image: ImageShape, viewport: [f64; 2]) -> Option<f64> {
        Some(self.fit_scale(image, viewport) / image.pixel_mm.filter(|mm| *mm > 0.0)?)
    }

    /// The places to look at one after the other so as to see all of the image at one image pixel on one
    /// screen pixel: rows from the top, each from left to right as the image hangs.
    pub fn tiles(&self, image: ImageShape, viewport: [f64; 2]) -> Vec<Self> {
        let view = Self { zoom: Zoom::Actual, center: [0.0; 2], ..*self };
        let linear = view.linear(1.0, image);
        let Some(back) = linear.invert() else { return vec![view] };
        let drawn = back.apply_extent(image.size());
        let places = [0, 1].map(|axis| {
            let (whole, part) = (drawn[axis], viewport[axis].max(1.0));
            // Neighbours share a little, so that nothing is cut in two for good.
            let count = if whole <= part { 1.0 } else { ((whole - part) / (part * TILE_STEP)).ceil() + 1.0 };
            let reach = (whole - part).max(0.0);
            let last = (count - 1.0).max(1.0);
            (0..count.min(MOST_TILES) as u32).map(move |n| f64::from(n) / last * reach - reach / 2.0)
        });
        let (size, rest) = (image.size(), view.rest(&linear, image, viewport));
        let [columns, rows] = places;
        let columns: Vec<f64> = columns.collect();
        rows.flat_map(|y| columns.iter().map(move |x| [*x, y]))
            .map(|from_middle| {
                // An image that fits across keeps to its edge.
                let target = linear.apply_vector(from_middle);
                let hangs = [0, 1].map(|axis| rest[axis] - size[axis] / 2.0);
                let along = back.apply_vector([0, 1].map(|axis| target[axis] - hangs[axis]));
                let along = [if drawn[0] <= viewport[0] { 0.0 } else { along[0] }, along[1]];
                Self { center: linear.apply_vector(along), ..view }
            })
            .collect()
    }

    /// The point of the image that the middle of the viewport shows while nothing is panned.
    fn rest(&self, linear: &Affine, image: ImageShape, viewport: [f64; 2]) -> [f64; 2] {
        let size = image.size();
        let aside = match (self.justify, linear.invert()) {
            (Justify::Center, _) | (_, None) => 0.0,
            (side, Some(back)) => {
                let free = (back.apply_extent(size)[0] - viewport[0]) / 2.0;
                if side == Justify::Left { -free } else { free }
            }
        };
        let moved = linear.apply_vector([aside, 0.0]);
        [0, 1].map(|axis| size[axis] / 2.0 + moved[axis])
    }

    fn is_aligned(&self, image: ImageShape) -> bool {
        self.zoom == Zoom::Actual && image.pixel() == [1.0, 1.0]
    }

    fn fit_scale(&self, image: ImageShape, viewport: [f64; 2]) -> f64 {
        let (size, pixel) = (image.size(), image.pixel());
        let mut drawn = [size[0] * pixel[0], size[1] * pixel[1]];
        if self.quarter_turns % 2 == 1 {
            drawn.swap(0, 1);
        }
        let scale = (viewport[0] / drawn[0]).min(viewport[1] / drawn[1]);
        if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
    }

    /// From screen to image, without the translation: flip back, turn back, scale back.
    fn linear(&self, scale: f64, image: ImageShape) -> Affine {
        let flip = Affine::scale(if self.flip { -1.0 } else { 1.0 }, 1.0);
        // a quarter counter-clockwise, with y down: right becomes up
        let turn = match self.quarter_turns % 4 {
            0 => Affine::IDENTITY,
            1 => Affine { m: [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]] },
            2 => Affine::scale(-1.0, -1.0),
            _ => Affine { m: [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]] },
        };
        let [width, height] = image.pixel();
        flip.then(&turn).then(&Affine::scale(1.0 / (scale * width), 1.0 / (scale * height)))
    }
}

fn limited(scale: f64) -> f64 {
    if scale.is_nan() {
        return 1.0;
    }
    scale.clamp(ViewTransform::MIN_SCALE, ViewTransform::MAX_SCALE)
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "hanging_tests.rs"]
mod hanging_tests;
