//! The displayed area (PS3.3 C.10.4): which part of an image is shown, and how large.

use dicom_dictionary_std::tags;

use super::reading::{Reading, term};
use super::relation::Scope;
use super::spatial::Turn;
use crate::dicom::DataSet;
use crate::geometry::{ImageShape, ViewTransform, Zoom};

/// How large the area is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum SizeMode {
    /// As large as fits.
    #[default]
    ScaleToFit,
    /// As large as it is.
    TrueSize,
    /// So many screen pixels for one of the image, along the shorter side of a pixel.
    Magnify(f64),
}

/// A part of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct DisplayedArea {
    pub scope: Scope,
    /// Column and row, counted from one, of the pixel that is at the top left once the image is turned.
    pub top_left: [i64; 2],
    /// Likewise at the bottom right; both pixels belong to the area, which may reach beyond the image.
    pub bottom_right: [i64; 2],
    pub mode: SizeMode,
    /// Height and width of a pixel in millimetres.
    pub spacing: Option<[f64; 2]>,
    /// Height of a pixel over its width.
    pub aspect: Option<f64>,
    /// Positions are of the total matrix of a tiled image, not of its frames.
    pub of_matrix: bool,
}

/// A rectangle in pixels of the image, in the convention of [`crate::geometry`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub min: [f64; 2],
    pub size: [f64; 2],
}

impl Rect {
    /// All of an image.
    pub fn whole(columns: u32, rows: u32) -> Self {
        Self { min: [0.0; 2], size: [f64::from(columns.max(1)), f64::from(rows.max(1))] }
    }

    pub fn center(&self) -> [f64; 2] {
        [0, 1].map(|axis| self.min[axis] + self.size[axis] / 2.0)
    }
}

/// Corners further away than this are a mistake.
const FAR: i64 = 1 << 24;

impl DisplayedArea {
    pub(super) fn read_all(data: &DataSet, reading: &mut Reading) -> Vec<Self> {
        let items = data.items(tags::DISPLAYED_AREA_SELECTION_SEQUENCE);
        items.iter().filter_map(|item| Self::read(item, reading)).collect()
    }

    fn read(item: &DataSet, reading: &mut Reading) -> Option<Self> {
        let corner = |tag| match item.ints(tag).get(..2)? {
            &[x, y] if x.abs() <= FAR && y.abs() <= FAR => Some([x, y]),
            _ => None,
        };
        let corners = (
            corner(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER),
            corner(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER),
        );
        let (Some(top_left), Some(bottom_right)) = corners else {
            reading.warn("a displayed area has no corners and is left out");
            return None;
        };
        let positive = |values: &[f64]| match values {
            &[a, b, ..] if a.is_finite() && b.is_finite() && a > 0.0 && b > 0.0 => Some([a, b]),
            _ => None,
        };
        let spacing = positive(&item.floats(tags::PRESENTATION_PIXEL_SPACING));
        let ratio = positive(&item.floats(tags::PRESENTATION_PIXEL_ASPECT_RATIO));
        let aspect = spacing.or(ratio).map(|[height, width]| height / width);
        let mode = match term(item, tags::PRESENTATION_SIZE_MODE).as_str() {
            "SCALE TO FIT" | "" => SizeMode::ScaleToFit,
            "TRUE SIZE" if spacing.is_some() => SizeMode::TrueSize,
            "TRUE SIZE" => {
                reading.warn(
                    "the true size is asked for and the size of a pixel is missing; the area is fitted",
                );
                SizeMode::ScaleToFit
            }
            "MAGNIFY" => {
                let ratio = item.float(tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO);
                ratio.filter(|r| r.is_finite() && *r > 0.0).map_or(SizeMode::ScaleToFit, SizeMode::Magnify)
            }
            other => {
                reading.warn(format!("the size mode {other} is not known; the area is fitted"));
                SizeMode::ScaleToFit
            }
        };
        let of_matrix = term(item, tags::PIXEL_ORIGIN_INTERPRETATION) == "VOLUME";
        Some(Self { scope: Scope::read(item), top_left, bottom_right, mode, spacing, aspect, of_matrix })
    }

    /// The area in pixels of the image as it is stored. Which of the corners are named depends on the turn;
    /// the rectangle between them does not.
    pub fn rect(&self) -> Rect {
        let ends = [0, 1].map(|axis| {
            let (a, b) = (self.top_left[axis], self.bottom_right[axis]);
            (a.min(b) as f64 - 1.0, a.max(b) as f64)
        });
        Rect { min: ends.map(|(from, _)| from), size: ends.map(|(from, to)| to - from) }
    }

    /// The image as the area wants its pixels.
    pub fn shape(&self, image: ImageShape) -> ImageShape {
        let plausible = self.aspect.filter(|a| (0.02..=50.0).contains(a));
        ImageShape {
            pixel_aspect: plausible.unwrap_or(image.pixel_aspect),
            pixel_mm: self.spacing.map(|[a, b]| a.min(b)).or(image.pixel_mm),
            ..image
        }
    }

    /// The view that shows the area in a viewport. `screen_per_mm` is what is known of the screen; without it
    /// the true size cannot be had, and the area is fitted. To be asked again when the viewport changes.
    pub fn view(
        &self,
        turn: Turn,
        image: ImageShape,
        viewport: [f64; 2],
        screen_per_mm: Option<f64>,
    ) -> ViewTransform {
        let shape = self.shape(image);
        let rect = self.rect();
        let aspect = shape.pixel_aspect;
        let pixel = if aspect >= 1.0 { [1.0, aspect] } else { [1.0 / aspect, 1.0] };
        let drawn = turn.size([rect.size[0] * pixel[0], rect.size[1] * pixel[1]]);
        let fitted = (viewport[0] / drawn[0]).min(viewport[1] / drawn[1]);
        let zoom = match (self.mode, shape.pixel_mm, screen_per_mm) {
            (SizeMode::Magnify(ratio), ..) if (ratio - 1.0).abs() < 1e-6 => Zoom::Actual,
            (SizeMode::Magnify(ratio), ..) => Zoom::Factor(ratio),
            (SizeMode::TrueSize, Some(mm), Some(density)) => Zoom::Factor(mm * density),
            _ if rect == Rect::whole(image.columns, image.rows) => Zoom::Fit,
            _ => Zoom::Factor(fitted),
        };
        let middle = Rect::whole(image.columns, image.rows).center();
        let center = rect.center();
        ViewTransform {
            zoom,
            center: [0, 1].map(|axis| center[axis] - middle[axis]),
            quarter_turns: turn.quarters,
            flip: turn.flip,
            ..ViewTransform::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(top_left: [i64; 2], bottom_right: [i64; 2], mode: SizeMode) -> DisplayedArea {
        let scope = Scope::default();
        DisplayedArea { scope, top_left, bottom_right, mode, spacing: None, aspect: None, of_matrix: false }
    }

    const IMAGE: ImageShape = ImageShape::square(100, 80);

    #[test]
    fn both_corners_belong_to_the_area() {
        let rect = area([11, 21], [30, 40], SizeMode::ScaleToFit).rect();
        assert_eq!(rect, Rect { min: [10.0, 20.0], size: [20.0, 20.0] });
        // the same area as a quarter turn names it
        assert_eq!(area([11, 40], [30, 21], SizeMode::ScaleToFit).rect(), rect);
    }

    #[test]
    fn the_corners_of_the_area_come_to_the_corners_of_the_viewport() {
        let zoomed = area([11, 21], [30, 30], SizeMode::ScaleToFit);
        let viewport = [200.0, 100.0];
        let map = zoomed.view(Turn::default(), IMAGE, viewport, None).map(IMAGE, viewport);
        assert_eq!(map.apply([0.0, 0.0]), [10.0, 20.0]);
        assert_eq!(map.apply(viewport), [30.0, 30.0]);
    }

    #[test]
    fn turned_and_flipped() {
        let zoomed = area([11, 30], [30, 21], SizeMode::ScaleToFit);
        let viewport = [100.0, 200.0];
        let turn = Turn { quarters: 1, flip: false };
        let map = zoomed.view(turn, IMAGE, viewport, None).map(IMAGE, viewport);
        assert_eq!(map.apply([0.0, 0.0]), [10.0, 30.0], "its bottom left is at the top left");
        let turn = Turn { quarters: 1, flip: true };
        let map = zoomed.view(turn, IMAGE, viewport, None).map(IMAGE, viewport);
        assert_eq!(map.apply([0.0, 0.0]), [10.0, 20.0], "flipped after that, its top left");
    }

    #[test]
    fn magnified_and_true_size() {
        let scale = |area: DisplayedArea, density| {
            let view = area.view(Turn::default(), IMAGE, [200.0, 100.0], density);
            view.scale(area.shape(IMAGE), [200.0, 100.0])
        };
        assert_eq!(scale(area([1, 1], [100, 80], SizeMode::Magnify(2.5)), None), 2.5);
        assert_eq!(scale(area([1, 1], [100, 80], SizeMode::Magnify(1.0)), None), 1.0);
        let sized =
            DisplayedArea { spacing: Some([0.5, 0.5]), ..area([1, 1], [100, 80], SizeMode::TrueSize) };
        assert_eq!(scale(sized.clone(), Some(4.0)), 2.0);
        assert_eq!(scale(sized, None), 1.25, "fitted: a hundred high into eighty rows");
    }
}
