//! Softcopy presentation states: how somebody else wanted an image to be seen (PS3.3 A.33).
//!
//! [`PresentationState`] is what an object says, read with bounds and without refusing what is mended easily.
//! [`PresentationState::for_image`] is what of it applies to one frame: [`Presented`] makes a look of it, and what
//! lies over the pixels: [`Presented::drawing`] its lines and words, at pixels of the image, [`Presented::cover`] its
//! bitmaps and shutters. [`image_cover`] is that for an image without a state. [`paint()`] is the reference for
//! colours and covers on a picture; [`subtract()`] is for masks. [`write`] says the current look as a state. Nothing here knows a screen.
//!
//! Blending, volumetric and angiographic states are named and not read.

mod annotation;
mod area;
mod compound;
mod coordinates;
mod cover;
mod drawing;
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
mod subtract;
pub mod write;

pub use super::color::Rgb;
pub use annotation::{Anchor, Annotation, Graphic, GraphicKind, Text, TextBox};
pub use area::{DisplayedArea, Rect, SizeMode};
pub use compound::{Compound, CompoundKind, Tick};
pub use coordinates::{Coordinates, Units};
pub use cover::image_cover;
pub use drawing::PLAIN;
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
pub use subtract::{Average, NotSubtracted, of_differences, subtract};
