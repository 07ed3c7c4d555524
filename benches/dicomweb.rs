//! What a far archive costs: the first picture of a tomosynthesis by frame retrieval against its whole instance,
//! over a line of 50 ms and 20 Mbit/s, and four mammograms over loopback against the same files on disk.
//!
//! Needs Orthanc with its DICOMweb plugin; says so and ends where it is not installed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench prints, and stops where it cannot measure"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dicom_dictionary_std::tags;
use lightbox::demo::mammogram::View;
use lightbox::demo::people::Round;
use lightbox::demo::{exposure, tomo};
use lightbox::dicom::DicomFile;
use lightbox::dicomweb::{Client, ClientOptions, CredentialFile, Server, ServerOptions, Wanted, Watch, open};
use lightbox::study::Entry;
use support::Scratch;
use support::archive::Archive;
use support::slow::{Line, Slow};

const PLANES: usize = 60;
const RUNS: usize = 5;

fn server(base: &str) -> Arc<Server> {
    let options = ClientOptions { credential_file: CredentialFile::None, ..ClientOptions::new(base) };
    Server::new(Arc::new(Client::new(options).expect("a client")), ServerOptions::default())
}

fn open_study(server: &Arc<Server>, study: &str) -> Vec<Arc<Entry>> {
    let wanted = Wanted { studies: vec![study.to_owned()], ..Wanted::default() };
    let entries = RefCell::new(Vec::new());
    open(server, &wanted, &Watch::default(), &|entry| entries.borrow_mut().push(entry)).expect("a study");
    entries.into_inner()
}

fn study_of(bytes: &[u8]) -> String {
    let file = DicomFile::from_bytes(bytes.to_vec()).expect("an object");
    file.data.uid(tags::STUDY_INSTANCE_UID).expect("a study")
}

/// From nothing but a UID to the first decoded frame of everything in a study.
fn first_frames(base: &str, study: &str) -> Duration {
    let began = Instant::now();
    let entries = open_study(&server(base), study);
    std::thread::scope(|scope| {
        for entry in &entries {
            scope.spawn(|| entry.open().unwrap().image().unwrap().decode(0).expect("a frame"));
        }
    });
    began.elapsed()
}

fn far_tomosynthesis(archive: &Archive) {
    let bytes = tomo::file(0.376, PLANES);
    archive.store(&bytes);
    let study = study_of(&bytes);
    let line = Slow::before(archive.port, Line::FAR);
    let frame = (0..RUNS).map(|_| first_frames(&line.base(), &study)).min().expect("a run");
    let before = line.received();
    let server = server(&line.base());
    let entry = open_study(&server, &study).remove(0);
    let target = entry.path.to_string_lossy().into_owned();
    let began = Instant::now();
    let client = Client::new(ClientOptions {
        credential_file: CredentialFile::None,
        ..ClientOptions::new(line.base())
    });
    let client = client.expect("a client");
    let accept = r#"multipart/related; type="application/dicom"; transfer-syntax=*"#;
    let transport: &dyn lightbox::dicomweb::Transport = &client;
    let mut answer = transport.get(&target, accept, &Watch::default()).expect("the instance");
    std::io::copy(&mut answer.body, &mut std::io::sink()).expect("all of it");
    let whole = began.elapsed();
    println!(
        "tomosynthesis of {PLANES} frames, {:.1} MB, 50 ms and 20 Mbit/s: first picture {:.2} s (with metadata), \
         whole instance {:.2} s, {:.1} %; {} bytes",
        bytes.len() as f64 / 1e6,
        frame.as_secs_f64(),
        whole.as_secs_f64(),
        100.0 * frame.as_secs_f64() / whole.as_secs_f64(),
        line.received() - before
    );
}

fn near_mammograms(archive: &Archive) {
    let folder = Scratch::new("near");
    let files: Vec<Vec<u8>> = View::all(Round::Prior).map(|view| view.file(exposure::SPACING)).into();
    let study = study_of(&files[0]);
    let mut paths = Vec::new();
    for (number, bytes) in files.iter().enumerate() {
        archive.store(bytes);
        paths.push(folder.file(&format!("{number}.dcm"), bytes));
    }
    let disk = || {
        let began = Instant::now();
        std::thread::scope(|scope| {
            for path in &paths {
                scope.spawn(move || {
                    DicomFile::open(path).unwrap().image().unwrap().decode(0).expect("a frame")
                });
            }
        });
        began.elapsed()
    };
    let local = (0..RUNS).map(|_| disk()).min().expect("a run");
    let remote = (0..RUNS).map(|_| first_frames(&archive.base(), &study)).min().expect("a run");
    println!(
        "four mammograms, headers and frames, without drawing: disk {:.0} ms, loopback {:.0} ms",
        local.as_secs_f64() * 1e3,
        remote.as_secs_f64() * 1e3
    );
}

fn main() {
    let Some(archive) = Archive::start(None) else { return };
    near_mammograms(&archive);
    far_tomosynthesis(&archive);
}
