//! Drives the program from outside: what it prints, and how it ends.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use support::Scratch;
use support::dicom::{IMPLICIT_LITTLE, Object};
use support::program::{viewer, viewer_with_closed_pipe};

/// A ramp over all grey levels and more: 0, 1, 2 ... in 16 bits.
fn ramp(columns: u16, rows: u16) -> Vec<u16> {
    (0..columns * rows).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("text");
    }
    text
}

fn little_endian(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

fn arg(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn help_teaches_by_example() {
    let help = viewer(["--help"]).expect(0);
    for word in [
        "EXAMPLES",
        "viewer demo",
        "EXIT CODES",
        "render",
        "pixels",
        "info",
        "dump",
        "--layout",
        "--headless",
    ] {
        assert!(help.stdout.contains(word), "{word} is missing:\n{}", help.stdout);
    }
    for command in ["render", "pixels", "info", "dump", "demo"] {
        let help = viewer([command, "--help"]).expect(0);
        assert!(help.stdout.contains("EXAMPLES"), "{command}");
        assert_eq!(help.stderr, "");
    }
}

#[test]
fn version_is_the_one_of_the_package() {
    let version = viewer(["--version"]).expect(0);
    assert_eq!(version.stdout.trim(), concat!("viewer ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_two() {
    for wrong in [
        &["--layout", "9x9"][..],
        &["--size", "0x0"],
        &["--headless"],
        &["--no-such-option"],
        &["pixels"],
        &["info"],
        &["render", "a.dcm"],
        &["render", "a.dcm", "-o", "b.png", "--window", "1,0"],
        &["render", "a.dcm", "-o", "b.png", "--voi", "0"],
        &["render", "a.dcm", "-o", "b.png", "--voi", "1", "--full-range"],
        &["pixels", "--all", "--frame", "1", "a.dcm"],
    ] {
        let ran = viewer(wrong).expect(2);
        assert_eq!(ran.stdout, "", "{wrong:?}");
        assert!(!ran.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_missing_file_is_four_and_the_path_comes_last() {
    let ran = viewer(["nowhere/missing.dcm"]).expect(4);
    assert!(ran.stderr.trim_end().ends_with("nowhere/missing.dcm"), "{}", ran.stderr);
    viewer(["render", "missing.dcm", "-o", "out.png"]).expect(4);
    viewer(["info", "missing.dcm"]).expect(4);
}

#[test]
fn a_command_after_an_option_is_explained() {
    let ran = viewer(["--log", "render"]).expect(4);
    assert!(ran.stderr.contains("a command comes before every option"), "{}", ran.stderr);
}

#[test]
fn pixels_hashes_what_the_file_stores() {
    let scratch = Scratch::new("pixels");
    let samples = ramp(16, 8);
    let object = Object::gray16("1.2.3.1", 16, 8, &samples);
    let explicit = scratch.file("explicit.dcm", object.to_file());
    let implicit = scratch.file("implicit.dcm", object.transfer_syntax(IMPLICIT_LITTLE).to_file());
    let ran = viewer(["pixels", "--json", arg(&explicit), arg(&implicit)]).expect(0);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 2);
    let expected = json!({
        "path": arg(&explicit), "transfer_syntax": "1.2.840.10008.1.2.1",
        "rows": 8, "columns": 16, "frames": 1, "samples": 1, "photometric": "MONOCHROME2",
        "bits_allocated": 16, "bits_stored": 16, "signed": false, "frame": 0,
        "sha256": sha256(&little_endian(&samples)), "min": 0, "max": 127, "mean": 63.5,
    });
    assert_eq!(lines[0], expected);
    assert_eq!(lines[1]["sha256"], expected["sha256"]);
    assert_eq!(lines[1]["transfer_syntax"], IMPLICIT_LITTLE);
}

#[test]
fn pixels_masks_unused_bits_and_extends_the_sign() {
    let scratch = Scratch::new("bits");
    // Twelve bits at the bottom, rubbish above them.
    let stored = [0xf001, 0x3fff, 0x0800, 0x17ff];
    let object = Object::gray16("1.2.3.2", 2, 2, &stored).short(0x0028_0101, 12).short(0x0028_0102, 11);
    let unsigned = scratch.file("unsigned.dcm", object.to_file());
    let signed = scratch.file("signed.dcm", object.short(0x0028_0103, 1).to_file());
    let ran = viewer(["pixels", "--json", arg(&unsigned), arg(&signed)]).expect(0);
    let lines = ran.json_lines();
    assert_eq!(lines[0]["sha256"], sha256(&little_endian(&[0x001, 0xfff, 0x800, 0x7ff])));
    assert_eq!(lines[0]["max"], 0xfff);
    assert_eq!(lines[1]["sha256"], sha256(&little_endian(&[0x0001, 0xffff, 0xf800, 0x07ff])));
    assert_eq!((&lines[1]["min"], &lines[1]["max"]), (&json!(-2048), &json!(2047)));
    assert_eq!(lines[1]["signed"], true);
}

#[test]
fn pixels_describes_any_frame_and_hashes_all() {
    let scratch = Scratch::new("frames");
    let samples = ramp(4, 6);
    // Three frames of 4 x 2.
    let object = Object::gray16("1.2.3.3", 4, 6, &samples).short(0x0028_0010, 2).text(0x0028_0008, "IS", "3");
    let file = scratch.file("frames.dcm", object.to_file());

    let one = viewer(["pixels", "--json", "--frame", "2", arg(&file)]).expect(0).json();
    assert_eq!((&one["frame"], &one["frames"], &one["min"]), (&json!(2), &json!(3), &json!(16)));
    assert_eq!(one["sha256"], sha256(&little_endian(&samples[16..])));
    assert!(one.get("all_frames_sha256").is_none());

    let all = viewer(["pixels", "--json", "--all", arg(&file)]).expect(0).json();
    assert_eq!(all["sha256"], sha256(&little_endian(&samples[..8])));
    assert_eq!(all["all_frames_sha256"], sha256(&little_endian(&samples)));

    let beyond = viewer(["pixels", "--json", "--frame", "3", arg(&file)]).expect(1).json();
    assert!(beyond["error"].as_str().expect("an error").contains("from 0 to 2"), "{beyond}");
}

#[test]
fn a_bad_file_never_takes_a_good_one_down() {
    let scratch = Scratch::new("bad");
    let good = Object::gray16("1.2.3.4", 16, 16, &ramp(16, 16)).to_file();
    let files = [
        scratch.file("text.dcm", "these are words and nothing else\n".repeat(20)),
        scratch.file("empty.dcm", ""),
        scratch.file("truncated.dcm", &good[..good.len() - 100]),
        scratch.join("missing.dcm"),
        scratch.path().to_path_buf(),
        scratch.file("good.dcm", &good),
    ];
    let arguments = ["pixels", "--json"].into_iter().chain(files.iter().map(|path| arg(path)));
    let lines = viewer(arguments).expect(0).json_lines();
    assert_eq!(lines.len(), files.len());
    for (line, file) in lines.iter().zip(&files).take(5) {
        assert_eq!(line["path"], arg(file));
        assert!(line["error"].is_string(), "{line}");
        assert!(line.get("sha256").is_none(), "{line}");
    }
    assert!(lines[5]["sha256"].is_string());

    viewer(["pixels", "--json", arg(&files[0])]).expect(1);
    let text = viewer(["pixels", arg(&files[0])]).expect(1);
    assert!(text.stderr.trim_end().ends_with("text.dcm"), "{}", text.stderr);
}

#[test]
fn what_was_mended_is_said() {
    let scratch = Scratch::new("mended");
    // The element holds ten of the sixteen samples that the header promises.
    let short = Object::gray16("1.2.3.4", 4, 4, &ramp(4, 4)[..10]).to_file();
    let file = scratch.file("short.dcm", &short);
    let line = viewer(["pixels", "--json", arg(&file)]).expect(0).json();
    assert!(line["warnings"][0].as_str().is_some_and(|said| said.contains("12 of the 32 bytes")), "{line}");
    let shown =
        viewer(["render", arg(&file), "-o", arg(&scratch.join("o.png")), "--engine", "cpu"]).expect(0);
    for text in [viewer(["pixels", arg(&file)]).expect(0).stderr, shown.stderr] {
        assert!(text.contains("12 of the 32 bytes") && text.trim_end().ends_with("short.dcm"), "{text}");
    }
    let good = scratch.file("good.dcm", Object::gray16("1.2.3.5", 4, 4, &ramp(4, 4)).to_file());
    assert!(viewer(["pixels", "--json", arg(&good)]).expect(0).json().get("warnings").is_none());
}

#[cfg(unix)]
#[test]
fn a_device_is_refused_and_not_read() {
    let line = viewer(["pixels", "--json", "/dev/zero"]).expect(1).json();
    assert!(line["error"].as_str().expect("an error").contains("regular file"), "{line}");
    viewer(["render", "/dev/zero", "-o", "out.png", "--engine", "cpu"]).expect(4);
}

#[test]
fn info_is_a_tree() {
    let scratch = Scratch::new("info");
    let image = |number: u16, study: &str, series: &str, date: &str| {
        Object::gray16(&format!("1.2.3.{number}"), 4, 2, &ramp(4, 2))
            .text(0x0020_000d, "UI", study)
            .text(0x0020_000e, "UI", series)
            .text(0x0020_0013, "IS", &number.to_string())
            .text(0x0008_0020, "DA", date)
            .text(0x0008_0060, "CS", "MG")
            .text(0x0010_0010, "PN", "Doe^Jane")
    };
    let second = image(12, "1.1", "1.1.1", "20240102").to_file();
    scratch.file("old/b.dcm", &second);
    scratch.file("old/twin.dcm", &second);
    scratch.file("old/.a", image(11, "1.1", "1.1.1", "20240102").to_file());
    scratch.file("old/c.dcm", image(3, "1.1", "1.1.2", "20240102").to_file());
    scratch.file("new/d.dcm", image(1, "1.2", "1.2.1", "20250102").to_file());
    scratch.file("new/readme.txt", "nothing to see here");

    let json = viewer(["info", "--json", arg(scratch.path())]).expect(0).json();
    assert_eq!((&json["duplicates"], &json["skipped"], &json["failed"]), (&json!(1), &json!(1), &json!([])));
    let studies = json["studies"].as_array().expect("studies");
    assert_eq!(studies.iter().map(|study| &study["uid"]).collect::<Vec<_>>(), ["1.2", "1.1"]);
    assert_eq!(studies[1]["patient"]["name"], "Doe^Jane");
    assert_eq!(studies[1]["series"].as_array().map(Vec::len), Some(2));
    let instances = studies[1]["series"][0]["instances"].as_array().expect("instances");
    let numbers: Vec<_> = instances.iter().map(|instance| &instance["number"]).collect();
    assert_eq!(numbers, [11, 12]);
    assert_eq!((&instances[0]["columns"], &instances[0]["rows"]), (&json!(4), &json!(2)));
    assert!(instances[1]["path"].as_str().expect("a path").ends_with("b.dcm"), "the first twin stays");

    let text = viewer(["info", arg(scratch.path())]).expect(0).stdout;
    for words in ["2025-01-02", "Doe, Jane", "2 studies, 3 series, 4 instances", "1 file skipped"] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
}

#[test]
fn info_reports_what_it_cannot_read() {
    let scratch = Scratch::new("unreadable");
    let text = scratch.file("notes.txt", "no DICOM in here");
    let named = viewer(["info", "--json", arg(&text), arg(&scratch.join("missing"))]).expect(1).json();
    assert_eq!(named["failed"].as_array().map(Vec::len), Some(2));
    let folder = viewer(["info", "--json", arg(scratch.path())]).expect(1).json();
    assert_eq!((&folder["failed"], &folder["skipped"]), (&json!([]), &json!(1)));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = Scratch::new("pipe");
    let file = scratch.file("a.dcm", Object::gray16("1.2.3.5", 4, 4, &ramp(4, 4)).to_file());
    let many = std::iter::repeat_n(arg(&file), 2000);
    let ran = viewer_with_closed_pipe(["pixels", "--json"].into_iter().chain(many)).expect(0);
    assert_eq!(ran.stderr, "");
}

/// The picture in a PNG: its color type and bytes.
fn picture(path: &Path) -> (png::ColorType, [u32; 2], Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(path).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    pixels.truncate(info.buffer_size());
    (info.color_type, [info.width, info.height], pixels)
}

#[test]
fn render_of_a_ramp_is_exact() {
    let scratch = Scratch::new("ramp");
    let object = Object::gray16("1.2.3.6", 32, 16, &ramp(32, 16));
    let file = scratch.file("ramp.dcm", object.to_file());
    let out = scratch.join("out.png");
    let render = |more: &[&str]| {
        let fixed = ["render", arg(&file), "-o", arg(&out), "--engine", "cpu"];
        viewer(fixed.into_iter().chain(more.iter().copied())).expect(0);
        picture(&out)
    };

    // Width 256 around 128 is one level a value: PS3.3 C.11.2.1.2.1 with c - 0.5 = 127.5 and w - 1 = 255.
    let levels: Vec<u8> = (0..512_u32).map(|value| u8::try_from(value).unwrap_or(u8::MAX)).collect();
    assert_eq!(render(&["--window", "128,256"]), (png::ColorType::Grayscale, [32, 16], levels.clone()));

    let inverted: Vec<u8> = levels.iter().map(|level| 255 - level).collect();
    assert_eq!(render(&["--window", "128,256", "--invert"]).2, inverted);

    // From 0 to 511 over 255 levels, rounded to the nearest.
    let full: Vec<u8> = (0..512).map(|value| (f64::from(value) / 511.0 * 255.0).round() as u8).collect();
    assert_eq!(render(&["--full-range"]).2, full);

    let (_, size, _) = render(&["--window", "128,256", "--size", "64x64"]);
    assert_eq!(size, [64, 64]);
}

#[test]
fn render_takes_the_windows_of_the_object_by_number() {
    let scratch = Scratch::new("voi");
    let object = Object::gray16("1.2.3.7", 4, 1, &[0, 100, 200, 300])
        .text(0x0028_1050, "DS", "128\\100")
        .text(0x0028_1051, "DS", "256\\1");
    let file = scratch.file("voi.dcm", object.to_file());
    let out = scratch.join("out.png");
    let render = |voi: &str| viewer(["render", arg(&file), "-o", arg(&out), "--engine", "cpu", "--voi", voi]);

    render("1").expect(0);
    assert_eq!(picture(&out).2, [0, 100, 200, 255]);
    // A width of one is a threshold: up to centre - 0.5 black, above it white.
    render("2").expect(0);
    assert_eq!(picture(&out).2, [0, 255, 255, 255]);
    let ran = render("3").expect(2);
    assert!(ran.stderr.contains('2'), "says how many there are: {}", ran.stderr);
}

#[test]
fn render_combines_the_slices_of_a_slab() {
    let scratch = Scratch::new("slab");
    let stack = |class: &'static str, spacing: u16| {
        let place = |frame: u16| {
            let position = Object::item().text(0x0020_0032, "DS", &format!("0\\0\\{}", frame * spacing));
            Object::item().items(0x0020_9113, &[position])
        };
        let orientation = Object::item().text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0");
        let measures = Object::item().text(0x0028_0030, "DS", "0.1\\0.1");
        let shared = Object::item().items(0x0020_9116, &[orientation]).items(0x0028_9110, &[measures]);
        let frames = [[0, 40, 50, 0], [10, 30, 50, 0], [20, 20, 50, 201], [30, 10, 50, 0], [40, 0, 50, 255]];
        let frames: Vec<u16> = frames.concat();
        let bytes: Vec<u8> = frames.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Object::gray16("1.2.3.9", 4, 1, &frames[..4])
            .class(class)
            .text(0x0028_0008, "IS", "5")
            .items(0x5200_9229, &[shared])
            .items(0x5200_9230, &[0, 1, 2, 3, 4].map(place))
            .bytes(0x7fe0_0010, "OW", bytes)
    };
    let tomosynthesis = "1.2.840.10008.5.1.4.1.1.13.1.3";
    let file = scratch.file("stack.dcm", stack(tomosynthesis, 2).to_file());
    let out = scratch.join("out.png");
    let render = |slab: &str| {
        let fixed = ["render", arg(&file), "-o", arg(&out), "--engine", "cpu", "--frame", "2"];
        viewer(fixed.into_iter().chain(["--window", "128,256", "--slab", slab]))
    };
    // Six millimetres around the middle one are three slices of two.
    for (slab, expected) in
        [("max,6", [30, 30, 50, 201]), ("mean,6", [20, 20, 50, 67]), ("min,6", [10, 10, 50, 0])]
    {
        render(slab).expect(0);
        assert_eq!(picture(&out).2, expected, "{slab}");
    }
    render("max,2").expect(0);
    assert_eq!(picture(&out).2, [20, 20, 50, 201], "a slab of one slice is the slice");
    render("most,6").expect(2);
    // Slices in one place are no stack.
    scratch.file("stack.dcm", stack(tomosynthesis, 0).to_file());
    let ran = render("max,6");
    assert!(ran.code != Some(0) && !ran.stderr.is_empty(), "{}", ran.stderr);
}

#[test]
fn render_leaves_no_half_file() {
    let scratch = Scratch::new("half");
    let good = Object::gray16("1.2.3.8", 16, 16, &ramp(16, 16)).to_file();
    let truncated = scratch.file("truncated.dcm", &good[..good.len() - 100]);
    let text = scratch.file("text.dcm", "no DICOM in here");
    let out = scratch.join("out.png");
    for (file, code) in [(&truncated, 1), (&text, 1)] {
        viewer(["render", arg(file), "-o", arg(&out), "--engine", "cpu"]).expect(code);
    }
    let good = scratch.file("good.dcm", good);
    viewer(["render", arg(&good), "-o", arg(&out), "--engine", "cpu", "--frame", "1"]).expect(2);
    viewer(["render", arg(&good), "-o", arg(&scratch.join("no/folder.png")), "--engine", "cpu"]).expect(4);
    assert_eq!(scratch.names(), ["good.dcm", "text.dcm", "truncated.dcm"]);
}

/// The Vulkan loader finds no driver in this file, which is not there.
#[cfg(all(target_os = "linux", feature = "window"))]
#[test]
fn without_a_gpu_the_program_says_what_to_install() {
    let scratch = Scratch::new("no-gpu");
    let file = scratch.file("a.dcm", Object::gray16("1.2.3.9", 4, 4, &ramp(4, 4)).to_file());
    let out = scratch.join("out.png");
    let no_driver = "/no/such/driver.json";
    let ran: support::program::Ran = support::program::command(["render", arg(&file), "-o", arg(&out)])
        .env("VK_DRIVER_FILES", no_driver)
        .env("VK_ICD_FILENAMES", no_driver)
        .output()
        .expect("the program starts")
        .into();
    let ran = ran.expect(3);
    assert!(ran.stderr.contains("mesa-vulkan-drivers"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--engine cpu"), "{}", ran.stderr);
    assert_eq!(scratch.names(), ["a.dcm"]);
}
