//! The study index over real folders: what is found does not depend on how many threads look for it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use lightbox::study::{ScanEvent, ScanOptions, ScanReport, display_sets, scan};
use support::Scratch;
use support::dicom::Object;

fn slice(number: u16, position: &str) -> Vec<u8> {
    Object::gray16(&format!("1.2.3.{number}"), 2, 1, &[1, 2])
        .text(0x0020_000d, "UI", "1.2")
        .text(0x0020_000e, "UI", "1.2.1")
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0020_0032, "DS", position)
        .text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
        .to_file()
}

fn options(threads: usize) -> ScanOptions {
    ScanOptions { threads: NonZeroUsize::new(threads), ..ScanOptions::default() }
}

fn found(report: &ScanReport) -> Vec<PathBuf> {
    report.index.instances().map(|entry| entry.path.clone()).collect()
}

#[test]
fn slices_are_sorted_and_twins_left_out_whatever_the_threads() {
    let scratch = Scratch::new("threads");
    for number in 0..60_u16 {
        // Numbers against positions: the positions decide.
        let bytes = slice(number, &format!("0\\0\\{}", 300 - 5 * i32::from(number)));
        scratch.file(&format!("{number:02}.dcm"), &bytes);
        scratch.file(&format!("copy/{number:02}.dcm"), &bytes);
    }
    let expected: Vec<_> = (0..60).rev().map(|number| scratch.join(&format!("{number:02}.dcm"))).collect();
    for threads in [1, 2, 8] {
        let report = scan(vec![scratch.path().to_path_buf()], &options(threads), &|_| {});
        assert_eq!(found(&report), expected, "{threads} threads");
        assert_eq!(report.index.duplicates, 60);
    }
}

#[test]
fn every_file_is_an_event() {
    let scratch = Scratch::new("events");
    scratch.file("a.dcm", slice(1, "0\\0\\0"));
    scratch.file("b.txt", "words");
    let named = scratch.file("c.txt", "more words");
    let events = RefCell::new(Vec::new());
    // The named text file comes after the folder it lies in, which skips it.
    let paths = vec![scratch.path().to_path_buf(), named.clone(), scratch.join("missing")];
    let report = scan(paths, &options(1), &|event| {
        let word = match event {
            ScanEvent::Found(entry) => format!("found {}", entry.order),
            ScanEvent::Skipped(_) => "skipped".to_owned(),
            ScanEvent::Failed(_) => "failed".to_owned(),
            ScanEvent::Filtered(_) | ScanEvent::Note(_) | ScanEvent::Directory(_) => "other".to_owned(),
            ScanEvent::Progress(_) => return,
        };
        events.borrow_mut().push(word);
    });
    assert_eq!(*events.borrow(), ["found 0", "skipped", "skipped", "failed", "failed"]);
    assert_eq!(report.skipped, 2);
    let failed: Vec<_> = report.failed.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(failed, [named, scratch.join("missing")]);
}

#[test]
fn headers_are_kept_up_to_the_number_asked_for() {
    let scratch = Scratch::new("headers");
    for number in 0..5_u16 {
        scratch.file(&format!("{number}.dcm"), slice(number, "0\\0\\0"));
    }
    let options = ScanOptions { keep_headers: 3, ..options(2) };
    let report = scan(vec![scratch.path().to_path_buf()], &options, &|_| {});
    let kept = report.index.instances().filter(|entry| entry.header.is_some()).count();
    assert_eq!((report.index.len(), kept), (5, 3));
}

#[test]
fn folders_inside_are_left_alone_when_asked() {
    let scratch = Scratch::new("flat");
    let top = scratch.file("top.dcm", slice(1, "0\\0\\0"));
    scratch.file("inside/deep.dcm", slice(2, "0\\0\\0"));
    let options = ScanOptions { recursive: false, ..ScanOptions::default() };
    let report = scan(vec![scratch.path().to_path_buf()], &options, &|_| {});
    assert_eq!(found(&report), [top]);
}

/// A slice of 8 x 8 pixels with a number, lying across z.
fn header(number: u16, z: i32) -> Object {
    Object::gray16(&format!("1.2.4.{number}"), 8, 8, &[0; 64])
        .text(0x0020_000d, "UI", "1.2")
        .text(0x0020_000e, "UI", "1.2.1")
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0020_0032, "DS", &format!("0\\0\\{z}"))
        .text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
}

/// The same with everything in functional groups, as enhanced objects of one frame have it.
fn enhanced(number: u16, z: i32, content: Object) -> Object {
    let position = Object::item().text(0x0020_0032, "DS", &format!("0\\0\\{z}"));
    let orientation = Object::item().text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0");
    let shared = Object::item().items(0x0020_9116, &[orientation]);
    let own = Object::item().items(0x0020_9113, &[position]).items(0x0020_9111, &[content]);
    Object::gray16(&format!("1.2.4.{number}"), 8, 8, &[0; 64])
        .text(0x0020_000d, "UI", "1.2")
        .text(0x0020_000e, "UI", "1.2.1")
        .text(0x0020_0013, "IS", &number.to_string())
        .text(0x0028_0008, "IS", "1")
        .items(0x5200_9229, &[shared])
        .items(0x5200_9230, &[own])
}

#[test]
fn headers_become_stacks_in_reading_order() {
    let temporal = |number, z, time: &str| header(number, z).text(0x0020_0100, "IS", time);
    let trigger = |number, z, time: &str| header(number, z).text(0x0018_1060, "DS", time);
    let acquired = |number, z, time: &str| header(number, z).text(0x0008_0032, "TM", time);
    let in_stack = |number, z, id: &str, place: u32| {
        let content =
            Object::item().text(0x0020_9056, "SH", id).bytes(0x0020_9057, "UL", place.to_le_bytes());
        enhanced(number, z, content)
    };
    let moment = |number, z, index: u32| {
        enhanced(number, z, Object::item().bytes(0x0020_9128, "UL", index.to_le_bytes()))
    };
    let part = |number, place: u16| {
        let samples = vec![0; 128];
        Object::gray16(&format!("1.2.4.{number}"), 8, 16, &samples)
            .short(0x0028_0010, 8)
            .text(0x0028_0008, "IS", "2")
            .text(0x0020_000d, "UI", "1.2")
            .text(0x0020_000e, "UI", "1.2.1")
            .text(0x0020_9161, "UI", "1.9")
            .short(0x0020_9162, place)
    };
    let scout = header(1, 0).text(0x0020_0037, "DS", "0\\1\\0\\0\\0\\-1").text(
        0x0008_0008,
        "CS",
        "ORIGINAL\\PRIMARY\\LOCALIZER",
    );
    // What lies in the folder, and the numbers of what is shown together.
    let table: Vec<(&str, Vec<Object>, &[&[u16]])> = vec![
        ("positions", vec![header(1, 30), header(2, -10), header(3, 10)], &[&[2, 3, 1]]),
        ("equal positions", vec![header(3, 5), header(2, 5), header(1, 9)], &[&[2, 3, 1]]),
        ("scout", vec![header(3, -9), header(2, 9), scout], &[&[1], &[3, 2]]),
        ("volumes", vec![temporal(1, 5, "2"), temporal(2, 0, "1"), temporal(3, 5, "1")], &[&[2, 3, 1]]),
        ("phases", vec![trigger(1, 0, "40.5"), trigger(2, 5, "0"), trigger(3, 0, "0")], &[&[3, 1, 2]]),
        ("passes", vec![acquired(1, 0, "101502.5"), acquired(2, 0, "101501")], &[&[2, 1]]),
        (
            "stacks",
            vec![in_stack(1, 0, "B", 1), in_stack(2, 5, "A", 2), in_stack(3, 9, "A", 1)],
            &[&[1], &[3, 2]],
        ),
        ("moments", vec![moment(1, 5, 2), moment(2, 5, 1), moment(3, 0, 1)], &[&[3, 2, 1]]),
        ("parts", vec![part(1, 2), part(2, 3), part(3, 1)], &[&[3, 1, 2]]),
    ];
    for (name, objects, expected) in table {
        let scratch = Scratch::new("stacks");
        for (number, object) in objects.iter().enumerate() {
            scratch.file(&format!("img{number}.dcm"), object.to_file());
        }
        let report = scan(vec![scratch.path().to_path_buf()], &options(2), &|_| {});
        let number = |uid: &str| uid.rsplit('.').next().and_then(|last| last.parse::<u16>().ok());
        let shown: Vec<Vec<u16>> = display_sets(&report.index)
            .iter()
            .map(|set| set.instances.iter().filter_map(|e| number(e.sop_uid.as_deref()?)).collect())
            .collect();
        assert_eq!(shown, expected, "{name}");
    }
}

#[test]
fn files_go_in_the_order_people_give_numbers() {
    let scratch = Scratch::new("natural");
    // One object under three names: the first name in natural order is the one that stays.
    for name in ["img10.dcm", "img2.dcm", "img011.dcm"] {
        scratch.file(name, slice(1, "0\\0\\0"));
    }
    let report = scan(vec![scratch.path().to_path_buf()], &options(2), &|_| {});
    assert_eq!((found(&report), report.index.duplicates), (vec![scratch.join("img2.dcm")], 2));
}
