use std::fmt::Write as _;

use dicom_dictionary_std::tags;

use super::*;
use crate::dicom::{DicomFile, Tag, VR};

/// An element in Implicit VR Little Endian.
fn element(tag: Tag, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("short").to_le_bytes();
    [&tag.group().to_le_bytes()[..], &tag.element().to_le_bytes(), &length, value].concat()
}

fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    element(Tag(0xFFFE, 0xE000), &elements.concat())
}

fn file(elements: &[Vec<u8>]) -> DicomFile {
    DicomFile::from_bytes(elements.concat()).expect("a data set")
}

fn position(text: &str) -> Vec<u8> {
    let position = element(tags::IMAGE_POSITION_PATIENT, text.as_bytes());
    item(&[element(tags::PLANE_POSITION_SEQUENCE, &item(&[position]))])
}

fn multi_frame(frames: usize) -> DicomFile {
    let mut items = Vec::new();
    for frame in 0..frames {
        items.extend(position(&format!("0\\0\\{frame:05} ")));
    }
    file(&[
        element(tags::MODALITY, b"MR"),
        element(tags::PATIENT_NAME, b"Doe^Jane"),
        element(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &items),
        element(Tag(0x5401, 0x0010), b"SOMEBODY"),
        element(Tag(0x5401, 0x1001), b"\x01\x02\x00\xff"),
    ])
}

/// Rows as text: keyword or tag, and value.
fn outline(rows: &Rows, seen: &[usize]) -> String {
    let mut text = String::new();
    for row in seen.iter().filter_map(|&index| rows.get(index)) {
        let indent = usize::from(row.depth);
        let name = if row.keyword.is_empty() { row.tag_text() } else { row.keyword.to_owned() };
        writeln!(text, "{:indent$}{name} {}", "", row.text).expect("text");
    }
    text
}

fn shown(rows: &Rows, filter: &str) -> String {
    outline(rows, &visible(rows, &Expansion::default(), &Filter::new(filter)))
}

#[test]
fn rows_know_where_they_are() {
    let file = multi_frame(5);
    let rows = Rows::read(&file, None);
    let index = rows.iter().position(|row| row.text.contains("00003")).expect("the fourth frame");
    let path = rows.path(index);
    assert_eq!(path.to_string(), "(5200,9230)[3].(0020,9113)[0].(0020,0032)");
    assert_eq!(
        path.keywords(),
        "PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0].ImagePositionPatient"
    );
    assert_eq!(rows.find(&path), Some(index));
    let row = rows.get(index).expect("a row");
    assert_eq!((row.depth, row.multiplicity, row.vr, row.length), (4, 3, Some(VR::DS), Some(10)));
    assert_eq!(full_value(&file, &path, 100).expect("a value").text, "0\\0\\00003");
    let item = row.parent.expect("an item");
    assert_eq!(rows.path(item).to_string(), "(5200,9230)[3].(0020,9113)[0]");
    assert_eq!(rows.find(&rows.path(item)), Some(item));
    for index in 0..rows.len() {
        assert_eq!(rows.find(&rows.path(index)), Some(index));
    }
}

#[test]
fn one_frame_is_followed_and_only_that() {
    let file = multi_frame(300);
    let mut rows = Rows::read(&file, Some(3));
    let per_frame = |rows: &Rows| {
        rows.iter().find(|row| row.tag == tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).cloned().expect("a row")
    };
    assert_eq!(&*per_frame(&rows).note, "frame 4 of 300");
    // Modality, name, the sequence, its item, one sequence with one item of one element, two private ones.
    assert_eq!(rows.len(), 9);
    assert!(rows.iter().any(|row| row.text.contains("00003")));

    for frame in [Some(7), Some(299), Some(0), None, Some(5), Some(300), Some(2)] {
        assert!(rows.follow(&file, frame));
        let fresh = Rows::read(&file, frame);
        assert_eq!(format!("{rows:?}"), format!("{fresh:?}"), "{frame:?}");
    }
    assert!(!rows.follow(&file, Some(2)));
    rows.follow(&file, Some(300));
    assert_eq!(&*per_frame(&rows).note, "nothing for frame 301, 300 items");
}

#[test]
fn what_is_open_stays_open_from_frame_to_frame() {
    let file = multi_frame(10);
    let mut rows = Rows::read(&file, Some(3));
    let mut expansion = Expansion::default();
    let seen = |rows: &Rows, expansion: &Expansion| visible(rows, expansion, &Filter::default());
    assert_eq!(seen(&rows, &expansion).len(), 5, "closed at first");
    let position = rows.iter().position(|row| row.text.contains("00003")).expect("a position");
    expansion.reveal(&rows, position);
    assert!(seen(&rows, &expansion).contains(&position));
    rows.follow(&file, Some(9));
    let text = outline(&rows, &seen(&rows, &expansion));
    assert!(text.contains("ImagePositionPatient 0\\0\\00009"), "{text}");
    expansion.collapse_all();
    assert_eq!(seen(&rows, &expansion).len(), 5);
    expansion.expand_all();
    assert_eq!(seen(&rows, &expansion).len(), rows.len());
}

#[test]
fn without_a_frame_each_item_opens_alone() {
    let file = multi_frame(3);
    let rows = Rows::read(&file, None);
    let mut expansion = Expansion::default();
    let second = rows.find(&Selector::parse("5200,9230[1]").expect("a path").find(&file)[0]).expect("a row");
    expansion.reveal(&rows, second);
    expansion.expand(&rows, second);
    let text = outline(&rows, &visible(&rows, &expansion, &Filter::default()));
    assert_eq!(text.matches("PlanePositionSequence").count(), 1, "{text}");
    assert_eq!(text.matches(" [").count(), 3, "{text}");
}

#[test]
fn the_filter_looks_at_names_tags_and_values() {
    let rows = Rows::read(&multi_frame(2), None);
    for filter in ["patientname", "Patient doe", "0010,0010", "(0010,0010)", "00100010", "JANE", "pat name"] {
        assert_eq!(shown(&rows, filter), "PatientName Doe^Jane\n", "{filter}");
    }
    assert_eq!(shown(&rows, "0008"), "Modality MR\n");
    assert_eq!(shown(&rows, "nowhere"), "");
    assert_eq!(shown(&rows, "patient nowhere"), "");
    assert_eq!(shown(&rows, "somebody 1001"), "(5401,1001) 01 02 00 ff\n");
    // What is around a row that was found is seen, and nothing else.
    let nested = "PerFrameFunctionalGroupsSequence \n [1] \n  PlanePositionSequence \n   [0] \n    \
                  ImagePositionPatient 0\\0\\00001\n";
    assert_eq!(shown(&rows, "00001"), nested);
    assert_eq!(shown(&rows, "  ").lines().count(), 5);
}

#[test]
fn private_elements_are_named_where_the_creator_is_known() {
    let file = file(&[
        element(tags::MODALITY, b"MR"),
        element(Tag(0x0029, 0x0010), b"SIEMENS CSA HEADER"),
        element(Tag(0x0029, 0x1008), b"IMAGE NUM 4 "),
        element(Tag(0x0029, 0x1099), b"words in here "),
        element(Tag(0x0029, 0x1110), b"\x01\x02\x03\x04"),
    ]);
    let rows = Rows::read(&file, None);
    let row = |tag| rows.iter().find(|row| row.tag == tag).cloned().expect("a row");
    let known = row(Tag(0x0029, 0x1008));
    assert_eq!((known.keyword, &*known.text, known.vr), ("CSAImageHeaderType", "IMAGE NUM 4", Some(VR::UN)));
    assert_eq!(known.creator.as_deref(), Some("SIEMENS CSA HEADER"));
    assert!(known.is_private());
    let unknown = row(Tag(0x0029, 0x1099));
    assert_eq!((unknown.keyword, &*unknown.text), ("", "words in here"));
    assert_eq!(row(Tag(0x0029, 0x1110)).creator, None, "nobody reserved that block");
    assert_eq!(row(Tag(0x0029, 0x0010)).keyword, "PrivateCreator");
}

#[test]
fn values_read_well() {
    let number = |value: f64| value.to_le_bytes().to_vec();
    let file = file(&[
        element(tags::SPECIFIC_CHARACTER_SET, b"ISO_IR 100"),
        element(tags::SOP_CLASS_UID, b"1.2.840.10008.5.1.4.1.1.2\0"),
        element(tags::PATIENT_NAME, b"Buc^J\xe9r\xf4me "),
        element(tags::PATIENT_COMMENTS, b"one\r\n\x07two "),
        element(Tag(0x0018, 0x9073), &number(0.1)),
        element(Tag(0x0018, 0x9087), &number(1e-30)),
        element(tags::FRAME_INCREMENT_POINTER, &[0x18, 0, 0x63, 0x10]),
        element(Tag(0x0028, 0x0106), &[0xFF, 0xFF]),
    ]);
    let rows = Rows::read(&file, None);
    let row = |tag| rows.iter().find(|row| row.tag == tag).map(|r| (&*r.text, &*r.note)).expect("a row");
    assert_eq!(row(tags::SOP_CLASS_UID), ("1.2.840.10008.5.1.4.1.1.2", "CT Image"));
    assert_eq!(row(tags::PATIENT_NAME).0, "Buc^Jérôme");
    assert_eq!(row(tags::PATIENT_COMMENTS).0, "one␍␊␇two");
    assert_eq!(row(Tag(0x0018, 0x9073)).0, "0.1");
    assert_eq!(row(Tag(0x0018, 0x9087)).0, "1e-30");
    assert_eq!(row(tags::FRAME_INCREMENT_POINTER), ("(0018,1063)", "FrameTime"));
    assert_eq!(row(Tag(0x0028, 0x0106)).0, "65535");
    let comments = Selector::parse("PatientComments").expect("a path").find(&file);
    assert_eq!(full_value(&file, &comments[0], 99).expect("a value").text, "one\r\n\x07two");
}

#[test]
fn long_values_are_shortened_and_counted() {
    let words: Vec<u8> = (0..1000u16).flat_map(u16::to_le_bytes).collect();
    let file = file(&[
        element(tags::MODALITY, b"MR"),
        element(tags::PATIENT_COMMENTS, &b"x".repeat(1000)),
        element(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, &words),
        element(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, &words),
        element(tags::PIXEL_DATA, &vec![7; 100_000]),
    ]);
    let rows = Rows::read(&file, None);
    let row = |tag| rows.iter().find(|row| row.tag == tag).expect("a row");
    assert!(row(tags::PATIENT_COMMENTS).text.ends_with("x… 840 more characters"));
    let descriptor = row(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR);
    assert!(descriptor.text.starts_with("0\\1\\2\\3\\"));
    assert!(descriptor.text.ends_with(" more values"), "{}", descriptor.text);
    assert_eq!(descriptor.multiplicity, 1000);
    let data = row(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA);
    assert!(data.text.starts_with("00 00 01 00 02 00"), "{}", data.text);
    let pixels = row(tags::PIXEL_DATA);
    assert_eq!((&*pixels.text, &*pixels.note), ("", "100000 bytes"));
    let path = Selector::parse("PixelData").expect("a path").find(&file).remove(0);
    let some = full_value(&file, &path, 16).expect("a value");
    assert_eq!((some.text.len(), some.complete), (16 * 3 - 1, false));
}

#[test]
fn selectors_name_elements_as_people_type_them() {
    let file = multi_frame(4);
    let find = |text: &str| -> Vec<String> {
        let found = Selector::parse(text).expect("a path").find(&file);
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(find("PatientName"), ["(0010,0010)"]);
    assert_eq!(find("(0010,0010)"), ["(0010,0010)"]);
    assert_eq!(find("PatientID"), Vec::<String>::new());
    let deep = "PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0].ImagePositionPatient";
    assert_eq!(find(deep), ["(5200,9230)[2].(0020,9113)[0].(0020,0032)"]);
    assert_eq!(find("5200,9230[*].PlanePositionSequence[0].ImagePositionPatient").len(), 4);
    assert_eq!(find("52009230.PlanePositionSequence.ImagePositionPatient").len(), 4);
    assert_eq!(find("5200,9230[4]"), Vec::<String>::new());
    assert_eq!(find("5200,9230[3]"), ["(5200,9230)[3]"]);
    assert_eq!(find("PatientName[0]"), Vec::<String>::new(), "not a sequence");
    let plural = |text: &str| Selector::parse(text).expect("a path").is_plural();
    assert!(plural("5200,9230.0020,9113") && plural("5200,9230[*]"));
    assert!(!plural("5200,9230") && !plural("5200,9230[1].0020,9113"));
    for wrong in ["", ".", "PatientNam", "PatientName.", "5200,9230[", "5200,9230[x]", "5200,9230[+1]", "a[]"]
    {
        assert!(Selector::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn ten_thousand_items_are_listed() {
    let file = multi_frame(10_000);
    assert_eq!(Rows::read(&file, None).len(), 5 + 40_000);
    assert_eq!(Rows::read(&file, Some(9_999)).len(), 9);
}
