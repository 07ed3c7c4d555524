//! What is drawn, in a whole application without a window: slabs, the lens, and that windowing uploads nothing.

use std::sync::Arc;

use bevy::prelude::*;

use super::draw::Drawings;
use super::input::Pointer;
use super::{Action, Lens, Screen, Slab, SlabPicture, Slot, Target, ViewCommand, Viewport};
use crate::app::tests::{open, pictures, shown, until};
use crate::app::textures::FrameStore;
use crate::display::SlabMode;

fn send(app: &mut App, target: Target, action: Action) {
    app.world_mut().write_message(ViewCommand { target, action });
    app.update();
}

/// What the corner says of the slab in the first viewport.
fn slab_text(world: &mut World) -> Option<String> {
    let mut viewports = world.query_filtered::<(&Slot, &Slab, &SlabPicture), With<Viewport>>();
    viewports.iter(world).find(|(slot, ..)| slot.0 == 0).and_then(|(_, slab, picture)| picture.text(slab))
}

fn slab_image(world: &mut World) -> bool {
    let mut viewports = world.query_filtered::<&SlabPicture, With<Viewport>>();
    viewports.iter(world).any(|picture| picture.image.is_some())
}

#[test]
fn a_slab_is_combined_grows_and_is_taken_back() {
    let Some(mut app) = open(&["dbt-lmlo.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    assert_eq!(slab_text(app.world_mut()), None);
    send(&mut app, Target::Active, Action::Step(3));
    send(&mut app, Target::Active, Action::SlabThickness(0.01));
    send(&mut app, Target::Active, Action::SetSlab(Some(SlabMode::Mean)));
    until(&mut app, "one slice", |world| slab_text(world).is_some_and(|text| text.ends_with("1 slice")));
    assert!(!slab_image(app.world_mut()), "one slice is drawn as it is");
    send(&mut app, Target::Active, Action::ThickenSlab(2));
    until(&mut app, "three slices, all there", |world| {
        slab_text(world).is_some_and(|text| text.starts_with("mean ") && text.ends_with("3 slices"))
            && slab_image(world)
    });
    let mut made = app.world_mut().query::<&SlabPicture>();
    let image = |app: &mut App, made: &mut QueryState<&SlabPicture>| {
        made.iter(app.world()).find_map(|picture| picture.image.clone()).expect("a slab")
    };
    let before = image(&mut app, &mut made);
    send(&mut app, Target::Active, Action::DragWindow([30.0, 20.0]));
    app.update();
    let after = image(&mut app, &mut made);
    assert!(Arc::ptr_eq(&before, &after), "a window drag draws from the slab that is there");
    let drawn = app.world().resource::<Drawings>().0.first().map(|drawing| Arc::clone(&drawing.image));
    assert!(drawn.is_some_and(|image| Arc::ptr_eq(&image, &after)));
    for _ in 0..4 {
        send(&mut app, Target::Active, Action::Undo);
    }
    until(&mut app, "no slab", |world| slab_text(world).is_none() && !slab_image(world));
}

#[test]
fn a_slab_that_cannot_be_says_why() {
    let Some(mut app) = open(&["mg-rcc.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    send(&mut app, Target::Active, Action::NextSlab);
    until(&mut app, "the reason", |world| {
        slab_text(world).as_deref() == Some("no slab: there is one slice only")
    });
    assert!(!slab_image(app.world_mut()));
}

#[test]
fn the_lens_draws_full_resolution_over_a_reduced_picture() {
    let Some(mut app) = open(&["mg-rcc.dcm"]) else { return };
    until(&mut app, "the picture", |world| pictures(world) == 1);
    send(&mut app, Target::Active, Action::Zoom { factor: 0.2, about: None });
    until(&mut app, "a coarser level", |world| {
        shown(world).first().and_then(|s| Some(s.image.as_ref()?.meta.level)).is_some_and(|level| level > 0)
    });
    let mut viewports = app.world_mut().query_filtered::<(Entity, &Screen), With<Viewport>>();
    let (entity, screen) = viewports.iter(app.world()).next().map(|(e, s)| (e, *s)).expect("a viewport");
    let middle = |at: u32, size: u32| (at + size / 2) as f32;
    let [left, top, width, height] = screen.0;
    let mut pointer = app.world_mut().resource_mut::<Pointer>();
    pointer.position = Some(Vec2::new(middle(left, width), middle(top, height)));
    pointer.over = Some(entity);
    app.world_mut().resource_mut::<Lens>().pinned = true;
    until(&mut app, "the lens at full resolution", |world| {
        // Without a window nothing follows the pointer, and nothing moves it.
        let drawings = &world.resource::<Drawings>().0;
        drawings.len() == 2 && drawings[1].variant.lens && drawings[1].image.meta.level == 0
    });
    let drawings = &app.world().resource::<Drawings>().0;
    assert!(drawings[0].image.meta.level > 0 && !drawings[0].variant.lens);
    app.world_mut().resource_mut::<Lens>().pinned = false;
    app.update();
    assert_eq!(app.world().resource::<Drawings>().0.len(), 1);
}

#[test]
fn a_window_drag_over_eight_images_uploads_nothing() {
    let names = [
        "mg-rcc.dcm",
        "mg-lcc-voi-lut.dcm",
        "mg-lmlo-rle.dcm",
        "mg-rcc-monochrome1.dcm",
        "step-wedge.dcm",
        "high-bit.dcm",
        "ct-implicit.dcm",
        "float.dcm",
    ];
    let Some(mut app) = open(&names) else { return };
    until(&mut app, "eight pictures", |world| {
        pictures(world) == 8 && !shown(world).iter().any(|shown| shown.waiting)
    });
    for _ in 0..5 {
        app.update();
    }
    // The first drag gives the one with a table a window instead.
    send(&mut app, Target::All, Action::DragWindow([3.0, 2.0]));
    let uploads = app.world().resource::<FrameStore>().uploads();
    let state = |app: &App| -> Vec<_> {
        let drawings = &app.world().resource::<Drawings>().0;
        drawings
            .iter()
            .map(|d| (Arc::as_ptr(&d.image).addr(), Arc::as_ptr(&d.tables).addr(), d.uniforms))
            .collect()
    };
    let before = state(&app);
    assert_eq!(before.len(), 8);
    for _ in 0..10 {
        send(&mut app, Target::All, Action::DragWindow([5.0, -4.0]));
    }
    let after = state(&app);
    assert_eq!(app.world().resource::<FrameStore>().uploads(), uploads);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.0, before.1), (after.0, after.1), "the same textures");
        assert_ne!(before.2, after.2, "other uniforms");
    }
}
