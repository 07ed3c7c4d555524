//! Where things are: views of an image, anatomical directions, physical size.
//!
//! Screen coordinates are physical pixels from the top left corner of a viewport, y down; source
//! coordinates are pixels of the image, whose pixel (column, row) covers the square from there to
//! (column + 1, row + 1). Nothing here draws or decodes.

mod affine;
mod monitor;
mod orientation;
mod plane;
mod scale_bar;
mod spacing;
mod view;

pub use affine::Affine;
pub use monitor::{CARD_MM, Pitch};
pub use orientation::{Edges, Orientation};
pub use plane::{NoSlab, Plane, Slab, is_projection, slab};
pub use scale_bar::{ScaleBar, scale_bar};
pub use spacing::{Spacing, SpacingKind, pixel_aspect};
pub use view::{ImageShape, Justify, ViewTransform, Zoom};
