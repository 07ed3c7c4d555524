//! A folder of files from elsewhere, where there is one beside the checkout: each gets an answer.
//!
//! `LIGHTBOX_CORPUS` names another folder. Without any the test says so and passes.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::program::viewer;

/// Files given to the program at once.
const BATCH: usize = 40;

fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("LIGHTBOX_CORPUS").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// All files that are not text about the files.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for item in fs::read_dir(&folder).expect("a readable folder") {
            let path = item.expect("a readable folder").path();
            let about = ["md", "csv", "txt", "pgm"];
            let extension = path.extension().and_then(|extension| extension.to_str());
            if path.is_dir() {
                open.push(path);
            } else if !extension.is_some_and(|extension| about.contains(&extension)) {
                found.insert(path);
            }
        }
    }
    found
}

#[test]
fn every_file_gets_an_answer() {
    let Some(folder) = corpus() else {
        return eprintln!("skipped: there is no folder ../shared/corpus and LIGHTBOX_CORPUS names none");
    };
    let files: Vec<PathBuf> = files(&folder).into_iter().collect();
    let mut decoded = 0;
    for batch in files.chunks(BATCH) {
        let arguments = ["pixels", "--json"].map(PathBuf::from);
        let ran = viewer(arguments.iter().chain(batch));
        let lines = ran.json_lines();
        assert!(matches!(ran.code, Some(0 | 1)), "{:?} ended the program: {}", batch, ran.stderr);
        for (line, file) in lines.iter().zip(batch) {
            assert_eq!(line["path"], *file.to_string_lossy());
            let (hash, error) = (&line["sha256"], &line["error"]);
            assert!(hash.is_string() != error.is_string(), "{line}");
            decoded += usize::from(hash.is_string());
        }
        assert_eq!(lines.len(), batch.len());
    }
    eprintln!("{decoded} of {} files decoded", files.len());
    assert!(decoded > 0 || files.is_empty(), "not one file was decoded");
}
