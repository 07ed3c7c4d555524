//! Metadata as the standard and as servers write it.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use super::{Instance, read_instances, read_text};
use crate::dicom::{DataSet, DicomFile, Tag, Value};
use crate::inspect::json::{self, JsonOptions};

#[track_caller]
fn read(text: &str) -> Instance {
    read_text(text).expect("metadata")
}

/// The example of PS3.18 F.4, cut down, with its values worked out by hand.
const STANDARD: &str = r#"{
  "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
  "00080020": {"vr": "DA", "Value": ["20130409"]},
  "00080061": {"vr": "CS", "Value": ["CT", "PET"]},
  "00080090": {"vr": "PN", "Value": [{"Alphabetic": "^Bob^^Dr."}]},
  "00091002": {"vr": "UN", "InlineBinary": "z0x9c8v7"},
  "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小東"}]},
  "00100030": {"vr": "DA"},
  "00101002": {"vr": "SQ", "Value": [{"00100020": {"vr": "LO", "Value": ["54321"]}}, {}]},
  "0020000D": {"vr": "UI", "Value": ["1.2.392.200036.9116.2.2.2.1762893313.1029997326.945873"]},
  "00201206": {"vr": "IS", "Value": [4]},
  "00281053": {"vr": "DS", "Value": [1.5, null, -2]},
  "7FE00010": {"vr": "OW", "BulkDataURI": "../bulk/1"}
}"#;

#[test]
fn the_model_of_the_standard() {
    let Instance { data, bulk, meta } = read(STANDARD);
    assert_eq!(data.strings(Tag(0x0008, 0x0061)), ["CT", "PET"]);
    assert_eq!(data.person_name(tags::PATIENT_NAME).as_deref(), Some("Wang^XiaoDong=王^小東"));
    assert_eq!(data.bytes(Tag(0x0009, 0x1002)), Some(&[0xCF, 0x4C, 0x7D, 0x73, 0xCB, 0xFB][..]));
    assert_eq!(data.bytes(tags::PATIENT_BIRTH_DATE), Some(&[][..]));
    let items = data.items(Tag(0x0010, 0x1002));
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].string(tags::PATIENT_ID).as_deref(), Some("54321"));
    assert_eq!(data.bytes(Tag(0x0020, 0x1206)), Some(&b"4 "[..]));
    assert_eq!(data.bytes(tags::RESCALE_SLOPE), Some(&b"1.5\\\\-2 "[..]));
    assert_eq!(data.bytes(tags::STUDY_INSTANCE_UID).map(|uid| uid.len() % 2), Some(0));
    assert!(matches!(data.get(tags::PIXEL_DATA).unwrap().value, Value::Remote { number: 0 }));
    assert_eq!(bulk, ["../bulk/1"]);
    assert!(meta.elements().is_empty());
}

#[test]
fn numbers_become_bytes_in_their_own_size() {
    let data = read(
        r#"{"00280010": {"vr": "US", "Value": [3328]}, "00280120": {"vr": "SS", "Value": [-1024]},
            "00280106": {"vr": "US", "Value": ["-1"]}, "00189313": {"vr": "FD", "Value": [0.5, "NaN"]},
            "00089459": {"vr": "FL", "Value": ["0.25"]}, "00720082": {"vr": "SV", "Value": ["-9007199254740993"]},
            "00081301": {"vr": "UV", "Value": [18446744073709551615]},
            "00280009": {"vr": "AT", "Value": ["00181063"]}, "00280008": {"vr": "IS", "Value": ["60"]}}"#,
    )
    .data;
    assert_eq!(data.bytes(tags::ROWS), Some(&[0x00, 0x0D][..]));
    assert_eq!(data.bytes(tags::PIXEL_PADDING_VALUE), Some(&[0x00, 0xFC][..]));
    assert_eq!(data.bytes(tags::SMALLEST_IMAGE_PIXEL_VALUE), Some(&[0xFF, 0xFF][..]));
    let doubles = data.bytes(Tag(0x0018, 0x9313)).unwrap();
    assert_eq!(doubles[..8], 0.5_f64.to_le_bytes());
    assert!(f64::from_le_bytes(doubles[8..].try_into().unwrap()).is_nan());
    assert_eq!(data.float(Tag(0x0008, 0x9459)), Some(0.25));
    assert_eq!(data.bytes(Tag(0x0072, 0x0082)), Some(&(-9_007_199_254_740_993_i64).to_le_bytes()[..]));
    assert_eq!(data.bytes(Tag(0x0008, 0x1301)), Some(&[0xFF; 8][..]));
    assert_eq!(data.tags(Tag(0x0028, 0x0009)), [Tag(0x0018, 0x1063)]);
    assert_eq!(data.int(tags::NUMBER_OF_FRAMES), Some(60));
}

#[test]
fn what_servers_do_otherwise_is_understood() {
    let Instance { data, meta, bulk } = read(
        r#"{"00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2.4.90"]},
            "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
            "00080060": {"Value": ["MG"]}, "00100010": {"vr": "PN", "Value": ["Müller^Jörg"]},
            "00280011": {"Value": ["2560"], "vr": "US"}, "00181164": {"vr": "DS", "Value": "0.07"},
            "00540220": {"Value": [{"00080100": {"vr": "SH", "Value": ["R-10242"]}}], "vr": "SQ"},
            "(0008,0018)": {"vr": "UI", "Value": ["1.2.3"]}, "00080016": null, "0008103e": {"vr": "LO", "Value": null},
            "00091010": {"vr": "LO", "Value": ["secret"]}, "Modality": {"vr": "CS"}, "00090010": ["x"],
            "00283006": {"vr": "OW", "BulkDataURI": "http://other/bulk"}, "60003000": {"vr": "OB", "BulkDataURI": 7},
            "00200011": {"vr": "IS", "Value": [2.0]}, "00111001": {"Value": [{"00111002": {"Value": ["deep"]}}]}}"#,
    );
    assert_eq!(meta.uid(tags::TRANSFER_SYNTAX_UID).as_deref(), Some("1.2.840.10008.1.2.4.90"));
    assert_eq!(data.string(tags::SPECIFIC_CHARACTER_SET).as_deref(), Some("ISO_IR 192"), "JSON is UTF-8");
    assert_eq!(data.string(tags::MODALITY).as_deref(), Some("MG"));
    assert_eq!(data.person_name(tags::PATIENT_NAME).as_deref(), Some("Müller^Jörg"));
    assert_eq!(data.int(tags::COLUMNS), Some(2560));
    assert_eq!(data.float(tags::IMAGER_PIXEL_SPACING), Some(0.07));
    assert_eq!(data.items(tags::VIEW_CODE_SEQUENCE)[0].string(tags::CODE_VALUE).as_deref(), Some("R-10242"));
    assert_eq!(data.uid(tags::SOP_INSTANCE_UID).as_deref(), Some("1.2.3"));
    assert!(!data.contains(tags::SOP_CLASS_UID));
    assert_eq!(data.string(tags::SERIES_DESCRIPTION).as_deref(), Some(""));
    assert_eq!(data.string(Tag(0x0009, 0x1010)).as_deref(), Some("secret"));
    assert_eq!(data.int(tags::SERIES_NUMBER), Some(2));
    assert_eq!(data.items(Tag(0x0011, 0x1001))[0].string(Tag(0x0011, 0x1002)).as_deref(), Some("deep"));
    assert_eq!(bulk, ["http://other/bulk", "7"]);
}

#[test]
fn instances_come_one_by_one() {
    let object = |n: u32| format!(r#"{{"00080018":{{"vr":"UI","Value":["1.{n}"]}}}}"#);
    let text = format!("[{},\n{}, 7, null, {{}}, {}]", object(1), object(2), object(3));
    let mut uids = Vec::new();
    let mut take = |instance: Instance| {
        uids.push(instance.data.uid(tags::SOP_INSTANCE_UID).unwrap());
        true
    };
    read_instances(text.as_bytes(), &mut take).unwrap();
    assert_eq!(uids, ["1.1", "1.2", "1.3"]);
    // What came before the damage stands.
    let (mut found, cut) = (0, &text[..text.len() - 30]);
    let error = read_instances(cut.as_bytes(), &mut |_| {
        found += 1;
        true
    });
    assert_eq!(found, 2);
    assert!(error.unwrap_err().to_string().contains("ends too early"));
    let mut found = 0;
    read_instances(text.as_bytes(), &mut |_| {
        found += 1;
        false
    })
    .unwrap();
    assert_eq!(found, 1, "whoever has enough is asked no more");
}

#[test]
fn nonsense_is_an_error_and_never_more() {
    for text in ["", "<html>no</html>", "[{\"00080018\":", "\u{0}", "[[[[", "{\"a\":"] {
        assert!(read_instances(text.as_bytes(), &mut |_| true).is_err(), "{text}");
    }
    for text in ["[]", "{}", "[[[]]]", "{\"00080018\": {\"vr\": 5, \"Value\": {\"a\": [1]}}}"] {
        assert!(read_instances(text.as_bytes(), &mut |_| true).is_ok(), "{text}");
    }
    // Nested deeper than any object.
    let open = r#"{"00101002":{"vr":"SQ","Value":["#.repeat(5000);
    let error = read_instances(open.as_bytes(), &mut |_| true);
    assert!(error.is_err());
    let deep = format!(
        "{}{}",
        r#"{"00101002":{"vr":"SQ","Value":["#.repeat(36),
        "{}".to_owned() + &"]}}".repeat(36)
    );
    assert!(read_text(&deep).is_ok());
}

#[test]
fn an_endless_instance_is_given_up() {
    struct Endless(&'static [u8], usize);
    impl std::io::Read for Endless {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            for byte in buf.iter_mut() {
                *byte = self.0.get(self.1).copied().unwrap_or(b'0');
                self.1 += 1;
            }
            Ok(buf.len())
        }
    }
    let error =
        read_instances(Endless(br#"[{"00080018":{"vr":"UI","Value":[""#, 0), &mut |_| true).unwrap_err();
    assert!(matches!(error, crate::dicomweb::WebError::TooLarge(_)), "{error}");
}

/// Everything but pixels, tag by tag.
fn assert_same(file: &DataSet, json: &DataSet, place: &str) {
    let skipped =
        |tag: Tag| tag.element() == 0 || tag == tags::SPECIFIC_CHARACTER_SET || tag == tags::PIXEL_DATA;
    for element in file.elements().iter().filter(|element| !skipped(element.tag)) {
        let place = format!("{place} {:?}", element.tag);
        let found = json.get(element.tag).unwrap_or_else(|| panic!("{place} is missing"));
        assert_eq!(found.vr, element.vr, "{place}");
        match (&element.value, &found.value) {
            (Value::Items(items), Value::Items(same)) => {
                assert_eq!(items.len(), same.len(), "{place}");
                for (item, same) in items.iter().zip(same) {
                    assert_same(item, same, &place);
                }
            }
            // The model lets numbers be written in another way than they stand in the file.
            _ if matches!(element.vr, VR::DS | VR::IS) => {
                assert_eq!(file.floats(element.tag), json.floats(element.tag), "{place}");
            }
            _ => {
                assert_eq!(file.strings(element.tag), json.strings(element.tag), "{place}");
                if !matches!(element.vr, VR::PN | VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC) {
                    assert_eq!(file.bytes(element.tag), json.bytes(element.tag), "{place}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_is_read() {
    let objects = [
        crate::demo::tomo::file(8.0, 6),
        crate::demo::ultrasound::file(2),
        crate::demo::wedge::file(64),
        crate::demo::ct::file(&crate::demo::ct::Chest::new(), 3, 32),
    ];
    for bytes in objects {
        let file = DicomFile::from_bytes(bytes).unwrap();
        let mut json = Vec::new();
        let problems =
            json::write(&file, &JsonOptions { inline: Some(1 << 20), uri: "x".to_owned() }, &mut json);
        assert!(problems.unwrap().is_empty());
        let instance = read(std::str::from_utf8(&json).unwrap());
        assert_same(&file.data, &instance.data, "");
        assert_eq!(instance.data.elements().len(), file.data.elements().len());
    }
}
