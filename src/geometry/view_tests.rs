//! What must hold for every view, checked over many.

use super::*;
use crate::dicom::testing::Noise;

const VIEWPORT: [f64; 2] = [640.0, 480.0];

fn close(a: [f64; 2], b: [f64; 2]) {
    assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6, "{a:?} is not {b:?}");
}

fn some_views() -> Vec<(ViewTransform, ImageShape)> {
    let mut noise = Noise::new(7);
    (0..200_usize)
        .map(|n| {
            let view = ViewTransform {
                zoom: [Zoom::Fit, Zoom::Actual, Zoom::Factor(noise.between(0.05, 20.0))]
                    [noise.next() as usize % 3],
                center: [noise.between(-50.0, 50.0), noise.between(-50.0, 50.0)],
                quarter_turns: (noise.next() % 4) as u8,
                flip: noise.next().is_multiple_of(2),
                justify: [Justify::Center, Justify::Left, Justify::Right][n % 3],
            };
            let aspect = if noise.next().is_multiple_of(2) { 1.0 } else { noise.between(0.3, 3.0) };
            let shape = ImageShape {
                columns: 100 + noise.next() % 900,
                rows: 100 + noise.next() % 900,
                pixel_aspect: aspect,
                pixel_mm: Some(0.1),
            };
            (view, shape)
        })
        .collect()
}

#[test]
fn fit_shows_all_of_the_image_in_the_middle() {
    let map = ViewTransform::default().map(ImageShape::square(100, 200), [300.0, 400.0]);
    close(map.apply([50.0, 0.0]), [0.0, 0.0]);
    close(map.apply([250.0, 400.0]), [100.0, 200.0]);
    let turned = ViewTransform { quarter_turns: 1, ..ViewTransform::default() };
    assert_eq!(turned.scale(ImageShape::square(100, 200), [300.0, 400.0]), 1.5);
}

#[test]
fn tall_pixels_are_drawn_tall_and_wide_ones_wide() {
    let tall = ImageShape { pixel_aspect: 2.0, ..ImageShape::square(100, 100) };
    assert_eq!(ViewTransform::default().scale(tall, [400.0, 400.0]), 2.0);
    assert_eq!(ViewTransform::default().map(tall, [400.0, 400.0]).extent(), [0.5, 0.25]);
    let wide = ImageShape { pixel_aspect: 0.5, ..tall };
    assert_eq!(ViewTransform::default().map(wide, [400.0, 400.0]).extent(), [0.25, 0.5]);
    let nonsense = ImageShape { pixel_aspect: f64::NAN, ..tall };
    assert_eq!(ViewTransform::default().map(nonsense, [400.0, 400.0]).extent(), [0.25, 0.25]);
}

#[test]
fn a_quarter_clockwise_brings_the_left_edge_to_the_top() {
    let shape = ImageShape::square(100, 100);
    let mut view = ViewTransform::default();
    view.rotate_cw();
    let map = view.map(shape, [100.0, 100.0]);
    close(map.apply([50.0, 0.0]), [0.0, 50.0]);
    close(map.apply([0.0, 50.0]), [50.0, 100.0]);
    view.flip_horizontal();
    close(view.map(shape, [100.0, 100.0]).apply([100.0, 50.0]), [50.0, 100.0]);
}

/// Turning and flipping act on the picture as it is seen, whatever was done before.
#[test]
fn turns_and_flips_act_on_what_is_seen() {
    // an act, and where a screen point came from, relative to the middle of the viewport
    type Act = fn(&mut ViewTransform);
    type Back = fn([f64; 2]) -> [f64; 2];
    let [w, h] = VIEWPORT;
    let acts: [(Act, Back); 4] = [
        (ViewTransform::rotate_cw, |[x, y]| [y, -x]),
        (ViewTransform::rotate_ccw, |[x, y]| [-y, x]),
        (ViewTransform::flip_horizontal, |[x, y]| [-x, y]),
        (ViewTransform::flip_vertical, |[x, y]| [x, -y]),
    ];
    for (view, shape) in some_views() {
        // a fitted image changes its size when turned, and whole pixels move by a fraction
        let zoom = Zoom::Factor(view.scale(shape, VIEWPORT));
        let view = ViewTransform { zoom, justify: Justify::Center, ..view };
        for (act, back) in acts {
            let mut after = view;
            act(&mut after);
            for p in [[10.0, 20.0], [-100.0, 3.0]] {
                let q = back(p);
                let was = view.map(shape, VIEWPORT).apply([w / 2.0 + q[0], h / 2.0 + q[1]]);
                let is = after.map(shape, VIEWPORT).apply([w / 2.0 + p[0], h / 2.0 + p[1]]);
                close(is, was);
            }
        }
    }
}

#[test]
fn four_quarters_and_two_flips_are_nothing() {
    for (view, _) in some_views() {
        let mut turned = view;
        for _ in 0..4 {
            turned.rotate_cw();
        }
        assert_eq!(turned, view);
        turned.rotate_cw();
        turned.rotate_ccw();
        turned.flip_vertical();
        turned.flip_vertical();
        turned.flip_horizontal();
        turned.flip_horizontal();
        assert_eq!(turned, view);
    }
}

#[test]
fn what_is_under_the_pointer_stays_there() {
    let mut noise = Noise::new(8);
    for (mut view, shape) in some_views() {
        let drawn = view.map(shape, VIEWPORT).invert().unwrap();
        let source = [f64::from(shape.columns) * 0.4, f64::from(shape.rows) * 0.6];
        let pointer = drawn.apply(source);
        if !(0.0..640.0).contains(&pointer[0]) || !(0.0..480.0).contains(&pointer[1]) {
            continue;
        }
        for _ in 0..5 {
            view.zoom_about(noise.between(0.7, 1.5), pointer, shape, VIEWPORT);
            close(view.map(shape, VIEWPORT).apply(pointer), source);
        }
    }
}

#[test]
fn zoom_has_limits_and_ignores_nonsense() {
    let shape = ImageShape::square(100, 100);
    let mut view = ViewTransform::default();
    view.zoom_about(1e9, [320.0, 240.0], shape, VIEWPORT);
    assert_eq!(view.scale(shape, VIEWPORT), 64.0);
    view.zoom_about(1e-9, [320.0, 240.0], shape, VIEWPORT);
    assert_eq!(view.scale(shape, VIEWPORT), 0.01);
    let before = view;
    for factor in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
        view.zoom_about(factor, [0.0, 0.0], shape, VIEWPORT);
        assert_eq!(view, before);
    }
    assert_eq!(ViewTransform { zoom: Zoom::Factor(f64::NAN), ..view }.scale(shape, VIEWPORT), 1.0);
    assert_eq!(ViewTransform::default().scale(shape, [0.0, 0.0]), 1.0);
}

#[test]
fn the_image_follows_the_pointer() {
    for (mut view, shape) in some_views() {
        view.zoom = Zoom::Factor(view.scale(shape, VIEWPORT));
        view.justify = Justify::Center;
        let held = view.map(shape, VIEWPORT).apply([320.0, 240.0]);
        view.pan_by(12.0, -7.0, shape, VIEWPORT);
        close(view.map(shape, VIEWPORT).apply([332.0, 233.0]), held);
    }
}

#[test]
fn some_of_the_image_stays_in_view() {
    for (mut view, shape) in some_views() {
        view.pan_by(1e6, -1e6, shape, VIEWPORT);
        let drawn = view.map(shape, VIEWPORT).invert().unwrap();
        let [columns, rows] = [f64::from(shape.columns), f64::from(shape.rows)];
        let corners = [[0.0, 0.0], [columns, rows], [0.0, rows], [columns, 0.0]].map(|c| drawn.apply(c));
        let in_view = corners.iter().any(|c| (0.0..=640.0).contains(&c[0]) && (0.0..=480.0).contains(&c[1]));
        assert!(in_view, "{view:?} {shape:?} {corners:?}");
    }
}

#[test]
fn actual_size_puts_pixels_on_pixels() {
    for (view, mut shape) in some_views() {
        shape.pixel_aspect = 1.0;
        let view = ViewTransform { zoom: Zoom::Actual, ..view };
        for viewport in [[640.0, 480.0], [641.0, 479.0], [333.5, 222.25]] {
            let map = view.map(shape, viewport);
            let [x, y] = map.apply([10.5, 20.5]);
            assert_eq!((x.fract().abs(), y.fract().abs()), (0.5, 0.5));
            assert_eq!(map.extent(), [1.0, 1.0]);
            let exact = ViewTransform { zoom: Zoom::Factor(1.0), ..view }.map(shape, viewport);
            let [ex, ey] = exact.apply([10.5, 20.5]);
            assert!((x - ex).abs() <= 0.5 && (y - ey).abs() <= 0.5);
        }
    }
}

#[test]
fn reset_and_fit() {
    let mut view = ViewTransform {
        zoom: Zoom::Factor(3.0),
        center: [4.0, 5.0],
        quarter_turns: 1,
        flip: true,
        justify: Justify::Left,
    };
    view.actual();
    assert_eq!((view.zoom, view.center), (Zoom::Actual, [4.0, 5.0]));
    view.fit();
    assert_eq!((view.zoom, view.center, view.quarter_turns), (Zoom::Fit, [0.0, 0.0], 1));
    view.reset();
    assert_eq!(view, ViewTransform::default());
}
