//! The house rules that a compiler does not check: arrows point down, files stay small, modules say what they
//! are for. `ARCHITECTURE.md` says why.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

#[path = "support/source.rs"]
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::{code_only, crate_imports, names_used};

/// Rooms by floor. A room may know rooms of lower floors, and its neighbours as long as they do not know it.
const FLOORS: [&[&str]; 4] = [
    &["dicom"],
    &[
        "cine",
        "demo",
        "dicomweb",
        "display",
        "geometry",
        "hanging",
        "inspect",
        "launch",
        "picture",
        "presentation",
        "study",
    ],
    &["app"],
    &["cli"],
];

/// What only the application may say.
const UPPER_WORDS: [&str; 6] = ["bevy", "bevy_egui", "egui", "rfd", "wgpu", "winit"];

const LONGEST_FILE: usize = 600;
const LONGEST_MAIN: usize = 29;

/// A source file: its path below the package, and its text.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The room a file of `src` belongs to: `src/dicom/codec/rle.rs` to `dicom`, `src/picture.rs` to `picture`.
    fn room(&self) -> Option<&str> {
        let mut parts = self.path.iter().map(|part| part.to_str().unwrap_or_default());
        let first = parts.next().filter(|part| *part == "src");
        let name = first.and_then(|_| parts.next())?;
        let room = name.strip_suffix(".rs").unwrap_or(name);
        (!matches!(room, "lib" | "main")).then_some(room)
    }

    /// Tests of the file beside it, which says what they are about.
    fn is_test_module(&self) -> bool {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.path.starts_with("src") && name.ends_with("tests.rs")
    }

    fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        let Ok(items) = fs::read_dir(&folder) else {
            continue;
        };
        for path in items.map(|item| item.expect("a readable folder").path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file in UTF-8");
                let path = path.strip_prefix(root).expect("below the package").to_path_buf();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no sources under {}", root.display());
    found
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

#[track_caller]
fn assert_none(problems: &[String], rule: &str) {
    assert!(problems.is_empty(), "{rule}:\n  {}", problems.join("\n  "));
}

#[test]
fn every_room_has_a_floor() {
    let unknown: BTreeSet<String> = sources(&["src"])
        .iter()
        .filter_map(Source::room)
        .filter(|room| floor(room).is_none())
        .map(str::to_owned)
        .collect();
    assert!(unknown.is_empty(), "rooms this test does not know: {unknown:?}");
}

#[test]
fn imports_point_down() {
    let mut problems = Vec::new();
    let mut neighbours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources(&["src"]) {
        let Some(room) = source.room() else { continue };
        for other in crate_imports(&code_only(&source.text), module_depth(&source.path)) {
            let (Some(here), Some(there)) = (floor(room), floor(&other)) else {
                continue;
            };
            if there > here {
                problems.push(format!("{}: {room} knows {other}", source.path.display()));
            } else if there == here && other != room && !source.is_test_module() {
                // What only tests know ties nothing together.
                neighbours.entry(room.to_owned()).or_default().insert(other);
            }
        }
    }
    for (room, known) in &neighbours {
        for other in known {
            if room < other && neighbours.get(other).is_some_and(|back| back.contains(room)) {
                problems.push(format!("{room} and {other} know each other"));
            }
        }
    }
    assert_none(&problems, "an arrow only ever points down");
}

#[test]
fn only_the_application_knows_its_engine() {
    let mut problems = Vec::new();
    for source in sources(&["src"]).iter().filter(|source| source.room() != Some("app")) {
        let code = code_only(&source.text);
        let used = names_used(&code);
        for word in UPPER_WORDS.iter().filter(|word| used.contains(**word)) {
            problems.push(format!("{}: {word}", source.path.display()));
        }
    }
    assert_none(&problems, "only src/app names Bevy, egui and what they stand on");
}

#[test]
fn nobody_imports_the_panels() {
    let mut problems = Vec::new();
    for source in sources(&["src"]) {
        // The two that put the application together name all of its parts.
        let assembly = ["src/app/mod.rs", "src/app/run.rs"].map(Path::new);
        let inside = source.path.starts_with("src/app/ui") || assembly.contains(&source.path.as_path());
        if !inside && names_used(&code_only(&source.text)).contains("ui") {
            problems.push(source.path.display().to_string());
        }
    }
    assert_none(&problems, "panels look at the application, never the other way round");
}

#[test]
fn files_stay_small() {
    let sources = sources(&["src", "tests", "benches", "examples"]);
    let long: Vec<String> = sources
        .iter()
        .filter(|source| source.lines() > LONGEST_FILE)
        .map(|source| format!("{}: {} lines", source.path.display(), source.lines()))
        .collect();
    assert_none(&long, "no file has more than 600 lines");

    let main = sources.iter().find(|source| source.path == Path::new("src/main.rs"));
    assert!(main.expect("a main").lines() <= LONGEST_MAIN, "src/main.rs stays under 30 lines");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources(&["src", "tests", "benches", "examples"])
        .iter()
        .filter(|source| !source.is_test_module() && !source.text.starts_with("//! "))
        .map(|source| source.path.display().to_string())
        .collect();
    assert_none(&silent, "every file starts with a line of documentation");
}

/// How many `super` lead from a module to the root: 1 for `src/dicom/mod.rs`, 2 for `src/dicom/error.rs`.
fn module_depth(path: &Path) -> usize {
    let below_src = path.iter().count().saturating_sub(1);
    if path.file_name().is_some_and(|name| name == "mod.rs") { below_src - 1 } else { below_src }
}
