//! Gradient noise on a simplex lattice, and the sums of octaves built from it.
//!
//! A simplex lattice has no preferred directions along the pixel grid, and every octave is turned
//! against the one before, so that no squares show in the picture.

use super::math::{Point, floor};
use super::rng::mix;

/// Thirty-two unit vectors, evenly spread; made by turning one step at a time.
const GRADIENTS: [Point; 32] = {
    // cosine and sine of a thirty-second of a turn
    let (c, s) = (0.980_785_25_f32, 0.195_090_32_f32);
    let mut table = [(1.0, 0.0); 32];
    let mut i = 1;
    while i < 32 {
        let (x, y) = table[i - 1];
        table[i] = (x * c - y * s, x * s + y * c);
        i += 1;
    }
    table
};

fn corner(hash: u32, x: f32, y: f32) -> f32 {
    // No branch on a corner out of reach: which ones are is as good as random.
    let t = (0.5 - x * x - y * y).max(0.0);
    let (gx, gy) = GRADIENTS[(hash >> 27) as usize];
    let t = t * t;
    t * t * (gx * x + gy * y)
}

/// Simplex noise in about -1..1 with features of about unit size.
pub fn simplex(seed: u32, x: f32, y: f32) -> f32 {
    const SKEW: f32 = 0.366_025_4;
    const UNSKEW: f32 = 0.211_324_87;
    let s = (x + y) * SKEW;
    let (i, j) = (floor(x + s), floor(y + s));
    let t = (i + j) as f32 * UNSKEW;
    let (x0, y0) = (x - (i as f32 - t), y - (j as f32 - t));
    let (i1, j1) = if x0 > y0 { (1, 0) } else { (0, 1) };
    let (x1, y1) = (x0 - i1 as f32 + UNSKEW, y0 - j1 as f32 + UNSKEW);
    let (x2, y2) = (x0 - 1.0 + 2.0 * UNSKEW, y0 - 1.0 + 2.0 * UNSKEW);
    99.0 * (corner(mix(seed, i, j), x0, y0)
        + corner(mix(seed, i + i1, j + j1), x1, y1)
        + corner(mix(seed, i + 1, j + 1), x2, y2))
}

/// One octave finer: twice the frequency, turned by 36.87 degrees, shifted.
fn next_octave((x, y): Point) -> Point {
    (2.03 * (0.8 * x - 0.6 * y) + 17.3, 2.03 * (0.6 * x + 0.8 * y) - 9.1)
}

/// Sum of `octaves` octaves, each `gain` times the one before. A gain of 0.7 gives the power law
/// measured on mammograms (spectral power falling with the third power of the frequency).
pub fn fbm(seed: u32, p: Point, octaves: u32, gain: f32) -> f32 {
    let (mut p, mut amplitude, mut sum) = (p, 1.0, 0.0);
    for octave in 0..octaves {
        sum += amplitude * simplex(seed.wrapping_add(octave * 101), p.0, p.1);
        amplitude *= gain;
        p = next_octave(p);
    }
    sum
}

/// Thin bright curved lines (0..1) where noise passes through zero; larger `sharp` is thinner.
pub fn ridge(seed: u32, p: Point, sharp: f32) -> f32 {
    let n = simplex(seed, p.0, p.1) + 0.28 * simplex(seed.wrapping_add(7), p.0 * 2.3, p.1 * 2.3);
    let line = (1.0 - sharp * n.abs()).max(0.0);
    line * line
}

/// Two independent noises as a displacement.
pub fn displacement(seed: u32, p: Point, octaves: u32) -> Point {
    (fbm(seed, p, octaves, 0.5), fbm(seed.wrapping_add(5003), (p.0 + 31.7, p.1 - 11.9), octaves, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_bounded_centred_and_continuous() {
        let (mut sum, mut largest, mut jump) = (0.0_f64, 0.0_f32, 0.0_f32);
        for i in 0..200 {
            let mut before = simplex(1, -0.01, i as f32 * 0.37);
            for j in 0..1000 {
                let n = simplex(1, j as f32 * 0.01, i as f32 * 0.37);
                sum += f64::from(n);
                largest = largest.max(n.abs());
                jump = jump.max((n - before).abs());
                before = n;
            }
        }
        assert!(largest <= 1.05 && largest > 0.7, "{largest}");
        assert!((sum / 200_000.0).abs() < 0.05);
        assert!(jump < 0.08, "{jump}");
    }
}
