//! After the interface has taken its room: rectangles, windows and uniforms of this very frame.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw};

use super::cine::Cine;
use super::components::{Active, Look, LookOf, Screen, Shown, Slot, Stack, View, Windowing};
use super::draw::{Drawing, Drawings};
use super::slab::SlabPicture;
use super::{Layout, Viewport, windowing};
use crate::app::PlaceSystems;
use crate::app::captions::corner;
use crate::app::gpu::{Gpu, GpuTables, TexelMeta, ViewUniforms};
use crate::app::opening::{Expectation, Opener};
use crate::app::overlays::{Plated, Stated};
use crate::app::textures::FrameStore;
use crate::display::Interpolation;
use crate::geometry::Affine;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Drawings>().add_systems(
        PostUpdate,
        (place_viewports, apply_windows, collect_drawings, set_title).chain().in_set(PlaceSystems),
    );
}

fn place_viewports(
    mut viewports: Query<(&Slot, &mut Screen), With<Viewport>>,
    layout: Res<Layout>,
    opener: Option<Res<Opener>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let mut moved = false;
    for (slot, mut screen) in &mut viewports {
        let rect = layout.cell(slot.0).unwrap_or_default();
        moved |= screen.set_if_neq(Screen(rect));
    }
    if moved {
        // Another size may want another level of detail: that is planned in the next update.
        redraw.write(RequestRedraw);
        if let Some(opener) = opener {
            opener.expect(Expectation { area: [layout.area[2], layout.area[3]], grid: layout.requested });
        }
    }
}

pub(super) fn apply_windows(
    mut viewports: Query<(&View, &Windowing, &Screen, &Stated, &Plated, &mut Shown), With<Viewport>>,
    store: Res<FrameStore>,
    gpu: Gpu,
) {
    for (view, chosen, screen, stated, plated, mut shown) in &mut viewports {
        let (Some(key), Some(appearance)) = (shown.key, shown.appearance.clone()) else {
            continue;
        };
        let modality = shown.instance.as_ref().and_then(|i| i.entry.modality.clone());
        let modality = modality.unwrap_or_default();
        let stats = store.stats(key).or_else(|| store.info(key)?.stats.as_ref());
        let Some(choice) = windowing::resolve(&chosen.choice, &appearance, &modality, stats) else {
            continue;
        };
        let map = shown.shape.map(|shape| view.transform.map(shape, screen.size()));
        let in_force = stated.0.as_deref().filter(|in_force| in_force.key == key);
        let of = LookOf {
            key,
            voi: choice.voi.clone(),
            inverted: chosen.inverted,
            appearance: Arc::as_ptr(&appearance).addr(),
            state: in_force.map(|in_force| in_force.overlay),
            subtracted: plated.difference().is_some(),
        };
        if shown.look.as_ref().is_some_and(|look| look.of == of && look.tables.is_some()) {
            if shown.map != map {
                shown.map = map;
            }
            continue;
        }
        let info = shown.instance.as_ref().and_then(|instance| instance.peek());
        let applied = match (in_force, info) {
            (Some(in_force), Some(opened)) => {
                let (info, voi) = (opened.image.info(), choice.voi.clone());
                in_force.look(&appearance, info, voi, chosen.inverted, of.subtracted)
            }
            _ => appearance.look(choice.voi.clone(), chosen.inverted),
        };
        let old = shown.look.as_ref();
        let tables = match old.filter(|old| old.tables.is_some() && GpuTables::same(&old.applied, &applied)) {
            Some(old) => old.tables.clone(),
            None => gpu.get().map(|(device, queue)| Arc::new(GpuTables::upload(device, queue, &applied))),
        };
        shown.map = map;
        shown.look =
            Some(Look { applied, explanation: choice.explanation, origin: choice.origin, tables, of });
    }
}

pub(super) fn collect_drawings(
    viewports: Query<(&View, &Cine, &Screen, &Shown, &SlabPicture, &Plated), With<Viewport>>,
    mut drawings: ResMut<Drawings>,
) {
    let mut list = Vec::new();
    for (view, cine, screen, shown, slab, plated) in &viewports {
        let (Some(image), Some(look), Some(map)) = (&shown.image, &shown.look, &shown.map) else {
            continue;
        };
        let Some(tables) = &look.tables else { continue };
        if screen.0[2] == 0 || screen.0[3] == 0 {
            continue;
        }
        let of_slab = slab.image.as_ref().map(|slab| (slab, look.applied.after_modality()));
        let difference = plated.difference().filter(|_| look.of.subtracted);
        let (image, applied) = match (difference, &of_slab) {
            (Some(difference), _) => (difference, &look.applied),
            (None, Some((slab, look))) => (*slab, look),
            (None, None) => (image, &look.applied),
        };
        let meta: TexelMeta = image.meta;
        let map = if shown.preview && of_slab.is_none() && difference.is_none() {
            beside_lowpass(map, meta.level)
        } else {
            *map
        };
        let uniforms = ViewUniforms {
            meta,
            look: applied,
            map: &map,
            origin: [screen.0[0] as f32, screen.0[1] as f32],
            interpolation: match view.interpolation {
                // Nobody sees the difference while frames go by, and it is five times the work.
                Interpolation::Bicubic if cine.moves() => Interpolation::Bilinear,
                chosen => chosen,
            },
            srgb_target: true,
            voi_start: tables.voi_start,
            lens: None,
            cover: plated.cover().map(|cover| &**cover),
            ramp_start: tables.ramp_start,
        };
        list.push(Drawing {
            rect: screen.0,
            part: uniforms.part(screen.0),
            uniforms: uniforms.pack(),
            variant: uniforms.variant(),
            image: Arc::clone(image),
            tables: Arc::clone(tables),
            cover: plated.cover().cloned(),
        });
    }
    drawings.0 = list;
}

/// Samples of a wavelet's lowpass lie where the first of the samples they stand for lies, not in their
/// midst as an average does; without this the picture would jump when the full one takes its place.
pub(super) fn beside_lowpass(map: &Affine, level: u32) -> Affine {
    let half = (f64::from(level).exp2() - 1.0) / 2.0;
    map.then(&Affine::translation(half, half))
}

/// The window is named after what its active viewport shows.
fn set_title(
    active: Query<&Stack, (With<Viewport>, With<Active>)>,
    mut window: Query<&mut Window, With<PrimaryWindow>>,
) {
    let (Ok(stack), Ok(mut window)) = (active.single(), window.single_mut()) else {
        return;
    };
    let title = match stack.current() {
        Some((instance, _)) => format!("{} – Lightbox", corner::title(instance)),
        None => "Lightbox".to_owned(),
    };
    if window.title != title {
        window.title = title;
    }
}
