//! What a viewport shows of overlays.

use std::sync::Arc;

use bevy::prelude::*;

use super::plating::{Plate, PlateKey};
use crate::app::gpu::{GpuCover, GpuImage};
use crate::app::instance::FrameKey;
use crate::app::viewport::{View, Windowing};
use crate::dicom::ImageInfo;
use crate::display::{Appearance, Look, Voi};
use crate::presentation::gsps::{PresentationState, of_differences};

/// Whether a viewport shows what was said about its image. Part of what can be undone.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct Overlaid {
    pub on: bool,
    pub state: StateChoice,
    /// How the image was looked at before a state decided about that.
    own: Option<Box<(View, Windowing)>>,
    /// The state's view is still to be taken.
    pub(super) unplaced: bool,
}

/// Which of the presentation states of an image is applied.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum StateChoice {
    /// Nobody chose: the latest.
    #[default]
    Latest,
    None,
    One(Entity),
}

impl Overlaid {
    /// Shows overlays or hides them. Without them the image is looked at as it was before.
    pub fn turn(&mut self, on: bool, view: &mut View, windowing: &mut Windowing) {
        if self.on == on {
            return;
        }
        self.on = on;
        if on {
            // A state chosen before is applied again.
            self.unplaced = self.state != StateChoice::None;
        } else {
            self.leave(view, windowing);
        }
    }

    /// Chooses a state, or the image's own look.
    pub fn choose(&mut self, state: StateChoice, view: &mut View, windowing: &mut Windowing) {
        if self.on && self.state == state {
            return;
        }
        self.leave(view, windowing);
        self.on = true;
        self.state = state;
        self.unplaced = state != StateChoice::None;
    }

    /// The same for another image: whether overlays are shown stays.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { on: self.on, unplaced: self.on, ..Self::default() }
    }

    /// A state takes over: what was before is kept.
    pub(super) fn enter(&mut self, view: &View, windowing: &mut Windowing) {
        if self.own.is_none() {
            self.own = Some(Box::new((view.clone(), windowing.clone())));
            *windowing = Windowing::default();
        }
    }

    /// The image's own look returns exactly.
    pub(super) fn leave(&mut self, view: &mut View, windowing: &mut Windowing) {
        if let Some(own) = self.own.take() {
            (*view, *windowing) = *own;
        }
        self.unplaced = false;
    }
}

/// The state that decides about the frame a viewport shows.
#[derive(Component, Default, Clone)]
pub struct Stated(pub Option<Arc<InForce>>);

/// A state applied to a frame.
pub struct InForce {
    pub overlay: Entity,
    pub key: FrameKey,
    pub uid: String,
    pub state: Arc<PresentationState>,
    /// What the image says of itself.
    pub own: Arc<Appearance>,
    /// What it looks like under the state.
    pub appearance: Arc<Appearance>,
    pub ramp: Option<Arc<crate::display::Ramp>>,
}

/// What lies over the frame a viewport shows.
#[derive(Component, Default, Clone)]
pub struct Plated {
    pub(super) key: Option<PlateKey>,
    pub plate: Option<Arc<Plate>>,
}

impl Plated {
    /// The pixels over the image.
    pub fn cover(&self) -> Option<&Arc<GpuCover>> {
        self.plate.as_ref()?.cover.as_ref()
    }

    /// What is shown in place of the frame.
    pub fn difference(&self) -> Option<&Arc<GpuImage>> {
        self.plate.as_ref()?.difference.as_ref()
    }
}

impl InForce {
    /// The whole pipeline under the state; `appearance` is that of the state. Frames are seen as they are, or as what is
    /// left of them without their mask.
    pub fn look(
        &self,
        appearance: &Appearance,
        info: &ImageInfo,
        voi: Voi,
        invert: bool,
        subtracted: bool,
    ) -> Look {
        let Some(presented) = self.state.for_image(&self.uid, self.key.frame) else {
            return appearance.look(voi, invert);
        };
        let look = if subtracted {
            presented.look(&of_differences(appearance), info, voi, invert)
        } else {
            presented.unmasked().look(appearance, info, voi, invert)
        };
        Look { ramp: self.ramp.clone(), ..look }
    }
}
