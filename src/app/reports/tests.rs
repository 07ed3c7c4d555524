//! Reports in the whole application without a window: opening, links, selections, documents, export.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bevy::prelude::*;
use dicom_dictionary_std::tags;

use super::*;
use crate::app::tests::{pictures, start, until};
use crate::app::viewport::{Active, Slot, Stack, Viewport};
use crate::dicom::DicomFile;
use crate::dicom::write::{self, DataSet, Implementation, Syntax, coded, item};
use crate::launch::OpenPlan;
use crate::presentation::sr::{Link, Place};

const WRITER: Implementation = Implementation { class_uid: "1.2.3.4", version_name: "TEST" };
const MISSING: &str = "1.2.3.9.9.9";

/// A folder with images and what is said about them.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, images: &[&str]) -> Self {
        let path = std::env::temp_dir().join(format!("lightbox-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        for image in images {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(image);
            std::fs::copy(from, path.join(image)).expect("a copy");
        }
        Self(path)
    }

    fn put(&self, name: &str, data: &DataSet) {
        let bytes = write::file(data, Syntax::ExplicitLittle, WRITER);
        std::fs::write(self.0.join(name), bytes).expect("a file");
    }

    /// Class and instance of an image, and its study.
    fn uids(&self, image: &str) -> [String; 3] {
        let file = DicomFile::open(self.0.join(image)).expect("an image");
        [tags::SOP_CLASS_UID, tags::SOP_INSTANCE_UID, tags::STUDY_INSTANCE_UID]
            .map(|tag| file.data.uid(tag).unwrap_or_default())
    }

    fn open(&self) -> Option<App> {
        open(std::slice::from_ref(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn open(paths: &[PathBuf]) -> Option<App> {
    let plan = OpenPlan {
        paths: paths.to_vec(),
        recursive: true,
        headless: true,
        size: Some((900, 600)),
        ..OpenPlan::default()
    };
    start(&plan)
}

fn content(relation: &str, kind: &str, name: &str, fill: impl FnOnce(&mut DataSet)) -> DataSet {
    item(|d| {
        d.text(tags::RELATIONSHIP_TYPE, relation)
            .text(tags::VALUE_TYPE, kind)
            .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("1", "99TEST", name));
        fill(d);
    })
}

fn image(relation: &str, [class, instance, _]: &[String; 3], frame: Option<i64>) -> DataSet {
    content(relation, "IMAGE", "Source", |d| {
        let reference = item(|d| {
            d.text(tags::REFERENCED_SOP_CLASS_UID, class.clone())
                .text(tags::REFERENCED_SOP_INSTANCE_UID, instance.clone());
            if let Some(frame) = frame {
                d.int(tags::REFERENCED_FRAME_NUMBER, [frame]);
            }
        });
        d.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference]);
    })
}

fn object(class: &str, uid: &str, study: &str) -> DataSet {
    item(|d| {
        d.text(tags::SOP_CLASS_UID, class)
            .text(tags::SOP_INSTANCE_UID, uid)
            .text(tags::STUDY_INSTANCE_UID, study)
            .text(tags::SERIES_INSTANCE_UID, format!("{uid}.1"))
            .text(tags::PATIENT_ID, "P");
    })
}

fn report(uid: &str, study: &str, items: Vec<DataSet>) -> DataSet {
    let mut data = object("1.2.840.10008.5.1.4.1.1.88.33", uid, study);
    data.text(tags::VALUE_TYPE, "CONTAINER")
        .text(tags::COMPLETION_FLAG, "PARTIAL")
        .sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![coded(("2", "99TEST", "A report"))])
        .sequence(tags::CONTENT_SEQUENCE, items);
    data
}

fn text(words: &str) -> DataSet {
    content("CONTAINS", "TEXT", "Finding", |d| {
        d.text(tags::TEXT_VALUE, words);
    })
}

fn opened(world: &World) -> Option<Arc<Opened>> {
    world.resource::<OpenReports>().active()?.opened().cloned()
}

/// The links of the page, in order.
fn links(opened: &Opened) -> Vec<Link> {
    let texts = opened.sheet.strips.iter().flat_map(|strip| opened.sheet.texts(&opened.document, strip));
    let runs: Vec<_> = texts.flat_map(|text| text.runs).collect();
    let of = |meaning: Meaning<'_>| match meaning {
        Meaning::Of(inline) => inline.link.clone(),
        _ => None,
    };
    runs.into_iter().filter_map(|(_, meaning)| of(meaning)).collect()
}

fn current(world: &mut World) -> Option<(Option<String>, u32)> {
    let mut active = world.query_filtered::<&Stack, (With<Viewport>, With<Active>)>();
    let stack = active.iter(world).next()?;
    let (instance, frame) = stack.current()?;
    Some((instance.entry.sop_uid.clone(), frame))
}

fn said(world: &World, words: &str) -> bool {
    world.resource::<Notices>().list().iter().any(|notice| notice.text.contains(words))
}

#[test]
fn a_report_by_itself_is_read_at_once_and_searched() {
    let folder = Folder::new("sr-alone", &[]);
    let items = vec![text("A mass, and another MASS"), text("nothing else"), text("no mass here")];
    folder.put("report.dcm", &report("1.2.3.1", "1.2.3", items));
    let Some(mut app) = open(&[folder.0.join("report.dcm")]) else { return };
    until(&mut app, "the page", |world| opened(world).is_some());
    let page = opened(app.world()).expect("a page");
    assert_eq!(page.document.title.text, "A report");
    assert!(page.document.status.iter().any(|status| status.provisional));
    assert!(app.world().resource::<Notices>().list().is_empty());
    let search = |app: &mut App, words: &str| {
        let mut reports = app.world_mut().resource_mut::<OpenReports>();
        reports.active_mut().expect("a page").search.set(words.to_owned());
        until(app, "all of the page looked at", |world| {
            world.resource::<OpenReports>().active().is_some_and(|page| page.search.count().1)
        });
    };
    search(&mut app, "mass");
    let mut reports = app.world_mut().resource_mut::<OpenReports>();
    let page = reports.active_mut().expect("a page");
    assert_eq!(page.search.count(), (3, true));
    assert_eq!(page.search.current(), Some(0), "the first one comes into sight");
    page.go_on(-1);
    assert_eq!(page.search.current(), Some(2), "round and round");
    search(&mut app, "microcalcification");
    let mut reports = app.world_mut().resource_mut::<OpenReports>();
    assert_eq!(reports.active().expect("a page").search.count(), (0, true));
    reports.close();
    assert!(!reports.is_open());
    // The key brings it back.
    app.world_mut().write_message(Intent::ToggleReport);
    until(&mut app, "the page again", |world| opened(world).is_some());
}

#[test]
fn links_lead_to_frames_and_regions_and_say_what_is_missing() {
    let folder = Folder::new("sr-links", &["dbt-lmlo.dcm", "mg-rcc.dcm"]);
    let (volume, flat) = (folder.uids("dbt-lmlo.dcm"), folder.uids("mg-rcc.dcm"));
    let missing = [flat[0].clone(), MISSING.to_owned(), String::new()];
    let region = content("CONTAINS", "SCOORD", "Outline", |d| {
        d.text(tags::GRAPHIC_TYPE, "CIRCLE")
            .real(tags::GRAPHIC_DATA, [20.0, 20.0, 25.0, 20.0])
            .sequence(tags::CONTENT_SEQUENCE, vec![image("SELECTED FROM", &volume, Some(3))]);
    });
    let items = vec![
        region,
        image("CONTAINS", &flat, None),
        image("CONTAINS", &missing, None),
        image("CONTAINS", &["1.2.840.10008.5.1.4.1.1.88.33".into(), "1.2.3.2".into(), String::new()], None),
    ];
    folder.put("report.dcm", &report("1.2.3.1", &volume[2], items));
    folder.put("second.dcm", &report("1.2.3.2", &volume[2], vec![text("the second")]));
    let Some(mut app) = folder.open() else { return };
    until(&mut app, "two pictures", |world| pictures(world) == 2);
    assert!(!app.world().resource::<OpenReports>().is_open(), "beside images nothing opens by itself");
    let first = readable(app.world().resource::<Groups>())
        .into_iter()
        .find(|one| one.data.entry.sop_uid.as_deref() == Some("1.2.3.1"))
        .expect("the report is known");
    app.world_mut().write_message(OpenReport::new(&first.data));
    until(&mut app, "the page", |world| opened(world).is_some());
    let page = opened(app.world()).expect("a page");
    let links = links(&page);
    let at = |n: usize| links.get(n).cloned().expect("a link");
    assert!(matches!(&at(0), Link::Objects { place: Some(Place::Region(_)), .. }));

    app.world_mut().write_message(FollowLink::One(at(0)));
    until(&mut app, "the third frame of the volume", |world| {
        current(world) == Some((Some(volume[1].clone()), 2))
    });
    let world = app.world_mut();
    let pointed: Vec<Pointed> = world.query::<&Pointed>().iter(world).cloned().collect();
    let [pointed] = pointed.as_slice() else { panic!("one place is pointed at") };
    assert_eq!(pointed.key.frame, 2);
    assert_eq!(pointed.drawing.strokes.len(), 1);

    let flat_link = links.iter().find(|link| match link {
        Link::Objects { objects, .. } => objects.first().is_some_and(|one| one.sop_instance_uid == flat[1]),
        Link::Item(_) => false,
    });
    app.world_mut().write_message(FollowLink::One(flat_link.cloned().expect("a link to the image")));
    until(&mut app, "the other image", |world| current(world) == Some((Some(flat[1].clone()), 0)));
    assert_eq!(pictures(app.world_mut()), 2, "it was on screen and is gone to");

    let to = |uid: &str| {
        let found = links.iter().find(|link| match link {
            Link::Objects { objects, .. } => objects.first().is_some_and(|one| one.sop_instance_uid == uid),
            Link::Item(_) => false,
        });
        found.cloned().expect("a link")
    };
    app.world_mut().write_message(FollowLink::One(to(MISSING)));
    until(&mut app, "a word about it", |world| said(world, "is not among what is open"));
    app.world_mut().write_message(FollowLink::One(to("1.2.3.2")));
    until(&mut app, "the other report", |world| {
        opened(world).is_some_and(|page| page.report.header.sop_instance_uid == "1.2.3.2")
    });
    // An item of the first one comes into sight when it is asked for.
    let second = page.report.items().nth(1).expect("an item").0;
    app.world_mut().write_message(OpenReport::at(&first.data, second));
    until(&mut app, "the item", |world| {
        world.resource::<OpenReports>().active().is_some_and(|page| page.marked == Some(1))
    });
    // What is closed takes its pages with it.
    app.world_mut().write_message(crate::app::groups::GroupCommand::Close);
    until(&mut app, "no page", |world| {
        let reports = world.resource::<OpenReports>();
        !reports.is_open() && reports.pages.is_empty()
    });
}

#[test]
fn a_selection_hangs_what_was_selected() {
    let folder = Folder::new("ko", &["mg-rcc.dcm", "ct-implicit.dcm", "dbt-lmlo.dcm"]);
    let (flat, volume) = (folder.uids("mg-rcc.dcm"), folder.uids("dbt-lmlo.dcm"));
    let missing = [flat[0].clone(), MISSING.to_owned(), String::new()];
    let mut selection = object("1.2.840.10008.5.1.4.1.1.88.59", "1.2.3.5", &flat[2]);
    selection
        .text(tags::VALUE_TYPE, "CONTAINER")
        .sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![coded(("113000", "DCM", "Of Interest"))])
        .sequence(
            tags::CONTENT_SEQUENCE,
            vec![
                image("CONTAINS", &volume, Some(2)),
                image("CONTAINS", &flat, None),
                image("CONTAINS", &missing, None),
            ],
        );
    folder.put("ko.dcm", &selection);
    let Some(mut app) = folder.open() else { return };
    until(&mut app, "three pictures", |world| pictures(world) == 3);
    app.world_mut().write_message(Intent::ToggleReport);
    until(&mut app, "the page", |world| opened(world).is_some());
    let objects = opened(app.world()).and_then(|page| page.key_objects.clone()).expect("a selection").objects;
    assert_eq!(objects.len(), 3);
    app.world_mut().write_message(FollowLink::All(objects));
    let shown = |world: &mut World| {
        let mut viewports: Vec<_> = world
            .query_filtered::<(&Slot, &Stack), With<Viewport>>()
            .iter(world)
            .filter_map(|(slot, stack)| {
                let (instance, frame) = stack.current()?;
                Some((slot.0, instance.entry.sop_uid.clone().unwrap_or_default(), frame))
            })
            .collect();
        viewports.sort();
        viewports
    };
    let expected = vec![(0, volume[1].clone(), 1), (1, flat[1].clone(), 0)];
    until(&mut app, "the two images side by side", |world| shown(world) == expected);
    assert!(said(app.world(), MISSING));
}

static HANDED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn take(file: &Path) -> Result<(), String> {
    HANDED.lock().expect("a list").push(file.to_owned());
    Ok(())
}

#[test]
fn a_document_is_asked_about_before_another_program_gets_it() {
    let folder = Folder::new("pdf", &[]);
    let bytes = b"%PDF-1.4\n%%EOF\n".to_vec();
    let mut letter = object("1.2.840.10008.5.1.4.1.1.104.1", "1.2.3.7", "1.2.3");
    letter
        .text(tags::DOCUMENT_TITLE, "A letter")
        .text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, "application/pdf")
        .int(tags::ENCAPSULATED_DOCUMENT_LENGTH, [bytes.len() as i64])
        .put(tags::ENCAPSULATED_DOCUMENT, crate::dicom::VR::OB, write::Value::Bytes(bytes.clone()));
    folder.put("letter.dcm", &letter);
    let mut program = letter.clone();
    program.text(tags::SOP_INSTANCE_UID, "1.2.3.8").put(
        tags::ENCAPSULATED_DOCUMENT,
        crate::dicom::VR::OB,
        write::Value::Bytes(b"#!/bin/sh\nexit\n\n".to_vec()),
    );
    let Some(mut app) = open(&[folder.0.join("letter.dcm")]) else { return };
    app.world_mut().resource_mut::<Handing>().program = take;
    let asks = |world: &mut World| world.resource::<Handing>().question().is_some();
    until(&mut app, "the question", asks);
    let question = app.world().resource::<Handing>().question().cloned().expect("a question");
    assert_eq!((question.title.as_str(), question.bytes), ("A letter", bytes.len() as u64));
    assert!(!app.world().resource::<OpenReports>().is_open());
    // No is no.
    app.world_mut().resource_mut::<Handing>().answer(false, None);
    (0..5).for_each(|_| app.update());
    assert!(HANDED.lock().expect("a list").is_empty());
    app.world_mut().write_message(Intent::ToggleReport);
    until(&mut app, "the question again", asks);
    app.world_mut().resource_mut::<Handing>().answer(true, None);
    until(&mut app, "the document handed over", |_| !HANDED.lock().expect("a list").is_empty());
    let file = HANDED.lock().expect("a list").remove(0);
    assert_eq!(std::fs::read(&file).expect("a copy"), bytes, "without the byte of padding");
    assert_eq!(file.extension().and_then(|name| name.to_str()), Some("pdf"));
    // What only says that it is a PDF stays here.
    folder.put("program.dcm", &program);
    app.world().resource::<crate::app::opening::Opener>().open(vec![folder.0.join("program.dcm")]);
    until(&mut app, "the third question", asks);
    app.world_mut().resource_mut::<Handing>().answer(true, None);
    until(&mut app, "a refusal", |world| said(world, "and it does not"));
    assert!(HANDED.lock().expect("a list").is_empty());
    app.world_mut().write_message(AppExit::Success);
    app.update();
    until(&mut app, "nothing left behind", |_| !file.exists());
}

#[test]
fn a_report_is_written_and_nothing_is_written_over() {
    let folder = Folder::new("sr-save", &[]);
    folder.put("report.dcm", &report("1.2.3.1", "1.2.3", vec![text("Nothing to be seen.")]));
    let Some(mut app) = open(&[folder.0.join("report.dcm")]) else { return };
    until(&mut app, "the page", |world| opened(world).is_some());
    let page = opened(app.world()).expect("a page");
    for format in Format::ALL {
        let to = folder.0.join(format!("out.{}", format.extension()));
        let message = SaveReport { opened: Arc::clone(&page), format, to: Some(to.clone()) };
        app.world_mut().write_message(message.clone());
        let there =
            |_: &mut World| std::fs::read_to_string(&to).is_ok_and(|text| text.contains("Nothing to be"));
        until(&mut app, "the file", there);
        app.world_mut().write_message(message);
        until(&mut app, "a refusal", |world| {
            let name = format!("out.{}", format.extension());
            world
                .resource::<Notices>()
                .list()
                .iter()
                .any(|one| one.text.contains("of that name already") && one.text.ends_with(&name))
        });
    }
    assert!(as_text(&page).contains("Nothing to be seen."));
}
