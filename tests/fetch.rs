//! Drives `viewer fetch` from outside, against a small archive made for the occasion.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use support::Scratch;
use support::dicom::Object;
use support::program::{Ran, command, wait_until};
use support::stub::{Asked, Stub, answer};

const STUDY: &str = "1.2.3";
const SERIES: [&str; 2] = ["1.2.3.1", "1.2.3.2"];

/// An instance of some size, that says of itself what it is.
fn file(series: &str, instance: &str) -> Vec<u8> {
    let samples = vec![7; 64 * 64];
    Object::gray16(instance, 64, 64, &samples)
        .text(0x0020_000d, "UI", STUDY)
        .text(0x0020_000e, "UI", series)
        .to_file()
}

/// Two series of two instances.
fn contents() -> Vec<(String, String)> {
    let both = |series: &str| {
        (1..=2).map(|number| (series.to_owned(), format!("{series}.{number}"))).collect::<Vec<_>>()
    };
    SERIES.iter().flat_map(|series| both(series)).collect()
}

fn multipart(files: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for file in files {
        body.extend(b"\r\n--cut here\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend(file);
    }
    body.extend(b"\r\n--cut here--\r\n");
    answer(
        "200 OK",
        "Content-Type: multipart/related; type=\"application/dicom\"; boundary=\"cut here\"\r\n",
        body,
    )
}

/// What a well-behaved archive answers.
fn archive(target: &str) -> Vec<u8> {
    let path = target.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches("/dicom-web/").split('/').collect();
    let of = |series: &str| contents().into_iter().filter(|(known, _)| known == series).collect::<Vec<_>>();
    let list = |rows: Vec<(String, String)>| {
        let rows = if target.contains("offset=0") { rows } else { Vec::new() };
        let rows = rows.iter().map(|(series, instance)| {
            json!({ "0020000E": { "vr": "UI", "Value": [series] }, "00080018": { "vr": "UI", "Value": [instance] } })
        });
        answer(
            "200 OK",
            "Content-Type: application/dicom+json\r\n",
            json!(rows.collect::<Vec<_>>()).to_string(),
        )
    };
    let files = |rows: Vec<(String, String)>| {
        if rows.is_empty() {
            return answer("404 Not Found", "", "");
        }
        multipart(&rows.iter().map(|(series, instance)| file(series, instance)).collect::<Vec<_>>())
    };
    match parts.as_slice() {
        ["studies", STUDY, "instances"] => list(contents()),
        ["studies", STUDY, "series", series, "instances"] => list(of(series)),
        ["studies", STUDY] => files(contents()),
        ["studies", STUDY, "series", series] => files(of(series)),
        ["studies", STUDY, "series", series, "instances", instance] => {
            files(of(series).into_iter().filter(|(_, known)| known == instance).collect())
        }
        ["studies", _, "instances"] => answer("204 No Content", "", ""),
        _ => answer("404 Not Found", "", ""),
    }
}

fn stub(reply: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Stub {
    Stub::start(move |asked, _, stream: &mut TcpStream| stream.write_all(&reply(asked)).is_ok())
}

fn fetch<'a>(stub: &Stub, folder: &Path, more: impl IntoIterator<Item = &'a str>) -> Ran {
    let url = stub.url();
    let mut command = command([OsStr::new("fetch"), OsStr::new("--dicomweb"), OsStr::new(&url)]);
    command.args(["--study", STUDY]).args(more).arg("-o").arg(folder);
    for name in ["LIGHTBOX_USER", "LIGHTBOX_PASSWORD", "LIGHTBOX_TOKEN"] {
        command.env_remove(name);
    }
    command.env("NETRC", "/nowhere").output().expect("the program starts").into()
}

/// Files below a folder with their contents checked, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for series in std::fs::read_dir(folder).expect("a folder").map(|item| item.expect("an item").path()) {
        if series.is_file() {
            found.push(series.file_name().expect("a name").to_string_lossy().into_owned());
            continue;
        }
        let name = series.file_name().expect("a name").to_string_lossy().into_owned();
        for path in std::fs::read_dir(&series).expect("a folder").map(|item| item.expect("an item").path()) {
            let instance = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert_eq!(std::fs::read(&path).expect("a file"), file(&name, &instance));
            found.push(instance);
        }
    }
    found.sort();
    found
}

const ALL: [&str; 4] = ["1.2.3.1.1", "1.2.3.1.2", "1.2.3.2.1", "1.2.3.2.2"];

#[test]
fn a_study_comes_whole_and_only_once() {
    let (stub, scratch) = (stub(|asked| archive(&asked.target)), Scratch::new("fetch"));
    let folder = scratch.join("new/folder");
    let said = fetch(&stub, &folder, []).expect(0);
    assert!(said.stdout.starts_with("4 written, 35 kB received: "), "{}", said.stdout);
    assert_eq!(said.stderr, "");
    assert_eq!(files(&folder), ALL);
    let transfers =
        |stub: &Stub| stub.asked().iter().filter(|asked| !asked.target.contains("limit=")).count();
    assert_eq!(transfers(&stub), 4);
    let again = fetch(&stub, &folder, ["--json"]).expect(0).json();
    assert_eq!((&again["written"], &again["present"]), (&json!(0), &json!(4)));
    assert_eq!(again["files"][3]["instance"], "1.2.3.2.2");
    assert_eq!(transfers(&stub), 4);
    let over = fetch(&stub, &folder, ["--json", "--overwrite"]).expect(0).json();
    assert_eq!((&over["written"], &over["problems"]), (&json!(4), &json!([])));
    assert_eq!(files(&folder), ALL);
}

#[test]
fn parts_of_a_study_come_alone() {
    let (stub, scratch) = (stub(|asked| archive(&asked.target)), Scratch::new("fetch-parts"));
    fetch(&stub, &scratch.join("a"), ["--series", SERIES[1]]).expect(0);
    assert_eq!(files(&scratch.join("a")), ALL[2..]);
    fetch(&stub, &scratch.join("b"), ["--series", SERIES[0], "--series", SERIES[1]]).expect(0);
    assert_eq!(files(&scratch.join("b")), ALL);
    fetch(&stub, &scratch.join("c"), ["--instance", ALL[2]]).expect(0);
    assert_eq!(files(&scratch.join("c")), ALL[2..3]);
    let before = stub.asked().len();
    fetch(&stub, &scratch.join("d"), ["--series", SERIES[0], "--instance", ALL[1]]).expect(0);
    assert_eq!(files(&scratch.join("d")), ALL[1..2]);
    assert_eq!(stub.asked().len(), before + 1);
    let partly = fetch(&stub, &scratch.join("e"), ["--instance", ALL[0], "--instance", "1.9"]).expect(4);
    assert!(partly.stderr.contains("instance 1.9"), "{}", partly.stderr);
    assert_eq!(files(&scratch.join("e")), ALL[..1]);
}

#[test]
fn a_server_that_lists_nothing_sends_all() {
    let stub = stub(|asked| match asked.target.contains("limit=") {
        true => answer("501 Not Implemented", "", ""),
        false => archive(&asked.target),
    });
    let scratch = Scratch::new("fetch-whole");
    fetch(&stub, &scratch.join("a"), []).expect(0);
    assert_eq!(files(&scratch.join("a")), ALL);
    fetch(&stub, &scratch.join("b"), ["--series", SERIES[0], "--series", SERIES[1]]).expect(0);
    assert_eq!(files(&scratch.join("b")), ALL);
    assert!(fetch(&stub, &scratch.join("b"), []).expect(0).stdout.contains("0 written, 4 there already"));
}

#[test]
fn what_is_not_what_was_asked_for_is_not_kept() {
    let page = || answer("200 OK", "Content-Type: text/html\r\n", "<html>");
    let other = || multipart(&[file(SERIES[0], "1.9.9")]);
    let no_dicom = || multipart(&[b"<html>".repeat(100)]);
    let ends =
        |target: &str, instance: &str| target.split('?').next().is_some_and(|path| path.ends_with(instance));
    let stub = stub(move |asked| match asked.target.as_str() {
        target if ends(target, ALL[0]) => page(),
        target if ends(target, ALL[1]) => other(),
        target if ends(target, ALL[2]) => no_dicom(),
        target => archive(target),
    });
    let scratch = Scratch::new("fetch-wrong");
    let said = fetch(&stub, scratch.path(), ["--json"]).expect(4);
    assert_eq!(files(scratch.path()), ALL[3..]);
    assert_eq!(said.json()["problems"].as_array().map(Vec::len), Some(3));
    assert_eq!(said.stderr.lines().count(), 3);
}

#[test]
fn foreign_files_are_left_alone() {
    let (stub, scratch) = (stub(|asked| archive(&asked.target)), Scratch::new("fetch-foreign"));
    let path = scratch.file("1.2.3.1/1.2.3.1.1.dcm", "my notes");
    let said = fetch(&stub, scratch.path(), ["--series", SERIES[0]]).expect(4);
    assert!(said.stderr.contains("--overwrite"), "{}", said.stderr);
    assert_eq!(std::fs::read(&path).expect("a file"), b"my notes");
    fetch(&stub, scratch.path(), ["--series", SERIES[0], "--overwrite"]).expect(0);
    assert_eq!(files(scratch.path()), ALL[..2]);
}

#[test]
fn a_transfer_that_breaks_off_is_begun_again() {
    let begun = Mutex::new(HashSet::new());
    let stub = Stub::start(move |asked, _, stream| {
        let whole = archive(&asked.target);
        let is_first = begun.lock().expect("the set").insert(asked.target.clone());
        if asked.target.contains("limit=") || !is_first {
            return stream.write_all(&whole).is_ok();
        }
        stream.write_all(&whole[..whole.len() / 2]).ok();
        false
    });
    let scratch = Scratch::new("fetch-cut");
    fetch(&stub, scratch.path(), []).expect(0);
    assert_eq!(files(scratch.path()), ALL);
}

#[test]
fn what_cannot_be_had_is_said_once() {
    let scratch = Scratch::new("fetch-refused");
    let locked = stub(|_| answer("401 Unauthorized", "", ""));
    let said = fetch(&locked, scratch.path(), ["--user", "anna", "--password", "hunter2"]).expect(1);
    assert_eq!(said.stderr, "viewer: the server does not accept this user name and password or token\n");
    assert_eq!(locked.asked().len(), 1);
    let asked = fetch(&locked, scratch.path(), []).expect(1);
    assert!(asked.stderr.contains("asks for a user name"), "{}", asked.stderr);
    let half = stub(|asked| match asked.target.contains("limit=") {
        true => archive(&asked.target),
        false => answer("403 Forbidden", "", ""),
    });
    let said = fetch(&half, scratch.path(), []).expect(1);
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    let empty = stub(|asked| {
        if asked.target.contains("limit=") {
            answer("204 No Content", "", "")
        } else {
            answer("404 Not Found", "", "")
        }
    });
    fetch(&empty, scratch.path(), []).expect(1);
    assert_eq!(scratch.names(), [""; 0]);
}

#[test]
fn wrong_usage_is_told_without_secrets() {
    let run = |arguments: &[&str]| -> Ran {
        let mut command = command(["fetch"].iter().chain(arguments));
        command.env("NETRC", "/nowhere").env_remove("LIGHTBOX_PASSWORD").output().expect("the program").into()
    };
    let url = ["--dicomweb", "http://127.0.0.1:1/"];
    for wrong in [
        &["--study", "../x", "-o", "."][..],
        &["--study", "1.2", "--series", "", "-o", "."],
        &["--study", "1.2"],
        &["--study", "1.2", "-o", ".", "--user", "anna"],
        &["--study", "1.2", "-o", ".", "--password", "hunter2"],
        &["--study", "1.2", "-o", ".", "--user", "anna", "--password", "hunter2", "--token", "hunter2"],
    ] {
        let said = run(&[&url[..], wrong].concat()).expect(2);
        assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    }
    let said = run(&["--dicomweb", "anna:hunter2@pacs", "--study", "1.2", "-o", "."]).expect(2);
    assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    let log = run(&[
        "--log=trace",
        url[0],
        url[1],
        "--study",
        "1.2",
        "-o",
        env!("CARGO_TARGET_TMPDIR"),
        "--token",
        "hunter2",
    ]);
    assert!(!log.expect(1).stderr.contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_no_partial_file() {
    let stub = Stub::start(|asked, _, stream| {
        let whole = archive(&asked.target);
        if !asked.target.contains(ALL[3]) {
            return stream.write_all(&whole).is_ok();
        }
        stream.write_all(&whole[..whole.len() / 2]).ok();
        std::thread::sleep(Duration::from_secs(20));
        false
    });
    let scratch = Scratch::new("fetch-interrupted");
    let url = stub.url();
    let mut command = command(["fetch", "--dicomweb", &url, "--study", STUDY, "-o"]);
    let mut child = command.arg(scratch.path()).env("NETRC", "/nowhere").spawn().expect("the program starts");
    let partial = || scratch.names().iter().any(|name| name.ends_with(".part"));
    let arrived =
        || scratch.join("1.2.3.2/1.2.3.2.1.dcm").exists() && scratch.join("1.2.3.1/1.2.3.1.2.dcm").exists();
    assert!(wait_until(|| partial() && arrived(), Duration::from_secs(10)));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert_eq!(child.wait().expect("an end").code(), Some(130));
    assert_eq!(files(scratch.path()), ALL[..3]);
}
