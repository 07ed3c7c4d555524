//! Marks of one size: outlines about a middle.

use std::f64::consts::{FRAC_PI_3, TAU};

use super::canvas::Canvas;
use crate::presentation::drawing::{Fill, Line, Sign};

/// Draws a mark of half a width, all in pixels of the picture.
pub(super) fn draw(canvas: &mut Canvas, sign: Sign, at: [f64; 2], radius: f64, line: &Line) {
    let around = radius * 2.0 + line.thickness * canvas.density;
    if !radius.is_finite() || !canvas.sees(at, around) {
        return;
    }
    let place = |[x, y]: [f64; 2]| [at[0] + x * radius, at[1] + y * radius];
    let round = |squeeze: f64| {
        let point = |n: u32| {
            let (sin, cos) = (f64::from(n) / 48.0 * TAU).sin_cos();
            place([cos, sin * squeeze])
        };
        (0..48).map(point).collect::<Vec<_>>()
    };
    let mut closed = |points: &[[f64; 2]]| canvas.stroke(points, true, Some(line), None);
    match sign {
        Sign::Circle => closed(&round(1.0)),
        Sign::Ellipse => closed(&round(0.5)),
        Sign::Square => closed(&[[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(place)),
        Sign::Diamond => closed(&[[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]].map(place)),
        Sign::Triangle => {
            let half = FRAC_PI_3.sin();
            closed(&[[0.0, -1.0], [half, 0.5], [-half, 0.5]].map(place));
        }
        Sign::Dot => {
            let fill = Fill { paint: line.paint, pattern: None, gaps: None };
            if let Some(shade) = line.shadow.filter(|shade| shade.outlined) {
                let shadow = Fill { paint: shade.paint, pattern: None, gaps: None };
                let wider = 1.0 + shade.offset[0].abs().max(shade.offset[1].abs()) * canvas.density / radius;
                let points: Vec<_> = round(1.0)
                    .iter()
                    .map(|p| [0, 1].map(|axis| at[axis] + (p[axis] - at[axis]) * wider))
                    .collect();
                canvas.stroke(&points, true, None, Some(&shadow));
            }
            canvas.stroke(&round(1.0), true, None, Some(&fill));
        }
        Sign::Asterisk | Sign::Cross | Sign::Plus => {
            let diagonal = std::f64::consts::FRAC_1_SQRT_2;
            let arms: &[[f64; 2]] = match sign {
                Sign::Asterisk => &[[0.0, 1.0], [0.866, 0.5], [0.866, -0.5]],
                Sign::Cross => &[[diagonal, diagonal], [diagonal, -diagonal]],
                _ => &[[0.0, 1.0], [1.0, 0.0]],
            };
            for &[x, y] in arms {
                canvas.stroke(&[place([-x, -y]), place([x, y])], false, Some(line), None);
            }
        }
    }
}
