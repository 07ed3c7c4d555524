//! The magnifier lens: a circle under the pointer that shows the image larger, from its full resolution.
//!
//! It is one more drawing with the viewport's own shader, window, inversion and slab, clipped to a circle, and
//! it is there while its key is held or while it is switched on.

use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::KeyboardInput;
use bevy::prelude::*;
use bevy::window::WindowFocused;

use super::components::{Screen, Shown, Slot, Stack, View};
use super::draw::{Drawing, Drawings};
use super::input::Pointer;
use super::keymap::{KeyAction, KeyMap};
use super::keys::chord_of_key;
use super::slab::SlabPicture;
use super::{Viewport, place};
use crate::app::gpu::ViewUniforms;
use crate::app::overlays::Plated;
use crate::app::textures::FrameStore;
use crate::app::{AppSystems, PlaceSystems};
use crate::geometry::Affine;

const LEAST: f64 = 1.5;
const MOST: f64 = 8.0;
/// Factor of one notch of the wheel.
const NOTCH: f64 = 1.15;
/// Radius as a share of the viewport's shorter side, and its bounds in pixels.
const SHARE: f64 = 0.28;
const RADIUS: (f64, f64) = (48.0, 280.0);

/// Whether there is a lens, and how strong it is.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Lens {
    /// Its key is down.
    held: bool,
    /// It stays without a key.
    pub pinned: bool,
    /// How much larger than around it.
    pub factor: f64,
}

impl Default for Lens {
    fn default() -> Self {
        Self { held: false, pinned: false, factor: 2.0 }
    }
}

impl Lens {
    pub fn is_on(&self) -> bool {
        self.held || self.pinned
    }

    /// Stronger or weaker by notches of the wheel.
    pub fn turn(&mut self, notches: f64) {
        self.factor = (self.factor * NOTCH.powf(notches)).clamp(LEAST, MOST);
    }
}

/// The map of a lens: what is under the pointer stays there, the rest moves away from it.
pub fn magnified(map: &Affine, pointer: [f64; 2], factor: f64) -> Affine {
    let [x, y] = pointer;
    let shrink = factor.recip();
    Affine::translation(-x, -y)
        .then(&Affine::scale(shrink, shrink))
        .then(&Affine::translation(x, y))
        .then(map)
}

/// Radius of the lens in a viewport.
pub fn radius([width, height]: [f64; 2]) -> f64 {
    (width.min(height) * SHARE).clamp(RADIUS.0, RADIUS.1)
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Lens>()
        .add_systems(Update, hold_key.in_set(AppSystems::Input))
        .add_systems(PostUpdate, draw_lens.in_set(PlaceSystems).after(place::collect_drawings));
}

/// What the lens is over.
#[derive(SystemParam)]
pub(super) struct Look<'w, 's> {
    lens: Res<'w, Lens>,
    pointer: Res<'w, Pointer>,
    viewports: Query<'w, 's, (&'static Slot, &'static Stack), With<Viewport>>,
}

impl Look<'_, '_> {
    /// The frame whose full resolution is wanted: its slot and its position in the stack.
    pub fn wants(&self) -> Option<(Slot, u32)> {
        let over = self.pointer.over.filter(|_| self.lens.is_on())?;
        let (slot, stack) = self.viewports.get(over).ok()?;
        (!stack.is_empty()).then_some((*slot, stack.position))
    }
}

/// Follows the key down and up. What is released while another window has the keyboard is released too.
fn hold_key(
    mut events: MessageReader<KeyboardInput>,
    mut focus: MessageReader<WindowFocused>,
    map: Res<KeyMap>,
    mut lens: ResMut<Lens>,
) {
    let mut held = lens.held;
    for event in events.read() {
        let is_lens = chord_of_key(event).and_then(|chord| map.action(&chord)) == Some(KeyAction::Lens);
        if is_lens {
            held = event.state.is_pressed();
        }
    }
    if focus.read().any(|change| !change.focused) {
        held = false;
    }
    if lens.held != held {
        lens.held = held;
    }
}

fn draw_lens(
    lens: Res<Lens>,
    pointer: Res<Pointer>,
    viewports: Query<(&View, &Screen, &Shown, &SlabPicture, &Plated), With<Viewport>>,
    mut store: ResMut<FrameStore>,
    mut drawings: ResMut<Drawings>,
) {
    if !lens.is_on() {
        return;
    }
    let Some((view, screen, shown, slab, plated)) = pointer.over.and_then(|over| viewports.get(over).ok())
    else {
        return;
    };
    let Some(local) = pointer.position.and_then(|position| screen.local(position)) else { return };
    let (Some(key), Some(image), Some(look), Some(map)) = (shown.key, &shown.image, &shown.look, &shown.map)
    else {
        return;
    };
    let Some(tables) = &look.tables else { return };
    let difference = plated.difference().filter(|_| look.of.subtracted);
    let (image, applied) = match (difference, &slab.image) {
        (Some(difference), _) => (Arc::clone(difference), look.applied.clone()),
        (None, Some(slab)) => (Arc::clone(slab), look.applied.after_modality()),
        (None, None) => (store.hold(key, 0).unwrap_or_else(|| Arc::clone(image)), look.applied.clone()),
    };
    let radius = radius(screen.size());
    let map = magnified(map, local, lens.factor);
    let map = if shown.preview && Arc::ptr_eq(&image, shown.image.as_ref().unwrap_or(&image)) {
        place::beside_lowpass(&map, image.meta.level)
    } else {
        map
    };
    let origin = [screen.0[0] as f32, screen.0[1] as f32];
    let centre = [origin[0] + local[0] as f32, origin[1] + local[1] as f32];
    let uniforms = ViewUniforms {
        meta: image.meta,
        look: &applied,
        map: &map,
        origin,
        interpolation: view.interpolation,
        srgb_target: true,
        voi_start: tables.voi_start,
        lens: Some([centre[0], centre[1], radius as f32]),
        cover: plated.cover().map(|cover| &**cover),
        ramp_start: tables.ramp_start,
    };
    let Some(rect) = around(local, radius, screen.0) else { return };
    let drawing = Drawing {
        rect,
        part: rect,
        uniforms: uniforms.pack(),
        variant: uniforms.variant(),
        image: Arc::clone(&image),
        tables: Arc::clone(tables),
        cover: plated.cover().cloned(),
    };
    drawings.0.push(drawing);
}

/// The rectangle of the lens within its viewport, in pixels of the window.
fn around([x, y]: [f64; 2], radius: f64, [left, top, width, height]: [u32; 4]) -> Option<[u32; 4]> {
    let span = |at: f64, size: u32| {
        let from = (at - radius).floor().clamp(0.0, f64::from(size)) as u32;
        let to = (at + radius).ceil().clamp(0.0, f64::from(size)) as u32;
        (from, to - from)
    };
    let ((x, w), (y, h)) = (span(x, width), span(y, height));
    (w > 0 && h > 0).then_some([left + x, top + y, w, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let map = Affine { m: [[0.0, 2.0, 5.0], [-2.0, 0.0, 90.0]] };
        let lens = magnified(&map, [30.0, 40.0], 4.0);
        assert_eq!(lens.apply([30.0, 40.0]), map.apply([30.0, 40.0]));
        // Four pixels of the lens are one of the picture around it.
        assert_eq!(lens.apply([34.0, 40.0]), map.apply([31.0, 40.0]));
        assert_eq!(lens.apply([30.0, 32.0]), map.apply([30.0, 38.0]));
    }

    #[test]
    fn the_lens_keeps_to_its_viewport_and_its_bounds() {
        assert_eq!(around([50.0, 50.0], 20.0, [100, 200, 400, 300]), Some([130, 230, 40, 40]));
        assert_eq!(around([5.0, 295.0], 20.0, [100, 200, 400, 300]), Some([100, 475, 25, 25]));
        assert_eq!(around([0.0, 0.0], 20.0, [100, 200, 0, 0]), None);
        let mut lens = Lens::default();
        lens.turn(100.0);
        assert!((lens.factor - MOST).abs() < 1e-12);
        lens.turn(-100.0);
        assert!((lens.factor - LEAST).abs() < 1e-12);
    }
}
