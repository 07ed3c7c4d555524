use super::super::drawing::{Fill, Font, Line, Paint, Shade, Side, Sign, Stroke, Words, WordsPlace};
use super::*;

const RED: [u8; 3] = [255, 0, 0];

fn blank(width: u32, height: u32) -> RgbImage {
    RgbImage { width, height, pixels: vec![0; (width * height * 3) as usize] }
}

fn drawn(drawing: &Drawing, width: u32, height: u32) -> RgbImage {
    let mut picture = blank(width, height);
    draw(drawing, &mut picture, &Affine::IDENTITY, 1.0);
    picture
}

/// The red of a row of the picture.
fn row(picture: &RgbImage, y: u32) -> Vec<u8> {
    let stride = picture.width as usize * 3;
    picture.pixels[y as usize * stride..][..stride].iter().copied().step_by(3).collect()
}

/// Columns and rows, the last included, that anything was drawn on.
fn ink(picture: &RgbImage) -> Option<[u32; 4]> {
    let lit = picture.pixels.chunks(3).zip(0u32..).filter(|(pixel, _)| pixel.iter().any(|v| *v > 40));
    lit.map(|(_, at)| (at % picture.width, at / picture.width)).fold(None, |found, (x, y)| {
        let [l, t, r, b] = found.unwrap_or([x, y, x, y]);
        Some([l.min(x), t.min(y), r.max(x), b.max(y)])
    })
}

fn stroke(points: &[[f64; 2]], closed: bool, line: Option<Line>, fill: Option<Fill>) -> Drawing {
    let stroke = Stroke { points: points.to_vec(), closed, line, fill, of: None };
    Drawing { strokes: vec![stroke], ..Drawing::default() }
}

fn solid(opacity: f64) -> Fill {
    Fill { paint: Paint { color: RED, opacity }, pattern: None, gaps: None }
}

#[test]
fn areas_cover_the_pixels_they_hold() {
    let square = [[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]];
    let picture = drawn(&stroke(&square, true, None, Some(solid(1.0))), 5, 4);
    assert_eq!(
        [0, 1, 2, 3].map(|y| row(&picture, y)),
        [vec![0; 5], vec![0, 255, 255, 255, 0], vec![0, 255, 255, 255, 0], vec![0; 5]]
    );
    // half of a pixel is half as bright, and so is half an opacity
    let half = [[0.5, 0.0], [2.0, 0.0], [2.0, 1.0], [0.5, 1.0]];
    let edge = row(&drawn(&stroke(&half, true, None, Some(solid(1.0))), 3, 1), 0);
    assert!(edge[0].abs_diff(128) <= 2 && edge[1..] == [255, 0], "{edge:?}");
    let thin = row(&drawn(&stroke(&square, true, None, Some(solid(0.5))), 5, 4), 1);
    assert!(thin[2].abs_diff(128) <= 1, "{thin:?}");
}

#[test]
fn a_hole_within_an_area_stays_open() {
    // a square and a smaller one in it, as one line that crosses over and back
    let ring = [
        [0.0, 0.0],
        [7.0, 0.0],
        [7.0, 7.0],
        [0.0, 7.0],
        [0.0, 0.0],
        [2.0, 2.0],
        [5.0, 2.0],
        [5.0, 5.0],
        [2.0, 5.0],
        [2.0, 2.0],
    ];
    let picture = drawn(&stroke(&ring, true, None, Some(solid(1.0))), 7, 7);
    assert_eq!(row(&picture, 3), [255, 255, 0, 0, 0, 255, 255]);
}

#[test]
fn patterns_repeat_in_pixels_of_the_picture() {
    // every other column is on, in every row; the lowest bit is the first
    let pattern: Box<[u8]> = vec![0b0101_0101; 128].into();
    let gaps = Some(Paint::solid([0, 0, 255]));
    let fill = Fill { paint: Paint::solid(RED), pattern: Some(pattern), gaps };
    let square = [[0.0, 0.0], [40.0, 0.0], [40.0, 2.0], [0.0, 2.0]];
    let picture = drawn(&stroke(&square, true, None, Some(fill)), 40, 2);
    let expected: Vec<u8> = (0..40).map(|x| if x % 2 == 0 { 255 } else { 0 }).collect();
    assert_eq!(row(&picture, 1), expected);
    assert_eq!(picture.pixels[3..6], [0, 0, 255]);
}

#[test]
fn dashes_and_what_is_between_them() {
    let line =
        Line { dashes: Some(0x0000_FFFF), gaps: Some(Paint::solid([0, 0, 255])), ..Line::plain(RED, 2.0) };
    let picture = drawn(&stroke(&[[0.0, 1.0], [64.0, 1.0]], false, Some(line), None), 64, 2);
    let reds = row(&picture, 0);
    for (from, to, level) in [(1, 15, 255), (17, 31, 0), (33, 47, 255), (49, 63, 0)] {
        assert!(reds[from..to].iter().all(|v| *v == level), "{from} {to}: {reds:?}");
    }
    assert_eq!(picture.pixels[20 * 3..20 * 3 + 3], [0, 0, 255]);
}

#[test]
fn looks_keep_their_size_and_places_follow_the_map() {
    // a picture at a third of the size of the image
    let map = Affine::scale(3.0, 3.0);
    let line = Line::plain(RED, 2.0);
    let drawing = stroke(&[[0.0, 9.0], [30.0, 9.0]], false, Some(line), None);
    let mut picture = blank(10, 6);
    draw(&drawing, &mut picture, &map, 1.0);
    let lit: Vec<u8> = (0..6).map(|y| row(&picture, y)[5]).collect();
    assert_eq!(lit, [0, 0, 255, 255, 0, 0]);
    let mut dense = blank(10, 6);
    draw(&drawing, &mut dense, &map, 2.0);
    let lit: Vec<u8> = (0..6).map(|y| row(&dense, y)[5]).collect();
    assert_eq!(lit, [0, 255, 255, 255, 255, 0]);
}

#[test]
fn lines_without_an_end_and_wrong_numbers() {
    let line = Some(Line::plain(RED, 1.0));
    let far = drawn(&stroke(&[[-1e12, 2.5], [1e12, 2.5]], false, line, None), 8, 5);
    assert_eq!(row(&far, 2), [255; 8]);
    let wrong = drawn(&stroke(&[[f64::NAN, 2.5], [1e12, f64::INFINITY]], true, line, Some(solid(1.0))), 8, 5);
    assert_eq!(ink(&wrong), None);
    // an area larger than everything
    let vast = [[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]];
    let vast = drawn(&stroke(&vast, true, None, Some(solid(1.0))), 8, 5);
    assert_eq!(row(&vast, 4), [255; 8]);
}

#[test]
fn long_lines_have_no_gaps() {
    // points a quarter of a pixel apart, and so many that the line is drawn in pieces
    let points: Vec<[f64; 2]> = (0..5000).map(|n| [f64::from(n) * 0.25 - 525.0, 2.5]).collect();
    let line = Some(Line::plain(RED, 1.0));
    assert_eq!(row(&drawn(&stroke(&points, false, line, None), 200, 5), 2)[..199], [255; 199]);
    let half: Vec<[f64; 2]> =
        points.iter().map(|[x, y]| [x + 525.5, *y]).chain([[1300.0, 4.5], [0.5, 4.5]]).collect();
    let closed = drawn(&stroke(&half, true, line, None), 100, 6);
    // where pieces meet their ends are round, which leaves a trace of what is below
    assert!(row(&closed, 2)[..99].iter().all(|v| *v >= 248), "{:?}", row(&closed, 2));
    assert!(row(&closed, 3)[0] > 100, "it is closed");
}

#[test]
fn points_close_together_make_a_line_as_dark_as_others() {
    let points: Vec<[f64; 2]> = (0..5000).map(|n| [f64::from(n) * 0.04, 2.5]).collect();
    let line = Some(Line::plain(RED, 1.0));
    assert_eq!(row(&drawn(&stroke(&points, false, line, None), 200, 5), 2)[1..199], [255; 198]);
}

#[test]
fn symbols_are_about_their_middle() {
    for sign in [
        Sign::Dot,
        Sign::Asterisk,
        Sign::Triangle,
        Sign::Circle,
        Sign::Ellipse,
        Sign::Square,
        Sign::Diamond,
        Sign::Cross,
        Sign::Plus,
    ] {
        let symbol = Symbol { sign, at: [20.0, 20.0], radius: 10.0, line: Line::plain(RED, 1.0), of: None };
        let picture = drawn(&Drawing { symbols: vec![symbol], ..Drawing::default() }, 40, 40);
        let [left, top, right, bottom] = ink(&picture).expect("a mark");
        assert!((left + right).abs_diff(39) <= 1, "{sign:?} {left} {right}");
        assert!((9..14).contains(&left) || sign == Sign::Triangle, "{sign:?}");
        assert!(top >= 9 && bottom <= 30, "{sign:?} {top} {bottom}");
    }
}

fn words(text: &str, place: WordsPlace) -> Words {
    let (paint, font) = (Paint::solid([255; 3]), Font { height: 16.0, ..Font::default() });
    Words { text: text.to_owned(), place, paint, font, shadow: None, leader: None, of: None }
}

fn written(words: Words) -> [u32; 4] {
    let picture = drawn(&Drawing { words: vec![words], ..Drawing::default() }, 200, 100);
    ink(&picture).expect("letters")
}

#[test]
fn words_lie_beside_their_point() {
    let beside = |across, down| {
        let place = WordsPlace::Beside { at: [100.0, 50.0], offset: [0.0; 2], across, down };
        written(words("MHM", place))
    };
    let [left, top, right, bottom] = beside(Side::Start, Side::Start);
    assert!((100..104).contains(&left) && (51..56).contains(&top) && bottom < 66, "{left} {top} {bottom}");
    let wide = right - left;
    let [left, top, right, bottom] = beside(Side::End, Side::End);
    assert!((96..100).contains(&right) && (44..50).contains(&bottom) && top > 34 && right - left == wide);
    let [left, _, right, _] = beside(Side::Middle, Side::Middle);
    assert!((left + right).abs_diff(199) <= 1, "{left} {right}");
}

#[test]
fn words_beside_marks_make_room_for_each_other() {
    let beside = |x: f64, y: f64| {
        let place =
            WordsPlace::Beside { at: [x, y], offset: [8.0, 0.0], across: Side::Start, down: Side::Start };
        words("MHM", place)
    };
    let ink_of =
        |words: Vec<Words>| ink(&drawn(&Drawing { words, ..Drawing::default() }, 200, 100)).expect("letters");
    let [left, top, right, bottom] = ink_of(vec![beside(20.0, 10.0)]);
    // a line is 16 high: the second is a whole line below the first, wherever it would have been
    let both = ink_of(vec![beside(20.0, 10.0), beside(20.0, 14.0)]);
    assert_eq!(both, [left, top, right, bottom + 16]);
    // beside each other there is room
    let both = ink_of(vec![beside(20.0, 10.0), beside(100.0, 14.0)]);
    assert_eq!((both[2], both[3]), (right + 80, bottom + 4));
    // what would be cut off at the right is at the left of its mark
    let [_, _, end, _] = ink_of(vec![beside(180.0, 10.0)]);
    assert!((166..172).contains(&end), "{end}");
}

#[test]
fn words_in_a_box_are_wrapped_and_justified() {
    let within = |across, width: f64| {
        let place =
            WordsPlace::Within { from: [20.0, 10.0], to: [20.0 + width, 60.0], across, down: Side::Start };
        written(words("one two three", place))
    };
    let [left, top, right, bottom] = within(Side::Start, 150.0);
    assert!((20..24).contains(&left) && right < 150 && top >= 10 && bottom < 27, "one line");
    let [_, _, right, bottom] = within(Side::Start, 60.0);
    assert!(right < 81 && bottom > 27, "two or three lines");
    let [left, _, right, _] = within(Side::End, 150.0);
    assert!((165..171).contains(&right) && left > 60, "{left} {right}");
    // a box of no size, read from the other corner
    let place =
        WordsPlace::Within { from: [20.0, 10.0], to: [20.0, 10.0], across: Side::Start, down: Side::Start };
    assert!(written(words("one two three", place))[3] < 27);
}

#[test]
fn looks_of_letters() {
    let place =
        WordsPlace::Beside { at: [20.0, 20.0], offset: [0.0; 2], across: Side::Start, down: Side::Start };
    let light = |change: &dyn Fn(&mut Words)| {
        let mut some = words("HIH", place);
        change(&mut some);
        let picture = drawn(&Drawing { words: vec![some], ..Drawing::default() }, 200, 100);
        picture.pixels.iter().map(|v| u32::from(*v)).sum::<u32>()
    };
    let plain = light(&|_| {});
    assert!(light(&|w| w.font.bold = true) > plain * 11 / 10);
    assert!(light(&|w| w.font.underlined = true) > plain);
    let blue = Shade { outlined: false, offset: [3.0, 3.0], paint: Paint::solid([0, 0, 255]) };
    assert!(light(&|w| w.shadow = Some(blue)) > plain);
    assert!(light(&|w| w.shadow = Some(Shade { outlined: true, ..blue })) > plain);
    assert!(light(&|w| w.leader = Some(([150.0, 80.0], Line::plain(RED, 1.0)))) > plain);
    // letters nobody has and text of no end
    assert!(light(&|w| w.text = "\u{4E2D}\u{10FFFD}".repeat(30_000)) > 0);
}
