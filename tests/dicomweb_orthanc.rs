//! Studies on a real archive, opened over DICOMweb: what comes is what was put in.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dicom_dictionary_std::tags;
use lightbox::demo::mammogram::View;
use lightbox::demo::people::Round;
use lightbox::demo::{ImageBuilder, tomo, write_fixtures};
use lightbox::dicom::DicomFile;
use lightbox::dicomweb::cache::Cache;
use lightbox::dicomweb::{
    Client, ClientOptions, CredentialFile, Server, ServerOptions, Wanted, Watch, WebError, identity, open,
};
use lightbox::launch::{Credentials, Secret};
use lightbox::study::{Entry, StudyIndex, display_sets};
use support::Scratch;
use support::archive::Archive;
use support::program::wait_until;
use support::slow::{Line, Slow};
use support::streams::{COLUMNS, ROWS, STREAMS};

fn client(base: &str, credentials: Credentials) -> Client {
    let options = ClientOptions {
        credentials,
        credential_file: CredentialFile::None,
        tries: 2,
        pause: Duration::from_millis(10),
        ..ClientOptions::new(base)
    };
    Client::new(options).expect("a client")
}

fn basic(password: &str) -> Credentials {
    Credentials::Basic { user: "anna".to_owned(), password: Secret::new(password) }
}

fn server(base: &str, credentials: Credentials, cache: Option<Arc<Cache>>) -> Arc<Server> {
    let options = ServerOptions { cache, identity: identity(&credentials), ..ServerOptions::default() };
    Server::new(Arc::new(client(base, credentials)), options)
}

fn open_wanted(server: &Arc<Server>, wanted: &Wanted) -> Result<Vec<Arc<Entry>>, WebError> {
    let entries = RefCell::new(Vec::new());
    let report = open(server, wanted, &Watch::default(), &|entry| entries.borrow_mut().push(entry))?;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    Ok(entries.into_inner())
}

fn open_studies(server: &Arc<Server>, studies: &[&str]) -> Result<Vec<Arc<Entry>>, WebError> {
    let studies = studies.iter().map(|study| (*study).to_owned()).collect();
    open_wanted(server, &Wanted { studies, ..Wanted::default() })
}

/// Files by their SOP Instance UID, and what they say of themselves.
struct Files(HashMap<String, (Vec<u8>, Entry)>);

impl Files {
    fn of(files: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let by_uid = |bytes: Vec<u8>| {
            let entry = Entry::read(&DicomFile::from_bytes(bytes.clone()).unwrap(), "x".into(), 0);
            (entry.sop_uid.clone().unwrap(), (bytes, entry))
        };
        Self(files.into_iter().map(by_uid).collect())
    }

    fn store(&self, archive: &Archive) {
        for (bytes, _) in self.0.values() {
            archive.store(bytes);
        }
    }

    fn studies(&self) -> Vec<&str> {
        let mut studies: Vec<_> =
            self.0.values().filter_map(|(_, entry)| entry.study_uid.as_deref()).collect();
        studies.sort_unstable();
        studies.dedup();
        studies
    }

    /// Every frame of an entry against the file it came from.
    #[track_caller]
    fn assert_same(&self, entry: &Entry) {
        let (bytes, local) = &self.0[entry.sop_uid.as_deref().unwrap()];
        assert_eq!(
            (
                &entry.series_uid,
                &entry.modality,
                entry.frames,
                entry.rows,
                &entry.view_position,
                &entry.laterality
            ),
            (
                &local.series_uid,
                &local.modality,
                local.frames,
                local.rows,
                &local.view_position,
                &local.laterality
            )
        );
        assert_eq!(
            (entry.kind, entry.geometry, &entry.patient_name),
            (local.kind, local.geometry, &local.patient_name)
        );
        let file = entry.open().unwrap();
        let (Ok(here), local) = (file.image(), DicomFile::from_bytes(bytes.clone()).unwrap()) else {
            panic!("{} is no image any more", entry.path.display());
        };
        let there = local.image().unwrap();
        for frame in 0..there.frame_count() {
            let (found, expected) = (here.decode(frame), there.decode(frame));
            assert_eq!(
                found,
                expected,
                "frame {frame} of {} as {}",
                entry.path.display(),
                local.transfer_syntax
            );
        }
    }
}

fn mammograms() -> Files {
    let views = [Round::Current, Round::Prior].into_iter().flat_map(View::all);
    Files::of(views.map(|view| view.file(1.504)).chain([tomo::file(3.0, 9)]))
}

#[test]
fn current_and_prior_come_as_they_were_stored() {
    let Some(archive) = Archive::start(None) else { return };
    let files = mammograms();
    files.store(&archive);
    let studies = files.studies();
    assert_eq!(studies.len(), 2);
    let server = server(&archive.base(), Credentials::None, None);
    let entries = open_studies(&server, &studies).unwrap();
    assert_eq!(entries.len(), 9);
    for entry in &entries {
        files.assert_same(entry);
        assert!(entry.path.to_str().unwrap().starts_with(&archive.base()));
    }
    // They sort and hang as files do.
    let local = files.0.values().map(|(_, entry)| Arc::new(entry.clone())).collect();
    let titles = |entries| -> Vec<Vec<Option<String>>> {
        let sets = display_sets(&StudyIndex::from_entries(entries));
        sets.iter().map(|set| set.instances.iter().map(|entry| entry.sop_uid.clone()).collect()).collect()
    };
    assert_eq!(titles(entries.clone()), titles(local));

    // One series of it, two, one instance.
    let series: Vec<String> = entries.iter().filter_map(|entry| entry.series_uid.clone()).collect();
    let wanted = |series: &[String], instance: Option<&String>| Wanted {
        studies: studies.iter().map(|study| (*study).to_owned()).collect(),
        series: series.to_vec(),
        instance: instance.cloned(),
    };
    assert_eq!(open_wanted(&server, &wanted(&series[..1], None)).unwrap().len(), 1);
    assert_eq!(open_wanted(&server, &wanted(&series[2..5], None)).unwrap().len(), 3);
    let one = entries[3].sop_uid.as_ref();
    assert_eq!(open_wanted(&server, &wanted(&[], one)).unwrap().len(), 1);
    let both = Wanted { studies: vec![entries[3].study_uid.clone().unwrap()], ..wanted(&series[3..4], one) };
    assert_eq!(open_wanted(&server, &both).unwrap().len(), 1);

    // What is not there.
    assert!(matches!(open_studies(&server, &["1.2.3.4"]), Err(WebError::NotFound(_))));
    let elsewhere =
        Wanted { series: vec!["1.9".to_owned()], studies: vec![studies[0].to_owned()], instance: None };
    assert!(matches!(open_wanted(&server, &elsewhere), Err(WebError::NotFound(_))));
}

#[test]
fn every_way_of_storing_comes_through() {
    let Some(archive) = Archive::start(None) else { return };
    let folder = Scratch::new("fixtures");
    let paths = write_fixtures(folder.path()).unwrap();
    let mut all: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    all.retain(|bytes| DicomFile::from_bytes(bytes.clone()).is_ok_and(|file| file.image().is_ok()));
    // The archive knows no JPEG XL.
    for (number, stream) in STREAMS.iter().filter(|stream| stream.name != "jpeg-xl").enumerate() {
        let allocated = if stream.bits > 8 { 16 } else { 8 };
        let image = ImageBuilder::gray(ROWS, COLUMNS).bits(allocated, stream.bits).set(|data| {
            data.text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.7")
                .text(tags::STUDY_INSTANCE_UID, "1.2.3.1")
                .text(tags::SERIES_INSTANCE_UID, "1.2.3.2")
                .text(tags::SOP_INSTANCE_UID, format!("1.2.3.3.{number}"))
                .text(tags::PATIENT_ID, "streams");
        });
        all.push(image.compressed(stream.transfer_syntax, vec![stream.bytes()]).build());
    }
    let files = Files::of(all);
    files.store(&archive);
    let server = server(&archive.base(), Credentials::None, None);
    let entries = open_studies(&server, &files.studies()).unwrap();
    assert_eq!(entries.len(), files.0.len());
    for entry in &entries {
        files.assert_same(entry);
    }
}

#[test]
fn one_frame_costs_one_frame() {
    let Some(archive) = Archive::start(None) else { return };
    let bytes = tomo::file(4.0, 60);
    let whole = bytes.len() as u64;
    let files = Files::of([bytes]);
    files.store(&archive);
    let line = Slow::before(archive.port, Line::PLAIN);
    let server = server(&line.base(), Credentials::None, None);
    let entries = open_studies(&server, &files.studies()).unwrap();
    let image = entries[0].open().unwrap().image().unwrap();
    let metadata = line.received();
    image.decode(0).unwrap();
    let frame = line.received() - metadata;
    assert!(frame * 20 < whole, "the first frame took {frame} of {whole} bytes");
    files.assert_same(&entries[0]);
    assert!(line.received() < whole * 5 / 4 + metadata);
}

#[test]
fn a_password_opens_the_door_and_another_does_not() {
    let Some(archive) = Archive::start(Some(("anna", "hunter2"))) else { return };
    let files = Files::of(View::all(Round::Prior).map(|view| view.file(3.0)));
    files.store(&archive);
    let opened = |credentials| open_studies(&server(&archive.base(), credentials, None), &files.studies());
    let entries = opened(basic("hunter2")).unwrap();
    assert_eq!(entries.len(), 4);
    files.assert_same(&entries[0]);
    assert!(!entries[0].path.to_str().unwrap().contains("anna"));
    assert_eq!(opened(basic("wrong")).err(), Some(WebError::Unauthorized { asked: true }));
    assert_eq!(opened(Credentials::None).err(), Some(WebError::Unauthorized { asked: false }));
}

#[test]
fn what_was_seen_survives_the_archive() {
    let Some(mut archive) = Archive::start(None) else { return };
    let files = Files::of(
        View::all(Round::Current).map(|view| view.file(3.0)).into_iter().chain([tomo::file(6.0, 5)]),
    );
    files.store(&archive);
    let folder = Scratch::new("cache");
    let cache = Cache::open(folder.path(), 1 << 30).unwrap();
    let first = server(&archive.base(), Credentials::None, Some(Arc::clone(&cache)));
    let entries = open_studies(&first, &files.studies()).unwrap();
    for entry in entries.iter().filter(|entry| entry.frames == 1) {
        files.assert_same(entry);
    }
    let tomo = entries.iter().find(|entry| entry.frames > 1).unwrap();
    let image = tomo.open().unwrap().image().unwrap();
    image.decode(2).unwrap();
    archive.kill();

    // What was open goes on; what had not come says why.
    for entry in entries.iter().filter(|entry| entry.frames == 1) {
        files.assert_same(entry);
    }
    image.decode(2).unwrap();
    let error = image.decode(3).unwrap_err().to_string();
    assert!(error.contains("cannot be reached"), "{error}");

    // Another program opens it again.
    cache.flush();
    let again =
        server(&archive.base(), Credentials::None, Some(Cache::open(folder.path(), 1 << 30).unwrap()));
    let offline = RefCell::new(Vec::new());
    let studies = files.studies().into_iter().map(str::to_owned).collect();
    let wanted = Wanted { studies, ..Wanted::default() };
    let report = open(&again, &wanted, &Watch::default(), &|entry| offline.borrow_mut().push(entry)).unwrap();
    assert_eq!((report.found, report.offline.len()), (5, 1));
    for entry in offline.into_inner().iter().filter(|entry| entry.frames == 1) {
        files.assert_same(entry);
    }
    let other = server(&archive.base(), Credentials::None, None);
    assert!(matches!(open_studies(&other, &files.studies()), Err(WebError::Connect(_))));
}

#[test]
fn a_transfer_that_breaks_off_is_said() {
    let Some(mut archive) = Archive::start(None) else { return };
    let files = Files::of([tomo::file(0.376, 4)]);
    files.store(&archive);
    let line = Slow::before(archive.port, Line { latency: Duration::ZERO, rate: 500_000 });
    let server = server(&line.base(), Credentials::None, None);
    let entries = open_studies(&server, &files.studies()).unwrap();
    let file = entries[0].open().unwrap();
    let before = line.received();
    std::thread::scope(|scope| {
        let fetch = scope.spawn(|| file.remote().unwrap().fetch(&[0, 1, 2], &|| false));
        assert!(wait_until(|| line.received() > before + 20_000, Duration::from_secs(20)));
        archive.kill();
        drop(line);
        let error = fetch.join().unwrap().unwrap_err().to_string();
        assert!(error.contains("could not be fetched"), "{error}");
    });
    assert_eq!(server.progress().running(), 0);
}
