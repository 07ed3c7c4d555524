//! From the coordinates of annotations to pixels of the image (PS3.3 C.10.5).
//!
//! PIXEL has its origin at the top left corner of the top left pixel, whose centre is at 0.5, 0.5: that is the
//! convention of [`crate::geometry`] as well. DISPLAY counts in fractions of the displayed area as it is seen,
//! after it was turned and flipped. MATRIX is PIXEL for the whole of a tiled image.

use super::area::Rect;
use super::reading::Reading;
use super::spatial::Turn;
use crate::geometry::Affine;

/// What positions are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Units {
    #[default]
    Pixel,
    Display,
    Matrix,
}

impl Units {
    pub(super) fn parse(term: &str, reading: &mut Reading) -> Self {
        match term {
            "DISPLAY" => Self::Display,
            "MATRIX" => Self::Matrix,
            "PIXEL" => Self::Pixel,
            _ => {
                reading
                    .warn("an annotation does not say what its positions are counted in; pixels are assumed");
                Self::Pixel
            }
        }
    }
}

/// The ways into one frame of one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// The displayed area, in pixels of the image.
    pub area: Rect,
    pub turn: Turn,
    /// Where the frame begins in the total matrix of a tiled image: column and row from zero.
    pub tile: [f64; 2],
    /// Height of a pixel over its width, so that circles are round.
    pub aspect: f64,
}

impl Coordinates {
    /// The map into pixels of the image.
    pub fn map(&self, units: Units) -> Affine {
        let [x, y] = self.tile;
        match units {
            Units::Pixel => Affine::IDENTITY,
            Units::Matrix => Affine::translation(-x, -y),
            Units::Display => {
                let [width, height] = self.turn.size(self.area.size);
                // a turn can always be undone
                let back = self.turn.map(self.area.size).invert().unwrap_or(Affine::IDENTITY);
                let [left, top] = self.area.min;
                Affine::scale(width, height).then(&back).then(&Affine::translation(left, top))
            }
        }
    }

    pub fn to_image(&self, units: Units, point: [f64; 2]) -> [f64; 2] {
        self.map(units).apply(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(turn: Turn) -> Coordinates {
        let area = Rect { min: [10.0, 20.0], size: [40.0, 20.0] };
        Coordinates { area, turn, tile: [512.0, 256.0], aspect: 1.0 }
    }

    #[test]
    fn pixels_stay_and_half_of_one_is_its_centre() {
        let place = with(Turn { quarters: 1, flip: true });
        assert_eq!(place.to_image(Units::Pixel, [0.5, 0.5]), [0.5, 0.5]);
        assert_eq!(place.to_image(Units::Matrix, [512.5, 256.5]), [0.5, 0.5]);
    }

    #[test]
    fn fractions_of_a_zoomed_area() {
        let place = with(Turn::default());
        assert_eq!(place.to_image(Units::Display, [0.0, 0.0]), [10.0, 20.0]);
        assert_eq!(place.to_image(Units::Display, [1.0, 1.0]), [50.0, 40.0]);
        assert_eq!(place.to_image(Units::Display, [0.25, 0.5]), [20.0, 30.0]);
    }

    #[test]
    fn fractions_of_an_area_that_is_turned_and_flipped() {
        let turned = with(Turn { quarters: 1, flip: false });
        assert_eq!(turned.to_image(Units::Display, [0.0, 0.0]), [10.0, 40.0]);
        assert_eq!(turned.to_image(Units::Display, [1.0, 0.0]), [10.0, 20.0]);
        // a quarter down the screen is a quarter along the row
        assert_eq!(turned.to_image(Units::Display, [0.0, 0.25]), [20.0, 40.0]);
        let flipped = with(Turn { quarters: 1, flip: true });
        assert_eq!(flipped.to_image(Units::Display, [0.0, 0.0]), [10.0, 20.0]);
        assert_eq!(flipped.to_image(Units::Display, [1.0, 0.25]), [20.0, 40.0]);
    }
}
