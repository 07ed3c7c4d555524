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

use lightbox::study::{ScanEvent, ScanOptions, ScanReport, scan};
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
            ScanEvent::Filtered(_) | ScanEvent::Note(_) => "other".to_owned(),
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
