//! Overlays in a whole application without a window: they attach in any order, a state is applied and taken back
//! without a trace, looks are saved beside the images and never over anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{Jump, Overlaid, Overlay, Plated, StateChoice, Stated};
use crate::app::opening::{Opener, Request};
use crate::app::requests::Intent;
use crate::app::tests::{pictures, shown, start, until};
use crate::app::viewport::{Action, Drawings, Stack, Target, View, ViewCommand, Viewport, Windowing};
use crate::demo::ImageBuilder;
use crate::dicom::DicomFile;
use crate::dicom::write::{DataSet, Implementation, Syntax, Value, file, item};
use crate::display::{Appearance, Modality, Voi};
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

fn plated(world: &mut World) -> Plated {
    let mut viewports = world.query_filtered::<&Plated, With<Viewport>>();
    viewports.iter(world).next().cloned().expect("a viewport")
}

#[test]
fn what_an_image_brings_along_lies_over_it_unless_a_state_decides() {
    let folder = Folder::new("own");
    let image = folder.image(UIDS[0]);
    let own = ImageBuilder::gray(40, 60).bits(16, 12).samples((0..2400).map(|i| i % 4096)).set(|d| {
        let group = |tag: Tag| Tag(0x6000, tag.element());
        d.text(tags::SOP_INSTANCE_UID, UIDS[0]).text(tags::STUDY_INSTANCE_UID, "2.25.7000");
        d.text(tags::SERIES_INSTANCE_UID, format!("{}.1", UIDS[0]));
        d.put(group(tags::OVERLAY_ROWS.inner()), VR::US, Value::U16(vec![40]));
        d.put(group(tags::OVERLAY_COLUMNS.inner()), VR::US, Value::U16(vec![60]));
        d.put(group(tags::OVERLAY_ORIGIN.inner()), VR::SS, Value::U16(vec![1, 1]));
        d.put(group(tags::OVERLAY_DATA.inner()), VR::OW, Value::U16(vec![0x00FF; 150]));
        d.text(tags::SHUTTER_SHAPE, "CIRCULAR").int(tags::RADIUS_OF_CIRCULAR_SHUTTER, [10]);
        d.int(tags::CENTER_OF_CIRCULAR_SHUTTER, [20, 30]);
    });
    let state = folder.state(&image, 1);
    std::fs::write(&image, own.build()).expect("a file");
    let Some(mut app) = open(vec![image]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    let titles = |world: &mut World| -> Vec<String> {
        world.query::<&Overlay>().iter(world).map(|overlay| overlay.title.clone()).collect()
    };
    assert_eq!(titles(app.world_mut()), ["overlay planes and shutter"]);
    assert!(plated(app.world_mut()).cover().is_none(), "off until it is asked for");
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "the planes", |world| plated(world).cover().is_some());
    // The state says nothing of planes and has no shutter.
    app.world().resource::<Opener>().open_also(Request::from(vec![state]));
    until(&mut app, "the state", |world| in_force(world) == 1 && plated(world).cover().is_none());
    send(&mut app, Action::State(StateChoice::None));
    until(&mut app, "the planes again", |world| plated(world).cover().is_some());
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "the image alone", |world| plated(world).cover().is_none());
}

#[test]
fn a_mask_is_subtracted_while_its_state_is_in_force() {
    let folder = Folder::new("mask");
    let samples = (0..4800).map(|i| if i < 2400 { 100 } else { 100 + i % 60 });
    let image = ImageBuilder::gray(40, 60).bits(16, 12).frames(2).samples(samples).set(|d| {
        d.text(tags::SOP_INSTANCE_UID, UIDS[0]).text(tags::STUDY_INSTANCE_UID, "2.25.7000");
        d.text(tags::SERIES_INSTANCE_UID, "2.25.7001.1");
    });
    let mut state = DataSet::new();
    let mask = item(|d| {
        d.text(tags::MASK_OPERATION, "AVG_SUB").int(tags::APPLICABLE_FRAME_RANGE, [2, 2]);
        d.int(tags::MASK_FRAME_NUMBERS, [1]);
    });
    let about = item(|d| {
        let class = "1.2.840.10008.5.1.4.1.1.7.3";
        d.text(tags::REFERENCED_SOP_CLASS_UID, class).text(tags::REFERENCED_SOP_INSTANCE_UID, UIDS[0]);
    });
    let series = item(|d| {
        d.text(tags::SERIES_INSTANCE_UID, "2.25.7001.1")
            .sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![about]);
    });
    state
        .text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.11.1")
        .text(tags::SOP_INSTANCE_UID, "2.25.7009")
        .text(tags::STUDY_INSTANCE_UID, "2.25.7000")
        .text(tags::SERIES_INSTANCE_UID, "2.25.7008")
        .text(tags::MODALITY, "PR")
        .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")
        .text(tags::RECOMMENDED_VIEWING_MODE, "SUB")
        .sequence(tags::MASK_SUBTRACTION_SEQUENCE, vec![mask])
        .sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
    let writer = Implementation { class_uid: "2.25.1", version_name: "TEST" };
    let paths = [("image", image.build()), ("state", file(&state, Syntax::ExplicitLittle, writer))];
    let paths = paths.map(|(name, bytes)| {
        let path = folder.0.join(format!("{name}.dcm"));
        std::fs::write(&path, bytes).expect("a file");
        path
    });
    let Some(mut app) = open(paths.to_vec()) else { return };
    until(&mut app, "the picture and its state", |world| pictures(world) == 1 && overlays(world) == 1);
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "the state", |world| in_force(world) == 1);
    assert!(plated(app.world_mut()).difference().is_none(), "the first frame is the mask");
    send(&mut app, Action::Step(1));
    until(&mut app, "the difference", |world| plated(world).difference().is_some());
    let drawn = |world: &mut World| {
        let difference = plated(world).difference().cloned();
        let drawings = world.resource::<Drawings>();
        drawings.0.iter().any(|drawing| difference.as_ref().is_some_and(|d| Arc::ptr_eq(d, &drawing.image)))
    };
    until(&mut app, "drawn in place of the frame", drawn);
    // Differences are values already: nothing is rescaled or left out as padding.
    let look = shown(app.world_mut())[0].look.as_ref().map(|look| look.applied.modality.clone());
    assert_eq!(look, Some(Modality::IDENTITY));
    send(&mut app, Action::ToggleOverlays);
    until(&mut app, "the frame as it is", |world| plated(world).difference().is_none() && !drawn(world));
}
