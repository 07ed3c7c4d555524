//! What a report points at in an image: an outline on the viewport that shows it, for a while.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::super::instance::FrameKey;
use super::super::viewport::{Stack, Viewport};
use super::Waker;
use crate::presentation::Rgb;
use crate::presentation::drawing::{Drawing, Line, Shade, Sign, Stroke, Symbol};
use crate::presentation::sr::{Region, Shape};

/// How long it is pointed at.
const LASTS: Duration = Duration::from_secs(12);
/// Warm, so that nobody takes it for a mark of the images' own.
const COLOR: Rgb = [240, 190, 90];
/// Corners of a circle.
const CORNERS: u32 = 72;
/// Points of a region that are drawn.
const MOST: usize = 20_000;

/// What a report points at, on the viewport that shows it.
#[derive(Component, Debug, Clone)]
pub struct Pointed {
    pub drawing: Drawing,
    /// The frame it is on.
    pub key: FrameKey,
    since: Instant,
}

impl Pointed {
    /// A region of a frame.
    pub fn at(region: &Region, key: FrameKey) -> Self {
        Self { drawing: drawing(region), key, since: Instant::now() }
    }
}

/// Lets go of what was pointed at long enough, or is not there any more.
pub(super) fn fade(
    pointed: Query<(Entity, &Pointed, &Stack, Has<Viewport>)>,
    added: Query<(), Added<Pointed>>,
    waker: Option<Res<Waker>>,
    mut commands: Commands,
) {
    if let (Some(waker), false) = (waker, added.is_empty()) {
        waker.wake_after(LASTS);
    }
    for (viewport, one, stack, on_screen) in &pointed {
        let there = stack.instances.iter().any(|instance| instance.id == one.key.instance);
        if one.since.elapsed() >= LASTS || !there || !on_screen {
            commands.entity(viewport).remove::<Pointed>();
        }
    }
}

fn line() -> Line {
    let shadow = Shade {
        outlined: true,
        offset: [0.0, 0.0],
        paint: crate::presentation::drawing::Paint { color: [0, 0, 0], opacity: 0.7 },
    };
    Line { shadow: Some(shadow), ..Line::plain(COLOR, 2.0) }
}

fn stroke(points: Vec<[f64; 2]>, closed: bool) -> Stroke {
    Stroke { points, closed, line: Some(line()), fill: None, of: None }
}

/// A region in lines and marks. Its coordinates are those of drawings already.
fn drawing(region: &Region) -> Drawing {
    let points: Vec<[f64; 2]> = (region.points.iter().take(MOST))
        .map(|point| point.map(f64::from))
        .filter(|point| point.iter().all(|value| value.is_finite()))
        .collect();
    let mut drawing = Drawing::default();
    match (&region.shape, points.as_slice()) {
        (Shape::Circle, &[center, on]) => {
            let radius = (on[0] - center[0]).hypot(on[1] - center[1]);
            drawing.strokes.push(stroke(oval(center, [radius, 0.0], [0.0, radius]), true));
        }
        (Shape::Ellipse, &[a, b, c, d]) => {
            let center = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
            let half = |from: [f64; 2], to: [f64; 2]| [(to[0] - from[0]) / 2.0, (to[1] - from[1]) / 2.0];
            drawing.strokes.push(stroke(oval(center, half(a, b), half(c, d)), true));
        }
        (Shape::Polyline | Shape::Polygon, [first, .., last]) => {
            let closed = first == last || region.shape == Shape::Polygon;
            drawing.strokes.push(stroke(points, closed));
        }
        // Points, and whatever is not as it should be: at least where it is.
        _ => drawing.symbols.extend(points.iter().map(|at| Symbol {
            sign: Sign::Circle,
            at: *at,
            radius: 9.0,
            line: line(),
            of: None,
        })),
    }
    drawing
}

/// The points of an ellipse with these half axes.
fn oval(center: [f64; 2], major: [f64; 2], minor: [f64; 2]) -> Vec<[f64; 2]> {
    (0..CORNERS)
        .map(|corner| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(corner) / f64::from(CORNERS)).sin_cos();
            [center[0] + major[0] * cos + minor[0] * sin, center[1] + major[1] * cos + minor[1] * sin]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(shape: Shape, points: &[[f32; 2]]) -> Region {
        Region { shape, points: points.to_vec(), origin: None, fiducial_uid: None }
    }

    #[test]
    fn shapes_are_drawn_as_the_standard_defines_them() {
        let circle = drawing(&region(Shape::Circle, &[[10.0, 10.0], [13.0, 14.0]]));
        let round = &circle.strokes[0];
        assert!(round.closed);
        for [x, y] in &round.points {
            assert!(((x - 10.0).hypot(y - 10.0) - 5.0).abs() < 1e-9, "radius 5 by 3, 4, 5");
        }
        // Ends of the major axis, then of the minor one.
        let ellipse = drawing(&region(Shape::Ellipse, &[[0.0, 5.0], [20.0, 5.0], [10.0, 0.0], [10.0, 10.0]]));
        for [x, y] in &ellipse.strokes[0].points {
            let on = ((x - 10.0) / 10.0).powi(2) + ((y - 5.0) / 5.0).powi(2);
            assert!((on - 1.0).abs() < 1e-9);
        }
        let line = drawing(&region(Shape::Polyline, &[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]));
        assert!(line.strokes[0].closed);
        assert_eq!(drawing(&region(Shape::Point, &[[3.0, 4.0]])).symbols[0].at, [3.0, 4.0]);
        assert!(drawing(&region(Shape::Point, &[[f32::NAN, 4.0]])).is_empty());
    }
}
