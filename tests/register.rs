//! `viewer register` and `viewer unregister` as a user runs them, in a home that is none.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::Scratch;
use support::program::{Ran, command};

fn viewer(home: &Path, words: &[&str]) -> Ran {
    let mut program = command(words);
    program
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"));
    // Neither what this system knows nor its tools decide about the result.
    program.env("XDG_DATA_DIRS", home.join("system")).env("PATH", home);
    Ran::from(program.output().expect("the program starts"))
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for item in fs::read_dir(folder).expect("a folder") {
            let path = item.expect("an item").path();
            if path.is_dir() { open.push(path) } else { found.push(path.display().to_string()) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_dry_run_shows_every_file_and_writes_none() {
    let home = Scratch::new("register-dry");
    let ran = viewer(home.path(), &["register", "--dry-run"]).expect(0);
    for expected in [
        "data/applications/lightbox.desktop",
        "    MimeType=application/dicom;x-scheme-handler/perspecta;x-scheme-handler/lightbox;",
        "data/icons/hicolor/scalable/apps/lightbox.svg",
        "config/mimeapps.list",
        "    x-scheme-handler/perspecta=lightbox.desktop;",
        "run update-desktop-database",
    ] {
        assert!(ran.stdout.contains(expected), "{expected} in\n{}", ran.stdout);
    }
    assert_eq!(files(home.path()), Vec::<String>::new());
}

#[test]
fn registered_and_unregistered_leaves_what_was_there() {
    let home = Scratch::new("register");
    let list = home.file("config/mimeapps.list", "[Default Applications]\nimage/png=eog.desktop\n");
    viewer(home.path(), &["register"]).expect(0);
    let entry = fs::read_to_string(home.join("data/applications/lightbox.desktop")).expect("an entry");
    assert!(entry.contains("/viewer --desktop -- %U\n"), "{entry}");
    let again = viewer(home.path(), &["register"]).expect(0);
    assert_eq!(again.stdout, "");
    assert!(again.stderr.contains("nothing had to be changed"), "{}", again.stderr);
    viewer(home.path(), &["unregister"]).expect(0);
    assert_eq!(files(home.path()), [list.display().to_string()]);
    assert_eq!(fs::read_to_string(list).expect("a list"), "[Default Applications]\nimage/png=eog.desktop\n");
}

#[test]
fn somebody_elses_entry_is_in_the_way() {
    let home = Scratch::new("register-foreign");
    let foreign = home.file("data/applications/lightbox.desktop", "[Desktop Entry]\nName=Other\n");
    let ran = viewer(home.path(), &["register"]).expect(4);
    assert!(ran.stderr.trim_end().ends_with(&foreign.display().to_string()), "{}", ran.stderr);
    assert_eq!(files(home.path()), [foreign.display().to_string()]);
}

/// Where the tools of the desktop are installed, they are asked what they think of it.
#[test]
fn the_desktops_own_tools_agree() {
    let home = Scratch::new("register-tools");
    viewer(home.path(), &["register"]).expect(0);
    let entry = home.join("data/applications/lightbox.desktop");
    if let Ok(said) = Command::new("desktop-file-validate").arg(&entry).output() {
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    }
    let mut ask = Command::new("gio");
    ask.args(["mime", "x-scheme-handler/perspecta"]).env("LC_ALL", "C");
    ask.env("HOME", home.path())
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"));
    if let Ok(said) = ask.output() {
        let said = String::from_utf8_lossy(&said.stdout);
        assert!(said.lines().next().is_some_and(|line| line.ends_with("lightbox.desktop")), "{said}");
    }
}
