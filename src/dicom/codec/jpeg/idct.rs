//! The inverse discrete cosine transform (T.81 A.3.3) in single precision.
//!
//! Separable, by even and odd parts, eight columns at a time so that the compiler can use vectors.

/// Natural position of each coefficient in zigzag order.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A stored sample of 8 or 12 bits.
pub(super) trait Sample: Copy + Default + Into<u32> {
    /// From a level-shifted value.
    fn from_level(level: f32) -> Self;
    /// From an interpolated value that fits.
    fn from_u32(value: u32) -> Self;
}

impl Sample for u8 {
    #[inline]
    fn from_level(level: f32) -> Self {
        // Float to integer saturates, which is the clamping that is wanted.
        (level + 128.5) as u8
    }

    #[inline]
    fn from_u32(value: u32) -> Self {
        value as u8
    }
}

impl Sample for u16 {
    #[inline]
    fn from_level(level: f32) -> Self {
        (level + 2048.5).min(4095.0) as u16
    }

    #[inline]
    fn from_u32(value: u32) -> Self {
        value as u16
    }
}

type Rows = [[f32; 8]; 8];

/// Transforms dequantised coefficients in natural order to eight rows of eight levels.
pub(super) fn transform(coefficients: &[f32; 64]) -> Rows {
    let mut rows: Rows = [[0.0; 8]; 8];
    for (row, from) in rows.iter_mut().zip(coefficients.as_chunks::<8>().0) {
        *row = *from;
    }
    transpose(columns(&transpose(columns(&rows))))
}

fn transpose(rows: Rows) -> Rows {
    std::array::from_fn(|y| std::array::from_fn(|x| rows[x][y]))
}

/// The one-dimensional transform down each of eight columns.
#[inline]
fn columns(f: &Rows) -> Rows {
    // cos(k pi / 16) / 2.
    const C1: f32 = 0.490_392_64;
    const C2: f32 = 0.461_939_77;
    const C3: f32 = 0.415_734_8;
    const C4: f32 = 0.353_553_39;
    const C5: f32 = 0.277_785_12;
    const C6: f32 = 0.191_341_72;
    const C7: f32 = 0.097_545_16;
    let mut out: Rows = [[0.0; 8]; 8];
    for x in 0..8 {
        let [f0, f1, f2, f3, f4, f5, f6, f7] =
            [f[0][x], f[1][x], f[2][x], f[3][x], f[4][x], f[5][x], f[6][x], f[7][x]];
        let (sum, difference) = ((f0 + f4) * C4, (f0 - f4) * C4);
        let (low, high) = (f2 * C2 + f6 * C6, f2 * C6 - f6 * C2);
        let even = [sum + low, difference + high, difference - high, sum - low];
        let odd = [
            f1 * C1 + f3 * C3 + f5 * C5 + f7 * C7,
            f1 * C3 - f3 * C7 - f5 * C1 - f7 * C5,
            f1 * C5 - f3 * C1 + f5 * C7 + f7 * C3,
            f1 * C7 - f3 * C5 + f5 * C3 - f7 * C1,
        ];
        for y in 0..4 {
            out[y][x] = even[y] + odd[y];
            out[7 - y][x] = even[y] - odd[y];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of A.3.3, term by term.
    fn slow(f: &[f32; 64], x: usize, y: usize) -> f64 {
        let c = |k: usize| if k == 0 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
        let cosine = |s: usize, k: usize| ((2 * s + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos();
        let mut sum = 0.0;
        for v in 0..8 {
            for u in 0..8 {
                sum += c(u) * c(v) * f64::from(f[v * 8 + u]) * cosine(x, u) * cosine(y, v);
            }
        }
        sum / 4.0
    }

    #[test]
    fn agrees_with_the_definition() {
        let mut coefficients = [0f32; 64];
        let mut state = 1u32;
        for c in &mut coefficients {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *c = (state >> 20) as f32 - 2048.0;
        }
        let rows = transform(&coefficients);
        for (y, row) in rows.iter().enumerate() {
            for (x, &value) in row.iter().enumerate() {
                let difference = f64::from(value) - slow(&coefficients, x, y);
                assert!(difference.abs() < 0.01, "at {x},{y}: {difference}");
            }
        }
    }
}
