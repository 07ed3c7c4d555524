//! The whole application without a window: opening, drawing, commands, and a device that goes away.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};

use super::groups::GroupCommand;
use super::library::{Instance, Series, Study};
use super::notices::Notices;
use super::opening::Opener;
use super::run::assemble;
use super::studies::StudyPanel;
use super::textures::FrameStore;
use super::thumbnails::Thumbnails;
use super::viewport::{Action, Layout, Shown, Slot, Target, ViewCommand, Viewport};
use crate::launch::OpenPlan;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// An application on fixtures, or `None` where there is no GPU and that is allowed.
pub(super) fn open(names: &[&str]) -> Option<App> {
    let plan = OpenPlan {
        paths: names.iter().map(|name| fixture(name)).collect(),
        headless: true,
        size: Some((640, 480)),
        ..OpenPlan::default()
    };
    start(&plan)
}

/// The application of a plan, or `None` where there is no GPU and that is allowed.
pub(in crate::app) fn start(plan: &OpenPlan) -> Option<App> {
    match assemble(plan) {
        Ok(mut app) => {
            app.finish();
            app.cleanup();
            Some(app)
        }
        Err(error) if std::env::var_os("LIGHTBOX_REQUIRE_GPU").is_some() => panic!("{error}"),
        Err(_) => None,
    }
}

/// Updates until something holds, for at most some seconds.
pub(super) fn until(app: &mut App, what: &str, mut holds: impl FnMut(&mut World) -> bool) {
    let start = Instant::now();
    while !holds(app.world_mut()) {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain for: {what}");
        app.update();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What the viewports show, in the order of their slots.
pub(super) fn shown(world: &mut World) -> Vec<Shown> {
    let mut viewports: Vec<_> = world
        .query_filtered::<(&Slot, &Shown), With<Viewport>>()
        .iter(world)
        .map(|(slot, shown)| (slot.0, shown.clone()))
        .collect();
    viewports.sort_by_key(|(slot, _)| *slot);
    viewports.into_iter().map(|(_, shown)| shown).collect()
}

pub(super) fn pictures(world: &mut World) -> usize {
    shown(world).iter().filter(|shown| shown.image.is_some() && shown.look.is_some()).count()
}

#[test]
fn files_come_up_in_the_order_they_were_named() {
    let Some(mut app) = open(&["ct-implicit.dcm", "us-rgb-rle.dcm", "mg-rcc.dcm"]) else { return };
    until(&mut app, "three pictures", |world| pictures(world) == 3);
    let grid = app.world().resource::<Layout>().grid;
    assert_eq!((grid.rows, grid.columns), (1, 3));
    let modalities: Vec<_> = shown(app.world_mut())
        .iter()
        .map(|shown| shown.instance.as_ref().and_then(|i| i.entry.modality.clone()).unwrap_or_default())
        .collect();
    assert_eq!(modalities, ["CT", "US", "MG"]);
}

#[test]
fn closing_what_was_opened_lets_go_of_all_of_it() {
    let Some(mut app) = open(&["mg-rcc.dcm", "ct-implicit.dcm"]) else { return };
    app.world_mut().resource_mut::<StudyPanel>().toggle();
    until(&mut app, "two pictures", |world| pictures(world) == 2);
    until(&mut app, "two thumbnails", |world| world.resource::<Thumbnails>().len() == 2);
    let instances: Vec<_> = shown(app.world_mut())
        .iter()
        .filter_map(|shown| shown.instance.as_ref().map(std::sync::Arc::downgrade))
        .collect();
    assert_eq!(instances.len(), 2);
    app.world_mut().write_message(GroupCommand::Close);
    until(&mut app, "an empty store", |world| {
        world.resource::<FrameStore>().is_empty() && world.resource::<Thumbnails>().len() == 0
    });
    until(&mut app, "no instance left", |_| instances.iter().all(|instance| instance.upgrade().is_none()));
    let world = app.world_mut();
    assert_eq!(world.query::<&Study>().iter(world).count(), 0);
    assert_eq!(world.query::<&Series>().iter(world).count(), 0);
    assert_eq!(world.query::<&Instance>().iter(world).count(), 0);
    assert_eq!(world.query::<&Viewport>().iter(world).count(), 1);
    // What is opened again is there again.
    app.world().resource::<Opener>().open(vec![fixture("mg-rcc.dcm")]);
    until(&mut app, "the picture again", |world| pictures(world) == 1);
}

#[test]
fn a_window_drag_changes_the_look_and_not_the_texture() {
    let Some(mut app) = open(&["mg-rcc.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    app.update();
    let before = shown(app.world_mut()).remove(0);
    app.world_mut()
        .write_message(ViewCommand { target: Target::Active, action: Action::DragWindow([40.0, -30.0]) });
    app.update();
    let after = shown(app.world_mut()).remove(0);
    let (before_look, after_look) = (before.look.expect("a look"), after.look.expect("a look"));
    assert_ne!(before_look.applied.voi, after_look.applied.voi);
    let same = |a: &Shown, b: &Shown| match (&a.image, &b.image) {
        (Some(a), Some(b)) => std::sync::Arc::ptr_eq(a, b),
        _ => false,
    };
    let before = Shown { look: None, ..before };
    let after = Shown { look: None, ..after };
    assert!(same(&before, &after));
}

#[test]
fn zooming_in_brings_a_finer_level() {
    let Some(mut app) = open(&["mg-rcc.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    app.world_mut().write_message(ViewCommand {
        target: Target::Active,
        action: Action::Zoom { factor: 0.2, about: None },
    });
    let level = |world: &mut World| shown(world).first().and_then(|s| Some(s.image.as_ref()?.meta.level));
    until(&mut app, "a coarser level", |world| level(world).is_some_and(|l| l > 0));
    app.world_mut().write_message(ViewCommand { target: Target::Active, action: Action::ActualPixels });
    until(&mut app, "all pixels", |world| level(world) == Some(0));
}

#[test]
fn a_lost_device_is_replaced_and_the_picture_returns() {
    let Some(mut app) = open(&["mg-rcc.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    app.update();
    let before = bar_brightness(&mut app);
    assert!(before > 0, "the bar has words on it");
    let lost = app.world().resource::<RenderDevice>().wgpu_device().clone();
    lost.destroy();
    until(&mut app, "a notice", |world| {
        // The driver of a card that was pulled reports it by itself; a destroyed one when it is asked and idle.
        lost.poll(wgpu::PollType::Poll).ok();
        !world.resource::<Notices>().list().is_empty()
    });
    until(&mut app, "the picture on the new device", |world| pictures(world) == 1);
    for _ in 0..3 {
        app.update();
    }
    assert_eq!(pictures(app.world_mut()), 1);
    assert_eq!(bar_brightness(&mut app), before, "the interface is there again");
}

/// What is drawn, four bytes a pixel.
fn screenshot(app: &mut App) -> Vec<u8> {
    #[derive(Resource)]
    struct Seen(Vec<u8>);
    let mut cameras = app.world_mut().query::<&bevy::camera::RenderTarget>();
    let target = cameras.iter(app.world()).find_map(|target| target.as_image().cloned()).expect("a target");
    app.world_mut().spawn(Screenshot::image(target)).observe(
        |captured: On<ScreenshotCaptured>, mut commands: Commands| {
            commands.insert_resource(Seen(captured.image.data.clone().unwrap_or_default()));
        },
    );
    until(app, "a screenshot", |world| world.contains_resource::<Seen>());
    app.world_mut().remove_resource::<Seen>().expect("seen").0
}

/// Bright pixels in the bar on top of what is drawn: its words.
fn bar_brightness(app: &mut App) -> usize {
    let words = |pixel: &&[u8]| pixel.first().is_some_and(|red| *red > 120);
    screenshot(app).chunks_exact(4).take(640 * 30).filter(words).count()
}

#[test]
fn an_image_of_padding_alone_is_black_and_not_waited_for() {
    let file = std::env::temp_dir().join(format!("lightbox-padding-{}.dcm", std::process::id()));
    let blank = crate::demo::ImageBuilder::gray(20, 20).bits(16, 12).samples(vec![7; 400]).padding(7);
    std::fs::write(&file, blank.build()).expect("a file");
    let plan = OpenPlan { paths: vec![file.clone()], headless: true, ..OpenPlan::default() };
    let Ok(mut app) = assemble(&plan) else { return };
    app.finish();
    app.cleanup();
    until(&mut app, "the picture", |world| pictures(world) == 1);
    std::fs::remove_file(file).ok();
}

#[test]
fn what_the_window_shows_is_the_grey_level_itself() {
    // Narrow enough that nothing is written on the image, and as large as its viewport.
    let (rows, columns) = (60, 100);
    let file = std::env::temp_dir().join(format!("lightbox-ramp-{}.dcm", std::process::id()));
    let ramp = crate::demo::ImageBuilder::gray(rows, columns)
        .bits(8, 8)
        .samples((0..rows * columns).map(|i| (i % 256) as i64))
        .window(128.0, 256.0);
    std::fs::write(&file, ramp.build()).expect("a file");
    let plan =
        OpenPlan { paths: vec![file.clone()], headless: true, size: Some((100, 90)), ..OpenPlan::default() };
    let Ok(mut app) = assemble(&plan) else { return };
    app.finish();
    app.cleanup();
    until(&mut app, "the ramp", |world| pictures(world) == 1);
    for _ in 0..3 {
        app.update();
    }
    let drawn = screenshot(&mut app);
    for (i, pixel) in drawn.chunks_exact(4).skip(30 * columns).enumerate() {
        let value = (i % 256) as u8;
        assert_eq!(pixel[..3], [value; 3], "at {i}");
    }
    std::fs::remove_file(file).ok();
}

#[test]
fn a_bad_file_does_not_take_a_good_one_down() {
    let folder = std::env::temp_dir().join(format!("lightbox-bad-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let whole = std::fs::read(fixture("step-wedge.dcm")).expect("a fixture");
    let cut = folder.join("cut.dcm");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("a file");
    let plan = OpenPlan {
        paths: vec![cut, fixture("ct-implicit.dcm")],
        headless: true,
        size: Some((640, 480)),
        ..OpenPlan::default()
    };
    let Ok(mut app) = assemble(&plan) else { return };
    app.finish();
    app.cleanup();
    until(&mut app, "the good picture and the error", |world| {
        let shown = shown(world);
        shown.iter().any(|s| s.error.is_some()) && shown.iter().any(|s| s.look.is_some())
    });
    std::fs::remove_dir_all(folder).ok();
}
