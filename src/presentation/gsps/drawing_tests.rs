use super::super::{DisplayedArea, PresentationState, Rect, Turn};
use super::*;
use crate::dicom::testing::{cs, data_set, element, sequence, text, words_le};
use crate::dicom::{DataSet, Element, Tag, VR};
use crate::geometry::{Affine, ImageShape};
use crate::presentation::color::to_lab_words;
use dicom_dictionary_std::tags;

fn floats(tag: Tag, values: &[f32]) -> Element {
    element(tag, VR::FL, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

fn lab(tag: Tag, rgb: Rgb) -> Element {
    element(tag, VR::US, words_le(&to_lab_words(rgb)))
}

fn graphic(kind: &str, units: &str, points: &[f32], more: Vec<Element>) -> DataSet {
    let mut elements = vec![
        cs(tags::GRAPHIC_ANNOTATION_UNITS, units),
        element(tags::NUMBER_OF_GRAPHIC_POINTS, VR::US, words_le(&[(points.len() / 2) as u16])),
        floats(tags::GRAPHIC_DATA, points),
        cs(tags::GRAPHIC_TYPE, kind),
    ];
    elements.extend(more);
    data_set(elements)
}

fn annotation(layer: &str, graphics: Vec<DataSet>, texts: Vec<DataSet>) -> DataSet {
    data_set(vec![
        cs(tags::GRAPHIC_LAYER, layer),
        sequence(tags::GRAPHIC_OBJECT_SEQUENCE, graphics),
        sequence(tags::TEXT_OBJECT_SEQUENCE, texts),
    ])
}

fn layer(name: &str, order: &str, color: Option<Rgb>) -> DataSet {
    let mut elements = vec![cs(tags::GRAPHIC_LAYER, name), text(tags::GRAPHIC_LAYER_ORDER, VR::IS, order)];
    elements.extend(color.map(|rgb| lab(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE, rgb)));
    data_set(elements)
}

fn state(layers: Vec<DataSet>, annotations: Vec<DataSet>, more: Vec<Element>) -> PresentationState {
    let mut elements = vec![
        text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.11.1"),
        sequence(
            tags::REFERENCED_SERIES_SEQUENCE,
            vec![data_set(vec![sequence(
                tags::REFERENCED_IMAGE_SEQUENCE,
                vec![data_set(vec![text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "1.2.3")])],
            )])],
        ),
        sequence(tags::GRAPHIC_LAYER_SEQUENCE, layers),
        sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, annotations),
    ];
    elements.extend(more);
    PresentationState::read(&data_set(elements)).expect("a state")
}

const IMAGE: ImageShape = ImageShape::square(100, 80);

fn drawing(state: &PresentationState) -> Drawing {
    let presented = state.for_image("1.2.3", 0).expect("about the image");
    presented.drawing(&presented.coordinates(IMAGE, [0.0; 2]))
}

fn close(rgb: Rgb, other: Rgb) -> bool {
    rgb.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= 1)
}

#[test]
fn layers_in_order_and_in_their_colours() {
    let line = |x: f32| graphic("POLYLINE", "PIXEL", &[x, 0.0, x, 9.0], Vec::new());
    let read = state(
        vec![layer("TOP", "2", Some([200, 10, 10])), layer("LOW", "1", None)],
        vec![annotation("TOP", vec![line(1.0)], vec![]), annotation("LOW", vec![line(2.0)], vec![])],
        Vec::new(),
    );
    let strokes = drawing(&read).strokes;
    assert_eq!(
        strokes.iter().map(|s| (s.points[0][0], s.of)).collect::<Vec<_>>(),
        [(2.0, Some(1)), (1.0, Some(0))]
    );
    let color = |at: usize| strokes[at].line.expect("a line").paint.color;
    assert_eq!(color(0), PLAIN);
    assert!(close(color(1), [200, 10, 10]));
}

#[test]
fn styles_say_more_than_layers() {
    let style = |item: Vec<Element>| sequence(tags::LINE_STYLE_SEQUENCE, vec![data_set(item)]);
    let dashed = vec![
        lab(tags::PATTERN_ON_COLOR_CIE_LAB_VALUE, [0, 200, 0]),
        lab(tags::PATTERN_OFF_COLOR_CIE_LAB_VALUE, [0, 0, 90]),
        floats(tags::PATTERN_ON_OPACITY, &[0.5]),
        floats(tags::LINE_THICKNESS, &[3.0]),
        cs(tags::LINE_DASHING_STYLE, "DASHED"),
        element(tags::LINE_PATTERN, VR::UL, 0x0000_F0F0u32.to_le_bytes().to_vec()),
        cs(tags::SHADOW_STYLE, "NORMAL"),
        floats(tags::SHADOW_OFFSET_X, &[2.0]),
        floats(tags::SHADOW_OFFSET_Y, &[-1.0]),
    ];
    let unseen = vec![floats(tags::PATTERN_ON_OPACITY, &[0.0])];
    let fill = sequence(
        tags::FILL_STYLE_SEQUENCE,
        vec![data_set(vec![floats(tags::PATTERN_ON_OPACITY, &[0.25]), cs(tags::FILL_MODE, "SOLID")])],
    );
    let box_points = [1.0, 1.0, 5.0, 1.0, 5.0, 5.0, 1.0, 1.0];
    let filled = || cs(tags::GRAPHIC_FILLED, "Y");
    let read = state(
        vec![layer("L", "1", Some([250, 250, 0]))],
        vec![annotation(
            "L",
            vec![
                graphic("POLYLINE", "PIXEL", &[0.0, 0.0, 9.0, 9.0], vec![style(dashed)]),
                graphic("POLYLINE", "PIXEL", &[0.0, 0.0, 9.0, 9.0], vec![style(unseen.clone())]),
                graphic("POLYLINE", "PIXEL", &box_points, vec![filled(), fill, style(unseen)]),
                graphic("CIRCLE", "PIXEL", &[5.0, 5.0, 9.0, 5.0], vec![filled()]),
            ],
            vec![],
        )],
        Vec::new(),
    );
    let strokes = drawing(&read).strokes;
    assert_eq!(strokes.len(), 3, "a line of no opacity is not there");
    let line = strokes[0].line.expect("a line");
    assert!(close(line.paint.color, [0, 200, 0]) && line.paint.opacity == 0.5);
    assert!(close(line.gaps.expect("gaps").color, [0, 0, 90]));
    assert_eq!((line.thickness, line.dashes), (3.0, Some(0xF0F0)));
    assert_eq!(line.shadow.map(|s| (s.outlined, s.offset)), Some((false, [2.0, -1.0])));
    let fill = strokes[1].fill.as_ref().expect("an area");
    assert!(
        strokes[1].line.is_none() && close(fill.paint.color, [250, 250, 0]) && fill.paint.opacity == 0.25
    );
    let plain = strokes[2].fill.as_ref().expect("an area");
    assert!(strokes[2].closed && plain.paint.opacity == 1.0, "without a style it hides what is below");
}

#[test]
fn half_a_pixel_is_its_middle_and_points_are_symbols() {
    let read = state(
        vec![],
        vec![annotation("L", vec![graphic("POINT", "PIXEL", &[0.5, 0.5], vec![])], vec![])],
        vec![],
    );
    let drawn = drawing(&read);
    assert!(drawn.strokes.is_empty());
    assert_eq!((drawn.symbols[0].sign, drawn.symbols[0].at), (Sign::Dot, [0.5, 0.5]));
}

fn words(units: &str, corners: Option<[f32; 4]>, anchor: Option<([f32; 2], &str)>) -> DataSet {
    let mut elements = vec![text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "one\r\ntwo")];
    if let Some([left, top, right, bottom]) = corners {
        elements.extend([
            cs(tags::BOUNDING_BOX_ANNOTATION_UNITS, units),
            floats(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, &[left, top]),
            floats(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, &[right, bottom]),
            cs(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, "RIGHT"),
        ]);
    }
    if let Some((point, visible)) = anchor {
        elements.extend([
            cs(tags::ANCHOR_POINT_ANNOTATION_UNITS, "PIXEL"),
            floats(tags::ANCHOR_POINT, &point),
            cs(tags::ANCHOR_POINT_VISIBILITY, visible),
        ]);
    }
    data_set(elements)
}

#[test]
fn boxes_of_the_screen_in_a_zoomed_and_turned_area() {
    let area = data_set(vec![
        // columns 11 to 50 and rows 21 to 40, a quarter clockwise: the bottom left comes to the top left
        element(
            tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER,
            VR::SL,
            [11i32, 40].map(i32::to_le_bytes).concat(),
        ),
        element(
            tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER,
            VR::SL,
            [50i32, 21].map(i32::to_le_bytes).concat(),
        ),
        cs(tags::PRESENTATION_SIZE_MODE, "SCALE TO FIT"),
    ]);
    let turned = |flip: &str| {
        state(
            vec![],
            vec![annotation("L", vec![], vec![words("DISPLAY", Some([0.0, 0.0, 0.5, 0.25]), None)])],
            vec![
                sequence(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area.clone()]),
                element(tags::IMAGE_ROTATION, VR::US, words_le(&[90])),
                cs(tags::IMAGE_HORIZONTAL_FLIP, flip),
            ],
        )
    };
    let corners = |flip| match drawing(&turned(flip)).words[0].place {
        WordsPlace::Within { from, to, across, down } => (from, to, across, down),
        WordsPlace::Beside { .. } => panic!("it has a box"),
    };
    // half of the screen's width is half of the twenty rows, a quarter of its height ten of the forty columns
    assert_eq!(corners("N"), ([10.0, 40.0], [20.0, 30.0], Side::End, Side::Start));
    assert_eq!(corners("Y"), ([10.0, 20.0], [20.0, 30.0], Side::End, Side::Start));
    // on the screen the box begins at the top left, whichever way the image is turned
    for flip in ["N", "Y"] {
        let read = turned(flip);
        let presented = read.for_image("1.2.3", 0).expect("about the image");
        let viewport = [20.0, 40.0];
        let map = presented.view(IMAGE, viewport, None).map(IMAGE, viewport).invert().expect("a view");
        let (from, to, ..) = corners(flip);
        let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9;
        assert!(near(map.apply(from), [0.0, 0.0]) && near(map.apply(to), [10.0, 10.0]), "{flip}");
    }
}

#[test]
fn words_with_a_box_an_anchor_or_both() {
    let read = state(
        vec![],
        vec![annotation(
            "L",
            vec![],
            vec![
                words("PIXEL", None, Some(([30.0, 20.0], "N"))),
                words("PIXEL", None, Some(([30.0, 20.0], "Y"))),
                words("PIXEL", Some([40.0, 40.0, 60.0, 50.0]), Some(([30.0, 20.0], "Y"))),
                words("PIXEL", Some([40.0, 40.0, 60.0, 50.0]), Some(([30.0, 20.0], "N"))),
            ],
        )],
        vec![],
    );
    let words = drawing(&read).words;
    assert!(words.iter().all(|w| w.text == "one\ntwo"));
    let leads: Vec<_> = words.iter().map(|w| w.leader.map(|(to, _)| to)).collect();
    assert_eq!(leads, [None, Some([30.0, 20.0]), Some([30.0, 20.0]), None]);
    let beside = |at: usize| matches!(words[at].place, WordsPlace::Beside { at: [30.0, 20.0], .. });
    assert!(beside(0) && beside(1) && !beside(2) && !beside(3));
}

#[test]
fn labels_of_a_ruler_are_above_it_as_it_is_seen() {
    let tick = data_set(vec![floats(tags::TICK_POSITION, &[0.5]), text(tags::TICK_LABEL, VR::SH, "half")]);
    let ruler = data_set(vec![
        cs(tags::COMPOUND_GRAPHIC_TYPE, "RULER"),
        cs(tags::COMPOUND_GRAPHIC_UNITS, "PIXEL"),
        element(tags::NUMBER_OF_GRAPHIC_POINTS, VR::UL, 2u32.to_le_bytes().to_vec()),
        floats(tags::GRAPHIC_DATA, &[10.0, 20.0, 50.0, 20.0]),
        sequence(tags::MAJOR_TICKS_SEQUENCE, vec![tick]),
        cs(tags::TICK_LABEL_ALIGNMENT, "TOP"),
        cs(tags::SHOW_TICK_LABEL, "Y"),
    ]);
    let note =
        data_set(vec![cs(tags::GRAPHIC_LAYER, "L"), sequence(tags::COMPOUND_GRAPHIC_SEQUENCE, vec![ruler])]);
    let place = |degrees: u16| {
        let turn = vec![element(tags::IMAGE_ROTATION, VR::US, words_le(&[degrees]))];
        let words = drawing(&state(vec![], vec![note.clone()], turn)).words;
        let WordsPlace::Beside { at, offset, across, down } = words[0].place else { panic!("beside it") };
        assert_eq!(at, [30.0, 20.0]);
        (offset.map(f64::round), across, down)
    };
    assert_eq!(place(0), ([0.0, -NEAR], Side::Middle, Side::End));
    // a quarter clockwise brings what was above to the right
    assert_eq!(place(90), ([NEAR, 0.0], Side::Start, Side::Middle));
}

#[test]
fn fractions_follow_the_area() {
    let place = Coordinates {
        area: Rect { min: [10.0, 20.0], size: [40.0, 20.0] },
        turn: Turn { quarters: 2, flip: true },
        tile: [0.0; 2],
        aspect: 1.0,
    };
    let read = state(
        vec![],
        vec![annotation("L", vec![graphic("POLYLINE", "DISPLAY", &[0.0, 0.0, 1.0, 0.5], vec![])], vec![])],
        vec![],
    );
    let presented = read.for_image("1.2.3", 0).expect("about the image");
    // half a turn and a flip together exchange top and bottom
    assert_eq!(presented.drawing(&place).strokes[0].points, [[10.0, 40.0], [50.0, 30.0]]);
    let _: Option<&DisplayedArea> = presented.area;
    assert_eq!(place.map(super::super::Units::Pixel), Affine::IDENTITY);
}
