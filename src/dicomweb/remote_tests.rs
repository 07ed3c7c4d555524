//! Studies from a server that is not there, willing and unwilling.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dicom_dictionary_std::tags;

use super::cache::Cache;
use super::fake::{BASE, Fake, path};
use super::{Report, Server, ServerOptions, Wanted, Watch, WebError, open};
use crate::demo::{ImageBuilder, Syntax, tomo, ultrasound, wedge};
use crate::dicom::{DicomFile, Error, Image};
use crate::study::Entry;

fn tomo_file() -> Vec<u8> {
    tomo::file(8.0, 7)
}

/// What was opened, by instance.
struct Opened {
    report: Report,
    entries: Vec<Arc<Entry>>,
}

fn server(fake: &Arc<Fake>, cache: Option<Arc<Cache>>) -> Arc<Server> {
    let transport: Arc<Fake> = Arc::clone(fake);
    Server::new(transport, ServerOptions { cache, ..ServerOptions::default() })
}

fn open_all(server: &Arc<Server>, study: &str) -> Result<Opened, WebError> {
    let wanted = Wanted { studies: vec![study.to_owned()], ..Wanted::default() };
    let entries = RefCell::new(Vec::new());
    let report = open(server, &wanted, &Watch::default(), &|entry| entries.borrow_mut().push(entry))?;
    Ok(Opened { report, entries: entries.into_inner() })
}

fn image(opened: &Opened) -> Image {
    opened.entries[0].open().unwrap().image().unwrap()
}

#[track_caller]
fn assert_same_frames(remote: &Image, bytes: &[u8]) {
    let local = DicomFile::from_bytes(bytes.to_vec()).unwrap().image().unwrap();
    assert_eq!(remote.frame_count(), local.frame_count());
    for frame in 0..local.frame_count() {
        assert_eq!(remote.decode(frame).unwrap(), local.decode(frame).unwrap(), "frame {frame}");
    }
}

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> (Self, Arc<Cache>) {
        let path = std::env::temp_dir().join(format!("lightbox-remote-{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        let cache = Cache::open(&path, 1 << 30).unwrap();
        (Self(path), cache)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn frames_come_one_by_one() {
    let bytes = tomo_file();
    let fake = Arc::new(Fake::of([bytes.clone()]));
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    let entry = &opened.entries[0];
    let local = Entry::read(&DicomFile::from_bytes(bytes.clone()).unwrap(), "x".into(), 0);
    assert_eq!((entry.frames, entry.has_pixels, entry.rows), (7, true, local.rows));
    assert_eq!((&entry.series_uid, &entry.view_position), (&local.series_uid, &local.view_position));
    assert_eq!(entry.path.to_str(), Some(format!("{BASE}{}", path(&bytes)).as_str()));
    let before = fake.sent.load(Ordering::Relaxed);
    let image = image(&opened);
    image.decode(3).unwrap();
    assert_eq!(fake.asked_for("/frames/"), 1);
    assert_eq!(fake.asked_for("/frames/4"), 1);
    let cost = fake.sent.load(Ordering::Relaxed) - before;
    assert!(cost < image.info().native_frame_bits() / 8 + 300, "{cost}");
    assert_same_frames(&image, &bytes);
    assert_eq!(fake.asked_for("/frames/"), 7, "and none twice");
    assert!(image.is_native() && image.plain_rows(0).is_some());
    assert!(matches!(image.decode(7), Err(Error::NoSuchFrame { .. })));
}

#[test]
fn compressed_frames_keep_their_syntax() {
    let bytes = ultrasound::image(3).syntax(Syntax::Rle).build();
    let fake = Arc::new(Fake::of([bytes.clone()]));
    let image = image(&open_all(&server(&fake, None), &fake.study()).unwrap());
    assert_same_frames(&image, &bytes);
    assert_eq!(image.transfer_syntax(), "1.2.840.10008.1.2.5");
    assert!(!image.is_native());
}

#[test]
fn where_there_are_no_frames_the_whole_is_fetched_once() {
    let bytes = tomo_file();
    for (no_frames, short_by) in [(true, 0), (false, 2)] {
        let fake = Arc::new(Fake { no_frames, short_by, ..Fake::of([bytes.clone()]) });
        let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
        let image = image(&opened);
        assert_same_frames(&image, &bytes);
        let whole = fake.asked.lock().unwrap().iter().filter(|asked| **asked == path(&bytes)).count();
        assert_eq!(whole, 1);
        assert!(image.plain_rows(0).is_some() && image.stored_at(0, 3, 3).unwrap().is_some());
    }
}

/// One of several objects of a series, with two frames.
fn of_two_frames(number: u32) -> Vec<u8> {
    let samples = (0..512).map(|n| (n * i64::from(number)) % 4096);
    let image = ImageBuilder::gray(16, 16).bits(16, 12).frames(2).samples(samples);
    let image = image.set(|data| {
        data.text(tags::STUDY_INSTANCE_UID, "1.2.3").text(tags::SERIES_INSTANCE_UID, "1.2.3.1");
        data.text(tags::SOP_INSTANCE_UID, format!("1.2.3.1.{number}"));
    });
    image.build()
}

#[test]
fn a_large_single_frame_comes_with_its_object_and_by_itself_where_that_is_refused() {
    let image_of = |side: usize| {
        let samples = (0..side * side).map(|n| (n % 4093) as i64);
        ImageBuilder::gray(side, side).bits(16, 12).samples(samples).set(|data| {
            data.text(tags::STUDY_INSTANCE_UID, "1.2.3").text(tags::SERIES_INSTANCE_UID, "1.2.3.1");
        })
    };
    let large = image_of(1500).build();
    for no_whole in [false, true] {
        let fake = Arc::new(Fake { no_whole, ..Fake::of([large.clone()]) });
        let image = image(&open_all(&server(&fake, None), &fake.study()).unwrap());
        // The first connection breaks, and the second too.
        fake.cuts.lock().unwrap().extend([900, 700]);
        assert_same_frames(&image, &large);
        let whole = fake.asked.lock().unwrap().iter().filter(|asked| **asked == path(&large)).count();
        assert!(if no_whole { whole >= 1 } else { whole == 3 }, "{whole}");
        assert_eq!(fake.asked_for("/frames/"), if no_whole { 3 } else { 0 });
    }
    let small = image_of(64).build();
    let fake = Arc::new(Fake::of([small.clone()]));
    assert_same_frames(&image(&open_all(&server(&fake, None), &fake.study()).unwrap()), &small);
    assert_eq!(fake.asked_for("/frames/1"), 1);
}

#[test]
fn a_server_without_frames_is_not_asked_for_them_again() {
    let fake = Arc::new(Fake { no_frames: true, ..Fake::of((1..=4).map(of_two_frames)) });
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    assert_eq!(opened.entries.len(), 4);
    for entry in &opened.entries {
        entry.open().unwrap().image().unwrap().decode(0).unwrap();
    }
    assert_eq!(fake.asked_for("/frames/"), 4, "two objects, two forms");
}

#[test]
fn several_frames_come_in_one_answer_where_that_is_understood() {
    let bytes = tomo_file();
    for no_lists in [false, true] {
        let delay = Duration::from_millis(20);
        let fake = Arc::new(Fake { no_lists, delay, ..Fake::of([bytes.clone()]) });
        let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
        let file = opened.entries[0].open().unwrap();
        let remote = file.remote().unwrap();
        remote.fetch(&[0], &|| false).unwrap();
        assert!(remote.is_local(0) && !remote.is_local(1));
        assert!(remote.batch() > 1, "an answer that takes long to begin should bring more");
        remote.fetch(&[1, 2, 3, 4, 5, 6], &|| false).unwrap();
        assert!((0..7).all(|frame| remote.is_local(frame)));
        assert_same_frames(&file.image().unwrap(), &bytes);
        if no_lists {
            assert_eq!(remote.batch(), 1);
        } else {
            assert!(fake.asked_for("/frames/") < 7);
        }
    }
}

#[test]
fn a_frame_on_its_way_is_waited_for() {
    let bytes = tomo_file();
    let fake = Arc::new(Fake { delay: Duration::from_millis(50), ..Fake::of([bytes]) });
    let image = image(&open_all(&server(&fake, None), &fake.study()).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| image.decode(2).unwrap());
        }
    });
    assert_eq!(fake.asked_for("/frames/"), 1);
}

#[test]
fn broken_connections_are_tried_again_and_long_errors_kept() {
    let bytes = tomo_file();
    let fake = Arc::new(Fake::of([bytes.clone()]));
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    fake.cuts.lock().unwrap().extend([300, 100]);
    let image = image(&opened);
    image.decode(0).unwrap();
    assert_eq!(fake.asked_for("/frames/1"), 3);
    // Dead: said at once, and not asked again for a moment.
    fake.dead.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        let Err(Error::Remote { passing: true, message }) = image.decode(1) else { panic!("it is dead") };
        assert!(message.contains("cannot be reached"), "{message}");
    }
    assert_eq!(fake.asked_for("/frames/2"), 1);
    image.decode(0).unwrap();
}

#[test]
fn a_fetch_ends_when_nobody_wants_it() {
    let fake = Arc::new(Fake::of([tomo_file()]));
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    let file = opened.entries[0].open().unwrap();
    assert!(file.remote().unwrap().fetch(&[0], &|| true).is_err());
    assert!(file.image().unwrap().decode(0).is_ok(), "and that is no failure of the frame");
}

#[test]
fn what_is_kept_survives_the_server() {
    let bytes = tomo_file();
    let (_folder, cache) = Folder::new("dead");
    let fake = Arc::new(Fake::of([bytes.clone()]));
    let opened = open_all(&server(&fake, Some(Arc::clone(&cache))), &fake.study()).unwrap();
    assert_same_frames(&image(&opened), &bytes);
    drop(opened);
    cache.flush();
    fake.dead.store(true, Ordering::Relaxed);
    let again = open_all(&server(&fake, Some(Arc::clone(&cache))), &fake.study()).unwrap();
    assert_eq!(again.report.offline.len(), 1);
    assert_same_frames(&image(&again), &bytes);
    // Somebody else does not see it.
    let transport: Arc<Fake> = Arc::clone(&fake);
    let options =
        ServerOptions { cache: Some(cache), identity: "basic bob".to_owned(), ..ServerOptions::default() };
    let other = open_all(&Server::new(transport, options), &fake.study());
    assert!(matches!(other, Err(WebError::Connect(_))));
}

#[test]
fn a_whole_object_is_kept_as_well() {
    let bytes = tomo_file();
    let (_folder, cache) = Folder::new("whole");
    let fake = Arc::new(Fake { no_frames: true, ..Fake::of([bytes.clone()]) });
    let opened = open_all(&server(&fake, Some(Arc::clone(&cache))), &fake.study()).unwrap();
    let first = image(&opened);
    assert_same_frames(&first, &bytes);
    std::thread::sleep(Duration::from_millis(50));
    fake.dead.store(true, Ordering::Relaxed);
    let server = server(&fake, Some(cache));
    let again = image(&open_all(&server, &fake.study()).unwrap());
    // It does not know yet that there are no frames, and the whole is at hand.
    assert_same_frames(&again, &bytes);
}

#[test]
fn without_metadata_objects_are_fetched() {
    let files: Vec<Vec<u8>> =
        (0..3).map(|n| crate::demo::ct::file(&crate::demo::ct::Chest::new(), n, 32)).collect();
    for no_search in [false, true] {
        let fake = Arc::new(Fake { no_metadata: true, no_search, ..Fake::of(files.clone()) });
        let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
        assert_eq!(opened.entries.len(), 3, "without search: {no_search}");
        for entry in &opened.entries {
            let bytes =
                files.iter().find(|bytes| path(bytes).ends_with(entry.sop_uid.as_deref().unwrap())).unwrap();
            assert_same_frames(&entry.open().unwrap().image().unwrap(), bytes);
        }
    }
    let fake = Arc::new(Fake::of(files));
    assert!(matches!(open_all(&server(&fake, None), "1.2.3").err(), Some(WebError::NotFound(_))));
    assert!(matches!(open_all(&server(&fake, None), "1/../2").err(), Some(WebError::Address(_))));
}

#[test]
fn one_bad_instance_costs_itself() {
    let files: Vec<Vec<u8>> =
        (0..3).map(|n| crate::demo::ct::file(&crate::demo::ct::Chest::new(), n, 32)).collect();
    let rewrite: fn(String) -> String =
        |text| text.replacen("\"0020000E\":{\"vr\":\"UI\"", "\"00200000\":{\"vr\":\"UI\"", 1);
    let fake = Arc::new(Fake { rewrite: Some(rewrite), ..Fake::of(files) });
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    assert_eq!((opened.entries.len(), opened.report.problems.len()), (2, 1));
    assert!(opened.report.problems[0].error.to_string().contains("no series"));
}

#[test]
fn a_server_that_does_not_know_the_asterisk() {
    let bytes = tomo_file();
    let fake = Arc::new(Fake { no_asterisk: true, ..Fake::of([bytes.clone()]) });
    assert_same_frames(&image(&open_all(&server(&fake, None), &fake.study()).unwrap()), &bytes);
    assert_eq!(fake.asked_for("/frames/"), 8, "the form that works is remembered");
}

#[test]
fn tables_are_fetched_with_the_header() {
    let bytes = wedge::file(64);
    let rewrite: fn(String) -> String = |text| {
        let table = r#""00283010":{"vr":"SQ","Value":[{"00283002":{"vr":"US","Value":[4,0,16]},
            "00283006":{"vr":"OW","BulkDataURI":"../../bulk/lut"},"00091001":{"vr":"OB","BulkDataURI":"bulk/other"}}]},"#;
        text.replacen("\"7FE00010\"", &format!("{table}\"7FE00010\""), 1)
    };
    let mut fake = Fake { rewrite: Some(rewrite), ..Fake::of([bytes]) };
    fake.bulk.insert("/bulk/lut".to_owned(), vec![1, 0, 2, 0, 3, 0, 4, 0]);
    let study = fake.study();
    fake.bulk.insert(format!("/studies/{study}/bulk/other"), vec![9; 5]);
    let fake = Arc::new(fake);
    let opened = open_all(&server(&fake, None), &study).unwrap();
    let file = opened.entries[0].open().unwrap();
    let item = file.data.item(tags::VOILUT_SEQUENCE).unwrap();
    assert_eq!(item.u16s(tags::LUT_DATA), Some(vec![1, 2, 3, 4]));
    assert_eq!(fake.asked_for("bulk/other"), 0, "what no picture needs waits");
    let other = item.get(crate::dicom::Tag(9, 0x1001)).unwrap();
    assert_eq!(file.read_value(other).unwrap(), [9; 5]);
    assert!(file.read_value(file.data.get(tags::PIXEL_DATA).unwrap()).is_err(), "pixels are no one value");
}

#[test]
fn documents_become_entries_too() {
    let rewrite: fn(String) -> String = |_| {
        r#"[{"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.88.33"]},"00080018":{"vr":"UI","Value":["1.5"]},
            "00080060":{"vr":"CS","Value":["SR"]},"0020000E":{"vr":"UI","Value":["1.4"]},
            "0040A730":{"vr":"SQ","Value":[{"0040A160":{"vr":"UT","Value":["a finding"]}}]}}]"#
            .to_owned()
    };
    let fake = Arc::new(Fake { rewrite: Some(rewrite), ..Fake::of([tomo_file()]) });
    let opened = open_all(&server(&fake, None), &fake.study()).unwrap();
    let entry = &opened.entries[0];
    assert_eq!((entry.has_pixels, entry.frames, entry.modality.as_deref()), (false, 0, Some("SR")));
    assert_eq!(entry.study_uid, Some(fake.study()), "what was asked for, where the answer does not say");
    let file = entry.open().unwrap();
    assert!(matches!(file.image(), Err(Error::NoPixels)));
}

#[test]
fn progress_ends_where_it_should() {
    let fake = Arc::new(Fake::of([tomo_file()]));
    let server = server(&fake, None);
    let image = image(&open_all(&server, &fake.study()).unwrap());
    image.decode(0).unwrap();
    let progress = server.progress();
    assert_eq!(progress.received(), progress.expected());
    assert!(progress.received() > image.info().native_frame_bits() / 8);
    assert_eq!(progress.running(), 0);
    server.stop();
    assert!(image.decode(1).is_err());
}
