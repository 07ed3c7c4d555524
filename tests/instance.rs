//! One window a user: launches as processes of their own, started at once, killed, and followed.
//!
//! The processes are this test program again, told by a variable what to be.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and a launch of the test says what became of it"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use lightbox::launch::instance::{Claimed, HandOver, Place, Shared, claim, share};

const FOLDER: &str = "LIGHTBOX_TEST_FOLDER";
const WORD: &str = "LIGHTBOX_TEST_WORD";
/// Milliseconds between the claim and the moment the application runs.
const START: &str = "LIGHTBOX_TEST_START";
const STAY: Duration = Duration::from_secs(60);

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("lb-{name}-{}", std::process::id())))
    }

    fn launch(&self, word: &str, start: u64) -> Launched {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "a_launch", "--nocapture", "--test-threads=1"])
            .env(FOLDER, &self.0)
            .env(WORD, word)
            .env(START, start.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a launch");
        let said = BufReader::new(child.stdout.take().expect("its words"));
        Launched { child, said }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

struct Launched {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Launched {
    /// What it became, or what it took: the next line of the launch itself.
    fn says(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.said.read_line(&mut line).expect("words") > 0, "the launch ended");
            // The harness writes on the same line.
            if let Some((_, said)) = line.split_once("launch: ") {
                return said.trim_end().to_owned();
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().expect("ours");
        self.child.wait().expect("an end");
    }
}

/// No test, but what the others start: a launch that hands over, or stays and says what it takes.
#[test]
fn a_launch() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let place = Place::new(&PathBuf::from(folder), "test").expect("a place");
    let word = std::env::var_os(WORD).expect("a word");
    match share(&place, &HandOver::new(vec![word])) {
        Shared::Given => println!("launch: given"),
        Shared::Alone(reason) => println!("launch: alone, {reason}"),
        Shared::First(listener) => {
            println!("launch: first");
            let read =
                |given: &HandOver| Ok(given.words.iter().map(|w| w.to_string_lossy().into()).collect());
            let inbox = listener.serve::<Vec<String>>(read).expect("threads");
            let start = std::env::var(START).expect("a time").parse().expect("a number");
            std::thread::sleep(Duration::from_millis(start));
            inbox.ready(|| ());
            // Until it is killed, or its parent is gone for long.
            let started = Instant::now();
            while started.elapsed() < STAY {
                for words in std::iter::from_fn(|| inbox.take()) {
                    println!("launch: took {}", words.join(" "));
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

#[test]
fn of_ten_processes_at_once_one_stays_and_takes_what_the_others_brought() {
    // The first starts slowly, as a cold application does.
    let folder = Folder::new("ten");
    let mut launches: Vec<Launched> =
        (0..10).map(|number| folder.launch(&format!("study {number}"), 700)).collect();
    let mut first = None;
    let mut brought = BTreeSet::new();
    for (number, mut launch) in launches.drain(..).enumerate() {
        match launch.says().as_str() {
            "first" => assert!(first.replace(launch).is_none(), "two windows"),
            "given" => assert!(brought.insert(format!("took study {number}"))),
            other => panic!("{other}"),
        }
    }
    let mut first = first.expect("a first");
    assert_eq!(brought.len(), 9);
    let took: Vec<String> = (0..9).map(|_| first.says()).collect();
    assert_eq!(took.into_iter().collect::<BTreeSet<_>>(), brought);
    // Nothing came twice: what comes next is what is brought next.
    assert_eq!(folder.launch("last", 0).says(), "given");
    assert_eq!(first.says(), "took last");
    first.kill();
}

#[test]
fn a_first_that_is_killed_leaves_nothing_in_the_way() {
    let folder = Folder::new("killed");
    let mut first = folder.launch("a", 0);
    assert_eq!(first.says(), "first");
    first.kill();
    let mut second = folder.launch("b", 0);
    assert_eq!(second.says(), "first");
    assert_eq!(folder.launch("c", 0).says(), "given");
    assert_eq!(second.says(), "took c");
    second.kill();
}

#[test]
fn a_first_that_is_killed_while_it_starts_loses_nothing() {
    let folder = Folder::new("starting");
    let mut first = folder.launch("a", 60_000);
    assert_eq!(first.says(), "first");
    let mut second = folder.launch("b", 0);
    std::thread::sleep(Duration::from_millis(500));
    first.kill();
    assert_eq!(second.says(), "first", "it opens what it wanted to hand over");
    second.kill();
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_program_hands_over_what_was_typed_and_keeps_what_belongs_to_one_window() {
    // A display that is not there: nothing opens, whatever happens.
    const DISPLAY: &str = ":7391";
    let folder = Folder::new("program");
    let runtime = folder.0.join("run");
    let place = Place::new(&runtime.join("lightbox"), &format!("x11 {DISPLAY}")).expect("a place");
    let Claimed::First(listener) = claim(&place) else { panic!("nobody else is there") };
    let inbox = listener.serve(|hand_over| Ok(hand_over.clone())).expect("threads");
    inbox.ready(|| ());
    std::fs::write(folder.0.join("a b.dcm"), "no image").expect("a file");
    let viewer = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_viewer"))
            .args(words)
            .current_dir(&folder.0)
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("DISPLAY", DISPLAY)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env("LIGHTBOX_TOKEN", "swordfish")
            .env("XDG_ACTIVATION_TOKEN", "shell_TIME7")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program")
    };
    let mut sender = viewer(&["--layout", "1x2", "a b.dcm"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    let arrived = loop {
        if let Some(arrived) = inbox.take() {
            break arrived;
        }
        assert!(Instant::now() < deadline, "nothing arrived");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(sender.wait().expect("an end").code(), Some(0));
    let file = folder.0.join("a b.dcm").into_os_string();
    assert_eq!(arrived.words, ["--layout=1x2".into(), "--".into(), file]);
    assert_eq!(arrived.variable("LIGHTBOX_TOKEN").map(lightbox::launch::Secret::reveal), Some("swordfish"));
    assert_eq!(arrived.activation.as_deref(), Some("shell_TIME7"));
    assert_eq!(arrived.folder, Some(folder.0.clone()));

    for own in [&["--new-window"][..], &["--size", "800x600"]] {
        let ended = viewer(own).wait().expect("an end");
        assert_ne!(ended.code(), Some(0), "there is no display for a window of its own");
        assert!(inbox.take().is_none());
    }
    // A mistake is told by whoever made it.
    assert_eq!(viewer(&["nowhere.dcm"]).wait().expect("an end").code(), Some(4));
    assert!(inbox.take().is_none());
}
