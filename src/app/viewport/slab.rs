//! Slabs in viewports: which slices are wanted, what is there of them, and the picture they make.
//!
//! The picture is combined on the GPU from textures that are resident anyway, when one of them, the mode or the
//! thickness changes; a window drag draws from it without making it again. Where slices of the wanted level are
//! missing but another level is more complete, that one is shown meanwhile.

use std::ops::Range;
use std::sync::Arc;

use bevy::prelude::*;

use super::cine::Cine;
use super::components::{Screen, Shown, Slot, Stack, View};
use super::{Layout, Viewport, lens, place, plan};
use crate::app::gpu::{Gpu, GpuImage, GpuSlice, SlabPipeline};
use crate::app::instance::{FrameKey, InstanceId};
use crate::app::textures::FrameStore;
use crate::app::{AppSystems, PlaceSystems};
use crate::display::SlabMode;
use crate::geometry::{self, NoSlab, Plane, is_projection};

/// Slices in one slab. What is on the GPU at once is bounded by its budget, and a slab of this many is already a
/// view through everything.
const MOST_SLICES: u32 = 64;
/// Thickness to begin with.
const THICKNESS_MM: f64 = 10.0;

/// How the slices around the current one are combined, if at all.
#[derive(Component, Debug, Clone, Copy, PartialEq)]
pub struct Slab {
    pub mode: Option<SlabMode>,
    pub thickness_mm: f64,
}

impl Default for Slab {
    fn default() -> Self {
        Self { mode: None, thickness_mm: THICKNESS_MM }
    }
}

impl Slab {
    /// Off, then each of the modes in turn.
    #[must_use]
    pub fn next(self) -> Self {
        let mode = match self.mode {
            None => Some(SlabMode::Max),
            Some(SlabMode::Max) => Some(SlabMode::Mean),
            Some(SlabMode::Mean) => Some(SlabMode::Min),
            Some(SlabMode::Min) => None,
        };
        Self { mode, ..self }
    }

    /// Thicker by so many slices, thinner when negative; turns a slab on that was off.
    #[must_use]
    pub fn thickened(self, by: i64, stack: &Stack, position: u32) -> Self {
        let mode = self.mode.or(Some(SlabMode::Max));
        let step = match slab_at(stack, position, self.thickness_mm) {
            Some(Ok(found)) => found.spacing_mm,
            _ => 1.0,
        };
        let slices = (self.thickness_mm / step).round().max(1.0) + by as f64;
        Self { mode, thickness_mm: slices.clamp(1.0, f64::from(MOST_SLICES)) * step }
    }
}

/// What there is of a slab.
#[derive(Component, Default)]
pub struct SlabPicture {
    /// Combined, as modality values; nothing while it is off, impossible or one slice only.
    pub image: Option<Arc<GpuImage>>,
    wanted: Range<u32>,
    slices: Vec<GpuSlice>,
    /// What `image` was made of.
    made: Option<(SlabMode, Vec<GpuSlice>)>,
    refused: Option<&'static str>,
    /// Why the slices could not be combined, once they were there.
    impossible: Option<&'static str>,
    /// The first instance of the stack it belongs to.
    of: Option<InstanceId>,
}

impl SlabPicture {
    /// What the corner of the image says about it.
    pub fn text(&self, slab: &Slab) -> Option<String> {
        let mode = slab.mode?;
        if let Some(reason) = self.refused.or(self.impossible) {
            return Some(reason.to_owned());
        }
        let (there, wanted) = (self.slices.len(), self.wanted.len());
        if wanted == 0 {
            return None;
        }
        let thickness = (slab.thickness_mm * 10.0).round() / 10.0;
        let slices = if wanted == 1 { "slice" } else { "slices" };
        let mut text = format!("{} {thickness} mm · {wanted} {slices}", mode.name());
        if there < wanted && wanted > 1 {
            text.push_str(&format!(" · slab {there} of {wanted}"));
        }
        Some(text)
    }
}

/// Frames beyond those of plain viewing that are on screen, by slot: slices of slabs and what the lens shows.
#[derive(Resource, Default)]
pub(super) struct AlsoVisible(Vec<(Slot, u32, bool)>);

impl AlsoVisible {
    /// Positions in the stack, and whether at full resolution.
    pub fn of(&self, slot: Slot) -> impl Iterator<Item = (u32, bool)> {
        self.0.iter().filter(move |(of, ..)| *of == slot).map(|(_, position, full)| (*position, *full))
    }

    pub fn add(&mut self, slot: Slot, position: u32, full: bool) {
        self.0.push((slot, position, full));
    }
}

/// The pipeline, made with the first slab.
#[derive(Resource, Default)]
struct Slabs(Option<SlabPipeline>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Slabs>()
        .init_resource::<AlsoVisible>()
        .add_systems(
            Update,
            (forget_old_stacks, list_slices).chain().in_set(AppSystems::Request).before(plan::request_frames),
        )
        .add_systems(Update, bind_slices.in_set(AppSystems::Bind).after(plan::bind_frames))
        .add_systems(
            PostUpdate,
            combine_slices.in_set(PlaceSystems).after(place::apply_windows).before(place::collect_drawings),
        );
}

/// What lived on a lost device.
pub(super) fn lose_device(world: &mut World) {
    world.insert_resource(Slabs::default());
    let mut pictures = world.query::<&mut SlabPicture>();
    for mut picture in pictures.iter_mut(world) {
        *picture = SlabPicture { of: picture.of, ..SlabPicture::default() };
    }
}

/// Where a slice lies, without touching a disk: from its header where that was read, else from the index.
fn plane_at(stack: &Stack, position: u32, reference: Option<&str>) -> Option<Plane> {
    let (instance, frame) = stack.at(position)?;
    let entry = &instance.entry;
    if entry.frame_of_reference.as_deref() != reference {
        return None;
    }
    let read = instance.peek().and_then(|opened| Plane::read(&opened.file.data, frame));
    read.or_else(|| {
        let place = entry.geometry.filter(|_| entry.frames <= 1)?;
        Some(Plane {
            position: place.position,
            orientation: Some(place.orientation),
            columns: entry.columns?,
            rows: entry.rows?,
            pixel_mm: None,
        })
    })
}

/// The slab around a position of a stack; `None` while the header is not there.
fn slab_at(stack: &Stack, position: u32, thickness_mm: f64) -> Option<Result<geometry::Slab, NoSlab>> {
    let (instance, _) = stack.at(position)?;
    match instance.peek() {
        Some(opened) if is_projection(&opened.file.data) => return Some(Err(NoSlab::Projection)),
        None if instance.frames() > 1 => return None,
        _ => {}
    }
    let reference = instance.entry.frame_of_reference.as_deref();
    let plane = |at| plane_at(stack, at, reference);
    Some(geometry::slab(plane, position, stack.len(), thickness_mm, MOST_SLICES))
}

/// A slab belongs to the stack it was asked for.
fn forget_old_stacks(mut viewports: Query<(&Stack, &mut Slab, &mut SlabPicture), Changed<Stack>>) {
    for (stack, mut slab, mut picture) in &mut viewports {
        let now = stack.instances.first().map(|first| first.id);
        if picture.of != now {
            if picture.of.is_some() {
                *slab = Slab::default();
            }
            *picture = SlabPicture { of: now, ..SlabPicture::default() };
        }
    }
}

/// Which slices are on screen, the nearest to the middle first.
fn list_slices(
    mut viewports: Query<(&Slot, &Stack, &Slab, &mut SlabPicture), With<Viewport>>,
    layout: Res<Layout>,
    lens: lens::Look,
    mut also: ResMut<AlsoVisible>,
) {
    also.0.clear();
    for (slot, stack, slab, mut picture) in &mut viewports {
        let found = slab
            .mode
            .filter(|_| layout.shows(slot.0))
            .and_then(|_| slab_at(stack, stack.position, slab.thickness_mm));
        let (wanted, refused) = match found {
            Some(Ok(found)) => (found.slices, None),
            Some(Err(why)) => (0..0, Some(why.reason())),
            None => (0..0, None),
        };
        let mut nearest: Vec<u32> = wanted.clone().filter(|at| *at != stack.position).collect();
        nearest.sort_by_key(|at| at.abs_diff(stack.position));
        nearest.into_iter().for_each(|at| also.add(*slot, at, false));
        if picture.wanted != wanted || picture.refused != refused {
            picture.wanted = wanted;
            picture.refused = refused;
        }
    }
    if let Some((slot, position)) = lens.wants() {
        also.add(slot, position, true);
    }
}

/// Takes what is resident of every slab: at the wanted level, or at whichever level is more complete.
fn bind_slices(
    mut viewports: Query<(&Stack, &View, &Cine, &Screen, &mut SlabPicture), With<Viewport>>,
    mut store: ResMut<FrameStore>,
) {
    for (stack, view, cine, screen, mut picture) in &mut viewports {
        if picture.wanted.len() < 2 {
            if !picture.slices.is_empty() {
                picture.slices.clear();
            }
            continue;
        }
        let keys: Vec<FrameKey> = picture
            .wanted
            .clone()
            .filter_map(|at| stack.at(at))
            .map(|(instance, frame)| FrameKey { instance: instance.id, frame })
            .collect();
        let wanted = plan::level_of(stack, view, cine, screen, &store);
        let there = |level| keys.iter().filter(|key| store.has_level(**key, level)).count();
        let level = (0..=crate::display::MAX_LEVEL)
            .max_by_key(|level| (there(*level), *level == wanted, u32::MAX - level.abs_diff(wanted)))
            .unwrap_or(wanted);
        let slices: Vec<GpuSlice> = keys
            .iter()
            .filter_map(|key| {
                let appearance = Arc::clone(&store.info(*key)?.appearance);
                let image = store.hold(*key, level)?;
                Some(GpuSlice { image, modality: appearance.modality.clone(), padding: appearance.padding })
            })
            .collect();
        if !same(&slices, &picture.slices) {
            picture.slices = slices;
        }
    }
}

fn same(a: &[GpuSlice], b: &[GpuSlice]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            Arc::ptr_eq(&a.image, &b.image) && a.padding == b.padding && a.modality == b.modality
        })
}

/// Makes the pictures whose slices or mode changed.
fn combine_slices(
    mut viewports: Query<(&Slab, &Shown, &mut SlabPicture), With<Viewport>>,
    gpu: Gpu,
    mut slabs: ResMut<Slabs>,
    mut store: ResMut<FrameStore>,
) {
    let mut made_bytes = 0;
    for (slab, shown, mut picture) in &mut viewports {
        let mode = slab.mode.filter(|_| !picture.slices.is_empty() && shown.image.is_some());
        let Some(mode) = mode else {
            if picture.image.is_some() || picture.made.is_some() {
                picture.image = None;
                picture.made = None;
            }
            continue;
        };
        let made = picture.made.as_ref();
        if made.is_some_and(|(of, slices)| *of == mode && same(slices, &picture.slices)) {
            made_bytes += picture.image.as_ref().map_or(0, |image| image.bytes);
            continue;
        }
        let Some((device, queue)) = gpu.get() else { continue };
        let pipeline = slabs.0.get_or_insert_with(|| SlabPipeline::new(device));
        let combined = pipeline.combine(queue, mode, &picture.slices);
        picture.impossible = combined.as_ref().err().map(|why| why.reason());
        picture.image = combined.ok().map(Arc::new);
        picture.made = Some((mode, picture.slices.clone()));
        made_bytes += picture.image.as_ref().map_or(0, |image| image.bytes);
    }
    if store.aside() != made_bytes {
        store.set_aside(made_bytes);
    }
}
