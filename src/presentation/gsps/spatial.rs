//! Turning and flipping an image (PS3.3 C.10.6): clockwise first, then left and right exchanged.

use dicom_dictionary_std::tags;

use super::reading::{Reading, term};
use crate::dicom::DataSet;
use crate::geometry::Affine;

/// A rotation by quarters and a flip, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    /// Clockwise, from 0 to 3.
    pub quarters: u8,
    /// Left and right exchanged, after the rotation.
    pub flip: bool,
}

impl Turn {
    pub(super) fn read(data: &DataSet, reading: &mut Reading) -> Self {
        let degrees = data.int(tags::IMAGE_ROTATION).unwrap_or(0);
        let quarters = degrees.rem_euclid(360) / 90;
        if degrees % 90 != 0 {
            reading.warn(format!("a rotation by {degrees} degrees is not a quarter turn and is left out"));
        }
        Self {
            quarters: if degrees % 90 == 0 { quarters as u8 } else { 0 },
            flip: term(data, tags::IMAGE_HORIZONTAL_FLIP) == "Y",
        }
    }

    /// Width and height after the turn.
    pub fn size(self, [width, height]: [f64; 2]) -> [f64; 2] {
        if self.quarters % 2 == 1 { [height, width] } else { [width, height] }
    }

    /// From a rectangle of this size, from the origin on, to where its points are once it is turned, from the
    /// origin on again.
    pub fn map(self, size: [f64; 2]) -> Affine {
        let [w, h] = size;
        let turned = match self.quarters % 4 {
            0 => Affine::IDENTITY,
            // the left edge comes to the top: x becomes the distance from the bottom
            1 => Affine { m: [[0.0, -1.0, h], [1.0, 0.0, 0.0]] },
            2 => Affine { m: [[-1.0, 0.0, w], [0.0, -1.0, h]] },
            _ => Affine { m: [[0.0, 1.0, 0.0], [-1.0, 0.0, w]] },
        };
        if !self.flip {
            return turned;
        }
        turned.then(&Affine { m: [[-1.0, 0.0, self.size(size)[0]], [0.0, 1.0, 0.0]] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [f64; 2] = [4.0, 3.0];

    #[test]
    fn a_quarter_clockwise_brings_the_bottom_left_to_the_top_left() {
        let map = Turn { quarters: 1, flip: false }.map(SIZE);
        assert_eq!(map.apply([0.0, 3.0]), [0.0, 0.0]);
        assert_eq!(map.apply([0.0, 0.0]), [3.0, 0.0]);
        assert_eq!(map.apply([4.0, 0.0]), [3.0, 4.0]);
    }

    #[test]
    fn the_flip_comes_after_the_rotation() {
        let map = Turn { quarters: 1, flip: true }.map(SIZE);
        // top left goes to the top right, and the flip brings it back
        assert_eq!(map.apply([0.0, 0.0]), [0.0, 0.0]);
        assert_eq!(map.apply([0.0, 3.0]), [3.0, 0.0]);
        let other_way = Turn { quarters: 3, flip: true }.map(SIZE);
        assert_eq!(other_way.apply([0.0, 0.0]), [3.0, 4.0]);
        assert_eq!(Turn { quarters: 2, flip: true }.map(SIZE).apply([1.0, 1.0]), [1.0, 2.0]);
    }

    #[test]
    fn it_turns_as_the_view_does() {
        use crate::geometry::{ImageShape, ViewTransform};
        for quarters in 0..4 {
            for flip in [false, true] {
                let turn = Turn { quarters, flip };
                let view = ViewTransform { quarter_turns: quarters, flip, ..ViewTransform::default() };
                let back = view.map(ImageShape::square(4, 3), turn.size(SIZE));
                let there = turn.map(SIZE);
                for point in [[0.0, 0.0], [1.25, 2.5], [4.0, 3.0]] {
                    let [x, y] = back.apply(there.apply(point));
                    assert!((x - point[0]).abs() < 1e-9 && (y - point[1]).abs() < 1e-9, "{turn:?}");
                }
            }
        }
    }
}
