use super::super::{Coordinates, PresentationState, StateKind};
use super::*;
use crate::dicom::testing::{cs, data_set, element, info, text as element_text, words_le};
use crate::dicom::{DicomFile, ImageInfo};
use crate::geometry::ImageShape;
use crate::presentation::gsps::{
    Align, Anchor, FillStyle, GraphicKind, LineStyle, Scope, Shadow, TextBox, TextStyle, Units,
};

const CLASS: &str = "1.2.840.10008.5.1.4.1.1.1.2";

fn image(uid: &str) -> Read {
    data_set(vec![
        element_text(tags::SOP_CLASS_UID, VR::UI, CLASS),
        element_text(tags::SOP_INSTANCE_UID, VR::UI, uid),
        element_text(tags::PATIENT_NAME, VR::PN, "Doe^Jane"),
        element_text(tags::STUDY_INSTANCE_UID, VR::UI, "2.25.1"),
        element_text(tags::SERIES_INSTANCE_UID, VR::UI, "2.25.2"),
        cs(tags::MODALITY, "MG"),
        element(tags::SAMPLES_PER_PIXEL, VR::US, words_le(&[1])),
    ])
}

fn header() -> ImageInfo {
    ImageInfo { rows: 80, columns: 100, ..info(16, 12, false) }
}

fn seen<'a>(data: &'a Read, appearance: &'a Appearance) -> Seen<'a> {
    Seen {
        data,
        frames: Vec::new(),
        appearance,
        voi: Voi::Linear { center: 2000.0, width: 1500.0 },
        area: None,
        columns: 100,
        rows: 80,
        aspect: 1.0,
        drawn: Vec::new(),
    }
}

/// Everything in one layer.
fn drawn(graphics: Vec<Graphic>, texts: Vec<Text>) -> Vec<Drawn> {
    vec![Drawn { layer: "NOTES".to_owned(), graphics, texts, ..Drawn::default() }]
}

fn identity() -> Identity {
    Identity {
        instance_uid: "2.25.10".to_owned(),
        series_uid: "2.25.11".to_owned(),
        label: "Second look, ä".to_owned(),
        description: "Größe".to_owned(),
        creator: "Rad^Io".to_owned(),
        date: "20250102".to_owned(),
        time: "030405".to_owned(),
        ..Identity::default()
    }
}

fn again(shared: &Shared, images: &[Seen<'_>]) -> PresentationState {
    let bytes = state_file(&identity(), shared, images).expect("a state");
    PresentationState::read_file(&DicomFile::from_bytes(bytes).expect("a file")).expect("a state")
}

fn polyline(points: Vec<[f64; 2]>) -> Graphic {
    Graphic {
        kind: GraphicKind::Polyline,
        units: Units::Pixel,
        points,
        filled: false,
        line: None,
        fill: None,
        compound_id: None,
        group: None,
    }
}

#[test]
fn what_is_written_is_read_again() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let area = DisplayedArea {
        scope: Scope::default(),
        top_left: [11, 21],
        bottom_right: [50, 40],
        mode: SizeMode::ScaleToFit,
        spacing: None,
        aspect: None,
        of_matrix: false,
    };
    let note = Text {
        text: "two\nlines".to_owned(),
        bounds: Some(TextBox {
            units: Units::Display,
            top_left: [0.0, 0.0],
            bottom_right: [0.5, 0.25],
            justification: Align::Center,
        }),
        anchor: Some(Anchor { units: Units::Pixel, point: [10.5, 20.5], visible: true }),
        style: None,
        compound_id: None,
        group: None,
    };
    let outline = polyline(vec![[0.5, 0.5], [10.25, 3.75]]);
    let image = Seen {
        area: Some(area.clone()),
        drawn: drawn(vec![outline.clone()], vec![note.clone()]),
        ..seen(&data, &appearance)
    };
    let layer =
        GraphicLayer { name: "NOTES".to_owned(), color: Some([255, 200, 0]), ..GraphicLayer::default() };
    let turn = Turn { quarters: 1, flip: true };
    let shared = Shared { turn, lut: PresentationLut::Inverse, layers: vec![layer] };
    let state = again(&shared, &[image]);

    assert_eq!(state.warnings, Vec::<String>::new());
    assert_eq!((state.kind, state.label.as_str()), (StateKind::Grayscale, "SECOND LOOK_ _"));
    assert_eq!((state.description.as_str(), state.creator.as_str()), ("Größe", "Rad Io"));
    assert_eq!(state.turn, shared.turn);
    assert_eq!(state.presentation_lut, PresentationLut::Inverse);
    let presented = state.for_image("2.25.3", 0).expect("about the image");
    assert_eq!(presented.rect(100, 80), area.rect());
    // a quarter turn and a flip bring its own top left to the top left
    assert_eq!(presented.area.map(|a| (a.top_left, a.bottom_right)), Some(([11, 21], [50, 40])));
    let under = presented.appearance(&appearance, &header());
    assert_eq!(under.choices[0].voi, Voi::Linear { center: 2000.0, width: 1500.0 });
    assert!(under.inverse);
    let layers = presented.annotations();
    assert_eq!(layers.len(), 1);
    assert_eq!(layers[0].1[0].graphics, [outline]);
    assert_eq!(layers[0].1[0].texts, [note]);
    let color = layers[0].0.color.expect("a colour");
    assert!(color.iter().zip([255u8, 200, 0]).all(|(a, b)| a.abs_diff(b) <= 1), "{color:?}");
}

#[test]
fn lines_and_areas_keep_their_looks() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let line = LineStyle {
        color: Some([255, 0, 0]),
        opacity: 0.5,
        gaps: None,
        thickness: 2.5,
        dashes: Some(0x00FF_00FF),
        shadow: None,
    };
    let pattern: Box<[u8]> = (0u8..128).collect();
    let fill = FillStyle {
        color: Some([0, 0, 255]),
        opacity: 0.25,
        gaps: Some(([9; 3], 1.0)),
        pattern: Some(pattern),
    };
    let square = vec![[1.0, 1.0], [9.0, 1.0], [9.0, 9.0], [1.0, 1.0]];
    let filled = Graphic { filled: true, line: Some(line), fill: Some(fill.clone()), ..polyline(square) };
    let image = Seen { drawn: drawn(vec![filled], Vec::new()), ..seen(&data, &appearance) };
    let state = again(&Shared::default(), &[image]);
    let read = &state.annotations[0].graphics[0];
    let near =
        |a: Option<[u8; 3]>, b: [u8; 3]| a.is_some_and(|a| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1));
    let read_line = read.line.expect("a line");
    assert!(near(read_line.color, [255, 0, 0]));
    assert_eq!(LineStyle { color: line.color, ..read_line }, line);
    let read_fill = read.fill.clone().expect("an area");
    assert!(near(read_fill.color, [0, 0, 255]) && near(read_fill.gaps.map(|(color, _)| color), [9; 3]));
    assert_eq!(FillStyle { color: fill.color, gaps: fill.gaps, ..read_fill }, fill);
}

fn note(at: [f64; 2], words: &str) -> Text {
    Text {
        text: words.to_owned(),
        bounds: None,
        anchor: Some(Anchor { units: Units::Pixel, point: at, visible: true }),
        style: None,
        compound_id: None,
        group: None,
    }
}

/// Colours are written as CIELab, in words: the nearest may be a level away.
fn same_color(a: Option<[u8; 3]>, b: Option<[u8; 3]>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1),
        (a, b) => a == b,
    }
}

#[test]
fn layers_keep_their_order_and_what_is_in_them() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let layer = |name: &str, order, color, gray, description: &str| GraphicLayer {
        name: name.to_owned(),
        order,
        description: description.to_owned(),
        color,
        gray,
    };
    let layers = vec![
        layer("MASSES", 20, Some([240, 40, 40]), None, "Größe in mm"),
        layer("CALCS", -3, Some([0, 200, 90]), Some([128; 3]), ""),
        layer("SHADE", 20, Some([51; 3]), Some([51; 3]), "no colour"),
    ];
    let on = |layer: &str, frames: &[u32], x: f64| Drawn {
        layer: layer.to_owned(),
        frames: frames.to_vec(),
        graphics: vec![polyline(vec![[x, 1.0], [x, 9.0]])],
        texts: vec![note([x, 0.5], layer)],
    };
    let drawn = vec![
        on("SHADE", &[], 1.0),
        on("MASSES", &[2, 3], 2.0),
        on("CALCS", &[], 3.0),
        on("MASSES", &[], 4.0),
    ];
    let shared = Shared { layers: layers.clone(), ..Shared::default() };
    let state = again(&shared, &[Seen { drawn: drawn.clone(), ..seen(&data, &appearance) }]);
    assert_eq!(state.warnings, Vec::<String>::new());
    // by their order; what is of one order stays as it was
    let read: Vec<_> = state.layers.iter().map(|l| (l.name.as_str(), l.order)).collect();
    assert_eq!(read, [("CALCS", -3), ("MASSES", 20), ("SHADE", 20)]);
    for (read, wanted) in state.layers.iter().zip([&layers[1], &layers[0], &layers[2]]) {
        assert!(same_color(read.color, wanted.color), "{read:?}");
        assert_eq!(*read, GraphicLayer { color: read.color, ..wanted.clone() });
    }
    for (read, wanted) in state.annotations.iter().zip(&drawn) {
        assert_eq!(
            (&read.layer, &read.graphics, &read.texts),
            (&wanted.layer, &wanted.graphics, &wanted.texts)
        );
        let frames: Vec<u32> = wanted.frames.iter().map(|frame| frame + 1).collect();
        assert_eq!(read.scope.images[0].frames, frames);
    }
    let on_frame = |frame| {
        let presented = state.for_image("2.25.3", frame).expect("about the image");
        presented.annotations().iter().map(|(layer, of)| (layer.name.as_str(), of.len())).collect::<Vec<_>>()
    };
    assert_eq!(on_frame(0), [("CALCS", 1), ("MASSES", 1), ("SHADE", 1)]);
    assert_eq!(on_frame(2), [("CALCS", 1), ("MASSES", 2), ("SHADE", 1)]);
    // and what is read can be written again
    let (layers, kept) = kept(&state, "2.25.3", ImageShape::square(100, 80));
    assert_eq!(layers, state.layers);
    let in_order = [&drawn[2], &drawn[1], &drawn[3], &drawn[0]];
    assert_eq!(kept.iter().collect::<Vec<_>>(), in_order);
}

#[test]
fn names_that_are_no_code_strings_stay_apart() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let named = |name: &str, order| GraphicLayer { name: name.to_owned(), order, ..GraphicLayer::default() };
    let names = ["Notes", "notes", "A name that is far too long", "A name that is far too short", ""];
    let layers = names.iter().zip(1..).map(|(name, order)| named(name, order)).collect();
    let in_layer = |name: &str| Drawn {
        layer: name.to_owned(),
        texts: vec![note([1.0, 1.0], &format!("in {name}"))],
        ..Drawn::default()
    };
    let mut drawn: Vec<_> = names.iter().map(|name| in_layer(name)).collect();
    drawn.push(in_layer("said nowhere"));
    let shared = Shared { layers, ..Shared::default() };
    let state = again(&shared, &[Seen { drawn, ..seen(&data, &appearance) }]);
    let read: Vec<_> = state.layers.iter().map(|l| (l.name.as_str(), l.order)).collect();
    let legal = ["NOTES", "NOTES_2", "A NAME THAT IS F", "A NAME THAT IS_2", "PRESENTATION", "SAID NOWHERE"];
    assert_eq!(read, legal.into_iter().zip(1..).collect::<Vec<_>>());
    for ((annotation, name), legal) in state.annotations.iter().zip(names).zip(legal) {
        assert_eq!(
            (annotation.layer.as_str(), annotation.texts[0].text.trim_end()),
            (legal, format!("in {name}").trim_end())
        );
    }
}

#[test]
fn layers_of_two_states_do_not_become_one() {
    let layer = |color| GraphicLayer { name: "A".to_owned(), color: Some(color), ..GraphicLayer::default() };
    let drawn = || vec![Drawn { layer: "A".to_owned(), ..Drawn::default() }];
    let mut shared = Shared::default();
    let (mut first, mut second, mut third) = (drawn(), drawn(), drawn());
    shared.take_up(vec![layer([1; 3])], &mut first);
    shared.take_up(vec![layer([2; 3])], &mut second);
    shared.take_up(vec![layer([1; 3])], &mut third);
    let names: Vec<_> = shared.layers.iter().map(|l| (l.name.as_str(), l.color)).collect();
    assert_eq!(names, [("A", Some([1; 3])), ("A_2", Some([2; 3]))]);
    assert_eq!([first, second, third].map(|d| d[0].layer.clone()), ["A", "A_2", "A"]);
}

#[test]
fn tables_keep_every_entry() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let lut =
        |first, bits, data: Vec<u16>| Lut { first, bits, data: data.into(), explanation: "film".to_owned() };
    let tables = [
        lut(0, 8, (0u16..256).map(|i| (i * i / 256).min(255)).collect()),
        lut(0, 12, (0u16..4096).rev().collect()),
        lut(0, 16, (0u16..=65535).collect()),
        lut(0, 10, vec![0, 1023]),
    ];
    for table in &tables {
        for voi in [
            Voi::Lut(table.clone()),
            Voi::Lut(lut(-1024, 16, vec![7, 9, 65535])),
            Voi::Lut(lut(40000, 12, vec![0, 4095])),
        ] {
            let shared = Shared { lut: PresentationLut::Table(table.clone()), ..Shared::default() };
            // the range of a table's input says whether its first value is signed
            let signed = matches!(&voi, Voi::Lut(lut) if lut.first < 0);
            let info = info(16, if signed { 12 } else { 16 }, signed);
            let state = again(&shared, &[Seen { voi: voi.clone(), ..seen(&data, &appearance) }]);
            assert_eq!(state.warnings, Vec::<String>::new());
            assert_eq!(state.presentation_lut, shared.lut);
            let under = state.for_image("2.25.3", 0).expect("about it").appearance(&appearance, &info);
            assert_eq!(under.choices[0].voi, voi);
            assert!(!under.inverse);
        }
    }
    // what was read with another first value means the same: it is the range that counts
    let shared =
        Shared { lut: PresentationLut::Table(Lut { first: 12, ..tables[3].clone() }), ..Shared::default() };
    assert_eq!(
        again(&shared, &[seen(&data, &appearance)]).presentation_lut,
        PresentationLut::Table(tables[3].clone())
    );
    let inverted = PresentationLut::Table(tables[1].clone()).inverted();
    assert_eq!(inverted, PresentationLut::Table(lut(0, 12, (0u16..4096).collect())));
    assert_eq!(PresentationLut::Inverse.inverted(), PresentationLut::Identity);
}

#[test]
fn letters_and_shadows_keep_their_looks() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let shadow = Shadow { outlined: true, offset: [1.5, 2.0], color: [0; 3], opacity: 0.5 };
    let style = TextStyle {
        font: "Helvetica".to_owned(),
        css_font: "serif".to_owned(),
        color: Some([255; 3]),
        horizontal: Some(Align::End),
        vertical: Some(Align::Center),
        underlined: true,
        bold: false,
        italic: true,
        shadow: Some(shadow),
    };
    let words = Text { style: Some(style), ..note([1.0, 2.0], "words") };
    let line = LineStyle {
        color: Some([255; 3]),
        opacity: 1.0,
        gaps: None,
        thickness: 1.0,
        dashes: None,
        shadow: Some(Shadow { outlined: false, ..shadow }),
    };
    let graphic = Graphic { line: Some(line), ..polyline(vec![[0.0, 0.0], [1.0, 1.0]]) };
    let image = Seen { drawn: drawn(vec![graphic.clone()], vec![words.clone()]), ..seen(&data, &appearance) };
    let state = again(&Shared::default(), &[image]);
    assert_eq!(state.annotations[0].texts, [words]);
    assert_eq!(state.annotations[0].graphics, [graphic]);
}

#[test]
fn what_a_state_draws_is_kept_in_pixels() {
    use crate::presentation::gsps::{Annotation, Compound, CompoundKind, DisplayedArea, ImageRef};
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let mut state = again(&Shared::default(), &[seen(&data, &appearance)]);
    // columns 11 to 50 and rows 21 to 40 are shown
    state.areas =
        vec![DisplayedArea { top_left: [11, 21], bottom_right: [50, 40], ..state.areas[0].clone() }];
    state.layers =
        vec![GraphicLayer { name: "A".to_owned(), color: Some([9; 3]), ..GraphicLayer::default() }];
    let in_display = |kind, points| Graphic { kind, units: Units::Display, ..polyline(points) };
    let rectangle = Compound {
        kind: CompoundKind::Rectangle,
        units: Units::Pixel,
        points: vec![[1.0, 2.0], [5.0, 8.0]],
        id: Some(1),
        group: None,
        rotation: 0.0,
        rotation_point: None,
        gap: 0.0,
        diameter: None,
        ticks: Vec::new(),
        tick_alignment: Align::Center,
        label_alignment: Align::Center,
        show_labels: false,
        filled: false,
        line: Some(LineStyle {
            color: None,
            opacity: 1.0,
            gaps: None,
            thickness: 3.0,
            dashes: None,
            shadow: None,
        }),
        fill: None,
        text: None,
    };
    let other = Scope {
        images: vec![ImageRef {
            class_uid: String::new(),
            instance_uid: "2.25.4".to_owned(),
            frames: Vec::new(),
        }],
    };
    let graphics = vec![in_display(GraphicKind::Polyline, vec![[0.0, 0.0], [0.5, 1.0]])];
    state.annotations = vec![
        Annotation { layer: "A".to_owned(), graphics, compounds: vec![rectangle], ..Annotation::default() },
        Annotation {
            layer: "A".to_owned(),
            scope: other,
            texts: vec![note([0.0; 2], "elsewhere")],
            ..Annotation::default()
        },
    ];
    let (layers, drawn) = kept(&state, "2.25.3", ImageShape::square(100, 80));
    assert_eq!(layers, state.layers);
    let [only] = &drawn[..] else { panic!("{drawn:?}") };
    // half of 40 columns from the tenth on, and all of 20 rows from the twentieth on
    assert_eq!(only.graphics[0], polyline(vec![[10.0, 20.0], [30.0, 40.0]]));
    assert_eq!(only.graphics[1].points, [[1.0, 2.0], [5.0, 2.0], [5.0, 8.0], [1.0, 8.0], [1.0, 2.0]]);
    assert_eq!(only.graphics[1].line.map(|line| (line.color, line.thickness)), Some((Some([9; 3]), 3.0)));
}

#[test]
fn ten_thousand_points_are_all_there() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let points: Vec<[f64; 2]> = (0..10_000).map(|i| [f64::from(i) / 128.0, 0.5]).collect();
    let image = Seen { drawn: drawn(vec![polyline(points.clone())], Vec::new()), ..seen(&data, &appearance) };
    let state = again(&Shared::default(), &[image]);
    assert_eq!(state.annotations[0].graphics[0].points, points);
    let place = Coordinates {
        area: super::super::Rect::whole(100, 80),
        turn: Turn::default(),
        tile: [0.0; 2],
        aspect: 1.0,
    };
    assert_eq!(state.annotations[0].graphics[0].outline(&place).map(|o| o.points.len()), Some(10_000));
}

#[test]
fn frames_with_looks_of_their_own() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let narrow = Voi::LinearExact { center: 100.0, width: 0.5 };
    let images = [
        Seen { frames: vec![0, 2], ..seen(&data, &appearance) },
        Seen { frames: vec![1], voi: narrow.clone(), ..seen(&data, &appearance) },
    ];
    let state = again(&Shared::default(), &images);
    assert_eq!(state.series.len(), 1);
    assert_eq!(state.series[0].images[0].frames, [1, 2, 3]);
    let voi = |frame| {
        let presented = state.for_image("2.25.3", frame)?;
        Some(presented.appearance(&appearance, &header()).choices[0].voi.clone())
    };
    assert_eq!(voi(2), Some(Voi::Linear { center: 2000.0, width: 1500.0 }));
    assert_eq!(voi(1), Some(narrow));
    assert_eq!(voi(3), None);
}

#[test]
fn what_does_not_fit_one_state_is_refused() {
    let (data, other) = (image("2.25.3"), image("2.25.4"));
    let appearance = Appearance::read(&data, &header(), 0);
    let rescaled =
        Appearance { modality: Modality::Rescale { slope: 2.0, intercept: 0.0 }, ..appearance.clone() };
    let images = [seen(&data, &appearance), seen(&other, &rescaled)];
    let refused = |images: &[Seen<'_>]| state_data(&identity(), &Shared::default(), images).err();
    assert_eq!(refused(&images), Some(NotWritten::OtherModality));
    assert_eq!(refused(&[]), Some(NotWritten::Nothing));
}

#[test]
fn uids_differ_by_time_and_launch() {
    let uid = new_uid(1, 2);
    assert!(uid.len() <= 64 && uid.starts_with("2.25."));
    assert_ne!(uid, new_uid(2, 2));
    assert_ne!(uid, new_uid(1, 3));
}
