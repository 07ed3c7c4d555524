//! Folders of every kind: plain ones, archives, ones with a DICOMDIR, and what `viewer info` says of them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::path::{Path, PathBuf};

use lightbox::study::{self, CancelToken, Condition, Filter, ScanEvent, ScanOptions, ScanReport, scan};
use support::Scratch;
use support::dicom::Object;
use support::program::viewer;
use support::zip::Zip;

const MEDIA_DIRECTORY: &str = "1.2.840.10008.1.3.10";

fn object(number: u16) -> Object {
    Object::gray16(&format!("1.2.3.{number}"), 64, 64, &vec![number; 64 * 64])
        .text(0x0020_000d, "UI", "1.2")
        .text(0x0020_000e, "UI", "1.2.1")
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0008_0060, "CS", "MG")
}

fn file(number: u16) -> Vec<u8> {
    object(number).to_file()
}

/// A DICOMDIR that names these files.
fn directory(references: &[&str]) -> Vec<u8> {
    let records: Vec<Object> = references
        .iter()
        .map(|reference| {
            Object::item().short(0x0004_1410, 0xFFFF).text(0x0004_1430, "CS", "IMAGE").text(
                0x0004_1500,
                "CS",
                reference,
            )
        })
        .collect();
    Object::item().class(MEDIA_DIRECTORY).items(0x0004_1220, &records).to_file()
}

fn all(path: &Path) -> ScanReport {
    scan(vec![path.to_path_buf()], &ScanOptions::default(), &|_| {})
}

/// Numbers of the objects found, as their UIDs end, in the order of the walk.
fn walked(report: &ScanReport) -> Vec<String> {
    let mut entries: Vec<_> = report.index.instances().collect();
    entries.sort_by_key(|entry| entry.order);
    entries.iter().filter_map(|e| e.sop_uid.as_deref()?.strip_prefix("1.2.3.").map(str::to_owned)).collect()
}

fn paths(report: &ScanReport) -> Vec<PathBuf> {
    report.index.instances().map(|entry| entry.path.clone()).collect()
}

fn arg(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn an_archive_is_a_folder() {
    let scratch = Scratch::new("zip");
    let archive = Zip::new()
        .deflated("series/img10.dcm", &file(10))
        .stored("series/img2.dcm", &file(2))
        .deflated("readme.txt", b"nothing to see here, but long enough to be looked at")
        .finish();
    let archive = scratch.file("scans.zip", archive);
    let report = all(&archive);
    assert_eq!(paths(&report), ["series/img2.dcm", "series/img10.dcm"].map(|name| archive.join(name)));
    assert_eq!((report.skipped, report.failed.len(), report.notes.len()), (1, 0, 0));
    // Inside a folder it is one more folder.
    scratch.file("plain/img3.dcm", file(3));
    assert_eq!(walked(&all(scratch.path())), ["3", "2", "10"]);
    let flat = ScanOptions { recursive: false, ..ScanOptions::default() };
    assert!(scan(vec![scratch.path().to_path_buf()], &flat, &|_| {}).index.is_empty());
}

#[test]
fn pixels_of_members_are_those_of_the_files() {
    let scratch = Scratch::new("zip-pixels");
    let content = file(7);
    let plain = scratch.file("plain.dcm", &content);
    let prefix = b"#!/bin/sh\nexit\n";
    let archives = [
        Zip::new().stored("a b/x.dcm", &content).finish(),
        Zip::new().deflated("a b/x.dcm", &content).finish(),
        Zip::new().wide().deflated("a b/x.dcm", &content).finish(),
    ];
    let expected = &viewer(["pixels", "--json", arg(&plain)]).expect(0).json()["sha256"];
    for (number, archive) in archives.into_iter().enumerate() {
        let archive = scratch.file(&format!("{number}.zip"), archive);
        let member = archive.join("a b/x.dcm");
        let described = viewer(["pixels", "--json", arg(&member)]).expect(0).json();
        assert_eq!((&described["sha256"], described["path"].as_str()), (expected, Some(arg(&member))));
        let opened = study::open_path(&member).expect("opens");
        assert!(opened.source.label().ends_with("x.dcm"), "{}", opened.source.label());
        // A folder in it, and the whole of it.
        for path in [archive.join("a b"), archive.join("a b/"), archive.join(""), archive.clone()] {
            assert_eq!(paths(&all(&path)), std::slice::from_ref(&member));
        }
    }
    let behind = scratch.file("self.zip", Zip::after(prefix).stored("x", &content).finish());
    assert_eq!(paths(&all(&behind)), [behind.join("x")]);
}

#[test]
fn what_an_archive_keeps_to_itself_is_said() {
    let scratch = Scratch::new("zip-refused");
    let inner = Zip::new().stored("x.dcm", &file(1)).finish();
    let bytes = Zip::new()
        .deflated("good.dcm", &file(1))
        .deflated_with("secret.dcm", &file(2), |claims| claims.flags = 1)
        .deflated_with("odd.dcm", &file(3), |claims| claims.method = 12)
        .deflated_with("bomb.dcm", &file(4), |claims| claims.length = 1 << 29)
        .deflated_with("nowhere.dcm", &file(5), |claims| claims.offset = 1 << 31)
        .deflated_with("same.dcm", &file(6), |claims| claims.offset = 0)
        .stored("inner.zip", &inner)
        .finish();
    let archive = scratch.file("mixed.zip", bytes);
    let report = all(&archive);
    assert_eq!(walked(&report), ["1"]);
    let notes: Vec<&str> = report.notes.iter().map(|note| note.error.as_str()).collect();
    for words in
        ["1 file in the archive left out: it is encrypted", "not read here", "3 files", "inside an archive"]
    {
        assert!(notes.iter().any(|note| note.contains(words)), "{words}: {notes:?}");
    }
    let named = viewer(["pixels", arg(&archive.join("secret.dcm"))]).expect(1);
    assert!(named.stderr.contains("encrypted"), "{}", named.stderr);
    let whole = viewer(["pixels", arg(&archive)]).expect(1);
    assert!(whole.stderr.contains("name a file in it"), "{}", whole.stderr);
    viewer(["info", arg(&archive.join("missing.dcm"))]).expect(4);
}

#[test]
fn names_in_archives_lead_nowhere_else() {
    let scratch = Scratch::new("zip-names");
    let bytes = Zip::new()
        .stored("../../1.dcm", &file(1))
        .stored("/2.dcm", &file(2))
        .stored("dir\\3.dcm", &file(3))
        .stored(b"\x81ber.dcm", &file(4))
        .stored("twin.dcm", &file(5))
        .stored("twin.dcm", &file(6))
        .finish();
    let archive = scratch.file("names.zip", bytes);
    let report = all(&archive);
    let expected = ["1.dcm", "2.dcm", "dir/3.dcm", "über.dcm", "twin.dcm", "twin.dcm (2)"];
    assert_eq!(paths(&report), expected.map(|name| archive.join(name)));
    for path in paths(&report) {
        assert!(study::open_path(&path).is_ok(), "{}", path.display());
        assert!(study::exists(&path).is_ok() && study::is_single(&path));
    }
    assert!(!study::is_single(&archive) && !study::is_single(scratch.path()));
}

#[test]
fn damaged_archives_answer() {
    let scratch = Scratch::new("zip-damage");
    let good = Zip::new().deflated("a.dcm", &file(1)).stored("b.dcm", &file(2)).wide().finish();
    // Every truncation and one flipped byte after the other, in steps: an answer, never a panic.
    let step = good.len() / 150 + 1;
    for (round, at) in (0..good.len()).step_by(step).chain(good.len() - 250..good.len()).enumerate() {
        let cut = scratch.file("cut.zip", &good[..at]);
        let flipped: Vec<u8> =
            good.iter().enumerate().map(|(n, byte)| if n == at { byte ^ 0xFF } else { *byte }).collect();
        let flipped = scratch.file(&format!("flip{}.zip", round % 2), flipped);
        for path in [cut, flipped] {
            let report = all(&path);
            let said = report.index.len() + report.failed.len() + report.notes.len() + report.skipped;
            assert!(said > 0, "{} at {at}", path.display());
        }
    }
    let cut = scratch.file("short.zip", &good[..good.len() / 2]);
    let ran = viewer(["info", arg(&cut)]).expect(1);
    assert!(ran.stderr.contains("cut short"), "{}", ran.stderr);
}

#[test]
fn a_directory_gives_the_order_and_the_rest_follows() {
    let scratch = Scratch::new("dicomdir");
    // Upper case in the DICOMDIR; on disk lower case, as a disc shows it, or with what discs append.
    scratch.file("disc/DICOMDIR", directory(&["IMAGES\\IM000002", "IMAGES\\IM000001", "TOP"]));
    scratch.file("disc/images/im000001", file(1));
    scratch.file("disc/images/IM000002.;1", file(2));
    scratch.file("disc/Top", file(3));
    scratch.file("disc/extra/more.dcm", file(4));
    let folder = all(&scratch.join("disc"));
    assert_eq!(walked(&folder), ["2", "1", "3", "4"]);
    assert_eq!(folder.skipped, 0, "the DICOMDIR is no object and no stranger either");
    assert_eq!(folder.notes.len(), 1, "{:?}", folder.notes);
    assert!(folder.notes[0].error.contains("does not name 1 object"), "{:?}", folder.notes);

    let named = all(&scratch.join("disc/DICOMDIR"));
    assert_eq!(walked(&named), ["2", "1", "3"]);
    assert!(!study::is_single(&scratch.join("disc/DICOMDIR")));
    // Under another name it is still one.
    std::fs::copy(scratch.join("disc/DICOMDIR"), scratch.join("disc/copy.bin")).expect("a copy");
    assert_eq!(walked(&all(&scratch.join("disc/copy.bin"))), ["2", "1", "3"]);
}

#[test]
fn a_wrong_directory_is_said_once_and_searched_around() {
    let scratch = Scratch::new("dicomdir-wrong");
    scratch.file("disc/dicomdir", directory(&["A", "GONE", "LOST\\TOO", "..\\OUTSIDE"]));
    scratch.file("disc/a", file(1));
    scratch.file("disc/b", file(2));
    scratch.file("OUTSIDE", file(3));
    let report = all(&scratch.join("disc"));
    assert_eq!(walked(&report), ["1", "2"]);
    let notes: Vec<&str> = report.notes.iter().map(|note| note.error.as_str()).collect();
    assert!(notes[0].starts_with("2 of the 3 files this DICOMDIR names are not there"), "{notes:?}");
    assert_eq!(notes.len(), 2);
    assert_eq!(walked(&all(&scratch.join("disc/dicomdir"))), ["1"]);

    scratch.file("none/DICOMDIR", directory(&["GONE"]));
    scratch.file("none/b", file(2));
    let ran = viewer(["info", arg(&scratch.join("none/DICOMDIR"))]).expect(1);
    assert!(ran.stderr.contains("open its folder"), "{}", ran.stderr);

    scratch.file("broken/DICOMDIR", "no DICOM in here, whatever its name says");
    scratch.file("broken/b", file(2));
    let broken = all(&scratch.join("broken"));
    assert_eq!((walked(&broken), broken.notes.len()), (vec!["2".to_owned()], 1));
}

#[test]
fn a_directory_in_an_archive_counts_as_well() {
    let scratch = Scratch::new("dicomdir-zip");
    let bytes = Zip::new()
        .stored("disc/dicomdir", &directory(&["IMAGES\\IM2", "IMAGES\\IM1"]))
        .deflated("disc/images/im1", &file(1))
        .deflated("disc/images/im2", &file(2))
        .deflated("disc/a.dcm", &file(3))
        .finish();
    let archive = scratch.file("disc.zip", bytes);
    let report = all(&archive);
    assert_eq!((walked(&report), report.skipped), (["2", "1", "3"].map(str::to_owned).into(), 0));
    assert_eq!(walked(&all(&archive.join("disc/dicomdir"))), ["2", "1"]);
}

#[test]
fn filters_take_what_matches_and_say_what_there_was() {
    let scratch = Scratch::new("filter");
    let of = |number: u16, modality: &str, series: &str| {
        object(number)
            .text(0x0008_0060, "CS", modality)
            .text(0x0020_000e, "UI", &format!("1.2.{number}"))
            .text(0x0020_0011, "IS", series)
            .text(0x0008_0005, "CS", "ISO_IR 100")
            .bytes(0x0010_0010, "PN", &b"M\xfcller^J\xfcrgen"[..])
            .to_file()
    };
    for (number, modality, series) in [(1, "MG", "1"), (2, "MG", "10"), (3, "CT", "1")] {
        scratch.file(&format!("{number}.dcm"), of(number, modality, series));
    }
    let folder = arg(scratch.path());
    let count = |filters: &[&str]| {
        let mut arguments = vec!["info", "--json"];
        filters.iter().for_each(|filter| arguments.extend(["--filter", filter]));
        arguments.push(folder);
        let json = viewer(arguments).expect(0).json();
        let studies = json["studies"].as_array().expect("studies").clone();
        let series = studies.iter().flat_map(|study| study["series"].as_array().expect("series").clone());
        (series.count(), json["filtered"].as_u64().expect("a number"))
    };
    assert_eq!(count(&[]), (3, 0));
    assert_eq!(count(&["modality=mg"]), (2, 1));
    assert_eq!(count(&["modality=MG", "series_number=1"]), (1, 2));
    assert_eq!(count(&["patient_name=MÜLLER jü"]), (3, 0));

    let nothing = viewer(["info", "--filter", "modality=XA", folder]).expect(1);
    for words in ["nothing matches modality=XA", "3 objects did not", "modality there: CT, MG"] {
        assert!(nothing.stderr.contains(words), "{words}: {}", nothing.stderr);
    }
    for command in [&["info"][..], &[]] {
        let wrong = viewer([command, &["--filter", "colour=red", folder]].concat()).expect(2);
        assert!(wrong.stderr.contains("series_description"), "{}", wrong.stderr);
    }
}

#[test]
fn info_leaves_folders_inside_alone_when_asked() {
    let scratch = Scratch::new("no-recursive");
    scratch.file("top.dcm", file(1));
    scratch.file("inside/deep.dcm", file(2));
    let json = viewer(["info", "--json", "--no-recursive", arg(scratch.path())]).expect(0).json();
    assert_eq!(json["studies"][0]["series"][0]["instances"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_cancelled_scan_ends_and_says_so() {
    let scratch = Scratch::new("cancel");
    for number in 0..200 {
        scratch.file(&format!("{number}.dcm"), file(number));
    }
    let cancel = CancelToken::new();
    let options = ScanOptions { cancel: cancel.clone(), ..ScanOptions::default() };
    let report = scan(vec![scratch.path().to_path_buf()], &options, &|event| {
        if matches!(event, ScanEvent::Found(_)) {
            cancel.cancel();
        }
    });
    assert!(report.cancelled);
    assert!(report.index.len() < 200, "{}", report.index.len());
    let report = scan(vec![scratch.path().to_path_buf()], &options, &|_| {});
    assert!(report.cancelled && report.index.is_empty());
    assert!(!all(scratch.path()).cancelled);
}

#[test]
fn filtered_objects_are_events_too() {
    let scratch = Scratch::new("filter-events");
    let path = scratch.file("1.dcm", file(1));
    let filter = Filter { conditions: vec![Condition::parse("modality=CT").expect("a condition")] };
    let options = ScanOptions { filter, ..ScanOptions::default() };
    let filtered = std::cell::Cell::new(0);
    let report = scan(vec![path], &options, &|event| {
        if matches!(event, ScanEvent::Filtered(_)) {
            filtered.set(filtered.get() + 1);
        }
    });
    assert_eq!((filtered.get(), report.left_out.objects), (1, 1));
}

#[cfg(unix)]
#[test]
fn pipes_sockets_and_locked_folders_never_block() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new("special");
    scratch.file("a.dcm", file(1));
    // Where there is no such program, the rest is still tested.
    std::process::Command::new("mkfifo").arg(scratch.join("pipe.zip")).status().ok();
    // The address of a socket is short, so it lies elsewhere and a link leads to it.
    let address = std::env::temp_dir().join(format!("lightbox-{}", std::process::id()));
    let socket = std::os::unix::net::UnixListener::bind(&address).expect("a socket");
    std::os::unix::fs::symlink(&address, scratch.join("socket")).expect("a link");
    scratch.file("locked/b.dcm", file(2));
    std::fs::set_permissions(scratch.join("locked"), PermissionsExt::from_mode(0o000)).expect("permissions");
    let report = all(scratch.path());
    std::fs::set_permissions(scratch.join("locked"), PermissionsExt::from_mode(0o755)).expect("permissions");
    drop(socket);
    std::fs::remove_file(address).ok();
    // Somebody with all rights reads the locked folder all the same.
    assert_eq!(report.index.len() + report.failed.len(), 2);
    assert!(!study::is_single(scratch.path()));
    assert!(study::open_path(&scratch.join("pipe.zip")).is_err());
}
