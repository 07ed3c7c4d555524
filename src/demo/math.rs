//! Elementary functions that give the same bits on every machine.
//!
//! The standard library hands `exp` or `sin` to the platform's mathematics library, whose last bits
//! differ from system to system. Pictures made here must be identical everywhere, so the few
//! functions they need are written with additions and multiplications only, which IEEE 754 fixes.
//! Accuracy is that of a picture (about six digits), not that of a mathematics library.

/// A point or vector in millimetres.
pub type Point = (f32, f32);

pub const TAU: f32 = std::f32::consts::TAU;

/// Largest integer not above `x`; quicker than a library call where the CPU has no instruction for it.
pub fn floor(x: f32) -> i32 {
    let cut = x as i32;
    cut - i32::from((cut as f32) > x)
}

/// The exponential function, flushed to zero far below and held finite far above.
pub fn exp(x: f32) -> f32 {
    if x < -80.0 {
        return 0.0;
    }
    let y = x.min(80.0) * std::f32::consts::LOG2_E;
    let n = floor(y + 0.5);
    let f = (y - n as f32) * std::f32::consts::LN_2;
    let series =
        1.0 + f * (1.0 + f * (0.5 + f * (1.0 / 6.0 + f * (1.0 / 24.0 + f * (1.0 / 120.0 + f / 720.0)))));
    f32::from_bits(((n + 127) as u32) << 23) * series
}

/// Sine of an angle in radians.
pub fn sin(x: f32) -> f32 {
    let turns = x / TAU;
    let t = turns - floor(turns) as f32;
    // Fold onto the first quarter turn, where the series converges quickly.
    let (sign, t) = if t < 0.5 { (1.0, t) } else { (-1.0, t - 0.5) };
    let a = (if t > 0.25 { 0.5 - t } else { t }) * TAU;
    let q = a * a;
    sign * a * (1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0))))
}

/// Cosine of an angle in radians.
pub fn cos(x: f32) -> f32 {
    sin(x + TAU / 4.0)
}

/// Angle of the vector (x, y) in radians, from -pi to pi.
pub fn atan2(y: f32, x: f32) -> f32 {
    let (ay, ax) = (y.abs(), x.abs());
    let (small, large) = if ay < ax { (ay, ax) } else { (ax, ay) };
    if large == 0.0 {
        return 0.0;
    }
    let z = small / large;
    let q = z * z;
    let a = z * (0.999_866 + q * (-0.330_299_5 + q * (0.180_141 + q * (-0.085_133 + q * 0.020_835_1))));
    let a = if ay < ax { a } else { TAU / 4.0 - a };
    let a = if x < 0.0 { TAU / 2.0 - a } else { a };
    if y < 0.0 { -a } else { a }
}

/// Length of a vector.
pub fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `from`, 1 above `to`, a smooth S between; `from` may be the larger.
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A bell of height 1 and standard deviation `sigma`.
pub fn bell(x: f32, sigma: f32) -> f32 {
    exp(-0.5 * (x / sigma) * (x / sigma))
}

/// Distance from `p` to the segment `a`-`b`, and how far along the segment the foot lies (0 to 1).
pub fn to_segment(p: Point, a: Point, b: Point) -> (f32, f32) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (px, py) = (p.0 - a.0, p.1 - a.1);
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    (length(px - t * dx, py - t * dy), t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_to_picture_accuracy() {
        for i in -400..400 {
            let x = i as f32 * 0.05;
            assert!((exp(x) / x.exp() - 1.0).abs() < 4e-6, "exp {x}");
            assert!((sin(x) - x.sin()).abs() < 2e-5, "sin {x}");
            assert!((cos(x) - x.cos()).abs() < 2e-5, "cos {x}");
            for j in -20..20 {
                let y = j as f32 * 0.3 + 0.1;
                assert!((atan2(y, x) - y.atan2(x)).abs() < 2e-5, "atan2 {y} {x}");
            }
            assert_eq!(floor(x), x.floor() as i32);
        }
    }

    #[test]
    fn distance_to_a_segment_stops_at_its_ends() {
        assert_eq!(to_segment((5.0, 3.0), (0.0, 0.0), (10.0, 0.0)), (3.0, 0.5));
        assert_eq!(to_segment((13.0, 4.0), (0.0, 0.0), (10.0, 0.0)), (5.0, 1.0));
    }
}
