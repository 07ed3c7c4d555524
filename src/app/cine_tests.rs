//! Volumes that play in the whole application, without a window: budgets kept, frames shown.

use std::path::PathBuf;

use bevy::prelude::*;
use dicom_dictionary_std::tags;

use super::tests::{start, until};
use super::textures::FrameStore;
use super::viewport::{Action, Cine, CineAction, Shown, Stack, Target, ViewCommand, Viewport};
use crate::demo::ImageBuilder;
use crate::launch::OpenPlan;

const SIDE: usize = 96;
const FRAMES: usize = 60;

/// A folder of volumes, removed in the end.
struct Volumes(PathBuf);

impl Volumes {
    fn new(name: &str, count: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("lightbox-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        for n in 0..count {
            let pixels = SIDE * SIDE;
            let volume = ImageBuilder::gray(SIDE, SIDE)
                .bits(16, 12)
                .frames(FRAMES)
                .samples((0..pixels * FRAMES).map(|i| (i / pixels * 60 + n) as i64))
                .window(2000.0, 4000.0)
                .set(|data| {
                    data.text(tags::SOP_INSTANCE_UID, format!("2.25.{}", n + 1));
                });
            std::fs::write(folder.join(format!("{n}.dcm")), volume.build()).expect("a file");
        }
        Self(folder)
    }

    fn files(&self) -> Vec<PathBuf> {
        let found = std::fs::read_dir(&self.0).expect("the folder");
        let mut files: Vec<_> = found.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }
}

impl Drop for Volumes {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn open(volumes: &Volumes, gpu_cache: u64) -> Option<App> {
    let plan = OpenPlan {
        paths: volumes.files(),
        headless: true,
        size: Some((640, 480)),
        gpu_cache: Some(gpu_cache),
        ..OpenPlan::default()
    };
    start(&plan)
}

#[test]
fn eight_volumes_play_and_never_exceed_the_budget() {
    let volumes = Volumes::new("eight", 8);
    // Room for six frames of each, of sixty.
    let frame = (SIDE * SIDE * 2) as u64;
    let budget = 48 * frame;
    let Some(mut app) = open(&volumes, budget) else { return };
    let pictures = |world: &mut World| {
        let mut shown = world.query_filtered::<&Shown, With<Viewport>>();
        shown.iter(world).filter(|shown| shown.image.is_some()).count()
    };
    until(&mut app, "eight pictures", |world| pictures(world) == 8);
    let target = Target::All;
    app.world_mut().write_message(ViewCommand { target, action: Action::Cine(CineAction::Rate(24.0)) });
    app.world_mut().write_message(ViewCommand { target, action: Action::Cine(CineAction::Toggle) });
    let mut most = 0;
    until(&mut app, "two rounds", |world| {
        most = most.max(world.resource::<FrameStore>().bytes());
        let mut cines = world.query::<&Cine>();
        cines.iter(world).all(|cine| cine.clock.due() > 2 * FRAMES as u64)
    });
    assert!(most <= budget, "{most} of {budget} bytes");
    assert!(most > budget / 2, "the budget is used: {most} of {budget} bytes");
    let mut viewports = app.world_mut().query_filtered::<(&Stack, &Shown, &Cine), With<Viewport>>();
    for (stack, shown, cine) in viewports.iter(app.world()) {
        // Few are dropped on any machine that keeps up at all; on a slow one most may be, and still it plays.
        assert!(cine.clock.dropped() < cine.clock.due(), "something was shown in time");
        assert!(shown.key.is_some_and(|key| stack.position_of(key).is_some()));
    }
}

#[test]
fn what_plays_goes_round_in_textures_that_are_used_again() {
    let volumes = Volumes::new("one", 1);
    let frame = (SIDE * SIDE * 2) as u64;
    let Some(mut app) = open(&volumes, 20 * frame) else { return };
    until(&mut app, "the picture", |world| {
        world.query::<&Shown>().iter(world).any(|shown| shown.image.is_some())
    });
    let target = Target::Active;
    app.world_mut().write_message(ViewCommand { target, action: Action::Cine(CineAction::Rate(60.0)) });
    app.world_mut().write_message(ViewCommand { target, action: Action::Cine(CineAction::Toggle) });
    let mut frames = std::collections::HashSet::new();
    let mut textures: Vec<wgpu::Texture> = Vec::new();
    until(&mut app, "all frames", |world| {
        for shown in world.query::<&Shown>().iter(world) {
            if let (Some(key), Some(image)) = (shown.key, &shown.image) {
                frames.insert(key);
                let texture = image.view.texture();
                if !textures.contains(texture) {
                    textures.push(texture.clone());
                }
            }
        }
        frames.len() == FRAMES
    });
    assert!(textures.len() < FRAMES, "{} textures for {FRAMES} frames", textures.len());
}
