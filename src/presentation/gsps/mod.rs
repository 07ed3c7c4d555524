//! Softcopy presentation states: how somebody else wanted an image to be seen (PS3.3 A.33).
//!
//! [`PresentationState`] is what an object says, read with bounds and without refusing what is mended easily.
//! [`PresentationState::for_image`] is what of it applies to one frame: [`Presented`] makes a look of it, gives
//! its annotations by layer, and the [`Coordinates`] that lead from them to pixels of the image; outlines turn
//! curves into lines. [`paint()`] is the reference for bitmaps and shutters. [`write`] says the current look as a
//! state. Nothing here draws lines or words; that is for whoever has a screen.
//!
//! Blending, volumetric and angiographic states are named and not read.

mod annotation;
mod area;
mod compound;
mod coordinates;
mod layer;
mod mask;
mod outline;
mod overlay;
mod paint;
mod presented;
mod reading;
mod relation;
mod shutter;
mod spatial;
mod state;
mod style;
pub mod write;

pub use super::color::Rgb;
pub use annotation::{Anchor, Annotation, Graphic, GraphicKind, Text, TextBox};
pub use area::{DisplayedArea, Rect, SizeMode};
pub use compound::{Compound, CompoundKind, Tick};
pub use coordinates::{Coordinates, Units};
pub use layer::{GraphicGroup, GraphicLayer};
pub use mask::{Mask, MaskOperation, Masks};
pub use outline::{Label, Outline};
pub use overlay::{OverlayBits, OverlayPlane};
pub use paint::{Placed, paint};
pub use presented::Presented;
pub use relation::{ImageRef, Scope, SeriesRef};
pub use shutter::{Opening, Shutter};
pub use spatial::Turn;
pub use state::{NotRead, PresentationLut, PresentationState, SoftcopyVoi, StateKind, kind_of};
pub use style::{Align, FillStyle, LineStyle, Shadow, TextStyle};
