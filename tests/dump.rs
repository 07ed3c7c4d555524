//! `viewer dump` from outside: what it prints of files good, odd and hostile.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::Scratch;
use support::dicom::{IMPLICIT_LITTLE, Object};
use support::program::{command, viewer, viewer_with_closed_pipe};

fn arg(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// An item of a sequence, in Explicit VR Little Endian.
fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    let inside = elements.concat();
    let length = u32::try_from(inside.len()).expect("short").to_le_bytes();
    [&[0xFE, 0xFF, 0x00, 0xE0][..], &length, &inside].concat()
}

fn element(tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
    let [g1, g0, e1, e0] = tag.to_be_bytes();
    let mut out = vec![g0, g1, e0, e1];
    out.extend(vr.bytes());
    if vr == "SQ" {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len()).expect("short").to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len()).expect("short").to_le_bytes());
    }
    out.extend(value);
    out
}

/// Two scheduled steps, the first with a code.
fn requests() -> Vec<u8> {
    let code = item(&[element(0x0008_0100, "SH", b"CODE1 "), element(0x0008_0104, "LO", b"Meaning ")]);
    let first = item(&[element(0x0040_0008, "SQ", &code), element(0x0040_0009, "SH", b"STEP-1")]);
    [first, item(&[element(0x0040_0009, "SH", b"STEP-2")])].concat()
}

fn rich() -> Object {
    Object::gray16("1.2.3.4", 2, 2, &[1, 2, 3, 0xFFFF])
        .text(0x0008_0005, "CS", "ISO_IR 100")
        .text(0x0008_0008, "CS", "DERIVED\\\\AXIAL")
        .text(0x0008_0050, "SH", "")
        .text(0x0008_0060, "CS", "MG")
        .bytes(0x0010_0010, "PN", b"Buc^J\xe9r\xf4me".to_vec())
        .text(0x0018_0060, "DS", "+31.50")
        .bytes(0x0018_9073, "FD", [0.1_f64.to_le_bytes(), f64::NAN.to_le_bytes()].concat())
        .bytes(0x0018_9087, "FD", f64::NEG_INFINITY.to_le_bytes())
        .text(0x0020_0013, "IS", "007")
        .bytes(0x0028_0009, "AT", [0x18, 0, 0x63, 0x10])
        .text(0x0029_0010, "LO", "SIEMENS CSA HEADER")
        .text(0x0029_1008, "CS", "IMAGE NUM 4")
        .bytes(0x0029_1010, "OB", [1, 2, 3, 4])
        .bytes(0x0029_1099, "UN", [0xFF, 0])
        .bytes(0x0040_0275, "SQ", requests())
        .bytes(0x0040_0555, "SQ", Vec::new())
}

#[test]
fn text_has_a_line_for_every_element() {
    let scratch = Scratch::new("dump-text");
    let file = scratch.file("a.dcm", rich().to_file());
    let ran = viewer(["dump", arg(&file)]).expect(0);
    let line = |tag: &str| {
        let found = ran.stdout.lines().find(|line| line.trim_start().starts_with(tag));
        found.unwrap_or_else(|| panic!("no {tag} in\n{}", ran.stdout)).to_owned()
    };
    let words =
        |tag: &str| line(tag).split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>().join(" ");
    assert_eq!(
        words("(0002,0010)"),
        "UI 20 1 TransferSyntaxUID 1.2.840.10008.1.2.1 = Explicit VR Little Endian"
    );
    assert_eq!(words("(0010,0010)"), "PN 10 1 PatientName Buc^Jérôme");
    assert_eq!(words("(0008,0008)"), "CS 14 3 ImageType DERIVED\\\\AXIAL");
    assert_eq!(words("(0008,0050)"), "SH 0 0 AccessionNumber");
    assert_eq!(words("(0018,9073)"), "FD 16 2 AcquisitionDuration 0.1\\NaN");
    assert_eq!(words("(0028,0009)"), "AT 4 1 FrameIncrementPointer (0018,1063) = FrameTime");
    assert_eq!(words("(0028,0010)"), "US 2 1 Rows 2");
    assert_eq!(words("(0029,1008)"), "CS 12 1 SIEMENS CSA HEADER: CSAImageHeaderType IMAGE NUM 4");
    assert_eq!(words("(0029,1099)"), "UN 2 1 SIEMENS CSA HEADER: ? ff 00");
    assert_eq!(words("(0040,0275)"), "SQ - 2 RequestAttributesSequence");
    assert_eq!(words("(7FE0,0010)"), "OW 8 1 PixelData 01 00 02 00 03 00 ff ff");
    assert!(line("(0040,0009)").starts_with("    ("), "nested elements are indented:\n{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "no colours where nobody looks");
    // Twelve in the pixel module, the UIDs and what was added; the sequences hold six more; five of meta.
    assert_eq!(ran.stdout.lines().filter(|line| line.trim_start().starts_with('(')).count(), 5 + 11 + 16 + 5);
}

#[test]
fn json_is_the_model_of_the_standard() {
    let scratch = Scratch::new("dump-json");
    let file = scratch.file("a.dcm", rich().text(0x0008_0000, "UL", "\u{4}\0\0\0").to_file());
    let found = viewer(["dump", "--json", arg(&file)]).expect(0).json();
    let mut expected = json!({
        "00080005": { "vr": "CS", "Value": ["ISO_IR 192"] },
        "00080008": { "vr": "CS", "Value": ["DERIVED", null, "AXIAL"] },
        "00080016": { "vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"] },
        "00080018": { "vr": "UI", "Value": ["1.2.3.4"] },
        "00080050": { "vr": "SH" },
        "00080060": { "vr": "CS", "Value": ["MG"] },
        "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "Buc^Jérôme" }] },
        "00180060": { "vr": "DS", "Value": [31.5] },
        "00189073": { "vr": "FD", "Value": [0.1, "NaN"] },
        "00189087": { "vr": "FD", "Value": ["-Infinity"] },
        "00200013": { "vr": "IS", "Value": [7] },
        "00280002": { "vr": "US", "Value": [1] },
        "00280004": { "vr": "CS", "Value": ["MONOCHROME2"] },
        "00280009": { "vr": "AT", "Value": ["00181063"] },
        "00280010": { "vr": "US", "Value": [2] },
        "00280011": { "vr": "US", "Value": [2] },
        "00280100": { "vr": "US", "Value": [16] },
        "00280101": { "vr": "US", "Value": [16] },
        "00280102": { "vr": "US", "Value": [15] },
        "00280103": { "vr": "US", "Value": [0] },
        "00290010": { "vr": "LO", "Value": ["SIEMENS CSA HEADER"] },
        "00291008": { "vr": "CS", "Value": ["IMAGE NUM 4"] },
        "00291010": { "vr": "OB", "InlineBinary": "AQIDBA==" },
        "00291099": { "vr": "UN", "InlineBinary": "/wA=" },
        "00400275": { "vr": "SQ", "Value": [
            { "00400008": { "vr": "SQ", "Value": [
                { "00080100": { "vr": "SH", "Value": ["CODE1"] },
                  "00080104": { "vr": "LO", "Value": ["Meaning"] } }] },
              "00400009": { "vr": "SH", "Value": ["STEP-1"] } },
            { "00400009": { "vr": "SH", "Value": ["STEP-2"] } }] },
        "00400555": { "vr": "SQ" },
    });
    let pixels = found["7FE00010"].clone();
    expected["7FE00010"] = pixels.clone();
    assert_eq!(found, expected);

    // The pixel data is pointed at, and is there.
    assert_eq!(pixels["vr"], "OW");
    let uri = pixels["BulkDataURI"].as_str().expect("a URI");
    let (place, range) = uri.split_once('?').expect("a range");
    assert!(place.starts_with("file:///") && place.ends_with("/a.dcm"), "{uri}");
    let numbers: Vec<usize> = range
        .split('&')
        .map(|part| part.split_once('=').expect("a pair").1.parse().expect("a number"))
        .collect();
    let bytes = std::fs::read(&file).expect("the file");
    assert_eq!(bytes[numbers[0]..numbers[0] + numbers[1]], [1, 0, 2, 0, 3, 0, 0xFF, 0xFF]);

    // Unless everything is wanted.
    let whole = viewer(["dump", "--json", "--max-length", "0", arg(&file)]).expect(0).json();
    assert_eq!(whole["7FE00010"], json!({ "vr": "OW", "InlineBinary": "AQACAAMA//8=" }));
    let short = viewer(["dump", "--json", "--max-length", "3", arg(&file)]).expect(0).json();
    let uri = short["00291010"]["BulkDataURI"].as_str().expect("a URI");
    assert!(uri.ends_with("/a.dcm#(0029,1010)"), "{uri}");
    assert_eq!(short["00291099"]["InlineBinary"], "/wA=");
}

#[test]
fn json_names_keys_in_order_once() {
    let scratch = Scratch::new("dump-order");
    let file = scratch.file("a.dcm", rich().to_file());
    let text = viewer(["dump", "--json", arg(&file)]).expect(0).stdout;
    let keys: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix('"')).map(|line| &line[..8]).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    assert!(keys.iter().all(|key| !key.starts_with("0002") && !key.ends_with("0000")));
}

#[test]
fn names_in_three_writings_become_three_strings() {
    // The example of PS3.5 annex H.3.1, in UTF-8.
    let scratch = Scratch::new("dump-names");
    let object = Object::new("1.2.3.5")
        .text(0x0008_0005, "CS", "ISO_IR 192")
        .text(0x0010_0010, "PN", "Yamada^Tarou=山田^太郎=やまだ^たろう\\=洪^吉洞\\")
        .text(0x0010_4000, "LT", "a\\b\r\nc \" \u{1b}");
    let file = scratch.file("a.dcm", object.to_file());
    let found = viewer(["dump", "--json", arg(&file)]).expect(0).json();
    let expected = json!([
        { "Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう" },
        { "Ideographic": "洪^吉洞" },
        null
    ]);
    assert_eq!(found["00100010"]["Value"], expected);
    assert_eq!(found["00104000"]["Value"], json!(["a\\b\r\nc \" \u{1b}"]));
}

#[test]
fn numbers_that_are_none_stay_text() {
    let scratch = Scratch::new("dump-numbers");
    let object = Object::new("1.2.3.6")
        .text(0x0018_0050, "DS", "1,5")
        .text(0x0018_0088, "DS", ".5\\\\1e2\\-0\\1e999")
        .text(0x0020_0011, "IS", "1A\\2")
        .text(0x0020_0013, "IS", "1.0")
        .bytes(0x0018_1316, "DS", b" ".to_vec());
    let file = scratch.file("a.dcm", object.to_file());
    let found = viewer(["dump", "--json", arg(&file)]).expect(0).json();
    assert_eq!(found["00180050"]["Value"], json!(["1,5"]));
    assert_eq!(found["00180088"]["Value"], json!([0.5, null, 100.0, -0.0, "1e999"]));
    assert_eq!(found["00200011"]["Value"], json!(["1A", 2]));
    assert_eq!(found["00200013"]["Value"], json!(["1.0"]));
    assert_eq!(found["00181316"], json!({ "vr": "DS" }));
}

#[test]
fn one_tag_gives_one_value_and_several_are_told_apart() {
    let scratch = Scratch::new("dump-tags");
    let a = scratch.file("a.dcm", rich().to_file());
    let b = scratch.file("b.dcm", rich().text(0x0008_0060, "CS", "CT").to_file());
    scratch.file("notes.txt", "no DICOM here");
    let dump = |arguments: &[&str]| viewer([&["dump"], arguments].concat()).expect(0).stdout;

    for tag in ["Modality", "0008,0060", "(0008,0060)", "00080060"] {
        assert_eq!(dump(&["--tag", tag, arg(&a)]), "MG\n");
    }
    assert_eq!(dump(&["--tag", "TransferSyntaxUID", arg(&a)]), "1.2.840.10008.1.2.1\n");
    assert_eq!(dump(&["--tag", "PixelData", arg(&a)]), "01 00 02 00 03 00 ff ff\n");
    let step = "RequestAttributesSequence[1].ScheduledProcedureStepID";
    assert_eq!(dump(&["--tag", step, arg(&a)]), "STEP-2\n");
    let every = "RequestAttributesSequence[*].ScheduledProcedureStepID";
    assert_eq!(
        dump(&["--tag", every, arg(&a)]),
        "RequestAttributesSequence[0].ScheduledProcedureStepID\tSTEP-1\n\
         RequestAttributesSequence[1].ScheduledProcedureStepID\tSTEP-2\n"
    );
    assert_eq!(dump(&["--tag", "Modality", "--tag", "0028,0010", arg(&a)]), "Modality\tMG\nRows\t2\n");
    let folder = dump(&["--tag", "Modality", arg(scratch.path())]);
    assert_eq!(folder, format!("{}\tMG\n{}\tCT\n", arg(&a), arg(&b)));
    let sequence = dump(&["--tag", "RequestAttributesSequence", arg(&a)]);
    assert!(sequence.starts_with("2 items\n  [0]\n    (0040,0008) SQ"), "{sequence}");

    let one = dump(&["--tag", "Rows", "--filter", "modality=ct", arg(scratch.path())]);
    assert_eq!(one, format!("{}\t2\n", arg(&b)));

    viewer(["dump", "--tag", "PatientID", arg(&a)]).expect(1);
    let wrong = viewer(["dump", "--tag", "PatientNam", arg(&a)]).expect(2);
    assert!(wrong.stderr.contains("not a keyword or a tag"), "{}", wrong.stderr);
}

#[test]
fn json_of_some_tags_keeps_their_sequences() {
    let scratch = Scratch::new("dump-json-tags");
    let file = scratch.file("a.dcm", rich().to_file());
    let dump = |tags: &[&str]| {
        let tags = tags.iter().flat_map(|tag| ["--tag", tag]);
        viewer(["dump", "--json", arg(&file)].into_iter().chain(tags)).expect(0).json()
    };
    let modality = json!({ "vr": "CS", "Value": ["MG"] });
    let second = json!({ "00400009": { "vr": "SH", "Value": ["STEP-2"] } });
    assert_eq!(dump(&["Modality", "0008,0060"]), json!({ "00080060": modality }));
    assert_eq!(
        dump(&["RequestAttributesSequence[1].ScheduledProcedureStepID", "Modality"]),
        json!({ "00080060": modality, "00400275": { "vr": "SQ", "Value": [second] } })
    );
    let all = dump(&["RequestAttributesSequence"]);
    assert_eq!(all["00400275"]["Value"][1], second);
    assert_eq!(
        all,
        dump(&["RequestAttributesSequence", "RequestAttributesSequence[1].ScheduledProcedureStepID"])
    );
    assert_eq!(dump(&["RequestAttributesSequence[1]"])["00400275"]["Value"], json!([second]));
    assert_eq!(dump(&["TransferSyntaxUID"])["00020010"]["Value"], json!(["1.2.840.10008.1.2.1"]));
}

#[test]
fn several_files_are_an_array_and_bad_ones_cost_only_themselves() {
    let scratch = Scratch::new("dump-several");
    let good = rich().to_file();
    let files = [
        scratch.file("text.dcm", "these are words and nothing else\n".repeat(20)),
        scratch.file("empty.dcm", ""),
        scratch.file("a.dcm", &good),
        scratch.join("missing.dcm"),
        scratch.file("b.dcm", rich().transfer_syntax(IMPLICIT_LITTLE).bytes(0x0040_0275, "SQ", []).to_file()),
    ];
    let ran = viewer(["dump", "--json"].into_iter().chain(files.iter().map(|path| arg(path)))).expect(0);
    let found = ran.json();
    assert_eq!(found.as_array().expect("an array").len(), 2);
    assert_eq!(found[0]["00080060"], found[1]["00080060"]);
    assert_eq!(ran.stderr.lines().count(), 3, "{}", ran.stderr);
    assert!(ran.stderr.lines().all(|line| line.ends_with(".dcm")), "{}", ran.stderr);

    let text = viewer(["dump"].into_iter().chain(files.iter().map(|path| arg(path)))).expect(0);
    assert_eq!(text.stdout.lines().filter(|line| line.ends_with(".dcm")).count(), 2);
    viewer(["dump", arg(&files[0])]).expect(1);
    viewer(["dump", arg(&files[3])]).expect(4);
    assert_eq!(viewer(["dump", "--json", arg(&files[0]), arg(&files[1])]).expect(1).json(), json!([]));
    viewer(["dump"]).expect(2);
    viewer(["dump", "--json", "--text", arg(&files[2])]).expect(2);
}

#[test]
fn long_values_are_cut_and_counted() {
    let scratch = Scratch::new("dump-long");
    let table: Vec<u8> = (0..5000_u16).flat_map(u16::to_le_bytes).collect();
    let object = rich()
        .text(0x0010_4000, "LT", &"ä".repeat(1000))
        .text(0x0008_0005, "CS", "ISO_IR 192")
        .text(0x0010_0010, "PN", "Doe")
        .bytes(0x0028_1221, "OW", table.clone())
        .bytes(0x0028_3002, "US", table);
    let file = scratch.file("a.dcm", object.to_file());
    let dump = |arguments: &[&str]| viewer([&["dump", arg(&file)], arguments].concat()).expect(0).stdout;
    let text = dump(&[]);
    assert!(text.contains(&format!(" {}… 900 more characters\n", "ä".repeat(100))), "{text}");
    assert!(text.contains(" 00 00 01 00 02 00 03 00"), "{text}");
    assert!(text.contains("… 9967 more bytes\n"), "{text}");
    let values = text.lines().find(|line| line.contains("LUTDescriptor")).expect("a line");
    assert!(values.ends_with(" more values"), "{values}");
    let shown = values.split(" 0\\1\\").nth(1).expect("values").split("\\…").next().expect("some");
    let left: usize =
        values.split("… ").nth(1).expect("a count").split(' ').next().expect("it").parse().expect("n");
    assert_eq!(shown.split('\\').count() + 2 + left, 5000);
    assert!(dump(&["--max-length", "10"]).contains(&format!(" {}… 990 more characters\n", "ä".repeat(10))));
    assert!(dump(&["--max-length", "0"]).contains(&"ä".repeat(1000)));
    assert_eq!(dump(&["--tag", "PatientComments"]), format!("{}\n", "ä".repeat(1000)));
}

/// Text, creators and paths out of a file never reach a terminal as commands to it.
#[test]
fn nothing_in_a_file_moves_the_cursor() {
    let scratch = Scratch::new("dump-escape");
    let evil = "\u{1b}[2J\u{1b}]0;title\u{7}\r\n\u{9b}31m\u{202e}";
    let object = rich()
        .text(0x0008_0005, "CS", "ISO_IR 192")
        .text(0x0010_0010, "PN", evil)
        .text(0x0029_0010, "LO", evil)
        .text(0x0008_0018, "UI", evil)
        .text(0x0010_4000, "LT", evil);
    let file = scratch.file("e\u{1b}[31m.dcm", object.to_file());
    for arguments in [&["dump"][..], &["dump", "--tag", "PatientName"], &["dump", "--tag", "PatientComments"]]
    {
        let ran = viewer(arguments.iter().copied().chain([arg(&file), arg(&file)])).expect(0);
        let bad = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        assert!(!ran.stdout.contains(bad), "{:?}", ran.stdout);
        assert!(ran.stdout.contains("␛[2J"), "{:?}", ran.stdout);
    }
    let text = viewer(["dump", "--json", arg(&file)]).expect(0).stdout;
    assert!(!text.contains('\u{1b}'));
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert!(found["00104000"]["Value"][0].as_str().expect("text").contains(evil));
}

#[test]
fn encapsulated_pixels_are_counted_and_pointed_at() {
    let scratch = Scratch::new("dump-fragments");
    let mut bytes = Object::new("1.2.3.7").transfer_syntax("1.2.840.10008.1.2.5").to_file();
    bytes.extend(b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF");
    let start = bytes.len();
    for fragment in [&[0, 0, 0, 0, 12, 0, 0, 0][..], b"abcd", b"efghij"] {
        bytes.extend(b"\xFE\xFF\x00\xE0");
        bytes.extend(u32::try_from(fragment.len()).expect("short").to_le_bytes());
        bytes.extend(fragment);
    }
    let length = bytes.len() - start;
    let cut = scratch.file("cut.dcm", &bytes);
    bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    // What follows the pixel data is shown as well.
    bytes.extend(b"\xFC\xFF\xFC\xFFOB\0\0\x02\0\0\0\x07\x08");
    let file = scratch.file("a.dcm", bytes);
    let text = viewer(["dump", arg(&file)]).expect(0).stdout;
    assert!(text.ends_with("DataSetTrailingPadding               07 08\n"), "{text}");
    assert_eq!(viewer(["dump", "--tag", "FFFC,FFFC", arg(&file)]).expect(0).stdout, "07 08\n");
    let found = viewer(["dump", "--json", arg(&file)]).expect(0).json();
    assert_eq!(found["FFFCFFFC"], json!({ "vr": "OB", "InlineBinary": "Bwg=" }));
    assert!(text.contains("2 fragments of 10 bytes in all, offset table of 2 entries\n"), "{text}");
    let text = viewer(["dump", arg(&cut)]).expect(0).stdout;
    assert!(text.contains("2 entries, without an end\n"), "{text}");
    for file in [&file, &cut] {
        let found = viewer(["dump", "--json", "--max-length", "0", arg(file)]).expect(0).json();
        let uri = found["7FE00010"]["BulkDataURI"].as_str().expect("a URI");
        assert!(uri.ends_with(&format!("?offset={start}&length={length}")), "{uri}");
    }
}

/// Damaged in many ways, a file gives what it has or an error; the program neither panics nor lingers.
#[test]
fn hostile_files_are_survived() {
    let scratch = Scratch::new("dump-hostile");
    let good = rich().to_file();
    let mut files = Vec::new();
    for (number, at) in (132..good.len()).step_by(37).enumerate() {
        files.push(scratch.file(&format!("cut-{number:03}.dcm"), &good[..at]));
        let mut flipped = good.clone();
        flipped[at] = !flipped[at];
        files.push(scratch.file(&format!("flip-{number:03}.dcm"), flipped));
    }
    let deep = (0..500).fold(Vec::new(), |inner, _| {
        let mut out = b"\x40\x00\x75\x02SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF".to_vec();
        out.extend(inner);
        out
    });
    let deep = scratch.file("deep.dcm", [Object::new("1.2.3.8").to_file(), deep].concat());
    for form in ["--text", "--json"] {
        // Nested too deeply for the reader of these tests, so it is not parsed.
        let ran = viewer(["dump", form, arg(&deep)]).expect(0);
        assert_eq!(ran.stderr, "");
    }
    let absurd = b"\x20\x00\x00\x40UT\0\0\xF0\xFF\xFF\xFFshort";
    files.push(scratch.file("absurd.dcm", [&Object::new("1.2.3.9").to_file()[..], absurd].concat()));
    for form in ["--text", "--json"] {
        let ran = viewer(["dump", form].into_iter().chain(files.iter().map(|path| arg(path)))).expect(0);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        if form == "--json" {
            assert!(ran.json().as_array().expect("an array").len() > 20);
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let scratch = Scratch::new("dump-pipe");
    let file = scratch.file("a.dcm", rich().to_file());
    let many = vec![arg(&file); 400];
    for form in ["--text", "--json"] {
        let ran = viewer_with_closed_pipe(["dump", form].into_iter().chain(many.iter().copied())).expect(0);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn colours_are_for_terminals_alone() {
    let scratch = Scratch::new("dump-color");
    let file = scratch.file("a.dcm", rich().to_file());
    let output =
        command(["dump", arg(&file)]).env("TERM", "xterm").env_remove("NO_COLOR").output().expect("runs");
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn the_help_teaches_tags_and_json() {
    let help = viewer(["dump", "--help"]).expect(0).stdout;
    for word in ["EXAMPLES", "BulkDataURI", "[*]", "NO_COLOR", "--max-length"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
}
