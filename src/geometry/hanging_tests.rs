//! Images that keep to an edge, hang at a physical scale, or are looked at piece by piece.

use super::super::Orientation;
use super::*;

const VIEWPORT: [f64; 2] = [400.0, 300.0];

fn shape() -> ImageShape {
    ImageShape { pixel_mm: Some(0.1), ..ImageShape::square(200, 300) }
}

/// Left, right, top and bottom of the image on screen.
fn drawn(view: &ViewTransform, shape: ImageShape, viewport: [f64; 2]) -> [f64; 4] {
    let back = view.map(shape, viewport).invert().expect("a map that can be turned round");
    let size = shape.size();
    let corners = [[0.0, 0.0], [size[0], size[1]]].map(|corner| back.apply(corner));
    let sorted = |axis: usize| {
        let (a, b) = (corners[0][axis], corners[1][axis]);
        (a.min(b), a.max(b))
    };
    let ((left, right), (top, bottom)) = (sorted(0), sorted(1));
    [left, right, top, bottom].map(|v| (v * 1e6).round() / 1e6)
}

#[test]
fn a_justified_image_meets_its_edge_however_it_is_turned() {
    for turns in 0..4 {
        for flip in [false, true] {
            for zoom in [Zoom::Fit, Zoom::Factor(0.7), Zoom::Factor(3.0), Zoom::PerMillimetre(5.0)] {
                let view = |justify| ViewTransform {
                    zoom,
                    quarter_turns: turns,
                    flip,
                    justify,
                    ..ViewTransform::default()
                };
                let left = drawn(&view(Justify::Left), shape(), VIEWPORT);
                let right = drawn(&view(Justify::Right), shape(), VIEWPORT);
                let center = drawn(&view(Justify::Center), shape(), VIEWPORT);
                assert_eq!((left[0], right[1]), (0.0, 400.0), "{turns} {flip} {zoom:?}");
                assert!((center[0] + center[1] - 400.0).abs() < 1e-4);
                // Up and down it stays in the middle.
                assert_eq!([left[2], left[3]], [center[2], center[3]]);
            }
        }
    }
}

#[test]
fn a_justified_image_is_panned_from_its_edge_and_zoomed_about_the_pointer() {
    let mut view = ViewTransform { justify: Justify::Right, ..ViewTransform::default() };
    view.pan_by(-30.0, 0.0, shape(), VIEWPORT);
    assert_eq!(drawn(&view, shape(), VIEWPORT)[1], 370.0);
    let pointer = [380.0, 40.0];
    let before = view.map(shape(), VIEWPORT).apply(pointer);
    view.zoom_about(2.5, pointer, shape(), VIEWPORT);
    let after = view.map(shape(), VIEWPORT).apply(pointer);
    assert!((before[0] - after[0]).abs() < 1e-6 && (before[1] - after[1]).abs() < 1e-6);
}

#[test]
fn a_flip_takes_the_edge_along() {
    let mut view = ViewTransform { justify: Justify::Left, ..ViewTransform::default() };
    view.flip_horizontal();
    assert_eq!(view.justify, Justify::Right);
    // The same column of the image is at the edge as before.
    assert!(view.map(shape(), VIEWPORT).apply([400.0, 150.0])[0].abs() < 1e-9);
}

#[test]
fn millimetres_are_the_same_on_screen_whatever_the_pixels() {
    let view = ViewTransform { zoom: Zoom::PerMillimetre(4.0), ..ViewTransform::default() };
    let fine = ImageShape { pixel_mm: Some(0.05), ..ImageShape::square(1000, 1000) };
    let coarse = ImageShape { pixel_mm: Some(0.1), ..ImageShape::square(500, 500) };
    assert_eq!(drawn(&view, fine, VIEWPORT), drawn(&view, coarse, VIEWPORT));
    assert_eq!(view.scale(fine, VIEWPORT), 0.2);
    let unknown = ImageShape { pixel_mm: None, ..fine };
    assert_eq!(view.scale(unknown, VIEWPORT), 0.3);
    // 1000 pixels of 0.05 mm into 300 screen pixels.
    assert!(view.fit_per_millimetre(fine, VIEWPORT).is_some_and(|scale| (scale - 6.0).abs() < 1e-9));
    assert_eq!(view.fit_per_millimetre(unknown, VIEWPORT), None);
}

#[test]
fn tiles_show_every_pixel_and_begin_at_the_top_left() {
    let image = ImageShape::square(1000, 700);
    for (turns, flip, justify) in
        [(0, false, Justify::Center), (0, true, Justify::Right), (1, false, Justify::Left)]
    {
        let view = ViewTransform { quarter_turns: turns, flip, justify, ..ViewTransform::default() };
        let tiles = view.tiles(image, VIEWPORT);
        let mut seen = vec![false; 1000 * 700];
        for tile in &tiles {
            let map = tile.map(image, VIEWPORT);
            for y in 0..300 {
                for x in 0..400 {
                    let [column, row] = map.apply([f64::from(x) + 0.5, f64::from(y) + 0.5]);
                    if (0.0..1000.0).contains(&column) && (0.0..700.0).contains(&row) {
                        seen[row as usize * 1000 + column as usize] = true;
                    }
                }
            }
        }
        assert!(seen.iter().all(|seen| *seen), "{turns} {flip} {justify:?}");
        let first = drawn(&tiles[0], image, VIEWPORT);
        assert!(first[0].abs() <= 1.0 && first[2].abs() <= 1.0, "{first:?}");
    }
    // An image that fits is one tile, and stays at its edge.
    let view = ViewTransform { justify: Justify::Right, ..ViewTransform::default() };
    let tiles = view.tiles(ImageShape::square(100, 100), VIEWPORT);
    assert_eq!(tiles.len(), 1);
    assert_eq!(drawn(&tiles[0], ImageShape::square(100, 100), VIEWPORT)[1], 400.0);
}

#[test]
fn any_stored_orientation_is_brought_to_the_one_wanted() {
    let wanted = Orientation { row: "A".to_owned(), column: "F".to_owned() };
    for stored in
        [["A", "F"], ["P", "F"], ["A", "H"], ["P", "H"], ["F", "A"], ["F", "P"], ["H", "A"], ["H", "P"]]
    {
        let stored = Orientation { row: stored[0].to_owned(), column: stored[1].to_owned() };
        let (quarter_turns, flip) = stored.turn_to(&wanted).expect("a way");
        let edges = stored.edges(&ViewTransform { quarter_turns, flip, ..ViewTransform::default() });
        assert_eq!((edges.right.as_str(), edges.bottom.as_str()), ("A", "F"), "{stored:?}");
    }
    let turned = |row: &str, column: &str| {
        Orientation { row: row.to_owned(), column: column.to_owned() }.turn_to(&wanted)
    };
    assert_eq!(turned("A", "F"), Some((0, false)));
    assert_eq!(turned("AL", "FR"), Some((0, false)), "oblique");
    assert_eq!(turned("P", ""), Some((0, true)), "only one direction known");
    assert_eq!(turned("R", "L"), None);
    assert_eq!(turned("", ""), None);
}
