//! Affine maps of the plane.

/// A map `[x, y] -> [m00 x + m01 y + m02, m10 x + m11 y + m12]`, kept as two rows of three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    pub m: [[f64; 3]; 2],
}

impl Affine {
    /// Every point stays where it is: one screen pixel is one source pixel.
    pub const IDENTITY: Self = Self { m: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] };

    /// A move.
    pub const fn translation(x: f64, y: f64) -> Self {
        Self { m: [[1.0, 0.0, x], [0.0, 1.0, y]] }
    }

    /// A scaling about the origin.
    pub const fn scale(x: f64, y: f64) -> Self {
        Self { m: [[x, 0.0, 0.0], [0.0, y, 0.0]] }
    }

    /// Where a point goes.
    pub fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.m.map(|[a, b, c]| a * x + b * y + c)
    }

    /// Where a direction goes: the map without its translation.
    pub fn apply_vector(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.m.map(|[a, b, _]| a * x + b * y)
    }

    /// How wide and high a rectangle with sides along the axes becomes, its sides along them again.
    pub fn apply_extent(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.m.map(|[a, b, _]| (a * x).abs() + (b * y).abs())
    }

    /// This map, and then the next.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let [x, y] = [self.m[0], self.m[1]];
        Self {
            m: next.m.map(|[a, b, c]| [a * x[0] + b * y[0], a * x[1] + b * y[1], a * x[2] + b * y[2] + c]),
        }
    }

    /// The way back; `None` for a map that flattens the plane.
    pub fn invert(&self) -> Option<Self> {
        let [[a, b, c], [d, e, f]] = self.m;
        let det = a * e - b * d;
        if !det.is_normal() {
            return None;
        }
        let [[a, b], [d, e]] = [[e / det, -b / det], [-d / det, a / det]];
        Some(Self { m: [[a, b, -(a * c + b * f)], [d, e, -(d * c + e * f)]] })
    }

    /// How far along each axis a unit square reaches: for a map from screen to source, how many source
    /// pixels a screen pixel covers.
    pub fn extent(&self) -> [f64; 2] {
        self.apply_extent([1.0, 1.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Affine = Affine { m: [[0.0, -2.0, 5.0], [3.0, 1.0, -7.0]] };

    #[test]
    fn a_map_and_its_inverse_cancel() {
        let back = SOME.invert().unwrap();
        for p in [[0.0, 0.0], [1.0, 2.0], [-3.5, 8.25]] {
            let [x, y] = back.apply(SOME.apply(p));
            assert!((x - p[0]).abs() < 1e-12 && (y - p[1]).abs() < 1e-12);
        }
        assert!(Affine::scale(0.0, 1.0).invert().is_none());
    }

    #[test]
    fn one_after_the_other() {
        let both = SOME.then(&Affine::translation(1.0, -1.0));
        assert_eq!(both.apply([1.0, 1.0]), [4.0, -4.0]);
        assert_eq!(Affine::IDENTITY.then(&SOME), SOME);
        assert_eq!(SOME.then(&Affine::IDENTITY), SOME);
        assert_eq!(SOME.apply_vector([1.0, 1.0]), [-2.0, 4.0]);
        assert_eq!(SOME.extent(), [2.0, 4.0]);
    }
}
