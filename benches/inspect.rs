//! What a panel of elements costs: making rows, following a frame, filtering at each key, and writing out.
//!
//! `cargo bench --no-default-features --bench inspect` runs it; figures are only comparable within one run.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops when it cannot go on"
)]

#[path = "support/timing.rs"]
mod timing;

use lightbox::dicom::DicomFile;
use lightbox::inspect::json::{self, JsonOptions};
use lightbox::inspect::{Expansion, Filter, ListingOptions, Rows, visible, write_listing};

const RUNS: usize = 9;

/// Runs something a few times and prints the median.
fn time<T>(name: &str, run: impl FnMut() -> T) {
    let median = timing::median(RUNS, run).as_secs_f64() * 1e3;
    println!("{name:<52} {median:>9.3} ms");
}

/// An element in Implicit VR Little Endian.
fn element(group: u16, number: u16, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a short value").to_le_bytes();
    [&group.to_le_bytes()[..], &number.to_le_bytes(), &length, value].concat()
}

fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    element(0xFFFE, 0xE000, &elements.concat())
}

/// An object with functional groups for some frames, of five elements each.
fn object(frames: u32) -> DicomFile {
    let groups: Vec<u8> = (0..frames)
        .flat_map(|frame| {
            let content = item(&[
                element(0x0018, 0x9074, b"20260101120000"),
                element(0x0020, 0x9157, &[1_u32.to_le_bytes(), frame.to_le_bytes()].concat()),
            ]);
            let position = item(&[element(0x0020, 0x0032, format!("1.5\\-20.25\\{frame:05} ").as_bytes())]);
            let window = item(&[element(0x0028, 0x1050, b"40"), element(0x0028, 0x1051, b"400 ")]);
            item(&[
                element(0x0020, 0x9111, &content),
                element(0x0020, 0x9113, &position),
                element(0x0028, 0x9132, &window),
            ])
        })
        .collect();
    let all = [
        element(0x0008, 0x0060, b"MG"),
        element(0x0010, 0x0010, b"Doe^Jane"),
        element(0x5200, 0x9230, &groups),
    ];
    DicomFile::from_bytes(all.concat()).expect("a data set")
}

fn main() {
    for frames in [420, 10_000] {
        let file = object(frames);
        let all = Rows::read(&file, None);
        println!("{frames} frames, {} rows", all.len());
        time("  rows of all frames", || Rows::read(&file, None));
        time("  rows of one frame", || Rows::read(&file, Some(7)));
        let mut rows = Rows::read(&file, Some(0));
        let mut frame = 0;
        time("  following to the next frame", || {
            frame = (frame + 1) % frames;
            rows.follow(&file, Some(frame))
        });
        let mut open = Expansion::default();
        open.expand_all();
        time("  visible rows, all open", || visible(&all, &open, &Filter::default()));
        for words in ["position", "0028,1050", "00399", "window 400"] {
            time(&format!("  filter {words:?}"), || visible(&all, &open, &Filter::new(words)));
        }
        let mut out = Vec::new();
        time("  text", || {
            out.clear();
            write_listing(&file, ListingOptions::default(), &mut out)
        });
        time("  JSON", || {
            out.clear();
            json::write(&file, &JsonOptions::default(), &mut out)
        });
    }
}
