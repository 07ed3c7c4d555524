use super::super::{Rect, Turn, Units};
use super::*;

fn place() -> Coordinates {
    Coordinates { area: Rect::whole(100, 80), turn: Turn::default(), tile: [0.0; 2], aspect: 1.0 }
}

fn graphic(kind: GraphicKind, points: &[[f64; 2]], filled: bool) -> Graphic {
    let points = points.to_vec();
    let units = Units::Pixel;
    Graphic { kind, units, points, filled, line: None, fill: None, compound_id: None, group: None }
}

fn close(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9
}

#[test]
fn a_circle_by_its_centre_and_a_point_on_it() {
    let circle = graphic(GraphicKind::Circle, &[[10.0, 20.0], [13.0, 24.0]], true);
    let outline = circle.outline(&place()).expect("a circle");
    assert!(outline.closed && outline.filled);
    assert!(outline.points.iter().all(|p| ((p[0] - 10.0).hypot(p[1] - 20.0) - 5.0).abs() < 1e-9));
    // on pixels twice as high as wide it is half as high, to look round
    let tall = Coordinates { aspect: 2.0, ..place() };
    let circle = graphic(GraphicKind::Circle, &[[10.0, 20.0], [14.0, 20.0]], false);
    let outline = circle.outline(&tall).expect("a circle");
    let highest = outline.points.iter().map(|p| p[1]).fold(f64::MIN, f64::max);
    assert!((highest - 22.0).abs() < 1e-9);
}

#[test]
fn an_ellipse_by_the_ends_of_its_axes() {
    // major from (0, 10) to (20, 10), minor from (10, 6) to (10, 14)
    let points = [[0.0, 10.0], [20.0, 10.0], [10.0, 6.0], [10.0, 14.0]];
    let outline = graphic(GraphicKind::Ellipse, &points, false).outline(&place()).expect("an ellipse");
    assert!(outline.closed && !outline.filled);
    for [x, y] in &outline.points {
        let on = ((x - 10.0) / 10.0).powi(2) + ((y - 10.0) / 4.0).powi(2);
        assert!((on - 1.0).abs() < 1e-9);
    }
    for end in points {
        assert!(outline.points.iter().any(|p| close(*p, end)), "{end:?}");
    }
    // leaning by 45 degrees
    let points = [[0.0, 0.0], [10.0, 10.0], [7.0, 3.0], [3.0, 7.0]];
    let outline = graphic(GraphicKind::Ellipse, &points, false).outline(&place()).expect("an ellipse");
    for end in points {
        assert!(outline.points.iter().any(|p| close(*p, end)), "{end:?}");
    }
}

#[test]
fn a_curve_goes_through_its_points() {
    let points = [[0.0, 0.0], [10.0, 5.0], [20.0, -5.0], [35.0, 0.0]];
    let outline = graphic(GraphicKind::Interpolated, &points, true).outline(&place()).expect("a curve");
    assert!(!outline.closed && !outline.filled, "what is open is not filled");
    for point in points {
        assert!(outline.points.iter().any(|p| close(*p, point)), "{point:?}");
    }
    assert_eq!((outline.points[0], outline.points.last()), (points[0], Some(&points[3])));
    // half way between the inner points: (-p0 + 9 p1 + 9 p2 - p3) / 16
    let middle = [(-0.0 + 90.0 + 180.0 - 35.0) / 16.0, (-0.0 + 45.0 - 45.0 - 0.0) / 16.0];
    assert!(outline.points.iter().any(|p| close(*p, middle)), "{middle:?}");
}

#[test]
fn a_closed_curve_is_smooth_where_it_closes() {
    let square = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]];
    let outline = graphic(GraphicKind::Interpolated, &square, true).outline(&place()).expect("a curve");
    assert!(outline.closed && outline.filled);
    // by symmetry every side bulges outwards by as much: (9 + 9 - 1 - 1) / 16 of nothing and ten
    let bulge = -10.0 * 2.0 / 16.0;
    for [x, y] in [[5.0, bulge], [bulge, 5.0], [5.0, 10.0 - bulge], [10.0 - bulge, 5.0]] {
        assert!(outline.points.iter().any(|p| close(*p, [x, y])), "{x} {y}");
    }
}

#[test]
fn polylines_close_where_they_began() {
    let open = graphic(GraphicKind::Polyline, &[[0.0, 0.0], [5.0, 0.0], [5.0, 5.0]], true);
    let outline = open.outline(&place()).expect("lines");
    assert_eq!((outline.points.len(), outline.closed, outline.filled), (3, false, false));
    let triangle = [[0.0, 0.0], [5.0, 0.0], [5.0, 5.0], [0.0, 0.0]];
    let outline = graphic(GraphicKind::Polyline, &triangle, true).outline(&place()).expect("lines");
    assert_eq!((outline.points.len(), outline.closed, outline.filled), (3, true, true));
}

#[test]
fn very_many_points_stay_bounded() {
    let points: Vec<[f64; 2]> = (0..200_000).map(|i| [f64::from(i), 0.0]).collect();
    let outline = graphic(GraphicKind::Interpolated, &points, false).outline(&place()).expect("a curve");
    assert!(outline.points.len() <= 2 * 262_144, "{}", outline.points.len());
}

fn compound(kind: CompoundKind, points: &[[f64; 2]]) -> Compound {
    Compound {
        kind,
        units: Units::Pixel,
        points: points.to_vec(),
        id: None,
        group: None,
        rotation: 0.0,
        rotation_point: None,
        gap: 4.0,
        diameter: Some(20.0),
        ticks: vec![super::super::Tick { position: 0.25, label: "a".to_owned() }],
        tick_alignment: Align::Center,
        label_alignment: Align::Center,
        show_labels: true,
        filled: false,
        line: None,
        fill: None,
        text: None,
    }
}

#[test]
fn lines_with_a_gap_and_a_cross() {
    let (lines, _) = compound(CompoundKind::Cutline, &[[0.0, 0.0], [20.0, 0.0]]).outlines(&place(), 1000.0);
    let ends: Vec<_> = lines.iter().map(|line| line.points.clone()).collect();
    assert_eq!(ends, [vec![[0.0, 0.0], [8.0, 0.0]], vec![[12.0, 0.0], [20.0, 0.0]]]);
    let (arms, _) = compound(CompoundKind::Crosshair, &[[50.0, 40.0]]).outlines(&place(), 1000.0);
    assert_eq!(arms.len(), 4);
    assert!(arms.iter().any(|arm| arm.points == [[52.0, 40.0], [60.0, 40.0]]));
}

#[test]
fn rulers_have_ticks_and_labels_and_rectangles_turn() {
    let ruler = compound(CompoundKind::Ruler, &[[0.0, 10.0], [40.0, 10.0]]);
    let (lines, labels) = ruler.outlines(&place(), 1000.0);
    assert_eq!(lines.len(), 2);
    assert!(lines[1].points.iter().all(|p| (p[0] - 10.0).abs() < 1e-9), "a quarter along");
    assert_eq!((labels[0].at, labels[0].text.as_str()), ([10.0, 10.0], "a"));
    let turned = Compound { rotation: 90.0, ..compound(CompoundKind::Rectangle, &[[0.0, 0.0], [4.0, 2.0]]) };
    let (lines, _) = turned.outlines(&place(), 1000.0);
    assert!(lines[0].closed);
    // about its middle, (2, 1): the top left comes to the top right
    assert!(close(lines[0].points[0], [3.0, -1.0]), "{:?}", lines[0].points);
}
