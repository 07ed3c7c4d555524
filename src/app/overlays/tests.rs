//! Overlays in a whole application without a window: they attach in any order, a state is applied and taken back
//! without a trace, looks are saved beside the images and never over anything.

use std::path::{Path, PathBuf};

use bevy::prelude::*;

use super::{Jump, Overlaid, Overlay, StateChoice, Stated};
use crate::app::opening::{Opener, Request};
use crate::app::requests::Intent;
use crate::app::tests::{pictures, shown, start, until};
use crate::app::viewport::{Action, Stack, Target, View, ViewCommand, Viewport, Windowing};
use crate::demo::ImageBuilder;
use crate::dicom::DicomFile;
use crate::display::{Appearance, Voi};
use crate::launch::OpenPlan;
use crate::presentation::gsps::PresentationLut;
use crate::presentation::gsps::PresentationState;
use crate::presentation::gsps::write::{Identity, Seen, Shared, state_file};

const UIDS: [&str; 2] = ["2.25.7001", "2.25.7002"];

/// A folder of its own, gone when it goes.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lightbox-overlays-{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn image(&self, uid: &str) -> PathBuf {
        let image = ImageBuilder::gray(40, 60).bits(16, 12).samples((0..2400).map(|i| i % 4096));
        let image = image.window(2048.0, 4096.0).set(|d| {
            d.text(dicom_dictionary_std::tags::SOP_INSTANCE_UID, uid)
                .text(dicom_dictionary_std::tags::STUDY_INSTANCE_UID, "2.25.7000")
                .text(dicom_dictionary_std::tags::SERIES_INSTANCE_UID, format!("{uid}.1"));
        });
        let path = self.0.join(format!("{uid}.dcm"));
        std::fs::write(&path, image.build()).expect("a file");
        path
    }

    /// A state about an image: inverted, turned, with a window of its own.
    fn state(&self, image: &Path, number: u32) -> PathBuf {
        let file = DicomFile::open(image).expect("an image");
        let opened = file.image().expect("pixels");
        let appearance = Appearance::read(&file.data, opened.info(), 0);
        let seen = Seen {
            data: &file.data,
            frames: Vec::new(),
            appearance: &appearance,
            voi: Voi::Linear { center: 100.0 * f64::from(number), width: 50.0 },
            area: None,
            columns: 60,
            rows: 40,
            aspect: 1.0,
            drawn: Vec::new(),
        };
        let turn = crate::presentation::gsps::Turn { quarters: 1, flip: false };
        let identity = Identity {
            instance_uid: format!("2.25.71{number}"),
            series_uid: "2.25.72".to_owned(),
            date: format!("2026010{number}"),
            time: "101500".to_owned(),
            ..Identity::default()
        };
        let bytes = state_file(
            &identity,
            &Shared { turn, lut: PresentationLut::Inverse, ..Shared::default() },
            &[seen],
        );
        let path = self.0.join(format!("state-{number}.dcm"));
        std::fs::write(&path, bytes.expect("a state")).expect("a file");
        path
    }

    fn states(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.0).expect("the folder").map(|file| file.expect("a file").path());
        let saved = |path: &PathBuf| path.to_string_lossy().contains("presentation-");
        let mut found: Vec<_> = files.filter(saved).collect();
        found.sort();
        found
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn open(paths: Vec<PathBuf>) -> Option<App> {
    let plan = OpenPlan { paths, headless: true, size: Some((640, 480)), ..OpenPlan::default() };
    start(&plan)
}

fn send(app: &mut App, action: Action) {
    app.world_mut().write_message(ViewCommand { target: Target::Active, action });
    app.update();
}

fn overlays(world: &mut World) -> usize {
    world.query::<&Overlay>().iter(world).count()
}

fn in_force(world: &mut World) -> usize {
    let mut viewports = world.query_filtered::<&Stated, With<Viewport>>();
    viewports.iter(world).filter(|stated| stated.0.is_some()).count()
}

/// How the first viewport looks at its image.
fn looks(world: &mut World) -> (View, Windowing) {
    let mut viewports = world.query_filtered::<(&View, &Windowing), With<Viewport>>();
    viewports
        .iter(world)
        .next()
        .map(|(view, windowing)| (view.clone(), windowing.clone()))
        .expect("a viewport")
}

fn window(world: &mut World) -> Option<(f64, f64)> {
    Some(shown(world).first()?.look.as_ref()?.chosen().nearest_window())
}

#[test]
fn a_state_is_applied_and_taken_back_without_a_trace() {
    let folder = Folder::new("applied");
    let image = folder.image(UIDS[0]);
    let states = [folder.state(&image, 1), folder.state(&image, 2)];
    // The states come first.
    let paths = states.into_iter().chain([image]).collect();
    let Some(mut app) = open(paths) else { return };
    until(&mut app, "the picture alone", |world| pictures(world) == 1);
    until(&mut app, "the states", |world| overlays(world) == 2);
    send(&mut app, Action::RotateClockwise);
    send(&mut app, Action::DragWindow([12.0, 7.0]));
    let before = looks(app.world_mut());
    assert_eq!(in_force(app.world_mut()), 0, "off until they are asked for");
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "the latest state", |world| {
        in_force(world) == 1
            && window(world) == Some((200.0, 50.0))
            && looks(world).0.transform.quarter_turns == 1
    });
    let inverse = shown(app.world_mut())[0].look.as_ref().map(|look| look.applied.inverse);
    assert_eq!(inverse, Some(true));
    let mut found = app.world_mut().query::<(Entity, &Overlay)>();
    let older =
        found.iter(app.world()).min_by_key(|(_, overlay)| overlay.date.clone()).map(|(entity, _)| entity);
    send(&mut app, Action::State(StateChoice::One(older.expect("a state"))));
    until(&mut app, "the other state", |world| window(world) == Some((100.0, 50.0)));
    send(&mut app, Action::State(StateChoice::None));
    until(&mut app, "none", |world| in_force(world) == 0);
    assert_eq!(looks(app.world_mut()), before);
    send(&mut app, Action::Undo);
    until(&mut app, "the other state again", |world| window(world) == Some((100.0, 50.0)));
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "nothing", |world| in_force(world) == 0);
    assert_eq!(looks(app.world_mut()), before);
}

#[test]
fn a_state_that_comes_later_joins_the_images_and_is_jumped_to() {
    let folder = Folder::new("later");
    let images = UIDS.map(|uid| folder.image(uid));
    let state = folder.state(&images[1], 3);
    let Some(mut app) = open(images.to_vec()) else { return };
    until(&mut app, "both pictures", |world| pictures(world) == 2);
    app.world().resource::<Opener>().open_also(Request::from(vec![state]));
    until(&mut app, "the state", |world| overlays(world) == 1);
    app.update();
    assert_eq!(pictures(app.world_mut()), 2, "it takes no slot and no image goes");
    app.world_mut().write_message(Jump);
    until(&mut app, "the second image under its state", |world| in_force(world) == 1);
    let mut viewports = app.world_mut().query_filtered::<(&Stack, &Overlaid), With<Viewport>>();
    for (stack, overlaid) in viewports.iter(app.world()) {
        let uid = stack.current().and_then(|(instance, _)| instance.entry.sop_uid.clone());
        assert_eq!(overlaid.on, uid.as_deref() == Some(UIDS[1]));
    }
}

#[test]
fn looks_are_saved_beside_the_images_and_never_over_anything() {
    let folder = Folder::new("saved");
    let image = folder.image(UIDS[0]);
    let Some(mut app) = open(vec![image]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    send(&mut app, Action::SetWindow(Voi::Linear { center: 321.0, width: 123.0 }));
    send(&mut app, Action::FlipHorizontal);
    send(&mut app, Action::Invert);
    app.update();
    app.world_mut().write_message(Intent::SaveState);
    until(&mut app, "the file, opened as a state", |world| overlays(world) == 1);
    let first = folder.states();
    assert_eq!(first.len(), 1);
    let bytes = std::fs::read(&first[0]).expect("the file");
    app.world_mut().write_message(Intent::SaveState);
    until(&mut app, "another file", |world| overlays(world) == 2);
    assert_eq!(folder.states().len(), 2);
    assert_eq!(std::fs::read(&first[0]).expect("the file"), bytes);
    let state = PresentationState::read_file(&DicomFile::open(&first[0]).expect("a file")).expect("a state");
    let presented = state.for_image(UIDS[0], 0).expect("the image");
    assert!(state.turn.flip);
    let file = DicomFile::open(folder.0.join(format!("{}.dcm", UIDS[0]))).expect("the image");
    let image = file.image().expect("pixels");
    let appearance = presented.appearance(&Appearance::read(&file.data, image.info(), 0), image.info());
    assert!(appearance.inverse);
    assert_eq!(appearance.choices[0].voi.nearest_window(), (321.0, 123.0));
}
