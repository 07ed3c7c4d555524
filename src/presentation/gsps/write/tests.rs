use super::super::{Coordinates, PresentationState, StateKind};
use super::*;
use crate::dicom::testing::{cs, data_set, element, info, text as element_text, words_le};
use crate::dicom::{DicomFile, ImageInfo};
use crate::presentation::gsps::{Anchor, PresentationLut, Scope, TextBox};

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
        graphics: Vec::new(),
        texts: Vec::new(),
    }
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
        graphics: vec![outline.clone()],
        texts: vec![note.clone()],
        ..seen(&data, &appearance)
    };
    let layer =
        GraphicLayer { name: "notes".to_owned(), color: Some([255, 200, 0]), ..GraphicLayer::default() };
    let shared = Shared { turn: Turn { quarters: 1, flip: true }, inverse: true, layer };
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
    let drawn = Graphic { filled: true, line: Some(line), fill: Some(fill.clone()), ..polyline(square) };
    let image = Seen { graphics: vec![drawn], ..seen(&data, &appearance) };
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

#[test]
fn ten_thousand_points_are_all_there() {
    let data = image("2.25.3");
    let appearance = Appearance::read(&data, &header(), 0);
    let points: Vec<[f64; 2]> = (0..10_000).map(|i| [f64::from(i) / 128.0, 0.5]).collect();
    let image = Seen { graphics: vec![polyline(points.clone())], ..seen(&data, &appearance) };
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
