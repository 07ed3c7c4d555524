//! Sampling between texels: what a picture shows where a screen pixel is not a texel.
//!
//! The shader does the same, tap by tap. Grey images are sampled in modality values, colours in code
//! values; a tap that is padding takes no part.

/// How an image is magnified. Minification is always an average over the area of the screen pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Interpolation {
    Nearest,
    #[default]
    Bilinear,
    /// Catmull-Rom.
    Bicubic,
}

/// A pixel is black when less than this share of what it covers is image. A little under one half, so
/// that exactly one half is image whatever the rounding of the machine that adds the weights up.
const VALID_SHARE: f64 = 0.499;

/// A footprint up to this is magnification: one texel, give or take rounding.
const MAGNIFIED: f64 = 1.0001;

/// Where in a level, in its texels, and how much of it along each axis, a screen pixel covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Footprint {
    pub u: f64,
    pub v: f64,
    /// Extents in texels, at least 1.
    pub tx: f64,
    pub ty: f64,
}

/// A grid of texels with `N` values each; `None` is padding. Asked for positions inside only.
pub(super) struct Grid<F> {
    pub width: u32,
    pub height: u32,
    pub tap: F,
}

impl<const N: usize, F: Fn(u32, u32) -> Option<[f64; N]>> Grid<F> {
    /// The values at a footprint; `None` where it is mostly padding.
    pub fn sample(&self, at: Footprint, interpolation: Interpolation) -> Option<[f64; N]> {
        if at.tx > MAGNIFIED || at.ty > MAGNIFIED {
            return self.area(at);
        }
        match interpolation {
            Interpolation::Nearest => self.nearest(at),
            Interpolation::Bilinear => self.bilinear(at),
            Interpolation::Bicubic => self.bicubic(at).unwrap_or_else(|| self.bilinear(at)),
        }
    }

    /// A tap, the position clamped to the edge.
    fn clamped(&self, x: f64, y: f64) -> Option<[f64; N]> {
        let x = x.clamp(0.0, f64::from(self.width.saturating_sub(1)));
        let y = y.clamp(0.0, f64::from(self.height.saturating_sub(1)));
        (self.tap)(x as u32, y as u32)
    }

    fn nearest(&self, at: Footprint) -> Option<[f64; N]> {
        self.clamped((at.u + NUDGE).floor(), (at.v + NUDGE).floor())
    }

    fn bilinear(&self, at: Footprint) -> Option<[f64; N]> {
        let (u, v) = (at.u - 0.5, at.v - 0.5);
        let (x, y) = (u.floor(), v.floor());
        let (fx, fy) = (u - x, v - y);
        let mut sum = Weighted::default();
        for (dy, wy) in [(0.0, 1.0 - fy), (1.0, fy)] {
            for (dx, wx) in [(0.0, 1.0 - fx), (1.0, fx)] {
                sum.add(wx * wy, self.clamped(x + dx, y + dy));
            }
        }
        sum.finish()
    }

    /// `None` where one of the sixteen taps is padding: the curve would carry its edge inwards.
    #[allow(clippy::option_option, reason = "not sampled here, or sampled and mostly padding")]
    fn bicubic(&self, at: Footprint) -> Option<Option<[f64; N]>> {
        let (u, v) = (at.u - 0.5, at.v - 0.5);
        let (x, y) = (u.floor(), v.floor());
        let (wx, wy) = (catmull_rom(u - x), catmull_rom(v - y));
        let mut sum = Weighted::default();
        for (dy, wy) in (-1..=2).zip(wy) {
            for (dx, wx) in (-1..=2).zip(wx) {
                let tap = self.clamped(x + f64::from(dx), y + f64::from(dy))?;
                sum.add(wx * wy, Some(tap));
            }
        }
        Some(sum.finish())
    }

    /// The average over the footprint, every texel by how much of it is covered.
    fn area(&self, at: Footprint) -> Option<[f64; N]> {
        let mut sum = Weighted::default();
        for (y, wy) in covered(at.v, at.ty, self.height) {
            for (x, wx) in covered(at.u, at.tx, self.width) {
                sum.add(wx * wy, (self.tap)(x, y));
            }
        }
        sum.finish()
    }
}

/// Positions that fall on the border of two texels belong to the right one, also where rounding puts
/// them a hair to the left.
pub(super) const NUDGE: f64 = 1.0 / 1024.0;

/// The texels a box covers along one axis, within the image, and how much of each.
fn covered(center: f64, extent: f64, size: u32) -> impl Iterator<Item = (u32, f64)> {
    let (from, to) = (center - extent / 2.0, center + extent / 2.0);
    let first = from.floor().max(0.0) as u32;
    let end = to.ceil().clamp(0.0, f64::from(size)) as u32;
    (first..end).map(move |i| {
        let left = f64::from(i);
        (i, ((left + 1.0).min(to) - left.max(from)).max(0.0))
    })
}

/// The weights of the taps at -1, 0, 1 and 2 (cubic convolution with a = -1/2).
fn catmull_rom(t: f64) -> [f64; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}

/// A weighted mean that knows how much of its weight was valid.
struct Weighted<const N: usize> {
    sum: [f64; N],
    valid: f64,
    total: f64,
}

impl<const N: usize> Default for Weighted<N> {
    fn default() -> Self {
        Self { sum: [0.0; N], valid: 0.0, total: 0.0 }
    }
}

impl<const N: usize> Weighted<N> {
    fn add(&mut self, weight: f64, tap: Option<[f64; N]>) {
        self.total += weight;
        if let Some(values) = tap {
            self.valid += weight;
            for (sum, value) in self.sum.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
    }

    fn finish(self) -> Option<[f64; N]> {
        let enough = self.valid > 0.0 && self.valid >= VALID_SHARE * self.total;
        enough.then(|| self.sum.map(|sum| sum / self.valid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(u: f64, v: f64, t: f64) -> Footprint {
        Footprint { u, v, tx: t, ty: t }
    }

    /// One row of values; a negative one is padding.
    fn row(values: &'static [f64]) -> Grid<impl Fn(u32, u32) -> Option<[f64; 1]>> {
        let width = u32::try_from(values.len()).unwrap();
        Grid {
            width,
            height: 1,
            tap: move |x, _| values.get(x as usize).filter(|v| **v >= 0.0).map(|&v| [v]),
        }
    }

    const ALL: [Interpolation; 3] = [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic];

    fn close(a: Option<[f64; 1]>, b: f64) {
        let Some([a]) = a else { panic!("padding instead of {b}") };
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn texel_centres_are_exact_in_every_way() {
        let grid = row(&[3.0, 14.0, 15.0, 92.0, 65.0]);
        for way in ALL {
            for (i, value) in [3.0, 14.0, 15.0, 92.0, 65.0].into_iter().enumerate() {
                close(grid.sample(at(i as f64 + 0.5, 0.5, 1.0), way), value);
            }
        }
    }

    #[test]
    fn a_straight_line_stays_straight() {
        let grid = row(&[0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        for way in [Interpolation::Bilinear, Interpolation::Bicubic] {
            close(grid.sample(at(3.25, 0.5, 1.0), way), 27.5);
        }
        close(grid.sample(at(3.25, 0.5, 1.0), Interpolation::Nearest), 30.0);
        close(grid.sample(at(3.0, 0.5, 2.0), Interpolation::Nearest), 25.0);
    }

    #[test]
    fn catmull_rom_weights_by_hand() {
        assert_eq!(catmull_rom(0.0), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(catmull_rom(0.5), [-0.0625, 0.5625, 0.5625, -0.0625]);
        let grid = row(&[0.0, 0.0, 16.0, 0.0]);
        close(grid.sample(at(2.0, 0.5, 1.0), Interpolation::Bicubic), 9.0);
    }

    #[test]
    fn an_area_of_one_texel_is_the_bilinear_value() {
        let grid = row(&[0.0, 10.0, 80.0, 30.0]);
        for u in [0.7, 1.5, 1.9, 2.3, 3.1] {
            let bilinear = grid.sample(at(u, 0.5, 1.0), Interpolation::Bilinear);
            close(grid.area(at(u, 0.5, 1.0)), bilinear.unwrap()[0]);
        }
    }

    #[test]
    fn padding_takes_no_part_and_is_black_beyond_the_middle() {
        let grid = row(&[-1.0, 100.0, 100.0, 40.0]);
        for way in ALL {
            close(grid.sample(at(1.25, 0.5, 1.0), way), 100.0);
            assert_eq!(grid.sample(at(0.75, 0.5, 1.0), way), None);
        }
        close(grid.sample(at(1.0, 0.5, 1.0), Interpolation::Bilinear), 100.0);
        // bicubic near padding is bilinear: no overshoot
        close(grid.sample(at(2.25, 0.5, 1.0), Interpolation::Bicubic), 100.0);
        close(grid.sample(at(1.0, 0.5, 2.0), Interpolation::Bilinear), 100.0);
        assert_eq!(grid.sample(at(0.75, 0.5, 1.5), Interpolation::Bilinear), None);
    }

    #[test]
    fn the_edge_is_repeated_by_curves_and_skipped_by_areas() {
        let grid = row(&[10.0, 30.0]);
        close(grid.sample(at(0.1, 0.5, 1.0), Interpolation::Bilinear), 10.0);
        close(grid.sample(at(2.0, 0.5, 1.0), Interpolation::Bilinear), 30.0);
        close(grid.sample(at(0.0, 0.5, 3.0), Interpolation::Bilinear), (10.0 + 30.0 * 0.5) / 1.5);
    }
}
