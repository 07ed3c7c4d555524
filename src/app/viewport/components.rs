//! The components a viewport is made of.

use std::sync::Arc;

use bevy::prelude::*;

use super::cine::Cine;
use super::slab::{Slab, SlabPicture};
use super::windowing::WindowChoice;
use crate::app::gpu::{GpuImage, GpuTables};
use crate::app::instance::{FrameKey, InstanceData, Set};
use crate::app::overlays::{Overlaid, Plated, Pointing, Stated};
use crate::cine::Track;
use crate::display::{self, Appearance, Interpolation, VoiOrigin};
use crate::geometry::{Affine, ImageShape, ViewTransform};

/// A rectangle of the window that shows images.
#[derive(Component, Debug, Default, Clone, Copy)]
#[require(Slot, Stack, View, Windowing, Slab, SlabPicture, Screen, Shown, Reading, Cine)]
#[require(Overlaid, Stated, Plated, Pointing)]
pub struct Viewport;

/// Position in the grid, row by row, counted through all pages.
#[derive(Component, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub usize);

/// Marks the viewport that keys act on.
#[derive(Component, Debug, Default, Clone, Copy)]
pub struct Active;

/// What the viewport shows: the frames of one or more instances, one at a time.
#[derive(Component, Default, Clone)]
pub struct Stack {
    pub instances: Set,
    /// Position of the shown frame among the frames of all instances.
    pub position: u32,
}

impl Stack {
    pub fn new(instances: impl Into<Set>) -> Self {
        Self { instances: instances.into(), position: 0 }
    }

    /// Frames of all instances.
    pub fn len(&self) -> u32 {
        self.instances.frames()
    }

    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// The instance and the frame in it at a position.
    pub fn at(&self, position: u32) -> Option<(&Arc<InstanceData>, u32)> {
        self.instances.at(position)
    }

    pub fn current(&self) -> Option<(&Arc<InstanceData>, u32)> {
        self.at(self.position)
    }

    /// The frame at a position.
    pub fn key_at(&self, position: u32) -> Option<FrameKey> {
        self.at(position).map(|(instance, frame)| FrameKey { instance: instance.id, frame })
    }

    /// Where in the stack a frame is.
    pub fn position_of(&self, key: FrameKey) -> Option<u32> {
        let mut before = 0;
        for instance in &self.instances {
            if instance.id == key.instance {
                return Some(before + instance.index_of(key.frame));
            }
            before += instance.frames();
        }
        None
    }

    /// What a linked stack has to know of this one: where its frames lie, as far as that is known.
    pub fn track(&self) -> Track {
        let place = || {
            let of = self.instances.first()?.entry.frame_of_reference.clone()?;
            let mut common: Option<[f64; 3]> = None;
            let mut depths = Vec::new();
            for instance in &self.instances {
                let (normal, own) = instance.depths()?;
                let direction = *common.get_or_insert(normal);
                let other = instance.entry.frame_of_reference.as_ref() != Some(&of);
                if other || direction.iter().zip(normal).any(|(a, b)| (a - b).abs() > 1e-3) {
                    return None;
                }
                depths.extend(own);
            }
            Some((of, common?, depths))
        };
        Track { frames: self.len(), place: place() }
    }

    pub fn current_key(&self) -> Option<FrameKey> {
        self.key_at(self.position)
    }
}

/// How the image is laid into the viewport.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct View {
    pub transform: ViewTransform,
    pub interpolation: Interpolation,
    /// Drawn at one scale with all others of which this is said.
    pub together: bool,
    /// How it was hung.
    pub start: Arc<Start>,
}

/// How a viewport was hung: what a reset returns to, and what its slot is for.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Start {
    pub transform: ViewTransform,
    pub together: bool,
    pub windowing: Windowing,
    /// What hangs here, or would if it were there.
    pub label: String,
    /// What is out of the ordinary about it.
    pub note: Option<String>,
}

/// How stored values become grey.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct Windowing {
    pub choice: WindowChoice,
    /// Inverted by the user, on top of what the object says.
    pub inverted: bool,
}

/// Everything a viewport can be asked to undo.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewportState {
    pub instances: Set,
    pub view: View,
    pub windowing: Windowing,
    pub slab: Slab,
    pub overlaid: Overlaid,
    pub position: u32,
}

/// Where the viewport lies: left, top, width, height in physical pixels of the window.
#[derive(Component, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Screen(pub [u32; 4]);

impl Screen {
    pub fn size(&self) -> [f64; 2] {
        [f64::from(self.0[2]), f64::from(self.0[3])]
    }

    /// A window position relative to the viewport; `None` outside.
    pub fn local(&self, window: Vec2) -> Option<[f64; 2]> {
        let [left, top, width, height] = self.0.map(f64::from);
        let (x, y) = (f64::from(window.x) - left, f64::from(window.y) - top);
        (x >= 0.0 && y >= 0.0 && x < width && y < height).then_some([x, y])
    }
}

/// What the viewport has to show right now; the last good picture stays until the next is ready.
#[derive(Component, Default, Clone)]
pub struct Shown {
    /// The frame the picture is of, which may lag behind the one wanted.
    pub key: Option<FrameKey>,
    pub instance: Option<Arc<InstanceData>>,
    pub image: Option<Arc<GpuImage>>,
    pub appearance: Option<Arc<Appearance>>,
    pub shape: Option<ImageShape>,
    /// What was finally applied.
    pub look: Option<Look>,
    /// Screen pixels of the viewport -> source pixels.
    pub map: Option<Affine>,
    /// Why there is no picture.
    pub error: Option<String>,
    /// The wanted picture is still on its way.
    pub waiting: bool,
    /// The picture was decoded from a part of the frame's data: fit to look at, not to measure in.
    pub preview: bool,
}

/// A window as applied, with its tables on the GPU.
#[derive(Clone)]
pub struct Look {
    pub applied: display::Look,
    pub explanation: String,
    pub origin: VoiOrigin,
    pub tables: Option<Arc<GpuTables>>,
    /// What it was made of.
    pub(super) of: LookOf,
}

impl Look {
    /// The window before a state folded its own table into it.
    pub fn chosen(&self) -> &display::Voi {
        &self.of.voi
    }

    /// Inverted by the user.
    pub fn is_inverted(&self) -> bool {
        self.of.inverted
    }
}

/// Everything that decides about a look, so that it is made again only when one of them changes.
#[derive(Clone, PartialEq)]
pub(super) struct LookOf {
    pub key: FrameKey,
    pub voi: display::Voi,
    pub inverted: bool,
    /// The address of the appearance.
    pub appearance: usize,
    /// The state in force.
    pub state: Option<Entity>,
    /// Without its mask.
    pub subtracted: bool,
}

/// What lies under the pointer.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct Reading(pub Option<super::probe::Probe>);
